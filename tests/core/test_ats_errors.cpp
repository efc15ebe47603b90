// SPDX-License-Identifier: Apache-2.0
// Configuration errors of ATS and page requests that are recorded (IHI
// 0070 3.9.1.2, 3.9.1.3, 6.3.12, 8.1): which, with what fields, and with which of CR2.REC_CFG_ATS
// and CR2.RECINVSID.
#include "core/ats_test.hpp"

using namespace support;
using namespace support::reg;
using testing::IsEmpty;

namespace test_ats_errors {
namespace {

smmu_config with_records()
{
    smmu_config cfg = smmu_config_default();
    cfg.atsrecerr = true;
    return cfg;
}

class AtsErrors : public CoreTest {
  protected:
    explicit AtsErrors(uint32_t cr2 = CR2_REC_CFG_ATS | CR2_RECINVSID)
        : CoreTest(with_records()), stream(dut, sid)
    {
        bring_up_options options;
        options.cr0 = CR0_ATSCHK | CR0_PRIQEN;
        options.cr2 = cr2;
        options.priq_log2 = 0;
        dut.bring_up(options);
        stream.stream().eats = 1;
        stream.low.map(va, pa);
        publish();
    }

    void publish()
    {
        stream.publish();
        dut.invalidate_all();
        dut.pop_events();
    }

    static smmu_ats_request request(uint32_t of = sid, bool ssv = false)
    {
        smmu_ats_request r = ats_request(of, va);
        r.ssv = ssv;
        r.ssid = ssv ? 3 : 0;
        r.priv = ssv;
        return r;
    }

    // One record, and nothing else.
    void expect_record(const event &want)
    {
        const auto events = dut.pop_events();
        ASSERT_EQ(events.size(), 1u);
        EXPECT_EQ(events[0], want);
    }
    void expect_completer_abort(const smmu_ats_request &r, const event &want)
    {
        EXPECT_EQ(dut.ats_translate(r).status, SMMU_ATS_CA);
        expect_record(want);
    }

    static event plain(unsigned type, uint32_t of = sid)
    {
        event e;
        e.type = type;
        e.sid = of;
        return e;
    }

