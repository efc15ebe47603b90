// SPDX-License-Identifier: Apache-2.0
// Cycles as calls: see rtl_stepper.hpp.
#include "rtl_stepper.hpp"

namespace vp {

rtl_stepper::rtl_stepper(const sc_core::sc_module_name &name, const sc_core::sc_time &period,
                         rtl_steps &model)
    : sc_module(name), period_(period), model_(model)
{
    SC_HAS_PROCESS(rtl_stepper);
    SC_METHOD(tick);
    sensitive << due_;
}

void rtl_stepper::wake()
{
    if (stands_)
        due_.notify(period_ - now_ % period_);
}

bool rtl_stepper::runs_on()
{
    idle_ = cycles_ < reset_cycles || model_.wanted() ? 0 : idle_ + 1;
    return idle_ <= extra_cycles;
}

// Edges that come before anything else happens in the simulation, which is `free` from now on.
// Quiet ones change nothing in that.
void rtl_stepper::go_on(const sc_core::sc_time &free)
{
    if (cycles_ > reset_cycles && free != sc_core::SC_ZERO_TIME) {
        const unsigned done = model_.go_ahead(edge_, period_, now_ + free, most_at_once);
        if (done != 0) {
            idle_ = 0;
            cycles_ += done;
            untold_ = model_.has_news();
        }
    }
    due_.notify((untold_ ? edge_ : edge_ + period_) - now_);
}

// Called at an edge, or when what the last one has brought is due. As behind a clock that is a
// signal, what others do when the edge comes is there before it. What an edge has asked of others
// is mostly answered in its call, or in the next delta cycle: then it goes on from there.
void rtl_stepper::tick()
{
    deferred_ = !deferred_ && sc_core::sc_pending_activity_at_current_time();
    if (deferred_) {
        due_.notify(sc_core::SC_ZERO_TIME);
        return;
    }
    if (asked_) {
        asked_ = false;
        go_on(sc_core::sc_time_to_pending_activity());
        return;
    }
    if (untold_) {
        untold_ = false;
        model_.publish();
        due_.notify(period_);
        return;
    }
    stands_ = !runs_on();
    if (stands_)
        return;
    edge_ = now_;
    const bool quiet = model_.is_quiet();
    model_.cycle(++cycles_ > reset_cycles, edge_);
    if (model_.has_news())
        model_.publish();
    const sc_core::sc_time free = sc_core::sc_time_to_pending_activity();
    asked_ = !quiet && free == sc_core::SC_ZERO_TIME;
    if (asked_)
        due_.notify(sc_core::SC_ZERO_TIME);
    else
        go_on(free);
}

} // namespace vp
