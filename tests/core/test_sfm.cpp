// SPDX-License-Identifier: Apache-2.0
// Service Failure Mode (IHI 0070 12.3, 6.3.19: SFM_ERR).
#include "core/events_test.hpp"
#include "core/reentry_test.hpp"

using namespace support;
using namespace support::reg;
using testing::ElementsAre;
using testing::IsEmpty;

namespace test_sfm {
namespace {

constexpr uint32_t SFM_ERR = 1u << 8;

class ServiceFailure : public Events {
  protected:
    explicit ServiceFailure(const smmu_config &cfg = smmu_config_default()) : Events(cfg)
    {
        stream.stream().eats = 1;
        republish();
        dut.update_cr0(CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN | CR0_PRIQEN);
        expect_forward(dut.translate(sid, va), 0x70000000);
        dut.irqs.clear();
        dut.invals.clear();
        dut.mem.clear_log();
    }

    void fail()
    {
        smmu_inject(dut.smmu(), SMMU_INJECT_SFM, 1);
        smmu_run(dut.smmu());
    }
};

TEST_F(ServiceFailure, BeginsInARunThatTheHostIsAskedFor)
{
    static unsigned asked;
    asked = 0;
    device_under_test other(smmu_config_default(), true,
                            [](smmu_ops &ops) { ops.defer = [](void *) { asked++; }; });
    smmu_inject(other.smmu(), SMMU_INJECT_SFM, 1);
    EXPECT_EQ(asked, 1u);
    EXPECT_EQ(other.read32(GERROR), 0u);
    smmu_run(other.smmu());
    EXPECT_EQ(other.read32(GERROR), SFM_ERR);
}

TEST_F(ServiceFailure, ActivatesAGlobalErrorWithItsInterrupt) // 7.5.1
{
    fail();
    EXPECT_EQ(dut.read32(GERROR) ^ dut.read32(GERRORN), SFM_ERR);
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_GERROR));
}

TEST_F(ServiceFailure, AbortsTransactions)
{
    fail();
    expect_abort(dut.translate(sid, va), 0);
    expect_abort(dut.translate(sid, va, write_access), 0);
    expect_abort(dut.translate(sid, va, translated_read), 0);
    EXPECT_THAT(dut.mem.log(), IsEmpty());
}

TEST_F(ServiceFailure, AbortsWhatMicroTlbsHaveLearntSinceTheInjection)
{
    smmu_inject(dut.smmu(), SMMU_INJECT_SFM, 1);
    expect_forward(dut.translate(sid, va), 0x70000000);
    smmu_run(dut.smmu());
    expect_abort(dut.translate(sid, va), 0);
}

TEST_F(ServiceFailure, AbortsWhatWouldBypass)
{
    fail();
    dut.update_cr0(CR0_EVENTQEN | CR0_CMDQEN);
    EXPECT_EQ(dut.read32(GBPA), 0u);
    expect_abort(dut.translate(sid, va), 0);
}

TEST_F(ServiceFailure, TakesDirectAccessAway)
{
    fail();
    ASSERT_EQ(dut.invals.size(), 1u);
    EXPECT_EQ(dut.invals[0].kind, SMMU_INVAL_ALL);
    EXPECT_EQ(dut.probe(sid, va).outcome, SMMU_ABORT);
}

TEST_F(ServiceFailure, RecordsNoEvents)
{
    fail();
    expect_abort(dut.translate(256, va), 0);
    smmu_page_hint hint{};
    hint.sid = sid;
    hint.pages = 1;
    smmu_hint_pages(dut.smmu(), &hint);
    EXPECT_EQ(dut.read32(EVENTQ_PROD), 0u);
    EXPECT_THAT(dut.mem.log(), IsEmpty());
}

TEST_F(ServiceFailure, ReadsNoCommands)
{
    const uint32_t before = dut.read32(CMDQ_CONS);
    fail();
    dut.submit(cmd_sync());
    EXPECT_EQ(dut.read32(CMDQ_CONS), before);
    EXPECT_THAT(dut.mem.log(), IsEmpty());
}

