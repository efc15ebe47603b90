// SPDX-License-Identifier: Apache-2.0
// Memory attributes of forwarded transactions and of the SMMU's own accesses (IHI 0070 13).
#include "core/core_test.hpp"
#include "support/stage2.hpp"

using namespace support;

namespace test_attributes {
namespace {

class Attributes : public StreamTest {
  protected:
    explicit Attributes(const smmu_config &cfg = smmu_config_default()) : StreamTest(cfg) {}

    smmu_memattr output_of(unsigned index, unsigned sh)
    {
        leaf_attributes attributes;
        attributes.attr_index = index;
        attributes.sh = sh;
        stream.low.map(0x4000, 0x9000, 3, attributes);
        dut.invalidate_all();
        return dut.translate(sid, 0x4000).attr;
    }

    // The last logged access of one class.
    smmu_mem_req last(smmu_fetch fetch)
    {
        for (auto it = dut.mem.log().rbegin(); it != dut.mem.log().rend(); ++it)
            if (it->req.fetch == fetch)
                return it->req;
        ADD_FAILURE() << "no such access";
        return {};
    }
};

TEST_F(Attributes, AttrIndxSelectsTheMairByte)
{
    stream.context().mair = 0xbb'ff'44'0c'08'04'00'aa;
    republish();
    const unsigned expected[] = {0xaa, 0x00, 0x04, 0x08, 0x0c, 0x44, 0xff, 0xbb};
    for (unsigned i = 0; i < 8; ++i)
        EXPECT_EQ(output_of(i, 0b11).mair, expected[i]) << i;
}

// 5.4, AIE [131] and MAIR: bit 59 of a descriptor is AttrIndx[3]; indexes above 7 give byte 7.
class AttributeIndexExtension : public Attributes {
  protected:
    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.aie = true;
        return cfg;
    }
    AttributeIndexExtension() : Attributes(config()) {}

