// SPDX-License-Identifier: Apache-2.0
// What an SMMU takes: latencies of transactions in parts, hits, bytes, and how full things are.
#ifndef SMMU_TLM_MEASUREMENT_HPP
#define SMMU_TLM_MEASUREMENT_HPP

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "smmu/smmu.h"
#include "smmu/tlm/histogram.h"
#include "smmu/tlm/latency.hpp"
#include "smmu/tlm/level.h"
#include "smmu/tlm/timing.hpp"

namespace smmu {

// The rows of transaction_counts.def.
enum class transaction_count : std::uint8_t {
#define SMMU_TRANSACTION_COUNT(name, help) name,
#include "smmu/tlm/transaction_counts.def"
#undef SMMU_TRANSACTION_COUNT
    count, // how many there are
};

// How many rows there are.
constexpr unsigned transaction_counts = static_cast<unsigned>(transaction_count::count);
// The name of a row.
const char *transaction_count_name(transaction_count which);

// The rows of transaction_kinds.def.
enum class transaction_kind : std::uint8_t {
#define SMMU_TRANSACTION_KIND(name, prefix, help) name,
#include "smmu/tlm/transaction_kinds.def"
#undef SMMU_TRANSACTION_KIND
    count, // how many there are
};

// How many rows there are.
constexpr unsigned transaction_kinds = static_cast<unsigned>(transaction_kind::count);
// The name of a row.
const char *transaction_kind_name(transaction_kind kind);
// Its prefix.
const char *transaction_kind_prefix(transaction_kind kind);

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

// One of each row of transaction_counts.def.
class transaction_sums {
  public:
    // The sum of a row.
    std::uint64_t &operator[](transaction_count which) { return of_[static_cast<unsigned>(which)]; }
    // The same, to be looked at.
    std::uint64_t operator[](transaction_count which) const
    {
        return of_[static_cast<unsigned>(which)];
    }
    // Add all of another's.
    void add(const transaction_sums &other)
    {
        for (unsigned i = 0; i < transaction_counts; i++)
            of_[i] += other.of_[i];
    }

  private:
    std::array<std::uint64_t, transaction_counts> of_ = {};
};

// A transaction that is measured. One of another kind than transaction_kind::transaction has no
// initiator and is no write.
struct transaction_record {
    latency_split split;     // its latency so far
    transaction_sums sums;   // of it alone
    std::uint64_t address;   // its first input address
    std::uint32_t sid;       // StreamID
    std::uint32_t ssid;      // SubstreamID; meaningful only with ssv
    transaction_kind kind;   // which it is
    std::uint8_t tbu;        // number of its TBU
    std::uint16_t initiator; // of those that share that
    bool ssv;                // it has a SubstreamID
    bool write;              // it is a write

    // It arrives now, by the clock of whoever measures.
    void arrive(const sc_core::sc_time &clock)
    {
        split.begin(clock);
        sums = {};
    }
    // One more of a row.
    void count(transaction_count which) { sums[which]++; }
};

// A part of many transactions.
struct part_totals {
    std::uint64_t transactions = 0; // that it occurred in
    std::uint64_t uses = 0;         // stretches, or accesses
    ticks time = 0;                 // of all
    ticks max = 0;                  // of one transaction
};

// What a TBU, or a stream, has done.
struct transaction_totals {
    transaction_sums sums;                        // what is counted
    smmu_histogram latency = {};                  // of transactions, in ticks
    std::array<part_totals, latency_parts> parts; // by the numbers of their rows

    // A part by its row.
    const part_totals &part(latency_part which) const
    {
        return parts[static_cast<unsigned>(which)];
    }
    // Add all of another's.
    void merge(const transaction_totals &other);
};

// Measures one SMMU from its creation on, or from the last clear(): tcu_base::measure() makes it. A
// transaction counts when it ends, with all that it was, if it arrived after the creation; what one
// of an initiator that was killed would have been is nothing. Kinds are apart: where none is named,
// transactions of devices are meant.
class measurement {
  public:
    // Who is told of transactions.
    using listener = std::function<void(const transaction_record &ended)>;

    // Streams that are told apart at a TBU; what others do counts under other_streams.
    static constexpr std::size_t most_streams = 1024;
    // What they are called in place of a StreamID.
    static constexpr std::uint64_t other_streams = std::uint64_t{1} << 32;

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

    // A transaction that has arrived ends now; the record is complete but for that. What only a
    // listener looks at need not be there if there is none.
    void ended(transaction_record &one);
    // Whether there is one.
    bool has_listener() const { return static_cast<bool>(listener_); }

    // A level of a TBU, to be moved by set_level().
    smmu_level &level_of(unsigned tbu, tbu_level which)
    {
        return tbus_[tbu].levels[static_cast<unsigned>(which)];
    }
    // Likewise, of the TCU.
    smmu_level &level_of(tcu_level which) { return levels_[static_cast<unsigned>(which)]; }

  private:
    // What a stream has done at a TBU. Transactions that follow each other mostly take the same:
    // the last one stands for all that were like it, until another comes.
    struct stream_data {
        transaction_totals totals; // without these, but for sums
        latency_split last;
        std::uint64_t repeated = 0; // how many they are
    };
    // Where that is kept.
    struct stream_place {
        std::uint32_t sid = 0;
        stream_data *data = nullptr; // null: of nobody
    };
    using part_histograms = std::array<std::unique_ptr<smmu_histogram>, latency_parts>;
    // What is of one kind at a TBU; streams that were found last, by the low bits of their
    // StreamIDs, need not be looked for.
    struct kind_data {
        std::map<std::uint64_t, stream_data> streams;
        std::array<stream_place, 64> found;
        part_histograms distributions;
    };
    struct tbu_data {
        std::array<kind_data, transaction_kinds> kinds;
        std::array<smmu_level, tbu_levels> levels = {};
    };

    template <typename F> void each_level(F what);
    const kind_data &of(unsigned tbu, transaction_kind kind) const
    {
        return tbus_[tbu].kinds[static_cast<unsigned>(kind)];
    }
    kind_data &kinds_of(const transaction_record &one)
    {
        return tbus_[one.tbu].kinds[static_cast<unsigned>(one.kind)];
    }
    static stream_place &place_of(kind_data &all, std::uint32_t sid)
    {
        return all.found[sid % all.found.size()];
    }
    static stream_data &find_stream(kind_data &all, std::uint32_t sid);
    static void add_last(transaction_totals &to, part_histograms *distributions,
                         const stream_data &stream);
    static transaction_totals all_of(const stream_data &stream);
    static void begin_run(kind_data &all, stream_data &stream, const latency_split &one);
    __attribute__((noinline)) void ended_otherwise(transaction_record &one);

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
