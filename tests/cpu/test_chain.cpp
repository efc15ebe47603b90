// SPDX-License-Identifier: Apache-2.0
// Blocks that lead to each other: what ends a chain of them, or leads it elsewhere.
#include <gtest/gtest.h>

#include <pthread.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_chain {
namespace {

constexpr std::uint64_t page = 0x0000123456780000;
constexpr std::uint64_t first = ram_base + 0x100000, second = ram_base + 0x101000;

TEST(Chain, EndsForAnInterruptThatIsUnmaskedOnItsWay)
{
    machine m;
    m.set_sys(VBAR_EL1, ram_base + 0x10000);
    m.code(ram_base + 0x10280, {a64::b(0)});
    m.code(ram_base, {a64::daifset(2), a64::daifclr(2), a64::add_imm(0, 0, 1), a64::b(-12)});
    a64_set_pstate(m.cpu.get(), el1h);
    m.run_at(ram_base, 40);
    ASSERT_EQ(m.x(0), 10u);
    m.run(1); // masked
    a64_set_line(m.cpu.get(), A64_IRQ, true);
    m.run(3);
    EXPECT_EQ(m.sys(ELR_EL1), ram_base + 8);
    EXPECT_EQ(m.x(0), 10u);
}

TEST(Chain, EndsForAnInterruptOfADeviceItReads)
{
    machine m;
    m.set_sys(VBAR_EL1, ram_base + 0x10000);
    m.code(ram_base + 0x10280, {a64::b(0)});
    m.code(ram_base, {a64::add_imm(0, 0, 1), a64::b(4), a64::ldr(2, 1), a64::b(4), a64::b(-16)});
    m.set_x(1, device_base);
    a64_set_pstate(m.cpu.get(), el1h);
    m.on_bus = [&](const machine::bus_access &) {
        if (m.x(0) == 10)
            a64_set_line(m.cpu.get(), A64_IRQ, true);
    };
    m.run_at(ram_base, 100);
    EXPECT_EQ(m.sys(ELR_EL1), ram_base + 12);
    EXPECT_EQ(m.x(0), 10u);
}

// Without direct memory, code is fetched from the bus: once, for all its block.
TEST(Chain, EndsForAnInterruptOfTheFetchOfWhatItLeadsTo)
{
    machine m(false);
    m.set_sys(VBAR_EL1, ram_base + 0x10000);
    m.code(ram_base + 0x10280, {a64::b(0)});
    m.code(ram_base, {a64::add_imm(0, 0, 1), a64::b(0xfc)});
    m.code(ram_base + 0x100, {a64::add_imm(0, 0, 1), a64::b(4)});
    m.on_bus = [&](const machine::bus_access &a) {
        if (a.pa == ram_base + 0x100)
            a64_set_line(m.cpu.get(), A64_IRQ, true);
    };
    a64_set_pstate(m.cpu.get(), el1h);
    m.run_at(ram_base, 10);
    EXPECT_EQ(m.sys(ELR_EL1), ram_base + 0x100);
    EXPECT_EQ(m.x(0), 1u);
}

// `page` has a function that sets x0; it is remapped after it has been called many times.
TEST(Chain, LeadsWhereTheTablesSayAfterATlbi)
{
    machine m;
    tables t(m);
    t.map(ram_base, ram_base, tables::af, 2);
    const std::uint64_t descriptor = t.map(page, first, tables::af);
    t.enable();
    m.code(first, {a64::movz(0, 1), a64::ret(30)});
    m.code(second, {a64::movz(0, 2), a64::ret(30)});
    m.code(ram_base, {a64::blr(1), a64::subs_imm(3, 3, 1), a64::b_cond(1, -8), a64::str(4, 5),
                      a64::msr(a64::tlbi(1, false), 6), a64::isb, a64::blr(1), a64::b(0)});
    m.set_x(1, page);
    m.set_x(3, 10);
    m.set_x(4, second | tables::af | 3);
    m.set_x(5, descriptor);
    m.set_x(6, page >> 12);
    t.map(descriptor & ~std::uint64_t{0x1fffff}, descriptor & ~std::uint64_t{0x1fffff}, tables::af,
          2);
    m.run_at(ram_base, 60);
    EXPECT_EQ(m.peek64(descriptor), second | tables::af | 3);
    EXPECT_EQ(m.x(0), 2u);
}

TEST(Chain, LeadsToCodeThatIsStoredOverWhatItLedTo)
{
    machine m;
    m.code(ram_base, {a64::bl(0x100), a64::subs_imm(3, 3, 1), a64::b_cond(1, -8), a64::str_w(2, 1),
                      a64::bl(0xf0), a64::b(0)});
    m.code(ram_base + 0x100, {a64::movz(0, 1), a64::ret(30)});
    m.set_x(1, ram_base + 0x100);
    m.set_x(2, a64::movz(0, 2));
    m.set_x(3, 10);
    m.run_at(ram_base, 60);
    EXPECT_EQ(m.x(0), 2u);
}

TEST(Chain, MeetsABreakpointThatIsSetOnItsWay)
{
    machine m;
    m.code(ram_base, {a64::add_imm(0, 0, 1), a64::b(4), a64::ldr(2, 1), a64::b(4), a64::b(-16)});
    m.set_x(1, device_base);
    m.on_bus = [&](const machine::bus_access &) {
        if (m.x(0) == 10)
            a64_set_breakpoint(m.cpu.get(), ram_base + 4);
    };
    EXPECT_EQ(m.run_at(ram_base, 200), A64_STOP_BREAKPOINT);
    EXPECT_EQ(m.pc(), ram_base + 4);
    EXPECT_EQ(m.x(0), 11u);
}

// Each instruction whose handler could leave something there, in a chain of a million.
TEST(Chain, NeedsNoStack)
{
    machine m;
    m.set_x(1, ram_base + 0x2000);
    m.set_x(2, ram_base + 0x2008);
    m.set_sys(CPACR_EL1, 3u << 20);
    constexpr a64::word ldr_q = 0x3dc00020, str_q = 0x3d800020, ldp_q = 0xad400420;
    m.code(ram_base, {a64::ldr(3, 2), a64::str(3, 2), a64::ldp(3, 4, 1), a64::stp(3, 4, 1),
                      a64::ldxr(3, 1), a64::stxr(5, 3, 1), a64::ldxp(3, 4, 1),
                      a64::stxp(5, 3, 4, 1), a64::ldar(3, 1), a64::stlr(3, 1), ldr_q, str_q, ldp_q,
                      a64::mrs(3, SCTLR_EL1), a64::daifset(2), a64::isb, a64::b(-64)});
    pthread_attr_t small;
    pthread_t thread;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 * 1024);
    const auto run = [](void *machine_of_test) -> void * {
        static_cast<machine *>(machine_of_test)->run_at(ram_base, 1'000'000);
        return nullptr;
    };
    ASSERT_EQ(pthread_create(&thread, &small, run, &m), 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&small);
    EXPECT_EQ(m.executed, 1'000'000u);
}

} // namespace
} // namespace cpu_test::test_chain
