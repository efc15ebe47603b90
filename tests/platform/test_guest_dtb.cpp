// SPDX-License-Identifier: Apache-2.0
// The device tree the guest gets: nothing of the simulator in it, and at a place that is free.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "edited_tree.hpp"
#include "guest_dtb.hpp"

extern "C" {
#include <libfdt.h>
}

namespace {

constexpr std::uint64_t mib = 1u << 20;
constexpr std::uint64_t base = 0x40000000;

TEST(guest_dtb, lacks_the_properties_of_the_simulator)
{
    auto tree = test::small_machine();
    tree.cells("/smmu@9050000", "vp,tlb", {64, 4}).cells("/", "vp,latency-ns", {3});
    const auto blob = vp::guest_dtb(tree.tree());
    const vp::dt_tree guest(blob);
    EXPECT_FALSE(guest.root().has("vp,latency-ns"));
    EXPECT_FALSE(guest.by_path("/smmu@9050000")->has("vp,tlb"));

    const std::string text(blob.begin(), blob.end());
    EXPECT_EQ(text.find("vp,tlb"), std::string::npos);
}

TEST(guest_dtb, keeps_everything_else)
{
    auto tree = test::small_machine();
    tree.strings("/dma@c000000", "compatible", {"vp,dma-engine"});
    const vp::dt_tree guest(vp::guest_dtb(tree.tree()));
    EXPECT_EQ(guest.root().children().size(), tree.tree().root().children().size());
    EXPECT_EQ(guest.by_path("/dma@c000000")->string("compatible"), "vp,dma-engine");
    EXPECT_EQ(guest.by_path("/dma@c000000")->cells("iommus"),
              (std::vector<std::uint32_t>{2, 0x10}));
    EXPECT_EQ(guest.by_path("/cpus/cpu@0")->reg()[0].base, 0u);
}

TEST(guest_dtb, keeps_memory_reservations)
{
    auto tree = test::small_machine();
    tree.reserve(0x41000000, 0x2000);
    const auto blob = vp::guest_dtb(tree.tree());
    ASSERT_EQ(fdt_num_mem_rsv(blob.data()), 1);
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    fdt_get_mem_rsv(blob.data(), 0, &address, &size);
    EXPECT_EQ(address, 0x41000000u);
    EXPECT_EQ(size, 0x2000u);
}

TEST(dtb_place, is_the_last_aligned_one)
{
    EXPECT_EQ(vp::place_dtb(0x1000, {{base, 16 * mib}}, {}), base + 14 * mib);
}

TEST(dtb_place, leaves_room_for_the_blob)
{
    EXPECT_EQ(vp::place_dtb(0x1001, {{base, 14 * mib + 0x1000}}, {}), base + 12 * mib);
    EXPECT_EQ(vp::place_dtb(0x1000, {{base, 14 * mib + 0x1000}}, {}), base + 14 * mib);
}

TEST(dtb_place, touches_no_segment)
{
    EXPECT_EQ(vp::place_dtb(0x1000, {{base, 16 * mib}}, {{base + 14 * mib + 0xfff, 1}}),
              base + 12 * mib);
    EXPECT_EQ(vp::place_dtb(0x1000, {{base, 16 * mib}}, {{base + 14 * mib + 0x1000, 1}}),
              base + 14 * mib);
    EXPECT_EQ(vp::place_dtb(0x1000, {{base, 16 * mib}}, {{base + 2 * mib, 14 * mib}}), base);
}

TEST(dtb_place, is_in_the_highest_bank_that_has_room)
{
    EXPECT_EQ(vp::place_dtb(0x1000, {{base, 4 * mib}, {2 * base, 4 * mib}}, {}),
              2 * base + 2 * mib);
    EXPECT_EQ(vp::place_dtb(0x1000, {{base, 4 * mib}, {2 * base, 0x800}}, {}), base + 2 * mib);
}

TEST(dtb_place, may_not_exist)
{
    EXPECT_FALSE(vp::place_dtb(0x1000, {{base, 4 * mib}}, {{base, 4 * mib}}));
    EXPECT_FALSE(vp::place_dtb(0x1000, {{base + 0x1000, 0x10000}}, {}));
    EXPECT_FALSE(vp::place_dtb(0x1000, {{0, 2 * mib}}, {{0, 1}}));
    EXPECT_FALSE(vp::place_dtb(1, {}, {}));
}

} // namespace
