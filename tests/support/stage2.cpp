// SPDX-License-Identifier: Apache-2.0
// STE fields of stage 2 (IHI 0070 5.2; DDI 0487 D8.2, VTCR_EL2.SL0, SL2).
#include "support/stage2.hpp"

namespace support {

unsigned s2sl0_of(granule g, int level)
{
    static const unsigned of_4k[] = {0b100, 2, 1, 0, 3}; // levels -1 to 3
    return g == granule::k4 ? of_4k[level + 1] : static_cast<unsigned>(3 - level);
}

static unsigned s2tg_of(granule g)
{
    return g == granule::k4 ? TG0_4K : g == granule::k16 ? TG0_16K : TG0_64K;
}

stage2::stage2(device_under_test &dut, unsigned vmid, const table_shape &shape)
    : table(dut.mem, dut.frames, shape), shape_(shape), vmid_(vmid),
      structures_(device_under_test::frames_base)
{
}

void stage2::apply(ste &entry) const
{
    entry.s2vmid = vmid_;
    entry.s2t0sz = 64 - shape_.input_bits;
    const unsigned sl = s2sl0_of(shape_.size, table.start_level());
    entry.s2sl0 = sl & 3;
    entry.s2sl0_2 = sl >> 2;
    entry.s2ds = shape_.wide && shape_.size != granule::k64;
    entry.s2ir0 = entry.s2or0 = 1;
    entry.s2sh0 = 3;
    entry.s2tg = s2tg_of(shape_.size);
    entry.s2ps = shape_.wide ? 6 : 5;
    entry.s2aa64 = 1;
    entry.s2endi = shape_.big_endian;
    entry.s2r = 1;
    entry.s2ttb = table.base();
}

void stage2::map_structures(const stage2_attributes &attributes)
{
    const uint64_t end = structures_ + (uint64_t{1} << 26);
    for (uint64_t at = structures_; at < end; at += uint64_t{1} << table.shift(2))
        table.map(at, at, 2, attributes);
}

} // namespace support
