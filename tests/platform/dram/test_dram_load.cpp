// SPDX-License-Identifier: Apache-2.0
// A DRAM under load: what it can move, and how long accesses wait.
#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "dram_bench.hpp"
#include "support/queueing.hpp"
#include "support/random.hpp"

namespace test_dram_load {
namespace {

using namespace test;

// All accesses are to an open row, so that the data bus is a server with a constant time.
TEST(dram_load, waits_of_random_arrivals_are_those_of_theory)
{
    for (const double rho : {0.3, 0.7}) {
        dram_config config = plain_dram();
        config.queue = 1024;
        dram_bench b(config);
        support::random_source random(0xd3a);
        std::uint64_t when = 0;
        b.read(at(0, 0)); // opens the row
        for (unsigned i = 0; i < 100000; i++)
            b.read(at(0, 0, i % 4), when += support::poisson_gap(random, 4. * ns / rho));
        b.run();
        std::vector<double> waits;
        for (const auto &a : b.accesses)
            waits.push_back(static_cast<double>(a.responded - a.arrived - (2 + 14 + 4 + 3) * ns));
        const support::estimate found = support::estimate_of(waits);
        const double theory = support::wait_of_md1(4. * ns, rho);
        EXPECT_NEAR(found.mean, theory, support::within_99_percent * found.error) << rho;
        EXPECT_LT(found.error, theory / 20) << rho;
    }
}

// The share of the data bus that reads in this order use, with refresh if the preset has it.
double share_of(const dram_config &config, const std::function<std::uint64_t(unsigned)> &address)
{
    constexpr unsigned bursts = 20000;
    dram_bench b(config, 64 << 20);
    for (unsigned i = 0; i < bursts; i++)
        b.read(address(i));
    b.run();
    return static_cast<double>(bursts * config.tccd) /
           static_cast<double>(b.accesses.back().responded);
}

std::uint64_t in_order(unsigned i)
{
    return i * 64;
}

TEST(dram_load, reads_in_order_use_all_of_the_bus_but_what_refresh_takes)
{
    for (int preset = 0; preset < DRAM_PRESET_COUNT; preset++) {
        dram_config config = {};
        dram_config_preset(&config, static_cast<dram_preset>(preset));
        const double refresh = static_cast<double>(config.trfc) / static_cast<double>(config.trefi);
        EXPECT_NEAR(share_of(config, in_order), 1 - refresh, 0.02) << preset;
    }
}

// Each read opens a row: four in each window of tfaw.
TEST(dram_load, reads_of_random_rows_are_limited_by_how_fast_rows_can_be_opened)
{
    dram_config config = {};
    dram_config_preset(&config, DRAM_DDR4_2400);
    config.trefi = 0;
    support::random_source random(0xfa11);
    const double share =
        share_of(config, [&](unsigned) { return random.below(1 << 20) * 64 % (64 << 20); });
    const double limit = 4. * static_cast<double>(config.tccd) / static_cast<double>(config.tfaw);
    EXPECT_LT(share, limit * 1.02); // some find their row open
    EXPECT_GT(share, limit * 0.9);
}

// As much as is in queues, times how long it is there, is what the bursts wait (Little's law).
TEST(dram_load, as_many_wait_as_arrive_in_the_time_of_a_wait)
{
    dram_bench b(plain_dram());
    support::random_source random(0x117713);
    std::uint64_t when = 0;
    for (unsigned i = 0; i < 20000; i++)
        b.read(at(static_cast<unsigned>(random.below(3)), static_cast<unsigned>(random.below(8))),
               when += random.below(16 * ns));
    b.run();
    std::vector<std::pair<std::uint64_t, int>> changes;
    for (const auto &a : b.accesses) {
        changes.emplace_back(a.accepted, 1);
        changes.emplace_back(a.responded - 5 * ns, -1); // when its data are there
    }
    std::sort(changes.begin(), changes.end());
    std::uint64_t area = 0;
    std::int64_t inside = 0;
    for (std::size_t i = 0; i + 1 < changes.size(); i++) {
        inside += changes[i].second;
        area += static_cast<std::uint64_t>(inside) * (changes[i + 1].first - changes[i].first);
        ASSERT_LE(inside, 16); // the depth of the queue
    }
    EXPECT_EQ(b.stats().waiting, area);
}

struct shape {
    const char *name;
    std::uint32_t channels, banks, queue, passes;
    dram_policy policy;
};

class dram_traffic : public testing::TestWithParam<shape> {};

// Random traffic comes to its end, and responses keep to their order.
TEST_P(dram_traffic, ends_and_keeps_to_the_order_of_ids)
{
    dram_config config = plain_dram();
    config.channels = GetParam().channels;
    config.banks = GetParam().banks;
    config.queue = GetParam().queue;
    config.passes = GetParam().passes;
    config.policy = GetParam().policy;
    config.trefi = 900 * ns;
    dram_bench b(config);
    support::random_source random(0x7aff1c);
    std::uint64_t when = 0;
    for (unsigned i = 0; i < 5000; i++) {
        auto &a = b.add(random.coin(), random.below((1 << 20) - 4096),
                        static_cast<std::uint32_t>(random.below(random.one_in(8) ? 4096 : 128)),
                        when += random.below(40 * ns));
        a.txn.ordered = random.coin();
        a.txn.id = static_cast<std::uint32_t>(random.below(4));
    }
    b.run();
    std::uint64_t accepted = 0;
    std::map<std::pair<std::uint32_t, bool>, std::uint64_t> last;
    for (const auto &a : b.accesses) {
        ASSERT_NE(a.responded, 0u);
        ASSERT_GE(a.accepted, std::max(accepted, a.arrived));
        accepted = a.accepted;
        if (!a.txn.ordered)
            continue;
        auto &before = last[{a.txn.id, a.txn.write}];
        EXPECT_GE(a.responded, before);
        before = a.responded;
    }
}

INSTANTIATE_TEST_SUITE_P(dram, dram_traffic,
                         testing::Values(shape{"one_of_each", 1, 1, 1, 1, DRAM_OPEN},
                                         shape{"one_of_each_closed", 1, 1, 1, 1, DRAM_CLOSED},
                                         shape{"in_order", 2, 4, 8, 0, DRAM_OPEN},
                                         shape{"many", 4, 16, 32, 16, DRAM_OPEN},
                                         shape{"many_closed", 3, 5, 32, 16, DRAM_CLOSED}),
                         [](const testing::TestParamInfo<shape> &info) {
                             return std::string(info.param.name);
                         });

} // namespace
} // namespace test_dram_load
