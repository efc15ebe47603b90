// SPDX-License-Identifier: Apache-2.0
// Invalidation of cached table descriptors (IHI 0070 4.4.2, Leaf; DDI 0487 D8.17).
#include "core/core_test.hpp"
#include "smmu/dvm.h"
#include "support/stage2.hpp"

using namespace support;

namespace test_walk_cache {
namespace {

// No translations are cached, table descriptors alone. Streams 5 (EL1, ASID 1), 6 (EL2 or EL2-E2H)
// and 7 (stage 2, VMID 7) have a page each, then no table for it any more.
class WalkCache : public CoreTest {
  protected:
    static smmu_config tables_only()
    {
        smmu_config cfg = smmu_config_default();
        cfg.btm = true;
        cfg.tlb.sets = 0;
        cfg.utlb.sets = 0;
        return cfg;
    }

    WalkCache() : CoreTest(tables_only()) { fill(false); }

    void fill(bool e2h)
    {
        bring_up_options options;
        options.cr2 = reg::CR2_RECINVSID | (e2h ? reg::CR2_E2H : 0u);
        dut.update_cr0(0);
        dut.bring_up(options);
        hyp.stream().strw = 2;
        hyp.publish();
        ste entry;
        entry.config = STE_S2_TRANS;
        second.apply(entry);
        dut.set_ste(7, entry);
        dut.invalidate_all();
        dut.submit(tlbi_el2_all());
        el1.low.map(va, pa);
        hyp.low.map(va, pa);
        second.table.map(va, pa, 3, stage2_attributes{});
        EXPECT_EQ(gone(), "");
        el1.low.set_descriptor(va, 1, 0);
        hyp.low.set_descriptor(va, 1, 0);
        second.table.set_descriptor(va, 1, 0);
        EXPECT_EQ(gone(), "");
    }

    // Streams whose tables are no longer found.
    std::string gone()
    {
        std::string names;
        for (uint32_t sid : {5u, 6u, 7u})
            if (dut.translate(sid, va).outcome != SMMU_FORWARD)
                names += std::to_string(sid);
        dut.pop_events();
        return names;
    }

    std::string gone_after(command cmd, bool leaf)
    {
        cmd.set(64, 1, leaf);
        dut.submit(cmd);
        return gone();
    }

    std::string gone_after(smmu_dvm_op op, smmu_world world, bool leaf, unsigned vmid = 0)
    {
        smmu_dvm dvm{};
        dvm.op = static_cast<uint8_t>(op);
        dvm.world = static_cast<uint8_t>(world);
        dvm.asid = 1;
        dvm.vmid = static_cast<uint16_t>(vmid);
        dvm.addr = va;
        dvm.leaf = leaf;
        smmu_broadcast_tlbi(dut.smmu(), &dvm);
        return gone();
    }

    static constexpr uint64_t va = 0x12'3456'7000, pa = 0x7000'0000;
    stage1_stream el1{dut, 5, 1}, hyp{dut, 6, 1};
    stage2 second{dut, 7};
};

TEST_F(WalkCache, TablesGoWithAddressesUnlessTheLastLevelIsMeant)
{
    EXPECT_EQ(gone_after(tlbi_nh_va(va, 1), true), "");
    EXPECT_EQ(gone_after(tlbi_nh_vaa(va), true), "");
    EXPECT_EQ(gone_after(tlbi_s2_ipa(va, 7), true), "");
    EXPECT_EQ(gone_after(tlbi_nh_va(va, 1), false), "5");
    EXPECT_EQ(gone_after(tlbi_s2_ipa(va, 7), false), "57");
}

// 4.4.2.8: in the EL2 regime the ASID is ignored.
TEST_F(WalkCache, TablesOfEl2GoWhateverAsidIsNamed)
{
    EXPECT_EQ(gone_after(tlbi_el2_va(va, 0x77), false), "6");
}

TEST_F(WalkCache, TablesOfEl2GoWithBroadcastsWhateverAsidTheyHave)
{
    EXPECT_EQ(gone_after(SMMU_DVM_VA, SMMU_WORLD_EL2, false), "6");
}

TEST_F(WalkCache, TablesOfE2hGoWithTheirAsid)
{
    fill(true);
    EXPECT_EQ(gone_after(tlbi_el2_va(va, 2), false), "");
    EXPECT_EQ(gone_after(tlbi_el2_va(va, 1), false), "6");
}

// Commands and instructions without an address have no last-level form: the bit is not theirs.
TEST_F(WalkCache, LeafMeansNothingWithoutAnAddress)
{
    EXPECT_EQ(gone_after(tlbi_nh_asid(1), true), "5");
    EXPECT_EQ(gone_after(tlbi_el2_all(), true), "56");
    EXPECT_EQ(gone_after(tlbi_s12_vmall(7), true), "567");
    fill(false);
    EXPECT_EQ(gone_after(tlbi_nh_all(), true), "5");
    EXPECT_EQ(gone_after(tlbi_nsnh_all(), true), "57");
}

TEST_F(WalkCache, LeafMeansNothingToBroadcastsWithoutAnAddress)
{
    EXPECT_EQ(gone_after(SMMU_DVM_ASID, SMMU_WORLD_NS_EL1, true), "5");
    EXPECT_EQ(gone_after(SMMU_DVM_VMALLS12, SMMU_WORLD_NS_EL1, true, 7), "57");
    EXPECT_EQ(gone_after(SMMU_DVM_ALL, SMMU_WORLD_EL2, true), "567");
    fill(false);
    EXPECT_EQ(gone_after(SMMU_DVM_VMALL, SMMU_WORLD_NS_EL1, true), "5");
    EXPECT_EQ(gone_after(SMMU_DVM_ALL, SMMU_WORLD_NS_EL1, true), "57");
}

// Eight table descriptors of stream 5, whose last use counts.
class SmallWalkCache : public StreamTest {
  protected:
    static smmu_config eight_tables()
    {
        smmu_config cfg = smmu_config_default();
        cfg.tlb.sets = 0;
        cfg.utlb.sets = 0;
        cfg.walk_s1 = {1, 8};
        return cfg;
    }

    SmallWalkCache() : StreamTest(eight_tables())
    {
        for (uint64_t region = 0; region < 4; ++region)
            stream.low.map(region << 39, 0x1'0000'0000 + (region << 12));
    }

    // How many descriptors are read for the page of a region, of which each has three tables.
    uint64_t reads(uint64_t region)
    {
        const uint64_t before = stats().ttd_fetches;
        expect_forward(dut.translate(sid, region << 39), 0x1'0000'0000 + (region << 12));
        return stats().ttd_fetches - before;
    }
};

TEST_F(SmallWalkCache, TablesThatAreFoundTwiceInARowCountAsUsedBothTimes)
{
    EXPECT_EQ(reads(0), 4u);
    EXPECT_EQ(reads(0), 1u);
    EXPECT_EQ(reads(1), 4u);
    EXPECT_EQ(reads(2), 4u); // pushes out the first table of region 0
    EXPECT_EQ(reads(0), 1u);
    EXPECT_EQ(reads(3), 4u); // pushes out the second, and two of region 1
    EXPECT_EQ(reads(0), 1u) << "its last table was used after those of region 1";
}

} // namespace
} // namespace test_walk_cache
