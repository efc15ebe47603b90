// SPDX-License-Identifier: Apache-2.0
// Breakpoints, and translation as a debugger asks for it.
#include <algorithm>

#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_debug {
namespace {

constexpr std::uint64_t page = 0x0000123456780000;
constexpr std::uint64_t data = ram_base + 0x100000;

TEST(Breakpoint, StopsBeforeItsInstruction)
{
    machine m;
    m.code(ram_base, std::vector<a64::word>(8, a64::add_imm(0, 0, 1)));
    for (unsigned at : {0u, 1u, 5u}) {
        m.set_x(0, 0);
        ASSERT_TRUE(a64_set_breakpoint(m.cpu.get(), ram_base + 4 * at));
        EXPECT_EQ(m.run_at(ram_base, 100), A64_STOP_BREAKPOINT);
        EXPECT_EQ(m.executed, at);
        EXPECT_EQ(m.x(0), at);
        EXPECT_EQ(m.pc(), ram_base + 4 * at);
        a64_clear_breakpoint(m.cpu.get(), ram_base + 4 * at);
    }
}

TEST(Breakpoint, IsMetByCodeThatRanBefore)
{
    machine m;
    m.code(ram_base, {a64::add_imm(0, 0, 1), a64::add_imm(0, 0, 1), a64::b(-8)});
    m.run(30);
    a64_set_breakpoint(m.cpu.get(), ram_base + 4);
    EXPECT_EQ(m.run(30), A64_STOP_BREAKPOINT);
    EXPECT_EQ(m.pc(), ram_base + 4);
    EXPECT_EQ(m.run(30), A64_STOP_BREAKPOINT) << "it stays where it is";
    EXPECT_EQ(m.executed, 0u);
    a64_clear_breakpoint(m.cpu.get(), ram_base + 4);
    EXPECT_EQ(m.run(30), A64_STOP_BUDGET);
}

TEST(Breakpoint, BudgetsStayExactBeforeIt)
{
    machine m;
    m.code(ram_base, std::vector<a64::word>(20, a64::add_imm(0, 0, 1)));
    a64_set_breakpoint(m.cpu.get(), ram_base + 40);
    EXPECT_EQ(m.run(4), A64_STOP_BUDGET);
    EXPECT_EQ(m.x(0), 4u);
    EXPECT_EQ(m.run(4), A64_STOP_BUDGET);
    EXPECT_EQ(m.x(0), 8u);
    EXPECT_EQ(m.run(4), A64_STOP_BREAKPOINT);
    EXPECT_EQ(m.x(0), 10u);
}

TEST(Breakpoint, IsOfAVirtualAddress)
{
    machine m;
    tables t(m, 12, ram_base + 0x400000);
    t.map(ram_base, ram_base, tables::af);
    t.map(page, ram_base, tables::af);
    t.enable();
    m.code(ram_base, {a64::nop, a64::nop, a64::nop});
    a64_set_breakpoint(m.cpu.get(), page + 4);
    EXPECT_EQ(m.run_at(ram_base, 3), A64_STOP_BUDGET);
    EXPECT_EQ(m.run_at(page, 3), A64_STOP_BREAKPOINT);
}

TEST(Breakpoint, ThereCanBeMany)
{
    machine m;
    m.code(ram_base, std::vector<a64::word>(200, a64::nop));
    for (unsigned i = 0; i < 100; i++)
        ASSERT_TRUE(a64_set_breakpoint(m.cpu.get(), ram_base + 8 * i));
    ASSERT_TRUE(a64_set_breakpoint(m.cpu.get(), ram_base)) << "twice";
    for (unsigned i = 0; i < 100; i++) {
        EXPECT_EQ(m.run(100), A64_STOP_BREAKPOINT);
        EXPECT_EQ(m.pc(), ram_base + 8 * i);
        a64_clear_breakpoint(m.cpu.get(), ram_base + 8 * i);
    }
    EXPECT_EQ(m.run(2), A64_STOP_BUDGET);
}

// x1 has the address of eight bytes of data. A run of a store, a load and a nop.
struct watched : machine {
    watched()
    {
        set_x(0, 0x55);
        set_x(1, data);
        code(ram_base, {a64::str(0, 1), a64::ldr(2, 1), a64::nop});
    }
    a64_watchpoint watch(std::uint64_t va, std::uint64_t size, a64_watch kind)
    {
        const a64_watchpoint row = {va, size, kind};
        EXPECT_TRUE(a64_set_watchpoint(cpu.get(), &row));
        return row;
    }
    void forget(const a64_watchpoint &row) { a64_clear_watchpoint(cpu.get(), &row); }
    std::uint64_t hit_va() const
    {
        std::uint64_t va;
        a64_watchpoint_hit(cpu.get(), &va);
        return va;
    }
};

TEST(Watchpoint, StopsBeforeAnAccessOfItsKind)
{
    const struct {
        a64_watch kind;
        unsigned at; // instruction
    } rows[] = {{A64_WATCH_STORE, 0}, {A64_WATCH_LOAD, 1}, {A64_WATCH_ACCESS, 0}};
    for (const auto &row : rows) {
        watched m;
        m.watch(data, 8, row.kind);
        EXPECT_EQ(m.run(3), A64_STOP_WATCHPOINT);
        EXPECT_EQ(m.executed, row.at);
        EXPECT_EQ(m.pc(), ram_base + 4 * row.at);
        EXPECT_EQ(m.peek64(data), row.at == 0 ? 0u : 0x55u) << "the store itself has not been done";
        EXPECT_EQ(m.x(2), 0u);
        std::uint64_t va;
        EXPECT_EQ(a64_watchpoint_hit(m.cpu.get(), &va).kind, row.kind);
        EXPECT_EQ(va, data);
    }
}

TEST(Watchpoint, StaysWhereItIsUntilItIsTakenAway)
{
    watched m;
    const auto row = m.watch(data, 8, A64_WATCH_ACCESS);
    EXPECT_EQ(m.run(3), A64_STOP_WATCHPOINT);
    EXPECT_EQ(m.run(3), A64_STOP_WATCHPOINT);
    EXPECT_EQ(m.executed, 0u);
    m.forget(row);
    EXPECT_EQ(m.run(3), A64_STOP_BUDGET);
    EXPECT_EQ(m.x(2), 0x55u);
}

TEST(Watchpoint, IsMetByPagesThatAreKnown)
{
    watched m;
    m.run(3);
    m.watch(data, 8, A64_WATCH_LOAD);
    EXPECT_EQ(m.run_at(ram_base, 3), A64_STOP_WATCHPOINT);
    EXPECT_EQ(m.pc(), ram_base + 4);
}

TEST(Watchpoint, IsOfTheBytesThatItNames)
{
    const struct {
        std::uint64_t va, size;
        bool hits;
    } rows[] = {
        {data - 1, 1, false},
        {data - 1, 2, true},
        {data + 7, 1, true},
        {data + 8, 8, false},
        {data - 0x5000, 0x10000, true},
        {UINT64_MAX - 7, 8, false},
    };
    for (const auto &row : rows) {
        watched m;
        m.watch(row.va, row.size, A64_WATCH_STORE);
        EXPECT_EQ(m.run(3) == A64_STOP_WATCHPOINT, row.hits) << std::hex << row.va;
        if (row.hits) {
            EXPECT_EQ(m.hit_va(), std::max(row.va, data)) << "the lowest byte of both";
        }
    }
}

TEST(Watchpoint, IsOfAVirtualAddressWithoutItsTag)
{
    watched m;
    tables t(m, 12, ram_base + 0x400000);
    t.map(ram_base, ram_base, tables::af);
    t.map(page, data, tables::af);
    t.map(data, data, tables::af);
    t.enable();
    m.set_sys(TCR_EL1, m.sys(TCR_EL1) | std::uint64_t{1} << 37); // TBI0
    m.watch(page, 8, A64_WATCH_STORE);
    EXPECT_EQ(m.run_at(ram_base, 3), A64_STOP_BUDGET) << "the same memory by another address";
    m.set_x(1, page | 0x5a00000000000000);
    EXPECT_EQ(m.run_at(ram_base, 3), A64_STOP_WATCHPOINT);
    EXPECT_EQ(m.hit_va(), page);
}

TEST(Watchpoint, IsMetByExclusivesPairsAndBlocks)
{
    for (const a64::word insn : {a64::stxr(3, 0, 1), a64::stp(0, 2, 1), a64::dc_zva(1)}) {
        watched m;
        tables t(m, 12, ram_base + 0x400000);
        t.map(ram_base, ram_base, tables::af);
        t.map(data, data, tables::af);
        t.enable();
        m.code(ram_base, {a64::ldxr(2, 1), insn, a64::nop});
        m.watch(data + 4, 1, A64_WATCH_STORE);
        EXPECT_EQ(m.run(3), A64_STOP_WATCHPOINT) << std::hex << insn;
        EXPECT_EQ(m.pc(), ram_base + 4);
        EXPECT_EQ(m.hit_va(), data + 4);
    }
}

TEST(Watchpoint, ThereCanBeMany)
{
    watched m;
    std::vector<a64_watchpoint> rows;
    for (unsigned i = 0; i < 100; i++)
        rows.push_back(m.watch(data + 8 * i, 8, A64_WATCH_STORE));
    m.watch(data, 8, A64_WATCH_STORE); // twice
    for (const auto &row : rows) {
        m.set_x(1, row.va);
        EXPECT_EQ(m.run_at(ram_base, 3), A64_STOP_WATCHPOINT);
        m.forget(row);
        EXPECT_EQ(m.run_at(ram_base, 3), A64_STOP_BUDGET);
    }
}

struct translated : machine {
    translated() : machine(false), t(*this, 12, ram_base + 0x400000)
    {
        t.map(ram_base, ram_base, tables::af);
        descriptor = t.map(page, data, tables::af | tables::ap_ro);
        t.enable();
    }
    // UINT64_MAX: not mapped
    std::uint64_t where(std::uint64_t va)
    {
        std::uint64_t pa = UINT64_MAX;
        const bool mapped = a64_debug_translate(cpu.get(), va, &pa);
        EXPECT_EQ(mapped, pa != UINT64_MAX);
        return pa;
    }
    tables t;
    std::uint64_t descriptor;
};

TEST(DebugTranslate, FollowsTheTables)
{
    translated m;
    EXPECT_EQ(m.where(page + 0x123), data + 0x123);
    EXPECT_EQ(m.where(page + 0x1000), UINT64_MAX);
    EXPECT_EQ(m.where(0xffff000000000000), UINT64_MAX);
}

TEST(DebugTranslate, IsFlatWithTheMmuOff)
{
    machine m;
    std::uint64_t pa = 0;
    EXPECT_TRUE(a64_debug_translate(m.cpu.get(), 0x12345678, &pa));
    EXPECT_EQ(pa, 0x12345678u);
}

TEST(DebugTranslate, SeesWhatTheTlbHolds)
{
    translated m;
    m.set_x(1, page);
    m.code(ram_base, {a64::ldr(0, 1)});
    m.run(1);
    m.poke64(m.descriptor, 0);
    EXPECT_EQ(m.where(page), data) << "as the PE itself would";
}

TEST(DebugTranslate, LeavesNoTrace)
{
    translated m;
    const a64_stats before = *a64_get_stats(m.cpu.get());
    m.where(page);
    m.where(page + 0x1000);
    const a64_stats after = *a64_get_stats(m.cpu.get());
    EXPECT_EQ(std::memcmp(&before, &after, sizeof before), 0);
    EXPECT_TRUE(m.log.empty()) << "no access to the bus";
    EXPECT_EQ(m.sys(ESR_EL1), 0u);
    m.poke64(m.descriptor, 0);
    EXPECT_EQ(m.where(page), UINT64_MAX) << "no TLB entry";
}

TEST(DebugTranslate, FailsWhereTablesCannotBeRead)
{
    translated m;
    m.can_peek = false;
    EXPECT_EQ(m.where(page), UINT64_MAX);
}

} // namespace
} // namespace cpu_test::test_debug
