// SPDX-License-Identifier: Apache-2.0
// Random descriptors, level by level (DDI 0487 D8.3).
#include "core/random_tables.hpp"

#include <algorithm>

using namespace support;

random_table::random_table(random_source &rng, memory &mem, frame_allocator &frames,
                           const geometry &shape)
    : rng_(rng), mem_(mem), frames_(frames), shape_(shape)
{
    const unsigned bits = shape.region_bits - shift(shape.start_level);
    base_ = allocate(std::max<uint64_t>(64, uint64_t{shape.d128 ? 16u : 8u} << bits));
}

unsigned random_table::shift(int level) const
{
    return shape_.d128 ? level_shift128(shape_.size, level) : level_shift(shape_.size, level);
}

// Where the descriptor for bits [top-1:...] of `ia` is.
uint64_t random_table::descriptor_at(uint64_t table, uint64_t ia, unsigned top, int level) const
{
    return table + (shape_.d128 ? 16 : 8) * ((ia & ones(top)) >> shift(level));
}

uint64_t random_table::allocate(uint64_t size)
{
    tables_.push_back(frames_.allocate(size, size));
    return tables_.back();
}

word128 random_table::load(uint64_t at) const
{
    return load_descriptor(mem_, at, shape_.d128, shape_.big_endian);
}

void random_table::store(uint64_t at, const word128 &descriptor)
{
    store_descriptor(mem_, at, descriptor, shape_.d128, shape_.big_endian);
}

uint64_t random_table::with_address(uint64_t descriptor, uint64_t address) const
{
    return shape_.wide ? with_high_address(shape_.size, descriptor, address) : descriptor;
}

uint64_t random_table::address_of(const word128 &descriptor) const
{
    if (shape_.d128)
        return address_bits(descriptor.low, 55, page_bits());
    const uint64_t low = address_bits(descriptor.low, 47, page_bits());
    return shape_.wide ? low | high_address(shape_.size, descriptor.low) : low;
}

// DDI 0487 tables D8-45 and D8-46: what SKL may be.
static unsigned largest_skl(granule g)
{
    return g == granule::k4 ? 3 : 2;
}

// IGNORED and RES0 bits of table descriptors are anything.
word128 random_table::pointer_to_new_table128(int level, bool harmless)
{
    unsigned skl = 0;
    if (!rng_.one_in(3))
        skl = static_cast<unsigned>(rng_.below(largest_skl(shape_.size) + 1));
    while (skl != 0 && (level + static_cast<int>(skl) > 2 ||
                        table_log2_128(shape_.size, skl) > shape_.largest_log2))
        --skl;
    const uint64_t next = allocate(uint64_t{1} << table_log2_128(shape_.size, skl)) - shape_.bias;
    word128 d = table128(next, skl);
    d.low |= rng_.coin() ? uint64_t{1} << 10 : 0;
    if (!harmless) {
        d.low |= rng_.bits(64) & 0xbfe;
        d.high |= rng_.bits(64) & ~(uint64_t{3} << 45);
    }
    return d;
}

// DDI 0487 tables D8-50 to D8-59: Protected is bit 52 of descriptors of stage 1, AssuredOnly bit 58
// of leaves of stage 2, and either is bit 114.
word128 random_table::marked(word128 d, bool is_leaf, bool harmless)
{
    if (!hardened || (shape_.s2 && !is_leaf))
        return d;
    const bool mark = shape_.s2 && !harmless ? rng_.coin() : !rng_.one_in(24);
    uint64_t &word = shape_.d128 ? d.high : d.low;
    const unsigned bit = shape_.d128 ? 114 - 64 : shape_.s2 ? 58 : 52;
    word = (word & ~(uint64_t{1} << bit)) | uint64_t{mark} << bit;
    return d;
}

word128 random_table::new_table(int level, bool harmless)
{
    return marked(shape_.d128 ? pointer_to_new_table128(level, harmless)
                              : pointer_to_new_table(harmless),
                  false, harmless);
}

