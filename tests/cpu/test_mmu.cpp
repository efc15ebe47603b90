// SPDX-License-Identifier: Apache-2.0
// Stage 1 translation: granules, faults by level, permissions, attributes, TLB maintenance, AT.
#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_mmu {
namespace {

constexpr std::uint64_t va = 0x0000123456780000; // under test; needs all levels
constexpr std::uint64_t pa = ram_base + 0x10000;

constexpr std::uint64_t abort_esr(unsigned ec, unsigned fsc, bool write = false)
{
    return std::uint64_t{ec} << 26 | 1u << 25 | (write ? 0x40 : 0) | fsc;
}

// Code is mapped at its physical address (readable and executable at EL1 and EL0), the vectors too.
struct world : machine {
    explicit world(unsigned granule = 12) : t(*this, granule, ram_base + 0x400000)
    {
        std::uint64_t size = std::uint64_t{1} << granule;
        t.map(code_page, code_page, tables::af | tables::ap_el0 | tables::ap_ro);
        t.map(0x40010000 & ~(size - 1), 0x40010000 & ~(size - 1), tables::af);
        t.enable();
    }
    void execute(const std::vector<a64::word> &words)
    {
        code(code_page, words);
        run_at(code_page, words.size());
    }
    // Reads or writes `address` at the current level; returns ESR_EL1, 0 if nothing was raised.
    std::uint64_t access(std::uint64_t address, bool write, std::uint32_t pstate = el1h)
    {
        a64_set_pstate(cpu.get(), pstate);
        set_sys(ESR_EL1, 0);
        set_x(1, address);
        execute({write ? a64::str(0, 1) : a64::ldr(0, 1)});
        return sys(ESR_EL1);
    }
    std::uint64_t fetch(std::uint64_t address, std::uint32_t pstate = el1h)
    {
        a64_set_pstate(cpu.get(), pstate);
        set_sys(ESR_EL1, 0);
        run_at(address, 1);
        return sys(ESR_EL1);
    }
    static constexpr std::uint64_t code_page = ram_base + 0x20000;
    tables t;
};

// ---- Granules and levels ----

struct leaf {
    unsigned granule, level;
    std::uint64_t size;
};

class Leaves : public testing::TestWithParam<leaf> {};

TEST_P(Leaves, MapTheirWholeSize)
{
    const leaf &p = GetParam();
    world m(p.granule);
    std::uint64_t va_base = va & ~(p.size - 1), pa_base = pa & ~(p.size - 1);
    m.t.map(va_base, pa_base, tables::af, p.level);
    for (std::uint64_t at : {pa, pa + (p.size > 0x1000 ? 0x1ff8 : 0xff8)}) {
        m.poke64(at, ~at);
        EXPECT_EQ(m.access(va_base + at - pa_base, false), 0u);
        EXPECT_EQ(m.x(0), ~at);
    }
}

TEST_P(Leaves, WorkInTheUpperHalf)
{
    const leaf &p = GetParam();
    world m(p.granule);
    std::uint64_t high = 0xffff000000000000 | (va & ~(p.size - 1));
    m.t.map(high, pa & ~(p.size - 1), tables::af, p.level);
    m.poke64(pa, 1234);
    EXPECT_EQ(m.access(high + (pa & (p.size - 1)), false), 0u);
    EXPECT_EQ(m.x(0), 1234u);
}

TEST_P(Leaves, FaultWithTheirLevel)
{
    const leaf &p = GetParam();
    world m(p.granule);
    std::uint64_t base = va & ~(p.size - 1), to = pa & ~(p.size - 1);
    std::uint64_t at = m.t.descriptor(base, p.level);
    EXPECT_EQ(m.access(base, false), abort_esr(0x25, 0x04 + p.level)) << "translation";
    EXPECT_EQ(m.sys(FAR_EL1), base);
    EXPECT_EQ(m.access(base, true), abort_esr(0x25, 0x04 + p.level, true));
    m.t.map(base, to, 0, p.level);
    EXPECT_EQ(m.access(base, false), abort_esr(0x25, 0x08 + p.level)) << "access flag";
    m.t.map(base, to | std::uint64_t{1} << 45, tables::af, p.level);
    EXPECT_EQ(m.access(base, false), abort_esr(0x25, 0x00 + p.level)) << "address size";
    m.t.map(base, to, tables::af | tables::ap_ro, p.level);
    EXPECT_EQ(m.access(base, true), abort_esr(0x25, 0x0c + p.level, true)) << "permission";
    m.poke64(at, 0);
    EXPECT_EQ(m.fetch(0xffff000000000000 | base), abort_esr(0x21, 0x04 + p.level));
}

INSTANTIATE_TEST_SUITE_P(Granules, Leaves,
                         testing::Values(leaf{12, 3, 0x1000}, leaf{12, 2, 0x200000},
                                         leaf{12, 1, 0x40000000}, leaf{14, 3, 0x4000},
                                         leaf{14, 2, 0x2000000}, leaf{16, 3, 0x10000},
                                         leaf{16, 2, 0x20000000}));

TEST(Walk, TakesAReservedGranuleAs4KiB)
{
    world m;
    const std::uint64_t high = 0xffff000000000000 | va;
    m.t.map(va, pa, tables::af);
    m.t.map(high, pa, tables::af);
    m.set_sys(TCR_EL1, (m.sys(TCR_EL1) & ~(std::uint64_t{3} << 30)) | 3 << 14);
    EXPECT_EQ(m.access(va, false), 0u) << "TG0 is 0b11";
    EXPECT_EQ(m.access(high, false), 0u) << "TG1 is 0b00";
}

TEST(Walk, MissingTablesFaultAtTheirLevel)
{
    world m;
    for (unsigned level = 0; level < 3; level++) {
        m.poke64(m.t.descriptor(va, level), 0);
        EXPECT_EQ(m.access(va, false), abort_esr(0x25, 0x04 + level));
        m.t.descriptor(va, 3);
    }
}

TEST(Walk, BlocksFaultWhereTheyDoNotExist)
{
    world m12(12), m14(14), m16(16);
    const std::pair<world *, unsigned> cases[] = {{&m12, 0}, {&m14, 1}, {&m16, 1}};
    for (auto [m, level] : cases) {
        m->poke64(m->t.descriptor(va, level), tables::af | 1);
        EXPECT_EQ(m->access(va, false), abort_esr(0x25, 0x04 + level));
    }
    m12.poke64(m12.t.descriptor(va + 0x8000000000, 3), tables::af | 1);
    EXPECT_EQ(m12.access(va + 0x8000000000, false), abort_esr(0x25, 0x07)) << "reserved at level 3";
}

TEST(Walk, ExternalAbortsTellTheLevel)
{
    for (unsigned level = 0; level < 4; level++) {
        machine m(false);
        tables t(m, 12, ram_base + 0x400000);
        t.map(ram_base, ram_base, tables::af, 2);
        t.map(va, pa, tables::af);
        t.enable();
        m.set_x(1, va);
        m.code(ram_base, {a64::ldr(0, 1)});
        m.abort_at = t.descriptor(va, level);
        m.run_at(ram_base, 1);
        EXPECT_EQ(m.sys(ESR_EL1), abort_esr(0x25, 0x14 + level));
    }
}

TEST(Walk, AddressesOutsideTheHalvesFaultAtLevel0)
{
    world m;
    EXPECT_EQ(m.access(std::uint64_t{1} << 48, false), abort_esr(0x25, 0x04));
    EXPECT_EQ(m.access(0xfffe000000000000, false), abort_esr(0x25, 0x04));
    m.t.map(va, pa, tables::af);
    EXPECT_EQ(m.access(0xffff000000000000 | va, false), 0u);
    m.set_sys(TCR_EL1, m.t.tcr() | 1u << 23);
    EXPECT_EQ(m.access(0xffff000000000000 | va, false), abort_esr(0x25, 0x04)) << "EPD1";
}

TEST(Walk, TableBaseBeyondTheOutputSizeFaultsAtLevel0)
{
    world m;
    m.set_sys(TTBR1_EL1, std::uint64_t{1} << 41);
    EXPECT_EQ(m.access(0xffff000000000000 | va, false), abort_esr(0x25, 0x00));
}

// A 39-bit space starts at level 1, a 25-bit one at level 2.
TEST(Walk, StartsAtTheLevelThatTheSizeNeeds)
{
    world m;
    std::uint64_t root = ram_base + 0x700000;
    for (auto [tsz, level] : {std::pair{25u, 1u}, std::pair{39u, 2u}}) {
        m.set_sys(TTBR1_EL1, root);
        m.set_sys(TCR_EL1, (m.t.tcr() & ~std::uint64_t{0x3f0000}) | tsz << 16);
        std::uint64_t size = std::uint64_t{1} << (level == 1 ? 30 : 21);
        std::uint64_t high = ~std::uint64_t{0} << (64 - tsz);
        std::memset(m.host(root), 0, 0x1000);
        m.poke64(root + 8, (pa & ~(size - 1)) | tables::af | 1);
        m.poke64(pa, 4321);
        EXPECT_EQ(m.access(high + size + (pa & (size - 1)), false), 0u);
        EXPECT_EQ(m.x(0), 4321u);
        EXPECT_EQ(m.access(high, false), abort_esr(0x25, 0x04 + level));
    }
}

TEST(Walk, TagsAreIgnoredWhereTbiSays)
{
    world m;
    m.t.map(va, pa, tables::af);
    m.poke64(pa, 55);
    std::uint64_t tagged = va | std::uint64_t{0x5a} << 56;
    EXPECT_EQ(m.access(tagged, false), abort_esr(0x25, 0x04));
    m.set_sys(TCR_EL1, m.t.tcr() | std::uint64_t{1} << 37);
    EXPECT_EQ(m.access(tagged, false), 0u);
    EXPECT_EQ(m.x(0), 55u);
}

TEST(Walk, ContiguousBitChangesNothing)
{
    world m;
    m.t.map(va, pa, tables::af | std::uint64_t{1} << 52);
    EXPECT_EQ(m.access(va, false), 0u);
    EXPECT_EQ(m.access(va + 0x1000, false), abort_esr(0x25, 0x07));
}

// ---- Permissions ----

struct rights {
    bool read, write, exec;
};

rights rights_of(world &m, std::uint32_t pstate)
{
    rights r;
    r.read = m.access(va, false, pstate) == 0;
    r.write = m.access(va, true, pstate) == 0;
    m.poke32(pa, a64::nop);
    r.exec = m.fetch(va, pstate) == 0;
    return r;
}

// D8.4: AP[2:1], UXN, PXN, WXN and the limits of tables, against a literal statement of the rules.
class Permissions : public testing::TestWithParam<unsigned> {};

TEST_P(Permissions, FollowDescriptorsAndControls)
{
    unsigned bits = GetParam();
    bool el0 = bits & 1, ro = bits & 2, uxn = bits & 4, pxn = bits & 8, wxn = bits & 16;
    bool t_el0 = bits & 32, t_ro = bits & 64, t_uxn = bits & 128, t_pxn = bits & 256;
    world m;
    m.t.map(va, pa,
            tables::af | (el0 ? tables::ap_el0 : 0) | (ro ? tables::ap_ro : 0) |
                (uxn ? tables::uxn : 0) | (pxn ? tables::pxn : 0));
    std::uint64_t table = m.t.descriptor(va, 1);
    m.poke64(table, m.peek64(table) | std::uint64_t{t_el0} << 61 | std::uint64_t{t_ro} << 62 |
                        std::uint64_t{t_uxn} << 60 | std::uint64_t{t_pxn} << 59);
    if (wxn)
        m.set_sys(SCTLR_EL1, m.sys(SCTLR_EL1) | 1u << 19);

    bool user = el0 && !t_el0, writable = !ro && !t_ro;
    rights user_rights = {user, user && writable, !uxn && !t_uxn && !(wxn && user && writable)};
    rights kernel = {true, writable, !pxn && !t_pxn && !(user && writable) && !(wxn && writable)};
    for (auto [pstate, expected] : {std::pair{el0t, user_rights}, std::pair{el1h, kernel}}) {
        rights got = rights_of(m, pstate);
        EXPECT_EQ(got.read, expected.read) << bits << " " << pstate;
        EXPECT_EQ(got.write, expected.write) << bits << " " << pstate;
        EXPECT_EQ(got.exec, expected.exec) << bits << " " << pstate;
    }
}

INSTANTIATE_TEST_SUITE_P(Matrix, Permissions, testing::Range(0u, 512u, 1u));

TEST(PermissionFaults, AreReportedFromEl0AsLower)
{
    world m;
    m.t.map(va, pa, tables::af | tables::uxn);
    EXPECT_EQ(m.access(va, true, el0t), abort_esr(0x24, 0x0f, true));
    EXPECT_EQ(m.fetch(va, el0t), abort_esr(0x20, 0x0f));
}

TEST(PermissionFaults, DeviceAlignmentComesBeforeThem)
{
    world m;
    m.t.map(va, pa, tables::af | tables::ap_ro | tables::device);
    EXPECT_EQ(m.access(va + 4, true), abort_esr(0x25, 0x21, true));
    EXPECT_EQ(m.access(va + 8, true), abort_esr(0x25, 0x0f, true));
}

// ---- The TLB: stale until invalidated ----

struct tlbi_case {
    const char *what;
    unsigned op2;
    std::uint64_t value; // of Xt
    bool global_gone, own_gone, other_gone;
};

class Tlbi : public testing::TestWithParam<std::tuple<tlbi_case, bool>> {};

constexpr std::uint64_t global_va = va, own_va = va + 0x1000, other_va = va + 0x2000;
constexpr std::uint64_t own = 0x1234, other = 0x5678;

std::uint64_t operand(std::uint64_t address, std::uint64_t asid)
{
    return asid << 48 | (address >> 12 & 0xfffffffffff);
}

void set_asid(world &m, std::uint64_t asid)
{
    m.set_x(9, m.t.root() | asid << 48);
    m.execute({a64::msr(TTBR0_EL1, 9), a64::isb});
}

// Three entries are cached, then their descriptors are cleared: what still translates is stale.
TEST_P(Tlbi, DropsWhatItNamesAndNothingElse)
{
    const auto &[p, is] = GetParam();
    world m;
    m.t.map(global_va, pa, tables::af);
    m.t.map(own_va, pa, tables::af | tables::ng);
    m.t.map(other_va, pa, tables::af | tables::ng);
    set_asid(m, other);
    EXPECT_EQ(m.access(other_va, false), 0u);
    set_asid(m, own);
    EXPECT_EQ(m.access(global_va, false), 0u);
    EXPECT_EQ(m.access(own_va, false), 0u);
    for (std::uint64_t gone : {global_va, own_va, other_va})
        m.poke64(m.t.descriptor(gone, 3), 0);
    EXPECT_EQ(m.access(global_va, false), 0u) << "stale entries survive";
    EXPECT_EQ(m.access(own_va, false), 0u) << "stale entries survive";

    m.set_x(2, p.value);
    m.execute({a64::msr(a64::tlbi(p.op2, is), 2), a64::isb});
    EXPECT_EQ(m.access(global_va, false) != 0, p.global_gone) << p.what;
    EXPECT_EQ(m.access(own_va, false) != 0, p.own_gone) << p.what;
    set_asid(m, other);
    EXPECT_EQ(m.access(other_va, false) != 0, p.other_gone) << p.what;
}

INSTANTIATE_TEST_SUITE_P(
    Forms, Tlbi,
    testing::Combine(
        testing::Values(
            tlbi_case{"VMALLE1", a64::vmalle1, 0, true, true, true},
            tlbi_case{"ASIDE1", a64::aside1, own << 48, false, true, false},
            tlbi_case{"VAE1 own", a64::vae1, operand(own_va, own), false, true, false},
            tlbi_case{"VAE1 wrong ASID", a64::vae1, operand(own_va, other), false, false, false},
            tlbi_case{"VAE1 global", a64::vae1, operand(global_va, other), true, false, false},
            tlbi_case{"VALE1", a64::vale1, operand(own_va, own), false, true, false},
            tlbi_case{"VAAE1", a64::vaae1, operand(other_va, 0), false, false, true},
            tlbi_case{"VAALE1", a64::vaale1, operand(own_va, 0), false, true, false}),
        testing::Bool()));

TEST(Tlb, EntriesOfAnotherAsidAreNotUsed)
{
    world m;
    m.t.map(va, pa, tables::af | tables::ng);
    EXPECT_EQ(m.access(va, false), 0u);
    m.poke64(m.t.descriptor(va, 3), 0);
    set_asid(m, other);
    EXPECT_NE(m.access(va, false), 0u);
    set_asid(m, 1);
    EXPECT_EQ(m.access(va, false), 0u) << "its own entry is still there";
}

TEST(Tlb, EightBitAsidsIgnoreTheUpperByte)
{
    world m;
    m.set_sys(TCR_EL1, m.t.tcr() & ~(std::uint64_t{1} << 36));
    m.t.map(va, pa, tables::af | tables::ng);
    set_asid(m, 0x112);
    EXPECT_EQ(m.access(va, false), 0u);
    m.poke64(m.t.descriptor(va, 3), 0);
    set_asid(m, 0x212);
    EXPECT_EQ(m.access(va, false), 0u);
}

TEST(Tlb, AsidComesFromTtbr1IfTcrSaysSo)
{
    world m;
    m.set_sys(TCR_EL1, m.t.tcr() | 1u << 22);
    m.t.map(va, pa, tables::af | tables::ng);
    EXPECT_EQ(m.access(va, false), 0u);
    m.poke64(m.t.descriptor(va, 3), 0);
    set_asid(m, other);
    EXPECT_EQ(m.access(va, false), 0u) << "TTBR0 does not matter";
    m.set_x(9, m.t.root() | other << 48);
    m.execute({a64::msr(TTBR1_EL1, 9)});
    EXPECT_NE(m.access(va, false), 0u);
}

TEST(Tlb, OneInvalidationDropsAWholeBlock)
{
    world m;
    std::uint64_t block = va & ~std::uint64_t{0x1fffff};
    m.t.map(block, ram_base, tables::af, 2);
    for (std::uint64_t at : {0x0ull, 0x5000ull, 0x1ff000ull})
        EXPECT_EQ(m.access(block + at, false), 0u);
    m.poke64(m.t.descriptor(block, 2), 0);
    m.set_x(2, operand(block + 0x7000, 1));
    m.execute({a64::msr(a64::tlbi(a64::vae1, false), 2)});
    for (std::uint64_t at : {0x0ull, 0x5000ull, 0x1ff000ull})
        EXPECT_EQ(m.access(block + at, false), abort_esr(0x25, 0x06));
}

TEST(Tlb, FetchesAreStaleUntilInvalidationToo)
{
    world m;
    m.code(pa, {a64::movz(0, 1)});
    m.code(pa + 0x1000, {a64::movz(0, 2)});
    m.t.map(va, pa, tables::af);
    m.fetch(va);
    m.t.map(va, pa + 0x1000, tables::af);
    m.fetch(va);
    EXPECT_EQ(m.x(0), 1u);
    m.execute({a64::msr(a64::tlbi(a64::vmalle1, false), 31)});
    m.fetch(va);
    EXPECT_EQ(m.x(0), 2u);
}

// More ASIDs than the TLB can tell apart at once: each sees its own entries or none.
TEST(Tlb, ManyAsidsAreToldApart)
{
    world m;
    for (std::uint64_t asid = 1; asid < 300; asid++) {
        m.t.map(va + asid * 0x1000, pa, tables::af | tables::ng);
        set_asid(m, asid);
        ASSERT_EQ(m.access(va + asid * 0x1000, false), 0u) << asid;
        m.poke64(m.t.descriptor(va + asid * 0x1000, 3), 0);
    }
    for (std::uint64_t asid = 1000; asid < 1600; asid++) {
        set_asid(m, asid);
        for (std::uint64_t page = 1; page < 300; page++)
            ASSERT_NE(m.access(va + page * 0x1000, false), 0u) << asid << " " << page;
    }
}

TEST(Tlb, ControlsTakeEffectWhenTheyAreWritten)
{
    world m;
    m.t.map(va, pa, tables::af);
    m.code(pa, {a64::nop});
    EXPECT_EQ(m.fetch(va), 0u);
    m.t.map(m.code_page, m.code_page, tables::af | tables::ap_ro);
    m.set_x(9, m.sys(SCTLR_EL1) | 1u << 19);
    m.execute({a64::msr(SCTLR_EL1, 9), a64::isb});
    EXPECT_EQ(m.fetch(va), abort_esr(0x21, 0x0f)) << "WXN";
}

TEST(Tlb, FaultsAreNotCached)
{
    world m;
    m.t.descriptor(va, 3);
    EXPECT_NE(m.access(va, false), 0u);
    m.t.map(va, pa, tables::af);
    EXPECT_EQ(m.access(va, false), 0u);
}

TEST(Mmu, OffMeansFlatAndLimitedByThePhysicalSize)
{
    machine m;
    m.set_x(1, std::uint64_t{1} << 40);
    m.code(ram_base, {a64::ldr(0, 1)});
    m.run(1);
    EXPECT_EQ(m.sys(ESR_EL1), abort_esr(0x25, 0x00));
}

// ---- AT ----

std::uint64_t at(world &m, std::uint32_t op, std::uint64_t address)
{
    m.set_sys(PAR_EL1, 0);
    m.set_x(1, address);
    m.execute({a64::msr(op, 1)});
    return m.sys(PAR_EL1);
}

TEST(AddressTranslation, ReportsAddressAndAttributes)
{
    world m;
    m.t.map(va, pa, tables::af | tables::ap_el0 | 3u << 8);
    std::uint64_t normal = std::uint64_t{0xff} << 56 | pa | 0xa00 | 3u << 7;
    for (std::uint32_t op : {a64::AT_S1E1R, a64::AT_S1E1W, a64::AT_S1E0R, a64::AT_S1E0W})
        EXPECT_EQ(at(m, op, va + 0x123), normal);
    m.t.map(va + 0x1000, pa, tables::af | tables::device);
    EXPECT_EQ(at(m, a64::AT_S1E1R, va + 0x1000), pa | 0xa00 | 2u << 7);
}

TEST(AddressTranslation, ReportsFaultsWithoutTakingThem)
{
    world m;
    m.t.map(va, pa, tables::af | tables::ap_ro);
    std::uint64_t permission = 1u << 11 | 0x0f << 1 | 1;
    EXPECT_EQ(at(m, a64::AT_S1E1W, va), permission);
    EXPECT_EQ(at(m, a64::AT_S1E0R, va), permission);
    EXPECT_EQ(at(m, a64::AT_S1E0W, va), permission);
    EXPECT_EQ(at(m, a64::AT_S1E1R, va + 0x1000), 1u << 11 | 0x07 << 1 | 1);
    EXPECT_EQ(m.sys(ESR_EL1), 0u);
}

} // namespace
} // namespace cpu_test::test_mmu
