// SPDX-License-Identifier: Apache-2.0
// SubstreamIDs of transactions marked Translated (IDR3.PASIDTT; IHI
// 0070 3.9.1.3, 7.3.7, 7.3.9, 13.7, 17.3).
#include "core/mpam_test.hpp"

using namespace support;
using namespace support::reg;
using testing::Each;
using testing::IsEmpty;

namespace test_translated_pasids {
namespace {

constexpr uint32_t ssid = 3;

client_access of_pasid(client_access how = translated_read, uint32_t pasid = ssid)
{
    how.ssv = true;
    how.ssid = pasid;
    how.translated = true;
    return how;
}

smmu_config with_pasidtt(smmu_config cfg = smmu_config_default())
{
    cfg.pasidtt = cfg.atsrecerr = true;
    return cfg;
}

// Both stages, with 16 CDs of which number 3 is there; what has no SubstreamID is terminated.
class TranslatedPasids : public NestedTest {
  protected:
    explicit TranslatedPasids(const smmu_config &cfg = with_pasidtt()) : NestedTest(cfg) {}

    void check(unsigned eats, bool records = false)
    {
        stage1.stream().eats = eats;
        stage1.stream().s1cdmax = 4;
        stage1.stream().s1dss = 0;
        entry.eats = 1;
        const uint32_t on = CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN;
        dut.update_cr0(on & ~CR0_SMMUEN);
        dut.write32(CR2, CR2_RECINVSID | (records ? uint32_t{CR2_REC_CFG_ATS} : 0));
        dut.update_cr0(on | CR0_ATSCHK);
        publish_cd();
    }

    void publish_cd()
    {
        dut.mem.store_image(cd_address(), stage1.context().encode());
        publish();
    }

    uint64_t cd_address() const { return stage1.cd_address() + ssid * 64; }

    void abort_cd()
    {
        abort_rule rule;
        rule.first = cd_address();
        rule.last = rule.first + 63;
        dut.mem.abort_on(rule);
    }

    static event of(unsigned type)
    {
        event e;
        e.type = type;
        e.sid = nested;
        e.ssv = true;
        e.ssid = ssid;
        return e;
    }

