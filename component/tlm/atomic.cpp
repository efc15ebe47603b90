// SPDX-License-Identifier: Apache-2.0
// Atomic operations: see smmu/tlm/atomic.hpp.
#include "smmu/tlm/atomic.hpp"

#include <algorithm>

namespace smmu {

namespace {

// Up to 8 bytes as a number.
std::uint64_t load(const unsigned char *bytes, unsigned size, bool big_endian)
{
    std::uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value = value << 8 | bytes[big_endian ? i : size - 1 - i];
    return value;
}

void store(unsigned char *bytes, unsigned size, bool big_endian, std::uint64_t value)
{
    for (unsigned i = 0; i < size; i++)
        bytes[big_endian ? size - 1 - i : i] = static_cast<unsigned char>(value >> 8 * i);
}

// With the sign at the top of the word: so numbers of any size compare as they do.
std::int64_t with_sign(std::uint64_t value, unsigned size)
{
    return static_cast<std::int64_t>(value << (64 - 8 * size));
}

std::uint64_t combined(atomic_function function, std::uint64_t held, std::uint64_t operand,
                       unsigned size)
{
    const bool less = with_sign(held, size) < with_sign(operand, size);
    switch (function) {
    case atomic_function::add:
        return held + operand;
    case atomic_function::clear:
        return held & ~operand;
    case atomic_function::exclusive_or:
        return held ^ operand;
    case atomic_function::set:
        return held | operand;
    case atomic_function::signed_max:
        return less ? operand : held;
    case atomic_function::signed_min:
        return less ? held : operand;
    case atomic_function::unsigned_max:
        return std::max(held, operand);
    default:
        return std::min(held, operand);
    }
}

} // namespace

void atomic_access::perform(unsigned char *memory, unsigned size)
{
    std::copy(memory, memory + size, old);
    done = true;
    if (function == atomic_function::compare && !std::equal(memory, memory + size, expected))
        return;
    if (function == atomic_function::compare || function == atomic_function::swap)
        std::copy(operand, operand + size, memory);
    else
        store(memory, size, big_endian,
              combined(function, load(memory, size, big_endian), load(operand, size, big_endian),
                       size));
}

} // namespace smmu
