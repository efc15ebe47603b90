// SPDX-License-Identifier: Apache-2.0
// The command line of smmu-vp.
#ifndef VP_OPTIONS_HPP
#define VP_OPTIONS_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "boot.hpp"
#include "measure_options.hpp"
#include "net_node.hpp"

namespace vp {

struct options {
    std::string dtb;
    boot_files boot;
    std::optional<std::uint64_t> memory; // bytes
    std::optional<std::uint64_t> cpus;
    std::optional<std::uint64_t> gdb; // port
    std::optional<double> max_time;   // seconds
    std::optional<double> quantum_ns;
    bool stats = false;
    std::vector<std::string> trace; // kinds of events
    std::string trace_file;
    bool interactive = false;
    std::optional<net_request> net;
    measure_options measure;
};

// Nothing if only help was asked for, which is on standard output then. Throws input_error about
// what is wrong.
std::optional<options> parse_command_line(int argc, const char *const *argv);

} // namespace vp

#endif
