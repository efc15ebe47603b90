// SPDX-License-Identifier: Apache-2.0
// Making several CPUs of one: what is copied, what is not, and what cannot be multiplied.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpu_nodes.hpp"
#include "edited_tree.hpp"

namespace test_cpu_nodes {
namespace {

using test::small_machine;
using testing::ElementsAre;

std::vector<std::string> cpu_names(const vp::dt_tree &tree)
{
    std::vector<std::string> names;
    for (const vp::dt_node &node : tree.by_path("/cpus")->children())
        names.push_back(node.name());
    return names;
}

std::string mistake(const test::edited_tree &tree, unsigned count)
{
    try {
        vp::multiply_cpus(tree.blob(), count);
    } catch (const vp::dt_error &error) {
        return error.what();
    }
    return "";
}

TEST(cpu_nodes, are_made_with_affinities_that_follow)
{
    const vp::dt_tree tree(vp::multiply_cpus(small_machine().blob(), 4));
    EXPECT_THAT(cpu_names(tree), ElementsAre("cpu@0", "cpu@1", "cpu@2", "cpu@3"));
    for (unsigned i = 0; i < 4; i++)
        EXPECT_EQ(tree.by_path("/cpus/cpu@" + std::to_string(i))->reg()[0].base, i);
}

TEST(cpu_nodes, have_the_properties_of_the_first)
{
    auto source = small_machine();
    source.cells("/cpus/cpu@0", "clock-frequency", {5000000}).cells("/cpus/cpu@0", "phandle", {77});
    const vp::dt_tree tree(vp::multiply_cpus(source.blob(), 2));
    const auto copy = tree.by_path("/cpus/cpu@1");
    ASSERT_TRUE(copy);
    EXPECT_EQ(copy->string("device_type"), "cpu");
    EXPECT_EQ(copy->compatible(), tree.by_path("/cpus/cpu@0")->compatible());
    EXPECT_EQ(copy->u32("clock-frequency"), 5000000u);
    EXPECT_FALSE(copy->has("phandle")) << "which would not be unique";
}

TEST(cpu_nodes, have_the_nodes_below_the_first)
{
    auto source = small_machine();
    source.node("/cpus/cpu@0/l2-cache").cells("/cpus/cpu@0/l2-cache", "cache-level", {2});
    const vp::dt_tree tree(vp::multiply_cpus(source.blob(), 2));
    ASSERT_TRUE(tree.by_path("/cpus/cpu@1/l2-cache"));
    EXPECT_EQ(tree.by_path("/cpus/cpu@1/l2-cache")->u32("cache-level"), 2u);
    EXPECT_TRUE(tree.by_path("/cpus/cpu@0/l2-cache"));
}

TEST(cpu_nodes, use_as_many_cells_as_the_tree)
{
    auto source = small_machine();
    source.cells("/cpus", "#address-cells", {2}).cells("/cpus/cpu@0", "reg", {0, 0});
    const vp::dt_tree tree(vp::multiply_cpus(source.blob(), 8));
    EXPECT_THAT(tree.by_path("/cpus/cpu@7")->cells("reg"), ElementsAre(0, 7));
}

TEST(cpu_nodes, stay_if_there_are_enough)
{
    const auto blob = small_machine().blob();
    EXPECT_EQ(vp::multiply_cpus(blob, 1), blob);
}

TEST(cpu_nodes, are_not_made_of_several)
{
    auto tree = small_machine();
    tree.node("/cpus/cpu@1").strings("/cpus/cpu@1", "device_type", {"cpu"});
    EXPECT_EQ(mistake(tree, 2), "");
    EXPECT_EQ(mistake(tree, 4), "/cpus: has 2 CPUs, which cannot be made 4");
    EXPECT_EQ(mistake(tree, 1), "/cpus: has 2 CPUs, which cannot be made 1");
}

TEST(cpu_nodes, are_not_made_of_none)
{
    auto tree = small_machine();
    tree.remove("/cpus");
    EXPECT_EQ(mistake(tree, 2), "/cpus: has 0 CPUs, which cannot be made 2");
}

TEST(cpu_nodes, are_not_made_where_a_name_is_taken)
{
    auto tree = small_machine();
    tree.node("/cpus/cpu@1").strings("/cpus/cpu@1", "status", {"disabled"});
    EXPECT_EQ(mistake(tree, 2), "/cpus: has a node cpu@1 already");
}

} // namespace
} // namespace test_cpu_nodes