word128 random_table::pointer_to_new_table(bool harmless)
{
    const uint64_t next = allocate(uint64_t{1} << page_bits()) - shape_.bias;
    table_attributes limits;
    if (!shape_.s2 && !harmless) {
        limits.pxn_table = rng_.one_in(8);
        limits.uxn_table = rng_.one_in(8);
        limits.ap_table = rng_.one_in(4) ? static_cast<unsigned>(rng_.bits(2)) : 0;
        limits.ns_table = rng_.coin();
    }
    const uint64_t accessed = rng_.coin() ? uint64_t{1} << 10 : 0;
    return {with_address(table_descriptor(next, limits) | accessed, next), 0};
}

// POIndex 0 is that of harmless pages, as of those of 64 bits.
word128 random_table::leaf128_of(int level, uint64_t output, bool harmless)
{
    attributes128 a;
    a.attr = 0b1111;
    a.pi = page_indexes[hardened ? rng_.below(page_indexes.size()) : 0];
    a.bit7 = 1;
    if (!harmless) {
        a.attr = static_cast<unsigned>(rng_.bits(4));
        a.bit7 = rng_.coin();
        a.pi = static_cast<unsigned>(rng_.bits(4));
        a.po = static_cast<unsigned>(rng_.bits(4));
        a.af = !rng_.one_in(6);
        a.ng = globals ? rng_.coin() : 1;
        a.sh = static_cast<unsigned>(rng_.bits(2));
        a.bit114 = rng_.coin();
        a.contiguous = !runs && rng_.coin();
    }
    a.nt = level < 3 && rng_.coin();
    word128 d = leaf128(output & ~ones(shift(level)), level, a);
    if (!harmless)
        d.low |= output & ones(shift(level)) & ~ones(12); // RES0
    return d;
}

// PIIndex is bits 54, 53, 51 and 6 (DDI 0487 Table D8-53).
static uint64_t with_index(uint64_t descriptor, unsigned index)
{
    const auto moved = [index](unsigned from, unsigned to) {
        return uint64_t{index >> from & 1} << to;
    };
    const uint64_t mask = uint64_t{0b1101} << 51 | uint64_t{1} << 6;
    return (descriptor & ~mask) | moved(3, 54) | moved(2, 53) | moved(1, 51) | moved(0, 6);
}

word128 random_table::leaf(int level, uint64_t output, bool harmless)
{
    return marked(shape_.d128 ? leaf128_of(level, output, harmless)
                              : leaf64_of(level, output, harmless),
                  true, harmless);
}

word128 random_table::leaf64_of(int level, uint64_t output, bool harmless)
{
    uint64_t descriptor = 0;
    if (shape_.s2) {
        stage2_attributes a;
        if (!harmless) {
            a.memattr = static_cast<unsigned>(rng_.bits(4));
            a.s2ap = static_cast<unsigned>(rng_.one_in(2) ? rng_.bits(2) : 3);
            a.sh = static_cast<unsigned>(rng_.bits(2));
            a.af = !rng_.one_in(6);
            a.dbm = rng_.coin();
            a.xn = static_cast<unsigned>(rng_.one_in(2) ? rng_.bits(2) : 0);
        }
        descriptor = leaf_descriptor(output, level, a);
        if (hardened && harmless)
            descriptor = with_index(descriptor, page_indexes[rng_.below(page_indexes.size())]);
    } else {
        leaf_attributes a;
        a.attr_index = static_cast<unsigned>(rng_.bits(3));
        a.ns = rng_.coin();
        a.ap = static_cast<unsigned>(rng_.bits(2));
        a.sh = static_cast<unsigned>(rng_.bits(2));
        a.af = !rng_.one_in(6);
        a.ng = globals ? rng_.coin() : 1;
        a.pxn = rng_.one_in(4);
        a.uxn = rng_.one_in(4);
        a.dbm = rng_.coin();
        descriptor = leaf_descriptor(output, level, a);
    }
    if (level < 3 && rng_.coin())
        descriptor |= uint64_t{1} << 16; // nT
    if (!harmless)
        descriptor |= rng_.bits(4) << 59; // POIndex, or AttrIndx[3]
    return {with_address(descriptor, output), 0};
}

// DDI 0487 tables D8-17, D8-27, D8-36: the first level that has blocks.
static int first_of_blocks(const random_table::geometry &shape)
{
    const int level = shape.size == granule::k4 ? 1 : 2;
    return shape.wide ? level - 1 : level;
}

