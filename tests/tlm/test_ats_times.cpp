// SPDX-License-Identifier: Apache-2.0
// What ATS and PRI take of the link between a TBU and its TCU. Every expected time is a sum of the
// parameters that the test has set.
#include <gtest/gtest.h>

#include <vector>

#include "ats_link_bench.hpp"

namespace tlm_test::test_ats_times {

namespace {

const sc_core::sc_time memory_time = ats_link_bench::memory_time();
const sc_core::sc_time link = sc_core::sc_time(20'125, sc_core::SC_PS);
constexpr std::uint32_t sid = ats_link_bench::sid;
constexpr std::uint64_t va = ats_link_bench::va;

smmu::timing with_link()
{
    smmu::timing times = approximate_times();
    times.link = link;
    return times;
}

TEST(ats_times, translation_request_and_its_completion_take_the_link)
{
    smmu::timing times = with_link();
    times.lookup = nanoseconds(3);
    times.config_lookup = nanoseconds(5);
    times.tlb_lookup = nanoseconds(7);
    ats_link_bench t(times);
    t.run([&](const sc_core::sc_time &start) {
        EXPECT_EQ(t.request(0), sc_core::SC_ZERO_TIME);
        EXPECT_EQ(now() - start, 2 * link + nanoseconds(3 + 2 * 5 + 7)); // STE and CD
    });
}

TEST(ats_times, translation_requests_take_the_link_in_loosely_timed_models)
{
    smmu::timing times = with_link();
    times.mode = smmu::timing_mode::loosely_timed;
    times.lookup = nanoseconds(3);
    ats_link_bench t(times);
    t.run([&](const sc_core::sc_time &start) {
        EXPECT_EQ(t.request(0), 2 * link + nanoseconds(3));
        EXPECT_EQ(now(), start);
    });
}

TEST(ats_times, one_request_leaves_each_cycle_of_the_link)
{
    smmu::timing times = with_link();
    times.link_cycle = nanoseconds(4);
    ats_link_bench t(times);
    t.run([&](const sc_core::sc_time &start) {
        const auto done = t.request_at_once({0, 0, 0});
        for (unsigned i = 0; i < 3; i++)
            EXPECT_EQ(done[i] - start, 2 * link + nanoseconds(4 * i));
    });
}

TEST(ats_times, requests_wait_for_a_token)
{
    smmu::timing times = with_link();
    times.link_tokens = 1;
    ats_link_bench t(times);
    t.run([&](const sc_core::sc_time &start) {
        const auto done = t.request_at_once({0, 0});
        EXPECT_EQ(done[0] - start, 2 * link);
        EXPECT_EQ(done[1] - start, 4 * link);
    });
}

TEST(ats_times, each_tbu_has_a_link_of_its_own)
{
    smmu::timing times = with_link();
    times.link_tokens = 1;
    times.link_cycle = nanoseconds(4);
    ats_link_bench t(times, 2);
    t.run([&](const sc_core::sc_time &start) {
        const auto done = t.request_at_once({0, 1});
        EXPECT_EQ(done[0] - start, 2 * link);
        EXPECT_EQ(done[1] - start, 2 * link);
    });
}

// Its process has come first, its time has not.
TEST(ats_times, a_request_that_is_ahead_of_time_holds_up_nobody)
{
    smmu::timing times = with_link();
    times.link_tokens = 1;
    ats_link_bench t(times);
    t.run([&](const sc_core::sc_time &start) {
        sc_core::sc_time done[2];
        sc_core::sc_spawn([&] {
            t.request(0, 0, nanoseconds(10));
            done[0] = now();
        });
        sc_core::sc_spawn([&] {
            t.request(1);
            done[1] = now();
        });
        sc_core::wait(nanoseconds(1000));
        EXPECT_EQ(done[1] - start, 2 * link);
        EXPECT_EQ(done[0] - start, 4 * link);
    });
}

// The device's own transactions go the same way.
TEST(ats_times, requests_share_link_and_tokens_with_the_tbu)
{
    smmu::timing times = with_link();
    times.link_tokens = 1;
    ats_link_bench t(times);
    t.run([&](const sc_core::sc_time &start) {
        sc_core::sc_spawn([&] { t.request(0); });
        sc_core::wait(nanoseconds(1));
        std::uint64_t value = 0;
        EXPECT_EQ(t.b.device().read64(sid, va + 0x1000, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(now() - start, 4 * link + memory_time);
    });
}

TEST(ats_times, page_request_takes_the_link_and_a_token)
{
    smmu::timing times = with_link();
    times.link_tokens = 1;
    ats_link_bench t(times);
    t.run([&](const sc_core::sc_time &) {
        t.enable_pri();
        const sc_core::sc_time start = now();
        sc_core::sc_time answered;
        sc_core::sc_spawn([&] {
            sc_core::wait(nanoseconds(1));
            t.request(0);
            answered = now();
        });
        t.request_page();
        EXPECT_EQ(now() - start, 2 * link + memory_time); // the record is written
        sc_core::wait(nanoseconds(1000));
        EXPECT_EQ(answered - start, 4 * link + memory_time);
    });
}

// It is refused while the walk of the other has the only one.
TEST(ats_times, page_request_takes_no_translation_slot)
{
    smmu::timing times = with_link();
    times.tcu_slots = 1;
    ats_link_bench t(times);
    t.run_cold([&] {
        const sc_core::sc_time start = now();
        sc_core::sc_spawn([&] { t.request(0); });
        sc_core::wait(nanoseconds(1));
        t.request_page();
        EXPECT_EQ(now() - start, nanoseconds(1) + 2 * link);
        sc_core::wait(nanoseconds(1000));
    });
}

// There is no queue. It is refused where it arrives.
TEST(ats_times, response_that_the_smmu_makes_takes_the_link)
{
    ats_link_bench t(with_link());
    t.run([&](const sc_core::sc_time &start) {
        t.request_page();
        sc_core::wait(nanoseconds(1));
        ASSERT_EQ(t.root.responded.size(), 1u);
        EXPECT_EQ(t.root.responded[0] - start, 2 * link);
    });
}

TEST(ats_times, responses_that_software_makes_take_the_link)
{
    ats_link_bench t(with_link());
    t.run([&](const sc_core::sc_time &start) {
        t.b.submit(support::cmd_pri_resp(sid, 1, 2));
        t.b.submit(support::cmd_pri_resp(sid, 2, 2));
        sc_core::wait(nanoseconds(1000));
        ASSERT_EQ(t.root.responded.size(), 2u); // and the second does not wait for the first
        EXPECT_EQ(t.root.responded[0] - start, memory_time + link);
        EXPECT_EQ(t.root.responded[1] - start, 2 * memory_time + link);
    });
}

TEST(ats_times, responses_that_are_on_the_link_together_arrive_in_their_order)
{
    smmu::timing times = with_link();
    times.link = nanoseconds(200);
    ats_link_bench t(times);
    t.run([&](const sc_core::sc_time &) {
        for (unsigned group = 1; group <= 3; group++)
            t.b.submit(support::cmd_pri_resp(sid, group, 2));
        sc_core::wait(nanoseconds(1000));
        EXPECT_EQ(t.root.groups, (std::vector<unsigned>{1, 2, 3}));
    });
}

TEST(ats_times, responses_arrive_at_once_in_loosely_timed_models)
{
    smmu::timing times = with_link();
    times.mode = smmu::timing_mode::loosely_timed;
    ats_link_bench t(times);
    t.run([&](const sc_core::sc_time &start) {
        EXPECT_EQ(t.request_page(), 2 * link);
        ASSERT_EQ(t.root.responded.size(), 1u);
        EXPECT_EQ(t.root.responded[0], start);
    });
}

TEST(ats_times, invalidations_take_the_link_one_after_the_other)
{
    ats_link_bench t(with_link());
    t.run([&](const sc_core::sc_time &start) {
        for (unsigned i = 0; i < 2; i++)
            t.b.submit(support::cmd_atc_inv({sid, false, 0, false, va, 0}));
        sc_core::wait(nanoseconds(1000));
        ASSERT_EQ(t.root.invalidated.size(), 2u);
        EXPECT_EQ(t.root.invalidated[0] - start, memory_time + link);
        EXPECT_EQ(t.root.invalidated[1] - start, 2 * memory_time + 3 * link);
    });
}

// A command; the drain of TBUs; to the Root Complex, its answer.
TEST(ats_times, sync_takes_the_link_to_root_complexes_after_invalidations_alone)
{
    ats_link_bench t(with_link());
    t.root.completion = nanoseconds(100);
    t.run([&](const sc_core::sc_time &) {
        const sc_core::sc_time ask = memory_time + 2 * link;
        EXPECT_EQ(t.time_of_sync(), ask + nanoseconds(100));
        t.b.submit(support::cmd_atc_inv({sid, false, 0, false, va, 0}));
        sc_core::wait(nanoseconds(1000));
        const sc_core::sc_time start = now();
        EXPECT_EQ(t.time_of_sync(), ask + link + nanoseconds(100) + link);
        EXPECT_EQ(t.root.asked.back() - start, ask + link);
        EXPECT_EQ(t.time_of_sync(), ask + nanoseconds(100));
    });
}

// Of the first Enhanced Command queue (IHI 0070 3.5.6) here.
TEST(ats_times, sync_takes_the_link_to_root_complexes_for_invalidations_of_its_own_queue_alone)
{
    constexpr std::uint32_t registers = 0x30000, enabled = 1u << 31;
    constexpr std::uint64_t queue = bench::data + 0x10'0000;
    smmu_config cfg = smmu_config_default();
    cfg.ecmdq = true;
    cfg.ecmdq_log2_pages = 1;
    cfg.ecmdq_log2_queues = 1;
    ats_link_bench t(with_link(), 1, cfg);
    const support::command commands[] = {support::cmd_atc_inv({sid, false, 0, false, va, 0}),
                                         support::cmd_sync()};
    for (unsigned i = 0; i < 4; i++)
        t.b.memory.store64(queue + 8 * i, commands[i / 2].word[i % 2]);
    t.run([&](const sc_core::sc_time &) {
        const sc_core::sc_time ask = memory_time + 2 * link; // a command; the drain of TBUs
        t.b.write64(registers, queue | 4);
        t.b.write32(registers + 8, enabled);
        t.b.write32(registers + 8, enabled | 1);
        sc_core::wait(nanoseconds(1000));
        ASSERT_EQ(t.root.invalidated.size(), 1u);
        EXPECT_EQ(t.time_of_sync(), ask);
        const sc_core::sc_time start = now();
        t.b.write32(registers + 8, enabled | 2);
        sc_core::wait(nanoseconds(1000));
        EXPECT_EQ(t.root.asked.back() - start, ask + link);
    });
}

// CMD_SYNC must not overtake what is on the link.
TEST(ats_times, sync_waits_for_a_request_that_waits_for_its_token)
{
    smmu::timing times = with_link();
    times.link_tokens = 1;
    ats_link_bench t(times);
    t.run([&](const sc_core::sc_time &start) {
        for (unsigned i = 0; i < 3; i++)
            sc_core::sc_spawn([&t, i] { t.request(i); });
        sc_core::wait(sc_core::sc_time(125, sc_core::SC_PS));
        t.time_of_sync();
        EXPECT_GE(now() - start, 6 * link); // 90 without them
    });
}

} // namespace

} // namespace tlm_test::test_ats_times
