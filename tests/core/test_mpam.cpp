// SPDX-License-Identifier: Apache-2.0
// MPAM: which label each access has (IHI 0070 17.2 to 17.4, 17.7), what is too large
// (5.2, 5.4, 6.3.42), GMPAM and GBPMPAM (6.3.42, 6.3.43), and how long a label lives in caches
// (5.4.1, 16.2.1).
#include "core/mpam_test.hpp"
#include "core/reentry_test.hpp"

using namespace support;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

namespace test_mpam {
namespace {

// --- client transactions (17.2) ------------------------------------------------------------------

TEST_F(MpamTest, BypassHasTheLabelOfTheSte)
{
    EXPECT_EQ(of(bypassed), of_bypass);
}

TEST_F(MpamTest, Stage1HasTheLabelOfTheSteWithoutS1mpam)
{
    EXPECT_EQ(of(single_sid), of_single);
}

TEST_F(MpamTest, Stage1HasTheLabelOfTheCdWithS1mpam)
{
    use_s1mpam();
    EXPECT_EQ(of(single_sid), of_single_cd);
}

TEST_F(MpamTest, Stage2HasTheLabelOfTheSte)
{
    EXPECT_EQ(of(alone, ipa), of_alone);
    entry.s1mpam = 1;
    publish_all();
    EXPECT_EQ(of(alone, ipa), of_alone) << "S1MPAM is ignored";
}

TEST_F(MpamTest, NestedHasTheLabelOfTheSteWithoutS1mpam)
{
    EXPECT_EQ(of(nested), of_nested);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_VMS), 0u);
}

TEST_F(MpamTest, NestedHasTheMappedPartidAndThePmgOfTheCdWithS1mpam)
{
    use_s1mpam();
    EXPECT_EQ(of(nested), of_nested_cd);
}

TEST_F(MpamTest, Stage1BypassedByS1dssHasTheLabelOfTheSte)
{
    for (stage1_stream *s : {&single, &stage1}) {
        s->stream().s1cdmax = 1;
        s->stream().s1dss = 1;
    }
    use_s1mpam();
    EXPECT_EQ(of(single_sid), of_single);
    EXPECT_EQ(of(nested, ipa), of_nested);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_VMS), 0u) << "not needed";
}

TEST_F(MpamTest, ConfigBypassIgnoresS1mpam)
{
    through.s1mpam = 1;
    through.vmsptr = ~uint64_t{0} & ones(56) & ~ones(12);
    publish_all();
    EXPECT_EQ(of(bypassed), of_bypass);
}

TEST_F(MpamTest, GlobalBypassHasTheLabelOfGbpmpam)
{
    dut.update_cr0(0xc);
    EXPECT_EQ(of(bypassed), of_gbpmpam);
}

// A CD with a label of its own for each substream.
TEST_F(MpamTest, SubstreamsHaveTheLabelOfTheirCd)
{
    single.stream().s1cdmax = 1;
    single.stream().s1dss = 2;
    use_s1mpam();
    cd second_cd = single.context();
    second_cd.partid = 0x32;
    second_cd.pmg = 0xa;
    dut.mem.store_image(single.cd_address() + 64, second_cd.encode());
    EXPECT_EQ(of(single_sid, va, {false, false, false, true, 1}), (label{0x32, 0xa}));
    EXPECT_EQ(of(single_sid), of_single_cd) << "of the same translation, by another CD";
}

// What ends without going on has the label it would have had, for those who count.
TEST_F(MpamTest, FaultsKnowTheLabel)
{
    use_s1mpam();
    const smmu_result fault = dut.translate(single_sid, va + 0x1000);
    expect_abort(fault, F_TRANSLATION);
    EXPECT_EQ(label(fault.mpam), of_single_cd);
}

class MpamOfOneEntry : public MpamTest {
  protected:
    static smmu_config with_one_entry()
    {
        smmu_config cfg = with_mpam();
        cfg.config_cache = {1, 1};
        return cfg;
    }

