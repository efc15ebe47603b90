// SPDX-License-Identifier: Apache-2.0
// TLB maintenance of CPUs through the TCU's export (IHI 0070 3.17, 3.21.1).
#include "sync_bench.hpp"

namespace tlm_test::test_broadcast {

namespace {

class broadcast : public sync_bench {
  protected:
    static smmu_config listening()
    {
        smmu_config cfg = smmu_config_default();
        cfg.btm = true;
        return cfg;
    }
    broadcast() : sync_bench(listening()) {}

    smmu::tlb_broadcast_if &cpu() { return *b.smmu.broadcast().operator->(); }

    void tlbi_va()
    {
        smmu_dvm dvm = {};
        dvm.op = SMMU_DVM_VA;
        dvm.asid = static_cast<std::uint16_t>(s.asid());
        dvm.addr = va;
        cpu().tlbi(dvm);
    }

    // A DSB in a process of its own.
    void begin_dsb()
    {
        sc_core::sc_spawn([this] {
            cpu().dsb();
            completed = true;
        });
        settle();
    }

    bool completed = false;
};

TEST_P(broadcast, tlbi_removes_the_translation)
{
    b.run([&] {
        b.bring_up(0);
        EXPECT_EQ(b.device().write64(sid, va, 1), tlm::TLM_OK_RESPONSE);
        s.map(va, pa + 0x1000);
        EXPECT_EQ(b.device().write64(sid, va, 2), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.load64(pa), 2u) << "the old translation is still cached";
        tlbi_va();
        EXPECT_EQ(b.device().write64(sid, va, 3), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.load64(pa + 0x1000), 3u);
    });
}

TEST_P(broadcast, dsb_waits_for_translated_writes)
{
    b.run([&] {
        b.bring_up(0);
        held = {pa};
        begin_write(0, va);
        tlbi_va();
        begin_dsb();
        EXPECT_FALSE(completed);
        let_go(pa);
        EXPECT_TRUE(done[0]);
        EXPECT_TRUE(completed);
    });
}

TEST_P(broadcast, dsb_does_not_wait_for_what_comes_later)
{
    b.run([&] {
        b.bring_up(0);
        held = {pa, pa + 0x100};
        begin_write(0, va);
        begin_dsb();
        begin_write(1, va + 0x100);
        let_go(pa);
        EXPECT_TRUE(completed);
        EXPECT_FALSE(done[1]);
        let_go(pa + 0x100);
    });
}

TEST_P(broadcast, dsb_and_cmd_sync_may_wait_at_once)
{
    b.run([&] {
        b.bring_up(0);
        held = {pa};
        begin_write(0, va);
        b.submit(support::cmd_sync());
        begin_dsb();
        EXPECT_FALSE(completed);
        EXPECT_EQ(consumed(), 0u);
        let_go(pa);
        EXPECT_TRUE(completed);
        EXPECT_EQ(consumed(), 1u);
    });
}

TEST_P(broadcast, dsb_waits_for_what_one_that_was_killed_waited_for)
{
    b.run([&] {
        b.bring_up(0);
        held = {pa};
        begin_write(0, va);
        sc_core::sc_process_handle killed = sc_core::sc_spawn([&] { cpu().dsb(); });
        settle();
        killed.kill();
        begin_dsb();
        EXPECT_FALSE(completed);
        let_go(pa);
        EXPECT_TRUE(completed);
    });
}

INSTANTIATE_TEST_SUITE_P(modes, broadcast, both_timings(), timing_name);

} // namespace

} // namespace tlm_test::test_broadcast
