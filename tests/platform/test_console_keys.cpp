// SPDX-License-Identifier: Apache-2.0
// The escape key of an interactive console.
#include <string>

#include <gtest/gtest.h>

#include "console_keys.hpp"

namespace test_console_keys {
namespace {

// What the guest gets of what is typed.
std::string guest_gets(vp::console_keys &keys, const std::string &typed)
{
    std::string got;
    for (const char key : typed)
        if (const auto byte = keys.press(static_cast<std::uint8_t>(key)))
            got += static_cast<char>(*byte);
    return got;
}

TEST(ConsoleKeys, AreTheGuests)
{
    vp::console_keys keys;
    const std::string typed = {'x', '\r', '\x03', '\x04', '\x1b', '\0', '\x7f', '\xff'};
    EXPECT_EQ(guest_gets(keys, typed), typed);
    EXPECT_FALSE(keys.quit());
}

TEST(ConsoleKeys, CtrlAThenXQuits)
{
    vp::console_keys keys;
    EXPECT_EQ(guest_gets(keys, "a\x01"), "a");
    EXPECT_FALSE(keys.quit());
    EXPECT_EQ(guest_gets(keys, "xb"), "");
    EXPECT_TRUE(keys.quit());
}

TEST(ConsoleKeys, CtrlATwiceIsOneForTheGuest)
{
    vp::console_keys keys;
    EXPECT_EQ(guest_gets(keys, "\x01\x01x\x01\x01\x01\x01"), "\x01x\x01\x01");
    EXPECT_FALSE(keys.quit());
}

TEST(ConsoleKeys, CtrlAAndAnotherKeyAreForNobody)
{
    vp::console_keys keys;
    EXPECT_EQ(guest_gets(keys, "\x01yx"), "x");
    EXPECT_FALSE(keys.quit());
}

} // namespace
} // namespace test_console_keys
