// SPDX-License-Identifier: Apache-2.0
// Fields that configure translation, and ranges of virtual addresses (DDI 0487 D8.1, D24.2; IHI
// 0070 3.4.1, 5.2, 5.4).
#include <gtest/gtest.h>

#include "vmsa_control.h"

namespace test_controls {
namespace {

// TCR_EL1.TG0, VTCR_EL2.TG0, CD.TG0, STE.S2TG; TCR_EL1.TG1, CD.TG1.
TEST(Controls, GranulesAreEncodedDifferentlyForTheTwoRanges)
{
    EXPECT_EQ(vmsa_tg0(0b00), 12u);
    EXPECT_EQ(vmsa_tg0(0b01), 16u);
    EXPECT_EQ(vmsa_tg0(0b10), 14u);
    EXPECT_EQ(vmsa_tg0(0b11), 0u) << "reserved";
    EXPECT_EQ(vmsa_tg1(0b00), 0u) << "reserved";
    EXPECT_EQ(vmsa_tg1(0b01), 14u);
    EXPECT_EQ(vmsa_tg1(0b10), 12u);
    EXPECT_EQ(vmsa_tg1(0b11), 16u);
}

// Tables D8-5 and D8-6; CD.IPS, STE.S2PS and IDR5.OAS.
TEST(Controls, AddressSizesAreThoseOfPARange)
{
    const unsigned bits[] = {32, 36, 40, 42, 44, 48, 52, 56};
    for (unsigned ps = 0; ps < 8; ps++) {
        EXPECT_EQ(vmsa_address_bits(ps), bits[ps]);
        EXPECT_EQ(vmsa_address_encoding(bits[ps]), ps);
    }
}

constexpr int none = VMSA_NO_LEVEL;

// Tables D8-19, D8-29, D8-38; Table D8-9 for the topmost level, which small physical addresses have
// no use for. SL2 is RES0 where DS is 0, and of 4 KiB granules alone.
TEST(Controls, SL0SelectsTheLevelThatStage2BeginsAt)
{
    const struct {
        unsigned granule, pa_bits;
        int level[4];
    } rows[] = {
        {12, 42, {2, 1, none, none}}, {12, 44, {2, 1, 0, none}},    {14, 40, {3, 2, none, none}},
        {14, 42, {3, 2, 1, none}},    {16, 42, {3, 2, none, none}}, {16, 44, {3, 2, 1, none}},
        {14, 52, {3, 2, 1, none}},    {16, 52, {3, 2, 1, none}},    {12, 52, {2, 1, 0, none}},
    };
    for (const auto &row : rows)
        for (unsigned sl = 0; sl < 8; sl++)
            for (const bool ttst : {false, true}) {
                const vmsa_s2_features features{row.pa_bits, ttst, false};
                EXPECT_EQ(vmsa_s2_start_level(row.granule, sl, &features),
                          row.granule == 12 && (sl & 3) == 3 && ttst ? 3 : row.level[sl & 3])
                    << row.granule << ", " << row.pa_bits << " bits, SL2:SL0 " << sl;
            }
}

// The same tables where DS is 1.
TEST(Controls, WithLpa2Stage2MayBeginOneLevelAbove)
{
    const struct {
        unsigned granule, pa_bits;
        int level[8];
    } rows[] = {
        {12, 52, {2, 1, 0, 3, -1, none, none, none}},
        {12, 48, {2, 1, 0, 3, none, none, none, none}},
        {14, 52, {3, 2, 1, 0, 3, 2, 1, 0}},
        {14, 48, {3, 2, 1, none, 3, 2, 1, none}},
        {16, 52, {3, 2, 1, none, 3, 2, 1, none}},
    };
    for (const auto &row : rows)
        for (unsigned sl = 0; sl < 8; sl++) {
            const vmsa_s2_features features{row.pa_bits, true, true};
            EXPECT_EQ(vmsa_s2_start_level(row.granule, sl, &features), row.level[sl])
                << row.granule << ", " << row.pa_bits << " bits, SL2:SL0 " << sl;
        }
}

// D8.1.9: the minimum of TnSZ is 12 with 64 KiB granules, and with others if DS is 1.
TEST(Controls, DsGivesAllGranulesLargeAddresses)
{
    for (const unsigned granule : {12u, 14u, 16u})
        for (const bool ds : {false, true})
            EXPECT_EQ(vmsa_can_have_52_bits(granule, ds), granule == 16 || ds) << granule;
}

// Table D8-7.
TEST(Controls, TnSZIsAtMost39OrWithSmallTables48)
{
    for (const unsigned granule : {12u, 14u, 16u}) {
        EXPECT_EQ(vmsa_tsz_max(granule, false), 39u);
        EXPECT_EQ(vmsa_tsz_max(granule, true), granule == 16 ? 47u : 48u);
    }
}

// D8.1.8.
TEST(Controls, Bit55SelectsTheRange)
{
    EXPECT_FALSE(vmsa_upper_half(0xff7fffffffffffff));
    EXPECT_TRUE(vmsa_upper_half(0x0080000000000000));
}

TEST(Controls, ARangeReachesUpFrom0AndDownFromTheTop)
{
    const vmsa_geometry g{12, 39, 48, 1, VMSA_48_BITS};
    EXPECT_TRUE(vmsa_in_range(&g, 0x0000007fffffffff, false));
    EXPECT_FALSE(vmsa_in_range(&g, 0x0000008000000000, false));
    EXPECT_FALSE(vmsa_in_range(&g, 0x0100000000000000, false)) << "a tag that is not ignored";
    EXPECT_FALSE(vmsa_in_range(&g, 0xffffff8000000000, false)) << "a regime of one range";
    EXPECT_TRUE(vmsa_in_range(&g, 0xffffff8000000000, true));
    EXPECT_FALSE(vmsa_in_range(&g, 0xffffff7fffffffff, true));
    EXPECT_FALSE(vmsa_in_range(&g, 0xfeffffffffffffff, true)) << "a tag that is not ignored";
}

// D8.9; IHI 0070 3.4.1.
TEST(Controls, AnIgnoredTagIsReplacedAsTheRegimeHasIt)
{
    EXPECT_EQ(vmsa_untagged(0x5a00123456789abc, true), 0x0000123456789abcu);
    EXPECT_EQ(vmsa_untagged(0x5a80123456789abc, true), 0xff80123456789abcu);
    EXPECT_EQ(vmsa_untagged(0x5a00123456789abc, false), 0x0000123456789abcu);
    EXPECT_EQ(vmsa_untagged(0x5a80123456789abc, false), 0x0080123456789abcu);
}

} // namespace
} // namespace test_controls
