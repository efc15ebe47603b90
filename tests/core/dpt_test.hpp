// SPDX-License-Identifier: Apache-2.0
// Fixture of tests of the Device Permission Table (IHI 0070 3.24): streams 6 and 7 of NestedTest,
// VMIDs 6 and 7, have Full ATS with DPT checks.
#ifndef TESTS_CORE_DPT_TEST_HPP
#define TESTS_CORE_DPT_TEST_HPP

#include "core/nested_test.hpp"
#include "support/dpt.hpp"

inline smmu_config dpt_config()
{
    smmu_config cfg = smmu_config_default();
    cfg.dpt = true;
    cfg.vmsa32 = false;
    return cfg;
}

class DptTest : public NestedTest {
  protected:
    static constexpr uint32_t enables = support::reg::CR0_SMMUEN | support::reg::CR0_CMDQEN |
                                        support::reg::CR0_EVENTQEN | support::reg::CR0_ATSCHK |
                                        support::reg::CR0_DPT_WALK_EN;

    explicit DptTest(const smmu_config &cfg = dpt_config(), const support::dpt_shape &shape = {})
        : NestedTest(cfg), table(dut, shape)
    {
        entry.eats = stage1.stream().eats = 3;
        publish();
        table.publish();
        dut.update_cr0(enables);
        dut.pop_events();
        dut.invals.clear();
        dut.mem.clear_log();
    }

    smmu_result read(uint64_t at, uint32_t sid = alone)
    {
        return dut.translate(sid, at, support::translated_read);
    }
    smmu_result write(uint64_t at, uint32_t sid = alone)
    {
        return dut.translate(sid, at, support::translated_write);
    }

    // A Device Access fault: nothing but the event tells of it.
    void expect_forbidden(const smmu_result &result, uint64_t at, bool rnw = true,
                          uint32_t sid = alone)
    {
        expect_abort(result, support::F_TRANSL_FORBIDDEN);
        support::event e;
        e.type = support::F_TRANSL_FORBIDDEN;
        e.sid = sid;
        e.rnw = rnw;
        e.input_addr = at;
        EXPECT_THAT(dut.pop_events(), testing::ElementsAre(e));
    }

    void expect_no_lookup_fault()
    {
        EXPECT_EQ(dut.read64(support::reg::DPT_CFG_FAR), 0u);
        EXPECT_EQ(dut.read32(support::reg::GERROR), dut.read32(support::reg::GERRORN));
    }

    // A DPT lookup fault, as software clears it (3.24.6.4).
    void expect_lookup_fault(const smmu_result &result, uint64_t at, unsigned code, unsigned level)
    {
        expect_forbidden(result, at);
        EXPECT_EQ(dut.read64(support::reg::DPT_CFG_FAR),
                  (at & ~uint64_t{0xfff}) | code << 4 | level << 1 | 1);
        EXPECT_EQ(dut.read32(support::reg::GERROR) ^ dut.read32(support::reg::GERRORN),
                  support::reg::GERROR_DPT);
        dut.write64(support::reg::DPT_CFG_FAR, 0);
        dut.acknowledge_gerror();
    }

    void invalidate_dpt() { dut.submit(support::dpti_all()); }

    unsigned fetches() { return static_cast<unsigned>(dut.mem.count(SMMU_FETCH_DPT)); }

    static constexpr uint64_t page = 0x12'3456'7000; // an upper granule of 4 KiB

    support::dpt_builder table;
};

// Answers come from the DPT TLB, and from nothing in front of it.
inline smmu_config dpt_tlb_config()
{
    smmu_config cfg = dpt_config();
    cfg.utlb = cfg.tbu_tlb = {0, 0};
    return cfg;
}

class DptTlb : public DptTest {
  protected:
    explicit DptTlb(const smmu_config &cfg = dpt_tlb_config(), const support::dpt_shape &shape = {})
        : DptTest(cfg, shape)
    {
    }

    // Whether an access to `at`, which is let through, has to read the DPT.
    bool walks(uint64_t at)
    {
        dut.mem.clear_log();
        expect_forward(read(at), at);
        return fetches() != 0;
    }
};

// Nothing is kept, so that each access walks.
inline smmu_config dpt_uncached_config(unsigned oas_bits = 48)
{
    smmu_config cfg = dpt_config();
    cfg.dpt_tlb = cfg.utlb = cfg.tbu_tlb = {0, 0};
    cfg.oas_bits = static_cast<uint8_t>(oas_bits);
    return cfg;
}

class DptWalk : public DptTest {
  protected:
    explicit DptWalk(const smmu_config &cfg = dpt_uncached_config()) : DptTest(cfg) {}

    static constexpr unsigned disabled = 0, walk_fault = 1, external_abort = 3; // DPT_FAULTCODE

    void configure(uint64_t base, uint32_t base_cfg)
    {
        dut.update_cr0(enables & ~uint32_t{support::reg::CR0_DPT_WALK_EN});
        dut.write64(support::reg::DPT_BASE, base);
        dut.write32(support::reg::DPT_BASE_CFG, base_cfg);
        dut.update_cr0(enables);
        dut.mem.clear_log();
    }

    std::vector<uint64_t> fetched()
    {
        std::vector<uint64_t> addresses;
        for (const support::mem_access &access : dut.mem.log())
            if (access.req.fetch == SMMU_FETCH_DPT)
                addresses.push_back(access.req.addr);
        return addresses;
    }
};

#endif
