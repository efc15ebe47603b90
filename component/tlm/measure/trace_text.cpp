// SPDX-License-Identifier: Apache-2.0
// Text in large pieces: see trace_text.hpp.
#include "trace_text.hpp"

#include <charconv>
#include <cstring>

namespace smmu {

namespace {

constexpr unsigned longest_number = 20; // digits of 2^64 - 1

} // namespace

trace_text &trace_text::operator<<(std::string_view text)
{
    if (text.size() > most) {
        flush();
        std::fwrite(text.data(), 1, text.size(), file_);
        return *this;
    }
    std::memcpy(place(), text.data(), text.size());
    used_ += text.size();
    return *this;
}

trace_text &trace_text::operator<<(std::uint64_t number)
{
    char *const begin = place();
    used_ +=
        static_cast<std::size_t>(std::to_chars(begin, begin + longest_number, number).ptr - begin);
    return *this;
}

trace_text &trace_text::hex(std::uint64_t number)
{
    constexpr int base = 16;
    char *const begin = place();
    used_ += static_cast<std::size_t>(
        std::to_chars(begin, begin + longest_number, number, base).ptr - begin);
    return *this;
}

trace_text &trace_text::microseconds(std::uint64_t picoseconds)
{
    constexpr unsigned per_microsecond = 1000000;
    *this << picoseconds / per_microsecond;
    // With a one before them that becomes the point, there are always as many digits.
    char *const point = place();
    *this << per_microsecond + picoseconds % per_microsecond;
    *point = '.';
    return *this;
}

void trace_text::flush()
{
    std::fwrite(text_.data(), 1, used_, file_);
    used_ = 0;
}

} // namespace smmu
