// SPDX-License-Identifier: Apache-2.0
// A run from the first instruction to its end, and what its end means for the caller's shell.
#ifndef VP_RUN_HPP
#define VP_RUN_HPP

#include <optional>
#include <string>

#include <systemc>

#include "machine.hpp"

namespace vp {

// Exit statuses of the program.
enum exit_status {
    exit_success = 0,   // the guest powered off, or ended with status 0; or the user quit
    exit_failure = 1,   // the guest ended with another status, or was killed
    exit_bad_input = 2, // command line, device tree or executable
    exit_hung = 3,      // time is over, or nothing can happen any more
    exit_internal = 4,  // a model reported an error
    exit_reset = 5,     // the guest asked for a reset
};

struct run_end {
    exit_status status;
    std::string message; // why, in one line; empty for exit_success
    int signal = 0;      // that is to end the process in place of the status; 0: none
};

// Simulates until the guest ends the run, until nothing can happen any more, until a model calls
// sc_stop() on behalf of the user or, if given, until `limit` of simulated time has passed.
// Callable once.
run_end run(const machine &system, std::optional<sc_core::sc_time> limit);

// A guest's end as a run's end.
run_end describe_end(guest_end end, std::uint64_t status);

// Prints "NODE.NAME VALUE" lines of all counters of `system`, and those of the run itself.
void print_stats(const machine &system, double host_seconds);

} // namespace vp

#endif
