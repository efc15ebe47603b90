// SPDX-License-Identifier: Apache-2.0
// An SMMU with pins does in random worlds what the one of TLM does: data, events and order.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>

#include "pin_worlds.hpp"

namespace pins_test::test_pin_smmuv3_worlds {

namespace {

using namespace smmu::pins;
using accesses = std::vector<world_memory::access>;

template <class BUSES, class STYLE>
void expect_the_same(std::uint64_t seed, bool stutter, const smmu_config &cfg = world_config())
{
    worlds<BUSES, STYLE> w(seed, cfg);
    if (stutter)
        w.pins.stutter(seed + 1);
    w.run([&] {
        for (unsigned round = 0; round < 24 && !testing::Test::HasFatalFailure(); round++)
            w.compare_round(48);
        EXPECT_EQ(w.pulses, w.plain.evtq_pulses);
        EXPECT_GT(w.pulses, 10u);
    });
    EXPECT_GT(w.forwarded, 100u);
    EXPECT_GT(w.faults, 100u);
    if (cfg.stall_model != SMMU_TERMINATE_ONLY) {
        EXPECT_GT(w.pin_software.stalls, 100u);
        EXPECT_EQ(w.pin_software.stalls, w.plain_software.stalls);
    }
}

TEST(pin_smmuv3_worlds, access_by_access_are_the_same)
{
    expect_the_same<pin_smmuv3_buses, two_state>(1, false);
}

TEST(pin_smmuv3_worlds, are_the_same_at_any_pace_on_narrow_buses_with_axi4_lite)
{
    expect_the_same<narrow_buses, two_state>(2, true);
}

TEST(pin_smmuv3_worlds, are_the_same_on_pins_of_four_states)
{
    expect_the_same<pin_smmuv3_buses, four_state>(3, true);
}

TEST(pin_smmuv3_worlds, are_the_same_without_atomic_transactions)
{
    expect_the_same<plain_buses, two_state>(4, false);
}

// 3.12.2, 4.7.2: what stalls holds its response back until CMD_RESUME.
TEST(pin_smmuv3_worlds, are_the_same_where_faults_stall)
{
    expect_the_same<pin_smmuv3_buses, two_state>(11, true, world_config(SMMU_STALL_AND_TERMINATE));
}

TEST(pin_smmuv3_worlds, are_the_same_where_all_faults_stall)
{
    expect_the_same<narrow_buses, two_state>(12, false, world_config(SMMU_STALL_ONLY));
}

// STAGs are as they come.
std::vector<record> kinds(std::vector<record> events)
{
    for (record &each : events)
        if (each[1] >> 31 & 1)
            each[1] &= ~std::uint64_t{0xffff};
    std::sort(events.begin(), events.end());
    events.erase(std::unique(events.begin(), events.end()), events.end());
    return events;
}

// Reads may overtake others of another ID: what comes of each is the same, and reads of one ID
// reach memory in the order of their beginnings.
void expect_the_same_in_a_crowd(std::uint64_t seed, smmu_stall_model stalls)
{
    crowd<pin_smmuv3_buses> c(seed, world_config(stalls));
    c.served = stalls != SMMU_TERMINATE_ONLY;
    c.pins.stutter(seed + 1);
    c.pins.memory.latency = sc_core::sc_time(23, sc_core::SC_NS);
    c.run([&] {
        for (unsigned round = 0; round < 10 && !testing::Test::HasFatalFailure(); round++) {
            c.build();
            c.begin(c.reads(100));
            c.wait_for_idle();
            std::map<std::pair<unsigned, std::uint32_t>, accesses> want;
            std::map<std::pair<unsigned, std::uint32_t>, accesses> have;
            const accesses reached = c.pins.memory.log;
            for (const world_memory::access &each : reached)
                if (each.port < static_cast<int>(tbus))
                    have[{each.port, each.id}].push_back(each);
            for (const piece_of_work *each : c.begun) {
                piece_of_work again = *each;
                c.plain.memory.log.clear();
                c.plain_software.serve_during(again);
                ASSERT_EQ(again.status, each->status);
                if (again.status == tlm::TLM_OK_RESPONSE) {
                    ASSERT_EQ(again.data, each->data);
                }
                for (const world_memory::access &its : c.plain.memory.log)
                    if (its.port < static_cast<int>(tbus))
                        want[{its.port, its.id}].push_back(its);
            }
            ASSERT_TRUE(want == have);
            c.serve();
            ASSERT_EQ(kinds(c.plain.events()), kinds(c.seen));
            c.seen.clear();
        }
    });
    EXPECT_EQ(c.served, c.pin_software.stalls > 50u);
}

TEST(pin_smmuv3_worlds, have_the_same_data_events_and_order_within_ids_in_a_crowd)
{
    expect_the_same_in_a_crowd(5, SMMU_TERMINATE_ONLY);
}

TEST(pin_smmuv3_worlds, have_the_same_data_events_and_order_within_ids_where_faults_stall)
{
    expect_the_same_in_a_crowd(13, SMMU_STALL_AND_TERMINATE);
}

// The reset comes anywhere in the traffic.
void expect_to_go_on_after_resets(std::uint64_t seed, smmu_stall_model stalls)
{
    crowd<pin_smmuv3_buses> c(seed, world_config(stalls));
    c.pins.stutter(seed + 1);
    c.pins.memory.latency = sc_core::sc_time(31, sc_core::SC_NS);
    std::size_t failed = 0;
    c.run([&] {
        for (unsigned round = 0; round < 40 && !testing::Test::HasFatalFailure(); round++) {
            c.build();
            c.begin(c.reads(400));
            sc_core::wait(static_cast<double>(c.rng.between(50, 3000)), sc_core::SC_NS);
            c.stop = true;
            c.pins.submit(support::cfgi_all());
            c.pins.reset(
                sc_core::sc_time(static_cast<double>(c.rng.between(20, 90)), sc_core::SC_NS));
            c.pins.memory.log.clear();
            c.wait_for_idle();
            failed += static_cast<std::size_t>(
                std::count_if(c.begun.begin(), c.begun.end(), [](const piece_of_work *each) {
                    return each->status != tlm::TLM_OK_RESPONSE;
                }));
            sc_core::wait(500, sc_core::SC_NS);
            ASSERT_TRUE(c.pins.idle());
            ASSERT_EQ(c.pins.memory.log.size(), 0u) << "of before the reset";
            ASSERT_EQ(c.pins.read32(support::reg::CR0), 0u);
            c.pins.bring_up(c.dut, evtq_log2);
            c.plain.smmu.reset();
            c.plain.bring_up(c.dut, evtq_log2);
            c.compare_round(8);
        }
    });
    EXPECT_GT(failed, 40u);
}

TEST(pin_smmuv3_worlds, go_on_after_a_reset_in_the_middle_of_traffic)
{
    expect_to_go_on_after_resets(7, SMMU_TERMINATE_ONLY);
}

// Nobody serves them: they hold their slots until the reset.
TEST(pin_smmuv3_worlds, go_on_after_a_reset_that_ends_stalls)
{
    expect_to_go_on_after_resets(15, SMMU_STALL_AND_TERMINATE);
}

// Nothing waits for ever, whichever READY comes late.
TEST(pin_smmuv3_worlds, do_not_lock_up_when_every_ready_drops_at_random)
{
    crowd<narrow_buses> c(9);
    c.pins.stutter(10);
    constexpr std::uint64_t enough = 2'000'000;
    std::size_t transactions = 0;
    c.run([&] {
        while (c.cycles < enough && !testing::Test::HasFatalFailure()) {
            c.build();
            c.begin(c.reads(400));
            c.wait_for_idle();
            transactions += c.begun.size();
            c.pins.events();
        }
    });
    std::cout << c.cycles << " cycles, " << transactions << " transactions\n";
    EXPECT_GE(c.cycles, enough);
}

} // namespace

} // namespace pins_test::test_pin_smmuv3_worlds
