// SPDX-License-Identifier: Apache-2.0
// Fixtures of the core tests: an SMMU that is up, and one with a translating stream.
#ifndef TESTS_CORE_CORE_TEST_HPP
#define TESTS_CORE_CORE_TEST_HPP

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/device_under_test.hpp"
#include "support/stage1_stream.hpp"

// An SMMU after reset. Whatever a test does, the core must keep to smmu/ops.h.
class CoreTest : public testing::Test {
  protected:
    explicit CoreTest(const smmu_config &cfg = smmu_config_default()) : dut(cfg) {}
    void TearDown() override { EXPECT_THAT(dut.contract_breaches, testing::IsEmpty()); }

    const smmu_stats &stats() { return *smmu_get_stats(dut.smmu()); }

    support::device_under_test dut;
};

// The SMMU is enabled and stream 5 translates at stage 1 with ASID 1.
class StreamTest : public CoreTest {
  protected:
    explicit StreamTest(const smmu_config &cfg = smmu_config_default())
        : CoreTest(cfg), stream(dut, sid)
    {
        dut.bring_up();
        dut.irqs.clear();
        dut.invals.clear();
        stream.publish();
    }

    // Make changed STEs and CDs visible.
    void republish()
    {
        stream.publish();
        dut.invalidate_all();
    }

    static constexpr uint32_t sid = 5;
    support::stage1_stream stream;
};

// `result` is a forward to `address`.
inline void expect_forward(const smmu_result &result, uint64_t address)
{
    EXPECT_EQ(result.outcome, SMMU_FORWARD) << "event " << smmu_event_name(result.event);
    EXPECT_EQ(result.addr, address);
    EXPECT_EQ(result.event, 0);
}

inline void expect_abort(const smmu_result &result, unsigned event)
{
    EXPECT_EQ(result.outcome, SMMU_ABORT);
    EXPECT_EQ(result.event, event) << smmu_event_name(result.event);
}

#endif
