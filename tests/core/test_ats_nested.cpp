// SPDX-License-Identifier: Apache-2.0
// ATS Translation Requests with stage 2, full and split-stage (IHI 0070 3.9.1.2, 5.2, 13.6.3).
#include "core/ats_test.hpp"
#include "core/nested_test.hpp"

using namespace support;
using namespace support::reg;
using testing::IsEmpty;

namespace test_ats_nested {
namespace {

class NestedAts : public NestedTest {
  protected:
    NestedAts()
    {
        entry.eats = 1;
        stage1.stream().eats = 1;
        publish();
    }

    void split()
    {
        stage1.stream().eats = 2;
        publish();
        dut.update_cr0(CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN | CR0_ATSCHK);
        dut.pop_events();
    }

    // What stage 2 of the nested stream permits at `ipa`.
    void permit(unsigned s2ap)
    {
        stage2_attributes page;
        page.s2ap = s2ap;
        third.table.map(ipa, pa, 3, page);
        dut.invalidate_all();
    }
};

TEST_F(NestedAts, Stage2AloneGivesThePhysicalAddress)
{
    const smmu_ats_completion c = dut.ats_translate(ats_request(alone, ipa));
    EXPECT_TRUE(c.r);
    EXPECT_EQ(c.addr, pa);
    EXPECT_EQ(c.span_log2, 12);
}

TEST_F(NestedAts, BothStagesGiveThePhysicalAddress)
{
    const smmu_ats_completion c = dut.ats_translate(ats_request(nested, va));
    EXPECT_TRUE(c.r);
    EXPECT_TRUE(c.w);
    EXPECT_EQ(c.addr, pa);
}

TEST_F(NestedAts, RightsAreThoseOfBothStages)
{
    permit(0b01);
    smmu_ats_completion c = dut.ats_translate(ats_request(nested, va));
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.w);
    permit(0b10);
    c = dut.ats_translate(ats_request(nested, va));
    EXPECT_FALSE(c.r);
    EXPECT_TRUE(c.w);
}

TEST_F(NestedAts, Stage2IsNotAskedWhereStage1GrantsNothing)
{
    leaf_attributes page;
    page.ap = AP_PRIV_RW;
    page.uxn = 1;
    stage1.low.map(va, ipa, 3, page);
    dut.invalidate_all();
    const uint64_t at = third.table.descriptor_address(ipa, 3);
    dut.mem.abort_on({at, at + 7, SMMU_FETCH_TTD});
    const smmu_ats_completion c = dut.ats_translate(ats_request(nested, va));
    EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
    EXPECT_FALSE(c.r || c.w);
    // Nothing of it is cached as a translation of both stages.
    EXPECT_EQ(dut.translate(nested, va, priv_read).event, F_WALK_EABT);
}

TEST_F(NestedAts, Stage2IsNotAskedWhereStage1GrantsExecutionAlone)
{
    leaf_attributes page;
    page.ap = AP_PRIV_RW;
    stage1.low.map(va, ipa, 3, page);
    dut.invalidate_all();
    const uint64_t at = third.table.descriptor_address(ipa, 3);
    dut.mem.abort_on({at, at + 7, SMMU_FETCH_TTD});
    EXPECT_EQ(dut.ats_translate(ats_request(nested, va)).status, SMMU_ATS_SUCCESS);
    stage1.stream().instcfg = 3; // then that is the right to read
    publish();
    EXPECT_EQ(dut.ats_translate(ats_request(nested, va)).status, SMMU_ATS_CA);
}

TEST_F(NestedAts, CleanPageThatStage2MakesReadOnlyIsReadable)
{
    stage1.context().ha = 1;
    stage1.context().hd = 1;
    leaf_attributes page;
    page.ap = AP_ALL_RO;
    page.dbm = 1;
    stage1.low.map(va, ipa, 3, page);
    publish();
    permit(0b01);
    const smmu_ats_completion c = dut.ats_translate(ats_request(nested, va));
    EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.w);
    EXPECT_EQ(c.addr, pa);
    EXPECT_EQ(stage1.low.descriptor(va, 3) >> 7 & 1, 1u) << "no write, so it is clean";
}

