// SPDX-License-Identifier: Apache-2.0
// Device tree: sound blobs, typed properties, reg, interrupts, phandle lists; every mistake named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edited_tree.hpp"

extern "C" {
#include <libfdt.h>
}

namespace test_dt {
namespace {

using test::edited_tree;
using testing::ElementsAre;
using testing::HasSubstr;

// What is wrong according to `ask`; "" if nothing is.
template <typename F> std::string mistake(F ask)
{
    try {
        ask();
    } catch (const vp::dt_error &error) {
        return error.what();
    }
    return "";
}

std::string mistake_in(const std::vector<std::uint8_t> &blob)
{
    return mistake([&] { vp::dt_tree{blob}; });
}

vp::dt_node at(const edited_tree &tree, const std::string &path)
{
    return tree.tree().by_path(path).value();
}

TEST(dt_blob, refuses_an_empty_file)
{
    EXPECT_EQ(mistake_in({}), "not a sound device tree: FDT_ERR_TRUNCATED");
}

TEST(dt_blob, refuses_what_is_no_device_tree)
{
    EXPECT_EQ(mistake_in(std::vector<std::uint8_t>(64, 0x7f)),
              "not a sound device tree: FDT_ERR_BADMAGIC");
}

TEST(dt_blob, refuses_every_truncation)
{
    const auto whole = test::small_machine().blob();
    for (std::size_t size = 0; size < whole.size(); size++)
        EXPECT_NE(mistake_in({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}),
                  "")
            << size;
}

TEST(dt_blob, drops_bytes_after_the_end)
{
    auto blob = test::small_machine().blob();
    const std::size_t size = blob.size();
    blob.resize(size + 100);
    EXPECT_EQ(vp::dt_tree(blob).blob().size(), size);
}

TEST(dt_blob, survives_every_single_byte_corrupted)
{
    const auto sound = test::small_machine().blob();
    for (std::size_t i = 0; i < sound.size(); i++) {
        auto blob = sound;
        blob[i] ^= 0xff;
        mistake([&] {
            const vp::dt_tree tree(blob);
            for (const vp::dt_node &node : tree.root().children()) {
                node.compatible();
                mistake([&] { node.reg(); });
                mistake([&] { node.interrupts(); });
                mistake([&] { node.specifiers("iommus", "#iommu-cells"); });
            }
        });
    }
}

TEST(dt_blob, refuses_nodes_nested_too_deep)
{
    edited_tree tree;
    std::string path;
    for (int depth = 0; depth < 33; depth++)
        tree.node(path += "/n");
    EXPECT_THAT(mistake_in(tree.blob()), HasSubstr("nested deeper than 32"));
}

TEST(dt_blob, refuses_more_than_two_megabytes)
{
    EXPECT_EQ(mistake_in(std::vector<std::uint8_t>((2u << 20) + 1)),
              "not a sound device tree: larger than 2 MiB");
}

TEST(dt_blob, refuses_names_that_cannot_be_printed)
{
    edited_tree tree;
    tree.node("/a\nb");
    EXPECT_EQ(mistake_in(tree.blob()),
              "not a sound device tree: a node has a character in its name that cannot be printed");
}

TEST(dt_error_line, is_one_printable_line)
{
    EXPECT_STREQ(vp::dt_error("/a\nb", "p", "bad\x01").what(), "/a?b: p: bad?");
    EXPECT_STREQ(vp::dt_error("/a", "", "reason").what(), "/a: reason");
}

TEST(dt_node, knows_its_name_path_parent_and_children)
{
    edited_tree tree;
    tree.node("/bus").node("/bus/uart@9").node("/bus/dma@8");
    const auto uart = at(tree, "/bus/uart@9");
    EXPECT_EQ(uart.name(), "uart@9");
    EXPECT_EQ(uart.path(), "/bus/uart@9");
    EXPECT_EQ(uart.parent().path(), "/bus");
    EXPECT_EQ(uart.parent().parent().path(), "/");
    EXPECT_EQ(uart.parent().children().size(), 2u);
    EXPECT_THROW(tree.tree().root().parent(), std::logic_error);
}

TEST(dt_node, outlives_its_tree)
{
    auto node = [] { return at(test::small_machine(), "/uart@9000000"); }();
    EXPECT_EQ(node.reg()[0].base, 0x9000000u);
}

TEST(dt_node, is_enabled_unless_status_says_otherwise)
{
    edited_tree tree;
    EXPECT_TRUE(tree.tree().root().enabled());
    EXPECT_TRUE(tree.strings("/", "status", {"okay"}).tree().root().enabled());
    EXPECT_TRUE(tree.strings("/", "status", {"ok"}).tree().root().enabled());
    EXPECT_FALSE(tree.strings("/", "status", {"disabled"}).tree().root().enabled());
    EXPECT_FALSE(tree.strings("/", "status", {"fail"}).tree().root().enabled());
}

TEST(dt_node, by_phandle_finds_the_node)
{
    const auto tree = test::small_machine().tree();
    EXPECT_EQ(tree.by_phandle(2).path(), "/smmu@9050000");
    EXPECT_EQ(mistake([&] { tree.by_phandle(99); }), "/: no node has phandle 99");
}

TEST(dt_property, reads_numbers)
{
    edited_tree tree;
    tree.cells("/", "one", {7}).cells("/", "two", {1, 2});
    const auto root = tree.tree().root();
    EXPECT_EQ(root.u32("one"), 7u);
    EXPECT_EQ(root.u64("one"), 7u);
    EXPECT_EQ(root.u64("two"), 0x100000002u);
    EXPECT_THAT(root.cells("two"), ElementsAre(1, 2));
    EXPECT_EQ(root.u32("none", 3), 3u);
    EXPECT_EQ(root.u64("none", 4), 4u);
}

TEST(dt_property, names_missing_and_malformed_numbers)
{
    edited_tree tree;
    tree.cells("/", "two", {1, 2}).cells("/", "three", {1, 2, 3}).bytes("/", "odd", {1, 2, 3});
    const auto root = tree.tree().root();
    EXPECT_EQ(mistake([&] { root.u32("none"); }), "/: none: is missing");
    EXPECT_EQ(mistake([&] { root.u64("none"); }), "/: none: is missing");
    EXPECT_EQ(mistake([&] { root.u32("two", 0); }), "/: two: must be one cell, is 2");
    EXPECT_EQ(mistake([&] { root.u64("three"); }), "/: three: must be one or two cells, is 3");
    EXPECT_EQ(mistake([&] { root.cells("odd"); }),
              "/: odd: 3 bytes are not a whole number of cells");
}

TEST(dt_property, reads_strings)
{
    edited_tree tree;
    tree.strings("/", "one", {"alpha"}).strings("/", "two", {"alpha", "beta"});
    const auto root = tree.tree().root();
    EXPECT_EQ(root.string("one"), "alpha");
    EXPECT_THAT(root.strings("two"), ElementsAre("alpha", "beta"));
    EXPECT_EQ(root.string("none", "other"), "other");
    EXPECT_TRUE(root.strings("none").empty());
}

TEST(dt_property, names_malformed_strings)
{
    edited_tree tree;
    tree.strings("/", "two", {"a", "b"}).bytes("/", "open", {'a'}).bytes("/", "empty", {});
    const auto root = tree.tree().root();
    EXPECT_EQ(mistake([&] { root.string("none"); }), "/: none: is missing");
    EXPECT_EQ(mistake([&] { root.string("two"); }), "/: two: must be one string, is 2");
    EXPECT_THAT(mistake([&] { root.string("open"); }), HasSubstr("NUL-terminated"));
    EXPECT_THAT(mistake([&] { root.strings("empty"); }), HasSubstr("NUL-terminated"));
}

// A node /bus/dev@0 below a bus with the given cell counts.
edited_tree bus_with_device()
{
    edited_tree tree;
    tree.cells("/", "#address-cells", {2}).cells("/", "#size-cells", {2});
    tree.node("/bus").cells("/bus", "#address-cells", {1}).cells("/bus", "#size-cells", {1});
    tree.bytes("/bus", "ranges", {}).node("/bus/dev@0");
    return tree;
}

TEST(dt_reg, uses_the_cell_counts_of_the_parent)
{
    edited_tree tree;
    tree.cells("/", "#address-cells", {2}).cells("/", "#size-cells", {2});
    tree.node("/dev").cells("/dev", "reg", {1, 2, 3, 4, 5, 6, 7, 8});
    const auto reg = at(tree, "/dev").reg();
    ASSERT_EQ(reg.size(), 2u);
    EXPECT_EQ(reg[0].base, 0x100000002u);
    EXPECT_EQ(reg[0].size, 0x300000004u);
    EXPECT_EQ(reg[1].base, 0x500000006u);
}

TEST(dt_reg, has_two_address_cells_and_one_size_cell_by_default)
{
    edited_tree tree;
    tree.node("/dev").cells("/dev", "reg", {1, 2, 3});
    EXPECT_EQ(at(tree, "/dev").reg()[0].base, 0x100000002u);
    EXPECT_EQ(at(tree, "/dev").reg()[0].size, 3u);
}

TEST(dt_reg, of_a_cpu_is_a_number)
{
    const auto reg = at(test::small_machine(), "/cpus/cpu@0").reg();
    EXPECT_EQ(reg[0].base, 0u);
    EXPECT_EQ(reg[0].size, 0u);
}

TEST(dt_reg, is_unchanged_by_empty_ranges)
{
    auto tree = bus_with_device();
    tree.cells("/bus/dev@0", "reg", {0x1000, 0x10});
    EXPECT_EQ(at(tree, "/bus/dev@0").reg()[0].base, 0x1000u);
}

TEST(dt_reg, is_translated_by_ranges)
{
    auto tree = bus_with_device();
    tree.cells("/bus", "ranges", {0, 9, 0, 0x100, 0x1000, 2, 0x8000, 0x100});
    tree.cells("/bus/dev@0", "reg", {0x1010, 0x10});
    EXPECT_EQ(at(tree, "/bus/dev@0").reg()[0].base, 0x200008010u);
    EXPECT_EQ(at(tree, "/bus/dev@0").reg()[0].size, 0x10u);
}

TEST(dt_reg, names_a_device_outside_of_the_ranges)
{
    auto tree = bus_with_device();
    tree.cells("/bus", "ranges", {0x1000, 2, 0x8000, 0x100});
    tree.cells("/bus/dev@0", "reg", {0x10f8, 0x10});
    EXPECT_EQ(mistake([&] { at(tree, "/bus/dev@0").reg(); }),
              "/bus/dev@0: reg: 0x10f8 is in no window of the ranges of /bus");
    tree.remove("/bus", "ranges");
    EXPECT_EQ(mistake([&] { at(tree, "/bus/dev@0").reg(); }),
              "/bus/dev@0: reg: is not visible from the root: /bus has no ranges");
}

TEST(dt_reg, names_malformed_ranges)
{
    auto tree = bus_with_device();
    tree.cells("/bus", "ranges", {0, 0, 0}).cells("/bus/dev@0", "reg", {0, 1});
    EXPECT_EQ(mistake([&] { at(tree, "/bus/dev@0").reg(); }),
              "/bus: ranges: is not a whole number of entries of 4 cells");
    tree.cells("/bus", "ranges", {0, 0xffffffff, 0xffffffff, 2});
    EXPECT_THAT(mistake([&] { at(tree, "/bus/dev@0").reg(); }), HasSubstr("wraps around"));
}

TEST(dt_reg, names_what_is_wrong_with_it)
{
    const auto wrong = [](const std::vector<std::uint32_t> &reg) {
        auto tree = test::small_machine();
        tree.cells("/uart@9000000", "reg", reg);
        return mistake([&] { at(tree, "/uart@9000000").reg(); });
    };
    EXPECT_EQ(wrong({}), "/uart@9000000: reg: is empty");
    EXPECT_EQ(wrong({1}), "/uart@9000000: reg: 1 cells are not a whole number of entries of 2");
    EXPECT_EQ(wrong({1, 0}), "/uart@9000000: reg: the entry at 0x1 has size 0");

    auto tree = test::small_machine();
    tree.remove("/uart@9000000", "reg");
    EXPECT_EQ(mistake([&] { at(tree, "/uart@9000000").reg(); }), "/uart@9000000: reg: is missing");
}

TEST(dt_reg, names_a_range_that_wraps_around)
{
    edited_tree tree;
    tree.node("/dev").cells("/dev", "reg", {0xffffffff, 0xffffffff, 2});
    EXPECT_EQ(mistake([&] { at(tree, "/dev").reg(); }),
              "/dev: reg: the entry at 0xffffffffffffffff wraps around");
}

TEST(dt_reg, names_absurd_cell_counts)
{
    auto tree = test::small_machine();
    tree.cells("/", "#address-cells", {3});
    EXPECT_THAT(mistake([&] { at(tree, "/uart@9000000").reg(); }),
                HasSubstr("/: #address-cells: must be 1 or 2"));
    tree.cells("/", "#address-cells", {1}).cells("/", "#size-cells", {0xffffffff});
    EXPECT_THAT(mistake([&] { at(tree, "/uart@9000000").reg(); }),
                HasSubstr("/: #size-cells: must be 0, 1 or 2"));
}

TEST(dt_specifiers, split_at_the_cell_count_of_each_target)
{
    edited_tree tree;
    tree.node("/a").cells("/a", "phandle", {1}).cells("/a", "#n-cells", {0});
    tree.node("/b").cells("/b", "phandle", {2}).cells("/b", "#n-cells", {2});
    tree.cells("/", "list", {2, 10, 11, 1, 2, 12, 13});
    const auto list = tree.tree().root().specifiers("list", "#n-cells");
    ASSERT_EQ(list.size(), 3u);
    EXPECT_EQ(list[0].target.path(), "/b");
    EXPECT_THAT(list[0].args, ElementsAre(10, 11));
    EXPECT_EQ(list[1].target.path(), "/a");
    EXPECT_TRUE(list[1].args.empty());
    EXPECT_THAT(list[2].args, ElementsAre(12, 13));
}

TEST(dt_specifiers, name_what_is_wrong_with_them)
{
    edited_tree tree;
    tree.node("/a").cells("/a", "phandle", {1}).cells("/a", "#n-cells", {0xffffffff});
    tree.node("/b").cells("/b", "phandle", {2});
    const auto wrong = [&](const std::vector<std::uint32_t> &list) {
        tree.cells("/", "list", list);
        return mistake([&] { tree.tree().root().specifiers("list", "#n-cells"); });
    };
    EXPECT_EQ(wrong({9}), "/: list: no node has phandle 9");
    EXPECT_EQ(wrong({0}), "/: list: no node has phandle 0");
    EXPECT_EQ(wrong({0xffffffff}), "/: list: no node has phandle 4294967295");
    EXPECT_EQ(wrong({2}), "/: list: /b has no #n-cells");
    EXPECT_THAT(wrong({1, 5}), HasSubstr("/: list: ends in the middle of a specifier"));
}

TEST(dt_interrupts, find_the_controller_by_walking_up)
{
    const auto list = at(test::small_machine(), "/uart@9000000").interrupts();
    ASSERT_EQ(list.size(), 1u);
    EXPECT_EQ(list[0].target.path(), "/gic@8000000");
    EXPECT_THAT(list[0].args, ElementsAre(0, 1, 4));
}

TEST(dt_interrupts, prefer_the_extended_form)
{
    auto tree = test::small_machine();
    tree.cells("/uart@9000000", "interrupts-extended", {1, 0, 9, 4, 1, 0, 8, 1});
    const auto list = at(tree, "/uart@9000000").interrupts();
    ASSERT_EQ(list.size(), 2u);
    EXPECT_THAT(list[1].args, ElementsAre(0, 8, 1));
}

TEST(dt_interrupts, name_what_is_wrong_with_them)
{
    const auto wrong = [](const edited_tree &tree) {
        return mistake([&] { at(tree, "/uart@9000000").interrupts(); });
    };
    auto tree = test::small_machine();
    tree.cells("/uart@9000000", "interrupts", {0, 1});
    EXPECT_THAT(wrong(tree), HasSubstr("interrupts: ends in the middle of a specifier of 3"));
    tree.cells("/gic@8000000", "#interrupt-cells", {0});
    EXPECT_THAT(wrong(tree), HasSubstr("/gic@8000000: #interrupt-cells: must not be 0"));
    tree.remove("/gic@8000000", "#interrupt-cells");
    EXPECT_THAT(wrong(tree), HasSubstr("/gic@8000000: #interrupt-cells: is missing"));
    tree.cells("/", "interrupt-parent", {77});
    EXPECT_EQ(wrong(tree), "/: interrupt-parent: no node has phandle 77");
    tree.remove("/", "interrupt-parent");
    EXPECT_EQ(wrong(tree), "/uart@9000000: interrupts: no interrupt-parent here or above");
}

TEST(dt_models_properties, are_mistakes_if_nobody_asks_for_them)
{
    const auto tree = test::small_machine()
                          .cells("/smmu@9050000", "vp,oas-bit", {44})
                          .cells("/smmu@9050000", "vp,oas-bits", {44})
                          .cells("/smmu@9050000", "oas-bit", {44})
                          .tree();
    const auto wrong = [&] { return mistake([&] { tree.check_all_asked(); }); };
    const auto smmu = tree.by_path("/smmu@9050000").value();

    EXPECT_EQ(smmu.u32("vp,oas-bits"), 44u);
    EXPECT_EQ(wrong(), "/smmu@9050000: vp,oas-bit: is not a property of this node");
    tree.by_path("/dma@c000000")->has("vp,oas-bit");
    EXPECT_NE(wrong(), "") << "that was another node";
    smmu.has("vp,oas-bit");
    EXPECT_EQ(wrong(), "");
}

TEST(dt_models_properties, are_looked_for_in_enabled_nodes)
{
    auto tree = test::small_machine().node("/dma@c000000/part");
    const auto wrong = [](const edited_tree &edited) {
        return mistake([&] { edited.tree().check_all_asked(); });
    };

    tree.cells("/dma@c000000/part", "vp,burst-ns", {1});
    EXPECT_EQ(wrong(tree), "/dma@c000000/part: vp,burst-ns: is not a property of this node");
    tree.strings("/dma@c000000", "status", {"disabled"});
    EXPECT_EQ(wrong(tree), "");
}

} // namespace
} // namespace test_dt
