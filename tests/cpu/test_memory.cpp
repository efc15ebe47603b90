// SPDX-License-Identifier: Apache-2.0
// Data accesses: alignment, stack pointer checks, external aborts, exclusives, bus transactions.
#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_memory {
namespace {

constexpr std::uint64_t data_at = ram_base + 0x200000; // Normal, EL0 may use it
constexpr std::uint64_t device_va = ram_base + 0x400000;
constexpr std::uint64_t sctlr_on = 0x30d00981, sctlr_a = 2, sctlr_sa = 8, sctlr_sa0 = 16;

constexpr std::uint64_t data_abort(unsigned fsc, bool write, bool lower = false)
{
    return std::uint64_t{lower ? 0x24u : 0x25u} << 26 | 1u << 25 | (write ? 0x40 : 0) | fsc;
}

// Code, data and device memory, each 2 MiB; the device is at device_base.
struct mapped : machine {
    explicit mapped(std::uint64_t sctlr = sctlr_on, bool with_dmi = true) : machine(with_dmi)
    {
        tables t(*this, 12, ram_base + 0x600000);
        t.map(ram_base, ram_base, tables::af, 2);
        t.map(data_at, data_at, tables::af | tables::ap_el0, 2);
        t.map(device_va, device_base & ~0x1fffffull, tables::af | tables::device, 2);
        t.enable(1, sctlr);
    }
    void execute(const std::vector<a64::word> &words, std::uint64_t count)
    {
        code(ram_base, words);
        run_at(ram_base, count);
    }
};

const std::uint64_t device_reg = device_va + (device_base & 0x1fffff);

TEST(Alignment, DeviceMemoryNeedsIt)
{
    mapped m;
    m.set_x(1, device_reg + 4);
    m.execute({a64::ldr(0, 1)}, 1);
    EXPECT_EQ(m.sys(ESR_EL1), data_abort(0x21, false));
    EXPECT_EQ(m.sys(FAR_EL1), device_reg + 4);
    m.execute({a64::str(0, 1)}, 1);
    EXPECT_EQ(m.sys(ESR_EL1), data_abort(0x21, true));
    EXPECT_TRUE(m.log.empty());
}

TEST(Alignment, WithTheMmuOffMemoryIsDevice)
{
    machine m;
    m.set_x(1, ram_base + 0x1004);
    m.code(ram_base, {a64::ldr(0, 1)});
    m.run(1);
    EXPECT_EQ(m.sys(ESR_EL1), data_abort(0x21, false));
    m.set_x(1, ram_base + 0x1000);
    m.set_sys(ESR_EL1, 0);
    m.code(ram_base, {a64::ldr(0, 1), a64::add_imm(1, 1, 4), a64::ldr(0, 1)});
    m.run_at(ram_base, 2);
    EXPECT_EQ(m.sys(ESR_EL1), 0u);
    m.run(1);
    EXPECT_EQ(m.sys(ESR_EL1), data_abort(0x21, false)) << "although the page is in the TLB";
}

// An entry that has never been filled must not be taken for that of page 0.
TEST(Alignment, WithTheMmuOffIsCheckedInPageZero)
{
    constexpr std::uint64_t code = ram_base + 0x3000; // its page has another entry of the TLB
    constexpr a64::word ldrh = 0x79400020, ldr_q = 0x3dc00020;
    for (a64::word load : {ldrh, ldr_q})
        for (std::uint64_t va = 1; va < 16; va += 2) {
            machine m;
            m.set_sys(CPACR_EL1, 3u << 20);
            m.code(code, {load});
            m.set_x(1, va);
            m.run_at(code, 1);
            EXPECT_EQ(m.sys(ESR_EL1), 0x96000021u);
            EXPECT_EQ(m.sys(FAR_EL1), va);
        }
}

TEST(Alignment, SctlrAChecksNormalMemory)
{
    mapped free, checked(sctlr_on | sctlr_a);
    for (mapped *m : {&free, &checked}) {
        m->set_x(1, data_at + 1);
        m->execute({a64::ldr(0, 1)}, 1);
    }
    EXPECT_EQ(free.sys(ESR_EL1), 0u);
    EXPECT_EQ(checked.sys(ESR_EL1), data_abort(0x21, false));
}

TEST(Alignment, AccessesMayCrossPages)
{
    for (bool with_dmi : {true, false}) {
        mapped m(sctlr_on, with_dmi);
        m.set_x(1, data_at + 0xffd);
        m.set_x(2, 0x1122334455667788);
        m.execute({a64::str(2, 1), a64::ldr(0, 1)}, 2);
        EXPECT_EQ(m.x(0), 0x1122334455667788u);
        EXPECT_EQ(*m.host(data_at + 0x1000), 0x55);
    }
}

TEST(Alignment, AStoreAcrossPagesThatFaultsStoresNothing)
{
    mapped m;
    m.set_x(1, data_at + 0x1ffffd);
    m.set_x(2, ~std::uint64_t{0});
    m.execute({a64::str(2, 1)}, 1);
    EXPECT_EQ(m.sys(FAR_EL1), data_at + 0x200000) << "the part that faults: device memory";
    EXPECT_EQ(*m.host(data_at + 0x1ffffd), 0);
}

TEST(StackPointer, IsCheckedAsSctlrSays)
{
    struct {
        std::uint64_t sctlr;
        std::uint32_t pstate;
        bool faults;
    } const cases[] = {{0, el1h, false},
                       {sctlr_sa, el1h, true},
                       {sctlr_sa0, el1h, false},
                       {sctlr_sa, el0t, false},
                       {sctlr_sa0, el0t, true}};
    for (const auto &p : cases) {
        mapped m(sctlr_on | p.sctlr);
        a64_set_pstate(m.cpu.get(), p.pstate);
        m.set_x(31, data_at + 8);
        m.set_x(1, data_at + 8);
        m.execute({a64::ldr(0, 1), a64::ldr(0, 31)}, 1);
        EXPECT_EQ(m.sys(ESR_EL1), 0u) << "only the stack pointer is checked";
        m.run(1);
        EXPECT_EQ(m.sys(ESR_EL1), p.faults ? 0x26u << 26 | 1u << 25 : 0u);
    }
}

TEST(ExternalAbort, IsSynchronous)
{
    machine m(false);
    m.abort_at = ram_base + 0x2000;
    m.set_x(1, ram_base + 0x2000);
    m.set_x(0, 99);
    for (bool write : {false, true}) {
        m.code(ram_base, {a64::nop, write ? a64::str(0, 1) : a64::ldr(0, 1)});
        m.run_at(ram_base, 2);
        EXPECT_EQ(m.sys(ESR_EL1), data_abort(0x10, write));
        EXPECT_EQ(m.sys(FAR_EL1), ram_base + 0x2000);
        EXPECT_EQ(m.sys(ELR_EL1), ram_base + 4);
        EXPECT_EQ(m.x(0), 99u);
    }
}

TEST(ExternalAbort, LeavesBothRegistersOfAPair)
{
    machine m(false);
    m.abort_at = ram_base + 0x2008;
    m.set_x(1, ram_base + 0x2000);
    m.set_x(2, 22);
    m.set_x(3, 33);
    m.code(ram_base, {a64::ldp(2, 3, 1)});
    m.run(1);
    EXPECT_EQ(m.sys(ESR_EL1), data_abort(0x10, false));
    EXPECT_EQ(m.x(2), 22u);
    EXPECT_EQ(m.x(3), 33u);
}

TEST(ExternalAbort, HitsExclusivesAndOrderedAccessesToo)
{
    const struct {
        a64::word insn;
        bool write;
    } cases[] = {{a64::ldxr(0, 1), false},
                 {a64::ldxp(0, 2, 1), false},
                 {a64::ldar(0, 1), false},
                 {a64::stlr(0, 1), true},
                 {a64::msr(a64::DC_ZVA, 1), true}};
    for (const auto &p : cases) {
        mapped m(sctlr_on, false);
        m.abort_at = data_at;
        m.set_x(1, data_at);
        m.execute({p.insn}, 1);
        EXPECT_EQ(m.sys(ESR_EL1), data_abort(0x10, p.write)) << std::hex << p.insn;
    }
}

TEST(Bus, AccessesHaveTheSizeOfTheInstruction)
{
    machine m;
    m.set_x(1, device_base + 8);
    m.code(ram_base, {a64::str(2, 1), a64::str_w(2, 1), a64::ldr_w(0, 1)});
    m.run(3);
    ASSERT_EQ(m.log.size(), 3u);
    EXPECT_EQ(m.log[0].size, 8u);
    EXPECT_EQ(m.log[1].size, 4u);
    EXPECT_FALSE(m.log[2].write);
    EXPECT_EQ(m.log[2].pa, device_base + 8);
}

TEST(Unprivileged, LoadsUseThePermissionsOfEl0)
{
    mapped m;
    m.set_x(1, data_at);
    m.set_x(2, ram_base + 0x1000); // EL1 only
    m.execute({a64::ldtr(0, 1), a64::ldr(0, 2), a64::ldtr(0, 2)}, 2);
    EXPECT_EQ(m.sys(ESR_EL1), 0u);
    m.run(1);
    EXPECT_EQ(m.sys(ESR_EL1), data_abort(0x0e, false)) << "permission fault, level 2";
}

// ---- Exclusives ----

TEST(Exclusive, StoreSucceedsOnceAfterALoad)
{
    mapped m;
    m.set_x(1, data_at);
    m.set_x(2, 5);
    m.execute({a64::ldxr(0, 1), a64::stxr(3, 2, 1), a64::stxr(4, 2, 1)}, 3);
    EXPECT_EQ(m.x(3), 0u);
    EXPECT_EQ(m.x(4), 1u);
    EXPECT_EQ(m.peek64(data_at), 5u);
}

TEST(Exclusive, StoreFailsAfterWhatClearsTheMonitor)
{
    const std::vector<a64::word> between[] = {
        {},               // nothing: succeeds
        {a64::clrex},     // CLREX
        {a64::ldxr(0, 5)} // another address
    };
    for (unsigned i = 0; i < 3; i++) {
        mapped m;
        m.set_x(1, data_at);
        m.set_x(5, data_at + 64);
        std::vector<a64::word> words = {a64::ldxr(0, 1)};
        words.insert(words.end(), between[i].begin(), between[i].end());
        words.push_back(a64::stxr(3, 2, 1));
        m.execute(words, words.size());
        EXPECT_EQ(m.x(3), i == 0 ? 0u : 1u) << i;
    }
}

TEST(Exclusive, StoreFailsAfterAnExceptionReturn)
{
    mapped m;
    m.set_x(1, data_at);
    m.set_sys(SPSR_EL1, el1h);
    m.set_sys(ELR_EL1, ram_base + 8);
    m.execute({a64::ldxr(0, 1), a64::eret, a64::stxr(3, 2, 1)}, 3);
    EXPECT_EQ(m.x(3), 1u);
}

TEST(Exclusive, StoreFailsIfOthersHadTheChanceToWrite)
{
    mapped m;
    m.set_x(1, data_at);
    m.execute({a64::ldxr(0, 1), a64::stxr(3, 2, 1)}, 1);
    EXPECT_TRUE(a64_exclusive(m.cpu.get()));
    a64_clear_exclusive(m.cpu.get());
    EXPECT_FALSE(a64_exclusive(m.cpu.get()));
    m.set_x(2, 5);
    m.run(1);
    EXPECT_EQ(m.x(3), 1u);
    EXPECT_EQ(m.peek64(data_at), 0u);
}

TEST(Exclusive, StoreFailsAfterAnAccessToTheBus)
{
    mapped m;
    m.set_x(1, data_at);
    m.set_x(5, device_reg);
    m.execute({a64::ldxr(0, 1), a64::ldr(6, 5), a64::stxr(3, 2, 1)}, 3);
    EXPECT_EQ(m.x(3), 1u);
    m.execute({a64::ldxr(0, 1), a64::str(6, 5), a64::stxr(3, 2, 1)}, 3);
    EXPECT_EQ(m.x(3), 1u);
}

TEST(Exclusive, WorksOnMemoryWithoutHostPointer)
{
    mapped m(sctlr_on, false);
    m.set_x(1, data_at);
    m.set_x(2, 5);
    const std::vector<a64::word> retry = {a64::ldxr(0, 1), a64::stxr(3, 2, 1),
                                          a64::cb(0, 1, 3, -8)};
    m.execute(retry, 6); // fetches that go to the bus may make the first store fail
    EXPECT_EQ(m.x(3), 0u);
    EXPECT_EQ(m.peek64(data_at), 5u);
}

// The event is of the global monitor, and wakes software that sleeps after a load-exclusive.
TEST(Exclusive, ClearingTheMonitorIsAnEvent)
{
    mapped m;
    m.set_x(1, data_at);
    m.execute({a64::ldxr(0, 1), a64::wfe, a64::wfe}, 1);
    a64_clear_exclusive(m.cpu.get());
    EXPECT_EQ(m.run(1), A64_STOP_BUDGET);
    EXPECT_EQ(m.run(1), A64_STOP_WFE) << "one event only";
    a64_clear_exclusive(m.cpu.get());
    EXPECT_EQ(m.run(1), A64_STOP_WFE) << "none, if the monitor was not set";
}

TEST(Exclusive, PairsAreOneUnit)
{
    mapped m;
    m.poke64(data_at, 1);
    m.poke64(data_at + 8, 2);
    m.set_x(1, data_at);
    m.set_x(4, 40);
    m.set_x(5, 50);
    m.execute({a64::ldxp(2, 3, 1), a64::stxp(6, 4, 5, 1), a64::ldxp(2, 3, 1)}, 3);
    EXPECT_EQ(m.x(6), 0u);
    EXPECT_EQ(m.x(2), 40u);
    EXPECT_EQ(m.x(3), 50u);
}

TEST(Exclusive, SizesMustMatch)
{
    mapped m;
    m.set_x(1, data_at);
    m.execute({a64::ldxp(2, 3, 1), a64::stxr(6, 4, 1)}, 2);
    EXPECT_EQ(m.x(6), 1u);
}

TEST(Exclusive, AlignmentIsAlwaysChecked)
{
    const struct {
        a64::word insn;
        bool write;
    } cases[] = {{a64::ldxr(0, 1), false},
                 {a64::stxr(3, 0, 1), true},
                 {a64::ldar(0, 1), false},
                 {a64::stlr(0, 1), true},
                 {a64::ldxp(0, 2, 1), false}};
    for (const auto &p : cases) {
        mapped m;
        m.set_x(1, data_at + (p.insn == a64::ldxp(0, 2, 1) ? 8 : 4));
        m.execute({p.insn}, 1);
        EXPECT_EQ(m.sys(ESR_EL1), data_abort(0x21, p.write)) << std::hex << p.insn;
    }
}

// ---- DC ZVA and cache maintenance ----

TEST(CacheOps, ZvaZeroesItsBlock)
{
    for (const bool with_dmi : {true, false}) {
        mapped m(sctlr_on, with_dmi);
        std::memset(m.host(data_at), 0xff, 256);
        m.set_x(1, data_at + 64 + 13);
        m.execute({a64::msr(a64::DC_ZVA, 1)}, 1);
        EXPECT_EQ(m.peek64(data_at + 56), ~std::uint64_t{0});
        for (unsigned i = 64; i < 128; i += 8)
            EXPECT_EQ(m.peek64(data_at + i), 0u);
        EXPECT_EQ(m.peek64(data_at + 128), ~std::uint64_t{0});
        EXPECT_EQ(m.executed, 1u);
    }
}

TEST(CacheOps, ZvaOfDeviceMemoryIsAnAlignmentFault)
{
    mapped m;
    m.set_x(1, device_reg);
    m.execute({a64::msr(a64::DC_ZVA, 1)}, 1);
    EXPECT_EQ(m.sys(ESR_EL1), data_abort(0x21, true));
}

TEST(CacheOps, FaultsAreMarkedAsMaintenance)
{
    for (std::uint32_t op : {a64::IC_IVAU, a64::DC_CVAC, a64::DC_IVAC}) {
        mapped m;
        m.set_x(1, 0x1000);
        m.execute({a64::msr(op, 1)}, 1);
        EXPECT_EQ(m.sys(ESR_EL1), data_abort(0x04 + 1, true) | 0x100);
        EXPECT_EQ(m.sys(FAR_EL1), 0x1000u);
    }
}

TEST(CacheOps, BySetAndWayDoNothing)
{
    mapped m;
    m.set_x(1, 0x1000);
    m.execute({a64::msr(a64::DC_CISW, 1)}, 1);
    EXPECT_EQ(m.sys(ESR_EL1), 0u);
}

} // namespace
} // namespace cpu_test::test_memory
