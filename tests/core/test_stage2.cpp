// SPDX-License-Identifier: Apache-2.0
// Stage 2 and nested translation (IHI 0070 3.4, 5.2, 7.3.12 to 7.3.16; DDI 0487 D8.2): addresses,
// permissions, event records.
#include "core/nested_test.hpp"
#include "support/cd_table.hpp"

using namespace support;

namespace test_stage2 {
namespace {

using Stage2 = NestedTest;

TEST_F(Stage2, TranslatesIpas)
{
    const smmu_result result = dut.translate(alone, ipa + 0x123);
    expect_forward(result, pa + 0x123);
    EXPECT_TRUE(result.tag.s2);
    EXPECT_FALSE(result.tag.s1);
    EXPECT_EQ(result.tag.vmid, 6u);
    EXPECT_EQ(result.span_log2, 12u);
}

TEST_F(Stage2, NestedTranslatesTwice)
{
    const smmu_result result = dut.translate(nested, va + 0x123);
    expect_forward(result, pa + 0x123);
    EXPECT_TRUE(result.tag.s1);
    EXPECT_TRUE(result.tag.s2);
    EXPECT_EQ(result.tag.asid, 7u);
    EXPECT_EQ(result.tag.vmid, 7u);
}

TEST_F(Stage2, NestedSpanIsTheSmallerOfBoth)
{
    stage1.low.map(va + (uint64_t{1} << 30), ipa, 2);
    const uint64_t at = (va + (uint64_t{1} << 30)) & ~ones(21);
    EXPECT_EQ(dut.translate(nested, at + (ipa & ones(21))).span_log2, 12u) << "page of stage 2";
    third.table.map(uint64_t{1} << 34, uint64_t{1} << 35, 1, stage2_attributes{});
    stage1.low.map(va + 0x1000, (uint64_t{1} << 34) + 0x5000);
    const smmu_result result = dut.translate(nested, va + 0x1000);
    expect_forward(result, (uint64_t{1} << 35) + 0x5000);
    EXPECT_EQ(result.span_log2, 12u) << "page of stage 1";
}

TEST_F(Stage2, CdAndTablesAreFoundThroughStage2)
{
    // The IPA of the CD is nowhere in physical memory but where stage 2 says.
    const uint64_t hidden = uint64_t{1} << 38;
    third.table.map(hidden, stage1.cd_address(), 3, stage2_attributes{});
    ste moved = stage1.stream();
    moved.s1contextptr = hidden + (stage1.cd_address() & ones(12));
    dut.set_ste(nested, moved);
    dut.invalidate_all();
    expect_forward(dut.translate(nested, va), pa);
}

// DDI 0487 D8.2.
TEST_F(Stage2, AccessesToDescriptorsNameStageAndLevel)
{
    expect_forward(dut.translate(nested, va), pa);
    unsigned of_stage[3] = {};
    for (unsigned level = 0; level <= 3; level++) {
        const uint64_t at = stage1.low.descriptor_address(va, level);
        for (const mem_access &each : dut.mem.log())
            if (each.req.addr == at) {
                EXPECT_EQ(each.req.stage, 1u);
                EXPECT_EQ(each.req.level, static_cast<int>(level));
                of_stage[1]++;
            }
    }
    for (const mem_access &each : dut.mem.log()) {
        const bool descriptor = each.req.fetch == SMMU_FETCH_TTD;
        EXPECT_EQ(each.req.stage != 0, descriptor);
        if (each.req.addr == third.table.descriptor_address(ipa, 3)) {
            EXPECT_EQ(each.req.stage, 2u);
            EXPECT_EQ(each.req.level, 3);
            of_stage[2]++;
        }
    }
    EXPECT_EQ(of_stage[1], 4u);
    EXPECT_EQ(of_stage[2], 1u);
}

struct shape_row {
    const char *name;
    table_shape shape;
};

void PrintTo(const shape_row &r, std::ostream *out)
{
    *out << r.name;
}

class Shapes : public testing::TestWithParam<shape_row> {};

TEST_P(Shapes, FirstAndLastPageTranslate)
{
    smmu_config cfg = smmu_config_default();
    cfg.oas_bits = 52;
    cfg.vax52 = cfg.ds = true;
    device_under_test dut(cfg);
    table_shape shape = GetParam().shape;
    shape.wide |= shape.size == granule::k64;
    stage2 second(dut, 1, shape);
    ste entry;
    entry.config = STE_S2_TRANS;
    second.apply(entry);
    dut.bring_up();
    dut.set_ste(1, entry);
    const uint64_t pa = shape.wide ? uint64_t{0xb} << 48 | 0x1230000 : 0x1230000;
    const uint64_t last = ones(shape.input_bits) & ~ones(static_cast<unsigned>(shape.size));
    second.table.map(0, pa, 3, stage2_attributes{});
    second.table.map(last, pa + 0x10000, 3, stage2_attributes{});
    expect_forward(dut.translate(1, 0x123), pa + 0x123);
    expect_forward(dut.translate(1, last + 0x123), pa + 0x10123);
    expect_abort(dut.translate(1, last + (uint64_t{1} << static_cast<unsigned>(shape.size))),
                 shape.input_bits == 52 ? F_ADDR_SIZE : F_TRANSLATION);
}

const shape_row shapes[] = {
    {"k4_level0", {48, granule::k4, 0}},
    {"k4_level0_one_bit", {40, granule::k4, 0}},
    {"k4_level1", {39, granule::k4, 1}},
    {"k4_level1_16_tables", {43, granule::k4, 1}},
    {"k4_level2", {30, granule::k4, 2}},
    {"k4_level2_16_tables", {34, granule::k4, 2}},
    {"k16_level1", {47, granule::k16, 1}},
    {"k16_level1_2_tables", {48, granule::k16, 1}},
    {"k16_level2_16_tables", {40, granule::k16, 2}},
    {"k16_level3_16_tables", {29, granule::k16, 3}},
    {"k64_level1", {52, granule::k64, 1}},
    {"k64_level2_16_tables", {46, granule::k64, 2}},
    {"k64_level3_16_tables", {33, granule::k64, 3}},
    {"k4_level2_small", {22, granule::k4, 2}}, // DDI 0487 tables D8-21 to D8-24, FEAT_TTST
    {"k4_level3_smallest", {16, granule::k4, 3}},
    {"k4_level3_16_tables", {25, granule::k4, 3}},
    {"k16_level3_smallest", {16, granule::k16, 3}},
    {"k64_level3_smallest", {17, granule::k64, 3}},
    {"k4_level_minus_1", {52, granule::k4, -1, false, true}}, // tables D8-20, D8-21, FEAT_LPA2
    {"k4_level_minus_1_one_bit", {49, granule::k4, -1, false, true}},
    {"k4_level0_16_tables", {52, granule::k4, 0, false, true}},
    {"k16_level0", {52, granule::k16, 0, false, true}}, // tables D8-30, D8-31
    {"k16_level0_one_bit", {48, granule::k16, 0, false, true}},
    {"k16_level1_16_tables", {51, granule::k16, 1, true, true}},
    {"k16_level3_with_DS", {29, granule::k16, 3, false, true}},
    {"k4_big_endian", {40, granule::k4, 1, true}},
    {"k64_big_endian", {42, granule::k64, 2, true}},
};

INSTANTIATE_TEST_SUITE_P(StartLevels, Shapes, testing::ValuesIn(shapes),
                         [](const auto &info) { return info.param.name; });

// DDI 0487 J1.1, S2InvalidSL: small physical addresses have no use for the topmost level.
TEST(Stage2StartLevel, TopmostNeedsLargePhysicalAddresses)
{
    const struct {
        granule size;
        int level;
        uint8_t enough, too_few;
    } rows[] = {{granule::k4, 0, 44, 42}, {granule::k16, 1, 42, 40}};
    for (const auto &row : rows) {
        for (const uint8_t oas : {row.enough, row.too_few}) {
            smmu_config cfg = smmu_config_default();
            cfg.oas_bits = oas;
            device_under_test dut(cfg);
            stage2 second(dut, 1, {40, row.size, row.level});
            ste entry;
            entry.config = STE_S2_TRANS;
            second.apply(entry);
            dut.bring_up();
            dut.set_ste(1, entry);
            second.table.map(0x1230000, 0x4560000, 3, stage2_attributes{});
            const smmu_result result = dut.translate(1, 0x1230000);
            EXPECT_EQ(result.event, oas == row.enough ? 0u : unsigned{C_BAD_STE}) << unsigned{oas};
        }
    }
}

// 5.4, TxSZ: the smallest tables of each granule, in either half.
class SmallTables : public testing::TestWithParam<granule> {};

TEST_P(SmallTables, FirstAndLastPageTranslate)
{
    const granule g = GetParam();
    const unsigned bits = g == granule::k64 ? 17 : 16;
    device_under_test dut;
    stage1_stream s(dut, 1);
    translation_table low(dut.mem, dut.frames, bits, g), high(dut.mem, dut.frames, bits, g);
    s.context().tg0 = g == granule::k64 ? TG0_64K : g == granule::k16 ? TG0_16K : TG0_4K;
    s.context().tg1 = g == granule::k64 ? TG1_64K : g == granule::k16 ? TG1_16K : TG1_4K;
    s.context().t0sz = s.context().t1sz = 64 - bits;
    s.context().ttb0 = low.base();
    s.context().ttb1 = high.base();
    dut.bring_up();
    s.publish();
    const uint64_t last = ones(bits) & ~ones(static_cast<unsigned>(g));
    uint64_t pa = 0x1230'0000;
    for (const uint64_t at : {uint64_t{0}, last}) {
        low.map(at, pa);
        expect_forward(dut.translate(1, at + 0x123), pa + 0x123);
        pa += 0x1'0000;
        high.map(at, pa);
        expect_forward(dut.translate(1, (~ones(bits) | at) + 0x123), pa + 0x123);
        pa += 0x1'0000;
    }
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_TTD), 4u) << "one level";
    expect_abort(dut.translate(1, ones(bits) + 1), F_TRANSLATION);
    expect_abort(dut.translate(1, ~ones(bits) - 1), F_TRANSLATION);
}

