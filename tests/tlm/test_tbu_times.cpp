// SPDX-License-Identifier: Apache-2.0
// What a transaction takes in a TBU and its TCU, to the picosecond. Every expected time is a sum of
// the parameters that the test has set.
#include <gtest/gtest.h>

#include "at_bench.hpp"

namespace tlm_test::test_tbu_times {

namespace {

constexpr unsigned memory_ns = at_bench::memory_ns;

constexpr unsigned tbu_ns = 1 + 2 + 3;          // a beat, the look-up, the way out
constexpr unsigned tcu_ns = 2 * 20 + 2 * 5 + 7; // the link, STE and CD, TLB
constexpr unsigned fetch_ns = 13 + memory_ns;

smmu_config without_micro_tlb()
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = 0;
    return cfg;
}

smmu_config walking(bool cached_tables)
{
    smmu_config cfg = without_micro_tlb();
    cfg.tlb.sets = 0;
    if (!cached_tables)
        cfg.walk_s1.sets = 0;
    return cfg;
}

TEST(tbu_times, micro_tlb_hit)
{
    at_bench t(hand_times());
    t.run([&] {
        t.warm(0, 1);
        EXPECT_EQ(t.time_of_read(0), nanoseconds(tbu_ns + memory_ns));
    });
}

TEST(tbu_times, main_tlb_hit)
{
    at_bench t(hand_times(), without_micro_tlb());
    t.run([&] {
        t.warm(0, 1);
        EXPECT_EQ(t.time_of_read(0), nanoseconds(tbu_ns + tcu_ns + memory_ns));
    });
}

TEST(tbu_times, walk_from_the_last_table)
{
    at_bench t(hand_times(), walking(true));
    t.run([&] {
        t.warm(0, 1);
        // Without a main TLB there is no look-up in it.
        EXPECT_EQ(t.time_of_read(0), nanoseconds(tbu_ns + tcu_ns - 7 + 11 + fetch_ns + memory_ns));
    });
}

TEST(tbu_times, walk_of_four_levels)
{
    at_bench t(hand_times(), walking(false));
    t.run([&] {
        t.warm(0, 1);
        EXPECT_EQ(t.time_of_read(0), nanoseconds(tbu_ns + tcu_ns - 7 + 4 * fetch_ns + memory_ns));
    });
}

TEST(tbu_times, nothing_cached)
{
    at_bench t(hand_times());
    t.run([&] {
        // STE, CD and four descriptors.
        EXPECT_EQ(t.time_of_read(0), nanoseconds(tbu_ns + tcu_ns + 11 + 6 * fetch_ns + memory_ns));
    });
}

TEST(tbu_times, request_is_accepted_when_its_beats_have_entered)
{
    at_bench t(hand_times());
    t.run([&] {
        t.warm(0, 1);
        std::vector<at_transfer> one = {at_bench::write(0, 0, 64)};
        t.send(one);
        EXPECT_EQ(one[0].end_req - one[0].begin_req, nanoseconds(8));
        EXPECT_EQ(one[0].begin_resp - one[0].begin_req,
                  nanoseconds(8 + 2 + /* a write is another access */ tcu_ns + 3 + memory_ns));
    });
}

TEST(tbu_times, read_data_leaves_beat_by_beat)
{
    at_bench t(hand_times());
    t.run([&] {
        t.warm(0, 1);
        std::vector<at_transfer> two = {at_bench::read(0, 0, 64), at_bench::read(0, 64, 64)};
        t.send(two);
        EXPECT_EQ(two[1].end_req - two[0].end_req, nanoseconds(1)); // requests have one
        EXPECT_EQ(two[1].begin_resp - two[0].begin_resp, nanoseconds(8));
    });
}

TEST(tbu_times, write_data_goes_downstream_beat_by_beat)
{
    smmu::timing times = approximate_times();
    times.tbu_cycle = nanoseconds(1);
    times.tbu_beat_bytes = 8;
    at_bench t(times);
    t.run([&] {
        t.time(at_bench::write(0));
        std::vector<at_transfer> three = {at_bench::write(0, 0, 64), at_bench::write(0, 64, 64),
                                          at_bench::read(1)};
        t.send(three);
        EXPECT_EQ(three[0].begin_resp - three[0].begin_req, nanoseconds(8 + memory_ns));
        EXPECT_EQ(three[1].begin_resp - three[0].begin_resp, nanoseconds(8));
    });
}

TEST(tbu_times, each_piece_is_looked_up_and_issued)
{
    at_bench t(hand_times());
    t.run([&] {
        t.warm(0, 2);
        EXPECT_EQ(t.time(at_bench::read(0, 0xffc, 8)),
                  nanoseconds(tbu_ns + memory_ns + 2 + 3 + memory_ns));
    });
}

smmu::timing beats_of_8_bytes()
{
    smmu::timing times = approximate_times();
    times.tbu_cycle = nanoseconds(1);
    times.tbu_beat_bytes = 8;
    return times;
}

TEST(tbu_times, a_piece_goes_downstream_in_its_own_beats)
{
    at_bench t(beats_of_8_bytes());
    t.run([&] {
        t.warm(0, 1);
        t.time(at_bench::write(0, 0xfe0, 64));
        std::vector<at_transfer> two = {at_bench::write(0, 0xfe0, 64), at_bench::read(0)};
        t.send(two);
        // The first piece leaves in the four after the eight that have entered.
        EXPECT_EQ(two[1].begin_resp - two[0].begin_req, nanoseconds(8 + 4 + memory_ns));
    });
}

TEST(tbu_times, a_read_goes_downstream_in_one_beat)
{
    at_bench t(beats_of_8_bytes());
    t.run([&] {
        t.warm(0, 1);
        std::vector<sc_core::sc_time> arrivals;
        t.b.memory.before = [&arrivals](std::uint64_t) { arrivals.push_back(now()); };
        std::vector<at_transfer> two = {at_bench::read(0, 0, 64), at_bench::read(0, 64, 64)};
        t.send(two);
        ASSERT_EQ(arrivals.size(), 2u);
        EXPECT_EQ(arrivals[1] - arrivals[0], nanoseconds(1));
    });
}

TEST(tbu_times, a_write_is_answered_in_one_beat)
{
    at_bench t(beats_of_8_bytes());
    t.run([&] {
        t.warm(0, 1);
        t.time(at_bench::write(1));
        t.b.memory.before = [](std::uint64_t address) {
            if (address == bench::data + 0x1000)
                sc_core::wait(nanoseconds(7));
        };
        std::vector<at_transfer> two = {at_bench::write(1, 0, 64), at_bench::read(0)};
        t.send(two);
        // The read follows the eight beats of the write, whose answer comes a beat before.
        EXPECT_EQ(two[0].begin_resp - two[0].begin_req, nanoseconds(8 + 7 + memory_ns));
        EXPECT_EQ(two[1].begin_resp - two[0].begin_req, nanoseconds(8 + 8 + memory_ns));
    });
}

TEST(tbu_times, an_error_is_answered_in_one_beat)
{
    at_bench t(beats_of_8_bytes());
    t.run([&] {
        std::vector<at_transfer> two(2, at_bench::read(0, 0, 64));
        two[0].attributes.sec = two[1].attributes.sec = SMMU_SEC_S; // there is none
        t.send(two);
        EXPECT_EQ(two[0].status, tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(two[1].begin_resp - two[0].begin_resp, nanoseconds(1));
    });
}

TEST(tbu_times, ordinary_latencies_are_those_of_loosely_timed_models)
{
    smmu::timing times = hand_times();
    times.mode = smmu::timing_mode::loosely_timed;
    bench b("bench", times);
    stream s(b, 1);
    s.map(at_bench::va, bench::data);
    s.map(at_bench::va + 0x1000, bench::data + 0x1000);
    b.run([&] {
        b.bring_up();
        b.memory.latency = nanoseconds(memory_ns);
        const auto time_of_read = [&](std::uint64_t offset) {
            std::uint64_t value = 0;
            const sc_core::sc_time start = now();
            EXPECT_EQ(b.device().read64(1, at_bench::va + offset, value), tlm::TLM_OK_RESPONSE);
            return now() - start;
        };
        EXPECT_EQ(time_of_read(0), nanoseconds(tbu_ns + tcu_ns + 11 + 6 * fetch_ns + memory_ns));
        EXPECT_EQ(time_of_read(0), nanoseconds(tbu_ns + memory_ns));
        time_of_read(0x1000);
        EXPECT_EQ(time_of_read(0xffc), nanoseconds(tbu_ns + memory_ns + 2 + 3 + memory_ns));
    });
}

} // namespace

} // namespace tlm_test::test_tbu_times
