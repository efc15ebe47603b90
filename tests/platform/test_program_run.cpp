// SPDX-License-Identifier: Apache-2.0
// How runs of the program end, and what they print.
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program_bench.hpp"

namespace test_program_run {
namespace {

using namespace test;
using testing::HasSubstr;

TEST_F(program, ends_with_0_when_the_guest_powers_off)
{
    const auto result = run_guest(firmware_call(0x84000008));
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.errors, "");
}

TEST_F(program, ends_with_0_when_the_guest_says_success)
{
    EXPECT_EQ(run_guest(firmware_call(0xC7000000, 0)).status, 0);
}

TEST_F(program, ends_with_1_when_the_guest_says_failure)
{
    const auto result = run_guest(firmware_call(0xC7000000, 256));
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(line(result), "smmu-vp: the guest ended with status 256");
}

TEST_F(program, ends_with_5_when_the_guest_asks_for_a_reset)
{
    EXPECT_EQ(run_guest(firmware_call(0x84000009)).status, 5);
}

TEST_F(program, ends_with_3_when_time_is_over)
{
    const auto result = run_guest({loop});
    EXPECT_EQ(result.status, 3);
    EXPECT_EQ(line(result), "smmu-vp: the guest did not end within 1 ms of guest time");
}

// Without vectors, an undefined instruction: there is flash, and none in erased flash either.
TEST_F(program, says_once_that_a_cpu_has_crashed)
{
    const auto result = run_guest({0});
    EXPECT_EQ(result.status, 3);
    EXPECT_EQ(result.errors,
              "smmu-vp: cpu@0 takes the same exception for ever, at its vector 0x200: "
              "ELR_EL1 0x200, ESR_EL1 0x2000000, FAR_EL1 0x0\n"
              "smmu-vp: the guest did not end within 1 ms of guest time\n");
}

TEST_F(program, ends_with_3_when_nothing_can_happen)
{
    const auto result = run_guest({wfi, 0x17FFFFFF}); // b .-4
    EXPECT_EQ(result.status, 3);
    EXPECT_THAT(line(result), HasSubstr("no CPU is running"));
}

TEST_F(program, ends_with_3_when_all_cpus_are_off)
{
    EXPECT_EQ(run_guest(firmware_call(0x84000002)).status, 3);
}

TEST_F(program, answers_only_the_conduit_of_the_device_tree)
{
    auto code = firmware_call(0x84000008);
    code[4] = smc; // the tree says hvc: undefined, and the vector at 0x200 is empty memory
    EXPECT_EQ(run_guest(code).status, 3);
}

TEST_F(program, hands_the_device_tree_over_in_x0)
{
    // Ends with status 0 only if the word at x0 is the magic number of a device tree, big-endian.
    const std::vector<std::uint32_t> code = {0xB9400001,           // ldr w1, [x0]
                                             movz_high(2, 0xEDFE), // x2 = 0xEDFE0DD0
                                             movk(2, 0x0DD0),      //
                                             0xCB020021,           // sub x1, x1, x2
                                             movz_high(0, 0xC700), // x0 = VP_EXIT
                                             hvc,
                                             loop};
    EXPECT_EQ(run_guest(code).status, 0);
}

TEST_F(program, runs_as_many_cpus_as_asked_for)
{
    // CPU 0 starts CPU 1 at the instruction after its loop with 7 as context; CPU 1 ends the run
    // with what it got less 7.
    const std::vector<std::uint32_t> code = {movz_high(0, 0xC400),
                                             movk(0, 0x0003), // CPU_ON
                                             movz_high(1, 0),
                                             movk(1, 1), // CPU 1
                                             movz_high(2, 0x4000),
                                             movk(2, 4 * 10), // entry
                                             movz_high(3, 0),
                                             movk(3, 7), // context
                                             hvc,
                                             loop, //
                                             0xD1001C01,
                                             movz_high(0, 0xC700), // sub x1, x0, #7; VP_EXIT
                                             hvc,
                                             loop};
    EXPECT_EQ(run_guest(code, "--cpus 2").status, 0);
    EXPECT_EQ(run_guest(code, "--cpus 1").status, 3) << "there is no CPU 1";
    EXPECT_THAT(run_guest(code, "--cpus 8 --stats").output, HasSubstr("\ncpu@7.instructions 0\n"));
}

// All but the lines about the host.
std::string of_the_guest(const std::string &output)
{
    std::istringstream lines(output);
    std::string kept;
    for (std::string line; std::getline(lines, line);)
        if (line.rfind("run.host-seconds", 0) != 0 && line.rfind("run.mips", 0) != 0)
            kept += line + "\n";
    return kept;
}

TEST_F(program, runs_several_cpus_the_same_each_time)
{
    if (!std::ifstream(SMMU_VP_SMP_ELF).is_open())
        GTEST_SKIP() << "the guest programs are not built";
    const std::string arguments =
        "--dtb " SMMU_VP_VIRT_DTB " --elf " SMMU_VP_SMP_ELF " --cpus 4 --max-time 1 --stats";
    const auto first = run(arguments);
    EXPECT_EQ(first.status, 0) << first.output;
    EXPECT_THAT(first.output, HasSubstr("cpu@3.instructions"));
    EXPECT_EQ(of_the_guest(run(arguments).output), of_the_guest(first.output));
}

TEST_F(program, names_a_number_of_cpus_that_cannot_be)
{
    EXPECT_EQ(run("--dtb a --elf b --cpus 0").status, 2);
    EXPECT_EQ(run("--dtb a --elf b --cpus 9").status, 2);
    auto tree = test::small_machine();
    tree.remove("/cpus/cpu@0");
    const auto result = run("--dtb " + file("dtb", tree.blob()) + " --elf x --cpus 2");
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), HasSubstr("dtb: /cpus: has 0 CPUs, which cannot be made 2"));
}

TEST_F(program, prints_counters_when_asked)
{
    const auto result = run_guest(firmware_call(0x84000008), "--stats");
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.output, HasSubstr("\ncpu@0.instructions 5\n"));
    EXPECT_THAT(result.output, HasSubstr("\niommu@9050000.translations 0\n"));
    EXPECT_THAT(result.output, HasSubstr("run.guest-seconds "));
    EXPECT_THAT(result.output, HasSubstr("\nrun.instructions 5\n"));
}

} // namespace
} // namespace test_program_run
