// SPDX-License-Identifier: Apache-2.0
// What a flush promises: that everything written before is safe. A medium tells of a failure once,
// and has then forgotten what it was about (fsync(2)).
#include <random>
#include <set>

#include "nvme_bench.hpp"

namespace test_durability {
namespace {

class nvme_durability : public nvme_bench {
  protected:
    nvme_durability()
    {
        enable();
        create_io_queues();
    }
    void write_blocks(std::uint64_t first, unsigned count = 1)
    {
        EXPECT_EQ(io(transfer(WRITE, first, count, buffer, buffer + page)).status, OK);
    }
    std::uint16_t flush() { return io({FLUSH, 1}).status; }
    void fail_a_flush()
    {
        flush_state = DISK_FAILED;
        EXPECT_EQ(flush(), WRITE_FAULT);
        flush_state = DISK_OK;
    }
    void write_zeros(std::uint64_t block)
    {
        EXPECT_EQ(io(transfer(WRITE_ZEROES, block, 1, 0)).status, OK);
    }
    void deallocate(std::uint64_t block)
    {
        put(buffer + 4, 1, 4);
        put(buffer + 8, block, 8);
        EXPECT_EQ(io({DATASET, 1, buffer, 0, 0, 4}).status, OK);
    }
    static command forced(command c)
    {
        c.dw12 |= 1u << 30;
        return c;
    }
};

TEST_F(nvme_durability, FlushThatFailedStaysFailedUntilTheDataAreWrittenAgain)
{
    write_blocks(3, 4);
    fail_a_flush();
    EXPECT_EQ(flush(), WRITE_FAULT);
    write_blocks(3, 2);
    EXPECT_EQ(flush(), WRITE_FAULT) << "blocks 5 and 6";
    write_blocks(8, 2);
    EXPECT_EQ(flush(), WRITE_FAULT);
    write_blocks(5, 2);
    EXPECT_EQ(flush(), OK);
    EXPECT_EQ(flush(), OK);
}

TEST_F(nvme_durability, FullMediumLosesDataToo)
{
    write_blocks(3);
    flush_state = DISK_FULL;
    EXPECT_EQ(flush(), NO_CAPACITY);
    flush_state = DISK_OK;
    EXPECT_EQ(flush(), WRITE_FAULT);
}

TEST_F(nvme_durability, ZerosAreDataToo)
{
    write_blocks(3, 2);
    fail_a_flush();
    write_zeros(3);
    EXPECT_EQ(flush(), WRITE_FAULT) << "block 4";
    deallocate(4);
    EXPECT_EQ(flush(), OK) << "zeros are in place of what was lost";
    write_zeros(3);
    fail_a_flush();
    EXPECT_EQ(flush(), WRITE_FAULT) << "the zeros are lost";
    write_blocks(3);
    EXPECT_EQ(flush(), OK);
    deallocate(4);
    fail_a_flush();
    EXPECT_EQ(flush(), WRITE_FAULT) << "and those of a deallocation";
    write_blocks(4);
    EXPECT_EQ(flush(), OK);
}

TEST_F(nvme_durability, WhatWasFlushedBeforeIsSafe)
{
    write_blocks(0, 8);
    EXPECT_EQ(flush(), OK);
    write_blocks(20);
    fail_a_flush();
    write_blocks(20);
    EXPECT_EQ(flush(), OK);
}

TEST_F(nvme_durability, ResetOfTheControllerForgetsWhatIsLost)
{
    write_blocks(3);
    fail_a_flush();
    restart();
    create_io_queues();
    EXPECT_EQ(flush(), OK);
    write_blocks(3);
    fail_a_flush();
    restart();
    create_io_queues();
    fail_a_flush();
    EXPECT_EQ(flush(), OK) << "nothing was written since";
    write_blocks(3);
    restart();
    create_io_queues();
    fail_a_flush();
    EXPECT_EQ(flush(), WRITE_FAULT) << "a reset makes nothing safe";
}

TEST_F(nvme_durability, ForcedAccessesAreAboutTheirOwnBlocks)
{
    write_blocks(3);
    fail_a_flush();
    EXPECT_EQ(io(forced(transfer(WRITE, 4, 1, buffer))).status, OK);
    EXPECT_EQ(io(forced(transfer(READ, 4, 1, buffer))).status, OK);
    EXPECT_EQ(io(forced(transfer(READ, 0, 4, buffer))).status, READ_ERROR);
    EXPECT_EQ(io(transfer(READ, 0, 4, buffer)).status, OK);
    EXPECT_EQ(flush(), WRITE_FAULT);
    EXPECT_EQ(io(forced(transfer(WRITE, 3, 1, buffer))).status, OK);
    EXPECT_EQ(flush(), OK);
}

TEST_F(nvme_durability, ForcedWriteThatFailsLosesWhatTheCacheHeld)
{
    write_blocks(3);
    flush_state = DISK_FAILED;
    EXPECT_EQ(io(forced(transfer(WRITE, 9, 1, buffer))).status, WRITE_FAULT);
    flush_state = DISK_OK;
    write_blocks(9);
    EXPECT_EQ(flush(), WRITE_FAULT);
    write_blocks(3);
    EXPECT_EQ(flush(), OK);
}

TEST_F(nvme_durability, CacheStaysOnWhileDataAreLost)
{
    write_blocks(3);
    fail_a_flush();
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 6, 0}).status, WRITE_FAULT);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 6}).result, 1u);
}