word128 random_table::random_descriptor128(int level)
{
    const uint64_t dice = rng_.below(100);
    const uint64_t output = rng_.bits(rng_.one_in(12) ? 56 : output_bits);
    if (dice < 3)
        return {rng_.bits(64) & ~uint64_t{1}, rng_.bits(64)}; // invalid, whatever else it says
    if (dice < 6) { // anything, but that other ASIDs have it too
        const uint64_t ng = uint64_t{!globals} << 11, contiguous = uint64_t{runs} << (111 - 64);
        return {rng_.bits(64) | ng | 1, rng_.bits(64) & ~contiguous};
    }
    if (level == 3 || (3 - level <= static_cast<int>(largest_skl(shape_.size)) && dice < 25))
        return leaf(level, output, false);
    return new_table(level, false);
}

word128 random_table::random_descriptor(int level)
{
    if (shape_.d128)
        return random_descriptor128(level);
    const uint64_t dice = rng_.below(100);
    const uint64_t output = rng_.bits(rng_.one_in(12) ? 52 : output_bits);
    if (dice < 3)
        return {rng_.bits(64) & ~uint64_t{1}, 0}; // invalid, whatever else it says
    if (dice < 5)
        return {leaf_descriptor(output, 2), 0}; // Block or Reserved
    if (level == 3 || (level >= std::min(1, first_of_blocks(shape_)) && dice < 25))
        return leaf(level, output, false);
    if (dice < 27)
        return {with_address(table_descriptor(rng_.bits(48)), rng_.bits(52)), 0}; // leads anywhere
    return new_table(level, false);
}

static unsigned skl_of(const word128 &d)
{
    return static_cast<unsigned>(d.high >> 45 & 3);
}

bool random_table::is_leaf(const word128 &d, int level) const
{
    if ((d.low & 1) == 0)
        return false;
    if (shape_.d128)
        return level + static_cast<int>(skl_of(d)) == 3 && skl_of(d) <= largest_skl(shape_.size);
    if (level == 3)
        return (d.low & 2) != 0;
    if ((d.low & 2) != 0)
        return false;
    return level >= first_of_blocks(shape_);
}

// The level of the table of ours that a Table descriptor leads to.
std::optional<int> random_table::next_level(const word128 &d, int level) const
{
    const uint64_t next = address_of(d) + shape_.bias;
    const int at = level + 1 + (shape_.d128 ? static_cast<int>(skl_of(d)) : 0);
    const bool table = shape_.d128 ? (d.low & 1) != 0 : (d.low & 3) == 3;
    const bool ours = std::find(tables_.begin(), tables_.end(), next) != tables_.end();
    return table && ours && at <= 3 ? std::optional<int>(at) : std::nullopt;
}

// DDI 0487 tables D8-104 and D8-105; 0: there are no runs of the level.
unsigned random_table::run_log2(int level) const
{
    static const unsigned members[2][3][3] = {{{16, 16, 16}, {1, 32, 128}, {1, 32, 32}},
                                              {{4, 16, 16}, {4, 16, 64}, {1, 64, 16}}};
    unsigned count = level < 1 ? 1 : members[shape_.d128][(page_bits() - 12) / 2][level - 1];
    unsigned log2 = shift(level);
    for (; count > 1; count /= 2)
        ++log2;
    return log2 == shift(level) || log2 > shape_.region_bits ? 0 : log2;
}

// Bit 52, or 111 (tables D8-52, D8-53, D8-58, D8-59).
bool random_table::is_member(const word128 &d) const
{
    return runs && (shape_.d128 ? d.high >> (111 - 64) : d.low >> 52) % 2 != 0;
}

