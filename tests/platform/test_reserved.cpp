// SPDX-License-Identifier: Apache-2.0
// Reservations of the device tree: what they leave of memory.
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "edited_tree.hpp"
#include "reserved.hpp"

namespace test_reserved {
namespace {

using ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

ranges left(const test::edited_tree &tree, const std::vector<vp::dt_range> &ram)
{
    ranges list;
    for (const vp::dt_range &part : vp::unreserved(tree.tree(), ram))
        list.emplace_back(part.base, part.size);
    return list;
}

test::edited_tree reserving(std::uint64_t address, std::uint64_t size)
{
    auto tree = test::small_machine();
    tree.reserve(address, size);
    return tree;
}

TEST(reserved, leaves_all_of_memory_if_there_is_nothing)
{
    EXPECT_EQ(left(test::small_machine(), {{0x1000, 0x1000}, {0x3000, 0x1000}}),
              (ranges{{0x1000, 0x1000}, {0x3000, 0x1000}}));
}

TEST(reserved, cuts_a_hole)
{
    const std::vector<vp::dt_range> ram = {{0x1000, 0x3000}};
    EXPECT_EQ(left(reserving(0x2000, 0x1000), ram), (ranges{{0x1000, 0x1000}, {0x3000, 0x1000}}));
    EXPECT_EQ(left(reserving(0x800, 0x1000), ram), (ranges{{0x1800, 0x2800}}));
    EXPECT_EQ(left(reserving(0x3800, 0x1000), ram), (ranges{{0x1000, 0x2800}}));
    EXPECT_EQ(left(reserving(0x1000, 0x3000), ram), ranges{});
    EXPECT_EQ(left(reserving(0x4000, 0x1000), ram), (ranges{{0x1000, 0x3000}}));
    EXPECT_EQ(left(reserving(0, 0x1000), ram), (ranges{{0x1000, 0x3000}}));
}

TEST(reserved, reaches_to_the_end_of_the_address_space)
{
    EXPECT_EQ(left(reserving(0xfffffffffffff000, 0x1000), {{0xffffffffffffe000, 0x2000}}),
              (ranges{{0xffffffffffffe000, 0x1000}}));
}

TEST(reserved, may_be_in_several_banks)
{
    EXPECT_EQ(left(reserving(0x1800, 0x2000), {{0x1000, 0x1000}, {0x3000, 0x1000}}),
              (ranges{{0x1000, 0x800}, {0x3800, 0x800}}));
}

TEST(reserved, takes_enabled_nodes_that_have_a_place)
{
    auto tree = test::small_machine();
    tree.node("/reserved-memory").bytes("/reserved-memory", "ranges", {});
    tree.cells("/reserved-memory", "#address-cells", {1});
    tree.cells("/reserved-memory", "#size-cells", {1});
    tree.node("/reserved-memory/a@2000").cells("/reserved-memory/a@2000", "reg", {0x2000, 0x1000});
    tree.node("/reserved-memory/b@5000").cells("/reserved-memory/b@5000", "reg", {0x5000, 0x1000});
    tree.strings("/reserved-memory/b@5000", "status", {"disabled"});
    tree.node("/reserved-memory/pool").cells("/reserved-memory/pool", "size", {0x1000});
    EXPECT_EQ(left(tree, {{0x1000, 0x8000}}), (ranges{{0x1000, 0x1000}, {0x3000, 0x6000}}));
}

} // namespace
} // namespace test_reserved
