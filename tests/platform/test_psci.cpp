// SPDX-License-Identifier: Apache-2.0
// Firmware calls: answers and effects (Arm DEN0022, DEN0028).
#include <gtest/gtest.h>

#include "psci.hpp"

namespace {

using vp::psci_effect;

class firmware : public testing::Test {
  protected:
    // x0 after a call that has to be answered.
    std::int64_t answer(std::uint64_t function, std::uint64_t arg1 = 0, std::uint64_t arg2 = 0)
    {
        EXPECT_EQ(effect(function, arg1, arg2), psci_effect::answer);
        return static_cast<std::int64_t>(x[0]);
    }

    psci_effect effect(std::uint64_t function, std::uint64_t arg1 = 0, std::uint64_t arg2 = 0)
    {
        x[0] = function;
        x[1] = arg1;
        x[2] = arg2;
        return calls.call(0, x);
    }

    static constexpr std::uint64_t mpidr = 0x100000203;
    vp::psci calls{{mpidr}};
    std::uint64_t x[8] = {};
};

TEST_F(firmware, is_psci_1_1)
{
    EXPECT_EQ(answer(0x84000000), 0x00010001);
}

TEST_F(firmware, features_lists_what_is_implemented)
{
    for (std::uint32_t function : {0x84000000, 0x84000002, 0x84000003, 0xC4000003, 0x84000004,
                                   0xC4000004, 0x84000006, 0x84000008, 0x84000009, 0x8400000A})
        EXPECT_EQ(answer(0x8400000A, function), 0) << std::hex << function;
    for (std::uint32_t function : {0x84000001, 0x84000005, 0x80000000, 0xC4000008})
        EXPECT_EQ(answer(0x8400000A, function), -1) << std::hex << function;
}

TEST_F(firmware, knows_no_other_functions)
{
    EXPECT_EQ(answer(0x84000001), -1);
    EXPECT_EQ(answer(0x80000000), -1);
    EXPECT_EQ(answer(0), -1);
    EXPECT_EQ(answer(0xFFFFFFFF), -1);
}

TEST_F(firmware, looks_at_32_bits_of_the_function_identifier)
{
    EXPECT_EQ(answer(0xAAAAAAAA84000000), 0x00010001);
}

TEST_F(firmware, has_no_trusted_os_to_migrate)
{
    EXPECT_EQ(answer(0x84000006), 2);
}

TEST_F(firmware, cpu_on_of_a_running_cpu_is_already_on)
{
    EXPECT_EQ(answer(0xC4000003, mpidr), -4);
}

TEST_F(firmware, cpu_on_of_no_cpu_has_invalid_parameters)
{
    EXPECT_EQ(answer(0xC4000003, 7), -2);
    EXPECT_EQ(answer(0x84000003, mpidr), -2); // SMC32: upper half of the argument is not looked at
}

TEST_F(firmware, affinity_info_tells_who_is_on)
{
    EXPECT_EQ(answer(0xC4000004, mpidr, 0), 0);
    EXPECT_EQ(answer(0xC4000004, mpidr + 1, 0), -2);
    EXPECT_EQ(answer(0xC4000004, mpidr, 1), -2);
}

TEST_F(firmware, cpu_off_parks_the_caller)
{
    EXPECT_EQ(effect(0x84000002), psci_effect::park);
    EXPECT_EQ(answer(0xC4000004, mpidr, 0), 1);
}

TEST_F(firmware, system_calls_end_the_run)
{
    EXPECT_EQ(effect(0x84000008), psci_effect::power_off);
    EXPECT_EQ(effect(0x84000009), psci_effect::reset);
}

TEST_F(firmware, vendor_exit_keeps_the_status)
{
    EXPECT_EQ(effect(0xC7000000, 42), psci_effect::exit);
    EXPECT_EQ(x[1], 42u);
}

} // namespace
