// SPDX-License-Identifier: Apache-2.0
// Debug exceptions and performance monitors where there is an EL2 (DDI 0487 D2, D13).
#include <gtest/gtest.h>

#include "debug_bench.hpp"

namespace cpu_test::test_el2_debug {
namespace {

constexpr std::uint64_t here = ram_base + 0x20000, data = ram_base + 0x30000;
constexpr std::uint64_t vectors_el1 = 0x40010000, vectors_el2 = 0x40018000;
constexpr std::uint64_t mdcr_hpme = 1 << 7, mdcr_tde = 1 << 8, all_counters = 6;
constexpr std::uint32_t levels[] = {el0t, el1h, el2h}; // by number

// An EL2 that all debug exceptions go to, those of its own included.
struct hypervisor : machine {
    hypervisor() : machine(true, false, 2)
    {
        for (std::uint64_t vectors : {vectors_el1, vectors_el2})
            code(vectors, std::vector<a64::word>(0x800 / 4, a64::nop));
        set_sys(HCR_EL2, hcr::rw);
        set_sys(MDCR_EL2, mdcr_tde | all_counters);
        execute(a64::msr(OSLAR_EL1, 9), el2h | all_masked);
        set_sys(MDSCR_EL1, mdscr_mde | mdscr_kde);
    }
    void execute(a64::word insn, std::uint32_t from)
    {
        code(here, {insn, a64::nop});
        a64_set_pstate(cpu.get(), from);
        run_at(here, 1);
    }
    unsigned ec() const { return static_cast<unsigned>(sys(ESR_EL2) >> 26); }
    // Is there an exception of this class, taken to EL2 from this level?
    bool taken(unsigned lower_ec, unsigned from) const
    {
        return el() == 2 && pc() >= vectors_el2 && ec() == lower_ec + (from == 2) &&
               sys(ELR_EL2) == here;
    }
    // One instruction at EL1 or EL2, with everything masked.
    void write(std::uint32_t reg, std::uint64_t value, std::uint32_t from)
    {
        set_x(9, value);
        execute(a64::msr(reg, 9), from | all_masked);
    }
    std::uint64_t read(std::uint32_t reg, std::uint32_t from)
    {
        execute(a64::mrs(9, reg), from | all_masked);
        return x(9);
    }
};

// ---- Breakpoints and watchpoints ----

// Exception levels that HMC, SSC and PMC or PAC select, a bit each; 0 if the combination is
// reserved.
unsigned selected(unsigned hmc, unsigned ssc, unsigned privilege)
{
    if (hmc == 1 && ssc == 3 && privilege == 0)
        return 4;
    if (ssc != 0)
        return 0;
    if (hmc == 1)
        return privilege == 1 ? 6 : privilege == 3 ? 7 : 0;
    return (privilege & 1 ? 2 : 0) | (privilege & 2 ? 1 : 0);
}

std::uint64_t conditions(unsigned hmc, unsigned ssc, unsigned privilege)
{
    return 1 | std::uint64_t{privilege} << 1 | std::uint64_t{hmc} << 13 | std::uint64_t{ssc} << 14;
}

template <typename F> void for_all_conditions(F f)
{
    for (unsigned hmc = 0; hmc < 2; hmc++)
        for (unsigned ssc = 0; ssc < 4; ssc++)
            for (unsigned privilege = 0; privilege < 4; privilege++)
                for (unsigned el = 0; el < 3; el++) {
                    SCOPED_TRACE(testing::Message() << "HMC " << hmc << " SSC " << ssc << " PxC "
                                                    << privilege << " EL" << el);
                    f(conditions(hmc, ssc, privilege), el, selected(hmc, ssc, privilege) >> el & 1);
                }
}

TEST(El2Debug, BreakpointsFireAtTheLevelsSelected)
{
    for_all_conditions([](std::uint64_t control, unsigned el, bool fires) {
        hypervisor m;
        m.set_sys(dbgbvr(0), here);
        m.set_sys(dbgbcr(0), control);
        m.execute(a64::nop, levels[el]);
        EXPECT_EQ(m.taken(ec_breakpoint, el), fires);
        EXPECT_EQ(m.pc() == here + 4, !fires);
    });
}

TEST(El2Debug, WatchpointsFireAtTheLevelsSelectedAndReportToEl2)
{
    for_all_conditions([](std::uint64_t control, unsigned el, bool fires) {
        hypervisor m;
        m.set_sys(FAR_EL1, 1);
        m.set_sys(dbgwvr(0), data);
        m.set_sys(dbgwcr(0), control | 3 << 3 | 0xff << 5);
        m.set_x(1, data);
        m.execute(a64::ldr(0, 1), levels[el]);
        EXPECT_EQ(m.taken(ec_watchpoint, el), fires);
        EXPECT_EQ(m.sys(FAR_EL2), fires ? data : 0u);
        EXPECT_EQ(m.sys(FAR_EL1), 1u);
    });
}

TEST(El2Debug, WatchpointsAreMetByPagesThatEachLevelAccessedBefore)
{
    for (unsigned el = 0; el < 3; el++)
        for (const a64::word access : {a64::ldr(0, 1), a64::str(0, 1)}) {
            SCOPED_TRACE(testing::Message() << "EL" << el);
            hypervisor m;
            m.set_x(1, data);
            m.execute(access, levels[el]);
            EXPECT_EQ(m.pc(), here + 4);
            m.set_sys(dbgwvr(0), data);
            m.set_sys(dbgwcr(0), conditions(1, 0, 3) | 3 << 3 | 0xff << 5);
            m.execute(access, levels[el]);
            EXPECT_TRUE(m.taken(ec_watchpoint, el));
        }
}

// EL2 has its translation off, where the alignment of all accesses is checked beforehand.
TEST(El2Debug, WatchpointsOfEl2LeaveDeviceMemoryOfEl1CheckedForAlignment)
{
    hypervisor m;
    tables t(m);
    t.map(here, here, tables::af | tables::normal);
    t.map(vectors_el1, vectors_el1, tables::af | tables::normal);
    t.map(data, data, tables::af | tables::device);
    t.enable();
    m.set_x(1, data);
    m.execute(a64::ldr(0, 1), el1h);
    ASSERT_EQ(m.pc(), here + 4);
    a64_set_pstate(m.cpu.get(), el2h | all_masked);
    m.set_sys(dbgwvr(0), data + 0x1000);
    m.set_sys(dbgwcr(0), conditions(1, 0, 3) | 3 << 3 | 0xff << 5);
    m.set_x(1, data + 2);
    m.execute(a64::ldr(0, 1), el1h);
    EXPECT_EQ(m.sys(ESR_EL1) & 0x3f, 0x21u) << "an alignment fault";
    EXPECT_EQ(m.sys(FAR_EL1), data + 2);
}

TEST(El2Debug, WithoutTdeEl2IsLeftAloneAndEl1HandlesItsOwn)
{
    hypervisor m;
    m.set_sys(MDCR_EL2, all_counters);
    m.set_sys(dbgbvr(0), here);
    m.set_sys(dbgbcr(0), conditions(1, 0, 3));
    m.execute(a64::nop, el2h);
    EXPECT_EQ(m.pc(), here + 4);
    m.execute(a64::nop, el0t);
    EXPECT_EQ(m.el(), 1u);
    EXPECT_EQ(m.sys(ESR_EL1) >> 26, ec_breakpoint);
}

TEST(El2Debug, MasksOfTheLevelItselfCount)
{
    hypervisor m;
    m.set_sys(dbgbvr(0), here);
    m.set_sys(dbgbcr(0), conditions(1, 0, 3));
    m.execute(a64::nop, el2h | pstate_d);
    EXPECT_EQ(m.pc(), here + 4);
    m.execute(a64::nop, el1h | pstate_d);
    EXPECT_TRUE(m.taken(ec_breakpoint, 1)) << "EL1's mask does not count for EL2";
}

struct context_case {
    const char *what;
    unsigned type;
    std::uint64_t value;
    bool fires;
};

// CONTEXTIDR_EL1 is 0x1234, the VMID 0x56.
const context_case context_cases[] = {
    {"VMID", 8, 0x5600001111, true},
    {"another VMID", 8, 0x5700001234, false},
    {"context ID and VMID", 10, 0x5600001234, true},
    {"another context ID", 10, 0x5600001235, false},
    {"context ID and another VMID", 10, 0x5700001234, false},
    {"context ID", 2, 0x5700001234, true},
    {"a reserved type", 12, 0x5600001234, false},
};

TEST(El2Debug, ContextBreakpointsCompareTheVmid)
{
    for (const context_case &p : context_cases)
        for (unsigned n : {3u, 4u, 5u})
            for (unsigned el : {1u, 2u}) {
                SCOPED_TRACE(testing::Message() << p.what << ", " << n << " at EL" << el);
                hypervisor m;
                m.set_sys(CONTEXTIDR_EL1, 0x1234);
                m.set_sys(VTTBR_EL2, std::uint64_t{0x56} << 48);
                m.set_sys(dbgbvr(n), p.value);
                m.set_sys(dbgbcr(n), conditions(1, 0, 3) | p.type << 20);
                m.execute(a64::nop, levels[el]);
                const bool aware = n >= 4;
                EXPECT_EQ(m.taken(ec_breakpoint, el), p.fires && aware && el < 2);
            }
}

TEST(El2Debug, AddressesAreLinkedToVmids)
{
    for (std::uint64_t vmid : {0x56u, 0x57u}) {
        hypervisor m;
        m.set_sys(VTTBR_EL2, std::uint64_t{0x56} << 48);
        m.set_sys(dbgbvr(0), here);
        m.set_sys(dbgbcr(0), conditions(0, 0, 1) | 1 << 20 | 5 << 16);
        m.set_sys(dbgbvr(5), vmid << 32);
        m.set_sys(dbgbcr(5), 1 | 9 << 20);
        m.execute(a64::nop, el1h);
        EXPECT_EQ(m.taken(ec_breakpoint, 1), vmid == 0x56);
    }
}

TEST(El2Debug, StepsEl1FromEl2)
{
    hypervisor m;
    m.set_sys(MDSCR_EL1, mdscr_ss);
    m.code(data, {a64::nop, a64::nop});
    m.set_sys(ELR_EL2, data);
    m.set_sys(SPSR_EL2, el1h | spsr_ss);
    m.execute(a64::eret, el2h);
    EXPECT_EQ(m.el(), 1u);
    m.run(1);
    m.run(1);
    EXPECT_EQ(m.el(), 2u);
    EXPECT_EQ(m.ec(), ec_step);
    EXPECT_EQ(m.sys(ELR_EL2), data + 4);
    EXPECT_EQ(m.sys(ESR_EL2) & 0x1ffffff, 1u << 24 | iss_debug) << "ISV, and the code of debug";
}

// ---- Performance monitors ----

constexpr std::uint32_t PMCR = A64_SYSREG(3, 3, 9, 12, 0), PMCNTENSET = A64_SYSREG(3, 3, 9, 12, 1);
constexpr std::uint32_t PMSELR = A64_SYSREG(3, 3, 9, 12, 5), PMCCNTR = A64_SYSREG(3, 3, 9, 13, 0);
constexpr std::uint32_t PMXEVCNTR = A64_SYSREG(3, 3, 9, 13, 2),
                        PMSWINC = A64_SYSREG(3, 3, 9, 12, 4);
constexpr std::uint32_t PMCCFILTR = A64_SYSREG(3, 3, 14, 15, 7);
constexpr std::uint64_t inst_retired = 8, nsh = 1 << 27, cycle_bit = 1u << 31;

constexpr std::uint32_t evcntr(unsigned n)
{
    return A64_SYSREG(3, 3, 14, 8, n);
}
constexpr std::uint32_t evtyper(unsigned n)
{
    return A64_SYSREG(3, 3, 14, 12, n);
}

unsigned counters_of(hypervisor &m, std::uint32_t level)
{
    return m.read(PMCR, level) >> 11 & 31;
}

TEST(El2Pmu, El1SeesTheFirstRange)
{
    hypervisor m;
    EXPECT_EQ(counters_of(m, el1h), 6u);
    m.set_sys(MDCR_EL2, 2);
    EXPECT_EQ(counters_of(m, el1h), 2u);
    EXPECT_EQ(counters_of(m, el2h), 6u);
    m.write(PMCNTENSET, cycle_bit | 0x3f, el1h);
    EXPECT_EQ(m.read(PMCNTENSET, el2h), cycle_bit | 3);
    m.write(PMCNTENSET, 0x3f, el2h);
    EXPECT_EQ(m.read(PMCNTENSET, el2h), cycle_bit | 0x3f);
    EXPECT_EQ(m.read(PMCNTENSET, el1h), cycle_bit | 3);
}

TEST(El2Pmu, AllCountersAreOfTheFirstRangeIfItsSizeIsReserved)
{
    hypervisor m;
    for (std::uint64_t size : {0u, 7u, 31u}) {
        m.set_sys(MDCR_EL2, size);
        EXPECT_EQ(counters_of(m, el1h), 6u) << size;
    }
}

TEST(El2Pmu, CountersOfTheSecondRangeAreUndefinedAtEl1)
{
    hypervisor m;
    m.set_sys(MDCR_EL2, 2);
    m.write(evcntr(1), 5, el1h);
    EXPECT_EQ(m.pc(), here + 4);
    for (std::uint32_t reg : {evcntr(2), evtyper(2), evcntr(5)}) {
        m.write(reg, 5, el1h);
        EXPECT_EQ(m.pc(), vectors_el1 + 0x200) << std::hex << reg;
        m.write(reg, 5, el2h);
        EXPECT_EQ(m.pc(), here + 4);
    }
    m.write(PMSELR, 2, el1h);
    EXPECT_EQ(m.read(PMXEVCNTR, el1h), 0u);
    EXPECT_EQ(m.read(PMXEVCNTR, el2h), 5u);
}

TEST(El2Pmu, ResetsAndIncrementsReachWhatIsAccessible)
{
    hypervisor m;
    m.set_sys(MDCR_EL2, 2 | mdcr_hpme);
    m.write(PMCNTENSET, 6, el2h);
    m.write(evcntr(1), 5, el2h);
    m.write(evcntr(2), 7, el2h);
    m.write(PMCR, 1, el1h);
    m.write(PMSWINC, 6, el1h);
    EXPECT_EQ(m.read(evcntr(1), el2h), 6u);
    EXPECT_EQ(m.read(evcntr(2), el2h), 7u);
    m.write(PMCR, 2, el1h);
    EXPECT_EQ(m.read(evcntr(1), el2h), 0u);
    EXPECT_EQ(m.read(evcntr(2), el2h), 7u);
    m.write(PMCR, 2, el2h);
    EXPECT_EQ(m.read(evcntr(2), el2h), 0u);
}

TEST(El2Pmu, EachRangeHasItsOwnEnable)
{
    for (const bool first : {false, true}) {
        hypervisor m;
        m.set_sys(MDCR_EL2, 2 | (first ? 0 : mdcr_hpme));
        for (unsigned n : {1u, 2u})
            m.write(evtyper(n), inst_retired, el2h);
        m.write(PMCNTENSET, 6, el2h);
        m.write(PMCR, first ? 1 : 0, el2h);
        m.execute(a64::nop, el1h | all_masked);
        m.execute(a64::nop, el1h | all_masked);
        EXPECT_EQ(m.read(evcntr(1), el2h), first ? 2u : 0u);
        EXPECT_EQ(m.read(evcntr(2), el2h), first ? 0u : 2u);
    }
}

TEST(El2Pmu, EventsOfEl2CountIfAskedFor)
{
    hypervisor m;
    m.write(evtyper(0), inst_retired, el2h);
    m.write(evtyper(1), inst_retired | nsh, el2h);
    m.write(PMCCFILTR, nsh, el2h);
    m.write(PMCNTENSET, cycle_bit | 3, el2h);
    m.write(PMCR, 1, el2h);
    const std::uint64_t before = m.read(evcntr(1), el2h), cycles = m.read(PMCCNTR, el2h);
    EXPECT_EQ(m.read(evcntr(0), el2h), 0u);
    EXPECT_EQ(m.read(evcntr(1), el2h), before + 3);
    EXPECT_EQ(m.read(PMCCNTR, el2h), cycles + 3);
    EXPECT_EQ(m.read(evtyper(1), el2h), inst_retired | nsh);
}

TEST(El2Pmu, FilterOfEl2IsReservedWithoutIt)
{
    machine without;
    without.set_x(9, inst_retired | nsh);
    without.code(here, {a64::msr(evtyper(1), 9), a64::mrs(0, evtyper(1))});
    a64_set_pstate(without.cpu.get(), el1h | all_masked);
    without.run_at(here, 2);
    EXPECT_EQ(without.x(0), inst_retired) << "NSH is RES0 without EL2";
}

} // namespace
} // namespace cpu_test::test_el2_debug