    uint8_t mair_of(unsigned index)
    {
        leaf_attributes attributes;
        attributes.attr_index = index & 7;
        stream.low.map(0x4000, 0x9000, 3, attributes);
        stream.low.set_descriptor(0x4000, 3,
                                  stream.low.descriptor(0x4000, 3) | uint64_t{index >> 3} << 59);
        dut.invalidate_all();
        return dut.translate(sid, 0x4000).attr.mair;
    }
};

TEST_F(AttributeIndexExtension, IndexesAbove7GiveTheLastByte)
{
    stream.context().mair = 0xbb'ff'44'0c'08'04'00'aa;
    for (const bool enabled : {false, true}) {
        stream.publish();
        const uint64_t at = stream.cd_address() + 16;
        dut.mem.store64(at, dut.mem.load64(at) | (enabled ? uint64_t{1} << (131 - 128) : 0));
        const unsigned expected[] = {0xaa, 0x00, 0x04, 0x08, 0x0c, 0x44, 0xff, 0xbb};
        for (unsigned i = 0; i < 16; ++i)
            EXPECT_EQ(mair_of(i), enabled && i > 7 ? 0xbb : expected[i & 7]) << i;
    }
}

// DDI 0487 R_MJGNV.
TEST_F(AttributeIndexExtension, SwitchesHierarchicalPermissionsOff)
{
    stream.low.map(0x4000, 0x9000);
    const uint64_t table = stream.low.descriptor(0x4000, 2);
    stream.low.set_descriptor(0x4000, 2, table | uint64_t{2} << 61); // APTable: read-only
    expect_abort(dut.translate(sid, 0x4000, write_access), F_PERMISSION);
    stream.context().aie = 1;
    republish();
    expect_forward(dut.translate(sid, 0x4000, write_access), 0x9000);
}

TEST_F(Attributes, ShareabilityComesFromTheDescriptor)
{
    EXPECT_EQ(output_of(0, 0b00).sh, SMMU_SH_NON);
    EXPECT_EQ(output_of(0, 0b10).sh, SMMU_SH_OUTER);
    EXPECT_EQ(output_of(0, 0b11).sh, SMMU_SH_INNER);
}

TEST_F(Attributes, DeviceAndNonCacheableAreOuterShareable)
{
    EXPECT_EQ(output_of(1, 0b00).sh, SMMU_SH_OUTER) << "Normal Non-cacheable";
    EXPECT_EQ(output_of(2, 0b11).sh, SMMU_SH_OUTER) << "Device";
}

TEST_F(Attributes, ReservedMairEncodingsBehaveAsListed)
{
    // IHI 0070 5.4, MAIR: reserved Device encodings lose their low bits.
    stream.context().mair = 0x0d'0a'07'01;
    republish();
    EXPECT_EQ(output_of(0, 0).mair, 0x00);
    EXPECT_EQ(output_of(1, 0).mair, 0x04);
    EXPECT_EQ(output_of(2, 0).mair, 0x08);
    EXPECT_EQ(output_of(3, 0).mair, 0x0c);
}

TEST_F(Attributes, BypassKeepsIncomingAttributes)
{
    dut.set_ste(6, ste{});
    const smmu_result result = dut.translate(6, 0x1000);
    EXPECT_EQ(result.attr.mair, SMMU_MAIR_NORMAL_WB_RAWA);
    EXPECT_EQ(result.attr.sh, SMMU_SH_INNER);
}

TEST_F(Attributes, DeviceTypesHaveTheirFourEncodings)
{
    // 13.1.7: a client's byte of the form 0b0000dd01 and the like leaves as the Device type dd.
    dut.set_ste(6, ste{});
    for (unsigned mair = 0; mair < 0x10; ++mair) {
        smmu_txn txn = device_under_test::transaction(6, 0x1000, read_access);
        txn.attr = {static_cast<uint8_t>(mair), SMMU_SH_OUTER};
        smmu_result result{};
        smmu_translate(dut.smmu(), &txn, &result);
        EXPECT_EQ(result.attr.mair, mair & 0xc) << mair;
    }
}

// 13.1.7
TEST_F(Attributes, WhatDoesNotAllocateIsNotTransient)
{
    support::ste bypass;
    dut.set_ste(6, bypass);
    smmu_txn txn = device_under_test::transaction(6, 0x4000, read_access);
    txn.attr = {0xf0, SMMU_SH_INNER}; // inner Write-Through Transient without allocation
    smmu_result result{};
    smmu_translate(dut.smmu(), &txn, &result);
    EXPECT_EQ(result.attr.mair, 0xf8);
}

TEST_F(Attributes, AllocationHintsCombineWithTheIncoming)
{
    // IHI 0070 13.4.2: no-allocate is the stronger value; Device and Non-cacheable give no hints.
    const struct {
        uint8_t incoming, mair, output;
    } rows[] = {
        {0xff, 0xff, 0xff}, {0xcc, 0xff, 0xcc}, {0xff, 0xee, 0xee}, {0xdd, 0xff, 0xdd},
        {0xee, 0xdd, 0xcc}, {0x44, 0xff, 0xff}, {0x04, 0xff, 0xff}, {0xcc, 0x44, 0x44},
        {0xcc, 0x04, 0x04}, {0x88, 0xff, 0xcc}, {0xff, 0xbb, 0xbb},
    };
    for (const auto &row : rows) {
        stream.context().mair = row.mair;
        stream.low.map(0x4000, 0x9000);
        republish();
        smmu_txn txn{};
        txn.sid = sid;
        txn.addr = 0x4000;
        txn.attr = {row.incoming, SMMU_SH_INNER};
        smmu_result result{};
        smmu_translate(dut.smmu(), &txn, &result);
        EXPECT_EQ(result.attr.mair, row.output)
            << std::hex << unsigned{row.incoming} << " with " << unsigned{row.mair};
    }
}

TEST_F(Attributes, SteFetchUsesCr1)
{
    dut.translate(sid, 0x4000);
    const smmu_mem_req req = last(SMMU_FETCH_STE);
    EXPECT_EQ(req.attr.mair & 0xcc, 0xcc) << "Write-Back";
    EXPECT_EQ(req.attr.sh, SMMU_SH_INNER);
    EXPECT_EQ(req.sid, sid);
    EXPECT_EQ(req.size, 64u);
}

TEST_F(Attributes, CdFetchUsesTheSte)
{
    stream.stream().s1cir = 0b01;
    stream.stream().s1cor = 0b10;
    stream.stream().s1csh = 0b10;
    republish();
    dut.translate(sid, 0x4000);
    const smmu_mem_req req = last(SMMU_FETCH_CD);
    EXPECT_EQ(req.attr.mair & 0x0e, 0x0e) << "inner Write-Back, Read-Allocate";
    EXPECT_EQ(req.attr.mair & 0xe0, 0xa0) << "outer Write-Through, Read-Allocate";
    EXPECT_EQ(req.attr.sh, SMMU_SH_OUTER);
    EXPECT_EQ(req.size, 64u);
}

TEST_F(Attributes, NonCacheableCdFetchIsOuterShareable)
{
    stream.stream().s1csh = 0b11;
    republish();
    dut.translate(sid, 0x4000);
    EXPECT_EQ(last(SMMU_FETCH_CD).attr.mair, SMMU_MAIR_NORMAL_NC);
    EXPECT_EQ(last(SMMU_FETCH_CD).attr.sh, SMMU_SH_OUTER);
}

TEST_F(Attributes, WalksUseTheFieldsOfTheirTable)
{
    stream.context().ir0 = 0b01;
    stream.context().or0 = 0b01;
    stream.context().sh0 = 0b11;
    stream.context().ir1 = 0b10;
    stream.context().or1 = 0b00;
    stream.context().sh1 = 0b10;
    republish();
    dut.translate(sid, 0x4000);
    EXPECT_EQ(last(SMMU_FETCH_TTD).attr.mair, 0xff);
    EXPECT_EQ(last(SMMU_FETCH_TTD).attr.sh, SMMU_SH_INNER);
    EXPECT_EQ(last(SMMU_FETCH_TTD).size, 8u);
    dut.translate(sid, ~uint64_t{0xfff});
    EXPECT_EQ(last(SMMU_FETCH_TTD).attr.mair, 0x4a);
    EXPECT_EQ(last(SMMU_FETCH_TTD).attr.sh, SMMU_SH_OUTER);
}

// Overrides (13.1.4; 5.2, MTCFG to SHCFG; 6.3.14)

struct override_row {
    const char *what;
    uint8_t in_mair, in_sh;
    unsigned mtcfg, memattr, alloccfg, shcfg;
    uint8_t mair, sh;
};

constexpr override_row override_rows[] = {
    {"nothing", 0xff, 3, 0, 0, 0, 1, 0xff, 3},
    {"type, hints kept", 0xee, 3, 1, 0b1010, 0, 1, 0xaa, 3},
    {"type from Non-cacheable gets default hints", 0x44, 3, 1, 0b1111, 0, 1, 0xff, 2},
    {"type from Device is Outer Shareable", 0x04, 0, 1, 0b1111, 0, 1, 0xff, 2},
    {"type to Device", 0xff, 3, 1, 0b0001, 0, 3, 0x04, 2},
    {"Reserved types are nGnRnE", 0xff, 3, 1, 0b0100, 0, 1, 0x00, 2},
    {"Reserved types are nGnRnE", 0xff, 3, 1, 0b1000, 0, 1, 0x00, 2},
    {"MemAttr without MTCFG is ignored", 0xff, 3, 0, 0b0001, 0, 1, 0xff, 3},
    {"hints", 0xff, 3, 0, 0, 0b1100, 1, 0xee, 3},
    {"transient hints", 0xff, 3, 0, 0, 0b1011, 1, 0x55, 3},
    {"transient without allocation", 0xff, 3, 0, 0, 0b1001, 1, 0xcc, 3},
    {"hints do not apply to Device", 0x08, 2, 0, 0, 0b1111, 1, 0x08, 2},
    {"hints do not apply to a half that is not cached", 0x4f, 3, 0, 0, 0b1000, 1, 0x4c, 3},
    {"shareability", 0xff, 3, 0, 0, 0, 2, 0xff, 2},
    {"shareability", 0xff, 3, 0, 0, 0, 0, 0xff, 0},
    {"shareability does not apply to Device", 0x04, 2, 0, 0, 0, 0, 0x04, 2},
    {"shareability does not apply to Non-cacheable", 0x44, 2, 0, 0, 0, 3, 0x44, 2},
};

smmu_result translate_with(device_under_test &dut, uint32_t sid, uint64_t addr, uint8_t mair,
                           uint8_t sh)
{
    smmu_txn txn = device_under_test::transaction(sid, addr, read_access);
    txn.attr = {mair, sh};
    smmu_result result{};
    smmu_translate(dut.smmu(), &txn, &result);
    return result;
}

TEST_F(Attributes, SteOverridesOfABypassStream)
{
    for (const override_row &row : override_rows) {
        ste s;
        s.mtcfg = row.mtcfg;
        s.memattr = row.memattr;
        s.alloccfg = row.alloccfg;
        s.shcfg = row.shcfg;
        dut.set_ste(6, s);
        dut.invalidate_all();
        const smmu_result result = translate_with(dut, 6, 0x1000, row.in_mair, row.in_sh);
        EXPECT_EQ(result.attr.mair, row.mair) << row.what;
        EXPECT_EQ(result.attr.sh, row.sh) << row.what;
    }
}

TEST_F(Attributes, GbpaOverrides)
{
    dut.update_cr0(0);
    for (const override_row &row : override_rows) {
        dut.write32(reg::GBPA, reg::GBPA_UPDATE | row.memattr | row.mtcfg << 4 | row.alloccfg << 8 |
                                   row.shcfg << 12);
        const smmu_result result = translate_with(dut, 6, 0x1000, row.in_mair, row.in_sh);
        EXPECT_EQ(result.attr.mair, row.mair) << row.what;
        EXPECT_EQ(result.attr.sh, row.sh) << row.what;
    }
}

TEST_F(Attributes, GbpaOverridesInstAndPriv)
{
    dut.update_cr0(0);
    dut.write32(reg::GBPA, reg::GBPA_UPDATE | 3u << 18 | 3u << 16);
    EXPECT_TRUE(dut.translate(1, 0).instr);
    EXPECT_TRUE(dut.translate(1, 0).priv);
    EXPECT_FALSE(dut.translate(1, 0, write_access).instr) << "writes are always Data";
    dut.write32(reg::GBPA, reg::GBPA_UPDATE | 2u << 18 | 2u << 16);
    EXPECT_FALSE(dut.translate(1, 0, priv_instr).instr);
    EXPECT_FALSE(dut.translate(1, 0, priv_instr).priv);
    dut.write32(reg::GBPA, reg::GBPA_UPDATE);
    EXPECT_TRUE(dut.translate(1, 0, priv_instr).instr);
    EXPECT_TRUE(dut.translate(1, 0, priv_instr).priv);
}

TEST_F(Attributes, SteOverridesInstAndPriv)
{
    leaf_attributes a;
    a.ap = AP_PRIV_RO;
    a.uxn = 1;
    stream.low.map(0x4000, 0x9000, 3, a);
    stream.stream().privcfg = 3;
    republish();
    const smmu_result result = dut.translate(sid, 0x4000);
    expect_forward(result, 0x9000);
    EXPECT_TRUE(result.priv);
    stream.stream().instcfg = 3;
    stream.stream().privcfg = 2;
    republish();
    expect_abort(dut.translate(sid, 0x4000), F_PERMISSION);
    const auto events = dut.pop_events();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_TRUE(events[0].ind) << "records show what the overrides made of it";
    EXPECT_FALSE(events[0].pnu);
}

// 13.1.2: what the memory system is told of INST and PRIV, beside what they are checked as.
class OutputAttributes : public Attributes, public testing::WithParamInterface<uint8_t> {
  protected:
    static smmu_config of_version()
    {
        smmu_config cfg = smmu_config_default();
        cfg.arch = GetParam();
        cfg.e0pd = cfg.ptwnnc = cfg.epan = cfg.mteperm = true;
        return cfg;
    }
    OutputAttributes() : Attributes(of_version()) {}

