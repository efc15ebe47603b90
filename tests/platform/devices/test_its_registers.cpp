// SPDX-License-Identifier: Apache-2.0
// The ITS's memory-mapped registers: what they hold, when they can be written, which accesses they
// take.
#include "its_bench.hpp"

namespace test_its_registers {
namespace {

using its_registers = its_bench;

TEST_F(its_registers, IdentificationSaysGicV3)
{
    EXPECT_EQ(regs.read(0xFFE8) >> 4 & 0xF, 3u) << "GITS_PIDR2.ArchRev";
    EXPECT_EQ(regs.read(GITS_IIDR) & 0xFFF, 0x43Bu);
    EXPECT_EQ(regs.read(0xFFF0), 0x0Du);
    EXPECT_EQ(regs.read(0xFFFC), 0xB1u);
}

TEST_F(its_registers, TyperTellsSizes)
{
    const std::uint64_t typer = regs.read(GITS_TYPER, 8);

    EXPECT_EQ(typer & 3, 1u) << "physical LPIs only";
    EXPECT_EQ(typer >> 4 & 0xF, 7u) << "8 bytes for each EventID";
    EXPECT_EQ(typer >> 8 & 0x1F, 15u) << "EventIDs of 16 bits";
    EXPECT_EQ(typer >> 13 & 0x1F, 19u) << "DeviceIDs of 20 bits";
    EXPECT_EQ(typer >> 18, 0u) << "SEIS, PTA, HCC, CIL";
    regs.write(GITS_TYPER, 0, 8);
    EXPECT_EQ(regs.read(GITS_TYPER, 8), typer);
    EXPECT_EQ(regs.read(GITS_TYPER + 4), 0u);
}

TEST_F(its_registers, DisabledIsQuiescent)
{
    EXPECT_EQ(regs.read(GITS_CTLR), 0x80000000u);
    regs.write(GITS_CTLR, 0xFFFFFFFF);
    EXPECT_EQ(regs.read(GITS_CTLR), 1u);
    regs.write(GITS_CTLR, 0);
    EXPECT_EQ(regs.read(GITS_CTLR), 0x80000000u);
}

TEST_F(its_registers, IsNotQuiescentWhileACommandIsPerformed)
{
    std::uint64_t during = 0;

    start();
    push(mapc(0, 0));
    regs.write(GITS_CWRITER, tail, 8);
    memory.on_read = [&] {
        regs.write(GITS_CTLR, 0);
        during = regs.read(GITS_CTLR);
        regs.write(GITS_CBASER, 0, 8);
    };
    its_run(translator.get(), all);
    EXPECT_EQ(during, 0u);
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 32u) << "the queue is still the same";
    EXPECT_EQ(regs.read(GITS_CTLR), 0x80000000u);
}

TEST_F(its_registers, CbaserKeepsAddressSizeAndAttributes)
{
    regs.write(GITS_CBASER, ~std::uint64_t{0}, 8);
    EXPECT_EQ(regs.read(GITS_CBASER, 8), 0xB8EFFFFFFFFFFCFFu);
    regs.write(GITS_CBASER, 0x1000);
    regs.write(GITS_CBASER + 4, 0x80000000);
    EXPECT_EQ(regs.read(GITS_CBASER, 8), 0x8000000000001000u);
}

TEST_F(its_registers, WritingCbaserRewindsTheQueue)
{
    start();
    EXPECT_TRUE(perform(sync(0)));
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 32u);
    regs.write(GITS_CTLR, 0);
    regs.write(GITS_CBASER, queue | bit63, 8);
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 0u);
}

TEST_F(its_registers, BasesCannotBeWrittenWhileEnabled)
{
    start();
    for (std::uint64_t at : {GITS_CBASER, GITS_BASER0, GITS_BASER1}) {
        const std::uint64_t before = regs.read(at, 8);
        regs.write(at, 0, 8);
        EXPECT_EQ(regs.read(at, 8), before) << at;
    }
}

