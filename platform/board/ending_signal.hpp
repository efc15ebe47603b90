// SPDX-License-Identifier: Apache-2.0
// Signals that ask the program to end: the run stops in good order, so that all that it prints and
// writes is complete, and then the signal does what it would have done.
#ifndef VP_ENDING_SIGNAL_HPP
#define VP_ENDING_SIGNAL_HPP

#include <thread>

#include <systemc>

#include "bystander.hpp"

namespace vp {

// SIGINT, SIGTERM and SIGHUP, but for those that are ignored, for the lifetime of an object, of
// which there is one at most. The first one stops the simulation; a second one of the same kind
// ends the process, should the run not get that far.
class ending_signal : public sc_core::sc_prim_channel, public bystander {
  public:
    explicit ending_signal(const char *name);
    ~ending_signal() override;

    // The number of the first one that came; 0 if none has.
    int number() const;

    int descriptor() const override;
    bool look() override { return true; }

  private:
    void update() override;

    std::thread waiter_; // for whom a signal only has to write to a descriptor
};

// Lets the signal end the process, as if it had never been handled.
[[noreturn]] void end_by_signal(int number);

} // namespace vp

#endif
