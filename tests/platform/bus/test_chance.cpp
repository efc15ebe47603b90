// SPDX-License-Identifier: Apache-2.0
// Events of a given probability.
#include <cmath>

#include <gtest/gtest.h>

#include "bus/chance.h"

namespace test_chance {
namespace {

unsigned happened(bus_chance chance, unsigned draws)
{
    unsigned count = 0;
    for (unsigned i = 0; i < draws; i++)
        count += bus_chance_draw(&chance) ? 1 : 0;
    return count;
}

TEST(chance, happens_as_often_as_it_is_likely)
{
    constexpr unsigned draws = 100000;
    for (const std::uint32_t ppm : {100000u, 250000u, 900000u}) {
        const double expected = draws * 1e-6 * ppm;
        const double deviation = std::sqrt(expected * (1 - 1e-6 * ppm));
        EXPECT_NEAR(happened({1, ppm}, draws), expected, 3 * deviation) << ppm;
    }
}

TEST(chance, never_happens_at_0_and_always_at_1)
{
    EXPECT_EQ(happened({7, 0}, 1000), 0u);
    EXPECT_EQ(happened({1147169, 0}, 1), 0u) << "whose first number is a multiple of a million";
    EXPECT_EQ(happened({7, BUS_CHANCE_CERTAIN}, 1000), 1000u);
}

TEST(chance, is_the_same_for_the_same_seed_and_another_for_another)
{
    bus_chance first = {1, 500000};
    bus_chance same = {1, 500000};
    bus_chance other = {2, 500000};
    unsigned differences = 0;
    for (unsigned i = 0; i < 1000; i++) {
        const bool drawn = bus_chance_draw(&first);
        EXPECT_EQ(bus_chance_draw(&same), drawn);
        differences += bus_chance_draw(&other) != drawn ? 1 : 0;
    }
    EXPECT_GT(differences, 400u);
}

} // namespace
} // namespace test_chance
