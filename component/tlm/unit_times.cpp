// SPDX-License-Identifier: Apache-2.0
// The units of a TCU as time sees them: see unit_times.hpp.
#include "unit_times.hpp"

#include <algorithm>
#include <list>

#include "slots.hpp"
#include "spend.hpp"

namespace smmu {

// Units that take time. Members that one has not are NULL.
struct unit_times::time_row {
    smmu_unit unit;
    sc_core::sc_time timing::*latency;
    sc_core::sc_time timing::*cycle; // from one use to the next
    sc_core::sc_time timing::*each;  // for each of smmu_use.count, on top
    bool again;                      // each of these is a use of its own, one behind the other
    bool message;                    // to the TBUs, whose answer is waited for
    bool of_tbu;                     // each TBU has its own
    latency_part wait, part;         // of a transaction's latency: for the turn, and the use
};

const unit_times::time_row unit_times::time_rows[] = {
    {SMMU_UNIT_TBU_TLB, &timing::tbu_tlb_lookup, &timing::tbu_tlb_cycle, &timing::tbu_tlb_size,
     false, false, true, latency_part::tbu_tlb_wait, latency_part::tbu_tlb},
    {SMMU_UNIT_ATS, &timing::lookup, nullptr, nullptr, false, false, false, latency_part::other,
     latency_part::ats_port},
    {SMMU_UNIT_CONFIG_CACHE, &timing::config_lookup, &timing::config_cycle, nullptr, false, false,
     false, latency_part::config_wait, latency_part::config},
    {SMMU_UNIT_TLB, &timing::tlb_lookup, &timing::tlb_cycle, &timing::tlb_size, false, false, false,
     latency_part::tlb_wait, latency_part::tlb},
    {SMMU_UNIT_WALK_CACHE_S1, &timing::walk_s1_lookup, &timing::walk_s1_cycle,
     &timing::walk_s1_level, true, false, false, latency_part::walk_s1_wait, latency_part::walk_s1},
    {SMMU_UNIT_WALK_CACHE_S2, &timing::walk_s2_lookup, &timing::walk_s2_cycle,
     &timing::walk_s2_level, true, false, false, latency_part::walk_s2_wait, latency_part::walk_s2},
    {SMMU_UNIT_DPT_TLB, &timing::dpt_lookup, &timing::dpt_cycle, nullptr, false, false, false,
     latency_part::dpt_wait, latency_part::dpt},
    {SMMU_UNIT_PREFETCH, &timing::prefetch, nullptr, nullptr, false, false, false,
     latency_part::other, latency_part::other},
    {SMMU_UNIT_COMMAND, &timing::command, nullptr, nullptr, false, false, false,
     latency_part::other, latency_part::other},
    {SMMU_UNIT_INVALIDATION, &timing::invalidation, nullptr, &timing::invalidation_entry, false,
     true, false, latency_part::other, latency_part::other},
};

// Units that are taken for a while.
struct unit_times::slot_row {
    smmu_unit unit;
    unsigned timing::*limit; // how many there are; NULL: as many as needed
    bool merges;    // users of the same thing come one after the other: timing::walk_merging
    bool by_stream; // the same thing: of the stream, or at the address
    latency_part merge, wait; // of a transaction's latency: for whom it follows, and for a slot
};

const unit_times::slot_row unit_times::slot_rows[] = {
    {SMMU_UNIT_CONTEXT_WALK, &timing::context_walks, true, true, latency_part::context_merge,
     latency_part::context_wait},
    {SMMU_UNIT_TABLE_WALK, &timing::table_walks, false, false, latency_part::other,
     latency_part::table_wait},
    {SMMU_UNIT_TABLE_S1, nullptr, true, false, latency_part::table_merge, latency_part::other},
    {SMMU_UNIT_TABLE_S2, nullptr, true, false, latency_part::table_merge, latency_part::other},
};

// A unit that is taken and given back.
struct unit_times::slot_unit {
    // A use under way.
    struct holder {
        void *cookie;
        std::uint32_t sid;
        std::uint64_t addr;
        bool waited; // for an earlier one: others need not wait for it
        sc_core::sc_event ended;
    };

    const slot_row &row;
    bool merges;
    slots places;
    std::list<holder> holders;

    slot_unit(const slot_row &which, bool merging, unsigned limit)
        : row(which), merges(merging), places(limit)
    {
    }

    std::uint64_t address(const smmu_use &use) const { return row.by_stream ? 0 : use.addr; }

