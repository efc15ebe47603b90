// SPDX-License-Identifier: Apache-2.0
// What the units of a TCU take, and at which rate: latencies and cycles of timing.def, walks that
// wait for each other, processes that ask it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "at_bench.hpp"
#include "two_stage_stream.hpp"

namespace tlm_test::test_tcu_times {

namespace {

constexpr unsigned memory_ns = at_bench::memory_ns;
constexpr std::uint32_t vm_sid = 2;

// With a stream of stage 2 alone, that sees the pages of the other one.
struct tcu_bench : at_bench {
    two_stage_stream vm{b, vm_sid, 7, two_stage_stream::kind::stage2};

    explicit tcu_bench(const smmu::timing &times, const smmu_config &cfg = smmu_config_default())
        : at_bench(times, cfg)
    {
        for (unsigned page = 0; page < pages; page++)
            vm.map_s2(va + page * 0x1000, bench::data + page * 0x1000);
    }

    // Of each page; the time from the first BEGIN_REQ to the last BEGIN_RESP.
    sc_core::sc_time time_of_all(std::uint32_t sid)
    {
        std::vector<at_transfer> transfers;
        for (unsigned page = 0; page < pages; page++) {
            transfers.push_back(read(page));
            transfers.back().attributes.sid = sid;
        }
        send(transfers);
        sc_core::sc_time last;
        for (const at_transfer &each : transfers)
            last = std::max(last, each.begin_resp);
        return last - transfers[0].begin_req;
    }
};

smmu_config without_tlbs()
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = 0;
    cfg.tlb.sets = 0;
    return cfg;
}

TEST(tcu_times, look_up_in_the_walk_cache_of_stage_2)
{
    smmu::timing times = approximate_times();
    times.walk_s1_lookup = nanoseconds(11);
    times.walk_s2_lookup = nanoseconds(17);
    tcu_bench t(times);
    t.run([&] {
        at_transfer one = at_bench::read(0);
        one.attributes.sid = vm_sid;
        // An STE, four descriptors.
        EXPECT_EQ(t.time(one), nanoseconds(5 * memory_ns + 17 + memory_ns));
    });
}

TEST(tcu_times, further_levels_of_walk_caches)
{
    smmu::timing times = approximate_times();
    times.walk_s1_lookup = nanoseconds(11);
    times.walk_s1_level = nanoseconds(7);
    times.walk_s2_lookup = nanoseconds(17);
    times.walk_s2_level = nanoseconds(23);
    tcu_bench t(times);
    t.run([&] {
        at_transfer one = at_bench::read(0);
        one.attributes.sid = vm_sid;
        // An STE, four descriptors of stage 2; levels 1 and 0 are tried behind level 2.
        EXPECT_EQ(t.time(one), nanoseconds(5 * memory_ns + 17 + 2 * 23 + memory_ns));
        // STE, CD, four descriptors of stage 1.
        EXPECT_EQ(t.time(at_bench::read(0)), nanoseconds(6 * memory_ns + 11 + 2 * 7 + memory_ns));
        EXPECT_EQ(t.time(at_bench::read(1)), nanoseconds(memory_ns + 11 + memory_ns));
    });
}

// A walk of two descriptors, by hand: a walk cache that knows the table of level 2 leaves those of
// levels 2 and 3; one that knows nothing leaves levels 0 and 1 of a block of 1 GB.
TEST(tcu_times, walk_of_two_descriptors)
{
    constexpr unsigned next_table = 512; // the first page behind those of the bench's
    constexpr std::uint64_t block = 0x80'4000'0000, of_its_size = 0x3fff'ffff;
    smmu::timing times = hand_times();
    times.walk_s1_level = nanoseconds(17);
    at_bench t(times, without_tlbs());
    t.s.map(at_bench::va + next_table * 0x1000, bench::data);
    t.s.map(block, bench::data & ~of_its_size, 1);
    at_transfer of_block = at_read(block + (bench::data & of_its_size), 8);
    of_block.attributes.sid = 1;
    // A beat, the look-up, the way out; the link; STE and CD; the walk cache, at its deepest level.
    constexpr unsigned no_walk = (1 + 2 + 3) + 2 * 20 + 2 * 5 + 11;
    constexpr unsigned two = 2 * (13 + memory_ns);
    t.run([&] {
        t.time(at_bench::read(0));
        const std::uint64_t before = t.b.smmu.stats().ttd_fetches;
        // Level 1 answers; none does.
        EXPECT_EQ(t.time(at_bench::read(next_table)), nanoseconds(no_walk + 17 + two + memory_ns));
        EXPECT_EQ(t.b.smmu.stats().ttd_fetches, before + 2);
        EXPECT_EQ(t.time(of_block), nanoseconds(no_walk + 2 * 17 + two + memory_ns));
        EXPECT_EQ(t.b.smmu.stats().ttd_fetches, before + 4);
    });
}

// A walk of both stages, of four levels each. Stage 2 maps the tables of stage 1 by pages.
struct nested_bench : at_bench {
    two_stage_stream vm{b, vm_sid, 7, two_stage_stream::kind::nested};

