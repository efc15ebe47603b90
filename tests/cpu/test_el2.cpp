// SPDX-License-Identifier: Apache-2.0
// EL2 as an exception level: calls, returns, routing, virtual interrupts, its timer (DDI 0487 D1).
#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_el2 {
namespace {

constexpr std::uint64_t vectors_el1 = 0x40010000, vectors_el2 = 0x40018000;
constexpr std::uint32_t CurrentEL = A64_SYSREG(3, 0, 4, 2, 2);
constexpr std::uint32_t ISR_EL1 = A64_SYSREG(3, 0, 12, 1, 0);

constexpr std::uint64_t esr(unsigned ec, unsigned iss = 0)
{
    return std::uint64_t{ec} << 26 | 1u << 25 | iss;
}

struct hypervisor : machine {
    // The vectors hold instructions that do nothing.
    hypervisor() : machine(true, false, 2)
    {
        for (std::uint64_t vectors : {vectors_el1, vectors_el2})
            code(vectors, std::vector<a64::word>(0x800 / 4, a64::nop));
    }
    void set_hcr(std::uint64_t bits) { set_sys(HCR_EL2, hcr::rw | bits); }
    void set_pstate(std::uint32_t pstate) { a64_set_pstate(cpu.get(), pstate); }
    std::uint32_t pstate() const { return a64_get_pstate(cpu.get()); }
    // Executes one instruction.
    void execute(a64::word insn, std::uint32_t from)
    {
        code(ram_base, {insn});
        set_pstate(from);
        run_at(ram_base, 1);
    }
};

TEST(El2, IsThereOnlyIfThePeStartsInIt)
{
    hypervisor m;
    EXPECT_EQ(m.el(), 2u);
    EXPECT_EQ(m.sys(A64_SYSREG(3, 0, 0, 4, 0)), 0x01000111u) << "ID_AA64PFR0_EL1";
    m.execute(a64::mrs(0, CurrentEL), el2h);
    EXPECT_EQ(m.x(0), 8u);
    machine without;
    std::uint64_t value;
    EXPECT_FALSE(a64_get_sysreg(without.cpu.get(), HCR_EL2, &value));
}

TEST(El2, ResetVectorRegisterIsThatOfTheHighestLevel)
{
    hypervisor m;
    m.execute(a64::mrs(0, A64_SYSREG(3, 4, 12, 0, 1)), el2h);
    EXPECT_EQ(m.x(0), ram_base) << "RVBAR_EL2";
    m.execute(a64::mrs(0, A64_SYSREG(3, 0, 12, 0, 1)), el2h);
    EXPECT_EQ(m.sys(ESR_EL2), esr(0)) << "RVBAR_EL1";
}

// ---- Where synchronous exceptions go ----

struct route_case {
    const char *what;
    a64::word insn;
    std::uint32_t from;
    std::uint64_t hcr, mdcr;
    unsigned target;
    std::uint64_t vector, syndrome;
    unsigned elr; // relative to the instruction
};

class Route : public testing::TestWithParam<route_case> {};

TEST_P(Route, IsTakenToTheLevelThatHandlesIt)
{
    const route_case &p = GetParam();
    hypervisor m;
    m.set_hcr(p.hcr);
    m.set_sys(MDCR_EL2, p.mdcr);
    m.execute(p.insn, p.from);
    EXPECT_EQ(m.el(), p.target) << p.what;
    EXPECT_EQ(m.pc(), (p.target == 2 ? vectors_el2 : vectors_el1) + p.vector) << p.what;
    EXPECT_EQ(m.sys(p.target == 2 ? ESR_EL2 : ESR_EL1), p.syndrome) << p.what;
    EXPECT_EQ(m.sys(p.target == 2 ? ELR_EL2 : ELR_EL1), ram_base + p.elr) << p.what;
    EXPECT_EQ(m.sys(p.target == 2 ? SPSR_EL2 : SPSR_EL1), p.from) << p.what;
    EXPECT_EQ(m.pstate(), all_masked | (p.target == 2 ? el2h : el1h)) << p.what;
}

constexpr std::uint64_t tde = 1u << 8;

INSTANTIATE_TEST_SUITE_P(
    Causes, Route,
    testing::Values(
        route_case{"HVC from EL1", a64::hvc(0x1234), el1h, 0, 0, 2, 0x400, esr(0x16, 0x1234), 4},
        route_case{"HVC from EL2", a64::hvc(1), el2h, 0, 0, 2, 0x200, esr(0x16, 1), 4},
        route_case{"HVC from EL2 with SP_EL0", a64::hvc(1), el2t, 0, 0, 2, 0, esr(0x16, 1), 4},
        route_case{"HVC from EL0", a64::hvc(0), el0t, 0, 0, 1, 0x400, esr(0), 0},
        route_case{"HVC disabled", a64::hvc(0), el1h, hcr::hcd, 0, 1, 0x200, esr(0), 0},
        route_case{"HVC disabled at EL2", a64::hvc(0), el2h, hcr::hcd, 0, 2, 0x200, esr(0), 0},
        route_case{"SMC trapped", a64::smc(7), el1h, hcr::tsc, 0, 2, 0x400, esr(0x17, 7), 0},
        route_case{"SMC from EL0", a64::smc(7), el0t, hcr::tsc, 0, 1, 0x400, esr(0), 0},
        route_case{"SMC without firmware", a64::smc(0), el2h, hcr::tsc, 0, 2, 0x200, esr(0), 0},
        route_case{"SVC from EL0", a64::svc(3), el0t, 0, 0, 1, 0x400, esr(0x15, 3), 4},
        route_case{"SVC from EL1", a64::svc(3), el1h, hcr::tge, 0, 1, 0x200, esr(0x15, 3), 4},
        route_case{"SVC from EL2", a64::svc(3), el2h, 0, 0, 2, 0x200, esr(0x15, 3), 4},
        route_case{"SVC with TGE", a64::svc(3), el0t, hcr::tge, 0, 2, 0x400, esr(0x15, 3), 4},
        route_case{"UDF with TGE", a64::udf, el0t, hcr::tge, 0, 2, 0x400, esr(0), 0},
        route_case{"BRK", a64::brk(9), el1h, 0, 0, 1, 0x200, esr(0x3c, 9), 0},
        route_case{"BRK with TDE", a64::brk(9), el1h, 0, tde, 2, 0x400, esr(0x3c, 9), 0},
        route_case{"BRK with TGE", a64::brk(9), el0t, hcr::tge, 0, 2, 0x400, esr(0x3c, 9), 0},
        route_case{"EL0's trap to EL1", a64::daifset(2), el0t, 0, 0, 1, 0x400,
                   esr(0x18, 3 << 14 | 6 << 17 | 4 << 10 | 31 << 5 | 2 << 1), 0},
        route_case{"... with TGE", a64::daifset(2), el0t, hcr::tge, 0, 2, 0x400,
                   esr(0x18, 3 << 14 | 6 << 17 | 4 << 10 | 31 << 5 | 2 << 1), 0},
        route_case{"WFI trapped", a64::wfi, el1h, hcr::twi, 0, 2, 0x400, esr(0x01, 0x1e00000), 0},
        route_case{"WFE trapped", a64::wfe, el1h, hcr::twe, 0, 2, 0x400, esr(0x01, 0x1e00001), 0},
        route_case{"WFI trapped by EL1 first", a64::wfi, el0t, hcr::twi, 0, 1, 0x400,
                   esr(0x01, 0x1e00000), 0},
        route_case{"floating point, trapped by CPACR", 0x1e602800, el1h, 0, 0, 1, 0x200,
                   esr(0x07, 0x1e00000), 0},
        route_case{"... with TGE", 0x1e602800, el0t, hcr::tge, 0, 2, 0x400, esr(0), 0}));

TEST(El2, WaitsOfItsOwnAreNotTrapped)
{
    hypervisor m;
    m.set_hcr(hcr::twi);
    m.code(ram_base, {a64::wfi});
    EXPECT_EQ(m.run_at(ram_base, 1), A64_STOP_WFI);
    EXPECT_EQ(m.el(), 2u);
}

TEST(El2, FirmwareAnswersSmcAndNotHvc)
{
    hypervisor m;
    std::vector<a64_conduit> calls;
    m.conduit = [&](a64_conduit conduit, std::uint64_t *x) {
        calls.push_back(conduit);
        x[0] = 5;
        return true;
    };
    for (std::uint32_t from : {el1h, el2h}) {
        m.execute(a64::smc(0), from);
        EXPECT_EQ(m.x(0), 5u);
        m.execute(a64::hvc(0), from);
        EXPECT_EQ(m.sys(ESR_EL2), esr(0x16));
    }
    EXPECT_EQ(calls, (std::vector<a64_conduit>{A64_SMC, A64_SMC}));
}

TEST(El2, FloatingPointIsTrappedByCptrAtAllLevels)
{
    for (std::uint32_t from : {el0t, el1h, el2h}) {
        hypervisor m;
        m.set_sys(CPACR_EL1, 3 << 20);
        m.execute(0x1e602800, from);
        EXPECT_EQ(m.sys(ESR_EL2), 0u);
        m.set_sys(CPTR_EL2, 0x33ff | 1 << 10);
        m.execute(0x1e602800, from);
        EXPECT_EQ(m.sys(ESR_EL2), esr(0x07, 0x1e00000));
        m.set_sys(ESR_EL2, 0);
        m.execute(a64::mrs(0, A64_SYSREG(3, 3, 4, 4, 0)), from);
        EXPECT_EQ(m.sys(ESR_EL2), esr(0x07, 0x1e00000)) << "FPCR";
    }
}

// ---- Returns ----

struct return_case {
    std::uint32_t spsr;
    std::uint64_t hcr;
    bool legal;
};

class Return : public testing::TestWithParam<return_case> {};

TEST_P(Return, GoesToNoHigherLevelAndNotToOneOutOfUse)
{
    const return_case &p = GetParam();
    hypervisor m;
    m.set_hcr(p.hcr);
    m.set_sys(SPSR_EL2, p.spsr);
    m.set_sys(ELR_EL2, ram_base + 0x100);
    m.execute(a64::eret, el2h);
    EXPECT_EQ(m.pc(), ram_base + 0x100);
    EXPECT_EQ(m.pstate(), p.legal ? p.spsr : (p.spsr & 0x3c0) | 1u << 20 | el2h);
}

INSTANTIATE_TEST_SUITE_P(Targets, Return,
                         testing::Values(return_case{el2h, 0, true}, return_case{el2t, 0, true},
                                         return_case{el1h, 0, true}, return_case{el1t, 0, true},
                                         return_case{el0t, 0, true},
                                         return_case{el0t, hcr::tge, true},
                                         return_case{el1h, hcr::tge, false},
                                         return_case{0xd, 0, false}, return_case{0xa, 0, false},
                                         return_case{0x10, 0, false}));

TEST(El2, ReturnOfEl1ToEl2IsIllegal)
{
    hypervisor m;
    m.set_sys(SPSR_EL1, el2h);
    m.set_sys(ELR_EL1, ram_base + 0x100);
    m.execute(a64::eret, el1h);
    EXPECT_EQ(m.pstate(), 1u << 20 | el1h);
    m.run(1);
    EXPECT_EQ(m.sys(ESR_EL1), esr(0x0e)) << "an illegal state is the business of its own level";
}

TEST(El2, HasAStackPointerOfItsOwnAndSeesThatOfEl1)
{
    hypervisor m;
    m.set_x(31, 0x2220);
    m.set_x(1, 0x1110);
    m.execute(a64::msr(SP_EL1, 1), el2h);
    EXPECT_EQ(m.x(31), 0x2220u);
    m.execute(a64::nop, el1h);
    EXPECT_EQ(m.x(31), 0x1110u);
    EXPECT_EQ(m.sys(SP_EL1), 0x1110u);
    m.set_sys(SP_EL1, 0x3330);
    EXPECT_EQ(m.x(31), 0x3330u);
}

TEST(El2, MisalignedPcIsReportedWhereItIsTaken)
{
    hypervisor m;
    m.set_pstate(el2h);
    m.run_at(ram_base + 2, 1);
    EXPECT_EQ(m.sys(ESR_EL2), esr(0x22));
    EXPECT_EQ(m.sys(FAR_EL2), ram_base + 2);
}

// ---- Interrupts ----

constexpr std::uint64_t not_taken = ~std::uint64_t{0};
struct interrupt_case {
    a64_line line;
    std::uint64_t hcr;
    std::uint32_t from;
    std::uint64_t vector; // address
};

class Interrupt : public testing::TestWithParam<interrupt_case> {};

TEST_P(Interrupt, IsRoutedAndMasked)
{
    const interrupt_case &p = GetParam();
    hypervisor m;
    m.set_hcr(p.hcr);
    m.code(ram_base, {a64::nop});
    m.set_pstate(p.from);
    a64_set_line(m.cpu.get(), p.line, true);
    m.run_at(ram_base, 1);
    EXPECT_EQ(m.pc() - 4, p.vector == not_taken ? ram_base : p.vector);
}

constexpr std::uint32_t i_masked = 0x80, f_masked = 0x40;
INSTANTIATE_TEST_SUITE_P(
    Physical, Interrupt,
    testing::Values(interrupt_case{A64_IRQ, 0, el1h, vectors_el1 + 0x280},
                    interrupt_case{A64_IRQ, 0, el1h | i_masked, not_taken},
                    interrupt_case{A64_IRQ, 0, el2h, not_taken},
                    interrupt_case{A64_IRQ, hcr::imo, el0t | i_masked, vectors_el2 + 0x480},
                    interrupt_case{A64_IRQ, hcr::imo, el1h | i_masked, vectors_el2 + 0x480},
                    interrupt_case{A64_IRQ, hcr::imo, el2h, vectors_el2 + 0x280},
                    interrupt_case{A64_IRQ, hcr::imo, el2t, vectors_el2 + 0x080},
                    interrupt_case{A64_IRQ, hcr::imo, el2h | i_masked, not_taken},
                    interrupt_case{A64_IRQ, hcr::tge, el0t | i_masked, vectors_el2 + 0x480},
                    interrupt_case{A64_IRQ, hcr::fmo, el1h, vectors_el1 + 0x280},
                    interrupt_case{A64_FIQ, hcr::fmo, el1h | f_masked, vectors_el2 + 0x500},
                    interrupt_case{A64_FIQ, hcr::fmo, el2h | f_masked, not_taken},
                    interrupt_case{A64_FIQ, hcr::imo, el2h, not_taken}));
INSTANTIATE_TEST_SUITE_P(
    Virtual, Interrupt,
    testing::Values(interrupt_case{A64_VIRQ, hcr::imo, el1h, vectors_el1 + 0x280},
                    interrupt_case{A64_VIRQ, hcr::imo, el0t, vectors_el1 + 0x480},
                    interrupt_case{A64_VIRQ, hcr::imo, el1h | i_masked, not_taken},
                    interrupt_case{A64_VIRQ, 0, el1h, not_taken},
                    interrupt_case{A64_VIRQ, hcr::imo, el2h, not_taken},
                    interrupt_case{A64_VIRQ, hcr::imo | hcr::tge, el0t, not_taken},
                    interrupt_case{A64_VFIQ, hcr::fmo, el1h, vectors_el1 + 0x300},
                    interrupt_case{A64_VFIQ, hcr::imo, el1h, not_taken}));

struct pended_case {
    std::uint64_t hcr;
    std::uint32_t from;
    std::uint64_t vector;
};

class Pended : public testing::TestWithParam<pended_case> {};

TEST_P(Pended, ByHcrIsTakenByEl1)
{
    const pended_case &p = GetParam();
    hypervisor m;
    m.code(ram_base, {a64::nop});
    m.set_hcr(p.hcr);
    m.set_pstate(p.from);
    m.run_at(ram_base, 1);
    EXPECT_EQ(m.pc() - 4, p.vector == not_taken ? ram_base : p.vector);
}

INSTANTIATE_TEST_SUITE_P(
    Interrupts, Pended,
    testing::Values(pended_case{hcr::vi | hcr::imo, el1h, vectors_el1 + 0x280},
                    pended_case{hcr::vi, el1h, not_taken},
                    pended_case{hcr::vi | hcr::imo, el1h | i_masked, not_taken},
                    pended_case{hcr::vf | hcr::fmo, el0t, vectors_el1 + 0x500},
                    pended_case{hcr::vse | hcr::amo, el1h, vectors_el1 + 0x380},
                    pended_case{hcr::vse, el1h, not_taken},
                    pended_case{hcr::vse | hcr::amo, el1h | 0x100, not_taken},
                    pended_case{hcr::vse | hcr::amo, el2h, not_taken}));

TEST(El2, VirtualSErrorIsOverOnceItIsTaken)
{
    hypervisor m;
    m.set_hcr(hcr::vse | hcr::amo);
    m.execute(a64::nop, el1h);
    EXPECT_EQ(m.sys(HCR_EL2), hcr::rw | hcr::amo);
    EXPECT_EQ(m.sys(ESR_EL1), esr(0x2f));
}

TEST(El2, InterruptStatusOfEl1IsVirtual)
{
    hypervisor m;
    a64_set_line(m.cpu.get(), A64_IRQ, true);
    m.execute(a64::mrs(0, ISR_EL1), el2h | all_masked);
    EXPECT_EQ(m.x(0), 0x80u);
    m.execute(a64::mrs(0, ISR_EL1), el1h | all_masked);
    EXPECT_EQ(m.x(0), 0x80u) << "not routed: the physical one";
    a64_set_line(m.cpu.get(), A64_IRQ, false);
    m.set_hcr(hcr::imo | hcr::fmo | hcr::vf);
    m.execute(a64::mrs(0, ISR_EL1), el1h | all_masked);
    EXPECT_EQ(m.x(0), 0x40u);
    m.execute(a64::mrs(0, ISR_EL1), el2h | all_masked);
    EXPECT_EQ(m.x(0), 0u);
}

TEST(El2, VirtualInterruptEndsAWaitOfTheGuest)
{
    hypervisor m;
    m.set_hcr(hcr::imo);
    m.code(ram_base, {a64::wfi, a64::nop});
    m.set_pstate(el1h | all_masked);
    EXPECT_EQ(m.run_at(ram_base, 2), A64_STOP_WFI);
    a64_set_line(m.cpu.get(), A64_VIRQ, true);
    EXPECT_EQ(m.run(1), A64_STOP_BUDGET);
    EXPECT_EQ(m.pc(), ram_base + 8);
}

// ---- Timers ----

constexpr std::uint32_t CNTVCT_EL0 = A64_SYSREG(3, 3, 14, 0, 2);
constexpr std::uint32_t CNTV_CTL_EL0 = A64_SYSREG(3, 3, 14, 3, 1);
constexpr std::uint32_t CNTV_CVAL_EL0 = A64_SYSREG(3, 3, 14, 3, 2);
constexpr std::uint32_t CNTHP_TVAL_EL2 = A64_SYSREG(3, 4, 14, 2, 0);
constexpr std::uint32_t CNTHP_CTL_EL2 = A64_SYSREG(3, 4, 14, 2, 1);
constexpr std::uint32_t CNTHP_CVAL_EL2 = A64_SYSREG(3, 4, 14, 2, 2);

TEST(El2, VirtualCounterIsBehindByItsOffset)
{
    hypervisor m;
    m.counter = 1000;
    m.set_sys(CNTVOFF_EL2, 400);
    m.execute(a64::mrs(0, CNTVCT_EL0), el1h);
    EXPECT_EQ(m.x(0), 600u);
    m.set_sys(CNTV_CVAL_EL0, 700);
    m.set_x(1, 1);
    m.execute(a64::msr(CNTV_CTL_EL0, 1), el1h);
    EXPECT_EQ(a64_timer_deadline(m.cpu.get()), 1100u) << "in terms of the physical counter";
    m.counter = 1200;
    EXPECT_EQ(a64_timer_deadline(m.cpu.get()), 1200u) << "overdue, not yet driven";
    a64_timer_update(m.cpu.get());
    EXPECT_TRUE(m.timer_level[A64_TIMER_VIRT]);
}

TEST(El2, VirtualCounterMayBeAheadOfThePhysicalOne)
{
    hypervisor m;
    m.counter = 10;
    m.set_sys(CNTVOFF_EL2, ~std::uint64_t{0} - 99); // -100
    m.set_sys(CNTV_CVAL_EL0, 150);
    m.set_x(1, 1);
    m.execute(a64::msr(CNTV_CTL_EL0, 1), el1h);
    EXPECT_EQ(a64_timer_deadline(m.cpu.get()), 50u);
}

TEST(El2, ItsTimerHasAnOutputOfItsOwn)
{
    hypervisor m;
    m.counter = 1000;
    m.set_x(1, 50);
    m.execute(a64::msr(CNTHP_TVAL_EL2, 1), el2h);
    EXPECT_EQ(m.sys(CNTHP_CVAL_EL2), 1050u);
    m.set_x(1, 1);
    m.execute(a64::msr(CNTHP_CTL_EL2, 1), el2h);
    EXPECT_EQ(a64_timer_deadline(m.cpu.get()), 1050u);
    m.counter = 1050;
    a64_timer_update(m.cpu.get());
    EXPECT_TRUE(m.timer_level[A64_TIMER_HYP]);
    EXPECT_FALSE(m.timer_level[A64_TIMER_PHYS]);
    m.execute(a64::mrs(0, CNTHP_CTL_EL2), el2h);
    EXPECT_EQ(m.x(0), 5u) << "ISTATUS";
}

// ---- Trace ----

TEST(El2, TracerIsToldTheLevelOfAnException)
{
    hypervisor m;
    std::vector<a64_exception> seen;
    a64_tracer tracer = {};
    tracer.user = &seen;
    tracer.exception = [](void *user, const a64_exception *e) {
        static_cast<std::vector<a64_exception> *>(user)->push_back(*e);
    };
    a64_set_tracer(m.cpu.get(), &tracer);
    m.execute(a64::hvc(2), el1h);
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].el, 2u);
    EXPECT_EQ(seen[0].esr, esr(0x16, 2));
    EXPECT_EQ(seen[0].elr, ram_base + 4);
    EXPECT_EQ(seen[0].vector, vectors_el2 + 0x400);
}

} // namespace
} // namespace cpu_test::test_el2
