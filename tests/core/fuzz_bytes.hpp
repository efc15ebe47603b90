// SPDX-License-Identifier: Apache-2.0
// What fuzzers are made of: bytes read as choices, and conditions that must hold.
#ifndef TESTS_CORE_FUZZ_BYTES_HPP
#define TESTS_CORE_FUZZ_BYTES_HPP

#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include "support/bits.hpp"

// The bytes, as numbers of any width; zeros at the end.
class byte_source {
  public:
    byte_source(const uint8_t *data, size_t size) : at_(data), left_(size) {}

    bool empty() const { return left_ == 0; }
    uint64_t bits(unsigned width)
    {
        uint64_t value = 0;
        for (unsigned have = 0; have < width; have += 8)
            value = value << 8 | byte();
        return value & support::ones(width);
    }
    uint64_t below(uint64_t limit) { return bits(limit > 256 ? 32 : 8) % limit; }
    bool one_in(uint64_t n) { return below(n) == 0; }
    bool coin() { return one_in(2); }

  private:
    uint8_t byte()
    {
        if (left_ == 0)
            return 0;
        --left_;
        return *at_++;
    }

    const uint8_t *at_;
    size_t left_;
};

inline void check(bool condition, const char *what)
{
    if (!condition)
        throw std::logic_error(what);
}

#endif
