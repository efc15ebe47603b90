// SPDX-License-Identifier: Apache-2.0
// Software step: the state machine, what exceptions do to it, and its syndrome.
#include <gtest/gtest.h>

#include "debug_bench.hpp"

namespace cpu_test::test_step {
namespace {

constexpr std::uint64_t isv = 1u << 24, ex = 1u << 6;

struct step : debug_bench {
    step() { set_sys(MDSCR_EL1, mdscr_ss); }
    bool ended(std::uint64_t at) const { return taken() && ec() == ec_step && sys(ELR_EL1) == at; }
};

TEST(Step, EndsAfterOneInstruction)
{
    step m;
    m.run_user({a64::add_imm(0, 0, 1), a64::add_imm(0, 0, 1)}, 2, el0t | spsr_ss);
    EXPECT_TRUE(m.ended(step::user + 4));
    EXPECT_EQ(m.x(0), 1u);
    EXPECT_EQ(m.iss(), isv | iss_debug);
    EXPECT_EQ(m.sys(SPSR_EL1) & spsr_ss, 0u);
}

TEST(Step, FollowsBranches)
{
    step m;
    m.run_user({a64::b(0x40)}, 2, el0t | spsr_ss);
    EXPECT_TRUE(m.ended(step::user + 0x40));
}

TEST(Step, IsPendingIfTheReturnDoesNotSetSs)
{
    step m;
    m.run_user({a64::add_imm(0, 0, 1)}, 1, el0t);
    EXPECT_TRUE(m.ended(step::user));
    EXPECT_EQ(m.x(0), 0u);
    EXPECT_EQ(m.iss(), iss_debug) << "no instruction was stepped";
}

TEST(Step, TellsLoadExclusives)
{
    step m;
    m.set_x(1, ram_base + 0x1000);
    for (a64::word insn : {a64::ldxr(0, 1), a64::ldxp(0, 2, 1)}) {
        m.run_user({insn}, 2, el0t | spsr_ss);
        EXPECT_EQ(m.iss(), isv | ex | iss_debug);
    }
    m.run_user({a64::stxr(0, 2, 1)}, 2, el0t | spsr_ss);
    EXPECT_EQ(m.iss(), isv | iss_debug);
}

TEST(Step, RestartsAnInstructionThatFaults)
{
    step m;
    m.run_user({a64::udf, a64::nop}, 1, el0t | spsr_ss);
    EXPECT_EQ(m.ec(), 0u);
    EXPECT_EQ(m.sys(ELR_EL1), step::user);
    EXPECT_TRUE(m.sys(SPSR_EL1) & spsr_ss) << "it is still to be stepped";
    EXPECT_FALSE(a64_get_pstate(m.cpu.get()) & spsr_ss);
}

TEST(Step, CountsASupervisorCallAsDone)
{
    step m;
    m.run_user({a64::svc(0), a64::nop}, 1, el0t | spsr_ss);
    EXPECT_EQ(m.ec(), 0x15u);
    EXPECT_FALSE(m.sys(SPSR_EL1) & spsr_ss);
    m.at_el1_do(a64::eret);
    m.run(1);
    EXPECT_TRUE(m.ended(step::user + 4));
    EXPECT_EQ(m.iss(), iss_debug);
}

TEST(Step, RestartsABreakpointInstruction)
{
    step m;
    m.run_user({a64::brk(1)}, 1, el0t | spsr_ss);
    EXPECT_EQ(m.ec(), 0x3cu);
    EXPECT_TRUE(m.sys(SPSR_EL1) & spsr_ss);
}

TEST(Step, RestartsAnInstructionThatCannotBeFetched)
{
    step m;
    m.set_sys(ELR_EL1, 0x1000);
    m.set_sys(SPSR_EL1, el0t | spsr_ss);
    m.at_el1_do(a64::eret);
    m.run(1);
    EXPECT_EQ(m.ec(), 0x20u);
    EXPECT_TRUE(m.sys(SPSR_EL1) & spsr_ss);
}

TEST(Step, WaitsForAnInterruptTakenFirst)
{
    step m;
    m.run_user({a64::add_imm(0, 0, 1)}, 1, el0t | spsr_ss);
    a64_set_line(m.cpu.get(), A64_IRQ, true);
    m.run(1);
    EXPECT_EQ(m.pc(), step::vectors + 0x480);
    a64_set_line(m.cpu.get(), A64_IRQ, false);
    EXPECT_FALSE(m.sys(SPSR_EL1) & spsr_ss) << "the step is done";
    m.at_el1_do(a64::eret);
    m.run(1);
    EXPECT_TRUE(m.ended(step::user + 4));
    EXPECT_EQ(m.x(0), 1u);
    EXPECT_EQ(m.iss(), iss_debug) << "another exception came between";
}

TEST(Step, IsInactiveWithoutMdscrSs)
{
    step m;
    m.set_sys(MDSCR_EL1, mdscr_mde);
    m.run_user({a64::nop, a64::nop, a64::nop}, 3, el0t | spsr_ss);
    EXPECT_EQ(m.pc(), step::user + 12);
    EXPECT_FALSE(a64_get_pstate(m.cpu.get()) & spsr_ss) << "the return does not set it";
}

TEST(Step, IsInactiveUnderTheOsLocks)
{
    step m;
    m.set_os_lock(1);
    m.run_user({a64::nop, a64::nop}, 2, el0t | spsr_ss);
    EXPECT_EQ(m.pc(), step::user + 8);
    m.set_os_lock(0);
    m.set_sys(OSDLR_EL1, 1);
    m.run_user({a64::nop, a64::nop}, 2, el0t | spsr_ss);
    EXPECT_EQ(m.pc(), step::user + 8);
    m.set_sys(DBGPRCR_EL1, 1);
    m.run_user({a64::nop, a64::nop}, 2, el0t | spsr_ss);
    EXPECT_TRUE(m.ended(step::user + 4)) << "no double lock while debug has power";
}

struct kernel_step {
    std::uint64_t kde;
    std::uint32_t pstate, spsr; // of the return; bits D count
    bool stepped, ss;           // an exception after one instruction; SS is set by the return
};

class KernelStep : public testing::TestWithParam<kernel_step> {};

// Returns from EL1 to EL1 (D2.11.4, table of the values that get into PSTATE.SS).
TEST_P(KernelStep, NeedsKdeAndAClearMask)
{
    const kernel_step &p = GetParam();
    step m;
    m.set_sys(MDSCR_EL1, mdscr_ss | p.kde);
    m.set_sys(ELR_EL1, step::user);
    m.set_sys(SPSR_EL1, el1h | p.spsr | spsr_ss);
    m.code(step::user, {a64::nop, a64::nop});
    m.code(ram_base, {a64::eret});
    a64_set_pstate(m.cpu.get(), el1h | spsr_ss | p.pstate);
    m.run_at(ram_base, 1);
    EXPECT_EQ((a64_get_pstate(m.cpu.get()) & spsr_ss) != 0, p.ss);
    m.run(2);
    EXPECT_EQ(m.pc() == step::user + 8, !p.stepped);
    if (p.stepped) {
        EXPECT_EQ(m.ec(), ec_step + 1);
        EXPECT_EQ(m.sys(ELR_EL1), p.ss ? step::user + 4 : step::user);
    }
}

INSTANTIATE_TEST_SUITE_P(Returns, KernelStep,
                         testing::Values(kernel_step{0, 0, 0, false, false},
                                         kernel_step{0, pstate_d, 0, false, false},
                                         kernel_step{mdscr_kde, 0, 0, true, false},
                                         kernel_step{mdscr_kde, pstate_d, 0, true, true},
                                         kernel_step{mdscr_kde, pstate_d, pstate_d, false, false}));

TEST(Step, EndsBeforeIllegalState)
{
    step m;
    constexpr std::uint32_t il = 1u << 20;
    m.run_user({a64::nop}, 1, el0t | il);
    EXPECT_TRUE(m.ended(step::user)) << "pending comes first";
    m.run_user({a64::nop}, 1, el0t | il | spsr_ss);
    EXPECT_EQ(m.ec(), 0x0eu);
    EXPECT_TRUE(m.sys(SPSR_EL1) & spsr_ss);
}

TEST(Step, StopsAtBreakpointsOfADebuggerOutside)
{
    step m;
    a64_set_breakpoint(m.cpu.get(), step::user);
    m.code(step::user, {a64::nop});
    m.set_sys(ELR_EL1, step::user);
    m.set_sys(SPSR_EL1, el0t | spsr_ss);
    m.at_el1_do(a64::eret);
    EXPECT_EQ(m.run(1), A64_STOP_BREAKPOINT);
    a64_clear_breakpoint(m.cpu.get(), step::user);
    m.run(2);
    EXPECT_TRUE(m.ended(step::user + 4));
}

} // namespace
} // namespace cpu_test::test_step
