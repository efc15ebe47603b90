// SPDX-License-Identifier: Apache-2.0
// Firmware calls: answers and effects (Arm DEN0022, DEN0028).
#include <gtest/gtest.h>

#include "psci.hpp"

namespace test_psci {
namespace {

using vp::psci_effect;

class firmware : public testing::Test {
  protected:
    // x0 after a call of PE 0 that has to be answered.
    std::int64_t answer(std::uint64_t function, std::uint64_t arg1 = 0, std::uint64_t arg2 = 0,
                        std::uint64_t arg3 = 0)
    {
        EXPECT_EQ(call(function, arg1, arg2, arg3).effect, psci_effect::answer);
        return static_cast<std::int64_t>(x[0]);
    }

    vp::psci_action call(std::uint64_t function, std::uint64_t arg1 = 0, std::uint64_t arg2 = 0,
                         std::uint64_t arg3 = 0, unsigned caller = 0)
    {
        x[0] = function;
        x[1] = arg1;
        x[2] = arg2;
        x[3] = arg3;
        return calls.call(caller, x);
    }

    static constexpr std::uint64_t mpidr = 0x100000203, other = 0x101, third = 0x102;
    static constexpr std::uint64_t entry = 0x40001000;
    vp::psci calls{{mpidr, other, third}, {{0x40000000, 0x10000}, {0x880000000, 0x1000}}};
    std::uint64_t x[8] = {};
};

TEST_F(firmware, is_psci_1_1)
{
    EXPECT_EQ(answer(0x84000000), 0x00010001);
}

TEST_F(firmware, features_lists_what_is_implemented)
{
    for (std::uint32_t function : {0x84000000, 0x84000001, 0xC4000001, 0x84000002, 0x84000003,
                                   0xC4000003, 0x84000004, 0xC4000004, 0x84000006, 0x84000008,
                                   0x84000009, 0x8400000A, 0x8400000E, 0xC400000E, 0x80000000})
        EXPECT_EQ(answer(0x8400000A, function), 0) << std::hex << function;
    for (std::uint32_t function : {0xC4000002, 0x84000005, 0x80000001, 0xC4000008})
        EXPECT_EQ(answer(0x8400000A, function), -1) << std::hex << function;
}

TEST_F(firmware, knows_no_other_functions)
{
    EXPECT_EQ(answer(0x84000005), -1);
    EXPECT_EQ(answer(0x80000002), -1);
    EXPECT_EQ(answer(0), -1);
    EXPECT_EQ(answer(0xFFFFFFFF), -1);
}

// Arm DEN0028 7.2 and 7.3: the version has the calls of 1.1, and lists none of the workarounds.
TEST_F(firmware, is_of_version_1_1_of_the_calling_convention)
{
    EXPECT_EQ(answer(0x80000000), 0x10001);
    EXPECT_EQ(answer(0x80000001, 0x80000000), 0);
    EXPECT_EQ(answer(0x80000001, 0x80000001), 0);
    EXPECT_EQ(answer(0x80000001, 0x80008000), -1);
}

// Arm DEN0022 5.1.18.
TEST_F(firmware, suspends_the_system_of_the_last_cpu)
{
    const auto action = call(0xC400000E, entry, 0x123456789abcdef0);
    EXPECT_EQ(action.effect, psci_effect::suspend);
    EXPECT_EQ(action.target, 0u);
    EXPECT_EQ(action.entry, entry);
    EXPECT_EQ(action.context, 0x123456789abcdef0);
}

TEST_F(firmware, does_not_suspend_beside_another_cpu)
{
    call(0xC4000003, other, entry);
    EXPECT_EQ(answer(0xC400000E, entry), -3) << "on its way";
    calls.started(1);
    EXPECT_EQ(answer(0xC400000E, entry), -3);
    call(0x84000002, 0, 0, 0, 1);
    EXPECT_EQ(call(0xC400000E, entry).effect, psci_effect::suspend);
}

TEST_F(firmware, does_not_suspend_to_where_nothing_can_run)
{
    EXPECT_EQ(answer(0xC400000E, 0x30000000), -9);
    EXPECT_EQ(answer(0xC400000E, entry + 2), -9);
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

TEST_F(firmware, cpu_on_starts_a_cpu_that_is_off)
{
    const auto action = call(0xC4000003, other, entry, 0x123456789abcdef0);
    EXPECT_EQ(action.effect, psci_effect::start);
    EXPECT_EQ(action.target, 1u);
    EXPECT_EQ(action.entry, entry);
    EXPECT_EQ(action.context, 0x123456789abcdef0);
    EXPECT_EQ(x[0], 0u);
}

TEST_F(firmware, cpu_on_by_smc32_has_arguments_of_32_bits)
{
    const auto action = call(0x84000003, 0xff00000000 | other, 0xff00000000 | entry, ~0ull);
    EXPECT_EQ(action.effect, psci_effect::start);
    EXPECT_EQ(action.entry, entry);
    EXPECT_EQ(action.context, 0xffffffffu);
}

TEST_F(firmware, cpu_on_is_pending_until_the_cpu_begins)
{
    call(0xC4000003, other, entry);
    EXPECT_EQ(answer(0xC4000003, other, entry), -5);
    EXPECT_EQ(answer(0xC4000004, other, 0), 2);
    calls.started(1);
    EXPECT_EQ(answer(0xC4000003, other, entry), -4);
    EXPECT_EQ(answer(0xC4000004, other, 0), 0);
    EXPECT_EQ(answer(0xC4000004, third, 0), 1) << "a CPU of its own";
}

TEST_F(firmware, cpu_on_refuses_addresses_where_no_code_can_be)
{
    for (std::uint64_t bad :
         {0x3ffffffcull, 0x40010000ull, 0x40001002ull, 0x40001001ull, 0ull, 0x880001000ull, ~3ull})
        EXPECT_EQ(answer(0xC4000003, other, bad), -9) << std::hex << bad;
    EXPECT_EQ(call(0xC4000003, other, 0x880000ffc).effect, psci_effect::start);
}

TEST_F(firmware, cpu_on_looks_at_the_cpu_before_the_address)
{
    EXPECT_EQ(answer(0xC4000003, mpidr, 1), -4);
    EXPECT_EQ(answer(0xC4000003, 7, 1), -2);
}

TEST_F(firmware, a_cpu_that_went_off_can_be_started_again)
{
    call(0xC4000003, other, entry);
    calls.started(1);
    EXPECT_EQ(call(0x84000002, 0, 0, 0, 1).effect, psci_effect::park);
    EXPECT_EQ(answer(0xC4000004, other, 0), 1);
    EXPECT_EQ(call(0xC4000003, other, entry).effect, psci_effect::start);
}

TEST_F(firmware, cpu_suspend_waits_in_standby)
{
    for (std::uint32_t function : {0x84000001, 0xC4000001}) {
        EXPECT_EQ(call(function, 0x0000beef, 0x1234).effect, psci_effect::standby);
        EXPECT_EQ(x[0], 0u);
    }
    EXPECT_EQ(call(0xC4000001, 0x03000000).effect, psci_effect::standby) << "of any power level";
}

TEST_F(firmware, cpu_suspend_knows_no_powerdown)
{
    EXPECT_EQ(answer(0xC4000001, 0x00010000, entry), -2);
    EXPECT_EQ(answer(0xC4000001, 0x00020000, entry), -2) << "a reserved bit";
    EXPECT_EQ(answer(0xC4000001, 0x04000000, entry), -2) << "a reserved bit";
}

TEST_F(firmware, affinity_info_tells_who_is_on)
{
    EXPECT_EQ(answer(0xC4000004, mpidr, 0), 0);
    EXPECT_EQ(answer(0xC4000004, mpidr + 1, 0), -2);
    EXPECT_EQ(answer(0xC4000004, mpidr, 1), -2);
}

TEST_F(firmware, cpu_off_parks_the_caller)
{
    EXPECT_EQ(call(0x84000002).effect, psci_effect::park);
    EXPECT_EQ(answer(0xC4000004, mpidr, 0), 1);
}

TEST_F(firmware, system_calls_end_the_run)
{
    EXPECT_EQ(call(0x84000008).effect, psci_effect::power_off);
    EXPECT_EQ(call(0x84000009).effect, psci_effect::reset);
}

TEST_F(firmware, vendor_call_begins_measurements_anew)
{
    EXPECT_EQ(call(0xC7000001).effect, psci_effect::measure);
    EXPECT_EQ(x[0], 0u);
}

TEST_F(firmware, vendor_exit_keeps_the_status)
{
    EXPECT_EQ(call(0xC7000000, 42).effect, psci_effect::exit);
    EXPECT_EQ(x[1], 42u);
}

} // namespace
} // namespace test_psci
