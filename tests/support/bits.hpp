// SPDX-License-Identifier: Apache-2.0
// Bit fields of structures in memory, by the bit numbers that the specification prints.
#ifndef TESTS_SUPPORT_BITS_HPP
#define TESTS_SUPPORT_BITS_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace support {

constexpr uint64_t ones(unsigned width)
{
    return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
}

// Bits [high:low] of an address, left in place.
constexpr uint64_t address_bits(uint64_t address, unsigned high, unsigned low)
{
    return address & ones(high + 1) & ~ones(low);
}

// A little-endian structure of N 64-bit words; bit n of the structure is bit n % 64 of word n / 64.
template <size_t N> struct image {
    std::array<uint64_t, N> word{};

    // Put `value` at bits [lsb + width - 1 : lsb]. No field of the architecture crosses a word.
    image &set(unsigned lsb, unsigned width, uint64_t value)
    {
        if ((value & ~ones(width)) != 0 || lsb % 64 + width > 64)
            throw std::out_of_range("field value does not fit");
        word.at(lsb / 64) |= value << (lsb % 64);
        return *this;
    }

    uint64_t get(unsigned lsb, unsigned width) const
    {
        return word.at(lsb / 64) >> (lsb % 64) & ones(width);
    }

    bool operator==(const image &other) const { return word == other.word; }
    bool operator!=(const image &other) const { return word != other.word; }
};

} // namespace support

#endif
