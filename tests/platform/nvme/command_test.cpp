// SPDX-License-Identifier: Apache-2.0
// Commands: administration, data in both directions, PRPs, errors; and anything at all.
#include <algorithm>
#include <numeric>
#include <random>

#include "nvme_bench.hpp"

namespace {

class nvme_commands : public nvme_bench {
  protected:
    static constexpr std::uint64_t buffer = 0x100000;
    static constexpr std::uint64_t list = 0x20000;
    static constexpr std::uint64_t page = 0x1000;

    nvme_commands()
    {
        enable();
        create_io_queues();
        for (std::size_t i = 0; i < disk.size(); i++)
            disk[i] = static_cast<std::uint8_t>(i * 7 + i / 512);
    }

    bool same(std::uint64_t addr, std::uint64_t offset, std::size_t size) const
    {
        return std::memcmp(&memory[addr], &disk[offset], size) == 0;
    }
};

// --- Identify ---

TEST_F(nvme_commands, IdentifiesTheController)
{
    ASSERT_EQ(admin({IDENTIFY, 0, buffer, 0, 1}).status, OK);
    EXPECT_EQ(std::string(&memory[buffer + 4], &memory[buffer + 24]), "TEST1               ");
    EXPECT_EQ(memory[buffer + 77], 5u) << "MDTS: 128 KiB";
    EXPECT_EQ(get(buffer + 80, 4), 0x00010400u);
    EXPECT_EQ(memory[buffer + 512], 0x66u);
    EXPECT_EQ(memory[buffer + 513], 0x44u);
    EXPECT_EQ(get(buffer + 516, 4), 1u);
    EXPECT_EQ(get(buffer + 520, 2), 0x0cu);
    EXPECT_STREQ(reinterpret_cast<const char *>(&memory[buffer + 768]),
                 "nqn.2024-01.org.smmu-vp:TEST1");
}

TEST_F(nvme_commands, IdentifiesTheNamespace)
{
    ASSERT_EQ(admin({IDENTIFY, 1, buffer, 0, 0}).status, OK);
    EXPECT_EQ(get(buffer, 8), blocks);
    EXPECT_EQ(get(buffer + 8, 8), blocks);
    EXPECT_EQ(get(buffer + 128, 4), 9u << 16);
    EXPECT_EQ(memory[buffer + 120], 2u) << "EUI-64";
    EXPECT_EQ(admin({IDENTIFY, 2, buffer, 0, 0}).status, BAD_NAMESPACE);
    EXPECT_EQ(admin({IDENTIFY, 0, buffer, 0, 0}).status, BAD_NAMESPACE);
}

TEST_F(nvme_commands, ListsNamespaces)
{
    ASSERT_EQ(admin({IDENTIFY, 0, buffer, 0, 2}).status, OK);
    EXPECT_EQ(get(buffer, 4), 1u);
    EXPECT_EQ(get(buffer + 4, 4), 0u);
    ASSERT_EQ(admin({IDENTIFY, 1, buffer, 0, 2}).status, OK);
    EXPECT_EQ(get(buffer, 4), 0u) << "none beyond 1";
    EXPECT_EQ(admin({IDENTIFY, 0xffffffff, buffer, 0, 2}).status, BAD_NAMESPACE);
}

TEST_F(nvme_commands, DescribesTheNamespace)
{
    ASSERT_EQ(admin({IDENTIFY, 1, buffer, 0, 3}).status, OK);
    EXPECT_EQ(get(buffer, 2), 0x0801u);
    EXPECT_EQ(get(buffer + 12, 2), 0u) << "one descriptor";
    EXPECT_EQ(admin({IDENTIFY, 1, buffer, 0, 0x55}).status, BAD_FIELD);
}

// --- log pages, features, events ---

TEST_F(nvme_commands, HealthCountsTraffic)
{
    io(transfer(READ, 0, 8, buffer));
    io(transfer(WRITE, 0, 8, buffer));
    io(transfer(WRITE, 0, 8, buffer));
    ASSERT_EQ(admin({GET_LOG, 0xffffffff, buffer, 0, 127 << 16 | 2}).status, OK);
    EXPECT_EQ(get(buffer + 1, 2), 300u);
    EXPECT_EQ(get(buffer + 32, 8), 1u) << "thousands of 512 bytes, rounded up";
    EXPECT_EQ(get(buffer + 64, 8), 1u);
    EXPECT_EQ(get(buffer + 80, 8), 2u);
}

TEST_F(nvme_commands, LogPagesHaveOffsets)
{
    ASSERT_EQ(admin({GET_LOG, 0, buffer, 0, 1 << 16 | 3, 0, 8}).status, OK);
    EXPECT_EQ(std::string(&memory[buffer], &memory[buffer + 8]), "1.0     ");
    EXPECT_EQ(admin({GET_LOG, 0, buffer, 0, 1 << 16 | 3, 0, 2}).status, BAD_FIELD);
    EXPECT_EQ(admin({GET_LOG, 0, buffer, 0, 1 << 16 | 3, 0, 0, 1}).status, BAD_FIELD);
    EXPECT_EQ(admin({GET_LOG, 0, buffer, 0, 1024 << 16 | 3}).status, BAD_FIELD) << "above 4 KiB";
    EXPECT_EQ(admin({GET_LOG, 0, buffer, 0, 1 << 16 | 0x55}).status, BAD_LOG);
}

TEST_F(nvme_commands, FeaturesKeepWhatIsSet)
{
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 4, 0x12345}).status, OK);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 4}).result, 0x2345u);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 1 << 8 | 4}).result, 0x157u) << "the default";
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 3 << 8 | 4}).result, 4u) << "changeable";
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 3 << 8 | 7}).result, 0u);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 4 << 8 | 4}).status, BAD_FIELD);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 3}).status, BAD_FIELD);
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 0x80000004, 1}).status, NOT_SAVEABLE);
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 2, 1}).status, BAD_FIELD) << "one power state";
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 9, 65}).status, BAD_FIELD) << "no such vector";
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 9, 64}).result, 64u);
}