INSTANTIATE_TEST_SUITE_P(Granules, SmallTables,
                         testing::Values(granule::k4, granule::k16, granule::k64));

class Stage1Granules : public testing::TestWithParam<granule> {};

TEST_P(Stage1Granules, BothHalvesTranslate)
{
    const granule g = GetParam();
    smmu_config cfg = smmu_config_default();
    cfg.oas_bits = 52;
    cfg.vax52 = true;
    device_under_test dut(cfg);
    stage1_stream s(dut, 1);
    const bool wide = g == granule::k64;
    const unsigned bits = wide ? 52 : 48;
    translation_table low(dut.mem, dut.frames, table_shape{bits, g, std::nullopt, true, wide});
    translation_table high(dut.mem, dut.frames, table_shape{bits, g, std::nullopt, true, wide});
    s.context().endi = 1;
    s.context().ips = 6;
    s.context().tg0 = wide ? TG0_64K : g == granule::k16 ? TG0_16K : TG0_4K;
    s.context().tg1 = wide ? TG1_64K : g == granule::k16 ? TG1_16K : TG1_4K;
    s.context().t0sz = s.context().t1sz = 64 - bits;
    s.context().ttb0 = low.base();
    s.context().ttb1 = high.base();
    dut.bring_up();
    s.publish();
    const uint64_t va = ones(bits) - 0x3ffff;
    const uint64_t pa = wide ? ones(52) - 0xffff : ones(48) - 0xffff;
    low.map(va, pa);
    high.map(~va, pa);
    expect_forward(dut.translate(1, va + 0x777), (pa & ~ones(low.shift(3))) + 0x777);
    expect_forward(dut.translate(1, ~va & ~ones(low.shift(3))), pa & ~ones(low.shift(3)));
    for (unsigned level = wide ? 1 : g == granule::k4 ? 1 : 2; level < 3; ++level) {
        const uint64_t at = uint64_t{level} << 45;
        low.map(at, pa, level);
        expect_forward(dut.translate(1, at + 0x12345), (pa & ~ones(low.shift(level))) + 0x12345);
    }
}

