// SPDX-License-Identifier: Apache-2.0
// What the latency of requests of ATS and PRI is made of, and of the transactions that follow them,
// to the picosecond. Every expected time is a parameter that the test has set, or that of memory.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "ats_link_bench.hpp"

namespace tlm_test::test_ats_latency {

namespace {

using smmu::latency_part;
using smmu::transaction_count;
using smmu::transaction_kind;

constexpr unsigned memory_ns = at_bench::memory_ns;

// Parts that took time, in nanoseconds, by name.
using parts = std::map<std::string, double>;

double in_ns(smmu::ticks time)
{
    return sc_core::sc_time::from_value(time) / nanoseconds(1);
}

parts of(const smmu::transaction_record &one)
{
    parts list;
    one.split.each([&](const smmu::latency_stretch &each) {
        if (each.time != 0)
            list[smmu::latency_part_name(each.part)] += in_ns(each.time);
    });
    return list;
}

// Measures from the first step of the test on, and checks that each ends when its parts do.
struct measured_bench : ats_link_bench {
    std::vector<smmu::transaction_record> ended;
    smmu::measurement *measured = nullptr;

    using ats_link_bench::ats_link_bench;

    void measure()
    {
        measured = &b.smmu.measure();
        measured->listen([this](const smmu::transaction_record &one) {
            expect_all_divided(one);
            ended.push_back(one);
        });
    }

    // The last that has ended, which is of `kind`.
    parts last(transaction_kind kind)
    {
        EXPECT_FALSE(ended.empty());
        if (ended.empty())
            return {};
        EXPECT_EQ(smmu::transaction_kind_name(ended.back().done.kind),
                  std::string(smmu::transaction_kind_name(kind)));
        return of(ended.back());
    }

