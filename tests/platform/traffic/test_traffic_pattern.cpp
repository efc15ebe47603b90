// SPDX-License-Identifier: Apache-2.0
// Which accesses the patterns of the traffic generator make.
#include <algorithm>
#include <set>

#include "traffic_bench.hpp"

namespace test_traffic_pattern {
namespace {

using addresses_t = std::vector<std::uint64_t>;

class traffic_patterns : public traffic_bench {
  protected:
    traffic_patterns() { config.window_base = 0x1000; }
};

TEST_F(traffic_patterns, SequentialGoesThroughTheWindowAgainAndAgain)
{
    config.window_bytes = 0x100;
    config.count = 6;
    EXPECT_EQ(addresses(run()), (addresses_t{0x1000, 0x1040, 0x1080, 0x10c0, 0x1000, 0x1040}));
}

TEST_F(traffic_patterns, SequentialStaysInAWindowThatEndsAtTheLastAddress)
{
    config.window_base = UINT64_MAX - 0x7f;
    config.window_bytes = 0x80;
    config.count = 3;
    EXPECT_EQ(addresses(run()),
              (addresses_t{UINT64_MAX - 0x7f, UINT64_MAX - 0x3f, UINT64_MAX - 0x7f}));
}

TEST_F(traffic_patterns, StridedGoesOnByAsMuchAsItWentPastTheEnd)
{
    config.pattern = TRAFFIC_STRIDED;
    config.window_bytes = 5 * 64;
    config.stride_bytes = 3 * 64; // places 0 3 1 4 2 0
    config.count = 6;
    EXPECT_EQ(addresses(run()), (addresses_t{0x1000, 0x10c0, 0x1040, 0x1100, 0x1080, 0x1000}));
}

TEST_F(traffic_patterns, StrideMayBeLargerThanTheWindow)
{
    config.pattern = TRAFFIC_STRIDED;
    config.window_bytes = 4 * 64;
    config.stride_bytes = 7 * 64; // places 0 3 2 1
    config.count = 4;
    EXPECT_EQ(addresses(run()), (addresses_t{0x1000, 0x10c0, 0x1080, 0x1040}));
}

// The numbers are of an independent implementation: a seed means the same on every host.
TEST_F(traffic_patterns, RandomFollowsFromTheSeed)
{
    config.pattern = TRAFFIC_RANDOM;
    config.window_bytes = 16 * 64;
    config.seed = 7;
    config.count = 8;
    EXPECT_EQ(addresses(run()),
              (addresses_t{0x1200, 0x1200, 0x1040, 0x1300, 0x1380, 0x1080, 0x1340, 0x1000}));
}

// A remainder would make the first half of such a window twice as likely: numbers past it are left
// out.
TEST_F(traffic_patterns, RandomReachesAllOfAHugeWindowAlike)
{
    config.pattern = TRAFFIC_RANDOM;
    config.window_base = 0;
    config.window_bytes = UINT64_C(3) << 62;
    config.access_bytes = 1;
    config.seed = 7;
    config.count = 4;
    EXPECT_EQ(addresses(run()), (addresses_t{0x9c01479161bc5d78, 0x68bffcd4b372ef48,
                                             0x19f4e3db116503dc, 0x849470edc3492ede}));
}

TEST_F(traffic_patterns, RandomReachesAllOfTheWindowAlike)
{
    config.pattern = TRAFFIC_RANDOM;
    config.window_bytes = 16 * 64;
    config.count = 16000;
    std::map<std::uint64_t, unsigned> hits;
    for (const std::uint64_t address : addresses(run()))
        hits[address]++;
    ASSERT_EQ(hits.size(), 16u);
    for (const auto &[address, count] : hits) {
        EXPECT_EQ(address % 64, 0u);
        EXPECT_NEAR(count, 1000, 120) << address; // four standard deviations of 31
    }
}

TEST_F(traffic_patterns, AddressesDoNotDependOnArrivalsAndDirections)
{
    config.pattern = TRAFFIC_RANDOM;
    config.window_bytes = 16 * 64;
    config.seed = 7;
    config.count = 3;
    config.arrival = TRAFFIC_POISSON;
    config.interval_ps = 1000;
    config.write_percent = 50;
    EXPECT_EQ(addresses(run()), (addresses_t{0x1200, 0x1200, 0x1040}));
}

TEST_F(traffic_patterns, ChaseReadsWhereTheLastDataLeads)
{
    config.pattern = TRAFFIC_CHASE;
    config.outstanding = 8;
    config.count = 4;
    memory = {{0x1000, 0x7712345678}, {0x7712345678, 0x20}, {0x20, 0x1000}};
    const auto all = run();
    EXPECT_EQ(addresses(all), (addresses_t{0x1000, 0x7712345678, 0x20, 0x1000}));
    EXPECT_EQ(times(all), (addresses_t{0, 100 * ns, 200 * ns, 300 * ns}));
    EXPECT_EQ(outstanding, 1u);
}

TEST_F(traffic_patterns, ChaseEndsWithAnAccessThatFails)
{
    config.pattern = TRAFFIC_CHASE;
    memory = {{0x1000, 0x2000}, {0x2000, 0x3000}};
    fails_at = 0x2000;
    EXPECT_EQ(addresses(run()), (addresses_t{0x1000, 0x2000}));
    EXPECT_EQ(statistic(TRAFFIC_ERRORS), 1u);
    EXPECT_EQ(addresses(run()), (addresses_t{0x1000, 0x2000})) << "the next run begins anew";
}

TEST_F(traffic_patterns, ScatterWalksThePiecesThatAreGiven)
{
    config.pattern = TRAFFIC_SCATTER;
    pieces = {{0x1000, 100}, {0x5000, 64}};
    config.count = 4;
    const auto all = run();
    EXPECT_EQ(addresses(all), (addresses_t{0x1000, 0x1040, 0x5000, 0x1000}));
    EXPECT_EQ(all[0].access.bytes, 64u);
    EXPECT_EQ(all[1].access.bytes, 36u);
    EXPECT_EQ(all[2].access.bytes, 64u);
}

TEST_F(traffic_patterns, ScatterMakesUpPiecesOfTheWindow)
{
    config.pattern = TRAFFIC_SCATTER;
    config.window_bytes = 16 * 256;
    config.scatter_pieces = 3;
    config.scatter_bytes = 256;
    config.count = 24;
    const auto list = addresses(run());
    std::set<std::uint64_t> places;
    for (std::size_t i = 0; i < 12; i++) {
        EXPECT_EQ(list[i], list[i / 4 * 4] + i % 4 * 64) << "a piece is read in ascending order";
        EXPECT_EQ(list[i], list[i + 12]) << "the list is the same each time";
        places.insert(list[i] - i % 4 * 64);
    }
    for (const std::uint64_t place : places) {
        EXPECT_EQ((place - 0x1000) % 256, 0u);
        EXPECT_LT(place - 0x1000, 16u * 256);
    }
}

// Places 13, 9 and 11 of 16, by an independent implementation.
TEST_F(traffic_patterns, PiecesFollowFromTheSeed)
{
    config.pattern = TRAFFIC_SCATTER;
    config.window_bytes = 16 * 64;
    config.scatter_pieces = 3;
    config.scatter_bytes = 64;
    config.seed = 7;
    config.count = 3;
    EXPECT_EQ(addresses(run()), (addresses_t{0x1340, 0x1240, 0x12c0}));
}

TEST_F(traffic_patterns, ReplayMakesTheAccessesOfTheTrace)
{
    config.pattern = TRAFFIC_REPLAY;
    config.arrival = TRAFFIC_RECORDED;
    config.outstanding = 4;
    records = {{5 * ns, 0x1004, 4, false, 0x10, VP_NO_SSID},
               {5 * ns, 0x2000, 4096, true, 0x11, 7},
               {90 * ns, 0x3000, 1, false, 0xffffffff, 0}};
    now = 1000 * ns;
    const auto all = run();
    ASSERT_EQ(all.size(), records.size());
    for (std::size_t i = 0; i < all.size(); i++) {
        EXPECT_EQ(all[i].time, 1000 * ns + records[i].time);
        EXPECT_EQ(all[i].access.addr, records[i].addr);
        EXPECT_EQ(all[i].access.bytes, records[i].bytes);
        EXPECT_EQ(all[i].access.write, records[i].write);
        EXPECT_EQ(all[i].access.sid, records[i].sid);
        EXPECT_EQ(all[i].access.ssid, records[i].ssid);
    }
}

TEST_F(traffic_patterns, ReplayMayGoAsFastAsPossible)
{
    config.pattern = TRAFFIC_REPLAY;
    records = {{5 * ns, 0x1000, 4, false, 0, 0}, {900 * ns, 0x2000, 4, false, 0, 0}};
    EXPECT_EQ(times(run()), (addresses_t{0, 100 * ns}));
}

// --- what all patterns share ---

TEST_F(traffic_patterns, WritesAreAsManyAsWanted)
{
    for (const auto &[percent, least, most] :
         {std::tuple{0u, 0, 0}, {100u, 10000, 10000}, {25u, 2330, 2670}}) {
        SCOPED_TRACE(percent);
        traffic_config all = config;
        all.write_percent = percent;
        all.count = 10000;
        all.sids = sids.data();
        all.sid_count = 1;
        const traffic_ops none = {};
        const std::unique_ptr<traffic, void (*)(traffic *)> core(traffic_create(&all, &none),
                                                                 traffic_destroy);
        traffic_start(core.get());
        traffic_access access;
        std::uint64_t when = 0;
        int writes = 0;
        while (traffic_next(core.get(), 0, &access, &when) == TRAFFIC_ISSUE) {
            writes += access.write;
            traffic_complete(core.get(), access.slot, 0, true, nullptr);
        }
        EXPECT_GE(writes, least);
        EXPECT_LE(writes, most);
    }
}

// By the same implementation.
TEST_F(traffic_patterns, DirectionsFollowFromTheSeed)
{
    config.write_percent = 50;
    config.seed = 7;
    config.count = 12;
    std::vector<bool> writes;
    for (const issued &each : run())
        writes.push_back(each.access.write);
    EXPECT_EQ(writes, (std::vector<bool>{false, true, true, false, true, false, true, false, true,
                                         false, false, false}));
}

TEST_F(traffic_patterns, StreamsTakeTurnsThenSubstreams)
{
    sids = {0x10, 0x20};
    config.streams = 2;
    config.ssid_first = 5;
    config.ssid_count = 2;
    config.count = 9;
    std::vector<std::pair<unsigned, unsigned>> seen;
    for (const issued &each : run())
        seen.emplace_back(each.access.sid, each.access.ssid);
    EXPECT_EQ(seen, (std::vector<std::pair<unsigned, unsigned>>{{0x10, 5},
                                                                {0x11, 5},
                                                                {0x20, 5},
                                                                {0x21, 5},
                                                                {0x10, 6},
                                                                {0x11, 6},
                                                                {0x20, 6},
                                                                {0x21, 6},
                                                                {0x10, 5}}));
}

TEST_F(traffic_patterns, WithoutSubstreamsAccessesHaveNone)
{
    config.count = 1;
    EXPECT_EQ(run()[0].access.ssid, VP_NO_SSID);
}

TEST_F(traffic_patterns, OneIdIsForAll)
{
    config.outstanding = 3;
    config.id_first = 9;
    config.count = 6;
    for (const issued &each : run())
        EXPECT_EQ(each.access.id, 9u);
}

TEST_F(traffic_patterns, EachSlotMayHaveAnIdOfItsOwn)
{
    config.ids = TRAFFIC_SLOT;
    config.outstanding = 3;
    config.id_first = 9;
    config.count = 3;
    std::vector<std::uint32_t> seen;
    for (const issued &each : run())
        seen.push_back(each.access.id);
    EXPECT_EQ(seen, (std::vector<std::uint32_t>{9, 10, 11}));
}

TEST_F(traffic_patterns, AccessesHaveTheQualityOfServiceAndCountUpInWhatTheyWrite)
{
    config.qos = 15;
    config.count = 3;
    const auto all = run();
    EXPECT_EQ(all[2].access.qos, 15u);
    EXPECT_EQ(all[0].access.fill, 0u);
    EXPECT_EQ(all[2].access.fill, 2u);
}

} // namespace
} // namespace test_traffic_pattern
