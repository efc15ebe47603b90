// SPDX-License-Identifier: Apache-2.0
// Breakpoints, and translation as a debugger asks for it.
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
