// SPDX-License-Identifier: Apache-2.0
// LPIs in the GIC: registers, tables in memory, arbitration with other interrupts.
#include <random>
#include <set>

#include "lpi_bench.hpp"

namespace test_gic_lpi {
namespace {

using gic_lpi = lpi_bench;

// --- Registers ---

TEST_F(gic_lpi, TypersTellOfLpis)
{
    EXPECT_EQ(dist.read(GICD_TYPER) >> 17 & 1, 1u) << "LPIS";
    EXPECT_EQ(dist.read(GICD_TYPER) >> 19 & 0x1F, 15u) << "IDbits";
    EXPECT_EQ(dist.read(GICD_TYPER) >> 11 & 0x1F, 0u) << "num_LPIs: as IDbits";
    EXPECT_EQ(redist.read(rd(1) + GICR_TYPER, 8), 0x0000000100000131u) << "PLPIS, no DirectLPI";
}

TEST_F(gic_lpi, EnableBitCanBeSetAndCleared)
{
    EXPECT_EQ(redist.read(rd(0) + GICR_CTLR), 2u) << "CES";
    redist.write(rd(0) + GICR_CTLR, 1);
    EXPECT_EQ(redist.read(rd(0) + GICR_CTLR), 3u);
    EXPECT_EQ(redist.read(rd(1) + GICR_CTLR), 2u) << "one for each PE";
    redist.write(rd(0) + GICR_CTLR, 0);
    EXPECT_EQ(redist.read(rd(0) + GICR_CTLR), 2u);
}

TEST_F(gic_lpi, TableRegistersKeepAddressesAndAttributes)
{
    redist.write(rd(0) + GICR_PROPBASER, ~std::uint64_t{0}, 8);
    redist.write(rd(0) + GICR_PENDBASER, ~std::uint64_t{0}, 8);
    EXPECT_EQ(redist.read(rd(0) + GICR_PROPBASER, 8), 0x070FFFFFFFFFFF9Fu);
    EXPECT_EQ(redist.read(rd(0) + GICR_PENDBASER, 8), 0x070FFFFFFFFF0F80u) << "PTZ reads as 0";
    EXPECT_EQ(redist.read(rd(1) + GICR_PROPBASER, 8), 0u);
}

TEST_F(gic_lpi, TableRegistersTakeHalfAccesses)
{
    redist.write(rd(0) + GICR_PROPBASER, 0x12345000);
    redist.write(rd(0) + GICR_PROPBASER + 4, 0x00000001);
    EXPECT_EQ(redist.read(rd(0) + GICR_PROPBASER, 8), 0x0000000112345000u);
    EXPECT_EQ(redist.read(rd(0) + GICR_PROPBASER + 4), 1u);
    EXPECT_EQ(redist.write_status(rd(0) + GICR_PROPBASER, 2), VP_SLVERR);
}

TEST_F(gic_lpi, TableRegistersAreReadOnlyWhileLpisAreEnabled)
{
    enable_lpis(0);
    redist.write(rd(0) + GICR_PROPBASER, 0x1000, 8);
    redist.write(rd(0) + GICR_PENDBASER, 0x10000, 8);
    EXPECT_EQ(redist.read(rd(0) + GICR_PROPBASER, 8), config_table | id_bits_16);
    EXPECT_EQ(redist.read(rd(0) + GICR_PENDBASER, 8), pending_table(0));
}

TEST_F(gic_lpi, DirectInjectionRegistersAreReserved)
{
    enable_lpis(0);
    configure(lpi, 0x80);
    for (std::uint64_t at : {0x40, 0x48, 0xA0, 0xB0, 0xC0}) {
        redist.write(rd(0) + at, lpi);
        EXPECT_EQ(redist.read(rd(0) + at), 0u);
    }
    EXPECT_FALSE(irq());
}

// --- Life of an LPI ---

TEST_F(gic_lpi, PendingLpiInterruptsAndIsAcknowledged)
{
    enable_lpis(0);
    configure(lpi + 7, 0x80);
    set_lpi(lpi + 7);
    EXPECT_TRUE(irq());
    EXPECT_FALSE(fiq());
    EXPECT_EQ(highest(), lpi + 7);
    EXPECT_EQ(acknowledge(), lpi + 7);
    EXPECT_FALSE(irq());
    EXPECT_EQ(get(0, ICC_RPR), 0x80u);
    EXPECT_EQ(acknowledge(), spurious);
    end(lpi + 7);
    EXPECT_EQ(get(0, ICC_RPR), 0xFFu);
}

TEST_F(gic_lpi, HasNoActiveState)
{
    enable_lpis(0);
    configure(lpi, 0x80);
    set_lpi(lpi);
    acknowledge();
    set_lpi(lpi);
    EXPECT_EQ(highest(), lpi) << "pending again before its end";
    EXPECT_FALSE(irq()) << "but not above the running priority";
    end(lpi);
    EXPECT_TRUE(irq());
}

TEST_F(gic_lpi, DeactivationDoesNothing)
{
    enable_lpis(0);
    configure(lpi, 0x80);
    set(0, ICC_CTLR, 2); // EOImode
    set_lpi(lpi);
    acknowledge();
    set(0, ICC_DIR, lpi);
    EXPECT_EQ(get(0, ICC_RPR), 0x80u);
    end(lpi);
    EXPECT_EQ(get(0, ICC_RPR), 0xFFu);
}

TEST_F(gic_lpi, ClearTakesThePendingState)
{
    enable_lpis(0);
    configure(lpi, 0x80);
    set_lpi(lpi);
    gic_lpi_clear(core.get(), 0, lpi);
    EXPECT_FALSE(irq());
    EXPECT_EQ(acknowledge(), spurious);
}

TEST_F(gic_lpi, LastIntidWorks)
{
    enable_lpis(0);
    configure(0xFFFF, 0x80);
    set_lpi(0xFFFF);
    EXPECT_EQ(acknowledge(), 0xFFFFu);
}

// --- Arbitration ---

TEST_F(gic_lpi, PriorityDecidesThenTheLowestIntid)
{
    enable_lpis(0);
    configure(lpi + 1, 0x80);
    configure(lpi + 2, 0x40);
    configure(lpi + 100, 0x40);
    configure(lpi + 3, 0xC0);
    for (unsigned n : {3u, 100u, 1u, 2u})
        set_lpi(lpi + n);
    set(0, ICC_BPR1, 7); // no preemption: what is acknowledged is not ended here
    for (unsigned n : {2u, 100u, 1u, 3u}) {
        EXPECT_EQ(acknowledge(), lpi + n);
        end(lpi + n);
    }
}

TEST_F(gic_lpi, PriorityHasFiveBits)
{
    enable_lpis(0);
    configure(lpi, 0xA4);
    set_lpi(lpi);
    acknowledge();
    EXPECT_EQ(get(0, ICC_RPR), 0xA0u);
}

TEST_F(gic_lpi, CompetesWithSpisByPriority)
{
    enable_lpis(0);
    prepare_spi(5, 0x80);
    gic_set_spi(core.get(), 5, true);
    configure(lpi, 0x78);
    configure(lpi + 1, 0x80);
    configure(lpi + 2, 0x88);
    set_lpi(lpi + 2);
    EXPECT_EQ(highest(), 37u);
    set_lpi(lpi + 1);
    EXPECT_EQ(highest(), 37u) << "of equal priorities the lowest INTID";
    set_lpi(lpi);
    EXPECT_EQ(highest(), lpi);
}

TEST_F(gic_lpi, IsOfGroup1)
{
    enable_lpis(0);
    configure(lpi, 0x80);
    set(0, ICC_IGRPEN1, 0);
    set_lpi(lpi);
    EXPECT_FALSE(irq() || fiq());
    EXPECT_EQ(get(0, ICC_IAR0), spurious);
    EXPECT_EQ(acknowledge(), spurious);
    set(0, ICC_IGRPEN1, 1);
    EXPECT_TRUE(irq());
    EXPECT_EQ(get(0, ICC_IAR0), spurious);
    dist.write(GICD_CTLR, 1);
    EXPECT_FALSE(irq()) << "group 1 disabled in the distributor";
}

TEST_F(gic_lpi, WaitsForThePriorityMaskAndForThePeToWake)
{
    enable_lpis(0);
    configure(lpi, 0x80);
    set(0, ICC_PMR, 0x80);
    set_lpi(lpi);
    EXPECT_FALSE(irq());
    set(0, ICC_PMR, 0x88);
    EXPECT_TRUE(irq());
    redist.write(rd(0) + GICR_WAKER, 2);
    EXPECT_FALSE(irq());
    redist.write(rd(0) + GICR_WAKER, 0);
    EXPECT_TRUE(irq());
}

TEST_F(gic_lpi, GoesToItsPeOnly)
{
    enable_lpis(0);
    enable_lpis(1);
    configure(lpi, 0x80);
    set_lpi(lpi, 1);
    EXPECT_FALSE(irq(0));
    EXPECT_TRUE(irq(1));
    EXPECT_EQ(acknowledge(0), spurious);
    EXPECT_EQ(acknowledge(1), lpi);
}

// --- Configuration table ---

TEST_F(gic_lpi, DisabledLpiStaysPendingUntilEnabledAndInvalidated)
{
    enable_lpis(0);
    configure(lpi, 0x80, false);
    set_lpi(lpi);
    EXPECT_FALSE(irq());
    configure(lpi, 0x80);
    EXPECT_FALSE(irq()) << "nobody has been told";
    gic_lpi_invalidate(core.get(), 0, lpi);
    EXPECT_TRUE(irq());
}

TEST_F(gic_lpi, StaleConfigurationStaysInUseUntilInvalidated)
{
    enable_lpis(0);
    configure(lpi, 0x80);
    set_lpi(lpi);
    acknowledge();
    end(lpi);
    configure(lpi, 0x80, false);
    set_lpi(lpi);
    EXPECT_TRUE(irq()) << "software forgot INV";
    gic_lpi_invalidate(core.get(), 0, lpi);
    EXPECT_FALSE(irq());
}

TEST_F(gic_lpi, ConfigurationIsReadOnce)
{
    enable_lpis(0);
    configure(lpi, 0x80);
    memory.reads = 0;
    for (unsigned i = 0; i < 3; i++) {
        set_lpi(lpi);
        acknowledge();
        end(lpi);
    }
    EXPECT_EQ(memory.reads, 1u);
}

TEST_F(gic_lpi, InvalidationChangesThePriorityOfAPendingLpi)
{
    enable_lpis(0);
    configure(lpi, 0x80);
    configure(lpi + 1, 0x70);
    set_lpi(lpi);
    set_lpi(lpi + 1);
    EXPECT_EQ(highest(), lpi + 1);
    configure(lpi, 0x60);
    gic_lpi_invalidate(core.get(), 0, lpi);
    EXPECT_EQ(highest(), lpi);
}

TEST_F(gic_lpi, InvalidationOfAllReadsWhatIsPending)
{
    enable_lpis(0);
    for (unsigned n : {0u, 64u, 4000u}) {
        configure(lpi + n, 0x80, false);
        set_lpi(lpi + n);
        configure(lpi + n, 0x80);
    }
    memory.reads = 0;
    gic_lpi_invalidate_all(core.get(), 0);
    EXPECT_EQ(memory.reads, 3u);
    for (unsigned n : {0u, 64u, 4000u}) {
        EXPECT_EQ(acknowledge(), lpi + n);
        end(lpi + n);
    }
}

TEST_F(gic_lpi, InvalidationOfAllForgetsWhatIsNotPending)
{
    enable_lpis(0);
    configure(lpi, 0x80);
    set_lpi(lpi);
    acknowledge();
    end(lpi);
    configure(lpi, 0x80, false);
    gic_lpi_invalidate_all(core.get(), 0);
    set_lpi(lpi);
    EXPECT_FALSE(irq());
}

TEST_F(gic_lpi, ConfigurationThatAbortsIsDisabled)
{
    enable_lpis(0);
    configure(lpi, 0x80);
    memory.abort_at(config_table, config_table);
    set_lpi(lpi);
    EXPECT_FALSE(irq());
    memory.abort_nowhere();
    gic_lpi_invalidate(core.get(), 0, lpi);
    EXPECT_TRUE(irq());
}

TEST_F(gic_lpi, InvalidationDuringAReadMakesItReadAgain)
{
    enable_lpis(0);
    configure(lpi, 0x80, false);
    memory.on_read = [this] {
        configure(lpi, 0x80);
        gic_lpi_invalidate(core.get(), 0, lpi);
    };
    set_lpi(lpi);
    EXPECT_TRUE(irq());
}

TEST_F(gic_lpi, LpisDisabledDuringAReadStayDisabled)
{
    enable_lpis(0);
    configure(lpi, 0x80, false);
    memory.on_read = [this] { disable_lpis(0); };
    set_lpi(lpi);
    EXPECT_FALSE(irq());
    EXPECT_EQ(memory.get8(pending_table(0) + lpi / 8), 1u) << "the pending state is in memory";
    configure(lpi, 0x80);
    enable_lpis(0);
    EXPECT_TRUE(irq()) << "what was read too late is not kept";
}

// --- Reach ---

TEST_F(gic_lpi, IsIgnoredWhileLpisAreDisabled)
{
    configure(lpi, 0x80);
    set_lpi(lpi);
    gic_lpi_invalidate(core.get(), 0, lpi);
    gic_lpi_invalidate_all(core.get(), 0);
    gic_lpi_clear(core.get(), 0, lpi);
    enable_lpis(0);
    EXPECT_FALSE(irq());
}

TEST_F(gic_lpi, IntidBitsOfPropbaserLimitTheReach)
{
    enable_lpis(0, 13);
    configure(16383, 0x80);
    configure(16384, 0x80);
    set_lpi(16384);
    EXPECT_FALSE(irq());
    set_lpi(16383);
    EXPECT_TRUE(irq());
}

TEST_F(gic_lpi, FewerIntidBitsThanLpisNeedLeaveNone)
{
    enable_lpis(0, 12);
    configure(lpi, 0x80);
    set_lpi(lpi);
    EXPECT_FALSE(irq());
}

TEST_F(gic_lpi, MoreIntidBitsThanThereAreCountAsThoseThereAre)
{
    enable_lpis(0, 31);
    configure(0xFFFF, 0x80);
    set_lpi(0x10000);
    EXPECT_FALSE(irq());
    set_lpi(0xFFFF);
    EXPECT_TRUE(irq());
}

TEST_F(gic_lpi, IntidsThatAreNoLpisAreIgnored)
{
    enable_lpis(0);
    for (std::uint32_t intid : {0u, 31u, 32u, 1023u, lpi - 1, 0xFFFFFFFFu})
        set_lpi(intid);
    EXPECT_FALSE(irq());
    EXPECT_EQ(memory.reads, 7u) << "the pending table, and nothing else";
}

// --- Pending table ---

TEST_F(gic_lpi, PendingTableIsReadWhenLpisAreEnabled)
{
    configure(lpi + 9, 0x80);
    configure(0xFFFE, 0x70);
    memory.put8(pending_table(0) + (lpi + 9) / 8, 1 << 1);
    memory.put8(pending_table(0) + 0xFFFE / 8, 1 << 6);
    enable_lpis(0);
    EXPECT_EQ(acknowledge(), 0xFFFEu);
    end(0xFFFE);
    EXPECT_EQ(acknowledge(), lpi + 9);
}

TEST_F(gic_lpi, PendingTableKnownToBeZeroIsNotRead)
{
    memory.put8(pending_table(0) + lpi / 8, 1);
    configure(lpi, 0x80);
    enable_lpis(0, id_bits_16, ptz);
    EXPECT_EQ(memory.reads, 0u);
    EXPECT_FALSE(irq());
}

TEST_F(gic_lpi, ZeroHintIsForOneTime)
{
    configure(lpi, 0x80);
    enable_lpis(0, id_bits_16, ptz);
    set_lpi(lpi);
    disable_lpis(0);
    redist.write(rd(0) + GICR_CTLR, 1);
    EXPECT_TRUE(irq());
}

TEST_F(gic_lpi, ZeroHintSurvivesAWriteOfTheOtherHalf)
{
    redist.write(rd(0) + GICR_PENDBASER, ptz, 8);
    redist.write(rd(0) + GICR_PENDBASER, 0x10000);
    redist.write(rd(0) + GICR_PROPBASER, id_bits_16, 8);
    redist.write(rd(0) + GICR_CTLR, 1);
    EXPECT_EQ(memory.reads, 0u);
}

TEST_F(gic_lpi, PendingTableIsWrittenWhenLpisAreDisabled)
{
    enable_lpis(0);
    configure(lpi, 0x80);
    configure(0xFFFF, 0x80, false);
    memory.put8(pending_table(0), 0xAA); // of the first KiB
    set_lpi(lpi);
    set_lpi(0xFFFF);
    disable_lpis(0);
    EXPECT_FALSE(irq());
    EXPECT_EQ(memory.get8(pending_table(0) + lpi / 8), 1u);
    EXPECT_EQ(memory.get8(pending_table(0) + 0xFFFF / 8), 0x80u);
    EXPECT_EQ(memory.get8(pending_table(0)), 0xAAu);
    enable_lpis(0);
    EXPECT_EQ(acknowledge(), lpi) << "and read again";
}

TEST_F(gic_lpi, DisabledLpisKeepNothing)
{
    enable_lpis(0);
    configure(lpi, 0x80);
    set_lpi(lpi);
    disable_lpis(0);
    enable_lpis(0, id_bits_16, ptz);
    EXPECT_FALSE(irq());
}

TEST_F(gic_lpi, AcknowledgedLpisAreWrittenAsNotPending)
{
    memory.put8(pending_table(0) + lpi / 8, 1);
    configure(lpi, 0x80);
    enable_lpis(0);
    acknowledge();
    disable_lpis(0);
    EXPECT_EQ(memory.get8(pending_table(0) + lpi / 8), 0u);
}

TEST_F(gic_lpi, ReachLimitsThePendingTable)
{
    enable_lpis(0, 13);
    EXPECT_EQ(memory.reads, 1u) << "1 KiB: 8192 LPIs";
    disable_lpis(0);
    EXPECT_EQ(memory.writes, 1u);
}

TEST_F(gic_lpi, PendingTableThatAbortsHasNothingPending)
{
    memory.put8(pending_table(0) + lpi / 8, 1);
    configure(lpi, 0x80);
    memory.abort_at(pending_table(0), pending_table(0) + 0x10000);
    enable_lpis(0);
    EXPECT_FALSE(irq());
    disable_lpis(0);
    EXPECT_EQ(redist.read(rd(0) + GICR_CTLR), 2u);
}

TEST_F(gic_lpi, WritePendingIsSeenWhileTheTableIsRead)
{
    std::uint64_t during = 0;

    memory.on_read = [&] {
        during = redist.read(rd(0) + GICR_CTLR);
        disable_lpis(0);
        redist.write(rd(0) + GICR_PENDBASER, 0, 8);
    };
    enable_lpis(0);
    EXPECT_EQ(during, 0xBu) << "RWP";
    EXPECT_EQ(redist.read(rd(0) + GICR_CTLR), 3u) << "writes in the meantime are ignored";
    EXPECT_EQ(redist.read(rd(0) + GICR_PENDBASER, 8), pending_table(0));
}

// --- From PE to PE ---

TEST_F(gic_lpi, PendingStateMovesToAnotherPe)
{
    enable_lpis(0);
    enable_lpis(1);
    configure(lpi, 0x80);
    set_lpi(lpi);
    gic_lpi_move(core.get(), 0, 1, lpi);
    EXPECT_FALSE(irq(0));
    EXPECT_TRUE(irq(1));
    gic_lpi_move(core.get(), 1, 1, lpi);
    EXPECT_TRUE(irq(1)) << "to itself";
    acknowledge(1);
    gic_lpi_move(core.get(), 1, 0, lpi);
    EXPECT_FALSE(irq(0)) << "nothing was pending";
}

TEST_F(gic_lpi, AllPendingStateMovesToAnotherPe)
{
    enable_lpis(0);
    enable_lpis(1);
    for (unsigned n : {0u, 63u, 64u, 57343u}) {
        configure(lpi + n, 0x80);
        set_lpi(lpi + n);
    }
    gic_lpi_move_all(core.get(), 0, 1);
    EXPECT_FALSE(irq(0));
    for (unsigned n : {0u, 63u, 64u, 57343u}) {
        EXPECT_EQ(acknowledge(1), lpi + n);
        end(lpi + n, 1);
    }
}

TEST_F(gic_lpi, MovingToAPeWithoutLpisDropsThem)
{
    enable_lpis(0);
    configure(lpi, 0x80);
    set_lpi(lpi);
    gic_lpi_move_all(core.get(), 0, 1);
    EXPECT_FALSE(irq(0));
    EXPECT_FALSE(irq(1));
}

// --- Against a model with a plain sorted set ---

TEST_F(gic_lpi, RandomHistoriesAgreeWithASortedSet)
{
    std::mt19937 random(7);
    std::set<std::uint32_t> pending;

    enable_lpis(0);
    for (unsigned round = 0; round < 20000; round++) {
        const std::uint32_t intid = lpi + random() % (random() % 2 ? 40 : 57344);

        switch (random() % 4) {
        case 0:
            configure(intid, random() % 32 * 8, random() % 4 != 0);
            gic_lpi_invalidate(core.get(), 0, intid);
            break;
        case 1:
            gic_lpi_clear(core.get(), 0, intid);
            pending.erase(intid);
            break;
        default:
            set_lpi(intid);
            pending.insert(intid);
        }
        using candidate = std::pair<unsigned, std::uint64_t>; // priority, INTID
        candidate best = {256, spurious};
        for (std::uint32_t id : pending) {
            const std::uint8_t config = memory.get8(config_table + id - lpi);
            if (config & lpi_enabled)
                best = std::min(best, candidate{config & 0xF8u, id});
        }
        ASSERT_EQ(highest(), best.second) << "round " << round;
        if (random() % 3 == 0 && best.second != spurious) {
            if (acknowledge() == best.second)
                pending.erase(static_cast<std::uint32_t>(best.second));
            end(best.second);
        }
    }
}

} // namespace
} // namespace test_gic_lpi
