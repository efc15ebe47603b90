// SPDX-License-Identifier: Apache-2.0
// Starting SystemC, telling the ways it stops apart, and the summary.
#include "run.hpp"

#include <cinttypes>
#include <cstdio>

namespace vp {

run_end describe_end(guest_end end, std::uint64_t status)
{
    if (end == guest_end::reset)
        return {exit_reset, "the guest asked for a reset"};
    if (end == guest_end::killed)
        return {exit_failure, "the debugger ended the run"};
    if (end == guest_end::exit && status != 0)
        return {exit_failure, "the guest ended with status " + std::to_string(status)};
    return {exit_success, ""};
}

run_end run(const machine &system, std::optional<sc_core::sc_time> limit)
{
    if (limit)
        sc_core::sc_start(*limit, sc_core::SC_EXIT_ON_STARVATION);
    else
        sc_core::sc_start();

    if (system.end() != guest_end::running)
        return describe_end(system.end(), system.exit_status());
    if (sc_core::sc_end_of_simulation_invoked()) // the user has had enough
        return {exit_success, ""};
    if (sc_core::sc_pending_activity())
        return {exit_hung, "the guest did not end within " + limit->to_string() + " of guest time"};
    return {exit_hung, "no CPU is running and nothing will wake one: all wait for interrupts or "
                       "are off"};
}

void print_stats(const machine &system, double host_seconds)
{
    const std::uint64_t instructions = system.cpus().instructions();
    std::printf("run.guest-seconds %.9f\n", system.cpus().guest_time().to_seconds());
    std::printf("run.host-seconds %.3f\n", host_seconds);
    std::printf("run.instructions %" PRIu64 "\n", instructions);
    std::printf("run.mips %.1f\n",
                host_seconds > 0 ? static_cast<double>(instructions) / host_seconds / 1e6 : 0.0);
    for (const device::counter &counter : system.counters())
        std::printf("%s %" PRIu64 "\n", counter.name.c_str(), counter.value);
}

} // namespace vp
