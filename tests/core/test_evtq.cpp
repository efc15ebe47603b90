// SPDX-License-Identifier: Apache-2.0
// The Event queue as a queue (IHI 0070 7.2, 7.4): writing, overflow, aborts, interrupts.
#include "core/core_test.hpp"

using namespace support;
using namespace support::reg;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

namespace test_evtq {
namespace {

class EventQueue : public CoreTest {
  protected:
    EventQueue() { start(2); }

    void start(unsigned log2)
    {
        bring_up_options options;
        options.evtq_log2 = log2;
        dut.update_cr0(0);
        dut.bring_up(options);
        dut.irqs.clear();
        dut.mem.clear_log();
    }

    // Provoke C_BAD_STE of one stream.
    void raise(uint32_t sid = 1) { dut.translate(sid, 0x1000); }
    uint32_t prod() { return dut.read32(EVENTQ_PROD); }
    bool overflowed()
    {
        return ((dut.read32(EVENTQ_PROD) ^ dut.read32(EVENTQ_CONS)) & EVENTQ_OVERFLOW) != 0;
    }
};

TEST_F(EventQueue, RecordsAreWrittenInOrder)
{
    raise(1);
    raise(2);
    raise(3);
    const auto events = dut.pop_events();
    ASSERT_THAT(events, SizeIs(3));
    for (unsigned i = 0; i < 3; ++i)
        EXPECT_EQ(events[i].sid, i + 1);
}

TEST_F(EventQueue, OneRecordIs32BytesAtTheProducerIndex)
{
    raise();
    raise();
    std::vector<uint64_t> written;
    for (const auto &access : dut.mem.log()) {
        if (!access.write)
            continue;
        EXPECT_EQ(access.req.fetch, SMMU_FETCH_EVTQ);
        EXPECT_EQ(access.req.size, 32u);
        written.push_back(access.req.addr);
    }
    EXPECT_THAT(written, ElementsAre(dut.evtq_base, dut.evtq_base + 32));
}

TEST_F(EventQueue, WrapsManyTimes)
{
    for (unsigned log2 : {0u, 1u, 2u}) {
        start(log2);
        for (uint32_t i = 0; i < 13; ++i) {
            raise(i);
            const auto events = dut.pop_events();
            ASSERT_THAT(events, SizeIs(1));
            EXPECT_EQ(events[0].sid, i);
        }
        EXPECT_FALSE(overflowed());
    }
}

TEST_F(EventQueue, DisabledQueueDiscardsWithoutOverflow)
{
    dut.update_cr0(CR0_SMMUEN | CR0_CMDQEN);
    for (unsigned i = 0; i < 6; ++i)
        raise();
    EXPECT_EQ(prod(), 0u);
    EXPECT_FALSE(overflowed());
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_EVTQ), 0u);
}

// 7.4

TEST_F(EventQueue, FullQueueIsNotAnOverflow)
{
    for (unsigned i = 0; i < 4; ++i)
        raise();
    EXPECT_EQ(queue_index(prod()), 4u);
    EXPECT_FALSE(overflowed());
}

TEST_F(EventQueue, RecordForAFullQueueIsDiscardedAndFlagged)
{
    for (uint32_t i = 0; i < 5; ++i)
        raise(i);
    EXPECT_TRUE(overflowed());
    EXPECT_EQ(prod(), 4u | EVENTQ_OVERFLOW);
    const auto events = dut.pop_events();
    ASSERT_THAT(events, SizeIs(4));
    EXPECT_EQ(events.back().sid, 3u);
    EXPECT_GE(stats().events_discarded, 1u);
}

TEST_F(EventQueue, SecondOverflowIsNotToggledBack)
{
    for (unsigned i = 0; i < 4; ++i)
        raise();
    for (unsigned i = 0; i < 4; ++i) {
        raise();
        EXPECT_TRUE(overflowed());
    }
}

TEST_F(EventQueue, UnacknowledgedOverflowDoesNotStopNewRecords)
{
    for (unsigned i = 0; i < 5; ++i)
        raise();
    EXPECT_THAT(dut.pop_events(), SizeIs(4));
    EXPECT_TRUE(overflowed());
    raise(9);
    const auto events = dut.pop_events();
    ASSERT_THAT(events, SizeIs(1));
    EXPECT_EQ(events[0].sid, 9u);
}

