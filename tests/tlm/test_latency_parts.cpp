// SPDX-License-Identifier: Apache-2.0
// What the latency of a transaction is made of, to the picosecond. Every expected time is a
// parameter that the test has set, or that of memory. at_bench checks of every transaction of its
// tests that the parts are all of it.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "at_bench.hpp"
#include "two_stage_stream.hpp"

namespace tlm_test::test_latency_parts {

namespace {

constexpr unsigned memory_ns = at_bench::memory_ns;

smmu_config without_micro_tlb()
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = 0;
    return cfg;
}

// Parts that took time, in nanoseconds, by name.
using parts = std::map<std::string, double>;

parts of(const smmu::transaction_record &one)
{
    parts list;
    for (unsigned i = 0; i < smmu::latency_parts; i++) {
        const auto which = static_cast<smmu::latency_part>(i);
        if (one.split.time(which) != 0)
            list[smmu::latency_part_name(which)] =
                sc_core::sc_time::from_value(one.split.time(which)) / nanoseconds(1);
    }
    return list;
}

// Of a transaction that is sent alone.
parts of(at_bench &t, const at_transfer &transfer)
{
    t.time(transfer);
    return of(t.ended.back());
}

TEST(latency_parts, of_a_hit_in_the_micro_tlb)
{
    at_bench t(hand_times());
    t.run([&] {
        t.warm(0, 1);
        const parts expected = {{"entry", 1}, {"utlb", 2}, {"issue", 3}, {"data", memory_ns}};
        EXPECT_EQ(of(t, at_bench::read(0)), expected);
    });
}

TEST(latency_parts, of_a_hit_in_the_main_tlb_of_the_tcu)
{
    at_bench t(hand_times(), without_micro_tlb());
    t.run([&] {
        t.warm(0, 1);
        const parts expected = {{"entry", 1}, {"utlb", 2},  {"link", 40},       {"config", 10},
                                {"tlb", 7},   {"issue", 3}, {"data", memory_ns}};
        EXPECT_EQ(of(t, at_bench::read(0)), expected);
    });
}

TEST(latency_parts, of_a_hit_in_the_main_tlb_of_the_tbu)
{
    smmu::timing times = hand_times();
    times.tbu_tlb_lookup = nanoseconds(17);
    smmu_config cfg = without_micro_tlb();
    cfg.tbu_tlb = {16, 4};
    at_bench t(times, cfg);
    t.run([&] {
        t.warm(0, 1);
        const parts expected = {
            {"entry", 1}, {"utlb", 2}, {"tbu_tlb", 17}, {"issue", 3}, {"data", memory_ns}};
        EXPECT_EQ(of(t, at_bench::read(0)), expected);
    });
}

// STE, CD and four descriptors.
TEST(latency_parts, with_nothing_cached)
{
    at_bench t(hand_times());
    t.run([&] {
        const parts expected = {{"entry", 1},
                                {"utlb", 2},
                                {"link", 40},
                                {"config", 10},
                                {"tlb", 7},
                                {"walk_s1", 11},
                                {"walk_issue", 6 * 13},
                                {"ste", memory_ns},
                                {"cd", memory_ns},
                                {"s1_level0", memory_ns},
                                {"s1_level1", memory_ns},
                                {"s1_level2", memory_ns},
                                {"s1_level3", memory_ns},
                                {"issue", 3},
                                {"data", memory_ns}};
        EXPECT_EQ(of(t, at_bench::read(0)), expected);
    });
}

TEST(latency_parts, of_a_walk_from_the_last_table)
{
    smmu_config cfg = without_micro_tlb();
    cfg.tlb.sets = 0;
    at_bench t(hand_times(), cfg);
    t.run([&] {
        t.warm(0, 1);
        const parts expected = {{"entry", 1},
                                {"utlb", 2},
                                {"link", 40},
                                {"config", 10},
                                {"walk_s1", 11},
                                {"walk_issue", 13},
                                {"s1_level3", memory_ns},
                                {"issue", 3},
                                {"data", memory_ns}};
        EXPECT_EQ(of(t, at_bench::read(0)), expected);
    });
}

TEST(latency_parts, of_stage_2)
{
    smmu::timing times = approximate_times();
    times.walk_s2_lookup = nanoseconds(17);
    at_bench t(times);
    two_stage_stream vm(t.b, 2, 7, two_stage_stream::kind::stage2);
    vm.map_s2(at_bench::va, bench::data);
    t.run([&] {
        at_transfer one = at_bench::read(0);
        one.attributes.sid = 2;
        const parts expected = {{"ste", memory_ns},       {"walk_s2", 17},
                                {"s2_level0", memory_ns}, {"s2_level1", memory_ns},
                                {"s2_level2", memory_ns}, {"s2_level3", memory_ns},
                                {"data", memory_ns}};
        EXPECT_EQ(of(t, one), expected);
    });
}

smmu_config with_d128()
{
    smmu_config cfg = smmu_config_default();
    cfg.d128 = cfg.vax52 = cfg.vax56 = true;
    cfg.aie = cfg.s1pi = cfg.s2pi = cfg.s2po = cfg.mteperm = true;
    cfg.vmsa32 = false;
    cfg.oas_bits = 56;
    cfg.arch = 4;
    cfg.e0pd = cfg.epan = cfg.ptwnnc = true;
    return cfg;
}

// Tables of VMSAv9-128, from level -2 on: two table descriptors that skip a level each, and a block
// of 1 MiB (DDI 0487 tables D8-44 to D8-46), good for either stage with PIIndex 5.
std::uint64_t store_large_descriptors(ram &memory)
{
    const std::uint64_t first = ram::base + 0x40'0000, second = ram::base + 0x50'0000;
    const std::uint64_t third = ram::base + 0x60'0000, skip_one = std::uint64_t(1) << (109 - 64);
    const auto store = [&](std::uint64_t at, std::uint64_t low, std::uint64_t high) {
        memory.store64(at, low);
        memory.store64(at + 8, high | skip_one);
    };
    store(first, second | 1, 0);
    store(second + 16 * (at_bench::va >> 36), third | 1, 0);
    store(third + 16 * (at_bench::va >> 20 & 0xffff), bench::data | 0x7bd,
          std::uint64_t(5) << (115 - 64));
    return first;
}

TEST(latency_parts, of_level_minus_2_of_stage_1)
{
    at_bench t(approximate_times(), with_d128());
    t.s.entry().s1pie = 1;
    t.s.context().aa64 = 0;
    t.s.context().epd1 = 1;
    t.s.context().t0sz = 9;
    t.s.context().ips = 7;
    t.s.context().ttb0 = store_large_descriptors(t.b.memory);
    t.s.context().piiu = t.s.context().piip = 5 << 15;
    t.s.publish();
    t.run([&] {
        const parts expected = {{"ste", memory_ns},       {"cd", memory_ns},
                                {"s1_top", memory_ns},    {"s1_level0", memory_ns},
                                {"s1_level2", memory_ns}, {"data", memory_ns}};
        EXPECT_EQ(of(t, at_bench::read(0)), expected);
    });
}

TEST(latency_parts, of_level_minus_2_of_stage_2)
{
    at_bench t(approximate_times(), with_d128());
    two_stage_stream vm(t.b, 2, 7, two_stage_stream::kind::stage2);
    vm.entry().s2aa64 = 0;
    vm.entry().s2sl0 = 0;
    vm.entry().s2t0sz = 8;
    vm.entry().s2ps = 7;
    vm.entry().s2ttb = store_large_descriptors(t.b.memory);
    vm.publish();
    t.run([&] {
        t.b.write64(reg::S2PII, 0xc0'0000); // PIIndex 5: read and write
        at_transfer one = at_bench::read(0);
        one.attributes.sid = 2;
        const parts expected = {{"ste", memory_ns},
                                {"s2_top", memory_ns},
                                {"s2_level0", memory_ns},
                                {"s2_level2", memory_ns},
                                {"data", memory_ns}};
        EXPECT_EQ(of(t, one), expected);
    });
}

TEST(latency_parts, of_each_piece)
{
    at_bench t(hand_times());
    t.run([&] {
        t.warm(0, 2);
        const parts expected = {{"entry", 1}, {"utlb", 4}, {"issue", 6}, {"data", 2 * memory_ns}};
        EXPECT_EQ(of(t, at_bench::read(0, 0xffc, 8)), expected);
    });
}

// What one of two transactions waits for, both of which come at the same time.
struct contention {
    const char *name;
    void (*change)(smmu::timing &times, smmu_config &cfg);
    bool warm;        // pages 0 and 1 have been translated
    unsigned page;    // of the second
    std::uint32_t id; // of the second: 1 is another one than the first has
    unsigned length;
    parts waits; // of the second, those that wait
};

std::ostream &operator<<(std::ostream &out, const contention &of)
{
    return out << of.name;
}

class latency_waits : public testing::TestWithParam<contention> {};

bool is_wait(const std::string &name)
{
    return name.find("wait") != std::string::npos || name.find("merge") != std::string::npos;
}

TEST_P(latency_waits, are_where_they_are_spent)
{
    smmu::timing times = approximate_times();
    smmu_config cfg = without_micro_tlb();
    GetParam().change(times, cfg);
    at_bench t(times, cfg);
    t.run([&] {
        if (GetParam().warm)
            t.warm(0, 2);
        sc_core::wait(nanoseconds(1000));
        std::vector<at_transfer> two = {at_bench::read(0, 0, GetParam().length),
                                        at_bench::read(GetParam().page, 0, GetParam().length)};
        two[1].attributes.id = GetParam().id;
        t.send(two);
        const auto second = std::find_if(
            t.ended.end() - 2, t.ended.end(), [&](const smmu::transaction_record &each) {
                return each.address == two[1].address || GetParam().page == 0;
            });
        parts waits;
        for (const auto &[name, time] : of(GetParam().page == 0 ? t.ended.back() : *second))
            if (is_wait(name))
                waits[name] = time;
        EXPECT_EQ(waits, GetParam().waits);
    });
}

INSTANTIATE_TEST_SUITE_P(
    of, latency_waits,
    testing::Values(
        // The slot of the first is free when its data are asked for.
        contention{"slots",
                   [](smmu::timing &times, smmu_config &) {
                       times.tbu_slots = 1;
                       times.lookup = nanoseconds(9);
                   },
                   true,
                   1,
                   1,
                   8,
                   {{"enter_wait", 9}}},
        contention{"tokens",
                   [](smmu::timing &times, smmu_config &) {
                       times.link_tokens = 1;
                       times.link = nanoseconds(20);
                   },
                   true,
                   1,
                   1,
                   8,
                   {{"token_wait", 40}}},
        contention{"link",
                   [](smmu::timing &times, smmu_config &) { times.link_cycle = nanoseconds(6); },
                   true,
                   1,
                   1,
                   8,
                   {{"link_wait", 6}}},
        contention{"tcu_slots",
                   [](smmu::timing &times, smmu_config &) {
                       times.tcu_slots = 1;
                       times.tlb_lookup = nanoseconds(7);
                   },
                   true,
                   1,
                   1,
                   8,
                   {{"tcu_slot_wait", 7}}},
        contention{"config",
                   [](smmu::timing &times, smmu_config &) { times.config_cycle = nanoseconds(4); },
                   true,
                   1,
                   1,
                   8,
                   {{"config_wait", 12}}},
        contention{"tlb",
                   [](smmu::timing &times, smmu_config &) { times.tlb_cycle = nanoseconds(4); },
                   true,
                   1,
                   1,
                   8,
                   {{"tlb_wait", 4}}},
        // The first is in the TLB while the second looks up its CD.
        contention{"config_and_tlb",
                   [](smmu::timing &times, smmu_config &) {
                       times.config_cycle = nanoseconds(4);
                       times.tlb_cycle = nanoseconds(4);
                   },
                   true,
                   1,
                   1,
                   8,
                   {{"config_wait", 12}}},
        contention{"tbu_tlb",
                   [](smmu::timing &times, smmu_config &cfg) {
                       times.tbu_tlb_cycle = nanoseconds(4);
                       cfg.tbu_tlb = {16, 4};
                   },
                   true,
                   1,
                   1,
                   8,
                   {{"tbu_tlb_wait", 4}}},
        // Both miss in it.
        contention{"walk_cache",
                   [](smmu::timing &times, smmu_config &cfg) {
                       times.walk_s1_cycle = nanoseconds(4);
                       cfg.tlb.sets = 0;
                   },
                   true,
                   1,
                   1,
                   8,
                   {{"walk_s1_wait", 4}}},
        // A walk of one descriptor is before it.
        contention{"table_walks",
                   [](smmu::timing &times, smmu_config &cfg) {
                       times.table_walks = 1;
                       cfg.tlb.sets = 0;
                   },
                   true,
                   1,
                   1,
                   8,
                   {{"table_wait", memory_ns}}},
        // The STE, and then the CD.
        contention{"context_walks",
                   [](smmu::timing &times, smmu_config &cfg) {
                       times.context_walks = 1;
                       cfg.config_cache.sets = 0;
                   },
                   true,
                   1,
                   1,
                   8,
                   {{"context_wait", 2 * memory_ns}}},
        // For the STE; then both have what they need, but for descriptors of tables.
        contention{"merging_walks",
                   [](smmu::timing &times, smmu_config &) { times.walk_merging = 1; },
                   false,
                   1,
                   1,
                   8,
                   {{"context_merge", 2 * memory_ns}, {"table_merge", 3 * memory_ns}}},
        // All of the first one's way to the TCU.
        contention{"merging_misses",
                   [](smmu::timing &times, smmu_config &cfg) {
                       times.tbu_merging = 1;
                       times.link = nanoseconds(20);
                       cfg.utlb = {1, 1};
                       cfg.tbu_tlb = {1, 1};
                   },
                   false,
                   0,
                   1,
                   8,
                   {{"miss_wait", 40 + 6 * memory_ns}}},
        contention{"reads",
                   [](smmu::timing &times, smmu_config &) { times.tbu_reads = 1; },
                   true,
                   1,
                   1,
                   8,
                   {{"limit_wait", memory_ns}}},
        // Beats of data go back: eight of the first.
        contention{"answers",
                   [](smmu::timing &times, smmu_config &) {
                       times.tbu_cycle = nanoseconds(1);
                       times.tbu_beat_bytes = 8;
                   },
                   true,
                   1,
                   1,
                   64,
                   {{"answer_wait", 7}}}),
    [](const auto &info) { return std::string(info.param.name); });

// The second has its translation, and waits for the first to have its own.
TEST(latency_parts, of_one_that_waits_for_its_order)
{
    at_bench t(approximate_times(), without_micro_tlb());
    t.run([&] {
        t.warm(0, 1);
        std::vector<at_transfer> two = {at_bench::read(1), at_bench::read(0)};
        t.send(two);
        const parts expected = {{"order_wait", memory_ns}, {"data", memory_ns}};
        EXPECT_EQ(of(t.ended.back().address == two[1].address ? t.ended.back()
                                                              : t.ended[t.ended.size() - 2]),
                  expected);
    });
}

// Two of 8 beats: the second leaves behind the first, whose write data take the way out.
TEST(latency_parts, of_one_behind_write_data)
{
    smmu::timing times = approximate_times();
    times.tbu_cycle = nanoseconds(1);
    times.tbu_beat_bytes = 8;
    at_bench t(times);
    t.run([&] {
        t.time(at_bench::write(0));
        std::vector<at_transfer> two = {at_bench::write(0, 0, 64), at_bench::read(0)};
        t.send(two);
        const parts expected = {{"entry", 1}, {"exit_wait", 7}, {"data", memory_ns}};
        EXPECT_EQ(of(t.ended.back()), expected);
    });
}

// It comes at the same time as one of an initiator that blocks, which is first.
TEST(latency_parts, of_one_that_enters_behind_another)
{
    smmu::timing times = approximate_times();
    times.tbu_cycle = nanoseconds(4);
    at_bench t(times);
    t.run([&] {
        t.warm(0, 1);
        sc_core::wait(nanoseconds(1000));
        at_transfer second = at_bench::read(0);
        t.sender.send(second);
        transfer first = read_of(at_bench::va, 8);
        sc_core::sc_time delay;
        t.sender.socket->b_transport(first.of_stream(1).payload, delay);
        t.sender.wait_until_idle();
        const parts expected = {{"entry_wait", 4}, {"entry", 4}, {"data", memory_ns}};
        EXPECT_EQ(of(t.ended.back()), expected);
    });
}

// From the record of the event, which takes an access, to the command.
TEST(latency_parts, of_one_that_stalls)
{
    smmu::timing times = approximate_times();
    times.lookup = nanoseconds(2);
    at_bench t(times);
    t.s.context().s = 1;
    t.s.publish();
    const std::uint64_t there = at_bench::va + 0x10'0000;
    t.run([&] {
        t.warm(0, 1);
        sc_core::sc_time resumed;
        at_transfer one = at_read(there, 8);
        one.attributes.sid = 1;
        const sc_core::sc_time start = now();
        t.sender.send(one);
        sc_core::wait(nanoseconds(500));
        ASSERT_EQ(t.b.event_count(), 1u);
        t.s.map(there, bench::data);
        t.b.publish_tables();
        t.b.submit(support::cmd_resume(1, t.b.event(0).stag, support::resume_action::retry));
        t.sender.wait_until_idle();
        EXPECT_EQ(one.status, tlm::TLM_OK_RESPONSE);
        const parts split = of(t.ended.back());
        // A descriptor, the record; then all the time until the command has been fetched.
        EXPECT_EQ(split.at("record"), memory_ns);
        EXPECT_EQ(split.at("utlb"), 2 * 2);
        EXPECT_EQ(split.at("s1_level3"), 2 * memory_ns);
        EXPECT_EQ(split.at("data"), memory_ns);
        EXPECT_EQ(nanoseconds(split.at("stall")),
                  one.begin_resp - start - nanoseconds(4 + 4 * memory_ns));
        EXPECT_GE(split.at("stall"), 500 - 2 - 2 * memory_ns + memory_ns);
    });
}

} // namespace

} // namespace tlm_test::test_latency_parts
