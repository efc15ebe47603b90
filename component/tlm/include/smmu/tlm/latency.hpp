// SPDX-License-Identifier: Apache-2.0
// The latency of a transaction, split into parts: each moment from its arrival to its end belongs
// to one row of latency_parts.def.
#ifndef SMMU_TLM_LATENCY_HPP
#define SMMU_TLM_LATENCY_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <systemc>

namespace smmu {

// The rows of latency_parts.def.
enum class latency_part : std::uint8_t {
#define SMMU_LATENCY_PART(name, where, help) name,
#include "smmu/tlm/latency_parts.def"
#undef SMMU_LATENCY_PART
    count, // how many there are
};

// How many rows there are.
constexpr unsigned latency_parts = static_cast<unsigned>(latency_part::count);

// The name of a row.
const char *latency_part_name(latency_part part);
// Where its time passes: "tbu", "link", "tcu", "memory" or "other".
const char *latency_part_place(latency_part part);

// Time in units of sc_get_time_resolution().
using ticks = std::uint64_t;

// A stretch of a transaction's time.
struct latency_stretch {
    ticks time;        // how long it is; 0 of an access that took none
    latency_part part; // what it is of
};

// The latency of one transaction as stretches that follow each other. Its time is divided up to a
// moment, which moves on; so the stretches always are all of the time up to there. They are written
// down as they pass; who wants to know of the parts adds them up.
class latency_split {
  public:
    // The transaction arrives now, by `clock`: what sc_time_stamp() refers to.
    void begin(const sc_core::sc_time &clock)
    {
        clock_ = &clock;
        begin_ = upto_ = now();
        count_ = many_ = 0;
    }

    // What has passed since that moment is of `part`.
    void passed(latency_part part) { passed(part, now()); }
    // The same, where what the clock says is at hand.
    [[gnu::always_inline]] void passed(latency_part part, ticks now)
    {
        if (now != upto_)
            add(part, now - upto_);
    }

    // What passes from that moment on, for `time`, will be; then what `more` says likewise, for at
    // most three parts.
    template <typename... More>
    [[gnu::always_inline]] void ahead(latency_part part, const sc_core::sc_time &time,
                                      const More &...more)
    {
        static_assert(sizeof...(more) <= 2 * (most_at_once - 1));
        write_ahead(part, time, more...);
        keep_room();
    }

    // The same as passed(), of an access, which counts though it took no time.
    void accessed(latency_part part) { add(part, now() - upto_); }

    // When it arrived.
    ticks arrival() const { return begin_; }
    // What has been divided, which is the sum of the stretches.
    ticks total() const { return upto_ - begin_; }
    // The time of a part.
    ticks time(latency_part part) const;
    // How often it occurred: stretches, or accesses.
    unsigned uses(latency_part part) const;

    // Whether its time has been divided up to now.
    bool complete() const { return now() == upto_; }

    // Calls `what` with each stretch, in the order in which they passed.
    template <typename F> void each(F what) const
    {
        if (is_long())
            for (const latency_stretch &one : earlier_)
                what(one);
        for (unsigned i = 0; i < count_; i++)
            what(latency_stretch{times_[i], parts_[i]});
    }

    // Whether it has more stretches than are kept close at hand.
    bool is_long() const { return many_ != 0; }

    // Become like `other`, which is not long, whatever this was.
    void assign(const latency_split &other)
    {
        clock_ = other.clock_;
        begin_ = other.begin_;
        upto_ = other.upto_;
        count_ = other.count_;
        many_ = 0;
        std::copy_n(other.times_.begin(), count_, times_.begin());
        std::copy_n(other.parts_.begin(), count_, parts_.begin());
    }

    // Whether it is not long and has the same stretches as `other`, which is not long.
    bool resembles(const latency_split &other) const
    {
        if (((count_ ^ other.count_) | many_) != 0)
            return false;
        for (std::size_t i = count_; i-- != 0;) // the last ones differ most
            if (times_[i] != other.times_[i] || parts_[i] != other.parts_[i])
                return false;
        return true;
    }

  private:
    static constexpr unsigned most_latest = 32;
    static constexpr unsigned most_at_once = 3;

    ticks now() const { return clock_->value(); }

    void write(latency_part part, ticks time)
    {
        times_[count_] = time;
        parts_[count_] = part;
        count_++;
        upto_ += time;
    }

    void write_ahead() {}
    template <typename... More>
    void write_ahead(latency_part part, const sc_core::sc_time &time, const More &...more)
    {
        if (time.value() != 0)
            write(part, time.value());
        write_ahead(more...);
    }

    // There is room for as many as may be written at once.
    void keep_room()
    {
        if (__builtin_expect(count_ > most_latest - most_at_once, false))
            make_room();
    }

    void add(latency_part part, ticks time)
    {
        write(part, time);
        keep_room();
    }

    void make_room();

    const sc_core::sc_time *clock_ = nullptr;
    ticks begin_ = 0;
    ticks upto_ = 0;
    unsigned count_ = 0; // of the latest
    unsigned many_ = 0;  // of `earlier_`, if it has any, before those
    std::array<latency_part, most_latest> parts_ = {};
    std::array<ticks, most_latest> times_ = {};
    std::vector<latency_stretch> earlier_;
};

} // namespace smmu

#endif
