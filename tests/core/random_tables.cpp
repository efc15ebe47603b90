// SPDX-License-Identifier: Apache-2.0
// Random descriptors, level by level (DDI 0487 D8.3).
#include "core/random_tables.hpp"

#include <algorithm>

using namespace support;

random_table::random_table(random_source &rng, memory &mem, frame_allocator &frames,
                           const geometry &shape)
    : rng_(rng), mem_(mem), frames_(frames), shape_(shape)
{
    const unsigned bits = shape.region_bits - level_shift(shape.size, shape.start_level);
    base_ = allocate(std::max<uint64_t>(64, uint64_t{8} << bits));
}

uint64_t random_table::allocate(uint64_t size)
{
    tables_.push_back(frames_.allocate(size, size));
    return tables_.back();
}

static uint64_t swapped(uint64_t value)
{
    uint64_t out = 0;
    for (unsigned i = 0; i < 8; ++i)
        out = out << 8 | (value >> 8 * i & 0xff);
    return out;
}

uint64_t random_table::load(uint64_t at) const
{
    const uint64_t raw = mem_.load64(at);
    return shape_.big_endian ? swapped(raw) : raw;
}

void random_table::store(uint64_t at, uint64_t descriptor)
{
    mem_.store64(at, shape_.big_endian ? swapped(descriptor) : descriptor);
}

uint64_t random_table::with_address(uint64_t descriptor, uint64_t address) const
{
    return shape_.wide ? with_high_address(shape_.size, descriptor, address) : descriptor;
}

uint64_t random_table::address_of(uint64_t descriptor) const
{
    const uint64_t low = address_bits(descriptor, 47, page_bits());
    return shape_.wide ? low | high_address(shape_.size, descriptor) : low;
}

uint64_t random_table::pointer_to_new_table(bool harmless)
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
    return with_address(table_descriptor(next, limits) | accessed, next);
}

uint64_t random_table::leaf(int level, uint64_t output, bool harmless)
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
    return with_address(descriptor, output);
}

// DDI 0487 tables D8-17, D8-27, D8-36: the first level that has blocks.
static int first_of_blocks(const random_table::geometry &shape)
{
    const int level = shape.size == granule::k4 ? 1 : 2;
    return shape.wide ? level - 1 : level;
}

uint64_t random_table::random_descriptor(int level)
{
    const uint64_t dice = rng_.below(100);
    const uint64_t output = rng_.bits(rng_.one_in(12) ? 52 : output_bits);
    if (dice < 3)
        return rng_.bits(64) & ~uint64_t{1}; // invalid, whatever else it says
    if (dice < 5)
        return leaf_descriptor(output, 2); // Block or Reserved
    if (level == 3 || (level >= std::min(1, first_of_blocks(shape_)) && dice < 25))
        return leaf(level, output, false);
    if (dice < 27)
        return with_address(table_descriptor(rng_.bits(48)), rng_.bits(52)); // leads anywhere
    return pointer_to_new_table(false);
}

bool random_table::is_leaf(uint64_t descriptor, int level) const
{
    if ((descriptor & 1) == 0)
        return false;
    if (level == 3)
        return (descriptor & 2) != 0;
    if ((descriptor & 2) != 0)
        return false;
    return level >= first_of_blocks(shape_);
}

std::optional<uint64_t> random_table::grow(uint64_t ia)
{
    uint64_t table = base_;
    unsigned top = shape_.region_bits;
    for (int level = shape_.start_level;; ++level) {
        const unsigned shift = level_shift(shape_.size, level);
        const uint64_t at = table + 8 * ((ia & ones(top)) >> shift);
        uint64_t descriptor = load(at);
        if (descriptor == 0) {
            descriptor = random_descriptor(level);
            store(at, descriptor);
        }
        if (is_leaf(descriptor, level))
            return (address_of(descriptor) & ~ones(shift)) | (ia & ones(shift));
        const uint64_t next = address_of(descriptor) + shape_.bias;
        const bool ours = std::find(tables_.begin(), tables_.end(), next) != tables_.end();
        if (level == 3 || (descriptor & 3) != 3 || !ours)
            return std::nullopt;
        table = next;
        top = shift;
    }
}

void random_table::map_page(uint64_t ia, uint64_t pa, bool read_only)
{
    uint64_t table = base_;
    unsigned top = shape_.region_bits;
    for (int level = shape_.start_level;; ++level) {
        const unsigned shift = level_shift(shape_.size, level);
        const uint64_t at = table + 8 * ((ia & ones(top)) >> shift);
        if (level == 3) {
            if (load(at) == 0) {
                const uint64_t page = leaf(3, pa & ~ones(shift), !rng_.one_in(30));
                store(at, read_only ? page & ~(uint64_t{1} << 7) : page); // S2AP[1]
            }
            return;
        }
        const uint64_t next = address_of(load(at)) + shape_.bias;
        if ((load(at) & 3) == 3 &&
            std::find(tables_.begin(), tables_.end(), next) != tables_.end()) {
            table = next;
        } else {
            store(at, pointer_to_new_table(true));
            table = tables_.back();
        }
        top = shift;
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
    g.wide = g.size == granule::k64 ? of.oas == 52 : of.ds;
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
    const bool more = of.ds && of.oas == 52 && g.size != granule::k64;
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