INSTANTIATE_TEST_SUITE_P(Granules, Stage1Granules,
                         testing::Values(granule::k4, granule::k16, granule::k64));

TEST_F(Stage2, Level1BlocksOf64KNeed52BitAddresses)
{
    translation_table table(dut.mem, dut.frames, table_shape{48, granule::k64});
    stage1_stream s(dut, 1);
    s.context().tg0 = TG0_64K;
    s.context().ttb0 = table.base();
    s.publish();
    table.map(0, 0, 1);
    expect_abort(dut.translate(1, 0x1000), F_TRANSLATION);
}

// 5.4, TTB0: 64-byte alignment where addresses have 52 bits.

TEST(Stage1Alignment, StartTableOf52BitsIsAlignedTo64Bytes)
{
    smmu_config cfg = smmu_config_default();
    cfg.oas_bits = 52;
    device_under_test dut(cfg);
    stage1_stream s(dut, 1, 1, 40); // 2 descriptors at level 0
    dut.bring_up();
    s.low.map(0x1000, 0x2000);
    s.context().ips = 6;
    s.context().ttb0 |= 0x30;
    s.publish();
    expect_forward(dut.translate(1, 0x1000), 0x2000);
    s.context().ips = 5;
    s.publish();
    dut.invalidate_all();
    expect_abort(dut.translate(1, 0x1000), F_TRANSLATION);
}