TEST_F(ServiceFailure, AnswersTranslationRequestsWithCompleterAbort)
{
    smmu_ats_request request{};
    request.sid = sid;
    request.addr = va;
    EXPECT_EQ(dut.ats_translate(request).status, SMMU_ATS_SUCCESS);
    fail();
    const smmu_ats_completion completion = dut.ats_translate(request);
    EXPECT_EQ(completion.status, SMMU_ATS_CA);
    EXPECT_FALSE(completion.r || completion.w);
}

TEST_F(ServiceFailure, AnswersPageRequestsWithFailure)
{
    fail();
    smmu_page_request request{};
    request.sid = sid;
    request.r = request.last = true;
    smmu_request_page(dut.smmu(), &request);
    EXPECT_EQ(dut.read32(PRIQ_PROD), 0u);
    EXPECT_THAT(dut.mem.log(), IsEmpty());
    ASSERT_EQ(dut.responses.size(), 1u);
    EXPECT_EQ(dut.responses[0].code, SMMU_PRG_FAILURE);
}

TEST_F(ServiceFailure, PrefetchesNothing)
{
    fail();
    smmu_prefetch_request what{};
    what.addr = va + 0x1000;
    what.sid = sid;
    what.pages = 1;
    smmu_prefetch(dut.smmu(), &what);
    EXPECT_THAT(dut.mem.log(), IsEmpty());
}

TEST_F(ServiceFailure, EndsAddressTranslationOperations) // 9.1.5: INTERNAL_ERR
{
    fail();
    dut.write64(0x108, sid);
    dut.write64(0x110, va | 1u << 10);
    dut.write32(0x100, 1);
    EXPECT_EQ(dut.read32(0x100), 0u);
    EXPECT_EQ(dut.read64(0x118) & 0xff1, 0xfd1u);
}

TEST_F(ServiceFailure, RegistersCanBeReadAndEnablesAreAcknowledged)
{
    fail();
    EXPECT_EQ(dut.read32(IDR1), device_under_test().read32(IDR1));
    dut.update_cr0(0);
    EXPECT_EQ(dut.read32(CR0ACK), 0u);
}

TEST_F(ServiceFailure, StaysWhenTheErrorIsAcknowledged) // 6.3.19
{
    fail();
    dut.acknowledge_gerror();
    EXPECT_EQ(dut.read32(GERROR), dut.read32(GERRORN));
    expect_abort(dut.translate(sid, va), 0);
    fail();
    EXPECT_EQ(dut.read32(GERROR), dut.read32(GERRORN)) << "it does not begin again";
}

TEST_F(ServiceFailure, EndsWithReset)
{
    fail();
    smmu_reset(dut.smmu());
    EXPECT_EQ(dut.read32(GERROR), 0u);
    dut.bring_up();
    EXPECT_EQ(dut.read32(CMDQ_PROD), dut.read32(CMDQ_CONS));
    expect_forward(dut.translate(sid, va), 0x70000000);
    expect_abort(dut.translate(256, va), C_BAD_STREAMID);
    EXPECT_EQ(dut.pop_events().size(), 1u);
}

TEST_F(ServiceFailure, AResetBeforeItForgetsIt)
{
    smmu_inject(dut.smmu(), SMMU_INJECT_SFM, 1);
    smmu_reset(dut.smmu());
    smmu_run(dut.smmu());
    EXPECT_EQ(dut.read32(GERROR), 0u);
}

// --- what is under way --------------------------------------------------------------------------

TEST_F(ServiceFailure, AbortsATransactionThatWaitsForATable)
{
    dut.invalidate_all();
    dut.mem.clear_log();
    for (const smmu_fetch at : {SMMU_FETCH_STE, SMMU_FETCH_CD, SMMU_FETCH_TTD}) {
        during(dut, at, 0, [&] {
            fail();
            dut.mem.clear_log();
        });
        expect_abort(dut.translate(sid, va), 0);
        EXPECT_EQ(dut.mem.log().size(), 1u) << "the access under way";
        smmu_reset(dut.smmu());
        dut.bring_up();
    }
}

TEST_F(ServiceFailure, EndsAnOperationThatWaitsForATable)
{
    dut.invalidate_all();
    during(dut, SMMU_FETCH_TTD, 0, [&] { fail(); });
    dut.write64(0x108, sid);
    dut.write64(0x110, va | 1u << 10);
    dut.write32(0x100, 1);
    EXPECT_EQ(dut.read32(0x100), 0u);
    EXPECT_EQ(dut.read64(0x118) & 0xff1, 0xfd1u);
}

