// SPDX-License-Identifier: Apache-2.0
// Properties of the interconnect: each parameter, where it applies, what is refused.
#include <gtest/gtest.h>

#include "bus_node.hpp"
#include "edited_tree.hpp"
#include "plan.hpp"

namespace test_bus_node {
namespace {

using test::edited_tree;
using test::small_machine;

vp::dt_node root_of(const edited_tree &tree)
{
    return tree.tree().root();
}

std::string mistake_of(const edited_tree &tree)
{
    try {
        vp::bus_port_of(root_of(tree), {});
    } catch (const vp::dt_error &error) {
        return error.what();
    }
    return "";
}

TEST(bus_node, sets_each_parameter_by_its_property)
{
    auto tree = small_machine();
    tree.cells("/", "vp,bus-width", {16})
        .cells("/", "vp,bus-period-ps", {1250})
        .cells("/", "vp,bus-forward-ps", {4000})
        .cells("/", "vp,bus-response-ps", {3000})
        .cells("/", "vp,bus-acceptance", {8})
        .cells("/", "vp,bus-issuing", {32})
        .strings("/", "vp,bus-arbitration", {"qos"});
    const crossbar_port port = vp::bus_port_of(root_of(tree), {});
    EXPECT_EQ(port.width, 16u);
    EXPECT_EQ(port.period, 1250u);
    EXPECT_EQ(port.forward, 4000u);
    EXPECT_EQ(port.response, 3000u);
    EXPECT_EQ(port.acceptance, 8u);
    EXPECT_EQ(port.issuing, 32u);
    EXPECT_EQ(port.arbitration, CROSSBAR_QOS);
}

TEST(bus_node, keeps_what_a_node_does_not_say)
{
    auto tree = small_machine();
    tree.cells("/", "vp,bus-width", {4});
    const crossbar_port port = vp::bus_port_of(root_of(tree), {16, 1, 2, 3, 4, 5, CROSSBAR_FIXED});
    EXPECT_EQ(port.width, 4u);
    EXPECT_EQ(port.period, 1u);
    EXPECT_EQ(port.forward, 2u);
    EXPECT_EQ(port.response, 3u);
    EXPECT_EQ(port.acceptance, 4u);
    EXPECT_EQ(port.issuing, 5u);
    EXPECT_EQ(port.arbitration, CROSSBAR_FIXED);
}

TEST(bus_node, knows_each_arbitration)
{
    const std::pair<const char *, crossbar_arbitration> all[] = {
        {"round-robin", CROSSBAR_ROUND_ROBIN}, {"fixed", CROSSBAR_FIXED}, {"qos", CROSSBAR_QOS}};
    for (const auto &[text, value] : all)
        EXPECT_EQ(
            vp::bus_port_of(root_of(small_machine().strings("/", "vp,bus-arbitration", {text})), {})
                .arbitration,
            value);
}

TEST(bus_node, refuses_values_out_of_range)
{
    EXPECT_EQ(mistake_of(small_machine().cells("/", "vp,bus-width", {4097})),
              "/: vp,bus-width: 4097 is not 0 to 4096");
    EXPECT_EQ(mistake_of(small_machine().cells("/", "vp,bus-period-ps", {1000001})),
              "/: vp,bus-period-ps: 1000001 is not 0 to 1000000");
    for (const std::vector<std::string> &wrong :
         std::vector<std::vector<std::string>>{{"random"}, {"fixed", "qos"}})
        EXPECT_EQ(mistake_of(small_machine().strings("/", "vp,bus-arbitration", wrong)),
                  "/: vp,bus-arbitration: must be one of \"round-robin\", \"fixed\", \"qos\"");
}

TEST(bus_node, refuses_more_walks_in_the_cache_than_there_are)
{
    auto tree = small_machine();
    tree.cells("/", "vp,system-cache-ppm", {400000});
    EXPECT_EQ(vp::cached_walks_of(root_of(tree)), 400000u);
    tree.cells("/", "vp,system-cache-ppm", {1000001});
    EXPECT_THROW(vp::cached_walks_of(root_of(tree)), vp::dt_error);
}

vp::machine_plan plan_of(const edited_tree &tree)
{
    const auto none = [](const vp::dt_node &, const char *) -> std::unique_ptr<vp::device> {
        return nullptr;
    };
    return vp::make_plan(tree.tree(), {{"test,uart", none}, {"test,dma", none}});
}

TEST(bus_node, of_the_root_is_for_the_whole_machine)
{
    auto tree = small_machine();
    tree.cells("/", "vp,bus-width", {8}).cells("/", "vp,system-cache-ps", {40000});
    EXPECT_EQ(plan_of(tree).bus.width, 8u);
    EXPECT_EQ(plan_of(tree).system_cache_ps, 40000u);
}

TEST(bus_node, has_its_forward_latency_in_nanoseconds_too)
{
    auto tree = small_machine();
    tree.cells("/", "vp,latency-ns", {30});
    EXPECT_EQ(plan_of(tree).bus.forward, 30000u);
    tree.cells("/", "vp,bus-forward-ps", {4000});
    EXPECT_THROW(plan_of(tree), vp::dt_error);
}

// 4294968 of them are 704 picoseconds in 32 bits.
TEST(bus_node, has_no_more_of_these_nanoseconds_than_of_picoseconds)
{
    auto tree = small_machine();
    tree.cells("/", "vp,latency-ns", {1000000});
    EXPECT_EQ(plan_of(tree).bus.forward, 1000000000u);
    for (const std::uint32_t ns : {1000001u, 4294968u}) {
        tree.cells("/", "vp,latency-ns", {ns});
        EXPECT_THROW(plan_of(tree), vp::dt_error) << ns;
    }
}

} // namespace
} // namespace test_bus_node
