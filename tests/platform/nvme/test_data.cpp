// SPDX-License-Identifier: Apache-2.0
// Commands that move blocks: PRPs, limits, errors.
#include <numeric>

#include "nvme_bench.hpp"

namespace test_data {
namespace {

class nvme_data : public nvme_bench {
  protected:
    nvme_data()
    {
        enable();
        create_io_queues();
    }
};

TEST_F(nvme_data, ReadsBlocks)
{
    EXPECT_EQ(io(transfer(READ, 5, 8, buffer)).status, OK);
    EXPECT_TRUE(same(buffer, 5 * 512, 4096));
    EXPECT_EQ(memory[buffer + 4096], 0u);
}

TEST_F(nvme_data, WritesBlocks)
{
    std::iota(memory.begin() + buffer, memory.begin() + buffer + 1024, std::uint8_t{1});
    EXPECT_EQ(io(transfer(WRITE, 100, 2, buffer)).status, OK);
    EXPECT_TRUE(same(buffer, 100 * 512, 1024));
    EXPECT_EQ(disk[102 * 512], static_cast<std::uint8_t>(102 * 512 * 7 + 102));
}

TEST_F(nvme_data, FirstPageMayHaveAnOffset)
{
    EXPECT_EQ(io(transfer(READ, 0, 8, buffer + 0x404, buffer + 3 * page)).status, OK);
    EXPECT_TRUE(same(buffer + 0x404, 0, page - 0x404));
    EXPECT_TRUE(same(buffer + 3 * page, page - 0x404, 0x404));
}

TEST_F(nvme_data, SecondPageNeedsNoList)
{
    EXPECT_EQ(io(transfer(READ, 0, 16, buffer, buffer + 3 * page)).status, OK);
    EXPECT_TRUE(same(buffer, 0, page));
    EXPECT_TRUE(same(buffer + 3 * page, page, page));
}

TEST_F(nvme_data, ListScattersPages)
{
    for (unsigned i = 0; i < 3; i++)
        put(list + 8 * i, buffer + (8 - 2 * i) * page, 8);
    EXPECT_EQ(io(transfer(READ, 0, 32, buffer, list)).status, OK);
    EXPECT_TRUE(same(buffer, 0, page));
    for (unsigned i = 0; i < 3; i++)
        EXPECT_TRUE(same(buffer + (8 - 2 * i) * page, (i + 1) * page, page)) << i;
}

TEST_F(nvme_data, ListGoesOnInItsLastEntry)
{
    const std::uint64_t start = list + page - 16; // room for one page, then for the next list
    put(start, buffer + page, 8);
    put(start + 8, list + page, 8);
    put(list + page, buffer + 2 * page, 8);
    put(list + page + 8, buffer + 3 * page, 8);
    EXPECT_EQ(io(transfer(READ, 0, 32, buffer, start)).status, OK);
    EXPECT_TRUE(same(buffer, 0, 4 * page));
}

TEST_F(nvme_data, LastEntryOfAListMayBeData)
{
    const std::uint64_t start = list + page - 16;
    put(start, buffer + page, 8);
    put(start + 8, buffer + 2 * page, 8);
    EXPECT_EQ(io(transfer(READ, 0, 24, buffer, start)).status, OK);
    EXPECT_TRUE(same(buffer, 0, 3 * page));
}

TEST_F(nvme_data, NoMoreOfAListIsReadThanIsNeeded)
{
    put_prps(buffer + page, 3);
    abort_at = list + 24;
    EXPECT_EQ(io(transfer(READ, 0, 32, buffer, list)).status, OK);
    EXPECT_TRUE(same(buffer, 0, 4 * page));
}

TEST_F(nvme_data, NextPageOfAListMayFollowTheData)
{
    const std::uint64_t start = list + page - 16;
    put(start, buffer + page, 8);
    put(start + 8, buffer + 2 * page, 8);
    put(buffer + 2 * page, buffer + 4 * page, 8);
    put(buffer + 2 * page + 8, buffer + 5 * page, 8);
    EXPECT_EQ(io(transfer(READ, 0, 32, buffer, start)).status, OK);
    EXPECT_TRUE(same(buffer, 0, 2 * page));
    EXPECT_TRUE(same(buffer + 4 * page, 2 * page, 2 * page));
}

struct nvme_with_small_transfers : nvme_bench {
    nvme_with_small_transfers() : nvme_bench(5)
    {
        enable();
        create_io_queues();
    }
};

// 5.15.2.2: pages of 4 KiB as a power of two.
TEST_F(nvme_with_small_transfers, RefusesLargerOnesThanItSays)
{
    ASSERT_EQ(admin({IDENTIFY, 0, buffer, 0, 1}).status, OK);
    EXPECT_EQ(memory[buffer + 77], 5u) << "MDTS: 128 KiB";
    const std::uint64_t prp2 = put_prps(buffer + page, 32);
    EXPECT_EQ(io(transfer(READ, 0, 256, buffer, prp2)).status, OK);
    EXPECT_EQ(io(transfer(READ, 0, 257, buffer, prp2)).status, BAD_FIELD);
}

TEST_F(nvme_data, AccessesToMemoryHaveALimit)
{
    const command c = transfer(WRITE, 0, most, 0);
    EXPECT_EQ(io(with_sgl(c, DATA_BLOCK, buffer, most * 512)).status, OK);
    EXPECT_EQ(largest, 0x20000u);
}

TEST_F(nvme_data, LargerPagesNeedFewerEntries)
{
    write(CC, 0);
    std::memset(&memory[acq], 0, 0x4000);
    write(ASQ, 0x10000, 8);
    write(ACQ, 0x20000, 8);
    queues[0] = {0x10000, 0x20000};
    write(CC, 4 << 20 | 6 << 16 | 4 << 7 | 1);
    ASSERT_EQ(admin({CREATE_CQ, 0, 0x30000, 0, (entries - 1) << 16 | 1, 1}).status, OK);
    ASSERT_EQ(admin({CREATE_SQ, 0, 0x40000, 0, (entries - 1) << 16 | 1, 1 << 16 | 1}).status, OK);
    queues[1] = {0x40000, 0x30000};
    EXPECT_EQ(io(transfer(READ, 0, 200, 0x100000, 0x110000)).status, OK);
    EXPECT_TRUE(same(0x100000, 0, 200 * 512));
}

TEST_F(nvme_data, ListsGoOnAtPages)
{
    put(list + page - 8, list + 4 * page + 8, 8); // entries there would be good: zeros
    EXPECT_EQ(io(transfer(READ, 0, 32, buffer, list + page - 8)).status, BAD_PRP_OFFSET);
}

TEST_F(nvme_data, PrpOffsetsAreChecked)
{
    put(list, buffer + 8, 8);
    EXPECT_EQ(io(transfer(READ, 0, 1, buffer + 2)).status, BAD_PRP_OFFSET) << "not a dword";
    EXPECT_EQ(io(transfer(READ, 0, 16, buffer, buffer + 8)).status, BAD_PRP_OFFSET);
    EXPECT_EQ(io(transfer(READ, 0, 32, buffer, list + 4)).status, BAD_PRP_OFFSET);
    EXPECT_EQ(io(transfer(READ, 0, 32, buffer, list)).status, BAD_PRP_OFFSET);
}

TEST_F(nvme_data, RangesAreChecked)
{
    EXPECT_EQ(io(transfer(READ, blocks - 1, 1, buffer)).status, OK);
    EXPECT_EQ(io(transfer(READ, blocks, 1, buffer)).status, OUT_OF_RANGE);
    EXPECT_EQ(io(transfer(READ, blocks - 1, 2, buffer)).status, OUT_OF_RANGE);
    EXPECT_EQ(io(transfer(WRITE, ~0ull, 1, buffer)).status, OUT_OF_RANGE);
    EXPECT_EQ(io(transfer(WRITE_ZEROES, blocks - 1, 2, 0)).status, OUT_OF_RANGE);
}

TEST_F(nvme_data, TransfersAreLimited)
{
    const std::uint64_t prp2 = put_prps(buffer + page, most / 8 - 1);
    EXPECT_EQ(io(transfer(READ, 7, most, buffer, prp2)).status, OK) << "4 MiB";
    EXPECT_TRUE(same(buffer, 7 * 512, most * std::size_t{512}));
    EXPECT_EQ(io(transfer(READ, 7, most + 1, buffer, prp2)).status, BAD_FIELD);
}

TEST_F(nvme_data, NamespaceIsChecked)
{
    EXPECT_EQ(io({READ, 2, buffer}).status, BAD_NAMESPACE);
    EXPECT_EQ(io({READ, 0xffffffff, buffer}).status, BAD_NAMESPACE);
    EXPECT_EQ(io({FLUSH, 0xffffffff}).status, OK);
}

TEST_F(nvme_data, AbortsOfTheBusAreTransferErrors)
{
    abort_at = buffer;
    EXPECT_EQ(io(transfer(READ, 0, 1, buffer)).status, TRANSFER_ERROR);
    EXPECT_EQ(io(transfer(WRITE, 0, 1, buffer)).status, TRANSFER_ERROR);
    EXPECT_EQ(admin({IDENTIFY, 0, buffer, 0, 1}).status, TRANSFER_ERROR);
    abort_at = list;
    EXPECT_EQ(io(transfer(READ, 0, 32, buffer, list)).status, TRANSFER_ERROR);
}

TEST_F(nvme_data, FailedWriteLeavesTheDiskAlone)
{
    const std::vector<std::uint8_t> before = disk;
    abort_at = buffer + page;
    EXPECT_EQ(io(transfer(WRITE, 0, 16, buffer, buffer + page)).status, TRANSFER_ERROR);
    EXPECT_EQ(disk, before);
}

TEST_F(nvme_data, FailuresOfTheMediumAreTold)
{
    disk_state = DISK_FAILED;
    EXPECT_EQ(io(transfer(READ, 0, 1, buffer)).status, READ_ERROR);
    EXPECT_EQ(io(transfer(COMPARE, 0, 1, buffer)).status, READ_ERROR);
    EXPECT_EQ(io(transfer(WRITE, 0, 1, buffer)).status, WRITE_FAULT);
    EXPECT_EQ(io(transfer(WRITE_ZEROES, 0, 1, 0)).status, WRITE_FAULT);
    EXPECT_EQ(io({FLUSH, 1}).status, WRITE_FAULT);
    disk_state = DISK_FULL;
    const completion done = io(transfer(WRITE, 0, 1, buffer));
    EXPECT_EQ(done.status, NO_CAPACITY);
    EXPECT_FALSE(done.final) << "there may be room later";
}

// --- Compare ---

TEST_F(nvme_data, CompareTellsWhetherBlocksAreTheSame)
{
    io(transfer(READ, 3, 16, buffer, buffer + page));
    EXPECT_EQ(io(transfer(COMPARE, 3, 16, buffer, buffer + page)).status, OK);
    memory[buffer + 2 * page - 1] ^= 0x80;
    EXPECT_EQ(io(transfer(COMPARE, 3, 16, buffer, buffer + page)).status, DIFFERENT);
    EXPECT_EQ(io(transfer(COMPARE, blocks, 1, buffer)).status, OUT_OF_RANGE);
    abort_at = buffer;
    EXPECT_EQ(io(transfer(COMPARE, 3, 16, buffer, buffer + page)).status, TRANSFER_ERROR);
}

// --- zeros ---

TEST_F(nvme_data, WriteZeroesTakesNoMemory)
{
    EXPECT_EQ(io(transfer(WRITE_ZEROES, 10, 20, 0)).status, OK);
    EXPECT_EQ(zeros(10), 20u);
    EXPECT_EQ(deallocations, 0u);
    EXPECT_EQ(io(transfer(WRITE_ZEROES, 0, blocks, 0)).status, OK) << "MDTS is not for it";
    EXPECT_EQ(zeros(0), blocks);
}

TEST_F(nvme_data, WriteZeroesMayDeallocate)
{
    command c = transfer(WRITE_ZEROES, 10, 20, 0);
    c.dw12 |= 1u << 25;
    EXPECT_EQ(io(c).status, OK);
    EXPECT_EQ(zeros(10), 20u);
    EXPECT_EQ(deallocations, 1u);
}

TEST_F(nvme_data, DeallocatedRangesReadAsZeros)
{
    put(buffer + 4, 2, 4);
    put(buffer + 8, 7, 8);
    put(buffer + 16 + 4, 1, 4);
    put(buffer + 16 + 8, 50, 8);
    EXPECT_EQ(io({DATASET, 1, buffer, 0, 1, 3}).status, OK);
    EXPECT_EQ(zeros(7), 0u) << "other hints";
    EXPECT_EQ(io({DATASET, 1, buffer, 0, 1, 4}).status, OK);
    EXPECT_EQ(zeros(7), 2u);
    EXPECT_EQ(zeros(50), 1u);
    EXPECT_EQ(deallocations, 2u);
}

TEST_F(nvme_data, DeallocationChecksAllRangesFirst)
{
    put(buffer + 4, 2, 4);
    put(buffer + 8, 7, 8);
    put(buffer + 16 + 4, 2, 4);
    put(buffer + 16 + 8, blocks - 1, 8);
    EXPECT_EQ(io({DATASET, 1, buffer, 0, 1, 4}).status, OUT_OF_RANGE);
    EXPECT_EQ(zeros(7), 0u);
    put(buffer + 16 + 4, 0, 4);
    EXPECT_EQ(io({DATASET, 1, buffer, 0, 1, 4}).status, OK) << "a range may be empty";
    abort_at = buffer;
    EXPECT_EQ(io({DATASET, 1, buffer, 0, 0, 4}).status, TRANSFER_ERROR);
}

} // namespace
} // namespace test_data
