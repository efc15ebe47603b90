// SPDX-License-Identifier: Apache-2.0
// Performance monitors: what is counted, where, how overflows interrupt, and who may look.
#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_pmu {
namespace {

constexpr std::uint32_t pmu(unsigned crm, unsigned op2)
{
    return A64_SYSREG(3, 3, 9, crm, op2);
}
constexpr std::uint32_t PMCR = pmu(12, 0), PMCNTENSET = pmu(12, 1), PMCNTENCLR = pmu(12, 2);
constexpr std::uint32_t PMOVSCLR = pmu(12, 3), PMSWINC = pmu(12, 4), PMSELR = pmu(12, 5);
constexpr std::uint32_t PMCEID0 = pmu(12, 6), PMCEID1 = pmu(12, 7), PMCCNTR = pmu(13, 0);
constexpr std::uint32_t PMXEVTYPER = pmu(13, 1), PMXEVCNTR = pmu(13, 2), PMUSERENR = pmu(14, 0);
constexpr std::uint32_t PMOVSSET = pmu(14, 3), PMCCFILTR = A64_SYSREG(3, 3, 14, 15, 7);
constexpr std::uint32_t PMINTENSET = A64_SYSREG(3, 0, 9, 14, 1);
constexpr std::uint32_t PMINTENCLR = A64_SYSREG(3, 0, 9, 14, 2);
constexpr std::uint32_t CONTEXTIDR_EL1 = A64_SYSREG(3, 0, 13, 0, 1);

constexpr std::uint32_t evcntr(unsigned n)
{
    return A64_SYSREG(3, 3, 14, 8, n);
}
constexpr std::uint32_t evtyper(unsigned n)
{
    return A64_SYSREG(3, 3, 14, 12, n);
}

enum event {
    sw_incr = 0x00,
    l1i_tlb_refill = 0x02,
    l1d_cache = 0x04,
    l1d_tlb_refill = 0x05,
    inst_retired = 0x08,
    exc_taken = 0x09,
    exc_return = 0x0a,
    cid_write = 0x0b,
    br_mis_pred = 0x10,
    cpu_cycles = 0x11,
    br_pred = 0x12,
    mem_access = 0x13,
    chain = 0x1e,
    br_retired = 0x21,
    br_mis_pred_retired = 0x22
};
constexpr std::uint64_t not_el1 = 1u << 31, not_el0 = 1u << 30;
constexpr std::uint64_t cycle_bit = 1u << 31;
constexpr std::uint64_t code_at = ram_base + 0x20000;

struct counting : machine {
    explicit counting(bool own_clock = false) : machine(true, own_clock)
    {
        set_sys(VBAR_EL1, ram_base + 0x10000);
        code(ram_base + 0x10280, {a64::b(0)}); // IRQ
    }

