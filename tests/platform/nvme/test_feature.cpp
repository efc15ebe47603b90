// SPDX-License-Identifier: Apache-2.0
// Features: what is kept, what is refused, and what they change.
#include "nvme_bench.hpp"

namespace test_feature {
namespace {

class nvme_features : public nvme_bench {
  protected:
    nvme_features()
    {
        enable();
        create_io_queues();
    }
};

TEST_F(nvme_features, FeaturesKeepWhatIsSet)
{
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 4, 0x02345}).status, OK);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 4}).result, 0x2345u);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 1 << 8 | 4}).result, 0x157u) << "the default";
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 3 << 8 | 4}).result, 4u) << "changeable";
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 3 << 8 | 2}).result, 0u) << "one power state";
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 4 << 8 | 4}).status, BAD_FIELD);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 3}).status, BAD_FIELD);
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 0x80000004, 1}).status, NOT_SAVEABLE);
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 2, 1}).status, BAD_FIELD) << "one power state";
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 9, 65}).status, BAD_FIELD) << "no such vector";
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 9, 64}).result, 64u);
}

TEST_F(nvme_features, NumberOfQueuesIsGivenBeforeTheFirst)
{
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 7, 0x00030003}).status, BAD_SEQUENCE);
    restart();
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 7, 0x00030003}).result, 0x003f003fu);
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 7, 0xffff}).status, BAD_FIELD);
}

TEST_F(nvme_features, ResetForgetsWhatWasSet)
{
    admin({SET_FEATURES, 0, 0, 0, 8, 0x1234});
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 8}).result, 0x1234u);
    restart();
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 8}).result, 0u);
}

TEST_F(nvme_features, ScopeIsChecked)
{
    EXPECT_EQ(admin({SET_FEATURES, 1, 0, 0, 8, 1}).status, NOT_OF_NAMESPACE);
    EXPECT_EQ(admin({SET_FEATURES, 2, 0, 0, 8, 1}).status, BAD_NAMESPACE);
    EXPECT_EQ(admin({SET_FEATURES, 0xffffffff, 0, 0, 8, 1}).status, OK);
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 5, 1}).status, BAD_NAMESPACE) << "error recovery";
    EXPECT_EQ(admin({SET_FEATURES, 1, 0, 0, 5, 1}).status, OK);
    EXPECT_EQ(admin({GET_FEATURES, 1, 0, 0, 3 << 8 | 5}).result, 6u) << "of the namespace";
}

TEST_F(nvme_features, VectorsHaveTheirOwnConfiguration)
{
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 9, 0x10003}).status, OK);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 9, 3}).result, 0x10003u);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 9, 4}).result, 4u);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 1 << 8 | 9, 3}).result, 3u) << "the default";
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 9, 65}).status, BAD_FIELD);
}

TEST_F(nvme_features, TemperatureHasTwoThresholds)
{
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 4, 0x100000 | 280}).status, OK);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 4, 0x100000}).result, 280u);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 4, 0}).result, 343u);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 1 << 8 | 4, 0x100000}).result, 0u);
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 4, 0x200000}).status, BAD_FIELD) << "no such kind";
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 4, 0x200000}).status, BAD_FIELD);
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 4, 0x010000}).status, BAD_FIELD) << "no such sensor";
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 4, 0x010000}).status, BAD_FIELD);
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 4, 0x0f0000 | 350}).status, OK) << "all sensors";
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 4, 0}).result, 350u);
}

// --- the volatile write cache ---

TEST_F(nvme_features, WritesStayInTheCache)
{
    io(transfer(WRITE, 0, 1, buffer));
    io(transfer(WRITE_ZEROES, 0, 1, 0));
    io({DATASET, 1, buffer, 0, 0, 4});
    EXPECT_EQ(flushes, 0u);
    io({FLUSH, 1});
    EXPECT_EQ(flushes, 1u);
}

TEST_F(nvme_features, ForcedUnitAccessGoesThroughTheCache)
{
    for (const std::uint8_t opcode : {WRITE, WRITE_ZEROES, READ}) {
        command c = transfer(opcode, 0, 1, buffer);
        c.dw12 |= 1u << 30;
        flushes = 0;
        EXPECT_EQ(io(c).status, OK);
        EXPECT_EQ(flushes, 1u) << unsigned{opcode};
    }
}

TEST_F(nvme_features, WithoutTheCacheEveryWriteIsFlushed)
{
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 6, 0}).status, OK);
    EXPECT_EQ(flushes, 1u) << "what was in it";
    io(transfer(WRITE, 0, 1, buffer));
    EXPECT_EQ(flushes, 2u);
    io(transfer(WRITE_ZEROES, 0, 1, 0));
    EXPECT_EQ(flushes, 3u);
    put(buffer + 4, 1, 4);
    put(buffer + 8, 0, 8);
    io({DATASET, 1, buffer, 0, 0, 4});
    EXPECT_EQ(flushes, 4u);
    io(transfer(READ, 0, 1, buffer));
    EXPECT_EQ(flushes, 4u);
}

TEST_F(nvme_features, CacheStaysOnIfItCannotBeFlushed)
{
    disk_state = DISK_FAILED;
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 6, 0}).status, WRITE_FAULT);
    EXPECT_EQ(admin({GET_FEATURES, 0, 0, 0, 6}).result, 1u);
}

} // namespace
} // namespace test_feature
