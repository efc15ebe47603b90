// SPDX-License-Identifier: Apache-2.0
// Enhanced Command queues of a host whose operations block: what one waits for is no matter of the
// others (IHI 0070 3.5.6.1), and what is complete when an enable is acknowledged (3.5.6.2).
#include <gtest/gtest.h>

#include "core/ecmdq_test.hpp"
#include "core/reentry_host.hpp"
#include "support/stage1_stream.hpp"

using namespace support;
using namespace support::reg;

namespace test_ecmdq_parallel {
namespace {

constexpr uint32_t EN = reentry_host::ECMDQ_EN, ERR = reentry_host::ECMDQ_ERR;
constexpr uint64_t first = 0, second = 1; // of the tasks that can go on

class EcmdqParallel : public testing::Test {
  protected:
    EcmdqParallel() : host(ecmdq::config(0, 1)), stream(host, sid)
    {
        host.on_resume = [](smmu_stall *, smmu_resume) {};
        stream.publish();
        host.program(CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN);
        for (unsigned n = 0; n < 2; ++n) {
            host.write(reentry_host::ecmdq_base(n), reentry_host::ecmdq_memory(n) | 3, 8);
            host.write(reentry_host::ecmdq_prod(n), EN);
        }
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

    void put(unsigned n, unsigned index, const command &cmd)
    {
        host.mem.store_image(reentry_host::ecmdq_memory(n) + 16 * index, cmd);
    }
    void ring(unsigned n, unsigned prod) { host.write(reentry_host::ecmdq_prod(n), EN | prod); }
    uint32_t cons(unsigned n) { return host.reg(reentry_host::ecmdq_cons(n)); }

    // Another call for work, which goes on until it ends, while the one task that could goes not.
    void work_alone()
    {
        const size_t before = host.tasks();
        host.start_work(3);
        while (host.tasks() > before)
            ASSERT_TRUE(host.step(second, false, false));
    }

    // A transaction whose walk waits.
    void start_transaction()
    {
        smmu_txn txn = device_under_test::transaction(sid, 0x4000, read_access);
        host.spawn(
            [this, txn] {
                smmu_result result{};
                smmu_translate(host.smmu(), &txn, &result);
            },
            true);
        while (!host.waits_in(SMMU_FETCH_TTD))
            ASSERT_TRUE(host.step(first, false, false));
    }

    static constexpr uint32_t sid = 5;
    reentry_host host;
    stage1_stream stream;
};

// The CMD_SYNC of queue 0 waits for a transaction; queue 1 and the Command queue go on.
TEST_F(EcmdqParallel, ASyncThatWaitsHoldsNoOtherQueue)
{
    start_transaction();
    put(0, 0, cmd_sync());
    ring(0, 1);
    host.start_work();
    while (!host.waits_for_drain())
        ASSERT_TRUE(host.step(second, false, false));
    put(1, 0, tlbi_nh_all());
    put(1, 1, cfgi_all());
    ring(1, 2);
    host.mem.store_image(device_under_test::cmdq_base, tlbi_nh_all());
    host.write(CMDQ_PROD, 1);
    work_alone();
    EXPECT_EQ(cons(1), EN | 2u);
    EXPECT_EQ(host.reg(CMDQ_CONS), 1u);
    EXPECT_EQ(cons(0), EN) << "this one still waits";
    finish();
    EXPECT_EQ(cons(0), EN | 1u);
}

// Nor does it hold Updates.
TEST_F(EcmdqParallel, ASyncThatWaitsHoldsNoUpdate)
{
    start_transaction();
    put(0, 0, cmd_sync());
    ring(0, 1);
    host.start_work();
    while (!host.waits_for_drain())
        ASSERT_TRUE(host.step(second, false, false));
    host.write(CR0, CR0_SMMUEN);
    work_alone();
    EXPECT_EQ(host.reg(CR0ACK), uint32_t{CR0_SMMUEN});
    finish();
}

// The Command queue's CMD_SYNC waits; Enhanced queues go on.
TEST_F(EcmdqParallel, ACommandQueueThatWaitsHoldsNoEnhancedQueue)
{
    start_transaction();
    host.mem.store_image(device_under_test::cmdq_base, cmd_sync());
    host.write(CMDQ_PROD, 1);
    host.start_work();
    while (!host.waits_for_drain())
        ASSERT_TRUE(host.step(second, false, false));
    put(0, 0, tlbi_nh_all());
    ring(0, 1);
    work_alone();
    EXPECT_EQ(cons(0), EN | 1u);
    EXPECT_EQ(host.reg(CMDQ_CONS), 0u);
    finish();
    EXPECT_EQ(host.reg(CMDQ_CONS), 1u);
}

// A run that begins to wait while other queues have commands has asked for another run.
TEST_F(EcmdqParallel, QueuesThatWereRungTogetherAreServedAtOnce)
{
    put(0, 0, cmd_sync());
    put(1, 0, cmd_sync());
    ring(0, 1);
    ring(1, 1);
    host.start_work(2);
    host.step(first, false, false);
    ASSERT_TRUE(host.waits_in(SMMU_FETCH_CMDQ));
    work_alone();
    EXPECT_EQ(cons(1), EN | 1u);
    EXPECT_EQ(cons(0), EN);
    finish();
    EXPECT_EQ(cons(0), EN | 1u);
}

TEST_F(EcmdqParallel, OneQueueIsServedByOneRun)
{
    put(0, 0, cmd_sync());
    put(0, 1, cmd_sync());
    ring(0, 1);
    host.start_work(2);
    host.step(first, false, false);
    ASSERT_TRUE(host.waits_in(SMMU_FETCH_CMDQ));
    ring(0, 2);
    work_alone(); // finds nothing that it could do
    EXPECT_EQ(cons(0), EN);
    finish();
    EXPECT_EQ(cons(0), EN | 2u) << "the first goes on with what was added";
}

// 3.5.6.2: errors are told and consumption has stopped when ENACK is 0.
TEST_F(EcmdqParallel, DisableIsAcknowledgedWhenTheCommandIsOver)
{
    put(0, 0, raw_command(0));
    ring(0, 1);
    host.start_work(2);
    host.step(first, false, false);
    ASSERT_TRUE(host.waits_in(SMMU_FETCH_CMDQ));
    host.write(reentry_host::ecmdq_prod(0), 1);
    work_alone();
    EXPECT_EQ(cons(0), EN);
    finish();
    EXPECT_EQ(cons(0), 1u << 24 | ERR);
    EXPECT_EQ(host.reg(GERROR) ^ host.reg(GERRORN), ecmdq::GERROR_CMDQP);
}

TEST_F(EcmdqParallel, ResetEndsACommandThatWaits)
{
    put(0, 0, tlbi_nh_all());
    ring(0, 1);
    host.start_work();
    host.step(first, false, false);
    ASSERT_TRUE(host.waits_in(SMMU_FETCH_CMDQ));
    host.reset();
    finish();
    EXPECT_EQ(cons(0), 0u);
    EXPECT_EQ(host.reg(reentry_host::ecmdq_prod(0)), 0u);
}

// A queue that is enabled again after the reset goes on when the old access has come back.
TEST_F(EcmdqParallel, QueueWorksAfterAResetThatOvertookIt)
{
    put(0, 0, tlbi_nh_all());
    ring(0, 1);
    host.start_work();
    host.step(first, false, false);
    ASSERT_TRUE(host.waits_in(SMMU_FETCH_CMDQ));
    host.reset();
    host.write(reentry_host::ecmdq_base(0), reentry_host::ecmdq_memory(0) | 3, 8);
    ring(0, 1);
    host.write(CR1, 0xd75);
    finish();
    EXPECT_EQ(cons(0), EN | 1u);
}

// A process that is killed in the middle of a command leaves it to the next.
TEST_F(EcmdqParallel, CommandOfAKilledRunIsDoneByTheNext)
{
    put(0, 0, tlbi_nh_all());
    ring(0, 1);
    host.start_work();
    host.step(first, false, false);
    host.step(first, false, true);
    EXPECT_TRUE(host.idle());
    EXPECT_EQ(cons(0), EN);
    finish();
    EXPECT_EQ(cons(0), EN | 1u);
}

} // namespace
} // namespace test_ecmdq_parallel
