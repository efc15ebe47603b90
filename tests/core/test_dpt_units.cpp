// SPDX-License-Identifier: Apache-2.0
// What happens while a DPT check waits for a unit (IHI 0070 3.24.1, 6.3.9.6).
#include <utility>

#include "core/dpt_test.hpp"

using namespace support;
using testing::ElementsAre;

namespace test_dpt_units {
namespace {

// A host that gives the DPT TLB and table walks a time, and does `once` at the first use of `unit`.
class waiting_dut : public device_under_test {
  public:
    waiting_dut() : device_under_test(config(), true, adapt) {}

    std::vector<unsigned> used;
    smmu_unit unit = SMMU_UNIT_DPT_TLB;
    std::function<void()> once;

  private:
    static smmu_config config()
    {
        smmu_config cfg = dpt_tlb_config();
        cfg.config_cache = {1, 1};
        return cfg;
    }
    static void adapt(smmu_ops &ops)
    {
        ops.units = 1u << SMMU_UNIT_DPT_TLB | 1u << SMMU_UNIT_TABLE_WALK;
        ops.use = [](void *user, const smmu_use *use) {
            const auto self = static_cast<waiting_dut *>(static_cast<device_under_test *>(user));
            self->used.push_back(use->unit);
            if (use->unit != self->unit)
                return;
            if (const auto now = std::exchange(self->once, nullptr))
                now();
        };
        ops.release = [](void *, const smmu_use *) {};
    }
};

// Streams 1 and 2, of these VMIDs, have DPT checks; a block is for VMID 1.
class DptUnits : public testing::Test {
  protected:
    DptUnits() : table(dut)
    {
        dut.bring_up();
        for (const uint32_t sid : {1u, 2u}) {
            ste entry;
            entry.config = STE_S1_TRANS; // no CD is looked at
            entry.eats = 3;
            entry.s2vmid = sid;
            dut.set_ste(sid, entry);
        }
        table.publish();
        table.set_l0(at, dpt_block({0, 1, 1}));
        dut.update_cr0(enables);
    }

    smmu_result access(uint32_t sid) { return dut.translate(sid, at, translated_read); }

    static constexpr uint64_t at = 0x4000'1000;
    static constexpr uint32_t enables = reg::CR0_SMMUEN | reg::CR0_CMDQEN | reg::CR0_EVENTQEN |
                                        reg::CR0_ATSCHK | reg::CR0_DPT_WALK_EN;
    waiting_dut dut;
    dpt_builder table;
};

TEST_F(DptUnits, EachCheckAsksTheTlbAndThenWalksIfItMust)
{
    expect_forward(access(1), at);
    EXPECT_THAT(dut.used, ElementsAre(SMMU_UNIT_DPT_TLB, SMMU_UNIT_TABLE_WALK));
    expect_forward(access(1), at);
    EXPECT_THAT(dut.used, ElementsAre(SMMU_UNIT_DPT_TLB, SMMU_UNIT_TABLE_WALK, SMMU_UNIT_DPT_TLB));
    dut.used.clear();
    EXPECT_EQ(dut.probe(1, at, translated_read).outcome, SMMU_FORWARD);
    EXPECT_THAT(dut.used, testing::IsEmpty());
}

TEST_F(DptUnits, OneThatWaitsKeepsTheConfigurationThatItFound)
{
    for (const smmu_unit unit : {SMMU_UNIT_DPT_TLB, SMMU_UNIT_TABLE_WALK}) {
        access(1); // its STE is in the only place that the cache has
        dut.submit(dpti_all());
        dut.unit = unit;
        dut.once = [this] { access(2); };
        expect_forward(access(1), at);
        EXPECT_EQ(dut.once, nullptr);
    }
}

TEST_F(DptUnits, OneThatWaitsWhileTranslationEndsLeavesNoTrace)
{
    table.set_l0(at, 2); // invalid
    for (const smmu_unit unit : {SMMU_UNIT_DPT_TLB, SMMU_UNIT_TABLE_WALK}) {
        dut.unit = unit;
        dut.once = [this] { dut.update_cr0(enables & ~uint32_t{reg::CR0_SMMUEN}); };
        dut.mem.clear_log();
        expect_abort(access(1), F_TRANSL_FORBIDDEN); // as SMMUEN is 0
        EXPECT_EQ(dut.once, nullptr);
        EXPECT_EQ(dut.pop_events().size(), 1u);
        EXPECT_EQ(dut.mem.count(SMMU_FETCH_DPT), 0u);
        EXPECT_EQ(dut.read64(reg::DPT_CFG_FAR), 0u);
        dut.update_cr0(enables);
    }
}

TEST_F(DptUnits, OneThatWaitsForTheTlbDoesNotFindWhatGoesMeanwhile)
{
    expect_forward(access(1), at);
    table.set_l0(at, 0);
    dut.once = [this] { dut.submit(dpti_pa(at & ~ones(30), 6)); };
    expect_abort(access(1), F_TRANSL_FORBIDDEN);
}

} // namespace
} // namespace test_dpt_units
