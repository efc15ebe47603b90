// SPDX-License-Identifier: Apache-2.0
// Streams whose tables change under the caches: see random_maintenance.hpp.
#include "core/random_maintenance.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "smmu/dvm.h"
#include "support/cd.hpp"
#include "support/stage2.hpp"

using namespace support;
using oracle::regime;
using oracle::tlb_invalidation;

static constexpr uint64_t page = 0x1000;

static granule mostly_small_granule(random_source &rng)
{
    static const granule sizes[] = {granule::k4, granule::k4, granule::k16, granule::k64};
    return sizes[rng.below(4)];
}

// --- building -----------------------------------------------------------------------------------

maintained_world::maintained_world(device_under_test &dut, random_source &rng, bool vmsa32,
                                   bool globals)
    : dut_(dut), rng_(rng), vmsa32_(vmsa32), ds_(dut.config().ds && !vmsa32), e2h_(rng.coin()),
      ipa_bits_(ds_ ? 52 : 40), granule1_(vmsa32 ? granule::k4 : mostly_small_granule(rng)),
      granule2_(mostly_small_granule(rng))
{
    dut.update_cr0(0);
    dut.mem.clear();
    dut.frames = frame_allocator(device_under_test::frames_base);
    bring_up_options options;
    options.cr2 = reg::CR2_RECINVSID | (e2h_ ? reg::CR2_E2H : 0u);
    dut.bring_up(options);
    for (auto &second : second_) {
        second = new_table(granule2_, ipa_bits_, {0, ones(ipa_bits_)});
        const uint64_t structures = device_under_test::frames_base;
        for (uint64_t at = structures; at < structures + (uint64_t{1} << 26);
             at += uint64_t{1} << second->tree.shift(2))
            second->tree.map(at, at, 2, stage2_attributes{});
    }
    add_stream(regime::el1, 1, 1, true, second_[0].get());
    add_stream(regime::el1, 1, 2, true, second_[0].get());
    add_stream(regime::el1, 2, 1, true, second_[1].get());
    add_stream(regime::el1, 3, 1, true, nullptr);
    add_stream(regime::el1, 1, 0, false, second_[0].get());
    add_stream(regime::el1, 2, 0, false, second_[1].get());
    add_stream(e2h_ ? regime::e2h : regime::el2, 0, 1, true, nullptr);
    if (e2h_)
        add_stream(regime::e2h, 0, 2, true, nullptr);
    if (globals)
        share_globals();
    dut.invalidate_all();
}

std::unique_ptr<maintained_table> maintained_world::new_table(granule g, unsigned input_bits,
                                                              oracle::span range)
{
    const bool wide = ds_ && g != granule::k64;
    translation_table tree(dut_.mem, dut_.frames,
                           table_shape{input_bits, g, std::nullopt, false, wide});
    const oracle::table_geometry geometry{
        tree.base(), static_cast<unsigned>(g), input_bits, tree.start_level(), range, wide};
    return std::make_unique<maintained_table>(maintained_table{tree, geometry, {}});
}

void maintained_world::add_stream(regime world, unsigned vmid, unsigned asid, bool stage1,
                                  maintained_table *stage2)
{
    maintained_stream s;
    s.sid = static_cast<uint32_t>(streams_.size());
    s.space.world = world;
    s.space.vmid = vmid;
    s.space.asid = asid;
    s.space.aset = stage1 && world != regime::el2 && rng_.one_in(3);
    s.stage2 = stage2;
    if (stage1) {
        add_tables(s);
        for (auto &table : s.stage1)
            for (const mapping &m : table->mappings)
                map_stage1(s, *table, m);
    } else {
        for (const mapping &m : stage2->mappings)
            for (unsigned i = 0; i < 3; ++i)
                s.addresses.push_back(address_in(*stage2, m));
    }
    for (auto &table : s.stage1)
        s.space.stage1.push_back(table->geometry);
    if (stage2)
        s.space.stage2 = stage2->geometry;
    publish(s);
    streams_.push_back(std::move(s));
}

