// SPDX-License-Identifier: Apache-2.0
// Registers of the controller, queues, completions and interrupts.
#include <gmock/gmock.h>

#include "nvme_bench.hpp"

namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

std::string mistake(const nvme_config &config)
{
    const nvme_ops ops = {};
    char reason[80] = "";
    nvme_destroy(nvme_create(&config, &ops, reason, sizeof reason));
    return reason;
}

TEST(nvme_controller, MistakesOfAConfigurationAreNamed)
{
    EXPECT_EQ(mistake({1, 8, ""}), "block_shift: is not between 9 and 12");
    EXPECT_EQ(mistake({1, 13, ""}), "block_shift: is not between 9 and 12");
    EXPECT_EQ(mistake({0, 9, ""}), "blocks: the namespace has no size, or one beyond 64 bits");
    EXPECT_EQ(mistake({1ull << 55, 9, ""}),
              "blocks: the namespace has no size, or one beyond 64 bits");
    nvme_config config = {1, 9, ""};
    std::memset(config.serial, 'x', sizeof config.serial);
    EXPECT_EQ(mistake(config), "serial: is longer than 20 characters");
}

class nvme_registers : public nvme_bench {};

TEST_F(nvme_registers, CapabilitiesAndVersion)
{
    EXPECT_EQ(read(CAP, 8), 0x00400020140103ffu)
        << "1024 entries, contiguous, 10 s, NVM commands, pages of 4 to 64 KiB";
    EXPECT_EQ(read(VS), 0x00010400u);
    EXPECT_EQ(read(CSTS), 0u);
}

TEST_F(nvme_registers, EnablingMakesReady)
{
    enable();
    EXPECT_EQ(read(CSTS), 1u);
    EXPECT_EQ(read(CC), 0x00460001u);
    write(CC, 0);
    EXPECT_EQ(read(CSTS), 0u);
    EXPECT_EQ(read(ASQ, 8), asq) << "kept";
}

TEST_F(nvme_registers, AdminQueuesAreFixedWhileEnabled)
{
    enable();
    write(AQA, 0);
    write(ASQ, 0, 8);
    write(ACQ, 0, 8);
    EXPECT_EQ(read(AQA), (entries - 1) << 16 | (entries - 1));
    EXPECT_EQ(read(ASQ, 8), asq);
    EXPECT_EQ(read(ACQ, 8), acq);
}

TEST_F(nvme_registers, HalvesOf64BitRegisters)
{
    write(ASQ + 4, 0x12);
    write(ASQ, 0x34567fff);
    EXPECT_EQ(read(ASQ, 8), 0x1234567000u) << "whole pages";
    EXPECT_EQ(read(ASQ + 4), 0x12u);
}

TEST_F(nvme_registers, OtherSizesAreRefused)
{
    std::uint64_t value = 1;
    EXPECT_EQ(nvme_frame.read(core.get(), CAP, 2, &value), VP_SLVERR);
    EXPECT_EQ(value, 0u);
    EXPECT_EQ(nvme_frame.write(core.get(), CC + 2, 4, 0), VP_SLVERR);
}

TEST_F(nvme_registers, WhatIsNotOfferedIsFatal)
{
    const std::uint32_t bad[] = {1 << 4 | 1, 1 << 11 | 1, 5 << 7 | 1};
    for (const std::uint32_t cc : bad) {
        write(CC, cc);
        EXPECT_EQ(read(CSTS), 2u) << cc;
        write(CC, 0);
        EXPECT_EQ(read(CSTS), 0u) << "a reset is the way out";
    }
}

TEST_F(nvme_registers, QueuesMustBeAlignedToPages)
{
    write(ASQ, 0x11000, 8);
    write(CC, 4 << 7 | 1); // 64 KiB
    EXPECT_EQ(read(CSTS), 2u);
}

TEST_F(nvme_registers, ShutdownFlushesAndCompletes)
{
    enable();
    write(CC, read(CC) | 1 << 14);
    EXPECT_EQ(flushes, 1u);
    EXPECT_EQ(read(CSTS), 0x9u);
    write(CC, read(CC) & ~(3u << 14));
    EXPECT_EQ(read(CSTS), 0x1u);
}

TEST_F(nvme_registers, DoorbellsDoNothingWhileDisabled)
{
    write(DOORBELL, 1);
    EXPECT_EQ(kicks, 0u);
    enable();
    write(DOORBELL, 1);
    EXPECT_EQ(kicks, 1u);
}

// --- queues ---

class nvme_queues : public nvme_bench {
  protected:
    nvme_queues() { enable(); }
};