TEST_F(EventQueue, AcknowledgedOverflowCanHappenAgain)
{
    for (unsigned i = 0; i < 5; ++i)
        raise();
    dut.pop_events();
    dut.acknowledge_overflow();
    EXPECT_FALSE(overflowed());
    for (unsigned i = 0; i < 5; ++i)
        raise();
    EXPECT_TRUE(overflowed());
    EXPECT_EQ(prod() & EVENTQ_OVERFLOW, 0u) << "toggled a second time";
}

// 7.2.2

TEST_F(EventQueue, AbortedWriteActivatesTheGlobalError)
{
    dut.mem.abort_on({dut.evtq_base, dut.evtq_base + 31, SMMU_FETCH_EVTQ});
    raise();
    EXPECT_EQ(dut.read32(GERROR) ^ dut.read32(GERRORN), GERROR_EVENTQ_ABT);
    EXPECT_EQ(prod(), 0u) << "the index does not pass an entry whose write aborted";
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_GERROR)) << "the queue is still empty";
}

TEST_F(EventQueue, NothingIsDeliveredWhileTheAbortIsActive)
{
    dut.mem.abort_on({dut.evtq_base, dut.evtq_base + 31, SMMU_FETCH_EVTQ});
    raise(1);
    dut.mem.clear_aborts();
    raise(2);
    EXPECT_EQ(prod(), 0u);
    dut.acknowledge_gerror();
    raise(3);
    const auto events = dut.pop_events();
    ASSERT_THAT(events, SizeIs(1));
    EXPECT_EQ(events[0].sid, 3u);
}

TEST_F(EventQueue, TransactionsStillTerminateWhileTheQueueIsUnwritable)
{
    dut.mem.abort_on({dut.evtq_base, dut.evtq_base + 31, SMMU_FETCH_EVTQ});
    raise();
    EXPECT_EQ(dut.translate(1, 0).outcome, SMMU_ABORT);
}

// 3.18

TEST_F(EventQueue, InterruptOnlyWhenTheQueueBecomesNonEmpty)
{
    raise();
    raise();
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_EVTQ));
    dut.pop_events();
    raise();
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_EVTQ, SMMU_IRQ_EVTQ));
}

TEST_F(EventQueue, InterruptNeedsItsEnable)
{
    dut.write32(IRQ_CTRL, IRQ_GERROR);
    raise();
    EXPECT_THAT(dut.irqs, IsEmpty());
}

TEST_F(EventQueue, EnablingDoesNotSignalThePast)
{
    dut.write32(IRQ_CTRL, 0);
    raise();
    dut.write32(IRQ_CTRL, IRQ_EVENTQ);
    EXPECT_THAT(dut.irqs, IsEmpty());
}

TEST_F(EventQueue, InterruptComesAfterTheRecordIsVisible)
{
    const smmu_stats before = stats();
    raise();
    EXPECT_EQ(stats().events - before.events, 1u);
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_EVTQ));
    EXPECT_EQ(queue_index(prod()), 1u);
}

TEST_F(EventQueue, SizeIsCappedAtIdr1)
{
    smmu_config cfg = smmu_config_default();
    cfg.evtq_log2_max = 1;
    device_under_test other(cfg);
    bring_up_options options;
    options.evtq_log2 = 10;
    other.bring_up(options);
    for (unsigned i = 0; i < 3; ++i)
        other.translate(1, 0);
    EXPECT_EQ(other.read32(EVENTQ_PROD), 2u | EVENTQ_OVERFLOW) << "two entries, then overflow";
}

TEST_F(EventQueue, QueueAttributesComeFromCr1)
{
    raise();
    const auto &access = dut.mem.log().back();
    ASSERT_EQ(access.req.fetch, SMMU_FETCH_EVTQ);
    EXPECT_EQ(access.req.attr.sh, SMMU_SH_INNER);
    EXPECT_EQ(access.req.attr.mair & 0xcc, 0xcc) << "Write-Back";
    EXPECT_EQ(access.req.pas, SMMU_PAS_NS);
}

} // namespace
} // namespace test_evtq
