// SPDX-License-Identifier: Apache-2.0
// A machine with a device in RTL: its properties.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program_bench.hpp"

namespace test_program_rtl {
namespace {

using namespace test;
using testing::EndsWith;
using testing::HasSubstr;

constexpr const char *node = "/rtl@d000000";

edited_tree machine_with_rtl()
{
    auto tree = real_machine();
    tree.node(node)
        .strings(node, "compatible", {"vp,rtl-dma"})
        .cells(node, "reg", {0xd000000, 0x1000})
        .cells(node, "iommus", {2, 0x20});
    return tree;
}

class program_rtl : public program {
  protected:
    outcome run_tree(const edited_tree &tree) const
    {
        return run("--dtb " + file("dtb", tree.blob()) + " --elf " + guest({loop}) +
                   " --stats --max-time 0.001");
    }
};

// Four cycles of reset, and two that it goes on for.
TEST_F(program_rtl, clock_stands_while_there_is_nothing_to_do)
{
    const auto result = run_tree(machine_with_rtl());
    EXPECT_EQ(result.status, 3);
    EXPECT_THAT(result.output, HasSubstr("\nrtl@d000000.cycles 6\n"));
}

// A file of FST begins with the block of its header, which is 329 bytes long.
TEST_F(program_rtl, signals_are_written_to_a_file)
{
    auto tree = machine_with_rtl();
    const std::string trace = directory + "/trace.fst";
    tree.strings(node, "vp,trace-file", {trace});
    EXPECT_EQ(run_tree(tree).status, 3);
    const std::string written = read_file(trace);
    ASSERT_GT(written.size(), 330);
    EXPECT_EQ(written.substr(0, 9), std::string("\0\0\0\0\0\0\0\x01\x49", 9));
}

TEST_F(program_rtl, file_that_cannot_be_written_is_refused)
{
    auto tree = machine_with_rtl();
    tree.strings(node, "vp,trace-file", {directory + "/none/trace.fst"});
    const auto result = run_tree(tree);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), EndsWith(": /rtl@d000000: vp,trace-file: cannot be written"));
}

TEST_F(program_rtl, period_has_two_halves)
{
    auto tree = machine_with_rtl();
    tree.cells(node, "vp,period-ps", {1});
    const auto result = run_tree(tree);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), EndsWith(": /rtl@d000000: vp,period-ps: must be 2 or more"));
}

} // namespace
} // namespace test_program_rtl