    MpamOfOneEntry() : MpamTest(with_one_entry()) {}
};

TEST_F(MpamOfOneEntry, FaultsKeepTheLabelWhileOthersAreCachedInTheirPlace)
{
    leaf_attributes read_only;
    read_only.ap = AP_ALL_RO;
    single.low.map(va + 0x1000, pa, 3, read_only);
    EXPECT_EQ(of(single_sid, va + 0x1000), of_single);
    during(dut, SMMU_FETCH_EVTQ, 0, [&] { EXPECT_EQ(of(nested), of_nested); });
    const smmu_result denied = dut.translate(single_sid, va + 0x1000, write_access);
    EXPECT_EQ(denied.event, F_PERMISSION);
    EXPECT_EQ(label(denied.mpam), of_single);
}

// --- ATS (17.3) ----------------------------------------------------------------------------------

class TranslatedMpam : public MpamTest {
  protected:
    // Full ATS for all streams, but split-stage for the nested one.
    TranslatedMpam()
    {
        single.stream().eats = entry.eats = 1;
        stage1.stream().eats = 2;
        use_s1mpam();
    }
    void check(bool on) { dut.update_cr0(on ? 0x1d : 0xd); }
};

TEST_F(TranslatedMpam, UncheckedTrafficHasTheLabelOfGbpmpam)
{
    EXPECT_EQ(of(single_sid, pa, translated_read), of_gbpmpam);
}

TEST_F(TranslatedMpam, CheckedTrafficHasTheLabelOfTheSte)
{
    check(true);
    EXPECT_EQ(of(single_sid, pa, translated_read), of_single);
    EXPECT_EQ(of(alone, pa, translated_read), of_alone);
}

TEST_F(TranslatedMpam, SubstreamDoesNotCount)
{
    check(true);
    EXPECT_EQ(of(single_sid, pa, {false, false, false, true, 0, true}), of_single);
}

TEST_F(TranslatedMpam, SplitStageTrafficHasTheLabelOfTheSte)
{
    check(true);
    EXPECT_EQ(of(nested, ipa, translated_read), of_nested);
}

TEST_F(TranslatedMpam, RequestsWalkWithTheLabelOfUntranslatedTraffic)
{
    smmu_ats_request request{};
    request.sid = single_sid;
    request.addr = va;
    EXPECT_TRUE(dut.ats_translate(request).r);
    EXPECT_THAT(labels(SMMU_FETCH_TTD), Not(IsEmpty()));
    EXPECT_THAT(labels(SMMU_FETCH_TTD), Each(of_single_cd));
}

// --- accesses of the SMMU's own (17.4) -----------------------------------------------------------

TEST_F(MpamTest, StructuresOfTheStreamTableHaveTheLabelOfGmpam)
{
    of(single_sid);
    EXPECT_THAT(labels(SMMU_FETCH_STE), ElementsAre(of_gmpam));
}