TEST_F(ServiceFailure, DoesNotCompleteARecord)
{
    during(dut, SMMU_FETCH_EVTQ, 0, [&] { fail(); });
    expect_abort(dut.translate(256, va), C_BAD_STREAMID);
    EXPECT_EQ(dut.read32(EVENTQ_PROD), 0u);
}

TEST_F(ServiceFailure, DoesNotConsumeTheCommandThatIsBeingRead)
{
    const uint32_t before = dut.read32(CMDQ_CONS);
    during(dut, SMMU_FETCH_CMDQ, 0, [&] { fail(); });
    dut.submit(cmd_sync_msi(0x9000, 1));
    EXPECT_EQ(dut.read32(CMDQ_CONS), before);
    EXPECT_THAT(dut.mem.msis(), IsEmpty());
}

class ServiceFailureOfStalls : public ServiceFailure {
  protected:
    ServiceFailureOfStalls()
    {
        stream.stream().eats = 0;
        stream.context().s = 1;
        republish();
        dut.mem.clear_log();
    }
    smmu_stall room{};
    static constexpr uint64_t hole = va + 0x1000;
};

TEST_F(ServiceFailureOfStalls, AbortsWhatStalls)
{
    EXPECT_EQ(dut.translate(room, sid, hole).outcome, SMMU_STALLED);
    fail();
    ASSERT_EQ(dut.resumed.size(), 1u);
    EXPECT_EQ(dut.resumed[0].action, SMMU_RESUME_ABORT);
    EXPECT_FALSE(smmu_stall_held(dut.smmu(), &room));
}

TEST_F(ServiceFailureOfStalls, AbortsARetryThatHasNotComeYet)
{
    EXPECT_EQ(dut.translate(room, sid, hole).outcome, SMMU_STALLED);
    stream.low.map(hole, 0x71000000);
    dut.submit(cmd_resume(sid, 0, resume_action::retry));
    ASSERT_EQ(dut.resumed.size(), 1u);
    fail();
    expect_abort(dut.retry(room, sid, hole), 0);
    EXPECT_FALSE(smmu_stall_held(dut.smmu(), &room));
}

TEST_F(ServiceFailureOfStalls, AbortsWhatIsAboutToStall)
{
    during(dut, SMMU_FETCH_EVTQ, 0, [&] { fail(); });
    EXPECT_EQ(dut.translate(room, sid, hole).outcome, SMMU_STALLED);
    ASSERT_EQ(dut.resumed.size(), 1u);
    EXPECT_EQ(dut.resumed[0].action, SMMU_RESUME_ABORT);
    EXPECT_FALSE(smmu_stall_held(dut.smmu(), &room));
}

// --- Enhanced Command queues, messages ----------------------------------------------------------

TEST(ServiceFailureOfEcmdqs, ReadsNoCommandsButAcknowledgesTheEnable) // 3.5.6.2
{
    smmu_config cfg = smmu_config_default();
    cfg.ecmdq = true;
    device_under_test dut(cfg);
    dut.write64(0x30000, 0x61000003);
    smmu_inject(dut.smmu(), SMMU_INJECT_SFM, 1);
    smmu_run(dut.smmu());
    dut.write32(0x30008, 1u << 31 | 1); // ECMDQ_PROD: EN, a command
    EXPECT_EQ(dut.read32(0x3000c), 1u << 31) << "ECMDQ_CONS: ENACK, index 0";
    EXPECT_THAT(dut.mem.log(), IsEmpty());
}

TEST_F(ServiceFailure, TellsOfItselfByMessage)
{
    dut.write32(IRQ_CTRL, 0);
    dut.write64(GERROR_IRQ_CFG0, 0x9000);
    dut.write32(GERROR_IRQ_CFG1, 0x77);
    dut.write32(IRQ_CTRL, IRQ_GERROR);
    fail();
    ASSERT_EQ(dut.mem.msis().size(), 1u);
    EXPECT_EQ(dut.mem.msis()[0].data, 0x77u);
}

} // namespace
} // namespace test_sfm