// DDI 0487 G5.5.5: where the range of TTB1 begins.
static uint64_t split_of(unsigned t0sz, unsigned t1sz)
{
    const uint64_t top = uint64_t{1} << 32;
    return t1sz > 0 ? top - (top >> t1sz) : top >> t0sz;
}

void maintained_world::add_tables(maintained_stream &s)
{
    if (!vmsa32_ || s.space.world != regime::el1) {
        const unsigned bits = ds_ ? 52 : 48;
        s.stage1.push_back(new_table(vmsa32_ ? granule::k4 : granule1_, bits, {0, ones(bits)}));
        plan(*s.stage1[0]);
        return;
    }
    const bool low_is_small = rng_.coin();
    const auto bits = static_cast<unsigned>(rng_.between(3, 7));
    const unsigned t0sz = low_is_small ? bits : 0, t1sz = low_is_small ? 0 : bits;
    const uint64_t split = split_of(t0sz, t1sz);
    s.stage1.push_back(new_table(granule::k4, 32 - t0sz, {0, split - 1}));
    s.stage1.push_back(new_table(granule::k4, 32 - t1sz, {split, ones(32)}));
    plan32(*s.stage1[0]);
    plan32(*s.stage1[1]);
}

// DDI 0487 Table D8-104, up to a GiB.
static unsigned run_log2(unsigned granule_log2, int level)
{
    static const unsigned sizes[3][4] = {{0, 0, 25, 16}, {0, 0, 30, 21}, {0, 0, 0, 21}};
    return level < 0 ? 0 : sizes[(granule_log2 - 12) / 2][level];
}

// Keep `m` unless it would change the size of what is mapped there.
void maintained_world::add(maintained_table &table, uint64_t address, int level)
{
    mapping m{};
    m.level = level;
    m.log2 = table.tree.shift(level);
    const unsigned run = run_log2(table.geometry.granule_log2, level);
    if (dut_.config().contiguous && run != 0 && rng_.coin()) {
        m.run = true;
        m.log2 = run;
    }
    m.address = address & ~ones(m.log2);
    for (const mapping &other : table.mappings)
        if ((m.address ^ other.address) >> std::max(m.log2, other.log2) == 0)
            return;
    table.mappings.push_back(m);
}

// That of the largest blocks: DDI 0487 tables D8-17, D8-27, D8-36, without FEAT_LPA.
int maintained_world::largest_level(const maintained_table &table) const
{
    return (table.geometry.granule_log2 == 12 ? 1 : 2) - (table.geometry.ds ? 1 : 0);
}

// Two places, the same in all spaces, with a block or page and its neighbour.
void maintained_world::plan(maintained_table &table)
{
    for (uint64_t place = 1; place <= 2; ++place) {
        const uint64_t at = place << (ds_ ? 48 : 40) | rng_.bits(2) << 30;
        const int largest = largest_level(table);
        const int level = rng_.one_in(4)   ? largest
                          : rng_.one_in(4) ? std::min(largest + 1, 2)
                          : rng_.coin()    ? 2
                                           : 3;
        add(table, at, level);
        add(table, at + (uint64_t{1} << table.tree.shift(level)), level);
    }
}

// The last or first GiB, which the other table has a part of, as a block or by a table; and more.
void maintained_world::plan32(maintained_table &table)
{
    const oracle::span range = table.geometry.range;
    const bool wide = table.geometry.input_bits == 32;
    const uint64_t edge = range.first == 0 ? range.last : range.first;
    if (wide && rng_.coin())
        add(table, edge, 1);
    for (unsigned i = 0; i < 3; ++i) {
        const uint64_t near = (edge & ~ones(30)) | rng_.bits(30);
        const uint64_t at = i < 2 ? near : rng_.bits(32);
        const int level = rng_.coin() ? 2 : 3;
        const uint64_t last = at | ones(table.tree.shift(level));
        if (range.holds(at & ~ones(table.tree.shift(level))) && range.holds(last))
            add(table, at, level);
    }
    if (table.mappings.empty())
        add(table, edge, 3);
}

