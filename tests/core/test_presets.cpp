// SPDX-License-Identifier: Apache-2.0
// The presets of smmu/config.h, and the choices of the implementation that they differ in.
#include "core/core_test.hpp"
#include "core/scopes_test.hpp"

using namespace support;

namespace test_presets {
namespace {

smmu_config preset(smmu_preset which)
{
    smmu_config cfg;
    smmu_config_preset(&cfg, which);
    return cfg;
}

class EveryPreset : public testing::TestWithParam<smmu_preset> {};

TEST_P(EveryPreset, Translates)
{
    const smmu_config cfg = preset(GetParam());
    device_under_test dut(cfg);
    bring_up_options options;
    options.strtab.log2size = cfg.sid_bits < 8 ? cfg.sid_bits : 8;
    dut.bring_up(options);
    stage1_stream stream(dut, 5);
    stream.context().ips = 2; // 40 bits
    stream.context().epd1 = 1;
    stream.publish();
    stream.low.map(0x1234'5000, 0x7000'0000);
    expect_forward(dut.translate(5, 0x1234'5678), 0x7000'0678);
    EXPECT_THAT(dut.contract_breaches, testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Presets, EveryPreset,
                         testing::Values(SMMU_PRESET_SMALL, SMMU_PRESET_TYPICAL,
                                         SMMU_PRESET_MAXIMAL, SMMU_PRESET_EMBEDDED,
                                         SMMU_PRESET_CLIENT, SMMU_PRESET_SERVER, SMMU_PRESET_GEM5));

TEST(Presets, OfPartsDifferInTheirCaches)
{
    const struct {
        smmu_preset which;
        uint32_t utlb, tbu_tlb, config_cache, stalls; // entries, as in docs/parameters.md
        smmu_replacement utlb_policy, tbu_tlb_policy, walk_policy;
    } rows[] = {
        {SMMU_PRESET_EMBEDDED, 8, 64, 16, 32, SMMU_REPLACE_PLRU, SMMU_REPLACE_RANDOM,
         SMMU_REPLACE_RRIP},
        {SMMU_PRESET_CLIENT, 16, 512, 256, 64, SMMU_REPLACE_PLRU, SMMU_REPLACE_RANDOM,
         SMMU_REPLACE_RRIP},
        {SMMU_PRESET_SERVER, 32, 2048, 1024, 512, SMMU_REPLACE_PLRU, SMMU_REPLACE_RANDOM,
         SMMU_REPLACE_RRIP},
        {SMMU_PRESET_GEM5, 32, 2048, 64, 64, SMMU_REPLACE_FIFO, SMMU_REPLACE_FIFO,
         SMMU_REPLACE_FIFO},
    };
    for (const auto &row : rows) {
        const smmu_config cfg = preset(row.which);
        EXPECT_EQ(cfg.utlb.sets * cfg.utlb.ways, row.utlb);
        EXPECT_EQ(cfg.utlb.sets, 1u);
        EXPECT_EQ(cfg.tbu_tlb.sets * cfg.tbu_tlb.ways, row.tbu_tlb);
        EXPECT_EQ(cfg.config_cache.sets * cfg.config_cache.ways, row.config_cache);
        EXPECT_EQ(cfg.stall_max, row.stalls);
        EXPECT_EQ(cfg.utlb_policy, row.utlb_policy);
        EXPECT_EQ(cfg.tbu_tlb_policy, row.tbu_tlb_policy);
        EXPECT_EQ(cfg.walk_s1_policy, row.walk_policy);
        EXPECT_EQ(cfg.tlb.sets, 0u);
        EXPECT_EQ(cfg.oas_bits, preset(SMMU_PRESET_TYPICAL).oas_bits);
    }
}

// 2.4, 2.5, 2.8, 2.9: of SMMUv3.n, a part has features of v3.(n+1) at most.
TEST_P(EveryPreset, HasNoFeatureOfTheVersionAfterTheNext)
{
    device_under_test dut(preset(GetParam()));
    const uint32_t version = dut.read32(reg::AIDR) & 15;
    const uint32_t idr0 = dut.read32(reg::IDR0), idr1 = dut.read32(reg::IDR1);
    const uint32_t idr3 = dut.read32(reg::IDR3), idr5 = dut.read32(reg::IDR5);
    if (version < 1) {
        EXPECT_EQ(idr3 & 0x1f80, 0u) << "SMMUv3.2: MPAM, FWB, STT, RIL, BBML";
    }
    if (version < 2) {
        EXPECT_EQ(idr3 & 0x6000, 0u) << "SMMUv3.3: E0PD, PTWNNC";
        EXPECT_EQ(idr1 >> 31, 0u) << "SMMUv3.3: ECMDQ";
        EXPECT_EQ(idr0 >> 23 & 1, 0u) << "SMMUv3.3: ATSRECERR";
    }
    if (version < 3) {
        EXPECT_EQ(idr3 & 0xff'0000, 0u) << "SMMUv3.4: PASIDTT, EPAN, S1PI, S2PI, S2PO, THE, AIE";
        EXPECT_EQ(idr5 & 0x180, 0u) << "SMMUv3.4: DS, D128";
        EXPECT_NE(idr0 >> 6 & 3, 3u) << "SMMUv3.4: HAFT";
    }
}

TEST(Presets, HaveNames)
{
    EXPECT_STREQ(smmu_preset_name(SMMU_PRESET_TYPICAL), "typical");
    EXPECT_STREQ(smmu_preset_name(SMMU_PRESET_GEM5), "gem5");
    EXPECT_STREQ(smmu_preset_name(SMMU_PRESET_COUNT), "?");
}

TEST(Presets, DifferInTheirIdRegisters)
{
    const struct {
        smmu_preset which;
        uint32_t idr0, idr1, idr5;
    } rows[] = {
        {SMMU_PRESET_SMALL, 0x0540'000a, 0x00c6'0006, 0x0000'0012},
        {SMMU_PRESET_TYPICAL, 0x081f'f69f, 0x0e73'9d10, 0x0040'0075},
        {SMMU_PRESET_MAXIMAL, 0x089f'f6ff, 0x8e73'9d20, 0x0400'04f6},
    };
    for (const auto &row : rows) {
        device_under_test dut(preset(row.which));
        EXPECT_EQ(dut.read32(reg::IDR0), row.idr0) << std::hex << dut.read32(reg::IDR0);
        EXPECT_EQ(dut.read32(reg::IDR1), row.idr1) << std::hex << dut.read32(reg::IDR1);
        EXPECT_EQ(dut.read32(reg::IDR5), row.idr5) << std::hex << dut.read32(reg::IDR5);
    }
}

// 6.3.14

TEST(Gbpa, ResetsToTheValueOfThePart)
{
    device_under_test small(preset(SMMU_PRESET_SMALL));
    EXPECT_EQ(small.read32(reg::GBPA), reg::GBPA_ABORT);
    EXPECT_EQ(small.translate(5, 0x1000).outcome, SMMU_ABORT);
    device_under_test maximal(preset(SMMU_PRESET_MAXIMAL));
    EXPECT_EQ(maximal.translate(5, 0x1000).attr.sh, SMMU_SH_INNER) << "use incoming";
    smmu_reset(small.smmu());
    EXPECT_EQ(small.translate(5, 0x1000).outcome, SMMU_ABORT);
}

// 3.21.3

class InvalidStructures : public StreamTest, public testing::WithParamInterface<bool> {
  protected:
    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.cache_invalid = GetParam();
        return cfg;
    }
    InvalidStructures() : StreamTest(config()) { stream.low.map(0x5000, 0x1000); }

    // Without an invalidation, is what was found invalid still so once it is mended?
    void expect_cached_as_configured(unsigned event)
    {
        if (GetParam())
            expect_abort(dut.translate(sid, 0x5000), event);
        else
            expect_forward(dut.translate(sid, 0x5000), 0x1000);
    }
};

TEST_P(InvalidStructures, SteIsCachedAsConfigured)
{
    stream.stream().v = 0;
    republish();
    expect_abort(dut.translate(sid, 0x5000), C_BAD_STE);
    stream.stream().v = 1;
    stream.publish();
    expect_cached_as_configured(C_BAD_STE);
}

TEST_P(InvalidStructures, CdIsCachedAsConfigured)
{
    stream.context().v = 0;
    republish();
    expect_abort(dut.translate(sid, 0x5000), C_BAD_CD);
    stream.context().v = 1;
    stream.publish();
    expect_cached_as_configured(C_BAD_CD);
}

INSTANTIATE_TEST_SUITE_P(Choice, InvalidStructures, testing::Bool());

// 4.4.3.1

class NestedGoByIpa : public Scopes {
  protected:
    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.ipa_inval_nested = true;
        cfg.btm = true;
        return cfg;
    }
    NestedGoByIpa() : Scopes(config()) {}
};

TEST_F(NestedGoByIpa, WithTheirVmid)
{
    dut.submit(tlbi_s2_ipa(ipa, 8));
    EXPECT_EQ(gone(), "o");
    dut.submit(tlbi_s2_ipa(ipa, 7));
    EXPECT_EQ(gone(), "no") << "s is of stage 1 alone";
}

TEST_F(NestedGoByIpa, ByBroadcastToo)
{
    smmu_dvm dvm{};
    dvm.op = SMMU_DVM_IPAS2;
    dvm.vmid = 7;
    dvm.addr = ipa;
    smmu_broadcast_tlbi(dut.smmu(), &dvm);
    EXPECT_EQ(gone(), "n");
}

// 7.3.1

TEST(MergeEvents, OnlyWherePartsDo)
{
    for (bool merges : {false, true}) {
        smmu_config cfg = smmu_config_default();
        cfg.merge_events = merges;
        device_under_test dut(cfg);
        dut.bring_up();
        stage1_stream stream(dut, 5);
        stream.stream().mev = 1;
        stream.publish();
        for (int i = 0; i < 3; i++)
            expect_abort(dut.translate(5, 0x5000), F_TRANSLATION);
        EXPECT_EQ(dut.pop_events().size(), merges ? 1u : 3u);
    }
}

} // namespace
} // namespace test_presets