    // Of an instruction fetch without privilege, and of a privileged read.
    void expect_output(uint32_t of, uint64_t at)
    {
        const bool uniform = GetParam() >= 4;
        smmu_result result = dut.translate(of, at, instr_access);
        EXPECT_EQ(result.outcome, SMMU_FORWARD);
        EXPECT_TRUE(result.instr);
        EXPECT_FALSE(result.priv);
        EXPECT_EQ(result.out_instr, !uniform);
        EXPECT_EQ(result.out_priv, uniform);
        result = dut.translate(of, at, priv_read);
        EXPECT_EQ(result.outcome, SMMU_FORWARD);
        EXPECT_FALSE(result.out_instr);
        EXPECT_TRUE(result.out_priv);
    }
};

TEST_P(OutputAttributes, ArePrivilegedDataSinceSmmuv34)
{
    leaf_attributes a;
    a.ap = AP_ALL_RO;
    a.pxn = 1;
    stream.low.map(0x4000, 0x9000, 3, a);
    republish();
    for (int i = 0; i < 2; ++i) // the second time from the micro TLB
        expect_output(sid, 0x4000);
    ste bypass;
    dut.set_ste(6, bypass);
    dut.submit(cfgi_all());
    expect_output(6, 0x4000);
    dut.update_cr0(reg::CR0_CMDQEN);
    expect_output(6, 0x4000);
    dut.write32(reg::GBPA, reg::GBPA_UPDATE | 3u << 18 | 2u << 16);
    const smmu_result result = dut.translate(6, 0x4000, priv_read);
    EXPECT_TRUE(result.instr && !result.priv) << "overridden";
    EXPECT_EQ(result.out_instr, GetParam() < 4);
    EXPECT_EQ(result.out_priv, GetParam() >= 4);
}

INSTANTIATE_TEST_SUITE_P(Versions, OutputAttributes, testing::Values(3, 4));

TEST_F(Attributes, OverridesAreReservedWithoutTheirFeatures)
{
    smmu_config cfg = smmu_config_default();
    cfg.attr_types_ovr = cfg.attr_perms_ovr = false;
    device_under_test other(cfg);
    other.write32(reg::GBPA, 0xffffffff & ~reg::GBPA_ABORT);
    EXPECT_EQ(other.read32(reg::GBPA), 0u);
    other.bring_up();
    ste s;
    s.mtcfg = 1;
    s.memattr = 0;
    s.alloccfg = 15;
    s.shcfg = 0;
    s.privcfg = s.instcfg = 3;
    other.set_ste(6, s);
    const smmu_result result = translate_with(other, 6, 0x1000, 0xbb, 3);
    EXPECT_EQ(result.attr.mair, 0xbb);
    EXPECT_EQ(result.attr.sh, SMMU_SH_INNER);
    EXPECT_FALSE(result.instr);
    EXPECT_FALSE(result.priv);
}

// Stage 2 (13.1.5, 13.4.3): the stronger of both

struct combine_row {
    uint8_t in_mair, in_sh; // what stage 2 is given
    uint8_t memattr, sh;    // of its descriptor
    uint8_t mair, out_sh;
};

constexpr combine_row combine_rows[] = {
    {0xff, 3, 0b1111, 3, 0xff, 3}, {0xff, 3, 0b1010, 3, 0xbb, 3}, {0xbb, 3, 0b1111, 3, 0xbb, 3},
    {0xff, 3, 0b0101, 3, 0x44, 2}, {0x44, 2, 0b1111, 3, 0x44, 2}, {0xff, 3, 0b0111, 3, 0x4f, 3},
    {0xff, 3, 0b1101, 3, 0xf4, 3}, {0xff, 3, 0b0001, 3, 0x04, 2}, {0x08, 2, 0b1111, 3, 0x08, 2},
    {0x0c, 2, 0b0001, 0, 0x04, 2}, {0x00, 2, 0b0011, 0, 0x00, 2}, {0xee, 3, 0b1111, 3, 0xee, 3},
    {0xcc, 0, 0b1010, 0, 0x88, 0}, {0xff, 0, 0b1111, 3, 0xff, 3}, {0xff, 0, 0b1111, 2, 0xff, 2},
    {0xff, 2, 0b1111, 0, 0xff, 2}, {0xff, 0, 0b1111, 0, 0xff, 0}, {0xff, 0, 0b1111, 1, 0xff, 0},
    {0xff, 3, 0b0100, 3, 0x00, 2},
};

TEST_F(Attributes, Stage2CombinesWithTheIncoming)
{
    stage2 second(dut, 1);
    ste s;
    s.config = STE_S2_TRANS;
    second.apply(s);
    dut.set_ste(6, s);
    for (const combine_row &row : combine_rows) {
        stage2_attributes a;
        a.memattr = row.memattr;
        a.sh = row.sh;
        second.table.map(0x4000, 0x9000, 3, a);
        dut.invalidate_all();
        const smmu_result result = translate_with(dut, 6, 0x4000, row.in_mair, row.in_sh);
        EXPECT_EQ(result.attr.mair, row.mair) << std::hex << +row.in_mair << " " << row.memattr;
        EXPECT_EQ(result.attr.sh, row.out_sh) << std::hex << +row.in_mair << " " << row.memattr;
    }
}

TEST_F(Attributes, Stage2CombinesWithStage1)
{
    stage2 second(dut, 1);
    second.map_structures();
    stream.stream().config = STE_NESTED;
    second.apply(stream.stream());
    for (const combine_row &row : combine_rows) {
        stage2_attributes a;
        a.memattr = row.memattr;
        a.sh = row.sh;
        second.table.map(0x9000, 0xa000, 3, a);
        leaf_attributes l;
        l.sh = row.in_sh;
        stream.low.map(0x4000, 0x9000, 3, l);
        stream.context().mair = row.in_mair;
        republish();
        const smmu_result result = dut.translate(sid, 0x4000);
        EXPECT_EQ(result.attr.mair, row.mair) << std::hex << +row.in_mair << " " << row.memattr;
        EXPECT_EQ(result.attr.sh, row.out_sh) << std::hex << +row.in_mair << " " << row.memattr;
    }
}

TEST_F(Attributes, NestedTableAccessesCombineBothStages)
{
    stage2 second(dut, 1);
    stage2_attributes a;
    a.memattr = 0b1010; // Write-Through
    a.sh = 2;
    second.map_structures(a);
    second.table.map(0x9000, 0xa000, 3, stage2_attributes{});
    stream.stream().config = STE_NESTED;
    stream.stream().s1cir = stream.stream().s1cor = 1;
    stream.stream().s1csh = 3;
    second.apply(stream.stream());
    stream.low.map(0x4000, 0x9000);
    republish();
    dut.mem.clear_log();
    expect_forward(dut.translate(sid, 0x4000), 0xa000);
    EXPECT_EQ(last(SMMU_FETCH_CD).attr.mair, 0xaa) << "Write-Through, Read-Allocate";
    EXPECT_EQ(last(SMMU_FETCH_CD).attr.sh, SMMU_SH_OUTER);
    const uint64_t leaf_at = stream.low.descriptor_address(0x4000, 3);
    for (const auto &access : dut.mem.log()) {
        if (access.req.addr != leaf_at)
            continue;
        EXPECT_EQ(access.req.attr.mair, 0xbb);
        EXPECT_EQ(access.req.attr.sh, SMMU_SH_OUTER);
    }
}

} // namespace
} // namespace test_attributes
