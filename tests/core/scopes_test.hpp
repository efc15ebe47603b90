// SPDX-License-Identifier: Apache-2.0
// Fixture of tests of invalidation scopes: one cached translation of each kind.
#ifndef TESTS_CORE_SCOPES_TEST_HPP
#define TESTS_CORE_SCOPES_TEST_HPP

#include "core/nested_test.hpp"

// Streams with one cached translation each: "a" stage 2 of VMID 6, "n" nested of VMID 7 and ASID 7,
// "o" nested of VMID 8 and ASID 7, "s" stage 1 of VMID 7 and ASID 9, "h" EL2 or EL2-E2H with
// ASID 7. The tables change under the TLB, so a new output address shows what went.
class Scopes : public NestedTest {
  protected:
    explicit Scopes(const smmu_config &cfg = smmu_config_default()) : NestedTest(cfg)
    {
        fill(false);
    }

    void fill(bool e2h)
    {
        support::bring_up_options options;
        options.cr2 = support::reg::CR2_RECINVSID | (e2h ? support::reg::CR2_E2H : 0u);
        dut.update_cr0(0);
        dut.bring_up(options);
        dut.submit(support::tlbi_el2_all());
        fourth.map_structures();
        other.stream().config = support::STE_NESTED;
        fourth.apply(other.stream());
        other.publish();
        plain.stream().s2vmid = 7;
        plain.publish();
        hyp.stream().strw = 2;
        hyp.publish();
        publish();
        map_all(0x1'0000'0000);
        for (const auto &t : all())
            expect_forward(dut.translate(t.sid, t.addr), 0x1'0000'0000);
        map_all(0x2'0000'0000);
    }

    struct target {
        char name;
        uint32_t sid;
        uint64_t addr;
    };
    static std::vector<target> all()
    {
        return {{'a', alone, ipa}, {'n', nested, va}, {'o', 8, va}, {'s', 9, va}, {'h', 10, va}};
    }

    void map_all(uint64_t to)
    {
        for (support::stage2 *s : {&second, &third, &fourth})
            s->table.map(ipa, to, 3, support::stage2_attributes{});
        other.low.map(va, ipa);
        plain.low.map(va, to);
        hyp.low.map(va, to);
    }

    std::string gone()
    {
        std::string names;
        for (const auto &t : all())
            if (dut.probe(t.sid, t.addr).addr >> 32 == 2)
                names += t.name;
        return names;
    }

    support::stage1_stream other{dut, 8, 7}, plain{dut, 9, 9}, hyp{dut, 10, 7};
    support::stage2 fourth{dut, 8};
};

#endif
