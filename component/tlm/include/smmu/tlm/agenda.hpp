// SPDX-License-Identifier: Apache-2.0
// What is to be done later: a queue of things with the times they are due.
#ifndef SMMU_TLM_AGENDA_HPP
#define SMMU_TLM_AGENDA_HPP

#include <algorithm>
#include <cstddef>
#include <deque>
#include <vector>

#include <systemc>

namespace smmu {

// Calls TAKE of its owner, in a SystemC method, with each thing that has been entered when its time
// has come: in the order of these times, and of what is due at the same time in the order it was
// entered. As tlm_utils::peq_with_cb_and_phase does, down to the order of what else the kernel runs
// then, at less cost: things are what the owner takes, made in their places, and what is due after
// all others needs no search.
template <typename THING, typename OWNER, void (OWNER::*TAKE)(const THING &)> class agenda {
  public:
    // While modules are built: `name` is that of its process. `owner` must outlive it.
    agenda(const char *name, OWNER &owner) : owner_(owner)
    {
        sc_core::sc_spawn_options options;
        options.spawn_method();
        options.dont_initialize();
        options.set_sensitivity(&due_);
        sc_core::sc_spawn([this] { run(); }, name, &options);
    }
    agenda(const agenda &) = delete;
    agenda &operator=(const agenda &) = delete;

    // TAKE is to have THING{values...} when `delay` has passed; without a delay in the next delta
    // cycle.
    template <typename... VALUES> void enter(const sc_core::sc_time &delay, const VALUES &...values)
    {
        if (delay == sc_core::SC_ZERO_TIME) {
            const sc_dt::uint64 delta = sc_core::sc_delta_count();
            if (next_.empty() || next_.back().due != delta) // else it has been notified
                due_.notify(sc_core::SC_ZERO_TIME);
            next_.emplace_back(delta, values...);
            return;
        }
        due_.notify(delay); // no effect if it is to come earlier
        const sc_core::sc_time time = sc_core::sc_time_stamp() + delay;
        if (later_.empty() || later_.back().due <= time)
            later_.emplace_back(time, values...);
        else
            later_.emplace(std::upper_bound(later_.begin(), later_.end(), time, sooner), time,
                           values...);
    }

  private:
    // Made where it stays, value by value: a processor waits for what has just been stored in parts
    // if it is to copy it as a whole.
    template <typename DUE> struct entry {
        DUE due;
        THING thing;

        template <typename... VALUES>
        explicit entry(const DUE &at, const VALUES &...values) : due(at), thing{values...}
        {
        }
    };
    using soon = entry<sc_dt::uint64>; // in the delta cycle after that
    using timed = entry<sc_core::sc_time>;

    static bool sooner(const sc_core::sc_time &time, const timed &each) { return time < each.due; }

    // More may be entered by what is called.
    void run()
    {
        const sc_dt::uint64 delta = sc_core::sc_delta_count();
        while (taken_ < next_.size() && next_[taken_].due != delta) {
            const THING thing = next_[taken_++].thing;
            (owner_.*TAKE)(thing);
        }
        next_.erase(next_.begin(), next_.begin() + static_cast<std::ptrdiff_t>(taken_));
        taken_ = 0;

        const sc_core::sc_time &now = sc_core::sc_time_stamp();
        while (!later_.empty() && later_.front().due == now) {
            const THING thing = later_.front().thing;
            later_.pop_front();
            (owner_.*TAKE)(thing);
        }
        if (!next_.empty())
            due_.notify(sc_core::SC_ZERO_TIME);
        else if (!later_.empty())
            due_.notify(later_.front().due - now);
    }

    OWNER &owner_;
    std::vector<soon> next_;
    std::size_t taken_ = 0;   // of them, by a run that has not ended
    std::deque<timed> later_; // in the order they are due
    sc_core::sc_event due_;   // comes for the first of either
};

} // namespace smmu

#endif