    // Aborted because of the configuration: software is told if it asks for it.
    void expect_error(uint32_t sid, const client_access &how, const event &want)
    {
        for (const bool records : {false, true}) {
            check(1, records);
            const smmu_result result = dut.translate(sid, pa, how);
            EXPECT_EQ(result.outcome, SMMU_ABORT);
            const auto events = dut.pop_events();
            ASSERT_EQ(events.size(), records ? 1u : 0u);
            if (records) {
                EXPECT_EQ(events[0], want);
            }
        }
    }
};

TEST_F(TranslatedPasids, AreToldByIdr3)
{
    EXPECT_EQ(dut.read32(IDR3) >> 16 & 1, 1u);
}

TEST_F(TranslatedPasids, PassWhereStreamsWithoutSubstreamAreTerminated)
{
    check(1);
    expect_forward(dut.translate(nested, pa, of_pasid()), pa);
    expect_forward(dut.translate(nested, pa, of_pasid(write_access)), pa);
    expect_abort(dut.translate(nested, pa, translated_read), 0);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(TranslatedPasids, AreNotTranslatedByTheirCd)
{
    check(1);
    dut.mem.clear_log();
    expect_forward(dut.translate(nested, va, of_pasid()), va);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_CD), 1u);
}

TEST_F(TranslatedPasids, BringPrivAndInst) // 13.7
{
    check(1);
    smmu_result result = dut.translate(nested, pa, of_pasid(priv_instr));
    EXPECT_TRUE(result.priv);
    EXPECT_TRUE(result.instr);
    result = dut.translate(nested, pa, of_pasid(read_access));
    EXPECT_FALSE(result.priv);
    EXPECT_FALSE(result.instr);
    client_access bare = priv_instr; // no PASID, no attributes
    bare.translated = true;
    stage1.stream().s1dss = 1;
    publish_cd();
    result = dut.translate(nested, pa, bare);
    EXPECT_FALSE(result.priv);
    EXPECT_FALSE(result.instr);
}

TEST_F(TranslatedPasids, OverridesOfInstAndPrivApply) // Table 13.4
{
    stage1.stream().privcfg = 2;
    stage1.stream().instcfg = 3;
    check(1);
    const smmu_result result = dut.translate(nested, pa, of_pasid(priv_read));
    EXPECT_FALSE(result.priv);
    EXPECT_TRUE(result.instr);
}

TEST_F(TranslatedPasids, UncheckedOnesMeetNoConfiguration)
{
    dut.mem.clear_log();
    const smmu_result result = dut.translate(nested, pa, of_pasid(priv_instr, 0xfffff));
    expect_forward(result, pa);
    EXPECT_TRUE(result.priv);
    EXPECT_TRUE(result.instr);
    EXPECT_THAT(dut.mem.log(), IsEmpty());
}

// --- split-stage: the attributes are input of stage 2 --------------------------------------------

TEST_F(TranslatedPasids, SplitStageTranslatesAtStage2Alone)
{
    check(2);
    expect_forward(dut.translate(nested, ipa + 0x40, of_pasid()), pa + 0x40);
    expect_abort(dut.translate(nested, va, of_pasid()), F_TRANSLATION);
    event e = stage2_fault(F_TRANSLATION, nested, va, CLASS_IN, va);
    e.ssv = true;
    e.ssid = ssid;
    EXPECT_EQ(only_event(), e);
}

TEST_F(TranslatedPasids, SplitStageChecksTheRightsOfThePrivilege)
{
    check(2);
    stage2_attributes page;
    page.xn = 0b01; // executable by EL0 alone
    third.table.map(ipa, pa, 3, page);
    dut.invalidate_all();
    expect_forward(dut.translate(nested, ipa, of_pasid(instr_access)), pa);
    expect_forward(dut.translate(nested, ipa, of_pasid(priv_read)), pa);
    expect_abort(dut.translate(nested, ipa, of_pasid(priv_instr)), F_PERMISSION);
    event e = stage2_fault(F_PERMISSION, nested, ipa, CLASS_IN, ipa);
    e.ssv = e.pnu = e.ind = true;
    e.ssid = ssid;
    EXPECT_EQ(only_event(), e);
}

TEST_F(TranslatedPasids, SplitStageAddressTooLargeIsAStage1Fault)
{
    check(2);
    const uint64_t large = uint64_t{1} << 48;
    expect_abort(dut.translate(nested, large, of_pasid(priv_read)), F_ADDR_SIZE);
    event e = of(F_ADDR_SIZE);
    e.rnw = e.pnu = true;
    e.cls = CLASS_IN;
    e.input_addr = large;
    EXPECT_EQ(only_event(), e);
}

// --- errors of the configuration -----------------------------------------------------------------

TEST_F(TranslatedPasids, StreamThatDoesNotExist)
{
    event e = of(C_BAD_STREAMID);
    e.sid = 0x1000;
    expect_error(0x1000, of_pasid(), e);
}

TEST_F(TranslatedPasids, SteThatIsNotValid)
{
    stage1.stream().v = 0;
    expect_error(nested, of_pasid(), of(C_BAD_STE));
}

TEST_F(TranslatedPasids, SubstreamThatDoesNotExist)
{
    event e;
    e.type = C_BAD_SUBSTREAMID;
    e.sid = nested;
    e.ssid = 16;
    expect_error(nested, of_pasid(translated_read, 16), e);
}

TEST_F(TranslatedPasids, SubstreamOfAStreamWithoutStage1)
{
    event e;
    e.type = C_BAD_SUBSTREAMID;
    e.sid = alone;
    e.ssid = ssid;
    expect_error(alone, of_pasid(), e);
}

TEST_F(TranslatedPasids, SubstreamZeroWhereItIsReserved)
{
    for (const bool records : {false, true}) {
        check(1, records);
        stage1.stream().s1dss = 2;
        publish_cd();
        EXPECT_EQ(dut.translate(nested, pa, of_pasid(translated_read, 0)).outcome, SMMU_ABORT);
        const auto events = dut.pop_events();
        ASSERT_EQ(events.size(), records ? 1u : 0u);
        if (records) {
            EXPECT_EQ(events[0].type, unsigned{F_STREAM_DISABLED});
            EXPECT_FALSE(events[0].ssv);
        }
    }
}

TEST_F(TranslatedPasids, CdThatCannotBeFetched)
{
    abort_cd();
    event e = of(F_CD_FETCH);
    e.addr = cd_address();
    expect_error(nested, of_pasid(), e);
}

TEST_F(TranslatedPasids, CdThatIsNotValid)
{
    stage1.context().v = 0;
    expect_error(nested, of_pasid(), of(C_BAD_CD));
}

// 3.9.1.3: a translation-related fault is recorded, whatever CR2.REC_CFG_ATS says.
TEST_F(TranslatedPasids, CdThatStage2DoesNotMap)
{
    for (const bool records : {false, true}) {
        stage1.stream().privcfg = 3;
        check(1, records);
        third.table.unmap(cd_address(), 2);
        publish();
        expect_abort(dut.translate(nested, pa, of_pasid(instr_access)), F_TRANSLATION);
        event e = stage2_fault(F_TRANSLATION, nested, pa, CLASS_CD, cd_address() & ~0xfffull);
        e.ssv = e.pnu = e.ind = true; // after overrides
        e.ssid = ssid;
        EXPECT_EQ(only_event(), e);
        third.map_structures();
    }
}

TEST_F(TranslatedPasids, ForbiddenComesBeforeTheSubstream)
{
    check(0, true);
    expect_abort(dut.translate(nested, pa, of_pasid(translated_read, 16)), F_TRANSL_FORBIDDEN);
    event e;
    e.type = F_TRANSL_FORBIDDEN;
    e.sid = nested;
    e.rnw = true;
    e.input_addr = pa;
    EXPECT_EQ(only_event(), e);
}

// --- invalidation --------------------------------------------------------------------------------

TEST_F(TranslatedPasids, GoByACachedCdUntilItIsInvalidated)
{
    check(1);
    const smmu_result before = dut.translate(nested, pa, of_pasid());
    expect_forward(before, pa);
    dut.mem.store_image(cd_address(), image<8>{});
    dut.submit(cfgi_cd(nested, ssid + 1));
    expect_forward(dut.translate(nested, pa, of_pasid()), pa);
    dut.invals.clear();
    dut.submit(cfgi_cd(nested, ssid));
    expect_abort(dut.translate(nested, pa, of_pasid()), 0);
    ASSERT_EQ(dut.invals.size(), 1u); // and who has the answer hears that it goes
    EXPECT_TRUE(smmu_inval_matches(&dut.invals[0], &before.tag));
    EXPECT_FALSE(before.tag.s1);
}

class TranslatedPasidsOfTbuTlb : public TranslatedPasids {
  protected:
    static smmu_config with_tbu_tlb()
    {
        smmu_config cfg = with_pasidtt();
        cfg.tbu_tlb = {16, 4};
        return cfg;
    }
    TranslatedPasidsOfTbuTlb() : TranslatedPasids(with_tbu_tlb()) {}
};

TEST_F(TranslatedPasidsOfTbuTlb, ForgetsWhatWentByACd)
{
    for (const unsigned eats : {1u, 2u}) {
        stage1.context().v = 1;
        check(eats);
        const uint64_t at = eats == 1 ? pa : ipa;
        expect_forward(dut.translate(nested, at, of_pasid()), pa);
        dut.mem.store_image(cd_address(), image<8>{});
        expect_forward(dut.translate(nested, at, of_pasid()), pa);
        dut.submit(cfgi_cd(nested, ssid));
        expect_abort(dut.translate(nested, at, of_pasid()), 0);
    }
}

// --- labels (17.3) -------------------------------------------------------------------------------

// The CDs of MpamTest, as number 3 of their tables.
class TranslatedPasidMpam : public MpamTest {
  protected:
    TranslatedPasidMpam() : MpamTest(with_pasidtt(with_mpam()))
    {
        single.stream().eats = 1;
        stage1.stream().eats = 2;
        for (stage1_stream *stream : {&single, &stage1}) {
            stream->stream().s1cdmax = 4;
            stream->stream().s1dss = 2;
        }
        publish_cds(1);
        dut.update_cr0(CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN | CR0_ATSCHK);
    }

