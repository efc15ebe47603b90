// SPDX-License-Identifier: Apache-2.0
// Reproducible random choices: the same seed gives the same sequence on every host.
#ifndef TESTS_SUPPORT_RANDOM_HPP
#define TESTS_SUPPORT_RANDOM_HPP

#include <cstdint>
#include <random>

#include "support/bits.hpp"

namespace support {

// The standard fixes the engine but not the distributions, so these are made here.
class random_source {
  public:
    explicit random_source(uint64_t seed) : engine_(seed) {}

    uint64_t bits(unsigned width) { return engine_() & ones(width); }
    uint64_t below(uint64_t limit) { return engine_() % limit; }
    uint64_t between(uint64_t low, uint64_t high) { return low + below(high - low + 1); }
    bool one_in(uint64_t n) { return below(n) == 0; }
    bool coin() { return one_in(2); }

  private:
    std::mt19937_64 engine_;
};

} // namespace support

#endif
