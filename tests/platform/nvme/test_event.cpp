// SPDX-License-Identifier: Apache-2.0
// Asynchronous events, and aborts of the requests for them.
#include "nvme_bench.hpp"

namespace test_event {
namespace {

class nvme_events : public nvme_bench {
  protected:
    nvme_events()
    {
        enable();
        create_io_queues();
    }
};

TEST_F(nvme_events, BadDoorbellIsAnAsynchronousEvent)
{
    completion done = {};
    const std::uint16_t id = submit(0, {ASYNC_EVENT});
    nvme_run(core.get());
    EXPECT_FALSE(take(0, done)) << "it waits";

    write(DOORBELL + 8 * 1, entries);
    write(DOORBELL + 8 * 9, 1);
    nvme_run(core.get());
    ASSERT_TRUE(take(0, done));
    EXPECT_EQ(done.id, id);
    EXPECT_EQ(done.result, 0x00010100u) << "invalid value; the first is told";
}

TEST_F(nvme_events, EventsComeOneAtATimeUntilTheLogIsRead)
{
    completion done = {};
    submit(0, {ASYNC_EVENT});
    submit(0, {ASYNC_EVENT});
    nvme_run(core.get());
    write(DOORBELL + 8 * 9, 1);
    nvme_run(core.get());
    ASSERT_TRUE(take(0, done));
    EXPECT_EQ(done.result, 0x00010000u) << "no such doorbell";
    write(DOORBELL + 8 * 9, 1);
    nvme_run(core.get());
    EXPECT_FALSE(take(0, done));
    submit(0, {GET_LOG, 0xffffffff, buffer, 0, 15 << 16 | 1});
    nvme_run(core.get());
    EXPECT_TRUE(take(0, done));
    EXPECT_TRUE(take(0, done)) << "the next event";
}

TEST_F(nvme_events, HoldsFourEventRequests)
{
    completion done = {};
    for (unsigned i = 0; i < 4; i++)
        submit(0, {ASYNC_EVENT});
    nvme_run(core.get());
    EXPECT_FALSE(take(0, done));
    EXPECT_EQ(admin({ASYNC_EVENT}).status, TOO_MANY_EVENTS);
}

TEST_F(nvme_events, AbortTakesBackAnEventRequest)
{
    completion done = {};
    const std::uint16_t id = submit(0, {ASYNC_EVENT});
    const std::uint16_t abort = submit(0, {ABORT, 0, 0, 0, std::uint32_t{id} << 16});
    nvme_run(core.get());
    ASSERT_TRUE(take(0, done));
    EXPECT_EQ(done.id, id);
    EXPECT_EQ(done.status, ABORTED);
    ASSERT_TRUE(take(0, done));
    EXPECT_EQ(done.id, abort);
    EXPECT_EQ(done.result, 0u) << "aborted";
    EXPECT_EQ(admin({ABORT, 0, 0, 0, std::uint32_t{id} << 16}).result, 1u) << "not again";
}

TEST_F(nvme_events, DoorbellsBeyondAllQueuesAreEventsToo)
{
    completion done = {};
    submit(0, {ASYNC_EVENT});
    write(DOORBELL + 8 * 511, 1);
    nvme_run(core.get());
    ASSERT_TRUE(take(0, done));
    EXPECT_EQ(done.result, 0x00010000u);
}

TEST_F(nvme_events, TakingWhatWasNotPostedIsABadDoorbellValue)
{
    completion done = {};
    submit(0, {ASYNC_EVENT});
    write(DOORBELL + 8 + 4, 1); // the completion queue 1 is empty
    nvme_run(core.get());
    ASSERT_TRUE(take(0, done));
    EXPECT_EQ(done.result, 0x00010100u);
}

TEST_F(nvme_events, RetainedEventsStayMasked)
{
    completion done = {};
    submit(0, {ASYNC_EVENT});
    submit(0, {ASYNC_EVENT});
    write(DOORBELL + 8 * 9, 1);
    nvme_run(core.get());
    ASSERT_TRUE(take(0, done));
    write(DOORBELL + 8 * 9, 1);
    admin({GET_LOG, 0, buffer, 0, 15 << 16 | 0x8000 | 1});
    nvme_run(core.get());
    EXPECT_FALSE(take(0, done));
}

TEST_F(nvme_events, CrossedTemperatureIsAnEventIfAskedFor)
{
    completion done = {};
    submit(0, {ASYNC_EVENT});
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 4, 290}).status, OK);
    nvme_run(core.get());
    EXPECT_FALSE(take(0, done)) << "not asked for";
    submit(0, {SET_FEATURES, 0, 0, 0, 0x0B, 2});
    nvme_run(core.get());
    ASSERT_TRUE(take(0, done));
    ASSERT_TRUE(take(0, done));
    EXPECT_EQ(done.result, 0x00020101u);
    EXPECT_EQ(admin({GET_LOG, 0, buffer, 0, 127 << 16 | 2}).status, OK);
    EXPECT_EQ(memory[buffer], 2u) << "critical warning";
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 4, 301}).status, OK);
    EXPECT_EQ(admin({GET_LOG, 0, buffer, 0, 127 << 16 | 2}).status, OK);
    EXPECT_EQ(memory[buffer], 0u);
}

