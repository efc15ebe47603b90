// SPDX-License-Identifier: Apache-2.0
// How interrupts become pending and which PE gets them: inputs, SGIs, PPIs, routing of SPIs.
#include "gic_bench.hpp"

namespace test_gic_routing {
namespace {

class gic_routing : public gic_bench {
  protected:
    gic_routing() : gic_bench(18, 64) { enable_all(18); }

    void enable_sgi(unsigned pe, unsigned id, bool group1 = true)
    {
        redist.write(sgi(pe) + IGROUPR, group1 ? 0xFFFFFFFF : 0);
        redist.write(sgi(pe) + ISENABLER, std::uint64_t{1} << id);
    }

    bool sgi_pending(unsigned pe, unsigned id) { return redist.read(sgi(pe) + ISPENDR) >> id & 1; }
};

TEST_F(gic_routing, LevelInterruptFollowsItsLine)
{
    prepare_spi(7, 0x80);
    gic_set_spi(core.get(), 7, true);
    EXPECT_TRUE(irq());
    EXPECT_TRUE(dist_bit(ISPENDR, 39));
    gic_set_spi(core.get(), 7, false);
    EXPECT_FALSE(irq());
    EXPECT_FALSE(dist_bit(ISPENDR, 39));
}

// WakeRequest (IHI 0069 chapter 10): whatever the CPU interface is set to, which has lost its
// power.
TEST_F(gic_routing, InterruptForASleepingPeAsksForItToWake)
{
    const auto wake = [this](unsigned pe) { return lines[pe * GIC_LINES + GIC_WAKE_REQUEST]; };
    prepare_spi(7, 0x80);
    set(0, ICC_IGRPEN1, 0);
    gic_set_spi(core.get(), 7, true);
    EXPECT_FALSE(wake(0)) << "awake";
    redist.write(rd(0) + GICR_WAKER, 2);
    EXPECT_TRUE(wake(0));
    EXPECT_FALSE(irq());
    EXPECT_FALSE(wake(1));
    gic_set_spi(core.get(), 7, false);
    EXPECT_FALSE(wake(0));
    gic_set_spi(core.get(), 7, true);
    redist.write(rd(0) + GICR_WAKER, 0);
    EXPECT_FALSE(wake(0)) << "awake again";
}

TEST_F(gic_routing, LevelInterruptComesBackWhileItsLineIsHigh)
{
    prepare_spi(7, 0x80);
    gic_set_spi(core.get(), 7, true);
    EXPECT_EQ(get(0, ICC_IAR1), 39u);
    EXPECT_TRUE(dist_bit(ISPENDR, 39)) << "active and pending";
    set(0, ICC_EOIR1, 39);
    EXPECT_TRUE(irq());
}

TEST_F(gic_routing, EdgeInterruptIsLatchedOnce)
{
    prepare_spi(7, 0x80, true, true);
    gic_set_spi(core.get(), 7, true);
    gic_set_spi(core.get(), 7, false);
    EXPECT_TRUE(irq());
    EXPECT_EQ(get(0, ICC_IAR1), 39u);
    set(0, ICC_EOIR1, 39);
    EXPECT_FALSE(irq());
}

TEST_F(gic_routing, EdgeWhileActiveIsKeptForLater)
{
    prepare_spi(7, 0x80, true, true);
    gic_set_spi(core.get(), 7, true);
    EXPECT_EQ(get(0, ICC_IAR1), 39u);
    gic_set_spi(core.get(), 7, false);
    gic_set_spi(core.get(), 7, true);
    EXPECT_FALSE(irq());
    set(0, ICC_EOIR1, 39);
    EXPECT_TRUE(irq());
}

TEST_F(gic_routing, LineThatStaysHighIsNoNewEdge)
{
    prepare_spi(7, 0x80, true, true);
    gic_set_spi(core.get(), 7, true);
    EXPECT_EQ(get(0, ICC_IAR1), 39u);
    gic_set_spi(core.get(), 7, true);
    EXPECT_FALSE(dist_bit(ISPENDR, 39));
}

TEST_F(gic_routing, HighEdgeLineIsNotPendingByItself)
{
    prepare_spi(7, 0x80, true, true);
    gic_set_spi(core.get(), 7, true);
    dist.write(ICPENDR + 4, 1u << 7);
    EXPECT_FALSE(irq());
}

TEST_F(gic_routing, EdgeWhileDisabledIsDeliveredAfterEnabling)
{
    prepare_spi(7, 0x80, true, true);
    dist.write(ICENABLER + 4, 1u << 7);
    gic_set_spi(core.get(), 7, true);
    gic_set_spi(core.get(), 7, false);
    EXPECT_FALSE(irq());
    dist.write(ISENABLER + 4, 1u << 7);
    EXPECT_TRUE(irq());
}

TEST_F(gic_routing, ClearPendingDoesNotSilenceAHighLevel)
{
    prepare_spi(7, 0x80);
    gic_set_spi(core.get(), 7, true);
    dist.write(ICPENDR + 4, 1u << 7);
    EXPECT_TRUE(dist_bit(ISPENDR, 39));
}

TEST_F(gic_routing, SoftwareCanSetAndClearPending)
{
    prepare_spi(7, 0x80);
    dist.write(ISPENDR + 4, 1u << 7);
    EXPECT_TRUE(irq());
    dist.write(ICPENDR + 4, 1u << 7);
    EXPECT_FALSE(irq());
}

TEST_F(gic_routing, SoftwarePendingLevelInterruptIsTakenOnce)
{
    prepare_spi(7, 0x80);
    dist.write(ISPENDR + 4, 1u << 7);
    EXPECT_EQ(get(0, ICC_IAR1), 39u);
    set(0, ICC_EOIR1, 39);
    EXPECT_FALSE(irq());
}

TEST_F(gic_routing, SettingActiveHoldsBackDelivery)
{
    prepare_spi(7, 0x80);
    gic_set_spi(core.get(), 7, true);
    dist.write(ISACTIVER + 4, 1u << 7);
    EXPECT_FALSE(irq());
    dist.write(ICACTIVER + 4, 1u << 7);
    EXPECT_TRUE(irq());
}

TEST_F(gic_routing, PpiReachesItsPeOnly)
{
    enable_sgi(1, 30);
    enable_sgi(0, 30);
    gic_set_ppi(core.get(), 1, 14, true);
    EXPECT_FALSE(irq(0));
    EXPECT_TRUE(irq(1));
    EXPECT_EQ(get(1, ICC_IAR1), 30u);
    gic_set_ppi(core.get(), 1, 14, false);
    set(1, ICC_EOIR1, 30);
    EXPECT_FALSE(irq(1));
}

TEST_F(gic_routing, RouterNamesAPeByAffinity)
{
    prepare_spi(0, 0x80);
    gic_set_spi(core.get(), 0, true);
    dist.write(IROUTER + 32 * 8, 3, 8);
    EXPECT_FALSE(irq(0));
    EXPECT_TRUE(irq(3));
    dist.write(IROUTER + 32 * 8, 0x101, 8);
    EXPECT_FALSE(irq(3));
    EXPECT_TRUE(irq(17)) << "Aff1 1, Aff0 1";
}

TEST_F(gic_routing, RouterToNobodyLeavesTheInterruptPending)
{
    prepare_spi(0, 0x80);
    gic_set_spi(core.get(), 0, true);
    for (std::uint64_t affinity : {0x10, 0x102, 0x200, 0x10000}) {
        dist.write(IROUTER + 32 * 8, affinity, 8);
        for (unsigned pe = 0; pe < 18; pe++)
            EXPECT_FALSE(irq(pe)) << affinity;
        EXPECT_TRUE(dist_bit(ISPENDR, 32));
    }
}

TEST_F(gic_routing, OneOfNGoesToTheFirstPeThatTakesIt)
{
    prepare_spi(0, 0x80);
    dist.write(IROUTER + 32 * 8, router_irm, 8);
    gic_set_spi(core.get(), 0, true);
    EXPECT_TRUE(irq(0));
    EXPECT_FALSE(irq(1));
    set(0, ICC_IGRPEN1, 0);
    EXPECT_FALSE(irq(0));
    EXPECT_TRUE(irq(1));
    redist.write(rd(1) + GICR_WAKER, 2);
    EXPECT_FALSE(irq(1));
    EXPECT_TRUE(irq(2));
}

TEST_F(gic_routing, OneOfNRespectsGicrCtlrDpg)
{
    prepare_spi(0, 0x80);
    dist.write(IROUTER + 32 * 8, router_irm, 8);
    gic_set_spi(core.get(), 0, true);
    redist.write(rd(0) + GICR_CTLR, 1u << 24);
    EXPECT_TRUE(irq(0)) << "DPG0 is for group 0";
    redist.write(rd(0) + GICR_CTLR, 1u << 25);
    EXPECT_FALSE(irq(0));
    EXPECT_TRUE(irq(1));
    dist.write(IROUTER + 32 * 8, 0, 8);
    EXPECT_TRUE(irq(0)) << "named directly, DPG does not matter";
}

TEST_F(gic_routing, OneOfNIsTakenByOnePeOnly)
{
    prepare_spi(0, 0x80);
    dist.write(IROUTER + 32 * 8, router_irm, 8);
    gic_set_spi(core.get(), 0, true);
    EXPECT_EQ(get(1, ICC_IAR1), spurious);
    EXPECT_EQ(get(0, ICC_IAR1), 32u);
    for (unsigned pe = 0; pe < 18; pe++)
        EXPECT_FALSE(irq(pe));
}

TEST_F(gic_routing, SgiReachesThePesOfItsTargetList)
{
    for (unsigned pe : {0, 1, 2, 3})
        enable_sgi(pe, 5);
    set(0, ICC_SGI1R, 5u << 24 | 0b1010);
    EXPECT_FALSE(irq(0));
    EXPECT_TRUE(irq(1));
    EXPECT_FALSE(irq(2));
    EXPECT_TRUE(irq(3));
    EXPECT_EQ(get(3, ICC_IAR1), 5u);
    set(3, ICC_EOIR1, 5);
    EXPECT_FALSE(irq(3));
}

TEST_F(gic_routing, SgiTargetListIsOfTheClusterNamed)
{
    set(0, ICC_SGI1R, 1u << 16 | 4u << 24 | 0b10);
    EXPECT_TRUE(sgi_pending(17, 4));
    EXPECT_FALSE(sgi_pending(1, 4));
    set(0, ICC_SGI1R, std::uint64_t{1} << 32 | 6u << 24 | 1);
    EXPECT_FALSE(sgi_pending(0, 6)) << "Aff2 1 has no PE";
}

TEST_F(gic_routing, SgiWithIrmReachesAllButTheSender)
{
    set(2, ICC_SGI1R, std::uint64_t{1} << 40 | 9u << 24);
    for (unsigned pe = 0; pe < 18; pe++)
        EXPECT_EQ(sgi_pending(pe, 9), pe != 2) << pe;
}

TEST_F(gic_routing, Sgi0rAndAsgi1rGenerateGroupZeroOnly)
{
    enable_sgi(1, 2, true);
    enable_sgi(3, 2, false);
    for (std::uint32_t reg : {ICC_SGI0R, ICC_ASGI1R}) {
        redist.write(sgi(3) + ICPENDR, 1u << 2);
        set(0, reg, 2u << 24 | 0b1010);
        EXPECT_FALSE(sgi_pending(1, 2));
        EXPECT_TRUE(sgi_pending(3, 2));
    }
    EXPECT_TRUE(fiq(3));
}

TEST_F(gic_routing, Sgi1rGeneratesEitherGroup)
{
    enable_sgi(1, 2, true);
    enable_sgi(3, 2, false);
    set(0, ICC_SGI1R, 2u << 24 | 0b1010);
    EXPECT_TRUE(irq(1));
    EXPECT_TRUE(fiq(3));
}

// ---- Clusters that are not full ----

constexpr std::uint32_t clusters[] = {0x000, 0x001, 0x100, 0x10F};

class gic_clusters : public gic_bench {
  protected:
    gic_clusters() : gic_bench(4, 64, false, clusters) { enable_all(4); }

