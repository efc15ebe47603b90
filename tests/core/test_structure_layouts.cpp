// SPDX-License-Identifier: Apache-2.0
// Structures in memory and registers as literal words: Stream table descriptors and entries (IHI
// 0070 5.1, 5.2), Context descriptors (5.3, 5.4), PRI queue entries (8), results of address
// translation operations (6.3.40). Bit ranges are those the sections print; edk2's
// SmmuV3Registers.h and Linux's arm-smmu-v3.h (STRTAB_*, CTXDESC_*, PRIQ_*) have the same.
#include "core/layout_test.hpp"

using testing::ElementsAre;

namespace test_structure_layouts {
namespace {

class StructureLayout : public LayoutTest {
  protected:
    // Where the SMMU read structures of one kind.
    std::vector<uint64_t> fetched(smmu_fetch kind)
    {
        std::vector<uint64_t> at;
        for (const auto &access : dut.mem.log())
            if (access.req.fetch == kind)
                at.push_back(access.req.addr);
        return at;
    }

    smmu_memattr attr_of(smmu_fetch kind)
    {
        for (const auto &access : dut.mem.log())
            if (access.req.fetch == kind)
                return access.req.attr;
        return {};
    }

    // Software programs another Stream table.
    void stream_table(uint64_t base, uint32_t cfg)
    {
        dut.update_cr0(0);
        dut.write64(0x80, base);
        dut.write32(0x88, cfg);
        dut.update_cr0(0xd);
    }
};

// STRTAB_BASE: RA 62, ADDR [55:6]. STRTAB_BASE_CFG: FMT [17:16], SPLIT [10:6], LOG2SIZE [5:0].
// L1STD: Span [4:0], L2Ptr [55:6].
TEST_F(StructureLayout, StreamTableOfTwoLevels)
{
    stream_table(0x4000'0000'4000'0000, 0x0001'020c);
    put(0x4000'0018, {0x3300'0009});
    put(0x3300'2940, {0x9, 0x0000'1000'0000'0000});
    dut.mem.clear_log();
    expect_forward(dut.translate(0x3a5, 0x1234'5678), 0x1234'5678);
    EXPECT_THAT(fetched(SMMU_FETCH_L1STD), ElementsAre(0x4000'0018));
    EXPECT_THAT(fetched(SMMU_FETCH_STE), ElementsAre(0x3300'2940));
}

// STE: S1Fmt [5:4], S1ContextPtr [55:6], S1CDMax [63:59], S1CIR [67:66], S1COR [69:68], S1CSH
// [71:70]. L1CD: V 0, L2Ptr [55:12].
TEST_F(StructureLayout, CdTableOfTwoLevels)
{
    put(ste_of(plain), {0x5800'0000'3400'002b, 0x0000'1000'0000'00e8}); // CIR WT, COR WT, CSH inner
    put(0x3400'0008, {0x3401'0001});
    put(0x3401'acc0, {0x0001'6205'c000'3510, 0x3100'0000, 0, 0xff});
    dut.translate(plain, va, {false, false, false, true, 0x6b3});
    EXPECT_THAT(fetched(SMMU_FETCH_L1CD), ElementsAre(0x3400'0008));
    EXPECT_THAT(fetched(SMMU_FETCH_CD), ElementsAre(0x3401'acc0));
    EXPECT_EQ(attr_of(SMMU_FETCH_CD).mair & 0x44, 0x00) << "Write-Through: 0b10xx";
    EXPECT_EQ(attr_of(SMMU_FETCH_CD).mair & 0x88, 0x88);
    EXPECT_EQ(attr_of(SMMU_FETCH_CD).sh, SMMU_SH_INNER);
}

// STE: S1CDMax [63:59], 20 here: a linear table of 2^20 CDs, aligned to its size.
TEST_F(StructureLayout, LargestCdTable)
{
    put(ste_of(plain), {0xa000'0000'8000'000b, 0x0000'1000'0000'0001});
    expect_abort(dut.translate(plain, va, {false, false, false, true, 0x9'4321}), 0xa);
    EXPECT_THAT(fetched(SMMU_FETCH_CD), ElementsAre(0x8250'c840));
    dut.mem.clear_log();
    dut.write64(0x108, 0x0018'0001'0000'00a5); // GATOS_SID: SubstreamID [51:32]
    dut.write64(0x110, va | 0x500);
    dut.write32(0x100, 1);
    EXPECT_THAT(fetched(SMMU_FETCH_CD), ElementsAre(0x8200'0040));
}

// STE: MemAttr [99:96], MTCFG 100, ALLOCCFG [104:101], SHCFG [109:108], PRIVCFG [113:112], INSTCFG
// [115:114].
TEST_F(StructureLayout, SteOverrides)
{
    put(ste_of(9), {0x9, 0x000f'2015'0000'0000}); // Normal-iNC-oNC, privileged, instruction
    const smmu_result nc = dut.translate(9, 0x1000);
    EXPECT_EQ(nc.attr.mair, SMMU_MAIR_NORMAL_NC);
    EXPECT_EQ(nc.attr.sh, SMMU_SH_OUTER);
    EXPECT_TRUE(nc.instr && nc.priv);
    put(ste_of(10), {0x9, 0x0000'0100'0000'0000}); // ALLOCCFG 0b1000, SHCFG Non-shareable
    const smmu_result none = dut.translate(10, 0x1000);
    EXPECT_EQ(none.attr.mair, 0xcc) << "no allocation hints";
    EXPECT_EQ(none.attr.sh, SMMU_SH_NON);
    put(ste_of(11), {0x9, 0x000a'1000'0000'0000}); // unprivileged, data
    const smmu_result data = dut.translate(11, 0x1000, support::priv_instr);
    EXPECT_FALSE(data.instr || data.priv);
}

// CD: T1SZ [21:16], TG1 [23:22], IR1, OR1, SH1, EPD1 30, V 31, IPS [34:32], AA64 41, R 45, A 46,
// ASID [63:48], TTB1 [183:132], MAIR [255:192].
TEST_F(StructureLayout, CdOfTheUpperHalf)
{
    put(cd_address, {0xbeef'6205'b690'7510, 0, 0x3500'0000, 0x0000'0000'4400'0000}); // EPD0; IR1 NC
    put(0x3500'0120, {0x3500'1003});
    put(0x3500'1688, {0x9'8000'0f4d}); // AttrIndx 3
    const smmu_result result = access(plain, 0xffff'0000'0000'0000 | va);
    expect_forward(result, 0x9'9678'9000);
    EXPECT_EQ(result.tag.asid, 0xbeef);
    EXPECT_EQ(result.attr.mair, SMMU_MAIR_NORMAL_NC);
    EXPECT_THAT(fetched(SMMU_FETCH_TTD), ElementsAre(0x3500'0120, 0x3500'1688));
    expect_abort(access(plain, va), 0x10);
}

// One bit of a CD, and what it changes about one access to a page.
struct cd_bit {
    const char *name;
    unsigned bit;
    uint64_t leaf; // attributes of the page's descriptor
    uint64_t addr;
    support::client_access how;
    unsigned clear, set; // what is met: an event type, 0 for none
};

// CD: EPD0 14, AFFD 35, WXN 36, TBI0 38, PAN 40, HA 43, HAD0 65.
TEST_F(StructureLayout, CdBits)
{
    using namespace support;
    const cd_bit rows[] = {
        {"EPD0", 14, 0xf43, va, read_access, 0, 0x10},
        {"AFFD", 35, 0xb43, va, read_access, 0x12, 0},
        {"WXN", 36, 0xf43, va, instr_access, 0, 0x13},
        {"TBI0", 38, 0xf43, va | uint64_t{0xab} << 56, read_access, 0x10, 0},
        {"PAN", 40, 0xf43, va, priv_read, 0, 0x13},
        {"HA", 43, 0xb43, va, read_access, 0x12, 0},
        {"HAD0", 65, 0xf43, va, write_access, 0x13, 0},
    };
    for (const cd_bit &row : rows)
        for (bool set : {false, true}) {
            words cd = {0x0001'6205'c000'3510, 0x3100'0000, 0, 0xff};
            cd[row.bit / 64] |= uint64_t{set} << row.bit % 64;
            put(cd_address, cd);
            put(0x3100'0120, {row.bit == 65 ? 0x4000'0000'3100'1003u : 0x3100'1003u}); // APTable
            put(0x3100'1688, {0x3100'2003});
            put(0x3100'2598, {0x3100'3003});
            put(0x3100'3c48, {0x9'8765'4000 | row.leaf});
            dut.invalidate_all();
            client_access how = row.how;
            how.ssv = true;
            how.ssid = ssid;
            EXPECT_EQ(dut.translate(plain, row.addr, how).event, set ? row.set : row.clear)
                << row.name << set;
        }
}

// CD: HD 42, S 44, R 45, A 46, ASET 47.
TEST_F(StructureLayout, CdBitsOfFaultsAndUpdates)
{
    put(cd_address, {0x0001'4205'c000'3510}); // no R
    EXPECT_EQ(access(plain, va).outcome, SMMU_ABORT);
    EXPECT_TRUE(records().empty());
    put(cd_address, {0x0001'2205'c000'3510}); // no A
    dut.invalidate_all();
    EXPECT_EQ(access(plain, va).outcome, SMMU_RAZWI);
    put(cd_address, {0x0001'ee05'c000'3510, 0x3100'0000, 0, 0xff}); // ASET, HA and HD
    put(0x3100'0120, {0x3100'1003});
    put(0x3100'1688, {0x0008'0009'8000'0fc1}); // DBM, read-only
    dut.invalidate_all();
    const smmu_result written = access(plain, va, true);
    expect_forward(written, 0x9'9678'9000);
    EXPECT_TRUE(written.tag.aset);
    EXPECT_EQ(dut.mem.load64(0x3100'1688), 0x0008'0009'8000'0f41u) << "dirty";
}

// CD: IR0 [9:8], OR0 [11:10], SH0 [13:12].
TEST_F(StructureLayout, CdWalkAttributes)
{
    put(cd_address, {0x0001'6205'c000'2210, 0x3100'0000, 0, 0xff}); // inner WT, outer NC, outer
    access(plain, va);
    EXPECT_EQ(attr_of(SMMU_FETCH_TTD).mair & 0xfc, 0x48) << "inner Write-Through";
    EXPECT_EQ(attr_of(SMMU_FETCH_TTD).sh, SMMU_SH_OUTER);
}

// STE: Config [3:1], S2VMID [143:128], S2T0SZ [165:160], S2SL0 [167:166], S2PS [178:176], S2AA64
// 179, S2R 186, S2TTB [247:196].
TEST_F(StructureLayout, SteOfBothStages)
{
    put(0x3200'0130, {0x11'8000'07fd});
    const smmu_result result = access(nested, va);
    expect_forward(result, 0x11'9678'9000);
    EXPECT_EQ(result.tag.vmid, 7);
    EXPECT_EQ(result.tag.asid, 2);
    EXPECT_TRUE(result.tag.s1 && result.tag.s2);
}

// STE: S2VMID [143:128].
TEST_F(StructureLayout, EachBitOfTheVmid)
{
    put(0x3200'0130, {0x11'8000'07fd});
    for (unsigned bit = 0; bit < 16; ++bit) {
        put(ste_of(nested) + 16, {0x040d'3558'0000'0000 | uint64_t{1} << bit});
        dut.invalidate_all();
        EXPECT_EQ(access(nested, va).tag.vmid, 1u << bit);
    }
}

// PRI queue entry: StreamID [31:0], SubstreamID [51:32], Priv 58, X 59, R 60, W 61, Last 62, SSV
// 63, PRGIndex [72:64], page [127:76]. Chapter 8 lists the fields; their places are Linux's
// (PRIQ_*).
TEST_F(StructureLayout, PriQueueEntry)
{
    smmu_page_request request{};
    request.addr = 0xfedc'ba98'7654'3210;
    request.sid = plain;
    request.ssid = ssid;
    request.prgi = 0x1b6;
    request.ssv = request.last = request.r = request.w = request.exe = request.priv = true;
    const struct {
        bool smmu_page_request::*field;
        uint64_t bit;
    } rows[] = {{&smmu_page_request::priv, uint64_t{1} << 58},
                {&smmu_page_request::exe, uint64_t{1} << 59},
                {&smmu_page_request::r, uint64_t{1} << 60},
                {&smmu_page_request::w, uint64_t{1} << 61},
                {&smmu_page_request::last, uint64_t{1} << 62}};
    smmu_request_page(dut.smmu(), &request);
    for (const auto &row : rows) {
        smmu_page_request less = request;
        less.*row.field = false;
        smmu_request_page(dut.smmu(), &less);
    }
    const auto entries = dut.pop_page_requests();
    ASSERT_EQ(entries.size(), 6u);
    EXPECT_THAT(entries[0].word, ElementsAre(0xfc00'02b3'0000'00a5, 0xfedc'ba98'7654'31b6));
    for (size_t i = 0; i < 5; i++)
        EXPECT_EQ(entries[i + 1].word[0], 0xfc00'02b3'0000'00a5 & ~rows[i].bit) << i;
    request = {};
    request.sid = 0xcafe;
    request.last = true;
    smmu_request_page(dut.smmu(), &request);
    EXPECT_THAT(dut.pop_page_requests().at(0).word, ElementsAre(0x4000'0000'0000'cafe, 0));
}

// GATOS_SID, GATOS_ADDR: TYPE [11:10], PnU 9, RnW 8. GATOS_PAR: FAULT 0; SH [9:8], Size 11, ADDR
// [55:12], ATTR [63:56]; or REASON [2:1], FAULTCODE [11:4], FADDR [55:12].
TEST_F(StructureLayout, AtosResult)
{
    dut.write64(0x108, 0x0010'02b3'0000'00a5);
    dut.write64(0x110, va | 0x500); // stage 1, read
    put(0x3100'0120, {0x3100'1003});
    put(0x3100'1688, {0x9'8000'0f41});
    dut.write32(0x100, 1);
    EXPECT_EQ(dut.read64(0x118), 0xff00'0009'a000'0b00u) << "1 GiB: bit 29 is the lowest 1 of ADDR";

    dut.write64(0x108, nested);
    dut.write64(0x110, va | 0xd00); // both stages, read
    dut.write32(0x100, 1);
    EXPECT_EQ(dut.read64(0x118), 0x0000'0009'9678'9107u) << "F_TRANSLATION of stage 2, input";
}

// GATOS_ADDR: ADDR [63:12].
TEST_F(StructureLayout, AtosOfTheUpperHalf)
{
    put(cd_address, {0xbeef'6205'b690'7510, 0, 0x3500'0000, 0xff});
    put(0x3500'0120, {0x3500'1003});
    put(0x3500'1688, {0x9'8000'0f41});
    dut.write64(0x108, 0x0010'02b3'0000'00a5);
    dut.write64(0x110, 0xffff'0000'0000'0000 | va | 0x500);
    dut.write32(0x100, 1);
    EXPECT_EQ(dut.read64(0x118), 0xff00'0009'a000'0b00u);
}

// GBPA: MemAttr [3:0], MTCFG 4, ALLOCCFG [11:8], SHCFG [13:12], PRIVCFG [17:16], INSTCFG [19:18],
// ABORT 20, Update 31.
TEST_F(StructureLayout, Gbpa)
{
    dut.update_cr0(0);
    dut.write32(0x44, 0x800f'2015);
    const smmu_result nc = dut.translate(9, 0x1000);
    EXPECT_EQ(nc.attr.mair, SMMU_MAIR_NORMAL_NC);
    EXPECT_TRUE(nc.instr && nc.priv);
    dut.write32(0x44, 0x8000'1800);
    EXPECT_EQ(dut.translate(9, 0x1000).attr.mair, 0xcc);
    dut.write32(0x44, 0x8010'1000);
    EXPECT_EQ(dut.translate(9, 0x1000).outcome, SMMU_ABORT);
}

// CR1: QUEUE_IC [1:0], QUEUE_OC [3:2], QUEUE_SH [5:4], TABLE_IC [7:6], TABLE_OC [9:8], TABLE_SH
// [11:10].
TEST_F(StructureLayout, Cr1)
{
    dut.update_cr0(0);
    dut.write32(0x28, 0x8aa); // Write-Through, Outer Shareable queues; Non-cacheable tables
    dut.write32(0x28, 0x82a);
    dut.update_cr0(0xd);
    dut.mem.clear_log();
    dut.submit(support::image<2>{{0x46, 0}});
    EXPECT_EQ(attr_of(SMMU_FETCH_CMDQ).mair & 0xcc, 0x88);
    EXPECT_EQ(attr_of(SMMU_FETCH_CMDQ).sh, SMMU_SH_OUTER);
    dut.translate(9, 0x1000);
    EXPECT_EQ(attr_of(SMMU_FETCH_STE).mair, SMMU_MAIR_NORMAL_NC);
}

// IC and OC: 0 Non-cacheable, 1 Write-Back, 2 Write-Through, 3 Reserved, as 0; SH is that of a
// descriptor, and Outer Shareable where neither is cacheable (6.3.11). No allocation hints here.
static const struct {
    unsigned ic, oc, sh;
    uint8_t mair, shareability;
} cr1_values[] = {
    {0, 0, 3, 0x44, 2}, {0, 1, 3, 0xc4, 3}, {0, 2, 2, 0x84, 2}, {1, 0, 0, 0x4c, 0},
    {1, 1, 3, 0xcc, 3}, {1, 2, 0, 0x8c, 0}, {2, 0, 2, 0x48, 2}, {2, 1, 2, 0xc8, 2},
    {2, 2, 3, 0x88, 3}, {3, 3, 0, 0x44, 2}, {3, 1, 2, 0xc4, 2}, {2, 3, 3, 0x48, 3},
};

TEST_F(StructureLayout, Cr1OfTables)
{
    for (const auto &v : cr1_values) {
        dut.update_cr0(0);
        dut.write64(0x80, 0x1400'0000); // RA 0
        dut.write32(0x28, v.sh << 10 | v.oc << 8 | v.ic << 6);
        dut.update_cr0(0xd);
        dut.submit(support::cfgi_all());
        dut.mem.clear_log();
        dut.translate(9, 0x1000);
        EXPECT_EQ(attr_of(SMMU_FETCH_STE).mair, v.mair) << v.oc << v.ic;
        EXPECT_EQ(attr_of(SMMU_FETCH_STE).sh, v.shareability) << v.oc << v.ic;
    }
}

TEST_F(StructureLayout, Cr1OfQueues)
{
    for (const auto &v : cr1_values) {
        dut.update_cr0(0);
        dut.write64(0x90, dut.read64(0x90) & ~(uint64_t{1} << 62)); // CMDQ_BASE.RA
        dut.write64(0xa0, dut.read64(0xa0) & ~(uint64_t{1} << 62)); // EVENTQ_BASE.WA
        dut.write32(0x28, v.sh << 4 | v.oc << 2 | v.ic);
        dut.update_cr0(0xd);
        dut.mem.clear_log();
        dut.submit(support::cmd_sync());
        dut.translate(0x1a5, 0x1000);
        for (const smmu_fetch kind : {SMMU_FETCH_CMDQ, SMMU_FETCH_EVTQ}) {
            EXPECT_EQ(attr_of(kind).mair, v.mair) << v.oc << v.ic;
            EXPECT_EQ(attr_of(kind).sh, v.shareability) << v.oc << v.ic;
        }
        dut.pop_events();
    }
}

// CMDQ_BASE.RA, EVENTQ_BASE.WA and PRIQ_BASE.WA are bit 62 (6.3.26, 6.3.29, 6.3.33).
TEST_F(StructureLayout, AllocationHintsOfQueues)
{
    const uint64_t hint = uint64_t{1} << 62;
    for (const uint32_t hinted : {0u, 0x90u, 0xa0u, 0xc0u}) {
        dut.update_cr0(0);
        for (const uint32_t base : {0x90u, 0xa0u, 0xc0u})
            dut.write64(base, (dut.read64(base) & ~hint) | (base == hinted ? hint : 0));
        dut.update_cr0(0x1f);
        dut.mem.clear_log();
        dut.submit(support::cmd_sync());
        dut.translate(0x1a5, 0x1000);
        smmu_page_request request{};
        request.r = request.last = true;
        smmu_request_page(dut.smmu(), &request);
        EXPECT_EQ(attr_of(SMMU_FETCH_CMDQ).mair, hinted == 0x90 ? 0xee : 0xcc) << hinted;
        EXPECT_EQ(attr_of(SMMU_FETCH_EVTQ).mair, hinted == 0xa0 ? 0xdd : 0xcc) << hinted;
        EXPECT_EQ(attr_of(SMMU_FETCH_PRIQ).mair, hinted == 0xc0 ? 0xdd : 0xcc) << hinted;
        dut.pop_events();
        dut.pop_page_requests();
    }
}

// GERROR_IRQ_CFG0 to 2: ADDR [55:2], DATA, SH [5:4], MemAttr [3:0]; GERROR.CMDQ_ERR 0.
TEST_F(StructureLayout, MessageOfGerror)
{
    dut.write32(0x50, 0);
    dut.write64(0x68, 0x0000'7654'3210'fed4);
    dut.write32(0x70, 0xcafe'f00d);
    dut.write32(0x74, 0x3f);
    dut.write32(0x50, 1);
    dut.submit(support::image<2>{{0, 0}});
    EXPECT_EQ(dut.read32(0x60), 1u);
    EXPECT_EQ(dut.read32(0x9c) >> 24, 1u) << "CMDQ_CONS.ERR [30:24]: CERROR_ILL";
    ASSERT_EQ(dut.mem.msis().size(), 1u);
    EXPECT_EQ(dut.mem.msis()[0].addr, 0x0000'7654'3210'fed4u);
    EXPECT_EQ(dut.mem.msis()[0].data, 0xcafe'f00du);
    EXPECT_EQ(dut.mem.msis()[0].attr.sh, SMMU_SH_INNER);
}

} // namespace
} // namespace test_structure_layouts
