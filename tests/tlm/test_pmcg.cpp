// SPDX-License-Identifier: Apache-2.0
// Counter groups as modules (IHI 0070 10): their pages, interrupts and clock, in either coding
// style.
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bench.hpp"
#include "both_timings.hpp"
#include "error_log.hpp"
#include "smmu/tlm/pmcg.hpp"

namespace tlm_test::test_pmcg {

namespace {

// 10.5.1
constexpr std::uint32_t EVCNTR = 0x000, EVTYPER = 0x400, SMR = 0xa00, CNTENSET = 0xc00,
                        INTENSET = 0xc40, OVSSET = 0xcc0, CFGR = 0xe00, CR = 0xe04, CEID0 = 0xe20,
                        IRQ_CTRL = 0xe50, IRQ_CTRLACK = 0xe54, IRQ_CFG0 = 0xe58, IRQ_CFG1 = 0xe60,
                        IRQ_CFG2 = 0xe64;
constexpr std::uint32_t SID_SPAN = 1u << 29;
constexpr std::uint32_t CLOCK = 0, TRANSACTION = 1;
constexpr std::uint64_t va = 0x1'2345'6000;

smmu_pmcg_config of_tbu(unsigned tbu)
{
    smmu_pmcg_config cfg = smmu_pmcg_config_default();
    cfg.tbus = 1;
    cfg.first_tbu = static_cast<std::uint8_t>(tbu);
    return cfg;
}

// A group with software at both pages.
struct group : sc_core::sc_module {
    group(const sc_core::sc_module_name &name, bench &b, const smmu_pmcg_config &cfg)
        : sc_module(name), pmcg("pmcg", b.smmu.tcu(), cfg)
    {
        page0.socket.bind(checker0.target_socket);
        checker0.initiator_socket.bind(pmcg.page0);
        page1.socket.bind(checker1.target_socket);
        checker1.initiator_socket.bind(pmcg.page1());
        pmcg.irq.bind(irq.wire);
    }

    static std::uint64_t read(initiator &page, std::uint32_t offset)
    {
        transfer t = read_of(offset, 8);
        EXPECT_EQ(page.send(t), tlm::TLM_OK_RESPONSE) << offset;
        std::uint64_t value = 0;
        std::memcpy(&value, t.data.data(), sizeof value);
        return value;
    }
    static void write(initiator &page, std::uint32_t offset, std::uint64_t value, unsigned size)
    {
        std::vector<unsigned char> bytes(size);
        std::memcpy(bytes.data(), &value, size);
        transfer t = write_of(offset, bytes);
        EXPECT_EQ(page.send(t), tlm::TLM_OK_RESPONSE) << offset;
    }
    void count(std::uint32_t event)
    {
        write(page0, EVTYPER, SID_SPAN | event, 4);
        write(page0, SMR, 0xffffffff, 4);
        write(page0, CNTENSET, 1, 8);
        write(page0, CR, 1, 4);
    }
    std::uint64_t counter() { return read(page1, EVCNTR); }
    void set_counter(std::uint64_t value) { write(page1, EVCNTR, value, 8); }
    void enable_interrupt()
    {
        write(page0, INTENSET, 1, 8);
        write(page0, IRQ_CTRL, 1, 4);
    }

    smmu::pmcg pmcg;
    initiator page0{"page0"}, page1{"page1"};
    smmu::protocol_checker<> checker0{"checker0"}, checker1{"checker1"};
    edge_counter irq{"irq"};
};

// Two TBUs, a group for the second.
struct pmcg : timing_test {
    explicit pmcg(const smmu::timing &times = timing_test::times()) : b("b", times, 2)
    {
        s.map(va, bench::data);
    }
    void read(unsigned device)
    {
        std::uint64_t value = 0;
        EXPECT_EQ(b.devices[device].read64(3, va, value), tlm::TLM_OK_RESPONSE);
    }
    static void settle() { sc_core::wait(1, sc_core::SC_US); }

