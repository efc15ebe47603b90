// SPDX-License-Identifier: Apache-2.0
// Random numbers by calls to firmware (Arm DEN0098), the same in each run.
#ifndef VP_TRNG_HPP
#define VP_TRNG_HPP

#include <cstdint>

namespace vp {

class trng {
  public:
    explicit trng(std::uint64_t seed) : state_(seed) {}

    // Answers the call in x[0] to x[3], if it is one of this interface; false if not, with nothing
    // changed.
    bool call(std::uint64_t x[8]);

    // Whether TRNG_FEATURES says that `function` is there.
    static bool has(std::uint32_t function);

  private:
    void random(std::uint64_t x[8], unsigned width);

    std::uint64_t state_;
};

} // namespace vp

#endif
