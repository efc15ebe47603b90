// SPDX-License-Identifier: Apache-2.0
// Calls made while a memory access of another call blocks (smmu/ops.h, read and write).
#ifndef TESTS_CORE_REENTRY_TEST_HPP
#define TESTS_CORE_REENTRY_TEST_HPP

#include <functional>

#include "support/device_under_test.hpp"

// Run `action` once, while the next access of class `fetch` blocks; later ones of the class pass
// first if `skip` is not 0.
inline void during(support::device_under_test &dut, smmu_fetch fetch, unsigned skip,
                   const std::function<void()> &action)
{
    dut.mem.before = [&dut, fetch, skip, action](const smmu_mem_req &req) mutable {
        if (req.fetch != fetch)
            return;
        if (skip > 0) {
            --skip;
            return;
        }
        const auto now = action;
        dut.mem.before = nullptr;
        now();
    };
}

#endif
