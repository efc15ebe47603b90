// SPDX-License-Identifier: Apache-2.0
// The stall model (IHI 0070 3.12.2, 4.7.1, 4.7.2, 5.5, 7.2.1).
#include "core/nested_test.hpp"

using namespace support;
using namespace support::reg;
using testing::IsEmpty;

namespace test_stall {
namespace {

class Stalls : public NestedTest {
  protected:
    explicit Stalls(const smmu_config &cfg = smmu_config_default()) : NestedTest(cfg)
    {
        entry.s2s = 1;
        stage1.stream().s2s = 1;
        stage1.context().s = 1;
        publish();
    }

    // A transaction of stream 6 that nothing translates; its event record.
    event stall(smmu_stall &room)
    {
        EXPECT_EQ(dut.translate(room, alone, hole, write_access).outcome, SMMU_STALLED);
        return only_event();
    }

    static constexpr uint64_t hole = ipa + 0x1000;
    smmu_stall a{}, b{}, c{};
};

TEST_F(Stalls, RecordSaysStallAndStag)
{
    const event e = stall(a);
    event want = stage2_fault(F_TRANSLATION, alone, hole, CLASS_IN, hole);
    want.rnw = false;
    want.stall = true;
    want.stag = e.stag;
    EXPECT_EQ(e, want);
    EXPECT_THAT(dut.resumed, IsEmpty());
    EXPECT_EQ(stats().stalls, 1u);
    EXPECT_EQ(stats().aborts, 0u);
}

TEST_F(Stalls, Stage1FaultsStallByCdS)
{
    EXPECT_EQ(dut.translate(a, nested, va + 0x1000).outcome, SMMU_STALLED);
    const event e = only_event();
    EXPECT_TRUE(e.stall);
    EXPECT_FALSE(e.s2);
}

TEST_F(Stalls, RIsIgnored)
{
    entry.s2r = 0;
    stage1.context().r = 0;
    publish();
    stall(a);
    EXPECT_EQ(dut.translate(b, nested, va + 0x1000).outcome, SMMU_STALLED);
    EXPECT_TRUE(only_event().stall);
}

TEST_F(Stalls, OtherFaultsTerminate)
{
    const uint64_t at = second.table.descriptor_address(ipa, 3);
    dut.mem.abort_on({at, at + 7, SMMU_FETCH_TTD});
    EXPECT_EQ(dut.translate(a, alone, ipa).outcome, SMMU_ABORT);
    EXPECT_EQ(only_event().type, F_WALK_EABT);
}

TEST_F(Stalls, ClientThatCannotWaitIsAbortedAndRecorded)
{
    // 3.12: the record has Stall == 0, the transaction is terminated with an abort.
    stage1.context().a = 0;
    stage1.context().r = 0;
    publish();
    expect_abort(dut.translate(nested, va + 0x1000), F_TRANSLATION);
    EXPECT_FALSE(only_event().stall);
}

TEST_F(Stalls, StagsDiffer)
{
    EXPECT_NE(stall(a).stag, stall(b).stag);
}

TEST_F(Stalls, StagIsUsedAgainOnlyAfterItsAnswer)
{
    const unsigned first = stall(a).stag;
    EXPECT_NE(stall(b).stag, first);
    dut.submit(cmd_resume(alone, first, resume_action::retry));
    EXPECT_EQ(stall(c).stag, first);
}

TEST_F(Stalls, ResumeActions)
{
    const struct {
        resume_action command;
        smmu_resume action;
    } rows[] = {{resume_action::retry, SMMU_RESUME_RETRY},
                {resume_action::terminate_abort, SMMU_RESUME_ABORT},
                {resume_action::terminate_razwi, SMMU_RESUME_RAZWI}};
    for (const auto &row : rows) {
        dut.resumed.clear();
        const event e = stall(a);
        dut.submit(cmd_resume(alone, e.stag, row.command));
        ASSERT_EQ(dut.resumed.size(), 1u);
        EXPECT_EQ(dut.resumed[0].stall, &a);
        EXPECT_EQ(dut.resumed[0].action, row.action);
    }
}

class AbortOnly : public Stalls {
  protected:
    AbortOnly() : Stalls(config()) {}
    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.term_abort_only = true;
        return cfg;
    }
};

TEST_F(AbortOnly, TermModelMakesTerminateAnAbort)
{
    dut.submit(cmd_resume(alone, stall(a).stag, resume_action::terminate_razwi));
    ASSERT_EQ(dut.resumed.size(), 1u);
    EXPECT_EQ(dut.resumed[0].action, SMMU_RESUME_ABORT);
}

TEST_F(Stalls, RetrySeesTheNewTables)
{
    const event e = stall(a);
    second.table.map(hole, pa, 3, stage2_attributes{});
    dut.submit(cmd_resume(alone, e.stag, resume_action::retry));
    ASSERT_EQ(dut.resumed.size(), 1u);
    expect_forward(dut.translate(a, alone, hole, write_access), pa);
}

TEST_F(Stalls, RetryMayStallAgain)
{
    const event first = stall(a);
    dut.submit(cmd_resume(alone, first.stag, resume_action::retry));
    EXPECT_TRUE(stall(a).stall);
}

TEST_F(Stalls, ResumeOfAnotherStreamOrStagDoesNothing)
{
    const event e = stall(a);
    dut.submit(cmd_resume(alone + 1, e.stag, resume_action::retry));
    dut.submit(cmd_resume(alone, e.stag + 1, resume_action::retry));
    dut.submit(cmd_resume(alone, 0xffff, resume_action::retry));
    EXPECT_THAT(dut.resumed, IsEmpty());
    EXPECT_EQ(dut.cmdq_error(), CERROR_NONE);
}

TEST_F(Stalls, ResumeTwiceLetsGoOnce)
{
    const event e = stall(a);
    dut.submit(cmd_resume(alone, e.stag, resume_action::retry));
    dut.submit(cmd_resume(alone, e.stag, resume_action::retry));
    EXPECT_EQ(dut.resumed.size(), 1u);
}

TEST_F(Stalls, StallTermAbortsAllOfOneStream)
{
    stall(a);
    stall(b);
    EXPECT_EQ(dut.translate(c, nested, va + 0x1000).outcome, SMMU_STALLED);
    dut.submit(cmd_stall_term(alone));
    ASSERT_EQ(dut.resumed.size(), 2u);
    for (const auto &r : dut.resumed) {
        EXPECT_NE(r.stall, &c);
        EXPECT_EQ(r.action, SMMU_RESUME_ABORT);
    }
}

TEST_F(Stalls, DisablingTheSmmuAbortsAll)
{
    // 6.3.9.6
    stall(a);
    EXPECT_EQ(dut.translate(b, nested, va + 0x1000).outcome, SMMU_STALLED);
    dut.update_cr0(CR0_EVENTQEN | CR0_CMDQEN);
    ASSERT_EQ(dut.resumed.size(), 2u);
    for (const auto &r : dut.resumed)
        EXPECT_EQ(r.action, SMMU_RESUME_ABORT);
}

TEST_F(Stalls, ResetAbortsAll)
{
    stall(a);
    smmu_reset(dut.smmu());
    ASSERT_EQ(dut.resumed.size(), 1u);
    EXPECT_EQ(dut.resumed[0].action, SMMU_RESUME_ABORT);
}

TEST_F(Stalls, ProbeAnswersWithoutHolding)
{
    smmu_txn txn = device_under_test::transaction(alone, hole, read_access);
    txn.stall = &a;
    smmu_result result{};
    smmu_probe(dut.smmu(), &txn, &result);
    EXPECT_EQ(result.outcome, SMMU_STALLED);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
    dut.submit(cmd_stall_term(alone));
    EXPECT_THAT(dut.resumed, IsEmpty());
}

// 7.2.1: the Event queue cannot take the record.

class FullQueue : public Stalls {
  protected:
    FullQueue()
    {
        bring_up_options options;
        options.evtq_log2 = 1;
        dut.update_cr0(0);
        dut.bring_up(options);
        publish();
    }
};

TEST_F(FullQueue, StallWithoutRoomIsRetriedWhenThereIsSome)
{
    for (smmu_stall *room : {&a, &b, &c})
        EXPECT_EQ(dut.translate(*room, alone, hole).outcome, SMMU_STALLED);
    EXPECT_THAT(dut.resumed, IsEmpty());
    EXPECT_EQ(dut.read32(EVENTQ_PROD), 2u) << "no overflow: nothing was discarded";
    EXPECT_EQ(dut.pop_events().size(), 2u);
    ASSERT_EQ(dut.resumed.size(), 1u);
    EXPECT_EQ(dut.resumed[0].stall, &c);
    EXPECT_EQ(dut.resumed[0].action, SMMU_RESUME_RETRY);
    EXPECT_EQ(dut.translate(c, alone, hole).outcome, SMMU_STALLED);
    EXPECT_EQ(dut.pop_events().size(), 1u);
}

TEST_F(FullQueue, WaitingTransactionsObeyStallTerm)
{
    for (smmu_stall *room : {&a, &b, &c})
        dut.translate(*room, alone, hole);
    dut.submit(cmd_stall_term(alone));
    EXPECT_EQ(dut.resumed.size(), 3u);
    dut.pop_events();
    EXPECT_EQ(dut.resumed.size(), 3u) << "none is retried";
}

TEST_F(Stalls, DisabledQueueHoldsUntilItIsEnabled)
{
    dut.update_cr0(CR0_SMMUEN | CR0_CMDQEN);
    EXPECT_EQ(dut.translate(a, alone, hole).outcome, SMMU_STALLED);
    EXPECT_THAT(dut.resumed, IsEmpty());
    dut.update_cr0(CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN);
    ASSERT_EQ(dut.resumed.size(), 1u);
    EXPECT_EQ(dut.resumed[0].action, SMMU_RESUME_RETRY);
}

TEST_F(Stalls, AbortedQueueHoldsUntilTheErrorIsAcknowledged)
{
    dut.mem.abort_on({dut.evtq_base, dut.evtq_base + 0xffff, SMMU_FETCH_EVTQ});
    EXPECT_EQ(dut.translate(a, alone, hole).outcome, SMMU_STALLED);
    EXPECT_THAT(dut.resumed, IsEmpty());
    dut.mem.clear_aborts();
    dut.acknowledge_gerror();
    ASSERT_EQ(dut.resumed.size(), 1u);
    EXPECT_EQ(dut.resumed[0].action, SMMU_RESUME_RETRY);
}

class TwoStags : public Stalls {
  protected:
    TwoStags() : Stalls(config()) {}
    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.stall_max = 2;
        return cfg;
    }
};

TEST_F(TwoStags, WithoutAFreeStagTheTransactionWaits)
{
    const event first = stall(a);
    stall(b);
    EXPECT_EQ(dut.translate(c, alone, hole).outcome, SMMU_STALLED);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
    dut.submit(cmd_resume(alone, first.stag, resume_action::terminate_abort));
    ASSERT_EQ(dut.resumed.size(), 2u);
    EXPECT_EQ(dut.resumed[0].stall, &a);
    EXPECT_EQ(dut.resumed[1].stall, &c);
    EXPECT_EQ(dut.resumed[1].action, SMMU_RESUME_RETRY);
}

} // namespace
} // namespace test_stall