    bench b;
    stream s{b, 3};
    group g{"group", b, of_tbu(1)};
};

TEST_P(pmcg, counts_what_its_tbu_does)
{
    b.run([&] {
        b.bring_up();
        g.count(TRANSACTION);
        read(0);
        EXPECT_EQ(g.counter(), 0u);
        read(1);
        read(1);
        EXPECT_EQ(g.counter(), 2u);
    });
}

TEST_P(pmcg, has_registers_in_two_pages)
{
    b.run([&] {
        EXPECT_EQ(group::read(g.page0, CFGR), 0x00703f07u);
        EXPECT_EQ(group::read(g.page0, CEID0), 0x8fu);
        EXPECT_EQ(group::read(g.page1, CFGR), 0u);
        g.set_counter(7);
        EXPECT_EQ(group::read(g.page0, EVCNTR), 0u);
        EXPECT_EQ(g.counter(), 7u);
        for (const unsigned size : {1u, 2u}) {
            transfer t = read_of(CFGR, size);
            EXPECT_EQ(g.page0.send(t), tlm::TLM_GENERIC_ERROR_RESPONSE) << size;
        }
        transfer misaligned = read_of(CFGR + 4, 8);
        EXPECT_EQ(g.page0.send(misaligned), tlm::TLM_GENERIC_ERROR_RESPONSE);
        for (initiator *page : {&g.page0, &g.page1})
            for (const std::uint64_t address :
                 {std::uint64_t{0x1000}, std::uint64_t{0x10000}, std::uint64_t{0x1'0000'0000}}) {
                transfer t = read_of(address, 4);
                EXPECT_EQ(page->send(t), tlm::TLM_ADDRESS_ERROR_RESPONSE) << address;
            }
    });
}

TEST_P(pmcg, shows_debuggers_its_pages)
{
    b.run([&] {
        g.set_counter(0x1122334455667788);
        transfer t = read_of(EVCNTR + 1, 4);
        EXPECT_EQ(g.page1.debug(t), 4u);
        EXPECT_EQ(t.data, (std::vector<unsigned char>{0x77, 0x66, 0x55, 0x44}));
        transfer write = write_of(EVCNTR, {1, 2, 3, 4, 5, 6, 7, 8});
        EXPECT_EQ(g.page1.debug(write), 8u);
        EXPECT_EQ(g.counter(), 0x0807060504030201u);
        transfer beyond = read_of(0xffe, 4);
        EXPECT_EQ(g.page0.debug(beyond), 2u);
    });
}

TEST_P(pmcg, pulses_at_an_overflow)
{
    b.run([&] {
        b.bring_up();
        g.count(TRANSACTION);
        g.enable_interrupt();
        EXPECT_EQ(group::read(g.page0, IRQ_CTRL), 0x1'0000'0001u) << "and IRQ_CTRLACK";
        g.set_counter(~std::uint64_t{0});
        read(1);
        settle();
        EXPECT_EQ(g.irq.rises, 1u);
        EXPECT_EQ(g.irq.falls, 1u);
        EXPECT_EQ(group::read(g.page1, OVSSET), 1u);
        EXPECT_EQ(b.evtq_irq.rises + b.gerror_irq.rises + b.cmd_sync_irq.rises, 0u);
        read(1);
        settle();
        EXPECT_EQ(g.irq.rises, 1u);
    });
}

TEST_P(pmcg, sends_messages_that_say_whose_they_are)
{
    constexpr std::uint64_t doorbell = bench::data + 0x1230;
    b.run([&] {
        b.bring_up();
        group::write(g.page0, IRQ_CFG0, doorbell, 8);
        group::write(g.page0, IRQ_CFG1, 0xcafe, 4);
        group::write(g.page0, IRQ_CFG2, 1, 4); // Device-nGnRE
        g.count(TRANSACTION);
        g.enable_interrupt();
        g.set_counter(~std::uint64_t{0});
        read(1);
        settle();
        unsigned messages = 0;
        for (const ram::access &a : b.memory.log) {
            if (a.address != doorbell) {
                if (a.attributes.sid == 0) {
                    EXPECT_EQ(a.attributes.id, 0u) << "of the SMMU's own";
                }
                continue;
            }
            messages++;
            EXPECT_TRUE(a.write);
            EXPECT_EQ(a.length, 4u);
            EXPECT_EQ(a.attributes.id, g.pmcg.number() + 1);
            EXPECT_EQ(a.attributes.memattr.mair, SMMU_MAIR_DEVICE_nGnRE);
        }
        EXPECT_EQ(messages, 1u);
        EXPECT_EQ(b.memory.load64(doorbell) & 0xffffffff, 0xcafeu);
    });
}

TEST_P(pmcg, stops_at_a_reset)
{
    b.run([&] {
        g.count(TRANSACTION);
        b.smmu.reset();
        EXPECT_EQ(group::read(g.page0, CFGR), 0x00703f07u) << "CR, which is behind it, is 0";
    });
}

INSTANTIATE_TEST_SUITE_P(timing, pmcg, both_timings(), timing_name);

// A clock of 500 MHz.
struct pmcg_clock : pmcg {
    static smmu::timing half_speed()
    {
        smmu::timing t = timing_test::times();
        t.pmcg_cycle = sc_core::sc_time(2, sc_core::SC_NS);
        return t;
    }
    pmcg_clock() : pmcg(half_speed()) {}
};

TEST_P(pmcg_clock, counts_cycles)
{
    b.run([&] {
        g.count(CLOCK);
        sc_core::wait(100, sc_core::SC_NS);
        EXPECT_EQ(g.counter(), 50u);
        sc_core::wait(3, sc_core::SC_NS);
        EXPECT_EQ(g.counter(), 51u);
    });
}

TEST_P(pmcg_clock, interrupts_when_the_counter_overflows)
{
    b.run([&] {
        sc_core::wait(101, sc_core::SC_NS);
        g.count(CLOCK);
        g.enable_interrupt();
        const sc_core::sc_time begin = now(); // in the midst of cycle 50
        g.set_counter(~std::uint64_t{0} - 9);
        sc_core::wait(1, sc_core::SC_US);
        EXPECT_EQ(g.irq.rises, 1u);
        EXPECT_EQ(g.irq.rose, begin + sc_core::sc_time(19, sc_core::SC_NS));
        EXPECT_EQ(group::read(g.page1, OVSSET), 1u);
        g.set_counter(~std::uint64_t{0} - 99);
        group::write(g.page0, CR, 0, 4);
        sc_core::wait(1, sc_core::SC_US);
        EXPECT_EQ(g.irq.rises, 1u) << "it does not run";
    });
}

INSTANTIATE_TEST_SUITE_P(timing, pmcg_clock, both_timings(), timing_name);

TEST(pmcg_alone, counts_nanoseconds)
{
    bench b("b");
    group g("group", b, smmu_pmcg_config_default());
    b.run([&] {
        g.count(CLOCK);
        sc_core::wait(100, sc_core::SC_NS);
        EXPECT_EQ(g.counter(), 100u);
    });
}

TEST(pmcg_alone, has_no_page_1_without_relocation)
{
    error_log errors;
    bench b("b");
    smmu_pmcg_config cfg = smmu_pmcg_config_default();
    cfg.reloc_ctrs = false;
    smmu::pmcg group("group", b.smmu.tcu(), cfg);
    initiator page("page");
    page.socket.bind(group.page0);
    EXPECT_THROW(group.page1(), std::invalid_argument);
    EXPECT_EQ(errors.ids, std::vector<std::string>{"/smmu/smmuv3/port"});
    b.run([&] {
        tlm_test::test_pmcg::group::write(page, EVCNTR, 5, 8);
        EXPECT_EQ(tlm_test::test_pmcg::group::read(page, EVCNTR), 5u);
    });
}

// Software at both pages of a group, on a bus of BUSWIDTH bits.
template <unsigned BUSWIDTH> struct wide_group : sc_core::sc_module {
    wide_group(const sc_core::sc_module_name &name, bench &b)
        : sc_module(name), pmcg("pmcg", b.smmu.tcu())
    {
        page0.bind(pmcg.page0);
        page1.bind(pmcg.page1());
    }
    smmu::basic_pmcg<BUSWIDTH> pmcg;
    tlm_utils::simple_initiator_socket<wide_group, BUSWIDTH> page0{"page0"}, page1{"page1"};
};

TEST(pmcg_alone, comes_on_buses_of_any_width)
{
    bench b("b");
    wide_group<64> first("first", b);
    wide_group<128> second("second", b);
    b.run([&] {
        EXPECT_EQ(first.pmcg.number(), 0u);
        EXPECT_EQ(second.pmcg.number(), 1u);
        transfer t = read_of(CFGR, 4);
        sc_core::sc_time delay;
        second.page0->b_transport(t.payload, delay);
        EXPECT_EQ(t.data, (std::vector<unsigned char>{0x07, 0x3f, 0x70, 0x00}));
    });
}

TEST(pmcg_alone, refuses_a_configuration_that_cannot_be)
{
    error_log errors;
    bench b("b");
    EXPECT_THROW(smmu::pmcg("group", b.smmu.tcu(), of_tbu(1)), std::invalid_argument);
    EXPECT_EQ(errors.ids, std::vector<std::string>{"/smmu/config/refused"});
}

} // namespace

} // namespace tlm_test::test_pmcg
