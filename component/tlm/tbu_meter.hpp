// SPDX-License-Identifier: Apache-2.0
// Measures what passes through a TBU.
#ifndef SMMU_TLM_TBU_METER_HPP
#define SMMU_TLM_TBU_METER_HPP

#include <cstdint>

#include "client_rules.hpp"
#include "smmu/tlm/measurement.hpp"

namespace smmu {

// What happens to a transaction becomes part of its record, if it has one. What is not measured
// pays branches that are never taken: the work is behind them, where compilers put what is
// unlikely.
class tbu_meter {
  public:
    // From now on; `by`, which outlives it, knows the TBU as `number`.
    void measure(measurement &by, unsigned number);

    // How full something is now.
    void level(tbu_level which, std::uint64_t value)
    {
        if (on())
            set(which, value);
    }

    // A client's transaction arrives, whose record is `one`. Returns that; null: it is not
    // measured.
    transaction_record *arrives(transaction_record &one, const client_payload &client, bool write)
    {
        if (!on())
            return nullptr;
        one.arrive(*clock_);
        one.done.bytes_in = client.length();
        one.done.write = write;
        one.done.translated = client.from.translated;
        return &one;
    }

    // What has passed was `part`.
    void passed(transaction_record *one, latency_part part)
    {
        if (is(one))
            one->split.passed(part, now());
    }

    // What comes will be of these parts, each with its time.
    template <typename... PARTS> static void ahead(transaction_record *one, const PARTS &...parts)
    {
        if (is(one))
            one->split.ahead(parts...);
    }

    // One more slot is taken.
    void slot_taken()
    {
        if (on())
            smmu_level_rise(&at(tbu_level::slots), now());
    }

    // A slot is free again.
    void slot_given()
    {
        if (on())
            smmu_level_fall(&at(tbu_level::slots), now());
    }

    // The micro TLB has had an answer, or not.
    static void looked_up(transaction_record *one, const client_payload &client, bool found)
    {
        if (is(one) && !is_empty(client))
            ++(found ? one->done.utlb_hits : one->done.utlb_misses);
    }

    // One more piece is outstanding.
    void departed(bool write)
    {
        if (on())
            smmu_level_rise(outstanding_[write], now());
    }

    // These bytes of it do not leave.
    static void kept(transaction_record *one, unsigned bytes)
    {
        if (is(one))
            one->done.bytes_ended += bytes;
    }

    // Its response is there; one less is outstanding.
    void responded(transaction_record *one, bool write)
    {
        if (!on())
            return;
        const ticks time = now();
        if (one)
            one->split.passed(latency_part::data, time);
        smmu_level_fall(outstanding_[write], time);
    }

    // It is the transaction of `initiator`, and has ended.
    void ended(transaction_record *one, const client_payload &client, unsigned initiator,
               bool failed)
    {
        if (!is(one))
            return;
        one->done.failed = failed;
        if (!measurement_->ended_like_the_last(*account_, client.from.sid, *one))
            record_end(*one, client, initiator);
    }

  private:
    bool on() const { return __builtin_expect(measurement_ != nullptr, false); }
    static bool is(const transaction_record *one)
    {
        return __builtin_expect(one != nullptr, false);
    }

    smmu_level &at(tbu_level which) { return levels_[static_cast<unsigned>(which)]; }
    ticks now() const { return clock_->value(); }

    void set(tbu_level which, std::uint64_t value);
    void record_end(transaction_record &one, const client_payload &client, unsigned initiator);

    measurement *measurement_ = nullptr;     // null: nothing is measured
    unsigned number_ = 0;                    // of the TBU, there
    transaction_account *account_ = nullptr; // of its transactions
    smmu_level *levels_ = nullptr;           // its levels
    smmu_level *outstanding_[2] = {};        // those of reads and writes
    const sc_core::sc_time *clock_ = nullptr;
};

} // namespace smmu

#endif
