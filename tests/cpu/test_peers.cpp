// SPDX-License-Identifier: Apache-2.0
// What a PE says to the others of its domain, and what it does when they say it.
#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_peers {
namespace {

constexpr std::uint64_t page = 0x0000123456780000; // mapped to `first`, then to `second`
constexpr std::uint64_t first = ram_base + 0x100000, second = ram_base + 0x101000;

// System instructions: op0 is 1.
constexpr std::uint32_t vmalle1is = A64_SYSREG(1, 0, 8, 3, 0), vmalle1 = A64_SYSREG(1, 0, 8, 7, 0);
constexpr std::uint32_t vae1is = A64_SYSREG(1, 0, 8, 3, 1), aside1is = A64_SYSREG(1, 0, 8, 3, 2);
constexpr std::uint32_t vaae1is = A64_SYSREG(1, 0, 8, 3, 3), vale1is = A64_SYSREG(1, 0, 8, 3, 5);
constexpr std::uint32_t vaale1is = A64_SYSREG(1, 0, 8, 3, 7);
constexpr std::uint32_t ialluis = A64_SYSREG(1, 0, 7, 1, 0), iallu = A64_SYSREG(1, 0, 7, 5, 0);
constexpr std::uint32_t ivau = A64_SYSREG(1, 3, 7, 5, 1);

constexpr std::uint32_t dsb = 0xd5033f9f;

// Code at its physical address, and `page` through a TLB entry that is out of date.
struct stale : machine {
    stale()
    {
        tables t(*this, 12, ram_base + 0x400000);
        t.map(ram_base, ram_base, tables::af);
        const std::uint64_t descriptor = t.map(page, first, tables::af | tables::ng);
        t.enable(7);
        poke64(first, 1);
        poke64(second, 2);
        set_x(1, page);
        code(ram_base, {a64::ldr(0, 1)});
        run(1);
        poke64(descriptor, second | tables::af | tables::ng | 3);
    }
    std::uint64_t seen()
    {
        run_at(ram_base, 1);
        return x(0);
    }
};

a64_dvm sent_by(std::uint32_t operation, std::uint64_t argument)
{
    stale m;
    m.set_x(2, argument);
    m.code(ram_base, {a64::msr(operation, 2)});
    m.run_at(ram_base, 1);
    EXPECT_EQ(m.broadcasts.size(), 1u);
    return m.broadcasts.empty() ? a64_dvm{} : m.broadcasts[0];
}

TEST(Broadcast, TlbiTellsWhatTheInstructionSays)
{
    const std::uint64_t argument = std::uint64_t{0xabcd} << 48 | 0x00080000000 | 0x12345;
    const struct {
        std::uint32_t operation;
        a64_dvm_op op;
        bool leaf, asid, address;
    } rows[] = {
        {vmalle1is, A64_DVM_VMALL, false, false, false},
        {vae1is, A64_DVM_VA, false, true, true},
        {vale1is, A64_DVM_VA, true, true, true},
        {aside1is, A64_DVM_ASID, false, true, false},
        {vaae1is, A64_DVM_VAA, false, false, true},
        {vaale1is, A64_DVM_VAA, true, false, true},
    };
    for (const auto &row : rows) {
        const a64_dvm dvm = sent_by(row.operation, argument);
        EXPECT_EQ(dvm.op, row.op);
        EXPECT_EQ(dvm.leaf, row.leaf);
        EXPECT_FALSE(dvm.outer);
        EXPECT_EQ(dvm.vmid, 0);
        EXPECT_EQ(dvm.asid, row.asid ? 0xabcd : 0);
        EXPECT_EQ(dvm.addr, row.address ? 0x0000080012345000u : 0);
    }
}

TEST(Broadcast, DsbWaitsForWhatWasSentBeforeIt)
{
    stale m;
    m.code(ram_base, {dsb, a64::msr(vmalle1, 2), dsb, a64::msr(vmalle1is, 2), dsb, dsb});
    m.run_at(ram_base, 4);
    EXPECT_EQ(m.dsbs, 0u);
    m.run_at(m.pc(), 1);
    EXPECT_EQ(m.dsbs, 1u);
    m.run_at(m.pc(), 1);
    EXPECT_EQ(m.dsbs, 1u) << "nothing was sent since";
}

TEST(Broadcast, AddressesOfTheUpperHalfAreSignExtended)
{
    EXPECT_EQ(sent_by(vaae1is, 0x00000fffffffffff).addr, 0xfffffffffffff000u);
}

TEST(Broadcast, OperationsOfThePeAloneStayThere)
{
    stale m;
    m.code(ram_base, {a64::msr(vmalle1, 2), a64::msr(iallu, 2)});
    m.run_at(ram_base, 2);
    EXPECT_TRUE(m.broadcasts.empty());
}

TEST(Broadcast, InstructionCacheMaintenanceTellsThePhysicalAddress)
{
    EXPECT_EQ(sent_by(ialluis, 0).op, A64_DVM_IC_ALL);
    const a64_dvm line = sent_by(ivau, page + 0x84);
    EXPECT_EQ(line.op, A64_DVM_IC_LINE);
    EXPECT_EQ(line.addr, first + 0x84) << "translated as any access is: by the TLB";
}

TEST(Broadcast, SevTellsTheOthers)
{
    machine m;
    m.code(ram_base, {a64::sev, a64::wfe});
    EXPECT_EQ(m.run(2), A64_STOP_BUDGET) << "and the PE itself";
    EXPECT_EQ(m.events, 1u);
}

TEST(Snoop, TlbEntriesStayWithoutIt)
{
    stale m;
    EXPECT_EQ(m.seen(), 1u);
}

TEST(Snoop, DropsTheTlbEntriesItNames)
{
    const struct {
        a64_dvm dvm;
        std::uint64_t then;
    } rows[] = {
        {{A64_DVM_VMALL, false, false, 0, 0, 0, A64_REGIME_EL10}, 2},
        {{A64_DVM_ASID, false, false, 7, 0, 0, A64_REGIME_EL10}, 2},
        {{A64_DVM_ASID, false, false, 8, 0, 0, A64_REGIME_EL10}, 1},
        {{A64_DVM_VA, false, true, 7, 0, page, A64_REGIME_EL10}, 2},
        {{A64_DVM_VA, false, false, 8, 0, page, A64_REGIME_EL10}, 1},
        {{A64_DVM_VAA, false, false, 0, 0, page, A64_REGIME_EL10}, 2},
        {{A64_DVM_VAA, false, false, 0, 0, page + 0x1000, A64_REGIME_EL10}, 1},
    };
    for (const auto &row : rows) {
        stale m;
        a64_snoop(m.cpu.get(), &row.dvm);
        EXPECT_EQ(m.seen(), row.then) << "row " << &row - rows;
    }
}

TEST(Snoop, DropsDecodedInstructions)
{
    const a64_dvm rows[] = {
        {A64_DVM_IC_ALL, false, false, 0, 0, 0, A64_REGIME_EL10},
        {A64_DVM_IC_LINE, false, false, 0, 0, ram_base + 0x3c, A64_REGIME_EL10},
    };
    for (const a64_dvm &dvm : rows) {
        machine m;
        m.code(ram_base, {a64::movz(0, 1)});
        m.run(1);
        m.poke32(ram_base, a64::movz(0, 2));
        m.run_at(ram_base, 1);
        EXPECT_EQ(m.x(0), 1u) << "another PE's store alone is not seen";
        a64_snoop(m.cpu.get(), &dvm);
        m.run_at(ram_base, 1);
        EXPECT_EQ(m.x(0), 2u);
    }
}

// One that comes in the middle of a walk, when the table above has been read already: the walk
// fills the TLB with what is out of date, and the operation drops it after the instruction.
TEST(Snoop, InTheMiddleOfAnInstructionActsAtItsEnd)
{
    for (unsigned count : {1u, 20u}) {
        machine m(false);
        tables t(m, 12, ram_base + 0x400000);
        const std::uint64_t neighbour = page + 0x200000; // same index in its own last table
        t.map(ram_base, ram_base, tables::af);
        const std::uint64_t descriptor = t.map(page, first, tables::af);
        t.map(neighbour, second, tables::af);
        t.enable(7);
        m.poke64(first, 1);
        m.poke64(second, 2);
        m.set_x(1, page);
        m.code(ram_base, {a64::ldr(0, 1), a64::ldr(2, 1)});
        m.on_bus = [&](const machine::bus_access &access) {
            if (access.pa != descriptor)
                return;
            m.poke64(t.descriptor(page, 2), m.peek64(t.descriptor(neighbour, 2)));
            for (unsigned left = count; left-- > 0;) {
                const a64_dvm dvm = {A64_DVM_VAA,          false,          false, 0, 0,
                                     page + 0x1000 * left, A64_REGIME_EL10};
                a64_snoop(m.cpu.get(), &dvm);
            }
            EXPECT_TRUE(a64_in_instruction(m.cpu.get()));
        };
        m.run_at(ram_base, 2);
        EXPECT_FALSE(a64_in_instruction(m.cpu.get()));
        EXPECT_EQ(m.x(0), 1u);
        EXPECT_EQ(m.x(2), 2u) << count << " operations";
    }
}

TEST(Standby, WaitsAsAfterWfi)
{
    machine m;
    m.conduit = [&](a64_conduit, std::uint64_t *) {
        a64_wait_for_interrupt(m.cpu.get());
        return true;
    };
    m.code(ram_base, {a64::hvc(0), a64::add_imm(0, 0, 1)});
    EXPECT_EQ(m.run(5), A64_STOP_WFI);
    EXPECT_EQ(m.executed, 1u);
    EXPECT_EQ(m.run(5), A64_STOP_WFI);
    a64_set_line(m.cpu.get(), A64_IRQ, true);
    a64_set_pstate(m.cpu.get(), el1h | all_masked);
    m.run(1);
    EXPECT_EQ(m.x(0), 1u);
}

TEST(Standby, EndsAtOnceIfAnInterruptIsPending)
{
    machine m;
    m.conduit = [&](a64_conduit, std::uint64_t *) {
        a64_wait_for_interrupt(m.cpu.get());
        return true;
    };
    m.code(ram_base, {a64::hvc(0), a64::add_imm(0, 0, 1)});
    a64_set_pstate(m.cpu.get(), el1h | all_masked);
    a64_set_line(m.cpu.get(), A64_IRQ, true);
    EXPECT_EQ(m.run(2), A64_STOP_BUDGET);
    EXPECT_EQ(m.x(0), 1u);
}

// The world around it may look then: a DSB can last.
TEST(Peers, SeeWhereThePeIsThatTurnsToThem)
{
    machine m;
    std::vector<std::uint64_t> pc, progress;
    m.code(ram_base, {a64::nop, a64::sev, a64::msr(vmalle1is, 2), a64::nop, a64::nop, dsb});
    m.on_peers = [&] {
        pc.push_back(m.pc());
        progress.push_back(a64_run_progress(m.cpu.get()));
    };
    m.run(6);
    EXPECT_EQ(pc, (std::vector<std::uint64_t>{ram_base + 4, ram_base + 20}));
    EXPECT_EQ(progress, (std::vector<std::uint64_t>{1, 5}));
}

} // namespace
} // namespace cpu_test::test_peers
