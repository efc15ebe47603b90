// SPDX-License-Identifier: Apache-2.0
// Runs the tests where the QEMU they were written for is installed; elsewhere says so and skips.
#include <cstdio>
#include <exception>
#include <string>

#include <gtest/gtest.h>

#include "differential/qemu_machine.hpp"
#include "support/registers.hpp"

// SKIP_RETURN_CODE of the tests.
constexpr int skipped = 77;

// Why the tests cannot run here; empty if they can.
static std::string obstacle()
{
    using namespace differential;
    const std::string program = qemu_machine::program;
    if (!qemu_process::is_installed(program))
        return "there is no " + program + ": ./vp test --with-qemu installs it";
    qemu_machine machine;
    if (machine.read32(support::reg::IDR0) != 0x0d40101a ||
        machine.read32(support::reg::IDR1) != 0x02730010 ||
        machine.read32(support::reg::IDR5) != 0x00000074)
        return "the SMMUv3 of this " + program + " is not that of version 7.2";
    return "";
}

int main(int argc, char **argv)
{
    testing::InitGoogleTest(&argc, argv);
    if (testing::GTEST_FLAG(list_tests))
        return RUN_ALL_TESTS();
    try {
        const std::string reason = obstacle();
        if (!reason.empty()) {
            std::printf("skipped: %s\n", reason.c_str());
            return skipped;
        }
        return RUN_ALL_TESTS();
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
