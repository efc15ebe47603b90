// SPDX-License-Identifier: Apache-2.0
// An SMMU with counter groups, and their registers as software uses them (IHI 0070 10.5.1).
#ifndef TESTS_CORE_PMCG_TEST_HPP
#define TESTS_CORE_PMCG_TEST_HPP

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "smmu/pmcg.h"
#include "support/device_under_test.hpp"

namespace pmcg_test {

enum offset : uint32_t { // of page 0; those of page 1 are the same
    EVCNTR = 0x000,
    EVTYPER = 0x400,
    SVR = 0x600,
    SMR = 0xa00,
    CNTENSET = 0xc00,
    CNTENCLR = 0xc20,
    INTENSET = 0xc40,
    INTENCLR = 0xc60,
    OVSCLR = 0xc80,
    OVSSET = 0xcc0,
    CAPR = 0xd88,
    SCR = 0xdf8,
    CFGR = 0xe00,
    CR = 0xe04,
    IIDR = 0xe08,
    CEID0 = 0xe20,
    CEID1 = 0xe28,
    SCR_ALIAS = 0xe40,
    ROOTCR = 0xe48,
    IRQ_CTRL = 0xe50,
    IRQ_CTRLACK = 0xe54,
    IRQ_CFG0 = 0xe58,
    IRQ_CFG1 = 0xe60,
    IRQ_CFG2 = 0xe64,
    IRQ_STATUS = 0xe68,
    GMPAM = 0xe6c,
    AIDR = 0xe70,
    MPAMIDR = 0xe74,
    S_MPAMIDR = 0xe78,
    PAGE1 = 0x10000, // as smmu/pmcg.h places it
};

constexpr uint32_t OVFCAP = 1u << 31;
constexpr uint32_t SID_SPAN = 1u << 29;
constexpr uint32_t ALL_SIDS = 0xffffffff; // SMR, with SID_SPAN (10.4)

// Has a clock, and remembers interrupts of groups.
class pmcg_dut : public support::device_under_test {
  public:
    explicit pmcg_dut(const smmu_config &cfg, bool clock = true)
        : device_under_test(cfg, true, [clock](smmu_ops &ops) { adapt(ops, clock); })
    {
    }
    uint64_t cycles = 0;
    std::vector<unsigned> interrupts; // of groups, in order

  private:
    static pmcg_dut &self(void *user)
    {
        return *static_cast<pmcg_dut *>(static_cast<device_under_test *>(user));
    }
    static void adapt(smmu_ops &ops, bool clock)
    {
        ops.pmcg_irq = [](void *user, unsigned group) { self(user).interrupts.push_back(group); };
        if (clock)
            ops.cycles = [](void *user) { return self(user).cycles; };
    }
};

class PmcgTest : public testing::Test {
  protected:
    explicit PmcgTest(const smmu_config &cfg = smmu_config_default(), bool clock = true)
        : dut(cfg, clock)
    {
    }

    // Give the SMMU a group; `change` changes the default configuration.
    template <typename F> unsigned add(F change)
    {
        smmu_pmcg_config cfg = smmu_pmcg_config_default();
        change(cfg);
        smmu_error error{};
        const int group = smmu_pmcg_add(dut.smmu(), &cfg, &error);
        if (group < 0)
            throw std::invalid_argument(std::string(error.field) + ": " + error.reason);
        return static_cast<unsigned>(group);
    }
    unsigned add_tcu()
    {
        return add([](smmu_pmcg_config &) {});
    }
    unsigned add_tbu()
    {
        return add([](smmu_pmcg_config &cfg) { cfg.tbus = 1; });
    }

    uint64_t read(unsigned group, uint32_t offset, unsigned size)
    {
        uint64_t value = 0;
        EXPECT_EQ(smmu_pmcg_read(dut.smmu(), group, offset, size, &value), SMMU_REG_OK) << offset;
        return value;
    }
    uint32_t read32(unsigned group, uint32_t offset)
    {
        return static_cast<uint32_t>(read(group, offset, 4));
    }
    uint64_t read64(unsigned group, uint32_t offset) { return read(group, offset, 8); }
    void write(unsigned group, uint32_t offset, unsigned size, uint64_t value)
    {
        EXPECT_EQ(smmu_pmcg_write(dut.smmu(), group, offset, size, value), SMMU_REG_OK) << offset;
        smmu_run(dut.smmu());
    }
    void write32(unsigned group, uint32_t offset, uint32_t value)
    {
        write(group, offset, 4, value);
    }
    void write64(unsigned group, uint32_t offset, uint64_t value)
    {
        write(group, offset, 8, value);
    }

    // Let counter `n` count `event`, of all streams unless `sid` says otherwise; all counters of
    // the group that are set up so run.
    void count(unsigned group, unsigned n, uint32_t event, uint32_t filter = SID_SPAN,
               uint32_t smr = ALL_SIDS)
    {
        write32(group, EVTYPER + 4 * n, filter | event);
        write32(group, SMR + 4 * n, smr);
        write64(group, CNTENSET, uint64_t{1} << n);
        write32(group, CR, 1);
    }
    // Counters of groups with 64-bit counters in page 1.
    uint64_t counter(unsigned group, unsigned n) { return read64(group, PAGE1 + EVCNTR + 8 * n); }
    void set_counter(unsigned group, unsigned n, uint64_t value)
    {
        write64(group, PAGE1 + EVCNTR + 8 * n, value);
    }

    pmcg_dut dut;
};

} // namespace pmcg_test

#endif