    // PEs on which SGI `id` is pending, as a mask; it is cleared.
    unsigned pending(unsigned id)
    {
        unsigned mask = 0;
        for (unsigned pe = 0; pe < 4; pe++) {
            mask |= (redist.read(sgi(pe) + ISPENDR) >> id & 1) << pe;
            redist.write(sgi(pe) + ICPENDR, std::uint64_t{1} << id);
        }
        return mask;
    }
};

TEST_F(gic_clusters, RedistributorsTellNumberAndAffinity)
{
    EXPECT_EQ(redist.read(rd(1) + GICR_TYPER, 8), 0x0000000100000120u);
    EXPECT_EQ(redist.read(rd(2) + GICR_TYPER, 8), 0x0000010000000220u);
    EXPECT_EQ(redist.read(rd(3) + GICR_TYPER, 8), 0x0000010F00000330u) << "Last";
}

TEST_F(gic_clusters, SgiReachesTheListOfItsCluster)
{
    set(0, ICC_SGI1R, 3u << 24 | 0b11);
    EXPECT_EQ(pending(3), 0b0011u);
    set(0, ICC_SGI1R, 1u << 16 | 3u << 24 | 0x8001);
    EXPECT_EQ(pending(3), 0b1100u);
    set(3, ICC_SGI1R, 1u << 16 | 3u << 24 | 0b10);
    EXPECT_EQ(pending(3), 0u) << "no PE has Aff1 1 and Aff0 1";
    set(3, ICC_SGI1R, std::uint64_t{1} << 40 | 3u << 24);
    EXPECT_EQ(pending(3), 0b0111u) << "all but the sender";
}

TEST_F(gic_clusters, RouterNamesAPeByAffinity)
{
    prepare_spi(0, 0x80);
    gic_set_spi(core.get(), 0, true);
    for (unsigned pe = 0; pe < 4; pe++) {
        dist.write(IROUTER + 32 * 8, clusters[pe], 8);
        for (unsigned other = 0; other < 4; other++)
            EXPECT_EQ(irq(other), other == pe);
    }
    for (std::uint64_t nobody : {0x2, 0x101, 0x200, 0x10100}) {
        dist.write(IROUTER + 32 * 8, nobody, 8);
        for (unsigned pe = 0; pe < 4; pe++)
            EXPECT_FALSE(irq(pe)) << nobody;
    }
}

TEST_F(gic_clusters, MustBeOfDistinctPesThatTargetListsReach)
{
    const struct {
        std::uint32_t affinities[2];
        const char *reason;
    } rows[] = {{{0, 0x10}, "affinities: 0x10 is not Aff1 with an Aff0 from 0 to 15"},
                {{0x10000, 0}, "affinities: 0x10000 is not Aff1 with an Aff0 from 0 to 15"},
                {{0x101, 0x101}, "affinities: PEs 0 and 1 have 0x101"}};
    for (const auto &row : rows) {
        const gic_config config = {2, 32, false, row.affinities};
        const gic_ops ops = {};
        char reason[80] = "";
        EXPECT_EQ(gic_create(&config, &ops, reason, sizeof reason), nullptr);
        EXPECT_STREQ(reason, row.reason);
    }
}

} // namespace
} // namespace test_gic_routing
