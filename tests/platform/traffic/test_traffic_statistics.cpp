// SPDX-License-Identifier: Apache-2.0
// What the traffic generator counts, and what it makes of that.
#include <utility>

#include "traffic_bench.hpp"

namespace test_traffic_statistics {
namespace {

class traffic_statistics : public traffic_bench {
  protected:
    // The latency of each access.
    void latencies(std::vector<std::uint64_t> list)
    {
        config.count = list.size();
        latency = [list = std::move(list), i = std::size_t{0}](const traffic_access &) mutable {
            return list[i++];
        };
    }
};

TEST_F(traffic_statistics, ConstantLatencyIsEveryPercentile)
{
    config.count = 100;
    latency = [](const traffic_access &) { return 123457; };
    run();
    for (const auto which :
         {TRAFFIC_LATENCY_MIN, TRAFFIC_LATENCY_MEAN, TRAFFIC_LATENCY_MAX, TRAFFIC_LATENCY_P50,
          TRAFFIC_LATENCY_P90, TRAFFIC_LATENCY_P99, TRAFFIC_LATENCY_P99_9})
        EXPECT_EQ(statistic(which), 123457u) << traffic_statistic_name(which);
    EXPECT_EQ(statistic(TRAFFIC_LATENCY_SUM), 12345700u);
}

TEST_F(traffic_statistics, PercentileIsWhatThatManyDidNotExceed)
{
    std::vector<std::uint64_t> list;
    for (unsigned i = 0; i < 1000; i++)
        list.push_back(i < 900 ? 2 : i < 990 ? 5 : i < 999 ? 9 : 15);
    latencies(list);
    run();
    EXPECT_EQ(statistic(TRAFFIC_LATENCY_P50), 2u);
    EXPECT_EQ(statistic(TRAFFIC_LATENCY_P90), 2u) << "900 of 1000";
    EXPECT_EQ(statistic(TRAFFIC_LATENCY_P99), 5u) << "990 of 1000";
    EXPECT_EQ(statistic(TRAFFIC_LATENCY_P99_9), 9u) << "999 of 1000";
    EXPECT_EQ(statistic(TRAFFIC_LATENCY_MAX), 15u);
}

TEST_F(traffic_statistics, OneAccessMoreIsOneStepFurther)
{
    std::vector<std::uint64_t> list(9, 2);
    list.resize(11, 7);
    latencies(list); // 9 of 11 are fewer than 90 %
    run();
    EXPECT_EQ(statistic(TRAFFIC_LATENCY_P90), 7u);
}

// Buckets have a sixteenth of their values at most, and a percentile is the longest latency of one.
TEST_F(traffic_statistics, PercentileIsAtMostASixteenthTooLong)
{
    for (std::uint64_t exact = 1; exact < std::uint64_t{1} << 40; exact += exact / 7 + 1) {
        latencies({exact, exact, UINT64_C(1) << 45});
        run();
        const std::uint64_t found = statistic(TRAFFIC_LATENCY_P50);
        EXPECT_GE(found, exact);
        EXPECT_LE(found - exact, exact / 16) << exact;
    }
}

TEST_F(traffic_statistics, ShortestLatencyMayBeNone)
{
    latencies({0, 5, 3});
    run();
    EXPECT_EQ(statistic(TRAFFIC_LATENCY_MIN), 0u);
    EXPECT_EQ(statistic(TRAFFIC_LATENCY_MAX), 5u);
}

TEST_F(traffic_statistics, WritesErrorsAndBytesAreCounted)
{
    config.count = 4;
    config.write_percent = 100;
    fails_at = 0x40;
    run();
    EXPECT_EQ(statistic(TRAFFIC_ACCESSES), 4u);
    EXPECT_EQ(statistic(TRAFFIC_WRITES), 4u);
    EXPECT_EQ(statistic(TRAFFIC_ERRORS), 1u);
    EXPECT_EQ(statistic(TRAFFIC_BYTES), 3u * 64);
}

// 3 latencies of 100 ns for 6 accesses of 64 bytes: 384 / 300 ns = 1280 * 10^6 / s.
TEST_F(traffic_statistics, BandwidthIsFromTheFirstAccessToTheLastAnswer)
{
    config.outstanding = 2;
    config.count = 6;
    now = 5000 * ns;
    run();
    EXPECT_EQ(statistic(TRAFFIC_FIRST), 5000 * ns);
    EXPECT_EQ(statistic(TRAFFIC_LAST), 5300 * ns);
    EXPECT_EQ(statistic(TRAFFIC_BANDWIDTH), 1280u);
}

TEST_F(traffic_statistics, NothingIsZero)
{
    core();
    for (unsigned i = 0; i < TRAFFIC_STATISTICS; i++)
        EXPECT_EQ(statistic(static_cast<enum traffic_statistic>(i)), 0u);
}

TEST_F(traffic_statistics, AnswersInNoTimeHaveNoBandwidth)
{
    config.count = 4;
    latency = [](const traffic_access &) { return 0; };
    run();
    EXPECT_EQ(statistic(TRAFFIC_BANDWIDTH), 0u);
}

} // namespace
} // namespace test_traffic_statistics
