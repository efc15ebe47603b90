// SPDX-License-Identifier: Apache-2.0
// Page-Based Hardware Attributes (IHI 0070 5.2, 5.4; DDI 0487 D8.7).
#include "core/nested_test.hpp"

using namespace support;

namespace test_pbha {
namespace {

smmu_config with_pbha()
{
    smmu_config cfg = smmu_config_default();
    cfg.pbha = true;
    return cfg;
}

class Pbha : public NestedTest {
  protected:
    explicit Pbha(const smmu_config &cfg = with_pbha()) : NestedTest(cfg)
    {
        set(stage1.low, va, 0b0110);
        set(second.table, ipa, 0b1111);
        set(third.table, ipa, 0b1001);
        stage1.context().had0 = 1;
        stage1.context().hwu0 = 0b1111;
        entry.s2hwu = 0b1111;
        publish();
    }

    static void set(translation_table &table, uint64_t at, uint64_t bits)
    {
        table.set_descriptor(at, 3, table.descriptor(at, 3) | bits << 59);
    }

    unsigned of(uint32_t sid, uint64_t at) { return dut.translate(sid, at).pbha; }
};

TEST_F(Pbha, IsToldByIdr3)
{
    EXPECT_EQ(dut.read32(reg::IDR3) >> 3 & 1, 1u);
}

TEST_F(Pbha, Stage1BitsLeaveWithTheTransaction)
{
    EXPECT_EQ(of(nested, va), 0b0110u);
    EXPECT_EQ(of(nested, va), 0b0110u) << "from the cache as well";
}

TEST_F(Pbha, OnlyBitsInUseCount)
{
    stage1.context().hwu0 = 0b0010;
    entry.s2hwu = 0b1000;
    publish();
    EXPECT_EQ(of(nested, va), 0b0010u);
    EXPECT_EQ(of(alone, ipa), 0b1000u);
}

// 5.4, HWU059 to HWU062, which are bits [127:124], are about bits [62:59] of descriptors.
TEST_F(Pbha, EachBitOfTheLowerHalfHasItsOwnSwitch)
{
    set(stage1.low, va, 0b1111);
    for (unsigned bit = 0; bit < 4; ++bit) {
        stage1.context().hwu0 = 1u << bit;
        publish();
        EXPECT_EQ(of(nested, va), 1u << bit);
        stage1.context().hwu0 = 0b1111 & ~(1u << bit);
        publish();
        EXPECT_EQ(of(nested, va), 0b1111 & ~(1u << bit));
    }
}

// 5.4, HWU159 to HWU162, bits [191:188].
TEST_F(Pbha, EachBitOfTheUpperHalfHasItsOwnSwitch)
{
    const uint64_t high = va | 0xffff'0000'0000'0000;
    stage1.high.map(high, ipa);
    set(stage1.high, high, 0b1111);
    stage1.context().had1 = 1;
    stage1.context().hwu0 = 0;
    for (unsigned bit = 0; bit < 4; ++bit) {
        stage1.context().hwu1 = 1u << bit;
        publish();
        EXPECT_EQ(of(nested, high), 1u << bit);
        stage1.context().hwu1 = 0b1111 & ~(1u << bit);
        publish();
        EXPECT_EQ(of(nested, high), 0b1111 & ~(1u << bit));
    }
}

// 5.2, S2HWU59 to S2HWU62, bits [75:72].
TEST_F(Pbha, EachBitOfStage2HasItsOwnSwitch)
{
    for (unsigned bit = 0; bit < 4; ++bit) {
        entry.s2hwu = 1u << bit;
        publish();
        EXPECT_EQ(of(alone, ipa), 1u << bit);
        entry.s2hwu = 0b1111 & ~(1u << bit);
        publish();
        EXPECT_EQ(of(alone, ipa), 0b1111 & ~(1u << bit));
    }
}

TEST_F(Pbha, EachBitOfADescriptorLeavesAlone)
{
    const uint64_t clear = stage1.low.descriptor(va, 3) & ~(uint64_t{15} << 59);
    const uint64_t clear2 = second.table.descriptor(ipa, 3) & ~(uint64_t{15} << 59);
    for (unsigned bit = 0; bit < 4; ++bit) {
        stage1.low.set_descriptor(va, 3, clear | uint64_t{1} << (59 + bit));
        second.table.set_descriptor(ipa, 3, clear2 | uint64_t{1} << (59 + bit));
        publish();
        EXPECT_EQ(of(nested, va), 1u << bit);
        EXPECT_EQ(of(alone, ipa), 1u << bit);
    }
}

TEST_F(Pbha, Stage1NeedsHierarchicalAttributesOff)
{
    stage1.context().had0 = 0;
    publish();
    EXPECT_EQ(of(nested, va), 0u);
}

TEST_F(Pbha, Stage2BitsLeaveWithTheTransaction)
{
    EXPECT_EQ(of(alone, ipa), 0b1111u);
}

// VTCR.HWU62 to HWU59 of AArch32 are the same; 5.2, S2HWU59, leaves out VMSAv9-128 alone.
TEST_F(Pbha, Stage2BitsOfVmsa32LeaveWithTheTransaction)
{
    stage2 of_32(dut, 6, {40, granule::k4, 1});
    of_32.map_structures();
    of_32.table.map(ipa, 0x12'3210'f000, 3, stage2_attributes{});
    set(of_32.table, ipa, 0b1101);
    of_32.apply(entry);
    entry.s2aa64 = 0;
    entry.s2t0sz = 8; // -8: 40 bits
    entry.s2sl0 = 1;
    publish();
    EXPECT_EQ(of(alone, ipa), 0b1101u);
}

TEST_F(Pbha, BitsOfBothStagesAreCombined)
{
    stage1.stream().s2hwu = 0b1111;
    publish();
    EXPECT_EQ(of(nested, va), 0b1111u);
}

TEST_F(Pbha, UpperHalfHasItsOwnSwitches)
{
    const uint64_t high = va | 0xffff'0000'0000'0000;
    stage1.high.map(high, ipa);
    set(stage1.high, high, 0b0101);
    stage1.context().had1 = 1;
    stage1.context().hwu1 = 0b0111;
    stage1.context().hwu0 = 0;
    publish();
    EXPECT_EQ(of(nested, high), 0b0101u);
    EXPECT_EQ(of(nested, va), 0u);
}

TEST_F(Pbha, BypassHasNone)
{
    entry.config = STE_BYPASS;
    publish();
    EXPECT_EQ(of(alone, ipa), 0u);
}

class WithoutPbha : public Pbha {
  protected:
    WithoutPbha() : Pbha(smmu_config_default()) {}
};

TEST_F(WithoutPbha, TheSwitchesAreIgnored)
{
    EXPECT_EQ(of(nested, va), 0u);
    EXPECT_EQ(of(alone, ipa), 0u);
}

} // namespace
} // namespace test_pbha
