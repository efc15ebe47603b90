// SPDX-License-Identifier: Apache-2.0
// How fast work may go that takes no time of its own.
#ifndef SMMU_TLM_PACE_HPP
#define SMMU_TLM_PACE_HPP

#include <cstdint>

#include <systemc>

namespace smmu {

// A background process may be fed by what it does itself: a command queue whose messages are its
// doorbell, say. Nothing of that takes time, and a simulation in which none passes never ends. So
// whoever works in the background, and does not spend time on every piece of its work, takes a step
// for each. A process that takes `at_once` of them in one moment of simulated time waits.
class pace {
  public:
    // Steps in one moment of simulated time with which the process waits.
    static constexpr std::uint64_t at_once = 1024;
    // How long it waits then.
    static sc_core::sc_time rest() { return {100, sc_core::SC_US}; }

    // From a process; may wait.
    void step(std::uint64_t steps = 1)
    {
        if (moment_ != sc_core::sc_time_stamp()) {
            moment_ = sc_core::sc_time_stamp();
            taken_ = 0;
        }
        taken_ += steps;
        if (taken_ >= at_once)
            sc_core::wait(rest());
    }

  private:
    sc_core::sc_time moment_;
    std::uint64_t taken_ = 0; // in that moment
};

} // namespace smmu

#endif
