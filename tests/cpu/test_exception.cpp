// SPDX-License-Identifier: Apache-2.0
// Exceptions: syndrome, return address, vector, state saved and restored (DDI 0487 D1.3, D24.2).
#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_exception {
namespace {

constexpr std::uint64_t vectors = 0x40010000;
constexpr std::uint64_t il = 1u << 25;

constexpr std::uint64_t esr(unsigned ec, unsigned iss = 0)
{
    return std::uint64_t{ec} << 26 | il | iss;
}

// Runs `insn` at ram_base with PSTATE `pstate`; what it raises must go to `vector`.
void raise(machine &m, a64::word insn, std::uint32_t pstate, std::uint64_t vector)
{
    m.code(ram_base, {insn});
    a64_set_pstate(m.cpu.get(), pstate);
    m.run_at(ram_base, 1);
    EXPECT_EQ(m.pc(), vectors + vector);
    EXPECT_EQ(m.sys(SPSR_EL1), pstate);
    EXPECT_EQ(a64_get_pstate(m.cpu.get()), (pstate & 0xf0000000) | all_masked | el1h);
}

struct sync_case {
    const char *what;
    a64::word insn;
    std::uint32_t pstate;
    std::uint64_t syndrome;
    unsigned elr; // relative to the instruction
};

class Synchronous : public testing::TestWithParam<sync_case> {};

TEST_P(Synchronous, ReportsSyndromeAndReturnAddress)
{
    const sync_case &p = GetParam();
    machine m;
    raise(m, p.insn, p.pstate, (p.pstate & 0xf) == el0t ? 0x400 : (p.pstate & 1) ? 0x200 : 0);
    EXPECT_EQ(m.sys(ESR_EL1), p.syndrome) << p.what;
    EXPECT_EQ(m.sys(ELR_EL1), ram_base + p.elr) << p.what;
}

INSTANTIATE_TEST_SUITE_P(
    Causes, Synchronous,
    testing::Values(
        sync_case{"SVC returns to the next instruction", a64::svc(0x1234), el0t, esr(0x15, 0x1234),
                  4},
        sync_case{"SVC from EL1 with SP_EL0", a64::svc(1), el1t, esr(0x15, 1), 4},
        sync_case{"flags and masks are saved", a64::svc(2), 0xa0000000 | 0x240 | el1h, esr(0x15, 2),
                  4},
        sync_case{"BRK returns to itself", a64::brk(0xffff), el1h, esr(0x3c, 0xffff), 0},
        sync_case{"HLT without halting debug", a64::hlt(1), el1h, esr(0), 0},
        sync_case{"UDF", a64::udf, el0t, esr(0), 0},
        sync_case{"HVC at EL0", a64::hvc(0), el0t, esr(0), 0},
        sync_case{"SMC at EL0", a64::smc(0), el0t, esr(0), 0},
        sync_case{"ERET at EL0", a64::eret, el0t, esr(0), 0},
        sync_case{"SPSel at EL0", a64::spsel(1), el0t, esr(0), 0},
        sync_case{"DCPS1 without debug", 0xd4a00001, el1h, esr(0), 0},
        sync_case{"floating point, trapped by CPACR", 0x1e602800, el1h, esr(0x07, 0x1e00000), 0},
        sync_case{"SIMD load, trapped by CPACR", 0x3dc00020, el0t, esr(0x07, 0x1e00000), 0},
        sync_case{"reserved bitmask immediate", 0x9240fc00, el1h, esr(0), 0},
        sync_case{"W form with N = 1", 0x12400000, el1h, esr(0), 0},
        sync_case{"ADD with ROR", 0x8bc20020, el1h, esr(0), 0},
        sync_case{"W shift of 32", 0x0b028020, el1h, esr(0), 0},
        sync_case{"MOVZ W with hw 2", 0x52c00000, el1h, esr(0), 0},
        sync_case{"extended shift of 5", 0x8b221420, el1h, esr(0), 0},
        sync_case{"register offset with UXTB", 0xf8620820, el1h, esr(0), 0},
        sync_case{"LSE atomic of v8.1", 0xf8220020, el1h, esr(0), 0},
        sync_case{"MSR to no register", a64::msr(A64_SYSREG(3, 0, 15, 15, 7), 0), el1h, esr(0), 0},
        sync_case{"MRS of a write-only register", a64::mrs(0, A64_SYSREG(2, 0, 1, 0, 4)), el1h,
                  esr(0), 0},
        sync_case{"MSR to an identification register", a64::msr(A64_SYSREG(3, 0, 0, 0, 0), 0), el1h,
                  esr(0), 0},
        sync_case{"EL1 register from EL0", a64::mrs(0, SCTLR_EL1), el0t, esr(0), 0},
        sync_case{"TLBI from EL0", a64::msr(a64::tlbi(0, false), 31), el0t, esr(0), 0},
        sync_case{"DAIFSet at EL0, trapped by UMA", a64::daifset(2), el0t,
                  esr(0x18, 3 << 14 | 6 << 17 | 4 << 10 | 31 << 5 | 2 << 1), 0},
        sync_case{"CTR_EL0 at EL0, trapped by UCT", a64::mrs(5, A64_SYSREG(3, 3, 0, 0, 1)), el0t,
                  esr(0x18, 3 << 20 | 1 << 17 | 3 << 14 | 0 << 10 | 5 << 5 | 0 << 1 | 1), 0},
        sync_case{"DC ZVA at EL0, trapped by DZE", a64::msr(a64::DC_ZVA, 3), el0t,
                  esr(0x18, 1 << 20 | 1 << 17 | 3 << 14 | 7 << 10 | 3 << 5 | 4 << 1), 0},
        sync_case{"IC IVAU at EL0, trapped by UCI", a64::msr(a64::IC_IVAU, 3), el0t,
                  esr(0x18, 1 << 20 | 1 << 17 | 3 << 14 | 7 << 10 | 3 << 5 | 5 << 1), 0},
        sync_case{"WFI at EL0, trapped by nTWI", a64::wfi, el0t, esr(0x01, 0x1e00000), 0},
        sync_case{"WFE at EL0, trapped by nTWE", a64::wfe, el0t, esr(0x01, 0x1e00001), 0}));

TEST(Exception, EretRestoresStateAndStackPointer)
{
    machine m;
    m.code(ram_base, {a64::eret});
    m.set_x(31, 0x1110);
    m.set_sys(SP_EL0, 0x2220);
    m.set_sys(SPSR_EL1, 0x60000000 | el0t);
    m.set_sys(ELR_EL1, ram_base + 0x100);
    m.run_at(ram_base, 1);
    EXPECT_EQ(m.pc(), ram_base + 0x100);
    EXPECT_EQ(a64_get_pstate(m.cpu.get()), 0x60000000u);
    EXPECT_EQ(m.x(31), 0x2220u);
    m.code(ram_base + 0x100, {a64::svc(0)});
    m.run(1);
    EXPECT_EQ(m.x(31), 0x1110u);
}

class IllegalReturn : public testing::TestWithParam<std::uint32_t> {};

// D1.4.4: level and stack pointer stay, PSTATE.IL is set, the next instruction is not executed.
TEST_P(IllegalReturn, SetsIllegalState)
{
    machine m;
    m.code(ram_base, {a64::eret, a64::add_imm(0, 0, 1)});
    m.set_sys(SPSR_EL1, GetParam());
    m.set_sys(ELR_EL1, ram_base + 4);
    m.run_at(ram_base, 1);
    EXPECT_EQ(a64_get_pstate(m.cpu.get()), (GetParam() & 0xf00003c0) | 1u << 20 | el1h);
    m.run(1);
    EXPECT_EQ(m.pc(), vectors + 0x200);
    EXPECT_EQ(m.sys(ESR_EL1), esr(0x0e));
    EXPECT_EQ(m.sys(ELR_EL1), ram_base + 4);
    EXPECT_EQ(m.sys(SPSR_EL1) >> 20 & 1, 1u);
    EXPECT_EQ(m.x(0), 0u);
}

INSTANTIATE_TEST_SUITE_P(Targets, IllegalReturn,
                         testing::Values(0x9u, 0xdu, 0x1u, 0x2u, 0x7u, 0x10u, 0x60000010u));

TEST(Exception, MisalignedPcFaultsWhenItIsFetchedFrom)
{
    machine m;
    m.set_x(1, ram_base + 0x102);
    m.code(ram_base, {a64::br(1)});
    m.run(2);
    EXPECT_EQ(m.pc(), vectors + 0x200);
    EXPECT_EQ(m.sys(ESR_EL1), esr(0x22));
    EXPECT_EQ(m.sys(FAR_EL1), ram_base + 0x102);
    EXPECT_EQ(m.sys(ELR_EL1), ram_base + 0x102);
}

TEST(Exception, InstructionFetchThatAbortsIsReported)
{
    machine m;
    m.run_at(0x1000, 1);
    EXPECT_EQ(m.sys(ESR_EL1), esr(0x21, 0x10));
    EXPECT_EQ(m.sys(FAR_EL1), 0x1000u);
    a64_set_pstate(m.cpu.get(), el0t);
    m.run_at(0x1000, 1);
    EXPECT_EQ(m.sys(ESR_EL1), esr(0x20, 0x10));
}

// ---- Interrupts ----

TEST(Interrupt, IsTakenBeforeTheNextInstructionAndCostsNone)
{
    machine m;
    m.code(ram_base, {a64::nop, a64::nop, a64::nop});
    m.run(1);
    a64_set_line(m.cpu.get(), A64_IRQ, true);
    m.code(vectors + 0x280, {a64::nop, a64::nop});
    m.run(1);
    EXPECT_EQ(m.executed, 1u);
    EXPECT_EQ(m.pc(), vectors + 0x284);
    EXPECT_EQ(m.sys(ELR_EL1), ram_base + 4);
    EXPECT_EQ(m.sys(SPSR_EL1), el1h);
}

struct line_case {
    a64_line line;
    std::uint32_t pstate;
    std::uint64_t vector; // 0: not taken
};

class Lines : public testing::TestWithParam<line_case> {};

TEST_P(Lines, AreMaskedByTheirOwnBitOnly)
{
    const line_case &p = GetParam();
    machine m;
    m.code(ram_base, {a64::nop, a64::nop});
    m.code(vectors + p.vector, {a64::nop});
    a64_set_pstate(m.cpu.get(), p.pstate);
    a64_set_line(m.cpu.get(), p.line, true);
    m.run(1);
    EXPECT_EQ(m.pc(), p.vector ? vectors + p.vector + 4 : ram_base + 4);
}

INSTANTIATE_TEST_SUITE_P(
    Masks, Lines,
    testing::Values(line_case{A64_IRQ, el1h | 0x340, 0x280}, line_case{A64_IRQ, el1h | 0x080, 0},
                    line_case{A64_FIQ, el1h | 0x380, 0x300}, line_case{A64_FIQ, el1h | 0x040, 0},
                    line_case{A64_IRQ, el1t, 0x080}, line_case{A64_FIQ, el1t, 0x100},
                    line_case{A64_IRQ, el0t, 0x480}, line_case{A64_FIQ, el0t, 0x500},
                    line_case{A64_IRQ, el0t | 0x080, 0}));

TEST(Interrupt, UnmaskingTakesEffectAtOnce)
{
    machine m;
    m.code(ram_base, {a64::daifclr(2), a64::add_imm(0, 0, 1)});
    m.code(vectors + 0x280, {a64::nop});
    a64_set_pstate(m.cpu.get(), el1h | all_masked);
    a64_set_line(m.cpu.get(), A64_IRQ, true);
    m.run(2);
    EXPECT_EQ(m.x(0), 0u);
    EXPECT_EQ(m.sys(ELR_EL1), ram_base + 4);
}

TEST(Interrupt, RaisedByAnAccessIsTakenAfterIt)
{
    machine m;
    m.set_x(1, device_base);
    m.code(ram_base, {a64::str(2, 1), a64::add_imm(0, 0, 1), a64::add_imm(0, 0, 1)});
    m.code(vectors + 0x280, {a64::nop});
    m.on_bus = [&](const machine::bus_access &) { a64_set_line(m.cpu.get(), A64_IRQ, true); };
    m.run(2);
    EXPECT_EQ(m.x(0), 0u);
    EXPECT_EQ(m.sys(ELR_EL1), ram_base + 4);
}

TEST(Interrupt, FallenLineIsForgotten)
{
    machine m;
    m.code(ram_base, {a64::nop});
    a64_set_line(m.cpu.get(), A64_IRQ, true);
    a64_set_line(m.cpu.get(), A64_IRQ, false);
    m.run(1);
    EXPECT_EQ(m.pc(), ram_base + 4);
}

// ---- Conduit ----

TEST(Conduit, AnswersHvcAndSmc)
{
    machine m;
    std::vector<a64_conduit> calls;
    m.conduit = [&](a64_conduit conduit, std::uint64_t *x) {
        calls.push_back(conduit);
        x[0] = x[1] + 1;
        return true;
    };
    m.set_x(1, 41);
    m.code(ram_base, {a64::hvc(0), a64::smc(0)});
    m.run(2);
    EXPECT_EQ(calls, (std::vector<a64_conduit>{A64_HVC, A64_SMC}));
    EXPECT_EQ(m.x(0), 42u);
    EXPECT_EQ(m.pc(), ram_base + 8);
}

TEST(Conduit, OtherImmediatesAndRefusalsAreUndefined)
{
    machine m;
    m.conduit = [&](a64_conduit, std::uint64_t *) { return true; };
    raise(m, a64::hvc(1), el1h, 0x200);
    EXPECT_EQ(m.sys(ESR_EL1), esr(0));
    m.conduit = nullptr;
    raise(m, a64::smc(0), el1h, 0x200);
    EXPECT_EQ(m.sys(ESR_EL1), esr(0));
}

} // namespace
} // namespace cpu_test::test_exception
