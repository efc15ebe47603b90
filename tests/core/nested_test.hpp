// SPDX-License-Identifier: Apache-2.0
// Fixture of tests with stage 2: a stream with stage 2 alone, and a nested one.
#ifndef TESTS_CORE_NESTED_TEST_HPP
#define TESTS_CORE_NESTED_TEST_HPP

#include "core/core_test.hpp"
#include "support/stage2.hpp"

// Stream 6 translates at stage 2 (VMID 6) and stream 7 at both (VMID 7, ASID 7). Their stage 2 maps
// the structures to themselves and IPA page `ipa` to `pa`; stage 1 maps `va` to `ipa`.
class NestedTest : public CoreTest {
  protected:
    explicit NestedTest(const smmu_config &cfg = smmu_config_default())
        : CoreTest(cfg), stage1(dut, nested, 7), second(dut, 6), third(dut, 7)
    {
        dut.bring_up();
        stage1.low.map(va, ipa);
        for (support::stage2 *s : {&second, &third}) {
            s->map_structures();
            s->table.map(ipa, pa, 3, support::stage2_attributes{});
        }
        entry.config = support::STE_S2_TRANS;
        second.apply(entry);
        stage1.stream().config = support::STE_NESTED;
        third.apply(stage1.stream());
        publish();
    }

    // Make changed STEs and CDs visible.
    void publish()
    {
        dut.set_ste(alone, entry);
        stage1.publish();
        dut.invalidate_all();
        dut.pop_events();
        dut.irqs.clear();
        dut.invals.clear();
        dut.mem.clear_log();
    }

    support::event only_event()
    {
        const auto events = dut.pop_events();
        EXPECT_EQ(events.size(), 1u);
        return events.empty() ? support::event{} : events[0];
    }

    // The record of a stage 2 fault of a read.
    static support::event stage2_fault(unsigned type, uint32_t sid, uint64_t input,
                                       support::event_class cls, uint64_t at)
    {
        support::event e;
        e.type = type;
        e.sid = sid;
        e.rnw = true;
        e.s2 = true;
        e.cls = cls;
        e.input_addr = input;
        e.addr = at;
        return e;
    }

    static constexpr uint32_t alone = 6;
    static constexpr uint32_t nested = 7;
    static constexpr uint64_t va = 0x0000'1234'5678'9000;
    static constexpr uint64_t ipa = 0x12'3456'7000;
    static constexpr uint64_t pa = 0x7654'3210'f000;

    support::stage1_stream stage1;
    support::stage2 second, third;
    support::ste entry;
};

#endif
