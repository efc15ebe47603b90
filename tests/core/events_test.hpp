// SPDX-License-Identifier: Apache-2.0
// Fixture of tests that compare whole event records (IHI 0070 7.3).
#ifndef TESTS_CORE_EVENTS_TEST_HPP
#define TESTS_CORE_EVENTS_TEST_HPP

#include "core/core_test.hpp"

// Stream 5 maps one page; every event that follows is compared with all its 256 bits.
class Events : public StreamTest {
  protected:
    explicit Events(const smmu_config &cfg = smmu_config_default()) : StreamTest(cfg)
    {
        stream.low.map(va, 0x70000000);
        dut.mem.clear_log();
    }

    void expect_record(const support::event &expected)
    {
        const auto raw = dut.pop_raw_events();
        ASSERT_EQ(raw.size(), 1u);
        EXPECT_EQ(raw[0], expected.encode())
            << "have " << support::event::decode(raw[0]) << "\nwant " << expected;
        EXPECT_EQ(dut.irqs, std::vector<smmu_irq>{SMMU_IRQ_EVTQ});
    }

    // A record of a stage 1 fault on the input address.
    static support::event stage1_fault(unsigned type, uint64_t addr)
    {
        support::event e;
        e.type = type;
        e.sid = sid;
        e.rnw = true;
        e.cls = support::CLASS_IN;
        e.input_addr = addr;
        return e;
    }

    static support::event configuration_error(unsigned type, uint64_t fetch_addr = 0)
    {
        support::event e;
        e.type = type;
        e.sid = sid;
        e.addr = fetch_addr;
        return e;
    }

    static constexpr uint64_t va = 0x0000'1234'5678'9000;
};

#endif