// Map `m`, and what it leads to at a few places, by smaller and larger mappings of stage 2.
void maintained_world::map_stage1(maintained_stream &s, maintained_table &table, const mapping &m)
{
    mapping target = m;
    if (s.stage2) {
        target.address = (next_ipa_ + ones(m.log2)) & ~ones(m.log2);
        next_ipa_ = target.address + m.size();
        s.targets.push_back(target);
    }
    for (unsigned i = 0; i < 4; ++i) {
        const uint64_t at = address_in(table, m);
        s.addresses.push_back(at);
        if (s.stage2)
            map_stage2(*s.stage2, target.address + (at - m.address));
    }
    write_leaf(table, false, m, random_output(&s, m));
}

void maintained_world::map_stage2(maintained_table &table, uint64_t ipa)
{
    const size_t before = table.mappings.size();
    add(table, ipa, rng_.one_in(4) ? 2 : 3);
    if (table.mappings.size() > before)
        write_leaf(table, true, table.mappings.back(),
                   random_output(nullptr, table.mappings.back()));
}

// Stream 0 has a global mapping, in the place of which stream 1 has nothing.
void maintained_world::share_globals()
{
    maintained_table &owner = *streams_[0].stage1[0], &guest = *streams_[1].stage1[0];
    mapping &m = owner.mappings[0];
    const auto shared = [&](const mapping &other) {
        return (m.address ^ other.address) >> std::max(m.log2, other.log2) == 0;
    };
    for (const mapping &other : guest.mappings)
        if (shared(other))
            write_leaf(guest, false, other, 0);
    guest.mappings.erase(std::remove_if(guest.mappings.begin(), guest.mappings.end(), shared),
                         guest.mappings.end());
    m.global = true;
    write_leaf(owner, false, m, random_output(&streams_[0], m));
}

void maintained_world::publish_stage1(const maintained_stream &s, ste &entry)
{
    static const unsigned tg0[] = {TG0_4K, TG0_16K, TG0_64K};
    cd context;
    entry.s1contextptr = dut_.frames.allocate(64, 64);
    context.asid = s.space.asid;
    context.aset = s.space.aset;
    context.ttb0 = s.stage1[0]->tree.base();
    context.tg0 = tg0[(s.stage1[0]->geometry.granule_log2 - 12) / 2];
    if (ds_) {
        context.ds = 1;
        context.t0sz = 12;
        context.ips = 6;
    }
    if (s.stage1.size() == 1) {
        context.epd1 = 1;
    } else {
        context.aa64 = 0;
        context.t0sz = 32 - s.stage1[0]->geometry.input_bits;
        context.t1sz = 32 - s.stage1[1]->geometry.input_bits;
        context.ttb1 = s.stage1[1]->tree.base();
    }
    dut_.mem.store_image(entry.s1contextptr, context.encode());
}

void maintained_world::publish(const maintained_stream &s)
{
    static const unsigned tg0[] = {TG0_4K, TG0_16K, TG0_64K};
    ste entry;
    entry.config = STE_BYPASS | (s.stage2 ? 2u : 0u) | (s.stage1.empty() ? 0u : 1u);
    entry.strw = s.space.world == regime::el1 ? 0 : 2;
    entry.s2vmid = s.space.vmid;
    if (s.stage2) {
        const unsigned sl = s2sl0_of(granule2_, s.stage2->tree.start_level());
        entry.s2t0sz = 64 - ipa_bits_;
        entry.s2sl0 = sl & 3;
        entry.s2sl0_2 = sl >> 2;
        entry.s2ds = ds_;
        entry.s2tg = tg0[(s.stage2->geometry.granule_log2 - 12) / 2];
        entry.s2ps = 6;
        entry.s2aa64 = 1;
        entry.s2r = 1;
        entry.s2ttb = s.stage2->tree.base();
    }
    if (!s.stage1.empty())
        publish_stage1(s, entry);
    dut_.set_ste(s.sid, entry);
}

