// SPDX-License-Identifier: Apache-2.0
// Event records that stand for more than one event (IHI 0070 7.3.1, 5.2 MEV).
#include "core/core_test.hpp"

using namespace support;
using testing::SizeIs;

namespace test_merging {
namespace {

class Merging : public StreamTest {
  protected:
    Merging()
    {
        stream.stream().mev = 1;
        republish();
        dut.pop_events();
    }

    void fault(uint64_t va, const client_access &how = read_access)
    {
        expect_abort(dut.translate(sid, va, how), F_TRANSLATION);
    }
};

TEST_F(Merging, IdenticalEventsShareARecord)
{
    for (int i = 0; i < 5; i++)
        fault(0x1000);
    EXPECT_THAT(dut.pop_events(), SizeIs(1));
    EXPECT_EQ(stats().events, 1u);
    EXPECT_EQ(stats().events_merged, 4u);
}

TEST_F(Merging, OffsetInThePageDoesNotCount)
{
    fault(0x1000);
    fault(0x1ffc);
    const auto events = dut.pop_events();
    ASSERT_THAT(events, SizeIs(1));
    EXPECT_EQ(events[0].input_addr, 0x1000u);
}

TEST_F(Merging, AnotherPageIsAnotherEvent)
{
    fault(0x1000);
    fault(0x2000);
    EXPECT_THAT(dut.pop_events(), SizeIs(2));
}

TEST_F(Merging, EachBitOfAPageTellsItFromAnother)
{
    for (unsigned bit = 12; bit < 64; ++bit) {
        fault(0x1000);
        fault(0x1000 ^ uint64_t{1} << bit);
        EXPECT_THAT(dut.pop_events(), SizeIs(2)) << bit;
    }
}

TEST_F(Merging, AnotherKindOfAccessIsAnotherEvent)
{
    fault(0x1000);
    fault(0x1000, write_access);
    EXPECT_THAT(dut.pop_events(), SizeIs(2));
}

TEST_F(Merging, OnlyTheLastRecordGrows)
{
    fault(0x1000);
    fault(0x2000);
    fault(0x1000);
    EXPECT_THAT(dut.pop_events(), SizeIs(3));
}

TEST_F(Merging, ConsumedRecordsAreFinal)
{
    fault(0x1000);
    EXPECT_THAT(dut.pop_events(), SizeIs(1));
    fault(0x1000);
    EXPECT_THAT(dut.pop_events(), SizeIs(1));
}

TEST_F(Merging, NotWithoutMev)
{
    stream.stream().mev = 0;
    republish();
    fault(0x1000);
    fault(0x1000);
    EXPECT_THAT(dut.pop_events(), SizeIs(2));
}

TEST_F(Merging, StalledEventsAreNeverMerged)
{
    stream.context().s = 1;
    republish();
    smmu_stall room[2];
    EXPECT_EQ(dut.translate(room[0], sid, 0x1000).outcome, SMMU_STALLED);
    EXPECT_EQ(dut.translate(room[1], sid, 0x1000).outcome, SMMU_STALLED);
    EXPECT_THAT(dut.pop_events(), SizeIs(2));
}

TEST_F(Merging, QueueSetUpAnewHasNoRecordToMergeWith)
{
    fault(0x1000);
    dut.update_cr0(reg::CR0_SMMUEN | reg::CR0_CMDQEN);
    dut.update_cr0(reg::CR0_SMMUEN | reg::CR0_EVENTQEN | reg::CR0_CMDQEN);
    fault(0x1000);
    EXPECT_THAT(dut.pop_events(), SizeIs(2));
}

} // namespace
} // namespace test_merging