    void publish_cds(unsigned s1mpam)
    {
        for (stage1_stream *stream : {&single, &stage1}) {
            stream->stream().s1mpam = s1mpam;
            dut.mem.store_image(stream->cd_address() + ssid * 64, stream->context().encode());
        }
        publish_all();
    }
};

TEST_F(TranslatedPasidMpam, FullAtsHasTheLabelOfTheCd)
{
    EXPECT_EQ(of(single_sid, pa, of_pasid()), of_single_cd);
    EXPECT_EQ(of(single_sid, pa, translated_read), of_single) << "without a PASID";
}

TEST_F(TranslatedPasidMpam, FullAtsOfBothStagesHasTheLabelOfTheVms)
{
    stage1.stream().eats = 1;
    publish_all();
    EXPECT_EQ(of(nested, pa, of_pasid()), of_nested_cd);
}

TEST_F(TranslatedPasidMpam, SplitStageHasTheLabelOfTheVmsAndWalksWithThatOfTheSte)
{
    EXPECT_EQ(of(nested, ipa, of_pasid()), of_nested_cd);
    EXPECT_THAT(labels(SMMU_FETCH_TTD), Each(of_nested));
    EXPECT_FALSE(labels(SMMU_FETCH_TTD).empty());
    EXPECT_EQ(of(nested, ipa, of_pasid()), of_nested_cd) << "from the TLB";
    EXPECT_EQ(of(nested, ipa, translated_read), of_nested) << "without a PASID";
}

TEST_F(TranslatedPasidMpam, IsThatOfTheSteWithoutS1mpam)
{
    publish_cds(0);
    EXPECT_EQ(of(single_sid, pa, of_pasid()), of_single);
    EXPECT_EQ(of(nested, ipa, of_pasid()), of_nested);
}

TEST_F(TranslatedPasidMpam, UncheckedIsThatOfGbpmpam)
{
    dut.update_cr0(CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN);
    EXPECT_EQ(of(single_sid, pa, of_pasid()), of_gbpmpam);
}

TEST_F(TranslatedPasidMpam, VmsThatCannotBeFetchedIsAnError)
{
    const uint32_t on = CR0_CMDQEN | CR0_EVENTQEN;
    dut.update_cr0(on);
    dut.write32(CR2, CR2_REC_CFG_ATS);
    dut.update_cr0(on | CR0_SMMUEN | CR0_ATSCHK);
    dut.mem.abort_on({vms, vms + 63, SMMU_FETCH_VMS});
    expect_abort(dut.translate(nested, ipa, of_pasid()), F_VMS_FETCH);
    const event e = only_event();
    EXPECT_EQ(e.type, unsigned{F_VMS_FETCH});
    EXPECT_TRUE(e.ssv);
    EXPECT_EQ(e.ssid, ssid);
}

// --- without what it takes (6.3.4) ---------------------------------------------------------------

TEST(TranslatedPasidsAbsent, NeedAtsAndSubstreams)
{
    for (const bool ats : {false, true}) {
        smmu_config cfg = with_pasidtt();
        cfg.ats = cfg.pri = ats;
        if (ats) {
            cfg.ssid_bits = 0;
            cfg.cd2l = false;
        }
        device_under_test dut(cfg);
        EXPECT_EQ(dut.read32(IDR3) >> 16 & 1, 0u);
    }
}

// 3.9.1.3: without the feature the SubstreamID counts as absent, and no CD is read.
class WithoutPasidtt : public TranslatedPasids {
  protected:
    static smmu_config without()
    {
        smmu_config cfg = with_pasidtt();
        cfg.pasidtt = false;
        return cfg;
    }
    WithoutPasidtt() : TranslatedPasids(without()) {}
};

TEST_F(WithoutPasidtt, SubstreamsCountAsAbsent)
{
    EXPECT_EQ(dut.read32(IDR3) >> 16 & 1, 0u);
    check(1, true);
    expect_abort(dut.translate(nested, pa, of_pasid()), F_STREAM_DISABLED);
    EXPECT_EQ(only_event().type, unsigned{F_STREAM_DISABLED});
    stage1.stream().s1dss = 1;
    publish_cd();
    const smmu_result result = dut.translate(nested, pa, of_pasid(priv_instr, 16));
    expect_forward(result, pa);
    EXPECT_FALSE(result.priv || result.instr);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_CD), 0u);
}

} // namespace
} // namespace test_translated_pasids
