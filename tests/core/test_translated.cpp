// SPDX-License-Identifier: Apache-2.0
// Transactions marked Translated (IHI 0070 3.9.1.1, 3.9.1.3, 13.6).
#include "core/nested_test.hpp"
#include "core/reentry_test.hpp"

using namespace support;
using namespace support::reg;
using testing::IsEmpty;

namespace test_translated {
namespace {

class Translated : public NestedTest {
  protected:
    // CR0.ATSCHK == 1, and EATS of both streams.
    void check(unsigned eats)
    {
        entry.eats = eats == 2 ? 1 : eats;
        stage1.stream().eats = eats;
        publish();
        dut.update_cr0(CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN | CR0_ATSCHK);
        dut.pop_events();
    }

    void expect_silent_abort(uint32_t sid, uint64_t addr)
    {
        expect_abort(dut.translate(sid, addr, translated_read), 0);
        EXPECT_THAT(dut.pop_events(), IsEmpty());
    }

    void expect_forbidden(uint32_t sid, const client_access &how)
    {
        expect_abort(dut.translate(sid, 0x1234567, how), F_TRANSL_FORBIDDEN);
        event e;
        e.type = F_TRANSL_FORBIDDEN;
        e.sid = sid;
        e.rnw = !how.write;
        e.input_addr = 0x1234567;
        EXPECT_EQ(only_event(), e);
    }
};

TEST_F(Translated, PassUncheckedWithoutAtschk)
{
    dut.mem.clear_log();
    expect_forward(dut.translate(nested, va, translated_write), va);
    expect_forward(dut.translate(0xffffffff, 0x1000, translated_read), 0x1000);
    EXPECT_THAT(dut.mem.log(), IsEmpty());
}

TEST_F(Translated, BitsAboveTheOutputSizeAbortWithoutEvent)
{
    expect_silent_abort(nested, uint64_t{1} << 48);
    check(1);
    expect_silent_abort(nested, uint64_t{1} << 48);
}

TEST_F(Translated, ForbiddenWhileTheSmmuIsDisabled)
{
    dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN);
    expect_forbidden(nested, translated_read);
}

TEST_F(Translated, ForbiddenWhereEatsIsZero)
{
    check(0);
    expect_forbidden(nested, translated_read);
    expect_forbidden(alone, translated_write);
}

TEST_F(Translated, CountAsWithoutSubstreamidAndUnprivileged)
{
    check(0);
    client_access how = translated_read;
    how.ssv = true;
    how.ssid = 3;
    how.priv = true;
    expect_forbidden(nested, how);
}

TEST_F(Translated, ForbiddenOnABypassedStream)
{
    entry.config = STE_BYPASS;
    check(1);
    expect_forbidden(alone, translated_read);
}

TEST_F(Translated, AbortedSilentlyOnAnAbortingStream)
{
    entry.config = STE_ABORT;
    check(1);
    expect_silent_abort(alone, 0x1000);
}

TEST_F(Translated, ConfigurationErrorsAbortSilently)
{
    check(1);
    expect_silent_abort(256, 0x1000); // C_BAD_STREAMID
    entry.v = 0;
    publish();
    expect_silent_abort(alone, 0x1000); // C_BAD_STE
    const uint64_t at = dut.ste_address(nested);
    dut.mem.abort_on({at, at + 63, SMMU_FETCH_STE});
    dut.submit(cfgi_all());
    expect_silent_abort(nested, 0x1000); // F_STE_FETCH
}

TEST_F(Translated, AbortedSilentlyWhereTheStreamTerminatesWithoutSubstream)
{
    stage1.stream().s1cdmax = 1;
    stage1.stream().s1dss = 0;
    check(1);
    expect_silent_abort(nested, 0x1000);
    stage1.stream().s1dss = 2;
    publish();
    expect_forward(dut.translate(nested, 0x1000, translated_read), 0x1000);
}

TEST_F(Translated, PassWithFullAts)
{
    check(1);
    dut.mem.clear_log();
    expect_forward(dut.translate(nested, 0x7654321, translated_write), 0x7654321);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_TTD), 0u);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_CD), 0u);
}

TEST_F(Translated, AttributesStayWithFullAts)
{
    stage1.stream().mtcfg = 1;
    stage1.stream().memattr = 0;
    stage1.stream().shcfg = 0;
    check(1);
    const smmu_result r = dut.translate(nested, 0x1000, translated_read);
    EXPECT_EQ(r.attr.mair, SMMU_MAIR_NORMAL_WB_RAWA);
    EXPECT_EQ(r.attr.sh, SMMU_SH_INNER);
}

TEST_F(Translated, OverridesOfInstAndPrivApply)
{
    stage1.stream().privcfg = 3;
    stage1.stream().instcfg = 3;
    check(1);
    const smmu_result r = dut.translate(nested, 0x1000, translated_read);
    EXPECT_TRUE(r.priv);
    EXPECT_TRUE(r.instr);
}

TEST_F(Translated, ChangeOfAtschkWithdrawsWhatWasGranted)
{
    expect_forward(dut.translate(nested, 0x1000, translated_read), 0x1000);
    dut.invals.clear();
    dut.update_cr0(CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN | CR0_ATSCHK);
    EXPECT_FALSE(dut.invals.empty());
    expect_abort(dut.translate(nested, 0x1000, translated_read), F_TRANSL_FORBIDDEN);
}

TEST_F(Translated, AndUntranslatedAnswersAreKeptApart)
{
    expect_forward(dut.translate(alone, ipa), pa);
    expect_forward(dut.translate(alone, ipa, translated_read), ipa);
    expect_forward(dut.translate(alone, ipa), pa);
    EXPECT_EQ(stats().utlb_hits, 1u);
}