TEST_F(nvme_commands, NumberOfQueuesIsGivenBeforeTheFirst)
{
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 7, 0x00030003}).status, BAD_SEQUENCE);
    write(CC, 0);
    std::memset(&memory[acq], 0, 0x1000);
    enable();
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 7, 0x00030003}).result, 0x003f003fu);
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 7, 0xffff}).status, BAD_FIELD);
}

TEST_F(nvme_commands, BadDoorbellIsAnAsynchronousEvent)
{
    completion done = {};
    const std::uint16_t id = submit(0, {ASYNC_EVENT});
    nvme_run(core.get());
    EXPECT_FALSE(take(0, done)) << "it waits";

    write(DOORBELL + 8 * 1, entries);
    write(DOORBELL + 8 * 9, 1);
    nvme_run(core.get());
    ASSERT_TRUE(take(0, done));
    EXPECT_EQ(done.id, id);
    EXPECT_EQ(done.result, 0x00010100u) << "invalid value; the first is told";
}

TEST_F(nvme_commands, DoorbellsBeyondAllQueuesAreEventsToo)
{
    completion done = {};
    submit(0, {ASYNC_EVENT});
    write(DOORBELL + 8 * 511, 1);
    nvme_run(core.get());
    ASSERT_TRUE(take(0, done));
    EXPECT_EQ(done.result, 0x00010000u);
}

TEST_F(nvme_commands, EventsComeOneAtATimeUntilTheLogIsRead)
{
    completion done = {};
    submit(0, {ASYNC_EVENT});
    submit(0, {ASYNC_EVENT});
    nvme_run(core.get());
    write(DOORBELL + 8 * 9, 1);
    nvme_run(core.get());
    ASSERT_TRUE(take(0, done));
    EXPECT_EQ(done.result, 0x00010000u) << "no such doorbell";
    write(DOORBELL + 8 * 9, 1);
    nvme_run(core.get());
    EXPECT_FALSE(take(0, done));
    submit(0, {GET_LOG, 0xffffffff, buffer, 0, 15 << 16 | 1});
    nvme_run(core.get());
    EXPECT_TRUE(take(0, done));
    EXPECT_TRUE(take(0, done)) << "the next event";
}

TEST_F(nvme_commands, HoldsFourEventRequests)
{
    completion done = {};
    for (unsigned i = 0; i < 4; i++)
        submit(0, {ASYNC_EVENT});
    nvme_run(core.get());
    EXPECT_FALSE(take(0, done));
    EXPECT_EQ(admin({ASYNC_EVENT}).status, TOO_MANY_EVENTS);
}

