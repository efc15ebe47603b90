// SPDX-License-Identifier: Apache-2.0
// Descriptors of VMSAv8-64: their kinds, the addresses in them, and the fields that are not about
// permissions (DDI 0487 D8.3).
#include <array>

#include <gtest/gtest.h>

#include "vmsa.h"

namespace test_descriptors {
namespace {

constexpr uint8_t k4 = 12, k16 = 14, k64 = 16;

vmsa_geometry of(uint8_t granule, bool lpa = false, bool ds = false)
{
    return {granule, 48, 48, 0, static_cast<uint8_t>(vmsa_format_of(granule, lpa, ds))};
}

// Table D8-48.
TEST(Descriptor, Bit0MakesItValid)
{
    const vmsa_geometry g = of(k4);
    for (int level = -1; level <= 3; level++)
        for (const uint64_t descriptor : {0xfffffffffffffffcu, 0xfffffffffffffffeu})
            EXPECT_EQ(vmsa_kind(&g, descriptor, level), VMSA_INVALID) << level;
}

TEST(Descriptor, Bit1MakesItATableOrAtLevel3APage)
{
    for (const uint8_t granule : {k4, k16, k64}) {
        const vmsa_geometry g = of(granule);
        for (int level = -1; level <= 2; level++)
            EXPECT_EQ(vmsa_kind(&g, 3, level), VMSA_TABLE) << level;
        EXPECT_EQ(vmsa_kind(&g, 3, 3), VMSA_LEAF);
        EXPECT_EQ(vmsa_kind(&g, 1, 3), VMSA_INVALID);
    }
}

// Tables D8-17, D8-27, D8-36: what bit 1 being 0 means at levels -1 to 2.
TEST(Descriptor, BlocksExistWhereTheGranuleHasThem)
{
    const struct {
        uint8_t granule;
        bool lpa, ds;
        std::array<bool, 4> leaf;
    } rows[] = {
        {k4, false, false, {false, false, true, true}},
        {k4, true, false, {false, false, true, true}},
        {k4, true, true, {false, true, true, true}},
        {k16, false, false, {false, false, false, true}},
        {k16, true, false, {false, false, false, true}},
        {k16, true, true, {false, false, true, true}},
        {k64, false, false, {false, false, false, true}},
        {k64, false, true, {false, false, false, true}},
        {k64, true, false, {false, false, true, true}},
        {k64, true, true, {false, false, true, true}},
    };
    for (const auto &row : rows) {
        const vmsa_geometry g = of(row.granule, row.lpa, row.ds);
        for (int level = -1; level <= 2; level++)
            EXPECT_EQ(vmsa_kind(&g, 1, level),
                      row.leaf[static_cast<size_t>(level + 1)] ? VMSA_LEAF : VMSA_INVALID)
                << int{row.granule} << ", level " << level << ", LPA " << row.lpa << ", DS "
                << row.ds;
    }
}

constexpr uint64_t all_ones = ~uint64_t{0};

// Table D8-50: NLTA[47:12], [47:14], [47:16].
TEST(Descriptor, ATableAddressHasBits47ToTheGranule)
{
    const vmsa_geometry g4 = of(k4), g16 = of(k16), g64 = of(k64);
    EXPECT_EQ(vmsa_next_table(&g4, all_ones, 0), 0x0000fffffffff000u);
    EXPECT_EQ(vmsa_next_table(&g16, all_ones, 0), 0x0000ffffffffc000u);
    EXPECT_EQ(vmsa_next_table(&g64, all_ones, 0), 0x0000ffffffff0000u);
}

// Table D8-52: OAB of blocks of levels 1 and 2, and of pages.
TEST(Descriptor, ALeafAddressHasTheBitsAboveWhatItMaps)
{
    const vmsa_geometry g4 = of(k4), g16 = of(k16), g64 = of(k64);
    EXPECT_EQ(vmsa_output(&g4, all_ones, 1), 0x0000ffffc0000000u);
    EXPECT_EQ(vmsa_output(&g4, all_ones, 2), 0x0000ffffffe00000u);
    EXPECT_EQ(vmsa_output(&g4, all_ones, 3), 0x0000fffffffff000u);
    EXPECT_EQ(vmsa_output(&g16, all_ones, 2), 0x0000fffffe000000u);
    EXPECT_EQ(vmsa_output(&g16, all_ones, 3), 0x0000ffffffffc000u);
    EXPECT_EQ(vmsa_output(&g64, all_ones, 2), 0x0000ffffe0000000u);
    EXPECT_EQ(vmsa_output(&g64, all_ones, 3), 0x0000ffffffff0000u);
}

// FEAT_LPA: descriptor bits [15:12] are bits [51:48] of the address, with 64 KiB granules only.
TEST(Descriptor, With64KiBGranulesAnAddressCanHave52Bits)
{
    const vmsa_geometry g64 = of(k64, true), g16 = of(k16, true), g4 = of(k4, true);
    EXPECT_EQ(vmsa_next_table(&g64, 0x0000123456785003, 0), 0x0005123456780000u);
    EXPECT_EQ(vmsa_output(&g64, 0x000012345678a003, 3), 0x000a123456780000u);
    EXPECT_EQ(vmsa_output(&g64, 0x000012345678f001, 2), 0x000f123440000000u);
    EXPECT_EQ(vmsa_output(&g64, 0x0000123456781001, 1), 0x0001100000000000u);
    EXPECT_EQ(vmsa_next_table(&g16, all_ones, 0), 0x0000ffffffffc000u);
    EXPECT_EQ(vmsa_next_table(&g4, all_ones, 0), 0x0000fffffffff000u);
}

// FEAT_LPA2: bits [49:48] are where they are, and [51:50] in [9:8], with granules below 64 KiB.
TEST(Descriptor, WithLpa2AnAddressOfOtherGranulesCanHave52Bits)
{
    const vmsa_geometry g4 = of(k4, true, true), g16 = of(k16, true, true),
                        g64 = of(k64, true, true);
    EXPECT_EQ(vmsa_next_table(&g4, 0x0001123456789003, 0), 0x0001123456789000u);
    EXPECT_EQ(vmsa_next_table(&g4, 0x0002123456789103, 0), 0x0006123456789000u);
    EXPECT_EQ(vmsa_next_table(&g16, 0x000112345678f203, 0), 0x000912345678c000u);
    EXPECT_EQ(vmsa_output(&g4, all_ones, 3), 0x000ffffffffff000u);
    EXPECT_EQ(vmsa_output(&g4, 0x0001123456789201, 0), 0x0009120000000000u & ~((1ull << 39) - 1));
    EXPECT_EQ(vmsa_output(&g16, 0x0003123456789101, 1), 0x0007123000000000u & ~((1ull << 36) - 1));
    EXPECT_EQ(vmsa_output(&g16, all_ones, 3), 0x000fffffffffc000u);
    EXPECT_EQ(vmsa_next_table(&g64, 0x0003123456785303, 0), 0x0005123456780000u)
        << "64 KiB granules keep their format";
}

// Tables D8-52, D8-53: each field alone, and all but the field.
TEST(Descriptor, FieldsAreWhereTheTablesHaveThem)
{
    EXPECT_TRUE(vmsa_accessed(uint64_t{1} << 10)) << "AF";
    EXPECT_FALSE(vmsa_accessed(~(uint64_t{1} << 10)));
    EXPECT_EQ(vmsa_made_accessed(0x0060000000000703), 0x0060000000000703u);
    EXPECT_EQ(vmsa_made_accessed(0x0060000000000303), 0x0060000000000703u);
    EXPECT_FALSE(vmsa_global(uint64_t{1} << 11)) << "nG";
    EXPECT_TRUE(vmsa_global(~(uint64_t{1} << 11)));
    EXPECT_EQ(vmsa_sh(0x300), 3u) << "SH, bits [9:8]";
    EXPECT_EQ(vmsa_sh(0x200), 2u);
    EXPECT_EQ(vmsa_sh(~uint64_t{0x300}), 0u);
    EXPECT_EQ(vmsa_attr_index(0x14), 5u) << "AttrIndx, bits [4:2]";
    EXPECT_EQ(vmsa_attr_index(~uint64_t{0x1c}), 0u);
    EXPECT_EQ(vmsa_wide_attr_index(0x0800000000000014), 13u) << "AttrIndx[3], bit 59";
    EXPECT_EQ(vmsa_wide_attr_index(~uint64_t{0x080000000000001c}), 0u);
    EXPECT_EQ(vmsa_s2_memattr(0x34), 13u) << "MemAttr, bits [5:2]";
    EXPECT_EQ(vmsa_s2_memattr(~uint64_t{0x3c}), 0u);
    EXPECT_EQ(vmsa_pbha(0x5000000000000000), 10u) << "PBHA, bits [62:59]";
    EXPECT_EQ(vmsa_pbha(~uint64_t{0x7800000000000000}), 0u);
}

} // namespace
} // namespace test_descriptors
