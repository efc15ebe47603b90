// SPDX-License-Identifier: Apache-2.0
// Calls that come back from a memory access into another world: translation has been disabled, the
// SMMU reset, the stall terminated (IHI 0070 3.12.2, 4.7, 6.3.9.6, 9.1).
#include "core/nested_test.hpp"
#include "core/reentry_test.hpp"

using namespace support;
using namespace support::reg;
using testing::ElementsAre;
using testing::IsEmpty;

namespace test_overtaken {
namespace {

constexpr uint32_t cr0_disabled = CR0_CMDQEN | CR0_EVENTQEN;
constexpr uint32_t cr0_enabled = cr0_disabled | CR0_SMMUEN;

class Overtaken : public NestedTest {
  protected:
    explicit Overtaken(const smmu_config &cfg = smmu_config_default()) : NestedTest(cfg)
    {
        entry.s2s = 1;
        stage1.stream().s2s = 1;
        stage1.context().s = 1;
        publish();
    }

    void disable() { dut.update_cr0(cr0_disabled); }
    void start_again()
    {
        smmu_reset(dut.smmu());
        dut.bring_up();
    }

    // The STAG in the record of a transaction that has stalled in `room`.
    uint32_t stall(smmu_stall &room)
    {
        EXPECT_EQ(dut.translate(room, alone, hole).outcome, SMMU_STALLED);
        return only_event().stag;
    }