TEST_F(nvme_durability, ShutdownTellsOfLostData)
{
    write_blocks(3);
    fail_a_flush();
    write(CC, read(CC) | 1 << 14);
    nvme_run(core.get());
    EXPECT_EQ(read(CSTS), 0xBu) << "done, and fatal";
}

TEST_F(nvme_durability, IsKnownForEachBlock)
{
    constexpr unsigned seed = 1;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    std::set<std::uint64_t> cached, lost;
    for (unsigned i = 0; i < 3000; i++) {
        const std::uint64_t first = random() % 100;
        const unsigned count = 1 + random() % 5;
        if (random() % 4 != 0) {
            write_blocks(first, count);
            for (std::uint64_t block = first; block < first + count; block++) {
                cached.insert(block);
                lost.erase(block);
            }
        } else if (random() % 8 != 0) {
            ASSERT_EQ(flush(), lost.empty() ? OK : WRITE_FAULT) << i;
            cached.clear();
        } else {
            fail_a_flush();
            lost.insert(cached.begin(), cached.end());
            cached.clear();
        }
        if (random() % 8 == 0) {
            const std::uint64_t block = random() % 105;
            const auto read = io(forced(transfer(READ, block, 1, buffer)));
            ASSERT_EQ(read.status, lost.count(block) != 0 ? READ_ERROR : OK) << i << " " << block;
            cached.clear();
        }
    }
}

// 64 ranges are known apart: one that would become two stays lost as a whole.
TEST_F(nvme_durability, RangeThatCannotBeSplitIsNotForgotten)
{
    write_blocks(0, 3);
    for (std::uint64_t block = 10; block < 10 + 2 * 63; block += 2)
        write_blocks(block);
    fail_a_flush();
    write_blocks(1);
    EXPECT_EQ(io(forced(transfer(READ, 0, 1, buffer))).status, READ_ERROR);
    EXPECT_EQ(io(forced(transfer(READ, 2, 1, buffer))).status, READ_ERROR);
    write_blocks(0, 3);
    EXPECT_EQ(io(forced(transfer(READ, 0, 3, buffer))).status, OK);
    EXPECT_EQ(io(forced(transfer(READ, 134, 1, buffer))).status, READ_ERROR) << "the last";
}

// More ranges than are known apart: what is between two of them counts as lost as well.
TEST_F(nvme_durability, OfManyRangesNoneIsForgotten)
{
    for (std::uint64_t block = 0; block < 400; block += 2)
        write_blocks(block);
    fail_a_flush();
    for (std::uint64_t block = 0; block < 400; block += 2)
        EXPECT_EQ(io(forced(transfer(READ, block, 1, buffer))).status, READ_ERROR) << block;
    for (std::uint64_t block = 0; block < 398; block += 2)
        write_blocks(block);
    EXPECT_EQ(flush(), WRITE_FAULT);
    for (std::uint64_t block = 0; block < 398; block++)
        write_blocks(block);
    EXPECT_EQ(flush(), WRITE_FAULT) << "block 398";
    write_blocks(398);
    EXPECT_EQ(flush(), OK);
}

} // namespace
} // namespace test_durability
