// SPDX-License-Identifier: Apache-2.0
// What an SMMU still knows: see caches.hpp.
#include "oracle/caches.hpp"

#include <algorithm>

namespace oracle {

namespace {

uint64_t low_bits(unsigned n)
{
    return (uint64_t{1} << n) - 1;
}

// The aligned 2^n bytes around an address.
span around(uint64_t address, unsigned n)
{
    return {address & ~low_bits(n), address | low_bits(n)};
}

// DDI 0487 D8.2: what one descriptor of `level` stands for.
unsigned descriptor_log2(const table_geometry &table, int level)
{
    return table.granule_log2 + static_cast<unsigned>(3 - level) * (table.granule_log2 - 3);
}

// DDI 0487 Table D8-104: what a run of descriptors of `level` stands for; 0: there are none.
unsigned run_log2(unsigned granule_log2, int level)
{
    static const unsigned sizes[3][4] = {{0, 34, 25, 16}, {0, 0, 30, 21}, {0, 0, 34, 21}};
    return level < 0 ? 0 : sizes[(granule_log2 - 12) / 2][level];
}

// The part of it that belongs to this table, where two tables share a descriptor's reach.
span within(const span &a, const span &b)
{
    return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

// The largest aligned part of it around an address.
span usable(const table_geometry &table, unsigned n, uint64_t address)
{
    span part = around(address, n);
    while (part.first < table.range.first || part.last > table.range.last)
        part = around(address, --n);
    return part;
}

bool is_stage1(const address_space &space)
{
    return !space.stage1.empty();
}

} // namespace

caches::item caches::tagged(const address_space &space, what kind) const
{
    item entry{};
    entry.kind = kind;
    entry.world = space.world;
    entry.vmid = space.world == regime::el1 ? space.vmid : 0;
    const bool stage1 = kind != what::table2 && kind != what::stage2;
    entry.asid = stage1 && space.world != regime::el2 ? space.asid : 0;
    entry.aset = stage1 && space.world != regime::el2 && space.aset;
    return entry;
}

// 3.17: by regime, VMID and ASID; what is global by regime, VMID and ASET. The smallest counts.
const caches::item *caches::find(const address_space &space, bool stage1, bool tables,
                                 uint64_t address) const
{
    const item *best = nullptr;
    for (const item &entry : known_) {
        const bool is_table = entry.kind == what::table1 || entry.kind == what::table2;
        const bool is_second = entry.kind == what::table2 || entry.kind == what::stage2;
        if (is_table != tables || is_second == stage1)
            continue;
        const item own = tagged(space, entry.kind);
        const bool context = entry.global ? entry.aset == own.aset : entry.asid == own.asid;
        if (entry.world == own.world && entry.vmid == own.vmid && context &&
            entry.used.holds(address) && (!best || entry.used.size() < best->used.size()))
            best = &entry;
    }
    return best;
}

std::optional<caches::leaf> caches::walk(const address_space &space, const table_geometry &table,
                                         bool stage1, uint64_t address)
{
    int level = table.start_level;
    unsigned top = table.input_bits;
    uint64_t at = table.base;
    if (const item *known = find(space, stage1, true, address)) {
        top = descriptor_log2(table, known->level);
        level = known->level + 1;
        at = known->output;
    }
    for (;; level++) {
        unsigned n = descriptor_log2(table, level);
        uint64_t where = at + 8 * ((address & low_bits(top)) >> n);
        if (stage1 && space.stage2) {
            const auto seen = second_stage(space, where);
            if (!seen)
                return std::nullopt;
            where = seen->output + (where - seen->used.first);
        }
        const uint64_t descriptor = memory_(where);
        const bool bit1 = (descriptor & 2) != 0;
        if (!(descriptor & 1) || (level == 3 && !bit1))
            return std::nullopt;
        const bool leads_on = level < 3 && bit1;
        if (runs_ && !leads_on && (descriptor >> 52 & 1) != 0)
            n = std::max(n, run_log2(table.granule_log2, level));
        const span used = usable(table, n, address);
        const span named = within(around(address, n), table.range);
        uint64_t field = descriptor & low_bits(48);
        if (table.ds) // DDI 0487 tables D8-50 to D8-53
            field |= (descriptor >> 48 & 3) << 48 | (descriptor >> 8 & 3) << 50;
        if (!leads_on) {
            const uint64_t output = (field & ~low_bits(n)) + (used.first & low_bits(n));
            return leaf{used, named, output, !(descriptor >> 11 & 1), level, n};
        }
        at = field & ~low_bits(table.granule_log2);
        top = n;
        item entry = tagged(space, stage1 ? what::table1 : what::table2);
        entry.used = used;
        entry.named = named;
        entry.output = at;
        entry.level = level;
        entry.granule_log2 = table.granule_log2;
        known_.push_back(entry);
    }
}

std::optional<caches::leaf> caches::second_stage(const address_space &space, uint64_t ipa)
{
    if (const item *known = find(space, false, false, ipa))
        return leaf{known->used, known->named, known->output, false, known->level, known->log2};
    const auto found = walk(space, *space.stage2, false, ipa);
    if (found) {
        item entry = tagged(space, what::stage2);
        entry.used = found->used;
        entry.named = found->named;
        entry.output = found->output;
        entry.level = found->level;
        entry.log2 = found->log2;
        entry.granule_log2 = space.stage2->granule_log2;
        known_.push_back(entry);
    }
    return found;
}

std::optional<uint64_t> caches::translate(const address_space &space, uint64_t address)
{
    if (!is_stage1(space)) {
        const auto found = second_stage(space, address);
        return found ? std::optional(found->output + (address - found->used.first)) : std::nullopt;
    }
    if (const item *known = find(space, true, false, address))
        return known->output + (address - known->used.first);
    for (const table_geometry &table : space.stage1) {
        if (!table.range.holds(address))
            continue;
        const auto first = walk(space, table, true, address);
        if (!first)
            return std::nullopt;
        item entry = tagged(space, space.stage2 ? what::final12 : what::final1);
        entry.used = first->used;
        entry.named = first->named;
        entry.output = first->output;
        entry.level = first->level;
        entry.log2 = first->log2;
        entry.granule_log2 = table.granule_log2;
        entry.global = space.world == regime::el2 || first->global;
        if (space.stage2) { // the smaller mapping limits what can be used, not what names it
            const uint64_t ipa = first->output + (address - first->used.first);
            const auto second = second_stage(space, ipa);
            if (!second)
                return std::nullopt;
            const uint64_t size = std::min(first->used.size(), second->used.size());
            entry.used = {address & ~(size - 1), address | (size - 1)};
            entry.output = (second->output + (ipa - second->used.first)) & ~(size - 1);
        }
        known_.push_back(entry);
        return entry.output + (address - entry.used.first);
    }
    return std::nullopt;
}

// 4.4.1.1: an address of the range, tables of the granule; leaves of the level, or tables above it.
// Hints take what has a size that they name: a run that is as large as a block of another granule
// is taken with that, for an SMMU may take more than it has to (DDI 0487 R_MMZTY).
bool caches::named(const tlb_invalidation &by, const item &entry) const
{
    const bool table = entry.kind == what::table1 || entry.kind == what::table2;
    const uint64_t last = std::max(by.address, by.last);
    if (entry.named.last < by.address || entry.named.first > last)
        return false;
    if (runs_ && !table && by.granule_log2 != 0) {
        table_geometry meant;
        meant.granule_log2 = by.granule_log2;
        for (int level = by.level.value_or(0); level <= by.level.value_or(3); ++level)
            if (entry.log2 == descriptor_log2(meant, level) ||
                entry.log2 == run_log2(by.granule_log2, level))
                return true;
        return false;
    }
    if (by.granule_log2 != 0 && entry.granule_log2 != by.granule_log2)
        return false;
    return !by.level || (table ? entry.level < *by.level : entry.level == *by.level);
}

// 4.4.2 to 4.4.4, and 3.17 for what CPUs broadcast.
bool caches::selects(const tlb_invalidation &by, const item &entry) const
{
    const bool table = entry.kind == what::table1 || entry.kind == what::table2;
    const bool second = entry.kind == what::table2 || entry.kind == what::stage2;
    const bool el1 = entry.world == regime::el1;
    const bool context = entry.world == by.world && (!el1 || entry.vmid == by.vmid);
    const bool space = context && !second;
    const bool spared = by.broadcast && entry.aset; // by what names an ASID
    const bool level = !(table && by.leaf);
    const bool asid = entry.asid == by.by_asid || entry.world == regime::el2;
    switch (by.what) {
    case tlb_invalidation::el1_all:
        return el1;
    case tlb_invalidation::el2_all:
        return !el1;
    case tlb_invalidation::s12:
        return el1 && entry.vmid == by.vmid;
    case tlb_invalidation::s1:
        return space;
    case tlb_invalidation::asid:
        return space && !spared && !entry.global && entry.asid == by.by_asid;
    case tlb_invalidation::va:
        return space && !spared && (entry.global || asid) && level && named(by, entry);
    case tlb_invalidation::vaa:
        return space && level && named(by, entry);
    case tlb_invalidation::ipa:
        if (entry.kind == what::final12)
            return ipa_takes_nested_ && el1 && entry.vmid == by.vmid;
        return second && el1 && entry.vmid == by.vmid && level && named(by, entry);
    }
    return false;
}

void caches::invalidate(const tlb_invalidation &by)
{
    known_.remove_if([&](const item &entry) { return selects(by, entry); });
}

} // namespace oracle
