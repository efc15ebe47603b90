// SPDX-License-Identifier: Apache-2.0
// System registers and EL2: what it alone may access, and every access that it can trap, retyped
// from the registers' descriptions (DDI 0487 D24.2; IHI 0069 12.4 for ICH_HCR_EL2).
#include <set>

#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_el2_access {
namespace {

struct hypervisor : machine {
    hypervisor() : machine(true, false, 2) {}
    // Executes one instruction at `pstate`; returns the exception class it raised at EL2, or -1.
    int raise_at_el2(a64::word insn, std::uint32_t pstate)
    {
        code(ram_base, {insn});
        a64_set_pstate(cpu.get(), pstate);
        run_at(ram_base, 1);
        return el() == 2 && pc() >= 0x40018000 ? static_cast<int>(sys(ESR_EL2) >> 26) : -1;
    }
};

// ---- Registers of EL2 ----

struct el2_register {
    const char *name;
    std::uint32_t reg;
    std::uint64_t zeros, ones; // what it reads after all zeros, all ones were written
};

constexpr std::uint64_t all = ~std::uint64_t{0};
constexpr el2_register el2_registers[] = {
    {"VPIDR_EL2", A64_SYSREG(3, 4, 0, 0, 0), 0, 0xffffffff},
    {"VMPIDR_EL2", A64_SYSREG(3, 4, 0, 0, 5), 0x80000000, 0xffc1ffffff},
    {"SCTLR_EL2", SCTLR_EL2, 0x30c50830, 0x30cd183f},
    {"ACTLR_EL2", A64_SYSREG(3, 4, 1, 0, 1), 0, 0},
    {"HCR_EL2", HCR_EL2, 0x80000000, 0x3ffff7fff},
    {"MDCR_EL2", MDCR_EL2, 0, 0xfff},
    {"CPTR_EL2", CPTR_EL2, 0x33ff, 0x800037ff},
    {"HSTR_EL2", A64_SYSREG(3, 4, 1, 1, 3), 0, 0},
    {"HACR_EL2", A64_SYSREG(3, 4, 1, 1, 7), 0, 0},
    {"TTBR0_EL2", TTBR0_EL2, 0, 0x0000fffffffffffe},
    {"TCR_EL2", TCR_EL2, 0x80800000, 0x8097ff3f},
    {"VTTBR_EL2", VTTBR_EL2, 0, 0x00fffffffffffffe},
    {"VTCR_EL2", VTCR_EL2, 0x80000000, 0x8007ffff},
    {"SPSR_EL2", SPSR_EL2, 0, 0xf03003df},
    {"ELR_EL2", ELR_EL2, 0, all},
    {"SP_EL1", SP_EL1, 0, all},
    {"AFSR0_EL2", A64_SYSREG(3, 4, 5, 1, 0), 0, 0},
    {"AFSR1_EL2", A64_SYSREG(3, 4, 5, 1, 1), 0, 0},
    {"ESR_EL2", ESR_EL2, 0, 0xffffffff},
    {"FAR_EL2", FAR_EL2, 0, all},
    {"HPFAR_EL2", HPFAR_EL2, 0, 0xfffffffff0},
    {"MAIR_EL2", MAIR_EL2, 0, all},
    {"AMAIR_EL2", A64_SYSREG(3, 4, 10, 3, 0), 0, 0},
    {"VBAR_EL2", VBAR_EL2, 0, 0xfffffffffffff800},
    {"TPIDR_EL2", A64_SYSREG(3, 4, 13, 0, 2), 0, all},
    {"CNTVOFF_EL2", CNTVOFF_EL2, 0, all},
    {"CNTHCTL_EL2", CNTHCTL_EL2, 0, 0xff},
    {"CNTHP_CVAL_EL2", A64_SYSREG(3, 4, 14, 2, 2), 0, all},
};

TEST(El2Registers, KeepReservedBits)
{
    for (const el2_register &r : el2_registers) {
        hypervisor m;
        m.set_x(1, 0);
        m.code(ram_base, {a64::msr(r.reg, 1), a64::mrs(0, r.reg)});
        m.run_at(ram_base, 2);
        EXPECT_EQ(m.x(0), r.zeros) << r.name;
        m.set_x(1, all);
        m.code(ram_base, {a64::msr(r.reg, 1)});
        m.run_at(ram_base, 1);
        EXPECT_EQ(m.sys(r.reg), r.ones) << r.name;
    }
}

TEST(El2Registers, AreUndefinedBelow)
{
    for (const el2_register &r : el2_registers)
        for (std::uint32_t from : {el1h, el0t})
            for (a64::word insn : {a64::mrs(0, r.reg), a64::msr(r.reg, 1)}) {
                hypervisor m;
                m.code(ram_base, {insn});
                a64_set_pstate(m.cpu.get(), from);
                m.run_at(ram_base, 1);
                EXPECT_EQ(m.sys(ESR_EL1), 1u << 25) << r.name;
                EXPECT_EQ(m.el(), 1u) << r.name;
            }
}

TEST(El2Registers, OfAArch32DoNotExist)
{
    for (std::uint32_t reg : {A64_SYSREG(3, 4, 3, 0, 0), A64_SYSREG(3, 4, 5, 0, 1),
                              A64_SYSREG(3, 4, 5, 3, 0), A64_SYSREG(3, 4, 4, 3, 0)}) {
        hypervisor m;
        EXPECT_EQ(m.raise_at_el2(a64::mrs(0, reg), el2h), 0) << std::hex << reg;
    }
}

TEST(El2Registers, SayWhoEl1Is)
{
    hypervisor m;
    m.set_sys(A64_SYSREG(3, 4, 0, 0, 0), 0x410fd034);
    m.set_sys(A64_SYSREG(3, 4, 0, 0, 5), 0x80000203);
    m.raise_at_el2(a64::mrs(0, A64_SYSREG(3, 0, 0, 0, 0)), el1h);
    EXPECT_EQ(m.x(0), 0x410fd034u);
    m.raise_at_el2(a64::mrs(0, A64_SYSREG(3, 0, 0, 0, 5)), el1h);
    EXPECT_EQ(m.x(0), 0x80000203u);
    m.raise_at_el2(a64::mrs(0, A64_SYSREG(3, 0, 0, 0, 5)), el2h);
    EXPECT_EQ(m.x(0), 0x80000000u) << "EL2 sees the truth";
}

TEST(El2Registers, ProhibitedZeroingShowsInDczid)
{
    hypervisor m;
    m.set_sys(HCR_EL2, hcr::rw | hcr::tdz);
    m.raise_at_el2(a64::mrs(0, A64_SYSREG(3, 3, 0, 0, 7)), el1h);
    EXPECT_EQ(m.x(0), 0x14u);
    m.raise_at_el2(a64::mrs(0, A64_SYSREG(3, 3, 0, 0, 7)), el2h);
    EXPECT_EQ(m.x(0), 4u);
}

// ---- Traps: each control against every encoding there is ----

struct access {
    std::uint32_t reg;
    bool write;
    bool operator<(const access &other) const
    {
        return reg != other.reg ? reg < other.reg : write < other.write;
    }
    bool operator==(const access &other) const { return reg == other.reg && write == other.write; }
};

std::ostream &operator<<(std::ostream &out, const access &a)
{
    return out << (a.write ? "write " : "read ") << (a.reg >> 14) << '_' << (a.reg >> 11 & 7) << '_'
               << (a.reg >> 7 & 15) << '_' << (a.reg >> 3 & 15) << '_' << (a.reg & 7);
}

using accesses = std::set<access>;

accesses both(const std::vector<std::uint32_t> &regs)
{
    accesses set;
    for (std::uint32_t reg : regs)
        for (bool write : {false, true})
            set.insert({reg, write});
    return set;
}

accesses one_way(const std::vector<std::uint32_t> &regs, bool write)
{
    accesses set;
    for (std::uint32_t reg : regs)
        set.insert({reg, write});
    return set;
}

constexpr std::uint32_t ICH_HCR_EL2 = A64_SYSREG(3, 4, 12, 11, 0);

// All accesses of EL1 that are trapped to EL2 with EC 0x18. Writes write zero.
accesses trapped_at_el1(hypervisor &m)
{
    accesses set;
    for (std::uint32_t reg = 1u << 14; reg < 4u << 14; reg++)
        for (bool write : {false, true}) {
            if (reg >> 14 == 1 && !write)
                continue;
            m.set_x(1, 0);
            if (m.raise_at_el2(write ? a64::msr(reg, 1) : a64::mrs(0, reg), el1h) == 0x18)
                set.insert({reg, write});
        }
    return set;
}

const std::vector<std::uint32_t> virtual_memory = {
    SCTLR_EL1,
    TTBR0_EL1,
    TTBR1_EL1,
    TCR_EL1,
    ESR_EL1,
    FAR_EL1,
    MAIR_EL1,
    A64_SYSREG(3, 0, 5, 1, 0),  // AFSR0_EL1
    A64_SYSREG(3, 0, 5, 1, 1),  // AFSR1_EL1
    A64_SYSREG(3, 0, 10, 3, 0), // AMAIR_EL1
    A64_SYSREG(3, 0, 13, 0, 1), // CONTEXTIDR_EL1
};

std::vector<std::uint32_t> range(std::uint32_t first, std::uint32_t last)
{
    std::vector<std::uint32_t> list;
    for (std::uint32_t reg = first; reg <= last; reg++)
        list.push_back(reg);
    return list;
}

std::vector<std::uint32_t> tlb_maintenance()
{
    std::vector<std::uint32_t> list;
    for (unsigned op2 : {0u, 1u, 2u, 3u, 5u, 7u})
        for (bool shared : {false, true})
            list.push_back(a64::tlbi(op2, shared));
    return list;
}

accesses implementation_defined()
{
    accesses set;
    for (std::uint32_t reg = 1u << 14; reg < 4u << 14; reg++)
        for (bool write : {false, true})
            if (reg >> 14 != 2 && (write || reg >> 14 == 3) &&
                ((reg >> 7 & 15) == 11 || (reg >> 7 & 15) == 15))
                set.insert({reg, write});
    return set;
}

struct trap_case {
    const char *name;
    std::uint32_t control;
    std::uint64_t value;
    accesses expected;
};

class Traps : public testing::TestWithParam<trap_case> {};

TEST_P(Traps, AreThoseOfTheControl)
{
    const trap_case &p = GetParam();
    hypervisor m;
    for (std::uint32_t reg = 3u << 14; reg < 4u << 14; reg++)
        m.gic[reg] = m.gic[reg | 1u << 16] = 0; // all that the PE asks for is there
    m.set_x(1, p.value);
    m.raise_at_el2(a64::msr(p.control, 1), el2h);
    EXPECT_EQ(trapped_at_el1(m), p.expected);
}

constexpr std::uint32_t DC_ISW = A64_SYSREG(1, 0, 7, 6, 2), DC_CSW = A64_SYSREG(1, 0, 7, 10, 2);
constexpr std::uint32_t DC_CVAU = A64_SYSREG(1, 3, 7, 11, 1), DC_CIVAC = A64_SYSREG(1, 3, 7, 14, 1);
constexpr std::uint32_t IC_IALLUIS = A64_SYSREG(1, 0, 7, 1, 0);
constexpr std::uint32_t CSSELR_EL1 = A64_SYSREG(3, 2, 0, 0, 0);
constexpr std::uint32_t SGI1R = A64_SYSREG(3, 0, 12, 11, 5), ASGI1R = SGI1R + 1, SGI0R = SGI1R + 2;
constexpr std::uint32_t ICC_PMR = A64_SYSREG(3, 0, 4, 6, 0), ICC_CTLR = A64_SYSREG(3, 0, 12, 12, 4);
constexpr std::uint32_t ICC_DIR = A64_SYSREG(3, 0, 12, 11, 1), ICC_RPR = ICC_DIR + 2;

accesses united(accesses a, const accesses &b)
{
    a.insert(b.begin(), b.end());
    return a;
}

// Group 0 or 1 of the GIC's registers.
accesses of_group(unsigned crm, unsigned apr, unsigned enable)
{
    const std::uint32_t first = A64_SYSREG(3, 0, 12, crm, 0);
    accesses set = one_way({first, first + 2}, false);
    set.insert({first + 1, true});
    std::vector<std::uint32_t> more = range(apr, apr + 3);
    more.push_back(first + 3);
    more.push_back(enable);
    return united(set, both(more));
}

accesses debug_registers()
{
    std::vector<std::uint32_t> list = {
        A64_SYSREG(2, 0, 0, 0, 2), A64_SYSREG(2, 0, 0, 2, 0), A64_SYSREG(2, 0, 0, 2, 2),
        A64_SYSREG(2, 0, 0, 3, 2), A64_SYSREG(2, 0, 0, 6, 2), A64_SYSREG(2, 0, 7, 8, 6),
        A64_SYSREG(2, 0, 7, 9, 6), A64_SYSREG(2, 3, 0, 4, 0), A64_SYSREG(2, 3, 0, 5, 0)};
    for (unsigned n = 0; n < 6; n++) // breakpoints, and four watchpoints
        for (unsigned op2 = 4; op2 < (n < 4 ? 8 : 6); op2++)
            list.push_back(A64_SYSREG(2, 0, 0, n, op2));
    return united(both(list),
                  one_way({A64_SYSREG(2, 0, 7, 14, 6), A64_SYSREG(2, 3, 0, 1, 0)}, false));
}

accesses powerdown_registers()
{
    return united(united(one_way({A64_SYSREG(2, 0, 1, 0, 4)}, true),
                         one_way({A64_SYSREG(2, 0, 1, 1, 4)}, false)),
                  both({A64_SYSREG(2, 0, 1, 3, 4), A64_SYSREG(2, 0, 1, 4, 4)}));
}

constexpr std::uint32_t PMCR_EL0 = A64_SYSREG(3, 3, 9, 12, 0);

// Of the performance monitors, with six event counters.
accesses monitor_registers()
{
    std::vector<std::uint32_t> list = range(A64_SYSREG(3, 3, 14, 8, 0), A64_SYSREG(3, 3, 14, 8, 5));
    for (std::uint32_t reg : range(A64_SYSREG(3, 3, 14, 12, 0), A64_SYSREG(3, 3, 14, 12, 5)))
        list.push_back(reg);
    for (std::uint32_t reg :
         {PMCR_EL0, PMCR_EL0 + 1, PMCR_EL0 + 2, PMCR_EL0 + 3, PMCR_EL0 + 5,
          A64_SYSREG(3, 3, 9, 13, 0), A64_SYSREG(3, 3, 9, 13, 1), A64_SYSREG(3, 3, 9, 13, 2),
          A64_SYSREG(3, 3, 9, 14, 0), A64_SYSREG(3, 3, 9, 14, 3), A64_SYSREG(3, 0, 9, 14, 1),
          A64_SYSREG(3, 0, 9, 14, 2), A64_SYSREG(3, 3, 14, 15, 7)})
        list.push_back(reg);
    return united(both(list), united(one_way({PMCR_EL0 + 6, PMCR_EL0 + 7}, false),
                                     one_way({PMCR_EL0 + 4}, true)));
}

const accesses no_accesses;
const accesses rom_address = one_way({A64_SYSREG(2, 0, 1, 0, 0)}, false);

INSTANTIATE_TEST_SUITE_P(
    Controls, Traps,
    testing::Values(
        trap_case{"none", HCR_EL2, 0, no_accesses},
        trap_case{"TVM", HCR_EL2, hcr::tvm, one_way(virtual_memory, true)},
        trap_case{"TRVM", HCR_EL2, hcr::trvm, one_way(virtual_memory, false)},
        trap_case{"TID1", HCR_EL2, hcr::tid1,
                  one_way({A64_SYSREG(3, 0, 0, 0, 6), A64_SYSREG(3, 1, 0, 0, 7)}, false)},
        trap_case{"TID2", HCR_EL2, hcr::tid2,
                  united(both({CSSELR_EL1}),
                         one_way({A64_SYSREG(3, 3, 0, 0, 1), A64_SYSREG(3, 1, 0, 0, 0),
                                  A64_SYSREG(3, 1, 0, 0, 1)},
                                 false))},
        trap_case{"TID3", HCR_EL2, hcr::tid3,
                  one_way(range(A64_SYSREG(3, 0, 0, 1, 0), A64_SYSREG(3, 0, 0, 7, 7)), false)},
        trap_case{"TIDCP", HCR_EL2, hcr::tidcp, implementation_defined()},
        trap_case{"TACR", HCR_EL2, hcr::tacr, both({A64_SYSREG(3, 0, 1, 0, 1)})},
        trap_case{"TSW", HCR_EL2, hcr::tsw, one_way({DC_ISW, DC_CSW, a64::DC_CISW}, true)},
        trap_case{"TPCP", HCR_EL2, hcr::tpcp,
                  one_way({a64::DC_IVAC, DC_CIVAC, a64::DC_CVAC}, true)},
        trap_case{"TPU", HCR_EL2, hcr::tpu,
                  one_way({a64::IC_IVAU, a64::IC_IALLU, IC_IALLUIS, DC_CVAU}, true)},
        trap_case{"TTLB", HCR_EL2, hcr::ttlb, one_way(tlb_maintenance(), true)},
        trap_case{"TDZ", HCR_EL2, hcr::tdz, one_way({a64::DC_ZVA}, true)},
        trap_case{"IMO", HCR_EL2, hcr::imo, one_way({SGI1R, ASGI1R, SGI0R}, true)},
        trap_case{"FMO", HCR_EL2, hcr::fmo, one_way({SGI1R, ASGI1R, SGI0R}, true)},
        trap_case{"TCPAC", CPTR_EL2, 0x33ff | std::uint64_t{1} << 31, both({CPACR_EL1})},
        trap_case{"EL1PCTEN", CNTHCTL_EL2, 2, one_way({A64_SYSREG(3, 3, 14, 0, 1)}, false)},
        trap_case{"EL1PCEN", CNTHCTL_EL2, 1,
                  both(range(A64_SYSREG(3, 3, 14, 2, 0), A64_SYSREG(3, 3, 14, 2, 2)))},
        trap_case{"TDRA", MDCR_EL2, 1u << 11, rom_address},
        trap_case{"TDOSA", MDCR_EL2, 1u << 10, powerdown_registers()},
        trap_case{"TDA", MDCR_EL2, 1u << 9, debug_registers()},
        trap_case{"TDE", MDCR_EL2, 1u << 8,
                  united(united(debug_registers(), powerdown_registers()), rom_address)},
        trap_case{"TPM", MDCR_EL2, 1u << 6, monitor_registers()},
        trap_case{"TPMCR", MDCR_EL2, 1u << 5, both({PMCR_EL0})},
        trap_case{"TC", ICH_HCR_EL2, 1u << 10,
                  united(both({ICC_PMR, ICC_CTLR}),
                         united(one_way({ICC_RPR}, false),
                                one_way({SGI1R, ASGI1R, SGI0R, ICC_DIR}, true)))},
        trap_case{"TALL0", ICH_HCR_EL2, 1u << 11,
                  of_group(8, A64_SYSREG(3, 0, 12, 8, 4), A64_SYSREG(3, 0, 12, 12, 6))},
        trap_case{"TALL1", ICH_HCR_EL2, 1u << 12,
                  of_group(12, A64_SYSREG(3, 0, 12, 9, 0), A64_SYSREG(3, 0, 12, 12, 7))},
        trap_case{"TDIR", ICH_HCR_EL2, 1u << 14, one_way({ICC_DIR}, true)}),
    [](const auto &info) { return info.param.name; });

TEST(El2Traps, ReportTheAccess)
{
    hypervisor m;
    m.set_sys(HCR_EL2, hcr::rw | hcr::tvm);
    EXPECT_EQ(m.raise_at_el2(a64::msr(TCR_EL1, 7), el1h), 0x18);
    EXPECT_EQ(m.sys(ESR_EL2) & 0x1ffffff, 3u << 20 | 2 << 17 | 2 << 10 | 7 << 5);
    EXPECT_EQ(m.sys(ELR_EL2), ram_base);
}

TEST(El2Traps, OfEl0ComeBehindThoseOfEl1)
{
    hypervisor m;
    m.set_sys(HCR_EL2, hcr::rw | hcr::tid2);
    EXPECT_EQ(m.raise_at_el2(a64::mrs(0, A64_SYSREG(3, 3, 0, 0, 1)), el0t), -1);
    EXPECT_EQ(m.sys(ESR_EL1) >> 26, 0x18u) << "SCTLR_EL1.UCT";
    m.set_sys(SCTLR_EL1, m.sys(SCTLR_EL1) | 1u << 15);
    EXPECT_EQ(m.raise_at_el2(a64::mrs(0, A64_SYSREG(3, 3, 0, 0, 1)), el0t), 0x18);
    EXPECT_EQ(m.raise_at_el2(a64::mrs(0, SCTLR_EL1), el0t), -1) << "UNDEFINED is not trapped";
}

// ---- The GIC ----

TEST(El2Gic, HcrMakesTheRegistersOfEl1Virtual)
{
    constexpr std::uint32_t IAR0 = A64_SYSREG(3, 0, 12, 8, 0), IAR1 = A64_SYSREG(3, 0, 12, 12, 0);
    constexpr std::uint32_t SRE = A64_SYSREG(3, 0, 12, 12, 5);
    hypervisor m;
    for (std::uint32_t reg : {IAR0, IAR1, ICC_PMR, SRE}) {
        m.gic[reg] = 1;
        m.gic[reg | A64_GIC_VIRTUAL] = 2;
    }
    const struct {
        std::uint64_t hcr;
        std::uint32_t reg, from;
        std::uint64_t seen;
    } cases[] = {
        {0, IAR1, el1h, 1},        {hcr::imo, IAR1, el1h, 2},    {hcr::imo, IAR0, el1h, 1},
        {hcr::fmo, IAR0, el1h, 2}, {hcr::fmo, ICC_PMR, el1h, 2}, {hcr::imo, ICC_PMR, el1h, 2},
        {hcr::imo, SRE, el1h, 1},  {hcr::imo, IAR1, el2h, 1},
    };
    for (const auto &c : cases) {
        m.set_sys(HCR_EL2, hcr::rw | c.hcr);
        m.raise_at_el2(a64::mrs(0, c.reg), c.from);
        EXPECT_EQ(m.x(0), c.seen) << std::hex << c.hcr << ' ' << c.reg;
    }
}

// ---- Maintenance ----

TEST(El2Maintenance, HcrForcesBroadcastsOfEl1)
{
    for (std::uint32_t reg : {a64::tlbi(a64::vmalle1, false), a64::IC_IALLU}) {
        hypervisor m;
        m.raise_at_el2(a64::msr(reg, 1), el1h);
        EXPECT_TRUE(m.broadcasts.empty());
        m.set_sys(HCR_EL2, hcr::rw | hcr::fb);
        m.raise_at_el2(a64::msr(reg, 1), el2h);
        EXPECT_TRUE(m.broadcasts.empty()) << "EL2's own";
        m.raise_at_el2(a64::msr(reg, 1), el1h);
        EXPECT_EQ(m.broadcasts.size(), 1u);
    }
}

struct tlbi_case {
    std::uint32_t reg;
    a64_dvm sent;
};

TEST(El2Maintenance, BroadcastsNameRegimeAndVmid)
{
    const std::uint64_t operand = std::uint64_t{7} << 48 | 0x12345;
    const tlbi_case cases[] = {
        {A64_SYSREG(1, 4, 8, 3, 0), {A64_DVM_ALL, false, false, 0, 0, 0, A64_REGIME_EL2}},
        {A64_SYSREG(1, 4, 8, 3, 1), {A64_DVM_VA, false, false, 0, 0, 0x12345000, A64_REGIME_EL2}},
        {A64_SYSREG(1, 4, 8, 3, 5), {A64_DVM_VA, false, true, 0, 0, 0x12345000, A64_REGIME_EL2}},
        {A64_SYSREG(1, 4, 8, 3, 4), {A64_DVM_ALL, false, false, 0, 0, 0, A64_REGIME_EL10}},
        {A64_SYSREG(1, 4, 8, 3, 6), {A64_DVM_VMALLS12, false, false, 0, 3, 0, A64_REGIME_EL10}},
        {A64_SYSREG(1, 4, 8, 0, 1), {A64_DVM_IPA, false, false, 0, 3, 0x12345000, A64_REGIME_EL10}},
        {A64_SYSREG(1, 4, 8, 0, 5), {A64_DVM_IPA, false, true, 0, 3, 0x12345000, A64_REGIME_EL10}},
        {a64::tlbi(a64::vae1, true), {A64_DVM_VA, false, false, 7, 3, 0x12345000, A64_REGIME_EL10}},
    };
    for (const tlbi_case &c : cases) {
        hypervisor m;
        m.set_sys(VTTBR_EL2, std::uint64_t{3} << 48);
        m.set_x(1, operand);
        m.raise_at_el2(a64::msr(c.reg, 1), el2h);
        ASSERT_EQ(m.broadcasts.size(), 1u) << std::hex << c.reg;
        const a64_dvm &sent = m.broadcasts[0];
        EXPECT_EQ(sent.op, c.sent.op) << std::hex << c.reg;
        EXPECT_EQ(sent.leaf, c.sent.leaf) << std::hex << c.reg;
        EXPECT_EQ(sent.asid, c.sent.asid) << std::hex << c.reg;
        EXPECT_EQ(sent.vmid, c.sent.vmid) << std::hex << c.reg;
        EXPECT_EQ(sent.addr, c.sent.addr) << std::hex << c.reg;
        EXPECT_EQ(sent.regime, c.sent.regime) << std::hex << c.reg;
    }
}

} // namespace
} // namespace cpu_test::test_el2_access
