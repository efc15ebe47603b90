// SPDX-License-Identifier: Apache-2.0
// Writes the signals of a model of RTL to a file, in the format FST.
#ifndef VP_RTL_TRACE_HPP
#define VP_RTL_TRACE_HPP

#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <systemc>
#include <verilated_fst_c.h>

namespace vp {

// MODEL is a class that add_rtl_model() made with STEPPED and TRACE. A member of the device, after
// the model.
template <class MODEL> class rtl_trace : public sc_core::sc_module {
  public:
    // Without a name nothing is written. Throws std::invalid_argument if the file cannot be.
    rtl_trace(MODEL &model, const std::string &file)
        : sc_module(sc_core::sc_module_name("trace")), model_(model), file_(file)
    {
        if (!file.empty() && !std::ofstream(file))
            throw std::invalid_argument("cannot be written");
    }
    ~rtl_trace() override
    {
        if (writer_)
            writer_->close();
    }

    // Whether something is written.
    bool is_on() const { return writer_ != nullptr; }
    // The signals are what they are now from `since` on, which is not before that of an earlier
    // call.
    void note(const sc_core::sc_time &since)
    {
        if (writer_)
            writer_->dump(static_cast<std::uint64_t>(since / picosecond_));
    }

    // The file, if there is one.
    std::vector<std::string> files() const
    {
        return file_.empty() ? std::vector<std::string>() : std::vector<std::string>{file_};
    }

  private:
    static constexpr int all_levels = 99;

    void start_of_simulation() override
    {
        if (file_.empty())
            return;
        Verilated::traceEverOn(true);
        writer_ = std::make_unique<VerilatedFstC>();
        writer_->set_time_unit("1ps");
        writer_->set_time_resolution("1ps");
        model_.trace(writer_.get(), all_levels);
        writer_->open(file_.c_str());
    }

    MODEL &model_;
    const std::string file_;
    const sc_core::sc_time picosecond_{1, sc_core::SC_PS};
    std::unique_ptr<VerilatedFstC> writer_;
};

} // namespace vp

#endif
