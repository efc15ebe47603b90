// SPDX-License-Identifier: Apache-2.0
// Requester IDs and what they map to.
#include <gtest/gtest.h>

#include "pcie/pcie_rid_map.h"

namespace test_rid_map {
namespace {

const pcie_rid_range ranges[] = {{0x100, 0x100, 0, 0x5000}, {0x200, 1, 1, 7}};

TEST(rid_map, OffsetInTheRangeIsKept)
{
    const pcie_rid_map map = {0xffff, ranges, 2};
    unsigned target = 9;
    std::uint32_t out = 0;
    ASSERT_TRUE(pcie_rid_lookup(&map, 0x1fe, &target, &out));
    EXPECT_EQ(target, 0u);
    EXPECT_EQ(out, 0x50feu);
    ASSERT_TRUE(pcie_rid_lookup(&map, 0x200, &target, &out));
    EXPECT_EQ(target, 1u);
    EXPECT_EQ(out, 7u);
}

TEST(rid_map, WhatNoRangeHasIsNotMapped)
{
    const pcie_rid_map map = {0xffff, ranges, 2};
    unsigned target = 9;
    std::uint32_t out = 5;
    EXPECT_FALSE(pcie_rid_lookup(&map, 0xff, &target, &out));
    EXPECT_FALSE(pcie_rid_lookup(&map, 0x201, &target, &out));
    EXPECT_EQ(target, 9u);
    EXPECT_EQ(out, 5u);
}

TEST(rid_map, MaskJoinsFunctions)
{
    const pcie_rid_map map = {0xfff8, ranges, 2};
    unsigned target = 9;
    std::uint32_t out = 0;
    ASSERT_TRUE(pcie_rid_lookup(&map, 0x10f, &target, &out));
    EXPECT_EQ(out, 0x5008u);
    ASSERT_TRUE(pcie_rid_lookup(&map, 0x207, &target, &out));
    EXPECT_EQ(out, 7u);
}

} // namespace
} // namespace test_rid_map
