// SPDX-License-Identifier: Apache-2.0
// Levels and tables of VMSAv8-64 as DDI 0487 D8.2 tabulates them for each granule.
#include <gtest/gtest.h>

#include "vmsa.h"

namespace test_geometry {
namespace {

constexpr uint8_t k4 = 12, k16 = 14, k64 = 16;

vmsa_geometry of(unsigned granule, unsigned input_bits, int start_level)
{
    return {static_cast<uint8_t>(granule), static_cast<uint8_t>(input_bits), 48,
            static_cast<int8_t>(start_level), VMSA_48_BITS};
}

// IA bits [index_msb:index_lsb] index a table of `level` (Tables D8-16, D8-26, D8-35).
struct level_row {
    unsigned granule;
    int level;
    unsigned index_msb, index_lsb;
};

constexpr level_row level_rows[] = {
    {k4, -1, 51, 48}, {k4, 0, 47, 39},  {k4, 1, 38, 30},  {k4, 2, 29, 21},
    {k4, 3, 20, 12},  {k16, 0, 47, 47}, {k16, 1, 46, 36}, {k16, 2, 35, 25},
    {k16, 3, 24, 14}, {k64, 1, 51, 42}, {k64, 2, 41, 29}, {k64, 3, 28, 16},
};

TEST(Geometry, ADescriptorSpansTheBitsBelowItsIndex)
{
    for (const level_row &row : level_rows) {
        const vmsa_geometry g = of(row.granule, 48, 0);
        EXPECT_EQ(vmsa_span_log2(&g, row.level), row.index_lsb)
            << row.granule << ", level " << row.level;
    }
}

// Tables D8-104 and D8-105: log2 of the alignment of what a run of a level maps; 0: there is none.
struct run_row {
    unsigned granule;
    int level;
    unsigned vmsa64, vmsa128;
};

constexpr run_row run_rows[] = {
    {k4, -1, 0, 0}, {k4, 0, 0, 0},    {k4, 1, 34, 30},  {k4, 2, 25, 24},  {k4, 3, 16, 16},
    {k16, 0, 0, 0}, {k16, 1, 0, 36},  {k16, 2, 30, 28}, {k16, 3, 21, 20}, {k64, 0, 0, 0},
    {k64, 1, 0, 0}, {k64, 2, 34, 34}, {k64, 3, 21, 20},
};

TEST(Geometry, RunsOfContiguousDescriptorsAreAsLargeAsTheTablesSay)
{
    for (const run_row &row : run_rows) {
        vmsa_geometry g = of(row.granule, 48, 0);
        EXPECT_EQ(vmsa_run_log2(&g, row.level), row.vmsa64) << row.granule << ", " << row.level;
        g.format = VMSA_128;
        EXPECT_EQ(vmsa_run_log2(&g, row.level), row.vmsa128) << row.granule << ", " << row.level;
    }
}

// Stage 1 begins at `level` where TnSZ is in [min, max] (Tables D8-18, D8-28, D8-37).
struct start_row {
    unsigned granule;
    int level;
    unsigned min, max;
};

constexpr start_row start_rows[] = {
    {k4, -1, 12, 15}, {k4, 0, 16, 24},  {k4, 1, 25, 33},  {k4, 2, 34, 42},
    {k4, 3, 43, 48},  {k16, 0, 12, 16}, {k16, 1, 17, 27}, {k16, 2, 28, 38},
    {k16, 3, 39, 39}, {k64, 1, 12, 21}, {k64, 2, 22, 34}, {k64, 3, 35, 39},
};

TEST(Geometry, Stage1BeginsWhereTheTablesSay)
{
    for (const start_row &row : start_rows)
        for (unsigned tnsz = row.min; tnsz <= row.max; tnsz++) {
            const vmsa_geometry g = of(row.granule, 64 - tnsz, 0);
            EXPECT_EQ(vmsa_start_level(&g), row.level) << row.granule << ", TnSZ " << tnsz;
        }
}

// Stage 2 may begin at `level` where T0SZ is in [min, max], concatenated tables included (Tables
// D8-20 to D8-24, D8-30 to D8-33, D8-39 to D8-41).
constexpr start_row s2_start_rows[] = {
    {k4, -1, 12, 15}, {k4, 0, 12, 24},  {k4, 1, 21, 33},  {k4, 2, 30, 42},
    {k4, 3, 39, 48},  {k16, 0, 12, 16}, {k16, 1, 13, 27}, {k16, 2, 24, 38},
    {k16, 3, 35, 48}, {k64, 2, 18, 34}, {k64, 3, 31, 47},
};

TEST(Geometry, Stage2BeginsWithAtMostSixteenTables)
{
    for (const start_row &row : s2_start_rows)
        for (unsigned t0sz = 12; t0sz <= 47; t0sz++) {
            const vmsa_geometry g = of(row.granule, 64 - t0sz, row.level);
            EXPECT_EQ(vmsa_s2_start_ok(&g), t0sz >= row.min && t0sz <= row.max)
                << row.granule << ", level " << row.level << ", T0SZ " << t0sz;
        }
}

// Table D8-25 for level 0 and T0SZ 20: x = 28 - 20 = 8, BaseAddr[47:8]:IA[43:39]:0b000.
TEST(Geometry, TheFirstTableIsAlignedToItsSizeAndIndexedByWhatInputBitsThereAre)
{
    const vmsa_geometry g{k4, 44, 48, 0, VMSA_48_BITS};
    EXPECT_EQ(vmsa_first_table_log2(&g), 8u);
    EXPECT_EQ(vmsa_first_table(&g, 0x123456789fff), 0x123456789f00u);
    EXPECT_EQ(vmsa_descriptor_addr(&g, 0x123456789f00, 0, 0, 0xfffff87fffffffff), 0x123456789f80u);
}

// Table D8-25 for level 1, SL0 == 1 and T0SZ 21: x = 37 - 21 = 16, BaseAddr[47:16]:IA[42:30]:0b000.
TEST(Geometry, ConcatenatedTablesAreIndexedAsOne)
{
    const vmsa_geometry g{k4, 43, 48, 1, VMSA_48_BITS};
    EXPECT_EQ(vmsa_first_table_log2(&g), 16u);
    EXPECT_EQ(vmsa_first_table(&g, 0x12345678ffff), 0x123456780000u);
    EXPECT_EQ(vmsa_descriptor_addr(&g, 0x123456780000, 1, 0, 0x7ffffffffff), 0x12345678fff8u);
    EXPECT_EQ(vmsa_descriptor_addr(&g, 0x123456780000, 1, 0, 0x40000000000), 0x123456788000u);
}

// Table D8-25: below the first level x is 12, and the level's own bits index the table.
TEST(Geometry, AFurtherTableIsIndexedByTheBitsOfItsLevel)
{
    for (const level_row &row : level_rows) {
        if (row.level < 1 || (row.granule == k64 && row.level == 1))
            continue; // where a walk may begin
        const vmsa_geometry g{static_cast<uint8_t>(row.granule), 48, 48, 0, VMSA_48_BITS};
        const uint64_t entries = uint64_t{1} << (row.index_msb - row.index_lsb + 1);
        EXPECT_EQ(vmsa_descriptor_addr(&g, 0x8000000, row.level, 0, ~uint64_t{0}),
                  0x8000000 + 8 * (entries - 1))
            << row.granule << ", level " << row.level;
        EXPECT_EQ(vmsa_descriptor_addr(&g, 0x8000000, row.level, 0, uint64_t{1} << row.index_lsb),
                  0x8000008u)
            << row.granule << ", level " << row.level;
    }
}

// Table D8-25 for level -1 and TnSZ 14: x = 19 - 14 = 5, but 64 bytes at least; IA[49:48] is the
// index. Table D8-34 for level 0 and TnSZ 12: x = 20 - 12 = 8, IA[51:47].
TEST(Geometry, TheTopmostTableOf52BitAddressesIsIndexedByTheBitsAboveTheOthers)
{
    const vmsa_geometry g4{k4, 50, 52, -1, VMSA_LPA2}, g16{k16, 52, 52, 0, VMSA_LPA2};
    EXPECT_EQ(vmsa_first_table_log2(&g4), 5u);
    EXPECT_EQ(vmsa_first_table(&g4, 0xf123456789aff), 0xf123456789ac0u);
    EXPECT_EQ(vmsa_descriptor_addr(&g4, 0xf123456789ac0, -1, 0, 0xfffe7fffffffffff),
              0xf123456789ad0u);
    EXPECT_EQ(vmsa_descriptor_addr(&g4, 0x8000000, 0, 0, 0xffff7fffffffffff),
              0x8000000u + 8 * 0xff);
    EXPECT_EQ(vmsa_first_table_log2(&g16), 8u);
    EXPECT_EQ(vmsa_descriptor_addr(&g16, 0x8000000, 0, 0, 0xfff87fffffffffff),
              0x8000000u + 8 * 0x10);
}

// TTBR0_EL1.BADDR (DDI 0487 D24.2), S2TTB (IHI 0070 5.2): 64 bytes where addresses have 52 bits.
TEST(Geometry, ASmallFirstTableOf52BitAddressesIsAlignedTo64Bytes)
{
    const vmsa_geometry wide{k64, 43, 52, 1, VMSA_LPA}; // two descriptors
    EXPECT_EQ(vmsa_first_table_log2(&wide), 4u);
    EXPECT_EQ(vmsa_first_table(&wide, 0xf123456789aff), 0xf123456789ac0u);
    const vmsa_geometry narrow{k64, 43, 48, 1, VMSA_48_BITS};
    EXPECT_EQ(vmsa_first_table(&narrow, 0x123456789aff), 0x123456789af0u);
}

TEST(Geometry, AnAddressIsTooLargeFromTheOutputSizeUp)
{
    const vmsa_geometry g{k4, 48, 40, 0, VMSA_48_BITS};
    EXPECT_FALSE(vmsa_too_large(&g, 0xffffffffff));
    EXPECT_TRUE(vmsa_too_large(&g, 0x10000000000));
}

} // namespace
} // namespace test_geometry
