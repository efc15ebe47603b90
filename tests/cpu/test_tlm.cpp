// SPDX-License-Identifier: Apache-2.0
// The SystemC wrapper: time stamps, blocking targets, waiting, DMI, timers. SystemC elaborates once
// per process, so each test is a process of its own (CTest runs them apart).
#include <algorithm>
#include <memory>

#include <gtest/gtest.h>
#include <tlm_utils/multi_passthrough_target_socket.h>

#include "cpu.hpp"
#include "encode.hpp"

namespace cpu_test::test_tlm {
namespace {

using sc_core::sc_time;
using sc_core::sc_time_stamp;

constexpr std::uint64_t memory_base = 0x40000000, reg_base = 0x09000000;

// RAM with DMI, and registers that record when they are accessed and may take their time.
struct target : sc_core::sc_module {
    tlm_utils::multi_passthrough_target_socket<target> socket{"socket"};
    std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(0x10000);
    std::vector<sc_time> at;
    std::vector<std::uint64_t> values; // written to registers
    sc_time blocks = sc_core::SC_ZERO_TIME, adds = sc_core::SC_ZERO_TIME;
    bool allow_dmi = true;
    sc_time refusal = sc_core::SC_ZERO_TIME; // of an address without anything: adds
    unsigned refused = 0;

