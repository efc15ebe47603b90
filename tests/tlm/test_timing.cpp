// SPDX-License-Identifier: Apache-2.0
// The shape of time: what overlaps, what adds up, and what an invalidation may interrupt.
#include <gtest/gtest.h>

#include "bench.hpp"

namespace tlm_test::test_timing {

namespace {

constexpr std::uint64_t va = 0x0000'1234'5678'9000;
constexpr std::uint64_t pa = bench::data + 0x3000;
constexpr unsigned accesses = 7; // STE, CD, four descriptors, data
const sc_core::sc_time access_time(50, sc_core::SC_NS);

smmu::timing approximate()
{
    smmu::timing times;
    times.mode = smmu::timing_mode::approximately_timed;
    return times;
}

// Two streams, one for each TBU, that see different memory at the same address.
struct two_streams {
    bench b;
    stream first{b, 1, 1};
    stream second{b, 2, 2};

    two_streams(const char *name, const smmu::timing &times) : b(name, times, 2)
    {
        first.map(va, pa);
        second.map(va, pa + 0x1000);
        b.memory.store64(pa + 0x128, 111);
        b.memory.store64(pa + 0x1128, 222);
    }

    struct outcome {
        std::uint64_t values[2] = {};
        sc_core::sc_time took[2];
    };

    // One read on each port, begun at the same time; returns when both are done.
    outcome read_both()
    {
        outcome o;
        sc_core::sc_event done;
        const auto read = [&](unsigned i) {
            const sc_core::sc_time start = now();
            EXPECT_EQ(b.devices[i].read64(i + 1, va + 0x128, o.values[i]), tlm::TLM_OK_RESPONSE);
            o.took[i] = now() - start;
        };
        bool other_done = false;
        sc_core::sc_spawn([&] {
            read(1);
            other_done = true;
            done.notify();
        });
        read(0);
        if (!other_done)
            sc_core::wait(done);
        return o;
    }
};

TEST(approximately_timed, translations_overlap_and_each_takes_its_accesses_added_up)
{
    two_streams timed("timed", approximate());
    two_streams untimed("untimed", {});
    timed.b.run([&] {
        timed.b.bring_up();
        untimed.b.bring_up();
        timed.b.memory.latency = access_time;
        timed.b.memory.log.clear();
        const sc_core::sc_time start = now();
        const two_streams::outcome slow = timed.read_both();
        EXPECT_EQ(now() - start, accesses * access_time);
        const two_streams::outcome fast = untimed.read_both();
        for (unsigned i = 0; i < 2; i++) {
            EXPECT_EQ(timed.b.memory.count(i + 1), accesses);
            EXPECT_EQ(slow.took[i], accesses * access_time);
            EXPECT_EQ(fast.took[i], sc_core::SC_ZERO_TIME);
            EXPECT_EQ(slow.values[i], fast.values[i]);
            EXPECT_EQ(slow.values[i], 111u * (i + 1));
        }
    });
}

TEST(approximately_timed, a_hit_takes_the_lookup_and_the_data)
{
    smmu::timing times = approximate();
    times.lookup = sc_core::sc_time(2, sc_core::SC_NS);
    times.walk_issue = sc_core::sc_time(1, sc_core::SC_NS);
    two_streams t("t", times);
    t.b.memory.latency = access_time;
    t.b.run([&] {
        t.b.bring_up();
        const sc_core::sc_time issue = (accesses - 1) * times.walk_issue;
        EXPECT_EQ(t.read_both().took[0], times.lookup + issue + accesses * access_time);
        EXPECT_EQ(t.read_both().took[0], times.lookup + access_time);
    });
}

TEST(approximately_timed, an_initiator_that_runs_ahead_is_caught_up_with_first)
{
    two_streams t("t", approximate());
    t.b.run([&] {
        t.b.bring_up();
        t.b.memory.latency = access_time;
        const sc_core::sc_time start = now();
        transfer read = read_of(va, 8);
        sc_core::sc_time delay(5, sc_core::SC_NS);
        t.b.device().socket->b_transport(read.of_stream(1).payload, delay);
        EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
        EXPECT_EQ(now() - start, sc_core::sc_time(5, sc_core::SC_NS) + accesses * access_time);
    });
}

TEST(approximately_timed, an_invalidation_in_the_middle_of_a_walk_leaves_no_stale_entry)
{
    two_streams t("t", approximate());
    bench &b = t.b;
    // The walk has read the level 2 descriptor at 200 ns and reads the level 3 one from 250 to
    // 300 ns. Meanwhile software points the level 2 descriptor at a new table and invalidates: the
    // command is fetched from 205 to 255 ns.
    const std::uint64_t level2 = t.first.descriptor_address(va, 2);
    const std::uint64_t new_table = b.frames.allocate(4096, 4096);
    const std::uint64_t new_leaf = new_table + (va >> 12 & 0x1ff) * 8;
    b.run([&] {
        b.bring_up();
        b.memory.latency = access_time;
        b.memory.store64(pa + 0x2128, 333);
        sc_core::sc_spawn([&] {
            sc_core::wait(205, sc_core::SC_NS);
            b.memory.store64(new_leaf, support::leaf_descriptor(pa + 0x2000, 3));
            b.memory.store64(level2, support::table_descriptor(new_table));
            b.submit(support::tlbi_nh_va(va, t.first.asid()));
        });
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(1, va + 0x128, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(value, 111u); // the walk was under way: the old translation may be used once
        EXPECT_EQ(b.smmu.stats().invalidations, 1u);
        b.sync();
        EXPECT_EQ(b.device().read64(1, va + 0x128, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(value, 333u);
    });
}

void expect_a_command_to_take_its_fetch(const smmu::timing &times)
{
    bench b("b", times);
    b.run([&] {
        b.bring_up();
        b.memory.latency = access_time;
        b.submit(support::cfgi_all());
        EXPECT_EQ(b.read32(reg::CMDQ_CONS), 0u);
        sc_core::wait(access_time);
        for (unsigned deltas = 0; deltas < 4; deltas++) // of the response
            sc_core::wait(sc_core::SC_ZERO_TIME);
        EXPECT_EQ(b.read32(reg::CMDQ_CONS), 1u);
    });
}

TEST(approximately_timed, commands_take_the_time_of_their_fetches)
{
    expect_a_command_to_take_its_fetch(approximate());
}

TEST(loosely_timed, commands_take_the_time_of_their_fetches)
{
    expect_a_command_to_take_its_fetch({});
}

} // namespace

} // namespace tlm_test::test_timing
