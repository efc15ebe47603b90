// SPDX-License-Identifier: Apache-2.0
// The timing of an interconnect under load, held against queueing theory.
#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "crossbar_bench.hpp"
#include "support/queueing.hpp"
#include "support/random.hpp"

namespace test_crossbar_load {
namespace {

using test::crossbar_bench;
using test::crossing;

constexpr std::uint64_t ns = 1000;

// The downstream port is one server with a constant time.
TEST(crossbar_load, waits_of_random_arrivals_are_those_of_theory)
{
    constexpr std::uint64_t service = 10 * ns;
    constexpr unsigned customers = 100000;
    for (const double rho : {0.3, 0.7}) {
        crossbar_bench b(4, 1);
        b.down(0).period = service;
        support::random_source random(0x4d4431);
        std::uint64_t when = 0;
        for (unsigned i = 0; i < customers; i++)
            b.read(i % 4, 0, 4, when += support::poisson_gap(random, service / rho));
        b.run();
        std::vector<double> waits;
        for (const crossing &c : b.crossings)
            waits.push_back(static_cast<double>(c.granted - c.arrived));
        const support::estimate found = support::estimate_of(waits);
        const double theory = support::wait_of_md1(service, rho);
        EXPECT_NEAR(found.mean, theory, support::within_99_percent * found.error) << rho;
        EXPECT_LT(found.error, theory / 20) << rho; // the bound means something
    }
}

// Three ports with random traffic to two targets, of which one is asked for more than it can do.
class loaded : public testing::Test {
  protected:
    loaded()
    {
        support::random_source random(0x10ad);
        std::uint64_t when = 0;
        for (unsigned i = 0; i < 2; i++) {
            b.down(i).width = 16;
            b.down(i).period = 1 * ns;
            b.down(i).forward = 3 * ns;
            b.down(i).response = 2 * ns;
            b.down(i).arbitration = CROSSBAR_QOS;
            b.targets[i] = {1 * ns, 20 * ns};
        }
        b.down(0).issuing = 16;
        for (unsigned i = 0; i < 3; i++) {
            b.up(i).width = 8;
            b.up(i).period = 1 * ns;
            b.up(i).acceptance = 12;
        }
        for (unsigned i = 0; i < 30000; i++) {
            const auto from = static_cast<unsigned>(random.below(3));
            const unsigned to = random.one_in(4) ? 1 : 0;
            const auto bytes = static_cast<std::uint32_t>(random.between(1, 64));
            b.add(from, to, random.coin(), bytes, when += random.below(3 * ns),
                  static_cast<std::uint8_t>(random.bits(4)));
        }
        b.run();
    }

    crossbar_bench b{3, 2};
};

TEST_F(loaded, every_transaction_gets_through_in_its_order)
{
    std::uint64_t last[3] = {};
    for (const crossing &c : b.crossings) {
        ASSERT_LE(c.arrived, c.granted);
        ASSERT_LT(c.granted, c.delivered);
        ASSERT_LT(c.delivered, c.responded);
        ASSERT_LT(c.responded, c.returned);
        EXPECT_GE(c.granted, last[c.txn.up]);
        last[c.txn.up] = c.granted;
    }
}

// Little's law: as many wait on average as arrive in the time that each waits. So the sum of the
// waits is the number of those who wait, added up over time.
TEST_F(loaded, as_many_wait_as_arrive_in_the_time_of_a_wait)
{
    std::uint64_t waits = 0;
    for (unsigned port = 0; port < 2; port++)
        waits += crossbar_down_stats(b.get(), port)->waiting;
    EXPECT_GT(b.waited, b.now); // there is a queue
    EXPECT_EQ(b.waited, waits);
}

TEST_F(loaded, a_downstream_port_is_as_busy_as_what_went_through_it)
{
    for (unsigned port = 0; port < 2; port++) {
        std::uint64_t busy = 0;
        std::uint64_t waiting = 0;
        for (const crossing &c : b.crossings) {
            if (c.txn.down != port)
                continue;
            busy += (c.txn.write ? (c.txn.bytes + 15) / 16 : 1) * ns;
            waiting += c.granted - c.arrived;
        }
        EXPECT_EQ(crossbar_down_stats(b.get(), port)->busy, busy);
        EXPECT_EQ(crossbar_down_stats(b.get(), port)->waiting, waiting);
    }
}

// A port is never idle while a request could use it.
TEST(crossbar_load, a_port_works_as_long_as_there_is_work)
{
    crossbar_bench b(3, 1);
    b.down(0).width = 16;
    b.down(0).period = 1 * ns;
    b.down(0).forward = 5 * ns;
    support::random_source random(0xb05e);
    std::uint64_t when = 0;
    for (unsigned i = 0; i < 20000; i++)
        b.add(static_cast<unsigned>(random.below(3)), 0, random.coin(),
              static_cast<std::uint32_t>(random.between(1, 128)), when += random.below(4 * ns));
    b.run();

    // The same work in the order of its arrival through one server: the busy periods are the same
    // in whatever order it is done, and so is their end.
    std::uint64_t free = 0;
    std::uint64_t last = 0;
    for (const crossing &c : b.crossings) {
        const std::uint64_t work = (c.txn.write ? (c.txn.bytes + 15) / 16 : 1) * ns;
        free = std::max(free, c.arrived) + work;
        last = std::max(last, c.delivered);
    }
    EXPECT_EQ(last, free + 5 * ns);
}

// Random traffic with every limit at 1 comes to an end.
TEST(crossbar_load, limits_of_one_stop_nobody_for_good)
{
    for (const crossbar_arbitration how : {CROSSBAR_ROUND_ROBIN, CROSSBAR_FIXED, CROSSBAR_QOS}) {
        crossbar_bench b(4, 3);
        support::random_source random(0x0de);
        for (unsigned i = 0; i < 4; i++)
            b.up(i) = {8, 1 * ns, 0, 0, 1, 1, how};
        for (unsigned i = 0; i < 3; i++) {
            b.down(i) = {8, 1 * ns, 2 * ns, 2 * ns, 1, 1, how};
            b.targets[i] = {i * ns, 7 * ns};
        }
        for (unsigned i = 0; i < 4000; i++)
            b.add(static_cast<unsigned>(random.below(4)), static_cast<unsigned>(random.below(3)),
                  random.coin(), 32, random.below(4000 * ns),
                  static_cast<std::uint8_t>(random.bits(4)));
        b.run();
        for (const crossing &c : b.crossings)
            ASSERT_NE(c.returned, 0u);
    }
}

} // namespace
} // namespace test_crossbar_load
