// SPDX-License-Identifier: Apache-2.0
// The timing of a DRAM, to the picosecond: each expected time is the sum of its parts, of which
// dram_bench.hpp has the values.
#include <gtest/gtest.h>

#include "dram_bench.hpp"

namespace test_dram_timing {
namespace {

using namespace test;

// What an access takes in a bank without an open row, with an open one that is the right one, and
// with another one. The parts: frontend, PRE, ACT, read, data, backend.
constexpr std::uint64_t miss = (2 + 10 + 14 + 4 + 3) * ns;
constexpr std::uint64_t hit = (2 + 14 + 4 + 3) * ns;
constexpr std::uint64_t conflict = (2 + 12 + 10 + 14 + 4 + 3) * ns;

TEST(dram_timing, a_row_is_opened_hit_and_replaced)
{
    dram_bench b(plain_dram());
    const auto &first = b.read(at(0, 0), 100 * ns);
    const auto &same_row = b.read(at(0, 0, 3), 200 * ns);
    const auto &other_row = b.read(at(1, 0), 300 * ns);
    const auto &other_bank = b.read(at(1, 1), 400 * ns);
    b.run();
    EXPECT_EQ(first.responded, 100 * ns + miss);
    EXPECT_EQ(same_row.responded, 200 * ns + hit);
    EXPECT_EQ(other_row.responded, 300 * ns + conflict);
    EXPECT_EQ(other_bank.responded, 400 * ns + miss);
    EXPECT_EQ(b.stats().row_misses, 2u);
    EXPECT_EQ(b.stats().row_hits, 1u);
    EXPECT_EQ(b.stats().row_conflicts, 1u);
    EXPECT_EQ(b.stats().reads, 4u);
}

// Of a bank without an open row, from the controller's sum of public numbers: 10 + tRCD + tCL +
// tBURST + 10.
TEST(dram_timing, presets_read_in_the_time_of_their_data_sheets)
{
    const std::pair<dram_preset, std::uint64_t> presets[] = {
        {DRAM_DDR4_2400, 10000 + 14160 + 14160 + 3332 + 10000},   // 51.7 ns
        {DRAM_DDR5_6400, 10000 + 14375 + 14375 + 2496 + 10000},   // 51.2 ns
        {DRAM_LPDDR5_6400, 10000 + 18000 + 21250 + 7500 + 10000}, // 66.8 ns
    };
    for (const auto &[preset, time] : presets) {
        dram_config config = {};
        dram_config_preset(&config, preset);
        dram_bench b(config);
        const auto &read = b.read(0);
        b.run();
        EXPECT_EQ(read.responded, time) << preset;
    }
}

TEST(dram_timing, a_write_has_its_response_when_the_controller_has_it)
{
    dram_bench b(plain_dram());
    const auto &write = b.write(at(0, 0), 100 * ns);
    b.run();
    EXPECT_EQ(write.accepted, 100 * ns);
    EXPECT_EQ(write.responded, 102 * ns);
    EXPECT_EQ(b.stats().writes, 1u);
}

TEST(dram_timing, what_has_no_data_goes_no_further_than_the_controller)
{
    dram_bench b(plain_dram());
    const auto &nothing = b.read(at(0, 0), 100 * ns, 0);
    b.run();
    EXPECT_EQ(nothing.responded, 102 * ns);
    EXPECT_EQ(b.stats().reads, 0u);
}

TEST(dram_timing, hits_follow_each_other_on_the_data_bus)
{
    dram_bench b(plain_dram());
    for (unsigned i = 0; i < 4; i++)
        b.read(at(0, 0, i));
    b.run();
    for (unsigned i = 0; i < 4; i++)
        EXPECT_EQ(b.accesses[i].responded, miss + 4 * i * ns); // tccd
    EXPECT_EQ(b.stats().waiting, (28 + 32 + 36 + 40) * ns);    // until the data
}

TEST(dram_timing, commands_may_be_closer_than_bursts_are_long)
{
    dram_config config = plain_dram();
    config.tburst = 6 * ns; // interleaved with others
    dram_bench b(config);
    b.read(at(0, 0, 0));
    b.read(at(0, 0, 1));
    b.run();
    EXPECT_EQ(b.accesses[1].responded, miss + (2 + 4) * ns);
}

TEST(dram_timing, a_large_read_is_as_many_bursts_as_it_touches)
{
    dram_bench b(plain_dram());
    const auto &row = b.read(at(0, 0), 0, 256);
    const auto &across = b.read(at(0, 0, 1) + 60, 1000 * ns, 8);
    b.run();
    EXPECT_EQ(row.responded, miss + 3 * 4 * ns);
    EXPECT_EQ(across.responded, 1000 * ns + hit + 4 * ns);
    EXPECT_EQ(b.stats().reads, 6u);
}

TEST(dram_timing, banks_open_their_rows_at_the_same_time)
{
    dram_bench b(plain_dram());
    b.read(at(0, 0));
    b.read(at(0, 1));
    b.run();
    EXPECT_EQ(b.accesses[0].responded, miss);
    // ACT trrd later, then the rest: 7 + 10 is later than the bus is free, 10 + 4.
    EXPECT_EQ(b.accesses[1].responded, miss + 7 * ns);
}

TEST(dram_timing, a_bank_opens_rows_one_after_the_other)
{
    dram_bench b(plain_dram());
    b.read(at(0, 0));
    b.read(at(1, 0));
    b.run();
    // PRE by tras (0 + 30; trtp after the read allows 10 + 5), ACT at 42, read at 52.
    EXPECT_EQ(b.accesses[1].responded, (2 + 52 + 14 + 4 + 3) * ns);
}

TEST(dram_timing, a_row_stays_open_until_its_last_read_is_on_its_way)
{
    dram_bench b(plain_dram());
    for (unsigned i = 0; i < 4; i++)
        b.read(at(0, 0, i), 18 * i * ns); // the last read command at 54
    b.read(at(1, 0), 54 * ns);
    b.run();
    EXPECT_EQ(b.accesses[4].responded, (2 + 54 + 5 + 12 + 10 + 14 + 4 + 3) * ns);
}

TEST(dram_timing, a_row_stays_open_until_what_was_written_is_stored)
{
    dram_bench b(plain_dram());
    b.write(at(0, 0));
    b.read(at(1, 0));
    b.run();
    // Command at 10, data until 10 + 8 + 4, PRE 15 later, ACT at 49, read at 59.
    EXPECT_EQ(b.accesses[1].responded, (2 + 59 + 14 + 4 + 3) * ns);
}

TEST(dram_timing, a_read_waits_until_the_data_bus_has_turned_around)
{
    dram_bench b(plain_dram());
    b.write(at(0, 0, 0));
    b.read(at(0, 0, 1));
    b.run();
    // Write command at 10, data until 22, read twtr later.
    EXPECT_EQ(b.accesses[1].responded, (2 + 28 + 14 + 4 + 3) * ns);
    EXPECT_EQ(b.stats().turnarounds, 2u);
}

TEST(dram_timing, the_data_bus_turns_around_for_all_banks)
{
    dram_bench b(plain_dram());
    b.write(at(0, 0));
    b.read(at(0, 1)); // its row is open at 7 + 10
    b.run();
    EXPECT_EQ(b.accesses[1].responded, (2 + 28 + 14 + 4 + 3) * ns);
}

TEST(dram_timing, a_write_waits_until_the_data_bus_has_turned_around)
{
    dram_config config = plain_dram();
    config.passes = 0; // in the order of arrival
    dram_bench b(config);
    b.read(at(0, 0, 0));
    b.write(at(0, 0, 1));
    b.read(at(0, 0, 2));
    b.run();
    // Read at 10, write at 10 + 4 + 3, data until 17 + 8 + 4, read at 35.
    EXPECT_EQ(b.accesses[2].responded, (2 + 35 + 14 + 4 + 3) * ns);
}

TEST(dram_timing, a_write_waits_until_the_data_of_the_read_before_have_passed)
{
    dram_config config = plain_dram();
    config.passes = 0;
    config.tburst = 6 * ns; // longer than tccd
    dram_bench b(config);
    b.read(at(0, 0, 0));
    b.write(at(0, 0, 1));
    b.read(at(0, 0, 2));
    b.run();
    // Read at 10, write at 10 + 6 + 3, data until 19 + 8 + 6, read at 39.
    EXPECT_EQ(b.accesses[2].responded, (2 + 39 + 14 + 6 + 3) * ns);
}

TEST(dram_timing, writes_may_be_closer_than_bursts_are_long)
{
    dram_config config = plain_dram();
    config.passes = 0;
    config.tburst = 6 * ns;
    dram_bench b(config);
    b.write(at(0, 0, 0));
    b.write(at(0, 0, 1));
    b.read(at(0, 0, 2));
    b.run();
    // Writes at 10 and tccd later, data until 14 + 8 + 6, read at 34.
    EXPECT_EQ(b.accesses[2].responded, (2 + 34 + 14 + 6 + 3) * ns);
}

TEST(dram_timing, no_more_than_four_rows_are_opened_in_a_window)
{
    dram_bench b(plain_dram());
    for (unsigned bank = 0; bank < 6; bank++)
        b.read(at(0, bank));
    b.run();
    const std::uint64_t acts[] = {0, 7, 14, 21, 40, 47};
    for (unsigned bank = 0; bank < 6; bank++)
        EXPECT_EQ(b.accesses[bank].responded, acts[bank] * ns + miss) << bank;
}

TEST(dram_timing, channels_do_not_wait_for_each_other)
{
    dram_config config = plain_dram();
    config.channels = 2;
    dram_bench b(config);
    const auto &both = b.read(0, 0, 128);
    b.run();
    EXPECT_EQ(both.responded, miss);
}

TEST(dram_timing, a_read_of_several_channels_ends_with_the_slowest)
{
    dram_config config = plain_dram();
    config.channels = 2;
    dram_bench b(config);
    b.read(0); // of channel 0: opens its row 0
    const auto &both = b.read(2 * at(1, 0), 500 * ns, 128);
    b.run();
    EXPECT_EQ(both.responded, 500 * ns + conflict); // channel 1 is ready trp earlier
}

TEST(dram_timing, a_closed_row_is_opened_again)
{
    dram_config config = plain_dram();
    config.policy = DRAM_CLOSED;
    dram_bench b(config);
    b.read(at(0, 0, 0));
    const auto &again = b.read(at(0, 0, 1), 100 * ns);
    const auto &other = b.read(at(1, 0), 200 * ns);
    b.run();
    EXPECT_EQ(again.responded, 100 * ns + miss);
    EXPECT_EQ(other.responded, 200 * ns + miss); // not a conflict
    EXPECT_EQ(b.stats().row_misses, 3u);
}

TEST(dram_timing, a_row_that_is_wanted_is_not_closed)
{
    dram_config config = plain_dram();
    config.policy = DRAM_CLOSED;
    dram_bench b(config);
    for (unsigned i = 0; i < 4; i++)
        b.read(at(0, 0, i));
    b.run();
    EXPECT_EQ(b.accesses[3].responded, miss + 3 * 4 * ns);
    EXPECT_EQ(b.stats().row_hits, 3u);
}

TEST(dram_timing, a_row_closes_in_its_own_time)
{
    dram_config config = plain_dram();
    config.policy = DRAM_CLOSED;
    dram_bench b(config);
    b.read(at(0, 0));
    b.read(at(1, 0));
    b.run();
    EXPECT_EQ(b.accesses[1].responded, (2 + 30 + 12 + 10 + 14 + 4 + 3) * ns); // tras, trp
    EXPECT_EQ(b.stats().row_misses, 2u);
}

class dram_refresh : public testing::Test {
  protected:
    static dram_config refreshed()
    {
        dram_config config = plain_dram();
        config.trefi = 1000 * ns;
        return config;
    }
    dram_bench b{refreshed()};
};

TEST_F(dram_refresh, stops_all_banks_while_it_lasts)
{
    const auto &at_once = b.read(at(0, 0), 1000 * ns);
    const auto &other_bank = b.read(at(0, 3), 1050 * ns);
    b.run();
    EXPECT_EQ(at_once.responded, 1100 * ns + miss);
    EXPECT_EQ(other_bank.responded, 1100 * ns + miss + 7 * ns); // trrd
    EXPECT_EQ(b.stats().refreshes, 1u);
}

TEST_F(dram_refresh, closes_rows_first)
{
    b.read(at(0, 0), 500 * ns);
    const auto &same_row = b.read(at(0, 0), 1000 * ns);
    b.run();
    EXPECT_EQ(same_row.responded, (1000 + 12 + 100) * ns + miss);
}

TEST_F(dram_refresh, comes_at_its_time_whether_anybody_notices_or_not)
{
    const auto &in_the_middle = b.read(at(0, 0), 10050 * ns);
    const auto &after = b.read(at(0, 0), 13100 * ns);
    const auto &before = b.read(at(0, 0, 1), 13990 * ns);
    b.run();
    EXPECT_EQ(in_the_middle.responded, 10100 * ns + miss);
    EXPECT_EQ(after.responded, 13100 * ns + miss); // the row is closed
    EXPECT_EQ(before.responded, 13990 * ns + hit);
}

TEST_F(dram_refresh, is_due_again_an_interval_later)
{
    b.read(at(0, 0), 1000 * ns);
    const auto &next = b.read(at(0, 0), 2000 * ns);
    b.run();
    EXPECT_EQ(next.responded, (2000 + 12 + 100) * ns + miss);
    EXPECT_EQ(b.stats().refreshes, 2u);
}

} // namespace
} // namespace test_dram_timing
