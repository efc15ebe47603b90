// SPDX-License-Identifier: Apache-2.0
// Commands of features that an SMMU does not have (IHI 0070 4): one row for each command, and a
// test for each parameter. Numbers are those the sections print.
#include "core/absent_features.hpp"
#include "core/core_test.hpp"

using namespace support;
using namespace support::reg;

namespace test_absent_commands {
namespace {

struct command_row {
    const char *name;
    absent::removal remove;
    uint64_t word0, word1;
};

void PrintTo(const command_row &row, std::ostream *out)
{
    *out << row.name;
}

const command_row command_rows[] = {
    {"CFGI_CD", absent::stage1, 0x05, 0},                   // 4.3.3
    {"CFGI_CD_ALL", absent::stage1, 0x06, 0},               // 4.3.4
    {"CFGI_VMS_PIDM", absent::mpam, 0x07, 0},               // 4.3.5
    {"CFGI_VMS_PIDM_s1", absent::stage1, 0x07, 0},          //
    {"CFGI_VMS_PIDM_s2", absent::stage2, 0x07, 0},          //
    {"CFGI_VMS_PIDM_PARTID_MAX", absent::partids, 0x07, 0}, //
    {"TLBI_NH_ALL", absent::stage1, 0x10, 0},               // 4.4.2
    {"TLBI_NH_ASID", absent::stage1, 0x11, 0},              //
    {"TLBI_NH_VA", absent::stage1, 0x12, 0},                //
    {"TLBI_NH_VAA", absent::stage1, 0x13, 0},               //
    {"TLBI_EL2_ALL_s1", absent::stage1, 0x20, 0},           //
    {"TLBI_EL2_ALL", absent::hyp, 0x20, 0},                 // 4.4.2.7
    {"TLBI_EL2_ASID", absent::hyp, 0x21, 0},                //
    {"TLBI_EL2_VA", absent::hyp, 0x22, 0},                  //
    {"TLBI_EL2_VAA", absent::hyp, 0x23, 0},                 //
    {"TLBI_S12_VMALL", absent::stage2, 0x28, 0},            // 4.4.3
    {"TLBI_S2_IPA", absent::stage2, 0x2a, 0},               //
    {"ATC_INV", absent::ats, 0x40, 0},                      // 4.5.1
    {"PRI_RESP", absent::pri, 0x41, 0},                     // 4.5.2
    {"PRI_RESP_ats", absent::ats, 0x41, 0},                 //
    {"RESUME", absent::stalls, 0x44, 0},                    // 4.7.1
    {"STALL_TERM", absent::stalls, 0x45, 0},                // 4.7.2
};

unsigned error_of(absent::removal remove, const image<2> &command)
{
    device_under_test dut(absent::without(remove));
    dut.bring_up({{6, 0}});
    dut.submit(command);
    return dut.cmdq_error();
}

class AbsentCommands : public testing::TestWithParam<command_row> {};

TEST_P(AbsentCommands, AreIllegal)
{
    const auto &row = GetParam();
    const image<2> command{{row.word0, row.word1}};
    EXPECT_EQ(error_of(row.remove, command), CERROR_ILL);
    EXPECT_EQ(error_of(absent::nothing, command), CERROR_NONE) << "with the feature it is there";
}

INSTANTIATE_TEST_SUITE_P(Opcodes, AbsentCommands, testing::ValuesIn(command_rows),
                         [](const auto &info) { return info.param.name; });

TEST(CommandsOfNoFeature, AreThereInTheSmallestSmmu)
{
    smmu_config cfg;
    smmu_config_preset(&cfg, SMMU_PRESET_SMALL);
    device_under_test dut(cfg);
    dut.bring_up({{6, 0}});
    for (uint64_t opcode : {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x10, 0x11, 0x12, 0x13, 0x30, 0x46})
        dut.submit(image<2>{{opcode, 0}});
    EXPECT_EQ(dut.cmdq_error(), CERROR_NONE);
}

// Opcodes of other Security states, and of what the largest SMMU has not (4.1.1).
TEST(CommandsOfNoFeature, OfFeaturesThatTheLargestHasNotAreIllegal)
{
    for (uint64_t opcode : {0x18, 0x1a, 0x50, 0x51, 0x52, 0x53, 0x58, 0x5a, 0x60, 0x70, 0x73})
        EXPECT_EQ(error_of(absent::nothing, image<2>{{opcode, 0}}), CERROR_ILL) << opcode;
}

// Parameters.

TEST(AbsentParameters, SigSevIsSigNoneWithoutSev) // 4.7.3
{
    for (absent::removal remove : {absent::nothing, absent::sev}) {
        device_under_test dut(absent::without(remove));
        dut.bring_up();
        dut.submit(image<2>{{0x2046, 0}});
        EXPECT_EQ(dut.sevs, remove == absent::nothing ? 1u : 0u);
        EXPECT_EQ(dut.cmdq_error(), CERROR_NONE);
    }
}

TEST(AbsentParameters, MsiAddressIsIgnoredWithoutMsi) // 4.7.3
{
    for (absent::removal remove : {absent::nothing, absent::msi}) {
        device_under_test dut(absent::without(remove));
        dut.bring_up();
        dut.mem.clear_msis();
        dut.submit(image<2>{{0xabcd'0000'1046, 0x5000}});
        EXPECT_EQ(dut.mem.msis().size(), remove == absent::nothing ? 1u : 0u);
    }
}

TEST(AbsentParameters, SubstreamIdIsIgnoredWithoutSubstreams) // 4.5
{
    for (absent::removal remove : {absent::nothing, absent::substreams}) {
        const bool there = remove == absent::nothing;
        device_under_test dut(absent::without(remove));
        dut.bring_up();
        dut.submit(image<2>{{0x0000'0003'0000'7a40, 0x1000}}); // G, SSV, SubstreamID 7
        dut.submit(image<2>{{0x0000'0003'0000'7841, 0x2001}}); // SSV, SubstreamID 7, success
        ASSERT_EQ(dut.atc_invs.size(), 1u);
        EXPECT_EQ(dut.atc_invs[0].ssv, there);
        EXPECT_EQ(dut.atc_invs[0].global, there);
        EXPECT_EQ(dut.atc_invs[0].ssid, there ? 7u : 0u);
        ASSERT_EQ(dut.responses.size(), 1u);
        EXPECT_EQ(dut.responses[0].ssv, there);
        EXPECT_EQ(dut.responses[0].ssid, there ? 7u : 0u);
    }
}

TEST(AbsentParameters, VmidIsNotMatchedWithoutStage2) // 4.4.2
{
    for (absent::removal remove : {absent::nothing, absent::stage2}) {
        device_under_test dut(absent::without(remove));
        dut.bring_up();
        stage1_stream stream(dut, 1, 1);
        stream.low.map(0x1000, 0x2000);
        stream.publish();
        dut.translate(1, 0x1000);
        dut.submit(image<2>{{0x0000'0009'0000'0010, 0}}); // TLBI_NH_ALL of VMID 9
        dut.mem.clear_log();
        dut.translate(1, 0x1000);
        EXPECT_EQ(dut.mem.count(SMMU_FETCH_TTD) != 0, remove != absent::nothing);
    }
}

// 4.4.1.1: NUM, SCALE, TG, TTL are RES0 without range invalidation.
TEST(AbsentParameters, RangesAreSingleAddresses)
{
    for (absent::removal remove : {absent::nothing, absent::ranges}) {
        device_under_test dut(absent::without(remove));
        dut.bring_up();
        stage1_stream stream(dut, 1, 1);
        stream.low.map(0x1000, 0x5000);
        stream.low.map(0x2000, 0x6000);
        stream.publish();
        dut.translate(1, 0x1000);
        dut.translate(1, 0x2000);
        dut.submit(image<2>{{0x0001'0000'01f1'f012, 0x1701}}); // NUM 31, SCALE 31, TG 4K, TTL 3
        dut.mem.clear_log();
        dut.translate(1, 0x2000);
        EXPECT_EQ(dut.mem.count(SMMU_FETCH_TTD) != 0, remove == absent::nothing);
        dut.mem.clear_log();
        dut.translate(1, 0x1000);
        EXPECT_NE(dut.mem.count(SMMU_FETCH_TTD), 0u);
    }
}

TEST(AbsentParameters, ReservedRangesAreLegalWithoutRanges)
{
    EXPECT_EQ(error_of(absent::nothing, image<2>{{0x12, 0x1400}}), CERROR_ILL);
    EXPECT_EQ(error_of(absent::ranges, image<2>{{0x12, 0x1400}}), CERROR_NONE);
}

TEST(AbsentParameters, AbortIsIgnoredWithoutRazwi) // 4.7.1
{
    for (absent::removal remove : {absent::nothing, absent::razwi}) {
        device_under_test dut(absent::without(remove));
        dut.bring_up();
        stage1_stream stream(dut, 1, 1);
        stream.context().s = 1;
        stream.publish();
        smmu_stall room{};
        ASSERT_EQ(dut.translate(room, 1, 0x1000).outcome, SMMU_STALLED);
        dut.submit(image<2>{{0x0000'0001'0000'0044, 0}});
        ASSERT_EQ(dut.resumed.size(), 1u);
        EXPECT_EQ(dut.resumed[0].action,
                  remove == absent::nothing ? SMMU_RESUME_RAZWI : SMMU_RESUME_ABORT);
    }
}

} // namespace
} // namespace test_absent_commands
