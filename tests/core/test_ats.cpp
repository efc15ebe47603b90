// SPDX-License-Identifier: Apache-2.0
// ATS Translation Requests of a stream with stage 1: rights, refusals, errors (IHI
// 0070 3.9.1, 13.6.4, 13.7).
#include "core/ats_test.hpp"

using namespace support;
using namespace support::reg;
using testing::IsEmpty;

namespace test_ats {
namespace {

TEST_F(AtsRequests, GrantReadAndWriteOfAWritablePage)
{
    const smmu_ats_completion c = dut.ats_translate(ats_request(sid, va + 0x123));
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
    const smmu_ats_completion c = dut.ats_translate(ats_request(sid, 0x40000000 + 0x123456));
    EXPECT_EQ(c.addr, 0x80000000u);
    EXPECT_EQ(c.span_log2, 21);
}

TEST_F(AtsRequests, FillTheTlbAndAreServedByIt)
{
    dut.ats_translate(ats_request(sid, va));
    EXPECT_EQ(stats().tlb_fills, 1u);
    stream.low.unmap(va);
    EXPECT_TRUE(dut.ats_translate(ats_request(sid, va)).r);
    expect_forward(dut.translate(sid, va), pa);
    dut.invalidate_all();
    expect_denied(dut.ats_translate(ats_request(sid, va)));
}

TEST_F(AtsRequests, ReadOnlyPageGrantsNoWrite)
{
    leaf_attributes page;
    page.ap = AP_ALL_RO;
    const smmu_ats_completion c = with_page(page, ats_request(sid, va));
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.w);
}

TEST_F(AtsRequests, NoWriteRequestsStillGetWhatThePagePermits)
{
    EXPECT_TRUE(dut.ats_translate(ats_read_only(sid, va)).w);
}

TEST_F(AtsRequests, WithoutPasidAreUnprivilegedData)
{
    leaf_attributes page;
    page.ap = AP_PRIV_RW;
    smmu_ats_request r = ats_request(sid, va);
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
    smmu_ats_request r = with_pasid(ats_request(sid, va));
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
    smmu_ats_request r = with_pasid(ats_request(sid, va));
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
    smmu_ats_request r = with_pasid(ats_request(sid, va));
    r.exe = true;
    expect_denied(with_page(page, r));
}

TEST_F(AtsRequests, InstcfgInstructionMakesReadsFetches)
{
    leaf_attributes page;
    page.ap = AP_PRIV_RW;
    smmu_ats_request r = with_pasid(ats_request(sid, va));
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
    smmu_ats_request r = with_pasid(ats_request(sid, va));
    stream.stream().instcfg = 2;
    republish();
    r.exe = true;
    EXPECT_TRUE(with_page(page, r).exe);
}

TEST_F(AtsRequests, PrivcfgDecidesRightsButNotPrivOfTheCompletion)
{
    leaf_attributes page;
    page.ap = AP_PRIV_RW;
    smmu_ats_request r = with_pasid(ats_request(sid, va));
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
    expect_denied(dut.ats_translate(ats_request(sid, va + 0x1000)));
    EXPECT_EQ(stats().ats_grants, 0u);
}

TEST_F(AtsRequests, AddressSizeFaultDenies)
{
    stream.context().ips = 0; // 32 bits
    republish();
    stream.low.map(va, uint64_t{1} << 33);
    expect_denied(dut.ats_translate(ats_request(sid, va)));
}

TEST_F(AtsRequests, AccessFaultDenies)
{
    leaf_attributes page;
    page.af = 0;
    expect_denied(with_page(page, ats_request(sid, va)));
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
    const smmu_ats_completion c = coarse.ats_translate(ats_request(sid, va));
    EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
    EXPECT_FALSE(c.r);
    EXPECT_EQ(c.span_log2, 14);
}

TEST_F(AtsRequests, StallModelDoesNotConcernThem)
{
    stream.context().s = 1;
    republish();
    expect_denied(dut.ats_translate(ats_request(sid, va + 0x1000)));
    EXPECT_EQ(stats().stalls, 0u);
}

// ... configuration errors

TEST_F(AtsRequests, BadStreamidIsCompleterAbort)
{
    expect_silent(dut.ats_translate(ats_request(256, va)), SMMU_ATS_CA);
}

TEST_F(AtsRequests, SteFetchAbortIsCompleterAbort)
{
    const uint64_t at = dut.ste_address(sid);
    dut.mem.abort_on({at, at + 63, SMMU_FETCH_STE});
    expect_silent(dut.ats_translate(ats_request(sid, va)), SMMU_ATS_CA);
}

TEST_F(AtsRequests, InvalidSteIsCompleterAbort)
{
    stream.stream().v = 0;
    republish();
    expect_silent(dut.ats_translate(ats_request(sid, va)), SMMU_ATS_CA);
}

TEST_F(AtsRequests, BadSubstreamidIsCompleterAbort)
{
    smmu_ats_request r = with_pasid(ats_request(sid, va));
    r.ssid = 2;
    expect_silent(dut.ats_translate(r), SMMU_ATS_CA);
}

TEST_F(AtsRequests, StreamDisabledIsCompleterAbort)
{
    with_pasid(ats_request(sid, va));
    expect_silent(dut.ats_translate(ats_request(sid, va)), SMMU_ATS_CA);
}

TEST_F(AtsRequests, CdFetchAbortIsCompleterAbort)
{
    dut.mem.abort_on({stream.cd_address(), stream.cd_address() + 63, SMMU_FETCH_CD});
    expect_silent(dut.ats_translate(ats_request(sid, va)), SMMU_ATS_CA);
}

TEST_F(AtsRequests, BadCdIsCompleterAbort)
{
    stream.context().v = 0;
    republish();
    expect_silent(dut.ats_translate(ats_request(sid, va)), SMMU_ATS_CA);
}

TEST_F(AtsRequests, WalkAbortIsCompleterAbort)
{
    const uint64_t at = stream.low.descriptor_address(va, 3);
    dut.mem.abort_on({at, at + 7, SMMU_FETCH_TTD});
    expect_silent(dut.ats_translate(ats_request(sid, va)), SMMU_ATS_CA);
}

TEST_F(AtsRequests, ConflictsAreCompleterAbort)
{
    smmu_inject(dut.smmu(), SMMU_INJECT_TLB_CONFLICT, 1);
    expect_silent(dut.ats_translate(ats_request(sid, va)), SMMU_ATS_CA);
    smmu_inject(dut.smmu(), SMMU_INJECT_CFG_CONFLICT, 1);
    expect_silent(dut.ats_translate(ats_request(sid, va)), SMMU_ATS_CA);
}

// ... and where ATS is off

TEST_F(AtsRequests, RefusedWhileTheSmmuIsDisabled)
{
    dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN);
    expect_refused(ats_request(sid, va + 0x234), 0b1100);
}

