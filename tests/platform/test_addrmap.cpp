// SPDX-License-Identifier: Apache-2.0
// Address map: order, lookup, gaps, ends of the address space.
#include <memory>

#include <gtest/gtest.h>

#include "bus/addrmap.h"

namespace test_addrmap {
namespace {

class address_map : public testing::Test {
  protected:
    enum addrmap_status add(std::uint64_t first, std::uint64_t last, unsigned port)
    {
        const addrmap_entry entry = {first, last, port};
        return addrmap_add(map.get(), &entry);
    }

    // Port at `addr`, -1 for none.
    int port(std::uint64_t addr)
    {
        const addrmap_entry *entry = addrmap_find(map.get(), addr, &hint);
        return entry == nullptr ? -1 : static_cast<int>(entry->port);
    }

    std::unique_ptr<addrmap, void (*)(addrmap *)> map{addrmap_create(), addrmap_destroy};
    std::size_t hint = 0;
};

TEST_F(address_map, finds_nothing_when_empty)
{
    EXPECT_EQ(port(0), -1);
    EXPECT_EQ(addrmap_count(map.get()), 0u);
}

TEST_F(address_map, sorts_entries_whatever_order_they_come_in)
{
    add(0x300, 0x3ff, 3);
    add(0x100, 0x1ff, 1);
    add(0x200, 0x2ff, 2);
    ASSERT_EQ(addrmap_count(map.get()), 3u);
    for (unsigned i = 0; i < 3; i++)
        EXPECT_EQ(addrmap_at(map.get(), i)->port, i + 1);
}

TEST_F(address_map, finds_every_entry_at_both_ends)
{
    for (unsigned i = 0; i < 9; i++)
        ASSERT_EQ(add(i * 0x100, i * 0x100 + 0x7f, i), ADDRMAP_OK);
    for (int i = 0; i < 9; i++) {
        EXPECT_EQ(port(static_cast<unsigned>(i) * 0x100), i);
        EXPECT_EQ(port(static_cast<unsigned>(i) * 0x100 + 0x7f), i);
        EXPECT_EQ(port(static_cast<unsigned>(i) * 0x100 + 0x80), -1);
    }
}

TEST_F(address_map, reaches_the_last_address)
{
    add(UINT64_MAX, UINT64_MAX, 4);
    add(0, 0, 5);
    EXPECT_EQ(port(UINT64_MAX), 4);
    EXPECT_EQ(port(0), 5);
    EXPECT_EQ(port(1), -1);
}

TEST_F(address_map, refuses_overlaps_on_every_side)
{
    add(0x100, 0x1ff, 1);
    EXPECT_EQ(add(0x1ff, 0x300, 2), ADDRMAP_OVERLAP);
    EXPECT_EQ(add(0x000, 0x100, 2), ADDRMAP_OVERLAP);
    EXPECT_EQ(add(0x120, 0x130, 2), ADDRMAP_OVERLAP);
    EXPECT_EQ(add(0x000, 0xfff, 2), ADDRMAP_OVERLAP);
    EXPECT_EQ(add(0x200, 0x2ff, 2), ADDRMAP_OK);
}

TEST_F(address_map, refuses_a_range_that_ends_before_it_begins)
{
    EXPECT_EQ(add(2, 1, 0), ADDRMAP_EMPTY_RANGE);
}

TEST_F(address_map, a_stale_hint_does_no_harm)
{
    add(0x100, 0x1ff, 1);
    hint = 77;
    EXPECT_EQ(port(0x100), 1);
    EXPECT_EQ(hint, 0u);
}

TEST_F(address_map, tells_the_gap_around_an_address)
{
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    add(0x100, 0x1ff, 1);
    add(0x300, 0x3ff, 2);
    ASSERT_TRUE(addrmap_gap(map.get(), 0x250, &first, &last));
    EXPECT_EQ(first, 0x200u);
    EXPECT_EQ(last, 0x2ffu);
    ASSERT_TRUE(addrmap_gap(map.get(), 0, &first, &last));
    EXPECT_EQ(first, 0u);
    EXPECT_EQ(last, 0xffu);
    ASSERT_TRUE(addrmap_gap(map.get(), 0x400, &first, &last));
    EXPECT_EQ(last, UINT64_MAX);
    EXPECT_FALSE(addrmap_gap(map.get(), 0x300, &first, &last));
}

} // namespace
} // namespace test_addrmap
