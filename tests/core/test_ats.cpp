// SPDX-License-Identifier: Apache-2.0
// ATS Translation Requests (IHI 0070 3.9.1, 3.13.7, 13.6, 13.7).
#include "core/nested_test.hpp"

using namespace support;
using namespace support::reg;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

constexpr smmu_ats_request request(uint32_t sid, uint64_t addr)
{
    smmu_ats_request r{};
    r.sid = sid;
    r.addr = addr;
    return r;
}

constexpr smmu_ats_request read_only(uint32_t sid, uint64_t addr)
{
    smmu_ats_request r = request(sid, addr);
    r.nw = true;
    return r;
}

// Stream 5 translates at stage 1 and has full ATS.
class AtsRequests : public StreamTest {
  protected:
    explicit AtsRequests(const smmu_config &cfg = smmu_config_default()) : StreamTest(cfg)
    {
        stream.stream().eats = 1;
        stream.low.map(va, pa);
        republish();
    }

    void expect_denied(const smmu_ats_completion &c, unsigned stu_log2 = 12)
    {
        EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
        EXPECT_FALSE(c.r || c.w || c.exe);
        EXPECT_EQ(c.span_log2, stu_log2);
        EXPECT_THAT(dut.pop_events(), IsEmpty());
    }

    void expect_silent(const smmu_ats_completion &c, smmu_ats_status status)
    {
        EXPECT_EQ(c.status, status);
        EXPECT_FALSE(c.r || c.w || c.exe);
        EXPECT_EQ(c.span_log2, 0);
        EXPECT_THAT(dut.pop_events(), IsEmpty());
    }

    // Unsupported Request, told by F_BAD_ATS_TREQ with `rights`.
    void expect_refused(const smmu_ats_request &r, unsigned rights)
    {
        const smmu_ats_completion c = dut.ats_translate(r);
        EXPECT_EQ(c.status, SMMU_ATS_UR);
        page_event e;
        e.type = F_BAD_ATS_TREQ;
        e.sid = r.sid;
        e.ssv = r.ssv;
        e.ssid = r.ssv ? r.ssid : 0;
        e.page = r.addr & ~uint64_t{0xfff};
        e.span = 1;
        e.rights = rights;
        EXPECT_THAT(dut.pop_raw_events(), ElementsAre(e.encode()));
    }

    // Permissions of the page at `va`.
    smmu_ats_completion with_page(const leaf_attributes &attributes, smmu_ats_request r)
    {
        stream.low.map(va, pa, 3, attributes);
        dut.invalidate_all();
        return dut.ats_translate(r);
    }

    // `r` with a PASID, for the one CD there is.
    smmu_ats_request with_pasid(smmu_ats_request r)
    {
        stream.stream().s1cdmax = 1;
        stream.stream().s1dss = 0;
        dut.mem.store_image(stream.cd_address() + 64, stream.context().encode());
        republish();
        r.ssv = true;
        r.ssid = 1;
        return r;
    }

    static constexpr uint64_t va = 0x0000'1234'5678'9000;
    static constexpr uint64_t pa = 0x7000'0000;
};

TEST_F(AtsRequests, GrantReadAndWriteOfAWritablePage)
{
    const smmu_ats_completion c = dut.ats_translate(request(sid, va + 0x123));
    EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
    EXPECT_TRUE(c.r);
    EXPECT_TRUE(c.w);
    EXPECT_FALSE(c.exe);
    EXPECT_FALSE(c.priv);
    EXPECT_EQ(c.addr, pa);
    EXPECT_EQ(c.span_log2, 12);
    EXPECT_EQ(stats().ats_requests, 1u);
    EXPECT_EQ(stats().ats_grants, 1u);
    EXPECT_EQ(stats().translations, 0u);
}

TEST_F(AtsRequests, CoverTheWholeBlock)
{
    stream.low.map(0x40000000, 0x80000000, 2);
    const smmu_ats_completion c = dut.ats_translate(request(sid, 0x40000000 + 0x123456));
    EXPECT_EQ(c.addr, 0x80000000u);
    EXPECT_EQ(c.span_log2, 21);
}

TEST_F(AtsRequests, FillTheTlbAndAreServedByIt)
{
    dut.ats_translate(request(sid, va));
    EXPECT_EQ(stats().tlb_fills, 1u);
    stream.low.unmap(va);
    EXPECT_TRUE(dut.ats_translate(request(sid, va)).r);
    expect_forward(dut.translate(sid, va), pa);
    dut.invalidate_all();
    expect_denied(dut.ats_translate(request(sid, va)));
}

