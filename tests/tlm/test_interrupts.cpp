// SPDX-License-Identifier: Apache-2.0
// Wired interrupts: pulses that an edge detector sees, one wire per source.
#include <gtest/gtest.h>

#include "bench.hpp"

namespace tlm_test {

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

} // namespace tlm_test