    static constexpr uint32_t sid = 5, beyond = 0x1000;
    static constexpr uint64_t va = 0x4000, pa = 0x9000;
    stage1_stream stream;
};

class WithoutRecinvsid : public AtsErrors {
  protected:
    WithoutRecinvsid() : AtsErrors(CR2_REC_CFG_ATS) {}
};

class WithoutRecords : public AtsErrors {
  protected:
    WithoutRecords() : AtsErrors(CR2_RECINVSID) {}
};

TEST_F(AtsErrors, AreToldByIdr0)
{
    EXPECT_EQ(dut.read32(IDR0) >> 23 & 1, 1u);
    EXPECT_EQ(dut.read32(CR2) >> 3 & 1, 1u);
}

TEST_F(AtsErrors, ControlIsGuardedBySmmuen) // 6.3.12
{
    dut.write32(CR2, 0);
    EXPECT_EQ(dut.read32(CR2) >> 3 & 1, 1u);
}

// --- 3.9.1.2: Translation Requests ---------------------------------------------------------------

TEST_F(AtsErrors, StreamThatDoesNotExist)
{
    expect_completer_abort(request(beyond), plain(C_BAD_STREAMID, beyond));
    event e = plain(C_BAD_STREAMID, beyond);
    e.ssv = true;
    e.ssid = 3;
    expect_completer_abort(request(beyond, true), e);
}

TEST_F(WithoutRecinvsid, StreamThatDoesNotExistIsNotRecordedForRequests)
{
    EXPECT_EQ(dut.ats_translate(request(beyond)).status, SMMU_ATS_CA);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
    stream.stream().v = 0;
    publish();
    expect_completer_abort(request(), plain(C_BAD_STE));
}

TEST_F(AtsErrors, SteThatIsNotValid)
{
    stream.stream().v = 0;
    publish();
    expect_completer_abort(request(), plain(C_BAD_STE));
}

TEST_F(AtsErrors, SteThatCannotBeFetched)
{
    abort_rule rule;
    rule.first = dut.ste_address(sid);
    rule.last = rule.first + 63;
    dut.mem.abort_on(rule);
    event e = plain(F_STE_FETCH);
    e.addr = rule.first;
    expect_completer_abort(request(), e);
}

TEST_F(AtsErrors, SubstreamThatDoesNotExist)
{
    event e = plain(C_BAD_SUBSTREAMID);
    e.ssid = 3;
    expect_completer_abort(request(sid, true), e);
}

TEST_F(AtsErrors, StreamWithoutSubstreamIsDisabled)
{
    stream.stream().s1cdmax = 4;
    stream.stream().s1dss = 0;
    publish();
    expect_completer_abort(request(), plain(F_STREAM_DISABLED));
}

TEST_F(AtsErrors, CdThatCannotBeFetched)
{
    abort_rule rule;
    rule.first = stream.cd_address();
    rule.last = rule.first + 63;
    dut.mem.abort_on(rule);
    event e = plain(F_CD_FETCH);
    e.addr = rule.first;
    expect_completer_abort(request(), e);
}

TEST_F(AtsErrors, CdThatIsNotValid)
{
    stream.context().v = 0;
    publish();
    expect_completer_abort(request(), plain(C_BAD_CD));
}

TEST_F(AtsErrors, DescriptorThatCannotBeFetched)
{
    abort_rule rule;
    rule.first = stream.low.descriptor_address(va, 3);
    rule.last = rule.first + 7;
    dut.mem.abort_on(rule);
    event e = plain(F_WALK_EABT);
    e.rnw = true; // UNKNOWN
    e.cls = CLASS_TT;
    e.input_addr = va;
    e.addr = rule.first;
    expect_completer_abort(request(), e);
}

TEST_F(AtsErrors, Conflicts)
{
    smmu_inject(dut.smmu(), SMMU_INJECT_CFG_CONFLICT, 1);
    expect_completer_abort(request(), plain(F_CFG_CONFLICT));
    smmu_inject(dut.smmu(), SMMU_INJECT_TLB_CONFLICT, 1);
    event e = plain(F_TLB_CONFLICT);
    e.rnw = true;
    e.input_addr = va;
    expect_completer_abort(request(), e);
}

TEST_F(AtsErrors, TranslationRelatedFaultsAreNotRecorded)
{
    smmu_ats_request r = request();
    r.addr = 0x7777000;
    const smmu_ats_completion c = dut.ats_translate(r);
    EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
    EXPECT_FALSE(c.r || c.w);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(AtsErrors, RefusedRequestsAreRecordedAsBefore) // F_BAD_ATS_TREQ, and silence of Config 0b000
{
    stream.stream().eats = 0;
    publish();
    EXPECT_EQ(dut.ats_translate(request()).status, SMMU_ATS_UR);
    EXPECT_EQ(dut.pop_events().size(), 1u);
    stream.stream().config = 0;
    publish();
    EXPECT_EQ(dut.ats_translate(request()).status, SMMU_ATS_UR);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(AtsErrors, AreMergedWhereTheSteAllows) // 7.3.1
{
    stream.stream().mev = 1;
    stream.context().v = 0;
    publish();
    for (unsigned i = 0; i < 3; ++i)
        EXPECT_EQ(dut.ats_translate(request()).status, SMMU_ATS_CA);
    EXPECT_EQ(dut.pop_events().size(), 1u);
}

// --- 3.9.1.3: transactions marked Translated -----------------------------------------------------

TEST_F(AtsErrors, OfTranslatedTransactions)
{
    expect_abort(dut.translate(beyond, pa, translated_read), C_BAD_STREAMID);
    expect_record(plain(C_BAD_STREAMID, beyond));
    stream.stream().v = 0;
    publish();
    expect_abort(dut.translate(sid, pa, translated_write), C_BAD_STE);
    expect_record(plain(C_BAD_STE));
    stream.stream().v = 1;
    stream.stream().s1cdmax = 4;
    stream.stream().s1dss = 0;
    publish();
    expect_abort(dut.translate(sid, pa, translated_read), F_STREAM_DISABLED);
    expect_record(plain(F_STREAM_DISABLED));
    smmu_inject(dut.smmu(), SMMU_INJECT_CFG_CONFLICT, 1);
    expect_abort(dut.translate(sid, pa, translated_read), F_CFG_CONFLICT);
    expect_record(plain(F_CFG_CONFLICT));
}

TEST_F(WithoutRecinvsid, OfTranslatedTransactionsAreRecordedAllTheSame)
{
    expect_abort(dut.translate(beyond, pa, translated_read), C_BAD_STREAMID);
    expect_record(plain(C_BAD_STREAMID, beyond));
}

TEST_F(AtsErrors, TranslatedTransactionOfAnAbortingStreamIsSilent)
{
    stream.stream().config = 0;
    publish();
    expect_abort(dut.translate(sid, pa, translated_read), 0);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(AtsErrors, UncheckedTranslatedTransactionsMeetNone)
{
    dut.update_cr0(CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN);
    expect_forward(dut.translate(beyond, pa, translated_read), pa);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(AtsErrors, ProbesLeaveNoRecord)
{
    dut.probe(beyond, pa, translated_read);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

// --- 8.1: page requests that overflow ------------------------------------------------------------

class AtsErrorsOfPageRequests : public AtsErrors {
  protected:
    explicit AtsErrorsOfPageRequests(uint32_t cr2 = CR2_REC_CFG_ATS | CR2_RECINVSID)
        : AtsErrors(cr2)
    {
        ask(sid); // the queue is full
        dut.responses.clear();
    }

    void ask(uint32_t of)
    {
        smmu_page_request r{};
        r.sid = of;
        r.ssv = r.last = r.r = true;
        r.ssid = 3;
        smmu_request_page(dut.smmu(), &r);
    }

    void expect_failure(uint32_t of, unsigned type)
    {
        ask(of);
        ASSERT_EQ(dut.responses.size(), 1u);
        EXPECT_EQ(dut.responses[0].code, SMMU_PRG_FAILURE);
        dut.responses.clear();
        event e = plain(type, of);
        e.ssv = true;
        e.ssid = 3;
        expect_record(e);
    }
};

class PageRequestsWithoutRecinvsid : public AtsErrorsOfPageRequests {
  protected:
    PageRequestsWithoutRecinvsid() : AtsErrorsOfPageRequests(CR2_REC_CFG_ATS) {}
};

TEST_F(AtsErrorsOfPageRequests, AreThoseOfTheSte)
{
    expect_failure(beyond, C_BAD_STREAMID);
    smmu_inject(dut.smmu(), SMMU_INJECT_CFG_CONFLICT, 1);
    expect_failure(sid, F_CFG_CONFLICT);
    stream.stream().v = 0;
    publish();
    expect_failure(sid, C_BAD_STE);
}

TEST_F(PageRequestsWithoutRecinvsid, StreamThatDoesNotExistIsNotRecorded)
{
    ask(beyond);
    ASSERT_EQ(dut.responses.size(), 1u);
    EXPECT_EQ(dut.responses[0].code, SMMU_PRG_FAILURE);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(AtsErrorsOfPageRequests, AreNoneWithAValidSte)
{
    ask(sid);
    ASSERT_EQ(dut.responses.size(), 1u);
    EXPECT_EQ(dut.responses[0].code, SMMU_PRG_SUCCESS);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

// --- without the control, or the feature ---------------------------------------------------------

TEST_F(WithoutRecords, ThereAreNone)
{
    EXPECT_EQ(dut.ats_translate(request(beyond)).status, SMMU_ATS_CA);
    stream.stream().v = 0;
    publish();
    EXPECT_EQ(dut.ats_translate(request()).status, SMMU_ATS_CA);
    expect_abort(dut.translate(sid, pa, translated_read), 0);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST(AtsErrorsAbsent, HaveNoControl)
{
    for (bool ats : {false, true}) {
        smmu_config cfg = with_records();
        cfg.ats = cfg.pri = ats;
        cfg.atsrecerr = !ats; // which needs ATS
        device_under_test dut(cfg);
        EXPECT_EQ(dut.read32(IDR0) >> 23 & 1, 0u);
        dut.write32(CR2, 0xf);
        EXPECT_EQ(dut.read32(CR2) & CR2_REC_CFG_ATS, 0u);
    }
}

} // namespace
} // namespace test_ats_errors