// Let all descriptors of the run around `ia` be a run, if nothing was decided for any. Hardware has
// no flag of them to change, for it would not change all.
bool random_table::make_run(uint64_t table, uint64_t ia, unsigned top, int level)
{
    const unsigned log2 = run_log2(level), step = shift(level);
    if (log2 == 0 || log2 > top || !rng_.coin())
        return false;
    const uint64_t first = ia & ~ones(log2), count = uint64_t{1} << (log2 - step);
    for (uint64_t i = 0; i < count; ++i)
        if (!(load(descriptor_at(table, first + (i << step), top, level)) == word128{}))
            return false;
    word128 d = leaf(level, rng_.bits(output_bits) & ~ones(log2), false);
    d.low = (d.low & ~(ones(log2) & ~ones(step))) | uint64_t{1} << 10;
    (shape_.d128 ? d.high : d.low) |= uint64_t{1} << (shape_.d128 ? 111 - 64 : 52);
    d.low = shape_.s2 ? d.low | uint64_t{1} << 7 : d.low & ~(uint64_t{1} << 7);
    if (!shape_.d128 && !shape_.s2)
        d.low &= ~(uint64_t{1} << 51); // DBM
    for (uint64_t i = 0; i < count; ++i)
        store(descriptor_at(table, first + (i << step), top, level), {d.low + (i << step), d.high});
    return true;
}

// Nothing is decided for any descriptor of the run that the one at `at` is of.
void random_table::undo_run(uint64_t at, int level)
{
    const uint64_t size = shape_.d128 ? 16 : 8, bytes = size << (run_log2(level) - shift(level));
    for (uint64_t member = at & ~(bytes - 1), end = member + bytes; member < end; member += size)
        store(member, {});
}

std::optional<uint64_t> random_table::grow(uint64_t ia)
{
    uint64_t table = base_;
    unsigned top = shape_.region_bits;
    for (int level = shape_.start_level;;) {
        const uint64_t at = descriptor_at(table, ia, top, level);
        word128 descriptor = load(at);
        if (descriptor == word128{}) {
            descriptor = random_descriptor(level);
            if (runs && is_leaf(descriptor, level) && make_run(table, ia, top, level))
                descriptor = load(at);
            else
                store(at, descriptor);
        }
        top = shift(level);
        if (is_leaf(descriptor, level))
            return (address_of(descriptor) & ~ones(top)) | (ia & ones(top));
        const std::optional<int> next = next_level(descriptor, level);
        if (!next)
            return std::nullopt;
        table = address_of(descriptor) + shape_.bias;
        level = *next;
    }
}

bool random_table::change(uint64_t ia)
{
    uint64_t table = base_;
    unsigned top = shape_.region_bits;
    for (int level = shape_.start_level;;) {
        const uint64_t at = descriptor_at(table, ia, top, level);
        const word128 descriptor = load(at);
        const bool leads =
            level < 3 && (descriptor.low & (shape_.d128 ? 1 : 3)) == (shape_.d128 ? 1u : 3u);
        const bool leaf = is_leaf(descriptor, level);
        const std::optional<int> next = leaf ? std::nullopt : next_level(descriptor, level);
        if (leaf && is_member(descriptor))
            return false;
        if (!next) {
            store(at, random_descriptor(level));
            grow(ia);
            return leads && !leaf;
        }
        top = shift(level);
        table = address_of(descriptor) + shape_.bias;
        level = *next;
    }
}

void random_table::map_page(uint64_t ia, uint64_t pa, bool read_only)
{
    uint64_t table = base_;
    unsigned top = shape_.region_bits;
    for (int level = shape_.start_level;;) {
        const uint64_t at = descriptor_at(table, ia, top, level);
        top = shift(level);
        if (level == 3) {
            if (load(at) == word128{}) {
                word128 page = leaf(3, pa & ~ones(top), !rng_.one_in(30));
                page.low &= read_only ? ~(uint64_t{1} << 7) : ~uint64_t{0}; // S2AP[1], Dirty
                store(at, page);
            }
            return;
        }
        if (is_leaf(load(at), level) || !next_level(load(at), level)) {
            if (is_leaf(load(at), level) && is_member(load(at)))
                undo_run(at, level);
            store(at, new_table(level, true));
        }
        const word128 descriptor = load(at);
        table = address_of(descriptor) + shape_.bias;
        level = *next_level(descriptor, level);
    }
}

static granule random_granule(random_source &rng)
{
    static const granule sizes[] = {granule::k4, granule::k16, granule::k64};
    return sizes[rng.below(3)];
}

