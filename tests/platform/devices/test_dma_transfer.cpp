// SPDX-License-Identifier: Apache-2.0
// The DMA engine's transfers: data, bursts, descriptors, failures, STOP.
#include <random>

#include "dma_bench.hpp"

namespace test_dma_transfer {
namespace {

class dma_transfer : public dma_bench {
  protected:
    static constexpr unsigned seed = 20240701;

    void fill_memory(std::mt19937 &random)
    {
        for (auto &byte : memory)
            byte = static_cast<std::uint8_t>(random());
    }

    void expect_failure(unsigned code, std::uint64_t fault_addr, std::uint64_t current)
    {
        EXPECT_EQ(regs.read(DMA_STATUS), ERROR);
        EXPECT_EQ(regs.read(DMA_ERROR_CODE), code);
        EXPECT_EQ(regs.read(DMA_FAULT_ADDR, 8), fault_addr);
        EXPECT_EQ(regs.read(DMA_CURRENT, 8), current);
    }
};

TEST_F(dma_transfer, RunWithoutStartDoesNothing)
{
    dma_run_channel(core.get(), 0);
    EXPECT_TRUE(accesses.empty());
    EXPECT_EQ(regs.read(DMA_STATUS), 0u);
}

TEST_F(dma_transfer, EveryAlignmentMovesExactlyItsBytes)
{
    std::mt19937 random(seed);
    SCOPED_TRACE(::testing::Message() << "seed " << seed);

    for (unsigned src = 0; src < 64; src += 3) {
        for (unsigned dst = 0; dst < 64; dst += 5) {
            const unsigned length = 1 + random() % 300;
            fill_memory(random);
            put_descriptor(0x1000, 0x2000 + src, 0x3000 + dst, length, last);
            auto mirror = memory;
            std::memcpy(&mirror[0x3000 + dst], &mirror[0x2000 + src], length);
            run(0x1000);
            ASSERT_EQ(memory, mirror) << src << " to " << dst << ", " << length << " bytes";
            ASSERT_EQ(regs.read(DMA_STATUS), DONE);
            ASSERT_EQ(regs.read(DMA_BYTES, 8), length);
        }
    }
}

TEST_F(dma_transfer, BurstsCrossNoBoundaryOnEitherSide)
{
    put_descriptor(0x1000, 0x2011, 0x3039, 500, last);
    run(0x1000);
    for (const access &a : accesses)
        EXPECT_EQ(a.addr / 64, (a.addr + a.size - 1) / 64) << a.addr << " size " << a.size;
}

TEST_F(dma_transfer, AlignedTransferUsesTheLargestBurst)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 192, last);
    run(0x1000);
    EXPECT_EQ(accesses.size(), 1u + 2 * 3);
}

TEST_F(dma_transfer, ListIsFollowedToTheLastDescriptor)
{
    put(0x2000, 0x44332211, 4);
    put_descriptor(0x1000, 0x2000, 0x3000, 1, 0, 0x1400);
    put_descriptor(0x1400, 0x2001, 0x3011, 1, 0, 0x1020);
    put_descriptor(0x1020, 0x2002, 0x3022, 2, last, 0x1000);
    run(0x1000);
    EXPECT_EQ(memory[0x3000], 0x11);
    EXPECT_EQ(memory[0x3011], 0x22);
    EXPECT_EQ(memory[0x3022], 0x33);
    EXPECT_EQ(memory[0x3023], 0x44);
    EXPECT_EQ(regs.read(DMA_BYTES, 8), 4u);
    EXPECT_EQ(regs.read(DMA_CURRENT, 8), 0x1020u);
}

TEST_F(dma_transfer, DescriptorsAndDataUseTheChannelsStream)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 10, last);
    regs.write(page(1) + DMA_SSID, 0x80000000 | 0xABCDE);
    run(0x1000, 1);
    ASSERT_EQ(accesses.size(), 3u);
    for (const access &a : accesses) {
        EXPECT_EQ(a.stream, 1u);
        EXPECT_EQ(a.ssid, 0xABCDEu);
    }
}

TEST_F(dma_transfer, WithoutValidThereIsNoSubstream)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 10, last);
    regs.write(DMA_SSID, 0xABCDE);
    run(0x1000);
    EXPECT_EQ(accesses[0].ssid, VP_NO_SSID);
}

TEST_F(dma_transfer, AbortedDescriptorReadIsError1)
{
    abort_at = 0x101F;
    run(0x1000);
    expect_failure(1, 0x1000, 0x1000);
}

TEST_F(dma_transfer, AbortedSourceReadIsError2)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 200, last);
    abort_at = 0x2041;
    run(0x1000);
    expect_failure(2, 0x2040, 0x1000);
    EXPECT_EQ(regs.read(DMA_BYTES, 8), 64u);
}

TEST_F(dma_transfer, AbortedDestinationWriteIsError3)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 200, last);
    abort_at = 0x3080;
    run(0x1000);
    expect_failure(3, 0x3080, 0x1000);
    EXPECT_EQ(regs.read(DMA_BYTES, 8), 128u);
}

