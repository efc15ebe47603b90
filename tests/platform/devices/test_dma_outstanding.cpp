// SPDX-License-Identifier: Apache-2.0
// Transfers of the DMA engine with several bursts under way, whose accesses end in any order.
#include <algorithm>
#include <memory>
#include <random>

#include "dma_bench.hpp"
#include "support/fiber.hpp"

namespace test_dma_outstanding {
namespace {

constexpr unsigned outstanding = 4;
constexpr unsigned burst = 64;
constexpr unsigned orders = 200; // of the ends of accesses, by chance

class dma_outstanding : public dma_bench {
  protected:
    dma_outstanding() : dma_bench(1, burst, on_move)
    {
        meanwhile = [this](const access &a) {
            if (!support::fiber::inside())
                return;
            most = std::max(most, ++under_way);
            const std::uint64_t addr = a.addr;
            support::fiber::yield();
            under_way--;
            if (addr == abort_at)
                before_abort = accesses.size();
        };
        for (auto &byte : memory)
            byte = static_cast<std::uint8_t>(random());
    }

    // What memory is after the bursts have been moved in order.
    std::vector<std::uint8_t> moved(std::uint64_t src, std::uint64_t dst,
                                    std::uint64_t length) const
    {
        auto mirror = memory;
        for (std::uint64_t size = 0; length != 0; length -= size) {
            size = std::min({length, burst - src % burst, burst - dst % burst});
            std::memmove(&mirror[dst], &mirror[src], size);
            src += size;
            dst += size;
        }
        return mirror;
    }

    std::mt19937 random{20261129};
    unsigned under_way = 0;
    unsigned most = 0;            // accesses that were under way
    std::size_t before_abort = 0; // accesses that had begun when that to abort_at aborted
    std::function<void()> between = [] {};

  private:
    // Which access ends next is left to chance.
    static void on_move(void *user, unsigned channel)
    {
        // The bench is a base of the fixture.
        auto *self = static_cast<dma_outstanding *>(static_cast<dma_bench *>(user));
        std::vector<std::unique_ptr<support::fiber>> movers;
        for (unsigned i = 0; i < outstanding; i++) {
            movers.push_back(std::make_unique<support::fiber>(
                [self, channel] { dma_move_bursts(self->core.get(), channel); }));
            movers.back()->resume();
        }
        for (;;) {
            movers.erase(std::remove_if(movers.begin(), movers.end(),
                                        [](const auto &mover) { return mover->done(); }),
                         movers.end());
            if (movers.empty())
                return;
            self->between();
            movers[self->random() % movers.size()]->resume();
        }
    }
};

TEST_F(dma_outstanding, AsManyAccessesAreUnderWayAsWanted)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 16 * burst, last);
    run(0x1000);
    EXPECT_EQ(most, outstanding);
    EXPECT_EQ(accesses.size(), 1u + 2 * 16);
}

TEST_F(dma_outstanding, WhatIsMovedDoesNotDependOnTheOrder)
{
    for (unsigned i = 0; i < orders; i++) {
        const std::uint64_t src = 0x2000 + random() % burst;
        const std::uint64_t dst = 0x3000 + random() % burst;
        const unsigned length = 1 + random() % (12 * burst);
        put_descriptor(0x1000, src, dst, length, last);
        const auto mirror = moved(src, dst, length);
        run(0x1000);
        ASSERT_EQ(memory, mirror) << src << " to " << dst << ", " << length << " bytes";
        ASSERT_EQ(regs.read(DMA_STATUS), DONE);
        ASSERT_EQ(regs.read(DMA_BYTES, 8), length);
    }
}

TEST_F(dma_outstanding, SourceAndDestinationThatOverlapAreMovedInOrder)
{
    for (const std::int64_t distance : {1, 64, 100, 511, -1, -64, -100, -511}) {
        const std::uint64_t dst = 0x2800 + static_cast<std::uint64_t>(distance);
        put_descriptor(0x1000, 0x2800, dst, 8 * burst, last);
        const auto mirror = moved(0x2800, dst, 8 * burst);
        run(0x1000);
        ASSERT_EQ(memory, mirror) << "distance " << distance;
        EXPECT_EQ(most, 0u);
    }
}

