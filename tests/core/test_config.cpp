// SPDX-License-Identifier: Apache-2.0
// smmu_config_check(): every limit of smmu/config.h, and that the bad field is named.
#include "core/core_test.hpp"

namespace test_config {
namespace {

smmu_ops least_ops()
{
    smmu_ops ops{};
    ops.read = [](void *, const smmu_mem_req *, void *) { return SMMU_MEM_ABORT; };
    ops.write = [](void *, const smmu_mem_req *, const void *) { return SMMU_MEM_ABORT; };
    return ops;
}

const smmu_parameter *find_parameter(const std::string &name)
{
    const smmu_parameter *parameter = nullptr;
    for (unsigned i = 0; (parameter = smmu_parameter_at(i)) != nullptr; i++)
        if (parameter->name == name)
            break;
    return parameter;
}

// What smmu_create() lacks; "" if nothing.
const char *missing(const smmu_config &cfg, const smmu_ops &ops)
{
    smmu_error error{"", ""};
    smmu_destroy(smmu_create(&cfg, &ops, nullptr, &error));
    return error.field;
}

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
    smmu_error error{}, of_create{};
    EXPECT_FALSE(smmu_config_check(&cfg, &error));
    EXPECT_STREQ(error.field, GetParam().field);
    EXPECT_STRNE(error.reason, "");
    const smmu_ops ops = least_ops();
    EXPECT_EQ(smmu_create(&cfg, &ops, nullptr, &of_create), nullptr);
    EXPECT_STREQ(of_create.field, error.field);
    EXPECT_STREQ(of_create.reason, error.reason);
}

// VMSAv9-128 tables, with what they need and their largest addresses.
void add_d128(smmu_config &c)
{
    c.d128 = c.aie = c.s1pi = c.s2pi = c.s2po = c.mteperm = c.vax52 = c.vax56 = true;
    c.vmsa32 = false;
    c.oas_bits = 56;
    c.arch = 4;
    c.e0pd = c.epan = c.ptwnnc = true;
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
    {"ds", [](smmu_config &c) { c.ds = true; }},
    {"ds", [](smmu_config &c) { c.vax52 = c.ds = true, c.gran4k = c.gran16k = c.vmsa32 = false; }},
    {"oas_bits", [](smmu_config &c) { c.oas_bits = 56; }},
    {"vax56", [](smmu_config &c) { add_d128(c), c.vax52 = false, c.oas_bits = 48; }},
    {"vax56", [](smmu_config &c) { add_d128(c), c.d128 = false, c.oas_bits = 48; }},
    {"d128", [](smmu_config &c) { add_d128(c), c.vmsa32 = true; }},
    {"d128", [](smmu_config &c) { add_d128(c), c.s1pi = false; }},
    {"d128", [](smmu_config &c) { add_d128(c), c.aie = false; }},
    {"d128", [](smmu_config &c) { add_d128(c), c.s2po = false; }},
    {"d128", [](smmu_config &c) { add_d128(c), c.s2pi = false; }},
    {"d128", [](smmu_config &c) { add_d128(c), c.mteperm = false; }},
    {"the", [](smmu_config &c) { c.the = true; }},
    {"hyp", [](smmu_config &c) { c.s1p = c.cd2l = c.vatos = false; }},
    {"hyp", [](smmu_config &c) { c.s2p = c.vatos = false; }},
    {"pbha", [](smmu_config &c) { c.pbha = true, c.had = false; }},
    {"bbml", [](smmu_config &c) { c.bbml = 3; }},
    {"tlb_conflicts", [](smmu_config &c) { c.bbml = 2, c.tlb_conflicts = true; }},
    {"contiguous", [](smmu_config &c) { c.bbml = 1, c.tlb_conflicts = c.contiguous = true; }},
    {"arch", [](smmu_config &c) { c.arch = 5; }},
    {"epan", [](smmu_config &c) { c.arch = 4, c.e0pd = c.ptwnnc = c.mteperm = true; }},
    {"mteperm", [](smmu_config &c) { c.arch = 4, c.e0pd = c.ptwnnc = c.epan = true; }},
    {"e0pd", [](smmu_config &c) { c.arch = 4, c.epan = c.ptwnnc = c.mteperm = true; }},
    {"e0pd", [](smmu_config &c) { c.arch = 3, c.e0pd = false; }},
    {"ptwnnc", [](smmu_config &c) { c.arch = 3, c.e0pd = true, c.ptwnnc = false; }},
    {"fwb", [](smmu_config &c) { c.arch = 3, c.e0pd = c.ptwnnc = true, c.fwb = false; }},
    {"ecmdq", [](smmu_config &c) { c.ecmdq = true, c.msi = false; }},
    {"ecmdq", [](smmu_config &c) { c.ecmdq = true, c.cohacc = false; }},
    {"ecmdq_log2_pages", [](smmu_config &c) { c.ecmdq_log2_pages = 9; }},
    {"ecmdq_log2_queues", [](smmu_config &c) { c.ecmdq_log2_queues = 9; }},
    {"hyp", [](smmu_config &c) { c.arch = 2, c.hyp = false; }},
    {"fwb", [](smmu_config &c) { c.arch = 2, c.fwb = false; }},
    {"ril", [](smmu_config &c) { c.arch = 2, c.ril = false; }},
    {"bbml", [](smmu_config &c) { c.arch = 2, c.bbml = 0; }},
    {"oas_bits", [](smmu_config &c) { c.arch = 0, c.operations = 0, c.oas_bits = 52; }},
    {"oas_bits", [](smmu_config &c) { add_d128(c), c.arch = 3; }},
    {"vax52", [](smmu_config &c) { c.arch = 0, c.operations = 0, c.vax52 = true; }},
    {"pbha", [](smmu_config &c) { c.arch = 0, c.operations = 0, c.pbha = true; }},
    {"operations", [](smmu_config &c) { c.arch = 0, c.operations = 1u << SMMU_OP_PREFETCH; }},
    {"had", [](smmu_config &c) { c.had = false; }},
    {"ttendian", [](smmu_config &c) { c.ttendian = 1; }},
    {"ttendian", [](smmu_config &c) { c.ttendian = 4; }},
    {"httu", [](smmu_config &c) { c.httu = 4; }},
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
    {"tlb", [](smmu_config &c) { c.tlb = {2097152, 1}; }},
    {"tlb", [](smmu_config &c) { c.tlb = {1048576, 5}; }},
    {"tlb", [](smmu_config &c) { c.tlb.ways = 65; }},
    {"tlb_policy", [](smmu_config &c) { c.tlb_policy = SMMU_REPLACE_COUNT; }},
    {"utlb_policy", [](smmu_config &c) { c.utlb_policy = 255; }},
    {"tlb_policy", [](smmu_config &c) { c.tlb.ways = 3, c.tlb_policy = SMMU_REPLACE_PLRU; }},
    {"walk_s1_policy",
     [](smmu_config &c) { c.walk_s1.ways = 12, c.walk_s1_policy = SMMU_REPLACE_PLRU; }},
};

INSTANTIATE_TEST_SUITE_P(Limits, BadConfig, testing::ValuesIn(bad_configs));

TEST(Config, DefaultIsGood)
{
    const smmu_config cfg = smmu_config_default();
    smmu_error error{"untouched", ""};
    EXPECT_TRUE(smmu_config_check(&cfg, &error));
    EXPECT_STREQ(error.field, "untouched");
}

TEST(Config, CachesMayHaveFourMillionEntries)
{
    for (smmu_cache_shape shape : {smmu_cache_shape{1048576, 4}, smmu_cache_shape{65536, 64}}) {
        smmu_config config = smmu_config_default();
        config.tlb = shape;
        EXPECT_TRUE(smmu_config_check(&config, nullptr)) << shape.sets;
    }
}

TEST(Config, NobodyNeedsToHearTheReason)
{
    smmu_config cfg = smmu_config_default();
    cfg.sid_bits = 40;
    EXPECT_FALSE(smmu_config_check(&cfg, nullptr));
}

// The limits of IDR1 and IDR5 (6.3.2, 6.3.6) and of the arrays behind caches and TBUs.
TEST(Config, NumbersAreHeldAgainstTheirLimits)
{
    const struct {
        const char *name;
        uint64_t min, max;
    } rows[] = {
        {"sid_bits", 0, 32},      {"ssid_bits", 0, 20},     {"cmdq_log2_max", 0, 19},
        {"evtq_log2_max", 0, 19}, {"priq_log2_max", 0, 19}, {"stall_max", 0, 65535},
        {"tbus", 1, 64},          {"iidr", 0, UINT32_MAX},  {"page0", 0, 0x00ff'ffff'ffff'ffff}};
    for (const auto &row : rows) {
        const smmu_parameter *parameter = find_parameter(row.name);
        ASSERT_NE(parameter, nullptr) << row.name;
        EXPECT_EQ(parameter->min, row.min) << row.name;
        EXPECT_EQ(parameter->max, row.max) << row.name;
    }
}

TEST(Config, ParametersAreSetByName)
{
    smmu_config cfg = smmu_config_default();
    EXPECT_TRUE(smmu_parameter_set(&cfg, find_parameter("sid_bits"), 7));
    EXPECT_TRUE(smmu_parameter_set(&cfg, find_parameter("stall_max"), 0x1234));
    EXPECT_TRUE(smmu_parameter_set(&cfg, find_parameter("iidr"), 0x1234'5678));
    EXPECT_TRUE(smmu_parameter_set(&cfg, find_parameter("cmdq_base"), 0x4012'3456'789a'bcde));
    EXPECT_TRUE(smmu_parameter_set(&cfg, find_parameter("ats"), 0));
    EXPECT_TRUE(smmu_parameter_set(&cfg, find_parameter("walk_s2_policy"), SMMU_REPLACE_RRIP));
    smmu_parameter_shape(&cfg, find_parameter("tlb"))->sets = 2;
    EXPECT_EQ(cfg.sid_bits, 7);
    EXPECT_EQ(cfg.stall_max, 0x1234);
    EXPECT_EQ(cfg.iidr, 0x1234'5678u);
    EXPECT_EQ(cfg.cmdq_base, 0x4012'3456'789a'bcdeu);
    EXPECT_FALSE(cfg.ats);
    EXPECT_EQ(cfg.walk_s2_policy, SMMU_REPLACE_RRIP);
    EXPECT_EQ(cfg.tlb.sets, 2u);
}

TEST(Config, ValuesOutOfRangeAreNotSet)
{
    smmu_config cfg = smmu_config_default();
    const smmu_config before = cfg;
    EXPECT_FALSE(smmu_parameter_set(&cfg, find_parameter("sid_bits"), 33));
    EXPECT_FALSE(smmu_parameter_set(&cfg, find_parameter("sid_bits"), 0x100));
    EXPECT_FALSE(smmu_parameter_set(&cfg, find_parameter("tbus"), 0));
    EXPECT_FALSE(smmu_parameter_set(&cfg, find_parameter("ats"), 2));
    EXPECT_FALSE(smmu_parameter_set(&cfg, find_parameter("tlb"), 1));
    EXPECT_FALSE(smmu_parameter_set(&cfg, find_parameter("tlb_policy"), SMMU_REPLACE_COUNT));
    EXPECT_EQ(cfg.sid_bits, before.sid_bits);
    EXPECT_EQ(cfg.tbus, before.tbus);
    EXPECT_EQ(cfg.ats, before.ats);
}

TEST(Config, WhatLacksItsNeedIsOff)
{
    smmu_config cfg = smmu_config_default();
    cfg.s2p = cfg.vatos = cfg.hyp = false;
    cfg.pri = false;
    cfg.stall_model = SMMU_TERMINATE_ONLY;
    support::device_under_test dut(cfg);
    const smmu_config *built = smmu_get_config(dut.smmu());
    EXPECT_FALSE(built->vmid16);
    EXPECT_FALSE(built->vmw);
    EXPECT_EQ(built->priq_log2_max, 0);
    EXPECT_EQ(built->stall_max, 0);
    EXPECT_TRUE(built->asid16) << "which needs nothing";
}

// smmu/ops.h
TEST(Config, OpsThatAreNeededMustBeThere)
{
    smmu_config cfg = smmu_config_default();
    smmu_ops ops = least_ops();
    EXPECT_STREQ(missing(cfg, ops), "ops.cas");
    ops.cas = [](void *, const smmu_mem_req *, const void *, const void *, void *) {
        return SMMU_MEM_ABORT;
    };
    EXPECT_STREQ(missing(cfg, ops), "");
    ops.lock = [](void *) {};
    EXPECT_STREQ(missing(cfg, ops), "ops.unlock");
    ops.read = nullptr;
    EXPECT_STREQ(missing(cfg, ops), "ops.read");
    ops = least_ops();
    ops.write = nullptr;
    EXPECT_STREQ(missing(cfg, ops), "ops.write");
    cfg.httu = SMMU_HTTU_NONE;
    EXPECT_STREQ(missing(cfg, least_ops()), "");
}

TEST(Config, EveryLegalOasBuilds)
{
    for (unsigned bits : {32, 36, 40, 42, 44, 48, 52, 56}) {
        smmu_config cfg = smmu_config_default();
        if (bits == 56)
            add_d128(cfg);
        cfg.oas_bits = static_cast<uint8_t>(bits);
        support::device_under_test dut(cfg);
        EXPECT_EQ(smmu_get_config(dut.smmu())->oas_bits, bits);
    }
}

// 6.3.4, 6.3.6: without a stage there is nothing of it to have, and 52 bits need no 64 KiB.
TEST(Config, LargeDescriptorsNeedOnlyWhatTheirStagesHave)
{
    smmu_config cfg = smmu_config_default();
    add_d128(cfg);
    EXPECT_TRUE(smmu_config_check(&cfg, nullptr));
    smmu_config one = cfg;
    one.s2p = one.s2pi = one.s2po = one.mteperm = one.hyp = one.vatos = false;
    EXPECT_TRUE(smmu_config_check(&one, nullptr)) << "stage 1";
    one = cfg;
    one.s1p = one.s1pi = one.aie = one.hyp = one.vatos = one.cd2l = one.had = false;
    EXPECT_TRUE(smmu_config_check(&one, nullptr)) << "stage 2";
    one = cfg;
    one.vax52 = one.vax56 = one.gran64k = false;
    one.oas_bits = 52;
    EXPECT_TRUE(smmu_config_check(&one, nullptr)) << "4 KiB alone";
}

// 2.2, 6.3.4: what later versions demand, SMMUv3.0 need not have, nor can it have.
TEST(Config, Smmuv30HasNoMoreThanItsOwn)
{
    smmu_config cfg = smmu_config_default();
    cfg.arch = 0;
    cfg.operations = 1u << SMMU_OP_ATOMIC;
    for (bool had : {false, true}) {
        cfg.had = had;
        EXPECT_TRUE(smmu_config_check(&cfg, nullptr)) << had;
    }
    cfg = smmu_config_default();
    cfg.had = cfg.s1p = cfg.hyp = cfg.cd2l = cfg.vatos = false;
    EXPECT_TRUE(smmu_config_check(&cfg, nullptr)) << "without stage 1 there is no HAD";
}

// 2.4, 4.4, 6.3.1, 6.3.4: what SMMUv3.2 demands, SMMUv3.1 need not have; SEL2, STT and MPAM stay
// optional.
TEST(Config, Smmuv32HasWhatItDemands)
{
    smmu_config cfg = smmu_config_default();
    cfg.arch = 2;
    for (uint8_t bbml : {1, 2}) {
        cfg.bbml = bbml;
        for (bool stt : {false, true}) {
            cfg.stt = stt;
            EXPECT_TRUE(smmu_config_check(&cfg, nullptr)) << +bbml << stt;
        }
    }
    cfg.hyp = cfg.vatos = cfg.s2p = false;
    EXPECT_TRUE(smmu_config_check(&cfg, nullptr)) << "EL2 comes with both stages";
    cfg = smmu_config_default();
    cfg.arch = 1;
    cfg.hyp = cfg.fwb = cfg.ril = false;
    cfg.bbml = 0;
    EXPECT_TRUE(smmu_config_check(&cfg, nullptr));
}

// 2.5, 6.3.4: what SMMUv3.3 demands, SMMUv3.2 need not have; ECMDQ and ATSRECERR stay optional.
TEST(Config, Smmuv33HasWhatItDemands)
{
    smmu_config cfg = smmu_config_default();
    cfg.arch = 3;
    cfg.e0pd = cfg.ptwnnc = true;
    for (bool ecmdq : {false, true}) {
        for (bool atsrecerr : {false, true}) {
            cfg.ecmdq = ecmdq;
            cfg.atsrecerr = atsrecerr;
            EXPECT_TRUE(smmu_config_check(&cfg, nullptr)) << ecmdq << atsrecerr;
        }
    }
    cfg.ptwnnc = cfg.hyp = cfg.vatos = cfg.s2p = false;
    EXPECT_TRUE(smmu_config_check(&cfg, nullptr)) << "PTWNNC comes with stage 2";
    cfg = smmu_config_default();
    cfg.arch = 2;
    cfg.e0pd = cfg.ptwnnc = false;
    EXPECT_TRUE(smmu_config_check(&cfg, nullptr));
}

// 2.8, 6.3.4: what SMMUv3.4 demands, SMMUv3.3 need not have; all else of it stays optional.
TEST(Config, Smmuv34HasWhatItDemands)
{
    smmu_config cfg = smmu_config_default();
    cfg.arch = 4;
    cfg.e0pd = cfg.ptwnnc = cfg.epan = cfg.mteperm = true;
    for (bool optional : {false, true}) {
        cfg.pasidtt = cfg.s1pi = cfg.s2pi = cfg.s2po = cfg.the = cfg.aie = optional;
        EXPECT_TRUE(smmu_config_check(&cfg, nullptr)) << optional;
    }
    EXPECT_EQ(support::device_under_test(cfg).read32(support::reg::AIDR), 4u);
    cfg.mteperm = cfg.ptwnnc = cfg.hyp = cfg.vatos = cfg.s2p = false;
    EXPECT_TRUE(smmu_config_check(&cfg, nullptr)) << "MTEPERM comes with stage 2";
    cfg = smmu_config_default();
    cfg.arch = 3;
    cfg.e0pd = cfg.ptwnnc = true;
    EXPECT_TRUE(smmu_config_check(&cfg, nullptr));
}

TEST(Config, DestroyAcceptsNull)
{
    smmu_destroy(nullptr);
}

} // namespace
} // namespace test_config