// IHI 0070 5.2, 5.4: the fewest bits, with small tables (IDR3.STT) or without.
static unsigned fewest_bits(granule g, bool small)
{
    return !small ? 25 : g == granule::k64 ? 17 : 16;
}

// A granule, with the addresses that it has.
static random_table::geometry random_format(random_source &rng, const table_limits &of)
{
    random_table::geometry g{};
    g.size = random_granule(rng);
    g.wide = g.size == granule::k64 ? of.oas >= 52 : of.ds;
    return g;
}

random_table::geometry random_stage1_geometry(random_source &rng, const table_limits &of)
{
    random_table::geometry g = random_format(rng, of);
    const bool large = of.vax52 && (of.ds || g.size == granule::k64);
    g.region_bits =
        static_cast<unsigned>(rng.between(fewest_bits(g.size, of.small), large ? 52 : 48));
    g.start_level = 3;
    while (level_shift(g.size, g.start_level) + static_cast<unsigned>(g.size) - 3 < g.region_bits)
        --g.start_level;
    return g;
}

// DDI 0487 Table D8-9: levels of 4 KiB granules begin at 0, those of others at 1, and of either one
// above if addresses have 52 bits and, with 4 KiB and 16 KiB, DS says so.
static int topmost_level(const random_table::geometry &g, const table_limits &of)
{
    const bool more = of.ds && of.oas >= 52 && g.size != granule::k64;
    return (g.size == granule::k4 ? 0 : 1) - (more ? 1 : 0);
}

random_table::geometry random_stage2_geometry(random_source &rng, const table_limits &of)
{
    random_table::geometry g = random_format(rng, of);
    g.s2 = true;
    const unsigned stride = static_cast<unsigned>(g.size) - 3;
    const unsigned largest = std::min(of.oas, of.ds || g.size == granule::k64 ? 52u : 48u);
    const int topmost = topmost_level(g, of);
    const int last = g.size == granule::k4 && !of.small ? 2 : 3;
    for (;;) {
        g.start_level =
            topmost + static_cast<int>(rng.below(static_cast<uint64_t>(last - topmost) + 1));
        const unsigned span = level_shift(g.size, g.start_level);
        const unsigned low = std::max(fewest_bits(g.size, of.small), span + 1);
        const unsigned high = std::min(largest, span + stride + 4);
        if (low <= high) {
            g.region_bits = static_cast<unsigned>(rng.between(low, high));
            return g;
        }
    }
}

random_table::geometry random_stage1_geometry32(random_source &rng)
{
    random_table::geometry g{};
    g.size = granule::k4;
    g.region_bits = rng.one_in(4) ? 32 : static_cast<unsigned>(rng.between(25, 32));
    g.start_level = g.region_bits > 30 ? 1 : 2;
    return g;
}

random_table::geometry random_stage2_geometry32(random_source &rng)
{
    random_table::geometry g{};
    g.s2 = true;
    g.size = granule::k4;
    g.start_level = rng.coin() ? 1 : 2;
    g.region_bits =
        static_cast<unsigned>(g.start_level == 1 ? rng.between(31, 40) : rng.between(25, 34));
    return g;
}

random_table::geometry random_geometry128(random_source &rng, const table_limits &of, bool s2,
                                          unsigned largest_log2)
{
    random_table::geometry g{};
    g.size = random_granule(rng);
    g.d128 = true;
    g.s2 = s2;
    const unsigned page = static_cast<unsigned>(g.size), stride = page - 4;
    const unsigned largest = s2 ? of.oas : of.vax56 ? 55 : of.vax52 ? 52 : 48;
    g.region_bits = static_cast<unsigned>(rng.between(g.size == granule::k64 ? 17 : 16, largest));
    g.largest_log2 = largest_log2;
    g.start_level = 3;
    while (level_shift128(g.size, g.start_level) + stride < g.region_bits)
        --g.start_level;
    const auto first_log2 = [&] {
        return g.region_bits - level_shift128(g.size, g.start_level) + 4;
    };
    while (g.skl < 3 && g.start_level < 3 && rng.coin() && first_log2() + stride <= largest_log2) {
        ++g.skl;
        ++g.start_level;
    }
    return g;
}