TEST_F(dma_outstanding, NeighboursDoNotOverlap)
{
    put_descriptor(0x1000, 0x2000, 0x2000 + 8 * burst, 8 * burst, last);
    const auto mirror = moved(0x2000, 0x2000 + 8 * burst, 8 * burst);
    run(0x1000);
    EXPECT_EQ(memory, mirror);
    EXPECT_EQ(most, outstanding);
}

TEST_F(dma_outstanding, OfSeveralFailuresTheLowestAddressIsReported)
{
    for (unsigned i = 0; i < orders; i++) {
        put_descriptor(0x1000, 0x2000, 0x3000, 8 * burst, last);
        abort_at = 0x2000 + 5 * burst + 3;
        abort_too = 0x3000 + 4 * burst + 7;
        run(0x1000);
        ASSERT_EQ(regs.read(DMA_STATUS), ERROR);
        ASSERT_EQ(regs.read(DMA_ERROR_CODE), 3u);
        ASSERT_EQ(regs.read(DMA_FAULT_ADDR, 8), 0x3000u + 4 * burst);
        ASSERT_EQ(regs.read(DMA_CURRENT, 8), 0x1000u);
    }
}

TEST_F(dma_outstanding, FailureShowsWhenTheChannelStops)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 8 * burst, last);
    abort_at = 0x2000;
    between = [this] {
        EXPECT_EQ(regs.read(DMA_STATUS), BUSY);
        EXPECT_EQ(regs.read(DMA_ERROR_CODE), 0u);
        EXPECT_EQ(regs.read(DMA_FAULT_ADDR, 8), 0u);
    };
    run(0x1000);
    EXPECT_EQ(regs.read(DMA_STATUS), ERROR);
    EXPECT_EQ(regs.read(DMA_ERROR_CODE), 2u);
}

TEST_F(dma_outstanding, BurstsBeforeAFailureAreMovedAndNoneBeginsAfterIt)
{
    for (unsigned i = 0; i < orders; i++) {
        put_descriptor(0x1000, 0x2000, 0x3000, 12 * burst, last);
        abort_at = 0x2000 + 6 * burst;
        std::fill(memory.begin() + 0x3000, memory.end(), std::uint8_t{0});
        accesses.clear();
        run(0x1000);
        ASSERT_TRUE(std::equal(memory.begin() + 0x2000, memory.begin() + 0x2000 + 6 * burst,
                               memory.begin() + 0x3000));
        ASSERT_EQ(regs.read(DMA_FAULT_ADDR, 8), abort_at);
        for (std::size_t n = before_abort; n < accesses.size(); n++) {
            ASSERT_TRUE(accesses[n].write) << "a burst began";
            ASSERT_LT(accesses[n].addr, 0x3000u + 6 * burst) << "it is lost";
        }
        const auto written = std::count_if(accesses.begin(), accesses.end(),
                                           [](const access &a) { return a.write; });
        ASSERT_EQ(regs.read(DMA_BYTES, 8), static_cast<unsigned>(written) * burst);
    }
}

TEST_F(dma_outstanding, StopLetsTheBurstsInProgressFinish)
{
    for (unsigned i = 0; i < orders; i++) {
        put_descriptor(0x1000, 0x2000, 0x3000, 12 * burst, last);
        accesses.clear();
        std::size_t begun = 0;
        unsigned left = 9; // ends of accesses before STOP
        between = [&] {
            if (left-- != 1)
                return;
            regs.write(DMA_CTRL, STOP);
            begun = static_cast<std::size_t>(std::count_if(
                accesses.begin() + 1, accesses.end(), [](const access &a) { return !a.write; }));
        };
        run(0x1000);
        ASSERT_EQ(regs.read(DMA_STATUS), 0u);
        ASSERT_EQ(accesses.size(), 1 + 2 * begun);
        ASSERT_EQ(regs.read(DMA_BYTES, 8), begun * burst);
    }
}

TEST_F(dma_outstanding, NextDescriptorIsReadWhenAllIsMoved)
{
    put_descriptor(0x1000, 0x2000, 0x1400, 4 * burst, 0, 0x1400 + 3 * burst);
    put_descriptor(0x2000 + 3 * burst, 0x2800, 0x3800, 2 * burst, last); // is moved there
    run(0x1000);
    EXPECT_EQ(regs.read(DMA_STATUS), DONE);
    EXPECT_EQ(regs.read(DMA_BYTES, 8), 6u * burst);
    EXPECT_EQ(regs.read(DMA_CURRENT, 8), 0x1400u + 3 * burst);
}

} // namespace
} // namespace test_dma_outstanding
