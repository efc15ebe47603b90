// SPDX-License-Identifier: Apache-2.0
// How long a random test runs, from the environment.
#ifndef TESTS_SUPPORT_ENVIRONMENT_HPP
#define TESTS_SUPPORT_ENVIRONMENT_HPP

#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>

namespace support {

// The variable `name`, or `otherwise` without it. Throws std::invalid_argument, which fails the
// test, if it is no number from 1 on: a test of nothing would pass.
inline unsigned long count_from_environment(const char *name, unsigned long otherwise)
{
    const char *value = std::getenv(name);
    if (value == nullptr)
        return otherwise;
    const std::string text = value;
    unsigned long count = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || stop != text.data() + text.size() || count == 0)
        throw std::invalid_argument(std::string(name) + ": \"" + text +
                                    "\" is no number from 1 on");
    return count;
}

} // namespace support

#endif