TEST_F(AtsRequests, ReadOnlyPageGrantsNoWrite)
{
    leaf_attributes page;
    page.ap = AP_ALL_RO;
    const smmu_ats_completion c = with_page(page, request(sid, va));
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.w);
}

TEST_F(AtsRequests, NoWriteRequestsStillGetWhatThePagePermits)
{
    EXPECT_TRUE(dut.ats_translate(read_only(sid, va)).w);
}

TEST_F(AtsRequests, WithoutPasidAreUnprivilegedData)
{
    leaf_attributes page;
    page.ap = AP_PRIV_RW;
    smmu_ats_request r = request(sid, va);
    r.priv = true;
    r.exe = true;
    expect_denied(with_page(page, r));
    page.ap = AP_ALL_RW;
    const smmu_ats_completion c = with_page(page, r);
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.exe);
    EXPECT_FALSE(c.priv);
}

TEST_F(AtsRequests, WithPasidGetTheRightsOfTheirPrivilege)
{
    leaf_attributes page;
    page.ap = AP_PRIV_RW;
    smmu_ats_request r = with_pasid(request(sid, va));
    EXPECT_FALSE(with_page(page, r).r);
    r.priv = true;
    const smmu_ats_completion c = with_page(page, r);
    EXPECT_TRUE(c.r);
    EXPECT_TRUE(c.w);
    EXPECT_TRUE(c.priv);
}

TEST_F(AtsRequests, ExecutionIsGrantedToThoseWhoAsk)
{
    leaf_attributes page;
    page.ap = AP_ALL_RO;
    smmu_ats_request r = with_pasid(request(sid, va));
    EXPECT_FALSE(with_page(page, r).exe);
    r.exe = true;
    EXPECT_TRUE(with_page(page, r).exe);
    page.uxn = 1;
    const smmu_ats_completion c = with_page(page, r);
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.exe);
}

TEST_F(AtsRequests, ExecuteOnlyPageGrantsNothing)
{
    leaf_attributes page;
    page.ap = AP_PRIV_RW; // executable by unprivileged code
    smmu_ats_request r = with_pasid(request(sid, va));
    r.exe = true;
    expect_denied(with_page(page, r));
}

TEST_F(AtsRequests, InstcfgInstructionMakesReadsFetches)
{
    leaf_attributes page;
    page.ap = AP_PRIV_RW;
    smmu_ats_request r = with_pasid(request(sid, va));
    stream.stream().instcfg = 3;
    republish();
    r.exe = true;
    const smmu_ats_completion c = with_page(page, r);
    EXPECT_TRUE(c.r);
    EXPECT_TRUE(c.exe);
    page.ap = AP_ALL_RO;
    page.uxn = 1;
    EXPECT_FALSE(with_page(page, r).r);
}

TEST_F(AtsRequests, InstcfgDataGrantsExecutionOfWhatIsReadable)
{
    leaf_attributes page;
    page.ap = AP_ALL_RO;
    page.uxn = 1;
    smmu_ats_request r = with_pasid(request(sid, va));
    stream.stream().instcfg = 2;
    republish();
    r.exe = true;
    EXPECT_TRUE(with_page(page, r).exe);
}

TEST_F(AtsRequests, PrivcfgDecidesRightsButNotPrivOfTheCompletion)
{
    leaf_attributes page;
    page.ap = AP_PRIV_RW;
    smmu_ats_request r = with_pasid(request(sid, va));
    stream.stream().privcfg = 3;
    republish();
    smmu_ats_completion c = with_page(page, r);
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.priv);
    stream.stream().privcfg = 2;
    republish();
    r.priv = true;
    c = with_page(page, r);
    EXPECT_FALSE(c.r);
    EXPECT_TRUE(c.priv);
}

// 3.9.1.2: faults of the translation

TEST_F(AtsRequests, TranslationFaultDenies)
{
    expect_denied(dut.ats_translate(request(sid, va + 0x1000)));
    EXPECT_EQ(stats().ats_grants, 0u);
}

TEST_F(AtsRequests, AddressSizeFaultDenies)
{
    stream.context().ips = 0; // 32 bits
    republish();
    stream.low.map(va, uint64_t{1} << 33);
    expect_denied(dut.ats_translate(request(sid, va)));
}