TEST_F(nvme_queues, CompletionsTellWhoseTheyAre)
{
    create_io_queues();
    const completion done = io({FLUSH, 1});
    EXPECT_EQ(done.status, OK);
    EXPECT_EQ(done.sq, 1u);
    EXPECT_EQ(done.sq_head, 1u);
}

TEST_F(nvme_queues, PhaseTurnsWithEveryRound)
{
    for (unsigned i = 0; i < 3 * entries; i++)
        ASSERT_EQ(admin({GET_FEATURES, 0, 0, 0, 7}).status, OK) << i;
}

TEST_F(nvme_queues, FullCompletionQueueHoldsCommandsBack)
{
    completion done = {};
    create_io_queues();
    for (unsigned i = 0; i < entries - 1; i++)
        submit(1, {FLUSH, 1});
    nvme_run(core.get());
    submit(1, {FLUSH, 1});
    nvme_run(core.get());
    EXPECT_EQ(flushes, entries - 1);
    EXPECT_TRUE(take(1, done));
    nvme_run(core.get());
    EXPECT_EQ(flushes, entries);
}

TEST_F(nvme_queues, QueuesTakeTurns)
{
    std::vector<std::uint64_t> order;
    create_io_queues();
    ASSERT_EQ(admin({CREATE_CQ, 0, 0x6000, 0, (entries - 1) << 16 | 2, 1}).status, OK);
    ASSERT_EQ(admin({CREATE_SQ, 0, 0x5000, 0, (entries - 1) << 16 | 2, 2 << 16 | 1}).status, OK);
    queues[2] = {0x5000, 0x6000};
    for (unsigned i = 0; i < 2; i++) {
        submit(1, {FLUSH, 1});
        submit(2, {FLUSH, 1});
    }
    meanwhile = [&](std::uint64_t addr) {
        if (addr >= iosq && addr < iocq)
            order.push_back(1);
        else if (addr >= 0x5000 && addr < 0x6000)
            order.push_back(2);
    };
    nvme_run(core.get());
    EXPECT_THAT(order, testing::AnyOf(ElementsAre(1, 2, 1, 2), ElementsAre(2, 1, 2, 1)));
}

TEST_F(nvme_queues, MistakesOfCreationAreNamed)
{
    constexpr std::uint32_t size = (entries - 1) << 16;
    create_io_queues();
    const struct {
        command c;
        std::uint16_t status;
    } mistakes[] = {
        {{CREATE_CQ, 0, 0x6000, 0, size | 0, 1}, BAD_QUEUE_ID},
        {{CREATE_CQ, 0, 0x6000, 0, size | 1, 1}, BAD_QUEUE_ID},
        {{CREATE_CQ, 0, 0x6000, 0, size | 65, 1}, BAD_QUEUE_ID},
        {{CREATE_CQ, 0, 0x6000, 0, 2, 1}, BAD_QUEUE_SIZE},
        {{CREATE_CQ, 0, 0x6000, 0, 1024 << 16 | 2, 1}, BAD_QUEUE_SIZE},
        {{CREATE_CQ, 0, 0x6000, 0, size | 2, 0}, BAD_FIELD},
        {{CREATE_CQ, 0, 0x6010, 0, size | 2, 1}, BAD_PRP_OFFSET},
        {{CREATE_CQ, 0, 0x6000, 0, size | 2, 65 << 16 | 1}, BAD_VECTOR},
        {{CREATE_SQ, 0, 0x6000, 0, size | 1, 1 << 16 | 1}, BAD_QUEUE_ID},
        {{CREATE_SQ, 0, 0x6000, 0, size | 2, 0 << 16 | 1}, BAD_QUEUE_ID},
        {{CREATE_SQ, 0, 0x6000, 0, size | 2, 65 << 16 | 1}, BAD_QUEUE_ID},
        {{CREATE_SQ, 0, 0x6000, 0, size | 2, 2 << 16 | 1}, BAD_CQ},
        {{CREATE_SQ, 0, 0x6000, 0, size | 2, 1 << 16 | 0}, BAD_FIELD},
        {{DELETE_SQ, 0, 0, 0, 2}, BAD_QUEUE_ID},
        {{DELETE_SQ, 0, 0, 0, 0}, BAD_QUEUE_ID},
        {{DELETE_CQ, 0, 0, 0, 2}, BAD_QUEUE_ID},
        {{DELETE_CQ, 0, 0, 0, 0xffff}, BAD_QUEUE_ID},
        {{DELETE_CQ, 0, 0, 0, 1}, BAD_DELETION},
    };
    for (const auto &m : mistakes)
        EXPECT_EQ(admin(m.c).status, m.status)
            << unsigned{m.c.opcode} << " " << m.c.dw10 << " " << m.c.dw11;
}

