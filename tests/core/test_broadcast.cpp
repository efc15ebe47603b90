// SPDX-License-Identifier: Apache-2.0
// Broadcast TLB maintenance of CPUs (IHI 0070 3.17, 6.3.12) and VMID wildcards (3.17.6).
#include "core/scopes_test.hpp"

using namespace support;

namespace test_broadcast {
namespace {

smmu_config listening()
{
    smmu_config cfg = smmu_config_default();
    cfg.btm = true;
    return cfg;
}

smmu_dvm tlbi(smmu_dvm_op op, unsigned vmid = 0, unsigned asid = 0, uint64_t addr = 0,
              smmu_world world = SMMU_WORLD_NS_EL1)
{
    smmu_dvm dvm{};
    dvm.op = static_cast<uint8_t>(op);
    dvm.world = static_cast<uint8_t>(world);
    dvm.vmid = static_cast<uint16_t>(vmid);
    dvm.asid = static_cast<uint16_t>(asid);
    dvm.addr = addr;
    return dvm;
}

smmu_dvm el2(smmu_dvm_op op, unsigned asid = 0, uint64_t addr = 0)
{
    return tlbi(op, 0, asid, addr, SMMU_WORLD_EL2);
}

smmu_dvm e2h(smmu_dvm_op op, unsigned asid = 0, uint64_t addr = 0)
{
    return tlbi(op, 0, asid, addr, SMMU_WORLD_EL2_E2H);
}

// The five cached translations of Scopes, in an SMMU that listens to CPUs.
class Broadcast : public Scopes {
  protected:
    explicit Broadcast(const smmu_config &cfg = listening()) : Scopes(cfg) {}

    std::string gone_after(const smmu_dvm &dvm)
    {
        smmu_broadcast_tlbi(dut.smmu(), &dvm);
        return gone();
    }

    // The same for a stream that stage 1 alone translates.
    void cache_with_aset(stage1_stream &stream)
    {
        stream.context().aset = 1;
        stream.publish();
        publish();
        map_all(0x1'0000'0000);
        for (const auto &t : all())
            dut.translate(t.sid, t.addr);
        map_all(0x2'0000'0000);
    }
};

TEST_F(Broadcast, AllTakesTheEl1RegimeOfAllVmids)
{
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_ALL, 99)), "anos");
}

TEST_F(Broadcast, Vmalls12TakesBothStagesOfTheVmid)
{
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_VMALLS12, 7)), "ns");
}

TEST_F(Broadcast, VmallTakesStage1OfTheVmid)
{
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_VMALL, 6)), "") << "stage 2 of VMID 6 stays";
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_VMALL, 7)), "s") << "of n, stage 2 is still cached";
}

TEST_F(Broadcast, AsidIsBoundToItsVmid)
{
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_ASID, 8, 9)), "");
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_ASID, 7, 9)), "s");
}

TEST_F(Broadcast, VaNeedsAddressAndAsid)
{
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_VA, 7, 9, va + 0x1000)), "");
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_VA, 7, 8, va)), "");
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_VA, 7, 9, va + 0xfff)), "s") << "[11:0] are ignored";
}

TEST_F(Broadcast, VaaTakesAnyAsid)
{
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_VAA, 7, 1, va)), "s");
}

TEST_F(Broadcast, Ipas2TakesStage2EntriesAlone)
{
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_IPAS2, 7, 0, ipa)), "") << "n is of both stages";
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_IPAS2, 6, 0, ipa)), "a");
}

TEST_F(Broadcast, El2OperationsAreBoundToTheRegime)
{
    EXPECT_EQ(gone_after(e2h(SMMU_DVM_ALL)), "") << "h is of EL2 without E2H";
    EXPECT_EQ(gone_after(el2(SMMU_DVM_VA, 77, va)), "h") << "EL2 has no ASIDs";
}

TEST_F(Broadcast, E2hOperationsHaveAsids)
{
    fill(true);
    EXPECT_EQ(gone_after(el2(SMMU_DVM_ALL)), "");
    EXPECT_EQ(gone_after(e2h(SMMU_DVM_ASID, 8)), "");
    EXPECT_EQ(gone_after(e2h(SMMU_DVM_VA, 8, va)), "");
    EXPECT_EQ(gone_after(e2h(SMMU_DVM_ASID, 7)), "h");
}

TEST_F(Broadcast, AllE2AndVmallOfE2hTakeTheRegime)
{
    EXPECT_EQ(gone_after(el2(SMMU_DVM_ALL)), "h");
    fill(true);
    EXPECT_EQ(gone_after(e2h(SMMU_DVM_VMALL)), "h");
}