    // NOLINTNEXTLINE(performance-unnecessary-value-param): module names are passed by value
    explicit target(sc_core::sc_module_name name) : sc_module(name)
    {
        socket.register_b_transport(this, &target::transport);
        socket.register_get_direct_mem_ptr(this, &target::direct);
    }
    void transport(int, tlm::tlm_generic_payload &p, sc_time &delay)
    {
        p.set_response_status(tlm::TLM_OK_RESPONSE);
        if (p.get_address() >= memory_base) {
            std::uint8_t *host = &memory[p.get_address() - memory_base];
            if (p.is_read())
                std::memcpy(p.get_data_ptr(), host, p.get_data_length());
            else
                std::memcpy(host, p.get_data_ptr(), p.get_data_length());
            return;
        }
        if (p.get_address() < reg_base) {
            p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
            refused++;
            delay += refusal;
            return;
        }
        at.push_back(sc_time_stamp() + delay);
        if (p.is_write()) {
            values.push_back(0);
            std::memcpy(&values.back(), p.get_data_ptr(), p.get_data_length());
        }
        if (blocks > sc_core::SC_ZERO_TIME) {
            wait(delay + blocks);
            delay = sc_core::SC_ZERO_TIME;
        }
        delay += adds;
    }
    bool direct(int, tlm::tlm_generic_payload &p, tlm::tlm_dmi &dmi)
    {
        if (!allow_dmi || p.get_address() < memory_base)
            return false;
        dmi.allow_read_write();
        dmi.set_dmi_ptr(memory.data());
        dmi.set_start_address(memory_base);
        dmi.set_end_address(memory_base + memory.size() - 1);
        return true;
    }
};

struct bench {
    explicit bench(std::vector<a64::word> program)
        : pe("pe", {0, memory_base, 100000000, 40, 1, 0},
             {sc_time(2, sc_core::SC_NS), sc_time(1, sc_core::SC_US)})
    {
        pe.bus.bind(mem.socket);
        std::memcpy(mem.memory.data(), program.data(), 4 * program.size());
        a64_set_x(pe.core(), 1, reg_base);
    }
    // Runs the simulation for so many nanoseconds.
    void run(double ns) { sc_core::sc_start(sc_time(ns, sc_core::SC_NS)); }
    std::uint64_t x(unsigned n) { return a64_get_x(pe.core(), n); }
    target mem{"mem"};
    vp::cpu pe;
};

sc_time ns(double t)
{
    return sc_time(t, sc_core::SC_NS);
}

TEST(CpuTlm, AccessesCarryTheTimeOfTheInstruction)
{
    bench b({a64::nop, a64::nop, a64::str(0, 1), a64::nop, a64::str(0, 1), a64::b(0)});
    b.run(100);
    EXPECT_EQ(b.mem.at, (std::vector<sc_time>{ns(4), ns(8)}));
}

TEST(CpuTlm, DelaysOfTheTargetMoveThePe)
{
    bench b({a64::str(0, 1), a64::str(0, 1), a64::b(0)});
    b.mem.adds = ns(50);
    b.run(200);
    EXPECT_EQ(b.mem.at, (std::vector<sc_time>{ns(0), ns(52)}));
}

TEST(CpuTlm, ATargetMayWait)
{
    bench b({a64::nop, a64::str(0, 1), a64::nop, a64::str(0, 1), a64::b(0)});
    b.mem.blocks = ns(100);
    b.run(1000);
    EXPECT_EQ(b.mem.at, (std::vector<sc_time>{ns(2), ns(106)}));
}

// Nothing is at 0, where vectors are out of reset.
struct crashed : bench {
    crashed() : bench({a64::udf})
    {
        pe.set_crash_output([this](const a64_exception &exception) {
            told.push_back(exception);
            EXPECT_LT(sc_time_stamp(), ns(2000)) << "at once";
        });
    }
    // Vectors at the end of memory, where there are zeros.
    void aim_at_memory() { a64_set_sysreg(pe.core(), A64_SYSREG(3, 0, 12, 0, 0), vectors); }
    static constexpr std::uint64_t vectors = memory_base + 0x8000;
    std::vector<a64_exception> told;
};

TEST(CpuTlm, ACrashIsToldOnceAndTakesItsTime)
{
    crashed b;
    b.run(1'000'000);
    EXPECT_EQ(b.pe.stats().instructions, 500'000u);
    EXPECT_EQ(b.pe.stats().exceptions, 500'000u);
    ASSERT_EQ(b.told.size(), 1u);
    EXPECT_EQ(b.told[0].vector, 0x200u);
    EXPECT_EQ(b.told[0].elr, 0x200u);
}

TEST(CpuTlm, ACrashedPeHardlyCostsTheHost)
{
    crashed b;
    b.run(1'000'000);
    EXPECT_LT(b.mem.refused, 3000u) << "of 500000 fetches";
}

TEST(CpuTlm, ACrashEndsWithTheQuantumInWhichItsVectorIsRepaired)
{
    crashed b;
    b.aim_at_memory();
    b.run(10'500);
    const a64::word count[] = {a64::add_imm(3, 3, 1), a64::b(-4)};
    std::memcpy(&b.mem.memory[0x8200], count, sizeof count);
    b.pe.code_invalidate(b.vectors, b.vectors + 0xfff);
    b.run(10'000);
    EXPECT_EQ(b.told.size(), 1u);
    EXPECT_EQ(b.x(3), 2500u) << "since 11 us, until 21 us";
    EXPECT_EQ(b.pe.stats().instructions, 10'500u);
}

TEST(CpuTlm, ASecondCrashIsToldToo)
{
    crashed b;
    b.aim_at_memory();
    b.pe.set_crash_output([&](const a64_exception &exception) { b.told.push_back(exception); });
    b.run(3000);
    const a64::word udf_later[] = {a64::add_imm(3, 3, 1), a64::tbz(3, 9, -4), a64::movz(3, 0)};
    std::memcpy(&b.mem.memory[0x8200], udf_later, sizeof udf_later);
    b.pe.code_invalidate(b.vectors, b.vectors + 0xfff);
    b.run(3000);
    EXPECT_EQ(b.told.size(), 1u);
    const a64::word crash = a64::udf;
    std::memcpy(&b.mem.memory[0x8200], &crash, sizeof crash);
    b.pe.code_invalidate(b.vectors, b.vectors + 0xfff);
    b.run(10'000);
    EXPECT_EQ(b.told.size(), 2u);
}

TEST(CpuTlm, ACrashWhoseFetchesTakeTimeTakesThat)
{
    crashed b;
    b.mem.refusal = ns(8);
    b.run(100'000);
    EXPECT_EQ(b.pe.stats().instructions, 10'000u + 1u) << "10 ns each but for the first";
}

TEST(CpuTlm, InstructionsTakeTheirTime)
{
    bench b({a64::add_imm(2, 2, 1), a64::b(-4)});
    b.run(1000000);
    EXPECT_NEAR(static_cast<double>(b.pe.stats().instructions), 500000.0, 500.0)
        << "within one quantum";
}

TEST(CpuTlm, ErrorResponsesAreExternalAborts)
{
    bench b({a64::ldr(0, 3), a64::nop});
    a64_set_x(b.pe.core(), 3, 0x1000);
    std::uint64_t esr = 0;
    b.run(2);
    a64_get_sysreg(b.pe.core(), A64_SYSREG(3, 0, 5, 2, 0), &esr);
    EXPECT_EQ(b.pe.stats().exceptions > 0, true);
    EXPECT_EQ(esr & 0x3f, 0x10u);
}

TEST(CpuTlm, WfiSleepsUntilALineRises)
{
    bench b({a64::wfi, a64::str(0, 1), a64::b(0)});
    b.run(5000);
    EXPECT_EQ(b.pe.stats().instructions, 1u);
    b.pe.set_line(A64_IRQ, true);
    b.run(100);
    EXPECT_EQ(b.mem.at, (std::vector<sc_time>{ns(5000)}));
    EXPECT_EQ(b.pe.idle_time(), ns(4998));
}

TEST(CpuTlm, WfeEndsByItselfAfterAQuantum)
{
    bench b({a64::wfe, a64::str(0, 1), a64::b(0)});
    b.run(5000);
    EXPECT_EQ(b.mem.at, (std::vector<sc_time>{ns(1002)}));
}

TEST(CpuTlm, InterruptDuringAnAccessIsTakenAtOnce)
{
    bench b({a64::daifclr(2), a64::str(0, 1), a64::add_imm(2, 2, 1), a64::b(0)});
    b.mem.blocks = ns(100);
    sc_core::sc_spawn([&] {
        sc_core::wait(ns(50));
        b.pe.set_line(A64_IRQ, true);
    });
    b.run(150);
    EXPECT_EQ(b.x(2), 0u);
    EXPECT_GT(b.pe.stats().exceptions, 0u);
}

TEST(CpuTlm, WithdrawnDmiGoesBackToTransport)
{
    bench b({a64::ldr(2, 3), a64::b(-4)});
    a64_set_x(b.pe.core(), 3, memory_base + 0x1000);
    b.run(2000);
    std::uint64_t reads = b.pe.stats().bus_reads;
    EXPECT_EQ(reads, 0u);
    b.mem.allow_dmi = false;
    b.mem.socket[0]->invalidate_direct_mem_ptr(memory_base, memory_base + 0xffff);
    b.run(2000);
    EXPECT_GT(b.pe.stats().bus_reads, 0u);
}

// CNTV counts 100 MHz: 10 ns a tick. The PE sleeps; the timer's output is wired to its IRQ line.
TEST(CpuTlm, TimerWakesThePeAtItsDeadline)
{
    constexpr std::uint32_t cntv_ctl = A64_SYSREG(3, 3, 14, 3, 1);
    constexpr std::uint32_t cntv_cval = A64_SYSREG(3, 3, 14, 3, 2);
    bench b({a64::movz(2, 250), a64::msr(cntv_cval, 2), a64::movz(2, 1), a64::msr(cntv_ctl, 2),
             a64::wfi, a64::str(0, 1), a64::b(0)});
    b.pe.set_timer_output([&](a64_timer which, bool level) {
        if (which == A64_TIMER_VIRT)
            b.pe.set_line(A64_IRQ, level);
    });
    b.run(10000);
    EXPECT_EQ(b.mem.at, (std::vector<sc_time>{ns(2500)}));
}

// PMCNTENSET_EL0.C is bit 31; PMINTENSET_EL1 has the same layout.
constexpr std::uint32_t pmcr = A64_SYSREG(3, 3, 9, 12, 0), pmcntenset = A64_SYSREG(3, 3, 9, 12, 1);
constexpr std::uint32_t pmccntr = A64_SYSREG(3, 3, 9, 13, 0);
constexpr std::uint32_t pmintenset = A64_SYSREG(3, 0, 9, 14, 1);

TEST(CpuTlm, CyclesPassOnTheBusAndNotInWfi)
{
    bench b({a64::msr(pmcntenset, 2), a64::movz(2, 1), a64::msr(pmcr, 2), a64::mrs(3, pmccntr),
             a64::str(0, 1), a64::mrs(4, pmccntr), a64::wfi, a64::mrs(5, pmccntr), a64::b(0)});
    a64_set_x(b.pe.core(), 2, 1u << 31);
    b.mem.adds = ns(50); // 25 cycles
    b.run(5000);
    b.pe.set_line(A64_IRQ, true);
    b.run(100);
    EXPECT_EQ(b.x(3), 1u);
    EXPECT_EQ(b.x(4), 1 + 2 + 25u);
    EXPECT_EQ(b.x(5), 1 + 2 + 25 + 2u);
}

TEST(CpuTlm, CycleCounterInterruptsAtItsCycle)
{
    bench b({a64::msr(pmcntenset, 2), a64::msr(pmintenset, 2), a64::msr(pmccntr, 4),
             a64::msr(pmcr, 3), a64::str(0, 1), a64::b(0)});
    a64_set_x(b.pe.core(), 2, 1u << 31);
    a64_set_x(b.pe.core(), 3, 1);
    a64_set_x(b.pe.core(), 4, ~std::uint64_t{0} - 99); // 100 to go
    b.mem.adds = ns(50);
    sc_time fired;
    b.pe.set_pmu_output([&](bool) { fired = b.pe.local_time(); });
    b.run(2000);
    EXPECT_EQ(fired, ns(3 * 2 + 100 * 2));
}

// A busy PE sees the timer too, to the cycle.
TEST(CpuTlm, TimerCutsTheSliceOfABusyPe)
{
    constexpr std::uint32_t cntp_ctl = A64_SYSREG(3, 3, 14, 2, 1);
    constexpr std::uint32_t cntp_cval = A64_SYSREG(3, 3, 14, 2, 2);
    bench b({a64::movz(2, 30), a64::msr(cntp_cval, 2), a64::movz(2, 1), a64::msr(cntp_ctl, 2),
             a64::b(0)});
    sc_time fired;
    b.pe.set_timer_output([&](a64_timer, bool) { fired = b.pe.local_time(); });
    b.run(2000);
    EXPECT_EQ(fired, ns(300));
}

TEST(CpuTlm, CounterFollowsTime)
{
    bench b({a64::nop, a64::nop, a64::nop, a64::nop, a64::nop,
             a64::mrs(5, A64_SYSREG(3, 3, 14, 0, 2)), a64::b(0)});
    b.run(100);
    EXPECT_EQ(b.x(5), 1u);
}

TEST(CpuTlm, ConduitAndStartAreThePlatforms)
{
    bench b({a64::nop, a64::hvc(0), a64::b(0)});
    b.pe.set_start(memory_base + 4, 77);
    std::uint64_t seen = 0;
    b.pe.set_conduit([&](a64_conduit, std::uint64_t *x) {
        seen = x[0];
        return true;
    });
    b.run(10);
    EXPECT_EQ(seen, 77u);
}

// ---- Several PEs ----

// They share memory and a register that records who wrote it when; all run the same program.
struct cluster {
    cluster(unsigned count, const std::vector<a64::word> &program, sc_time quantum = ns(1000))
    {
        std::memcpy(mem.memory.data(), program.data(), 4 * program.size());
        for (unsigned i = 0; i < count; i++) {
            const std::string name = "pe" + std::to_string(i);
            const a64_config config = {i, memory_base, 100000000, 40, 1, 0};
            pes.push_back(std::make_unique<vp::cpu>(name.c_str(), config,
                                                    vp::cpu::timing{ns(2), quantum, i}));
            pes[i]->bus.bind(mem.socket);
            pes[i]->share_time(time);
            a64_set_x(pes[i]->core(), 0, i);
            a64_set_x(pes[i]->core(), 1, reg_base);
            a64_set_x(pes[i]->core(), 4, memory_base + 0x1000);
        }
    }
    std::uint64_t x(unsigned pe, unsigned n) { return a64_get_x(pes[pe]->core(), n); }
    std::uint64_t word(std::uint64_t offset)
    {
        std::uint64_t value;
        std::memcpy(&value, &mem.memory[offset], 8);
        return value;
    }
    target mem{"mem"};
    vp::system_time time;
    std::vector<std::unique_ptr<vp::cpu>> pes;
};

TEST(CpuTlmCluster, PesTakeTurnsInAFixedOrder)
{
    cluster c(4, {a64::str(0, 1), a64::nop, a64::nop, a64::b(-12)});
    c.mem.adds = ns(37); // slices end at odd times, each PE's at its own
    sc_core::sc_start(ns(20000));
    std::vector<std::uint64_t> turns;
    for (std::uint64_t writer : c.mem.values)
        if (turns.empty() || turns.back() != writer)
            turns.push_back(writer);
    ASSERT_GE(turns.size(), 40u);
    for (std::size_t i = 4; i < turns.size(); i++)
        ASSERT_EQ(turns[i], turns[i - 4]) << "turn " << i;
}

// Counts in memory, by load-exclusive and store-exclusive with so many instructions between, and in
// x7.
std::vector<a64::word> count_together(int between)
{
    std::vector<a64::word> words = {a64::ldxr(5, 4), a64::add_imm(5, 5, 1)};
    words.insert(words.end(), static_cast<std::size_t>(between), a64::nop);
    words.push_back(a64::stxr(6, 5, 4));
    words.push_back(a64::cb(0, 1, 6, -4 * (between + 3)));
    words.push_back(a64::add_imm(7, 7, 1));
    words.push_back(a64::b(-4 * (between + 5)));
    return words;
}

// Quanta cut the loops everywhere; long ones lose the monitor then, and try again.
TEST(CpuTlmCluster, ExclusivesLoseNoCount)
{
    cluster c(3, count_together(50), ns(2 * 127));
    sc_core::sc_start(ns(200000));
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < 3; i++) {
        EXPECT_GT(c.x(i, 7), 500u) << "nobody starves";
        sum += c.x(i, 7);
    }
    EXPECT_NEAR(static_cast<double>(c.word(0x1000)), static_cast<double>(sum), 3)
        << "but for those between the store and the count";
}

TEST(CpuTlmCluster, ExclusivesSucceedInTheShortestQuanta)
{
    cluster c(2, count_together(0), ns(2));
    sc_core::sc_start(ns(10000));
    EXPECT_GT(c.x(0, 7), 100u);
    EXPECT_GT(c.x(1, 7), 100u);
}

// An ABA change: the value is the same again, and the store fails all the same.
TEST(CpuTlmCluster, StoreExclusiveFailsAfterOthersRan)
{
    cluster c(1, {a64::ldxr(5, 4), a64::ldr(2, 1), a64::stxr(6, 5, 4), a64::b(0)});
    c.mem.blocks = ns(100);
    sc_core::sc_start(ns(1000));
    EXPECT_EQ(c.x(0, 6), 1u);
}

// The second PE reads the counter early in a quantum in which the first has read it late.
TEST(CpuTlmCluster, TheCounterNeverRunsBackwards)
{
    constexpr std::uint32_t cntpct = A64_SYSREG(3, 3, 14, 0, 1);
    // Four instructions, so that no quantum ends between reading and recording.
    cluster c(3, {a64::mrs(5, cntpct), a64::str(5, 1), a64::nop, a64::b(-12)});
    sc_core::sc_start(ns(20000));
    ASSERT_GT(c.mem.values.size(), 100u);
    EXPECT_TRUE(std::is_sorted(c.mem.values.begin(), c.mem.values.end()));
}

TEST(CpuTlmCluster, OffPesExecuteNothingUntilTheyAreStarted)
{
    cluster c(2, {a64::str(0, 1), a64::b(0)});
    c.pes[1]->power_off();
    sc_core::sc_start(ns(5000));
    EXPECT_EQ(c.pes[1]->stats().instructions, 0u);
    EXPECT_TRUE(c.pes[1]->is_off());
    sc_time started;
    c.pes[1]->power_on(memory_base, 77, ns(7000), [&] { started = sc_time_stamp(); });
    sc_core::sc_start(ns(1500));
    EXPECT_EQ(started, ns(0)) << "not before its time";
    sc_core::sc_start(ns(1500));
    EXPECT_EQ(started, ns(7000));
    EXPECT_EQ(c.x(1, 0), 77u);
    EXPECT_FALSE(c.pes[1]->is_off());
}

TEST(CpuTlmCluster, PowerOffEndsTheSliceAndStartsAfresh)
{
    cluster c(1, {a64::add_imm(9, 9, 1), a64::hvc(0), a64::add_imm(9, 9, 1), a64::b(0)});
    vp::cpu &pe = *c.pes[0];
    pe.set_conduit([&](a64_conduit, std::uint64_t *) {
        pe.power_off();
        return true;
    });
    sc_core::sc_start(ns(5000));
    EXPECT_EQ(pe.stats().instructions, 2u);
    pe.power_on(memory_base + 8, 5, ns(0), nullptr);
    sc_core::sc_start(ns(5000));
    EXPECT_EQ(c.x(0, 9), 1u) << "registers are those of reset";
    EXPECT_EQ(c.x(0, 0), 5u);
}

TEST(CpuTlmCluster, AWaitingPeCostsNothing)
{
    cluster c(2, {a64::cb(1, 0, 0, 8), a64::wfi, a64::b(0)}); // PE 1 goes to sleep
    sc_core::sc_start(ns(100000));
    EXPECT_EQ(c.pes[1]->stats().instructions, 2u);
    EXPECT_GT(c.pes[0]->stats().instructions, 40000u);
}

TEST(CpuTlm, BadTimingIsRefused)
{
    EXPECT_THROW(vp::cpu("pe", {0, 0, 0, 40, 1, 0}, {ns(10), ns(1)}), std::invalid_argument);
    EXPECT_THROW(vp::cpu("pe2", {0, 0, 0, 39, 1, 0}, {}), std::invalid_argument);
}

} // namespace
} // namespace cpu_test::test_tlm