// Bypass of stage 1

TEST_F(Stage2, S1dssBypassesToStage2)
{
    cd_table cds(dut.mem, dut.frames, 0, 2);
    cds.apply(stage1.stream());
    stage1.stream().s1dss = 0b01;
    publish();
    expect_forward(dut.translate(nested, ipa), pa);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_CD), 0u);
}

TEST_F(Stage2, InputBeyondTheIasIsAStage1Fault)
{
    entry.s2s = 1;
    publish();
    smmu_stall room{};
    const uint64_t at = uint64_t{1} << 48;
    EXPECT_EQ(dut.translate(room, alone, at).outcome, SMMU_ABORT) << "always terminates";
    const event e = only_event();
    EXPECT_EQ(e.type, F_ADDR_SIZE);
    EXPECT_FALSE(e.s2);
    EXPECT_EQ(e.cls, CLASS_IN);
    EXPECT_FALSE(e.stall);
}

// Permissions (DDI 0487 D8.4.2)

TEST_F(Stage2, S2apAndXnGiveRights)
{
    for (unsigned s2ap = 0; s2ap < 4; ++s2ap) {
        for (unsigned xn = 0; xn < 4; ++xn) {
            stage2_attributes a;
            a.s2ap = s2ap;
            a.xn = xn;
            second.table.map(ipa, pa, 3, a);
            dut.invalidate_all();
            const struct {
                client_access how;
                bool allowed;
            } rows[] = {{read_access, (s2ap & 1) != 0},     {write_access, (s2ap & 2) != 0},
                        {priv_read, (s2ap & 1) != 0},       {priv_write, (s2ap & 2) != 0},
                        {instr_access, xn == 0 || xn == 1}, {priv_instr, xn == 0 || xn == 3}};
            for (const auto &row : rows) {
                const smmu_result result = dut.translate(alone, ipa, row.how);
                EXPECT_EQ(result.outcome, row.allowed ? SMMU_FORWARD : SMMU_ABORT)
                    << "S2AP " << s2ap << " XN " << xn;
                dut.pop_events();
            }
        }
    }
}

// 6.3.4, XNX: without it XN[1] alone counts, for everybody.
class Stage2OfSmmuv30 : public NestedTest {
  protected:
    Stage2OfSmmuv30() : NestedTest(config()) {}

    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.arch = 0;
        cfg.operations = 0;
        return cfg;
    }
};

// 4.1.6: bits [55:48] of an IPA are RES0, and taken as zero.
TEST_F(Stage2OfSmmuv30, IsInvalidatedByTheLow48BitsOfAnIpa)
{
    second.table.map(ipa, pa, 3, stage2_attributes{});
    dut.invalidate_all();
    ASSERT_EQ(dut.translate(alone, ipa).outcome, SMMU_FORWARD);
    dut.mem.store64(second.table.descriptor_address(ipa, 3), 0);
    ASSERT_EQ(dut.translate(alone, ipa).outcome, SMMU_FORWARD) << "from the TLB";
    dut.submit(tlbi_s2_ipa(ipa | 0xffull << 48, 6));
    EXPECT_EQ(dut.translate(alone, ipa).event, F_TRANSLATION);
}