TEST_F(Broadcast, OperationsThatEl2DoesNotHaveAreIgnored)
{
    EXPECT_EQ(gone_after(el2(SMMU_DVM_VMALLS12)), "");
    EXPECT_EQ(gone_after(el2(SMMU_DVM_IPAS2, 0, ipa)), "");
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_OP_COUNT)), "");
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_ALL, 0, 0, 0, SMMU_WORLD_COUNT)), "");
    EXPECT_EQ(stats().broadcasts, 0u);
}

TEST_F(Broadcast, OtherSecurityStatesAreIgnored)
{
    smmu_dvm dvm = tlbi(SMMU_DVM_ALL);
    dvm.sec = SMMU_SEC_S;
    EXPECT_EQ(gone_after(dvm), "");
    EXPECT_EQ(stats().broadcasts, 0u);
}

TEST_F(Broadcast, HostsAreToldAndCounted)
{
    dut.invals.clear();
    smmu_dvm dvm = tlbi(SMMU_DVM_VA, 7, 9, va);
    dvm.leaf = true;
    smmu_broadcast_tlbi(dut.smmu(), &dvm);
    ASSERT_EQ(dut.invals.size(), 1u);
    EXPECT_EQ(dut.invals[0].kind, SMMU_INVAL_TLB_VA);
    EXPECT_EQ(dut.invals[0].addr, va);
    EXPECT_TRUE(dut.invals[0].leaf);
    EXPECT_EQ(stats().broadcasts, 1u);
}

TEST_F(Broadcast, WorksWhileTheSmmuIsDisabled)
{
    dut.update_cr0(reg::CR0_CMDQEN | reg::CR0_EVENTQEN);
    smmu_dvm dvm = tlbi(SMMU_DVM_VMALLS12, 7);
    smmu_broadcast_tlbi(dut.smmu(), &dvm);
    dut.update_cr0(reg::CR0_CMDQEN | reg::CR0_EVENTQEN | reg::CR0_SMMUEN);
    EXPECT_EQ(gone(), "ns");
}

// CR2.PTM and IDR0.BTM

TEST_F(Broadcast, PtmKeepsThemOut)
{
    dut.update_cr0(0);
    dut.write32(reg::CR2, reg::CR2_PTM);
    dut.update_cr0(reg::CR0_SMMUEN);
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_ALL)), "");
    EXPECT_EQ(stats().broadcasts, 0u);
}

TEST_F(Broadcast, PtmIsSetByReset)
{
    smmu_reset(dut.smmu());
    EXPECT_EQ(dut.read32(reg::CR2), reg::CR2_PTM);
    device_under_test fresh(listening());
    EXPECT_EQ(fresh.read32(reg::CR2), reg::CR2_PTM);
    EXPECT_NE(fresh.read32(reg::IDR0) & 1u << 5, 0u) << "BTM";
}

TEST_F(Scopes, WithoutBtmBroadcastsAreIgnored)
{
    EXPECT_EQ(dut.read32(reg::IDR0) & 1u << 5, 0u);
    const smmu_dvm dvm = tlbi(SMMU_DVM_ALL);
    smmu_broadcast_tlbi(dut.smmu(), &dvm);
    EXPECT_EQ(gone(), "");
    dut.update_cr0(0);
    dut.write32(reg::CR2, reg::CR2_PTM);
    EXPECT_EQ(dut.read32(reg::CR2), 0u) << "PTM is RES0";
}

// Absent stages (3.17)

class Broadcast1 : public StreamTest {
  protected:
    static smmu_config stage1_only()
    {
        smmu_config cfg = listening();
        cfg.s2p = cfg.hyp = cfg.vatos = false;
        return cfg;
    }
    Broadcast1() : StreamTest(stage1_only())
    {
        dut.update_cr0(0);
        dut.write32(reg::CR2, 0);
        dut.update_cr0(reg::CR0_SMMUEN);
        stream.low.map(va, 0x1000);
        dut.translate(sid, va);
        stream.low.map(va, 0x2000);
    }
    bool gone_after(const smmu_dvm &dvm)
    {
        smmu_broadcast_tlbi(dut.smmu(), &dvm);
        return dut.probe(sid, va).addr == 0x2000;
    }
    static constexpr uint64_t va = 0x5000;
};

TEST_F(Broadcast1, VmidIsTakenAsZero)
{
    EXPECT_TRUE(gone_after(tlbi(SMMU_DVM_VMALL, 55)));
}

TEST_F(Broadcast1, CombinedOperationsTouchTheStageThereIs)
{
    EXPECT_TRUE(gone_after(tlbi(SMMU_DVM_VMALLS12, 55)));
}

TEST_F(Broadcast1, Stage2OperationsAreIgnored)
{
    EXPECT_FALSE(gone_after(tlbi(SMMU_DVM_IPAS2, 0, 0, va)));
    EXPECT_EQ(stats().broadcasts, 0u);
}

// CD.ASET

