// SPDX-License-Identifier: Apache-2.0
// The GIC's memory-mapped registers: what they hold, which accesses they take.
#include <string>

#include "gic_bench.hpp"

namespace test_gic_registers {
namespace {

class gic_registers : public gic_bench {
  protected:
    gic_registers() : gic_bench(3, 40) {}
};

TEST_F(gic_registers, ConfigurationOutOfRangeIsNamed)
{
    const gic_ops ops = {};
    const gic_config no_pes = {0, 32, false, nullptr};
    const gic_config many_spis = {1, GIC_MAX_SPIS + 1, false, nullptr};
    char reason[80];

    EXPECT_EQ(gic_create(&no_pes, &ops, reason, sizeof reason), nullptr);
    EXPECT_EQ(std::string(reason).substr(0, 5), "pes: ");
    EXPECT_EQ(gic_create(&many_spis, &ops, reason, sizeof reason), nullptr);
    EXPECT_EQ(std::string(reason).substr(0, 6), "spis: ");
}

TEST_F(gic_registers, CtlrHasOneSecurityStateAndAffinityRouting)
{
    EXPECT_EQ(dist.read(GICD_CTLR), 0x50u);
    dist.write(GICD_CTLR, 0xFFFFFFFF);
    EXPECT_EQ(dist.read(GICD_CTLR), 0x53u);
    dist.write(GICD_CTLR, 0);
    EXPECT_EQ(dist.read(GICD_CTLR), 0x50u);
}

TEST_F(gic_registers, TyperCountsInterruptsAndHasNoLpis)
{
    const std::uint64_t typer = dist.read(GICD_TYPER);

    EXPECT_EQ(typer & 0x1F, 2u) << "ITLinesNumber: 72 interrupts";
    EXPECT_EQ(typer >> 19 & 0x1F, 9u) << "IDbits";
    EXPECT_EQ(typer >> 10 & 1, 0u) << "SecurityExtn";
    EXPECT_EQ(typer >> 17 & 1, 0u) << "LPIS";
}

TEST_F(gic_registers, IdentificationSaysGicV3InEveryFrame)
{
    EXPECT_EQ(dist.read(PIDR2) >> 4 & 0xF, 3u);
    EXPECT_EQ(redist.read(rd(2) + PIDR2) >> 4 & 0xF, 3u);
    EXPECT_EQ(dist.read(0xFFF0), 0x0Du);
    EXPECT_EQ(dist.read(0xFFF4), 0xF0u);
    EXPECT_EQ(dist.read(0xFFF8), 0x05u);
    EXPECT_EQ(dist.read(0xFFFC), 0xB1u);
}

TEST_F(gic_registers, SetAndClearPairsShareTheirState)
{
    const struct {
        std::uint64_t set, clear;
    } pairs[] = {{ISENABLER, ICENABLER}, {ISPENDR, ICPENDR}, {ISACTIVER, ICACTIVER}};

    for (const auto &pair : pairs) {
        dist.write(pair.set + 4, 0xF0F0F0F0);
        dist.write(pair.set + 4, 0x0000000F);
        EXPECT_EQ(dist.read(pair.clear + 4), 0xF0F0F0FFu);
        dist.write(pair.clear + 4, 0xF0F00000);
        EXPECT_EQ(dist.read(pair.set + 4), 0x0000F0FFu);
    }
}

TEST_F(gic_registers, SpisThatDoNotExistAreRaz)
{
    for (std::uint64_t array : {IGROUPR, ISENABLER, ISPENDR, ISACTIVER}) {
        dist.write(array + 8, 0xFFFFFFFF);
        EXPECT_EQ(dist.read(array + 8), 0xFFu) << "SPIs 32 to 39 exist";
        dist.write(array + 12, 0xFFFFFFFF);
        EXPECT_EQ(dist.read(array + 12), 0u);
    }
    dist.write(IPRIORITYR + 72, 0xFF, 1);
    EXPECT_EQ(dist.read(IPRIORITYR + 72, 1), 0u);
}

TEST_F(gic_registers, PrivateInterruptsAreNotInTheDistributor)
{
    for (std::uint64_t array : {IGROUPR, ISENABLER, ISPENDR, ISACTIVER, IPRIORITYR}) {
        dist.write(array, 0xFFFFFFFF);
        EXPECT_EQ(dist.read(array), 0u);
    }
    dist.write(IROUTER + 31 * 8, 0xFF, 8);
    EXPECT_EQ(dist.read(IROUTER + 31 * 8, 8), 0u);
}

TEST_F(gic_registers, PrioritiesHaveFiveBitsAndByteAccess)
{
    dist.write(IPRIORITYR + 32, 0xA7FF5B08);
    EXPECT_EQ(dist.read(IPRIORITYR + 32), 0xA0F85808u);
    dist.write(IPRIORITYR + 33, 0x3C, 1);
    EXPECT_EQ(dist.read(IPRIORITYR + 33, 1), 0x38u);
    EXPECT_EQ(dist.read(IPRIORITYR + 32), 0xA0F83808u);
    EXPECT_EQ(dist.read_status(IPRIORITYR + 32, 2), VP_SLVERR);
}

TEST_F(gic_registers, TriggerModeOfSpisAndPpisIsTheUpperOfTwoBits)
{
    dist.write(ICFGR + 8, 0xFFFFFFFF);
    EXPECT_EQ(dist.read(ICFGR + 8), 0xAAAAAAAAu);
    EXPECT_EQ(dist.read(ICFGR + 12), 0u);
    redist.write(sgi(1) + ICFGR + 4, 0x00000008);
    EXPECT_EQ(redist.read(sgi(1) + ICFGR + 4), 0x00000008u);
}

TEST_F(gic_registers, SgisAreAlwaysEdgeTriggered)
{
    EXPECT_EQ(redist.read(sgi(0) + ICFGR), 0xAAAAAAAAu);
    redist.write(sgi(0) + ICFGR, 0);
    EXPECT_EQ(redist.read(sgi(0) + ICFGR), 0xAAAAAAAAu);
}

TEST_F(gic_registers, RouterTakesWholeAndHalfAccesses)
{
    const std::uint64_t at = IROUTER + 35 * 8;

    dist.write(at, 0xFFFFFFFFFFFFFFFF, 8);
    EXPECT_EQ(dist.read(at, 8), 0x80FFFFFFu) << "IRM, Aff2 to Aff0; A3V is 0";
    dist.write(at, 0x00000102, 4);
    EXPECT_EQ(dist.read(at, 4), 0x102u);
    EXPECT_EQ(dist.read(at + 4, 4), 0u);
    EXPECT_EQ(dist.read_status(at, 2), VP_SLVERR);
}

TEST_F(gic_registers, LegacyRegistersAreRazWi)
{
    for (std::uint64_t at : {0x0010, 0x0040, 0x0800, 0x0D04, 0x0E08, 0x0F00, 0x0F10, 0x0F20}) {
        dist.write(at, 0xFFFFFFFF);
        EXPECT_EQ(dist.read(at), 0u) << at;
    }
}

TEST_F(gic_registers, RedistributorTyperTellsNumberAffinityAndLast)
{
    EXPECT_EQ(redist.read(rd(1) + GICR_TYPER, 8), 0x0000000100000120u);
    EXPECT_EQ(redist.read(rd(2) + GICR_TYPER, 8), 0x0000000200000230u) << "Last";
    EXPECT_EQ(redist.read(rd(1) + GICR_TYPER + 4), 1u);
    EXPECT_EQ(redist.read(rd(1) + GICR_TYPER) & 1, 0u) << "PLPIS";
}

TEST_F(gic_registers, LpisCannotBeEnabled)
{
    redist.write(rd(0) + GICR_CTLR, 1);
    EXPECT_EQ(redist.read(rd(0) + GICR_CTLR), 0u);
    for (std::uint64_t at : {GICR_PROPBASER, GICR_PENDBASER}) {
        redist.write(rd(0) + at, ~std::uint64_t{0}, 8);
        EXPECT_EQ(redist.read(rd(0) + at, 8), 0u) << "RES0";
    }
}

// As firmware leaves it to what it starts: EDK2 and many small programs do not wake it themselves.
TEST_F(gic_registers, WakerIsWhatFirmwareLeft)
{
    gic_wake(core.get(), 1);
    EXPECT_EQ(redist.read(rd(1) + GICR_WAKER), 0u);
    EXPECT_EQ(redist.read(rd(0) + GICR_WAKER), 6u) << "one for each PE";
}

TEST_F(gic_registers, WakerSleepsAtResetAndChildrenFollow)
{
    EXPECT_EQ(redist.read(rd(0) + GICR_WAKER), 6u);
    redist.write(rd(0) + GICR_WAKER, 0);
    EXPECT_EQ(redist.read(rd(0) + GICR_WAKER), 0u);
    EXPECT_EQ(redist.read(rd(1) + GICR_WAKER), 6u) << "one for each PE";
    redist.write(rd(0) + GICR_WAKER, 2);
    EXPECT_EQ(redist.read(rd(0) + GICR_WAKER), 6u);
}

TEST_F(gic_registers, PrivateInterruptsAreBankedByPe)
{
    redist.write(sgi(0) + ISENABLER, 0x00010001);
    redist.write(sgi(2) + IPRIORITYR + 16, 0x80, 1);
    EXPECT_EQ(redist.read(sgi(0) + ISENABLER), 0x00010001u);
    EXPECT_EQ(redist.read(sgi(1) + ISENABLER), 0u);
    EXPECT_EQ(redist.read(sgi(2) + IPRIORITYR + 16), 0x80u);
    EXPECT_EQ(redist.read(sgi(0) + IPRIORITYR + 16), 0u);
}

TEST_F(gic_registers, BadAccessesAreRefused)
{
    EXPECT_EQ(dist.read_status(GICD_CTLR, 8), VP_SLVERR);
    EXPECT_EQ(dist.write_status(ISENABLER + 4, 1), VP_SLVERR);
    EXPECT_EQ(dist.write_status(2, 4), VP_SLVERR);
    EXPECT_EQ(dist.read_status(0, 3), VP_SLVERR);
    EXPECT_EQ(dist.read_status(GIC_DIST_SIZE, 4), VP_DECERR);
    EXPECT_EQ(redist.read_status(GICR_WAKER, 2), VP_SLVERR);
    EXPECT_EQ(redist.write_status(GICR_WAKER + 1, 4), VP_SLVERR);
    EXPECT_EQ(redist.write_status(rd(3), 4), VP_DECERR);
    EXPECT_EQ(redist.read_status(rd(3) - 4, 4), VP_OK);
}

TEST(gic_size, MaximumNumberOfSpisIsReported)
{
    const gic_config config = {GIC_MAX_PES, GIC_MAX_SPIS, false, nullptr};
    const gic_ops ops = {};
    char reason[80];
    std::unique_ptr<gic, void (*)(gic *)> core(gic_create(&config, &ops, reason, sizeof reason),
                                               gic_destroy);
    const frame_access dist(gic_dist_frame, core.get());

    EXPECT_EQ(dist.read(GICD_TYPER) & 0x1F, 31u);
    dist.write(ISENABLER + 31 * 4, 0xFFFFFFFF);
    EXPECT_EQ(dist.read(ISENABLER + 31 * 4), 0x0FFFFFFFu) << "1020 to 1023 are special";
    dist.write(IROUTER + 1019 * 8, 3, 8);
    EXPECT_EQ(dist.read(IROUTER + 1019 * 8, 8), 3u);
}

} // namespace
} // namespace test_gic_registers
