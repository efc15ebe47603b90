// SPDX-License-Identifier: Apache-2.0
// A run that a signal ends: all that it prints and writes is complete.
#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program_bench.hpp"

namespace test_program_signal {
namespace {

using namespace test;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// Prints "ready", and then runs for ever.
std::vector<std::uint32_t> endless_guest()
{
    auto code = talking_guest("ready\n");
    code.resize(code.size() - firmware_call(0).size());
    code.push_back(loop);
    return code;
}

class ended_by : public program, public testing::WithParamInterface<const char *> {
  protected:
    // Starts the program, and signals it once the shell's command `until` has succeeded. The status
    // is that of the shell, 128 and the signal.
    outcome signal_it(const std::string &more, const std::string &until) const
    {
        // What a shell without job control starts in the background ignores SIGINT.
        const std::string program = "env --default-signal=INT " SMMU_VP_PROGRAM
                                    " --dtb " SMMU_VP_VIRT_DTB " --elf " +
                                    guest(endless_guest()) + " " + more + " >" + directory +
                                    "/out 2>" + directory + "/err </dev/null";
        return shell(program + " & until " + until + "; do sleep 0.02; done; kill -" + GetParam() +
                     " $!; wait $!");
    }
    int signalled() const { return 128 + (std::string(GetParam()) == "INT" ? 2 : 15); }
    std::string trace() const { return directory + "/trace"; }
};

TEST_P(ended_by, leaves_a_complete_trace_and_console)
{
    const auto result =
        signal_it("--stats --trace insn --trace-file " + trace(), "test -s " + trace());
    EXPECT_EQ(result.status, signalled());
    EXPECT_EQ(result.errors, "");
    EXPECT_THAT(result.output, StartsWith("ready\nrun.guest-seconds "));
    const std::string text = read_file(trace());
    const auto lines = std::count(text.begin(), text.end(), '\n');
    EXPECT_THAT(text, EndsWith(" 14000000 B\n"));
    EXPECT_THAT(result.output, HasSubstr("\nrun.instructions " + std::to_string(lines) + "\n"));
}

TEST_P(ended_by, need_not_wait_for_a_debugger)
{
    const auto result = signal_it("--gdb 0", "grep -q waiting " + directory + "/err");
    EXPECT_EQ(result.status, signalled());
    EXPECT_THAT(line(result), HasSubstr("waiting for a debugger"));
}

INSTANTIATE_TEST_SUITE_P(Signals, ended_by, testing::Values("TERM", "INT"));

TEST_F(program, ignores_a_signal_that_it_was_started_to_ignore)
{
    const auto result =
        shell("trap '' HUP; " SMMU_VP_PROGRAM " --dtb " SMMU_VP_VIRT_DTB " --elf " +
              guest(endless_guest()) + " --max-time 0.001 --trace insn --trace-file " + directory +
              "/trace >" + directory + "/out 2>" + directory + "/err </dev/null & until test -s " +
              directory + "/trace; do sleep 0.02; done; kill -HUP $!; wait $!");
    EXPECT_EQ(result.status, 3) << "it has run to the end of its time";
}

} // namespace
} // namespace test_program_signal
