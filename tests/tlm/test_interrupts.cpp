// SPDX-License-Identifier: Apache-2.0
// Wired interrupts: pulses that an edge detector sees, one wire per source.
#include <gtest/gtest.h>

#include "bench.hpp"

namespace tlm_test::test_interrupts {

namespace {

constexpr std::uint64_t unmapped = 0x7000;

struct interrupts : testing::Test {
    bench b{"b"};
    stream s{b, 5};

    void fault()
    {
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(5, unmapped, value), tlm::TLM_GENERIC_ERROR_RESPONSE);
    }
    static void settle() { sc_core::wait(1, sc_core::SC_US); }
};

TEST_F(interrupts, event_queue_wire_pulses_once_for_an_event)
{
    b.run([&] {
        b.bring_up();
        fault();
        settle();
        EXPECT_EQ(b.evtq_irq.rises, 1u);
        EXPECT_EQ(b.evtq_irq.falls, 1u);
        EXPECT_EQ(b.gerror_irq.rises, 0u);
        EXPECT_EQ(b.cmd_sync_irq.rises, 0u);
    });
}

TEST_F(interrupts, sync_wire_pulses_for_CMD_SYNC_that_asks_for_it)
{
    b.run([&] {
        b.bring_up();
        b.submit(support::cmd_sync(support::SIG_NONE));
        settle();
        EXPECT_EQ(b.cmd_sync_irq.rises, 0u);
        b.submit(support::cmd_sync(support::SIG_IRQ));
        settle();
        EXPECT_EQ(b.cmd_sync_irq.rises, 1u);
        EXPECT_EQ(b.cmd_sync_irq.falls, 1u);
    });
}

TEST_F(interrupts, gerror_wire_pulses_for_a_command_error)
{
    b.run([&] {
        b.bring_up();
        b.submit(support::raw_command(0xff));
        settle();
        EXPECT_EQ(b.gerror_irq.rises, 1u);
        EXPECT_EQ(b.gerror_irq.falls, 1u);
        EXPECT_EQ(b.evtq_irq.rises, 0u);
    });
}

TEST_F(interrupts, event_wire_pulses_for_CMD_SYNC_that_asks_for_it)
{
    b.run([&] {
        b.bring_up();
        b.submit(support::cmd_sync(support::SIG_IRQ));
        settle();
        EXPECT_EQ(b.sev.rises, 0u);
        b.submit(support::cmd_sync(support::SIG_SEV));
        settle();
        EXPECT_EQ(b.sev.rises, 1u);
        EXPECT_EQ(b.sev.falls, 1u);
        EXPECT_EQ(b.cmd_sync_irq.rises, 1u);
    });
}

// Messages: 32-bit writes of the walk port (IHI 0070 3.18.1).
struct messages : interrupts {
    static constexpr std::uint64_t doorbell = bench::data + 0x1234;
    static constexpr unsigned device_nGnRE = 0b0001; // as STE.MemAttr encodes it
    static constexpr unsigned normal_nc = 0b0101;

    // The one access to the doorbell.
    ram::access message()
    {
        ram::access found = {};
        unsigned count = 0;
        for (const ram::access &a : b.memory.log)
            if (a.address == doorbell) {
                found = a;
                count++;
            }
        EXPECT_EQ(count, 1u);
        return found;
    }

    void expect_message(std::uint32_t data, std::uint8_t mair)
    {
        const ram::access seen = message();
        EXPECT_TRUE(seen.write);
        EXPECT_EQ(seen.length, 4u);
        EXPECT_TRUE(seen.extended);
        EXPECT_EQ(seen.attributes.sid, 0u);
        EXPECT_EQ(seen.attributes.memattr.mair, mair);
        EXPECT_TRUE(seen.attributes.priv);
        EXPECT_EQ(b.memory.load64(doorbell & ~7ull) >> 32, data);
    }
};

TEST_F(messages, of_the_event_queue)
{
    b.run([&] {
        b.write64(reg::EVENTQ_IRQ_CFG0, doorbell);
        b.write32(reg::EVENTQ_IRQ_CFG1, 0xcafe0001);
        b.write32(reg::EVENTQ_IRQ_CFG2, device_nGnRE);
        b.bring_up();
        fault();
        settle();
        expect_message(0xcafe0001, SMMU_MAIR_DEVICE_nGnRE);
    });
}

TEST_F(messages, of_global_errors)
{
    b.run([&] {
        b.write64(reg::GERROR_IRQ_CFG0, doorbell);
        b.write32(reg::GERROR_IRQ_CFG1, 0xcafe0002);
        b.write32(reg::GERROR_IRQ_CFG2, normal_nc);
        b.bring_up();
        b.submit(support::raw_command(0xff));
        settle();
        expect_message(0xcafe0002, SMMU_MAIR_NORMAL_NC);
    });
}

TEST_F(messages, of_CMD_SYNC)
{
    b.run([&] {
        b.bring_up();
        b.submit(support::cmd_sync_msi(doorbell, 0xcafe0003, device_nGnRE, 0));
        settle();
        expect_message(0xcafe0003, SMMU_MAIR_DEVICE_nGnRE);
    });
}

struct wide_pulse : testing::Test {
    static smmu::timing times()
    {
        smmu::timing t;
        t.irq_pulse = sc_core::sc_time(10, sc_core::SC_NS);
        return t;
    }
    bench b{"b", times()};
};

TEST_F(wide_pulse, stays_high_for_the_time_asked_for)
{
    b.run([&] {
        b.bring_up();
        b.submit(support::cmd_sync(support::SIG_IRQ));
        sc_core::wait(1, sc_core::SC_US);
        EXPECT_EQ(b.cmd_sync_irq.rises, 1u);
        EXPECT_EQ(b.cmd_sync_irq.fell - b.cmd_sync_irq.rose, sc_core::sc_time(10, sc_core::SC_NS));
    });
}

// What samples the wire once in that time sees another edge.
TEST_F(wide_pulse, is_low_for_that_time_before_another)
{
    b.run([&] {
        b.bring_up();
        for (const unsigned after : {4u, 15u}) { // while it is high, and low
            b.submit(support::cmd_sync(support::SIG_IRQ));
            sc_core::wait(after, sc_core::SC_NS);
            const sc_core::sc_time first = b.cmd_sync_irq.rose;
            b.submit(support::cmd_sync(support::SIG_IRQ));
            sc_core::wait(1, sc_core::SC_US);
            EXPECT_EQ(b.cmd_sync_irq.rose - first, sc_core::sc_time(20, sc_core::SC_NS)) << after;
        }
    });
}

TEST_F(wide_pulse, is_followed_by_another_for_what_happened_meanwhile)
{
    b.run([&] {
        b.bring_up();
        b.submit(support::cmd_sync(support::SIG_IRQ));
        sc_core::wait(4, sc_core::SC_NS);
        EXPECT_TRUE(b.cmd_sync_irq.wire.read());
        b.submit(support::cmd_sync(support::SIG_IRQ));
        b.submit(support::cmd_sync(support::SIG_IRQ));
        sc_core::wait(1, sc_core::SC_US);
        EXPECT_EQ(b.cmd_sync_irq.rises, 2u);
        EXPECT_EQ(b.cmd_sync_irq.falls, 2u);
    });
}

} // namespace

} // namespace tlm_test::test_interrupts
