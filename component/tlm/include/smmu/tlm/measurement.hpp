// SPDX-License-Identifier: Apache-2.0
// What an SMMU takes: latencies of transactions in parts, hits, bytes, and how full things are.
#ifndef SMMU_TLM_MEASUREMENT_HPP
#define SMMU_TLM_MEASUREMENT_HPP

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "smmu/smmu.h"
#include "smmu/tlm/level.h"
#include "smmu/tlm/timing.hpp"
#include "smmu/tlm/transaction_account.hpp"

namespace smmu {

// The rows of levels.def of a TBU.
enum class tbu_level : std::uint8_t {
#define SMMU_TBU_LEVEL(name, limit, help) name,
#define SMMU_TCU_LEVEL(name, limit, help)
#include "smmu/tlm/levels.def"
#undef SMMU_TBU_LEVEL
#undef SMMU_TCU_LEVEL
    count, // how many there are
};
// Those of the TCU.
enum class tcu_level : std::uint8_t {
#define SMMU_TBU_LEVEL(name, limit, help)
#define SMMU_TCU_LEVEL(name, limit, help) name,
#include "smmu/tlm/levels.def"
#undef SMMU_TBU_LEVEL
#undef SMMU_TCU_LEVEL
    count, // how many there are
};

// How many rows of a TBU there are.
constexpr unsigned tbu_levels = static_cast<unsigned>(tbu_level::count);
// How many rows of the TCU there are.
constexpr unsigned tcu_levels = static_cast<unsigned>(tcu_level::count);
// The name of a row of a TBU.
const char *tbu_level_name(tbu_level which);
// The name of a row of the TCU.
const char *tcu_level_name(tcu_level which);

// Measures one SMMU from its creation on, or from the last clear(): tcu_base::measure() makes it. A
// transaction counts when it ends, with all that it was, if it arrived after the creation, and its
// initiator was not killed while it waited to enter or for its translation. Kinds are apart: where
// none is named, transactions of devices are meant.
class measurement {
  public:
    // Who is told of transactions.
    using listener = std::function<void(const transaction_record &ended)>;

    // Streams that are told apart at a TBU; what others do counts under other_streams.
    static constexpr std::size_t most_streams = transaction_account::most_streams;
    // What they are called in place of a StreamID.
    static constexpr std::uint64_t other_streams = transaction_account::other_streams;

    // `times` and `stats` are those of the SMMU, which outlives it.
    measurement(unsigned tbus, const timing &times, const smmu_stats &stats);
    ~measurement();

    // Begin again, now: all is zero but what levels are at.
    void clear();

    // Tell `who` of each transaction at its end, of whichever kind, in place of whoever was told;
    // nobody, if it is empty. It must not block.
    void listen(listener who);

    // Gets a level, its name, and the number of its TBU or of_tcu.
    using level_visitor = std::function<void(int tbu, const char *name, smmu_level &level)>;
    // In place of the number of a TBU.
    static constexpr int of_tcu = -1;
    // Calls `visit` with every level, which stays where it is: to trace it.
    void watch_levels(const level_visitor &visit);

    // When it began.
    ticks begin() const { return begin_; }
    // Up to when levels are brought.
    ticks upto() const { return upto_; }
    // Bring levels up to now.
    void update();

    // How many TBUs there are.
    unsigned tbus() const { return static_cast<unsigned>(tbus_.size()); }
    // What all TBUs have done, with Root Complexes behind them.
    transaction_totals total(transaction_kind kind = transaction_kind::transaction) const;
    // What one has.
    transaction_totals tbu(unsigned number,
                           transaction_kind kind = transaction_kind::transaction) const;
    // By StreamID, or other_streams.
    std::map<std::uint64_t, transaction_totals>
    streams(transaction_kind kind = transaction_kind::transaction) const;
    // How a part is distributed among the transactions of all TBUs that have it.
    smmu_histogram distribution(latency_part part,
                                transaction_kind kind = transaction_kind::transaction) const;
    // The same of one TBU.
    smmu_histogram distribution(latency_part part, unsigned tbu,
                                transaction_kind kind = transaction_kind::transaction) const;
    // A level of a TBU.
    const smmu_level &level(unsigned tbu, tbu_level which) const
    {
        return tbus_[tbu].levels[static_cast<unsigned>(which)];
    }
    // A level of the TCU.
    const smmu_level &level(tcu_level which) const { return levels_[static_cast<unsigned>(which)]; }
    // The counters of the SMMU since begin().
    smmu_stats stats() const;

    // --- for the component -----------------------------------------------------------------------

    // What sc_time_stamp() refers to, which moves on.
    const sc_core::sc_time &clock() const { return clock_; }

    // What transactions of a kind at a TBU add up to; it stays where it is.
    transaction_account &account_of(unsigned tbu, transaction_kind kind)
    {
        return tbus_[tbu].accounts[static_cast<unsigned>(kind)];
    }
    // A transaction that has arrived ends now; the record is complete but for that.
    void ended(transaction_record &one);
    // The same of stream `sid`, in fewer steps, if nobody is told and its account has one like it;
    // returns whether that is so. The record need not have more than `split` and `done`.
    bool ended_like_the_last(transaction_account &of, std::uint32_t sid,
                             const transaction_record &one)
    {
        return !listener_ && of.add_repeated(sid, one);
    }

    // A level of a TBU, to be moved by set_level().
    smmu_level &level_of(unsigned tbu, tbu_level which)
    {
        return tbus_[tbu].levels[static_cast<unsigned>(which)];
    }
    // Likewise, of the TCU.
    smmu_level &level_of(tcu_level which) { return levels_[static_cast<unsigned>(which)]; }

  private:
    struct tbu_data {
        std::array<transaction_account, transaction_kinds> accounts;
        std::array<smmu_level, tbu_levels> levels = {};
    };

    template <typename F> void each_level(F what);
    const transaction_account &account_of(unsigned tbu, transaction_kind kind) const
    {
        return tbus_[tbu].accounts[static_cast<unsigned>(kind)];
    }

    const sc_core::sc_time &clock_; // what sc_time_stamp() refers to, which moves on
    const smmu_stats &now_;
    smmu_stats before_ = {};
    ticks begin_ = 0, upto_ = 0;
    std::vector<tbu_data> tbus_;
    std::array<smmu_level, tcu_levels> levels_ = {};
    listener listener_;
};

// Moves a level, where there is one.
inline void set_level(smmu_level *level, std::uint64_t value)
{
    if (level)
        smmu_level_set(level, sc_core::sc_time_stamp().value(), value);
}

} // namespace smmu

#endif
