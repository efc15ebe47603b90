// SPDX-License-Identifier: Apache-2.0
// One literal record for each event type (IHI 0070 7.3), read from the Event queue as it lies in
// memory. Figures of 7.3 are lost in some editions of the text; the words here are put together by
// the record structures of edk2's ArmPkg SmmuV3Registers.h, which has every type but for STAG and
// TTRnW in agreement with Linux's arm-smmu-v3.h (EVTQ_*): TTRnW is bit 108 there.
#include "core/layout_test.hpp"

using support::reg::CR0_CMDQEN;
using testing::ElementsAre;

namespace test_event_layouts {
namespace {

smmu_config without_atomics()
{
    smmu_config cfg = smmu_config_default();
    cfg.operations = 0;
    return cfg;
}

class EventLayout : public LayoutTest {
  protected:
    EventLayout() : LayoutTest(without_atomics()) {}

    void abort_at(uint64_t at) { dut.mem.abort_on({at, at + 7, {}}); }

    static constexpr uint64_t input = 0xfedc'ba98'7654'3210;
};

TEST_F(EventLayout, F_UUT)
{
    smmu_txn txn = support::device_under_test::transaction(plain, input, support::priv_write);
    txn.ssv = true;
    txn.ssid = ssid;
    txn.op = SMMU_OP_ATOMIC;
    smmu_result result{};
    smmu_translate(dut.smmu(), &txn, &result);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'002b'3801, 0x0000'0002'0000'0000, input, 0));
}

TEST_F(EventLayout, C_BAD_STREAMID)
{
    smmu_txn txn = support::device_under_test::transaction(0x1a5, va, support::read_access);
    txn.ssv = true;
    txn.ssid = ssid;
    smmu_result result{};
    smmu_translate(dut.smmu(), &txn, &result);
    EXPECT_THAT(records(), ElementsAre(0x0000'01a5'002b'3802, 0, 0, 0));
}

// StreamID [63:32] and SubstreamID [31:12] of a record, which every type has.
TEST_F(EventLayout, HasEachBitOfAStreamId)
{
    for (unsigned bit = 9; bit < 32; ++bit) { // beyond the table
        dut.translate(1u << bit, va);
        EXPECT_THAT(records(), ElementsAre(uint64_t{1} << (32 + bit) | 2, 0, 0, 0));
    }
}

TEST_F(EventLayout, HasEachBitOfASubstreamId)
{
    for (unsigned bit = 0; bit < 20; ++bit) {
        dut.translate(0x1a5, va, {false, false, false, true, 1u << bit});
        EXPECT_THAT(records(),
                    ElementsAre(0x0000'01a5'0000'0802 | uint64_t{1} << (12 + bit), 0, 0, 0));
    }
}

// InputAddr [191:128].
TEST_F(EventLayout, HasEachBitOfAnInputAddress)
{
    for (unsigned bit = 0; bit < 64; ++bit) {
        dut.translate(plain, uint64_t{1} << bit, support::translated_write);
        EXPECT_THAT(records(), ElementsAre(0x0000'00a5'0000'0007, 0, uint64_t{1} << bit, 0));
    }
}

// FetchAddr [247:195], of L1STDs (L2Ptr [55:6], Span 1) and STEs; OAS is 48 bits.
TEST_F(EventLayout, HasEachBitOfAFetchAddress)
{
    dut.update_cr0(0xc);
    dut.write64(0x80, 0x1500'0000);
    dut.write32(0x88, 0x0001'0189); // two levels, SPLIT 6, LOG2SIZE 9
    dut.update_cr0(0xd);
    for (unsigned bit = 6; bit < 48; ++bit) {
        const uint64_t at = uint64_t{1} << bit;
        put(0x1500'0000, {at | 1});
        abort_at(at);
        dut.translate(0, va);
        EXPECT_THAT(records(), ElementsAre(3, 0, 0, at));
    }
    for (unsigned bit = 3; bit < 6; ++bit) {
        abort_at(0x1500'0000 + (1u << bit));
        dut.translate(8u << bit, va);
        EXPECT_THAT(records(),
                    ElementsAre(uint64_t{8} << bit << 32 | 3, 0, 0, 0x1500'0000 + (1u << bit)));
    }
}

TEST_F(EventLayout, F_STE_FETCH)
{
    abort_at(0x1400'2940);
    access(plain, va);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'002b'3803, 0, 0, 0x1400'2940));
}

TEST_F(EventLayout, C_BAD_STE)
{
    put(ste_of(plain), {0});
    access(plain, va);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'002b'3804, 0, 0, 0));
}

TEST_F(EventLayout, F_BAD_ATS_TREQ)
{
    smmu_ats_request request{};
    request.addr = input;
    request.sid = plain;
    request.ssid = ssid;
    request.stus = 3;
    request.ssv = request.exe = request.priv = true;
    smmu_ats_completion completion{};
    smmu_ats_translate(dut.smmu(), &request, &completion);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'002b'3805, 0x0000'0000'f000'0003,
                                       0xfedc'ba98'7654'3000, 0));
}

TEST_F(EventLayout, F_BAD_ATS_TREQ_to_read_alone)
{
    smmu_ats_request request{};
    request.sid = plain;
    request.stus = 200;
    request.nw = true;
    smmu_ats_completion completion{};
    smmu_ats_translate(dut.smmu(), &request, &completion);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'0000'0005, 0x0000'0000'8000'000f, 0, 0))
        << "Span has 4 bits";
}

TEST_F(EventLayout, F_BAD_ATS_TREQ_by_each_right)
{
    const struct {
        bool nw, exe, priv;
        uint64_t word1;
    } rows[] = {{false, false, false, 0xc000'0001},
                {true, true, false, 0xa000'0001},
                {true, false, true, 0x9000'0001}};
    for (const auto &row : rows) {
        smmu_ats_request request{};
        request.sid = plain;
        request.stus = 1;
        request.ssv = true;
        request.nw = row.nw;
        request.exe = row.exe;
        request.priv = row.priv;
        smmu_ats_completion completion{};
        smmu_ats_translate(dut.smmu(), &request, &completion);
        EXPECT_THAT(records(), ElementsAre(0x0000'00a5'0000'0805, row.word1, 0, 0));
    }
}

TEST_F(EventLayout, F_STREAM_DISABLED)
{
    put(ste_of(plain) + 8, {0x0000'1000'0000'0000}); // S1DSS: terminate
    dut.translate(plain, va);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'0000'0006, 0, 0, 0));
}

TEST_F(EventLayout, F_STREAM_DISABLED_of_substream_0)
{
    put(ste_of(plain) + 8, {0x0000'1000'0000'0002}); // S1DSS: substream 0
    dut.translate(plain, va, {false, false, false, true, 0});
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'0000'0006, 0, 0, 0)) << "without SSV";
}

TEST_F(EventLayout, F_TRANSL_FORBIDDEN)
{
    dut.translate(plain, input, support::translated_write);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'0000'0007, 0, input, 0));
    dut.translate(plain, input, {false, true, true, true, ssid, true});
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'0000'0007, 0x0000'0008'0000'0000, input, 0))
        << "RnW alone";
}

TEST_F(EventLayout, C_BAD_SUBSTREAMID)
{
    dut.translate(plain, va, {false, false, false, true, 0x402});
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'0040'2008, 0, 0, 0)) << "without SSV";
}

TEST_F(EventLayout, F_CD_FETCH)
{
    abort_at(cd_address);
    access(plain, va);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'002b'3809, 0, 0, 0x3000'acc0));
}

TEST_F(EventLayout, C_BAD_CD)
{
    put(cd_address, {0});
    access(plain, va);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'002b'380a, 0, 0, 0));
}

TEST_F(EventLayout, F_WALK_EABT)
{
    abort_at(0x3100'0120);
    access(plain, va, false, true, true);
    EXPECT_THAT(records(),
                ElementsAre(0x0000'00a5'002b'380b, 0x0000'010e'0000'0000, va, 0x3100'0120));
}

TEST_F(EventLayout, F_TRANSLATION)
{
    access(plain, va, false, true, true);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'002b'3810, 0x0000'020e'0000'0000, va, 0));
    access(plain, va, true, false, true);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'002b'3810, 0x0000'0202'0000'0000, va, 0));
}

TEST_F(EventLayout, F_TRANSLATION_that_stalls)
{
    put(cd_address, {0x0001'7205'c000'3510});
    smmu_stall rooms[2];
    for (smmu_stall &room : rooms)
        dut.translate(room, plain, va, {false, false, false, true, ssid});
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'002b'3810, 0x0000'0208'8000'0000, va, 0, //
                                       0x0000'00a5'002b'3810, 0x0000'0208'8000'0001, va, 0));
}

TEST_F(EventLayout, F_TRANSLATION_of_stage_2)
{
    access(nested, va | 0xabc);
    EXPECT_THAT(records(), ElementsAre(0x0000'0017'0000'0010, 0x0000'0288'0000'0000, va | 0xabc,
                                       0x9'9678'9000));
}

TEST_F(EventLayout, F_TRANSLATION_of_stage_2_for_a_CD)
{
    put(0x3200'0000, {0});
    access(nested, va);
    EXPECT_THAT(records(),
                ElementsAre(0x0000'0017'0000'0010, 0x0000'0088'0000'0000, va, 0x3010'0000));
}

TEST_F(EventLayout, F_ADDR_SIZE)
{
    put(cd_address, {0x0001'6200'c000'3510}); // IPS: 32 bits
    put(0x3100'0120, {0x1'0000'0003});
    access(plain, va);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'002b'3811, 0x0000'0208'0000'0000, va, 0));
}

TEST_F(EventLayout, F_ACCESS)
{
    put(0x3100'0120, {0x3100'1003});
    put(0x3100'1688, {0x9'8000'0b41}); // AF == 0
    access(plain, va);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'002b'3812, 0x0000'0208'0000'0000, va, 0));
}

TEST_F(EventLayout, F_PERMISSION)
{
    put(0x3100'0120, {0x3100'1003});
    put(0x3100'1688, {0x9'8000'0fc1}); // read-only
    access(plain, va, true);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'002b'3813, 0x0000'0200'0000'0000, va, 0));
}

TEST_F(EventLayout, F_PERMISSION_of_stage_2_for_a_table)
{
    put(0x3200'0008, {0x4000'073d}); // S2AP: nothing
    access(nested, va, true);
    EXPECT_THAT(records(),
                ElementsAre(0x0000'0017'0000'0013, 0x0000'1180'0000'0000, va, 0x7100'0000))
        << "TTRnW: the descriptor was read, though the access is a write";
}

TEST_F(EventLayout, F_TLB_CONFLICT)
{
    smmu_inject(dut.smmu(), SMMU_INJECT_TLB_CONFLICT, 1);
    access(plain, va, false, false, true);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'002b'3820, 0x0000'000a'0000'0000, va, 0));
}

TEST_F(EventLayout, F_TLB_CONFLICT_of_stage_2)
{
    put(ste_of(nested), {0xd}); // stage 2 alone
    smmu_inject(dut.smmu(), SMMU_INJECT_TLB_CONFLICT, 1);
    access(nested, 0x1'2345'6789);
    EXPECT_THAT(records(), ElementsAre(0x0000'0017'0000'0020, 0x0000'0088'0000'0000, 0x1'2345'6789,
                                       0x1'2345'6000));
}

TEST_F(EventLayout, F_CFG_CONFLICT)
{
    smmu_inject(dut.smmu(), SMMU_INJECT_CFG_CONFLICT, 1);
    access(plain, va);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'002b'3821, 0, 0, 0));
}

TEST_F(EventLayout, E_PAGE_REQUEST)
{
    smmu_page_hint hint{};
    hint.addr = input;
    hint.sid = plain;
    hint.ssv = true;
    hint.ssid = ssid;
    hint.pages = 0x5a;
    hint.user = SMMU_PERM_R | SMMU_PERM_X;
    hint.priv = SMMU_PERM_W;
    smmu_hint_pages(dut.smmu(), &hint);
    EXPECT_THAT(records(), ElementsAre(0x0000'00a5'002b'3824, 0x0005'a04a'0000'0000,
                                       0xfedc'ba98'7654'3000, 0));
}

// pR [103], pW [102], pX [101]; uR [99], uW [98], uX [97]; Span [115:108].
TEST_F(EventLayout, E_PAGE_REQUEST_of_each_right_and_span)
{
    const auto word1 = [this](unsigned user, unsigned priv, unsigned pages) {
        smmu_page_hint hint{};
        hint.sid = plain;
        hint.pages = static_cast<uint8_t>(pages);
        hint.user = static_cast<uint8_t>(user);
        hint.priv = static_cast<uint8_t>(priv);
        smmu_hint_pages(dut.smmu(), &hint);
        const words all = records();
        return all.size() == 4 ? all[1] : 0;
    };
    EXPECT_EQ(word1(SMMU_PERM_R, 0, 1), 0x0000'1008'0000'0000u);
    EXPECT_EQ(word1(SMMU_PERM_W, 0, 2), 0x0000'2004'0000'0000u);
    EXPECT_EQ(word1(SMMU_PERM_X, 0, 4), 0x0000'4002'0000'0000u);
    EXPECT_EQ(word1(0, SMMU_PERM_R, 8), 0x0000'8080'0000'0000u);
    EXPECT_EQ(word1(0, SMMU_PERM_W, 16), 0x0001'0040'0000'0000u);
    EXPECT_EQ(word1(0, SMMU_PERM_X, 32), 0x0002'0020'0000'0000u);
    EXPECT_EQ(word1(SMMU_PERM_R, 0, 64), 0x0004'0008'0000'0000u);
    EXPECT_EQ(word1(SMMU_PERM_R, 0, 128), 0x0008'0008'0000'0000u);
}

// 7.3.21: nothing but what a table of events knows can be recorded, and that has none of these.
TEST(ImplementationEvents, AreNone)
{
    for (unsigned type = 0xe0; type <= 0xef; type++)
        EXPECT_STREQ(smmu_event_name(static_cast<uint8_t>(type)), "?") << type;
}

} // namespace
} // namespace test_event_layouts
