// SPDX-License-Identifier: Apache-2.0
// Descriptors of VMSAv9-128 (DDI 0487 tables D8-56 to D8-59).
#include "support/descriptor128.hpp"

#include "support/memory.hpp"

namespace support {

word128 table128(uint64_t next, unsigned skl)
{
    return {address_bits(next, 55, 12) | 1, uint64_t{skl} << (109 - 64)};
}

word128 leaf128(uint64_t output, int level, const attributes128 &a)
{
    const uint64_t low =
        1 | a.attr << 2 | a.nt << 6 | a.bit7 << 7 | a.sh << 8 | a.af << 10 | a.ng << 11;
    const uint64_t skl = static_cast<uint64_t>(3 - level);
    const uint64_t high = skl << (109 - 64) | uint64_t{a.contiguous} << (111 - 64) |
                          uint64_t{a.bit114} << (114 - 64) | uint64_t{a.pi} << (115 - 64) |
                          uint64_t{a.po} << (121 - 64);
    return {low | address_bits(output, 55, 12), high};
}

word128 load_descriptor(const memory &mem, uint64_t at, bool wide, bool big_endian)
{
    const uint64_t first = mem.load64(at), second = wide ? mem.load64(at + 8) : 0;
    if (!big_endian)
        return {first, second};
    return wide ? word128{__builtin_bswap64(second), __builtin_bswap64(first)}
                : word128{__builtin_bswap64(first), 0};
}

void store_descriptor(memory &mem, uint64_t at, const word128 &d, bool wide, bool big_endian)
{
    if (!wide) {
        mem.store64(at, big_endian ? __builtin_bswap64(d.low) : d.low);
        return;
    }
    mem.store64(at, big_endian ? __builtin_bswap64(d.high) : d.low);
    mem.store64(at + 8, big_endian ? __builtin_bswap64(d.low) : d.high);
}

} // namespace support