TEST_F(Stage2OfSmmuv30, HasOneXnBit)
{
    for (unsigned xn = 0; xn < 4; ++xn) {
        stage2_attributes a;
        a.xn = xn;
        second.table.map(ipa, pa, 3, a);
        dut.invalidate_all();
        for (const client_access &how : {instr_access, priv_instr})
            EXPECT_EQ(dut.translate(alone, ipa, how).outcome, xn < 2 ? SMMU_FORWARD : SMMU_ABORT)
                << xn;
    }
}

TEST_F(Stage2, NestedRightsAreThoseOfBoth)
{
    stage2_attributes a;
    a.s2ap = 0b01;
    third.table.map(ipa, pa, 3, a);
    leaf_attributes l;
    l.uxn = 1;
    stage1.low.map(va, ipa, 3, l);
    EXPECT_EQ(dut.translate(nested, va).perm, SMMU_PERM_R);
}

// Event records

TEST_F(Stage2, FaultOfTheInput)
{
    const uint64_t at = ipa + 0x5678;
    expect_abort(dut.translate(alone, at), F_TRANSLATION);
    EXPECT_EQ(only_event(), stage2_fault(F_TRANSLATION, alone, at, CLASS_IN, at & ~ones(12)));
}

TEST_F(Stage2, FaultOfTheOutputOfStage1)
{
    stage1.low.map(va, ipa + 0x5000);
    expect_abort(dut.translate(nested, va + 0x678), F_TRANSLATION);
    EXPECT_EQ(only_event(),
              stage2_fault(F_TRANSLATION, nested, va + 0x678, CLASS_IN, ipa + 0x5000));
}

TEST_F(Stage2, FaultOfTheCd)
{
    third.table.set_descriptor(stage1.cd_address(), 2, 0);
    expect_abort(dut.translate(nested, va), F_TRANSLATION);
    EXPECT_EQ(only_event(),
              stage2_fault(F_TRANSLATION, nested, va, CLASS_CD, stage1.cd_address() & ~ones(12)));
}

TEST_F(Stage2, FaultOfATableOfStage1)
{
    const uint64_t hidden = uint64_t{1} << 38; // an IPA stage 2 does not know
    stage1.low.set_descriptor(va, 1, table_descriptor(hidden));
    expect_abort(dut.translate(nested, va), F_TRANSLATION);
    EXPECT_EQ(only_event(), stage2_fault(F_TRANSLATION, nested, va, CLASS_TT, hidden));
}

TEST_F(Stage2, PermissionFaultOfATableOfStage1IsOfARead)
{
    const uint64_t hidden = uint64_t{1} << 38;
    stage2_attributes a;
    a.s2ap = 0b10;
    third.table.map(hidden, pa, 3, a);
    stage1.low.set_descriptor(va, 1, table_descriptor(hidden));
    expect_abort(dut.translate(nested, va, write_access), F_PERMISSION);
    event e = stage2_fault(F_PERMISSION, nested, va, CLASS_TT, hidden);
    e.rnw = false;
    e.ttrnw = true;
    EXPECT_EQ(only_event(), e);
}

TEST_F(Stage2, AddressSizeAndAccessFaults)
{
    entry.s2ps = 0; // 32 bits
    publish();
    expect_abort(dut.translate(alone, ipa), F_ADDR_SIZE);
    EXPECT_EQ(only_event(), stage2_fault(F_ADDR_SIZE, alone, ipa, CLASS_IN, ipa));
    stage2_attributes a;
    a.af = 0;
    second.table.map(ipa, 0x5000, 3, a);
    expect_abort(dut.translate(alone, ipa), F_ACCESS);
    EXPECT_EQ(only_event(), stage2_fault(F_ACCESS, alone, ipa, CLASS_IN, ipa));
    entry.s2affd = 1;
    publish();
    expect_forward(dut.translate(alone, ipa), 0x5000);
}

TEST_F(Stage2, WalkAbortsNameTheDescriptor)
{
    const uint64_t at = second.table.descriptor_address(ipa, 3);
    dut.mem.abort_on({at, at + 7, SMMU_FETCH_TTD});
    expect_abort(dut.translate(alone, ipa), F_WALK_EABT);
    EXPECT_EQ(only_event(), stage2_fault(F_WALK_EABT, alone, ipa, CLASS_IN, at));
}

