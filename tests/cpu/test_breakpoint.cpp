// SPDX-License-Identifier: Apache-2.0
// Breakpoints of the PE itself: address, context, privilege, linking, and what enables them.
#include <gtest/gtest.h>

#include "debug_bench.hpp"

namespace cpu_test::test_breakpoint {
namespace {

constexpr std::uint64_t type(unsigned bt, unsigned link = 0)
{
    return std::uint64_t{bt} << 20 | link << 16;
}
constexpr unsigned linked = 1, context = 2, linked_context = 3;

struct hardware_breakpoint : debug_bench {
    hardware_breakpoint() { set_sys(MDSCR_EL1, mdscr_mde); }
    void set(unsigned n, std::uint64_t value, std::uint64_t control)
    {
        set_sys(dbgbvr(n), value);
        set_sys(dbgbcr(n), control | 0x1e0);
    }
    // Runs eight instructions at EL0: where the Breakpoint exception comes, or UINT64_MAX.
    std::uint64_t hit()
    {
        run_user(std::vector<a64::word>(9, a64::add_imm(0, 0, 1)), 8);
        return taken() && ec() == ec_breakpoint ? sys(ELR_EL1) : UINT64_MAX;
    }
};

TEST(HardwareBreakpoint, FiresBeforeItsInstruction)
{
    for (unsigned n = 0; n < 6; n++)
        for (unsigned at : {0u, 1u, 7u}) {
            hardware_breakpoint m;
            m.set(n, m.user + 4 * at, at_el0);
            EXPECT_EQ(m.hit(), m.user + 4 * at) << n;
            EXPECT_EQ(m.x(0), at);
            EXPECT_EQ(m.iss(), iss_debug);
        }
}

TEST(HardwareBreakpoint, IsMetByCodeThatRanBefore)
{
    hardware_breakpoint m;
    m.run_user({a64::nop, a64::nop, a64::b(-8)}, 30);
    m.set(0, m.user + 4, at_el0);
    m.run(3);
    EXPECT_EQ(m.ec(), ec_breakpoint);
    EXPECT_EQ(m.sys(ELR_EL1), m.user + 4);
}

TEST(HardwareBreakpoint, LeavesBudgetsExact)
{
    hardware_breakpoint m;
    m.set(0, m.user + 16, at_el0);
    m.run_user(std::vector<a64::word>(9, a64::add_imm(0, 0, 1)), 3);
    EXPECT_EQ(m.x(0), 3u);
    m.run(1);
    EXPECT_EQ(m.x(0), 4u);
    EXPECT_FALSE(m.taken());
    m.run(1);
    EXPECT_TRUE(m.taken());
}

TEST(HardwareBreakpoint, NeedsMdeAndOpenLocks)
{
    hardware_breakpoint m;
    m.set(0, m.user + 4, at_el0);
    m.set_sys(MDSCR_EL1, 0);
    EXPECT_EQ(m.hit(), UINT64_MAX);
    m.set_sys(MDSCR_EL1, mdscr_mde);
    m.set_os_lock(1);
    EXPECT_EQ(m.hit(), UINT64_MAX);
    m.set_os_lock(0);
    m.set_sys(OSDLR_EL1, 1);
    EXPECT_EQ(m.hit(), UINT64_MAX);
    m.set_sys(OSDLR_EL1, 0);
    EXPECT_EQ(m.hit(), m.user + 4);
}

TEST(HardwareBreakpoint, FiresAtTheLevelsOfPmc)
{
    hardware_breakpoint m;
    for (std::uint64_t control : {at_el1, std::uint64_t{1}, at_el0 & ~std::uint64_t{1}}) {
        m.set(0, m.user + 4, control);
        EXPECT_EQ(m.hit(), UINT64_MAX) << control;
    }
    m.set(0, m.user + 4, at_el0 | at_el1);
    EXPECT_EQ(m.hit(), m.user + 4);
}

TEST(HardwareBreakpoint, ReservedConditionsDisableIt)
{
    hardware_breakpoint m;
    for (unsigned bit : {13u, 14u, 15u}) {
        m.set(0, m.user + 4, at_el0 | std::uint64_t{1} << bit);
        EXPECT_EQ(m.hit(), UINT64_MAX) << "HMC or SSC, bit " << bit;
    }
    for (unsigned bt = 4; bt < 16; bt++) {
        m.set(5, m.user + 4, at_el0 | type(bt));
        EXPECT_EQ(m.hit(), UINT64_MAX) << "BT " << bt;
    }
}

TEST(HardwareBreakpoint, FiresInTheKernelWithKdeAndAClearMask)
{
    hardware_breakpoint m;
    m.code(m.user, {a64::nop, a64::nop});
    m.set(0, m.user, at_el1);
    auto fires = [&](std::uint64_t mdscr, std::uint32_t pstate) {
        m.set_sys(MDSCR_EL1, mdscr);
        a64_set_pstate(m.cpu.get(), el1h | pstate);
        m.run_at(m.user, 1);
        return m.taken() && m.ec() == ec_breakpoint + 1;
    };
    EXPECT_FALSE(fires(mdscr_mde, 0));
    EXPECT_FALSE(fires(mdscr_mde | mdscr_kde, pstate_d));
    EXPECT_TRUE(fires(mdscr_mde | mdscr_kde, 0));
}

TEST(HardwareBreakpoint, OfAContextFiresAtAnyAddress)
{
    hardware_breakpoint m;
    m.set(5, 0x1234, at_el0 | type(context));
    EXPECT_EQ(m.hit(), UINT64_MAX);
    m.set_sys(CONTEXTIDR_EL1, 0x1234);
    EXPECT_EQ(m.hit(), m.user);
    m.run_user({a64::b(0)}, 1);
    EXPECT_TRUE(m.taken()) << "a branch alone";
    m.set(5, 0, 0);
    m.set(3, 0x1234, at_el0 | type(context));
    EXPECT_EQ(m.hit(), UINT64_MAX) << "breakpoint 3 is not context-aware";
}

TEST(HardwareBreakpoint, LinkedFiresInItsContext)
{
    hardware_breakpoint m;
    m.set(0, m.user + 8, at_el0 | type(linked, 4));
    EXPECT_EQ(m.hit(), UINT64_MAX) << "breakpoint 4 is disabled";
    m.set(4, 0x77, 1 | type(linked_context));
    EXPECT_EQ(m.hit(), UINT64_MAX);
    m.set_sys(CONTEXTIDR_EL1, 0x77);
    EXPECT_EQ(m.hit(), m.user + 8);
    m.set(4, 0x77, 1 | type(context));
    EXPECT_EQ(m.hit(), UINT64_MAX) << "breakpoint 4 is no link";
    m.set(3, 0x77, 1 | type(linked_context));
    for (unsigned link : {0u, 3u, 6u, 15u}) {
        m.set(0, m.user + 8, at_el0 | type(linked, link));
        EXPECT_EQ(m.hit(), UINT64_MAX) << link;
    }
}

TEST(HardwareBreakpoint, OnlyLinkingNeverFires)
{
    hardware_breakpoint m;
    m.set(4, m.user & 0xffffffff, at_el0 | type(linked_context));
    m.set_sys(CONTEXTIDR_EL1, m.user & 0xffffffff);
    EXPECT_EQ(m.hit(), UINT64_MAX);
}

TEST(HardwareBreakpoint, LosesToAFetchThatFaults)
{
    hardware_breakpoint m;
    m.set(0, 0x1000, at_el0);
    m.set_sys(ELR_EL1, 0x1000);
    m.set_sys(SPSR_EL1, el0t);
    m.at_el1_do(a64::eret);
    m.run(1);
    EXPECT_EQ(m.ec(), 0x20u);
}

TEST(HardwareBreakpoint, IsSeenByThoseOfADebuggerOutsideFirst)
{
    hardware_breakpoint m;
    m.set(0, m.user + 4, at_el0);
    a64_set_breakpoint(m.cpu.get(), m.user + 4);
    m.run_user({a64::nop, a64::nop, a64::nop}, 0);
    EXPECT_EQ(m.run(5), A64_STOP_BREAKPOINT);
    EXPECT_EQ(m.pc(), m.user + 4);
    a64_clear_breakpoint(m.cpu.get(), m.user + 4);
    m.run(1);
    EXPECT_EQ(m.ec(), ec_breakpoint);
}

TEST(HardwareBreakpoint, RegistersKeepWhatTheyHave)
{
    hardware_breakpoint m;
    EXPECT_EQ(m.sys(A64_SYSREG(3, 0, 0, 5, 0)), 0x10305106u) << "6 breakpoints, 2 of contexts";
    auto written = [&](std::uint32_t reg) {
        m.set_x(1, ~std::uint64_t{0});
        m.at_el1_do(a64::msr(reg, 1));
        const std::uint64_t value = m.sys(reg);
        m.set_sys(reg, 0);
        return value;
    };
    EXPECT_EQ(written(dbgbvr(0)), ~std::uint64_t{3});
    EXPECT_EQ(written(dbgbvr(4)), ~std::uint64_t{0}) << "a context ID may have low bits";
    EXPECT_EQ(written(dbgbcr(0)), 0x00ffe1e7u);
    EXPECT_EQ(written(dbgwvr(3)), ~std::uint64_t{3});
    EXPECT_EQ(written(dbgwcr(3)), 0x1f1fffffu);
}

} // namespace
} // namespace cpu_test::test_breakpoint