TEST_F(NestedAts, Stage2FaultsDeny)
{
    third.table.unmap(ipa);
    const smmu_ats_completion c = dut.ats_translate(ats_request(nested, va));
    EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
    EXPECT_FALSE(c.r || c.w);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(NestedAts, Stage2FaultOfACdFetchDenies)
{
    stage1.stream().s1contextptr = 0x3f'0000'0000;
    publish();
    const smmu_ats_completion c = dut.ats_translate(ats_request(nested, va));
    EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
    EXPECT_FALSE(c.r || c.w);
}

TEST_F(NestedAts, TablePageThatStage2RefusesToUpdateDenies)
{
    // 3.9.1.2: F_PERMISSION of stage 2 on a table is no access at all, whatever the page permits.
    stage1.context().ha = stage1.context().hd = 1;
    leaf_attributes clean, old;
    clean.ap = AP_ALL_RO;
    clean.dbm = 1;
    old.af = 0;
    stage1.low.map(va, ipa, 3, clean);
    stage1.low.map(va + 0x1000, ipa, 3, old);
    publish();
    stage2_attributes read_only;
    read_only.s2ap = 0b01;
    third.map_structures(read_only);
    dut.invalidate_all();
    EXPECT_TRUE(dut.ats_translate(ats_read_only(nested, va)).r) << "nothing has to change";
    for (const smmu_ats_request &r : {ats_request(nested, va), ats_request(nested, va + 0x1000),
                                      ats_read_only(nested, va + 0x1000)}) {
        const smmu_ats_completion c = dut.ats_translate(r);
        EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
        EXPECT_FALSE(c.r || c.w);
        EXPECT_EQ(c.span_log2, 12);
    }
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(NestedAts, ReadOnlyStage1DoesNotMakeStage2Dirty)
{
    stage1.stream().s2ha = 1;
    stage1.stream().s2hd = 1;
    publish();
    leaf_attributes page;
    page.ap = AP_ALL_RO;
    stage1.low.map(va, ipa, 3, page);
    stage2_attributes clean;
    clean.s2ap = 0b01;
    clean.dbm = 1;
    third.table.map(ipa, pa, 3, clean);
    dut.invalidate_all();
    EXPECT_FALSE(dut.ats_translate(ats_request(nested, va)).w);
    EXPECT_EQ(third.table.descriptor(ipa, 3) >> 7 & 1, 0u);

    page.ap = AP_ALL_RW;
    stage1.low.map(va, ipa, 3, page);
    dut.invalidate_all();
    EXPECT_TRUE(dut.ats_translate(ats_request(nested, va)).w);
    EXPECT_EQ(third.table.descriptor(ipa, 3) >> 7 & 1, 1u);
}

// 13.6.3

TEST_F(NestedAts, SplitStageGivesTheIpaWithTheRightsOfBothStages)
{
    split();
    permit(0b01);
    const smmu_ats_completion c = dut.ats_translate(ats_request(nested, va + 0x10));
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.w);
    EXPECT_EQ(c.addr, ipa);
    EXPECT_EQ(c.span_log2, 12);
}

TEST_F(NestedAts, SplitStageSpanIsTheSmallerOfBoth)
{
    split();
    stage1.low.map(0x4000'0000, 0x20'0000'0000, 2);
    third.table.map(0x20'0000'0000, pa, 3, stage2_attributes{});
    dut.invalidate_all();
    const smmu_ats_completion c = dut.ats_translate(ats_request(nested, 0x4000'0000));
    EXPECT_EQ(c.addr, 0x20'0000'0000u);
    EXPECT_EQ(c.span_log2, 12);
}

TEST_F(NestedAts, SplitStageWithStage1SkippedIsIdentityWithStage2Rights)
{
    stage1.stream().s1cdmax = 1;
    stage1.stream().s1dss = 1;
    split();
    permit(0b01);
    const smmu_ats_completion c = dut.ats_translate(ats_request(nested, ipa));
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.w);
    EXPECT_EQ(c.addr, ipa);
}

TEST_F(NestedAts, SplitStageNeedsAtschk)
{
    stage1.stream().eats = 2;
    publish();
    EXPECT_EQ(dut.ats_translate(ats_request(nested, va)).status, SMMU_ATS_UR);
    EXPECT_EQ(only_event().type, F_BAD_ATS_TREQ);
}

// 5.2, EATS

TEST_F(NestedAts, SplitStageIsIllegalWithoutBothStages)
{
    entry.eats = 2;
    publish();
    expect_abort(dut.translate(alone, ipa), C_BAD_STE);
}

TEST_F(NestedAts, AtsAndStage2StallAreIllegalTogether)
{
    for (const unsigned eats : {1u, 2u}) {
        stage1.stream().eats = eats;
        stage1.stream().s2s = 1;
        publish();
        expect_abort(dut.translate(nested, va), C_BAD_STE);
    }
}

TEST_F(NestedAts, Stage2StallDoesNotCountWhereStage2IsOff)
{
    stage1.stream().config = STE_S1_TRANS;
    stage1.stream().s2s = 1;
    publish();
    EXPECT_EQ(dut.translate(nested, va).outcome, SMMU_FORWARD);
}

TEST(AtsWithoutSplitStage, SplitStageIsIllegal)
{
    smmu_config cfg = smmu_config_default();
    cfg.ns1ats = true;
    device_under_test dut(cfg);
    dut.bring_up();
    stage1_stream stream(dut, 7);
    stage2 second(dut, 7);
    second.map_structures();
    stream.stream().config = STE_NESTED;
    second.apply(stream.stream());
    stream.stream().eats = 2;
    stream.publish();
    expect_abort(dut.translate(7, 0x1000), C_BAD_STE);
}

} // namespace
} // namespace test_ats_nested
