// SPDX-License-Identifier: Apache-2.0
// A fixture with flat memory, which tests read and write as little-endian numbers.
#ifndef TESTS_MEMORY_BENCH_HPP
#define TESTS_MEMORY_BENCH_HPP

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

class memory_bench : public ::testing::Test {
  protected:
    static constexpr std::uint64_t nowhere = ~std::uint64_t{0};

    explicit memory_bench(std::size_t size) : memory(size) {}

    void put(std::uint64_t addr, std::uint64_t value, unsigned size)
    {
        for (unsigned i = 0; i < size; i++)
            memory.at(addr + i) = static_cast<std::uint8_t>(value >> (8 * i));
    }

    std::uint64_t get(std::uint64_t addr, unsigned size) const
    {
        std::uint64_t value = 0;
        for (unsigned i = 0; i < size; i++)
            value |= std::uint64_t{memory.at(addr + i)} << (8 * i);
        return value;
    }

    std::vector<std::uint8_t> memory;
};

#endif