    holder *first_for(const smmu_use &use)
    {
        for (holder &each : holders)
            if (!each.waited && each.sid == use.sid && each.addr == address(use))
                return &each;
        return nullptr;
    }
};

unit_times::unit_times(const timing &times) : times_(times)
{
    for (const slot_row &row : slot_rows) {
        const unsigned limit = row.limit ? times.limit(row.limit) : 0;
        const bool merging = row.merges && times.limit(&timing::walk_merging) != 0;
        if (limit || merging)
            slots_[row.unit] = std::make_unique<slot_unit>(row, merging, limit);
    }
}

unit_times::~unit_times() = default;

bool unit_times::takes_time(const time_row &row) const
{
    const auto given = [this](sc_core::sc_time timing::*time) {
        return time && times_.*time != sc_core::SC_ZERO_TIME;
    };
    return given(row.latency) || given(row.each) || (row.message && given(&timing::link)) ||
           (approximate() && given(row.cycle));
}

std::uint32_t unit_times::watched() const
{
    std::uint32_t units = 0;
    for (const time_row &row : time_rows)
        units |= takes_time(row) ? 1u << row.unit : 0;
    for (const slot_row &row : slot_rows)
        units |= slots_[row.unit] ? 1u << row.unit : 0;
    return units;
}

void unit_times::measure(measurement &of)
{
    const struct {
        smmu_unit unit;
        tcu_level level;
    } rows[] = {{SMMU_UNIT_CONTEXT_WALK, tcu_level::context_walks},
                {SMMU_UNIT_TABLE_WALK, tcu_level::table_walks}};
    for (const auto &row : rows)
        if (slots_[row.unit])
            slots_[row.unit]->places.measure(of.level_of(row.level));
}

void unit_times::use(const smmu_use &use, sc_core::sc_time *delay, latency_split *split)
{
    if (slots_[use.unit]) {
        take(*slots_[use.unit], use, split);
        return;
    }
    sc_core::sc_time own; // of background work, for which it passes
    for (const time_row &row : time_rows)
        if (row.unit == use.unit)
            spend_on(row, use, delay ? *delay : own, split);
    pass(own);
}

// How long the next use has to wait for this one, whose further tries take `each` together. Tries
// that are uses of their own take no turn where they take no time.
sc_core::sc_time unit_times::occupied(const time_row &row, const smmu_use &use,
                                      const sc_core::sc_time &each) const
{
    if (!row.again)
        return times_.*row.cycle + each;
    return (each == sc_core::SC_ZERO_TIME ? 1 : 1 + use.count) * times_.*row.cycle;
}

void unit_times::spend_on(const time_row &row, const smmu_use &use, sc_core::sc_time &delay,
                          latency_split *split)
{
    const sc_core::sc_time each = row.each ? use.count * times_.*row.each : sc_core::SC_ZERO_TIME;
    sc_core::sc_time cost = times_.*row.latency + each;
    if (row.message)
        cost += 2 * times_.link;
    sc_core::sc_time wait;
    if (row.cycle && times_.*row.cycle != sc_core::SC_ZERO_TIME)
        wait = turn(times_, entries_[{row.unit, row.of_tbu ? use.tbu : 0}],
                    occupied(row, use, each), delay);
    if (split) {
        split->ahead(row.wait, wait);
        split->ahead(row.part, cost);
    }
    spend(times_, wait + cost, delay);
}

// Whoever finds somebody at the same thing waits for that one alone, and not again for others who
// have waited as well: they find what they need in a cache.
void unit_times::take(slot_unit &unit, const smmu_use &use, latency_split *split)
{
    slot_unit::holder *const earlier = unit.merges ? unit.first_for(use) : nullptr;
    const bool waits = earlier != nullptr;
    if (waits)
        sc_core::wait(earlier->ended);
    if (split)
        split->passed(unit.row.merge);
    unit.places.take();
    if (split)
        split->passed(unit.row.wait);
    slot_unit::holder &mine = unit.holders.emplace_back();
    mine.cookie = use.cookie;
    mine.sid = use.sid;
    mine.addr = unit.address(use);
    mine.waited = waits;
}

void unit_times::release(const smmu_use &use)
{
    slot_unit &unit = *slots_[use.unit];
    const auto mine =
        std::find_if(unit.holders.begin(), unit.holders.end(),
                     [&use](const slot_unit::holder &each) { return each.cookie == use.cookie; });
    mine->ended.notify();
    unit.holders.erase(mine);
    unit.places.give();
}

bool unit_times::spare(smmu_unit unit, bool held) const
{
    if (!slots_[unit])
        return true;
    const slots &places = slots_[unit]->places;
    return held ? !places.wanted() : places.available();
}

} // namespace smmu
