// SPDX-License-Identifier: Apache-2.0
// Stage 2 of the EL1&0 regime: walks, faults and their syndromes, attributes, VMIDs (DDI 0487 D8).
#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

extern "C" {
#include "memory/syndrome.h"
}

namespace cpu_test::test_stage2 {
namespace {

constexpr std::uint64_t ipa = 0x12345000;        // of the guest's memory under test
constexpr std::uint64_t va = 0x0000123456780000; // where stage 1 maps it
constexpr std::uint64_t pa = ram_base + 0x10000;
constexpr std::uint64_t code_page = ram_base + 0x20000;

// Stage 2 descriptor attributes.
constexpr std::uint64_t s2_normal = 0xf << 2, s2_device = 1 << 2; // Device-nGnRE
constexpr std::uint64_t s2_read = 1 << 6, s2_write = 1 << 7, s2_xn = tables::uxn;
constexpr std::uint64_t s2_all = tables::af | s2_normal | s2_read | s2_write;

// ESR_EL2: an abort from below.
constexpr std::uint64_t abort_esr(unsigned ec, unsigned fsc, std::uint64_t more = 0)
{
    return std::uint64_t{ec} << 26 | 1u << 25 | more | fsc;
}
constexpr std::uint64_t wnr = 1 << 6, s1ptw = 1 << 7, cm = 1 << 8;
// Of LDR Xt, [Xn] and STR Xt, [Xn] with Xt = X0.
constexpr std::uint64_t isv_x0 = 1 << 24 | 3 << 22 | 1 << 15;

// A guest at EL1 or EL0 under tables of stage 2 with a 39-bit space, 4 KiB granule, from level 1.
// Its code is at its physical address. Stage 1 is off.
struct guest : machine {
    guest() : machine(true, false, 2), t2(*this, 12, ram_base + 0x400000)
    {
        t2.map(code_page, code_page, s2_all);
        t2.map(0x40010000, 0x40010000, s2_all);
        set_sys(VTCR_EL2, vtcr);
        set_sys(VTTBR_EL2, (peek64(t2.descriptor(0, 0)) & ~0xfffull) | std::uint64_t{1} << 48);
        set_hcr(0);
    }
    void set_hcr(std::uint64_t bits) { set_sys(HCR_EL2, hcr::rw | hcr::vm | bits); }
    // Executes at `pstate`; returns ESR_EL2, 0 if nothing was raised there.
    std::uint64_t execute(a64::word insn, std::uint32_t pstate = el1h)
    {
        a64_set_pstate(cpu.get(), pstate);
        set_sys(ESR_EL2, 0);
        code(code_page, {insn});
        run_at(code_page, 1);
        return sys(ESR_EL2);
    }
    std::uint64_t access(std::uint64_t address, bool write, std::uint32_t pstate = el1h)
    {
        set_x(1, address);
        return execute(write ? a64::str(0, 1) : a64::ldr(0, 1), pstate);
    }
    std::uint64_t fetch(std::uint64_t address, std::uint32_t pstate = el1h)
    {
        a64_set_pstate(cpu.get(), pstate);
        set_sys(ESR_EL2, 0);
        run_at(address, 1);
        return sys(ESR_EL2);
    }
    static constexpr std::uint64_t vtcr = std::uint64_t{1} << 31 | 2 << 16 | 1 << 6 | 25;
    tables t2;
};

// The same with stage 1 on: `va` is `ipa`. Its tables are where `tables_ipa` says.
struct nested : guest {
    nested() : t1(*this, 12, ram_base + 0x600000)
    {
        for (std::uint64_t table = 0; table < 0x20000; table += 0x1000)
            t2.map(ram_base + 0x600000 + table, ram_base + 0x600000 + table, s2_all);
        t1.map(code_page, code_page, tables::af | tables::ap_el0 | tables::ap_ro);
        t1.map(0x40010000, 0x40010000, tables::af);
        t1.enable();
    }
    tables t1;
};

TEST(Stage2, MapsWhatStage1LeavesAsItIs)
{
    guest m;
    m.poke64(pa + 8, 42);
    m.t2.map(ipa, pa, s2_all);
    EXPECT_EQ(m.access(ipa + 8, false), 0u);
    EXPECT_EQ(m.x(0), 42u);
}

TEST(Stage2, MapsWhatStage1Maps)
{
    nested m;
    m.t1.map(va, ipa, tables::af | tables::ap_el0);
    m.t2.map(ipa, pa, s2_all);
    m.set_x(0, 77);
    EXPECT_EQ(m.access(va + 16, true, el0t), 0u);
    EXPECT_EQ(m.peek64(pa + 16), 77u);
}

// HCR_EL2.DC makes memory Cacheable whatever SCTLR_EL1.C says, HCR_EL2.CD Non-cacheable; each stage
// may take away what the other gives.
TEST(Stage2, DecidesWhetherAccessesLookAtTheDataCache)
{
    constexpr std::uint32_t PMCR = A64_SYSREG(3, 3, 9, 12, 0),
                            PMCNTENSET = A64_SYSREG(3, 3, 9, 12, 1);
    constexpr std::uint32_t PMEVCNTR0 = A64_SYSREG(3, 3, 14, 8, 0);
    constexpr std::uint32_t PMEVTYPER0 = A64_SYSREG(3, 3, 14, 12, 0);
    constexpr std::uint64_t l1d_cache = 4, cd = hcr::bit(32), s2_inner_nc = 0xd << 2;
    constexpr std::uint64_t cache_off = 0x30d00981, cache_on = cache_off | 1 << 2,
                            mmu_off = 0x30d00980;
    const struct {
        std::uint64_t hcr, sctlr, stage2, lines;
        const char *what;
    } rows[] = {
        {0, cache_on, s2_all, 1, "both stages Write-Back"},
        {0, cache_off, s2_all, 0, "SCTLR_EL1.C is 0"},
        {0, cache_on, (s2_all & ~s2_normal) | s2_inner_nc, 0, "Inner Non-cacheable by stage 2"},
        {0, cache_on, (s2_all & ~s2_normal) | s2_device, 0, "Device by stage 2"},
        {cd, cache_on, s2_all, 0, "HCR_EL2.CD"},
        {hcr::dc, mmu_off, s2_all, 1, "HCR_EL2.DC"},
        {hcr::dc | cd, mmu_off, s2_all, 0, "HCR_EL2.DC and CD"},
    };
    for (const auto &row : rows) {
        nested m;
        m.t1.map(ipa, ipa, tables::af);
        m.t2.map(ipa, pa, row.stage2);
        m.set_hcr(row.hcr);
        m.set_sys(SCTLR_EL1, row.sctlr);
        m.set_x(2, l1d_cache);
        m.set_x(3, 1);
        m.execute(a64::msr(PMEVTYPER0, 2), el2h);
        m.execute(a64::msr(PMCNTENSET, 3), el2h);
        m.execute(a64::msr(PMCR, 3), el2h);
        EXPECT_EQ(m.access(ipa, false), 0u) << row.what;
        m.execute(a64::mrs(4, PMEVCNTR0), el2h);
        EXPECT_EQ(m.x(4), row.lines) << row.what;
    }
}

TEST(Stage2, IsNothingToEl2)
{
    guest m;
    m.poke64(pa, 3);
    EXPECT_EQ(m.access(pa, false, el2h), 0u);
    EXPECT_EQ(m.x(0), 3u);
}

// ---- Geometry ----

struct start_case {
    unsigned granule, sl0, tsz, level; // level the walk starts at; 4: a fault
};

class Starts : public testing::TestWithParam<start_case> {};

TEST_P(Starts, AreWhereSl0Says)
{
    const start_case &p = GetParam();
    guest m;
    const unsigned stride = p.granule - 3;
    const std::uint64_t tg0 = p.granule == 12 ? 0 : p.granule == 14 ? 2 : 1;
    const std::uint64_t root = ram_base + 0x700000;
    m.set_sys(VTCR_EL2, std::uint64_t{1} << 31 | 2 << 16 | tg0 << 14 | p.sl0 << 6 | p.tsz);
    m.set_sys(VTTBR_EL2, root);
    // One table after the other from the start level on; the last entry of each is the next table.
    std::uint64_t table = root, code = 0, data = 0;
    for (unsigned level = p.level; level < 4; level++) {
        const unsigned low = p.granule + (3 - level) * stride;
        const unsigned bits = level == p.level ? 64 - p.tsz - low : stride;
        const std::uint64_t last = (std::uint64_t{1} << bits) - 1;
        const std::uint64_t next = root + 0x20000 * (level - p.level + 1);
        const std::uint64_t page = pa & ~((std::uint64_t{1} << p.granule) - 1);
        m.poke64(table + 8 * last, level == 3 ? page | s2_all | 3 : next | 3);
        if (level == 3)
            m.poke64(table + 8 * (last - 1),
                     (code_page & ~((std::uint64_t{1} << p.granule) - 1)) | s2_all | 3);
        data |= last << low;
        code |= (level == 3 ? last - 1 : last) << low;
        table = next;
    }
    m.set_x(1, data);
    m.code(code_page, {a64::ldr(0, 1)});
    a64_set_pstate(m.cpu.get(), el1h);
    m.run_at(code | (code_page & ((1u << p.granule) - 1)), 1);
    if (p.level < 4) {
        EXPECT_EQ(m.sys(ESR_EL2), 0u);
    } else {
        EXPECT_EQ(m.sys(ESR_EL2), abort_esr(0x20, 4)) << "translation fault, level 0";
    }
}

INSTANTIATE_TEST_SUITE_P(
    Granules, Starts,
    testing::Values(start_case{12, 1, 25, 1}, start_case{12, 1, 24, 1}, start_case{12, 1, 33, 1},
                    start_case{12, 1, 34, 4}, start_case{12, 0, 34, 2}, start_case{12, 0, 30, 2},
                    start_case{12, 0, 29, 4}, start_case{12, 0, 38, 2}, start_case{12, 2, 24, 4},
                    start_case{12, 3, 24, 4}, start_case{14, 1, 28, 2}, start_case{14, 1, 24, 2},
                    start_case{14, 0, 35, 3}, start_case{14, 2, 24, 4}, start_case{16, 1, 24, 2},
                    start_case{16, 0, 31, 3}, start_case{16, 0, 30, 4}, start_case{16, 2, 24, 4}));

TEST(Stage2, TakesAReservedGranuleAs4KiB)
{
    guest m;
    m.t2.map(ipa, pa, s2_all);
    m.set_sys(VTCR_EL2, guest::vtcr | 3 << 14);
    EXPECT_EQ(m.access(ipa, false), 0u);
}

TEST(Stage2, AddressesBeyondItsInputAreTranslationFaults)
{
    guest m;
    EXPECT_EQ(m.access(std::uint64_t{1} << 39, false), abort_esr(0x24, 4, isv_x0));
    EXPECT_EQ(m.sys(HPFAR_EL2), std::uint64_t{1} << 39 >> 8);
}

TEST(Stage2, OutputsBeyondPsAreAddressSizeFaults)
{
    guest m;
    m.t2.map(ipa, std::uint64_t{1} << 40, s2_all);
    EXPECT_EQ(m.access(ipa, false), abort_esr(0x24, 3, isv_x0));
}

// ---- Faults ----

struct fault_case {
    const char *what;
    std::uint64_t attrs; // 0: not mapped
    bool write;
    unsigned fsc;
};

class Faults : public testing::TestWithParam<fault_case> {};

TEST_P(Faults, GoToEl2WithTheAddressAndTheInstruction)
{
    const fault_case &p = GetParam();
    for (std::uint32_t from : {el1h, el0t}) {
        guest m;
        m.t2.descriptor(ipa, 3);
        if (p.attrs)
            m.t2.map(ipa, pa, p.attrs);
        EXPECT_EQ(m.access(ipa + 0x128, p.write, from),
                  abort_esr(0x24, p.fsc, isv_x0 | (p.write ? wnr : 0)))
            << p.what;
        EXPECT_EQ(m.sys(FAR_EL2), ipa + 0x128) << p.what;
        EXPECT_EQ(m.sys(HPFAR_EL2), ipa >> 8) << p.what;
        EXPECT_EQ(m.sys(ELR_EL2), code_page) << p.what;
        EXPECT_EQ(m.pc(), 0x40018400u) << p.what;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Faults,
    testing::Values(fault_case{"translation", 0, false, 7},
                    fault_case{"Access flag", s2_all & ~tables::af, false, 0xb},
                    fault_case{"read permission", s2_all & ~s2_read, false, 0xf},
                    fault_case{"write permission", s2_all & ~s2_write, true, 0xf}));

TEST(Stage2, FetchesFault)
{
    guest m;
    EXPECT_EQ(m.fetch(ipa), abort_esr(0x20, 5)) << "translation fault, level 1";
    EXPECT_EQ(m.sys(HPFAR_EL2), ipa >> 8);
    m.t2.map(ipa, pa, s2_all | s2_xn);
    EXPECT_EQ(m.fetch(ipa, el0t), abort_esr(0x20, 0xf));
    EXPECT_EQ(m.sys(FAR_EL2), ipa);
}

// Table D8-77: without FEAT_XNX, XN is bit 54 alone.
TEST(Stage2, DoesNotTellExceptionLevelsApartForExecution)
{
    for (std::uint32_t from : {el1h, el0t}) {
        guest m;
        m.code(pa, {a64::nop});
        m.t2.map(ipa, pa, s2_all | tables::pxn);
        EXPECT_EQ(m.fetch(ipa, from), 0u) << from;
        m.t2.map(ipa + 0x1000, pa, s2_all | tables::pxn | s2_xn);
        EXPECT_EQ(m.fetch(ipa + 0x1000, from), abort_esr(0x20, 0xf)) << from;
    }
}

TEST(Stage2, ComesBehindWhatStage1HasAgainstAnAccess)
{
    nested m;
    m.t1.map(va, ipa, tables::af | tables::ap_ro);
    EXPECT_EQ(m.access(va, true), 0u);
    EXPECT_EQ(m.sys(ESR_EL1), abort_esr(0x25, 0xf, wnr)) << "not the missing stage 2";
    EXPECT_EQ(m.access(va, false), abort_esr(0x24, 5, isv_x0));
    EXPECT_EQ(m.sys(FAR_EL2), va);
    EXPECT_EQ(m.sys(HPFAR_EL2), ipa >> 8);
}

TEST(Stage2, FaultsOnTheTablesOfStage1)
{
    nested m;
    m.t1.map(va, ipa, tables::af);
    const std::uint64_t descriptor = m.t1.descriptor(va, 3);
    m.t2.map(ipa, pa, s2_all);
    m.t2.map(descriptor & ~0xfffull, descriptor & ~0xfffull, s2_all & ~s2_read);
    EXPECT_EQ(m.access(va, false), abort_esr(0x24, 0xf, s1ptw)) << "no syndrome of the instruction";
    EXPECT_EQ(m.sys(FAR_EL2), va);
    EXPECT_EQ(m.sys(HPFAR_EL2), descriptor >> 12 << 4);
    EXPECT_EQ(m.fetch(va), abort_esr(0x20, 0xf, s1ptw));
}

TEST(Stage2, ProtectsTableWalksFromDeviceMemory)
{
    nested m;
    m.t1.map(va, ipa, tables::af);
    m.t2.map(ipa, pa, s2_all);
    const std::uint64_t table = m.t1.descriptor(va, 3) & ~0xfffull;
    m.t2.map(table, table, (s2_all & ~s2_normal) | s2_device);
    EXPECT_EQ(m.access(va, false), 0u);
    m.set_hcr(hcr::ptw);
    EXPECT_EQ(m.access(va, false), abort_esr(0x24, 0xf, s1ptw));
}

TEST(Stage2, WalksThatAbortAreExternalAborts)
{
    guest m;
    const std::uint64_t at = m.t2.map(ipa, pa, s2_all);
    m.poke64(m.t2.descriptor(ipa, 2), 0x09000003); // a table in the device
    m.abort_at = 0x09000000 + (at & 0xff8);
    EXPECT_EQ(m.access(ipa, false), abort_esr(0x24, 0x17, isv_x0));
}

TEST(Stage2, MaintenanceByAddressHasNoSyndromeOfALoad)
{
    guest m;
    m.set_x(1, ipa);
    EXPECT_EQ(m.execute(a64::msr(a64::DC_CVAC, 1)), abort_esr(0x24, 5, cm | wnr));
}

// ---- Syndromes of loads and stores ----

struct syndrome_case {
    const char *insn;
    std::uint32_t word;
    unsigned sas, sse, srt, sf, ar; // sas 4: no syndrome
};

TEST(Syndrome, DescribesAccessesOfOneRegisterWithoutWriteback)
{
    const syndrome_case cases[] = {
        {"ldrb w3, [x1]", 0x39400023, 0, 0, 3, 0, 0},
        {"ldrh w3, [x1, #2]", 0x79400423, 1, 0, 3, 0, 0},
        {"ldr w3, [x1]", 0xb9400023, 2, 0, 3, 0, 0},
        {"ldr x3, [x1]", 0xf9400023, 3, 0, 3, 1, 0},
        {"ldrsb x3, [x1]", 0x39800023, 0, 1, 3, 1, 0},
        {"ldrsb w3, [x1]", 0x39c00023, 0, 1, 3, 0, 0},
        {"ldrsh x3, [x1]", 0x79800023, 1, 1, 3, 1, 0},
        {"ldrsw x3, [x1]", 0xb9800023, 2, 1, 3, 1, 0},
        {"str wzr, [x1]", 0xb900003f, 2, 0, 31, 0, 0},
        {"str x30, [x1]", 0xf900003e, 3, 0, 30, 1, 0},
        {"strb w3, [x1]", 0x39000023, 0, 0, 3, 0, 0},
        {"ldur x3, [x1, #-8]", 0xf85f8023, 3, 0, 3, 1, 0},
        {"sttr w3, [x1]", 0xb8000823, 2, 0, 3, 0, 0},
        {"ldr w3, [x1, x2]", 0xb8626823, 2, 0, 3, 0, 0},
        {"ldr x3, .", 0x58000003, 3, 0, 3, 1, 0},
        {"ldr w3, .", 0x18000003, 2, 0, 3, 0, 0},
        {"ldrsw x3, .", 0x98000003, 2, 1, 3, 1, 0},
        {"ldar w3, [x1]", 0x88dffc23, 2, 0, 3, 0, 1},
        {"stlr x3, [x1]", 0xc89ffc23, 3, 0, 3, 1, 1},
        {"ldr x3, [x1], #8", 0xf8408423, 4, 0, 0, 0, 0},
        {"str x3, [x1, #8]!", 0xf8008c23, 4, 0, 0, 0, 0},
        {"ldp x3, x4, [x1]", 0xa9401023, 4, 0, 0, 0, 0},
        {"ldxr x3, [x1]", 0xc85f7c23, 4, 0, 0, 0, 0},
        {"ldaxr x3, [x1]", 0xc85ffc23, 4, 0, 0, 0, 0},
        {"ldr q3, [x1]", 0x3dc00023, 4, 0, 0, 0, 0},
        {"str d3, [x1]", 0xfd000023, 4, 0, 0, 0, 0},
        {"ldr d3, .", 0x5c000003, 4, 0, 0, 0, 0},
        {"ld1 {v3.16b}, [x1]", 0x4c407023, 4, 0, 0, 0, 0},
    };
    for (const syndrome_case &c : cases) {
        const std::uint32_t expected = c.sas == 4 ? 0
                                                  : 1u << 24 | c.sas << 22 | c.sse << 21 |
                                                        c.srt << 16 | c.sf << 15 | c.ar << 14;
        EXPECT_EQ(a64_syndrome_of_access(c.word), expected) << c.insn;
    }
}

TEST(Stage2, AHypervisorEmulatesADevice)
{
    guest m;
    m.set_x(1, ipa);
    m.set_x(5, 0x1234);
    EXPECT_EQ(m.execute(a64::str_w(5, 1)), abort_esr(0x24, 5, wnr | 1 << 24 | 2 << 22 | 5 << 16));
    m.set_sys(ELR_EL2, m.sys(ELR_EL2) + 4); // EL2 has done it
    m.code(0x40018400, {a64::eret});
    m.run(1);
    EXPECT_EQ(m.pc(), code_page + 4);
    EXPECT_EQ(m.el(), 1u);
}

// ---- Attributes ----

TEST(Stage2, MakesMemoryDevice)
{
    nested m;
    m.t1.map(va, ipa, tables::af);
    m.t2.map(ipa, pa, (s2_all & ~s2_normal) | s2_device);
    EXPECT_EQ(m.access(va, false), 0u);
    EXPECT_EQ(m.access(va + 1, false), abort_esr(0x24, 0x21, isv_x0)) << "stage 2 alignment fault";
}

TEST(Stage2, DefaultCacheabilityMakesStage1Normal)
{
    guest m;
    m.t2.map(ipa, pa, s2_all);
    EXPECT_EQ(m.access(ipa + 1, false), 0u);
    EXPECT_EQ(m.sys(ESR_EL1) & 0x3f, 0x21u) << "Device, with stage 1 off";
    m.set_sys(ESR_EL1, 0);
    m.set_sys(HCR_EL2, hcr::rw | hcr::dc); // VM is treated as set
    m.poke64(pa + 1, 9);
    EXPECT_EQ(m.access(ipa + 1, false), 0u);
    EXPECT_EQ(m.sys(ESR_EL1), 0u);
    EXPECT_EQ(m.x(0), 9u);
}

TEST(Stage2, TgeTurnsStage1Off)
{
    nested m;
    m.poke64(code_page + 0x100, 8);
    m.set_sys(HCR_EL2, hcr::rw | hcr::tge);
    EXPECT_EQ(m.access(code_page + 0x100, false, el0t), 0u);
    EXPECT_EQ(m.x(0), 8u);
    EXPECT_EQ(m.access(std::uint64_t{1} << 45, false, el0t), abort_esr(0x24, 0))
        << "an abort of EL0, reported to EL2";
}

// ---- VMIDs and maintenance ----

constexpr std::uint32_t VMALLS12E1 = A64_SYSREG(1, 4, 8, 7, 6);
constexpr std::uint32_t ALLE1 = A64_SYSREG(1, 4, 8, 7, 4), IPAS2E1 = A64_SYSREG(1, 4, 8, 4, 1);

std::uint64_t with_vmid(const guest &m, std::uint64_t vmid)
{
    return (m.sys(VTTBR_EL2) & 0xffffffffffff) | vmid << 48;
}

struct maintenance_case {
    const char *what;
    std::uint32_t reg;
    std::uint64_t operand;
    std::uint64_t vmid; // current when it is executed, at EL2
    bool drops;
};

class Maintenance : public testing::TestWithParam<maintenance_case> {};

// The entry under test is of VMID 1.
TEST_P(Maintenance, ReachesTheEntriesOfTheCurrentVmid)
{
    const maintenance_case &p = GetParam();
    guest m;
    m.poke64(pa, 1);
    m.poke64(pa + 0x1000, 2);
    m.t2.map(ipa, pa, s2_all);
    m.access(ipa, false);
    m.t2.map(ipa, pa + 0x1000, s2_all);
    m.access(ipa, false);
    EXPECT_EQ(m.x(0), 1u) << "stale";

    m.code(ram_base, {a64::msr(VTTBR_EL2, 3), a64::msr(p.reg, 2), a64::msr(VTTBR_EL2, 4)});
    a64_set_pstate(m.cpu.get(), el2h);
    m.set_x(2, p.operand);
    m.set_x(3, with_vmid(m, p.vmid));
    m.set_x(4, with_vmid(m, 1));
    m.run_at(ram_base, 3);
    m.access(ipa, false);
    EXPECT_EQ(m.x(0), p.drops ? 2u : 1u) << p.what;
}

INSTANTIATE_TEST_SUITE_P(
    Stage2, Maintenance,
    testing::Values(
        maintenance_case{"VMALLS12E1", VMALLS12E1, 0, 1, true},
        maintenance_case{"VMALLS12E1 of another", VMALLS12E1, 0, 2, false},
        maintenance_case{"VMALLE1", a64::tlbi(a64::vmalle1, false), 0, 1, true},
        maintenance_case{"VMALLE1 of another", a64::tlbi(a64::vmalle1, false), 0, 2, false},
        maintenance_case{"VAAE1", a64::tlbi(a64::vaae1, false), ipa >> 12, 1, true},
        maintenance_case{"VAAE1 of another", a64::tlbi(a64::vaae1, false), ipa >> 12, 2, false},
        maintenance_case{"ALLE1", ALLE1, 0, 2, true},
        maintenance_case{"IPAS2E1 alone: entries are of both stages", IPAS2E1, ipa >> 12, 1, false},
        maintenance_case{"ALLE2", A64_SYSREG(1, 4, 8, 7, 0), 0, 1, false}));

TEST(Stage2, EntriesOfAnotherVmidAreNotUsed)
{
    guest m;
    m.t2.map(ipa, pa, s2_all);
    EXPECT_EQ(m.access(ipa, false), 0u);
    m.t2.map(ipa, pa, s2_all & ~tables::af);
    m.code(ram_base, {a64::msr(VTTBR_EL2, 3)});
    a64_set_pstate(m.cpu.get(), el2h);
    m.set_x(3, with_vmid(m, 2));
    m.run_at(ram_base, 1);
    EXPECT_EQ(m.access(ipa, false), abort_esr(0x24, 0xb, isv_x0));
}

// ---- AT ----

constexpr std::uint32_t AT_S12E1R = A64_SYSREG(1, 4, 7, 8, 4), AT_S12E1W = AT_S12E1R + 1;
constexpr std::uint32_t AT_S12E0R = AT_S12E1R + 2;

TEST(Stage2, AtOfBothStagesGoesTheWholeWay)
{
    nested m;
    m.t1.map(va, ipa, tables::af);
    m.t2.map(ipa, pa, s2_all & ~s2_write);
    m.set_x(1, va + 0x10);
    EXPECT_EQ(m.execute(a64::msr(AT_S12E1R, 1), el2h), 0u);
    EXPECT_EQ(m.sys(PAR_EL1), std::uint64_t{0xff} << 56 | pa | 0xa00);
    m.execute(a64::msr(a64::AT_S1E1R, 1), el2h);
    EXPECT_EQ(m.sys(PAR_EL1), std::uint64_t{0xff} << 56 | ipa | 0xa00) << "stage 1 alone";
    m.execute(a64::msr(AT_S12E1W, 1), el2h);
    EXPECT_EQ(m.sys(PAR_EL1), 0x800u | 1 << 9 | 0xf << 1 | 1) << "S: stage 2 permission fault";
    m.execute(a64::msr(AT_S12E0R, 1), el2h);
    EXPECT_EQ(m.sys(PAR_EL1), 0x800u | 0xf << 1 | 1) << "stage 1 permission fault";
}

TEST(Stage2, AtReportsFaultsOnTablesToEl2AndTakesThoseOfEl1)
{
    nested m;
    m.t1.map(va, ipa, tables::af);
    const std::uint64_t table = m.t1.descriptor(va, 3) & ~0xfffull;
    m.t2.map(table, table, s2_all & ~s2_read);
    m.set_x(1, va);
    EXPECT_EQ(m.execute(a64::msr(a64::AT_S1E1R, 1), el2h), 0u);
    EXPECT_EQ(m.sys(PAR_EL1), 0x800u | 1 << 9 | 1 << 8 | 0xf << 1 | 1) << "S and PTW";
    EXPECT_EQ(m.execute(a64::msr(a64::AT_S1E1R, 1), el1h), abort_esr(0x24, 0xf, s1ptw | cm | wnr));
}

struct attribute_case {
    unsigned mair; // of stage 1
    unsigned mem_attr, expected;
};

TEST(Stage2, AttributesAreTheWeakerOfBothStages)
{
    const attribute_case cases[] = {
        {0xff, 0xf, 0xff}, // both Write-Back
        {0xff, 0xa, 0xbb}, // Write-Through by stage 2
        {0xff, 0x5, 0x44}, // Non-cacheable by stage 2
        {0xff, 0x7, 0x4f}, // outer Non-cacheable only
        {0x44, 0xf, 0x44}, {0xbb, 0xf, 0xbb}, {0x44, 0xa, 0x44}, {0xff, 0x1, 0x04},
        {0x04, 0xf, 0x04}, {0x0c, 0x1, 0x04}, {0x04, 0x3, 0x04},
    };
    for (const attribute_case &c : cases) {
        nested m;
        m.set_sys(MAIR_EL1, c.mair << 16 | 0xff);
        m.t1.map(va, ipa, tables::af | 2 << 2);
        m.t2.map(ipa, pa, (s2_all & ~s2_normal) | c.mem_attr << 2);
        m.set_x(1, va);
        m.execute(a64::msr(AT_S12E1R, 1), el2h);
        EXPECT_EQ(m.sys(PAR_EL1) >> 56, c.expected) << std::hex << c.mair << " with " << c.mem_attr;
    }
}

// ---- Debuggers ----

TEST(Stage2, DebuggersSeeThroughBothStages)
{
    nested m;
    m.t1.map(va, ipa, tables::af);
    m.t2.map(ipa, pa, s2_all);
    a64_set_pstate(m.cpu.get(), el1h);
    std::uint64_t found = 0;
    EXPECT_TRUE(a64_debug_translate(m.cpu.get(), va + 4, &found));
    EXPECT_EQ(found, pa + 4);
    m.t2.map(ipa, pa, 0);
    m.poke64(m.t2.descriptor(ipa, 3), 0);
    EXPECT_FALSE(a64_debug_translate(m.cpu.get(), va, &found));
}

} // namespace
} // namespace cpu_test::test_stage2
