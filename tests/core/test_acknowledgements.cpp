// SPDX-License-Identifier: Apache-2.0
// What is complete when an Update is acknowledged, with operations that block (IHI 0070 6.3.9,
// 6.3.16, 7.2.1), and what calls that never come back leave behind.
#include <gtest/gtest.h>

#include "core/reentry_host.hpp"
#include "support/stage1_stream.hpp"

using namespace support;
using namespace support::reg;

namespace test_acknowledgements {
namespace {

constexpr uint32_t cr0_all = CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN;

class Acknowledgements : public testing::Test {
  protected:
    Acknowledgements() : host(smmu_config_default()), stream(host, sid)
    {
        host.on_resume = [this](smmu_stall *, smmu_resume) { ++resumed; };
        stream.context().ha = 1;
        stream.low.map(va, pa);
        stream.publish();
        host.program(cr0_all);
        finish();
        host.write(IRQ_CTRL, 0);
        finish();
    }

    void finish()
    {
        do
            host.start_work();
        while (host.step(0, false, false));
    }

    // A transaction; `result` is what it is answered in the end.
    void start(uint64_t addr, smmu_stall *room = nullptr)
    {
        smmu_txn txn = device_under_test::transaction(sid, addr, write_access);
        txn.stall = room;
        host.spawn(
            [this, txn] {
                smmu_translate(host.smmu(), &txn, &result);
                ++answers;
            },
            true);
    }

    // Go on with task `n` until one waits in an access of class `fetch`.
    void go_to(smmu_fetch fetch, uint64_t n = 0)
    {
        for (unsigned i = 0; i < 100 && !host.waits_in(fetch); ++i)
            host.step(n, false, false);
        ASSERT_TRUE(host.waits_in(fetch));
    }

    // Write a register and let the background work go as far as it can.
    void update(uint32_t offset, uint32_t value)
    {
        host.write(offset, value);
        host.start_work();
        host.step(last, false, false);
    }

    void expect_bypass()
    {
        start(va);
        finish();
        EXPECT_EQ(result.outcome, SMMU_FORWARD);
        EXPECT_EQ(result.addr, va);
    }

