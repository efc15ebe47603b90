// SPDX-License-Identifier: Apache-2.0
// smmu_config_check(): every limit of smmu/config.h, and that the bad field is named.
#include "core/core_test.hpp"

using testing::HasSubstr;

namespace {

struct bad_config {
    const char *field;
    void (*spoil)(smmu_config &);
};

void PrintTo(const bad_config &bad, std::ostream *out)
{
    *out << bad.field;
}

class BadConfig : public testing::TestWithParam<bad_config> {};

TEST_P(BadConfig, IsRefusedByName)
{
    smmu_config cfg = smmu_config_default();
    GetParam().spoil(cfg);
    char err[120] = "";
    EXPECT_FALSE(smmu_config_check(&cfg, err, sizeof(err)));
    EXPECT_THAT(err, HasSubstr(GetParam().field));
    const smmu_ops ops{};
    char create_err[120] = "";
    EXPECT_EQ(smmu_create(&cfg, &ops, nullptr, create_err, sizeof(create_err)), nullptr);
    EXPECT_STREQ(create_err, err);
}

const bad_config bad_configs[] = {
    {"oas_bits", [](smmu_config &c) { c.oas_bits = 47; }},
    {"oas_bits", [](smmu_config &c) { c.oas_bits = 52, c.gran64k = false; }},
    {"oas_bits", [](smmu_config &c) { c.oas_bits = 53; }},
    {"sid_bits", [](smmu_config &c) { c.sid_bits = 33; }},
    {"ssid_bits", [](smmu_config &c) { c.ssid_bits = 21; }},
    {"cmdq_log2_max", [](smmu_config &c) { c.cmdq_log2_max = 20; }},
    {"evtq_log2_max", [](smmu_config &c) { c.evtq_log2_max = 20; }},
    {"s1p", [](smmu_config &c) { c.s1p = c.s2p = c.hyp = c.cd2l = c.vatos = false; }},
    {"gran4k", [](smmu_config &c) { c.gran4k = c.gran16k = c.gran64k = false; }},
    {"vax52", [](smmu_config &c) { c.vax52 = true, c.gran64k = false; }},
    {"hyp", [](smmu_config &c) { c.s1p = c.cd2l = c.vatos = false; }},
    {"hyp", [](smmu_config &c) { c.s2p = c.vatos = false; }},
    {"ttendian", [](smmu_config &c) { c.ttendian = 1; }},
    {"ttendian", [](smmu_config &c) { c.ttendian = 4; }},
    {"httu", [](smmu_config &c) { c.httu = 3; }},
    {"st_level2", [](smmu_config &c) { c.st_level2 = false; }},
    {"cd2l", [](smmu_config &c) { c.ssid_bits = 0; }},
    {"stall_model", [](smmu_config &c) { c.stall_model = 3; }},
    {"stall_max", [](smmu_config &c) { c.stall_max = 0; }},
    {"operations", [](smmu_config &c) { c.operations = 1u << SMMU_OP_COUNT; }},
    {"gbpa", [](smmu_config &c) { c.gbpa = 1u << 31; }},
    {"gbpa", [](smmu_config &c) { c.attr_types_ovr = false, c.gbpa = 1u << 12; }},
    {"gbpa", [](smmu_config &c) { c.attr_perms_ovr = false, c.gbpa = 1u << 19; }},
    {"config_cache", [](smmu_config &c) { c.config_cache.sets = 3; }},
    {"config_cache", [](smmu_config &c) { c.config_cache.ways = 0; }},
    {"config_cache", [](smmu_config &c) { c.config_cache.ways = 65; }},
    {"tlb", [](smmu_config &c) { c.tlb.sets = 131072; }},
    {"tlb", [](smmu_config &c) { c.tlb.ways = 65; }},
};

INSTANTIATE_TEST_SUITE_P(Limits, BadConfig, testing::ValuesIn(bad_configs));

TEST(Config, DefaultIsGood)
{
    const smmu_config cfg = smmu_config_default();
    EXPECT_TRUE(smmu_config_check(&cfg, nullptr, 0));
}

TEST(Config, ReasonIsCutToTheBuffer)
{
    smmu_config cfg = smmu_config_default();
    cfg.sid_bits = 40;
    char err[8] = {'z', 'z', 'z', 'z', 'z', 'z', 'z', 'z'};
    EXPECT_FALSE(smmu_config_check(&cfg, err, 4));
    EXPECT_EQ(err[3], '\0');
    EXPECT_EQ(err[4], 'z');
}

TEST(Config, NoBufferIsFine)
{
    smmu_config cfg = smmu_config_default();
    cfg.sid_bits = 40;
    EXPECT_FALSE(smmu_config_check(&cfg, nullptr, 0));
}

TEST(Config, EveryLegalOasBuilds)
{
    for (unsigned bits : {32, 36, 40, 42, 44, 48, 52}) {
        smmu_config cfg = smmu_config_default();
        cfg.oas_bits = static_cast<uint8_t>(bits);
        support::device_under_test dut(cfg);
        EXPECT_EQ(smmu_get_config(dut.smmu())->oas_bits, bits);
    }
}

TEST(Config, DestroyAcceptsNull)
{
    smmu_destroy(nullptr);
}

} // namespace
