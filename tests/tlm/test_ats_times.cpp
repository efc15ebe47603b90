// SPDX-License-Identifier: Apache-2.0
// What ATS and PRI take of the link between a TBU and its TCU. Every expected time is a sum of the
// parameters that the test has set.
#include <gtest/gtest.h>

#include <vector>

#include "at_bench.hpp"

namespace tlm_test::test_ats_times {

namespace {

constexpr std::uint32_t sid = 1;
constexpr std::uint64_t va = at_bench::va;
constexpr std::uint64_t priq = bench::evtq + 0x8000;
const sc_core::sc_time memory_time = nanoseconds(50);
const sc_core::sc_time link = sc_core::sc_time(20'125, sc_core::SC_PS);

// A Root Complex that writes down when something reaches it. Its endpoints take `completion` from a
// question to the answer.
struct root_complex : smmu::ats_client {
    sc_core::sc_time completion;
    std::vector<sc_core::sc_time> invalidated, asked, responded;

    void invalidate(const smmu_atc_inv &) override { invalidated.push_back(now()); }
    bool wait_invalidated(std::uint32_t) override
    {
        asked.push_back(now());
        if (completion != sc_core::SC_ZERO_TIME)
            sc_core::wait(completion);
        return true;
    }
    void respond(const smmu_prg_response &) override { responded.push_back(now()); }
};

struct ats_bench {
    root_complex root;
    bench b;
    stream s{b, sid};

    explicit ats_bench(const smmu::timing &times, unsigned tbus = 1)
        : b("bench", times, tbus, smmu_config_default())
    {
        b.smmu.ats_clients()(root);
        s.entry().eats = 1;
        for (unsigned page = 0; page < 4; page++)
            s.map(va + page * 0x1000, bench::data + page * 0x1000);
        s.publish();
    }

    // With configuration and translations cached.
    template <typename F> void run(F test)
    {
        b.run([&] {
            b.bring_up();
            for (unsigned page = 0; page < 4; page++)
                request(page);
            b.memory.latency = memory_time;
            sc_core::wait(nanoseconds(1000));
            test(now());
        });
    }

    // Returns the delay that is left.
    sc_core::sc_time request(unsigned page, unsigned tbu = 0, sc_core::sc_time delay = {})
    {
        smmu_ats_request r{};
        r.sid = sid;
        r.addr = va + page * 0x1000;
        r.stus = 1;
        smmu_ats_completion c{};
        b.smmu.ats(tbu)->translate(r, c, delay);
        EXPECT_EQ(c.addr, bench::data + page * 0x1000);
        return delay;
    }

    sc_core::sc_time request_page()
    {
        smmu_page_request r{};
        r.sid = sid;
        r.addr = va;
        r.last = true;
        r.r = true;
        sc_core::sc_time delay;
        b.smmu.ats()->request_page(r, delay);
        return delay;
    }

    // Requests on the ports of `tbus`, all at once; returns when each has been answered.
    std::vector<sc_core::sc_time> request_at_once(const std::vector<unsigned> &tbus)
    {
        std::vector<sc_core::sc_time> done(tbus.size());
        for (unsigned i = 0; i < tbus.size(); i++)
            sc_core::sc_spawn([this, i, &done, &tbus] {
                request(i, tbus[i]);
                done[i] = now();
            });
        sc_core::wait(nanoseconds(1000));
        return done;
    }

    void enable_pri()
    {
        b.write64(reg::PRIQ_BASE, priq | 3);
        b.write32(reg::CR0, b.read32(reg::CR0) | reg::CR0_PRIQEN);
        sc_core::wait(nanoseconds(1000));
    }

    sc_core::sc_time time_of_sync()
    {
        const sc_core::sc_time start = now();
        const std::uint64_t before = b.smmu.stats().syncs;
        b.submit(support::cmd_sync());
        while (b.smmu.stats().syncs == before)
            sc_core::wait(sc_core::sc_time(125, sc_core::SC_PS));
        return now() - start;
    }
};

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
    ats_bench t(times);
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
    ats_bench t(times);
    t.run([&](const sc_core::sc_time &start) {
        EXPECT_EQ(t.request(0), 2 * link + nanoseconds(3));
        EXPECT_EQ(now(), start);
    });
}

TEST(ats_times, one_request_leaves_each_cycle_of_the_link)
{
    smmu::timing times = with_link();
    times.link_cycle = nanoseconds(4);
    ats_bench t(times);
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
    ats_bench t(times);
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
    ats_bench t(times, 2);
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
    ats_bench t(times);
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
    ats_bench t(times);
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
    ats_bench t(times);
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

// There is no queue. It is refused where it arrives.
TEST(ats_times, response_that_the_smmu_makes_takes_the_link)
{
    ats_bench t(with_link());
    t.run([&](const sc_core::sc_time &start) {
        t.request_page();
        sc_core::wait(nanoseconds(1));
        ASSERT_EQ(t.root.responded.size(), 1u);
        EXPECT_EQ(t.root.responded[0] - start, 2 * link);
    });
}

TEST(ats_times, responses_that_software_makes_take_the_link)
{
    ats_bench t(with_link());
    t.run([&](const sc_core::sc_time &start) {
        t.b.submit(support::cmd_pri_resp(sid, 1, 2));
        t.b.submit(support::cmd_pri_resp(sid, 2, 2));
        sc_core::wait(nanoseconds(1000));
        ASSERT_EQ(t.root.responded.size(), 2u); // and the second does not wait for the first
        EXPECT_EQ(t.root.responded[0] - start, memory_time + link);
        EXPECT_EQ(t.root.responded[1] - start, 2 * memory_time + link);
    });
}

TEST(ats_times, responses_arrive_at_once_in_loosely_timed_models)
{
    smmu::timing times = with_link();
    times.mode = smmu::timing_mode::loosely_timed;
    ats_bench t(times);
    t.run([&](const sc_core::sc_time &start) {
        EXPECT_EQ(t.request_page(), 2 * link);
        ASSERT_EQ(t.root.responded.size(), 1u);
        EXPECT_EQ(t.root.responded[0], start);
    });
}

TEST(ats_times, invalidations_take_the_link_one_after_the_other)
{
    ats_bench t(with_link());
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
    ats_bench t(with_link());
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

// CMD_SYNC must not overtake what is on the link.
TEST(ats_times, sync_waits_for_a_request_that_waits_for_its_token)
{
    smmu::timing times = with_link();
    times.link_tokens = 1;
    ats_bench t(times);
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
