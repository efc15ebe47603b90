// SPDX-License-Identifier: Apache-2.0
// The DMA engine's registers: values, access sizes, guards, interrupts.
#include <string>

#include "dma_bench.hpp"

namespace test_dma_registers {
namespace {

class dma_registers : public dma_bench {
  protected:
    // One small transfer at 0x1000, of which `meanwhile` can see four accesses or so.
    dma_registers() { put_descriptor(0x1000, 0x2000, 0x3000, 100, last); }
};

TEST_F(dma_registers, ConfigurationOutOfRangeIsNamed)
{
    const dma_ops ops = {};
    const dma_config no_channels = {0, 256};
    const dma_config odd_burst = {1, 96};
    char reason[80];

    EXPECT_EQ(dma_create(&no_channels, &ops, reason, sizeof reason), nullptr);
    EXPECT_EQ(std::string(reason).substr(0, 10), "channels: ");
    EXPECT_EQ(dma_create(&odd_burst, &ops, reason, sizeof reason), nullptr);
    EXPECT_EQ(std::string(reason).substr(0, 13), "burst_bytes: ");
}

TEST_F(dma_registers, IdAndCapsAreConstant)
{
    for (unsigned channel : {0, 1}) {
        regs.write(page(channel) + DMA_ID, 0);
        regs.write(page(channel) + DMA_CAPS, 0);
        EXPECT_EQ(regs.read(page(channel) + DMA_ID), 0x31414D44u);
        EXPECT_EQ(regs.read(page(channel) + DMA_CAPS), 6u << 8 | 2u);
    }
}

TEST_F(dma_registers, ResetValuesAreZero)
{
    for (std::uint64_t at : {DMA_CTRL, DMA_STATUS, DMA_ERROR_CODE, DMA_SSID})
        EXPECT_EQ(regs.read(at), 0u) << at;
    for (std::uint64_t at : {DMA_DESC, DMA_CURRENT, DMA_FAULT_ADDR, DMA_BYTES})
        EXPECT_EQ(regs.read(at, 8), 0u) << at;
}

TEST_F(dma_registers, DescTakesWholeAndHalfAccesses)
{
    regs.write(DMA_DESC, 0x1122334455667788, 8);
    EXPECT_EQ(regs.read(DMA_DESC), 0x55667788u);
    EXPECT_EQ(regs.read(DMA_DESC + 4), 0x11223344u);
    regs.write(DMA_DESC + 4, 0xAABBCCDD);
    EXPECT_EQ(regs.read(DMA_DESC, 8), 0xAABBCCDD55667788u);
    regs.write(DMA_DESC, 0x01020304);
    EXPECT_EQ(regs.read(DMA_DESC, 8), 0xAABBCCDD01020304u);
}

TEST_F(dma_registers, ReadOnlyRegistersIgnoreWrites)
{
    for (std::uint64_t at : {DMA_CURRENT, DMA_FAULT_ADDR, DMA_BYTES}) {
        regs.write(at, ~std::uint64_t{0}, 8);
        EXPECT_EQ(regs.read(at, 8), 0u) << at;
    }
    regs.write(DMA_ERROR_CODE, 4);
    EXPECT_EQ(regs.read(DMA_ERROR_CODE), 0u);
}

TEST_F(dma_registers, SsidHasTwentyBitsAndValid)
{
    regs.write(DMA_SSID, 0xFFFFFFFF);
    EXPECT_EQ(regs.read(DMA_SSID), 0x800FFFFFu);
}

TEST_F(dma_registers, ChannelsHaveTheirOwnPages)
{
    regs.write(page(1) + DMA_DESC, 0x40, 8);
    regs.write(page(1) + DMA_CTRL, IRQ_EN);
    EXPECT_EQ(regs.read(DMA_DESC, 8), 0u);
    EXPECT_EQ(regs.read(DMA_CTRL), 0u);
    EXPECT_EQ(regs.read(page(1) + DMA_CTRL), IRQ_EN);
}

TEST_F(dma_registers, BadAccessesAreRefused)
{
    EXPECT_EQ(regs.read_status(DMA_ID, 8), VP_SLVERR) << "two registers";
    EXPECT_EQ(regs.read_status(DMA_DESC + 4, 8), VP_SLVERR);
    EXPECT_EQ(regs.read_status(DMA_STATUS, 1), VP_SLVERR);
    EXPECT_EQ(regs.write_status(DMA_STATUS, 2), VP_SLVERR);
    EXPECT_EQ(regs.write_status(DMA_STATUS, 3), VP_SLVERR);
    EXPECT_EQ(regs.read_status(page(2), 4), VP_DECERR);
    EXPECT_EQ(regs.read_status(~std::uint64_t{3}, 4), VP_DECERR);
}

TEST_F(dma_registers, ReservedOffsetsAreRazWi)
{
    for (std::uint64_t at : {0x38ul, 0x100ul, 0xFFCul}) {
        regs.write(at, 0xFFFFFFFF);
        EXPECT_EQ(regs.read(at), 0u) << at;
    }
}

TEST_F(dma_registers, StartAndStopReadAsZero)
{
    start(0x1000, 0, START | IRQ_EN);
    EXPECT_EQ(regs.read(DMA_CTRL), IRQ_EN);
    EXPECT_EQ(regs.read(DMA_STATUS), BUSY);
    EXPECT_EQ(started, (std::vector<unsigned>{0}));
}

TEST_F(dma_registers, StartWhileBusyIsIgnored)
{
    put_descriptor(0x1020, 0x2000, 0x3800, 4, last);
    unsigned tries = 0;
    meanwhile = [&](const access &) {
        if (tries++ == 0)
            start(0x1020);
    };
    run(0x1000);
    EXPECT_EQ(started.size(), 1u);
    EXPECT_EQ(regs.read(DMA_STATUS), DONE);
    EXPECT_EQ(regs.read(DMA_BYTES, 8), 100u);
    EXPECT_EQ(regs.read(DMA_CURRENT, 8), 0x1000u);
    EXPECT_EQ(regs.read(DMA_DESC, 8), 0x1020u) << "kept for the next START";
}

TEST_F(dma_registers, SsidWrittenWhileBusyIsForTheNextTransfer)
{
    regs.write(DMA_SSID, 0x80000005);
    meanwhile = [&](const access &) { regs.write(DMA_SSID, 0x80000006); };
    run(0x1000);
    for (const access &a : accesses)
        EXPECT_EQ(a.ssid, 5u);
    accesses.clear();
    run(0x1000);
    EXPECT_EQ(accesses[0].ssid, 6u);
}

TEST_F(dma_registers, StatusCannotBeClearedWhileBusy)
{
    meanwhile = [&](const access &) {
        regs.write(DMA_STATUS, BUSY | DONE | ERROR);
        EXPECT_EQ(regs.read(DMA_STATUS), BUSY);
    };
    run(0x1000);
    EXPECT_EQ(regs.read(DMA_STATUS), DONE);
}

TEST_F(dma_registers, DoneIsWriteOneToClear)
{
    run(0x1000);
    regs.write(DMA_STATUS, ERROR | BUSY);
    EXPECT_EQ(regs.read(DMA_STATUS), DONE);
    regs.write(DMA_STATUS, DONE);
    EXPECT_EQ(regs.read(DMA_STATUS), 0u);
}

TEST_F(dma_registers, ErrorIsWriteOneToClear)
{
    run(0x1001);
    regs.write(DMA_STATUS, DONE);
    EXPECT_EQ(regs.read(DMA_STATUS), ERROR);
    regs.write(DMA_STATUS, ERROR);
    EXPECT_EQ(regs.read(DMA_STATUS), 0u);
    EXPECT_EQ(regs.read(DMA_ERROR_CODE), 4u) << "stays for the reader";
}

TEST_F(dma_registers, StartForgetsTheLastOutcome)
{
    run(0x1001);
    start(0x1000);
    EXPECT_EQ(regs.read(DMA_STATUS), BUSY);
    EXPECT_EQ(regs.read(DMA_ERROR_CODE), 0u);
    EXPECT_EQ(regs.read(DMA_FAULT_ADDR, 8), 0u);
    EXPECT_EQ(regs.read(DMA_BYTES, 8), 0u);
}

TEST_F(dma_registers, InterruptIsLevelOfDoneOrErrorWhenEnabled)
{
    run(0x1000, 1);
    EXPECT_FALSE(lines[1]);
    regs.write(page(1) + DMA_CTRL, IRQ_EN);
    EXPECT_TRUE(lines[1]);
    EXPECT_FALSE(lines[0]);
    regs.write(page(1) + DMA_STATUS, DONE);
    EXPECT_FALSE(lines[1]);
    start(0x1001, 1, START | IRQ_EN);
    dma_run_channel(core.get(), 1);
    EXPECT_TRUE(lines[1]);
    regs.write(page(1) + DMA_CTRL, 0);
    EXPECT_FALSE(lines[1]);
}

} // namespace
} // namespace test_dma_registers
