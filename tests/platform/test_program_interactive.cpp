// SPDX-License-Identifier: Apache-2.0
// The program with somebody at its console.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program_bench.hpp"

namespace test_program_interactive {
namespace {

using namespace test;
using testing::HasSubstr;

TEST_F(program, hands_input_to_the_guest_when_interactive)
{
    const auto result = run_echo("echo q");
    EXPECT_EQ(result.status, 0) << result.errors;
    EXPECT_EQ(result.output, "echo q");
}

TEST_F(program, loses_no_input_that_comes_faster_than_the_guest_reads)
{
    const std::string typed = std::string(300, 'a') + "q";
    EXPECT_EQ(run_echo(typed).output, typed);
}

TEST_F(program, hands_ctrl_a_to_the_guest_when_typed_twice)
{
    EXPECT_EQ(run_echo("\x01\x01q").output, "\x01q");
}

TEST_F(program, ends_with_0_when_the_user_quits)
{
    const auto result = run_echo("a\x01x");
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.errors, "");
}

TEST_F(program, lets_the_user_quit_after_a_crash)
{
    const auto result =
        run("--dtb " SMMU_VP_VIRT_DTB " --elf " + guest({0}) + " --max-time 100 --interactive",
            file("in", {1, 'x'}));
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(line(result), HasSubstr("cpu@0 takes the same exception for ever"));
}

TEST_F(program, reads_no_input_unless_interactive)
{
    const auto result = run_echo("q", "");
    EXPECT_EQ(result.status, 3);
    EXPECT_EQ(result.output, "");
}

TEST_F(program, names_a_machine_without_uart_to_be_interactive_with)
{
    const auto tree = test::small_machine().remove("/uart@9000000").remove("/dma@c000000");
    const auto result = run("--interactive --dtb " + file("dtb", tree.blob()) + " --elf " +
                            file("elf", test::elf_file({loop}).bytes()));
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), HasSubstr("has no PL011 for --interactive"));
}

} // namespace
} // namespace test_program_interactive
