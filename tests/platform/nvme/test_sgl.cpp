// SPDX-License-Identifier: Apache-2.0
// Scatter gather lists: what they may consist of, and how those that are wrong end (NVM
// Express 1.4, 4.4).
#include <numeric>

#include "nvme_bench.hpp"

namespace test_sgl {
namespace {

class nvme_sgl : public nvme_bench {
  protected:
    nvme_sgl()
    {
        enable();
        create_io_queues();
    }

    // A read, or what else it is, of `count` blocks from block 0 on.
    static command with(std::uint8_t kind, std::uint64_t addr, std::uint32_t length,
                        unsigned count = 1, std::uint8_t opcode = READ)
    {
        return with_sgl(transfer(opcode, 0, count, 0), kind, addr, length);
    }

    // By the `count` descriptors of a last segment at `list`.
    static command by_list(unsigned count, unsigned of_blocks = 1, std::uint8_t opcode = READ)
    {
        return with(LAST_SEGMENT, list, 16 * count, of_blocks, opcode);
    }

    void put_entry(unsigned i, std::uint8_t kind, std::uint64_t addr, std::uint32_t length)
    {
        put_descriptor(list + 16 * std::uint64_t{i}, kind, addr, length);
    }
};

// --- what there is ---

TEST_F(nvme_sgl, OneBlockIsInTheCommand)
{
    EXPECT_EQ(io(with(DATA_BLOCK, buffer, 0x8000, 64)).status, OK);
    EXPECT_TRUE(same(buffer, 0, 0x8000));
    EXPECT_EQ(memory[buffer + 0x8000], 0u);
}

TEST_F(nvme_sgl, DescribesWritesToo)
{
    std::iota(memory.begin() + buffer, memory.begin() + buffer + 1024, std::uint8_t{1});
    EXPECT_EQ(io(with(DATA_BLOCK, buffer, 1024, 2, WRITE)).status, OK);
    EXPECT_TRUE(same(buffer, 0, 1024));
    EXPECT_EQ(io(with(DATA_BLOCK, buffer, 1024, 2, COMPARE)).status, OK);
    EXPECT_EQ(io(with(DATA_BLOCK, buffer + 1, 1024, 2, COMPARE)).status, DIFFERENT);
}

TEST_F(nvme_sgl, BlocksHaveAnyAlignmentAndSize)
{
    put_entry(0, DATA_BLOCK, buffer + 1, 3);
    put_entry(1, DATA_BLOCK, buffer + page - 1, 501);
    put_entry(2, DATA_BLOCK, buffer + 3 * page + 7, 8);
    EXPECT_EQ(io(by_list(3)).status, OK);
    EXPECT_TRUE(same(buffer + 1, 0, 3));
    EXPECT_TRUE(same(buffer + page - 1, 3, 501));
    EXPECT_TRUE(same(buffer + 3 * page + 7, 504, 8));
    EXPECT_EQ(memory[buffer + 4], 0u);
    EXPECT_EQ(memory[buffer + 3 * page + 15], 0u);
}

TEST_F(nvme_sgl, EmptyBlocksMoveNothing)
{
    put_entry(0, DATA_BLOCK, 0, 0);
    put_entry(1, DATA_BLOCK, buffer, 256);
    put_entry(2, DATA_BLOCK, ~0ull, 0);
    put_entry(3, DATA_BLOCK, buffer + 256, 256);
    EXPECT_EQ(io(by_list(4)).status, OK);
    EXPECT_TRUE(same(buffer, 0, 512));
}

TEST_F(nvme_sgl, BitBucketsSwallowWhatIsRead)
{
    put_entry(0, BIT_BUCKET, ~0ull, 512);
    put_entry(1, DATA_BLOCK, buffer, 512);
    put_entry(2, BIT_BUCKET, ~0ull, 100);
    put_entry(3, DATA_BLOCK, buffer + 512, 412);
    EXPECT_EQ(io(by_list(4, 3)).status, OK);
    EXPECT_TRUE(same(buffer, 512, 512));
    EXPECT_TRUE(same(buffer + 512, 1024 + 100, 412));
    EXPECT_EQ(io(with(BIT_BUCKET, 0, 512)).status, OK) << "nothing else";
}

TEST_F(nvme_sgl, BitBucketsAreNothingToWrites)
{
    std::iota(memory.begin() + buffer, memory.begin() + buffer + 512, std::uint8_t{1});
    put_entry(0, BIT_BUCKET, 0, 512);
    put_entry(1, DATA_BLOCK, buffer, 512);
    EXPECT_EQ(io(by_list(2, 1, WRITE)).status, OK);
    EXPECT_TRUE(same(buffer, 0, 512));
    EXPECT_EQ(io(by_list(2, 1, COMPARE)).status, OK);
    EXPECT_EQ(io(with(BIT_BUCKET, 0, 512, 1, WRITE)).status, BAD_SGL_LENGTH);
}

TEST_F(nvme_sgl, SegmentsLeadToSegments)
{
    put_entry(0, DATA_BLOCK, buffer, 512);
    put_entry(1, SEGMENT, list + page + 8, 16);
    put_descriptor(list + page + 8, SEGMENT, list + 2 * page, 48);
    put_descriptor(list + 2 * page, DATA_BLOCK, buffer + 8 * page, 512);
    put_descriptor(list + 2 * page + 16, DATA_BLOCK, buffer + 4 * page, 512);
    put_descriptor(list + 2 * page + 32, LAST_SEGMENT, list + 3 * page, 16);
    put_descriptor(list + 3 * page, DATA_BLOCK, buffer + 2 * page, 512);
    EXPECT_EQ(io(with(SEGMENT, list, 32, 4)).status, OK);
    EXPECT_TRUE(same(buffer, 0, 512));
    EXPECT_TRUE(same(buffer + 8 * page, 512, 512));
    EXPECT_TRUE(same(buffer + 4 * page, 1024, 512));
    EXPECT_TRUE(same(buffer + 2 * page, 1536, 512));
}

TEST_F(nvme_sgl, SegmentsMayBeLong)
{
    for (unsigned i = 0; i < 1000; i++)
        put_entry(i, DATA_BLOCK, buffer + 1024 * (1000 - i), 512);
    EXPECT_EQ(io(by_list(1000, 1000)).status, OK);
    for (unsigned i = 0; i < 1000; i++)
        ASSERT_TRUE(same(buffer + 1024 * (1000 - i), std::uint64_t{512} * i, 512)) << i;
}

TEST_F(nvme_sgl, LastSegmentNeedNotFollow)
{
    put_entry(0, DATA_BLOCK, buffer, 512);
    EXPECT_EQ(io(with(SEGMENT, list, 16)).status, OK);
}

TEST_F(nvme_sgl, MayBeLongerThanTheData)
{
    EXPECT_EQ(io(with(DATA_BLOCK, buffer, 0x10000)).status, OK);
    EXPECT_EQ(memory[buffer + 512], 0u);
    put_entry(0, DATA_BLOCK, buffer + page, 512);
    put_entry(1, 0xf0, 0, 0);
    EXPECT_EQ(io(by_list(2)).status, OK) << "what is not needed is not looked at";
    EXPECT_TRUE(same(buffer + page, 0, 512));
}

TEST_F(nvme_sgl, MetadataPointerMayMeanASegment)
{
    command c = with(DATA_BLOCK, buffer, 512);
    c.flags = 0x80; // there is no metadata to look for
    EXPECT_EQ(io(c).status, OK);
    EXPECT_TRUE(same(buffer, 0, 512));
}

TEST_F(nvme_sgl, DescribesRangesOfDatasetManagement)
{
    put(buffer + 4, 2, 4);
    put(buffer + 8, 7, 8);
    put_entry(0, DATA_BLOCK, buffer, 5);
    put_entry(1, DATA_BLOCK, buffer + 5, 11);
    EXPECT_EQ(io(with_sgl({DATASET, 1, 0, 0, 0, 4}, LAST_SEGMENT, list, 32)).status, OK);
    EXPECT_EQ(zeros(7), 2u);
}

TEST_F(nvme_sgl, CommandsWithOneAreCounted)
{
    io(transfer(READ, 0, 1, buffer));
    EXPECT_EQ(nvme_sgl_commands(core.get()), 0u);
    io(with(DATA_BLOCK, buffer, 512));
    restart();
    EXPECT_EQ(nvme_sgl_commands(core.get()), 1u);
}

// --- what is refused ---

TEST_F(nvme_sgl, ThatEndsBeforeTheDataIsTooShort)
{
    EXPECT_EQ(io(with(DATA_BLOCK, buffer, 511)).status, BAD_SGL_LENGTH);
    EXPECT_EQ(io(with(DATA_BLOCK, buffer, 0)).status, BAD_SGL_LENGTH);
    put_entry(0, DATA_BLOCK, buffer, 500);
    put_entry(1, BIT_BUCKET, 0, 11);
    EXPECT_EQ(io(by_list(2)).status, BAD_SGL_LENGTH);
    EXPECT_EQ(io(with(SEGMENT, list, 32)).status, BAD_SGL_LENGTH);
}

TEST_F(nvme_sgl, SegmentDescriptorsAreTheLastOfTheirSegment)
{
    put_entry(0, SEGMENT, list + page, 16);
    put_entry(1, DATA_BLOCK, buffer, 512);
    EXPECT_EQ(io(with(SEGMENT, list, 32)).status, BAD_SGL_NUMBER);
    put_entry(0, LAST_SEGMENT, list + page, 16);
    EXPECT_EQ(io(with(SEGMENT, list, 32)).status, BAD_SGL_NUMBER);
    EXPECT_EQ(io(by_list(2)).status, BAD_SGL_NUMBER);
}

TEST_F(nvme_sgl, NoSegmentFollowsTheLast)
{
    put_descriptor(list + page, DATA_BLOCK, buffer, 512);
    for (const std::uint8_t kind : {SEGMENT, LAST_SEGMENT}) {
        put_entry(0, kind, list + page, 16);
        EXPECT_EQ(io(by_list(1)).status, BAD_SGL_SEGMENT);
        EXPECT_EQ(io(with(SEGMENT, list, 16)).status, OK);
    }
}

TEST_F(nvme_sgl, SegmentsAreWholeAndAligned)
{
    put_entry(0, DATA_BLOCK, buffer, 512);
    put_descriptor(list + 0x104, DATA_BLOCK, buffer, 512);
    for (const std::uint8_t kind : {SEGMENT, LAST_SEGMENT}) {
        EXPECT_EQ(io(with(kind, list, 0)).status, BAD_SGL_SEGMENT);
        EXPECT_EQ(io(with(kind, list, 8)).status, BAD_SGL_SEGMENT);
        EXPECT_EQ(io(with(kind, list, 24)).status, BAD_SGL_SEGMENT);
        EXPECT_EQ(io(with(kind, list + 0x104, 16)).status, BAD_SGL_SEGMENT);
    }
}

TEST_F(nvme_sgl, OtherTypesAndSubtypesAreRefused)
{
    for (unsigned type = 0; type < 16; type++)
        for (unsigned subtype = 0; subtype < 16; subtype++) {
            if (type <= 3 && subtype == 0)
                continue;
            const auto kind = static_cast<std::uint8_t>(type << 4 | subtype);
            EXPECT_EQ(io(with(kind, list, 512)).status, BAD_SGL_TYPE) << unsigned{kind};
        }
    put_entry(0, DATA_BLOCK, buffer, 256);
    put_entry(1, 0x40, buffer, 256);
    EXPECT_EQ(io(by_list(2)).status, BAD_SGL_TYPE) << "keyed";
}

TEST_F(nvme_sgl, MemoryEndsWithTheAddresses)
{
    EXPECT_EQ(io(with(DATA_BLOCK, ~0ull - 510, 512)).status, BAD_SGL_LENGTH);
    EXPECT_EQ(io(with(DATA_BLOCK, ~0ull - 511, 512)).status, TRANSFER_ERROR) << "there is none";
    EXPECT_EQ(io(with(SEGMENT, ~0ull - 15, 32)).status, BAD_SGL_LENGTH);
    EXPECT_EQ(io(with(LAST_SEGMENT, ~0ull - 15, 16)).status, TRANSFER_ERROR);
}

TEST_F(nvme_sgl, ThatLeadsInCirclesEnds)
{
    put_entry(0, SEGMENT, list, 16);
    EXPECT_EQ(io(with(SEGMENT, list, 16)).status, BAD_SGL_NUMBER);
    put_entry(0, DATA_BLOCK, buffer, 0);
    put_entry(1, SEGMENT, list, 32);
    EXPECT_EQ(io(with(SEGMENT, list, 32)).status, BAD_SGL_NUMBER);
}

TEST_F(nvme_sgl, AbortsOfTheBusAreTransferErrors)
{
    put_entry(0, DATA_BLOCK, buffer, 512);
    for (const std::uint64_t addr : {list, buffer + 511}) {
        abort_at = addr;
        EXPECT_EQ(io(by_list(1)).status, TRANSFER_ERROR);
        EXPECT_EQ(io(by_list(1, 1, WRITE)).status, TRANSFER_ERROR);
    }
}

TEST_F(nvme_sgl, ThatIsWrongLeavesTheDiskAlone)
{
    const std::vector<std::uint8_t> before = disk;
    put_entry(0, DATA_BLOCK, buffer, 512);
    put_entry(1, 0x50, buffer, 512);
    EXPECT_EQ(io(by_list(2, 2, WRITE)).status, BAD_SGL_TYPE);
    EXPECT_EQ(disk, before);
}

TEST_F(nvme_sgl, ResetWhileItIsReadDropsTheCommand)
{
    put_entry(0, DATA_BLOCK, buffer, 512);
    meanwhile = [this](std::uint64_t addr) {
        if (addr == list)
            write(CC, 0);
    };
    submit(1, by_list(1));
    nvme_run(core.get());
    completion done = {};
    EXPECT_FALSE(take(1, done));
    EXPECT_EQ(memory[buffer], 0u);
}

} // namespace
} // namespace test_sgl