TEST_F(its_registers, QueueOffsetsAreMultiplesOfACommand)
{
    regs.write(GITS_CWRITER, ~std::uint64_t{0}, 8);
    EXPECT_EQ(regs.read(GITS_CWRITER, 8), 0xFFFE0u) << "Retry reads as 0";
    regs.write(GITS_CREADR, ~std::uint64_t{0}, 8);
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 0u);
}

TEST_F(its_registers, BasersTellTypeAndEntrySize)
{
    EXPECT_EQ(regs.read(GITS_BASER0, 8), 0x0107000000000200u) << "devices, 8 bytes";
    EXPECT_EQ(regs.read(GITS_BASER1, 8), 0x0407000000000200u) << "collections, 8 bytes";
    for (std::uint64_t at : {GITS_BASER0, GITS_BASER1}) {
        const std::uint64_t fixed = regs.read(at, 8) & ~page_64k;
        regs.write(at, 0xFFFFFFFFFFFFFCFFu, 8);
        EXPECT_EQ(regs.read(at, 8), fixed | 0xF8E0FFFFFFFFFCFFu);
        regs.write(at, 0, 8);
        EXPECT_EQ(regs.read(at, 8), fixed);
    }
}

TEST_F(its_registers, BasersTakeThreePageSizes)
{
    const struct {
        std::uint64_t written, read;
    } sizes[] = {
        {0x0F000, 0x0F000},          // 4 KiB
        {0x0F000 | 1 << 8, 0x0C100}, // 16 KiB: bits [13:12] are RES0
        {0x0F000 | 2 << 8, 0x0F200}, // 64 KiB: bits [15:12] are those [51:48] of the address
        {0x1F000 | 3 << 8, 0x1F200}, // as 64 KiB
    };

    for (const auto &size : sizes) {
        regs.write(GITS_BASER0, size.written, 8);
        EXPECT_EQ(regs.read(GITS_BASER0), size.read);
    }
}

TEST_F(its_registers, OtherTablesDoNotExist)
{
    for (std::uint64_t at = GITS_BASER1 + 8; at < 0x140; at += 8) {
        regs.write(at, ~std::uint64_t{0}, 8);
        EXPECT_EQ(regs.read(at, 8), 0u) << at;
    }
}

TEST_F(its_registers, BadAccessesAreRefused)
{
    EXPECT_EQ(regs.read_status(GITS_CTLR, 8), VP_SLVERR);
    EXPECT_EQ(regs.read_status(GITS_CTLR, 2), VP_SLVERR);
    EXPECT_EQ(regs.write_status(GITS_CWRITER, 1), VP_SLVERR);
    EXPECT_EQ(regs.write_status(GITS_CWRITER + 4, 8), VP_SLVERR);
    EXPECT_EQ(regs.write_status(GITS_TRANSLATER, 8), VP_SLVERR);
    EXPECT_EQ(regs.write_status(GITS_TRANSLATER, 1), VP_SLVERR);
    EXPECT_EQ(regs.read_status(ITS_SIZE, 4), VP_DECERR);
    EXPECT_EQ(regs.write_status(std::uint64_t{1} << 32, 4), VP_DECERR);
}

TEST_F(its_registers, TranslaterReadsAsZeroAndTakesHalfwords)
{
    start();
    map_one();
    EXPECT_EQ(regs.read(GITS_TRANSLATER), 0u);
    requester.device_id = 5;
    regs.write(GITS_TRANSLATER, 1, 2);
    EXPECT_EQ(acknowledge(), lpi);
}

TEST_F(its_registers, ReservedRegistersAreRazWi)
{
    for (std::uint64_t at : {0x10, 0x20, 0x140, 0x1000, 0x10000, 0x10044, 0x1FFFC}) {
        regs.write(at, 0xFFFFFFFF);
        EXPECT_EQ(regs.read(at), 0u) << at;
    }
}

} // namespace
} // namespace test_its_registers
