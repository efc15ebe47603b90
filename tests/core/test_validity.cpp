// SPDX-License-Identifier: Apache-2.0
// Which STEs and CDs are ILLEGAL (IHI 0070 5.2.2, 5.4.2): one row for each condition, in an SMMU
// that lacks what the condition asks for; and the fields that do not matter.
#include "core/core_test.hpp"
#include "support/stage2.hpp"

using namespace support;

namespace test_validity {
namespace {

// A change of a good nested or single-stage configuration.
struct change {
    const char *name;
    void (*config)(smmu_config &);
    void (*apply)(ste &, cd &);
};

void PrintTo(const change &c, std::ostream *out)
{
    *out << c.name;
}

void as_default(smmu_config &) {}

void no_small_tables(smmu_config &c)
{
    c.stt = false;
}

void terminate_only(smmu_config &c)
{
    c.stall_model = SMMU_TERMINATE_ONLY;
}

void stall_only(smmu_config &c)
{
    c.stall_model = SMMU_STALL_ONLY;
}

// Streams 1 (stage 1), 2 (stage 2) and 3 (nested), with the change applied to each.
class Validity : public testing::TestWithParam<change> {
  protected:
    static constexpr uint64_t va = 0x123000;

    Validity() : dut(config()), s1(dut, 1, 1), nested(dut, 3, 3), second(dut, 2), third(dut, 3)
    {
        dut.bring_up();
        s1.low.map(va, 0x9000);
        nested.low.map(va, 0x9000);
        stage2_attributes all;
        for (stage2 *s : {&second, &third}) {
            s->map_structures();
            s->table.map(va, 0xa000, 3, all);
            s->table.map(0x9000, 0xa000, 3, all);
        }
        two.config = STE_S2_TRANS;
        second.apply(two);
        nested.stream().config = STE_NESTED;
        third.apply(nested.stream());
    }

    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        GetParam().config(cfg);
        return cfg;
    }

    void publish()
    {
        s1.publish();
        dut.set_ste(2, two);
        nested.publish();
        dut.invalidate_all();
    }

    unsigned event_of(uint32_t sid) { return dut.translate(sid, va).event; }

