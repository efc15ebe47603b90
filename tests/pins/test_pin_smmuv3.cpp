// SPDX-License-Identifier: Apache-2.0
// smmu::pins::pin_smmuv3: registers, wires and reset of an SMMU with pins.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "../tlm/error_log.hpp"
#include "smmu_machine.hpp"

namespace pins_test::test_pin_smmuv3 {

namespace {

using namespace smmu::pins;
namespace reg = support::reg;
using strings = std::vector<std::string>;

struct lite_buses : pin_smmuv3_buses {
    using prog = axi4_lite<64, 24>;
};

struct apb5_buses : pin_smmuv3_buses {
    using prog = apb5<32, 24>;
};

// Counts the cycles that wires are high in, at edges of a clock.
template <class STYLE> struct wire_watch : sc_core::sc_module {
    using level = typename STYLE::template value<1>;
    sc_core::sc_in<bool> clock{"clock"};
    sc_core::sc_vector<sc_core::sc_signal<level>> wires;
    std::vector<unsigned> cycles, pulses;

    wire_watch(const sc_core::sc_module_name &name, std::size_t count)
        : sc_module(name), wires("wire", count), cycles(count), pulses(count), was_(count)
    {
        SC_HAS_PROCESS(wire_watch);
        SC_METHOD(look);
        sensitive << clock.pos();
        dont_initialize();
    }

  private:
    void look()
    {
        for (std::size_t i = 0; i < wires.size(); i++) {
            const bool high = level_of(wires[i].read()) == pin_level::high;
            cycles[i] += high;
            pulses[i] += high && !was_[i];
            was_[i] = high;
        }
    }

    std::vector<bool> was_;
};

smmu_pmcg_config group_of_tbu0()
{
    smmu_pmcg_config cfg = smmu_pmcg_config_default();
    cfg.tbus = 1;
    return cfg;
}

enum wire { priq, cmd_sync, gerror, sev, pmcg };

template <class BUSES = pin_smmuv3_buses, class STYLE = two_state> struct bench {
    explicit bench(const smmu::timing &times = {})
        : machine("machine", nothing,
                  {smmu_config_default(), times, 1, {smmu_pmcg_config_default(), group_of_tbu0()}},
                  {10, sc_core::SC_NS}, {13.7, sc_core::SC_NS}),
          watch("watch", 5)
    {
        watch.clock(machine.aclk);
        machine.smmu.irq_priq.bind(watch.wires[priq]);
        machine.smmu.irq_cmd_sync.bind(watch.wires[cmd_sync]);
        machine.smmu.irq_gerror.bind(watch.wires[gerror]);
        machine.smmu.sev.bind(watch.wires[sev]);
        machine.smmu.irq_pmcg[1].bind(watch.wires[pmcg]);
    }

    void run(const std::function<void()> &test)
    {
        bool ended = false;
        sc_core::sc_spawn([&] {
            machine.reset(sc_core::sc_time(25, sc_core::SC_NS));
            test();
            sc_core::wait(1, sc_core::SC_US);
            EXPECT_TRUE(machine.idle());
            ended = true;
            sc_core::sc_stop();
        });
        sc_core::sc_start(10, sc_core::SC_MS);
        EXPECT_TRUE(ended);
        EXPECT_EQ(machine.complaints(), 0u);
        EXPECT_EQ(errors.texts, strings());
    }

    // Queues, and the SMMU still disabled: what devices send passes.
    void enable_queues()
    {
        machine.write64(reg::CMDQ_BASE, support::device_under_test::cmdq_base | 6);
        machine.write64(reg::EVENTQ_BASE, support::device_under_test::evtq_base | 6);
        machine.write32(reg::IRQ_CTRL, reg::IRQ_GERROR | reg::IRQ_EVENTQ);
        machine.write32(reg::CR0, reg::CR0_CMDQEN | reg::CR0_EVENTQEN);
    }

    tlm::tlm_response_status access(tlm_test::transfer &t) { return machine.devices[0].send(t); }
    std::uint64_t read(std::uint64_t address, unsigned size)
    {
        tlm_test::transfer t = tlm_test::read_of(address, size);
        EXPECT_EQ(machine.cpu.send(t), tlm::TLM_OK_RESPONSE) << std::hex << address;
        std::uint64_t value = 0;
        std::memcpy(&value, t.data.data(), size);
        return value;
    }
    void write(std::uint64_t address, std::uint64_t value, unsigned size)
    {
        std::vector<unsigned char> bytes(size);
        std::memcpy(bytes.data(), &value, size);
        tlm_test::transfer t = tlm_test::write_of(address, bytes);
        EXPECT_EQ(machine.cpu.send(t), tlm::TLM_OK_RESPONSE) << std::hex << address;
    }

    tlm_test::error_log errors;
    support::memory nothing;
    pin_machine<BUSES, STYLE> machine;
    wire_watch<STYLE> watch;
};

// Registers of 6.3, the first of each width, and what is behind the frame.
template <class BUSES, class STYLE> void expect_registers()
{
    bench<BUSES, STYLE> b;
    b.run([&] {
        support::device_under_test same;
        EXPECT_EQ(b.machine.read32(reg::IDR0), same.read32(reg::IDR0));
        EXPECT_EQ(b.machine.read32(reg::IDR1), same.read32(reg::IDR1));
        b.machine.write64(reg::STRTAB_BASE, 0x4000'1234'5678'0000);
        EXPECT_EQ(b.read(reg::STRTAB_BASE, 8), 0x4000'1234'5678'0000u);
        tlm_test::transfer beyond = tlm_test::read_of(0xf0'0000, 4);
        EXPECT_NE(b.machine.cpu.send(beyond), tlm::TLM_OK_RESPONSE);
    });
}

TEST(pin_smmuv3, has_its_registers_behind_apb)
{
    expect_registers<pin_smmuv3_buses, two_state>();
}

TEST(pin_smmuv3, has_its_registers_behind_apb5_on_pins_of_four_states)
{
    expect_registers<apb5_buses, four_state>();
}

TEST(pin_smmuv3, has_its_registers_behind_axi4_lite_of_64_bits)
{
    expect_registers<lite_buses, four_state>();
}

// 10.5.1, 10.5: pages of 64 KiB behind the frame of 0x30000 bytes; an overflow interrupts.
TEST(pin_smmuv3, has_counter_groups_behind_its_registers)
{
    bench<> b;
    b.run([&] {
        const std::uint64_t page0 = 0x5'0000;
        const std::uint64_t page1 = 0x6'0000;
        EXPECT_EQ(b.machine.smmu.pmcg_page0(1), page0);
        EXPECT_EQ(b.machine.smmu.pmcg_page1(1), page1);
        b.write(page1, ~std::uint64_t{0}, 8);    // EVCNTR0
        b.write(page0 + 0x400, 1u << 29 | 1, 4); // EVTYPER0: transactions of any stream
        b.write(page0 + 0xa00, 0xffff'ffff, 4);  // SMR0
        b.write(page0 + 0xc00, 1, 8);            // CNTENSET
        b.write(page0 + 0xc40, 1, 8);            // INTENSET
        b.write(page0 + 0xe50, 1, 4);            // IRQ_CTRL
        b.write(page0 + 0xe04, 1, 4);            // CR
        b.enable_queues();
        b.machine.write32(reg::CR0, reg::CR0_CMDQEN | reg::CR0_EVENTQEN | reg::CR0_SMMUEN);
        for (unsigned i = 0; i < 3; i++) {
            tlm_test::transfer t = tlm_test::read_of(0x1000, 8);
            b.access(t);
        }
        EXPECT_EQ(b.read(page1, 8), 2u);
        sc_core::wait(100, sc_core::SC_NS);
        EXPECT_EQ(b.watch.pulses[pmcg], 1u);
        EXPECT_EQ(b.watch.cycles[pmcg], 1u);
    });
}

// 3.18.2, 4.7.3, 7.5.
TEST(pin_smmuv3, drives_each_wire_for_one_cycle)
{
    bench<> b;
    b.run([&] {
        b.enable_queues();
        b.machine.submit(support::cmd_sync(support::SIG_IRQ));
        b.machine.submit(support::cmd_sync(support::SIG_SEV));
        EXPECT_TRUE(b.machine.sync());
        b.machine.submit(support::raw_command(0xff));
        sc_core::wait(1, sc_core::SC_US);
    });
    for (const wire each : {cmd_sync, sev, gerror}) {
        EXPECT_EQ(b.watch.pulses[each], 1u) << each;
        EXPECT_EQ(b.watch.cycles[each], 1u) << each;
    }
    EXPECT_EQ(b.watch.pulses[priq], 0u);
}

// IHI 0070 3.22, 16.7.3: from pins to pins.
TEST(pin_smmuv3, passes_atomic_operations_and_exclusive_accesses_on)
{
    bench<> b;
    b.run([&] {
        smmu::attributes how;
        how.memattr = {0x44, SMMU_SH_OUTER};
        smmu::atomic_access sum;
        sum.function = smmu::atomic_function::add;
        sum.returns = true;
        sum.operand[0] = 5;
        how.op = SMMU_OP_ATOMIC;
        how.atomic = &sum;
        b.machine.memory.store64(0x1000, 37);
        tlm_test::transfer add = tlm_test::write_of(0x1000, std::vector<unsigned char>(8, 0));
        EXPECT_EQ(b.access(add.extend(how)), tlm::TLM_OK_RESPONSE);
        EXPECT_TRUE(sum.done);
        EXPECT_EQ(sum.old[0], 37);
        EXPECT_EQ(b.machine.memory.load64(0x1000), 42u);
        exclusive_monitor monitor;
        b.machine.from_mem(0).set_monitor(&monitor);
        smmu::exclusive_access access;
        how = {};
        how.memattr = {0x44, SMMU_SH_OUTER};
        how.exclusive = &access;
        tlm_test::transfer read = tlm_test::read_of(0x1000, 8);
        EXPECT_EQ(b.access(read.extend(how)), tlm::TLM_OK_RESPONSE);
        EXPECT_TRUE(access.succeeded);
        monitor.written(0x1000, 1);
        tlm_test::transfer write = tlm_test::write_of(0x1000, std::vector<unsigned char>(8, 7));
        EXPECT_EQ(b.access(write.extend(how)), tlm::TLM_OK_RESPONSE);
        EXPECT_FALSE(access.succeeded);
        EXPECT_EQ(b.machine.memory.load64(0x1000), 42u);
    });
}

// 3.12.2, 4.7.2: while one transaction stalls, those of other IDs go on; software maps the page,
// and a retry finds it.
TEST(pin_smmuv3, holds_the_response_of_what_stalls_until_software_resumes_it)
{
    constexpr std::uint64_t strtab = 0x10'0000, cd = 0x11'0000, table = 0x12'0000;
    bench<> b;
    b.run([&] {
        support::ste ste;
        support::cd context;
        ste.config = support::STE_S1_TRANS;
        ste.s1contextptr = cd;
        context.t0sz = 25;
        context.ttb0 = table;
        context.epd1 = 1;
        context.s = 1;
        const auto store = [&](std::uint64_t at, const auto &image) {
            for (std::size_t i = 0; i < image.word.size(); i++)
                b.machine.memory.store64(at + 8 * i, image.word[i]);
        };
        store(strtab, ste.encode());
        store(cd, context.encode());
        b.machine.memory.store64(table, 0);         // level 1: nothing
        b.machine.memory.store64(table + 8, 0x741); // a block, to 0
        b.machine.write64(reg::STRTAB_BASE, strtab);
        b.enable_queues();
        b.machine.write32(reg::CR0, reg::CR0_CMDQEN | reg::CR0_EVENTQEN | reg::CR0_SMMUEN);
        b.machine.memory.store64(0x2000, 0x1122334455667788);

        smmu::attributes how;
        how.id = 1;
        tlm_test::transfer held = tlm_test::read_of(0x2000, 8);
        held.extend(how);
        tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
        sc_core::sc_spawn([&] { status = b.access(held); });
        sc_core::wait(1, sc_core::SC_US);
        EXPECT_EQ(status, tlm::TLM_INCOMPLETE_RESPONSE);
        EXPECT_EQ(b.machine.read32(reg::EVENTQ_PROD), 1u);
        how.id = 2;
        tlm_test::transfer other = tlm_test::read_of(0x4000'2000, 8);
        EXPECT_EQ(b.access(other.extend(how)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(status, tlm::TLM_INCOMPLETE_RESPONSE);

        b.machine.memory.store64(table, 0x741);
        b.machine.submit(support::cmd_resume(0, 0, support::resume_action::retry));
        sc_core::wait(1, sc_core::SC_US);
        EXPECT_EQ(status, tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(held.data, other.data);
    });
    EXPECT_EQ(b.machine.smmu.model().stats().stalls, 1u);
}

// What is in a TBU for 5 us when the reset comes reaches no pin, and holds its end up.
TEST(pin_smmuv3, ends_a_reset_when_all_of_before_has_ended_inside)
{
    smmu::timing slow;
    slow.mode = smmu::timing_mode::approximately_timed;
    slow.lookup = sc_core::sc_time(5, sc_core::SC_US);
    bench<> b(slow);
    b.run([&] {
        tlm_test::transfer t = tlm_test::write_of(0x1000, std::vector<unsigned char>(8, 1));
        tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
        sc_core::sc_spawn([&] { status = b.access(t); });
        sc_core::wait(1, sc_core::SC_US);
        EXPECT_EQ(status, tlm::TLM_INCOMPLETE_RESPONSE);
        const sc_core::sc_time before = sc_core::sc_time_stamp();
        b.machine.reset(sc_core::sc_time(20, sc_core::SC_NS));
        EXPECT_GT(sc_core::sc_time_stamp() - before, sc_core::sc_time(3, sc_core::SC_US));
        EXPECT_EQ(status, tlm::TLM_GENERIC_ERROR_RESPONSE) << "by the bridge of the device";
        sc_core::wait(10, sc_core::SC_US);
        EXPECT_TRUE(b.machine.memory.log.empty());
        EXPECT_EQ(b.access(t), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.machine.memory.log.size(), 1u);
    });
}

// The fetch of a command, which takes 5 us to reach memory.
TEST(pin_smmuv3, ends_a_reset_when_its_own_accesses_of_before_have_ended_inside)
{
    smmu::timing slow;
    slow.mode = smmu::timing_mode::approximately_timed;
    slow.walk_issue = sc_core::sc_time(5, sc_core::SC_US);
    bench<> b(slow);
    b.run([&] {
        b.enable_queues();
        b.machine.submit(support::cmd_sync());
        sc_core::wait(1, sc_core::SC_US);
        EXPECT_TRUE(b.machine.memory.log.empty());
        const sc_core::sc_time before = sc_core::sc_time_stamp();
        b.machine.reset(sc_core::sc_time(20, sc_core::SC_NS));
        EXPECT_GT(sc_core::sc_time_stamp() - before, sc_core::sc_time(3, sc_core::SC_US));
        sc_core::wait(20, sc_core::SC_US);
        EXPECT_TRUE(b.machine.memory.log.empty());
    });
}

// A write that the reset falls into takes 1 us inside, and comes behind its beginning.
TEST(pin_smmuv3, has_its_registers_of_reset_after_it)
{
    smmu::timing slow;
    slow.mode = smmu::timing_mode::approximately_timed;
    slow.register_access = sc_core::sc_time(1, sc_core::SC_US);
    bench<> b(slow);
    b.run([&] {
        b.enable_queues();
        const std::uint32_t queues = reg::CR0_CMDQEN | reg::CR0_EVENTQEN;
        EXPECT_EQ(b.machine.read32(reg::CR0ACK), queues);
        bool failed = false;
        sc_core::sc_spawn([&] {
            tlm_test::transfer t = tlm_test::write_of(reg::STRTAB_BASE + 4, {9, 0, 0, 0});
            failed = b.machine.cpu.send(t) != tlm::TLM_OK_RESPONSE;
        });
        sc_core::wait(500, sc_core::SC_NS);
        b.machine.reset(sc_core::sc_time(30, sc_core::SC_NS));
        EXPECT_TRUE(failed);
        EXPECT_EQ(b.read(reg::STRTAB_BASE + 4, 4), 0u);
        EXPECT_EQ(b.machine.read32(reg::CR0), 0u);
        EXPECT_EQ(b.machine.read32(reg::CR0ACK), 0u);
    });
}

} // namespace

} // namespace pins_test::test_pin_smmuv3
