// SPDX-License-Identifier: Apache-2.0
// Addresses within Stream tables (IHI 0070 3.3.1, 6.3.25).
#include "support/stream_table.hpp"

namespace support {

uint32_t stream_table::base_cfg() const
{
    const uint32_t fmt = shape_.split == 0 ? 0 : 1;
    return shape_.log2size | shape_.split << 6 | fmt << 16;
}

uint64_t stream_table::ste_address(uint32_t sid)
{
    if (shape_.split == 0)
        return base_ + 64 * uint64_t{sid};

    uint64_t descriptor = mem_.load64(l1std_address(sid));
    if ((descriptor & 0x1f) == 0) {
        const uint64_t size = uint64_t{64} << shape_.split;
        descriptor = l1std{shape_.split + 1, frames_.allocate(size, size)}.encode().word[0];
        mem_.store64(l1std_address(sid), descriptor);
    }
    return address_bits(descriptor, 55, 6) + 64 * (sid & ones(shape_.split));
}

} // namespace support
