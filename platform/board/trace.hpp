// SPDX-License-Identifier: Apache-2.0
// A log of what CPUs and SMMUs do, one line for each event.
#ifndef VP_TRACE_HPP
#define VP_TRACE_HPP

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cpu.hpp"
#include "smmu/tlm/tcu.hpp"

namespace vp {

// A line is "TIME NODE KIND: EVENT, NAME VALUE, ...": guest time in seconds, the name of a node of
// the device tree, and one of the kinds
//   insn   every instruction, before it is executed: address, word, row of the decode table
//   exc    exceptions taken, and returns from them
//   smmu   what the SMMUs let be observed (smmu/observations.def)
// Other kinds cost nothing.
class trace_log {
  public:
    static const std::vector<std::string> &kinds();

    // `selected`: kinds of lines; with none, nothing is ever written.
    explicit trace_log(const std::vector<std::string> &selected);
    ~trace_log();
    trace_log(const trace_log &) = delete;
    trace_log &operator=(const trace_log &) = delete;

    // Lines go to the file `path`, which is emptied. To be called when all is built and before it
    // runs. Throws input_error if the file cannot be written or is one of those `in_use`.
    void open(const std::string &path, const std::vector<std::string> &in_use);

    // Logs what `pe` does; both must live for as long as the simulation.
    void watch(const cpu &pe, const std::string &node);

    // To be handed to an SMMU; empty if nothing of it is selected.
    smmu::tcu_base::observer smmu_tracer(const std::string &node);

    // The last call: false if a line could not be written, which has stopped the simulation.
    bool close();

  private:
    struct pe_source;
    struct file_closer {
        void operator()(std::FILE *file) const { std::fclose(file); }
    };

    bool selects(const char *kind) const;

    std::vector<std::string> selected_;
    std::unique_ptr<std::FILE, file_closer> file_;
    std::vector<std::unique_ptr<pe_source>> sources_;
};

} // namespace vp

#endif