TEST_F(Stage2, WalkAbortOfANestedStage1DescriptorIsOfStage1)
{
    const uint64_t at = stage1.low.descriptor_address(va, 2);
    dut.mem.abort_on({at, at + 7, SMMU_FETCH_TTD});
    expect_abort(dut.translate(nested, va), F_WALK_EABT);
    event e = stage2_fault(F_WALK_EABT, nested, va, CLASS_TT, at);
    e.s2 = false;
    EXPECT_EQ(only_event(), e);
}

TEST_F(Stage2, S2rSilencesFaults)
{
    entry.s2r = 0;
    publish();
    expect_abort(dut.translate(alone, ipa + 0x5000), F_TRANSLATION);
    EXPECT_TRUE(dut.pop_events().empty());
}

TEST_F(Stage2, S2ptwForbidsStructuresInDeviceMemory)
{
    for (unsigned memattr : {0b0000u, 0b0001u, 0b0010u, 0b0011u, 0b0101u}) {
        for (unsigned s2ptw : {0u, 1u}) {
            stage2_attributes a;
            a.memattr = memattr;
            third.map_structures(a);
            stage1.stream().s2ptw = s2ptw;
            publish();
            const smmu_result result = dut.translate(nested, va);
            if (s2ptw && memattr < 4) {
                expect_abort(result, F_PERMISSION);
                EXPECT_EQ(only_event(), stage2_fault(F_PERMISSION, nested, va, CLASS_CD,
                                                     stage1.cd_address() & ~ones(12)));
            } else {
                expect_forward(result, pa);
            }
        }
    }
}

// 5.2, S2PTW; 6.3.4, PTWNNC: what Device memory holds of CDs and stage 1 tables is read, and
// updated, as Normal Non-cacheable, or as that type without PTWNNC.
class StructuresInDevice : public NestedTest, public testing::WithParamInterface<bool> {
  protected:
    StructuresInDevice() : NestedTest(config()) {}

    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.ptwnnc = GetParam();
        return cfg;
    }
};

TEST_P(StructuresInDevice, AreAccessedAsTheSmmuHasIt)
{
    leaf_attributes unseen;
    unseen.af = 0;
    stage1.context().ha = 1;
    for (const unsigned s2fwb : {0u, 1u})
        for (unsigned memattr = 0; memattr < 4; ++memattr) {
            stage2_attributes a;
            a.memattr = memattr;
            third.map_structures(a);
            stage1.low.map(va, ipa, 3, unseen);
            stage1.stream().s2fwb = s2fwb;
            publish();
            expect_forward(dut.translate(nested, va), pa);
            const uint64_t leaf = stage1.low.descriptor_address(va, 3);
            unsigned seen = 0;
            for (const mem_access &access : dut.mem.log()) {
                const smmu_mem_req &req = access.req;
                if (req.fetch != SMMU_FETCH_CD && req.addr != leaf)
                    continue;
                seen |= 1u << req.fetch;
                EXPECT_EQ(req.attr.mair, GetParam() ? 0x44 : memattr << 2) << memattr;
                EXPECT_EQ(req.attr.sh, SMMU_SH_OUTER);
            }
            EXPECT_EQ(seen,
                      1u << SMMU_FETCH_CD | 1u << SMMU_FETCH_TTD | 1u << SMMU_FETCH_TTD_UPDATE);
        }
}

// What clients access keeps its type.
TEST_P(StructuresInDevice, DoNotChangeWhatClientsAccess)
{
    stage2_attributes a;
    a.memattr = 0b0001;
    third.table.map(ipa, pa, 3, a);
    publish();
    EXPECT_EQ(dut.translate(nested, va).attr.mair, 0x04);
}

INSTANTIATE_TEST_SUITE_P(WithAndWithout, StructuresInDevice, testing::Bool());

// 2-level CD tables (5.2 S1Fmt, 5.3)

class TwoLevelCds : public StreamTest, public testing::WithParamInterface<unsigned> {
  protected:
    TwoLevelCds() : cds(dut.mem, dut.frames, GetParam(), 12)
    {
        cds.apply(stream.stream());
        stream.low.map(va, 0x9000);
        dut.set_ste(sid, stream.stream());
        dut.mem.store_image(cds.cd_address(far_ssid), stream.context().encode());
        dut.invalidate_all();
    }

    smmu_result translate(uint32_t ssid)
    {
        client_access how;
        how.ssv = true;
        how.ssid = ssid;
        return dut.translate(sid, va, how);
    }

