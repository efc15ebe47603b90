// SPDX-License-Identifier: Apache-2.0
// What --measure writes of a run: docs/measurement.md has the files.
#ifndef VP_MEASURED_RUN_HPP
#define VP_MEASURED_RUN_HPP

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <systemc>

#include "machine.hpp"
#include "measure_options.hpp"
#include "plan.hpp"
#include "smmu/tlm/measured_tables.hpp"
#include "smmu/tlm/perfetto_trace.hpp"

namespace vp {

// Values of counters over time, in bounded memory: when there are too many samples every second one
// is dropped, and there are half as many from then on.
class counter_series {
  public:
    static constexpr std::size_t most = 256;

    explicit counter_series(const sc_core::sc_time &interval) : interval_(interval) {}

    void clear();
    void sample(const std::vector<device::counter> &now);
    const sc_core::sc_time &interval() const { return interval_; } // until the next sample

    // The counters that have changed: "begin_ps", "end_ps", "counter", "value" at the end,
    // "change".
    smmu::measured_table table() const;

  private:
    struct moment {
        sc_core::sc_time time;
        std::vector<std::uint64_t> values;
    };

    sc_core::sc_time interval_;
    std::vector<std::string> names_;            // of the last moment, in their order
    std::map<std::string, std::size_t> places_; // where a moment has the value of a counter
    std::vector<moment> moments_;               // what a moment has not is zero
};

// Measures the SMMUs of a machine, and counters of all of it over time. It never keeps a simulation
// from ending.
class measured_run : public sc_core::sc_module {
  public:
    // Makes the directory, if need be, and the files that are written while the machine runs, which
    // must be none of those `in_use`. `system` and `plan` outlive it. Throws input_error if that
    // cannot be, or there is nothing that takes time.
    measured_run(const sc_core::sc_module_name &name, const machine &system,
                 const machine_plan &plan, const measure_options &options,
                 const std::vector<std::string> &in_use);
    ~measured_run() override;

    // Begin anew at `when`, which is not in the past, if measuring has begun by then. Of several
    // that are to come the last counts.
    void begin_again(const sc_core::sc_time &when);

    // The end of the run: writes the rest. Throws input_error if a file cannot be written to its
    // end.
    void finish(const std::string &dtb);

  private:
    struct file_closer {
        void operator()(std::FILE *file) const { std::fclose(file); }
    };
    using file_pointer = std::unique_ptr<std::FILE, file_closer>;

    void begin();
    void sample();
    void start_over();
    std::string path(const std::string &file) const { return options_.directory + "/" + file; }
    file_pointer open(const std::string &file) const;
    void close(file_pointer file, const std::string &name) const;
    void add_notes(smmu::measured_tables &to, const std::string &dtb) const;

    const machine &system_;
    const machine_plan &plan_;
    const measure_options options_;
    const std::vector<std::string> in_use_;
    sc_core::sc_time begin_;
    counter_series series_;
    file_pointer json_, trace_file_;
    std::unique_ptr<smmu::perfetto_trace> trace_;
    sc_core::sc_trace_file *waves_ = nullptr;
    sc_core::sc_event due_;
    sc_core::sc_event again_;
    sc_core::sc_time again_at_; // when it was or will be notified
    bool begun_ = false;
};

} // namespace vp

#endif
