// SPDX-License-Identifier: Apache-2.0
// Tests of what holds in either coding style.
#ifndef TESTS_TLM_BOTH_TIMINGS_HPP
#define TESTS_TLM_BOTH_TIMINGS_HPP

#include <gtest/gtest.h>

#include <string>

#include "smmu/tlm/timing.hpp"

namespace tlm_test {

struct timing_test : testing::TestWithParam<smmu::timing_mode> {
    // No latencies.
    static smmu::timing times()
    {
        smmu::timing t;
        t.mode = GetParam();
        return t;
    }
};

inline auto both_timings()
{
    return testing::Values(smmu::timing_mode::loosely_timed,
                           smmu::timing_mode::approximately_timed);
}

inline std::string timing_name(const testing::TestParamInfo<smmu::timing_mode> &info)
{
    return info.param == smmu::timing_mode::loosely_timed ? "loosely_timed" : "approximately_timed";
}

} // namespace tlm_test

#endif