TEST_F(nvme_events, EitherThresholdIsCrossedWhenItIsSet)
{
    completion done = {};
    EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 0x0B, 2}).status, OK);
    for (const std::uint32_t threshold : {300u, 0x100000u | 300}) {
        submit(0, {ASYNC_EVENT});
        submit(0, {SET_FEATURES, 0, 0, 0, 4, threshold});
        nvme_run(core.get());
        ASSERT_TRUE(take(0, done));
        ASSERT_TRUE(take(0, done)) << threshold;
        EXPECT_EQ(done.result, 0x00020101u);
        EXPECT_EQ(admin({SET_FEATURES, 0, 0, 0, 4, 343}).status, OK);
        EXPECT_EQ(admin({GET_LOG, 0, buffer, 0, 127 << 16 | 2}).status, OK);
    }
}

TEST_F(nvme_events, EventsOfOneTypeDoNotHoldBackAnother)
{
    completion done = {};
    submit(0, {ASYNC_EVENT});
    submit(0, {ASYNC_EVENT});
    write(DOORBELL + 8 * 9, 1);
    nvme_run(core.get());
    ASSERT_TRUE(take(0, done));
    admin({SET_FEATURES, 0, 0, 0, 4, 290});
    submit(0, {SET_FEATURES, 0, 0, 0, 0x0B, 2});
    nvme_run(core.get());
    ASSERT_TRUE(take(0, done));
    ASSERT_TRUE(take(0, done));
    EXPECT_EQ(done.result, 0x00020101u);
}

TEST_F(nvme_events, AbortNeedsRoomForBothCompletions)
{
    completion done = {};
    const std::uint16_t id = submit(0, {ASYNC_EVENT});
    nvme_run(core.get());
    for (unsigned i = 0; i < entries - 2; i++) {
        submit(0, {GET_FEATURES, 0, 0, 0, 7});
        nvme_run(core.get());
    }
    submit(0, {ABORT, 0, 0, 0, std::uint32_t{id} << 16}); // one entry is free
    nvme_run(core.get());
    for (unsigned i = 0; i < entries - 2; i++)
        ASSERT_TRUE(take(0, done));
    ASSERT_TRUE(take(0, done));
    EXPECT_EQ(done.result, 1u) << "not aborted";
    EXPECT_FALSE(take(0, done));
}

TEST_F(nvme_events, AbortThatAResetOvertakesIsForgotten)
{
    completion done = {};
    restart();
    const std::uint16_t id = submit(0, {ASYNC_EVENT});
    submit(0, {ABORT, 0, 0, 0, std::uint32_t{id} << 16});
    meanwhile = [this](std::uint64_t addr) {
        if (addr == acq) {
            meanwhile = nullptr;
            restart();
        }
    };
    nvme_run(core.get());
    EXPECT_EQ(get(acq + 16 + 14, 2), 0u) << "nothing but what was on its way";
    EXPECT_EQ(read(CSTS), 1u);
    std::memset(&memory[acq], 0, 0x1000);
    EXPECT_FALSE(take(0, done));
}

TEST_F(nvme_events, AbortWhoseFirstCompletionFailsPostsNoSecond)
{
    restart();
    const std::uint16_t id = submit(0, {ASYNC_EVENT});
    submit(0, {ABORT, 0, 0, 0, std::uint32_t{id} << 16});
    abort_at = acq;
    nvme_run(core.get());
    EXPECT_EQ(read(CSTS), 3u);
    EXPECT_EQ(get(acq + 16 + 14, 2), 0u);
}

TEST_F(nvme_events, AbortOfOtherCommandsFindsNone)
{
    EXPECT_EQ(admin({ABORT, 0, 0, 0, 1}).result, 1u);
    EXPECT_EQ(admin({ABORT, 0, 0, 0, 1}).status, OK);
}

TEST_F(nvme_events, ResetForgetsRequests)
{
    completion done = {};
    submit(0, {ASYNC_EVENT});
    nvme_run(core.get());
    restart();
    write(DOORBELL + 8 * 9, 1);
    nvme_run(core.get());
    EXPECT_FALSE(take(0, done));
}

} // namespace
} // namespace test_event
