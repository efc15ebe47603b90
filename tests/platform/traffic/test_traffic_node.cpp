// SPDX-License-Identifier: Apache-2.0
// The node of a traffic generator: its properties, and what is wrong with them.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "edited_tree.hpp"
#include "traffic_generator.hpp"

namespace test_traffic_node {
namespace {

class traffic_nodes : public ::testing::Test {
  protected:
    static constexpr const char *node = "/traffic";

    traffic_nodes()
    {
        tree.node("/iommu").cells("/iommu", "phandle", {1}).cells("/iommu", "#iommu-cells", {1});
        tree.node(node).cells(node, "vp,window-bytes", {0x10000});
    }

    void TearDown() override { std::filesystem::remove(trace); }

    void write_trace(const std::string &text) const { std::ofstream(trace) << text; }

    // Makes the generator; what is wrong with the node, or nothing.
    std::string mistake() const
    {
        try {
            vp::make_traffic_generator(*tree.tree().by_path(node), "generator");
        } catch (const vp::dt_error &error) {
            return error.what();
        }
        return "";
    }

    test::edited_tree tree;
    const std::string trace = testing::TempDir() + "traffic-" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(traffic_nodes, WindowIsAllThatIsNeeded)
{
    EXPECT_EQ(mistake(), "");
}

TEST_F(traffic_nodes, AllPropertiesAreAskedFor)
{
    for (const char *const number :
         {"access-bytes", "window-base", "stride-bytes", "scatter-pieces", "scatter-bytes",
          "write-percent", "count", "outstanding", "interval-ps", "streams", "ssid-first",
          "ssid-count", "id-first", "qos", "seed", "start-ns"})
        tree.cells(node, (std::string("vp,") + number).c_str(),
                   {number == std::string("scatter-pieces") ? 0u : 8u});
    tree.strings(node, "vp,pattern", {"strided"})
        .strings(node, "vp,arrival", {"poisson"})
        .strings(node, "vp,ids", {"slot"});
    const vp::dt_tree whole = tree.tree();
    vp::make_traffic_generator(*whole.by_path(node), "generator");
    EXPECT_NO_THROW(whole.check_all_asked());
}

TEST_F(traffic_nodes, NumberOutOfRangeIsNamedByItsProperty)
{
    tree.cells(node, "vp,access-bytes", {5000});
    EXPECT_EQ(mistake(), "/traffic: vp,access-bytes: must be 1 to 4096");
}

TEST_F(traffic_nodes, NumbersMayHaveTwoCells)
{
    tree.cells(node, "vp,window-base", {0xffffffff, 0xffffffc0});
    EXPECT_EQ(mistake(), "/traffic: vp,window-bytes: reaches past the last address");
}

TEST_F(traffic_nodes, WordThatIsNoneOfTheRowsGetsTheList)
{
    tree.strings(node, "vp,pattern", {"zigzag"});
    EXPECT_EQ(mistake(), "/traffic: vp,pattern: must be one of sequential, strided, random, chase, "
                         "scatter, replay");
    tree.strings(node, "vp,pattern", {"random"}).strings(node, "vp,arrival", {"late"});
    EXPECT_EQ(mistake(),
              "/traffic: vp,arrival: must be one of closed, interval, poisson, recorded");
    tree.remove(node, "vp,arrival").strings(node, "vp,ids", {"none"});
    EXPECT_EQ(mistake(), "/traffic: vp,ids: must be one of single, slot");
}

TEST_F(traffic_nodes, StreamIdsAreThoseOfIommus)
{
    tree.cells(node, "iommus", {1, 0xffffffff}).cells(node, "vp,streams", {2});
    EXPECT_EQ(mistake(), "/traffic: vp,streams: a StreamID has more than 32 bits");
    tree.cells("/iommu", "#iommu-cells", {0}).cells(node, "iommus", {1});
    EXPECT_EQ(mistake(), "/traffic: iommus: has an entry without a StreamID");
}

TEST_F(traffic_nodes, PiecesAreEntriesOfThreeCells)
{
    tree.strings(node, "vp,pattern", {"scatter"}).cells(node, "vp,pieces", {0, 0x1000});
    EXPECT_EQ(mistake(), "/traffic: vp,pieces: must be entries of three cells: two of the address, "
                         "one of bytes");
    tree.cells(node, "vp,pieces", {0, 0x1000, 0});
    EXPECT_EQ(mistake(), "/traffic: vp,pieces: one is empty, or reaches past the last address");
    tree.cells(node, "vp,pieces", {0, 0x1000, 64});
    EXPECT_EQ(mistake(), "");
}

TEST_F(traffic_nodes, TraceIsAFileOfTheHost)
{
    write_trace("0 0x1000 64 R 0x10\n");
    tree.strings(node, "vp,pattern", {"replay"}).strings(node, "vp,trace", {trace});
    const auto generator = vp::make_traffic_generator(*tree.tree().by_path(node), "generator");
    EXPECT_EQ(generator->files(), std::vector<std::string>{trace});
}

TEST_F(traffic_nodes, BadLineOfATraceIsNamedWithFileAndLine)
{
    write_trace("0 0x1000 64 R 0x10\n0 0x1000 64 X 0x10\n");
    tree.strings(node, "vp,pattern", {"replay"}).strings(node, "vp,trace", {trace});
    EXPECT_EQ(mistake(), "/traffic: vp,trace: " + trace + ":2: direction: X is not R or W");
}

TEST_F(traffic_nodes, TraceThatIsNoRegularFileIsRefused)
{
    tree.strings(node, "vp,pattern", {"replay"}).strings(node, "vp,trace", {"/dev/zero"});
    EXPECT_EQ(mistake(), "/traffic: vp,trace: /dev/zero: is no regular file");
    tree.strings(node, "vp,trace", {"/nowhere/at/all"});
    EXPECT_EQ(mistake(), "/traffic: vp,trace: /nowhere/at/all: is no regular file");
}

TEST_F(traffic_nodes, ReplayNeedsATraceAndOnlyReplayTakesOne)
{
    tree.strings(node, "vp,pattern", {"replay"});
    EXPECT_EQ(mistake(), "/traffic: vp,trace: there are none to replay");
    write_trace("0 0x1000 64 R 0x10\n");
    tree.strings(node, "vp,pattern", {"random"}).strings(node, "vp,trace", {trace});
    EXPECT_EQ(mistake(), "/traffic: vp,trace: are for the pattern replay");
}

TEST_F(traffic_nodes, CodingStyleIsThatOfTheRoot)
{
    tree.strings("/", "vp,timing", {"sloppy"});
    EXPECT_EQ(mistake(), "/: vp,timing: must be \"loose\" or \"approximate\"");
}

} // namespace
} // namespace test_traffic_node
