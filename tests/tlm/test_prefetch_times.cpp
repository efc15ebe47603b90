// SPDX-License-Identifier: Apache-2.0
// Prefetches in time: they hold up nobody, and what they have brought in is there when it is
// needed. Every expected time is a sum of the parameters that the test has set.
#include <gtest/gtest.h>

#include <vector>

#include "at_bench.hpp"
#include "both_timings.hpp"

namespace tlm_test::test_prefetch_times {

namespace {

constexpr unsigned memory_ns = at_bench::memory_ns;
constexpr unsigned forwards = 0b10'0000; // STE bits [127:116], of which [121:120]

smmu_config with_prefetches()
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = 0;
    cfg.prefetch = true;
    cfg.prefetch_commands = true;
    return cfg;
}

struct prefetch_bench : at_bench {
    explicit prefetch_bench(const smmu::timing &times) : at_bench(times, with_prefetches())
    {
        s.entry().impdef = forwards;
        s.publish();
    }
    const smmu_stats &stats() { return b.smmu.stats(); }
};

// Configuration and the tables are cached. A page is one descriptor.
TEST(prefetch_times, next_page_is_there_when_the_time_for_it_has_passed)
{
    prefetch_bench t(approximate_times());
    t.run([&] {
        t.warm(0, 1);
        sc_core::wait(nanoseconds(memory_ns));
        EXPECT_EQ(t.time_of_read(1), nanoseconds(memory_ns));
        EXPECT_EQ(t.stats().prefetches_used, 1u);
    });
}

// STE, CD, three tables and the page; the prefetch begins when the page has been read, and the
// memory access of the read itself has begun.
TEST(prefetch_times, prefetch_begins_when_the_walk_has_ended)
{
    smmu::timing times = approximate_times();
    times.prefetch = sc_core::sc_time(7'125, sc_core::SC_PS);
    prefetch_bench t(times);
    t.run([&] {
        std::vector<sc_core::sc_time> reads;
        const std::uint64_t next = t.s.descriptor_address(at_bench::va + 0x1000, 3);
        t.b.memory.before = [&](std::uint64_t address) {
            if (address == next)
                reads.push_back(now());
        };
        const sc_core::sc_time start = now();
        EXPECT_EQ(t.time_of_read(0), nanoseconds(7 * memory_ns));
        sc_core::wait(nanoseconds(1000));
        ASSERT_EQ(reads.size(), 1u);
        EXPECT_EQ(reads[0] - start, nanoseconds(6 * memory_ns) + times.prefetch);
    });
}

// One walk at a time: that for page 1 is under way when page 8 is asked for, has one access, and is
// over then; the one for page 9 finds no slot.
TEST(prefetch_times, prefetch_takes_no_slot_that_others_wait_for)
{
    smmu::timing times = approximate_times();
    times.table_walks = 1;
    prefetch_bench t(times);
    t.run([&] {
        t.warm(0, 1);
        sc_core::wait(nanoseconds(1000));
        std::vector<at_transfer> three = {at_bench::read(8), at_bench::read(16),
                                          at_bench::read(24)};
        for (std::uint32_t id = 0; id < 3; id++)
            three[id].attributes.id = id;
        t.send(three);
        for (unsigned i = 0; i < 3; i++)
            EXPECT_EQ(three[i].begin_resp - three[0].begin_req,
                      nanoseconds((i + 1) * memory_ns + memory_ns));
        sc_core::wait(nanoseconds(1000));
        EXPECT_EQ(t.stats().prefetches, 4u);
        EXPECT_EQ(t.stats().prefetches_yielded, 2u) << "those of pages 9 and 17";
    });
}

// A prefetch of a range holds its slot; a walk gets it after the access that is under way.
TEST(prefetch_times, prefetch_gives_its_slot_away_after_an_access)
{
    smmu::timing times = approximate_times();
    times.table_walks = 1;
    prefetch_bench t(times);
    t.s.entry().impdef = 0;
    t.s.publish();
    // In tables of its own: a walk of four descriptors.
    const std::uint64_t elsewhere = at_bench::va + 0x80'0000'0000;
    t.s.map(elsewhere, bench::data);
    t.run([&] {
        t.warm(0, 1);
        support::command prefetch = support::raw_command(support::CMD_PREFETCH_ADDR).set(32, 32, 1);
        prefetch.word[1] |= elsewhere;
        t.b.submit(prefetch);
        // The command is read for 50 ns; then the tables, from level 1 on: the second from 100 on.
        sc_core::wait(nanoseconds(memory_ns + 20));
        EXPECT_EQ(t.time_of_read(8), nanoseconds(30 + memory_ns + memory_ns));
        sc_core::wait(nanoseconds(1000));
        EXPECT_EQ(t.stats().prefetches_yielded, 1u);
    });
}

// CMD_SYNC promises that nobody goes by old tables any more, prefetches neither.
TEST(prefetch_times, sync_waits_for_the_walk_of_a_prefetch)
{
    prefetch_bench t(approximate_times());
    t.run([&] {
        const std::uint64_t next = t.s.descriptor_address(at_bench::va + 0x1000, 3);
        bool held = true;
        sc_core::sc_event release;
        t.b.memory.before = [&](std::uint64_t address) {
            while (held && address == next)
                sc_core::wait(release);
        };
        t.warm(0, 1);
        sc_core::wait(nanoseconds(1000));
        t.b.submit(support::tlbi_nh_all());
        t.b.submit(support::cmd_sync());
        sc_core::wait(nanoseconds(1000));
        EXPECT_EQ(t.stats().syncs, 0u);
        held = false;
        release.notify();
        sc_core::wait(nanoseconds(1000));
        EXPECT_EQ(t.stats().syncs, 1u);
        EXPECT_EQ(t.time_of_read(1), nanoseconds(4 * memory_ns + memory_ns)) << "nothing was kept";
    });
}

// Consumption of CMD_PREFETCH_ADDR promises nothing (IHI 0070 4.8): CMD_SYNC does not wait for the
// range, unless an invalidation has ended it, and then for the walk that is under way.
TEST(prefetch_times, sync_waits_for_no_range)
{
    prefetch_bench t(approximate_times());
    constexpr unsigned log2_pages = 3;
    const std::uint64_t elsewhere = at_bench::va + 0x80'0000'0000;
    for (unsigned page = 0; page < 1u << log2_pages; page++)
        t.s.map(elsewhere + page * 0x1000, bench::data);
    t.run([&] {
        t.warm(0, 1);
        sc_core::wait(nanoseconds(1000));
        support::command prefetch = support::raw_command(support::CMD_PREFETCH_ADDR).set(32, 32, 1);
        prefetch.word[1] |= elsewhere | log2_pages;
        t.b.submit(prefetch);
        t.b.submit(support::cmd_sync());
        // Both commands are read, for 50 ns each; the range has ten descriptors.
        sc_core::wait(nanoseconds(2 * memory_ns + 10));
        EXPECT_EQ(t.stats().syncs, 1u);
        const std::uint64_t reads = t.stats().ttd_fetches;
        // TLBI and CMD_SYNC are read from 150 ns on, the descriptors from 50 on: that of 300 is
        // not.
        t.b.submit(support::tlbi_nh_all());
        t.b.submit(support::cmd_sync());
        sc_core::wait(nanoseconds(1000));
        EXPECT_EQ(t.stats().syncs, 2u);
        EXPECT_LT(t.stats().ttd_fetches - reads, 4u);
    });
}

struct prefetches : timing_test {};

TEST_P(prefetches, bring_in_what_follows)
{
    bench b("bench", times(), 1, with_prefetches());
    stream s(b, 1);
    for (unsigned page = 0; page < 4; page++)
        s.map(at_bench::va + page * 0x1000, bench::data + page * 0x1000);
    s.entry().impdef = forwards;
    s.publish();
    b.run([&] {
        b.bring_up();
        for (unsigned page = 0; page < 4; page++) {
            std::uint64_t value = 0;
            EXPECT_EQ(b.device().read64(1, at_bench::va + page * 0x1000, value),
                      tlm::TLM_OK_RESPONSE);
            sc_core::wait(nanoseconds(100));
        }
        EXPECT_EQ(b.smmu.stats().tlb_misses, 2u) << "0 and 2: a hit is followed by no prefetch";
        EXPECT_EQ(b.smmu.stats().prefetches_used, 2u) << "1 and 3";
    });
}

// Pages that nobody lets others run between. Nobody is ahead of time in an approximately-timed
// model.
struct hasty_reads {
    bench b{"bench", {}, 1, with_prefetches()};
    stream s{b, 1};

    hasty_reads()
    {
        for (unsigned page = 0; page < 600; page++)
            s.map(at_bench::va + 2 * page * 0x1000, bench::data);
        s.entry().impdef = forwards;
        s.publish();
    }

    void read(unsigned first, unsigned last)
    {
        for (unsigned page = first; page < last; page++) {
            transfer t = read_of(at_bench::va + 2 * page * 0x1000, 8);
            smmu::attributes a;
            a.sid = 1;
            sc_core::sc_time delay;
            t.extend(a);
            b.device().socket->b_transport(t.payload, delay);
        }
    }
};

TEST(prefetches_at_once, that_are_too_many_are_dropped)
{
    hasty_reads t;
    t.b.run([&] {
        t.b.bring_up();
        t.read(0, 300);
        sc_core::wait(nanoseconds(100));
        EXPECT_EQ(t.b.smmu.stats().prefetches, 256u);
    });
}

TEST(prefetches_at_once, that_have_ended_make_room_for_others)
{
    hasty_reads t;
    t.b.run([&] {
        t.b.bring_up();
        t.read(0, 200);
        sc_core::wait(nanoseconds(100));
        t.read(300, 500);
        sc_core::wait(nanoseconds(100));
        EXPECT_EQ(t.b.smmu.stats().prefetches, 400u);
    });
}

INSTANTIATE_TEST_SUITE_P(modes, prefetches, both_timings(), timing_name);

} // namespace

} // namespace tlm_test::test_prefetch_times
