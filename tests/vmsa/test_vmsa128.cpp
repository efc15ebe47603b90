// SPDX-License-Identifier: Apache-2.0
// Tables and descriptors of VMSAv9-128 as DDI 0487 D8.2.11 and D8.3.2 tabulate them.
#include <gtest/gtest.h>

#include "vmsa128.h"

namespace test_vmsa128 {
namespace {

constexpr uint8_t k4 = 12, k16 = 14, k64 = 16;

vmsa_geometry of(uint8_t granule, unsigned input_bits = 48, int start_level = -2)
{
    return {granule, static_cast<uint8_t>(input_bits), 56, static_cast<int8_t>(start_level),
            VMSA_128};
}

// Bits [110:109].
vmsa128 skipping(uint64_t skl, uint64_t low = 1)
{
    return {low, skl << 45};
}

// Table D8-44.
TEST(Vmsa128, AWalkBeginsAtTheRegularLevelOfItsInputSize)
{
    const struct {
        uint8_t granule;
        unsigned max, min;
        int level;
    } rows[] = {
        {k4, 11, 8, -2},  {k4, 19, 12, -1}, {k4, 27, 20, 0},  {k4, 35, 28, 1},  {k4, 43, 36, 2},
        {k4, 48, 44, 3},  {k16, 9, 8, -1},  {k16, 19, 10, 0}, {k16, 29, 20, 1}, {k16, 39, 30, 2},
        {k16, 48, 40, 3}, {k64, 11, 8, 0},  {k64, 23, 12, 1}, {k64, 35, 24, 2}, {k64, 47, 36, 3},
    };
    for (const auto &row : rows)
        for (unsigned tnsz = row.min; tnsz <= row.max; tnsz++) {
            const vmsa_geometry g = of(row.granule, 64 - tnsz);
            EXPECT_EQ(vmsa_start_level(&g), row.level) << +row.granule << ", TnSZ " << tnsz;
        }
}

// Table D8-46: what OAB leaves to IA.
TEST(Vmsa128, ABlockIsAsLargeAsItsLevelSays)
{
    const vmsa_geometry g4 = of(k4), g16 = of(k16), g64 = of(k64);
    const unsigned sizes4[] = {36, 28, 20, 12}, sizes16[] = {34, 24, 14}, sizes64[] = {40, 28, 16};
    for (int level = 0; level <= 3; level++)
        EXPECT_EQ(vmsa_span_log2(&g4, level), sizes4[level]);
    for (int level = 1; level <= 3; level++) {
        EXPECT_EQ(vmsa_span_log2(&g16, level), sizes16[level - 1]);
        EXPECT_EQ(vmsa_span_log2(&g64, level), sizes64[level - 1]);
    }
    EXPECT_EQ(vmsa_output(&g4, ~uint64_t{0}, 0), 0x00fffff000000000u);
    EXPECT_EQ(vmsa_output(&g16, ~uint64_t{0}, 3), 0x00ffffffffffc000u);
    EXPECT_EQ(vmsa_output(&g64, ~uint64_t{0}, 1), 0x00ffff0000000000u);
}

// Table D8-49, with the sizes of tables of Table D8-45 and of blocks of Table D8-46.
TEST(Vmsa128, LevelAndSklMakeADescriptorATableOrABlock)
{
    for (const uint8_t granule : {k4, k16, k64}) {
        const vmsa_geometry g = of(granule);
        for (int level = -2; level <= 3; level++) {
            for (int skl = 0; skl <= 3; skl++) {
                const vmsa128 d = skipping(static_cast<uint64_t>(skl));
                const bool no_such_size = skl == 3 && granule != k4;
                const enum vmsa_kind kind = no_such_size || level + skl > 3 ? VMSA_INVALID
                                            : level + skl == 3              ? VMSA_LEAF
                                                                            : VMSA_TABLE;
                EXPECT_EQ(vmsa128_kind(&g, &d, level), kind)
                    << +granule << ", level " << level << ", SKL " << skl;
            }
        }
    }
}

TEST(Vmsa128, Bit0MakesADescriptorValidAndBit1IsOfNoMatter)
{
    const vmsa_geometry g = of(k4);
    const vmsa128 invalid = skipping(0, ~uint64_t{1}), page = skipping(0, 1), same = skipping(0, 3);
    EXPECT_EQ(vmsa128_kind(&g, &invalid, 3), VMSA_INVALID);
    EXPECT_EQ(vmsa128_kind(&g, &page, 3), VMSA_LEAF);
    EXPECT_EQ(vmsa128_kind(&g, &same, 3), VMSA_LEAF);
}

// Table D8-45, R_RKMLSH.
TEST(Vmsa128, ATableIsAlignedToTheSizeThatSklGivesIt)
{
    const vmsa_geometry g4 = of(k4), g16 = of(k16), g64 = of(k64);
    const unsigned log2_4[] = {12, 20, 28, 36}, log2_16[] = {14, 24, 34}, log2_64[] = {16, 28, 40};
    for (unsigned skl = 0; skl < 4; skl++)
        EXPECT_EQ(vmsa_next_table(&g4, ~uint64_t{0}, skl),
                  0x00ffffffffffffffu >> log2_4[skl] << log2_4[skl]);
    for (unsigned skl = 0; skl < 3; skl++) {
        EXPECT_EQ(vmsa_next_table(&g16, ~uint64_t{0}, skl),
                  0x00ffffffffffffffu >> log2_16[skl] << log2_16[skl]);
        EXPECT_EQ(vmsa_next_table(&g64, ~uint64_t{0}, skl),
                  0x00ffffffffffffffu >> log2_64[skl] << log2_64[skl]);
    }
}

// D8.2.11.1: X = 55 - 12 = 43 bits in all, Y = (3 - 1) * 8 = 16 below level 1, Z = 27 at it.
TEST(Vmsa128, TheFirstTableHasTheIndexOfTheLevelsThatItStandsFor)
{
    const vmsa_geometry g = of(k4, 55, 1);
    EXPECT_EQ(vmsa_first_table_log2(&g), 31u);
    EXPECT_EQ(vmsa_first_table(&g, 0x00ab1234ffffffff), 0x00ab123480000000u);
    EXPECT_EQ(vmsa_descriptor_addr(&g, 0x00ab123480000000, 1, 0, 0xff8000000fffffff),
              0x00ab123480000000u);
    EXPECT_EQ(vmsa_descriptor_addr(&g, 0x00ab123480000000, 1, 0, 0x007fffffffffffff),
              0x00ab1234fffffff0u);
}

// IHI 0070 5.2, S2TTB: two descriptors at least, whatever the output size.
TEST(Vmsa128, TheSmallestTableIsAlignedTo32Bytes)
{
    const vmsa_geometry g{k64, 17, 52, 3, VMSA_128};
    EXPECT_EQ(vmsa_first_table(&g, 0x00ab12345678ffff), 0x00ab12345678ffe0u);
}

// R_FSZKG, R_RKMLSH: N = (SKL + 1) * Stride.
TEST(Vmsa128, AFurtherTableIsIndexedByTheLevelsThatWereSkippedToo)
{
    const vmsa_geometry g = of(k4);
    EXPECT_EQ(vmsa_descriptor_addr(&g, 0x8000000, 2, 0, 0x00000000fff00000), 0x8000ff0u);
    EXPECT_EQ(vmsa_descriptor_addr(&g, 0x8000000, 2, 1, 0x0000001ffff00000), 0x80ffff0u);
    EXPECT_EQ(vmsa_descriptor_addr(&g, 0x8000000, 3, 2, 0x0000001000001000), 0x8000010u);
}

// Tables D8-56 to D8-59: nT is bit 6, where SKL is not 0.
TEST(Vmsa128, NtIsOfBlocksAndOfTablesThatSkipLevels)
{
    const vmsa128 page = skipping(0, 0x41), block = skipping(1, 0x41), without = skipping(1, 1);
    EXPECT_FALSE(vmsa128_nt(&page));
    EXPECT_TRUE(vmsa128_nt(&block));
    EXPECT_FALSE(vmsa128_nt(&without));
}

// Tables D8-58 and D8-59 beside D8-52 and D8-53: one bit after the other.
TEST(Vmsa128, EachFieldIsFoundWhereDescriptorsOf64BitsHaveIt)
{
    const struct {
        unsigned bit;    // of 128
        uint64_t s1, s2; // bits in the attributes
    } rows[] = {
        {1, 0, 0},
        {2, 1u << 2, 1u << 2},
        {3, 1u << 3, 1u << 3},
        {4, 1u << 4, 1u << 4},
        {5, uint64_t{1} << 59, 1u << 5}, // AttrIndx[3], MemAttr[3]
        {6, 0, 0},                       // RES0 with SKL == 0
        {7, 1u << 7, 1u << 7},           // nDirty, Dirty
        {8, 1u << 8, 1u << 8},           // SH
        {9, 1u << 9, 1u << 9},
        {10, 1u << 10, 1u << 10}, // AF
        {11, 1u << 11, 1u << 11}, // nG, FnXS
        {12, 0, 0},
        {55, 0, 0},
        {111, 0, 0}, // Contiguous
        {112, 0, 0},
        {115, 1u << 6, 1u << 6}, // PIIndex
        {116, uint64_t{1} << 51, uint64_t{1} << 51},
        {117, uint64_t{1} << 53, uint64_t{1} << 53},
        {118, uint64_t{1} << 54, uint64_t{1} << 54},
        {121, 0, uint64_t{1} << 59}, // POIndex
        {122, 0, uint64_t{1} << 60},
        {123, 0, uint64_t{1} << 61},
        {124, 0, uint64_t{1} << 62},
        {127, 0, 0},
    };
    for (const auto &row : rows) {
        const vmsa128 d = row.bit < 64 ? vmsa128{uint64_t{1} << row.bit, 0}
                                       : vmsa128{0, uint64_t{1} << (row.bit - 64)};
        EXPECT_EQ(vmsa128_attributes(&d, false), row.s1) << row.bit;
        EXPECT_EQ(vmsa128_attributes(&d, true), row.s2) << row.bit;
    }
    const vmsa128 block = skipping(1, 0x41);
    EXPECT_EQ(vmsa128_attributes(&block, false), 0x10001u) << "nT";
}

} // namespace
} // namespace test_vmsa128