    static constexpr uint64_t hole = ipa + 0x1000;
    smmu_stall a{}, b{}, c{};
};

TEST_F(Overtaken, WhatTheDisableOvertakesPassesInsteadOfStalling)
{
    // 6.3.9.6: once SMMUEN is acknowledged as 0 no transaction becomes stalled.
    during(dut, SMMU_FETCH_TTD, 0, [&] { disable(); });
    expect_forward(dut.translate(a, alone, hole), hole);
    EXPECT_EQ(dut.read32(EVENTQ_PROD), 0u);
    EXPECT_THAT(dut.resumed, IsEmpty());
    EXPECT_EQ(stats().stalls, 0u);
}

TEST_F(Overtaken, WhatTheDisableOvertakesGoesByGbpa)
{
    during(dut, SMMU_FETCH_TTD, 0, [&] {
        dut.write32(GBPA, GBPA_UPDATE | GBPA_ABORT);
        disable();
    });
    expect_abort(dut.translate(alone, ipa), 0);
}

TEST_F(Overtaken, NoStructureIsFetchedOnceTheSmmuIsDisabled)
{
    for (const smmu_fetch at : {SMMU_FETCH_STE, SMMU_FETCH_CD, SMMU_FETCH_TTD}) {
        start_again();
        publish();
        during(dut, at, 0, [&] {
            disable();
            dut.mem.clear_log();
        });
        expect_forward(dut.translate(nested, va), va);
        EXPECT_EQ(dut.mem.log().size(), 1u) << "the access under way";
    }
}

TEST_F(Overtaken, ByAResetNothingStalls)
{
    during(dut, SMMU_FETCH_TTD, 0, [&] { smmu_reset(dut.smmu()); });
    EXPECT_EQ(dut.translate(a, alone, hole).outcome, SMMU_FORWARD);
    dut.bring_up();
    EXPECT_EQ(dut.read32(EVENTQ_PROD), 0u);
    EXPECT_THAT(dut.resumed, IsEmpty());
}

TEST_F(Overtaken, ByAResetAndANewStartTheNewTablesCount)
{
    during(dut, SMMU_FETCH_TTD, 0, [&] {
        second.table.map(hole, pa, 3, stage2_attributes{});
        start_again();
    });
    expect_forward(dut.translate(a, alone, hole), pa);
}

TEST_F(Overtaken, TranslationRequestIsUnsupported)
{
    // 6.3.9.6: with SMMUEN == 0 the ATS interface is not operational.
    stage1.stream().s2s = 0;
    stage1.stream().eats = 1;
    stage1.context().s = 0;
    publish();
    during(dut, SMMU_FETCH_TTD, 0, [&] { disable(); });
    smmu_ats_request request{};
    request.sid = nested;
    request.addr = va;
    const smmu_ats_completion completion = dut.ats_translate(request);
    EXPECT_EQ(completion.status, SMMU_ATS_UR);
    EXPECT_FALSE(completion.r || completion.w);
}

// --- stalls --------------------------------------------------------------------------------------

TEST_F(Overtaken, StallTermAndAnAbortOfTheRecordLetGoOnce)
{
    // 4.7.2, 7.2.2: what CMD_STALL_TERM has let go does not wait to be retried.
    dut.mem.abort_on({dut.evtq_base, dut.evtq_base + 0xffff, SMMU_FETCH_EVTQ});
    during(dut, SMMU_FETCH_EVTQ, 0, [&] {
        smmu_reg_write(dut.smmu(), CMDQ_PROD, 4, 0);
        dut.submit(cmd_stall_term(alone));
    });
    EXPECT_EQ(dut.translate(a, alone, hole).outcome, SMMU_STALLED);
    ASSERT_EQ(dut.resumed.size(), 1u);
    EXPECT_EQ(dut.resumed[0].action, SMMU_RESUME_ABORT);
    EXPECT_FALSE(smmu_stall_held(dut.smmu(), &a));
    dut.mem.clear_aborts();
    dut.acknowledge_gerror();
    EXPECT_EQ(dut.resumed.size(), 1u);
    stall(a);
    EXPECT_TRUE(smmu_stall_held(dut.smmu(), &a));
}

TEST_F(Overtaken, ResetAndAnAbortOfTheRecordLetGoOnce)
{
    dut.mem.abort_on({dut.evtq_base, dut.evtq_base + 0xffff, SMMU_FETCH_EVTQ});
    during(dut, SMMU_FETCH_EVTQ, 0, [&] { smmu_reset(dut.smmu()); });
    dut.translate(a, alone, hole);
    EXPECT_EQ(dut.resumed.size(), 1u);
    EXPECT_FALSE(smmu_stall_held(dut.smmu(), &a));
    EXPECT_EQ(dut.read32(GERROR), 0u) << "the abort is of another life";
}

TEST_F(Overtaken, RetryThatTheDisablePrecedesIsAborted)
{
    // 3.12.2.2: a retry is promised unless SMMUEN is cleared before it; stalled transactions then
    // end with an abort, and not untranslated.
    dut.submit(cmd_resume(alone, stall(a), resume_action::retry));
    ASSERT_EQ(dut.resumed.size(), 1u);
    disable();
    expect_abort(dut.retry(a, alone, hole), 0);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(Overtaken, RetryThatTheDisableOvertakesIsAborted)
{
    dut.submit(cmd_resume(alone, stall(a), resume_action::retry));
    dut.submit(tlbi_nsnh_all());
    during(dut, SMMU_FETCH_TTD, 0, [&] { disable(); });
    expect_abort(dut.retry(a, alone, hole), 0);
}

TEST_F(Overtaken, RetryAfterDisableAndEnableIsAborted)
{
    dut.submit(cmd_resume(alone, stall(a), resume_action::retry));
    second.table.map(hole, pa, 3, stage2_attributes{});
    disable();
    dut.update_cr0(cr0_enabled);
    expect_abort(dut.retry(a, alone, hole), 0);
}

TEST_F(Overtaken, RetryInTheSameSessionGoesOn)
{
    dut.submit(cmd_resume(alone, stall(a), resume_action::retry));
    second.table.map(hole, pa, 3, stage2_attributes{});
    expect_forward(dut.retry(a, alone, hole), pa);
}

class Waiting : public Overtaken {
  protected:
    Waiting()
    {
        bring_up_options options;
        options.evtq_log2 = 1;
        dut.update_cr0(0);
        dut.bring_up(options);
        publish();
        for (smmu_stall &each : full)
            dut.translate(each, alone, hole);
        for (smmu_stall *room : {&a, &b, &c})
            dut.translate(*room, alone, hole);
        EXPECT_THAT(dut.resumed, IsEmpty());
    }

    std::vector<smmu_stall *> let_go()
    {
        std::vector<smmu_stall *> rooms;
        for (const resumed_stall &each : dut.resumed)
            rooms.push_back(each.stall);
        dut.resumed.clear();
        return rooms;
    }

    smmu_stall full[2]{};
};

TEST_F(Waiting, FirstComeFirstServed)
{
    dut.pop_events(); // all: there is room for two
    EXPECT_THAT(let_go(), ElementsAre(&a, &b));
    dut.retry(a, alone, hole);
    dut.retry(b, alone, hole);
    dut.pop_events();
    EXPECT_THAT(let_go(), ElementsAre(&c));
}

TEST_F(Waiting, RetryKeepsItsTurn)
{
    dut.pop_events();
    let_go();
    smmu_stall newcomer{};
    for (smmu_stall *room : {&newcomer, &full[0], &full[1]})
        dut.translate(*room, alone, hole); // the room that there is, is for a and b
    EXPECT_EQ(queue_index(dut.read32(EVENTQ_PROD)), 2u) << "nothing is recorded";
    for (smmu_stall *room : {&b, &a})
        EXPECT_EQ(dut.retry(*room, alone, hole).outcome, SMMU_STALLED);
    EXPECT_EQ(dut.pop_events().size(), 2u);
    EXPECT_THAT(let_go(), ElementsAre(&c, &newcomer));
}

TEST_F(Waiting, NewcomersNeverOvertakeARetry)
{
    smmu_stall newcomer[100]{};
    dut.pop_events();
    ASSERT_THAT(let_go(), ElementsAre(&a, &b));
    for (smmu_stall &each : newcomer)
        dut.translate(each, alone, hole);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
    dut.retry(a, alone, hole);
    EXPECT_EQ(dut.pop_events().size(), 1u);
}

TEST_F(Waiting, RoomThatARetryDoesNotTakeIsForTheNext)
{
    dut.pop_events();
    let_go();
    second.table.map(hole, pa, 3, stage2_attributes{});
    smmu_txn txn = device_under_test::transaction(alone, hole, read_access);
    txn.stall = &a;
    txn.retried = true;
    smmu_result result{};
    smmu_translate(dut.smmu(), &txn, &result);
    EXPECT_EQ(result.outcome, SMMU_FORWARD);
    EXPECT_THAT(let_go(), ElementsAre(&c)) << "nobody calls smmu_run()";
}

TEST_F(Waiting, RetryThatComesNoMoreIsNotWaitedFor)
{
    dut.pop_events();
    ASSERT_THAT(let_go(), ElementsAre(&a, &b));
    EXPECT_FALSE(smmu_stall_abandon(dut.smmu(), &a));
    EXPECT_THAT(let_go(), ElementsAre(&c));
}

TEST_F(Waiting, LostTransactionIsNotResumed)
{
    EXPECT_FALSE(smmu_stall_abandon(dut.smmu(), &a));
    EXPECT_FALSE(smmu_stall_held(dut.smmu(), &a));
    dut.pop_events();
    EXPECT_THAT(let_go(), ElementsAre(&b, &c));
}

TEST_F(Waiting, LostTransactionWithARecordKeepsItsRoom)
{
    EXPECT_TRUE(smmu_stall_abandon(dut.smmu(), &full[0]));
    const std::vector<event> events = dut.pop_events();
    dut.submit(cmd_resume(alone, events.at(0).stag, resume_action::retry));
    EXPECT_THAT(let_go(), ElementsAre(&a, &b, &full[0]));
    EXPECT_FALSE(smmu_stall_abandon(dut.smmu(), &full[0]));
}

TEST_F(Waiting, NewcomerDoesNotTakeTheRoomOfThoseBefore)
{
    smmu_stall newcomer{};
    smmu_reg_write(dut.smmu(), EVENTQ_CONS, 4, dut.read32(EVENTQ_PROD));
    dut.translate(newcomer, alone, hole);
    EXPECT_EQ(queue_index(dut.read32(EVENTQ_PROD)), 2u);
    smmu_run(dut.smmu());
    EXPECT_THAT(let_go(), ElementsAre(&a, &b));
}

TEST_F(Waiting, StallTermOfAnotherStreamKeepsTheOrder)
{
    dut.submit(cmd_stall_term(alone + 100));
    dut.pop_events();
    EXPECT_THAT(let_go(), ElementsAre(&a, &b));
}

// --- address translation operations --------------------------------------------------------------

class OvertakenOperation : public Overtaken {
  protected:
    OvertakenOperation() : Overtaken(config()) {}
    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.btm = true;
        return cfg;
    }

    enum : uint32_t {
        GATOS_CTRL = 0x100,
        GATOS_SID = 0x108,
        GATOS_ADDR = 0x110,
        GATOS_PAR = 0x118
    };

    // Stage 2 of stream 6, to read (6.3.38, 6.3.39).
    void operate()
    {
        dut.write64(GATOS_SID, alone);
        dut.write64(GATOS_ADDR, ipa | 2u << 10 | 1u << 8);
        dut.write32(GATOS_CTRL, 1);
    }
};

TEST_F(OvertakenOperation, ByAResetLeavesNothing)
{
    during(dut, SMMU_FETCH_TTD, 0, [&] { smmu_reset(dut.smmu()); });
    operate();
    EXPECT_EQ(dut.read64(GATOS_PAR), 0u);
    EXPECT_EQ(dut.read32(GATOS_CTRL), 0u);
}

TEST_F(OvertakenOperation, ByABroadcastIsDoneAgain)
{
    // 9: a result that comes after an invalidation does not go by what that was about.
    dut.update_cr0(0);
    dut.write32(CR2, CR2_RECINVSID);
    dut.update_cr0(cr0_enabled);
    during(dut, SMMU_FETCH_TTD, 3, [&] {
        smmu_dvm all{};
        all.op = SMMU_DVM_ALL;
        const uint64_t level2 = second.table.descriptor_address(ipa, 2);
        const uint64_t fresh = dut.frames.allocate(4096, 4096);
        dut.mem.store64(fresh + 8 * (ipa >> 12 & 511),
                        leaf_descriptor(pa + 0x1000, 3, stage2_attributes{}));
        dut.mem.store64(level2, table_descriptor(fresh));
        smmu_broadcast_tlbi(dut.smmu(), &all);
    });
    operate();
    EXPECT_EQ(dut.mem.before, nullptr);
    EXPECT_EQ(address_bits(dut.read64(GATOS_PAR), 55, 12), pa + 0x1000);
}

TEST_F(OvertakenOperation, ThatIsDoneAgainLetsOthersHaveTheirTurn)
{
    // 6.3.16, 6.3.37: Updates complete in finite time, however often an operation has to be done
    // again.
    unsigned fetches = 0;
    uint32_t acknowledged = 0;
    dut.update_cr0(0);
    dut.write32(CR2, CR2_RECINVSID);
    dut.update_cr0(cr0_enabled);
    dut.mem.before = [&](const smmu_mem_req &req) {
        if (req.fetch != SMMU_FETCH_TTD)
            return;
        if (fetches++ == 0)
            smmu_reg_write(dut.smmu(), IRQ_CTRL, 4, IRQ_EVENTQ);
        smmu_dvm all{};
        all.op = SMMU_DVM_ALL;
        if (fetches < 20)
            smmu_broadcast_tlbi(dut.smmu(), &all);
        else
            acknowledged = dut.read32(IRQ_CTRLACK);
    };
    operate();
    EXPECT_GE(fetches, 20u);
    EXPECT_EQ(acknowledged, IRQ_EVENTQ);
    EXPECT_EQ(address_bits(dut.read64(GATOS_PAR), 55, 12), pa);
}

TEST_F(OvertakenOperation, ThatNeedsAnUpdateEndsWithTheSmmu)
{
    // 6.3.9.6: a disable ends it; no descriptor is updated from then on, so INTERNAL_ERR.
    stage2_attributes fresh;
    fresh.af = 0;
    second.table.map(ipa, pa, 3, fresh);
    entry.s2ha = 1;
    publish();
    during(dut, SMMU_FETCH_TTD, 0,
           [&] { smmu_reg_write(dut.smmu(), CR0, 4, CR0_CMDQEN | CR0_EVENTQEN); });
    operate();
    EXPECT_EQ(dut.read32(GATOS_CTRL), 0u);
    EXPECT_EQ(dut.read64(GATOS_PAR), 0xfd1u);
    EXPECT_EQ(dut.read32(CR0ACK), CR0_CMDQEN | CR0_EVENTQEN);
}

// --- messages ------------------------------------------------------------------------------------

TEST_F(Overtaken, MessageThatAbortsAfterAResetIsNoError)
{
    dut.mem.abort_on({0, ~uint64_t{0}, SMMU_FETCH_MSI});
    during(dut, SMMU_FETCH_MSI, 0, [&] { smmu_reset(dut.smmu()); });
    dut.submit(cmd_sync_msi(0x18000000, 1));
    EXPECT_EQ(dut.read32(GERROR), 0u);
}

} // namespace
} // namespace test_overtaken