    static constexpr uint64_t va = 0x4000;
    static constexpr uint32_t far_ssid = 3000;
    cd_table cds;
};

TEST_P(TwoLevelCds, FindTheCd)
{
    expect_forward(translate(far_ssid), 0x9000);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_L1CD), 1u);
    expect_abort(translate(far_ssid + 1), C_BAD_CD);
}

TEST_P(TwoLevelCds, InvalidL1cdIsBadSubstreamid)
{
    expect_abort(translate(5), C_BAD_SUBSTREAMID);
    const auto events = dut.pop_events();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].ssid, 5u);
    EXPECT_FALSE(events[0].ssv);
}

TEST_P(TwoLevelCds, L2PtrBeyondTheOasIsBadSubstreamid)
{
    dut.mem.store64(cds.l1cd_address(far_ssid), l1cd{1, uint64_t{1} << 48}.encode().word[0]);
    expect_abort(translate(far_ssid), C_BAD_SUBSTREAMID);
}

TEST_P(TwoLevelCds, AbortedL1cdFetchIsCdFetch)
{
    const uint64_t at = cds.l1cd_address(far_ssid);
    dut.mem.abort_on({at, at + 7, SMMU_FETCH_L1CD});
    expect_abort(translate(far_ssid), F_CD_FETCH);
    const auto events = dut.pop_events();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].addr, at);
}

INSTANTIATE_TEST_SUITE_P(Formats, TwoLevelCds, testing::Values(1u, 2u));

// StreamWorlds (5.2 STRW; 13.4.1)

class El2 : public StreamTest {
  protected:
    void enter(bool e2h)
    {
        bring_up_options options;
        options.cr2 |= e2h ? reg::CR2_E2H : 0u;
        dut.update_cr0(0);
        dut.bring_up(options);
        stream.stream().strw = 2;
        republish();
    }
    static constexpr uint64_t va = 0x4000;
};

TEST_F(El2, HasOneTableAndNoAsid)
{
    enter(false);
    stream.low.map(va, 0x9000);
    stream.high.map(~uint64_t{0xfff}, 0xa000);
    const smmu_result result = dut.translate(sid, va);
    expect_forward(result, 0x9000);
    EXPECT_EQ(result.tag.world, SMMU_WORLD_EL2);
    EXPECT_TRUE(result.tag.global);
    expect_abort(dut.translate(sid, ~uint64_t{0xfff}), F_TRANSLATION);
}

TEST_F(El2, IgnoresPrivilegeAndEpd0)
{
    enter(false);
    leaf_attributes a;
    a.ap = AP_PRIV_RO;
    a.pxn = 1;
    stream.low.map(va, 0x9000, 3, a);
    stream.context().epd0 = 1;
    stream.context().epd1 = 1;
    republish();
    EXPECT_EQ(dut.translate(sid, va).perm, SMMU_PERM_R | SMMU_PERM_X);
    EXPECT_EQ(dut.translate(sid, va, priv_read).perm, SMMU_PERM_R | SMMU_PERM_X);
}

TEST_F(El2, E2hHasTwoTablesAsidsAndPrivilege)
{
    enter(true);
    leaf_attributes a;
    a.ap = AP_PRIV_RW;
    stream.low.map(va, 0x9000, 3, a);
    stream.high.map(~uint64_t{0xfff}, 0xa000);
    const smmu_result result = dut.translate(sid, va, priv_read);
    expect_forward(result, 0x9000);
    EXPECT_EQ(result.tag.world, SMMU_WORLD_EL2_E2H);
    EXPECT_FALSE(result.tag.global);
    expect_abort(dut.translate(sid, va), F_PERMISSION);
    expect_forward(dut.translate(sid, ~uint64_t{0xfff}), 0xa000);
}

TEST_F(El2, TopByteIgnoreWorksInTheOneTable)
{
    enter(false);
    stream.low.map(va, 0x9000);
    stream.context().tbi0 = 1;
    republish();
    expect_forward(dut.translate(sid, va | 0xab00'0000'0000'0000), 0x9000);
    expect_abort(dut.translate(sid, va | 0x0080'0000'0000'0000), F_TRANSLATION);
}

} // namespace
} // namespace test_stage2
