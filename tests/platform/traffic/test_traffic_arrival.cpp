// SPDX-License-Identifier: Apache-2.0
// When the accesses of the traffic generator arrive, and how many are outstanding.
#include <algorithm>

#include "traffic_bench.hpp"

namespace test_traffic_arrival {
namespace {

using times_t = std::vector<std::uint64_t>;

class traffic_arrivals : public traffic_bench {};

// --- closed ---

TEST_F(traffic_arrivals, ClosedLoopKeepsAsManyOutstandingAsWanted)
{
    config.outstanding = 3;
    config.count = 9;
    EXPECT_EQ(times(run()),
              (times_t{0, 0, 0, 100 * ns, 100 * ns, 100 * ns, 200 * ns, 200 * ns, 200 * ns}));
    EXPECT_EQ(outstanding, 3u);
}

TEST_F(traffic_arrivals, ClosedLoopOfNOutstandingMakesNAccessesInEachLatency)
{
    config.outstanding = 16;
    latency = [](const traffic_access &) { return 250 * ns; };
    run(250 * 1000 * ns - 1); // 1000 latencies; the last answers come with the end
    EXPECT_EQ(statistic(TRAFFIC_ACCESSES), 16u * 999);
    EXPECT_EQ(statistic(TRAFFIC_LATENCY_MEAN), 250 * ns);
}

TEST_F(traffic_arrivals, ClosedLoopLetsAccessesOvertakeEachOther)
{
    config.outstanding = 2;
    config.count = 4;
    latency = [first = true](const traffic_access &) mutable {
        return std::exchange(first, false) ? 350 * ns : 100 * ns;
    };
    EXPECT_EQ(times(run()), (times_t{0, 0, 100 * ns, 200 * ns}));
}

// --- interval ---

TEST_F(traffic_arrivals, IntervalIsExact)
{
    config.arrival = TRAFFIC_INTERVAL;
    config.interval_ps = 30 * ns + 1;
    config.outstanding = 8;
    config.count = 4;
    now = 7;
    EXPECT_EQ(times(run()), (times_t{7, 30 * ns + 8, 60 * ns + 9, 90 * ns + 10}));
}

TEST_F(traffic_arrivals, AccessThatFindsAllOutstandingWaitsAndItsLatencyCountsFromWhenItWasDue)
{
    config.arrival = TRAFFIC_INTERVAL;
    config.interval_ps = 60 * ns;
    config.count = 3; // due at 0, 60 and 120; issued at 0, 100 and 200
    EXPECT_EQ(times(run()), (times_t{0, 100 * ns, 200 * ns}));
    EXPECT_EQ(statistic(TRAFFIC_LATENCY_SUM), (100 + 140 + 180) * ns);
    EXPECT_EQ(statistic(TRAFFIC_WAITED), (0 + 40 + 80) * ns);
}

TEST_F(traffic_arrivals, GeneratorThatWasLateCatchesUp)
{
    config.arrival = TRAFFIC_INTERVAL;
    config.interval_ps = 60 * ns;
    config.count = 5;
    latency = [first = true](const traffic_access &) mutable {
        return std::exchange(first, false) ? 130 * ns : 10 * ns;
    };
    EXPECT_EQ(times(run()), (times_t{0, 130 * ns, 140 * ns, 180 * ns, 240 * ns}));
}

// --- Poisson ---

TEST_F(traffic_arrivals, PoissonGapsHaveMeanAndVarianceOfTheExponentialDistribution)
{
    config.arrival = TRAFFIC_POISSON;
    config.interval_ps = 1000 * ns;
    config.outstanding = 512;
    config.count = 100000;
    config.seed = 7;
    const auto when = times(run());
    double sum = 0;
    double squares = 0;
    std::uint64_t last = 0;
    for (const std::uint64_t time : when) {
        const double gap = static_cast<double>(time - last) / (1000 * ns);
        sum += gap;
        squares += gap * gap;
        last = time;
    }
    const double mean = sum / 100000;
    const double variance = squares / 100000 - mean * mean;
    EXPECT_NEAR(mean, 1, 0.0127);    // four standard deviations: 4 / sqrt(n)
    EXPECT_NEAR(variance, 1, 0.036); // and of the variance: 4 * sqrt(8 / n)
}

// -ln(u) * 10^6 of the numbers of splitmix64, in double precision: 204410.967, 2207916.318,
// 6418887.549, 3125241.644, 168421.535.
TEST_F(traffic_arrivals, PoissonGapsFollowFromTheSeed)
{
    config.arrival = TRAFFIC_POISSON;
    config.interval_ps = 1000000;
    config.outstanding = 512;
    config.count = 5;
    config.seed = 7;
    EXPECT_EQ(times(run()), (times_t{204411, 204411 + 2207916, 204411 + 2207916 + 6418888,
                                     204411 + 2207916 + 6418888 + 3125242,
                                     204411 + 2207916 + 6418888 + 3125242 + 168422}));
}

// The arrivals of the test before; each access takes longer than they are apart.
TEST_F(traffic_arrivals, PoissonArrivalsDoNotWaitForAnswers)
{
    config.arrival = TRAFFIC_POISSON;
    config.interval_ps = 1000000;
    config.count = 3;
    config.seed = 7;
    latency = [](const traffic_access &) { return 10000000; };
    EXPECT_EQ(times(run()), (times_t{204411, 10204411, 20204411}));
    EXPECT_EQ(statistic(TRAFFIC_WAITED),
              (10204411 - (204411 + 2207916)) + (20204411 - (204411 + 2207916 + 6418888)));
}

TEST_F(traffic_arrivals, PoissonKeepsThePrecisionOfItsLongestInterval)
{
    config.arrival = TRAFFIC_POISSON;
    config.interval_ps = 1000000000000; // 10^6 times that of the test before
    config.count = 1;
    config.seed = 7;
    EXPECT_NEAR(static_cast<double>(run()[0].time), 204410.96698186867e6, 1e5);
}

// On average as many accesses are outstanding as arrive in one latency.
TEST_F(traffic_arrivals, LittlesLawHolds)
{
    config.arrival = TRAFFIC_POISSON;
    config.interval_ps = 20 * ns;
    config.outstanding = 512;
    config.count = 50000;
    std::uint64_t area = 0; // accesses outstanding, over time
    std::uint64_t unit = 0;
    latency = [&](const traffic_access &) {
        const std::uint64_t each = (50 + unit++ % 101) * ns; // 100 ns on average
        area += each;
        return each;
    };
    run();
    const double time = static_cast<double>(statistic(TRAFFIC_LAST) - statistic(TRAFFIC_FIRST));
    const double rate = static_cast<double>(statistic(TRAFFIC_ACCESSES)) / time;
    const double mean = static_cast<double>(statistic(TRAFFIC_LATENCY_SUM)) /
                        static_cast<double>(statistic(TRAFFIC_ACCESSES));
    EXPECT_EQ(statistic(TRAFFIC_WAITED), 0u);
    EXPECT_NEAR(rate * mean, static_cast<double>(area) / time, 1e-9);
    EXPECT_NEAR(rate * mean, 100.0 / 20, 0.1);
}

// --- the end of a run ---

TEST_F(traffic_arrivals, RunWithoutCountGoesOn)
{
    run(100000 * ns);
    EXPECT_EQ(statistic(TRAFFIC_ACCESSES), 1000u);
}

TEST_F(traffic_arrivals, SecondRunIsTheSameAgain)
{
    config.pattern = TRAFFIC_RANDOM;
    config.arrival = TRAFFIC_POISSON;
    config.interval_ps = 10 * ns;
    config.write_percent = 50;
    config.count = 50;
    const auto first = run();
    now = 0;
    const auto second = run();
    EXPECT_EQ(addresses(first), addresses(second));
    EXPECT_EQ(times(first), times(second));
    for (std::size_t i = 0; i < first.size(); i++)
        EXPECT_EQ(first[i].access.write, second[i].access.write);
    EXPECT_EQ(statistic(TRAFFIC_ACCESSES), 50u);
}

TEST_F(traffic_arrivals, RunAfterOneThatWasStoppedBeginsAnew)
{
    config.arrival = TRAFFIC_INTERVAL;
    config.interval_ps = 300 * ns;
    config.count = 2;
    run(200 * ns); // the second access is not due
    traffic_frame.write(core(), 0x08, 4, 2);
    now = 250 * ns;
    EXPECT_EQ(times(run()), (times_t{250 * ns, 550 * ns}));
    EXPECT_EQ(statistic(TRAFFIC_ACCESSES), 2u);
}

} // namespace
} // namespace test_traffic_arrival