    static smmu::timing times()
    {
        smmu::timing times = hand_times();
        times.walk_s2_lookup = nanoseconds(17);
        return times;
    }

    static smmu_config config(bool walk_caches)
    {
        smmu_config cfg = without_tlbs();
        if (!walk_caches)
            cfg.walk_s1.sets = cfg.walk_s2.sets = 0;
        return cfg;
    }

    explicit nested_bench(bool walk_caches) : at_bench(times(), config(walk_caches))
    {
        vm.map_s1(va, bench::data);
        vm.map_s2(bench::data, bench::data);
        for (std::uint64_t table = bench::tables; table < b.frames.allocate(0, 8); table += 0x1000)
            vm.map_s2(table, table);
    }

    sc_core::sc_time time_of_read_by_vm()
    {
        at_transfer one = at_bench::read(0);
        one.attributes.sid = vm_sid;
        return time(one);
    }
};

constexpr unsigned tbu_ns = 1 + 2 + 3;      // a beat, the look-up, the way out
constexpr unsigned tcu_ns = 2 * 20 + 2 * 5; // the link, STE and CD
constexpr unsigned fetch_ns = 13 + memory_ns;

TEST(tcu_times, nested_walk_without_walk_caches)
{
    nested_bench t(false);
    t.run([&] {
        // An STE, a CD behind stage 2, and 24 descriptors: each of four tables of stage 1 and the
        // page itself are found by four of stage 2.
        constexpr unsigned walk = 4 * (4 + 1) + 4;
        EXPECT_EQ(t.time_of_read_by_vm(),
                  nanoseconds(tbu_ns + tcu_ns + (1 + 4 + 1 + walk) * fetch_ns + memory_ns));
        EXPECT_EQ(t.time_of_read_by_vm(),
                  nanoseconds(tbu_ns + tcu_ns + walk * fetch_ns + memory_ns));
        EXPECT_EQ(t.b.smmu.stats().ttd_fetches, 4u + 2 * 24);
    });
}

TEST(tcu_times, nested_walk_with_walk_caches)
{
    nested_bench t(true);
    t.run([&] {
        t.time_of_read_by_vm();
        // The last table of stage 1 is known; it and the page are found by one descriptor each.
        EXPECT_EQ(t.time_of_read_by_vm(),
                  nanoseconds(tbu_ns + tcu_ns + 11 + 2 * 17 + 3 * fetch_ns + memory_ns));
    });
}

// Reads of one moment of two pages whose tables are nowhere cached: how far the second comes behind
// the first.
void expect_behind(const sc_core::sc_time &behind, const smmu::timing &times)
{
    smmu_config cfg = without_tlbs();
    cfg.walk_s1.sets = 1;
    cfg.walk_s1.ways = 1;
    tcu_bench t(times, cfg);
    t.run([&] {
        t.time_of_read(0);
        t.b.submit(support::tlbi_nsnh_all());
        t.b.submit(support::cmd_sync());
        sc_core::wait(nanoseconds(10'000));
        std::vector<at_transfer> two = {at_bench::read(0), at_bench::read(1)};
        t.send(two);
        EXPECT_EQ(two[1].begin_resp - two[0].begin_resp, behind);
    });
}

// Each of three levels takes a turn of its own. What the first brings is not there yet.
TEST(tcu_times, further_levels_take_turns)
{
    smmu::timing times = approximate_times();
    times.walk_s1_cycle = nanoseconds(4);
    times.walk_s1_level = nanoseconds(1);
    expect_behind(nanoseconds(3 * 4), times);
}

TEST(tcu_times, levels_that_take_no_time_are_tried_in_one_turn)
{
    smmu::timing times = approximate_times();
    times.walk_s1_cycle = nanoseconds(4);
    expect_behind(nanoseconds(4), times);
}

// A cache that is looked into by every access, in a row of them that are there together.
struct rate {
    const char *cache;
    sc_core::sc_time smmu::timing::*cycle;
    bool tlbs; // there are
    std::uint32_t sid;
    unsigned look_ups; // of an access
    unsigned fetches;
};

std::ostream &operator<<(std::ostream &out, const rate &of)
{
    return out << of.cache;
}

class rates : public testing::TestWithParam<rate> {};

TEST_P(rates, are_those_of_the_caches)
{
    const rate &of = GetParam();
    smmu::timing times = approximate_times();
    times.*of.cycle = nanoseconds(4);
    smmu_config cfg = without_tlbs();
    if (of.tlbs)
        cfg.tlb = smmu_config_default().tlb;
    tcu_bench t(times, cfg);
    t.run([&] {
        t.time_of_all(of.sid);
        sc_core::wait(nanoseconds(1000));
        EXPECT_EQ(t.time_of_all(of.sid), nanoseconds((of.look_ups * at_bench::pages - 1) * 4 +
                                                     of.fetches * memory_ns + memory_ns));
    });
}

INSTANTIATE_TEST_SUITE_P(
    of, rates,
    testing::Values(rate{"config", &smmu::timing::config_cycle, true, 1, 2, 0},
                    rate{"walk_s1", &smmu::timing::walk_s1_cycle, false, 1, 1, 1},
                    rate{"walk_s2", &smmu::timing::walk_s2_cycle, false, vm_sid, 1, 1}),
    [](const auto &info) { return std::string(info.param.cache); });

TEST(tcu_times, each_entry_that_an_invalidation_removes)
{
    smmu::timing times = approximate_times();
    times.invalidation = nanoseconds(5);
    times.invalidation_entry = nanoseconds(7);
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = 0;
    cfg.walk_s1.sets = 0;
    at_bench t(times, cfg);
    t.run([&] {
        const auto time_to_invalidate = [&] {
            const std::uint64_t before = t.b.smmu.stats().syncs;
            const sc_core::sc_time start = now();
            t.b.submit(support::tlbi_nh_asid(t.s.asid()));
            t.b.submit(support::cmd_sync());
            while (t.b.smmu.stats().syncs == before)
                sc_core::wait(nanoseconds(1));
            return now() - start;
        };
        const sc_core::sc_time nothing = time_to_invalidate();
        t.warm(0, 3);
        EXPECT_EQ(time_to_invalidate() - nothing, nanoseconds(3 * 7));
    });
}

smmu::timing merging_walks()
{
    smmu::timing times = approximate_times();
    times.walk_merging = 1;
    return times;
}

TEST(tcu_times, walks_of_stage_2_share_tables)
{
    tcu_bench t(merging_walks());
    t.run([&] {
        t.time_of_all(vm_sid);
        EXPECT_EQ(t.b.smmu.stats().ttd_fetches, 3u + at_bench::pages);
    });
}

TEST(tcu_times, walks_of_another_table_are_not_waited_for)
{
    const std::uint64_t elsewhere = at_bench::va + 0x80'0000'0000; // in tables of its own
    at_bench t(merging_walks());
    t.s.map(elsewhere, bench::data);
    t.run([&] {
        at_transfer fault = at_bench::read(0); // leaves the configuration in its cache
        fault.address += 0x100'0000'0000;
        t.sender.send(fault);
        t.sender.wait_until_idle();
        std::vector<at_transfer> both = {at_bench::read(0), at_read(elsewhere, 8)};
        both[1].attributes.sid = 1;
        both[1].attributes.id = 1;
        t.send(both);
        EXPECT_EQ(both[1].begin_resp - both[1].begin_req, nanoseconds(4 * memory_ns + memory_ns));
    });
}

TEST(tcu_times, walks_of_another_stream_are_not_waited_for)
{
    at_bench t(merging_walks());
    stream other(t.b, 2, 2);
    other.map(at_bench::va, bench::data);
    t.run([&] {
        std::vector<at_transfer> both = {at_bench::read(0), at_bench::read(0)};
        both[1].attributes.sid = 2;
        both[1].attributes.id = 1;
        t.send(both);
        EXPECT_EQ(both[1].begin_resp - both[1].begin_req,
                  nanoseconds(6 * memory_ns + memory_ns)); // STE, CD, four descriptors
    });
}

// It finds what it needs in a cache; or, as here, not: there is no table.
TEST(tcu_times, a_walk_that_has_waited_is_not_waited_for)
{
    at_bench t(merging_walks());
    t.s.context().r = 0; // no events
    t.s.publish();
    t.run([&] {
        t.warm(0, 1);
        std::vector<at_transfer> three(3, at_bench::read(0));
        for (std::uint32_t id = 0; id < 3; id++) {
            three[id].address += 0x100'0000'0000;
            three[id].attributes.id = id;
        }
        three[2].not_before = now() + nanoseconds(memory_ns + 10);
        t.send(three);
        EXPECT_EQ(three[0].begin_resp - three[0].begin_req, nanoseconds(memory_ns));
        EXPECT_EQ(three[1].begin_resp - three[1].begin_req, nanoseconds(2 * memory_ns));
        EXPECT_EQ(three[2].begin_resp - three[2].begin_req, nanoseconds(memory_ns));
    });
}

// Processes that are children of a method: those that ask the TCU.
unsigned asking_processes(const std::vector<sc_core::sc_object *> &objects)
{
    unsigned count = 0;
    for (sc_core::sc_object *each : objects) {
        const sc_core::sc_object *parent = each->get_parent_object();
        count += std::string(each->kind()) == "sc_thread_process" && parent &&
                 std::string(parent->kind()) == "sc_method_process";
        count += asking_processes(each->get_child_objects());
    }
    return count;
}

TEST(tcu_times, misses_one_after_the_other_need_one_process)
{
    at_bench t(approximate_times());
    t.run([&] {
        t.warm(0, 8);
        EXPECT_EQ(asking_processes(sc_core::sc_get_top_level_objects()), 1u);
    });
}

} // namespace

} // namespace tlm_test::test_tcu_times
