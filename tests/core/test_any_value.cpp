// SPDX-License-Identifier: Apache-2.0
// Whatever a C caller puts into the structures of the API, each call has an outcome, and no value
// is taken for another: not in a table of the SMMU, not in a record, not in a cache.
#include <cstring>

#include "core/ats_test.hpp"
#include "smmu/dvm.h"

using namespace support;
using testing::IsEmpty;

namespace test_any_value {
namespace {

// Stream 5 has substreams 0 to 7, of which 5 maps `va`. Translated transactions pass unchecked.
struct bench {
    explicit bench(bool utlb) : dut(config(utlb))
    {
        bring_up_options options;
        options.cr0 = reg::CR0_PRIQEN;
        dut.bring_up(options);
        dut.mem.keep_log(false);
        const uint64_t cds = dut.frames.allocate(8 * 64, 8 * 64);
        stream.low.map(va, pa);
        dut.mem.store_image(cds + 5 * 64, stream.context().encode());
        stream.stream().s1contextptr = cds;
        stream.stream().s1cdmax = 3;
        stream.stream().eats = 1;
        dut.set_ste(sid, stream.stream());
        dut.invalidate_all();
        dut.pop_events();
    }

    static smmu_config config(bool utlb)
    {
        smmu_config cfg = smmu_config_default();
        cfg.btm = true;
        cfg.utlb = {utlb ? 1u : 0u, 4};
        return cfg;
    }

    static smmu_txn write_of_substream(uint32_t ssid)
    {
        smmu_txn txn = device_under_test::transaction(sid, va, write_access);
        txn.ssv = true;
        txn.ssid = ssid;
        return txn;
    }

    smmu_result translate(const smmu_txn &txn)
    {
        smmu_result result;
        smmu_translate(dut.smmu(), &txn, &result);
        return result;
    }