// --- changes ------------------------------------------------------------------------------------

// A page that the table translates by `m`.
uint64_t maintained_world::address_in(const maintained_table &table, const mapping &m)
{
    const uint64_t first = std::max(m.address, table.geometry.range.first);
    const uint64_t last = std::min(m.address + m.size() - 1, table.geometry.range.last);
    return first + (rng_.below(last - first + 1) & ~(page - 1));
}

touch maintained_world::random_touch()
{
    const maintained_stream &stream = any(streams_);
    return {&stream, any(stream.addresses) | rng_.bits(12)};
}

// Where `m` may lead: for stage 1 under stage 2 (`stream`) to an IPA that is mapped here and there.
uint64_t maintained_world::random_output(const maintained_stream *stream, const mapping &m)
{
    if (!stream || !stream->stage2)
        return rng_.bits(ipa_bits_) & ~ones(m.log2);
    std::vector<uint64_t> fitting;
    for (const mapping &target : stream->targets)
        if (target.log2 >= m.log2)
            fitting.push_back(target.address);
    return any(fitting);
}

// `output` 0: nothing is mapped.
void maintained_world::write_leaf(maintained_table &table, bool stage2, const mapping &m,
                                  uint64_t output)
{
    leaf_attributes first;
    stage2_attributes second;
    first.ng = !m.global;
    first.contiguous = second.contiguous = m.run;
    const uint64_t step = uint64_t{1} << table.tree.shift(m.level);
    for (uint64_t at = 0; at < m.size(); at += step)
        if (output == 0)
            table.tree.unmap(m.address + at, m.level);
        else if (stage2)
            table.tree.map(m.address + at, output + at, m.level, second);
        else
            table.tree.map(m.address + at, output + at, m.level, first);
}

// Let the table descriptor of `level` on the way to `m` point to a copy of its table.
void maintained_world::replace_table(maintained_table &table, const mapping &m, int level)
{
    const uint64_t old = table.tree.descriptor(m.address, level);
    if ((old & 3) != 3)
        return;
    const uint64_t size = uint64_t{1} << table.geometry.granule_log2;
    const uint64_t from = address_bits(old, 47, table.geometry.granule_log2);
    const uint64_t to = dut_.frames.allocate(size, size);
    for (uint64_t at = 0; at < size; at += 8)
        if (const uint64_t entry = dut_.mem.load64(from + at))
            dut_.mem.store64(to + at, entry);
    table.tree.set_descriptor(m.address, level, table_descriptor(to));
}

// Whether table descriptors are changed too.
bool maintained_world::change_table(maintained_table &table, const maintained_stream *stream,
                                    mapping &m)
{
    const int start = table.geometry.start_level;
    const bool deep = m.level > start && rng_.one_in(3);
    if (deep)
        replace_table(table, m,
                      start + static_cast<int>(rng_.below(static_cast<uint64_t>(m.level - start))));
    write_leaf(table, !stream, m, rng_.one_in(4) ? 0 : random_output(stream, m));
    return deep;
}

std::vector<tlb_invalidation> maintained_world::change()
{
    tlb_invalidation by;
    maintained_stream &stream = any(streams_);
    if (stream.stage2 && (stream.stage1.empty() || rng_.one_in(3))) {
        mapping &m = any(stream.stage2->mappings);
        by.what = tlb_invalidation::ipa;
        by.vmid = stream.space.vmid;
        by.leaf = !change_table(*stream.stage2, nullptr, m) && rng_.coin();
        by.address = address_in(*stream.stage2, m);
        by.broadcast = rng_.coin();
        widen(by, stream.stage2->geometry.granule_log2, m.level);
        tlb_invalidation nested;
        nested.what = tlb_invalidation::s1;
        nested.vmid = by.vmid;
        return {by, nested};
    }
    maintained_table &table = *any(stream.stage1);
    if (table.mappings.empty())
        return {};
    mapping &m = any(table.mappings);
    by.what = rng_.coin() ? tlb_invalidation::va : tlb_invalidation::vaa;
    by.world = stream.space.world;
    by.vmid = stream.space.vmid;
    by.by_asid = stream.space.asid;
    by.leaf = !change_table(table, &stream, m) && rng_.coin();
    by.address = address_in(table, m);
    by.broadcast = !stream.space.aset && rng_.coin();
    widen(by, table.geometry.granule_log2, m.level);
    return {by};
}