TEST_F(AtsRequests, RefusedWithoutEats)
{
    stream.stream().eats = 0;
    republish();
    expect_refused(ats_read_only(sid, va), 0b1000);
}

TEST_F(AtsRequests, RefusalTellsTheRightsAskedForBeforeOverrides)
{
    stream.stream().eats = 0;
    stream.stream().instcfg = 2;
    stream.stream().privcfg = 2;
    smmu_ats_request r = with_pasid(ats_read_only(sid, va));
    r.exe = true;
    r.priv = true;
    expect_refused(r, 0b1011);
}

TEST_F(AtsRequests, DptEncodingIsReserved)
{
    stream.stream().eats = 3;
    republish();
    expect_refused(ats_request(sid, va), 0b1100);
}

TEST_F(AtsRequests, RefusedByABypassedStream)
{
    stream.stream().config = STE_BYPASS;
    republish();
    expect_refused(ats_request(sid, va), 0b1100);
}

TEST_F(AtsRequests, RefusedByAnAbortingStreamWithoutEvent)
{
    stream.stream().config = STE_ABORT;
    republish();
    expect_silent(dut.ats_translate(ats_request(sid, va)), SMMU_ATS_UR);
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
    EXPECT_EQ(dut.ats_translate(ats_request(5, 0x1000)).status, SMMU_ATS_UR);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
    expect_forward(dut.translate(5, 0x1000), 0x2000);
}

TEST_F(AtsRequests, UnimplementedSecurityStateIsUnsupported)
{
    smmu_ats_request r = ats_request(sid, va);
    r.sec = SMMU_SEC_S;
    expect_silent(dut.ats_translate(r), SMMU_ATS_UR);
}

// 13.6.4: stage 1 skipped

TEST_F(AtsRequests, StageSkippedByS1dssIsIdentityForAllAddresses)
{
    with_pasid(ats_request(sid, va));
    stream.stream().s1dss = 1;
    republish();
    const smmu_ats_completion c = dut.ats_translate(ats_read_only(sid, 0x1234'5678));
    EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
    EXPECT_TRUE(c.r);
    EXPECT_TRUE(c.w);
    EXPECT_FALSE(c.exe);
    EXPECT_EQ(c.addr, 0u);
    EXPECT_EQ(c.span_log2, 48);
    expect_denied(dut.ats_translate(ats_request(sid, uint64_t{1} << 48)));
}

} // namespace
} // namespace test_ats
