// SPDX-License-Identifier: Apache-2.0
// A Device Permission Table as software writes it.
#include "support/dpt.hpp"

namespace support {

namespace {

// AC0, W0 and VMID0, in their places.
uint64_t lower_fields(const dpt_fields &f)
{
    return uint64_t{f.ac} << 2 | uint64_t{f.w} << 4 | uint64_t{f.vmid} << 16;
}

// AC1, W1 and VMID1.
uint64_t upper_fields(const dpt_fields &f)
{
    return uint64_t{f.ac} << 34 | uint64_t{f.w} << 36 | uint64_t{f.vmid} << 48;
}

} // namespace

uint64_t dpt_block(const dpt_fields &fields)
{
    return 1 | lower_fields(fields);
}

uint64_t dpt_level1(uint64_t table)
{
    return 3 | table;
}

uint64_t dpt_granules(const std::optional<dpt_fields> &lower,
                      const std::optional<dpt_fields> &upper)
{
    return (lower ? 1 | lower_fields(*lower) : 0) | (upper ? 2 | upper_fields(*upper) : 0);
}

uint64_t dpt_contiguous(const dpt_fields &fields, unsigned contig)
{
    return 3 | lower_fields(fields) | uint64_t{contig} << 8;
}

unsigned dpt_shape::granule_log2() const
{
    return gs == DPTGS_4K ? 12 : gs == DPTGS_64K ? 16 : 14;
}

unsigned dpt_shape::l0_log2() const
{
    return 30 + l0;
}

unsigned dpt_shape::size_log2() const
{
    static const unsigned sizes[] = {32, 36, 40, 42, 44, 48, 52};
    return sizes[ps];
}

void dpt_builder::publish()
{
    dut_.write64(reg::DPT_BASE, base);
    dut_.write32(reg::DPT_BASE_CFG, shape_.base_cfg());
}

uint64_t dpt_builder::l0_entry(uint64_t pa) const
{
    return base + 8 * (pa >> shape_.l0_log2());
}

uint64_t dpt_builder::table_of(uint64_t pa)
{
    const uint64_t bytes = uint64_t{8} << (shape_.l0_log2() - shape_.granule_log2() - 1);
    const auto made = tables_.emplace(pa >> shape_.l0_log2(), level1 + bytes * tables_.size());
    if (made.second)
        set_l0(pa, dpt_level1(made.first->second));
    return made.first->second;
}

uint64_t dpt_builder::l1_entry(uint64_t pa)
{
    const unsigned covered = shape_.granule_log2() + 1; // by a descriptor
    return table_of(pa) + 8 * ((pa & ones(shape_.l0_log2())) >> covered);
}

void dpt_builder::link(uint64_t pa)
{
    set_l0(pa, dpt_level1(table_of(pa)));
}

void dpt_builder::set_half(uint64_t pa, uint64_t fields, bool accessible)
{
    const bool upper = (pa >> shape_.granule_log2() & 1) != 0;
    const uint64_t at = l1_entry(pa);
    const uint64_t half = upper ? 0xffff'001c'0000'0002 : 0x0000'0000'ffff'001d;
    const uint64_t other = dut_.mem.load64(at) & ~half & ~uint64_t{0xf00};
    dut_.mem.store64(at, other | (accessible ? fields | (upper ? 2 : 1) : 0));
}

void dpt_builder::grant(uint64_t pa, const dpt_fields &fields)
{
    const bool upper = (pa >> shape_.granule_log2() & 1) != 0;
    set_half(pa, upper ? upper_fields(fields) : lower_fields(fields), true);
}

void dpt_builder::refuse(uint64_t pa)
{
    set_half(pa, 0, false);
}

} // namespace support
