// SPDX-License-Identifier: Apache-2.0
// The latency of a transaction, split into parts: each moment from its arrival to its end belongs
// to one row of latency_parts.def.
#ifndef SMMU_TLM_LATENCY_HPP
#define SMMU_TLM_LATENCY_HPP

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
    latency_part part; // what it is of
    ticks begin;       // when it begins
    ticks end;         // and ends
};

// The parts of one transaction as they add up. Its time is divided up to a moment, which moves on;
// so the parts always are all of the time up to there.
class latency_split {
  public:
    // The transaction arrives now, by `clock`: what sc_time_stamp() refers to. With `trail` each
    // stretch of its time is kept there.
    void begin(const sc_core::sc_time &clock, std::vector<latency_stretch> *trail)
    {
        clock_ = &clock;
        used_ = 0;
        begin_ = upto_ = now();
        trail_ = trail;
    }

    // What has passed since that moment is of `part`.
    void passed(latency_part part)
    {
        if (now() != upto_)
            add(part, now());
    }

    // What passes from that moment on, for `time`, will be.
    void ahead(latency_part part, const sc_core::sc_time &time)
    {
        if (time != sc_core::SC_ZERO_TIME)
            add(part, upto_ + time.value());
    }

    // The same as passed(), of an access, which counts though it took no time.
    void accessed(latency_part part)
    {
        if (now() == upto_)
            at(part).uses++;
        passed(part);
    }

    // When it arrived.
    ticks arrival() const { return begin_; }
    // What has been divided, which is the sum of the parts.
    ticks total() const { return upto_ - begin_; }
    // The time of a part.
    ticks time(latency_part part) const { return has(part) ? parts_[index(part)].time : 0; }
    // How often it occurred: stretches, or accesses.
    unsigned uses(latency_part part) const { return has(part) ? parts_[index(part)].uses : 0; }
    // Bit n: part n occurred.
    std::uint64_t used() const { return used_; }

    // What a part has.
    struct share {
        ticks time;    // of it
        unsigned uses; // how often it occurred
    };
    // Of a part that occurred, by the number of its row.
    const share &of(unsigned part) const { return parts_[part]; }

  private:
    static_assert(latency_parts <= 64, "a bit for each");

    ticks now() const { return clock_->value(); }
    static unsigned index(latency_part part) { return static_cast<unsigned>(part); }

    bool has(latency_part part) const { return used_ >> index(part) & 1; }

    // Shares that are not used are those of an earlier transaction.
    share &at(latency_part part)
    {
        share &mine = parts_[index(part)];
        if (!has(part))
            mine = {};
        used_ |= std::uint64_t{1} << index(part);
        return mine;
    }

    void add(latency_part part, ticks end)
    {
        share &mine = at(part);
        mine.time += end - upto_;
        mine.uses++;
        if (trail_)
            trail_->push_back({part, upto_, end});
        upto_ = end;
    }

    const sc_core::sc_time *clock_ = nullptr;
    ticks begin_ = 0;
    ticks upto_ = 0;
    std::uint64_t used_ = 0;
    std::array<share, latency_parts> parts_ = {};
    std::vector<latency_stretch> *trail_ = nullptr;
};

} // namespace smmu

#endif