    // One instruction at EL1.
    void write(std::uint32_t reg, std::uint64_t value)
    {
        a64_set_pstate(cpu.get(), el1h | all_masked);
        set_x(9, value);
        code(ram_base, {a64::msr(reg, 9)});
        run_at(ram_base, 1);
    }
    std::uint64_t read(std::uint32_t reg)
    {
        a64_set_pstate(cpu.get(), el1h | all_masked);
        code(ram_base, {a64::mrs(9, reg)});
        run_at(ram_base, 1);
        return x(9);
    }
    // Event counter `n` counts `type` from now on, as PMCR.E allows.
    void count(unsigned n, std::uint64_t type, std::uint64_t from = 0)
    {
        write(evtyper(n), type);
        write(evcntr(n), from);
        write(PMCNTENSET, 1u << n);
    }
    // Counts while `words` are executed from EL1, at level `el`, and while nothing else is.
    void execute(const std::vector<a64::word> &words, std::uint64_t n, std::uint32_t pstate = el1h)
    {
        code(code_at, words);
        write(PMCR, 1);
        a64_set_pstate(cpu.get(), pstate);
        run_at(code_at, n);
        write(PMCR, 0);
    }
};

const std::vector<a64::word> ten_nops(10, a64::nop);

// The write that starts the counters is executed while they count.
constexpr std::uint64_t start = 1;

TEST(Pmu, IdentifiesItself)
{
    counting m;
    EXPECT_EQ(m.read(A64_SYSREG(3, 0, 0, 5, 0)) >> 8 & 15, 1u) << "PMUv3";
    EXPECT_EQ(m.read(PMCR), 0x41013040u) << "six event counters, a long cycle counter";
}

TEST(Pmu, CountsInstructionsAndCycles)
{
    counting m;
    m.count(0, inst_retired);
    m.count(5, cpu_cycles);
    m.write(PMCNTENSET, cycle_bit);
    m.execute(ten_nops, 7);
    EXPECT_EQ(m.read(evcntr(0)), 7 + start);
    EXPECT_EQ(m.read(evcntr(5)), 7 + start);
    EXPECT_EQ(m.read(PMCCNTR), 7 + start);
    EXPECT_EQ(m.read(evcntr(1)), 0u) << "not enabled";
}

TEST(Pmu, IsReadInTheMiddleOfABlock)
{
    counting m;
    m.count(0, inst_retired);
    m.execute({a64::nop, a64::mrs(1, evcntr(0)), a64::nop, a64::nop, a64::mrs(2, evcntr(0))}, 5);
    EXPECT_EQ(m.x(1), 1 + start);
    EXPECT_EQ(m.x(2), 4 + start);
}

TEST(Pmu, DoesNotCountInstructionsThatFault)
{
    counting m;
    m.code(ram_base + 0x10200, {a64::nop, a64::nop});
    m.count(0, inst_retired);
    m.count(1, exc_taken);
    m.execute({a64::nop, a64::udf}, 3);
    EXPECT_EQ(m.read(evcntr(0)), 2 + start) << "one before, one of the handler";
    EXPECT_EQ(m.read(evcntr(1)), 1u);
    m.write(evcntr(0), 0);
    m.execute({a64::svc(0)}, 2);
    EXPECT_EQ(m.read(evcntr(0)), 2 + start) << "SVC is executed";
}

TEST(Pmu, CountsExceptionsWhereTheyComeFrom)
{
    counting m;
    m.code(ram_base + 0x10400, {a64::nop, a64::eret});
    m.count(0, exc_taken | not_el1);
    m.count(1, exc_taken | not_el0);
    m.count(2, exc_return | not_el0);
    m.count(3, exc_return | not_el1);
    m.execute({a64::svc(0), a64::svc(0)}, 6, el0t);
    EXPECT_EQ(m.read(evcntr(0)), 2u);
    EXPECT_EQ(m.read(evcntr(1)), 0u);
    EXPECT_EQ(m.read(evcntr(2)), 2u);
    EXPECT_EQ(m.read(evcntr(3)), 0u);
}

TEST(Pmu, FiltersByLevel)
{
    counting m;
    m.code(ram_base + 0x10400, {a64::nop, a64::nop, a64::nop, a64::nop});
    m.count(0, inst_retired | not_el1);
    m.count(1, inst_retired | not_el0);
    m.write(PMCCFILTR, not_el1);
    m.write(PMCNTENSET, cycle_bit);
    m.execute({a64::nop, a64::nop, a64::svc(0)}, 7, el0t);
    EXPECT_EQ(m.read(evcntr(0)), 3u);
    EXPECT_EQ(m.read(evcntr(1)), 4 + start);
    EXPECT_EQ(m.read(PMCCNTR), 3u);
}

TEST(Pmu, CountsTlbRefillsAndWritesOfTheContext)
{
    counting m;
    tables t(m);
    t.map(ram_base, ram_base, tables::af, 2);
    t.map(ram_base + 0x200000, ram_base, tables::af, 2);
    t.enable();
    m.count(0, l1d_tlb_refill);
    m.count(1, l1i_tlb_refill);
    m.count(2, cid_write);
    m.set_x(1, ram_base + 0x205000);
    m.execute({a64::ldr(0, 1), a64::ldr(0, 1), a64::msr(CONTEXTIDR_EL1, 0)}, 3);
    EXPECT_EQ(m.read(evcntr(0)), 1u);
    EXPECT_EQ(m.read(evcntr(1)), 1u) << "the page of the code";
    EXPECT_EQ(m.read(evcntr(2)), 1u);
}

TEST(Pmu, CountsSoftwareIncrements)
{
    counting m;
    m.count(0, sw_incr);
    m.count(1, sw_incr | not_el1);
    m.count(2, inst_retired);
    m.set_x(1, 7);
    m.execute({a64::msr(PMSWINC, 1), a64::msr(PMSWINC, 1)}, 2);
    EXPECT_EQ(m.read(evcntr(0)), 2u);
    EXPECT_EQ(m.read(evcntr(1)), 0u);
    EXPECT_EQ(m.read(evcntr(2)), 2 + start);
}

TEST(Pmu, TellsWhichEventsThereAre)
{
    counting m;
    const std::uint64_t known = m.read(PMCEID0);
    EXPECT_EQ(m.read(PMCEID1), 1u << (br_retired - 32) | 1u << (br_mis_pred_retired - 32));
    std::uint64_t expected = 0;
    for (event e : {sw_incr, l1i_tlb_refill, l1d_cache, l1d_tlb_refill, inst_retired, exc_taken,
                    exc_return, cid_write, br_mis_pred, cpu_cycles, br_pred, mem_access, chain})
        expected |= 1u << e;
    EXPECT_EQ(known, expected) << "no refills of caches";
}

// The write that stops the counters is no access and no branch, nor is the one that starts them.
TEST(Pmu, CountsAccessesToMemory)
{
    counting m;
    tables t(m);
    t.map(ram_base, ram_base, tables::af, 2);
    t.map(ram_base + 0x200000, ram_base + 0x200000, tables::af, 2);
    t.map(device_base, device_base, tables::af | tables::device);
    t.enable();
    m.count(0, mem_access);
    m.count(1, mem_access | not_el1);
    m.set_x(1, ram_base + 0x205000);
    m.set_x(2, device_base);
    const struct {
        std::vector<a64::word> code;
        std::uint64_t accesses;
        const char *what;
    } rows[] = {
        {{a64::nop, a64::nop}, 0, "fetches do not count"},
        {{a64::ldr(0, 1), a64::str(0, 1), a64::ldr(0, 2)}, 3, "of memory and of devices"},
        {{a64::ldp(3, 4, 1), a64::stp(3, 4, 1)}, 4, "a pair is two"},
        {{a64::ldxr(3, 1), a64::stxr(5, 3, 1), a64::stxr(5, 3, 1)}, 2, "a failed store is none"},
        {{a64::ldar(3, 1), a64::stlr(3, 1)}, 2, "ordered ones"},
        {{a64::dc_zva(1), a64::nop}, 1, "a block of zeros"},
    };
    for (const auto &row : rows) {
        m.run_at(ram_base, 1); // and the TLB knows the page
        const std::uint64_t before = m.read(evcntr(0));
        m.execute(row.code, row.code.size());
        EXPECT_EQ(m.read(evcntr(0)) - before, row.accesses) << row.what;
    }
    EXPECT_EQ(m.read(evcntr(1)), 0u) << "not at this level";
}

// A PE that translates: a block each of Write-Back, Inner Non-cacheable and Device memory.
struct caching : counting {
    explicit caching(std::uint64_t sctlr = with_cache) : t(*this)
    {
        t.map(ram_base, ram_base, tables::af, 2);
        t.map(ram_base + 0x200000, ram_base + 0x200000, tables::af, 2);
        t.map(ram_base + 0x600000, ram_base + 0x600000, tables::af | 2 << 2, 2);
        t.map(device_base, device_base, tables::af | tables::device);
        t.enable(1, sctlr);
        set_sys(MAIR_EL1, tables::mair | 0xf4 << 16);
        count(0, l1d_cache);
        set_x(1, ram_base + 0x205000);
        set_x(2, ram_base + 0x20503c);
        set_x(4, ram_base + 0x605000);
        set_x(6, device_base);
    }
    std::uint64_t lines(const std::vector<a64::word> &words)
    {
        write(evcntr(0), 0);
        execute(words, words.size());
        return read(evcntr(0));
    }
    static constexpr std::uint64_t without_cache = 0x30d00981, with_cache = without_cache | 1 << 2;
    tables t;
};

TEST(Pmu, CountsLinesOfTheDataCache)
{
    caching m;
    const struct {
        std::vector<a64::word> code;
        std::uint64_t lines;
        const char *what;
    } rows[] = {
        {{a64::ldr(0, 1), a64::str(0, 1)}, 2, "reads and writes"},
        {{a64::ldr(0, 2), a64::str(0, 2)}, 4, "two lines each"},
        {{a64::ldp(8, 9, 1)}, 2, "a pair is two accesses"},
        {{a64::ldxr(8, 1), a64::stxr(5, 8, 1)}, 2, "exclusive ones"},
        {{a64::ldar(8, 1), a64::stlr(8, 1)}, 2, "ordered ones"},
        {{a64::dc_zva(1)}, 1, "a block of zeros is a line"},
        {{a64::ldr(0, 4), a64::str(0, 4)}, 0, "Inner Non-cacheable"},
        {{a64::ldr(0, 6), a64::str(0, 6)}, 0, "Device"},
    };
    for (const auto &row : rows)
        EXPECT_EQ(m.lines(row.code), row.lines) << row.what;
}

TEST(Pmu, CountsTheLinesOfEachPageThatAnAccessCrosses)
{
    constexpr std::uint64_t va = 0x12340000;
    caching m;
    // Write-Back but for the second, which is Inner Non-cacheable.
    const std::uint64_t attrs[] = {tables::af, tables::af | 2 << 2, tables::af, tables::af};
    for (unsigned page = 0; page < 4; page++)
        m.t.map(va + page * 0x1000, ram_base + 0x210000 + page * 0x1000, attrs[page]);
    const std::uint64_t lines[] = {1, 1, 2};
    for (unsigned page = 0; page < 3; page++) {
        m.set_x(1, va + 0xffc + page * 0x1000);
        EXPECT_EQ(m.lines({a64::ldr(0, 1)}), lines[page]) << page;
        EXPECT_EQ(m.lines({a64::str(0, 1)}), lines[page]) << page;
    }
}

TEST(Pmu, CountsNoLinesWhereTheCacheIsOff)
{
    caching m(caching::without_cache);
    EXPECT_EQ(m.lines({a64::ldr(0, 1)}), 0u);
    m.set_sys(SCTLR_EL1, 0x30d00980);
    EXPECT_EQ(m.lines({a64::ldr(0, 1)}), 0u) << "without translation memory is Device";
}

TEST(Pmu, CountsNoAccessThatFaults)
{
    counting m;
    m.abort_at = device_base;
    m.count(0, mem_access);
    m.set_x(2, device_base);
    m.execute({a64::ldr(0, 2)}, 1);
    EXPECT_EQ(m.read(evcntr(0)), 0u);
}

TEST(Pmu, CountsBranchesTakenOrNot)
{
    counting m;
    m.count(0, br_retired);
    m.count(1, br_pred);
    m.count(2, br_mis_pred);
    m.count(3, br_mis_pred_retired);
    m.set_x(0, 0);
    m.set_x(3, 10);
    const struct {
        std::vector<a64::word> code;
        std::uint64_t insns, branches, not_taken;
        const char *what;
    } rows[] = {
        {{a64::nop, a64::nop}, 2, 0, 0, "no branch"},
        {{a64::cb(1, 1, 0, 8), a64::nop, a64::nop}, 3, 1, 1, "not taken"},
        {{a64::cb(1, 0, 0, 8), a64::nop, a64::nop}, 2, 1, 0, "taken"},
        {{a64::cb(1, 0, 0, 4), a64::nop}, 2, 1, 0, "taken to the next instruction"},
        {{a64::tb(5, 1, 0, 8), a64::tb(5, 0, 0, 4), a64::b(4), a64::nop},
         4,
         3,
         1,
         "one after the other"},
        {{a64::subs_imm(3, 3, 1), a64::b_cond(1, -4), a64::nop}, 21, 10, 1, "a loop"},
        {{a64::bl(8), a64::b(8), a64::br(30), a64::nop}, 4, 3, 0, "a call"},
        {{a64::svc(0)}, 1, 0, 0, "an exception is none"},
    };
    for (const auto &row : rows) {
        for (unsigned n = 0; n < 4; n++)
            m.write(evcntr(n), 0);
        m.execute(row.code, row.insns);
        EXPECT_EQ(m.read(evcntr(0)), row.branches) << row.what;
        EXPECT_EQ(m.read(evcntr(1)), row.branches) << row.what << ": nothing predicts";
        EXPECT_EQ(m.read(evcntr(2)), row.not_taken) << row.what;
        EXPECT_EQ(m.read(evcntr(3)), row.not_taken) << row.what;
    }
}

TEST(Pmu, CountsAnExceptionReturnAsABranch)
{
    counting m;
    m.code(ram_base + 0x10400, {a64::eret});
    m.count(0, br_retired);
    m.execute({a64::svc(0), a64::nop}, 3, el0t);
    EXPECT_EQ(m.read(evcntr(0)), 1u);
}

TEST(Pmu, ReadsBranchesInTheMiddleOfABlock)
{
    counting m;
    m.count(0, br_retired);
    m.set_x(0, 0);
    m.execute(
        {a64::cb(1, 1, 0, 8), a64::mrs(5, evcntr(0)), a64::cb(1, 1, 0, 8), a64::mrs(6, evcntr(0))},
        4);
    EXPECT_EQ(m.x(5), 1u);
    EXPECT_EQ(m.x(6), 2u);
}

// A run is the same, whoever counts: where it stops, and what it has done.
TEST(Pmu, ChangesNothingByCountingAccessesAndBranches)
{
    const auto run = [](std::uint64_t event, std::uint64_t budget) {
        counting m;
        m.count(0, event);
        m.set_x(0, 0);
        m.set_x(1, ram_base + 0x205000);
        m.set_x(3, 1000);
        m.execute({a64::ldr(2, 1), a64::add_imm(2, 2, 3), a64::str(2, 1), a64::subs_imm(3, 3, 1),
                   a64::b_cond(1, -16), a64::b(0)},
                  budget);
        return std::vector<std::uint64_t>{m.x(2), m.x(3), m.pc(), m.peek64(ram_base + 0x205000)};
    };
    for (std::uint64_t budget = 990; budget < 1000; budget++)
        for (const event e : {mem_access, l1d_cache, br_retired, br_mis_pred})
            EXPECT_EQ(run(e, budget), run(inst_retired, budget)) << e;
}

TEST(Pmu, ControlResetsCounters)
{
    counting m;
    m.write(evcntr(0), 5);
    m.write(evcntr(5), 6);
    m.write(PMCCNTR, 7);
    m.write(PMCR, 2);
    EXPECT_EQ(m.read(evcntr(0)), 0u);
    EXPECT_EQ(m.read(evcntr(5)), 0u);
    EXPECT_EQ(m.read(PMCCNTR), 7u);
    m.write(PMCR, 4);
    EXPECT_EQ(m.read(PMCCNTR), 0u);
    EXPECT_EQ(m.read(PMCR), 0x41013040u) << "P and C read as zero";
}

TEST(Pmu, SetsAreSetAndClearedBitByBit)
{
    counting m;
    struct {
        std::uint32_t set, clear;
    } const pairs[] = {{PMCNTENSET, PMCNTENCLR}, {PMINTENSET, PMINTENCLR}, {PMOVSSET, PMOVSCLR}};
    for (const auto &pair : pairs) {
        m.write(pair.set, 0xffffffffff);
        EXPECT_EQ(m.read(pair.set), 0x8000003fu);
        m.write(pair.clear, 0x15);
        EXPECT_EQ(m.read(pair.set), 0x8000002au);
        EXPECT_EQ(m.read(pair.clear), 0x8000002au);
        m.write(pair.clear, ~std::uint64_t{0});
    }
}

TEST(Pmu, SelectedRegistersAreThoseOfTheCounter)
{
    counting m;
    m.write(PMSELR, 3);
    m.write(PMXEVTYPER, inst_retired | not_el0 | 0xfc00);
    m.write(PMXEVCNTR, 0x123456789);
    EXPECT_EQ(m.read(evtyper(3)), inst_retired | not_el0);
    EXPECT_EQ(m.read(evcntr(3)), 0x23456789u);
    EXPECT_EQ(m.read(PMXEVCNTR), 0x23456789u);
    m.write(PMSELR, 31);
    m.write(PMXEVTYPER, ~std::uint64_t{0});
    EXPECT_EQ(m.read(PMCCFILTR), not_el0 | not_el1);
    m.write(PMSELR, 6);
    m.write(PMXEVTYPER, 0x11);
    EXPECT_EQ(m.read(PMXEVTYPER), 0u) << "there is no such counter";
    EXPECT_EQ(m.read(PMXEVCNTR), 0u);
}

// ---- Overflow ----

TEST(PmuOverflow, ComesAfterTheVeryInstruction)
{
    for (std::uint64_t event : {inst_retired, cpu_cycles})
        for (std::uint64_t left : {1u, 5u, 31u, 40u}) {
            counting m;
            m.code(code_at, std::vector<a64::word>(200, a64::nop));
            m.count(2, event, 0x100000000 - left - start);
            m.write(PMINTENSET, 4);
            m.on_pmu = [&m](bool level) { a64_set_line(m.cpu.get(), A64_IRQ, level); };
            m.write(PMCR, 1);
            a64_set_pstate(m.cpu.get(), el1h);
            m.run_at(code_at, 100);
            EXPECT_EQ(m.sys(ELR_EL1), code_at + 4 * left);
        }
}

TEST(PmuOverflow, OfTheCycleCounterIsOf64Bits)
{
    counting m;
    m.write(PMCNTENSET, cycle_bit);
    m.write(PMINTENSET, cycle_bit);
    m.write(PMCCNTR, 0xfffffffe);
    m.execute(ten_nops, 5);
    EXPECT_EQ(m.read(PMOVSSET), 0u);
    EXPECT_EQ(m.read(PMCCNTR), 0xfffffffe + std::uint64_t{5} + start);
    m.write(PMCCNTR, ~std::uint64_t{0} - 2 - start);
    m.execute(ten_nops, 3);
    EXPECT_EQ(m.read(PMOVSSET), cycle_bit);
    EXPECT_EQ(m.read(PMCCNTR), 0u);
}

TEST(PmuOverflow, InterruptsIfEnabledAndOnlyThen)
{
    counting m;
    m.write(PMOVSSET, 1);
    m.write(PMCR, 1);
    EXPECT_FALSE(m.pmu_level);
    m.write(PMINTENSET, 1);
    EXPECT_TRUE(m.pmu_level);
    m.write(PMCR, 0);
    EXPECT_FALSE(m.pmu_level);
    m.write(PMCR, 1);
    m.write(PMINTENCLR, 1);
    EXPECT_FALSE(m.pmu_level);
    m.write(PMINTENSET, 1);
    m.write(PMOVSCLR, 1);
    EXPECT_FALSE(m.pmu_level);
}

TEST(PmuOverflow, IsCountedByAChainedCounter)
{
    counting m;
    m.count(2, inst_retired, 0xfffffffd - start);
    m.count(3, chain, 0xffffffff);
    m.write(PMINTENSET, 8);
    m.write(PMCR, 1);
    m.on_pmu = [&m](bool level) { a64_set_line(m.cpu.get(), A64_IRQ, level); };
    m.code(code_at, ten_nops);
    a64_set_pstate(m.cpu.get(), el1h);
    m.run_at(code_at, 10);
    EXPECT_EQ(m.sys(ELR_EL1), code_at + 12);
    m.write(PMCR, 0);
    EXPECT_EQ(m.read(evcntr(3)), 0u);
    EXPECT_EQ(m.read(PMOVSSET), 12u);
}

TEST(PmuOverflow, OfAccessesAndBranchesInterrupts)
{
    for (const event e : {mem_access, br_retired}) {
        counting m;
        m.set_x(1, ram_base + 0x205000);
        m.count(0, e, 0xfffffffe);
        m.write(PMINTENSET, 1);
        m.code(code_at, {a64::ldr(2, 1), a64::b(-4)});
        m.write(PMCR, 1);
        m.run_at(code_at, 2);
        EXPECT_FALSE(m.pmu_level) << "one of each";
        m.run(1);
        EXPECT_EQ(m.pmu_level, e == mem_access) << "the second access";
        m.run(1);
        EXPECT_TRUE(m.pmu_level);
    }
}

TEST(PmuOverflow, OfSoftwareIncrementsIsAtOnce)
{
    counting m;
    m.count(0, sw_incr, 0xffffffff);
    m.write(PMINTENSET, 1);
    m.write(PMCR, 1);
    m.write(PMSWINC, 1);
    EXPECT_TRUE(m.pmu_level);
}

TEST(PmuOverflow, OfTimeOnTheBusIsSeenAfterTheAccess)
{
    counting m(true);
    m.code(code_at, {a64::nop, a64::ldr(0, 1), a64::nop, a64::nop, a64::nop});
    m.set_x(1, device_base + 0x1000);
    m.run_at(code_at, 2); // now the TLB has the page
    m.write(PMCNTENSET, cycle_bit);
    m.write(PMINTENSET, cycle_bit);
    m.write(PMCCNTR, ~std::uint64_t{0} - 99);
    m.write(PMCR, 1);
    m.on_bus = [&m](const machine::bus_access &) { m.counter += 100; };
    m.on_pmu = [&m](bool level) { a64_set_line(m.cpu.get(), A64_IRQ, level); };
    a64_set_pstate(m.cpu.get(), el1h);
    m.run_at(code_at, 4);
    EXPECT_EQ(m.sys(ELR_EL1), code_at + 8);
}

TEST(PmuOverflow, OfTheInstructionThatWaitsWakesIt)
{
    counting m;
    m.on_pmu = [&m](bool level) { a64_set_line(m.cpu.get(), A64_IRQ, level); };
    m.count(0, inst_retired, 0x100000000 - 1 - start);
    m.write(PMINTENSET, 1);
    m.write(PMCR, 1);
    m.code(code_at, {a64::wfi, a64::add_imm(0, 0, 1)});
    m.set_x(0, 0);
    EXPECT_EQ(m.run_at(code_at, 2), A64_STOP_BUDGET);
    EXPECT_EQ(m.x(0), 1u);
}

TEST(PmuOverflow, LeavesBudgetsExact)
{
    counting m;
    m.count(0, inst_retired, 0xfffffff0);
    m.write(PMINTENSET, 1);
    m.write(PMCR, 1);
    m.code(code_at, std::vector<a64::word>(64, a64::add_imm(0, 0, 1)));
    m.set_x(0, 0);
    m.run_at(code_at, 50);
    EXPECT_EQ(m.executed, 50u);
    EXPECT_EQ(m.x(0), 50u);
    EXPECT_EQ(a64_run_progress(m.cpu.get()), 50u);
}

// ---- EL0 ----

struct user_access {
    std::uint32_t reg;
    bool write;
    std::uint64_t bits; // of PMUSERENR_EL0 that allow it, besides EN
};

class UserAccess : public testing::TestWithParam<user_access> {};

TEST_P(UserAccess, IsTrappedUnlessAllowed)
{
    const user_access &p = GetParam();
    for (std::uint64_t enabled = 0; enabled < 16; enabled++) {
        counting m;
        m.write(PMUSERENR, enabled);
        a64_set_pstate(m.cpu.get(), el0t);
        m.code(code_at, {p.write ? a64::msr(p.reg, 0) : a64::mrs(0, p.reg)});
        m.run_at(code_at, 1);
        const bool allowed = enabled & (1 | p.bits);
        EXPECT_EQ(m.sys(ESR_EL1) >> 26, allowed ? 0u : 0x18u) << enabled;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Registers, UserAccess,
    testing::Values(user_access{PMCR, false, 0}, user_access{PMCNTENSET, true, 0},
                    user_access{PMOVSCLR, true, 0}, user_access{PMCEID0, false, 0},
                    user_access{PMSWINC, true, 2}, user_access{PMSELR, false, 8},
                    user_access{PMSELR, true, 8}, user_access{PMCCNTR, false, 4},
                    user_access{PMCCNTR, true, 0}, user_access{PMXEVTYPER, false, 0},
                    user_access{PMXEVCNTR, false, 8}, user_access{PMXEVCNTR, true, 0},
                    user_access{evcntr(5), false, 8}, user_access{evcntr(5), true, 0},
                    user_access{evtyper(0), false, 0}, user_access{PMCCFILTR, true, 0}));

TEST(Pmu, El0ReadsItsRightsAndNoInterruptEnables)
{
    counting m;
    m.write(PMUSERENR, 0xff);
    a64_set_pstate(m.cpu.get(), el0t);
    m.code(code_at, {a64::mrs(0, PMUSERENR), a64::msr(PMUSERENR, 0)});
    m.run_at(code_at, 1);
    EXPECT_EQ(m.x(0), 0xfu);
    for (a64::word insn : {a64::msr(PMUSERENR, 0), a64::mrs(0, PMINTENSET)}) {
        m.code(code_at, {insn});
        a64_set_pstate(m.cpu.get(), el0t);
        m.run_at(code_at, 1);
        EXPECT_EQ(m.sys(ESR_EL1), 1u << 25) << "UNDEFINED";
    }
}

} // namespace
} // namespace cpu_test::test_pmu