TEST_F(AtsRequests, AccessFaultDenies)
{
    leaf_attributes page;
    page.af = 0;
    expect_denied(with_page(page, request(sid, va)));
}

TEST_F(AtsRequests, DenialCoversTheSmallestGranule)
{
    smmu_config cfg = smmu_config_default();
    cfg.gran4k = false;
    cfg.vmsa32 = false;
    device_under_test coarse(cfg);
    coarse.bring_up();
    stage1_stream s(coarse, sid);
    s.stream().eats = 1;
    s.context().tg0 = TG0_16K;
    s.context().tg1 = TG1_16K;
    s.publish();
    const smmu_ats_completion c = coarse.ats_translate(request(sid, va));
    EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
    EXPECT_FALSE(c.r);
    EXPECT_EQ(c.span_log2, 14);
}

TEST_F(AtsRequests, StallModelDoesNotConcernThem)
{
    stream.context().s = 1;
    republish();
    expect_denied(dut.ats_translate(request(sid, va + 0x1000)));
    EXPECT_EQ(stats().stalls, 0u);
}

// ... configuration errors

TEST_F(AtsRequests, BadStreamidIsCompleterAbort)
{
    expect_silent(dut.ats_translate(request(256, va)), SMMU_ATS_CA);
}

TEST_F(AtsRequests, SteFetchAbortIsCompleterAbort)
{
    const uint64_t at = dut.ste_address(sid);
    dut.mem.abort_on({at, at + 63, SMMU_FETCH_STE});
    expect_silent(dut.ats_translate(request(sid, va)), SMMU_ATS_CA);
}

TEST_F(AtsRequests, InvalidSteIsCompleterAbort)
{
    stream.stream().v = 0;
    republish();
    expect_silent(dut.ats_translate(request(sid, va)), SMMU_ATS_CA);
}

TEST_F(AtsRequests, BadSubstreamidIsCompleterAbort)
{
    smmu_ats_request r = with_pasid(request(sid, va));
    r.ssid = 2;
    expect_silent(dut.ats_translate(r), SMMU_ATS_CA);
}

TEST_F(AtsRequests, StreamDisabledIsCompleterAbort)
{
    with_pasid(request(sid, va));
    expect_silent(dut.ats_translate(request(sid, va)), SMMU_ATS_CA);
}

TEST_F(AtsRequests, CdFetchAbortIsCompleterAbort)
{
    dut.mem.abort_on({stream.cd_address(), stream.cd_address() + 63, SMMU_FETCH_CD});
    expect_silent(dut.ats_translate(request(sid, va)), SMMU_ATS_CA);
}

TEST_F(AtsRequests, BadCdIsCompleterAbort)
{
    stream.context().v = 0;
    republish();
    expect_silent(dut.ats_translate(request(sid, va)), SMMU_ATS_CA);
}

TEST_F(AtsRequests, WalkAbortIsCompleterAbort)
{
    const uint64_t at = stream.low.descriptor_address(va, 3);
    dut.mem.abort_on({at, at + 7, SMMU_FETCH_TTD});
    expect_silent(dut.ats_translate(request(sid, va)), SMMU_ATS_CA);
}

TEST_F(AtsRequests, ConflictsAreCompleterAbort)
{
    smmu_inject(dut.smmu(), SMMU_INJECT_TLB_CONFLICT, 1);
    expect_silent(dut.ats_translate(request(sid, va)), SMMU_ATS_CA);
    smmu_inject(dut.smmu(), SMMU_INJECT_CFG_CONFLICT, 1);
    expect_silent(dut.ats_translate(request(sid, va)), SMMU_ATS_CA);
}

// ... and where ATS is off

TEST_F(AtsRequests, RefusedWhileTheSmmuIsDisabled)
{
    dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN);
    expect_refused(request(sid, va + 0x234), 0b1100);
}

TEST_F(AtsRequests, RefusedWithoutEats)
{
    stream.stream().eats = 0;
    republish();
    expect_refused(read_only(sid, va), 0b1000);
}

TEST_F(AtsRequests, RefusalTellsTheRightsAskedForBeforeOverrides)
{
    stream.stream().eats = 0;
    stream.stream().instcfg = 2;
    stream.stream().privcfg = 2;
    smmu_ats_request r = with_pasid(read_only(sid, va));
    r.exe = true;
    r.priv = true;
    expect_refused(r, 0b1011);
}

