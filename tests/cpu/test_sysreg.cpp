// SPDX-License-Identifier: Apache-2.0
// System registers: reset values, masks, access control, the GIC's, counters and timers.
#include <algorithm>

#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_sysreg {
namespace {

constexpr std::uint32_t OSDTRRX_EL1 = A64_SYSREG(2, 0, 0, 0, 2);
constexpr std::uint32_t MDSCR_EL1 = A64_SYSREG(2, 0, 0, 2, 2);
constexpr std::uint32_t OSDTRTX_EL1 = A64_SYSREG(2, 0, 0, 3, 2);
constexpr std::uint32_t OSECCR_EL1 = A64_SYSREG(2, 0, 0, 6, 2);
constexpr std::uint32_t OSLAR_EL1 = A64_SYSREG(2, 0, 1, 0, 4);
constexpr std::uint32_t MDCCSR_EL0 = A64_SYSREG(2, 3, 0, 1, 0);
constexpr std::uint32_t DBGDTR_EL0 = A64_SYSREG(2, 3, 0, 4, 0);
constexpr std::uint32_t DBGDTRTX_EL0 = A64_SYSREG(2, 3, 0, 5, 0);
constexpr std::uint32_t MPIDR_EL1 = A64_SYSREG(3, 0, 0, 0, 5);
constexpr std::uint32_t CNTFRQ_EL0 = A64_SYSREG(3, 3, 14, 0, 0);
constexpr std::uint32_t CNTPCT_EL0 = A64_SYSREG(3, 3, 14, 0, 1);
constexpr std::uint32_t CNTVCT_EL0 = A64_SYSREG(3, 3, 14, 0, 2);
constexpr std::uint32_t CNTP_TVAL_EL0 = A64_SYSREG(3, 3, 14, 2, 0);
constexpr std::uint32_t CNTP_CTL_EL0 = A64_SYSREG(3, 3, 14, 2, 1);
constexpr std::uint32_t CNTP_CVAL_EL0 = A64_SYSREG(3, 3, 14, 2, 2);
constexpr std::uint32_t CNTV_CTL_EL0 = A64_SYSREG(3, 3, 14, 3, 1);
constexpr std::uint32_t CNTV_CVAL_EL0 = A64_SYSREG(3, 3, 14, 3, 2);
constexpr std::uint32_t ICC_IAR1_EL1 = A64_SYSREG(3, 0, 12, 12, 0);
constexpr std::uint32_t ICC_PMR_EL1 = A64_SYSREG(3, 0, 4, 6, 0);

void execute(machine &m, const std::vector<a64::word> &words)
{
    m.code(ram_base, words);
    m.run_at(ram_base, words.size());
}

std::uint64_t read(machine &m, std::uint32_t reg)
{
    execute(m, {a64::mrs(0, reg)});
    EXPECT_EQ(m.sys(ESR_EL1), 0u) << "register " << std::hex << reg;
    return m.x(0);
}

void write(machine &m, std::uint32_t reg, std::uint64_t value)
{
    m.set_x(1, value);
    execute(m, {a64::msr(reg, 1)});
    EXPECT_EQ(m.sys(ESR_EL1), 0u) << "register " << std::hex << reg;
}

TEST(Sysreg, IdentificationTellsTheTruth)
{
    machine m;
    EXPECT_EQ(read(m, A64_SYSREG(3, 0, 0, 4, 0)), 0x01000011u) << "EL0, EL1, FP, GIC registers";
    EXPECT_EQ(read(m, A64_SYSREG(3, 0, 0, 6, 0)), 0x00010000u) << "CRC32";
    EXPECT_EQ(read(m, A64_SYSREG(3, 0, 0, 7, 0)), 0x00100022u) << "three granules, 16-bit ASID";
    EXPECT_EQ(read(m, MPIDR_EL1), 0x80000000u);
    EXPECT_EQ(read(m, A64_SYSREG(3, 3, 0, 0, 7)), 4u) << "DC ZVA block of 64 bytes";
}

TEST(Sysreg, ReservedIdentificationReadsAsZero)
{
    machine m;
    for (unsigned crm = 1; crm < 8; crm++)
        for (unsigned op2 = 0; op2 < 8; op2++) {
            std::uint64_t stored = 0;
            if (!a64_get_sysreg(m.cpu.get(), A64_SYSREG(3, 0, 0, crm, op2), &stored)) {
                EXPECT_EQ(read(m, A64_SYSREG(3, 0, 0, crm, op2)), 0u);
            }
        }
}

struct masked {
    std::uint32_t reg;
    std::uint64_t ones, zeros; // after writing all ones, all zeros
};

class Masks : public testing::TestWithParam<masked> {};

TEST_P(Masks, KeepReservedBits)
{
    const masked &p = GetParam();
    machine m;
    write(m, p.reg, 0);
    EXPECT_EQ(read(m, p.reg), p.zeros);
    m.set_x(1, ~std::uint64_t{0});
    execute(m, {a64::msr(p.reg, 1)});
    EXPECT_EQ(m.sys(p.reg), p.ones);
}

INSTANTIATE_TEST_SUITE_P(
    Registers, Masks,
    testing::Values(masked{SCTLR_EL1, 0x34ddfb9f & ~0x2000ull & ~0x20000ull & ~0x400ull,
                           0x30d00980},
                    masked{CPACR_EL1, 0x300000, 0}, masked{TCR_EL1, 0x77ffffffbf, 0},
                    masked{VBAR_EL1, 0xfffffffffffff800, 0}, masked{ESR_EL1, 0xffffffff, 0},
                    masked{CNTKCTL_EL1, 0x3ff, 0}, masked{SPSR_EL1, 0xf03003df, 0},
                    masked{A64_SYSREG(2, 0, 0, 2, 2), 0xf001, 0},
                    masked{A64_SYSREG(2, 0, 0, 5, 5), 0x00ffe1e7, 0x1e0},
                    masked{A64_SYSREG(2, 0, 0, 3, 7), 0x1f1fffff, 0},
                    masked{A64_SYSREG(3, 3, 9, 12, 5), 0x1f, 0},
                    masked{A64_SYSREG(3, 3, 9, 12, 0), 0x41013041, 0x41013040},
                    masked{A64_SYSREG(3, 3, 9, 14, 0), 0xf, 0},
                    masked{A64_SYSREG(3, 3, 14, 12, 5), 0xc00003ff, 0},
                    masked{A64_SYSREG(3, 3, 14, 15, 7), 0xc0000000, 0},
                    masked{A64_SYSREG(3, 0, 13, 0, 4), ~0ull, 0},
                    masked{A64_SYSREG(3, 3, 13, 0, 2), ~0ull, 0}));

TEST(Sysreg, PstateViewsReadAndWrite)
{
    machine m;
    write(m, A64_SYSREG(3, 3, 4, 2, 0), 0xa0000000);
    EXPECT_EQ(read(m, A64_SYSREG(3, 3, 4, 2, 0)), 0xa0000000u) << "NZCV";
    write(m, A64_SYSREG(3, 3, 4, 2, 1), 0x2c0);
    EXPECT_EQ(read(m, A64_SYSREG(3, 3, 4, 2, 1)), 0x2c0u) << "DAIF";
    EXPECT_EQ(read(m, A64_SYSREG(3, 0, 4, 2, 2)), 4u) << "CurrentEL";
    execute(m, {a64::daifset(4), a64::daifclr(8)});
    EXPECT_EQ(a64_get_pstate(m.cpu.get()) & 0x3c0, 0x1c0u);
}

TEST(Sysreg, SpselSwitchesTheStackPointer)
{
    machine m;
    m.set_x(31, 0x1000);
    m.set_sys(SP_EL0, 0x2000);
    execute(m, {a64::spsel(0)});
    EXPECT_EQ(m.x(31), 0x2000u);
    write(m, A64_SYSREG(3, 0, 4, 2, 0), 1);
    EXPECT_EQ(m.x(31), 0x1000u);
}

TEST(Sysreg, SpEl0IsUndefinedWhileItIsCurrent)
{
    machine m;
    execute(m, {a64::spsel(0), a64::mrs(0, SP_EL0)});
    EXPECT_EQ(m.sys(ESR_EL1), 1u << 25);
}

TEST(Sysreg, El0ReadsWhatControlsAllow)
{
    machine m;
    m.set_sys(SCTLR_EL1, m.sys(SCTLR_EL1) | 1u << 9 | 1u << 14 | 1u << 15 | 1u << 26);
    m.set_sys(CNTKCTL_EL1, 0x303);
    a64_set_pstate(m.cpu.get(), el0t);
    m.counter = 42;
    EXPECT_EQ(read(m, CNTVCT_EL0), 42u);
    EXPECT_EQ(read(m, CNTFRQ_EL0), 62500000u);
    EXPECT_EQ(read(m, A64_SYSREG(3, 3, 0, 0, 1)), 0x8444c004u);
    read(m, CNTP_CTL_EL0);
    m.set_x(1, ram_base + 0x1000);
    execute(m, {a64::daifset(2), a64::msr(a64::IC_IVAU, 1), a64::msr(a64::DC_CVAC, 1)});
    EXPECT_EQ(m.sys(ESR_EL1), 0u);
}

// Registers that EL0 may read and write with every control open, of all encodings there are.
struct user_register {
    std::uint32_t reg;
    bool read, write;
};

std::vector<user_register> user_registers()
{
    constexpr auto timer = [](unsigned crm, unsigned op2) {
        return A64_SYSREG(3, 3, 14, crm, op2);
    };
    constexpr auto pmu = [](unsigned crm, unsigned op2) { return A64_SYSREG(3, 3, 9, crm, op2); };
    std::vector<user_register> list = {
        {MDCCSR_EL0, true, false},
        {DBGDTR_EL0, true, true},
        {DBGDTRTX_EL0, true, true},
        {A64_SYSREG(3, 3, 0, 0, 1), true, false},  // CTR_EL0
        {A64_SYSREG(3, 3, 0, 0, 7), true, false},  // DCZID_EL0
        {A64_SYSREG(3, 3, 4, 2, 0), true, true},   // NZCV
        {A64_SYSREG(3, 3, 4, 2, 1), true, true},   // DAIF
        {A64_SYSREG(3, 3, 4, 4, 0), true, true},   // FPCR
        {A64_SYSREG(3, 3, 4, 4, 1), true, true},   // FPSR
        {A64_SYSREG(3, 3, 13, 0, 2), true, true},  // TPIDR_EL0
        {A64_SYSREG(3, 3, 13, 0, 3), true, false}, // TPIDRRO_EL0
        {pmu(12, 4), false, true},                 // PMSWINC_EL0
        {pmu(12, 6), true, false},                 // PMCEID0_EL0
        {pmu(12, 7), true, false},                 // PMCEID1_EL0
        {pmu(14, 0), true, false},                 // PMUSERENR_EL0
        {pmu(14, 3), true, true},                  // PMOVSSET_EL0
        {A64_SYSREG(3, 3, 14, 15, 7), true, true}, // PMCCFILTR_EL0
    };
    for (unsigned op2 : {0u, 1u, 2u}) {
        list.push_back({timer(0, op2), true, false}); // CNTFRQ, CNTPCT, CNTVCT
        list.push_back({timer(2, op2), true, true});  // CNTP_*
        list.push_back({timer(3, op2), true, true});  // CNTV_*
        list.push_back({pmu(13, op2), true, true});   // PMCCNTR, PMXEVTYPER, PMXEVCNTR
    }
    for (unsigned op2 : {0u, 1u, 2u, 3u, 5u})
        list.push_back({pmu(12, op2), true, true}); // PMCR, PMCNTEN*, PMOVSCLR, PMSELR
    for (unsigned n = 0; n < 6; n++) {
        list.push_back({timer(8, n), true, true});  // PMEVCNTR<n>_EL0
        list.push_back({timer(12, n), true, true}); // PMEVTYPER<n>_EL0
    }
    return list;
}

TEST(Sysreg, El0ReachesTheseRegistersAndNoOthers)
{
    constexpr std::uint32_t PMUSERENR_EL0 = A64_SYSREG(3, 3, 9, 14, 0);
    const auto list = user_registers();
    machine m;
    m.set_sys(SCTLR_EL1, m.sys(SCTLR_EL1) | 1u << 9 | 1u << 14 | 1u << 15 | 1u << 26);
    m.set_sys(CPACR_EL1, 3u << 20);
    m.set_sys(CNTKCTL_EL1, 0x303);
    m.set_sys(PMUSERENR_EL0, 1);
    for (std::uint32_t reg = A64_SYSREG(2, 0, 0, 0, 0); reg <= A64_SYSREG(3, 7, 15, 15, 7); reg++)
        for (bool writes : {false, true}) {
            const auto row = std::find_if(list.begin(), list.end(),
                                          [&](const user_register &u) { return u.reg == reg; });
            const bool allowed = row != list.end() && (writes ? row->write : row->read);
            m.set_sys(ESR_EL1, 0);
            m.set_x(1, 0);
            a64_set_pstate(m.cpu.get(), el0t);
            execute(m, {writes ? a64::msr(reg, 1) : a64::mrs(0, reg)});
            ASSERT_EQ(m.sys(ESR_EL1), allowed ? 0 : 1u << 25)
                << std::hex << reg << (writes ? " written" : " read");
        }
}

TEST(Sysreg, El0CountersAreTrappedByCntkctl)
{
    for (std::uint32_t reg : {CNTVCT_EL0, CNTPCT_EL0, CNTFRQ_EL0, CNTP_CTL_EL0, CNTV_CVAL_EL0}) {
        machine m;
        a64_set_pstate(m.cpu.get(), el0t);
        execute(m, {a64::mrs(0, reg)});
        EXPECT_EQ(m.sys(ESR_EL1) >> 26, 0x18u) << std::hex << reg;
    }
}

TEST(Debug, ClaimTagsAreSetAndClearedBitByBit)
{
    constexpr std::uint32_t DBGCLAIMSET_EL1 = A64_SYSREG(2, 0, 7, 8, 6);
    constexpr std::uint32_t DBGCLAIMCLR_EL1 = A64_SYSREG(2, 0, 7, 9, 6);
    machine m;
    EXPECT_EQ(read(m, DBGCLAIMSET_EL1), 0xffu) << "eight tags exist";
    write(m, DBGCLAIMSET_EL1, 0xf35);
    write(m, DBGCLAIMSET_EL1, 0x42);
    EXPECT_EQ(read(m, DBGCLAIMCLR_EL1), 0x77u);
    write(m, DBGCLAIMCLR_EL1, 0xff0f);
    EXPECT_EQ(read(m, DBGCLAIMCLR_EL1), 0x70u);
}

TEST(Debug, ExceptionCatchIsWritableWhileTheOsLockIsClosed)
{
    machine m;
    write(m, OSECCR_EL1, 0x1111);
    EXPECT_EQ(read(m, OSECCR_EL1), 0x1111u) << "out of reset";
    write(m, OSLAR_EL1, 0);
    write(m, OSECCR_EL1, 0x2222);
    EXPECT_EQ(read(m, OSECCR_EL1), 0x1111u);
}

TEST(Debug, WhatIsSentStaysInTheChannel)
{
    machine m;
    EXPECT_EQ(read(m, MDCCSR_EL0), 0u);
    write(m, DBGDTRTX_EL0, 0x1234567890abcdef);
    EXPECT_EQ(read(m, MDCCSR_EL0), 1u << 29) << "TXfull";
    EXPECT_EQ(read(m, OSDTRTX_EL1), 0x90abcdefu);
    EXPECT_EQ(read(m, DBGDTRTX_EL0), 0u) << "DBGDTRRX_EL0: nothing was received";
    write(m, DBGDTR_EL0, 0x1122334455667788);
    EXPECT_EQ(read(m, OSDTRTX_EL1), 0x55667788u);
    EXPECT_EQ(read(m, OSDTRRX_EL1), 0x11223344u);
    EXPECT_EQ(read(m, DBGDTR_EL0), 0x5566778811223344u);
}

TEST(Debug, MdscrKeepsEl0FromTheChannel)
{
    for (std::uint32_t reg : {MDCCSR_EL0, DBGDTR_EL0, DBGDTRTX_EL0}) {
        machine m;
        a64_set_pstate(m.cpu.get(), el0t);
        execute(m, {a64::mrs(0, reg)});
        EXPECT_EQ(m.sys(ESR_EL1), 0u) << std::hex << reg;
        m.set_sys(MDSCR_EL1, 1u << 12);
        execute(m, {a64::mrs(0, reg)});
        EXPECT_EQ(m.sys(ESR_EL1) >> 26, 0x18u) << std::hex << reg;
    }
}

TEST(Sysreg, RawAccessHasNoSideEffectsAndKnowsItsLimits)
{
    machine m;
    std::uint64_t v;
    EXPECT_FALSE(a64_get_sysreg(m.cpu.get(), ICC_IAR1_EL1, &v));
    EXPECT_FALSE(a64_set_sysreg(m.cpu.get(), a64::tlbi(0, false), 0));
    EXPECT_FALSE(a64_get_sysreg(m.cpu.get(), A64_SYSREG(3, 7, 15, 15, 7), &v));
    EXPECT_TRUE(a64_set_sysreg(m.cpu.get(), MPIDR_EL1, 0x80000003));
    EXPECT_EQ(m.sys(MPIDR_EL1), 0x80000003u);
}

TEST(Gic, RegistersAreForwarded)
{
    machine m;
    m.gic[ICC_IAR1_EL1] = 27;
    m.gic[ICC_PMR_EL1] = 0;
    EXPECT_EQ(read(m, ICC_IAR1_EL1), 27u);
    write(m, ICC_PMR_EL1, 0xf0);
    EXPECT_EQ(m.gic[ICC_PMR_EL1], 0xf0u);
}

TEST(Gic, WhatItRefusesIsUndefined)
{
    machine m;
    execute(m, {a64::mrs(0, ICC_IAR1_EL1)});
    EXPECT_EQ(m.sys(ESR_EL1), 1u << 25);
}

TEST(Timer, OutputFollowsCompareAndMask)
{
    machine m;
    write(m, CNTV_CVAL_EL0, 100);
    write(m, CNTV_CTL_EL0, 1);
    EXPECT_EQ(a64_timer_deadline(m.cpu.get()), 100u);
    EXPECT_EQ(read(m, CNTV_CTL_EL0), 1u);
    m.counter = 100;
    a64_timer_update(m.cpu.get());
    EXPECT_TRUE(m.timer_level[A64_TIMER_VIRT]);
    EXPECT_FALSE(m.timer_level[A64_TIMER_PHYS]);
    EXPECT_EQ(read(m, CNTV_CTL_EL0), 5u) << "ISTATUS";
    EXPECT_EQ(a64_timer_deadline(m.cpu.get()), UINT64_MAX);
    write(m, CNTV_CTL_EL0, 3);
    EXPECT_FALSE(m.timer_level[A64_TIMER_VIRT]) << "IMASK";
}

TEST(Timer, TvalIsRelativeAndSigned)
{
    machine m;
    m.counter = 1000;
    write(m, CNTP_TVAL_EL0, 50);
    EXPECT_EQ(read(m, CNTP_CVAL_EL0), 1050u);
    write(m, CNTP_TVAL_EL0, 0xffffffff);
    EXPECT_EQ(read(m, CNTP_CVAL_EL0), 999u);
    EXPECT_EQ(read(m, CNTP_TVAL_EL0), 0xffffffffu);
}

TEST(Timer, RegisterWritesEndTheRun)
{
    machine m;
    m.set_x(1, 1);
    m.code(ram_base, {a64::msr(CNTV_CTL_EL0, 1), a64::nop, a64::nop});
    EXPECT_EQ(m.run(3), A64_STOP_YIELD);
    EXPECT_EQ(m.executed, 1u);
}

} // namespace
} // namespace cpu_test::test_sysreg
