// SPDX-License-Identifier: Apache-2.0
// CMD_ATC_INV, CMD_PRI_RESP and how CMD_SYNC waits for them (IHI 0070 4.5, 3.9.1.4, 7.1).
#include "core/core_test.hpp"

using namespace support;
using namespace support::reg;
using testing::IsEmpty;

namespace test_ats_commands {
namespace {

class AtsCommands : public CoreTest {
  protected:
    AtsCommands()
    {
        dut.bring_up();
        dut.atc_syncs = 0;
    }

    smmu_atc_inv send(const atc_inv &fields)
    {
        dut.atc_invs.clear();
        dut.submit(cmd_atc_inv(fields));
        EXPECT_EQ(dut.cmdq_error(), uint32_t{CERROR_NONE});
        EXPECT_EQ(dut.atc_invs.size(), 1u);
        return dut.atc_invs.empty() ? smmu_atc_inv{} : dut.atc_invs[0];
    }
};

TEST_F(AtsCommands, AtcInvCarriesItsFields)
{
    const smmu_atc_inv inv =
        send({.sid = 0x1234, .ssv = true, .ssid = 0xabcde, .global = true, .address = 0x5000});
    EXPECT_EQ(inv.sid, 0x1234u);
    EXPECT_TRUE(inv.ssv);
    EXPECT_EQ(inv.ssid, 0xabcdeu);
    EXPECT_TRUE(inv.global);
    EXPECT_EQ(inv.addr, 0x5000u);
    EXPECT_EQ(inv.span_log2, 12);
    EXPECT_EQ(stats().atc_invs, 1u);
}

TEST_F(AtsCommands, AtcInvAlignsTheAddressToTheSpan)
{
    const smmu_atc_inv inv = send({.address = 0xffff'ffff'ffff'f000, .size = 9});
    EXPECT_EQ(inv.addr, 0xffff'ffff'ffe0'0000u);
    EXPECT_EQ(inv.span_log2, 21);
}

TEST_F(AtsCommands, AtcInvOfEverything)
{
    const smmu_atc_inv inv = send({.address = 0xffff'ffff'ffff'f000, .size = 52});
    EXPECT_EQ(inv.addr, 0u);
    EXPECT_EQ(inv.span_log2, 64);
    EXPECT_EQ(send({.address = ~uint64_t{0}, .size = 51}).addr, uint64_t{1} << 63);
}

TEST_F(AtsCommands, GlobalCountsOnlyWithPasid)
{
    const smmu_atc_inv inv = send({.ssid = 3, .global = true});
    EXPECT_FALSE(inv.global);
    EXPECT_FALSE(inv.ssv);
    EXPECT_EQ(inv.ssid, 0u);
}

TEST_F(AtsCommands, AtcInvSizeBeyondEverythingIsIllegal)
{
    dut.submit(cmd_atc_inv({.size = 53}));
    EXPECT_EQ(dut.cmdq_error(), uint32_t{CERROR_ILL});
    EXPECT_THAT(dut.atc_invs, IsEmpty());
}

TEST_F(AtsCommands, IgnoredWhileTheSmmuIsDisabled)
{
    dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN);
    dut.submit(cmd_atc_inv({}));
    dut.submit(cmd_pri_resp(1, 2, 0));
    EXPECT_EQ(dut.cmdq_error(), uint32_t{CERROR_NONE});
    EXPECT_THAT(dut.atc_invs, IsEmpty());
    EXPECT_THAT(dut.responses, IsEmpty());
}

TEST_F(AtsCommands, PriRespCarriesItsFields)
{
    dut.submit(cmd_pri_resp_pasid(0x1234, 0xabcde, 0x1ff, 2));
    dut.submit(cmd_pri_resp(5, 1, 1));
    dut.submit(cmd_pri_resp(6, 2, 0));
    ASSERT_EQ(dut.responses.size(), 3u);
    EXPECT_EQ(dut.responses[0].sid, 0x1234u);
    EXPECT_TRUE(dut.responses[0].ssv);
    EXPECT_EQ(dut.responses[0].ssid, 0xabcdeu);
    EXPECT_EQ(dut.responses[0].prgi, 0x1ff);
    EXPECT_EQ(dut.responses[0].code, SMMU_PRG_SUCCESS);
    EXPECT_EQ(dut.responses[1].code, SMMU_PRG_INVALID);
    EXPECT_FALSE(dut.responses[1].ssv);
    EXPECT_EQ(dut.responses[2].code, SMMU_PRG_FAILURE);
    EXPECT_EQ(stats().auto_responses, 0u);
}

TEST_F(AtsCommands, PriRespWithReservedCodeIsIllegal)
{
    dut.submit(cmd_pri_resp(5, 1, 3));
    EXPECT_EQ(dut.cmdq_error(), uint32_t{CERROR_ILL});
    EXPECT_THAT(dut.responses, IsEmpty());
}

TEST_F(AtsCommands, SecureStreamsAreIllegal)
{
    for (command c : {cmd_atc_inv({}), cmd_pri_resp(1, 1, 1)}) {
        device_under_test other;
        other.bring_up();
        other.submit(c.set(10, 1, 1));
        EXPECT_EQ(other.cmdq_error(), uint32_t{CERROR_ILL});
    }
}

TEST_F(AtsCommands, SyncWaitsForInvalidations)
{
    dut.submit(cmd_atc_inv({}));
    EXPECT_EQ(dut.atc_syncs, 0u);
    dut.submit(cmd_sync());
    EXPECT_EQ(dut.atc_syncs, 1u);
    EXPECT_EQ(dut.cmdq_error(), uint32_t{CERROR_NONE});
}

TEST_F(AtsCommands, TimeOutStopsTheQueueAtTheSync)
{
    const uint32_t at = queue_index(dut.read32(CMDQ_CONS));
    dut.submit(cmd_atc_inv({}));
    dut.atc_times_out = true;
    dut.submit(cmd_sync());
    EXPECT_EQ(dut.cmdq_error(), uint32_t{CERROR_ATC_INV_SYNC});
    EXPECT_EQ(queue_index(dut.read32(CMDQ_CONS)), at + 1);
    EXPECT_EQ(dut.read32(GERROR), uint32_t{GERROR_CMDQ});

    dut.acknowledge_gerror(); // the CMD_SYNC is fetched again and has nothing to wait for
    EXPECT_EQ(queue_index(dut.read32(CMDQ_CONS)), at + 2);
}

TEST(AtsCommandsAbsent, AreIllegalWithoutTheFeature)
{
    smmu_config cfg = smmu_config_default();
    cfg.pri = false;
    device_under_test without_pri(cfg);
    without_pri.bring_up();
    without_pri.submit(cmd_atc_inv({}));
    EXPECT_EQ(without_pri.atc_invs.size(), 1u);
    without_pri.submit(cmd_pri_resp(1, 1, 1));
    EXPECT_EQ(without_pri.cmdq_error(), uint32_t{CERROR_ILL});

    cfg.ats = false;
    device_under_test without_ats(cfg);
    without_ats.bring_up();
    without_ats.submit(cmd_atc_inv({}));
    EXPECT_EQ(without_ats.cmdq_error(), uint32_t{CERROR_ILL});
}

TEST(AtsCommandsAbsent, AreIgnoredWithoutAtsBeyondTheSmmu)
{
    device_under_test dut(smmu_config_default(), false);
    dut.bring_up();
    dut.submit(cmd_atc_inv({}));
    dut.submit(cmd_pri_resp(1, 1, 1));
    dut.submit(cmd_sync());
    EXPECT_EQ(dut.cmdq_error(), uint32_t{CERROR_NONE});
    EXPECT_EQ(smmu_get_stats(dut.smmu())->atc_invs, 0u);
}

TEST(AtsCommandsWithoutSubstreams, HaveNoPasid)
{
    smmu_config cfg = smmu_config_default();
    cfg.ssid_bits = 0;
    cfg.cd2l = false;
    device_under_test dut(cfg);
    dut.bring_up();
    dut.submit(cmd_atc_inv({.ssv = true, .ssid = 4}));
    dut.submit(cmd_pri_resp_pasid(1, 4, 1, 1));
    ASSERT_EQ(dut.atc_invs.size(), 1u);
    EXPECT_FALSE(dut.atc_invs[0].ssv);
    ASSERT_EQ(dut.responses.size(), 1u);
    EXPECT_FALSE(dut.responses[0].ssv);
}

} // namespace
} // namespace test_ats_commands