// --- invalidations ------------------------------------------------------------------------------

tlb_invalidation maintained_world::random_invalidation()
{
    using kind = tlb_invalidation;
    static const kind::kind kinds[] = {
        kind::va,  kind::va,  kind::va,   kind::va, kind::vaa, kind::vaa,     kind::ipa,
        kind::ipa, kind::ipa, kind::asid, kind::s1, kind::s12, kind::el1_all, kind::el2_all};
    tlb_invalidation by;
    by.what = any(kinds);
    by.vmid = static_cast<unsigned>(rng_.between(1, 3));
    by.by_asid = static_cast<unsigned>(rng_.between(1, 2));
    by.leaf = rng_.coin();
    by.broadcast = by.what != kind::el2_all && rng_.coin();
    const bool by_va = by.what == kind::va || by.what == kind::vaa;
    if (by_va && rng_.one_in(4))
        by.world = e2h_ ? regime::e2h : regime::el2;
    if (by.what == kind::asid && e2h_ && rng_.one_in(4))
        by.world = regime::e2h;
    if (by.what == kind::ipa) {
        maintained_table &table = *second_[rng_.below(2)];
        by.address = address_in(table, any(table.mappings));
    } else if (by_va) {
        const maintained_stream &stream = streams_[rng_.one_in(4) ? 6 : rng_.below(4)];
        maintained_table &table = *any(stream.stage1);
        if (!table.mappings.empty())
            by.address = address_in(table, any(table.mappings));
    }
    if (rng_.one_in(6))
        by.address += rng_.coin() ? page : -page;
    if (by_va || by.what == kind::ipa)
        widen_at_random(by);
    return by;
}

// 2^n granules, by DDI 0487 D8.17.5.2 and IHI 0070 4.4.1.1.
static constexpr unsigned cpu_scales[] = {1, 6, 11, 16};

// Whether a hint can name that level: with LPA2 level 1 of 16 KiB too, and, of a CPU and without a
// range, level 0 of 4 KiB (IHI 0070 4.4.1.1, DDI 0487 Table D8-123).
bool maintained_world::is_hint(const tlb_invalidation &by, unsigned granule_log2, int level) const
{
    const bool lpa2 = dut_.config().ds;
    if (level == 0)
        return lpa2 && granule_log2 == 12 && by.broadcast;
    return granule_log2 != 14 || level > 1 || lpa2;
}

// Sometimes make a single address a range that holds it, of tables with that granule; and sometimes
// say that leaves are of that level, which for an address of its own is all that can be said.
void maintained_world::widen(tlb_invalidation &by, unsigned granule_log2, int level)
{
    const bool hint = is_hint(by, granule_log2, level) && rng_.coin();
    if (!dut_.config().ril || rng_.coin())
        return;
    const bool alone = hint && (level == 0 || rng_.one_in(4));
    const unsigned scale = alone          ? 0
                           : by.broadcast ? any(cpu_scales)
                                          : static_cast<unsigned>(rng_.between(1, 18));
    const uint64_t size = (alone ? 1 : rng_.between(1, 32)) << scale << granule_log2;
    by.granule_log2 = granule_log2;
    if (hint)
        by.level = level;
    if (alone && by.broadcast)
        return;
    by.address -= std::min(by.address, rng_.below(size)) & ~(page - 1);
    by.last = by.address + size - 1;
}

void maintained_world::widen_at_random(tlb_invalidation &by)
{
    const granule own = by.what == tlb_invalidation::ipa ? granule2_ : granule1_;
    const granule meant = rng_.one_in(6) ? random_granule(rng_) : own;
    widen(by, static_cast<unsigned>(meant), static_cast<int>(rng_.below(4)));
}