TEST_F(nvme_commands, AbortTakesBackAnEventRequest)
{
    completion done = {};
    const std::uint16_t id = submit(0, {ASYNC_EVENT});
    const std::uint16_t abort = submit(0, {ABORT, 0, 0, 0, std::uint32_t{id} << 16});
    nvme_run(core.get());
    ASSERT_TRUE(take(0, done));
    EXPECT_EQ(done.id, id);
    EXPECT_EQ(done.status, ABORTED);
    ASSERT_TRUE(take(0, done));
    EXPECT_EQ(done.id, abort);
    EXPECT_EQ(done.result, 0u) << "aborted";
    EXPECT_EQ(admin({ABORT, 0, 0, 0, std::uint32_t{id} << 16}).result, 1u) << "not again";
}

TEST_F(nvme_commands, UnknownOpcodesAndFormsAreRefused)
{
    EXPECT_EQ(admin({0x7f}).status, BAD_OPCODE);
    EXPECT_EQ(io({0x7f, 1}).status, BAD_OPCODE);
    EXPECT_EQ(io({FLUSH, 1, 0, 0, 0, 0, 0, 0, 0x40}).status, BAD_FIELD) << "SGLs";
    EXPECT_EQ(io({FLUSH, 1, 0, 0, 0, 0, 0, 0, 0x01}).status, BAD_FIELD) << "fused";
}

// --- data ---

TEST_F(nvme_commands, ReadsBlocks)
{
    EXPECT_EQ(io(transfer(READ, 5, 8, buffer)).status, OK);
    EXPECT_TRUE(same(buffer, 5 * 512, 4096));
    EXPECT_EQ(memory[buffer + 4096], 0u);
}

TEST_F(nvme_commands, WritesBlocks)
{
    std::iota(memory.begin() + buffer, memory.begin() + buffer + 1024, std::uint8_t{1});
    EXPECT_EQ(io(transfer(WRITE, 100, 2, buffer)).status, OK);
    EXPECT_TRUE(same(buffer, 100 * 512, 1024));
    EXPECT_EQ(disk[102 * 512], static_cast<std::uint8_t>(102 * 512 * 7 + 102));
}

TEST_F(nvme_commands, FirstPageMayHaveAnOffset)
{
    EXPECT_EQ(io(transfer(READ, 0, 8, buffer + 0x404, buffer + 3 * page)).status, OK);
    EXPECT_TRUE(same(buffer + 0x404, 0, page - 0x404));
    EXPECT_TRUE(same(buffer + 3 * page, page - 0x404, 0x404));
}

TEST_F(nvme_commands, SecondPageNeedsNoList)
{
    EXPECT_EQ(io(transfer(READ, 0, 16, buffer, buffer + 3 * page)).status, OK);
    EXPECT_TRUE(same(buffer, 0, page));
    EXPECT_TRUE(same(buffer + 3 * page, page, page));
}

TEST_F(nvme_commands, ListScattersPages)
{
    for (unsigned i = 0; i < 3; i++)
        put(list + 8 * i, buffer + (8 - 2 * i) * page, 8);
    EXPECT_EQ(io(transfer(READ, 0, 32, buffer, list)).status, OK);
    EXPECT_TRUE(same(buffer, 0, page));
    for (unsigned i = 0; i < 3; i++)
        EXPECT_TRUE(same(buffer + (8 - 2 * i) * page, (i + 1) * page, page)) << i;
}

TEST_F(nvme_commands, ListGoesOnInItsLastEntry)
{
    const std::uint64_t start = list + page - 16; // room for one page, then for the next list
    put(start, buffer + page, 8);
    put(start + 8, list + page, 8);
    put(list + page, buffer + 2 * page, 8);
    put(list + page + 8, buffer + 3 * page, 8);
    EXPECT_EQ(io(transfer(READ, 0, 32, buffer, start)).status, OK);
    EXPECT_TRUE(same(buffer, 0, 4 * page));
}