TEST_F(nvme_queues, DeletedQueuesCanBeCreatedAgain)
{
    create_io_queues();
    EXPECT_EQ(admin({DELETE_SQ, 0, 0, 0, 1}).status, OK);
    EXPECT_EQ(admin({DELETE_CQ, 0, 0, 0, 1}).status, OK);
    std::memset(&memory[iocq], 0, 0x1000);
    create_io_queues();
    EXPECT_EQ(io({FLUSH, 1}).status, OK);
}

TEST_F(nvme_queues, UnreadableCommandIsFatal)
{
    abort_at = asq;
    submit(0, {IDENTIFY});
    nvme_run(core.get());
    EXPECT_EQ(read(CSTS), 3u);
}

TEST_F(nvme_queues, UnwritableCompletionIsFatal)
{
    abort_at = acq;
    submit(0, {GET_FEATURES, 0, 0, 0, 7});
    nvme_run(core.get());
    EXPECT_EQ(read(CSTS), 3u);
    EXPECT_THAT(raised, IsEmpty());
}

TEST_F(nvme_queues, ResetMeanwhileDropsTheCommand)
{
    meanwhile = [this](std::uint64_t addr) {
        if (addr == 0x10000)
            write(CC, 0);
    };
    submit(0, {IDENTIFY, 0, 0x10000, 0, 1});
    nvme_run(core.get());
    EXPECT_EQ(get(acq + 14, 2), 0u) << "no completion";
    EXPECT_THAT(raised, IsEmpty());
}

TEST_F(nvme_queues, ResetWhileACommandIsReadDropsIt)
{
    meanwhile = [this](std::uint64_t addr) {
        if (addr == asq)
            write(CC, 0);
    };
    submit(0, {GET_FEATURES, 0, 0, 0, 7});
    nvme_run(core.get());
    EXPECT_EQ(read(CSTS), 0u);
    EXPECT_EQ(get(acq + 14, 2), 0u);
}

TEST_F(nvme_queues, ResetWhileAListIsReadDropsTheCommand)
{
    create_io_queues();
    abort_at = 0x20000;
    meanwhile = [this](std::uint64_t addr) {
        if (addr == abort_at)
            write(CC, 0);
    };
    submit(1, transfer(READ, 0, 32, 0x100000, 0x20000));
    nvme_run(core.get());
    EXPECT_EQ(read(CSTS), 0u);
    EXPECT_EQ(get(iocq + 14, 2), 0u);
}

TEST_F(nvme_queues, ResetWhileDataIsReadLeavesTheMediumAlone)
{
    create_io_queues();
    memory[0x100000] = 0x5a;
    meanwhile = [this](std::uint64_t addr) {
        if (addr == 0x100000)
            write(CC, 0);
    };
    submit(1, transfer(WRITE, 0, 1, 0x100000));
    nvme_run(core.get());
    EXPECT_EQ(disk[0], 0);
}

// --- interrupts ---

TEST_F(nvme_queues, EveryCompletionRaisesTheVectorOfItsQueue)
{
    create_io_queues();
    raised.clear();
    io({FLUSH, 1});
    EXPECT_THAT(raised, ElementsAre(3u));
    admin({GET_FEATURES, 0, 0, 0, 7});
    EXPECT_THAT(raised, ElementsAre(3u, 0u));
}

TEST_F(nvme_queues, QueueWithoutInterruptsRaisesNone)
{
    queues[1] = {iosq, iocq};
    admin({CREATE_CQ, 0, iocq, 0, (entries - 1) << 16 | 1, 1});
    admin({CREATE_SQ, 0, iosq, 0, (entries - 1) << 16 | 1, 1 << 16 | 1});
    raised.clear();
    io({FLUSH, 1});
    EXPECT_THAT(raised, IsEmpty());
}

TEST_F(nvme_queues, PinIsHighUntilCompletionsAreTaken)
{
    completion done = {};
    submit(0, {GET_FEATURES, 0, 0, 0, 7});
    nvme_run(core.get());
    EXPECT_TRUE(pin);
    write(INTMS, 1);
    EXPECT_FALSE(pin);
    EXPECT_EQ(read(INTMS), 1u);
    write(INTMC, 1);
    EXPECT_TRUE(pin);
    take(0, done);
    EXPECT_FALSE(pin);
}

} // namespace
