// SPDX-License-Identifier: Apache-2.0
// One literal entry for each command (IHI 0070 4), written to the Command queue as two words; what
// it does is seen from outside. The figures of chapter 4 are lost in some editions of the text. The
// words are put together by edk2's SmmuV3Registers.h (SMMUV3_CMD_*) and Linux's arm-smmu-v3.h
// (CMDQ_*), which agree wherever both have a command; where one alone has it, the test says which.
#include "core/layout_test.hpp"

using support::image;
using testing::ElementsAre;
using testing::FieldsAre;
using testing::IsEmpty;
using testing::SizeIs;

namespace test_command_layouts {
namespace {

class CommandLayout : public LayoutTest {
  protected:
    void submit(uint64_t word0, uint64_t word1 = 0)
    {
        dut.invals.clear();
        dut.submit(image<2>{{word0, word1}});
        EXPECT_EQ(dut.cmdq_error(), 0u);
    }

    // The one invalidation that a command caused.
    smmu_inval inval_of(uint64_t word0, uint64_t word1 = 0)
    {
        submit(word0, word1);
        EXPECT_THAT(dut.invals, SizeIs(1));
        return dut.invals.empty() ? smmu_inval{} : dut.invals[0];
    }

    static constexpr uint64_t address = 0xfedc'ba98'7654'3000;
};

TEST_F(CommandLayout, PREFETCH) // Linux
{
    submit(0x0000'00a5'002b'3801);
    submit(0x0000'00a5'002b'3802, address);
    EXPECT_THAT(dut.invals, IsEmpty());
    EXPECT_THAT(records(), IsEmpty());
}

TEST_F(CommandLayout, CFGI_STE)
{
    const smmu_inval leaf = inval_of(0x0000'00a5'0000'0003, 1);
    EXPECT_EQ(leaf.kind, SMMU_INVAL_CFG_SIDS);
    EXPECT_EQ(leaf.sid, 0xa5u);
    EXPECT_EQ(leaf.sid_last, 0xa5u);
    EXPECT_TRUE(leaf.leaf);
    EXPECT_FALSE(inval_of(0x0000'00a5'0000'0003, 0).leaf);
}

TEST_F(CommandLayout, CFGI_STE_RANGE)
{
    const smmu_inval range = inval_of(0x0000'01a5'0000'0004, 6);
    EXPECT_EQ(range.kind, SMMU_INVAL_CFG_SIDS);
    EXPECT_EQ(range.sid, 0x180u);
    EXPECT_EQ(range.sid_last, 0x1ffu);
    EXPECT_EQ(inval_of(0x0000'01a5'0000'0004, 31).kind, SMMU_INVAL_CFG_ALL);
}

TEST_F(CommandLayout, CFGI_CD)
{
    const smmu_inval cd = inval_of(0x0000'00a5'002b'3005, 1);
    EXPECT_EQ(cd.kind, SMMU_INVAL_CFG_CD);
    EXPECT_EQ(cd.sid, 0xa5u);
    EXPECT_EQ(cd.ssid, 0x2b3u);
    EXPECT_TRUE(cd.leaf);
}

TEST_F(CommandLayout, CFGI_CD_ALL)
{
    const smmu_inval cds = inval_of(0x0000'00a5'0000'0006);
    EXPECT_EQ(cds.kind, SMMU_INVAL_CFG_CD_ALL);
    EXPECT_EQ(cds.sid, 0xa5u);
}

// SSec: ILLEGAL on this queue, whatever else (edk2 alone has the bit).
TEST_F(CommandLayout, SSec)
{
    dut.submit(image<2>{{0x0000'00a5'0000'0403, 1}});
    EXPECT_EQ(dut.cmdq_error(), 1u);
}

struct tlbi_row {
    uint64_t word0, word1;
    smmu_inval_kind kind;
    unsigned world, vmid, asid;
    uint64_t addr;
    bool leaf;
};

TEST_F(CommandLayout, TLBI)
{
    constexpr unsigned el1 = SMMU_WORLD_NS_EL1, el2 = SMMU_WORLD_EL2, e2h = SMMU_WORLD_EL2_E2H;
    const tlbi_row rows[] = {
        {0x0000'1234'0000'0010, 0, SMMU_INVAL_TLB_S1, el1, 0x1234, 0, 0, false},
        {0x5678'1234'0000'0011, 0, SMMU_INVAL_TLB_ASID, el1, 0x1234, 0x5678, 0, false},
        {0x5678'1234'0000'0012, address | 1, SMMU_INVAL_TLB_VA, el1, 0x1234, 0x5678, address, true},
        {0x5678'1234'0000'0012, address, SMMU_INVAL_TLB_VA, el1, 0x1234, 0x5678, address, false},
        {0x0000'1234'0000'0013, address | 1, SMMU_INVAL_TLB_VAA, el1, 0x1234, 0, address, true},
        {0x0000'0000'0000'0020, 0, SMMU_INVAL_TLB_EL2, el2, 0, 0, 0, false},
        {0x5678'0000'0000'0021, 0, SMMU_INVAL_TLB_ASID, e2h, 0, 0x5678, 0, false},
        {0x5678'0000'0000'0022, address | 1, SMMU_INVAL_TLB_VA, el2, 0, 0x5678, address, true},
        {0x0000'0000'0000'0023, address | 1, SMMU_INVAL_TLB_VAA, el2, 0, 0, address, true},
        {0x0000'1234'0000'0028, 0, SMMU_INVAL_TLB_S12, el1, 0x1234, 0, 0, false},
        {0x0000'1234'0000'002a, 0x000c'ba98'7654'3001, SMMU_INVAL_TLB_IPA, el1, 0x1234, 0,
         0x000c'ba98'7654'3000, true},
        {0x0000'0000'0000'0030, 0, SMMU_INVAL_TLB_NH, el1, 0, 0, 0, false},
    };
    for (const tlbi_row &row : rows) {
        const smmu_inval inval = inval_of(row.word0, row.word1);
        EXPECT_EQ(inval.kind, row.kind) << std::hex << row.word0;
        EXPECT_EQ(inval.world, row.world) << std::hex << row.word0;
        EXPECT_EQ(inval.vmid, row.vmid) << std::hex << row.word0;
        EXPECT_EQ(inval.asid, row.asid) << std::hex << row.word0;
        EXPECT_EQ(inval.addr, row.addr) << std::hex << row.word0;
        EXPECT_EQ(inval.leaf, row.leaf) << std::hex << row.word0;
    }
}

// Linux (CMDQ_ATC_*, CMDQ_0_SSV); SSV and the SubstreamID are where QEMU's smmuv3-internal.h has
// them (CMD_SSV, CMD_SSID).
TEST_F(CommandLayout, ATC_INV)
{
    submit(0x0000'00a5'002b'3a40, address | 0x09);
    ASSERT_THAT(dut.atc_invs, SizeIs(1));
    const smmu_atc_inv &inv = dut.atc_invs[0];
    EXPECT_EQ(inv.sid, 0xa5u);
    EXPECT_EQ(inv.ssid, 0x2b3u);
    EXPECT_EQ(inv.addr, 0xfedc'ba98'7640'0000u) << "2^(12 + 9) bytes";
    EXPECT_EQ(inv.span_log2, 21);
    EXPECT_TRUE(inv.ssv && inv.global);
    submit(0x0000'00a5'0000'0840, 52);
    submit(0x0000'00a5'0000'0040, address);
    EXPECT_EQ(dut.atc_invs[1].span_log2, 64);
    EXPECT_TRUE(dut.atc_invs[1].ssv && !dut.atc_invs[1].global);
    EXPECT_EQ(dut.atc_invs[2].addr, address);
    EXPECT_FALSE(dut.atc_invs[2].ssv);
}

// Linux (CMDQ_PRI_*), whose driver answers page requests with it. QEMU, which does not carry the
// command out, has Resp one bit lower (CMD_RESP).
TEST_F(CommandLayout, PRI_RESP)
{
    const struct {
        uint64_t word1;
        unsigned prgi, code;
    } rows[] = {{0x01b6, 0x1b6, SMMU_PRG_FAILURE},
                {0x1001, 0x001, SMMU_PRG_INVALID},
                {0x2100, 0x100, SMMU_PRG_SUCCESS}};
    for (const auto &row : rows) {
        dut.responses.clear();
        submit(0x0000'00a5'002b'3841, row.word1);
        ASSERT_THAT(dut.responses, SizeIs(1));
        EXPECT_EQ(dut.responses[0].sid, 0xa5u);
        EXPECT_EQ(dut.responses[0].ssid, 0x2b3u);
        EXPECT_TRUE(dut.responses[0].ssv);
        EXPECT_EQ(dut.responses[0].prgi, row.prgi);
        EXPECT_EQ(dut.responses[0].code, row.code);
    }
    dut.submit(image<2>{{0x0000'00a5'0000'0041, 0x3000}});
    EXPECT_EQ(dut.cmdq_error(), 1u) << "Resp 0b11 is ILLEGAL";
}

// edk2 (Ac, Ab), Linux (CMDQ_RESUME_0_RESP: terminate 0, retry 1, abort 2) and QEMU (CMD_RESUME_AC,
// CMD_RESUME_AB) agree.
TEST_F(CommandLayout, RESUME)
{
    put(cd_address, {0x0001'7205'c000'3510}); // S
    smmu_stall rooms[4];
    for (smmu_stall &room : rooms)
        ASSERT_EQ(dut.translate(room, plain, va, {false, false, false, true, ssid}).outcome,
                  SMMU_STALLED);
    submit(0x0000'00a5'0000'0044, 2);
    submit(0x0000'00a5'0000'1044, 3);
    submit(0x0000'00a5'0000'2044, 0);
    submit(0x0000'00a5'0000'3044, 1); // retry: the rest is IGNORED
    EXPECT_THAT(dut.resumed, ElementsAre(FieldsAre(&rooms[2], SMMU_RESUME_RAZWI),
                                         FieldsAre(&rooms[3], SMMU_RESUME_RETRY),
                                         FieldsAre(&rooms[0], SMMU_RESUME_ABORT),
                                         FieldsAre(&rooms[1], SMMU_RESUME_RETRY)));
}

TEST_F(CommandLayout, STALL_TERM) // opcode and StreamID: QEMU (SMMU_CMD_STALL_TERM, CMD_SID)
{
    put(cd_address, {0x0001'7205'c000'3510});
    smmu_stall room;
    dut.translate(room, plain, va, {false, false, false, true, ssid});
    submit(0x0000'00a6'0000'0045);
    EXPECT_THAT(dut.resumed, IsEmpty());
    submit(0x0000'00a5'0000'0045);
    EXPECT_THAT(dut.resumed, ElementsAre(FieldsAre(&room, SMMU_RESUME_ABORT)));
}

TEST_F(CommandLayout, SYNC)
{
    dut.irqs.clear();
    submit(0x0000'0000'0000'0046);
    EXPECT_THAT(dut.irqs, IsEmpty());
    submit(0xcafe'f00d'0fc0'1046, 0x0000'7654'3210'fed4); // Inner Shareable Write-Back
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_CMD_SYNC));
    ASSERT_THAT(dut.mem.msis(), SizeIs(1));
    EXPECT_EQ(dut.mem.msis()[0].addr, 0x0000'7654'3210'fed4u);
    EXPECT_EQ(dut.mem.msis()[0].data, 0xcafe'f00du);
    EXPECT_EQ(dut.mem.msis()[0].attr.sh, SMMU_SH_INNER);
    submit(0x0000'0000'0180'1046, 0x5000); // Outer Shareable Device-nGnRE
    EXPECT_EQ(dut.mem.msis()[1].attr.mair, SMMU_MAIR_DEVICE_nGnRE);
    EXPECT_EQ(dut.mem.msis()[1].attr.sh, SMMU_SH_OUTER);
    submit(0x0000'0000'0000'2046);
    EXPECT_EQ(dut.sevs, 1u);
    dut.submit(image<2>{{0x3046, 0}});
    EXPECT_EQ(dut.cmdq_error(), 1u) << "CS 0b11 is Reserved";
}

} // namespace
} // namespace test_command_layouts
