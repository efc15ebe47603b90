// SPDX-License-Identifier: Apache-2.0
// The ring DMA engine and pages that are missing: how many it asks for, and when it gives up; how
// the use of a PASID is stopped.
#include <gmock/gmock.h>

#include "dma_bench.hpp"

namespace test_dma_pages {
namespace {

using testing::ElementsAre;

enum : std::uint32_t { BUSY = 0x80000000, MARKER = 0x40000000 };

class ring_pages : public ring_bench {
  protected:
    // Pages that accesses to data may ask for, in order.
    std::vector<unsigned> pages_of(const descriptor &d, unsigned group)
    {
        std::vector<unsigned> pages;
        meanwhile = [&](const access &a) {
            if (a.addr >= 0x1000)
                pages.push_back(a.pages);
            else
                EXPECT_EQ(a.pages, 1u) << "descriptors and outcomes";
        };
        write(page(0) + RING_GROUP, group);
        run(d);
        return pages;
    }
};

TEST_F(ring_pages, GroupIsOneOutOfReset)
{
    EXPECT_EQ(read(page(0) + RING_GROUP), 0u);
    EXPECT_THAT(pages_of({OP_FILL, 0, 0x1000, 64}, 0), ElementsAre(1u));
    write(page(0) + RING_GROUP, ~0u);
    EXPECT_EQ(read(page(0) + RING_GROUP), 63u);
}

TEST_F(ring_pages, GroupGoesAsFarAsTheOperation)
{
    const auto pages = pages_of({OP_FILL, 0, 0x1fc0, 0x1041}, 8);
    ASSERT_EQ(pages.size(), 66u);
    EXPECT_EQ(pages[0], 3u) << "the last bytes of a page, a page, and a byte";
    EXPECT_EQ(pages[1], 2u);
    EXPECT_EQ(pages[65], 1u);
}

TEST_F(ring_pages, GroupIsNoLargerThanAllowed)
{
    EXPECT_EQ(pages_of({OP_FILL, 0, 0x1000, 0x4000}, 2)[0], 2u);
}

TEST_F(ring_pages, ScatteredAccessesAskForNoMoreThanTheirOwn)
{
    EXPECT_THAT(pages_of({OP_SCATTER, 0x1000, 0x4000, 128}, 8), ElementsAre(1u, 1u));
}

// --- giving up ---

TEST_F(ring_pages, DisabledRingDoesNotWantItsAccess)
{
    meanwhile = [this](const access &a) {
        EXPECT_TRUE(pcie_dma_wants(core.get(), a.way));
        const unsigned before = reconsidered;
        write(page(0) + RING_CTRL, 0);
        EXPECT_EQ(reconsidered, before + 1);
        EXPECT_FALSE(pcie_dma_wants(core.get(), a.way));
        write(page(0) + RING_CTRL, 1);
        EXPECT_FALSE(pcie_dma_wants(core.get(), a.way)) << "that is another life";
    };
    run({OP_NOTHING});
    EXPECT_EQ(accesses.size(), 1u);
}

TEST_F(ring_pages, RingThatWasResetDoesNotWantItsAccess)
{
    meanwhile = [this](const access &a) {
        pcie_dma_reset(core.get());
        EXPECT_FALSE(pcie_dma_wants(core.get(), a.way));
    };
    run({OP_NOTHING});
    EXPECT_EQ(accesses.size(), 1u);
}

// --- PASIDs ---

TEST_F(ring_pages, StopIsBusyUntilThePasidIsDrained)
{
    write(DMA_STOP, BUSY | 0x45);
    EXPECT_EQ(stops, 1u);
    EXPECT_EQ(reconsidered, 1u);
    drain = [this] {
        EXPECT_EQ(read(DMA_STOP), BUSY | 0x45);
        write(DMA_STOP, BUSY | 0x46);
        EXPECT_EQ(read(DMA_STOP), BUSY | 0x45) << "one at a time";
        return false;
    };
    pcie_dma_stop(core.get());
    EXPECT_THAT(drained, ElementsAre(0x45u));
    EXPECT_EQ(read(DMA_STOP), 0x45u);
}

TEST_F(ring_pages, StopTellsOfAStopMarker)
{
    drain = [] { return true; };
    write(DMA_STOP, BUSY | 0x45);
    pcie_dma_stop(core.get());
    EXPECT_EQ(read(DMA_STOP), MARKER | 0x45u);
    write(DMA_STOP, 0x40000046);
    EXPECT_EQ(read(DMA_STOP), 0x46u) << "read-only";
    pcie_dma_stop(core.get());
    EXPECT_EQ(drained.size(), 1u) << "nothing to do";
}

TEST_F(ring_pages, AccessesOfAPasidThatIsStoppedAreNotWanted)
{
    meanwhile = [this](const access &a) {
        if (a.addr != 0x1000)
            return;
        write(DMA_STOP, BUSY | 0x46);
        EXPECT_TRUE(pcie_dma_wants(core.get(), a.way));
        pcie_dma_stop(core.get());
        write(DMA_STOP, BUSY | 0x45);
        EXPECT_FALSE(pcie_dma_wants(core.get(), a.way));
    };
    const outcome o = run({OP_FILL | WITH_PASID, 0, 0x1000, 128, 0, 0x45});
    EXPECT_EQ(o.status, ST_STOPPED);
    EXPECT_EQ(o.fault, 0x1040u) << "the first that was under way has ended";
    EXPECT_EQ(o.bytes, 64u);
    EXPECT_EQ(read(page(0) + RING_STATUS), 0u) << "the ring does not use it for itself";
    write(page(0) + RING_CTRL, 0);

    meanwhile = nullptr;
    pcie_dma_stop(core.get());
    EXPECT_EQ(run({OP_FILL | WITH_PASID, 0, 0x1000, 128, 0, 0x45}).status, ST_DONE)
        << "a new use of it";
}

TEST_F(ring_pages, RingOfAPasidThatIsStoppedHalts)
{
    write(page(0) + RING_PASID, 0x80000045);
    meanwhile = [this](const access &) { write(DMA_STOP, BUSY | 0x45); };
    run({OP_NOTHING});
    EXPECT_EQ(accesses.size(), 1u);
    EXPECT_EQ(read(page(0) + RING_STATUS), 2u);
    EXPECT_EQ(read(page(0) + RING_ERROR), 2u);
}

TEST_F(ring_pages, ResetEndsAStop)
{
    drain = [this] {
        if (drained.size() > 1)
            return false;
        pcie_dma_reset(core.get());
        EXPECT_EQ(read(DMA_STOP), 0u);
        write(DMA_STOP, BUSY | 0x46);
        return true;
    };
    write(DMA_STOP, BUSY | 0x45);
    pcie_dma_stop(core.get());
    EXPECT_THAT(drained, ElementsAre(0x45u, 0x46u));
    EXPECT_EQ(read(DMA_STOP), 0x46u);
}

} // namespace
} // namespace test_dma_pages