TEST_F(MpamTest, FirstLevelOfTheStreamTableHasTheLabelOfGmpam)
{
    dut.update_cr0(0);
    dut.write32(0x88, 0x0001'0208); // two levels, SPLIT 8, LOG2SIZE 8
    dut.update_cr0(0xd);
    dut.mem.clear_log();
    dut.translate(bypassed, va);
    EXPECT_THAT(labels(SMMU_FETCH_L1STD), ElementsAre(of_gmpam));
}

TEST_F(MpamTest, CdsHaveTheLabelOfTheSteEvenWithS1mpam)
{
    use_s1mpam();
    of(single_sid);
    of(nested);
    EXPECT_THAT(labels(SMMU_FETCH_CD), ElementsAre(of_single, of_nested));
}

TEST_F(MpamTest, FirstLevelOfTheCdTableHasTheLabelOfTheSte)
{
    single.stream().s1cdmax = 8;
    single.stream().s1fmt = 1;
    use_s1mpam();
    dut.translate(single_sid, va, {false, false, false, true, 1});
    EXPECT_THAT(labels(SMMU_FETCH_L1CD), ElementsAre(of_single));
}

TEST_F(MpamTest, TablesOfStage1HaveTheLabelOfTheTransaction)
{
    of(single_sid);
    EXPECT_EQ(labels(SMMU_FETCH_TTD), std::vector<label>(4, of_single));
    use_s1mpam();
    of(single_sid);
    EXPECT_EQ(labels(SMMU_FETCH_TTD), std::vector<label>(4, of_single_cd));
}

TEST_F(MpamTest, TablesOfStage2HaveTheLabelOfTheSte)
{
    of(alone, ipa);
    EXPECT_THAT(labels(SMMU_FETCH_TTD), Not(IsEmpty()));
    EXPECT_THAT(labels(SMMU_FETCH_TTD), Each(of_alone));
}

// Descriptors of stage 1 lie in the tables' frames, those of stage 2 as well: told apart by
// address.
TEST_F(MpamTest, NestedWalksHaveBothLabels)
{
    use_s1mpam();
    of(nested);
    unsigned firsts = 0, seconds = 0;
    for (const mem_access &access : dut.mem.log()) {
        if (access.req.fetch != SMMU_FETCH_TTD)
            continue;
        bool of_stage1 = false;
        for (unsigned level = 0; level < 4; ++level)
            of_stage1 |= access.req.addr == stage1.low.descriptor_address(va, level);
        EXPECT_EQ(label(access.req.mpam), of_stage1 ? of_nested_cd : of_nested);
        ++(of_stage1 ? firsts : seconds);
    }
    EXPECT_EQ(firsts, 4u);
    EXPECT_GT(seconds, 0u);
}

TEST_F(MpamTest, UpdatesOfDescriptorsHaveTheLabelOfTheWalk)
{
    leaf_attributes unused;
    unused.af = 0;
    single.low.map(va, pa, 3, unused);
    single.context().ha = 1;
    use_s1mpam();
    of(single_sid);
    EXPECT_THAT(labels(SMMU_FETCH_TTD_UPDATE), ElementsAre(of_single_cd));
}

TEST_F(MpamTest, QueuesHaveTheLabelOfGmpam)
{
    dut.translate(single_sid, va + 0x1000); // an event
    dut.submit(cfgi_all());
    EXPECT_THAT(labels(SMMU_FETCH_EVTQ), ElementsAre(of_gmpam));
    EXPECT_THAT(labels(SMMU_FETCH_CMDQ), ElementsAre(of_gmpam));
}

TEST_F(MpamTest, PriQueueHasTheLabelOfGmpam)
{
    dut.update_cr0(0xf);
    smmu_page_request request{};
    request.sid = single_sid;
    request.r = request.last = true;
    smmu_request_page(dut.smmu(), &request);
    EXPECT_THAT(labels(SMMU_FETCH_PRIQ), ElementsAre(of_gmpam));
}

TEST_F(MpamTest, MessagesHaveTheLabelOfGmpam)
{
    dut.submit(image<2>{{0xabcd'0000'1046, 0x5000}}); // CMD_SYNC with a message
    EXPECT_THAT(labels(SMMU_FETCH_MSI), ElementsAre(of_gmpam));
}

TEST_F(MpamTest, AddressOperationsWalkWithTheLabelOfTheStream)
{
    use_s1mpam();
    dut.write64(0x108, single_sid);
    dut.write64(0x110, va | 1 << 10 | 1 << 8);
    dut.write32(0x100, 1);
    EXPECT_EQ(dut.read64(0x118) & 1, 0u);
    EXPECT_EQ(labels(SMMU_FETCH_TTD), std::vector<label>(4, of_single_cd));
}

// --- what is too large ---------------------------------------------------------------------------

// UNKNOWN: 0 here. The largest of each is good.

TEST_F(MpamTest, LabelOfTheSteThatIsTooLargeIsZero)
{
    put(through, {0x34, 0xf});
    publish_all();
    EXPECT_EQ(of(bypassed), (label{0x34, 0xf}));
    put(through, {0x35, 0x10});
    publish_all();
    EXPECT_EQ(of(bypassed), (label{0, 0}));
}

TEST_F(MpamTest, LabelOfTheCdThatIsTooLargeIsZero)
{
    single.context().partid = 0x34;
    single.context().pmg = 0x10;
    use_s1mpam();
    EXPECT_EQ(of(single_sid), (label{0x34, 0}));
    single.context().partid = 0xffff;
    single.context().pmg = 0xf;
    use_s1mpam();
    EXPECT_EQ(of(single_sid), (label{0, 0xf}));
}

TEST_F(MpamTest, LabelOfARegisterThatIsTooLargeIsZero)
{
    dut.write32(0x138, 0x8000'003f);
    EXPECT_EQ(dut.read32(0x138), 0x3fu) << "it has 6 bits";
    dut.mem.clear_log();
    dut.submit(cfgi_all());
    EXPECT_THAT(labels(SMMU_FETCH_CMDQ), ElementsAre(label{0, 0}));
    dut.update_cr0(0xc);
    dut.write32(0x13c, 0x800f'0034);
    EXPECT_EQ(of(bypassed), (label{0x34, 0xf}));
    dut.write32(0x13c, 0x800f'0035);
    EXPECT_EQ(of(bypassed), (label{0, 0xf}));
}

// With PMGs alone there is no VMS: VMSPtr is ignored, and PARTIDs are 0.
class MpamOfPmgsAlone : public MpamTest {
  protected:
    MpamOfPmgsAlone() : MpamTest(cfg()) {}

    static smmu_config cfg()
    {
        smmu_config c = with_mpam();
        c.partid_max = 0;
        return c;
    }
};

TEST_F(MpamOfPmgsAlone, NestedHasThePmgOfTheCd)
{
    stage1.stream().vmsptr = ones(56) & ~ones(12);
    use_s1mpam();
    EXPECT_EQ(of(nested), (label{0, 0xc}));
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_VMS), 0u);
}

// --- registers (6.3.41 to 6.3.43) ----------------------------------------------------------------

TEST_F(MpamTest, MpamidrSaysTheLargest)
{
    EXPECT_EQ(dut.read32(0x130), 0x000f'0034u);
    EXPECT_EQ(dut.read32(0xc) & 0x80, 0x80u) << "IDR3.MPAM";
}

class MpamRegister : public MpamTest, public testing::WithParamInterface<uint32_t> {};

TEST_P(MpamRegister, ResetsToZero)
{
    smmu_reset(dut.smmu());
    EXPECT_EQ(dut.read32(GetParam()), 0u);
}

TEST_P(MpamRegister, IgnoresWritesWithoutUpdate)
{
    const uint32_t before = dut.read32(GetParam());
    dut.write32(GetParam(), 0x0003'0003);
    EXPECT_EQ(dut.read32(GetParam()), before);
}

TEST_P(MpamRegister, ShowsTheNewValueWhileTheUpdateIsUnderWay)
{
    ASSERT_EQ(smmu_reg_write(dut.smmu(), GetParam(), 4, 0x8003'0003), SMMU_REG_OK);
    EXPECT_EQ(dut.read32(GetParam()), 0x8003'0003u);
    smmu_run(dut.smmu());
    EXPECT_EQ(dut.read32(GetParam()), 0x0003'0003u);
}

TEST_P(MpamRegister, IgnoresWritesWhileAnUpdateIsUnderWay)
{
    ASSERT_EQ(smmu_reg_write(dut.smmu(), GetParam(), 4, 0x8003'0003), SMMU_REG_OK);
    ASSERT_EQ(smmu_reg_write(dut.smmu(), GetParam(), 4, 0x8004'0004), SMMU_REG_OK);
    smmu_run(dut.smmu());
    EXPECT_EQ(dut.read32(GetParam()), 0x0003'0003u);
}

INSTANTIATE_TEST_SUITE_P(Both, MpamRegister, testing::Values(0x138u, 0x13cu));

class MpamOfAllBits : public MpamTest {
  protected:
    static smmu_config all_bits()
    {
        smmu_config cfg = with_mpam();
        cfg.partid_max = 0xffff;
        cfg.pmg_max = 0xff;
        return cfg;
    }
    MpamOfAllBits() : MpamTest(all_bits()) {}
};

// SO_PARTID [15:0] and SO_PMG [23:16] of GMPAM, GBP_PARTID and GBP_PMG of GBPMPAM.
TEST_F(MpamOfAllBits, EachBitOfTheRegistersCounts)
{
    dut.update_cr0(0xc);
    for (unsigned bit = 0; bit < 24; ++bit) {
        const uint32_t word = 1u << bit;
        const label want{word & 0xffff, word >> 16};
        dut.write32(0x138, 0x8000'0000 | word);
        dut.write32(0x13c, 0x8000'0000 | word);
        dut.mem.clear_log();
        dut.submit(cmd_sync());
        EXPECT_EQ(labels(SMMU_FETCH_CMDQ), std::vector<label>{want});
        EXPECT_EQ(of(bypassed), want);
    }
}

// 5.2: PARTID [287:272], PMG [327:320].
TEST_F(MpamOfAllBits, EachBitOfTheSteCounts)
{
    for (unsigned bit = 0; bit < 24; ++bit) {
        const label want{1u << bit & 0xffff, 1u << bit >> 16};
        put(through, want);
        publish_all();
        EXPECT_EQ(of(bypassed), want);
    }
}

// 5.4: PARTID [367:352], PMG [375:368].
TEST_F(MpamOfAllBits, EachBitOfTheCdCounts)
{
    for (unsigned bit = 0; bit < 24; ++bit) {
        const label want{1u << bit & 0xffff, 1u << bit >> 16};
        single.context().partid = want.partid;
        single.context().pmg = want.pmg;
        use_s1mpam();
        EXPECT_EQ(of(single_sid), want);
    }
}

TEST_F(MpamTest, GbpmpamIsNotGoneByBeforeItsUpdateIsComplete)
{
    dut.update_cr0(0xc);
    ASSERT_EQ(smmu_reg_write(dut.smmu(), 0x13c, 4, 0x8003'0003), SMMU_REG_OK);
    EXPECT_EQ(of(bypassed), of_gbpmpam);
    smmu_run(dut.smmu());
    EXPECT_EQ(of(bypassed), (label{3, 3})) << "though a micro TLB had the old answer";
}

TEST_F(MpamTest, HostsForgetAnswersOfBypassWithGbpmpam)
{
    dut.update_cr0(0xc);
    dut.invals.clear();
    dut.write32(0x13c, 0x8003'0003);
    ASSERT_EQ(dut.invals.size(), 1u);
    EXPECT_EQ(dut.invals[0].kind, SMMU_INVAL_ALL);
    dut.invals.clear();
    dut.write32(0x138, 0x8003'0003);
    dut.write32(0x13c, 0x8003'0003);
    EXPECT_THAT(dut.invals, IsEmpty()) << "no answer has changed";
}

TEST_F(MpamTest, ResetTakesLabelsBackToZero)
{
    smmu_reset(dut.smmu());
    EXPECT_EQ(of(bypassed), (label{0, 0}));
}

// --- caches --------------------------------------------------------------------------------------

// A label is not cached in a TLB (5.4): the CD's invalidation is enough, and needed.
TEST_F(MpamTest, LabelOfTheCdCountsOnceTheCdIsInvalidated)
{
    use_s1mpam();
    of(single_sid);
    single.context().partid = 0x1d;
    single.publish();
    EXPECT_EQ(of(single_sid), of_single_cd) << "forgotten invalidation";
    const uint64_t walks = stats().ttd_fetches;
    dut.submit(cfgi_cd(single_sid));
    EXPECT_EQ(of(single_sid), (label{0x1d, 0xb}));
    EXPECT_EQ(stats().ttd_fetches, walks) << "the translation was cached all the time";
}

TEST_F(MpamTest, LabelOfTheSteCountsOnceTheSteIsInvalidated)
{
    of(single_sid);
    put(single.stream(), {0x1d, 3});
    single.publish();
    dut.submit(tlbi_nsnh_all());
    dut.submit(cfgi_cd_all(single_sid));
    EXPECT_EQ(of(single_sid), of_single) << "forgotten invalidation";
    dut.submit(cfgi_ste(single_sid));
    EXPECT_EQ(of(single_sid), (label{0x1d, 3}));
}

// Two streams of one ASID and one VMID find each other's translations, and keep their labels.
TEST_F(MpamTest, SharedTranslationsHaveTheLabelOfEachStream)
{
    use_s1mpam();
    ste other = single.stream();
    cd other_cd = single.context();
    other_cd.partid = 0x33;
    other.s1contextptr = 0x2'0000'0000;
    dut.mem.store_image(other.s1contextptr, other_cd.encode());
    dut.set_ste(9, other);
    EXPECT_EQ(of(single_sid), of_single_cd);
    const uint64_t walks = stats().ttd_fetches;
    EXPECT_EQ(of(9), (label{0x33, 0xb}));
    EXPECT_EQ(of(single_sid), of_single_cd);
    EXPECT_EQ(stats().ttd_fetches, walks);
}

TEST_F(MpamTest, HitsOfTheMicroTlbHaveTheLabelOfTheWalk)
{
    use_s1mpam();
    of(single_sid);
    const uint64_t hits = stats().utlb_hits;
    EXPECT_EQ(of(single_sid, va + 8), of_single_cd);
    EXPECT_EQ(stats().utlb_hits, hits + 1);
}

class MpamOfTbus : public MpamTest {
  protected:
    MpamOfTbus() : MpamTest(cfg()) {}

    static smmu_config cfg()
    {
        smmu_config c = with_mpam();
        c.tbu_tlb = {16, 4};
        c.utlb = {0, 0};
        return c;
    }
};

TEST_F(MpamOfTbus, HitsOfTheirMainTlbHaveTheLabelOfTheWalk)
{
    use_s1mpam();
    of(single_sid);
    const uint64_t hits = stats().tbu_tlb_hits;
    EXPECT_EQ(of(single_sid, va + 8), of_single_cd);
    EXPECT_EQ(stats().tbu_tlb_hits, hits + 1);
    single.context().partid = 0x1d;
    single.publish();
    EXPECT_EQ(of(single_sid), of_single_cd) << "forgotten invalidation";
    dut.submit(cfgi_cd(single_sid));
    EXPECT_EQ(of(single_sid), (label{0x1d, 0xb}));
}

TEST_F(MpamTest, ProbesKnowTheLabel)
{
    use_s1mpam();
    EXPECT_EQ(label(dut.probe(single_sid, va).mpam), of_single_cd);
    EXPECT_EQ(label(dut.probe(nested, va).mpam), of_nested_cd);
}

// --- without MPAM --------------------------------------------------------------------------------

class MpamOff : public MpamTest {
  protected:
    MpamOff() : MpamTest(cfg()) {}

    static smmu_config cfg()
    {
        smmu_config c = with_mpam();
        c.mpam = false;
        return c;
    }
};

TEST_F(MpamOff, EveryLabelIsZero)
{
    use_s1mpam();
    for (uint32_t sid : {bypassed, single_sid, nested})
        EXPECT_EQ(of(sid), (label{0, 0}));
    EXPECT_EQ(of(alone, ipa), (label{0, 0}));
    for (const mem_access &access : dut.mem.log())
        EXPECT_EQ(label(access.req.mpam), (label{0, 0}));
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_VMS), 0u);
    for (uint32_t offset : {0x130u, 0x138u, 0x13cu})
        EXPECT_EQ(dut.read32(offset), 0u);
}

} // namespace
} // namespace test_mpam