TEST_F(dma_transfer, UnalignedFirstDescriptorIsError4WithoutAnAccess)
{
    run(0x1010);
    expect_failure(4, 0x1010, 0x1010);
    EXPECT_TRUE(accesses.empty());
}

TEST_F(dma_transfer, UnalignedNextDescriptorIsError4)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 8, 0, 0x1021);
    run(0x1000);
    expect_failure(4, 0x1021, 0x1021);
    EXPECT_EQ(regs.read(DMA_BYTES, 8), 8u) << "the first was carried out";
}

TEST_F(dma_transfer, LengthZeroIsError4)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 0, last);
    run(0x1000);
    expect_failure(4, 0x1000, 0x1000);
}

TEST_F(dma_transfer, ReservedFlagsAreError4)
{
    for (unsigned bit = 1; bit < 32; bit++) {
        put_descriptor(0x1000, 0x2000, 0x3000, 8, last | 1u << bit);
        run(0x1000);
        expect_failure(4, 0x1000, 0x1000);
    }
}

TEST_F(dma_transfer, ErrorInASecondDescriptorNamesIt)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 8, 0, 0x1020);
    put_descriptor(0x1020, 0x2000, memory_size, 8, last);
    run(0x1000);
    expect_failure(3, memory_size, 0x1020);
}

TEST_F(dma_transfer, AddressesWrapAtTheTop)
{
    put_descriptor(0x1000, ~std::uint64_t{0} - 7, 0x3000, 64, last);
    run(0x1000);
    expect_failure(2, ~std::uint64_t{0} - 7, 0x1000);
    EXPECT_EQ(accesses.back().size, 8u);
}

TEST_F(dma_transfer, StopEndsAfterTheBurstWithoutDone)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 256, last);
    meanwhile = [&](const access &a) {
        if (!a.write && a.addr == 0x2040)
            regs.write(DMA_CTRL, STOP | IRQ_EN);
    };
    run(0x1000);
    EXPECT_EQ(regs.read(DMA_STATUS), 0u);
    EXPECT_EQ(regs.read(DMA_BYTES, 8), 128u) << "the burst in progress is finished";
    EXPECT_EQ(regs.read(DMA_ERROR_CODE), 0u);
    EXPECT_FALSE(lines[0]);
}

TEST_F(dma_transfer, StopDuringTheDescriptorReadMovesNothing)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 256, last);
    meanwhile = [&](const access &) { regs.write(DMA_CTRL, STOP); };
    run(0x1000);
    EXPECT_EQ(regs.read(DMA_STATUS), 0u);
    EXPECT_EQ(regs.read(DMA_BYTES, 8), 0u);
}

TEST_F(dma_transfer, StopInTheLastBurstOfADescriptorReadsNoOther)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 8, 0, 0x1020);
    meanwhile = [&](const access &a) {
        if (a.write)
            regs.write(DMA_CTRL, STOP);
    };
    run(0x1000);
    EXPECT_EQ(accesses.size(), 3u);
    EXPECT_EQ(regs.read(DMA_STATUS), 0u);
}

TEST_F(dma_transfer, StopInTheLastBurstIsTooLate)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 32, last);
    meanwhile = [&](const access &a) {
        if (a.write)
            regs.write(DMA_CTRL, STOP);
    };
    run(0x1000);
    EXPECT_EQ(regs.read(DMA_STATUS), DONE);
}

TEST_F(dma_transfer, DescriptorLoopIsStoppable)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 8, 0, 0x1000);
    meanwhile = [&](const access &) {
        if (accesses.size() == 1000)
            regs.write(DMA_CTRL, STOP);
    };
    run(0x1000);
    EXPECT_EQ(regs.read(DMA_STATUS), 0u);
    EXPECT_LE(accesses.size(), 1002u);
}

TEST_F(dma_transfer, StopWhileIdleDoesNotStopTheNextTransfer)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 8, last);
    regs.write(DMA_CTRL, STOP);
    start(0x1000, 0, START | STOP);
    dma_run_channel(core.get(), 0);
    EXPECT_EQ(regs.read(DMA_STATUS), DONE);
}

TEST_F(dma_transfer, StoppedChannelCanBeStartedAgain)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 8, last);
    meanwhile = [&](const access &) { regs.write(DMA_CTRL, STOP); };
    run(0x1000);
    meanwhile = nullptr;
    run(0x1000);
    EXPECT_EQ(regs.read(DMA_STATUS), DONE);
}

TEST_F(dma_transfer, ChannelsRunWhileAnotherBlocks)
{
    put_descriptor(0x1000, 0x2000, 0x3000, 256, last);
    put_descriptor(0x1020, 0x2100, 0x3100, 4, last);
    bool nested = false;
    meanwhile = [&](const access &) {
        if (!nested) {
            nested = true;
            run(0x1020, 1);
        }
    };
    run(0x1000);
    EXPECT_EQ(regs.read(DMA_STATUS), DONE);
    EXPECT_EQ(regs.read(page(1) + DMA_STATUS), DONE);
    EXPECT_EQ(regs.read(page(1) + DMA_BYTES, 8), 4u);
    EXPECT_EQ(regs.read(DMA_BYTES, 8), 256u);
}

} // namespace
} // namespace test_dma_transfer