TEST_F(Broadcast, AsidsNotSharedStayWhereAnAsidIsNamed)
{
    cache_with_aset(plain);
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_ASID, 7, 9)), "");
    EXPECT_EQ(gone_after(tlbi(SMMU_DVM_VA, 7, 9, va)), "");
}

TEST_F(Broadcast, AsidsNotSharedGoWithAllOthersElsewhere)
{
    for (const smmu_dvm &dvm : {tlbi(SMMU_DVM_VAA, 7, 0, va), tlbi(SMMU_DVM_VMALL, 7)}) {
        cache_with_aset(plain);
        EXPECT_EQ(gone_after(dvm), "s");
    }
}

TEST_F(Broadcast, CommandsTakeAsidsNotShared)
{
    cache_with_aset(plain);
    dut.submit(tlbi_nh_asid(9, 7));
    EXPECT_EQ(gone(), "s");
}

TEST_F(Broadcast, El2HasNoAsidSets)
{
    cache_with_aset(hyp);
    EXPECT_EQ(gone_after(el2(SMMU_DVM_VA, 0, va)), "h");
}

// 3.17.1: global entries are found in their own set of ASIDs alone.
TEST_F(StreamTest, GlobalEntriesAreFoundInTheirAsidSet)
{
    stage1_stream same(dut, 6, 2), apart(dut, 7, 3);
    apart.context().aset = 1;
    same.publish();
    apart.publish();
    leaf_attributes global;
    global.ng = 0;
    stream.low.map(0x5000, 0x1000, 3, global);
    same.low.map(0x5000, 0x2000, 3, global);
    apart.low.map(0x5000, 0x3000, 3, global);
    expect_forward(dut.translate(sid, 0x5000), 0x1000);
    expect_forward(dut.translate(6, 0x5000), 0x1000);
    expect_forward(dut.translate(7, 0x5000), 0x3000);
    expect_forward(dut.translate(sid, 0x5000), 0x1000);
}

// Cached tables would lead to the same page.
class NoWalkCache : public StreamTest {
  protected:
    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.walk_s1.sets = 0;
        return cfg;
    }
    NoWalkCache() : StreamTest(config()) {}
};

TEST_F(NoWalkCache, EqualAsidsShareEntriesOfEitherSet)
{
    stage1_stream apart(dut, 6, 1);
    apart.context().aset = 1;
    apart.publish();
    stream.low.map(0x5000, 0x1000);
    apart.low.map(0x5000, 0x3000);
    expect_forward(dut.translate(sid, 0x5000), 0x1000);
    expect_forward(dut.translate(6, 0x5000), 0x1000);
}

// CR0.VMW

constexpr uint32_t up = reg::CR0_SMMUEN | reg::CR0_EVENTQEN | reg::CR0_CMDQEN;

TEST_F(Broadcast, WildcardsLeaveOutLowBitsOfTheVmid)
{
    const struct {
        uint32_t vmw;
        unsigned vmid;
        const char *gone;
    } rows[] = {
        {1, 6, "ans"}, {1, 8, "o"},   {1, 9, "o"},  {1, 4, ""},  {2, 4, "ans"},
        {2, 11, "o"},  {3, 1, "ans"}, {3, 15, "o"}, {3, 16, ""}, {4, 0, "anos"},
        {4, 16, ""},   {5, 6, "a"},   {6, 7, "ns"}, {7, 9, ""},
    };
    for (const auto &row : rows) {
        fill(false);
        dut.update_cr0(up | row.vmw << 6);
        EXPECT_EQ(gone_after(tlbi(SMMU_DVM_VMALLS12, row.vmid)), row.gone)
            << "VMW " << row.vmw << ", VMID " << row.vmid;
    }
}

TEST_F(Scopes, WildcardsHoldForCommands)
{
    dut.update_cr0(up | 1u << 6);
    dut.submit(tlbi_s2_ipa(ipa, 7));
    EXPECT_EQ(gone(), "a");
    dut.submit(tlbi_nh_asid(9, 6));
    EXPECT_EQ(gone(), "as");
    dut.submit(tlbi_s12_vmall(6));
    EXPECT_EQ(gone(), "ans");
}

TEST_F(Scopes, WildcardsDoNotConcernLookups)
{
    dut.update_cr0(up | 4u << 6);
    dut.submit(tlbi_nsnh_all());
    map_all(0x3'0000'0000);
    fourth.table.map(ipa, 0x4'0000'0000, 3, stage2_attributes{});
    expect_forward(dut.translate(nested, va), 0x3'0000'0000);
    expect_forward(dut.translate(8, va), 0x4'0000'0000);
}