// 13.6.3

TEST_F(Translated, SplitStageTranslatesIpas)
{
    check(2);
    expect_forward(dut.translate(nested, ipa + 0x40, translated_write), pa + 0x40);
}

TEST_F(Translated, SplitStageFaultsAreRecorded)
{
    check(2);
    expect_abort(dut.translate(nested, ipa + 0x1000, translated_read), F_TRANSLATION);
    EXPECT_EQ(only_event(),
              stage2_fault(F_TRANSLATION, nested, ipa + 0x1000, CLASS_IN, ipa + 0x1000));
}

TEST_F(Translated, SplitStageChecksRights)
{
    check(2);
    stage2_attributes page;
    page.s2ap = 0b01;
    third.table.map(ipa, pa, 3, page);
    dut.invalidate_all();
    expect_forward(dut.translate(nested, ipa, translated_read), pa);
    expect_abort(dut.translate(nested, ipa, translated_write), F_PERMISSION);
}

TEST_F(Translated, SplitStageAddressTooLargeIsAStage1Fault)
{
    check(2);
    const uint64_t large = uint64_t{1} << 48;
    expect_abort(dut.translate(nested, large, translated_read), F_ADDR_SIZE);
    event e;
    e.type = F_ADDR_SIZE;
    e.sid = nested;
    e.rnw = true;
    e.cls = CLASS_IN;
    e.input_addr = large;
    EXPECT_EQ(only_event(), e);
}

TEST_F(Translated, SplitStageCombinesIncomingAttributesWithStage2)
{
    stage1.stream().mtcfg = 1;
    stage1.stream().memattr = 0; // Device, which is ignored
    check(2);
    stage2_attributes page;
    page.memattr = 0b0101; // Normal Non-cacheable
    third.table.map(ipa, pa, 3, page);
    dut.invalidate_all();
    EXPECT_EQ(dut.translate(nested, ipa, translated_read).attr.mair, SMMU_MAIR_NORMAL_NC);
}

// 13.1.7
TEST_F(Translated, DeviceAndNonCacheableLeaveOuterShareable)
{
    const auto shareability = [this](uint64_t addr, uint8_t mair) {
        smmu_txn txn = device_under_test::transaction(nested, addr, translated_read);
        txn.attr = {mair, SMMU_SH_NON};
        smmu_result result{};
        smmu_translate(dut.smmu(), &txn, &result);
        EXPECT_EQ(result.outcome, SMMU_FORWARD);
        return result.attr.sh;
    };
    for (const uint8_t mair : {SMMU_MAIR_DEVICE_nGnRE, SMMU_MAIR_NORMAL_NC}) {
        EXPECT_EQ(shareability(pa, mair), SMMU_SH_OUTER) << "unchecked";
        check(1);
        EXPECT_EQ(shareability(pa, mair), SMMU_SH_OUTER) << "full ATS";
        check(2);
        EXPECT_EQ(shareability(ipa, mair), SMMU_SH_OUTER) << "split-stage";
        dut.update_cr0(CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN);
    }
}

TEST_F(Translated, SplitStageAppliesInstcfgBeforeStage2)
{
    stage1.stream().instcfg = 3;
    check(2);
    stage2_attributes page;
    page.xn = 0b10; // never executable
    third.table.map(ipa, pa, 3, page);
    dut.invalidate_all();
    expect_abort(dut.translate(nested, ipa, translated_read), F_PERMISSION);
    EXPECT_TRUE(only_event().ind);
}

TEST(TranslatedWithoutAts, AreForbidden)
{
    smmu_config cfg = smmu_config_default();
    cfg.ats = false;
    cfg.pri = false;
    device_under_test dut(cfg);
    dut.bring_up();
    expect_abort(dut.translate(5, 0x1000, translated_read), F_TRANSL_FORBIDDEN);
}

TEST_F(Translated, ProbeHasNoSideEffects)
{
    check(0);
    EXPECT_EQ(dut.probe(nested, 0x1000, translated_read).outcome, SMMU_ABORT);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(Translated, AtschkClearedDuringTheFetchHasOneValue)
{
    // 6.3.9.2: by either value of ATSCHK a Split-stage stream's transaction goes on.
    check(2);
    during(dut, SMMU_FETCH_STE, 0, [&] { dut.update_cr0(CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN); });
    expect_forward(dut.translate(nested, ipa, translated_read), pa);
    EXPECT_EQ(dut.mem.before, nullptr) << "cleared while the STE was fetched";
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(Translated, AtschkTakesEffectAtOnePointInTime)
{
    // 6.3.9: by the old value the address is an IPA, by the new one physical.
    check(2);
    third.table.map(ipa + 0x1000, pa + 0x1000, 3, stage2_attributes{});
    expect_forward(dut.translate(nested, ipa, translated_read), pa);
    dut.invals.clear();
    smmu_reg_write(dut.smmu(), CR0, 4, CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN);
    ASSERT_EQ(dut.invals.size(), 1u) << "what the host remembers is of the old value too";
    EXPECT_EQ(dut.invals[0].kind, SMMU_INVAL_ALL);
    for (const uint64_t addr : {ipa + 0x1000, ipa}) {
        smmu_txn txn = device_under_test::transaction(nested, addr, translated_read);
        smmu_result result{};
        smmu_translate(dut.smmu(), &txn, &result);
        expect_forward(result, addr);
    }
}

} // namespace
} // namespace test_translated
