// SPDX-License-Identifier: Apache-2.0
// Errors that a test makes happen: smmu_inject().
#include "core/events_test.hpp"
#include "support/stage2.hpp"

using namespace support;
using testing::IsEmpty;

namespace test_injection {
namespace {

class Injection : public Events {
  protected:
    void inject(smmu_injection what, uint32_t count = 1) { smmu_inject(dut.smmu(), what, count); }
    void forget() { dut.invalidate_all(); }

    unsigned only_event()
    {
        const auto events = dut.pop_events();
        EXPECT_EQ(events.size(), 1u);
        return events.empty() ? 0 : events[0].type;
    }
};

TEST_F(Injection, SteFetchAborts)
{
    inject(SMMU_INJECT_STE_ABORT);
    expect_abort(dut.translate(sid, va), F_STE_FETCH);
    expect_record(configuration_error(F_STE_FETCH, dut.ste_address(sid)));
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_STE), 0u);
    expect_forward(dut.translate(sid, va), 0x70000000);
}

TEST_F(Injection, CdFetchAborts)
{
    inject(SMMU_INJECT_CD_ABORT);
    expect_abort(dut.translate(sid, va), F_CD_FETCH);
    expect_record(configuration_error(F_CD_FETCH, stream.cd_address()));
    expect_forward(dut.translate(sid, va), 0x70000000);
}

TEST_F(Injection, WalkAborts)
{
    inject(SMMU_INJECT_WALK_ABORT);
    expect_abort(dut.translate(sid, va), F_WALK_EABT);
    EXPECT_EQ(only_event(), F_WALK_EABT);
    expect_forward(dut.translate(sid, va), 0x70000000);
}

TEST_F(Injection, UpdateOfADescriptorAborts)
{
    leaf_attributes old;
    old.af = 0;
    stream.low.map(va, 0x70000000, 3, old);
    stream.context().ha = 1;
    republish();
    expect_abort(dut.translate(sid, va + 0x1000), F_TRANSLATION); // the tables are cached now
    dut.pop_events();
    inject(SMMU_INJECT_WALK_ABORT, 2);
    expect_abort(dut.translate(sid, va), F_WALK_EABT);
    expect_abort(dut.translate(sid, va), F_WALK_EABT);
    expect_forward(dut.translate(sid, va), 0x70000000);
}

TEST_F(Injection, CommandFetchAborts)
{
    inject(SMMU_INJECT_CMDQ_ABORT);
    dut.submit(cmd_sync());
    EXPECT_EQ(dut.cmdq_error(), 2u); // CERROR_ABT
    EXPECT_TRUE(dut.read32(reg::GERROR) & reg::GERROR_CMDQ);
}

TEST_F(Injection, EventWriteAborts)
{
    inject(SMMU_INJECT_EVTQ_ABORT);
    expect_abort(dut.translate(256, va), C_BAD_STREAMID);
    EXPECT_TRUE(dut.read32(reg::GERROR) & reg::GERROR_EVENTQ_ABT);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(Injection, TlbConflict)
{
    expect_forward(dut.translate(sid, va), 0x70000000);
    inject(SMMU_INJECT_TLB_CONFLICT);
    expect_abort(dut.translate(sid, va), F_TLB_CONFLICT);
    event e = stage1_fault(F_TLB_CONFLICT, va);
    e.cls = 0;
    expect_record(e);
    expect_forward(dut.translate(sid, va), 0x70000000);
}

TEST_F(Injection, TlbConflictOfAStreamWithStage2AloneHasTheIpa)
{
    stage2 second(dut, 2);
    ste entry;
    entry.config = STE_S2_TRANS;
    second.apply(entry);
    dut.set_ste(sid + 1, entry);
    inject(SMMU_INJECT_TLB_CONFLICT);
    expect_abort(dut.translate(sid + 1, 0x1234567), F_TLB_CONFLICT);
    event e;
    e.type = F_TLB_CONFLICT;
    e.sid = sid + 1;
    e.rnw = e.s2 = true;
    e.input_addr = 0x1234567;
    e.addr = 0x1234000;
    EXPECT_THAT(dut.pop_events(), testing::ElementsAre(e));
}

TEST_F(Injection, ConfigurationConflict)
{
    expect_forward(dut.translate(sid, va), 0x70000000);
    inject(SMMU_INJECT_CFG_CONFLICT);
    expect_abort(dut.translate(sid, va), F_CFG_CONFLICT);
    expect_record(configuration_error(F_CFG_CONFLICT));
    expect_forward(dut.translate(sid, va), 0x70000000);
}

TEST_F(Injection, ProbesPassIt)
{
    inject(SMMU_INJECT_CFG_CONFLICT);
    inject(SMMU_INJECT_TLB_CONFLICT);
    inject(SMMU_INJECT_WALK_ABORT);
    expect_forward(dut.probe(sid, va), 0x70000000);
}

TEST_F(Injection, CountsDown)
{
    inject(SMMU_INJECT_CFG_CONFLICT, 3);
    for (int i = 0; i < 3; i++)
        expect_abort(dut.translate(sid, va), F_CFG_CONFLICT);
    expect_forward(dut.translate(sid, va), 0x70000000);
}

TEST_F(Injection, ResetForgetsIt)
{
    inject(SMMU_INJECT_CFG_CONFLICT);
    smmu_reset(dut.smmu());
    dut.bring_up();
    expect_forward(dut.translate(sid, va), 0x70000000);
}

} // namespace
} // namespace test_injection