TEST(Wildcards, FieldFollowsTheFeature)
{
    for (int without = 0; without < 3; without++) {
        smmu_config cfg = smmu_config_default();
        cfg.vmw = without != 1;
        cfg.s2p = cfg.hyp = cfg.vatos = without != 2;
        device_under_test dut(cfg);
        EXPECT_EQ(dut.read32(reg::IDR0) >> 17 & 1, without == 0);
        dut.write32(reg::CR0, 7u << 6);
        EXPECT_EQ(dut.read32(reg::CR0), without == 0 ? 7u << 6 : 0u);
    }
}

// Ranges and hints of CPUs (DDI 0487 D8.17.5.1, D8.17.5.2; IHI 0070 4.4.1.1). All are 4 KiB pages.

class BroadcastRange : public Broadcast {
  protected:
    explicit BroadcastRange(const smmu_config &cfg = listening()) : Broadcast(cfg) {}

    // `pages` before `va` or `ipa`, of the stage 1 stream "s" and the stage 2 one "a".
    std::string gone_after_range(unsigned num, unsigned scale, unsigned pages, unsigned tg = 1,
                                 unsigned ttl = 0)
    {
        smmu_dvm dvm = tlbi(SMMU_DVM_VAA, 7, 0, va - pages * uint64_t{0x1000});
        dvm.range = true;
        dvm.num = static_cast<uint8_t>(num);
        dvm.scale = static_cast<uint8_t>(scale);
        dvm.tg = static_cast<uint8_t>(tg);
        dvm.ttl = static_cast<uint8_t>(ttl);
        smmu_broadcast_tlbi(dut.smmu(), &dvm);
        dvm.op = SMMU_DVM_IPAS2;
        dvm.vmid = 6;
        dvm.addr = ipa - pages * uint64_t{0x1000};
        smmu_broadcast_tlbi(dut.smmu(), &dvm);
        std::string names = gone();
        fill(false);
        return names;
    }
};

TEST_F(BroadcastRange, HasNumPlusOneTimesTwoToTheFiveTimesScalePlusOnePages)
{
    EXPECT_EQ(gone_after_range(0, 0, 1), "as") << "2 pages";
    EXPECT_EQ(gone_after_range(0, 0, 2), "");
    EXPECT_EQ(gone_after_range(2, 0, 5), "as") << "6 pages";
    EXPECT_EQ(gone_after_range(2, 0, 6), "");
    EXPECT_EQ(gone_after_range(0, 1, 63), "as") << "64 pages";
    EXPECT_EQ(gone_after_range(0, 1, 64), "");
    EXPECT_EQ(gone_after_range(1, 2, 4095), "as") << "4096 pages";
    EXPECT_EQ(gone_after_range(1, 2, 4096), "");
}

TEST_F(BroadcastRange, LeavesOtherGranulesAndLevels)
{
    EXPECT_EQ(gone_after_range(31, 0, 0, 2), "");
    EXPECT_EQ(gone_after_range(31, 0, 0, 3), "");
    EXPECT_EQ(gone_after_range(31, 0, 0, 1, 2), "");
    EXPECT_EQ(gone_after_range(31, 0, 0, 1, 3), "as");
    EXPECT_EQ(gone_after_range(31, 0, 0, 0, 3), "") << "TG is Reserved";
}

TEST_F(BroadcastRange, HintsOfSingleAddressesCountIfTheyNameALevel)
{
    const struct {
        unsigned tg, ttl;
        bool goes;
    } rows[] = {{0, 1, true},  {0, 3, true},  {1, 0, true},  {1, 1, false}, {1, 3, true},
                {2, 0, true},  {2, 1, true},  {2, 2, false}, {2, 3, false}, {3, 0, true},
                {3, 1, false}, {3, 2, false}, {3, 3, false}};
    for (const auto &row : rows) {
        smmu_dvm dvm = tlbi(SMMU_DVM_VAA, 7, 0, va);
        dvm.tg = static_cast<uint8_t>(row.tg);
        dvm.ttl = static_cast<uint8_t>(row.ttl);
        EXPECT_EQ(gone_after(dvm), row.goes ? "s" : "") << row.tg << ' ' << row.ttl;
        fill(false);
    }
}

// DDI 0487 D8.17.7: an SMMU without range invalidation need not do anything.
class BroadcastWithoutRanges : public BroadcastRange {
  protected:
    BroadcastWithoutRanges() : BroadcastRange(config()) {}

    static smmu_config config()
    {
        smmu_config cfg = listening();
        cfg.ril = false;
        return cfg;
    }
};

TEST_F(BroadcastWithoutRanges, IgnoresRangesAndHints)
{
    EXPECT_EQ(gone_after_range(31, 3, 0), "");
    smmu_dvm dvm = tlbi(SMMU_DVM_VAA, 7, 0, va);
    dvm.tg = 1;
    dvm.ttl = 1;
    EXPECT_EQ(gone_after(dvm), "s");
}

} // namespace
} // namespace test_broadcast
