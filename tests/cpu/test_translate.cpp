// SPDX-License-Identifier: Apache-2.0
// Code that is translated because it runs often: what comes in its way, or changes it.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>

extern "C" {
#include "state/state.h"
}
#include "encode.hpp"
#include "twins.hpp"

namespace cpu_test::test_translate {
namespace {

constexpr std::uint64_t page = 0x0000123456780000;
constexpr std::uint64_t first = ram_base + 0x100000, second = ram_base + 0x101000;
constexpr std::uint64_t vectors = ram_base + 0x10000, irq_vector = vectors + 0x280;

// x0 counts, x1 is where w5 goes to and w2 comes from.
const std::vector<std::uint32_t> loop = {a64::add_imm(0, 0, 1), a64::str_w(5, 1),
                                         a64::ldr_w(2, 1),      a64::subs_imm(3, 2, 5),
                                         a64::b_cond(1, -16),   a64::b(-20)};

// Twins that have run `loop` so often that it is translated.
struct hot_loop : twins {
    hot_loop() : twins(3)
    {
        both([](machine &m) {
            m.set_sys(VBAR_EL1, vectors);
            m.code(irq_vector, {a64::mrs(10, ELR_EL1), a64::b(0)});
            m.code(ram_base, loop);
            m.set_x(1, ram_base + 0x2000);
            a64_set_pstate(m.cpu.get(), el1h);
            a64_set_pc(m.cpu.get(), ram_base);
        });
        run(1000);
    }
};

TEST(Translated, EndsWithTheBudgetInTheMiddleOfABlock)
{
    hot_loop t;
    for (unsigned budget = 1; budget < 40; budget++) {
        t.run(budget);
        EXPECT_EQ(t.translated.executed, budget);
    }
}

TEST(Translated, IsInterruptedAtEveryInstruction)
{
    for (unsigned budget = 1; budget < 12; budget++) {
        hot_loop t;
        t.run(budget);
        const std::uint64_t pc = t.translated.pc();
        t.both([](machine &m) { a64_set_line(m.cpu.get(), A64_IRQ, true); });
        t.run(10);
        EXPECT_EQ(t.translated.sys(ELR_EL1), pc);
        EXPECT_EQ(t.translated.x(10), pc);
    }
}

TEST(Translated, IsInterruptedByADeviceThatItReads)
{
    hot_loop t;
    t.both([](machine &m) {
        m.set_x(1, device_base);
        m.on_bus = [&m](const machine::bus_access &) {
            a64_set_line(m.cpu.get(), A64_IRQ, m.x(0) % 64 == 0);
        };
    });
    t.run(10000);
    EXPECT_EQ(t.translated.pc(), irq_vector + 4);
    EXPECT_EQ(t.translated.x(0) % 64, 0u);
}

TEST(Translated, IsWhatIsStoredOverIt)
{
    hot_loop t;
    t.both([](machine &m) {
        m.set_x(1, ram_base);
        m.set_x(5, a64::add_imm(0, 0, 16));
    });
    t.run(100);
    const std::uint64_t before = t.translated.x(0);
    t.run(500);
    EXPECT_GT(t.translated.x(0), before + 16);
    EXPECT_EQ((t.translated.x(0) - before) % 16, 0u);
}

TEST(Translated, IsWhatAnotherAgentWrites)
{
    hot_loop t;
    t.both([](machine &m) { m.code(ram_base, {a64::add_imm(0, 0, 16)}); });
    const std::uint64_t before = t.translated.x(0);
    t.run(500);
    EXPECT_EQ((t.translated.x(0) - before) % 16, 0u);
}

// Calls the function at `page` a hundred times, executes `change`, and calls it again. The function
// sets x0: to 1 where it is first, to 2 second.
void calls(machine &m, const std::vector<a64::word> &change)
{
    std::vector<a64::word> program = {a64::blr(1), a64::subs_imm(3, 3, 1), a64::b_cond(1, -8)};
    program.insert(program.end(), change.begin(), change.end());
    program.insert(program.end(), {a64::isb, a64::blr(1), a64::b(0)});
    m.code(first, {a64::movz(0, 1), a64::ret(30)});
    m.code(second, {a64::movz(0, 2), a64::ret(30)});
    m.code(ram_base, program);
    m.set_x(1, page);
    m.set_x(3, 100);
    a64_set_pc(m.cpu.get(), ram_base);
}

// It is remapped after it has been called many times.
TEST(Translated, IsWhereTheTablesSayAfterATlbi)
{
    twins t(3);
    t.both([](machine &m) {
        tables entries(m);
        entries.map(ram_base, ram_base, tables::af, 2);
        const std::uint64_t descriptor = entries.map(page, first, tables::af);
        const std::uint64_t block = descriptor & ~std::uint64_t{0x1fffff};
        entries.map(block, block, tables::af, 2);
        entries.enable();
        calls(m, {a64::str(4, 5), a64::msr(a64::tlbi(1, false), 6)});
        m.set_x(4, second | tables::af | 3);
        m.set_x(5, descriptor);
        m.set_x(6, page >> 12);
    });
    t.run(600);
    EXPECT_EQ(t.translated.x(0), 2u);
}

// The same, by another ASID: the function is not global.
TEST(Translated, IsWhatItsAddressSpaceHas)
{
    twins t(3);
    t.both([](machine &m) {
        tables one(m), other(m, 12, 0x40600000);
        for (tables *of : {&other, &one}) {
            of->map(ram_base, ram_base, tables::af, 2);
            of->map(page, of == &one ? first : second, tables::af | tables::ng);
        }
        one.enable(1);
        calls(m, {a64::msr(TTBR0_EL1, 4)});
        m.set_x(4, other.root() | std::uint64_t{2} << 48);
    });
    t.run(600);
    EXPECT_EQ(t.translated.x(0), 2u);
}

TEST(Translated, JumpsToAddressesWithoutTheirTags)
{
    twins t(2);
    t.both([](machine &m) {
        tables entries(m);
        entries.map(page, first, tables::af);
        entries.enable();
        m.set_sys(TCR_EL1, entries.tcr() | std::uint64_t{3} << 37);
        m.code(first, {a64::br(1)});
        m.set_x(1, page);
        a64_set_pc(m.cpu.get(), page);
    });
    t.run(20);
    for (const std::uint64_t tag : {0x01, 0x7f, 0x80, 0xff}) {
        t.both([tag](machine &m) { m.set_x(1, tag << 56 | page); });
        t.run(5);
        EXPECT_EQ(t.translated.pc(), page);
    }
}

// An MRS of SP_EL0 has run so often that it is translated; then SP_EL0 is the stack pointer.
TEST(Translated, LetsNobodyReadTheStackPointerInUseByName)
{
    twins t(2);
    t.both([](machine &m) {
        m.set_sys(VBAR_EL1, vectors);
        m.code(vectors, {a64::b(0)});
        m.code(ram_base, {a64::mrs(0, SP_EL0), a64::b(-4)});
    });
    t.run(20);
    t.both([](machine &m) { a64_set_pstate(m.cpu.get(), el1t); });
    t.run(2);
    EXPECT_EQ(t.translated.sys(ESR_EL1) >> 26, 0u);
    EXPECT_EQ(t.translated.pc(), vectors);
}

TEST(Translated, WaitsForEventsAndSendsThem)
{
    constexpr std::uint32_t sevl = 0xd50320bf;
    for (const std::uint32_t word : {a64::sev, sevl}) {
        twins t(2);
        t.both([word](machine &m) {
            m.code(ram_base, {word, a64::wfe, a64::wfe, a64::b(-12)});
            a64_set_pc(m.cpu.get(), ram_base);
        });
        for (unsigned i = 0; i < 10; i++) {
            t.run(20);
            EXPECT_EQ(t.stop, A64_STOP_WFE);
            EXPECT_EQ(t.translated.pc(), ram_base + 12);
            t.both([](machine &m) { a64_send_event(m.cpu.get()); });
        }
        EXPECT_EQ(t.translated.events, word == a64::sev ? 10u : 0u);
    }
}

TEST(Translated, StopsAtABreakpointOfADebugger)
{
    for (unsigned n = 0; n < loop.size() - 1; n++) {
        hot_loop t;
        const std::uint64_t at = ram_base + 4 * n;
        t.both([at](machine &m) { a64_set_breakpoint(m.cpu.get(), at); });
        t.run(100);
        if (t.stop != A64_STOP_BREAKPOINT) // it is where it was
            t.run(100);
        EXPECT_EQ(t.stop, A64_STOP_BREAKPOINT);
        EXPECT_EQ(t.translated.pc(), at);
    }
}

TEST(Translated, IsTracedInstructionByInstruction)
{
    hot_loop t;
    std::vector<std::uint64_t> trace[2];
    unsigned which = 0;
    t.both([&](machine &m) {
        a64_tracer tracer = {};
        tracer.user = &trace[which++];
        tracer.insn = [](void *user, std::uint64_t pc, std::uint32_t, const char *) {
            static_cast<std::vector<std::uint64_t> *>(user)->push_back(pc);
        };
        a64_set_tracer(m.cpu.get(), &tracer);
    });
    t.run(100);
    EXPECT_EQ(trace[0].size(), 100u);
    EXPECT_EQ(trace[0], trace[1]);
}

TEST(Translated, IsCountedByThePerformanceMonitors)
{
    constexpr std::uint32_t pmcr = A64_SYSREG(3, 3, 9, 12, 0),
                            pmcntenset = A64_SYSREG(3, 3, 9, 12, 1),
                            pmccntr = A64_SYSREG(3, 3, 9, 13, 0),
                            pmevcntr0 = A64_SYSREG(3, 3, 14, 8, 0),
                            pmevtyper0 = A64_SYSREG(3, 3, 14, 12, 0);
    constexpr unsigned events[] = {0x08, 0x13, 0x21}; // INST_RETIRED, MEM_ACCESS, BR_RETIRED
    hot_loop t;
    const auto write = [&t](std::uint32_t reg, std::uint64_t value) {
        t.both([=](machine &m) {
            m.code(first, {a64::msr(reg, 9)});
            m.set_x(9, value);
            a64_set_pc(m.cpu.get(), first);
        });
        t.run(1);
    };
    const auto read = [&t](std::uint32_t reg) {
        t.both([=](machine &m) {
            m.code(first, {a64::mrs(9, reg)});
            a64_set_pc(m.cpu.get(), first);
        });
        t.run(1);
        return t.translated.x(9);
    };
    for (unsigned n = 0; n < std::size(events); n++)
        write(pmevtyper0 + n, events[n]);
    write(pmcntenset, 0x80000007);
    write(pmcr, 1);
    t.both([](machine &m) { a64_set_pc(m.cpu.get(), ram_base); });
    t.run(1000);
    write(pmcr, 0);
    EXPECT_EQ(read(pmccntr), 1001u);
    EXPECT_EQ(read(pmevcntr0), 1001u);
    EXPECT_EQ(read(pmevcntr0 + 1), 400u);
    EXPECT_EQ(read(pmevcntr0 + 2), 200u);
}

// More blocks than there is room for, each of which runs often enough.
TEST(Translated, GoesWhenTheStoreIsFull)
{
    twins t(2);
    constexpr unsigned blocks = 40000;
    t.both([](machine &m) {
        const std::vector<std::uint32_t> words(blocks, a64::b(4));
        m.code(ram_base + 0x100000, words);
        m.code(ram_base + 0x100000 + 4 * blocks, {a64::add_imm(0, 0, 1), a64::br(1)});
        m.set_x(1, ram_base + 0x100000);
        a64_set_pc(m.cpu.get(), ram_base + 0x100000);
    });
    for (unsigned i = 0; i < 4; i++)
        t.run(blocks + 10);
    EXPECT_GT(a64_get_stats(t.translated.cpu.get())->blocks_decoded, blocks + 0u);
}

// More blocks that are translated than there is room for. All call a function, to which the jump
// table leads.
TEST(Translated, GoesWhenThereIsNoRoomForMore)
{
    twins t(1);
    constexpr std::uint64_t function = ram_base + 0x80044;
    std::uint64_t at = ram_base + 0x100000;
    for (const unsigned blocks : {6250, 3125}) {
        t.both([&](machine &m) {
            std::vector<std::uint32_t> words;
            for (unsigned i = 0; i < blocks; i++) {
                words.insert(words.end(), 31, a64::add_imm(0, 0, i % 4096));
                words.push_back(a64::bl(static_cast<int>(function - at - 4 * words.size())));
            }
            words.push_back(a64::br(1));
            m.code(at, words);
            m.code(function, {a64::add_imm(2, 2, 1), a64::ret(30)});
            m.set_x(1, at);
            a64_set_pc(m.cpu.get(), at);
        });
        for (unsigned pass = 0; pass < 5; pass++)
            t.run(34 * blocks + 1);
        at += 0x200000;
    }
    EXPECT_EQ(t.translated.x(2), 5u * (6250 + 3125));
}

// Where it leads to in the jump table is what runs.
a64_exec *run_when_decoded_again(hot_loop &t)
{
    t.both([](machine &m) {
        a64_code_invalidate(m.cpu.get(), ram_base, ram_base + 3);
        a64_set_pc(m.cpu.get(), ram_base);
    });
    t.run(18);
    return jump_entry(t.translated.cpu.get(), ram_base)->entry->exec;
}

TEST(Translated, IsThereWhenTheSameBytesAreDecodedAgain)
{
    hot_loop t;
    a64_exec *const before = jump_entry(t.translated.cpu.get(), ram_base)->entry->exec;
    EXPECT_EQ(run_when_decoded_again(t), before);
}

TEST(Translated, IsNotThereWhenAnyOfTheBytesIsAnother)
{
    for (unsigned i = 0; i < loop.size(); i++) {
        hot_loop t;
        a64_exec *const before = jump_entry(t.translated.cpu.get(), ram_base)->entry->exec;
        const std::uint32_t word = i + 1 < loop.size() ? a64::nop : a64::b(-16);
        t.both([&](machine &m) { m.poke32(ram_base + 4 * i, word); });
        EXPECT_NE(run_when_decoded_again(t), before) << i;
    }
}

// From here on the process may not map memory that can be executed, nor make it so.
bool forbid_code()
{
    constexpr unsigned short load = BPF_LD | BPF_W | BPF_ABS, give = BPF_RET | BPF_K;
    constexpr unsigned short equals = BPF_JMP | BPF_JEQ | BPF_K, has = BPF_JMP | BPF_JSET | BPF_K;
    sock_filter filter[] = {
        {load, 0, 0, offsetof(seccomp_data, nr)},
        {equals, 1, 0, SYS_mmap},
        {equals, 0, 3, SYS_mprotect},
        {load, 0, 0, offsetof(seccomp_data, args[2])},
        {has, 0, 1, PROT_EXEC},
        {give, 0, 0, SECCOMP_RET_ERRNO | EPERM},
        {give, 0, 0, SECCOMP_RET_ALLOW},
    };
    const sock_fprog program = {std::size(filter), filter};
    return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
           !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

// Nor does it try to, for each block anew. The child ends in its test, which still has memory:
// nobody is to take that for a leak.
TEST(Translated, IsNothingWhereTheHostForbidsIt)
{
    const auto child = [] {
        const bool forbidden = forbid_code();
        const hot_loop t;
        std::_Exit(forbidden && !t.translated.cpu->translator && !HasFailure() ? 0 : 1);
    };
    EXPECT_EXIT(child(), testing::ExitedWithCode(0), "");
}

} // namespace
} // namespace cpu_test::test_translate
