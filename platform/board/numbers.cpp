// SPDX-License-Identifier: Apache-2.0
// std::from_chars knows no locale, no spaces, no sign of plus and no other base.
#include "numbers.hpp"

#include <cctype>
#include <charconv>
#include <cstring>
#include <system_error>

namespace vp {

namespace {

template <typename T> std::optional<T> parse(const std::string &text, T least, T most)
{
    T value = {};
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    // Put so that NaN is out of range.
    if (error != std::errc() || stop != end || !(value >= least && value <= most))
        return std::nullopt;
    return value;
}

} // namespace

std::optional<std::uint64_t> whole_number(const std::string &text, std::uint64_t least,
                                          std::uint64_t most)
{
    return parse(text, least, most);
}

std::optional<double> decimal_number(const std::string &text, double least, double most)
{
    return parse(text, least, most);
}

std::optional<std::uint64_t> byte_count(const std::string &text, std::uint64_t least,
                                        std::uint64_t most)
{
    static constexpr const char units[] = "KMGT";
    std::string digits = text;
    unsigned shift = 0;
    if (!text.empty() && std::isalpha(static_cast<unsigned char>(text.back())) != 0) {
        const char *unit =
            std::strchr(units, std::toupper(static_cast<unsigned char>(text.back())));
        if (unit == nullptr)
            return std::nullopt;
        shift = 10 * static_cast<unsigned>(unit - units + 1);
        digits.pop_back();
    }
    const auto count = whole_number(digits, 0, most >> shift);
    if (!count || *count << shift < least)
        return std::nullopt;
    return *count << shift;
}

} // namespace vp
