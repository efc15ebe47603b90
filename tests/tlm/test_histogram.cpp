// SPDX-License-Identifier: Apache-2.0
// Distributions and levels by themselves. What is expected is counted by hand, or by sorting.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "smmu/tlm/histogram.h"
#include "smmu/tlm/level.h"
#include "support/random.hpp"

namespace tlm_test::test_histogram {

namespace {

TEST(histogram, buckets_follow_each_other_without_gap)
{
    EXPECT_EQ(smmu_histogram_first(0), 0u);
    for (unsigned i = 0; i + 1 < SMMU_HISTOGRAM_BUCKETS; i++)
        ASSERT_EQ(smmu_histogram_last(i) + 1, smmu_histogram_first(i + 1)) << i;
    EXPECT_EQ(smmu_histogram_last(SMMU_HISTOGRAM_BUCKETS - 1), UINT64_MAX);
}

TEST(histogram, a_number_is_in_its_bucket)
{
    support::random_source random(1);
    for (unsigned i = 0; i < 10000; i++) {
        const std::uint64_t value = random.bits(64) >> random.below(64);
        const unsigned bucket = smmu_histogram_bucket(value);
        ASSERT_LE(smmu_histogram_first(bucket), value);
        ASSERT_GE(smmu_histogram_last(bucket), value);
        // A 32nd of the number at most.
        ASSERT_LE(smmu_histogram_last(bucket) - smmu_histogram_first(bucket), value / 32);
    }
}

TEST(histogram, percentiles_are_within_a_32nd)
{
    support::random_source random(2);
    smmu_histogram h = {};
    std::vector<std::uint64_t> all;
    for (unsigned i = 0; i < 20000; i++) {
        all.push_back(random.below(1'000'000) * random.below(100));
        smmu_histogram_add(&h, all.back());
    }
    std::sort(all.begin(), all.end());
    for (const unsigned per_100000 : {1u, 50000u, 90000u, 99000u, 99900u, 99990u, 100000u}) {
        // Of 20000 numbers the n-th is the smallest that n / 20000 do not exceed.
        const std::size_t n = (std::size_t{per_100000} * 20000 + 99999) / 100000;
        const std::uint64_t exact = all[n - 1];
        const std::uint64_t told = smmu_histogram_percentile(&h, per_100000);
        EXPECT_GE(told, exact) << per_100000;
        EXPECT_LE(told - exact, exact / 32) << per_100000;
    }
    EXPECT_EQ(h.min, all.front());
    EXPECT_EQ(h.max, all.back());
    EXPECT_EQ(smmu_histogram_percentile(&h, 100000), all.back());
}

TEST(histogram, of_equal_numbers_is_exact)
{
    smmu_histogram h = {};
    EXPECT_EQ(smmu_histogram_percentile(&h, 50000), 0u);
    for (unsigned i = 0; i < 3; i++)
        smmu_histogram_add(&h, 102'001);
    EXPECT_EQ(smmu_histogram_percentile(&h, 50000), 102'001u);
    EXPECT_EQ(h.sum, 306'003u);
}

// The nearest rank: the least number that so many are not above. All have buckets of their own.
TEST(histogram, percentiles_of_few_numbers_are_the_next_of_them)
{
    smmu_histogram h = {};
    for (unsigned i = 1; i <= 50; i++)
        smmu_histogram_add(&h, i);
    EXPECT_EQ(smmu_histogram_percentile(&h, 0), 1u);
    EXPECT_EQ(smmu_histogram_percentile(&h, 50000), 25u);
    EXPECT_EQ(smmu_histogram_percentile(&h, 50001), 26u);
    EXPECT_EQ(smmu_histogram_percentile(&h, 99000), 50u);
    EXPECT_EQ(smmu_histogram_percentile(&h, 98000), 49u);
}

TEST(histogram, counts_a_number_several_times)
{
    smmu_histogram once = {}, times = {};
    for (unsigned i = 0; i < 7; i++)
        smmu_histogram_add(&once, 4711);
    smmu_histogram_add(&once, 42);
    smmu_histogram_add_times(&times, 4711, 7);
    smmu_histogram_add_times(&times, 42, 1);
    EXPECT_EQ(times.count, 8u);
    EXPECT_EQ(times.sum, 7u * 4711 + 42);
    EXPECT_EQ(times.min, 42u);
    EXPECT_EQ(times.max, 4711u);
    EXPECT_TRUE(std::equal(once.buckets, once.buckets + SMMU_HISTOGRAM_BUCKETS, times.buckets));
}

TEST(histogram, merged_is_as_if_counted_together)
{
    support::random_source random(3);
    smmu_histogram both = {}, one = {}, other = {};
    for (unsigned i = 0; i < 1000; i++) {
        const std::uint64_t value = 5 + random.bits(30);
        smmu_histogram_add(&both, value);
        smmu_histogram_add(i % 3 ? &one : &other, value);
    }
    smmu_histogram merged = {};
    smmu_histogram_merge(&merged, &one);
    smmu_histogram_merge(&merged, &other);
    EXPECT_EQ(merged.count, both.count);
    EXPECT_EQ(merged.sum, both.sum);
    EXPECT_EQ(merged.min, both.min);
    EXPECT_EQ(merged.max, both.max);
    EXPECT_TRUE(std::equal(merged.buckets, merged.buckets + SMMU_HISTOGRAM_BUCKETS, both.buckets));
}

TEST(level, adds_up_value_times_time)
{
    smmu_level l = {};
    l.limit = 3;
    smmu_level_begin(&l, 100, 4);
    smmu_level_set(&l, 110, 1);
    smmu_level_set(&l, 115, 3);
    smmu_level_set(&l, 135, 2);
    smmu_level_set(&l, 137, 0);
    smmu_level_update(&l, 150);
    EXPECT_EQ(l.area, 5u * 1 + 20 * 3 + 2 * 2);
    EXPECT_EQ(l.busy, 27u);
    EXPECT_EQ(l.full, 20u);
    EXPECT_EQ(l.max, 3u);
    EXPECT_EQ(l.taken, 3u);
    // From 100 on, 16 each: 1 for 5 and 3 for 1; 3 for 16; 3 for 3 and 2 for 2.
    ASSERT_EQ(smmu_level_windows(&l), 4u);
    EXPECT_EQ(smmu_level_window(&l, 0), 5u + 3);
    EXPECT_EQ(smmu_level_window(&l, 1), 48u);
    EXPECT_EQ(smmu_level_window(&l, 2), 9u + 4);
    EXPECT_EQ(smmu_level_window(&l, 3), 0u);
}

TEST(level, that_rises_and_falls_is_as_if_it_was_set)
{
    support::random_source random(5);
    smmu_level moved = {}, set = {};
    moved.limit = set.limit = 4;
    std::uint64_t now = 50;
    smmu_level_begin(&moved, now, 6);
    smmu_level_begin(&set, now, 6);
    for (unsigned i = 0; i < 5000; i++) {
        now += random.below(40);
        if (moved.value != 0 && random.below(2)) {
            smmu_level_set(&set, now, set.value - 1);
            smmu_level_fall(&moved, now);
        } else {
            smmu_level_set(&set, now, set.value + 1);
            smmu_level_rise(&moved, now);
        }
    }
    smmu_level_update(&moved, now + 10);
    smmu_level_update(&set, now + 10);
    EXPECT_GT(set.full, 0u);
    EXPECT_LT(set.full, set.busy);
    EXPECT_EQ(moved.full, set.full);
    EXPECT_EQ(moved.busy, set.busy);
    EXPECT_EQ(moved.area, set.area);
    EXPECT_EQ(moved.max, set.max);
    EXPECT_EQ(moved.taken, set.taken);
    ASSERT_EQ(smmu_level_windows(&moved), smmu_level_windows(&set));
    for (unsigned i = 0; i < smmu_level_windows(&set); i++)
        EXPECT_EQ(smmu_level_window(&moved, i), smmu_level_window(&set, i)) << i;
}

// Time in which a level had a value.
struct stay {
    std::uint64_t begin, end, value;

    // Value times time between two moments.
    std::uint64_t area(std::uint64_t from, std::uint64_t to) const
    {
        const std::uint64_t first = std::max(begin, from), last = std::min(end, to);
        return first < last ? value * (last - first) : 0;
    }
};

TEST(level, windows_grow_and_lose_nothing)
{
    constexpr std::uint64_t begin = 7;
    support::random_source random(4);
    smmu_level l = {};
    smmu_level_begin(&l, begin, 3);
    std::vector<stay> stays;
    std::uint64_t now = begin;
    for (unsigned i = 0; i < 5000; i++) {
        const std::uint64_t step = random.below(300);
        stays.push_back({now, now + step, l.value});
        now += step;
        smmu_level_set(&l, now, random.below(9));
        ASSERT_LE(smmu_level_windows(&l), SMMU_LEVEL_WINDOWS);
    }
    smmu_level_update(&l, now);
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < smmu_level_windows(&l); i++) {
        const std::uint64_t from = begin + (std::uint64_t{i} << l.log2_window);
        std::uint64_t area = 0;
        for (const stay &each : stays)
            area += each.area(from, from + (std::uint64_t{1} << l.log2_window));
        EXPECT_EQ(smmu_level_window(&l, i), area) << i;
        sum += area;
    }
    EXPECT_EQ(l.area, sum);
    // As few as the time allows, but not less than half of those there are.
    EXPECT_GE(smmu_level_windows(&l), SMMU_LEVEL_WINDOWS / 2);
}

TEST(level, that_stays_at_zero_has_windows_too)
{
    smmu_level l = {};
    smmu_level_begin(&l, 0, 1);
    smmu_level_update(&l, 1'000'000);
    EXPECT_LE(smmu_level_windows(&l), SMMU_LEVEL_WINDOWS);
    EXPECT_GE(smmu_level_windows(&l), SMMU_LEVEL_WINDOWS / 2);
}

TEST(level, keeps_its_value_when_it_begins_again)
{
    smmu_level l = {};
    smmu_level_begin(&l, 0, 4);
    smmu_level_set(&l, 10, 5);
    smmu_level_begin(&l, 20, 4);
    smmu_level_update(&l, 30);
    EXPECT_EQ(l.area, 50u);
    EXPECT_EQ(l.max, 5u);
    EXPECT_EQ(l.taken, 0u);
}

} // namespace

} // namespace tlm_test::test_histogram
