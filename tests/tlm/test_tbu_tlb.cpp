// SPDX-License-Identifier: Apache-2.0
// The main TLB of a TBU in time: what hits takes its look-up and no way to the TCU. Every expected
// time is a sum of the parameters that the test has set.
#include <gtest/gtest.h>

#include "at_bench.hpp"

namespace tlm_test::test_tbu_tlb {

namespace {

constexpr unsigned memory_ns = at_bench::memory_ns;

// Micro TLBs would answer first.
smmu_config with_tbu_tlb(std::uint32_t sets, std::uint32_t ways)
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = 0;
    cfg.tbu_tlb = {sets, ways};
    return cfg;
}

smmu::timing all_times()
{
    smmu::timing times = approximate_times();
    times.lookup = nanoseconds(2);
    times.tbu_tlb_lookup = nanoseconds(17);
    times.tbu_issue = nanoseconds(3);
    times.link = nanoseconds(20);
    times.config_lookup = nanoseconds(5);
    times.tlb_lookup = nanoseconds(7);
    return times;
}

constexpr unsigned tbu_ns = 2 + 17 + 3;
constexpr unsigned tcu_ns = 2 * 20 + 2 * 5 + 7; // the link, STE and CD, TLB

TEST(tbu_tlb, hit_takes_no_link)
{
    at_bench t(all_times(), with_tbu_tlb(16, 4));
    t.run([&] {
        t.warm(0, 1);
        EXPECT_EQ(t.time_of_read(0), nanoseconds(tbu_ns + memory_ns));
    });
}

TEST(tbu_tlb, miss_takes_its_look_up_too)
{
    at_bench t(all_times(), with_tbu_tlb(1, 1));
    t.run([&] {
        t.warm(0, 2);
        EXPECT_EQ(t.time_of_read(1), nanoseconds(tbu_ns + memory_ns));
        EXPECT_EQ(t.time_of_read(0), nanoseconds(tbu_ns + tcu_ns + memory_ns));
    });
}

TEST(tbu_tlb, what_hits_in_the_micro_tlb_does_not_look_here)
{
    smmu_config cfg = with_tbu_tlb(16, 4);
    cfg.utlb = {1, 4};
    at_bench t(all_times(), cfg);
    t.run([&] {
        t.warm(0, 1);
        EXPECT_EQ(t.time_of_read(0), nanoseconds(2 + 3 + memory_ns));
        for (int i = 0; i < 17; i++)
            t.b.submit(support::tlbi_nh_asid(0x999)); // micro TLBs forget
        t.b.sync();
        EXPECT_EQ(t.time_of_read(0), nanoseconds(tbu_ns + memory_ns));
        EXPECT_EQ(t.time_of_read(0), nanoseconds(2 + 3 + memory_ns));
    });
}

TEST(tbu_tlb, takes_as_long_in_loosely_timed_models)
{
    smmu::timing times = all_times();
    times.mode = smmu::timing_mode::loosely_timed;
    bench b("bench", times, 1, with_tbu_tlb(16, 4));
    stream s(b, 1);
    s.map(at_bench::va, bench::data);
    b.run([&] {
        b.bring_up();
        b.memory.latency = nanoseconds(memory_ns);
        std::uint64_t value = 0;
        b.device().read64(1, at_bench::va, value);
        const sc_core::sc_time start = now();
        EXPECT_EQ(b.device().read64(1, at_bench::va, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(now() - start, nanoseconds(tbu_ns + memory_ns));
    });
}

TEST(tbu_tlb, begins_one_look_up_each_cycle)
{
    smmu::timing times = approximate_times();
    times.tbu_tlb_lookup = nanoseconds(17);
    times.tbu_tlb_cycle = nanoseconds(4);
    at_bench t(times, with_tbu_tlb(16, 4));
    t.run([&] {
        t.warm(0, 8);
        std::vector<at_transfer> all;
        for (unsigned page = 0; page < 8; page++)
            all.push_back(at_bench::read(page));
        t.send(all);
        for (unsigned i = 0; i < 8; i++)
            EXPECT_EQ(all[i].begin_resp - all[0].begin_req, nanoseconds(17 + 4 * i + memory_ns));
    });
}

// 2 MB behind the pages of the bench, and one of these.
struct two_sizes : at_bench {
    explicit two_sizes(const smmu::timing &times, const smmu_config &cfg) : at_bench(times, cfg)
    {
        s.map(va + 0x20'0000, bench::data & ~0x1f'ffffull, 2);
    }
    static at_transfer of_block() { return read(0x200); }
};

TEST(tbu_tlb, takes_longer_for_each_further_size)
{
    smmu::timing times = all_times();
    times.tbu_tlb_size = sc_core::sc_time(4'125, sc_core::SC_PS);
    two_sizes t(times, with_tbu_tlb(16, 4));
    t.run([&] {
        t.time(two_sizes::of_block());
        EXPECT_EQ(t.time(two_sizes::of_block()), nanoseconds(tbu_ns + memory_ns)) << "alone";
        t.warm(0, 1);
        EXPECT_EQ(t.time_of_read(0), nanoseconds(tbu_ns + memory_ns));
        EXPECT_EQ(t.time(two_sizes::of_block()),
                  nanoseconds(tbu_ns + memory_ns) + times.tbu_tlb_size);
        t.b.submit(support::tlbi_nh_va(at_bench::va, 1)); // page 0
        t.b.sync();
        EXPECT_EQ(t.time(two_sizes::of_block()), nanoseconds(tbu_ns + memory_ns)) << "alone again";
    });
}

TEST(tbu_tlb, next_look_up_waits_for_each_further_size)
{
    smmu::timing times = approximate_times();
    times.tbu_tlb_lookup = nanoseconds(17);
    times.tbu_tlb_cycle = nanoseconds(4);
    times.tbu_tlb_size = nanoseconds(3);
    two_sizes t(times, with_tbu_tlb(16, 4));
    t.run([&] {
        t.warm(0, 1);
        t.time(two_sizes::of_block());
        sc_core::wait(nanoseconds(100));
        std::vector<at_transfer> all(3, two_sizes::of_block());
        t.send(all);
        for (unsigned i = 0; i < 3; i++)
            EXPECT_EQ(all[i].begin_resp - all[0].begin_req,
                      nanoseconds((4 + 3) * i + 17 + 3 + memory_ns));
    });
}

TEST(tbu_tlb, of_the_tcu_takes_longer_for_each_further_size)
{
    smmu::timing times = approximate_times();
    times.tlb_lookup = nanoseconds(7);
    times.tlb_size = sc_core::sc_time(2'375, sc_core::SC_PS);
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = 0;
    two_sizes t(times, cfg);
    t.run([&] {
        t.warm(0, 1);
        t.time(two_sizes::of_block());
        EXPECT_EQ(t.time_of_read(0), nanoseconds(7 + memory_ns));
        EXPECT_EQ(t.time(two_sizes::of_block()), nanoseconds(7 + memory_ns) + times.tlb_size);
    });
}

// What two TBUs do at the same time.
struct two_tbus {
    bench b;
    stream first{b, 1, 1}, second{b, 2, 2};

    explicit two_tbus(const smmu::timing &times, const smmu_config &cfg = configuration())
        : b("bench", times, 2, cfg)
    {
        first.map(at_bench::va, bench::data);
        second.map(at_bench::va, bench::data + 0x1000);
        b.memory.store64(bench::data, 111);
        b.memory.store64(bench::data + 0x1000, 222);
        b.memory.store64(bench::data + 0x2000, 333);
    }

    static smmu_config configuration()
    {
        smmu_config cfg = with_tbu_tlb(16, 4);
        cfg.tbus = 2;
        return cfg;
    }

    std::uint64_t read(unsigned tbu)
    {
        std::uint64_t value = 0;
        EXPECT_EQ(b.devices[tbu].read64(tbu + 1, at_bench::va, value), tlm::TLM_OK_RESPONSE);
        return value;
    }
};

TEST(tbu_tlb, each_tbu_has_its_own_time)
{
    smmu::timing times = approximate_times();
    times.tbu_tlb_cycle = nanoseconds(4);
    two_tbus t(times);
    t.b.run([&] {
        t.b.bring_up();
        t.read(0);
        t.read(1);
        sc_core::wait(times.tbu_tlb_cycle);
        t.b.memory.latency = nanoseconds(memory_ns);
        const sc_core::sc_time start = now();
        sc_core::sc_time took;
        sc_core::sc_event done;
        sc_core::sc_spawn([&] {
            EXPECT_EQ(t.read(1), 222u);
            took = now() - start;
            done.notify(sc_core::SC_ZERO_TIME);
        });
        EXPECT_EQ(t.read(0), 111u);
        EXPECT_EQ(now() - start, nanoseconds(memory_ns));
        sc_core::wait(done);
        EXPECT_EQ(took, nanoseconds(memory_ns));
        EXPECT_EQ(t.b.smmu.stats().tbu_tlb_hits, 2u);
    });
}

// Both miss in theirs, and hit in that of the TCU.
TEST(tbu_tlb, each_tbu_has_its_own_way_to_the_tcu)
{
    smmu::timing times = approximate_times();
    times.link = nanoseconds(20);
    times.link_tokens = 1;
    smmu_config cfg = two_tbus::configuration();
    cfg.tbu_tlb.sets = 0;
    cfg.utlb.sets = 0;
    two_tbus t(times, cfg);
    t.b.run([&] {
        t.b.bring_up();
        t.read(0);
        t.read(1);
        const sc_core::sc_time start = now();
        sc_core::sc_time took;
        sc_core::sc_spawn([&] {
            EXPECT_EQ(t.read(1), 222u);
            took = now() - start;
        });
        EXPECT_EQ(t.read(0), 111u);
        EXPECT_EQ(now() - start, nanoseconds(40));
        sc_core::wait(nanoseconds(1000));
        EXPECT_EQ(took, nanoseconds(40));
    });
}

TEST(tbu_tlb, invalidation_reaches_every_tbu)
{
    two_tbus t(all_times());
    t.b.run([&] {
        t.b.bring_up();
        EXPECT_EQ(t.read(0), 111u);
        EXPECT_EQ(t.read(1), 222u);
        t.first.map(at_bench::va, bench::data + 0x2000);
        t.second.map(at_bench::va, bench::data + 0x2000);
        t.b.publish_tables();
        EXPECT_EQ(t.read(0), 111u) << "nobody has invalidated it";
        EXPECT_EQ(t.read(1), 222u);
        t.b.submit(support::tlbi_nh_va(at_bench::va, 2));
        t.b.sync();
        EXPECT_EQ(t.read(0), 111u) << "it is the other ASID's";
        EXPECT_EQ(t.read(1), 333u);
        t.b.submit(support::tlbi_nh_all());
        t.b.sync();
        EXPECT_EQ(t.read(0), 333u);
    });
}

// The look-up begins 2 ns after the request, and ends 17 ns later.
TEST(tbu_tlb, invalidation_during_a_look_up_counts)
{
    two_tbus t(all_times());
    t.b.run([&] {
        t.b.bring_up();
        EXPECT_EQ(t.read(0), 111u);
        t.first.map(at_bench::va, bench::data + 0x2000);
        t.b.publish_tables();
        sc_core::sc_spawn([&] {
            sc_core::wait(nanoseconds(6));
            t.b.submit(support::tlbi_nh_va(at_bench::va, 1));
        });
        EXPECT_EQ(t.read(0), 333u);
        EXPECT_EQ(t.b.smmu.stats().tbu_tlb_hits, 0u);
    });
}

} // namespace

} // namespace tlm_test::test_tbu_tlb
