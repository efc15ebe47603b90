// SPDX-License-Identifier: Apache-2.0
// What a PE remembers of where virtual addresses lead that it has jumped to: what TLB maintenance
// (DDI 0487 D8.17) takes of it, and what stays.
#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

extern "C" {
#include "state/state.h"
}

namespace cpu_test::test_jump {
namespace {

constexpr std::uint64_t code_page = ram_base + 0x20000;
constexpr std::uint64_t va = 0x0000123456784000; // of the code under test
constexpr std::uint64_t before = ram_base + 0x10000, after = ram_base + 0x11000; // where it is
constexpr std::uint64_t tlb_reach =
    0x400000;                               // entries of addresses so far apart displace each other
constexpr std::uint64_t own = 1, other = 2; // ASIDs; tables begin with the first

std::uint64_t operand(std::uint64_t address, std::uint64_t asid)
{
    return asid << 48 | (address >> 12 & 0xfffffffffff);
}

struct world : machine {
    world() : t(*this, 12, ram_base + 0x400000)
    {
        t.map(code_page, code_page, tables::af | tables::ap_el0 | tables::ap_ro);
        t.map(0x40010000, 0x40010000, tables::af);
        t.enable();
        code(before, {a64::movz(0, 1)});
        code(after, {a64::movz(0, 2)});
    }
    // Each time in another place: code that is replaced makes a PE forget all jumps.
    void execute(const std::vector<a64::word> &words)
    {
        a64_set_pstate(cpu.get(), el1h);
        code(place, words);
        run_at(place, words.size());
        place += 0x100;
    }
    // Runs the code at `va`, which says which it is.
    std::uint64_t fetched()
    {
        a64_set_pstate(cpu.get(), el1h);
        run_at(va, 1);
        return x(0);
    }
    // It has been jumped to, has moved since, and the TLB has lost it to data: what is fetched is
    // the other code, unless the way there is remembered.
    void move(std::uint64_t attributes)
    {
        t.map(va, before, attributes);
        t.map(va + tlb_reach, ram_base, tables::af);
        EXPECT_EQ(fetched(), 1u);
        t.map(va, after, attributes);
        set_x(1, va + tlb_reach);
        execute({a64::ldr(2, 1)});
    }
    void invalidate(unsigned op2, std::uint64_t value)
    {
        set_x(2, value);
        execute({a64::msr(a64::tlbi(op2, false), 2), a64::isb});
    }
    void set_asid(std::uint64_t asid)
    {
        set_x(9, t.root() | asid << 48);
        execute({a64::msr(TTBR0_EL1, 9), a64::isb});
    }
    tables t;
    std::uint64_t place = code_page;
};

struct tlbi_case {
    const char *what;
    unsigned op2;
    std::uint64_t value;
    std::uint64_t global, not_global; // which code runs then
};

class Jumps : public testing::TestWithParam<tlbi_case> {};

TEST_P(Jumps, AreForgottenByWhatNamesThem)
{
    const tlbi_case &p = GetParam();
    world global;
    global.move(tables::af);
    global.invalidate(p.op2, p.value);
    EXPECT_EQ(global.fetched(), p.global) << p.what;
    world not_global;
    not_global.move(tables::af | tables::ng);
    not_global.invalidate(p.op2, p.value);
    EXPECT_EQ(not_global.fetched(), p.not_global) << p.what;
}

INSTANTIATE_TEST_SUITE_P(
    Tlbi, Jumps,
    testing::Values(tlbi_case{"VMALLE1", a64::vmalle1, 0, 2, 2},
                    tlbi_case{"VAE1", a64::vae1, operand(va, own), 2, 2},
                    tlbi_case{"VAE1 of another ASID", a64::vae1, operand(va, other), 2, 2},
                    tlbi_case{"VAE1 of the next page", a64::vae1, operand(va + 0x1000, own), 1, 1},
                    tlbi_case{"VAAE1", a64::vaae1, operand(va, 0), 2, 2},
                    tlbi_case{"VAAE1 of the page before", a64::vaae1, operand(va - 0x1000, 0), 1,
                              1},
                    tlbi_case{"ASIDE1", a64::aside1, own << 48, 1, 2}));

TEST(Jump, IntoABlockIsForgottenByEachOfItsAddresses)
{
    world m;
    constexpr std::uint64_t size = 0x200000, offset = va % size;
    m.code(ram_base + offset, {a64::movz(0, 3)});
    m.code(ram_base + size + offset, {a64::movz(0, 4)});
    m.t.map(va - offset, ram_base, tables::af, 2);
    EXPECT_EQ(m.fetched(), 3u);
    m.t.map(va - offset, ram_base + size, tables::af, 2);
    m.invalidate(a64::vae1, operand(va - offset + size, own));
    EXPECT_EQ(m.fetched(), 3u) << "the next block";
    m.invalidate(a64::vae1, operand(va - offset + size - 0x1000, own));
    EXPECT_EQ(m.fetched(), 4u);
}

TEST(Jump, ToAGlobalPageHoldsForEveryAsid)
{
    world m;
    m.move(tables::af);
    m.set_asid(other);
    EXPECT_EQ(m.fetched(), 1u);
    m.invalidate(a64::aside1, other << 48);
    EXPECT_EQ(m.fetched(), 1u);
    m.invalidate(a64::vaae1, operand(va, 0));
    EXPECT_EQ(m.fetched(), 2u);
}

TEST(Jump, ToAPageOfAnAsidHoldsForThatOnly)
{
    world m;
    m.move(tables::af | tables::ng);
    m.set_asid(other);
    EXPECT_EQ(m.fetched(), 2u);
}

// Stage 1 is off, so that no page is of an ASID.
TEST(Jump, OfAVirtualMachineHoldsForThatOnly)
{
    machine m(true, false, 2);
    tables first(m, 12, ram_base + 0x400000), second(m, 12, ram_base + 0x500000);
    constexpr std::uint64_t ipa = 0x50004000, normal = 0xf << 2, readable = 1 << 6;
    m.code(before, {a64::movz(0, 1)});
    m.code(after, {a64::movz(0, 2)});
    first.map(ipa, before, tables::af | normal | readable);
    second.map(ipa, after, tables::af | normal | readable);
    m.set_sys(VTCR_EL2, std::uint64_t{1} << 31 | 2 << 16 | 1 << 6 | 25);
    m.set_sys(HCR_EL2, hcr::rw | hcr::vm);
    m.code(code_page, {a64::msr(VTTBR_EL2, 3)});
    for (const std::uint64_t vmid : {1, 2, 1}) {
        tables &t = vmid == 1 ? first : second;
        m.set_x(3, (m.peek64(t.descriptor(0, 0)) & ~0xfffull) | vmid << 48);
        a64_set_pstate(m.cpu.get(), el2h);
        m.run_at(code_page, 1);
        a64_set_pstate(m.cpu.get(), el1h);
        m.run_at(ipa, 1);
        EXPECT_EQ(m.x(0), vmid);
    }
}

// One VMID, with stage 2 and without: a page that is global for all ASIDs is in two places.
TEST(Jump, ThroughStage2IsNoneWithoutIt)
{
    machine m(true, false, 2);
    constexpr std::uint64_t area = ram_base + 0x400000;
    tables first(m, 12, area), second(m, 12, area + 0x100000);
    constexpr std::uint64_t s2 = tables::af | 0xf << 2 | 1 << 6;
    m.code(before, {a64::movz(0, 1)});
    m.code(after, {a64::movz(0, 2)});
    first.map(va, before, tables::af);
    first.enable();
    for (unsigned table = 0; table < 4; table++)
        second.map(area + 0x1000 * table, area + 0x1000 * table, s2);
    second.map(before, after, s2);
    m.set_sys(VTCR_EL2, std::uint64_t{1} << 31 | 2 << 16 | 1 << 6 | 25);
    m.set_sys(VTTBR_EL2, m.peek64(second.descriptor(0, 0)) & ~0xfffull);
    m.code(code_page, {a64::msr(HCR_EL2, 3)});
    for (const std::uint64_t stage2 : {std::uint64_t{0}, hcr::vm, std::uint64_t{0}, hcr::vm}) {
        m.set_x(3, hcr::rw | stage2);
        a64_set_pstate(m.cpu.get(), el2h);
        m.run_at(code_page, 1);
        a64_set_pstate(m.cpu.get(), el1h);
        m.run_at(va, 1);
        EXPECT_EQ(m.x(0), stage2 ? 2u : 1u);
    }
}

TEST(Jump, OfOneExceptionLevelIsNoneOfAnother)
{
    world m;
    m.t.map(va, before, tables::af | tables::ap_el0 | tables::ap_ro | tables::uxn);
    EXPECT_EQ(m.fetched(), 1u);
    a64_set_pstate(m.cpu.get(), el0t);
    m.run_at(va, 1);
    EXPECT_EQ(m.sys(ESR_EL1) >> 26, 0x20u) << "an instruction abort from EL0";
}

// Forgetting begins an epoch, as breakpoints make it here, and their numbers end.
TEST(Jump, OfAnEpochThatBeginsAgainIsForgotten)
{
    world m;
    m.move(tables::af);
    const std::uint64_t epoch = m.cpu->jump_contexts[0] >> 36;
    m.cpu->jump_contexts[0] |= ~std::uint64_t{0} << 36;
    for (std::uint64_t i = 0; i <= epoch; i++)
        a64_set_breakpoint(m.cpu.get(), 0x1000 + 4 * i);
    ASSERT_EQ(m.cpu->jump_contexts[0] >> 36, epoch);
    EXPECT_EQ(m.fetched(), 2u);
}

} // namespace
} // namespace cpu_test::test_jump
