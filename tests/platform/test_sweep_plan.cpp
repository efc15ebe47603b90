// SPDX-License-Identifier: Apache-2.0
// Points of a sweep: how many, in which order, and what the device tree of each says.
#include "sweep_plan.hpp"

#include <gmock/gmock.h>

#include "edited_tree.hpp"
#include "input_file.hpp"
#include "vp/dt.hpp"

namespace test_sweep_plan {

using testing::ElementsAre;
using testing::SizeIs;

// A machine with an SMMU that is labelled `smmu`, and a traffic generator.
std::vector<std::uint8_t> machine()
{
    return test::edited_tree()
        .node("/smmu@1000")
        .strings("/smmu@1000", "compatible", {"arm,smmu-v3"})
        .cells("/smmu@1000", "vp,old", {5})
        .node("/traffic@2000")
        .strings("/traffic@2000", "compatible", {"vp,traffic-generator"})
        .node("/__symbols__")
        .strings("/__symbols__", "smmu", {"/smmu@1000"})
        .blob();
}

vp::sweep_plan plan_of(const std::string &text)
{
    return vp::make_sweep_plan(
        vp::parse_sweep_file("machine = \"virt\"\nprogram = \"p\"\n" + text, "my.toml"), machine());
}

std::string complaint(const std::string &text)
{
    try {
        plan_of(text);
    } catch (const vp::input_error &error) {
        return error.what();
    }
    return "good";
}

std::string parameter(const std::string &name, const std::string &node, const std::string &values)
{
    return "[[parameter]]\nname = \"" + name + "\"\nnode = \"" + node + "\"\nproperty = \"vp," +
           name + "\"\nvalues = " + values + "\n";
}

vp::dt_node node_of(const vp::sweep_point &point, const char *path)
{
    return *vp::dt_tree(point.dtb).by_path(path);
}

TEST(SweepPlan, HasOnePointIfNothingVaries)
{
    const auto plan = plan_of("");
    EXPECT_THAT(plan.columns, SizeIs(0));
    ASSERT_THAT(plan.points, SizeIs(1));
    EXPECT_EQ(plan.points[0].name, "1");
    EXPECT_EQ(plan.points[0].program, "p");
}

TEST(SweepPlan, IsEveryCombination)
{
    const auto plan = plan_of("seeds = [8, 9]\n" + parameter("a", "smmu", "[1, 2, 3]") +
                              parameter("b", "smmu", "[\"x\", \"y\"]") +
                              "[[workload]]\nname = \"v\"\n[[workload]]\nname = \"w\"\n");
    EXPECT_THAT(plan.columns, ElementsAre("a", "b", "workload", "seed"));
    ASSERT_THAT(plan.points, SizeIs(24));
    EXPECT_EQ(plan.points[0].name, "01");
    EXPECT_EQ(plan.points[23].name, "24");
    EXPECT_THAT(plan.points[0].values, ElementsAre("1", "x", "v", "8"));
    EXPECT_THAT(plan.points[1].values, ElementsAre("1", "x", "v", "9"));
    EXPECT_THAT(plan.points[2].values, ElementsAre("1", "y", "v", "8"));
    EXPECT_THAT(plan.points[4].values, ElementsAre("2", "x", "v", "8"));
    EXPECT_THAT(plan.points[12].values, ElementsAre("1", "x", "w", "8"));
    EXPECT_THAT(plan.points[23].values, ElementsAre("3", "y", "w", "9"));
}

TEST(SweepPlan, EditsTheTreeOfEachPoint)
{
    const auto plan = plan_of(parameter("a", "smmu", "[[1, 2], [3, 4]]") +
                              parameter("b", "/traffic@2000", "[\"x\", true, false]"));
    ASSERT_THAT(plan.points, SizeIs(6));
    EXPECT_THAT(node_of(plan.points[0], "/smmu@1000").cells("vp,a"), ElementsAre(1u, 2u));
    EXPECT_THAT(node_of(plan.points[5], "/smmu@1000").cells("vp,a"), ElementsAre(3u, 4u));
    EXPECT_EQ(node_of(plan.points[0], "/traffic@2000").string("vp,b"), "x");
    EXPECT_TRUE(node_of(plan.points[1], "/traffic@2000").has("vp,b"));
    EXPECT_FALSE(node_of(plan.points[2], "/traffic@2000").has("vp,b"));
    EXPECT_EQ(node_of(plan.points[5], "/smmu@1000").u32("vp,old"), 5u);
}

TEST(SweepPlan, LeavesNoSymbols)
{
    EXPECT_FALSE(vp::dt_tree(plan_of("").points[0].dtb).by_path("/__symbols__"));
}

TEST(SweepPlan, RemovesAPropertyThatIsFalse)
{
    const auto plan = plan_of("[set.smmu]\n\"vp,old\" = false\n\"vp,never\" = false\n");
    EXPECT_FALSE(node_of(plan.points[0], "/smmu@1000").has("vp,old"));
}

TEST(SweepPlan, SetsSeedsOfAllThatIsLeftToChance)
{
    const auto plan = plan_of("seeds = [8, 9]\n");
    ASSERT_THAT(plan.points, SizeIs(2));
    EXPECT_EQ(node_of(plan.points[0], "/traffic@2000").u32("vp,seed"), 8u);
    EXPECT_EQ(node_of(plan.points[1], "/traffic@2000").u32("vp,seed"), 9u);
    EXPECT_EQ(node_of(plan.points[1], "/smmu@1000").u32("vp,replacement-seed"), 9u);
}

TEST(SweepPlan, LetsAWorkloadReplaceProgramAndSettings)
{
    const auto plan = plan_of("options = [\"-a\"]\n[set.smmu]\n\"vp,x\" = 1\n"
                              "[[workload]]\nname = \"v\"\n"
                              "[[workload]]\nname = \"w\"\nprogram = \"q\"\noptions = [\"-b\"]\n"
                              "set.smmu = { \"vp,x\" = 2 }\n");
    ASSERT_THAT(plan.points, SizeIs(2));
    EXPECT_EQ(plan.points[0].program, "p");
    EXPECT_THAT(plan.points[0].options, ElementsAre("-a"));
    EXPECT_EQ(node_of(plan.points[0], "/smmu@1000").u32("vp,x"), 1u);
    EXPECT_EQ(plan.points[1].program, "q");
    EXPECT_THAT(plan.points[1].options, ElementsAre("-a", "-b"));
    EXPECT_EQ(node_of(plan.points[1], "/smmu@1000").u32("vp,x"), 2u);
}

TEST(SweepPlan, SaysWhichNodeThereIsNot)
{
    EXPECT_EQ(complaint(parameter("a", "nosuch", "[1]")),
              "my.toml: parameter[0].node: \"nosuch\" is no label and no path of a node of virt");
    EXPECT_EQ(complaint("[set.\"/nosuch\"]\n\"vp,x\" = 1\n"),
              "my.toml: set./nosuch.vp,x: \"/nosuch\" is no label and no path of a node of virt");
}

TEST(SweepPlan, RefusesWhatWouldBeWithoutEffect)
{
    const std::string a = parameter("a", "smmu", "[1]");
    EXPECT_EQ(complaint(a + "[[parameter]]\nname = \"b\"\nnode = \"/smmu@1000\"\n"
                            "property = \"vp,a\"\nvalues = [1]\n"),
              "my.toml: parameter[1].property: something else sets vp,a of /smmu@1000 too");
    EXPECT_EQ(complaint("[set.\"/smmu@1000\"]\n\"vp,a\" = 1\n" + a),
              "my.toml: set./smmu@1000.vp,a: is what a parameter or seeds set");
    EXPECT_EQ(complaint("seeds = [1]\n[[workload]]\nname = \"w\"\n"
                        "set.\"/traffic@2000\" = { \"vp,seed\" = 3 }\n"),
              "my.toml: workload[0].set./traffic@2000.vp,seed: is what a parameter or seeds set");
}

TEST(SweepPlan, RefusesTooManyPoints)
{
    std::string values = "[0";
    for (int i = 1; i < 400; i++)
        values += ", " + std::to_string(i);
    values += "]";
    EXPECT_EQ(complaint(parameter("a", "smmu", values) + parameter("b", "smmu", values)),
              "my.toml: parameter: there are more than 100000 points");
}

TEST(SweepPlan, WantsAProgram)
{
    const auto without = [](const std::string &rest) -> std::string {
        try {
            vp::make_sweep_plan(vp::parse_sweep_file("machine = \"virt\"\n" + rest, "my.toml"),
                                machine());
        } catch (const vp::input_error &error) {
            return error.what();
        }
        return "good";
    };
    EXPECT_EQ(without(""), "my.toml: program: is missing");
    EXPECT_EQ(without("[[workload]]\nname = \"w\"\n"),
              "my.toml: workload[0].program: is missing, and so is that of the sweep");
    EXPECT_EQ(without("options = [\"--kernel\", \"/Image\"]\n"), "good");
}

} // namespace test_sweep_plan