    static constexpr uint32_t sid = 5;
    static constexpr uint64_t va = 0x1000, pa = 0x7000'0000;
    device_under_test dut;
    stage1_stream stream{dut, sid};
};

class AnyValue : public testing::Test, protected bench {
  protected:
    AnyValue() : bench(true) {}
    void TearDown() override { EXPECT_THAT(dut.contract_breaches, IsEmpty()); }
};

// --- transactions -------------------------------------------------------------------------------

TEST_F(AnyValue, SubstreamsOfMoreThan20BitsAreNoOtherSubstream)
{
    for (unsigned bit = 20; bit < 32; ++bit) {
        const smmu_txn large = write_of_substream(5 | 1u << bit);
        expect_abort(translate(large), C_BAD_SUBSTREAMID);
        expect_forward(translate(write_of_substream(5)), pa);
        expect_abort(translate(large), C_BAD_SUBSTREAMID);
    }
}

TEST_F(AnyValue, SubstreamsOfMoreThan20BitsAreNoTranslatedTraffic)
{
    smmu_txn txn = write_of_substream(5);
    txn.addr = 0xdead'0000;
    txn.translated = true;
    expect_forward(translate(txn), 0xdead'0000);
    txn.translated = false;
    for (unsigned bit = 20; bit < 32; ++bit) {
        txn.ssid = 5 | 1u << bit;
        expect_abort(translate(txn), C_BAD_SUBSTREAMID);
    }
}

TEST_F(AnyValue, SecurityStatesThatAreNotThereAbort)
{
    for (unsigned sec = 1; sec < 256; ++sec) {
        smmu_txn txn = write_of_substream(5);
        txn.sec = static_cast<uint8_t>(sec);
        expect_abort(translate(txn), 0);
        smmu_result probed;
        smmu_probe(dut.smmu(), &txn, &probed);
        expect_abort(probed, 0);
        expect_forward(translate(write_of_substream(5)), pa);
    }
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(AnyValue, TbusThatAreNotThereAbort)
{
    for (unsigned tbu = 1; tbu < 256; ++tbu) {
        smmu_txn txn = write_of_substream(5);
        txn.tbu = static_cast<uint8_t>(tbu);
        expect_abort(translate(txn), 0);
        expect_abort(translate(txn), 0);
    }
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(AnyValue, OperationsThatAreNotThereAreUnsupported)
{
    for (unsigned op = SMMU_OP_COUNT; op < 256; ++op) {
        smmu_txn txn = write_of_substream(5);
        txn.op = static_cast<uint8_t>(op);
        expect_abort(translate(txn), F_UUT);
        EXPECT_EQ(dut.pop_events().size(), 1u) << op;
    }
}

TEST_F(AnyValue, RetriesWithoutARoomGoLikeFirstAttempts)
{
    smmu_txn txn = write_of_substream(5);
    txn.retried = true;
    EXPECT_EQ(translate(txn).addr, pa);
    smmu_result probed;
    smmu_probe(dut.smmu(), &txn, &probed);
    EXPECT_EQ(probed.addr, pa);
}

TEST_F(AnyValue, EveryAttributeIsForwardedConsistent)
{
    dut.set_ste(6, ste{});
    for (unsigned mair = 0; mair < 256; ++mair)
        for (unsigned sh = 0; sh < 256; ++sh) {
            smmu_txn txn = device_under_test::transaction(6, va, write_access);
            txn.attr = {static_cast<uint8_t>(mair), static_cast<uint8_t>(sh)};
            const smmu_result result = translate(txn);
            ASSERT_EQ(result.outcome, SMMU_FORWARD);
            ASSERT_TRUE(result.attr.sh == SMMU_SH_NON || result.attr.sh == SMMU_SH_OUTER ||
                        result.attr.sh == SMMU_SH_INNER)
                << mair << ' ' << sh;
        }
}

// The micro TLB tells all fields apart: after any transaction, one that differs in a bit, or in
// two, has the answer that it has without a micro TLB.
class EveryBit : public AnyValue {
  protected:
    // The bits of a transaction, one after the other.
    static constexpr unsigned addr = 52, word = 32, byte = 8;

    static void flip(smmu_txn &txn, unsigned n)
    {
        const auto in_byte = [&n](uint8_t &field) {
            if (n < byte)
                field = static_cast<uint8_t>(field ^ 1u << n);
            n -= byte;
        };
        const auto in_word = [&n](uint32_t &field) {
            if (n < word)
                field ^= 1u << n;
            n -= word;
        };
        const auto in_flag = [&n](bool &field) {
            if (n == 0)
                field = !field;
            n--;
        };
        if (n < addr)
            txn.addr ^= uint64_t{0x1000} << n;
        n -= addr;
        in_word(txn.sid);
        in_word(txn.ssid);
        in_byte(txn.sec);
        in_byte(txn.op);
        in_byte(txn.attr.mair);
        in_byte(txn.attr.sh);
        for (bool *flag : {&txn.ssv, &txn.write, &txn.instr, &txn.priv, &txn.translated})
            in_flag(*flag);
    }
    static constexpr unsigned bits = addr + 2 * word + 4 * byte + 5;

    bench plain{false};
};

TEST_F(EveryBit, CountsInTheMicroTlb)
{
    unsigned long forwarded = 0;
    for (unsigned first = 0; first <= bits; ++first)
        for (unsigned then = 0; then <= bits; ++then) {
            smmu_txn txn = write_of_substream(5);
            if (first < bits)
                flip(txn, first);
            translate(txn);
            if (then < bits)
                flip(txn, then);
            const smmu_result have = translate(txn), expected = plain.translate(txn);
            ASSERT_EQ(have.outcome, expected.outcome) << first << ' ' << then;
            if (have.outcome != SMMU_FORWARD)
                continue;
            ++forwarded;
            ASSERT_EQ(have.addr, expected.addr) << first << ' ' << then;
            ASSERT_EQ(have.op, expected.op) << first << ' ' << then;
            ASSERT_EQ(have.perm, expected.perm) << first << ' ' << then;
            ASSERT_EQ(have.priv, expected.priv) << first << ' ' << then;
            ASSERT_EQ(have.instr, expected.instr) << first << ' ' << then;
            ASSERT_EQ(have.attr.mair, expected.attr.mair) << first << ' ' << then;
            ASSERT_EQ(have.attr.sh, expected.attr.sh) << first << ' ' << then;
        }
    EXPECT_GT(forwarded, 500u);
}

// --- PCIe ---------------------------------------------------------------------------------------

TEST_F(AnyValue, TranslationRequestsOfSecurityStatesThatAreNotThereAreUnsupported)
{
    smmu_ats_request request = ats_request(sid, va);
    request.ssv = true;
    request.ssid = 5;
    EXPECT_EQ(dut.ats_translate(request).status, SMMU_ATS_SUCCESS);
    for (unsigned sec = 1; sec < 256; ++sec) {
        request.sec = static_cast<uint8_t>(sec);
        EXPECT_EQ(dut.ats_translate(request).status, SMMU_ATS_UR);
    }
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(AnyValue, TranslationRequestsOfPasidsOfMoreThan20BitsAreOfNoOther)
{
    smmu_ats_request request = ats_request(sid, va);
    request.ssv = true;
    for (unsigned bit = 20; bit < 32; ++bit) {
        request.ssid = 5 | 1u << bit;
        EXPECT_EQ(dut.ats_translate(request).status, SMMU_ATS_CA);
    }
}

class AnyPageRequest : public AnyValue {
  protected:
    static smmu_page_request request()
    {
        smmu_page_request r{};
        r.sid = sid;
        r.ssid = 5;
        r.ssv = r.last = r.r = true;
        r.prgi = 0x1ff;
        return r;
    }

    // Answered with failure, as it was sent, and not recorded.
    void expect_failure(const smmu_page_request &r)
    {
        dut.responses.clear();
        smmu_request_page(dut.smmu(), &r);
        ASSERT_EQ(dut.responses.size(), 1u);
        EXPECT_EQ(dut.responses[0].code, SMMU_PRG_FAILURE);
        EXPECT_EQ(dut.responses[0].prgi, r.prgi);
        EXPECT_EQ(dut.responses[0].sec, r.sec);
        EXPECT_THAT(dut.pop_page_requests(), IsEmpty());
    }
};

TEST_F(AnyPageRequest, LargestThatThereIsIsRecorded)
{
    smmu_page_request r = request();
    r.ssid = 0xfffff;
    smmu_request_page(dut.smmu(), &r);
    EXPECT_THAT(dut.responses, IsEmpty());
    EXPECT_EQ(dut.pop_page_requests().size(), 1u);
}

TEST_F(AnyPageRequest, OfSecurityStatesThatAreNotThereFail)
{
    for (unsigned sec = 1; sec < 256; ++sec) {
        smmu_page_request r = request();
        r.sec = static_cast<uint8_t>(sec);
        expect_failure(r);
    }
}

TEST_F(AnyPageRequest, ThatARecordCannotNameFail)
{
    for (unsigned bit = 20; bit < 32; ++bit) {
        smmu_page_request r = request();
        r.ssid |= 1u << bit;
        expect_failure(r);
    }
    for (unsigned bit = 9; bit < 16; ++bit) {
        smmu_page_request r = request();
        r.prgi = static_cast<uint16_t>(r.prgi | 1u << bit);
        expect_failure(r);
    }
}

TEST_F(AnyValue, HintsThatARecordCannotSayAreDropped)
{
    smmu_page_hint good{};
    good.sid = sid;
    good.ssid = 5;
    good.ssv = true;
    good.pages = 1;
    smmu_page_hint bad = good;
    for (unsigned bit = 20; bit < 32; ++bit) {
        bad.ssid = 5 | 1u << bit;
        smmu_hint_pages(dut.smmu(), &bad);
    }
    for (unsigned sec = 1; sec < 256; ++sec) {
        bad = good;
        bad.sec = static_cast<uint8_t>(sec);
        smmu_hint_pages(dut.smmu(), &bad);
    }
    bad = good;
    bad.pages = 0;
    smmu_hint_pages(dut.smmu(), &bad);
    EXPECT_THAT(dut.pop_raw_events(), IsEmpty());
    smmu_hint_pages(dut.smmu(), &good);
    EXPECT_EQ(dut.pop_raw_events().size(), 1u);
}

// --- maintenance --------------------------------------------------------------------------------

TEST_F(AnyValue, BroadcastsOfWhatIsNotThereTakeNothing)
{
    dut.write32(reg::CR0, 0);
    dut.write32(reg::CR2, 0);
    dut.invals.clear();
    for (unsigned value = 0; value < 256; ++value) {
        smmu_dvm dvm{};
        dvm.op = static_cast<uint8_t>(value);
        if (value >= SMMU_DVM_OP_COUNT)
            smmu_broadcast_tlbi(dut.smmu(), &dvm);
        dvm = {};
        dvm.sec = static_cast<uint8_t>(value);
        if (value > 0)
            smmu_broadcast_tlbi(dut.smmu(), &dvm);
        dvm = {};
        dvm.world = static_cast<uint8_t>(value);
        if (value >= SMMU_WORLD_COUNT)
            smmu_broadcast_tlbi(dut.smmu(), &dvm);
    }
    EXPECT_THAT(dut.invals, IsEmpty());
}

TEST_F(AnyValue, InvalidationsOfNoKindSelectNothing)
{
    smmu_tag tag = translate(write_of_substream(5)).tag;
    smmu_inval inval{};
    for (int kind = SMMU_INVAL_TLB_VAA + 1; kind < 16; ++kind) {
        std::memcpy(&inval.kind, &kind, sizeof kind);
        EXPECT_FALSE(smmu_inval_matches(&inval, &tag));
    }
}

TEST_F(AnyValue, InjectionsOfNothingDoNothing)
{
    smmu_inject(dut.smmu(), SMMU_INJECT_COUNT, 1000);
    expect_forward(translate(write_of_substream(5)), pa);
    EXPECT_STREQ(smmu_observation_name(SMMU_OBSERVE_COUNT), "?");
}

} // namespace
} // namespace test_any_value