    static constexpr uint32_t sid = 5;
    static constexpr uint64_t va = 0x4000, hole = 0x777000, pa = 0x1'0000'0000;
    static constexpr uint64_t last = 1; // of a client and the background work
    reentry_host host;
    stage1_stream stream;
    smmu_result result{};
    smmu_stall room{};
    unsigned answers = 0, resumed = 0;
};

TEST_F(Acknowledgements, SmmuDisabledWhileAnotherUpdateWaits)
{
    // EVENTQEN waits for the record under way (6.3.9.4), and SMMUEN is written meanwhile: nothing
    // that is cached is used once that is acknowledged.
    start(va);
    finish();
    EXPECT_EQ(result.addr, pa);
    start(hole);
    go_to(SMMU_FETCH_EVTQ);
    update(CR0, CR0_SMMUEN | CR0_CMDQEN);
    EXPECT_EQ(host.reg(CR0ACK), cr0_all);
    update(CR0, CR0_CMDQEN);
    finish();
    EXPECT_EQ(host.reg(CR0ACK), CR0_CMDQEN);
    expect_bypass();
}

TEST_F(Acknowledgements, InterruptDisableWaitsForItsMessage)
{
    host.write(IRQ_CTRL, IRQ_EVENTQ | IRQ_GERROR);
    finish();
    start(hole);
    go_to(SMMU_FETCH_MSI);
    update(IRQ_CTRL, 0);
    EXPECT_EQ(host.reg(IRQ_CTRLACK), IRQ_EVENTQ) << "the other source has nothing under way";
    host.step(0, false, false);
    EXPECT_EQ(host.reg(IRQ_CTRLACK), 0u);
}

TEST_F(Acknowledgements, InterruptDisableWaitsForTheErrorOfItsMessage)
{
    host.write(IRQ_CTRL, IRQ_EVENTQ);
    finish();
    start(hole);
    go_to(SMMU_FETCH_MSI);
    update(IRQ_CTRL, 0);
    EXPECT_EQ(host.reg(GERROR), 0u);
    host.step(0, true, false);
    EXPECT_EQ(host.reg(GERROR), GERROR_MSI_EVENTQ_ABT);
    EXPECT_EQ(host.reg(IRQ_CTRLACK), 0u);
}

TEST_F(Acknowledgements, NoMessageIsBegunOnceItsEnableIsCleared)
{
    host.write(IRQ_CTRL, IRQ_EVENTQ);
    finish();
    start(hole);
    go_to(SMMU_FETCH_EVTQ);
    host.write(IRQ_CTRL, 0);
    finish();
    EXPECT_TRUE(host.mem.msis().empty());
    EXPECT_EQ(host.reg(IRQ_CTRLACK), 0u);
}

TEST_F(Acknowledgements, SmmuDisableWaitsForDescriptorUpdates)
{
    // 6.3.9.6: with SMMUEN == 0 descriptors are not updated.
    leaf_attributes fresh;
    fresh.af = 0;
    stream.low.map(va, pa, 3, fresh);
    start(va);
    go_to(SMMU_FETCH_TTD_UPDATE);
    update(CR0, CR0_EVENTQEN);
    EXPECT_EQ(host.reg(CR0ACK), CR0_EVENTQEN | CR0_SMMUEN);
    finish();
    EXPECT_EQ(host.reg(CR0ACK), CR0_EVENTQEN);
}

TEST_F(Acknowledgements, NoDescriptorUpdateIsBegunOnceTheSmmuIsToBeDisabled)
{
    // 6.3.9: an Update completes in finite time, however many transactions there are. Those under
    // way go by the new value, as those do that come.
    constexpr uint64_t other = va + 0x1000, newcomer = va + 0x2000;
    leaf_attributes fresh;
    fresh.af = 0;
    for (const uint64_t page : {va, other, newcomer})
        stream.low.map(page, pa, 3, fresh);
    start(other);
    go_to(SMMU_FETCH_TTD);
    start(va);
    go_to(SMMU_FETCH_TTD_UPDATE, last);
    host.write(CR0, CR0_EVENTQEN);
    for (unsigned i = 0; i < 100 && answers == 0; ++i)
        host.step(0, false, false);
    EXPECT_EQ(result.addr, other);
    start(newcomer);
    while (answers < 2 && host.step(last, false, false)) {
    }
    EXPECT_EQ(result.addr, newcomer);
    host.start_work();
    while (host.working())
        host.step(last, false, false);
    EXPECT_EQ(host.reg(CR0ACK), CR0_EVENTQEN | CR0_SMMUEN) << "the first update is under way";
    finish();
    EXPECT_EQ(host.reg(CR0ACK), CR0_EVENTQEN);
    for (const uint64_t page : {other, newcomer})
        EXPECT_EQ(host.mem.load64(stream.low.descriptor_address(page, 3)) & 0x400, 0u);
}

TEST_F(Acknowledgements, DisableTakesEffectAtOnePointInTime)
{
    // 6.3.9.6: all transactions that come after one which passes untranslated pass so too, be their
    // answers in the micro TLB or not.
    constexpr uint64_t seen = va, fresh = va + 0x1000;
    stream.low.map(fresh, pa + 0x1000);
    start(seen);
    finish();
    ASSERT_EQ(result.addr, pa);
    host.write(CR0, CR0_EVENTQEN | CR0_CMDQEN);
    for (const uint64_t addr : {fresh, seen}) {
        start(addr);
        while (host.step(0, false, false)) {
        }
        EXPECT_EQ(result.addr, addr);
    }
    EXPECT_EQ(host.reg(CR0ACK), cr0_all);
}

TEST_F(Acknowledgements, MessagesAreSentAfterTheTurn)
{
    // Whoever takes a message may fault before it answers: its event needs the turn.
    host.write(IRQ_CTRL, IRQ_EVENTQ | IRQ_GERROR);
    finish();
    start(hole);
    go_to(SMMU_FETCH_MSI);
    start(hole + 0x1000);
    go_to(SMMU_FETCH_EVTQ, last);
    host.step(last, true, false); // the second record aborts: GERROR has a message too
    start(va);
    while (answers < 1 && host.step(2, false, false)) {
    }
    EXPECT_EQ(host.waiting_for_turn(), 0u);
    EXPECT_EQ(host.reg(GERROR), GERROR_EVENTQ_ABT);
    ASSERT_EQ(answers, 1u);
    EXPECT_EQ(result.addr, pa);
    finish();
    EXPECT_EQ(host.mem.msis().size(), 2u);
}

TEST_F(Acknowledgements, MessagesOfPageRequestsAreSentAfterTheTurn)
{
    host.write(CR0, cr0_all | CR0_PRIQEN);
    host.write(IRQ_CTRL, IRQ_PRIQ);
    finish();
    smmu_page_request request{};
    request.sid = sid;
    request.last = request.r = true;
    const auto ask = [&] { host.spawn([&] { smmu_request_page(host.smmu(), &request); }, true); };
    ask();
    go_to(SMMU_FETCH_MSI);
    ask();
    go_to(SMMU_FETCH_PRIQ, last);
    EXPECT_TRUE(host.waits_in(SMMU_FETCH_MSI)) << "the first is not over";
    finish();
    EXPECT_EQ(host.reg(PRIQ_PROD), 2u);
}

TEST_F(Acknowledgements, EventsThatWaitForTheirTurnEndWithTheQueue)
{
    // 7.2.1: what is not committed when EVENTQEN is cleared is discarded, and does not turn up in
    // the queue that is enabled next.
    start(hole);
    go_to(SMMU_FETCH_EVTQ);
    start(hole + 0x1000);
    while (host.waiting_for_turn() < 1)
        host.step(last, false, false);
    update(CR0, CR0_SMMUEN | CR0_CMDQEN);
    ASSERT_EQ(host.waiting_for_turn(), 2u);
    host.step(0, false, false); // the first record is written
    while (host.working())
        host.step(last, false, false);
    ASSERT_EQ(host.reg(CR0ACK), CR0_SMMUEN | CR0_CMDQEN);
    host.write(CR0, cr0_all);
    host.start_work();
    while (host.working())
        host.step(last, false, false);
    finish();
    EXPECT_EQ(answers, 2u);
    EXPECT_EQ(host.reg(EVENTQ_PROD), 1u);
}

TEST_F(Acknowledgements, NoRecordIsBegunOnceTheQueueIsToBeDisabled)
{
    host.write(CR0, CR0_SMMUEN | CR0_CMDQEN);
    start(hole);
    while (host.step(0, false, false)) {
    }
    EXPECT_EQ(answers, 1u);
    EXPECT_EQ(host.reg(EVENTQ_PROD), 0u);
}

TEST_F(Acknowledgements, PageRequestsThatWaitForTheirTurnEndWithTheQueue)
{
    // 8.2: they are answered with failure.
    host.write(CR0, cr0_all | CR0_PRIQEN);
    finish();
    smmu_page_request request{};
    request.sid = sid;
    request.last = request.r = true;
    for (unsigned i = 0; i < 2; ++i)
        host.spawn([&] { smmu_request_page(host.smmu(), &request); }, true);
    go_to(SMMU_FETCH_PRIQ);
    while (host.waiting_for_turn() < 1)
        host.step(last, false, false);
    update(CR0, cr0_all);
    host.step(0, false, false);
    while (host.working())
        host.step(last, false, false);
    host.write(CR0, cr0_all | CR0_PRIQEN);
    host.start_work();
    while (host.working())
        host.step(last, false, false);
    finish();
    EXPECT_EQ(host.reg(PRIQ_PROD), 1u);
    ASSERT_EQ(host.responses.size(), 1u);
    EXPECT_EQ(host.responses[0].code, SMMU_PRG_FAILURE);
}

TEST_F(Acknowledgements, QueueWritableAgainBeforeAStallWaitsIsSeen)
{
    // 7.2.1: the abort of the record is acknowledged while its interrupt is under way, so that no
    // register write follows the transaction's waiting.
    stream.context().s = 1;
    stream.publish();
    host.write(IRQ_CTRL, IRQ_GERROR);
    finish();
    start(hole, &room);
    go_to(SMMU_FETCH_EVTQ);
    host.step(0, true, false);
    ASSERT_TRUE(host.waits_in(SMMU_FETCH_MSI));
    update(GERRORN, GERROR_EVENTQ_ABT);
    ASSERT_FALSE(host.working());
    EXPECT_EQ(resumed, 0u);
    finish();
    EXPECT_EQ(resumed, 1u);
}

TEST_F(Acknowledgements, ResetEndsACommandSyncThatWaits)
{
    host.mem.store_image(device_under_test::cmdq_base, cmd_sync());
    start(hole);
    go_to(SMMU_FETCH_EVTQ);
    update(CMDQ_PROD, 1);
    host.step(last, false, false); // the command is fetched, and waits for the transaction
    host.reset();
    finish();
    EXPECT_EQ(host.atc_syncs, 0u);
    EXPECT_EQ(host.reg(CMDQ_CONS), 0u);
}

TEST_F(Acknowledgements, OperationAskedForWhileAnUpdateWaitsEndsWithTheSmmu)
{
    // 6.3.37, 9.1.5: SMMUEN is acknowledged with RUN cleared and INTERNAL_ERR, if not a result.
    enum : uint32_t { GATOS_CTRL = 0x100, GATOS_ADDR = 0x110, GATOS_PAR = 0x118 };
    start(hole);
    go_to(SMMU_FETCH_EVTQ);
    update(CR0, CR0_SMMUEN | CR0_CMDQEN);
    host.write(GATOS_ADDR, va | 1u << 10 | 1u << 8, 8);
    host.write(GATOS_CTRL, 1);
    host.write(CR0, CR0_CMDQEN);
    finish();
    EXPECT_EQ(host.reg(GATOS_CTRL), 0u);
    EXPECT_EQ(host.reg(GATOS_PAR), 0xfd1u);
}

// --- calls that are unwound where they wait ------------------------------------------------------

TEST_F(Acknowledgements, KilledWriterOfAnEventGivesItsTurnBack)
{
    start(hole);
    go_to(SMMU_FETCH_EVTQ);
    host.step(0, false, true);
    ASSERT_TRUE(host.idle());
    start(hole);
    finish();
    EXPECT_EQ(answers, 1u);
    EXPECT_EQ(host.reg(EVENTQ_PROD), 1u);
}

TEST_F(Acknowledgements, KilledRunLeavesTheNextOneFree)
{
    const command sync = cmd_sync_msi(reentry_host::sync_msi, 1);
    for (uint32_t i = 0; i < 2; ++i) {
        const smmu_fetch at = i == 0 ? SMMU_FETCH_CMDQ : SMMU_FETCH_MSI;
        host.mem.store_image(device_under_test::cmdq_base + 16 * i, sync);
        host.write(CMDQ_PROD, i + 1);
        host.start_work();
        go_to(at);
        host.step(0, false, true);
        ASSERT_FALSE(host.working());
        host.write(CR0, cr0_all & ~CR0_SMMUEN);
        finish();
        EXPECT_EQ(host.reg(CR0ACK), cr0_all & ~CR0_SMMUEN);
        EXPECT_EQ(host.reg(CMDQ_CONS), host.reg(CMDQ_PROD));
        host.write(CR0, cr0_all);
        finish();
    }
}

TEST_F(Acknowledgements, KilledWriterOfAStallLetsTheNextOneHaveItsStag)
{
    // 3.12.2, with one STAG: who waits for it is retried without a register write.
    smmu_config cfg = smmu_config_default();
    cfg.stall_max = 1;
    reentry_host one(cfg);
    stage1_stream stalling(one, sid);
    stalling.context().s = 1;
    stalling.publish();
    one.program(cr0_all);
    do
        one.start_work();
    while (one.step(0, false, false));
    smmu_stall rooms[2] = {};
    unsigned retried = 0;
    one.on_resume = [&](smmu_stall *stall, smmu_resume action) {
        retried += stall == &rooms[1] && action == SMMU_RESUME_RETRY;
    };
    smmu_result results[2] = {};
    for (unsigned i = 0; i < 2; ++i) {
        smmu_txn txn = device_under_test::transaction(sid, hole, write_access);
        txn.stall = &rooms[i];
        one.spawn([&one, &results, i, txn] { smmu_translate(one.smmu(), &txn, &results[i]); },
                  true);
        for (unsigned steps = 0; i == 0 && steps < 100 && !one.waits_in(SMMU_FETCH_EVTQ); ++steps)
            one.step(0, false, false);
    }
    for (unsigned steps = 0; steps < 100 && results[1].outcome != SMMU_STALLED; ++steps)
        one.step(1, false, false);
    ASSERT_EQ(results[1].outcome, SMMU_STALLED);
    one.step(0, false, true); // the first, in its event write
    one.start_work();
    while (one.step(0, false, false)) {
    }
    EXPECT_EQ(retried, 1u);
}

TEST_F(Acknowledgements, EventsThatNeedNoTranslationOutliveIt)
{
    // 7.3.2: F_UUT may be recorded with SMMUEN == 0; 6.3.9.4 discards those of translation alone.
    smmu_config cfg = smmu_config_default();
    cfg.operations = 0;
    reentry_host plain(cfg);
    stage1_stream other(plain, sid);
    other.publish();
    plain.program(cr0_all);
    do
        plain.start_work();
    while (plain.step(0, false, false));
    smmu_txn atomic = device_under_test::transaction(sid, va, write_access);
    atomic.op = SMMU_OP_ATOMIC;
    smmu_result results[2] = {};
    const auto spawn = [&](unsigned i) {
        plain.spawn(
            [&plain, &results, i, atomic] { smmu_translate(plain.smmu(), &atomic, &results[i]); },
            true);
    };
    spawn(0);
    for (unsigned steps = 0; steps < 100 && !plain.waits_in(SMMU_FETCH_EVTQ); ++steps)
        plain.step(0, false, false);
    plain.write(CR0, cr0_all & ~CR0_SMMUEN);
    plain.start_work();
    plain.step(1, false, false); // the Update waits for its turn
    spawn(1);
    for (unsigned steps = 0; steps < 100 && plain.waiting_for_turn() != 2; ++steps)
        plain.step(1, false, false); // and the second event behind it
    ASSERT_EQ(plain.waiting_for_turn(), 2u);
    do
        plain.start_work();
    while (plain.step(0, false, false));
    EXPECT_EQ(plain.reg(CR0ACK), cr0_all & ~CR0_SMMUEN);
    EXPECT_EQ(plain.reg(EVENTQ_PROD), 2u);
}

TEST_F(Acknowledgements, KilledTransactionWithoutARecordIsNotStalled)
{
    stream.context().s = 1;
    stream.publish();
    start(hole, &room);
    go_to(SMMU_FETCH_EVTQ);
    EXPECT_TRUE(smmu_stall_held(host.smmu(), &room));
    host.step(0, false, true);
    EXPECT_FALSE(smmu_stall_held(host.smmu(), &room));
}

TEST_F(Acknowledgements, KilledTransactionWithARecordStaysUntilItIsAnswered)
{
    // 3.12.2: the STAG is not used again before.
    stream.context().s = 1;
    stream.publish();
    host.write(IRQ_CTRL, IRQ_EVENTQ);
    finish();
    start(hole, &room);
    go_to(SMMU_FETCH_MSI);
    host.step(0, false, true);
    EXPECT_TRUE(smmu_stall_held(host.smmu(), &room));
    update(CR0, CR0_EVENTQEN | CR0_CMDQEN);
    EXPECT_EQ(resumed, 1u);
}

TEST_F(Acknowledgements, KilledMessageAndUpdateAreNotWaitedFor)
{
    leaf_attributes fresh;
    fresh.af = 0;
    stream.low.map(va, pa, 3, fresh);
    host.write(IRQ_CTRL, IRQ_EVENTQ);
    finish();
    start(hole);
    go_to(SMMU_FETCH_MSI);
    host.step(0, false, true);
    start(va);
    go_to(SMMU_FETCH_TTD_UPDATE);
    host.step(0, false, true);
    host.write(IRQ_CTRL, 0);
    host.write(CR0, 0);
    finish();
    EXPECT_EQ(host.reg(IRQ_CTRLACK), 0u);
    EXPECT_EQ(host.reg(CR0ACK), 0u);
}

} // namespace
} // namespace test_acknowledgements
