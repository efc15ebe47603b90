// SPDX-License-Identifier: Apache-2.0
// Two machines that do the same: one translates its code, the other interprets it.
#ifndef TESTS_CPU_TWINS_HPP
#define TESTS_CPU_TWINS_HPP

#include <gtest/gtest.h>

#include "machine.hpp"

namespace cpu_test {

struct twins {
    explicit twins(std::uint32_t translate_after = 1)
        : translated(true, false, 1, translate_after), interpreted(true, false, 1, 0)
    {
    }

    template <class F> void both(F f)
    {
        f(translated);
        f(interpreted);
    }

    // Runs `n` instructions on both; what can be seen of them is the same then.
    void run(std::uint64_t n);
    void expect_same();

    machine translated, interpreted;
    a64_stop stop = A64_STOP_BUDGET; // of the last run
};

} // namespace cpu_test

#endif
