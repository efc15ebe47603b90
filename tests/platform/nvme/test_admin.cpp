// SPDX-License-Identifier: Apache-2.0
// Identify, log pages, and commands that are not there.
#include <algorithm>
#include <string>

#include "nvme_bench.hpp"

namespace test_admin {
namespace {

class nvme_admin : public nvme_bench {
  protected:
    nvme_admin()
    {
        enable();
        create_io_queues();
    }
};

TEST_F(nvme_admin, IdentifiesTheController)
{
    ASSERT_EQ(admin({IDENTIFY, 0, buffer, 0, 1}).status, OK);
    EXPECT_EQ(std::string(&memory[buffer + 4], &memory[buffer + 24]), "TEST1               ");
    EXPECT_EQ(memory[buffer + 77], 10u) << "MDTS: 4 MiB";
    EXPECT_EQ(get(buffer + 80, 4), 0x00010400u);
    EXPECT_EQ(memory[buffer + 512], 0x66u);
    EXPECT_EQ(memory[buffer + 513], 0x44u);
    EXPECT_EQ(get(buffer + 516, 4), 1u);
    EXPECT_EQ(get(buffer + 520, 2), 0x1du) << "Compare, DSM, Write Zeroes, Select";
    EXPECT_EQ(memory[buffer + 525], 7u) << "a volatile cache";
    EXPECT_EQ(get(buffer + 536, 4), 0x000d0001u) << "SGLs";
    EXPECT_EQ(memory[buffer + 262], 15u) << "16 entries of errors";
    EXPECT_STREQ(reinterpret_cast<const char *>(&memory[buffer + 768]),
                 "nqn.2024-01.org.smmu-vp:TEST1");
}

TEST_F(nvme_admin, IdentifiesTheNamespace)
{
    ASSERT_EQ(admin({IDENTIFY, 1, buffer, 0, 0}).status, OK);
    EXPECT_EQ(get(buffer, 8), blocks);
    EXPECT_EQ(get(buffer + 8, 8), blocks);
    EXPECT_EQ(get(buffer + 128, 4), 9u << 16);
    EXPECT_EQ(memory[buffer + 33], 9u) << "what is deallocated reads as zeros";
    EXPECT_EQ(memory[buffer + 120] & 3, 2) << "EUI-64, locally administered";
    EXPECT_EQ(admin({IDENTIFY, 2, buffer, 0, 0}).status, BAD_NAMESPACE);
    EXPECT_EQ(admin({IDENTIFY, 0, buffer, 0, 0}).status, BAD_NAMESPACE);
    EXPECT_EQ(admin({IDENTIFY, 0xffffffff, buffer, 0, 0}).status, BAD_NAMESPACE);
}

TEST_F(nvme_admin, ListsNamespaces)
{
    ASSERT_EQ(admin({IDENTIFY, 0, buffer, 0, 2}).status, OK);
    EXPECT_EQ(get(buffer, 4), 1u);
    EXPECT_EQ(get(buffer + 4, 4), 0u);
    ASSERT_EQ(admin({IDENTIFY, 1, buffer, 0, 2}).status, OK);
    EXPECT_EQ(get(buffer, 4), 0u) << "none beyond 1";
    EXPECT_EQ(admin({IDENTIFY, 0xffffffff, buffer, 0, 2}).status, BAD_NAMESPACE);
}

TEST_F(nvme_admin, DescribesTheNamespace)
{
    ASSERT_EQ(admin({IDENTIFY, 1, buffer, 0, 3}).status, OK);
    EXPECT_EQ(get(buffer, 2), 0x0801u);
    EXPECT_EQ(get(buffer + 12, 2), 0u) << "one descriptor";
    const std::uint64_t id = get(buffer + 4, 8);
    ASSERT_EQ(admin({IDENTIFY, 1, buffer, 0, 0}).status, OK);
    EXPECT_EQ(get(buffer + 120, 8), id) << "as in the namespace's own structure";
    EXPECT_EQ(admin({IDENTIFY, 1, buffer, 0, 0x55}).status, BAD_FIELD);
}

TEST_F(nvme_admin, IdentifierOfTheNamespaceFollowsTheSerialNumber)
{
    ASSERT_EQ(admin({IDENTIFY, 1, buffer, 0, 3}).status, OK);
    const std::uint64_t first = get(buffer + 4, 8);
    serial = "TEST2";
    core.reset(create());
    enable();
    std::memset(&memory[acq], 0, 0x1000);
    ASSERT_EQ(admin({IDENTIFY, 1, buffer, 0, 3}).status, OK);
    EXPECT_NE(get(buffer + 4, 8), first);
}

TEST_F(nvme_admin, IdentifyCrossesPages)
{
    ASSERT_EQ(admin({IDENTIFY, 0, buffer + 0x800, buffer + 4 * page, 1}).status, OK);
    EXPECT_EQ(get(buffer + 0x800 + 80, 4), 0x00010400u);
    EXPECT_EQ(admin({IDENTIFY, 0, buffer + 0x802, buffer, 1}).status, BAD_PRP_OFFSET);
}

// --- log pages ---

TEST_F(nvme_admin, HealthCountsTraffic)
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

TEST_F(nvme_admin, LogPagesHaveOffsets)
{
    ASSERT_EQ(admin({GET_LOG, 0, buffer, 0, 1 << 16 | 3, 0, 8}).status, OK);
    EXPECT_EQ(std::string(&memory[buffer], &memory[buffer + 8]), "1.0     ");
    EXPECT_EQ(admin({GET_LOG, 0, buffer, 0, 1 << 16 | 3, 0, 2}).status, BAD_FIELD);
    EXPECT_EQ(admin({GET_LOG, 0, buffer, 0, 1 << 16 | 3, 0, 0, 1}).status, BAD_FIELD);
    EXPECT_EQ(admin({GET_LOG, 0, buffer, 0, 1 << 16 | 3, 0, 516}).status, BAD_FIELD);
    EXPECT_EQ(admin({GET_LOG, 0, buffer, 0, 1 << 16 | 0x55}).status, BAD_LOG);
}

TEST_F(nvme_admin, LogPagesEndInZerosAndHaveALimit)
{
    constexpr unsigned size = most * 512;
    const std::uint64_t prp2 = put_prps(buffer + page, size / page - 1);
    std::memset(&memory[buffer], 0xff, size);
    ASSERT_EQ(admin({GET_LOG, 0, buffer, prp2, 0xffff0000u | 3, 15}).status, OK) << "4 MiB";
    EXPECT_EQ(memory[buffer], 1u);
    EXPECT_EQ(std::count(&memory[buffer + 512], &memory[buffer + size], 0), size - 512);
    EXPECT_EQ(admin({GET_LOG, 0, buffer, prp2, 3, 16}).status, BAD_FIELD);
    EXPECT_EQ(admin({GET_LOG, 0, buffer, prp2, 3, 0xffff}).status, BAD_FIELD);
}

TEST_F(nvme_admin, LogPagesAreOfTheController)
{
    EXPECT_EQ(admin({GET_LOG, 1, buffer, 0, 1 << 16 | 2}).status, BAD_FIELD);
    EXPECT_EQ(admin({GET_LOG, 0, buffer, 0, 1 << 16 | 0}).status, BAD_LOG) << "reserved";
}

TEST_F(nvme_admin, FailedCommandsAreInTheLog)
{
    const completion done = io(transfer(READ, blocks, 1, buffer));
    EXPECT_TRUE(done.more);
    EXPECT_TRUE(done.final);
    const std::uint16_t second = admin({0x7f}).id;
    ASSERT_EQ(admin({GET_LOG, 0, buffer, 0, 255 << 16 | 1}).status, OK);
    EXPECT_EQ(get(buffer, 8), 2u) << "the newest first";
    EXPECT_EQ(get(buffer + 8, 2), 0u);
    EXPECT_EQ(get(buffer + 10, 2), second);
    EXPECT_EQ(get(buffer + 64, 8), 1u);
    EXPECT_EQ(get(buffer + 64 + 8, 2), 1u) << "queue";
    EXPECT_EQ(get(buffer + 64 + 10, 2), done.id);
    EXPECT_EQ(get(buffer + 64 + 12, 2) >> 1 & 0x7ff, OUT_OF_RANGE);
    EXPECT_EQ(get(buffer + 64 + 14, 2), 0xffffu);
    EXPECT_EQ(get(buffer + 64 + 16, 8), blocks);
    EXPECT_EQ(get(buffer + 64 + 24, 4), 1u) << "namespace";
    EXPECT_EQ(get(buffer + 128, 8), 0u);
}

TEST_F(nvme_admin, LogOfErrorsKeepsTheLast16AcrossResets)
{
    for (unsigned i = 0; i < 20; i++)
        admin({0x7f});
    restart();
    ASSERT_EQ(admin({GET_LOG, 0, buffer, 0, 255 << 16 | 1}).status, OK);
    for (unsigned i = 0; i < 16; i++)
        EXPECT_EQ(get(buffer + 64 * i, 8), 20 - i);
}

TEST_F(nvme_admin, HealthCountsErrors)
{
    disk_state = DISK_FAILED;
    io(transfer(READ, 0, 1, buffer));
    disk_state = DISK_OK;
    admin({0x7f});
    ASSERT_EQ(admin({GET_LOG, 0xffffffff, buffer, 0, 127 << 16 | 2}).status, OK);
    EXPECT_EQ(get(buffer + 160, 8), 1u) << "of the medium";
    EXPECT_EQ(get(buffer + 176, 8), 2u) << "of all kinds";
}

// --- forms ---

TEST_F(nvme_admin, UnknownOpcodesAndFormsAreRefused)
{
    EXPECT_EQ(admin({0x7f}).status, BAD_OPCODE);
    EXPECT_EQ(io({0x7f, 1}).status, BAD_OPCODE);
    EXPECT_EQ(admin({IDENTIFY, 0, buffer, 4096, 1, 0, 0, 0, 0x40}).status, BAD_FIELD) << "an SGL";
    EXPECT_EQ(io({FLUSH, 1, 0, 0, 0, 0, 0, 0, 0xc0}).status, BAD_FIELD) << "neither PRP nor SGL";
    EXPECT_EQ(io({FLUSH, 1, 0, 0, 0, 0, 0, 0, 0x04}).status, BAD_FIELD) << "a reserved bit";
    EXPECT_EQ(admin({0x80}).status, BAD_OPCODE) << "Format NVM";
    EXPECT_EQ(io({FLUSH, 1, 0, 0, 0, 0, 0, 0, 0x01}).status, BAD_FIELD) << "fused";
}

} // namespace
} // namespace test_admin