    device_under_test dut;
    stage1_stream s1, nested;
    stage2 second, third;
    ste two;
    cd unused;
};

class IllegalCd : public Validity {};

TEST_P(IllegalCd, IsCBadCd)
{
    GetParam().apply(s1.stream(), s1.context());
    GetParam().apply(nested.stream(), nested.context());
    publish();
    EXPECT_EQ(event_of(1), C_BAD_CD);
    EXPECT_EQ(event_of(3), C_BAD_CD);
    EXPECT_EQ(dut.translate(1, ~uint64_t{0xfff}).event, C_BAD_CD) << "whichever table is used";
}

const change illegal_cds[] = {
    {"V", as_default, [](ste &, cd &c) { c.v = 0; }},
    {"S_with_S1STALLD", as_default, [](ste &s, cd &c) { s.s1stalld = c.s = 1; }},
    {"S_without_stall_model", terminate_only, [](ste &, cd &c) { c.s = 1; }},
    {"S_needed_by_stall_model", stall_only, [](ste &s, cd &) { s.s2s = 1; }},
    {"A_needed_by_TERM_MODEL", [](smmu_config &c) { c.term_abort_only = true; },
     [](ste &, cd &c) { c.a = 0; }},
    {"ENDI_big", [](smmu_config &c) { c.ttendian = SMMU_TT_LITTLE; },
     [](ste &, cd &c) { c.endi = 1; }},
    {"HA_without_HTTU", [](smmu_config &c) { c.httu = SMMU_HTTU_NONE; },
     [](ste &, cd &c) { c.ha = 1; }},
    {"HD_without_HTTU", [](smmu_config &c) { c.httu = SMMU_HTTU_NONE; },
     [](ste &, cd &c) { c.hd = 1; }},
    {"HD_with_HTTU_of_AF_alone", [](smmu_config &c) { c.httu = SMMU_HTTU_ACCESS; },
     [](ste &, cd &c) { c.ha = c.hd = 1; }},
    {"ASID_beyond_8_bits", [](smmu_config &c) { c.asid16 = false; },
     [](ste &, cd &c) { c.asid = 0x100; }},
    {"T0SZ_small", as_default, [](ste &, cd &c) { c.t0sz = 15; }},
    {"T0SZ_large", no_small_tables, [](ste &, cd &c) { c.t0sz = 40; }},
    {"T0SZ_large_with_STT", as_default, [](ste &, cd &c) { c.t0sz = 49; }},
    {"T0SZ_large_with_STT_16K", as_default, [](ste &, cd &c) { c.tg0 = TG0_16K, c.t0sz = 49; }},
    {"T0SZ_large_with_STT_64K", as_default, [](ste &, cd &c) { c.tg0 = TG0_64K, c.t0sz = 48; }},
    {"T1SZ_small", as_default, [](ste &, cd &c) { c.t1sz = 15; }},
    {"T1SZ_large", no_small_tables, [](ste &, cd &c) { c.t1sz = 40; }},
    {"T1SZ_large_with_STT", as_default, [](ste &, cd &c) { c.t1sz = 49; }},
    {"T0SZ_small_for_64K_without_VAX", as_default,
     [](ste &, cd &c) { c.tg0 = TG0_64K, c.t0sz = 12; }},
    {"T0SZ_small_for_4K_with_VAX", [](smmu_config &c) { c.vax52 = true; },
     [](ste &, cd &c) { c.t0sz = 12; }},
    {"TG0_reserved", as_default, [](ste &, cd &c) { c.tg0 = 3; }},
    {"TG1_reserved", as_default, [](ste &, cd &c) { c.tg1 = 0; }},
    {"TG0_without_64K", [](smmu_config &c) { c.gran64k = false; },
     [](ste &, cd &c) { c.tg0 = TG0_64K; }},
    {"TG0_without_16K", [](smmu_config &c) { c.gran16k = false; },
     [](ste &, cd &c) { c.tg0 = TG0_16K; }},
    {"TG1_without_64K", [](smmu_config &c) { c.gran64k = false; },
     [](ste &, cd &c) { c.tg1 = TG1_64K; }},
    {"TG1_without_16K", [](smmu_config &c) { c.gran16k = false; },
     [](ste &, cd &c) { c.tg1 = TG1_16K; }},
    {"TTB0_beyond_IPS", as_default, [](ste &, cd &c) { c.ips = 0, c.ttb0 = uint64_t{1} << 32; }},
    {"TTB1_beyond_IPS", as_default, [](ste &, cd &c) { c.ips = 0, c.ttb1 = uint64_t{1} << 32; }},
    {"TTB0_beyond_OAS", as_default, [](ste &, cd &c) { c.ips = 6, c.ttb0 = uint64_t{1} << 48; }},
    {"TTB0_beyond_48_bits_with_4K", [](smmu_config &c) { c.oas_bits = 52; },
     [](ste &, cd &c) { c.ips = 6, c.ttb0 = uint64_t{1} << 48; }},
};

INSTANTIATE_TEST_SUITE_P(Conditions, IllegalCd, testing::ValuesIn(illegal_cds),
                         [](const auto &info) { return info.param.name; });

TEST(IllegalEndi, LittleEndianTablesWhereOnlyBigEndianOnesExist)
{
    smmu_config cfg = smmu_config_default();
    cfg.ttendian = SMMU_TT_BIG;
    device_under_test dut(cfg);
    stage1_stream s(dut, 1);
    dut.bring_up();
    s.publish();
    expect_abort(dut.translate(1, 0x1000), C_BAD_CD);
    s.context().epd0 = s.context().epd1 = 1; // no table: ENDI is IGNORED
    s.publish();
    dut.invalidate_all();
    expect_abort(dut.translate(1, 0x1000), F_TRANSLATION);
}

class IllegalSteOfStage1 : public Validity {};

TEST_P(IllegalSteOfStage1, IsCBadSte)
{
    GetParam().apply(s1.stream(), unused);
    GetParam().apply(nested.stream(), unused);
    publish();
    EXPECT_EQ(event_of(1), C_BAD_STE);
    EXPECT_EQ(event_of(3), C_BAD_STE);
}

const change illegal_stage1[] = {
    {"V", as_default, [](ste &s, cd &) { s.v = 0; }},
    {"Config_without_S1P", [](smmu_config &c) { c.s1p = c.hyp = c.cd2l = c.vatos = false; },
     [](ste &, cd &) {}},
    {"S1STALLD_without_stalls", terminate_only, [](ste &s, cd &) { s.s1stalld = 1; }},
    {"S1STALLD_with_stalls_only", stall_only, [](ste &s, cd &) { s.s1stalld = s.s2s = 1; }},
    {"S1CDMax_beyond_SSIDSIZE", [](smmu_config &c) { c.ssid_bits = 4; },
     [](ste &s, cd &) { s.s1cdmax = 5; }},
    {"S1Fmt_4K_without_CD2L", [](smmu_config &c) { c.cd2l = false; },
     [](ste &s, cd &) { s.s1cdmax = 1, s.s1fmt = 1; }},
    {"S1Fmt_64K_without_CD2L", [](smmu_config &c) { c.cd2l = false; },
     [](ste &s, cd &) { s.s1cdmax = 1, s.s1fmt = 2; }},
    {"S1ContextPtr_beyond_OAS", as_default,
     [](ste &s, cd &) { s.s1contextptr = uint64_t{1} << 48; }},
    {"S2VMID_beyond_8_bits", [](smmu_config &c) { c.vmid16 = false; },
     [](ste &s, cd &) { s.s2vmid = 0x100; }},
};

INSTANTIATE_TEST_SUITE_P(Conditions, IllegalSteOfStage1, testing::ValuesIn(illegal_stage1),
                         [](const auto &info) { return info.param.name; });

class IllegalSteOfStage2 : public Validity {};

TEST_P(IllegalSteOfStage2, IsCBadSte)
{
    GetParam().apply(two, unused);
    GetParam().apply(nested.stream(), unused);
    publish();
    EXPECT_EQ(event_of(2), C_BAD_STE);
    EXPECT_EQ(event_of(3), C_BAD_STE);
}

const change illegal_stage2[] = {
    {"Config_without_S2P", [](smmu_config &c) { c.s2p = c.hyp = c.vatos = false; },
     [](ste &, cd &) {}},
    {"S2S_without_stall_model", terminate_only, [](ste &s, cd &) { s.s2s = 1; }},
    {"S2S_needed_by_stall_model", stall_only, [](ste &s, cd &) { s.s2s = 0; }},
    {"S2HA_without_HTTU", [](smmu_config &c) { c.httu = SMMU_HTTU_NONE; },
     [](ste &s, cd &) { s.s2ha = 1; }},
    {"S2HD_without_HTTU", [](smmu_config &c) { c.httu = SMMU_HTTU_NONE; },
     [](ste &s, cd &) { s.s2hd = 1; }},
    {"S2HD_with_HTTU_of_AF_alone", [](smmu_config &c) { c.httu = SMMU_HTTU_ACCESS; },
     [](ste &s, cd &) { s.s2ha = s.s2hd = 1; }},
    {"S2TG_reserved", as_default, [](ste &s, cd &) { s.s2tg = 3; }},
    {"S2TG_without_64K", [](smmu_config &c) { c.gran64k = false; },
     [](ste &s, cd &) { s.s2tg = TG0_64K; }},
    {"S2TG_without_16K", [](smmu_config &c) { c.gran16k = false; },
     [](ste &s, cd &) { s.s2tg = TG0_16K; }},
    {"S2TTB_beyond_S2PS", as_default,
     [](ste &s, cd &) { s.s2ps = 0, s.s2ttb = uint64_t{1} << 32; }},
    {"S2TTB_beyond_OAS", as_default, [](ste &s, cd &) { s.s2ttb = uint64_t{1} << 48; }},
    {"S2TTB_beyond_48_bits_with_4K", [](smmu_config &c) { c.oas_bits = 52; },
     [](ste &s, cd &) { s.s2ps = 6, s.s2ttb = uint64_t{1} << 48; }},
    {"S2FWB_with_VMSAv8_32", as_default,
     [](ste &s, cd &) { s.s2aa64 = 0, s.s2sl0 = 1, s.s2fwb = 1; }},
    {"S2T0SZ_large", no_small_tables, [](ste &s, cd &) { s.s2t0sz = 40, s.s2sl0 = 0; }},
    {"S2T0SZ_large_with_STT", as_default, [](ste &s, cd &) { s.s2t0sz = 49, s.s2sl0 = 3; }},
    {"S2T0SZ_large_with_STT_64K", as_default,
     [](ste &s, cd &) { s.s2tg = TG0_64K, s.s2t0sz = 48, s.s2sl0 = 0; }},
    {"S2SL0_3_for_a_large_S2T0SZ", as_default, [](ste &s, cd &) { s.s2t0sz = 38, s.s2sl0 = 3; }},
    {"S2SL0_3_with_16K", as_default,
     [](ste &s, cd &) { s.s2tg = TG0_16K, s.s2t0sz = 40, s.s2sl0 = 3; }},
    {"S2SL0_3_with_64K", as_default,
     [](ste &s, cd &) { s.s2tg = TG0_64K, s.s2t0sz = 40, s.s2sl0 = 3; }},
    {"S2T0SZ_beyond_IAS", [](smmu_config &c) { c.oas_bits = 44; },
     [](ste &s, cd &) { s.s2t0sz = 19, s.s2sl0 = 2, s.s2ttb = 0; }},
    {"S2T0SZ_beyond_48_bits_with_4K", [](smmu_config &c) { c.oas_bits = 52; },
     [](ste &s, cd &) { s.s2t0sz = 12, s.s2sl0 = 2; }},
    {"S2SL0_reserved", no_small_tables, [](ste &s, cd &) { s.s2t0sz = 39, s.s2sl0 = 3; }},
    {"S2SL0_level_0_of_4K_without_44_bits", [](smmu_config &c) { c.oas_bits = 42; },
     [](ste &s, cd &) { s.s2t0sz = 24, s.s2sl0 = 2; }},
    {"S2SL0_level_1_of_16K_without_42_bits", [](smmu_config &c) { c.oas_bits = 40; },
     [](ste &s, cd &) { s.s2tg = TG0_16K, s.s2t0sz = 24, s.s2sl0 = 2; }},
    {"S2SL0_too_low_for_S2T0SZ", as_default, [](ste &s, cd &) { s.s2t0sz = 29, s.s2sl0 = 0; }},
    {"S2SL0_too_high_for_S2T0SZ", as_default, [](ste &s, cd &) { s.s2t0sz = 34, s.s2sl0 = 1; }},
    {"S2ENDI_big", [](smmu_config &c) { c.ttendian = SMMU_TT_LITTLE; },
     [](ste &s, cd &) { s.s2endi = 1; }},
    {"S2ENDI_little", [](smmu_config &c) { c.ttendian = SMMU_TT_BIG; }, [](ste &, cd &) {}},
    {"S2VMID_beyond_8_bits", [](smmu_config &c) { c.vmid16 = false; },
     [](ste &s, cd &) { s.s2vmid = 0x100; }},
};

INSTANTIATE_TEST_SUITE_P(Conditions, IllegalSteOfStage2, testing::ValuesIn(illegal_stage2),
                         [](const auto &info) { return info.param.name; });

// STRW counts for streams that stage 1 alone translates.

TEST(IllegalStrw, ReservedValuesOfStage1Streams)
{
    device_under_test dut;
    stage1_stream s(dut, 1);
    dut.bring_up();
    s.low.map(0x1000, 0x2000);
    for (unsigned strw : {1u, 3u}) {
        s.stream().strw = strw;
        s.publish();
        dut.invalidate_all();
        expect_abort(dut.translate(1, 0x1000), C_BAD_STE);
    }
}

// Fields that are IGNORED or RES0 where they stand.

struct good_change {
    const char *name;
    uint32_t sid;
    void (*config)(smmu_config &);
    void (*apply)(ste &);
};

void PrintTo(const good_change &c, std::ostream *out)
{
    *out << c.name;
}

class IgnoredFields : public testing::TestWithParam<good_change> {};

TEST_P(IgnoredFields, DoNotMatter)
{
    smmu_config cfg = smmu_config_default();
    GetParam().config(cfg);
    device_under_test dut(cfg);
    stage1_stream s(dut, 1);
    dut.bring_up();
    s.low.map(0x1000, 0x2000);
    GetParam().apply(s.stream());
    s.publish();
    expect_forward(dut.translate(1, 0x1000), s.stream().config == STE_BYPASS ? 0x1000 : 0x2000);
}

const good_change ignored_fields[] = {
    {"S1Fmt_with_one_CD", 1, as_default, [](ste &s) { s.s1fmt = 2; }},
    {"S1CDMax_without_substreams", 1, [](smmu_config &c) { c.ssid_bits = 0, c.cd2l = false; },
     [](ste &s) { s.s1cdmax = 31; }},
    {"S1DSS_with_one_CD", 1, as_default, [](ste &s) { s.s1dss = 3; }},
    {"STRW_without_Hyp", 1, [](smmu_config &c) { c.hyp = false; }, [](ste &s) { s.strw = 3; }},
    {"Stage2_fields_of_a_stage1_stream", 1, as_default,
     [](ste &s) { s.s2s = s.s2hd = 1, s.s2tg = s.s2sl0 = 3, s.s2ttb = ones(52); }},
    {"S2VMID_without_stage2", 1, [](smmu_config &c) { c.s2p = c.hyp = c.vatos = c.vmid16 = false; },
     [](ste &s) { s.s2vmid = 0xffff; }},
    {"CONT", 1, as_default, [](ste &s) { s.cont = 15; }},
    {"SW_RESERVED", 1, as_default, [](ste &s) { s.sw_reserved = 15; }},
    {"Everything_of_a_bypass_stream", 1, [](smmu_config &c) { c.vmid16 = false; },
     [](ste &s) {
         s.config = STE_BYPASS, s.s1stalld = 1, s.strw = 3, s.s1cdmax = 31;
         s.s1contextptr = ones(56) & ~ones(6), s.s2vmid = 0xffff, s.s2s = 1;
     }},
};

INSTANTIATE_TEST_SUITE_P(Fields, IgnoredFields, testing::ValuesIn(ignored_fields),
                         [](const auto &info) { return info.param.name; });

TEST(LegalS2hd, WithoutS2haItBehavesAsDisabled)
{
    // 5.2, S2HA: {0, 1} is Reserved and behaves as {0, 0}.
    device_under_test dut;
    stage2 second(dut, 2);
    dut.bring_up();
    stage2_attributes clean;
    clean.s2ap = 1;
    clean.dbm = 1;
    second.table.map(0x1000, 0x2000, 3, clean);
    ste entry;
    entry.config = STE_S2_TRANS;
    second.apply(entry);
    entry.s2hd = 1;
    dut.set_ste(2, entry);
    expect_forward(dut.translate(2, 0x1000), 0x2000);
    expect_abort(dut.translate(2, 0x1000, write_access), F_PERMISSION);
}

} // namespace
} // namespace test_validity
