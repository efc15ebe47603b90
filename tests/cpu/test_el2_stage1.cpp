// SPDX-License-Identifier: Apache-2.0
// Stage 1 of the EL2 regime: its tables, permissions and tags, maintenance, AT S1E2 (DDI 0487 D8).
#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_el2_stage1 {
namespace {

constexpr std::uint64_t va = 0x0000123456780000;
constexpr std::uint64_t pa = ram_base + 0x10000;
constexpr std::uint64_t code_page = ram_base + 0x20000;
constexpr std::uint64_t vector_page = 0x40018000;
constexpr std::uint32_t AT_S1E2R = A64_SYSREG(1, 4, 7, 8, 0), AT_S1E2W = A64_SYSREG(1, 4, 7, 8, 1);
constexpr std::uint32_t ALLE2 = A64_SYSREG(1, 4, 8, 7, 0), VAE2 = A64_SYSREG(1, 4, 8, 7, 1);
constexpr std::uint32_t ALLE1 = A64_SYSREG(1, 4, 8, 7, 4);

constexpr std::uint64_t abort_esr(unsigned ec, unsigned fsc, bool write = false)
{
    return std::uint64_t{ec} << 26 | 1u << 25 | (write ? 0x40 : 0) | fsc;
}

// A PE at EL2 with its MMU on. Code and vectors are at their physical addresses.
struct world : machine {
    explicit world(unsigned granule = 12)
        : machine(true, false, 2), t(*this, granule, ram_base + 0x400000)
    {
        const std::uint64_t page = std::uint64_t{1} << granule;
        t.map(code_page & ~(page - 1), code_page & ~(page - 1), tables::af);
        t.map(vector_page & ~(page - 1), vector_page & ~(page - 1), tables::af);
        set_sys(MAIR_EL2, tables::mair);
        set_sys(TCR_EL2, tcr(granule));
        set_sys(TTBR0_EL2, t.root());
        set_sys(SCTLR_EL2, 0x30c50831);
    }
    static std::uint64_t tcr(unsigned granule)
    {
        const std::uint64_t tg0 = granule == 12 ? 0 : granule == 14 ? 2 : 1;
        return 0x80800000 | 2 << 16 | tg0 << 14 | 16;
    }
    // Executes at EL2; returns ESR_EL2, 0 if nothing was raised.
    std::uint64_t execute(a64::word insn)
    {
        a64_set_pstate(cpu.get(), el2h);
        set_sys(ESR_EL2, 0);
        code(code_page, {insn});
        run_at(code_page, 1);
        return sys(ESR_EL2);
    }
    std::uint64_t access(std::uint64_t address, bool write)
    {
        set_x(1, address);
        return execute(write ? a64::str(0, 1) : a64::ldr(0, 1));
    }
    std::uint64_t fetch(std::uint64_t address)
    {
        a64_set_pstate(cpu.get(), el2h);
        set_sys(ESR_EL2, 0);
        run_at(address, 1);
        return sys(ESR_EL2);
    }
    void maintain(std::uint32_t reg, std::uint64_t operand)
    {
        set_x(2, operand);
        EXPECT_EQ(execute(a64::msr(reg, 2)), 0u);
    }
    tables t;
};

class Granules : public testing::TestWithParam<unsigned> {};

TEST_P(Granules, TranslateInOneRange)
{
    world m(GetParam());
    m.poke64(pa + 0x128, 42);
    m.t.map(va, pa, tables::af);
    EXPECT_EQ(m.access(va + 0x128, false), 0u);
    EXPECT_EQ(m.x(0), 42u);
    EXPECT_EQ(m.access(va | std::uint64_t{0xffff} << 48, false), abort_esr(0x25, 4))
        << "no upper range";
}

INSTANTIATE_TEST_SUITE_P(El2, Granules, testing::Values(12u, 14u, 16u));

TEST(El2Stage1, PermissionsAreReadOnlyAndExecuteNever)
{
    world m;
    m.t.map(va, pa, tables::af | tables::ap_ro | tables::uxn);
    EXPECT_EQ(m.access(va, false), 0u);
    EXPECT_EQ(m.access(va, true), abort_esr(0x25, 0xf, true));
    EXPECT_EQ(m.sys(FAR_EL2), va);
    EXPECT_EQ(m.fetch(va), abort_esr(0x21, 0xf));
    m.poke32(pa, a64::nop);
    m.t.map(va + 0x1000, pa, tables::af | tables::pxn | tables::ap_el0);
    EXPECT_EQ(m.fetch(va + 0x1000), 0u) << "PXN and AP[1] are nothing to EL2";
}

TEST(El2Stage1, WritableIsNotExecutableWithWxn)
{
    world m;
    m.t.map(va, pa, tables::af);
    m.t.map(code_page, code_page, tables::af | tables::ap_ro);
    m.set_sys(SCTLR_EL2, 0x30c50831 | 1 << 19);
    m.poke32(pa, a64::nop);
    EXPECT_EQ(m.fetch(va), abort_esr(0x21, 0xf));
    EXPECT_EQ(m.access(va, true), 0u);
}

TEST(El2Stage1, UnprivilegedAccessesAreItsOwn)
{
    world m;
    m.poke64(pa, 5);
    m.t.map(va, pa, tables::af);
    m.set_x(1, va);
    EXPECT_EQ(m.execute(a64::ldtr(0, 1)), 0u);
    EXPECT_EQ(m.x(0), 5u);
}

TEST(El2Stage1, TagsAreIgnoredWithTbi)
{
    world m;
    m.t.map(va, pa, tables::af);
    const std::uint64_t tagged = va | std::uint64_t{0xa5} << 56;
    EXPECT_EQ(m.access(tagged, false), abort_esr(0x25, 4));
    m.set_sys(TCR_EL2, world::tcr(12) | 1 << 20);
    EXPECT_EQ(m.access(tagged, false), 0u);
    m.poke32(pa, a64::nop);
    m.set_x(1, tagged);
    m.execute(a64::br(1));
    EXPECT_EQ(m.pc(), va);
}

TEST(El2Stage1, OutputsBeyondPsAreAddressSizeFaults)
{
    world m;
    m.t.map(va, std::uint64_t{1} << 40, tables::af);
    EXPECT_EQ(m.access(va, false), abort_esr(0x25, 3));
}

TEST(El2Stage1, RegimesDoNotMixInTheTlb)
{
    world m;
    m.poke64(pa, 1);
    m.poke64(pa + 0x1000, 2);
    m.t.map(va, pa, tables::af);
    tables low(m, 12, ram_base + 0x600000);
    low.map(va, pa + 0x1000, tables::af);
    low.map(code_page, code_page, tables::af);
    low.enable();
    EXPECT_EQ(m.access(va, false), 0u);
    EXPECT_EQ(m.x(0), 1u);
    a64_set_pstate(m.cpu.get(), el1h);
    m.code(code_page, {a64::ldr(0, 1)});
    m.run_at(code_page, 1);
    EXPECT_EQ(m.x(0), 2u);
    EXPECT_EQ(m.access(va, false), 0u);
    EXPECT_EQ(m.x(0), 1u);
}

TEST(El2Stage1, EntriesStayUntilTheyAreInvalidated)
{
    struct {
        std::uint32_t reg;
        std::uint64_t operand;
        bool drops;
    } cases[] = {{VAE2, va >> 12, true},
                 {VAE2, (va >> 12) + 1, false},
                 {ALLE2, 0, true},
                 {ALLE1, 0, false},
                 {a64::tlbi(a64::vmalle1, false), 0, false},
                 {a64::tlbi(a64::vaae1, false), va >> 12, false}};
    for (const auto &c : cases) {
        world m;
        m.poke64(pa, 1);
        m.poke64(pa + 0x1000, 2);
        m.t.map(va, pa, tables::af);
        m.access(va, false);
        m.t.map(va, pa + 0x1000, tables::af);
        m.access(va, false);
        EXPECT_EQ(m.x(0), 1u) << "stale";
        m.maintain(c.reg, c.operand);
        m.access(va, false);
        EXPECT_EQ(m.x(0), c.drops ? 2u : 1u) << std::hex << c.reg << ' ' << c.operand;
    }
}

TEST(El2Stage1, SnoopsOfOtherPesReachIt)
{
    world m;
    m.poke64(pa + 0x1000, 2);
    m.t.map(va, pa, tables::af);
    m.access(va, false);
    m.t.map(va, pa + 0x1000, tables::af);
    const a64_dvm of_el1 = {A64_DVM_VAA, false, false, 0, 0, va, A64_REGIME_EL10};
    a64_snoop(m.cpu.get(), &of_el1);
    m.access(va, false);
    EXPECT_EQ(m.x(0), 0u);
    const a64_dvm of_el2 = {A64_DVM_VA, false, false, 0, 0, va, A64_REGIME_EL2};
    a64_snoop(m.cpu.get(), &of_el2);
    m.access(va, false);
    EXPECT_EQ(m.x(0), 2u);
}

TEST(El2Stage1, AtReportsInPar)
{
    world m;
    m.t.map(va, pa, tables::af | tables::ap_ro);
    m.maintain(AT_S1E2R, va + 0x123);
    EXPECT_EQ(m.sys(PAR_EL1), std::uint64_t{0xff} << 56 | pa | 0xa00);
    m.maintain(AT_S1E2W, va);
    EXPECT_EQ(m.sys(PAR_EL1), 0x800u | 0xf << 1 | 1) << "permission fault, level 3";
    m.maintain(AT_S1E2R, va + 0x1000);
    EXPECT_EQ(m.sys(PAR_EL1), 0x800u | 7 << 1 | 1) << "translation fault, level 3";
}

} // namespace
} // namespace cpu_test::test_el2_stage1
