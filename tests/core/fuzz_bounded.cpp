// SPDX-License-Identifier: Apache-2.0
// The fuzzer's entry point with a fixed supply of random bytes.
#include <gtest/gtest.h>

#include <vector>

#include "core/fuzz_core.hpp"
#include "support/random.hpp"

namespace {

constexpr size_t bytes_per_run = 20000;
constexpr unsigned runs = 40;

class Fuzz : public testing::TestWithParam<uint64_t> {};

TEST_P(Fuzz, Survives)
{
    support::random_source rng(GetParam());
    std::vector<uint8_t> bytes(bytes_per_run);
    for (unsigned run = 0; run < runs; ++run) {
        for (uint8_t &byte : bytes)
            byte = static_cast<uint8_t>(rng.bits(8));
        ASSERT_NO_THROW(fuzz_core(bytes.data(), bytes.size())) << "run " << run;
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Fuzz, testing::Values(0xf0220001, 0xf0220002, 0xf0220003));

} // namespace