TEST_F(nvme_commands, LastEntryOfAListMayBeData)
{
    const std::uint64_t start = list + page - 16;
    put(start, buffer + page, 8);
    put(start + 8, buffer + 2 * page, 8);
    EXPECT_EQ(io(transfer(READ, 0, 24, buffer, start)).status, OK);
    EXPECT_TRUE(same(buffer, 0, 3 * page));
}

TEST_F(nvme_commands, LargerPagesNeedFewerEntries)
{
    write(CC, 0);
    std::memset(&memory[acq], 0, 0x4000);
    write(ASQ, 0x10000, 8);
    write(ACQ, 0x20000, 8);
    queues[0] = {0x10000, 0x20000};
    write(CC, 4 << 7 | 1);
    ASSERT_EQ(admin({CREATE_CQ, 0, 0x30000, 0, (entries - 1) << 16 | 1, 1}).status, OK);
    ASSERT_EQ(admin({CREATE_SQ, 0, 0x40000, 0, (entries - 1) << 16 | 1, 1 << 16 | 1}).status, OK);
    queues[1] = {0x40000, 0x30000};
    EXPECT_EQ(io(transfer(READ, 0, 200, 0x100000, 0x110000)).status, OK);
    EXPECT_TRUE(same(0x100000, 0, 200 * 512));
}

TEST_F(nvme_commands, PrpOffsetsAreChecked)
{
    put(list, buffer + 8, 8);
    EXPECT_EQ(io(transfer(READ, 0, 1, buffer + 2)).status, BAD_PRP_OFFSET) << "not a dword";
    EXPECT_EQ(io(transfer(READ, 0, 16, buffer, buffer + 8)).status, BAD_PRP_OFFSET);
    EXPECT_EQ(io(transfer(READ, 0, 32, buffer, list + 4)).status, BAD_PRP_OFFSET);
    EXPECT_EQ(io(transfer(READ, 0, 32, buffer, list)).status, BAD_PRP_OFFSET);

    const std::uint64_t last = list + page - 8;
    put(last, list + page + 64, 8); // the next list is not at the start of a page
    for (unsigned i = 0; i < 3; i++)
        put(list + page + 64 + 8 * i, buffer + (i + 1) * page, 8);
    EXPECT_EQ(io(transfer(READ, 0, 32, buffer, last)).status, BAD_PRP_OFFSET);
}

TEST_F(nvme_commands, RangesAreChecked)
{
    EXPECT_EQ(io(transfer(READ, blocks - 1, 1, buffer)).status, OK);
    EXPECT_EQ(io(transfer(READ, blocks, 1, buffer)).status, OUT_OF_RANGE);
    EXPECT_EQ(io(transfer(READ, blocks - 1, 2, buffer)).status, OUT_OF_RANGE);
    EXPECT_EQ(io(transfer(WRITE, ~0ull, 1, buffer)).status, OUT_OF_RANGE);
    EXPECT_EQ(io(transfer(WRITE_ZEROES, blocks - 1, 2, 0)).status, OUT_OF_RANGE);
}

TEST_F(nvme_commands, TransfersAreLimited)
{
    for (unsigned i = 0; i < 32; i++)
        put(list + 8 * i, buffer + (i + 1) * page, 8);
    EXPECT_EQ(io(transfer(READ, 0, 256, buffer, list)).status, OK) << "128 KiB";
    EXPECT_EQ(io(transfer(READ, 0, 257, buffer, list)).status, BAD_FIELD);
}

TEST_F(nvme_commands, NamespaceIsChecked)
{
    EXPECT_EQ(io({READ, 2, buffer}).status, BAD_NAMESPACE);
    EXPECT_EQ(io({READ, 0xffffffff, buffer}).status, BAD_NAMESPACE);
    EXPECT_EQ(io({FLUSH, 0xffffffff}).status, OK);
}

TEST_F(nvme_commands, AbortsOfTheBusAreTransferErrors)
{
    abort_at = buffer;
    EXPECT_EQ(io(transfer(READ, 0, 1, buffer)).status, TRANSFER_ERROR);
    EXPECT_EQ(io(transfer(WRITE, 0, 1, buffer)).status, TRANSFER_ERROR);
    EXPECT_EQ(admin({IDENTIFY, 0, buffer, 0, 1}).status, TRANSFER_ERROR);
    abort_at = list;
    EXPECT_EQ(io(transfer(READ, 0, 32, buffer, list)).status, TRANSFER_ERROR);
}

