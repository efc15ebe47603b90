// SPDX-License-Identifier: Apache-2.0
// A clock that stands while nothing is to do: see rtl_clock.hpp.
#include "rtl_clock.hpp"

#include <utility>

namespace vp {

rtl_clock::rtl_clock(const sc_core::sc_module_name &name, const sc_core::sc_time &period,
                     std::function<bool()> wanted)
    : sc_module(name), period_(period), wanted_(std::move(wanted))
{
    SC_HAS_PROCESS(rtl_clock);
    SC_METHOD(tick);
}

sc_core::sc_time rtl_clock::to_next_edge() const
{
    const std::uint64_t now = sc_core::sc_time_stamp().value();
    const std::uint64_t period = period_.value();
    return sc_core::sc_time::from_value(period - now % period);
}

void rtl_clock::wake()
{
    if (stands_)
        woken_.notify(to_next_edge());
}

// Called where the clock rises, falls, or begins to run again.
void rtl_clock::tick()
{
    if (clk.read()) {
        clk.write(false);
        next_trigger(to_next_edge());
        return;
    }
    idle_ = !wanted_ || cycles_ < reset_cycles || wanted_() ? 0 : idle_ + 1;
    stands_ = idle_ > extra_cycles;
    if (stands_) {
        next_trigger(woken_);
        return;
    }
    clk.write(true);
    reset_n.write(++cycles_ > reset_cycles);
    next_trigger(period_ / 2);
}

} // namespace vp
