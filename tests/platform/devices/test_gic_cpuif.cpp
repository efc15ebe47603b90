// SPDX-License-Identifier: Apache-2.0
// The GIC's CPU interface: acknowledge, priorities, preemption, end of interrupt.
#include "gic_bench.hpp"

namespace test_gic_cpuif {
namespace {

class gic_cpuif_regs : public gic_bench {
  protected:
    gic_cpuif_regs() { enable_all(); }
};

TEST_F(gic_cpuif_regs, ResetValues)
{
    const gic_config config = {1, 32, false, nullptr};
    const gic_ops ops = {};
    char reason[80];
    gic *fresh = gic_create(&config, &ops, reason, sizeof reason);
    const struct {
        std::uint32_t reg;
        std::uint64_t value;
    } resets[] = {{ICC_PMR, 0},     {ICC_BPR0, 2},    {ICC_BPR1, 3},    {ICC_CTLR, 0x400},
                  {ICC_SRE, 7},     {ICC_IGRPEN0, 0}, {ICC_IGRPEN1, 0}, {ICC_RPR, 0xFF},
                  {ICC_IAR1, 1023}, {ICC_AP0R0, 0},   {ICC_AP1R0, 0}};

    for (const auto &reset : resets) {
        std::uint64_t value = 0;
        EXPECT_TRUE(gic_cpuif_read(fresh, 0, reset.reg, &value));
        EXPECT_EQ(value, reset.value) << std::hex << reset.reg;
    }
    gic_destroy(fresh);
}

TEST_F(gic_cpuif_regs, DirectionsThatDoNotExistAreRefused)
{
    std::uint64_t value;

    for (std::uint32_t reg : {ICC_EOIR0, ICC_EOIR1, ICC_DIR, ICC_SGI0R, ICC_SGI1R, ICC_ASGI1R})
        EXPECT_FALSE(gic_cpuif_read(core.get(), 0, reg, &value)) << std::hex << reg;
    for (std::uint32_t reg : {ICC_IAR0, ICC_IAR1, ICC_HPPIR0, ICC_HPPIR1, ICC_RPR})
        EXPECT_FALSE(gic_cpuif_write(core.get(), 0, reg, 0)) << std::hex << reg;
}

TEST_F(gic_cpuif_regs, RegistersThatDoNotExistAreRefused)
{
    std::uint64_t value;

    EXPECT_FALSE(gic_cpuif_read(core.get(), 0, ICC_AP0R1, &value)) << "5 bits of priority";
    EXPECT_FALSE(gic_cpuif_write(core.get(), 0, icc(12, 13, 0), 0));
}

TEST_F(gic_cpuif_regs, SystemRegisterAccessIsTheOnlyWay)
{
    set(0, ICC_SRE, 0);
    EXPECT_EQ(get(0, ICC_SRE), 7u);
}

TEST_F(gic_cpuif_regs, PmrKeepsFiveBits)
{
    set(0, ICC_PMR, 0xFF);
    EXPECT_EQ(get(0, ICC_PMR), 0xF8u);
}

TEST_F(gic_cpuif_regs, BinaryPointsHaveAMinimum)
{
    set(0, ICC_BPR0, 0);
    set(0, ICC_BPR1, 0);
    EXPECT_EQ(get(0, ICC_BPR0), 2u);
    EXPECT_EQ(get(0, ICC_BPR1), 3u);
    set(0, ICC_BPR1, 7);
    EXPECT_EQ(get(0, ICC_BPR1), 7u);
}

TEST_F(gic_cpuif_regs, CommonBinaryPointHidesBpr1)
{
    set(0, ICC_BPR1, 5);
    set(0, ICC_BPR0, 4);
    set(0, ICC_CTLR, 1);
    EXPECT_EQ(get(0, ICC_CTLR), 0x401u);
    EXPECT_EQ(get(0, ICC_BPR1), 5u) << "BPR0 + 1";
    set(0, ICC_BPR0, 7);
    EXPECT_EQ(get(0, ICC_BPR1), 7u) << "saturates";
    set(0, ICC_BPR1, 6);
    set(0, ICC_CTLR, 0);
    EXPECT_EQ(get(0, ICC_BPR1), 5u) << "the write was ignored";
}

TEST_F(gic_cpuif_regs, GroupOneIsIrqAndGroupZeroIsFiq)
{
    prepare_spi(1, 0x80, true);
    prepare_spi(2, 0x80, false);
    gic_set_spi(core.get(), 1, true);
    EXPECT_TRUE(irq());
    EXPECT_FALSE(fiq());
    gic_set_spi(core.get(), 1, false);
    gic_set_spi(core.get(), 2, true);
    EXPECT_FALSE(irq());
    EXPECT_TRUE(fiq());
}

TEST_F(gic_cpuif_regs, AcknowledgeReturnsTheIntidAndActivates)
{
    prepare_spi(5, 0x40);
    gic_set_spi(core.get(), 5, true);
    EXPECT_EQ(get(0, ICC_IAR1), 37u);
    EXPECT_TRUE(dist_bit(ISACTIVER, 37));
    EXPECT_FALSE(irq());
    EXPECT_EQ(get(0, ICC_RPR), 0x40u);
    EXPECT_EQ(get(0, ICC_AP1R0), 1u << 8);
    EXPECT_EQ(get(0, ICC_IAR1), spurious) << "active: not again";
}

TEST_F(gic_cpuif_regs, AcknowledgeOfTheOtherGroupIsSpurious)
{
    prepare_spi(5, 0x40, false);
    gic_set_spi(core.get(), 5, true);
    EXPECT_EQ(get(0, ICC_IAR1), spurious);
    EXPECT_EQ(get(0, ICC_HPPIR1), spurious);
    EXPECT_EQ(get(0, ICC_HPPIR0), 37u);
    EXPECT_EQ(get(0, ICC_IAR0), 37u);
    EXPECT_EQ(get(0, ICC_AP0R0), 1u << 8);
}

TEST_F(gic_cpuif_regs, HighestPriorityWinsThenLowestIntid)
{
    prepare_spi(9, 0x80);
    prepare_spi(3, 0x80);
    prepare_spi(20, 0x78);
    for (unsigned spi : {9, 3, 20})
        gic_set_spi(core.get(), spi, true);
    EXPECT_EQ(get(0, ICC_HPPIR1), 52u);
    gic_set_spi(core.get(), 20, false);
    EXPECT_EQ(get(0, ICC_HPPIR1), 35u);
}

TEST_F(gic_cpuif_regs, PmrMasksPrioritiesAtOrBelowIt)
{
    prepare_spi(0, 0x80);
    gic_set_spi(core.get(), 0, true);
    set(0, ICC_PMR, 0x80);
    EXPECT_FALSE(irq());
    EXPECT_EQ(get(0, ICC_IAR1), spurious);
    EXPECT_EQ(get(0, ICC_HPPIR1), 32u) << "the mask does not count here";
    set(0, ICC_PMR, 0x88);
    EXPECT_TRUE(irq());
}

TEST_F(gic_cpuif_regs, GroupsAreEnabledAtTheInterfaceAndAtTheDistributor)
{
    prepare_spi(0, 0x80);
    gic_set_spi(core.get(), 0, true);
    set(0, ICC_IGRPEN1, 0);
    EXPECT_FALSE(irq());
    set(0, ICC_IGRPEN1, 1);
    EXPECT_TRUE(irq());
    dist.write(GICD_CTLR, 1);
    EXPECT_FALSE(irq());
    EXPECT_EQ(get(0, ICC_HPPIR1), spurious);
    dist.write(GICD_CTLR, 2);
    EXPECT_TRUE(irq());
}

TEST_F(gic_cpuif_regs, HigherGroupPriorityPreempts)
{
    take_spi(0, 0x80);
    prepare_spi(1, 0x78);
    gic_set_spi(core.get(), 1, true);
    EXPECT_TRUE(irq());
    EXPECT_EQ(get(0, ICC_IAR1), 33u);
    EXPECT_EQ(get(0, ICC_RPR), 0x78u);
    EXPECT_EQ(get(0, ICC_AP1R0), 1u << 15 | 1u << 16);
}

TEST_F(gic_cpuif_regs, EqualPriorityDoesNotPreempt)
{
    take_spi(0, 0x80);
    prepare_spi(1, 0x80);
    gic_set_spi(core.get(), 1, true);
    EXPECT_FALSE(irq());
    EXPECT_EQ(get(0, ICC_IAR1), spurious);
}

TEST_F(gic_cpuif_regs, SubpriorityDoesNotPreempt)
{
    set(0, ICC_BPR1, 7); // group priority is bit 7
    take_spi(0, 0xC0);
    EXPECT_EQ(get(0, ICC_RPR), 0x80u) << "the group priority runs";
    prepare_spi(1, 0x88);
    gic_set_spi(core.get(), 1, true);
    EXPECT_FALSE(irq());
    prepare_spi(2, 0x78);
    gic_set_spi(core.get(), 2, true);
    EXPECT_TRUE(irq());
}

TEST_F(gic_cpuif_regs, CommonBinaryPointSplitsGroupOneToo)
{
    set(0, ICC_CTLR, 1);
    set(0, ICC_BPR0, 7); // no bit left for preemption
    take_spi(0, 0xC0);
    prepare_spi(1, 0x00);
    gic_set_spi(core.get(), 1, true);
    EXPECT_FALSE(irq());
}

TEST_F(gic_cpuif_regs, GroupZeroPreemptsGroupOneByPriorityOnly)
{
    take_spi(0, 0x80);
    prepare_spi(1, 0x80, false);
    gic_set_spi(core.get(), 1, true);
    EXPECT_FALSE(fiq());
    dist.write(IPRIORITYR + 33, 0x40, 1);
    EXPECT_TRUE(fiq());
    EXPECT_EQ(get(0, ICC_IAR0), 33u);
    EXPECT_EQ(get(0, ICC_AP0R0), 1u << 8);
    EXPECT_EQ(get(0, ICC_AP1R0), 1u << 16);
}

TEST_F(gic_cpuif_regs, EndOfInterruptDropsPriorityAndDeactivates)
{
    take_spi(0, 0x80);
    gic_set_spi(core.get(), 0, false);
    set(0, ICC_EOIR1, 32);
    EXPECT_EQ(get(0, ICC_RPR), 0xFFu);
    EXPECT_FALSE(dist_bit(ISACTIVER, 32));
}

TEST_F(gic_cpuif_regs, NestedEndsReturnToTheOuterPriority)
{
    take_spi(0, 0x80);
    take_spi(1, 0x40);
    set(0, ICC_EOIR1, 33);
    EXPECT_EQ(get(0, ICC_RPR), 0x80u);
    set(0, ICC_EOIR1, 32);
    EXPECT_EQ(get(0, ICC_RPR), 0xFFu);
}

TEST_F(gic_cpuif_regs, EoiModeOneSeparatesDropFromDeactivation)
{
    set(0, ICC_CTLR, 2);
    take_spi(0, 0x80);
    set(0, ICC_EOIR1, 32);
    EXPECT_EQ(get(0, ICC_RPR), 0xFFu);
    EXPECT_TRUE(dist_bit(ISACTIVER, 32));
    EXPECT_FALSE(irq()) << "still active";
    set(0, ICC_DIR, 32);
    EXPECT_FALSE(dist_bit(ISACTIVER, 32));
    EXPECT_TRUE(irq()) << "the line is still high";
}

TEST_F(gic_cpuif_regs, DeactivateIsIgnoredInEoiModeZero)
{
    take_spi(0, 0x80);
    set(0, ICC_DIR, 32);
    EXPECT_TRUE(dist_bit(ISACTIVER, 32));
}

TEST_F(gic_cpuif_regs, EndOfTheOtherGroupIsIgnored)
{
    take_spi(0, 0x80);
    set(0, ICC_EOIR0, 32);
    EXPECT_EQ(get(0, ICC_RPR), 0x80u);
    EXPECT_TRUE(dist_bit(ISACTIVER, 32));
}

TEST_F(gic_cpuif_regs, EndOfAPreemptedGroupIsIgnored)
{
    prepare_spi(1, 0x80, false);
    gic_set_spi(core.get(), 1, true);
    ASSERT_EQ(get(0, ICC_IAR0), 33u);
    take_spi(0, 0x40);
    set(0, ICC_EOIR0, 33);
    EXPECT_EQ(get(0, ICC_RPR), 0x40u);
    EXPECT_TRUE(dist_bit(ISACTIVER, 33));
}

TEST_F(gic_cpuif_regs, EndOfASpecialIntidIsIgnored)
{
    take_spi(0, 0x80);
    set(0, ICC_EOIR1, spurious);
    EXPECT_EQ(get(0, ICC_RPR), 0x80u);
    set(0, ICC_EOIR1, 1020);
    EXPECT_EQ(get(0, ICC_RPR), 0x80u);
}

TEST_F(gic_cpuif_regs, EndOfAnIntidThatDoesNotExistOnlyDropsPriority)
{
    take_spi(0, 0x80);
    set(0, ICC_EOIR1, 900);
    EXPECT_EQ(get(0, ICC_RPR), 0xFFu);
    EXPECT_TRUE(dist_bit(ISACTIVER, 32));
}

TEST_F(gic_cpuif_regs, ActivePrioritiesCanBeSavedAndRestored)
{
    set(0, ICC_AP1R0, 1u << 10);
    EXPECT_EQ(get(0, ICC_RPR), 0x50u);
    set(0, ICC_AP0R0, 1u << 2);
    EXPECT_EQ(get(0, ICC_RPR), 0x10u);
}

TEST_F(gic_cpuif_regs, SleepingInterfaceGetsNothing)
{
    prepare_spi(0, 0x80);
    gic_set_spi(core.get(), 0, true);
    redist.write(rd(0) + GICR_WAKER, 2);
    EXPECT_FALSE(irq());
    EXPECT_EQ(get(0, ICC_IAR1), spurious);
    redist.write(rd(0) + GICR_WAKER, 0);
    EXPECT_TRUE(irq());
}

} // namespace
} // namespace test_gic_cpuif
