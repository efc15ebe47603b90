// SPDX-License-Identifier: Apache-2.0
// The firmware's random numbers (Arm DEN0098).
#include <set>

#include <gtest/gtest.h>

#include "trng.hpp"

namespace test_trng {
namespace {

class trng : public testing::Test {
  protected:
    bool call(std::uint64_t function, std::uint64_t argument = 0)
    {
        x[0] = function;
        x[1] = argument;
        x[2] = x[3] = x[4] = 0x5555555555555555;
        return calls.call(x);
    }

    vp::trng calls{1};
    std::uint64_t x[8] = {};
};

TEST_F(trng, is_of_version_1_0)
{
    EXPECT_TRUE(call(0x84000050));
    EXPECT_EQ(x[0], 0x10000u);
}

TEST_F(trng, lists_its_functions)
{
    for (const std::uint64_t function :
         {0x84000050, 0x84000051, 0x84000052, 0x84000053, 0xC4000053}) {
        EXPECT_TRUE(call(0x84000051, function));
        EXPECT_EQ(x[0], 0u) << std::hex << function;
    }
    EXPECT_TRUE(call(0x84000051, 0x84000000));
    EXPECT_EQ(x[0], UINT64_MAX);
}

TEST_F(trng, leaves_other_calls_alone)
{
    EXPECT_FALSE(call(0x84000000, 7));
    EXPECT_EQ(x[0], 0x84000000u);
    EXPECT_EQ(x[1], 7u);
}

// The result must not be -1 in any of the registers, which would be NOT_SUPPORTED in the first.
TEST_F(trng, has_a_name)
{
    EXPECT_TRUE(call(0x84000052));
    EXPECT_NE(x[0], 0xffffffffu);
    for (unsigned i = 0; i < 4; i++)
        EXPECT_EQ(x[i] >> 32, 0u);
}

TEST_F(trng, fills_the_last_register_first)
{
    EXPECT_TRUE(call(0xC4000053, 65));
    EXPECT_EQ(x[0], 0u);
    EXPECT_EQ(x[1], 0u);
    EXPECT_LE(x[2], 1u);
    EXPECT_NE(x[3], 0u);
    EXPECT_TRUE(call(0x84000053, 96));
    for (unsigned i = 1; i <= 3; i++)
        EXPECT_EQ(x[i] >> 32, 0u);
    EXPECT_EQ(x[4], 0x5555555555555555u);
}

TEST_F(trng, gives_no_more_bits_than_asked_for)
{
    std::uint64_t seen = 0;
    for (unsigned i = 0; i < 100; i++) {
        EXPECT_TRUE(call(0xC4000053, 5));
        seen |= x[3];
    }
    EXPECT_EQ(seen, 31u);
}

TEST_F(trng, refuses_none_and_too_many)
{
    for (const auto &[function, bits] :
         {std::pair{0xC4000053u, 0u}, {0xC4000053u, 193u}, {0x84000053u, 0u}, {0x84000053u, 97u}}) {
        EXPECT_TRUE(call(function, bits));
        EXPECT_EQ(x[0], UINT64_MAX - 1) << std::hex << function << " " << bits;
    }
    EXPECT_TRUE(call(0xC4000053, 192));
    EXPECT_EQ(x[0], 0u);
}

TEST_F(trng, is_the_same_with_the_same_seed_and_never_repeats)
{
    vp::trng again{1};
    vp::trng other{2};
    std::set<std::uint64_t> seen;
    for (unsigned i = 0; i < 100; i++) {
        std::uint64_t y[8] = {0xC4000053, 64};
        std::uint64_t z[8] = {0xC4000053, 64};
        EXPECT_TRUE(call(0xC4000053, 64));
        again.call(y);
        other.call(z);
        EXPECT_EQ(x[3], y[3]);
        seen.insert({x[3], z[3]});
    }
    EXPECT_EQ(seen.size(), 200u);
}

} // namespace
} // namespace test_trng
