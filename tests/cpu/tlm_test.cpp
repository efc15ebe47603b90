// SPDX-License-Identifier: Apache-2.0
// The SystemC wrapper: time stamps, blocking targets, waiting, DMI, timers. SystemC elaborates once
// per process, so each test is a process of its own (CTest runs them apart).
#include <gtest/gtest.h>
#include <tlm_utils/simple_target_socket.h>

#include "cpu.hpp"
#include "encode.hpp"

namespace cpu_test {
namespace {

using sc_core::sc_time;
using sc_core::sc_time_stamp;

constexpr std::uint64_t memory_base = 0x40000000, reg_base = 0x09000000;

// RAM with DMI, and registers that record when they are accessed and may take their time.
struct target : sc_core::sc_module {
    tlm_utils::simple_target_socket<target> socket{"socket"};
    std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(0x10000);
    std::vector<sc_time> at;
    sc_time blocks = sc_core::SC_ZERO_TIME, adds = sc_core::SC_ZERO_TIME;
    bool allow_dmi = true;

    // NOLINTNEXTLINE(performance-unnecessary-value-param): module names are passed by value
    explicit target(sc_core::sc_module_name name) : sc_module(name)
    {
        socket.register_b_transport(this, &target::transport);
        socket.register_get_direct_mem_ptr(this, &target::direct);
    }
    void transport(tlm::tlm_generic_payload &p, sc_time &delay)
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
            return;
        }
        at.push_back(sc_time_stamp() + delay);
        if (blocks > sc_core::SC_ZERO_TIME) {
            wait(delay + blocks);
            delay = sc_core::SC_ZERO_TIME;
        }
        delay += adds;
    }
    bool direct(tlm::tlm_generic_payload &p, tlm::tlm_dmi &dmi)
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
        : pe("pe", {0, memory_base, 100000000, 40, 1},
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
    b.mem.socket->invalidate_direct_mem_ptr(memory_base, memory_base + 0xffff);
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

TEST(CpuTlm, BadTimingIsRefused)
{
    EXPECT_THROW(vp::cpu("pe", {0, 0, 0, 40, 1}, {ns(10), ns(1)}), std::invalid_argument);
    EXPECT_THROW(vp::cpu("pe2", {0, 0, 0, 39, 1}, {}), std::invalid_argument);
}

} // namespace
} // namespace cpu_test

int sc_main(int, char **)
{
    return RUN_ALL_TESTS();
}

int main(int argc, char **argv)
{
    testing::InitGoogleTest(&argc, argv);
    return sc_core::sc_elab_and_sim(argc, argv);
}
