// SPDX-License-Identifier: Apache-2.0
// Addresses within CD tables (IHI 0070 5.2, S1Fmt).
#include "support/cd_table.hpp"

#include <algorithm>

namespace support {

cd_table::cd_table(memory &mem, frame_allocator &frames, unsigned s1fmt, unsigned cd_max)
    : mem_(mem), frames_(frames), s1fmt_(s1fmt), cd_max_(cd_max), leaf_log2_(s1fmt == 2 ? 10 : 6)
{
    uint64_t size = uint64_t{64} << cd_max;
    if (s1fmt != 0)
        size =
            std::max<uint64_t>(64, cd_max > leaf_log2_ ? uint64_t{8} << (cd_max - leaf_log2_) : 0);
    base_ = frames.allocate(size, size);
}

void cd_table::apply(ste &entry) const
{
    entry.s1fmt = s1fmt_;
    entry.s1cdmax = cd_max_;
    entry.s1contextptr = base_;
}

uint64_t cd_table::cd_address(uint32_t index)
{
    if (s1fmt_ == 0)
        return base_ + 64 * uint64_t{index};
    uint64_t descriptor = mem_.load64(l1cd_address(index));
    if ((descriptor & 1) == 0) {
        const uint64_t size = uint64_t{64} << leaf_log2_;
        descriptor = l1cd{1, frames_.allocate(size, size)}.encode().word[0];
        mem_.store64(l1cd_address(index), descriptor);
    }
    return address_bits(descriptor, 55, 12) + 64 * (index & ones(leaf_log2_));
}

} // namespace support
