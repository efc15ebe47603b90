// SPDX-License-Identifier: Apache-2.0
// The fuzzers' entry points with a fixed supply of random bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "core/fuzz_core.hpp"
#include "core/fuzz_reentry.hpp"
#include "support/random.hpp"

namespace fuzz_bounded {
namespace {

// `entry` is called with each string of random bytes.
template <typename function>
void run_with_random_bytes(uint64_t seed, size_t bytes_per_run, unsigned runs, function &&entry)
{
    support::random_source rng(seed);
    std::vector<uint8_t> bytes(bytes_per_run);
    for (unsigned run = 0; run < runs; ++run) {
        for (uint8_t &byte : bytes)
            byte = static_cast<uint8_t>(rng.bits(8));
        ASSERT_NO_THROW(entry(bytes.data(), bytes.size())) << "run " << run;
    }
}

class Fuzz : public testing::TestWithParam<uint64_t> {};

TEST_P(Fuzz, Survives)
{
    run_with_random_bytes(GetParam(), 20000, 40, fuzz_core);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Fuzz, testing::Values(0xf0220001, 0xf0220002, 0xf0220003));

class FuzzReentry : public testing::TestWithParam<uint64_t> {};

TEST_P(FuzzReentry, EveryCallEndsOnceAndEveryAcknowledgementIsTrue)
{
    reentry_counts all{};
    run_with_random_bytes(GetParam(), 4000, 250, [&](const uint8_t *data, size_t size) {
        const reentry_counts seen = fuzz_reentry(data, size);
        std::transform(seen.begin(), seen.end(), all.begin(), all.begin(), std::plus<unsigned>());
    });
    for (const unsigned count : all)
        EXPECT_GT(count, 200u) << testing::PrintToString(all);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FuzzReentry, testing::Values(0xf0230001, 0xf0230002, 0xf0230003));

} // namespace
} // namespace fuzz_bounded
