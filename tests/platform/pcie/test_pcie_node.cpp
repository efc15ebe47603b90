// SPDX-License-Identifier: Apache-2.0
// The node of a PCI Express host: what is read of it, and a line for each mistake.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pcie_node.hpp"
#include "pcie_tree.hpp"

namespace test_pcie_node {
namespace {

using test::below_pcie;
using test::edited_tree;
using test::pcie;
using test::pcie_machine;
using test::plug;
using test::plug_port;
using testing::SizeIs;

vp::pcie_plan plan(const edited_tree &tree)
{
    return vp::read_pcie_node(*tree.tree().by_path(pcie));
}

std::string mistake(const edited_tree &tree)
{
    try {
        plan(tree);
    } catch (const vp::dt_error &error) {
        return error.what();
    }
    return "";
}

std::string of_host(const std::string &rest)
{
    return std::string(pcie) + ": " + rest;
}

TEST(pcie_node, reads_its_windows)
{
    const auto result = plan(pcie_machine());
    EXPECT_EQ(result.first_bus, 0u);
    ASSERT_THAT(result.windows, SizeIs(3));
    EXPECT_FALSE(result.windows[0].memory);
    EXPECT_EQ(result.windows[0].bus, 0u);
    EXPECT_EQ(result.windows[0].system.base, 0x3eff0000u);
    EXPECT_TRUE(result.windows[1].memory);
    EXPECT_EQ(result.windows[1].system.size, 0x2eff0000u);
    EXPECT_EQ(result.windows[2].bus, 0x8000000000u);
    EXPECT_EQ(result.windows[2].system.size, 0x8000000000u);
}

TEST(pcie_node, reads_its_maps)
{
    const auto result = plan(pcie_machine());
    ASSERT_THAT(result.iommus.targets, SizeIs(2));
    EXPECT_EQ(result.iommus.targets[1].path(), "/smmu@2000");
    EXPECT_EQ(result.iommus.mask, 0xffffu);
    ASSERT_THAT(result.iommus.ranges, SizeIs(2));
    EXPECT_EQ(result.iommus.ranges[1].first, 0x200u);
    EXPECT_EQ(result.iommus.ranges[1].count, 0x100u);
    EXPECT_EQ(result.iommus.ranges[1].target, 1u);
    EXPECT_EQ(result.iommus.ranges[1].out, 0x40u);
    EXPECT_THAT(result.msis.targets, SizeIs(1));
}

TEST(pcie_node, can_do_without_maps)
{
    auto tree = pcie_machine();
    tree.remove(pcie, "iommu-map").remove(pcie, "msi-map").remove(pcie, "interrupt-map");
    const auto result = plan(tree);
    EXPECT_THAT(result.iommus.ranges, SizeIs(0));
    EXPECT_THAT(result.lines, SizeIs(0));
}

TEST(pcie_node, wires_every_device_that_the_mask_joins)
{
    const auto result = plan(pcie_machine());
    ASSERT_THAT(result.lines, SizeIs(2));
    EXPECT_EQ(result.lines[1].args, (std::vector<std::uint32_t>{0, 4, 4}));
    ASSERT_THAT(result.pins, SizeIs(32)) << "INTA of each device";
    for (const vp::pcie_pin &row : result.pins) {
        EXPECT_EQ(row.pin, 1u);
        EXPECT_EQ(row.line, row.device % 2);
    }
}

TEST(pcie_node, reads_functions_in_order)
{
    auto tree = pcie_machine();
    plug(tree, "b@2,1", "test,b", 0x11);
    plug(tree, "a@2,0", "test,a", 0x10);
    plug_port(tree, "port@1,0", 0x08);
    plug(tree, "port@1,0/c@0,0", "test,c", 0);
    const auto result = plan(tree);
    ASSERT_THAT(result.slots, SizeIs(3));
    EXPECT_EQ(result.slots[0].devfn, 0x08u);
    EXPECT_EQ(result.slots[1].devfn, 0x10u);
    EXPECT_EQ(result.slots[2].devfn, 0x11u);
    ASSERT_THAT(result.slots[0].behind, SizeIs(1));
    EXPECT_EQ(result.slots[0].behind[0].node.name(), "c@0,0");
}

TEST(pcie_node, reads_links_of_the_host_and_of_ports)
{
    auto tree = pcie_machine();
    tree.cells(pcie, "vp,link-generation", {3})
        .cells(pcie, "vp,link-width", {4})
        .cells(pcie, "vp,link-non-posted", {7});
    plug_port(tree, "port@1,0", 0x08);
    plug_port(tree, "port@2,0", 0x10)
        .cells(below_pcie("port@2,0"), "vp,link-width", {16})
        .cells(below_pcie("port@2,0"), "vp,link-latency-ps", {5000});
    const auto result = plan(tree);
    ASSERT_THAT(result.slots, SizeIs(2));
    EXPECT_EQ(result.slots[0].link.generation, 3u);
    EXPECT_EQ(result.slots[0].link.width, 4u);
    EXPECT_EQ(result.slots[0].link.latency, 0u);
    EXPECT_EQ(result.slots[0].link.non_posted, 7u);
    EXPECT_EQ(result.slots[1].link.generation, 3u);
    EXPECT_EQ(result.slots[1].link.width, 16u);
    EXPECT_EQ(result.slots[1].link.latency, 5000u);
}

// What stands above a function is of its link, if it has one.
TEST(pcie_node, gives_functions_the_tags_of_the_link_above_them)
{
    auto tree = pcie_machine();
    tree.cells(pcie, "vp,link-tags", {7});
    plug_port(tree, "port@1,0", 0x08);
    plug_port(tree, "port@2,0", 0x10).cells(below_pcie("port@2,0"), "vp,link-tags", {3});
    plug(tree, "port@1,0/a@0,0", "test,a", 0);
    plug(tree, "port@2,0/a@0,0", "test,a", 0)
        .cells(below_pcie("port@2,0/a@0,0"), "vp,link-tags", {2});
    plug(tree, "a@3,0", "test,a", 0x18);
    const auto tags = [&](const std::string &path, pcie_kind kind) {
        return vp::read_requests(*tree.tree().by_path(below_pcie(path)), kind).link.tags;
    };
    EXPECT_EQ(tags("port@1,0/a@0,0", PCIE_ENDPOINT), 7u);
    EXPECT_EQ(tags("port@2,0/a@0,0", PCIE_ENDPOINT), 3u);
    EXPECT_EQ(tags("a@3,0", PCIE_INTEGRATED), 0u);
}

TEST(pcie_node, names_mistakes_of_links)
{
    const struct {
        const char *property;
        std::uint32_t value;
        const char *reason;
    } mistakes[] = {
        {"vp,link-generation", 7, "7 is not 0 to 6"},
        {"vp,link-width", 3, "is not 1, 2, 4, 8 or 16"},
        {"vp,link-width", 0, "must be given with a generation"},
        {"vp,link-overhead", 65, "65 is not 0 to 64"},
        {"vp,link-completion", 96, "is not a power of two from 64"},
        {"vp,link-latency-ps", 1000000001, "1000000001 is not 0 to 1000000000"},
        {"vp,link-tags", 257, "257 is not 0 to 256"},
    };
    for (const auto &m : mistakes) {
        auto tree = pcie_machine();
        tree.cells(pcie, "vp,link-generation", {3}).cells(pcie, "vp,link-width", {4});
        plug_port(tree, "port@1,0", 0x08).cells(below_pcie("port@1,0"), m.property, {m.value});
        EXPECT_EQ(mistake(tree), below_pcie("port@1,0: ") + m.property + ": " + m.reason);
        tree.remove(below_pcie("port@1,0")).cells(pcie, m.property, {m.value});
        EXPECT_EQ(mistake(tree), std::string(pcie) + ": " + m.property + ": " + m.reason);
    }
}

TEST(pcie_node, leaves_out_disabled_functions)
{
    auto tree = pcie_machine();
    plug(tree, "a@1,0", "test,a", 0x08).strings(below_pcie("a@1,0"), "status", {"disabled"});
    EXPECT_THAT(plan(tree).slots, SizeIs(0));
}

TEST(pcie_node, ignores_the_bus_number_of_a_function)
{
    auto tree = pcie_machine();
    plug(tree, "a@1,0", "test,a", 0x308);
    EXPECT_EQ(plan(tree).slots.at(0).devfn, 0x08u);
}

TEST(pcie_node, names_mistakes_of_cells)
{
    const struct {
        const char *property;
        std::vector<std::uint32_t> cells;
        const char *reason;
    } mistakes[] = {
        {"#address-cells", {2}, "#address-cells: must be 3"},
        {"#size-cells", {1}, "#size-cells: must be 2"},
        {"#interrupt-cells", {2}, "#interrupt-cells: must be 1"},
        {"bus-range", {1, 0}, "bus-range: must be two bus numbers, the lower first"},
        {"bus-range", {0, 256}, "bus-range: must be two bus numbers, the lower first"},
        {"bus-range", {0}, "bus-range: must be two bus numbers, the lower first"},
        {"reg",
         {0x40, 0x10000000, 0, 0x2000000},
         "reg: must have 0x1000000 bytes for the buses of bus-range"},
        {"reg", {0x40, 0x10000000, 0, 0x1000000, 0x41, 0, 0, 0x1000}, "reg: must have one entry"},
        {"ranges", {}, "ranges: has no windows"},
        {"ranges", {1, 2, 3}, "ranges: is not a whole number of entries of 7 cells"},
        {"ranges",
         {0x00000000, 0, 0, 0, 0x1000, 0, 0x1000},
         "ranges: the window at 0x1000 is for configuration space"},
        {"ranges", {0x02000000, 0, 0, 0, 0x1000, 0, 0}, "ranges: the window at 0x1000 is empty"},
        {"ranges",
         {0x03000000, 0, 0, ~0u, 0, 1, 0x1000},
         "ranges: the window at 0xffffffff00000000 wraps around"},
        {"ranges",
         {0x02000000, 0, 0xfffff000, 0, 0x1000, 0, 0x2000},
         "ranges: the window at 0x1000 goes beyond 32 bits on the bus"},
        {"ranges",
         {0x02000000, 0, 0x1000, 0, 0x1000, 0, 0x1000, //
          0x02000000, 0, 0x1fff, 0, 0x4000, 0, 0x1000},
         "ranges: two windows have the bus address 0x1fff"},
        {"iommu-map", {0, 2, 0}, "iommu-map: is not a whole number of entries of 4 cells"},
        {"iommu-map", {0, 99, 0, 1}, "iommu-map: no node has phandle 99"},
        {"iommu-map", {5, 2, 0, 0}, "iommu-map: the entry at 0x5 is empty"},
        {"iommu-map",
         {1, 2, 0, 0x10000},
         "iommu-map: the entry at 0x1 goes beyond the 65536 requester IDs"},
        {"iommu-map",
         {0x10000, 2, 0, 1},
         "iommu-map: the entry at 0x10000 goes beyond the 65536 requester IDs"},
        {"iommu-map", {0, 2, 0xffffffff, 2}, "iommu-map: the entry at 0x0 maps beyond 32 bits"},
        {"iommu-map",
         {0x100, 2, 0, 0x100, 0x1ff, 2, 0, 1},
         "iommu-map: the entry at 0x1ff overlaps the one at 0x100"},
        {"iommu-map-mask",
         {0xff},
         "iommu-map: the entry at 0x200 is never met: the mask clears some of its bits"},
        {"msi-map", {0, 4, 0, 0}, "msi-map: the entry at 0x0 is empty"},
        {"interrupt-map-mask", {0, 0, 7}, "interrupt-map-mask: must have four cells"},
        {"interrupt-map", {0, 0, 0, 1}, "interrupt-map: ends in the middle of an entry"},
        {"interrupt-map",
         {0, 0, 0, 1, 1, 0, 0, 0, 3},
         "interrupt-map: ends in the middle of an entry"},
        {"interrupt-map", {0, 0, 0, 1, 77, 0, 0, 0, 3, 4}, "interrupt-map: no node has phandle 77"},
    };

    for (const auto &m : mistakes) {
        auto tree = pcie_machine();
        tree.cells(pcie, m.property, m.cells);
        EXPECT_EQ(mistake(tree), of_host(m.reason));
    }
}

TEST(pcie_node, names_what_is_missing)
{
    for (const char *property : {"#address-cells", "#size-cells", "ranges"}) {
        auto tree = pcie_machine();
        tree.remove(pcie, property);
        EXPECT_EQ(mistake(tree), of_host(std::string(property) + ": is missing"));
    }
    auto tree = pcie_machine();
    tree.remove(pcie, "device_type");
    EXPECT_EQ(mistake(tree), of_host("device_type: must be \"pci\""));
}

TEST(pcie_node, names_a_controller_that_cannot_be_one)
{
    auto tree = pcie_machine();
    tree.remove("/gic@8000000", "#interrupt-cells");
    EXPECT_EQ(mistake(tree), "/gic@8000000: #interrupt-cells: is missing");
    tree = pcie_machine();
    tree.cells("/gic@8000000", "#address-cells", {0xffffffff});
    EXPECT_EQ(mistake(tree), of_host("interrupt-map: ends in the middle of an entry"));
    tree = pcie_machine();
    tree.cells("/smmu@2000", "#iommu-cells", {2});
    EXPECT_EQ(mistake(tree), "/smmu@2000: #iommu-cells: must be 1");
}

TEST(pcie_node, names_mistakes_of_functions)
{
    const struct {
        const char *property;
        std::vector<std::uint32_t> cells;
        const char *reason;
    } mistakes[] = {
        {"reg", {0x0800, 0, 0, 0}, "reg: is not a whole number of entries of 5 cells"},
        {"reg", {}, "reg: is empty"},
        {"reg", {0x0810, 0, 0, 0, 0}, "reg: 0x810 is no configuration address"},
        {"reg", {0x02000800, 0, 0, 0, 0}, "reg: 0x2000800 is no configuration address"},
    };

    for (const auto &m : mistakes) {
        auto tree = pcie_machine();
        plug(tree, "a@1,0", "test,a", 0x08).cells(below_pcie("a@1,0"), m.property, m.cells);
        EXPECT_EQ(mistake(tree), below_pcie("a@1,0: ") + m.reason);
    }
    auto tree = pcie_machine();
    plug(tree, "port@1,0", "vp,pcie-root-port", 0x08);
    EXPECT_EQ(mistake(tree), below_pcie("port@1,0: #address-cells: is missing"));
}

TEST(pcie_node, must_be_at_the_root)
{
    auto tree = pcie_machine();
    tree.node("/bus").cells("/bus", "#address-cells", {2}).cells("/bus", "#size-cells", {2});
    tree.node("/bus/pcie").strings("/bus/pcie", "device_type", {"pci"});
    try {
        vp::read_pcie_node(*tree.tree().by_path("/bus/pcie"));
        FAIL();
    } catch (const vp::dt_error &error) {
        EXPECT_STREQ(error.what(), "/bus/pcie: must be a child of the root");
    }
}

} // namespace
} // namespace test_pcie_node
