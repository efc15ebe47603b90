// SPDX-License-Identifier: Apache-2.0
// Work that feeds itself takes time: the simulation goes on, and comes to its end.
#include <gtest/gtest.h>

#include "bench.hpp"
#include "smmu/tlm/pace.hpp"

namespace tlm_test::test_pace {

namespace {

constexpr std::uint64_t doorbell = bench::data + 0x7000;
constexpr sc_core::sc_time_unit us = sc_core::SC_US;

// A queue full of CMD_SYNC, the message of each of which moves CMDQ_PROD on.
TEST(pace, commands_that_feed_themselves_let_time_pass)
{
    bench b("b");
    unsigned messages = 0;
    b.memory.before = [&](std::uint64_t address) {
        if (address == doorbell && ++messages < 100'000)
            b.write32(reg::CMDQ_PROD, (messages + 1) & 0x7f);
    };
    b.run([&] {
        b.bring_up();
        for (unsigned i = 0; i < 64; i++)
            b.memory.store_image(bench::cmdq + 16ull * i, support::cmd_sync_msi(doorbell, 0));
        b.write32(reg::CMDQ_PROD, 1);
        sc_core::wait(950, us);
        EXPECT_EQ(messages, 10 * 1024u) << "100 us for each 1024";
        b.write32(reg::CR0, 0);
        sc_core::wait(200, us);
        EXPECT_EQ(messages, 10 * 1024u) << "and they can be stopped";
    });
}

// Each is read and sends its message: what takes time needs no rest.
TEST(pace, commands_that_take_time_go_on_without_rest)
{
    bench b("b");
    unsigned messages = 0;
    b.memory.before = [&](std::uint64_t address) {
        if (address == doorbell)
            b.write32(reg::CMDQ_PROD, (++messages + 1) & 0x7f);
    };
    b.run([&] {
        b.bring_up();
        for (unsigned i = 0; i < 64; i++)
            b.memory.store_image(bench::cmdq + 16ull * i, support::cmd_sync_msi(doorbell, 0));
        b.memory.latency = sc_core::sc_time(10, sc_core::SC_NS);
        b.write32(reg::CMDQ_PROD, 1);
        sc_core::wait(1000, us);
        EXPECT_NEAR(messages, 1e6 / 20, 1);
        b.write32(reg::CR0, 0);
        sc_core::wait(200, us);
    });
}

TEST(pace, many_commands_that_were_there_before_take_no_time)
{
    bench b("b");
    b.run([&] {
        b.bring_up();
        const sc_core::sc_time start = now();
        for (unsigned i = 0; i < 1000; i++)
            b.submit(support::tlbi_nsnh_all());
        b.submit(support::cmd_sync());
        EXPECT_EQ(b.smmu.stats().commands, 1001u);
        EXPECT_EQ(now(), start);
    });
}

TEST(pace, counts_the_steps_of_one_moment)
{
    sc_core::sc_spawn([] {
        smmu::pace pace;
        for (unsigned i = 0; i < 5000; i++) {
            if (i % 1000 == 0)
                sc_core::wait(1, sc_core::SC_PS);
            pace.step();
        }
        EXPECT_EQ(now(), sc_core::sc_time(5, sc_core::SC_PS));
        pace.step(24);
        EXPECT_EQ(now(), sc_core::sc_time(5, sc_core::SC_PS) + sc_core::sc_time(100, us));
        pace.step(1023);
        pace.step();
        EXPECT_EQ(now(), sc_core::sc_time(5, sc_core::SC_PS) + sc_core::sc_time(200, us));
    });
    sc_core::sc_start();
}

} // namespace

} // namespace tlm_test::test_pace
