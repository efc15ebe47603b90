// SPDX-License-Identifier: Apache-2.0
// How a latency is spent in either coding style.
#ifndef SMMU_TLM_SPEND_HPP
#define SMMU_TLM_SPEND_HPP

#include "pipeline.hpp"
#include "smmu/tlm/timing.hpp"

namespace smmu {

// Let `time` pass for the calling process. No time does not yield.
inline void pass(const sc_core::sc_time &time)
{
    if (time != sc_core::SC_ZERO_TIME)
        sc_core::wait(time);
}

// Spend `latency` on top of `delay`: in a loosely-timed model `delay` grows, in an
// approximately-timed one all of it passes.
inline void spend(const timing &times, const sc_core::sc_time &latency, sc_core::sc_time &delay)
{
    delay += latency;
    if (times.mode == timing_mode::approximately_timed) {
        pass(delay);
        delay = sc_core::SC_ZERO_TIME;
    }
}

// How long work that is ahead by `delay` waits for its turn at `entry`, which each occupies for
// `cycle`. In a loosely-timed model there are no turns.
inline sc_core::sc_time turn(const timing &times, pipeline &entry, const sc_core::sc_time &cycle,
                             const sc_core::sc_time &delay)
{
    return times.mode == timing_mode::approximately_timed ? entry.enter(cycle, delay) - delay
                                                          : sc_core::SC_ZERO_TIME;
}

} // namespace smmu

#endif