TEST_F(AtsRequests, DptEncodingIsReserved)
{
    stream.stream().eats = 3;
    republish();
    expect_refused(request(sid, va), 0b1100);
}

TEST_F(AtsRequests, RefusedByABypassedStream)
{
    stream.stream().config = STE_BYPASS;
    republish();
    expect_refused(request(sid, va), 0b1100);
}

TEST_F(AtsRequests, RefusedByAnAbortingStreamWithoutEvent)
{
    stream.stream().config = STE_ABORT;
    republish();
    expect_silent(dut.ats_translate(request(sid, va)), SMMU_ATS_UR);
}

TEST(AtsAbsent, RequestsAreUnsupported)
{
    smmu_config cfg = smmu_config_default();
    cfg.ats = false;
    cfg.pri = false;
    device_under_test dut(cfg);
    dut.bring_up();
    stage1_stream stream(dut, 5);
    stream.low.map(0x1000, 0x2000);
    stream.stream().eats = 1; // IGNORED
    stream.publish();
    EXPECT_EQ(dut.ats_translate(request(5, 0x1000)).status, SMMU_ATS_UR);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
    expect_forward(dut.translate(5, 0x1000), 0x2000);
}

TEST_F(AtsRequests, UnimplementedSecurityStateIsUnsupported)
{
    smmu_ats_request r = request(sid, va);
    r.sec = SMMU_SEC_S;
    expect_silent(dut.ats_translate(r), SMMU_ATS_UR);
}

// 3.13.7: hardware updates

class AtsUpdates : public AtsRequests {
  protected:
    AtsUpdates()
    {
        stream.context().ha = 1;
        stream.context().hd = 1;
        republish();
    }
    uint64_t af() { return stream.low.descriptor(va, 3) >> 10 & 1; }
    bool read_only_page() { return (stream.low.descriptor(va, 3) >> 7 & 1) != 0; }

    static leaf_attributes clean()
    {
        leaf_attributes page;
        page.ap = AP_ALL_RO;
        page.dbm = 1;
        return page;
    }
};

TEST_F(AtsUpdates, SetTheAccessFlag)
{
    leaf_attributes page;
    page.af = 0;
    EXPECT_TRUE(with_page(page, read_only(sid, va)).r);
    EXPECT_EQ(af(), 1u);
}

TEST_F(AtsUpdates, RequestToWriteMakesACleanPageDirty)
{
    const smmu_ats_completion c = with_page(clean(), request(sid, va));
    EXPECT_TRUE(c.w);
    EXPECT_EQ(c.addr, pa);
    EXPECT_FALSE(read_only_page());
}

TEST_F(AtsUpdates, NoWriteRequestLeavesAPageClean)
{
    const smmu_ats_completion c = with_page(clean(), read_only(sid, va));
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.w);
    EXPECT_TRUE(read_only_page());
}

TEST_F(AtsUpdates, CleanPageInTheTlbIsMadeDirtyAsWell)
{
    with_page(clean(), read_only(sid, va));
    EXPECT_TRUE(dut.ats_translate(request(sid, va)).w);
    EXPECT_FALSE(read_only_page());
}

TEST_F(AtsUpdates, WithoutDirtyStateACleanPageIsReadOnly)
{
    stream.context().hd = 0;
    republish();
    const smmu_ats_completion c = with_page(clean(), request(sid, va));
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.w);
    EXPECT_TRUE(read_only_page());
}

TEST_F(AtsUpdates, UnprivilegedRequestDoesNotMakeAPrivilegedPageDirty)
{
    leaf_attributes page = clean();
    page.ap = AP_PRIV_RO;
    expect_denied(with_page(page, request(sid, va)));
    EXPECT_TRUE(read_only_page());
}

TEST_F(AtsUpdates, AbortOfTheUpdateIsCompleterAbort)
{
    stream.low.map(va, pa, 3, clean());
    const uint64_t at = stream.low.descriptor_address(va, 3);
    dut.mem.abort_on({at, at + 7, SMMU_FETCH_TTD_UPDATE});
    EXPECT_EQ(dut.ats_translate(read_only(sid, va)).status, SMMU_ATS_SUCCESS);
    EXPECT_EQ(dut.ats_translate(request(sid, va)).status, SMMU_ATS_CA);
}

