// SPDX-License-Identifier: Apache-2.0
// What VMSAv8-32 LPAE has of its own (DDI 0487 G5.5; IHI 0070 3.4.1, 5.2).
#include <gtest/gtest.h>

#include "vmsa.h"
#include "vmsa32.h"

namespace test_lpae {
namespace {

// Table G5-2, with M and N.
TEST(Lpae, RangesBeginAndEndAsTheTableSays)
{
    const struct {
        unsigned t0sz, t1sz;
        uint64_t last0, first1; // first1 == 2^32: TTBR1 is not used
    } rows[] = {
        {0, 0, 0xffffffff, 0x100000000},
        {3, 0, 0x1fffffff, 0x20000000},
        {0, 2, 0xbfffffff, 0xc0000000},
        {1, 7, 0x7fffffff, 0xfe000000},
    };
    for (const auto &row : rows) {
        const unsigned bits0 = 32 - row.t0sz, bits1 = 32 - row.t1sz;
        EXPECT_EQ(vmsa32_split(bits0, bits1), row.first1);
        EXPECT_EQ(vmsa32_range(0, bits0, bits1), 0);
        EXPECT_EQ(vmsa32_range(row.last0, bits0, bits1), 0);
        EXPECT_EQ(vmsa32_range(0x100000000, bits0, bits1), -1) << "more than 32 bits";
        if (row.first1 > 0xffffffff)
            continue;
        EXPECT_EQ(vmsa32_range(row.first1, bits0, bits1), 1);
        EXPECT_EQ(vmsa32_range(0xffffffff, bits0, bits1), 1);
        if (row.last0 + 1 < row.first1) {
            EXPECT_EQ(vmsa32_range(row.last0 + 1, bits0, bits1), -1);
            EXPECT_EQ(vmsa32_range(row.first1 - 1, bits0, bits1), -1);
        }
    }
}

// IHI 0070 5.2, S2T0SZ: -8 to 7.
TEST(Lpae, TheInputSizeOfStage2IsSigned)
{
    EXPECT_EQ(vmsa32_s2_input_bits(0b0000), 32u);
    EXPECT_EQ(vmsa32_s2_input_bits(0b0111), 25u);
    EXPECT_EQ(vmsa32_s2_input_bits(0b1000), 40u);
    EXPECT_EQ(vmsa32_s2_input_bits(0b1111), 33u);
    EXPECT_EQ(vmsa32_s2_input_bits(0b011111), 33u) << "bits [5:4] do not count";
}

// IHI 0070 5.2, S2SL0.
TEST(Lpae, Stage2BeginsAtLevel2Or1)
{
    EXPECT_EQ(vmsa32_s2_start_level(0), 2);
    EXPECT_EQ(vmsa32_s2_start_level(1), 1);
    EXPECT_EQ(vmsa32_s2_start_level(2), unsigned{VMSA_NO_LEVEL});
    EXPECT_EQ(vmsa32_s2_start_level(3), unsigned{VMSA_NO_LEVEL});
}

} // namespace
} // namespace test_lpae