TEST_F(nvme_commands, FailuresOfTheMediumAreTold)
{
    disk_fails = true;
    EXPECT_EQ(io(transfer(READ, 0, 1, buffer)).status, READ_ERROR);
    EXPECT_EQ(io(transfer(WRITE, 0, 1, buffer)).status, WRITE_FAULT);
    EXPECT_EQ(io(transfer(WRITE_ZEROES, 0, 1, 0)).status, WRITE_FAULT);
    EXPECT_EQ(io({FLUSH, 1}).status, WRITE_FAULT);
}

TEST_F(nvme_commands, WriteZeroesTakesNoMemory)
{
    EXPECT_EQ(io(transfer(WRITE_ZEROES, 10, 20, 0)).status, OK);
    EXPECT_EQ(std::count(disk.begin() + 10 * 512, disk.begin() + 30 * 512, 0), 20 * 512);
    EXPECT_NE(std::count(disk.begin() + 30 * 512, disk.begin() + 31 * 512, 0), 512);
}

TEST_F(nvme_commands, DeallocatedRangesReadAsZeros)
{
    put(buffer + 4, 2, 4);
    put(buffer + 8, 7, 8);
    put(buffer + 16 + 4, 1, 4);
    put(buffer + 16 + 8, 50, 8);
    EXPECT_EQ(io({DATASET, 1, buffer, 0, 1, 0}).status, OK);
    EXPECT_NE(std::count(disk.begin() + 7 * 512, disk.begin() + 9 * 512, 0), 2 * 512) << "a hint";
    EXPECT_EQ(io({DATASET, 1, buffer, 0, 1, 4}).status, OK);
    EXPECT_EQ(std::count(disk.begin() + 7 * 512, disk.begin() + 9 * 512, 0), 2 * 512);
    EXPECT_EQ(std::count(disk.begin() + 50 * 512, disk.begin() + 51 * 512, 0), 512);
    put(buffer + 16 + 8, blocks, 8);
    EXPECT_EQ(io({DATASET, 1, buffer, 0, 1, 4}).status, OUT_OF_RANGE);
}

// --- anything at all ---

TEST_F(nvme_commands, SurviveRandomCommandsAndRegisters)
{
    std::mt19937 random{4711};
    completion done = {};

    for (unsigned round = 0; round < 4000; round++) {
        if (read(CSTS) != 1) {
            abort_at = nowhere;
            write(CC, 0);
            std::memset(&memory[acq], 0, 0x3000);
            enable();
            queues[1] = {iosq, iocq};
            admin({CREATE_CQ, 0, iocq, 0, (entries - 1) << 16 | 1, 3});
            admin({CREATE_SQ, 0, iosq, 0, (entries - 1) << 16 | 1, 1 << 16 | 1});
        }
        for (unsigned n = 0; n < 4; n++) {
            const unsigned queue = random() % 2;
            const std::uint8_t opcode = static_cast<std::uint8_t>(random() % 14);
            // The queues themselves stay, so that the round goes on.
            if (queue == 0 && (opcode == DELETE_CQ || opcode == DELETE_SQ))
                continue;
            submit(queue, {opcode, random() % 4 ? 1 : static_cast<std::uint32_t>(random()),
                           random() % 8 ? buffer + random() % 8 * 0x404 : random(),
                           random() % 8 ? list + random() % 16 * 8 : random(),
                           static_cast<std::uint32_t>(random() >> random() % 32),
                           static_cast<std::uint32_t>(random() % 4 ? random() % 8 : random()),
                           static_cast<std::uint32_t>(random() % 300), random() % 2 ? 0u : 1u,
                           static_cast<std::uint8_t>(random() % 16 == 0)});
        }
        for (unsigned i = 0; i < 16; i++)
            put(list + 8 * i, random() % 8 ? buffer + random() % 128 * page : random(), 8);
        abort_at = random() % 16 ? nowhere : random() % memory_size;
        nvme_run(core.get());
        if (random() % 32 == 0)
            nvme_frame.write(core.get(), random() % 0x1400 & ~3u, 4, random());
        for (unsigned queue = 0; queue < 2; queue++)
            while (take(queue, done)) {
            }
    }
    EXPECT_EQ(read(VS), 0x00010400u);
}

} // namespace