// 13.6.4: stage 1 skipped

TEST_F(AtsRequests, StageSkippedByS1dssIsIdentityForAllAddresses)
{
    with_pasid(request(sid, va));
    stream.stream().s1dss = 1;
    republish();
    const smmu_ats_completion c = dut.ats_translate(read_only(sid, 0x1234'5678));
    EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
    EXPECT_TRUE(c.r);
    EXPECT_TRUE(c.w);
    EXPECT_FALSE(c.exe);
    EXPECT_EQ(c.addr, 0u);
    EXPECT_EQ(c.span_log2, 48);
    expect_denied(dut.ats_translate(request(sid, uint64_t{1} << 48)));
}

// --- both stages --------------------------------------------------------------------------------

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
    const smmu_ats_completion c = dut.ats_translate(request(alone, ipa));
    EXPECT_TRUE(c.r);
    EXPECT_EQ(c.addr, pa);
    EXPECT_EQ(c.span_log2, 12);
}

TEST_F(NestedAts, BothStagesGiveThePhysicalAddress)
{
    const smmu_ats_completion c = dut.ats_translate(request(nested, va));
    EXPECT_TRUE(c.r);
    EXPECT_TRUE(c.w);
    EXPECT_EQ(c.addr, pa);
}

TEST_F(NestedAts, RightsAreThoseOfBothStages)
{
    permit(0b01);
    smmu_ats_completion c = dut.ats_translate(request(nested, va));
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.w);
    permit(0b10);
    c = dut.ats_translate(request(nested, va));
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
    const smmu_ats_completion c = dut.ats_translate(request(nested, va));
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
    EXPECT_EQ(dut.ats_translate(request(nested, va)).status, SMMU_ATS_SUCCESS);
    stage1.stream().instcfg = 3; // then that is the right to read
    publish();
    EXPECT_EQ(dut.ats_translate(request(nested, va)).status, SMMU_ATS_CA);
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
    const smmu_ats_completion c = dut.ats_translate(request(nested, va));
    EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.w);
    EXPECT_EQ(c.addr, pa);
    EXPECT_EQ(stage1.low.descriptor(va, 3) >> 7 & 1, 1u) << "no write, so it is clean";
}

TEST_F(NestedAts, Stage2FaultsDeny)
{
    third.table.unmap(ipa);
    const smmu_ats_completion c = dut.ats_translate(request(nested, va));
    EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
    EXPECT_FALSE(c.r || c.w);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(NestedAts, Stage2FaultOfACdFetchDenies)
{
    stage1.stream().s1contextptr = 0x3f'0000'0000;
    publish();
    const smmu_ats_completion c = dut.ats_translate(request(nested, va));
    EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
    EXPECT_FALSE(c.r || c.w);
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
    EXPECT_FALSE(dut.ats_translate(request(nested, va)).w);
    EXPECT_EQ(third.table.descriptor(ipa, 3) >> 7 & 1, 0u);

    page.ap = AP_ALL_RW;
    stage1.low.map(va, ipa, 3, page);
    dut.invalidate_all();
    EXPECT_TRUE(dut.ats_translate(request(nested, va)).w);
    EXPECT_EQ(third.table.descriptor(ipa, 3) >> 7 & 1, 1u);
}

// 13.6.3

TEST_F(NestedAts, SplitStageGivesTheIpaWithTheRightsOfBothStages)
{
    split();
    permit(0b01);
    const smmu_ats_completion c = dut.ats_translate(request(nested, va + 0x10));
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
    const smmu_ats_completion c = dut.ats_translate(request(nested, 0x4000'0000));
    EXPECT_EQ(c.addr, 0x20'0000'0000u);
    EXPECT_EQ(c.span_log2, 12);
}

TEST_F(NestedAts, SplitStageWithStage1SkippedIsIdentityWithStage2Rights)
{
    stage1.stream().s1cdmax = 1;
    stage1.stream().s1dss = 1;
    split();
    permit(0b01);
    const smmu_ats_completion c = dut.ats_translate(request(nested, ipa));
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.w);
    EXPECT_EQ(c.addr, ipa);
}

TEST_F(NestedAts, SplitStageNeedsAtschk)
{
    stage1.stream().eats = 2;
    publish();
    EXPECT_EQ(dut.ats_translate(request(nested, va)).status, SMMU_ATS_UR);
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
