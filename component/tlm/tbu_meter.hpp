// SPDX-License-Identifier: Apache-2.0
// Measures what passes through a TBU.
#ifndef SMMU_TLM_TBU_METER_HPP
#define SMMU_TLM_TBU_METER_HPP

#include <cstdint>

#include "client_rules.hpp"
#include "smmu/tlm/measurement.hpp"

namespace smmu {

// What happens to a transaction becomes part of its record, if it has one. The work is apart from
// the way of what is not measured, which pays branches that are never taken.
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

    // A transaction arrives, whose record is `one`. Returns that; null: it is not measured.
    transaction_record *arrives(transaction_record &one)
    {
        if (!on())
            return nullptr;
        one.arrive(*clock_);
        return &one;
    }

    // What has passed was `part`.
    static void passed(transaction_record *one, latency_part part)
    {
        if (is(one))
            record_passed(*one, part);
    }

    // What comes will be `part`.
    static void ahead(transaction_record *one, latency_part part, const sc_core::sc_time &time)
    {
        if (is(one))
            one->split.ahead(part, time);
    }

    // It enters, into one more slot. Its beats wait, then pass; its look-up follows.
    void entered(transaction_record *one, const sc_core::sc_time &wait,
                 const sc_core::sc_time &passing, const sc_core::sc_time &look_up)
    {
        if (on())
            record_entry(one, wait, passing, look_up);
    }

    // A slot is free again.
    void slot_given()
    {
        if (on())
            record_slot_given();
    }

    // The micro TLB has had an answer, or not.
    static void looked_up(transaction_record *one, const client_payload &client, bool found)
    {
        if (is(one) && !is_empty(client))
            one->count(found ? transaction_count::utlb_hits : transaction_count::utlb_misses);
    }

    // A piece of `bytes` leaves, `leaving` from now, `issue` of that on its own account; one more
    // is outstanding.
    void departed(transaction_record *one, bool write, unsigned bytes,
                  const sc_core::sc_time &issue, const sc_core::sc_time &leaving)
    {
        if (on())
            record_departure(one, write, bytes, issue, leaving);
    }

    // Its response is there; one less is outstanding.
    void responded(transaction_record *one, bool write)
    {
        if (on())
            record_response(one, write);
    }

    // It is the transaction of `initiator`, and has ended.
    void ended(transaction_record *one, const client_payload &client, unsigned initiator,
               bool failed)
    {
        if (is(one))
            record_end(*one, client, initiator, failed);
    }

  private:
    bool on() const { return __builtin_expect(measurement_ != nullptr, false); }
    static bool is(const transaction_record *one)
    {
        return __builtin_expect(one != nullptr, false);
    }

    smmu_level &at(tbu_level which) { return levels_[static_cast<unsigned>(which)]; }
    smmu_level &at(bool write) { return at(write ? tbu_level::writes : tbu_level::reads); }
    ticks now() const { return clock_->value(); }

    void set(tbu_level which, std::uint64_t value);
    static void record_passed(transaction_record &one, latency_part part);
    void record_entry(transaction_record *one, const sc_core::sc_time &wait,
                      const sc_core::sc_time &passing, const sc_core::sc_time &look_up);
    void record_slot_given();
    void record_departure(transaction_record *one, bool write, unsigned bytes,
                          const sc_core::sc_time &issue, const sc_core::sc_time &leaving);
    void record_response(transaction_record *one, bool write);
    void record_end(transaction_record &one, const client_payload &client, unsigned initiator,
                    bool failed);

    measurement *measurement_ = nullptr; // null: nothing is measured
    unsigned number_ = 0;                // of the TBU, there
    smmu_level *levels_ = nullptr;       // its levels
    const sc_core::sc_time *clock_ = nullptr;
};

} // namespace smmu

#endif
