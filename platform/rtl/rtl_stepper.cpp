// SPDX-License-Identifier: Apache-2.0
// Cycles as calls: see rtl_stepper.hpp.
#include "rtl_stepper.hpp"

#include <algorithm>

namespace vp {

rtl_stepper::rtl_stepper(const sc_core::sc_module_name &name, const sc_core::sc_time &period,
                         rtl_steps &model)
    : sc_module(name), period_(period.value()), model_(model)
{
    SC_HAS_PROCESS(rtl_stepper);
    SC_METHOD(tick);
}

void rtl_stepper::look_at_clock()
{
    now_ = sc_core::sc_time_stamp().value();
    last_edge_ = now_ - now_ % period_;
}

// From now on.
sc_core::sc_time rtl_stepper::to_edge(unsigned ahead) const
{
    return sc_core::sc_time::from_value(edge(ahead) - now_);
}

void rtl_stepper::wake()
{
    if (!stands_)
        return;
    look_at_clock();
    woken_.notify(to_edge(1));
}

bool rtl_stepper::runs_on()
{
    idle_ = cycles_ < reset_cycles || model_.wanted() ? 0 : idle_ + 1;
    return idle_ <= extra_cycles;
}

void rtl_stepper::step(unsigned ahead)
{
    const bool reset_n = ++cycles_ > reset_cycles;
    model_.cycle(reset_n, sc_core::sc_time::from_value(edge(ahead)));
}

// How many edges come before anything else happens in the simulation. Quiet ones change nothing in
// that.
unsigned rtl_stepper::edges_alone() const
{
    if (cycles_ <= reset_cycles)
        return 0;
    const std::uint64_t next =
        sc_core::sc_time_to_pending_activity(sc_core::sc_get_curr_simcontext()).value();
    const std::uint64_t first = edge(1) - now_;
    if (next <= first)
        return 0;
    const std::uint64_t edges = (next - first - 1) / period_ + 1;
    return static_cast<unsigned>(std::min<std::uint64_t>(edges, most_at_once));
}

// Called at an edge, or when what the last one has brought is due. As behind a clock that is a
// signal, what others do when the edge comes is there before it.
void rtl_stepper::tick()
{
    deferred_ = !deferred_ && sc_core::sc_pending_activity_at_current_time();
    if (deferred_) {
        next_trigger(sc_core::SC_ZERO_TIME);
        return;
    }
    look_at_clock();
    if (untold_) {
        untold_ = false;
        model_.publish();
        next_trigger(to_edge(1));
        return;
    }
    stands_ = !runs_on();
    if (stands_) {
        next_trigger(woken_);
        return;
    }
    unsigned ahead = 0;
    step(ahead);
    if (model_.has_news())
        model_.publish();
    const unsigned alone = edges_alone();
    while (!untold_ && ahead < alone && model_.is_quiet() && model_.wanted()) {
        idle_ = 0;
        step(++ahead);
        untold_ = model_.has_news();
    }
    next_trigger(to_edge(untold_ ? ahead : ahead + 1));
}

} // namespace vp
