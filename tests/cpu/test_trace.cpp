// SPDX-License-Identifier: Apache-2.0
// The tracer: what it is told, and that nothing else changes.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_trace {
namespace {

struct recorder {
    struct insn {
        std::uint64_t pc;
        std::uint32_t word;
        std::string name;
    };
    struct level_and_pc {
        unsigned el;
        std::uint64_t pc;
    };

    std::vector<insn> insns;
    std::vector<a64_exception> exceptions;
    std::vector<level_and_pc> returns;

    a64_tracer tracer()
    {
        a64_tracer t = {};
        t.user = this;
        t.insn = [](void *self, std::uint64_t pc, std::uint32_t word, const char *name) {
            static_cast<recorder *>(self)->insns.push_back({pc, word, name});
        };
        t.exception = [](void *self, const a64_exception *e) {
            static_cast<recorder *>(self)->exceptions.push_back(*e);
        };
        t.exception_return = [](void *self, std::uint64_t pc, unsigned el) {
            static_cast<recorder *>(self)->returns.push_back({el, pc});
        };
        return t;
    }
};

void attach(machine &m, recorder &r)
{
    const a64_tracer t = r.tracer();
    a64_set_tracer(m.cpu.get(), &t);
}

TEST(Trace, TellsEveryInstructionBeforeItIsExecuted)
{
    machine m;
    recorder r;
    attach(m, r);
    m.code(ram_base, {a64::add_imm(0, 0, 1), a64::b(8), a64::nop, a64::add_imm(0, 0, 2)});
    m.run(3);
    ASSERT_EQ(r.insns.size(), 3u);
    EXPECT_EQ(r.insns[0].pc, ram_base);
    EXPECT_EQ(r.insns[0].word, a64::add_imm(0, 0, 1));
    EXPECT_EQ(r.insns[0].name, "ADD_imm_x");
    EXPECT_EQ(r.insns[1].name, "B");
    EXPECT_EQ(r.insns[2].pc, ram_base + 12);
    EXPECT_EQ(m.x(0), 3u);
}

TEST(Trace, NamesWhatIsUnallocated)
{
    machine m;
    recorder r;
    attach(m, r);
    m.code(ram_base, {0});
    m.run(1);
    ASSERT_EQ(r.insns.size(), 1u);
    EXPECT_EQ(r.insns[0].name, "UNDEFINED");
}

TEST(Trace, TellsExceptionsAndReturns)
{
    machine m;
    recorder r;
    attach(m, r);
    m.set_sys(VBAR_EL1, ram_base + 0x1000);
    m.code(ram_base, {a64::svc(7)});
    m.code(ram_base + 0x1400, {a64::eret});
    a64_set_pstate(m.cpu.get(), el0t);
    m.run_at(ram_base, 2);
    ASSERT_EQ(r.exceptions.size(), 1u);
    EXPECT_EQ(r.exceptions[0].kind, A64_EXCEPTION_SYNC);
    EXPECT_EQ(r.exceptions[0].elr, ram_base + 4);
    EXPECT_EQ(r.exceptions[0].spsr, el0t);
    EXPECT_EQ(r.exceptions[0].esr, 0x56000007u);
    EXPECT_EQ(r.exceptions[0].vector, ram_base + 0x1400);
    ASSERT_EQ(r.returns.size(), 1u);
    EXPECT_EQ(r.returns[0].el, 0u);
    EXPECT_EQ(r.returns[0].pc, ram_base + 4);
}

TEST(Trace, TellsInterrupts)
{
    machine m;
    recorder r;
    attach(m, r);
    m.set_sys(VBAR_EL1, ram_base + 0x1000);
    m.code(ram_base + 0x1280, {a64::nop});
    m.code(ram_base + 0x1300, {a64::nop});
    a64_set_pstate(m.cpu.get(), el1h);
    a64_set_line(m.cpu.get(), A64_IRQ, true);
    m.run(1);
    a64_set_pstate(m.cpu.get(), el1h);
    a64_set_line(m.cpu.get(), A64_FIQ, true);
    m.run(1);
    ASSERT_EQ(r.exceptions.size(), 2u);
    EXPECT_EQ(r.exceptions[0].kind, A64_EXCEPTION_IRQ);
    EXPECT_EQ(r.exceptions[1].kind, A64_EXCEPTION_FIQ);
}

// A loop of everything that goes on or ends straight-line code: an access, branches that are taken,
// are not, or lead to the next instruction, and an exception.
TEST(Trace, ChangesNothing)
{
    const std::vector<a64::word> loop = {a64::add_imm(0, 0, 1), a64::add_imm(2, 2, 3),
                                         a64::ldr(3, 1),        a64::cb(1, 0, 31, 4),
                                         a64::cb(1, 0, 1, 8),   a64::str(2, 1),
                                         a64::cb(1, 0, 31, 8),  a64::nop,
                                         a64::svc(1),           a64::b(-36)};
    machine plain;
    machine traced;
    recorder r;
    attach(traced, r);
    for (machine *m : {&plain, &traced}) {
        m->set_x(1, ram_base + 0x2000);
        m->set_sys(VBAR_EL1, ram_base + 0x1000);
        m->code(ram_base + 0x1200, {a64::nop, a64::eret});
        m->code(ram_base, loop);
        for (const unsigned budget : {1, 7, 1000, 2, 5}) // parts of the loop
            m->run(budget);
    }
    EXPECT_EQ(traced.pc(), plain.pc());
    EXPECT_EQ(traced.x(2), plain.x(2));
    EXPECT_EQ(r.insns.size(), 1015u);
    const a64_stats *with = a64_get_stats(traced.cpu.get());
    const a64_stats *without = a64_get_stats(plain.cpu.get());
    EXPECT_EQ(with->instructions, without->instructions);
    EXPECT_EQ(with->exceptions, without->exceptions);
    EXPECT_EQ(with->blocks_decoded, without->blocks_decoded);
    EXPECT_EQ(with->tlb_misses, without->tlb_misses);
    EXPECT_EQ(with->table_walks, without->table_walks);
    EXPECT_EQ(with->bus_reads, without->bus_reads);
    EXPECT_EQ(with->bus_writes, without->bus_writes);
}

TEST(Trace, TellsEveryInstructionOfAGuestThatHasCrashed)
{
    machine m;
    recorder r;
    a64_tracer tracer = r.tracer();
    tracer.exception = nullptr;
    a64_set_tracer(m.cpu.get(), &tracer);
    m.on_repeat = [](const a64_exception &) { return true; };
    m.set_sys(VBAR_EL1, ram_base + 0x1000);
    m.code(ram_base, {a64::udf});
    m.code(ram_base + 0x1200, {a64::udf});
    m.run(100);
    EXPECT_EQ(r.insns.size(), 100u);
}

TEST(Trace, EndsWhenTheTracerIsTakenAway)
{
    machine m;
    recorder r;
    attach(m, r);
    m.code(ram_base, {a64::nop, a64::nop, a64::svc(0)});
    m.run(1);
    a64_set_tracer(m.cpu.get(), nullptr);
    m.run(2);
    EXPECT_EQ(r.insns.size(), 1u);
    EXPECT_TRUE(r.exceptions.empty());
}

// A device is written in the middle of a block, and what it does takes the tracer away: nothing is
// told any more, and the rest is run as if there had never been a tracer.
TEST(Trace, EndsWhereAnAccessTakesTheTracerAway)
{
    machine plain(false);
    machine traced(false);
    recorder r;
    attach(traced, r);
    traced.on_bus = [&traced](const machine::bus_access &access) {
        if (access.write)
            a64_set_tracer(traced.cpu.get(), nullptr);
    };
    for (machine *m : {&plain, &traced}) {
        m->set_x(1, device_base);
        m->code(ram_base, {a64::nop, a64::str(2, 1), a64::add_imm(0, 0, 1), a64::b(-12)});
        for (const unsigned budget : {3, 9})
            m->run(budget);
    }
    EXPECT_EQ(r.insns.size(), 2u);
    EXPECT_EQ(traced.x(0), 3u);
    EXPECT_EQ(traced.pc(), plain.pc());
    EXPECT_EQ(a64_get_stats(traced.cpu.get())->blocks_decoded,
              a64_get_stats(plain.cpu.get())->blocks_decoded);
}

// The same where the run ends, and others begin, in the middle of that block.
TEST(Trace, EndsWhereTheLastAccessOfARunTakesTheTracerAway)
{
    machine m(false);
    recorder r;
    attach(m, r);
    m.on_bus = [&m](const machine::bus_access &access) {
        if (access.write)
            a64_set_tracer(m.cpu.get(), nullptr);
    };
    m.set_x(1, device_base);
    m.code(ram_base, {a64::str(2, 1), a64::add_imm(0, 0, 1), a64::b(-8)});
    for (unsigned i = 0; i < 6; i++)
        m.run(1);
    EXPECT_EQ(r.insns.size(), 1u);
    EXPECT_EQ(m.x(0), 2u);
}

} // namespace
} // namespace cpu_test::test_trace
