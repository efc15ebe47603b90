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

namespace test_guest_dtb {
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

TEST(guest_dtb, tells_the_kernel_its_command_line_and_ram_disk)
{
    auto tree = test::small_machine();
    tree.node("/chosen").strings("/chosen", "bootargs", {"old"});
    tree.strings("/chosen", "stdout-path", {"serial0"});
    const vp::dt_tree guest(vp::guest_dtb(
        tree.tree(), {std::string("console=ttyAMA0 quiet"), vp::dt_range{0x880000000, 0x1234}}));
    const auto chosen = guest.by_path("/chosen");
    EXPECT_EQ(chosen->string("bootargs"), "console=ttyAMA0 quiet");
    EXPECT_EQ(chosen->string("stdout-path"), "serial0");
    EXPECT_EQ(chosen->u64("linux,initrd-start"), 0x880000000u);
    EXPECT_EQ(chosen->u64("linux,initrd-end"), 0x880001234u);
}

TEST(guest_dtb, has_random_seeds_that_vp_seed_chooses)
{
    const auto seeds = [](std::uint32_t seed) {
        auto source = test::small_machine();
        source.node("/chosen").cells("/chosen", "vp,seed", {seed});
        const vp::dt_tree tree(vp::guest_dtb(source.tree(), {}));
        const vp::dt_node chosen = *tree.by_path("/chosen");
        EXPECT_FALSE(chosen.has("vp,seed"));
        auto cells = chosen.cells("rng-seed");
        EXPECT_EQ(cells.size(), 8u);
        const auto kaslr = chosen.cells("kaslr-seed");
        EXPECT_EQ(kaslr.size(), 2u);
        cells.insert(cells.end(), kaslr.begin(), kaslr.end());
        return cells;
    };
    EXPECT_EQ(seeds(1), seeds(1));
    EXPECT_NE(seeds(1), seeds(2));
    EXPECT_NE(seeds(0), std::vector<std::uint32_t>(10));
}

TEST(guest_dtb, gets_a_chosen_node_where_the_tree_has_none)
{
    const std::string args(2000, 'x');
    const vp::dt_tree guest(vp::guest_dtb(test::small_machine().tree(), {args, {}}));
    EXPECT_EQ(guest.by_path("/chosen")->string("bootargs"), args);
    EXPECT_FALSE(guest.by_path("/chosen")->has("linux,initrd-start"));
}

TEST(guest_dtb, keeps_the_chosen_node_of_the_tree)
{
    auto tree = test::small_machine();
    EXPECT_FALSE(vp::dt_tree(vp::guest_dtb(tree.tree())).by_path("/chosen"));
    tree.node("/chosen").strings("/chosen", "bootargs", {"old"});
    EXPECT_EQ(vp::dt_tree(vp::guest_dtb(tree.tree())).by_path("/chosen")->string("bootargs"),
              "old");
}

TEST(memory_size, is_replaced)
{
    const vp::dt_tree tree(vp::resize_memory(test::small_machine().blob(), 0x12345000));
    const auto reg = tree.by_path("/memory@40000000")->reg();
    ASSERT_EQ(reg.size(), 1u);
    EXPECT_EQ(reg[0].base, base);
    EXPECT_EQ(reg[0].size, 0x12345000u);
}

TEST(memory_size, may_have_two_cells)
{
    auto tree = test::edited_tree();
    tree.cells("/", "#address-cells", {2}).cells("/", "#size-cells", {2}).node("/memory@40000000");
    tree.strings("/memory@40000000", "device_type", {"memory"});
    tree.cells("/memory@40000000", "reg", {0, 0x40000000, 0, 0x1000});
    const vp::dt_tree resized(vp::resize_memory(tree.blob(), 0x1234567000));
    EXPECT_EQ(resized.by_path("/memory@40000000")->reg()[0].size, 0x1234567000u);
}

std::string resize_mistake(const test::edited_tree &tree, std::uint64_t size)
{
    try {
        vp::resize_memory(tree.blob(), size);
    } catch (const vp::dt_error &error) {
        return error.what();
    }
    return "";
}

TEST(memory_size, is_that_of_a_single_bank)
{
    auto two_banks = test::small_machine();
    two_banks.cells("/memory@40000000", "reg", {0x40000000, 0x1000, 0x50000000, 0x1000});
    EXPECT_EQ(resize_mistake(two_banks, 0x1000),
              "/memory@40000000: reg: has several banks: the size of one cannot be set");
    auto two_nodes = test::small_machine();
    two_nodes.node("/memory@80000000");
    two_nodes.strings("/memory@80000000", "device_type", {"memory"});
    two_nodes.cells("/memory@80000000", "reg", {0x80000000, 0x1000});
    EXPECT_EQ(resize_mistake(two_nodes, 0x1000),
              "/: has 2 memory nodes: the size of one cannot be set");
    two_nodes.strings("/memory@80000000", "status", {"disabled"});
    EXPECT_EQ(resize_mistake(two_nodes, 0x1000), "");
}

TEST(memory_size, has_room_in_its_property)
{
    EXPECT_EQ(resize_mistake(test::small_machine(), 0xffffffff), "");
    EXPECT_EQ(resize_mistake(test::small_machine(), 0x100000000),
              "/memory@40000000: reg: has 1 cells for the size: 0x100000000 bytes do not fit");
}

TEST(memory_size, needs_a_place)
{
    auto tree = test::small_machine();
    tree.cells("/", "#size-cells", {0}).cells("/memory@40000000", "reg", {0x40000000});
    EXPECT_EQ(resize_mistake(tree, 0x1000),
              "/memory@40000000: reg: has 0 cells for the size: 0x1000 bytes do not fit");
    tree.cells("/", "#size-cells", {3}).cells("/memory@40000000", "reg", {0x40000000, 0, 0, 1});
    EXPECT_NE(resize_mistake(tree, 0x1000), "");
    tree.remove("/memory@40000000", "reg");
    EXPECT_EQ(resize_mistake(tree, 0x1000), "/memory@40000000: reg: is missing");
    EXPECT_EQ(resize_mistake(tree.remove("/memory@40000000"), 0x1000),
              "/: has 0 memory nodes: the size of one cannot be set");
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
} // namespace test_guest_dtb
