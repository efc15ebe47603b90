// SPDX-License-Identifier: Apache-2.0
// Properties of a memory that is a DRAM: presets, what changes them, what is refused.
#include <gtest/gtest.h>

#include "dram_node.hpp"
#include "edited_tree.hpp"

namespace test_dram_node {
namespace {

constexpr const char *memory = "/memory@40000000";

std::optional<dram_config> dram_of(const test::edited_tree &tree)
{
    return vp::dram_of(*tree.tree().by_path(memory));
}

test::edited_tree ddr5()
{
    auto tree = test::small_machine();
    tree.strings(memory, "vp,dram", {"ddr5-6400"});
    return tree;
}

std::string mistake(const test::edited_tree &tree)
{
    try {
        dram_of(tree);
    } catch (const vp::dt_error &error) {
        return error.what();
    }
    return "";
}

TEST(dram_node, of_a_ram_is_none)
{
    EXPECT_FALSE(dram_of(test::small_machine()));
}

TEST(dram_node, names_a_preset)
{
    const std::pair<const char *, dram_preset> presets[] = {{"ddr4-2400", DRAM_DDR4_2400},
                                                            {"ddr5-6400", DRAM_DDR5_6400},
                                                            {"lpddr5-6400", DRAM_LPDDR5_6400}};
    for (const auto &[name, preset] : presets) {
        dram_config expected = {};
        dram_config_preset(&expected, preset);
        const auto found = dram_of(test::small_machine().strings(memory, "vp,dram", {name}));
        ASSERT_TRUE(found);
        EXPECT_EQ(found->trcd, expected.trcd);
        EXPECT_EQ(found->tcl, expected.tcl);
        EXPECT_EQ(found->banks, expected.banks);
        EXPECT_EQ(found->policy, expected.policy);
    }
}

TEST(dram_node, changes_single_parameters)
{
    auto tree = ddr5();
    tree.cells(memory, "vp,dram-channels", {4})
        .cells(memory, "vp,dram-row-bytes", {4096})
        .cells(memory, "vp,dram-trcd-ps", {20000})
        .cells(memory, "vp,dram-trefi-ps", {0})
        .strings(memory, "vp,dram-page-policy", {"open"})
        .strings(memory, "vp,dram-map", {"row:column:bank:channel"});
    const auto dram = dram_of(tree);
    ASSERT_TRUE(dram);
    EXPECT_EQ(dram->channels, 4u);
    EXPECT_EQ(dram->row_bytes, 4096u);
    EXPECT_EQ(dram->trcd, 20000u);
    EXPECT_EQ(dram->trefi, 0u);
    EXPECT_EQ(dram->trp, 14375u);
    EXPECT_EQ(dram->policy, DRAM_OPEN);
    EXPECT_EQ(dram->map[1], DRAM_COLUMN);
}

TEST(dram_node, says_what_is_wrong)
{
    const std::string path = std::string(memory) + ": ";
    EXPECT_EQ(mistake(test::small_machine().strings(memory, "vp,dram", {"ddr3"})),
              path + "vp,dram: must be one of \"ddr4-2400\", \"ddr5-6400\", \"lpddr5-6400\"");
    EXPECT_EQ(mistake(ddr5().cells(memory, "vp,dram-banks", {0})),
              path + "vp,dram-banks: is not 1 to 256");
    EXPECT_EQ(mistake(ddr5().cells(memory, "vp,dram-row-bytes", {96})),
              path + "vp,dram-row-bytes: is not a multiple of burst_bytes");
    EXPECT_EQ(mistake(ddr5().cells(memory, "vp,dram-tcl-ps", {1000000001})),
              path + "vp,dram-tcl-ps: is more than 1000000000");
    EXPECT_EQ(mistake(ddr5().strings(memory, "vp,dram-page-policy", {"ajar"})),
              path + "vp,dram-page-policy: must be one of \"open\", \"closed\"");
    EXPECT_EQ(mistake(ddr5().strings(memory, "vp,dram-map", {"row:bank:column"})),
              path + "vp,dram-map: must have row, bank, column and channel, the most significant "
                     "first: \"row:bank:column:channel\"");
    EXPECT_EQ(mistake(ddr5().cells(memory, "vp,latency-ns", {50})),
              path + "vp,latency-ns: must not be there beside vp,dram");
}

TEST(dram_node, of_a_ram_has_no_parameters)
{
    const auto tree = test::small_machine().cells(memory, "vp,dram-banks", {8}).tree();
    vp::dram_of(*tree.by_path(memory));
    EXPECT_THROW(tree.check_all_asked(), vp::dt_error);
}

} // namespace
} // namespace test_dram_node
