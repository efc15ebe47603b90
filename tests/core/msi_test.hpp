// SPDX-License-Identifier: Apache-2.0
// What the registers *_IRQ_CFG0 to *_IRQ_CFG2 say of a message (IHI 0070 6.3.21
// to 6.3.23, 10.5.2.21 to 10.5.2.23).
#ifndef TESTS_CORE_MSI_TEST_HPP
#define TESTS_CORE_MSI_TEST_HPP

#include <cstdint>
#include <vector>

#include "support/bits.hpp"

// SH and MemAttr of *_IRQ_CFG2, and what they say: as a MAIR byte with the hints of the SMMU,
// Read-Allocate and Write-Allocate, and as the SH field of a descriptor. MemAttr is that of stage 2
// (DDI 0487 D8.6); Device memory and what no domain caches is Outer Shareable (6.3.23; 13.1.7).
struct message_type {
    uint32_t sh, memattr;
    uint8_t mair, shareability;
};

constexpr message_type message_types[] = {
    {3, 0b0000, 0x00, 2}, {3, 0b0001, 0x04, 2}, {3, 0b0010, 0x08, 2},
    {0, 0b0011, 0x0c, 2}, {3, 0b0100, 0x00, 2}, // Reserved
    {3, 0b0101, 0x44, 2}, {0, 0b0110, 0x4b, 0}, {2, 0b0111, 0x4f, 2},
    {3, 0b1000, 0x00, 2}, // Reserved
    {3, 0b1001, 0xb4, 3}, {2, 0b1010, 0xbb, 2}, {0, 0b1011, 0xbf, 0},
    {3, 0b1100, 0x00, 2}, // Reserved
    {2, 0b1101, 0xf4, 2}, {3, 0b1110, 0xfb, 3}, {0, 0b1111, 0xff, 0},
    {1, 0b1111, 0xff, 0}, // Reserved, as 0b00
    {2, 0b1111, 0xff, 2}, {3, 0b1111, 0xff, 3},
};

// Each bit from `low` to `high` alone, and all of them.
inline std::vector<uint64_t> each_bit(unsigned low, unsigned high)
{
    std::vector<uint64_t> words = {support::ones(high + 1) & ~support::ones(low)};
    for (unsigned bit = low; bit <= high; ++bit)
        words.push_back(uint64_t{1} << bit);
    return words;
}

#endif
