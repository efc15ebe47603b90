// SPDX-License-Identifier: Apache-2.0
// What is to be done later: a queue of things with the times they are due.
#ifndef SMMU_TLM_AGENDA_HPP
#define SMMU_TLM_AGENDA_HPP

#include <algorithm>
#include <cstddef>
#include <vector>

#include <systemc>

namespace smmu {

// Calls TAKE of its owner, in a SystemC method, with each thing that has been entered when its time
// has come: in the order of these times, and of what is due at the same time in the order it was
// entered. As tlm_utils::peq_with_cb_and_phase does, down to the order of what else the kernel runs
// then, at less cost: things are what the owner takes, made in their places, what is due after all
// others needs no search, and the kernel is not told what has no effect. A THING is made of values
// in braces, and of none; it can be assigned.
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
    // cycle. What is due after all others, of which the kernel knows the first, takes nothing but
    // its place.
    template <typename... VALUES>
    [[gnu::always_inline]] void enter(const sc_core::sc_time &delay, const VALUES &...values)
    {
        if (delay.value() == 0)
            enter_next(values...);
        else
            enter_later(delay, values...);
    }

    // The same with a delay.
    template <typename... VALUES>
    [[gnu::always_inline]] void enter_later(const sc_core::sc_time &delay, const VALUES &...values)
    {
        const sc_core::sc_time time = now_ + delay;
        if (!notified(time))
            notify(delay);
        if (last_ == end_)
            make_room();
        if (last_[-1].due <= time)
            *last_ = {time, THING{values...}};
        else
            make_place(delay) = {time, THING{values...}};
        last_++;
    }

    // The same without a delay.
    template <typename... VALUES> [[gnu::noinline]] void enter_next(const VALUES &...values)
    {
        const sc_dt::uint64 delta = sc_core::sc_delta_count();
        if (next_.empty() || next_.back().due != delta) // else it has been notified
            due_.notify(sc_core::SC_ZERO_TIME);
        notified_ = now_;
        next_.emplace_back(delta, values...);
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
    struct timed {
        sc_core::sc_time due;
        THING thing;
    };

    static bool sooner(const sc_core::sc_time &time, const timed &each) { return time < each.due; }

    // For what is due after `delay`: some are to come later than that, and move up.
    [[gnu::noinline]] timed &make_place(const sc_core::sc_time &delay)
    {
        timed *const place = std::upper_bound(first_, last_, now_ + delay, sooner);
        std::move_backward(place, last_, last_ + 1);
        return *place;
    }

    // No place is left behind the last: those of what has been taken, or more.
    [[gnu::noinline]] void make_room()
    {
        const std::size_t taken = static_cast<std::size_t>(first_ - front());
        const std::size_t left = static_cast<std::size_t>(last_ - first_);
        if (taken != 0)
            std::move(first_, last_, front());
        if (taken <= left)
            later_.resize(2 * later_.size());
        first_ = front();
        last_ = first_ + left;
        end_ = later_.data() + later_.size();
    }

    // The first place; the one before it is due before all others.
    timed *front() { return later_.data() + 1; }

    // Whether `due_` comes until `time`.
    bool notified(const sc_core::sc_time &time) const
    {
        return now_ < notified_ && notified_ <= time;
    }

    // It is to come after `delay`, and does not before that.
    [[gnu::noinline]] void notify(const sc_core::sc_time &delay)
    {
        due_.notify(delay);
        notified_ = next_.empty() ? now_ + delay : now_;
    }

    // More may be entered by what is called.
    void run()
    {
        notified_ = now_;
        const sc_dt::uint64 delta = sc_core::sc_delta_count();
        while (taken_ < next_.size() && next_[taken_].due != delta) {
            const THING thing = next_[taken_++].thing;
            (owner_.*TAKE)(thing);
        }
        next_.erase(next_.begin(), next_.begin() + static_cast<std::ptrdiff_t>(taken_));
        taken_ = 0;

        while (first_ != last_ && first_->due == now_) {
            const THING thing = first_->thing;
            first_++;
            (owner_.*TAKE)(thing);
        }
        if (first_ == last_)
            first_ = last_ = front();
        if (!next_.empty())
            due_.notify(sc_core::SC_ZERO_TIME);
        else if (first_ != last_ && !notified(first_->due))
            notify(first_->due - now_);
    }

    OWNER &owner_;
    const sc_core::sc_time &now_ = sc_core::sc_time_stamp();
    std::vector<soon> next_;
    std::size_t taken_ = 0;                             // of them, by a run that has not ended
    std::vector<timed> later_ = std::vector<timed>(16); // places, in the order they are due
    timed *first_ = front();                            // that has not been taken
    timed *last_ = first_;                              // behind the last
    timed *end_ = first_ + 15;                          // of the places
    sc_core::sc_event due_;                             // comes for the first of either
    sc_core::sc_time notified_;                         // when it does, if that is later than now
};

} // namespace smmu

#endif
