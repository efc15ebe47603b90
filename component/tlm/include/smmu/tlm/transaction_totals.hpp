// SPDX-License-Identifier: Apache-2.0
// What is measured of a transaction, and what many of them add up to.
#ifndef SMMU_TLM_TRANSACTION_TOTALS_HPP
#define SMMU_TLM_TRANSACTION_TOTALS_HPP

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "smmu/tlm/histogram.h"
#include "smmu/tlm/latency.hpp"

namespace smmu {

// The rows of transaction_counts.def.
enum class transaction_count : std::uint8_t {
#define SMMU_TRANSACTION_COUNT(name, of_one, help) name,
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

// What a transaction has done, but for its time: rows of transaction_counts.def are made of it. No
// byte of it is none of its members', so that two can be compared at once.
struct transaction_tally {
    std::uint32_t bytes_in;       // that it asked for or brought
    std::uint32_t bytes_ended;    // of these, that did not go on downstream
    std::uint32_t utlb_hits;      // look-ups in micro TLBs that found an answer
    std::uint32_t utlb_misses;    // and that did not
    std::uint32_t tbu_tlb_hits;   // look-ups in main TLBs of TBUs that found an answer
    std::uint32_t tbu_tlb_misses; // and that did not
    std::uint32_t requests;       // to the TCU
    transaction_kind kind;        // which it is
    bool write;                   // it is a write
    bool failed;                  // it ended with an error
    bool translated;              // it was marked Translated

    // Whether both have done the same.
    bool equals(const transaction_tally &other) const
    {
        return std::memcmp(this, &other, sizeof *this) == 0;
    }
};
static_assert(std::has_unique_object_representations_v<transaction_tally>);

// A transaction that is measured. One of another kind than transaction_kind::transaction has no
// initiator, no bytes, and is no write.
struct transaction_record {
    transaction_tally done;  // what it has done so far
    latency_split split;     // its latency
    std::uint64_t address;   // its first input address
    std::uint32_t sid;       // StreamID
    std::uint32_t ssid;      // SubstreamID; meaningful only with ssv
    std::uint16_t initiator; // of those that share its TBU
    std::uint8_t tbu;        // number of that
    bool ssv;                // it has a SubstreamID

    // It arrives now, by the clock of whoever measures.
    void arrive(const sc_core::sc_time &clock)
    {
        split.begin(clock);
        done = {};
    }
};

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
    // Add what `times` transactions have done, each as `one` has.
    void add(const transaction_tally &one, std::uint64_t times)
    {
        const std::uint64_t of_one[transaction_counts] = {
#define SMMU_TRANSACTION_COUNT(name, of_one, help) of_one,
#include "smmu/tlm/transaction_counts.def"
#undef SMMU_TRANSACTION_COUNT
        };
        for (unsigned i = 0; i < transaction_counts; i++)
            of_[i] += times * of_one[i];
    }

  private:
    std::array<std::uint64_t, transaction_counts> of_ = {};
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

} // namespace smmu

#endif