// The fields of a range: `scales` are those that there are.
template <typename T> static tlbi_range range_of(const tlb_invalidation &by, const T &scales)
{
    tlbi_range range;
    if (by.granule_log2 == 0)
        return range;
    range.tg = (by.granule_log2 - 10) / 2;
    range.ttl = static_cast<unsigned>(by.level.value_or(0));
    const uint64_t granules =
        by.last < by.address ? 1 : (by.last - by.address + 1) >> by.granule_log2;
    for (const unsigned scale : scales) {
        range.scale = scale;
        if (granules >> scale <= 32 && (granules & ones(scale)) == 0)
            break;
    }
    range.num = static_cast<unsigned>(granules >> range.scale) - 1;
    return range;
}

static command named_command(const tlb_invalidation &by)
{
    const bool el1 = by.world == regime::el1;
    switch (by.what) {
    case tlb_invalidation::el1_all:
        return tlbi_nsnh_all();
    case tlb_invalidation::el2_all:
        return tlbi_el2_all();
    case tlb_invalidation::s12:
        return tlbi_s12_vmall(by.vmid);
    case tlb_invalidation::s1:
        return tlbi_nh_all(by.vmid);
    case tlb_invalidation::asid:
        return el1 ? tlbi_nh_asid(by.by_asid, by.vmid) : tlbi_el2_asid(by.by_asid);
    case tlb_invalidation::va:
        return el1 ? tlbi_nh_va(by.address, by.by_asid, by.leaf, by.vmid)
                   : tlbi_el2_va(by.address, by.by_asid, by.leaf);
    case tlb_invalidation::vaa:
        return el1 ? tlbi_nh_vaa(by.address, by.leaf, by.vmid) : tlbi_el2_vaa(by.address, by.leaf);
    case tlb_invalidation::ipa:
        return tlbi_s2_ipa(by.address, by.vmid, by.leaf);
    }
    return {};
}

command maintained_world::as_command(const tlb_invalidation &by)
{
    std::array<unsigned, 32> scales{};
    std::iota(scales.begin(), scales.end(), 0);
    return with_range(named_command(by), range_of(by, scales));
}

smmu_dvm maintained_world::as_broadcast(const tlb_invalidation &by)
{
    static const smmu_dvm_op ops[] = {SMMU_DVM_ALL,   SMMU_DVM_ALL,  SMMU_DVM_VMALLS12,
                                      SMMU_DVM_VMALL, SMMU_DVM_ASID, SMMU_DVM_VA,
                                      SMMU_DVM_VAA,   SMMU_DVM_IPAS2};
    static const smmu_world worlds[] = {SMMU_WORLD_NS_EL1, SMMU_WORLD_EL2, SMMU_WORLD_EL2_E2H};
    smmu_dvm dvm{};
    dvm.op = static_cast<uint8_t>(ops[by.what]);
    dvm.world = static_cast<uint8_t>(worlds[static_cast<unsigned>(by.world)]);
    dvm.leaf = by.leaf;
    dvm.asid = static_cast<uint16_t>(by.by_asid);
    dvm.vmid = static_cast<uint16_t>(by.vmid);
    dvm.addr = by.address;
    const tlbi_range range = range_of(by, cpu_scales);
    dvm.range = by.last > by.address;
    dvm.tg = static_cast<uint8_t>(range.tg);
    dvm.ttl = static_cast<uint8_t>(range.ttl);
    dvm.num = static_cast<uint8_t>(range.num);
    for (std::size_t i = 0; i < std::size(cpu_scales); ++i)
        if (cpu_scales[i] == range.scale)
            dvm.scale = static_cast<uint8_t>(i);
    return dvm;
}

void maintained_world::issue(const tlb_invalidation &by)
{
    if (by.broadcast) {
        const smmu_dvm dvm = as_broadcast(by);
        smmu_broadcast_tlbi(dut_.smmu(), &dvm);
    } else {
        dut_.submit(as_command(by));
    }
}
