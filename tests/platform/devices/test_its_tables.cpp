// SPDX-License-Identifier: Apache-2.0
// The tables of an ITS in memory: sizes, levels, and the format that docs/gic.md promises.
#include "its_bench.hpp"

namespace test_its_tables {
namespace {

class its_tables : public its_bench {
  protected:
    static constexpr std::uint64_t page_4k = 0;
    static constexpr std::uint64_t page_16k = 1 << 8;
};

TEST_F(its_tables, EntriesHaveTheDocumentedFormat)
{
    start();
    EXPECT_TRUE(perform(mapd(5, 0x000F'A300'1234'5600, 11)));
    EXPECT_TRUE(perform(mapd(6, itt, 5)));
    EXPECT_TRUE(perform(mapc(3, 1)));
    EXPECT_TRUE(perform(mapti(6, 7, 0x89AB, 0x123)));
    EXPECT_EQ(memory.get64(device_table + 5 * 8), 0x800F'A300'1234'560Au);
    EXPECT_EQ(memory.get64(collection_table + 3 * 8), 0x8000'0000'0000'0001u);
    EXPECT_EQ(memory.get64(itt + 7 * 8), 0x8000'0123'0000'89ABu);
    EXPECT_TRUE(perform(discard(6, 7)) || memory.get64(itt + 7 * 8) != 0);
    EXPECT_TRUE(perform(unmapd(5)));
    EXPECT_TRUE(perform(unmapc(3)));
    EXPECT_EQ(memory.get64(device_table + 5 * 8), 0u);
    EXPECT_EQ(memory.get64(collection_table + 3 * 8), 0u);
}

TEST_F(its_tables, FlatTableEndsWithItsPages)
{
    const struct {
        std::uint64_t bits; // Page_Size and Size
        std::uint32_t entries;
    } shapes[] = {
        {page_4k | 0, 512}, {page_4k | 2, 1536}, {page_16k | 0, 2048}, {page_64k | 1, 16384}};

    for (const auto &shape : shapes) {
        start(device_table | bit63 | shape.bits);
        EXPECT_TRUE(perform(mapd(shape.entries - 1, itt, 5))) << shape.entries;
        EXPECT_FALSE(perform(mapd(shape.entries, itt, 5))) << shape.entries;
        regs.write(GITS_CTLR, 0);
    }
}

TEST_F(its_tables, TableLargerThanTheIdsEndsWithThem)
{
    start(device_table | bit63 | page_64k | 0xFF, collection_table | bit63 | page_64k | 0xFF);
    EXPECT_TRUE(perform(mapd(0xFFFFF, itt, 5)));
    EXPECT_FALSE(perform(mapd(0x100000, itt, 5)));
    EXPECT_TRUE(perform(mapc(0xFFFF, 0)));
}

TEST_F(its_tables, WithoutTableNothingCanBeMapped)
{
    start(device_table | page_64k, collection_table | page_64k);
    EXPECT_FALSE(perform(mapd(1, itt, 5)));
    EXPECT_FALSE(perform(mapc(1, 0)));
}

TEST_F(its_tables, LargePagesHaveAddressesOf52Bits)
{
    // Bits [15:12] of the register are [51:48] of the address.
    start(0x0000'1234'0000'0000 | 0xA000 | page_64k | bit63);
    EXPECT_TRUE(perform(mapd(1, itt, 5)));
    EXPECT_EQ(memory.get64(0x000A'1234'0000'0008), bit63 | itt | 4);
}

TEST_F(its_tables, TwoLevelsFollowTheDescriptor)
{
    constexpr std::uint64_t second = 0xA400'0000;

    start(device_table | bit63 | indirect | page_4k, collection_table | bit63 | indirect | page_4k);
    memory.put64(device_table + 3 * 8, bit63 | second);
    memory.put64(collection_table, bit63 | (second + 0x1000));
    EXPECT_TRUE(perform(mapd(3 * 512 + 7, itt, 5)));
    EXPECT_EQ(memory.get64(second + 7 * 8), bit63 | itt | 4);
    EXPECT_TRUE(perform(mapc(9, 0)));
    EXPECT_EQ(memory.get64(second + 0x1000 + 9 * 8), bit63);
    EXPECT_TRUE(perform(mapti(3 * 512 + 7, 0, lpi, 9)));
    configure(lpi, 0x80);
    message(3 * 512 + 7, 0);
    EXPECT_TRUE(irq());
}

TEST_F(its_tables, TwoLevelsEndWithTheFirst)
{
    start(device_table | bit63 | indirect | page_4k);
    memory.put64(device_table + 511 * 8, bit63 | 0xA400'0000);
    memory.put64(device_table + 512 * 8, bit63 | 0xA400'0000);
    EXPECT_TRUE(perform(mapd(511 * 512, itt, 5)));
    EXPECT_FALSE(perform(mapd(512 * 512, itt, 5)));
}

TEST_F(its_tables, InvalidDescriptorMapsNothing)
{
    start(device_table | bit63 | indirect | page_4k);
    memory.put64(device_table, 0xA400'0000);
    EXPECT_FALSE(perform(mapd(1, itt, 5)));
    message(1, 0);
    EXPECT_EQ(stats().messages_dropped, 1u);
}

TEST_F(its_tables, DescriptorThatAbortsMapsNothing)
{
    start(device_table | bit63 | indirect | page_4k);
    memory.put64(device_table, bit63 | 0xA400'0000);
    memory.abort_at(device_table, device_table);
    EXPECT_FALSE(perform(mapd(1, itt, 5)));
}

TEST_F(its_tables, DescriptorBitsBelowThePageAreIgnored)
{
    start(device_table | bit63 | indirect | page_64k);
    memory.put64(device_table, bit63 | 0x7FF0'0000'A400'FFFF);
    EXPECT_TRUE(perform(mapd(1, itt, 5)));
    EXPECT_EQ(memory.get64(0xA400'0008), bit63 | itt | 4);
}

// What software left in its tables is no better than what it says in commands.
TEST_F(its_tables, GarbageInTablesIsUnmapped)
{
    start();
    map_one();
    memory.put64(device_table + 5 * 8, bit63 | itt | 16);
    message(5, 1);
    EXPECT_FALSE(irq()) << "more EventID bits than there are";
    memory.put64(device_table + 5 * 8, bit63 | itt | 4);
    memory.put64(collection_table + 2 * 8, bit63 | 2);
    message(5, 1);
    EXPECT_FALSE(irq()) << "no such PE";
    memory.put64(collection_table + 2 * 8, bit63);
    memory.put64(itt + 8, bit63 | std::uint64_t{2} << 32 | 33);
    message(5, 1);
    EXPECT_FALSE(irq()) << "no LPI";
}

} // namespace
} // namespace test_its_tables
