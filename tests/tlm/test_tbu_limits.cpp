// SPDX-License-Identifier: Apache-2.0
// What limits how many transactions a TBU and its TCU work at: the time of 64 at once follows from
// the limit and from what each takes.
#include <gtest/gtest.h>

#include "at_bench.hpp"

namespace tlm_test::test_tbu_limits {

namespace {

constexpr unsigned memory_ns = at_bench::memory_ns;
constexpr unsigned count = at_bench::pages;

// Each access misses: STE, CD and all tables but the last are cached, the page is not.
smmu_config missing()
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = 0;
    cfg.tlb.sets = 0;
    return cfg;
}

// From the first BEGIN_REQ to the last BEGIN_RESP of a read of each page.
sc_core::sc_time time_of_all(at_bench &t)
{
    std::vector<at_transfer> transfers;
    for (unsigned page = 0; page < count; page++)
        transfers.push_back(at_bench::read(page));
    t.send(transfers);
    sc_core::sc_time last;
    for (const at_transfer &each : transfers) {
        EXPECT_EQ(each.status, tlm::TLM_OK_RESPONSE);
        last = std::max(last, each.begin_resp);
    }
    return last - transfers[0].begin_req;
}

struct limit {
    const char *name;
    unsigned smmu::timing::*value;
};

std::ostream &operator<<(std::ostream &out, const limit &of)
{
    return out << of.name;
}

class translating : public testing::TestWithParam<std::tuple<limit, unsigned>> {};

// A slot is held while the page's descriptor is fetched; the data of the last follow.
TEST_P(translating, misses_take_as_many_rounds_as_the_limit_makes)
{
    const auto &[which, number] = GetParam();
    smmu::timing times = approximate_times();
    times.*which.value = number;
    const unsigned rounds = number ? count / number : 1;
    at_bench t(times, missing());
    t.run([&] {
        t.warm(0, 1);
        EXPECT_EQ(time_of_all(t), nanoseconds(rounds * memory_ns + memory_ns));
    });
}

INSTANTIATE_TEST_SUITE_P(
    limits, translating,
    testing::Combine(testing::Values(limit{"tbu_slots", &smmu::timing::tbu_slots},
                                     limit{"link_tokens", &smmu::timing::link_tokens},
                                     limit{"tcu_slots", &smmu::timing::tcu_slots},
                                     limit{"table_walks", &smmu::timing::table_walks}),
                     testing::Values(0u, 1u, 2u, 4u, 8u, 16u, 64u)),
    [](const auto &info) {
        return std::string(std::get<0>(info.param).name) + "_" +
               std::to_string(std::get<1>(info.param));
    });

smmu::timing one_slot()
{
    smmu::timing times = approximate_times();
    times.tbu_slots = 1;
    return times;
}

TEST(tbu_limits, a_slot_is_kept_until_the_last_piece_has_been_accepted)
{
    at_bench t(one_slot());
    t.run([&] {
        t.warm(0, 3);
        std::vector<at_transfer> transfers = {at_bench::read(0, 0xff8, 16), at_bench::read(2)};
        t.send(transfers);
        EXPECT_EQ(transfers[1].end_req - transfers[0].begin_req, nanoseconds(memory_ns));
    });
}

TEST(tbu_limits, a_slot_is_free_when_what_had_it_is_terminated)
{
    at_bench t(one_slot());
    t.run([&] {
        std::vector<at_transfer> transfers(2, at_bench::read(0));
        for (at_transfer &each : transfers)
            each.address += 0x1000'0000; // no table
        t.send(transfers);
        EXPECT_EQ(transfers[1].end_req, transfers[0].begin_resp);
    });
}

// The second is on the link meanwhile, and waits for no more than the walk of the first.
TEST(tbu_limits, a_slot_of_the_tcu_is_not_held_on_the_link)
{
    smmu::timing times = approximate_times();
    times.tcu_slots = 1;
    times.link = nanoseconds(20);
    at_bench t(times, missing());
    t.run([&] {
        t.warm(0, 1);
        std::vector<at_transfer> two = {at_bench::read(0), at_bench::read(1)};
        t.send(two);
        EXPECT_EQ(two[1].begin_resp - two[0].begin_req,
                  nanoseconds(20 + 2 * memory_ns + 20 + memory_ns));
    });
}

// Two of one stream, one of which waits for the other, and one of another stream.
TEST(tbu_limits, what_waits_for_another_context_walk_is_none)
{
    smmu::timing times = approximate_times();
    times.context_walks = 2;
    times.walk_merging = 1;
    at_bench t(times);
    stream other(t.b, 2, 2);
    other.map(at_bench::va, bench::data);
    t.run([&] {
        std::vector<at_transfer> three = {at_bench::read(0), at_bench::read(1), at_bench::read(0)};
        for (std::uint32_t id = 0; id < 3; id++)
            three[id].attributes.id = id;
        three[2].attributes.sid = 2;
        t.send(three);
        EXPECT_EQ(three[2].begin_resp - three[2].begin_req,
                  nanoseconds(6 * memory_ns + memory_ns)); // STE, CD, four descriptors
    });
}

TEST(tbu_limits, context_walks_of_several_streams)
{
    smmu::timing times = approximate_times();
    times.context_walks = 1;
    at_bench t(times);
    std::vector<std::unique_ptr<stream>> streams;
    for (std::uint32_t sid = 2; sid < 6; sid++) {
        streams.push_back(std::make_unique<stream>(t.b, sid, sid));
        streams.back()->map(at_bench::va, bench::data);
    }
    t.run([&] {
        std::vector<at_transfer> transfers(4, at_bench::read(0));
        for (std::uint32_t i = 0; i < 4; i++)
            transfers[i].attributes.sid = i + 2;
        t.send(transfers);
        // Four STEs, then four CDs one after the other; each walks when it has its CD.
        for (unsigned i = 0; i < 4; i++)
            EXPECT_EQ(transfers[i].begin_resp - transfers[0].begin_req,
                      nanoseconds((4 + i + 1) * memory_ns + 4 * memory_ns + memory_ns));
    });
}

TEST(tbu_limits, requests_leave_the_tbu_at_the_rate_of_the_link)
{
    smmu::timing times = approximate_times();
    times.link_cycle = nanoseconds(10);
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = 0;
    at_bench t(times, cfg);
    t.run([&] {
        t.warm(0, count);
        EXPECT_EQ(time_of_all(t), nanoseconds((count - 1) * 10 + memory_ns));
    });
}

TEST(tbu_limits, look_ups_come_at_the_rate_of_the_cache)
{
    smmu::timing times = approximate_times();
    times.tlb_cycle = nanoseconds(4);
    times.tlb_lookup = nanoseconds(9);
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = 0;
    at_bench t(times, cfg);
    t.run([&] {
        t.warm(0, count);
        EXPECT_EQ(time_of_all(t), nanoseconds((count - 1) * 4 + 9 + memory_ns));
    });
}

TEST(tbu_limits, outstanding_reads)
{
    smmu::timing times = approximate_times();
    times.tbu_reads = 4;
    constexpr unsigned rounds = count / 4;
    at_bench t(times);
    t.run([&] {
        t.warm(0, 1);
        std::vector<at_transfer> transfers(count, at_bench::read(0));
        t.send(transfers);
        EXPECT_EQ(transfers.back().begin_resp - transfers[0].begin_req,
                  nanoseconds(rounds * memory_ns));
    });
}

TEST(tbu_limits, outstanding_writes_do_not_hold_reads_up)
{
    smmu::timing times = approximate_times();
    times.tbu_writes = 1;
    at_bench t(times);
    t.run([&] {
        t.warm(0, 1);
        t.time(at_bench::write(0));
        std::vector<at_transfer> transfers = {at_bench::write(0), at_bench::write(0),
                                              at_bench::read(0)};
        t.send(transfers);
        const sc_core::sc_time start = transfers[0].begin_req;
        EXPECT_EQ(transfers[0].begin_resp - start, nanoseconds(memory_ns));
        EXPECT_EQ(transfers[1].begin_resp - start, nanoseconds(2 * memory_ns));
        EXPECT_EQ(transfers[2].begin_resp - start, nanoseconds(memory_ns));
    });
}

// Beats leave the buffer when their request has been accepted downstream.
TEST(tbu_limits, write_data_waits_for_room)
{
    smmu::timing times = approximate_times();
    times.tbu_beat_bytes = 8;
    times.tbu_write_beats = 4;
    at_bench t(times, missing());
    t.run([&] {
        t.warm(0, 1);
        std::vector<at_transfer> transfers = {at_bench::write(1, 0, 16), at_bench::write(2, 0, 16),
                                              at_bench::write(3, 0, 8), at_bench::write(4, 0, 64)};
        t.send(transfers);
        const sc_core::sc_time start = transfers[0].begin_req;
        EXPECT_EQ(transfers[1].end_req, start);
        EXPECT_EQ(transfers[2].end_req - start, nanoseconds(memory_ns));     // one descriptor later
        EXPECT_EQ(transfers[3].end_req - start, nanoseconds(2 * memory_ns)); // has it alone
    });
}

TEST(tbu_limits, all_that_there_is_room_for_enter_together)
{
    smmu::timing times = approximate_times();
    times.tbu_beat_bytes = 8;
    times.tbu_write_beats = 2;
    bench b("bench", times, 1, missing());
    stream s(b, 1);
    s.map(at_bench::va, bench::data);
    sc_core::sc_time done[3];
    const auto write = [&](unsigned i, unsigned length) {
        sc_core::sc_spawn([&b, &done, i, length] {
            transfer t = write_of(at_bench::va, std::vector<unsigned char>(length));
            EXPECT_EQ(b.device().send(t.of_stream(1)), tlm::TLM_OK_RESPONSE);
            done[i] = now();
        });
    };
    b.run([&] {
        b.bring_up();
        EXPECT_EQ(b.device().write64(1, at_bench::va, 0), tlm::TLM_OK_RESPONSE);
        b.memory.latency = nanoseconds(memory_ns);
        const sc_core::sc_time start = now();
        write(0, 16);
        write(1, 8);
        write(2, 8);
        sc_core::wait(nanoseconds(1000));
        EXPECT_EQ(done[0] - start, nanoseconds(2 * memory_ns));
        EXPECT_EQ(done[1] - start, nanoseconds(3 * memory_ns));
        EXPECT_EQ(done[2] - start, nanoseconds(3 * memory_ns));
    });
}

} // namespace

} // namespace tlm_test::test_tbu_limits
