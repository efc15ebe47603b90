// SPDX-License-Identifier: Apache-2.0
// Numbers of the command line.
#include "numbers.hpp"

#include <optional>

#include <gtest/gtest.h>

namespace test_numbers {
namespace {

using vp::byte_count;
using vp::decimal_number;
using vp::whole_number;

TEST(numbers, are_within_limits)
{
    EXPECT_EQ(whole_number("1", 1, 8), 1u);
    EXPECT_EQ(whole_number("8", 1, 8), 8u);
    EXPECT_EQ(whole_number("0", 1, 8), std::nullopt);
    EXPECT_EQ(whole_number("9", 1, 8), std::nullopt);
    EXPECT_EQ(decimal_number("0.5", 0.5, 2), 0.5);
    EXPECT_EQ(decimal_number("2", 0.5, 2), 2.0);
    EXPECT_EQ(decimal_number("0.49", 0.5, 2), std::nullopt);
    EXPECT_EQ(decimal_number("2.1", 0.5, 2), std::nullopt);
    EXPECT_EQ(decimal_number("1e-9", 1e-9, 2), 1e-9);
}

TEST(numbers, are_decimal_with_nothing_around_them)
{
    for (const char *text : {"", " 2", "2 ", "+2", "-2", "0x2", "2x", "2.0", "2e0", "two", "nan"})
        EXPECT_EQ(whole_number(text, 0, 100), std::nullopt) << text;
    for (const char *text : {"", " 2", "2 ", "+2", "-2", "0x2", "2x", "two", "2,5", "."})
        EXPECT_EQ(decimal_number(text, 0, 100), std::nullopt) << text;
    EXPECT_EQ(whole_number("010", 0, 100), 10u) << "not octal";
}

TEST(numbers, are_finite)
{
    for (const char *text : {"nan", "-nan", "NaN", "nan(1)", "inf", "-inf", "infinity", "1e400"})
        EXPECT_EQ(decimal_number(text, -1e300, 1e300), std::nullopt) << text;
}

TEST(numbers, do_not_overflow)
{
    EXPECT_EQ(whole_number("18446744073709551615", 0, UINT64_MAX), UINT64_MAX);
    EXPECT_EQ(whole_number("18446744073709551616", 0, UINT64_MAX), std::nullopt);
    EXPECT_EQ(byte_count("16777216T", 1, UINT64_MAX), std::nullopt) << "2 to the power of 64";
    EXPECT_EQ(byte_count("256T", 1, std::uint64_t{1} << 48), std::uint64_t{1} << 48);
    EXPECT_EQ(byte_count("257T", 1, std::uint64_t{1} << 48), std::nullopt);
}

TEST(numbers, of_bytes_have_a_unit_or_none)
{
    EXPECT_EQ(byte_count("4096", 1, UINT64_MAX), 4096u);
    EXPECT_EQ(byte_count("3K", 1, UINT64_MAX), 3u << 10);
    EXPECT_EQ(byte_count("3m", 1, UINT64_MAX), 3u << 20);
    EXPECT_EQ(byte_count("2G", 1, UINT64_MAX), std::uint64_t{2} << 30);
    for (const char *text : {"", "M", "0", "0M", "-1M", "1.5G", "1MM", "1X", "0x1M", "nan", "1 M"})
        EXPECT_EQ(byte_count(text, 1, UINT64_MAX), std::nullopt) << text;
}

} // namespace
} // namespace test_numbers
