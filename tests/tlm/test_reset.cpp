// SPDX-License-Identifier: Apache-2.0
// The reset input, and errors that a test makes happen: what reaches the core from outside the bus.
#include <gtest/gtest.h>

#include "bench.hpp"

namespace tlm_test::test_reset {

namespace {

constexpr std::uint64_t va = 0x0000'1234'5678'9000;
constexpr std::uint64_t pa = bench::data + 0x3000;
constexpr std::uint32_t sid = 5;

void settle()
{
    sc_core::wait(1, sc_core::SC_US);
}

struct reset : testing::Test {
    bench b{"b"};
    stream s{b, sid};
    sc_core::sc_signal<bool> wire{"wire"};

    reset() { s.map(va, pa); }
};

TEST_F(reset, returns_registers_to_their_reset_values)
{
    b.run([&] {
        b.bring_up();
        b.smmu.reset();
        EXPECT_EQ(b.read32(reg::CR0), 0u);
        EXPECT_EQ(b.read32(reg::CR0ACK), 0u);
        EXPECT_EQ(b.read32(reg::CMDQ_PROD), 0u);
        EXPECT_EQ(b.device().write64(sid, pa, 7), tlm::TLM_OK_RESPONSE); // bypass
        EXPECT_EQ(b.memory.load64(pa), 7u);
    });
}

TEST_F(reset, withdraws_what_was_granted)
{
    b.memory.grant_all();
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        tlm::tlm_dmi granted;
        ASSERT_TRUE(b.device().dmi(t.of_stream(sid), granted));
        b.smmu.reset();
        ASSERT_EQ(b.device().withdrawn.size(), 1u);
        EXPECT_EQ(b.device().withdrawn[0], std::make_pair(va, va + 0xfff));
    });
}

TEST_F(reset, aborts_stalled_transactions)
{
    s.context().s = 1;
    s.publish();
    b.run([&] {
        b.bring_up();
        bool done = false;
        std::uint64_t value = 0;
        sc_core::sc_spawn([&] {
            EXPECT_EQ(b.device().read64(sid, va + 0x1000, value), tlm::TLM_GENERIC_ERROR_RESPONSE);
            done = true;
        });
        settle();
        EXPECT_FALSE(done);
        b.smmu.reset();
        settle();
        EXPECT_TRUE(done);
    });
}

TEST_F(reset, drops_commands_that_wait)
{
    b.run([&] {
        b.bring_up();
        b.memory.latency = sc_core::sc_time(50, sc_core::SC_NS);
        b.submit(support::cfgi_all()); // its fetch is under way
        b.smmu.reset();
        settle();
        EXPECT_EQ(b.read32(reg::CMDQ_CONS), 0u);
        EXPECT_EQ(b.smmu.stats().commands, 0u);
    });
}

TEST_F(reset, comes_with_the_rising_edge_of_its_input)
{
    b.smmu.reset_in().bind(wire);
    b.run([&] {
        b.bring_up();
        wire.write(true);
        settle();
        EXPECT_EQ(b.read32(reg::CR0), 0u);
        b.write64(reg::STRTAB_BASE, bench::strtab); // the level does not matter
        wire.write(false);
        settle();
        EXPECT_EQ(b.read32(reg::STRTAB_BASE), static_cast<std::uint32_t>(bench::strtab));
    });
}

struct injection : reset {};

TEST_F(injection, makes_a_fetch_abort)
{
    b.run([&] {
        b.bring_up();
        std::uint64_t value = 0;
        b.smmu.inject(SMMU_INJECT_STE_ABORT);
        EXPECT_EQ(b.device().read64(sid, va, value), tlm::TLM_GENERIC_ERROR_RESPONSE);
        ASSERT_EQ(b.event_count(), 1u);
        EXPECT_EQ(b.event(0).type, support::F_STE_FETCH);
        EXPECT_EQ(b.device().read64(sid, va, value), tlm::TLM_OK_RESPONSE);
    });
}

TEST_F(injection, happens_as_often_as_asked_for)
{
    b.run([&] {
        b.bring_up();
        std::uint64_t value = 0;
        b.smmu.inject(SMMU_INJECT_WALK_ABORT, 2);
        for (unsigned i = 0; i < 2; i++)
            EXPECT_EQ(b.device().read64(sid, va, value), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(b.device().read64(sid, va, value), tlm::TLM_OK_RESPONSE);
    });
}

// Service Failure Mode (IHI 0070 12.3), which begins by itself soon after.
TEST_F(injection, stops_all_traffic_until_reset)
{
    b.memory.grant_all();
    b.run([&] {
        b.bring_up();
        std::uint64_t value = 0;
        transfer t = read_of(va, 8);
        tlm::tlm_dmi granted;
        ASSERT_TRUE(b.device().dmi(t.of_stream(sid), granted));
        b.smmu.inject(SMMU_INJECT_SFM);
        settle();
        EXPECT_EQ(b.read32(reg::GERROR), 1u << 8);
        EXPECT_EQ(b.gerror_irq.rises, 1u);
        EXPECT_EQ(b.device().withdrawn.size(), 1u);
        EXPECT_FALSE(b.device().dmi(t, granted));
        EXPECT_EQ(b.device().read64(sid, va, value), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(b.event_count(), 0u);
        b.smmu.reset();
        EXPECT_EQ(b.device().read64(sid, pa, value), tlm::TLM_OK_RESPONSE); // bypass
    });
}

} // namespace

} // namespace tlm_test::test_reset
