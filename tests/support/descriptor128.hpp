// SPDX-License-Identifier: Apache-2.0
// Descriptors of VMSAv9-128 (DDI 0487 D8.3.2).
#ifndef TESTS_SUPPORT_DESCRIPTOR128_HPP
#define TESTS_SUPPORT_DESCRIPTOR128_HPP

#include "support/bits.hpp"
#include "support/translation_table.hpp"

namespace support {

// Bits [63:0] and [127:64]. Descriptors of 64 bits have only the former.
struct word128 {
    uint64_t low = 0, high = 0;

    bool operator==(const word128 &other) const { return low == other.low && high == other.high; }
};

// What a Block or Page descriptor says (tables D8-58 and D8-59).
struct attributes128 {
    unsigned attr = 0; // AttrIndx[3:0], or MemAttr[3:0]
    unsigned nt = 0;   // of blocks
    unsigned bit7 = 0; // nDirty, or Dirty
    unsigned sh = 0b11;
    unsigned af = 1;
    unsigned ng = 1;
    unsigned pi = 0;
    unsigned po = 0;
    unsigned bit114 = 0; // Protected, or AssuredOnly
    unsigned contiguous = 0;
};

// log2 of what one descriptor at `level` maps (Table D8-46).
constexpr unsigned level_shift128(granule g, int level)
{
    const unsigned page = static_cast<unsigned>(g);
    return page + static_cast<unsigned>(3 - level) * (page - 4);
}

// log2 of the bytes of the table that a Table descriptor with `skl` leads to (Table D8-45).
constexpr unsigned table_log2_128(granule g, unsigned skl)
{
    return (skl + 1) * (static_cast<unsigned>(g) - 4) + 4;
}

word128 table128(uint64_t next, unsigned skl = 0);
// SKL is what makes it a leaf of `level`.
word128 leaf128(uint64_t output, int level, const attributes128 &attributes = {});

// A table of VMSAv8-64 or VMSAv9-128 holds them in one of two orders of bytes.
word128 load_descriptor(const memory &mem, uint64_t at, bool wide, bool big_endian);
void store_descriptor(memory &mem, uint64_t at, const word128 &descriptor, bool wide,
                      bool big_endian);

} // namespace support

#endif
