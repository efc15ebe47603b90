// SPDX-License-Identifier: Apache-2.0
// Queues: rounds, creation and deletion, doorbells, completions and interrupts.
#include <gmock/gmock.h>

#include "nvme_bench.hpp"

namespace test_queue {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::IsEmpty;

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
    EXPECT_THAT(order, AnyOf(ElementsAre(1, 2, 1, 2), ElementsAre(2, 1, 2, 1)));
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

TEST_F(nvme_queues, CreationNeedsTheEntrySizesOfTheSpecification)
{
    write(CC, 0);
    std::memset(&memory[acq], 0, 0x1000);
    queues[0] = {asq, acq};
    write(CC, 4 << 20 | 5 << 16 | 1);
    EXPECT_EQ(admin({CREATE_CQ, 0, iocq, 0, (entries - 1) << 16 | 1, 1}).status, BAD_QUEUE_SIZE);
}

TEST_F(nvme_queues, ThereAre64Pairs)
{
    for (unsigned i = 1; i <= 64; i++) {
        const std::uint64_t at = 0x10000 + i * 0x2000;
        ASSERT_EQ(admin({CREATE_CQ, 0, at, 0, (entries - 1) << 16 | i, i << 16 | 3}).status, OK);
        ASSERT_EQ(
            admin({CREATE_SQ, 0, at + 0x1000, 0, (entries - 1) << 16 | i, i << 16 | 1}).status, OK);
        queues[i] = {at + 0x1000, at};
    }
    raised.clear();
    for (unsigned i = 1; i <= 64; i++) {
        EXPECT_EQ(run(i, {FLUSH, 1}).status, OK);
        EXPECT_EQ(raised.back(), i);
    }
}

TEST_F(nvme_queues, SubmissionQueuesMayShareACompletionQueue)
{
    completion done = {};
    create_io_queues();
    ASSERT_EQ(admin({CREATE_SQ, 0, 0x5000, 0, (entries - 1) << 16 | 2, 1 << 16 | 1}).status, OK);
    queues[2] = {0x5000, 0x6000};
    submit(2, {FLUSH, 1});
    nvme_run(core.get());
    ASSERT_TRUE(take(1, done));
    EXPECT_EQ(done.sq, 2u);
}

TEST_F(nvme_queues, CommandsOfADeletedQueueAreForgotten)
{
    completion done = {};
    create_io_queues();
    for (unsigned i = 0; i < entries - 1; i++)
        submit(1, {FLUSH, 1});
    nvme_run(core.get()); // the completion queue is full
    for (unsigned i = 0; i < 3; i++)
        submit(1, {FLUSH, 1});
    EXPECT_EQ(admin({DELETE_SQ, 0, 0, 0, 1}).status, OK);
    while (take(1, done)) {
    }
    nvme_run(core.get());
    EXPECT_EQ(flushes, entries - 1);
    EXPECT_EQ(admin({DELETE_CQ, 0, 0, 0, 1}).status, OK);
}

TEST_F(nvme_queues, LargeQueuesWrap)
{
    constexpr unsigned size = 1024;
    const auto at = [](unsigned i) { return 0x100000 + 64 * std::uint64_t{i % size}; };
    ASSERT_EQ(admin({CREATE_CQ, 0, 0x180000, 0, (size - 1) << 16 | 1, 1}).status, OK);
    ASSERT_EQ(admin({CREATE_SQ, 0, 0x100000, 0, (size - 1) << 16 | 1, 1 << 16 | 1}).status, OK);
    for (unsigned i = 0; i < 3 * size; i++) {
        put(at(i) + 2, i & 0xffff, 2);
        put(at(i) + 4, 1, 4);
        write(DOORBELL + 8, (i + 1) % size);
        nvme_run(core.get());
        const std::uint64_t entry = 0x180000 + 16 * std::uint64_t{i % size};
        ASSERT_EQ(get(entry + 12, 2), i & 0xffff);
        ASSERT_EQ(get(entry + 14, 2), i / size % 2 == 0 ? 1u : 0u) << "phase of " << i;
        ASSERT_EQ(get(entry + 8, 2), (i + 1) % size) << "head";
        write(DOORBELL + 12, (i + 1) % size);
    }
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

TEST_F(nvme_queues, NothingHappensAfterAFatalStatus)
{
    abort_at = acq;
    submit(0, {GET_FEATURES, 0, 0, 0, 7});
    nvme_run(core.get());
    abort_at = nowhere;
    submit(0, {GET_FEATURES, 0, 0, 0, 7});
    nvme_run(core.get());
    EXPECT_EQ(get(acq + 16 + 14, 2), 0u);
    restart();
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 7}).status, OK) << "a reset is the way out";
}

TEST_F(nvme_queues, CompletionMayBeTakenAsSoonAsItIsInMemory)
{
    submit(0, {ASYNC_EVENT});
    submit(0, {GET_FEATURES, 0, 0, 0, 7});
    meanwhile = [this](std::uint64_t addr) {
        if (addr == acq)
            write(DOORBELL + 4, 1);
    };
    nvme_run(core.get());
    EXPECT_EQ(get(acq + 16 + 14, 2), 0u) << "no event of a bad doorbell";
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
} // namespace test_queue