    // A read by the device of what the request was answered, marked Translated.
    parts translated_read()
    {
        transfer one = read_of(bench::data, 8);
        smmu::attributes from;
        from.sid = sid;
        from.translated = true;
        EXPECT_EQ(b.device().send(one.extend(from)), tlm::TLM_OK_RESPONSE);
        return last(transaction_kind::transaction);
    }
};

TEST(ats_latency, of_a_translation_that_is_cached)
{
    measured_bench t(hand_times());
    t.run([&](const sc_core::sc_time &) {
        t.measure();
        t.request(0);
        const parts expected = {{"link", 40}, {"ats_port", 2}, {"config", 10}, {"tlb", 7}};
        EXPECT_EQ(t.last(transaction_kind::translation_request), expected);
    });
}

// STE, CD and four descriptors.
TEST(ats_latency, of_a_translation_with_nothing_cached)
{
    measured_bench t(hand_times());
    t.run_cold([&] {
        t.measure();
        t.request(0);
        const parts expected = {{"link", 40},
                                {"ats_port", 2},
                                {"config", 10},
                                {"tlb", 7},
                                {"walk_s1", 11},
                                {"walk_issue", 6 * 13},
                                {"ste", memory_ns},
                                {"cd", memory_ns},
                                {"s1_level0", memory_ns},
                                {"s1_level1", memory_ns},
                                {"s1_level2", memory_ns},
                                {"s1_level3", memory_ns}};
        EXPECT_EQ(t.last(transaction_kind::translation_request), expected);
    });
}

// It has begun when its time has come.
TEST(ats_latency, does_not_have_what_a_request_is_ahead_of_time)
{
    measured_bench t(hand_times());
    t.run([&](const sc_core::sc_time &) {
        t.measure();
        t.request(0, 0, nanoseconds(1000));
        const parts expected = {{"link", 40}, {"ats_port", 2}, {"config", 10}, {"tlb", 7}};
        EXPECT_EQ(t.last(transaction_kind::translation_request), expected);
    });
}

// What the second of two requests that come at once waits for.
struct contention {
    const char *name;
    void (*change)(smmu::timing &times, smmu_config &cfg);
    parts expected; // of the second
};

std::ostream &operator<<(std::ostream &out, const contention &of)
{
    return out << of.name;
}

class ats_waits : public testing::TestWithParam<contention> {};

TEST_P(ats_waits, are_where_they_are_spent)
{
    smmu::timing times = approximate_times();
    smmu_config cfg = smmu_config_default();
    GetParam().change(times, cfg);
    measured_bench t(times, 1, cfg);
    t.run([&](const sc_core::sc_time &) {
        t.measure();
        t.request_at_once({0, 0});
        EXPECT_EQ(t.last(transaction_kind::translation_request), GetParam().expected);
    });
}

INSTANTIATE_TEST_SUITE_P(of, ats_waits,
                         testing::Values(contention{"tokens",
                                                    [](smmu::timing &times, smmu_config &) {
                                                        times.link_tokens = 1;
                                                        times.link = nanoseconds(20);
                                                    },
                                                    {{"token_wait", 40}, {"link", 40}}},
                                         contention{"link",
                                                    [](smmu::timing &times, smmu_config &) {
                                                        times.link_cycle = nanoseconds(6);
                                                    },
                                                    {{"link_wait", 6}}},
                                         contention{"tcu_slots",
                                                    [](smmu::timing &times, smmu_config &) {
                                                        times.tcu_slots = 1;
                                                        times.tlb_lookup = nanoseconds(7);
                                                    },
                                                    {{"tcu_slot_wait", 7}, {"tlb", 7}}},
                                         // A walk of one descriptor is before it.
                                         contention{"table_walks",
                                                    [](smmu::timing &times, smmu_config &cfg) {
                                                        times.table_walks = 1;
                                                        cfg.tlb.sets = 0;
                                                    },
                                                    {{"table_wait", memory_ns},
                                                     {"s1_level3", memory_ns}}}),
                         [](const auto &info) { return std::string(info.param.name); });

TEST(ats_latency, of_page_requests_that_take_turns_at_the_queue)
{
    measured_bench t(hand_times());
    t.run([&](const sc_core::sc_time &) {
        t.enable_pri();
        t.measure();
        for (unsigned i = 0; i < 2; i++)
            sc_core::sc_spawn([&] { t.request_page(); });
        sc_core::wait(nanoseconds(1000));
        ASSERT_EQ(t.ended.size(), 2u);
        const parts first = {{"link", 40}, {"walk_issue", 13}, {"record", memory_ns}};
        const parts second = {
            {"link", 40}, {"walk_issue", 13}, {"record", 13 + memory_ns + memory_ns}};
        EXPECT_EQ(of(t.ended[0]), first);
        EXPECT_EQ(of(t.ended[1]), second);
        EXPECT_EQ(t.ended[1].done.kind, transaction_kind::page_request);
    });
}

TEST(ats_latency, of_a_page_request_without_a_queue)
{
    measured_bench t(hand_times());
    t.run([&](const sc_core::sc_time &) {
        t.measure();
        t.request_page();
        const parts expected = {{"link", 40}};
        EXPECT_EQ(t.last(transaction_kind::page_request), expected);
    });
}

TEST(ats_latency, of_a_hint)
{
    measured_bench t(hand_times());
    t.run([&](const sc_core::sc_time &) {
        t.measure();
        smmu_page_hint hint{};
        hint.sid = t.sid;
        hint.addr = t.va;
        hint.pages = 1;
        sc_core::sc_time delay;
        t.b.smmu.ats()->hint_pages(hint, delay);
        const parts expected = {{"link", 40}, {"walk_issue", 13}, {"record", memory_ns}};
        EXPECT_EQ(t.last(transaction_kind::hint), expected);
    });
}

TEST(ats_latency, of_translated_transactions_that_are_not_checked)
{
    measured_bench t(hand_times());
    t.run([&](const sc_core::sc_time &) {
        t.measure();
        const parts expected = {
            {"entry", 1}, {"utlb", 2}, {"link", 40}, {"issue", 3}, {"data", memory_ns}};
        EXPECT_EQ(t.translated_read(), expected);
        const smmu::transaction_sums sums = t.measured->total().sums;
        EXPECT_EQ(sums[transaction_count::translated], 1u);
        EXPECT_EQ(sums[transaction_count::transactions], 1u);
        EXPECT_EQ(sums[transaction_count::bytes_out], 8u);
    });
}

// The STE is looked up, and first fetched (3.9.1.3).
TEST(ats_latency, of_translated_transactions_that_are_checked)
{
    measured_bench t(hand_times());
    t.run_cold([&] {
        t.b.write32(reg::CR0, t.b.read32(reg::CR0) | reg::CR0_ATSCHK);
        sc_core::wait(nanoseconds(1000));
        t.measure();
        parts expected = {{"entry", 1},  {"utlb", 2},        {"link", 40},
                          {"config", 5}, {"walk_issue", 13}, {"ste", memory_ns},
                          {"issue", 3},  {"data", memory_ns}};
        EXPECT_EQ(t.translated_read(), expected);
    });
}

// The Device Permission Table is walked, and then its TLB knows (IHI 0070 3.24). One block of level
// 0 is for all of this memory.
TEST(ats_latency, of_translated_transactions_that_the_dpt_is_asked_about)
{
    constexpr std::uint64_t level0 = ram::base + 0xd0'0000;
    smmu_config cfg = smmu_config_default();
    cfg.dpt = true;
    cfg.vmsa32 = false;
    cfg.utlb.sets = 0;
    smmu::timing times = hand_times();
    times.dpt_lookup = nanoseconds(19);
    measured_bench t(times, 1, cfg);
    t.s.entry().eats = 3;
    t.s.publish();
    t.b.memory.store64(level0 + 8 * (ram::base >> 30), 0x9);
    t.run_cold([&] {
        t.b.write64(reg::DPT_BASE, level0);
        t.b.write32(reg::DPT_BASE_CFG, 0); // 32 bits, entries of 1 GiB
        t.b.write32(reg::CR0, t.b.read32(reg::CR0) | reg::CR0_ATSCHK | reg::CR0_DPT_WALK_EN);
        sc_core::wait(nanoseconds(1000));
        t.measure();
        const parts walked = {
            {"entry", 1}, {"utlb", 2},        {"link", 40},       {"config", 5},
            {"dpt", 19},  {"walk_issue", 26}, {"ste", memory_ns}, {"dpt_table", memory_ns},
            {"issue", 3}, {"data", memory_ns}};
        EXPECT_EQ(t.translated_read(), walked);
        const parts known = {{"entry", 1}, {"utlb", 2},  {"link", 40},       {"config", 5},
                             {"dpt", 19},  {"issue", 3}, {"data", memory_ns}};
        EXPECT_EQ(t.translated_read(), known);
    });
}

// EATS is 0: the endpoint is told so, and software gets F_BAD_ATS_TREQ.
TEST(ats_latency, counts_requests_by_kind_port_and_stream)
{
    measured_bench t(hand_times(), 2);
    stream other(t.b, 2, 2);
    t.run([&](const sc_core::sc_time &) {
        t.enable_pri();
        t.measure();
        const std::uint64_t before = t.b.smmu.stats().ats_requests;
        t.request(0);
        t.request(1, 1);
        t.request(2, 1);
        smmu_ats_request refused{};
        refused.sid = other.sid();
        smmu_ats_completion completion{};
        sc_core::sc_time delay;
        t.b.smmu.ats(1)->translate(refused, completion, delay);
        EXPECT_EQ(completion.status, SMMU_ATS_UR);
        t.request_page();

        const smmu::measurement &m = *t.measured;
        const auto kind = transaction_kind::translation_request;
        EXPECT_EQ(t.b.smmu.stats().ats_requests - before, 4u);
        const smmu::transaction_totals all = m.total(kind);
        EXPECT_EQ(all.sums[transaction_count::transactions], 4u);
        EXPECT_EQ(all.sums[transaction_count::requests], 4u);
        EXPECT_EQ(all.sums[transaction_count::failed], 1u);
        EXPECT_EQ(all.sums[transaction_count::bytes_in], 0u);
        EXPECT_EQ(m.tbu(0, kind).sums[transaction_count::transactions], 1u);
        EXPECT_EQ(m.tbu(1, kind).sums[transaction_count::transactions], 3u);
        EXPECT_EQ(m.streams(kind).at(1).sums[transaction_count::transactions], 3u);
        EXPECT_EQ(m.streams(kind).at(2).sums[transaction_count::failed], 1u);
        EXPECT_EQ(m.total(transaction_kind::page_request).latency.count, 1u);
        EXPECT_EQ(m.total(transaction_kind::hint).latency.count, 0u);
        EXPECT_EQ(m.total().latency.count, 0u) << "no transaction of a device";

        smmu::ticks sum = 0;
        for (const smmu::part_totals &each : all.parts)
            sum += each.time;
        EXPECT_EQ(sum, all.latency.sum);
        EXPECT_EQ(m.distribution(latency_part::ats_port, kind).count, 4u);
        EXPECT_EQ(m.distribution(latency_part::ats_port, 1, kind).count, 3u);
        EXPECT_EQ(all.part(latency_part::record).transactions, 1u);
    });
}

TEST(ats_latency, of_a_request_that_is_killed_is_nothing)
{
    measured_bench t(hand_times());
    t.run([&](const sc_core::sc_time &) {
        t.measure();
        auto asking = sc_core::sc_spawn([&] { t.request(0); });
        sc_core::wait(nanoseconds(30));
        asking.kill();
        sc_core::wait(nanoseconds(1000));
        EXPECT_TRUE(t.ended.empty());
        EXPECT_TRUE(t.measured->streams(transaction_kind::translation_request).empty());
        EXPECT_EQ(t.measured->level(0, smmu::tbu_level::tokens).value, 0u);
        t.request(1);
        EXPECT_EQ(t.ended.size(), 1u);
    });
}

TEST(ats_latency, is_none_in_a_loosely_timed_model)
{
    smmu::timing times = hand_times();
    times.mode = smmu::timing_mode::loosely_timed;
    measured_bench t(times);
    t.run([&](const sc_core::sc_time &) {
        t.measure();
        t.request(0);
        EXPECT_TRUE(t.ended.empty());
        EXPECT_EQ(t.measured->stats().ats_requests, 1u);
    });
}

} // namespace

} // namespace tlm_test::test_ats_latency
