// SPDX-License-Identifier: Apache-2.0
// What is counted of transactions, for each TBU and each stream, and how full things were.
#include <gtest/gtest.h>

#include <algorithm>

#include "at_bench.hpp"

namespace tlm_test::test_measurement {

namespace {

using smmu::latency_part;
using smmu::tbu_level;
using smmu::tcu_level;
using smmu::transaction_count;

constexpr unsigned memory_ns = at_bench::memory_ns;

double in_ns(smmu::ticks time)
{
    return sc_core::sc_time::from_value(time) / nanoseconds(1);
}

// All 64 pages, twice, a third of them writes.
void send_all(at_bench &t)
{
    std::vector<at_transfer> all;
    for (unsigned i = 0; i < 2 * at_bench::pages; i++) {
        const unsigned page = i % at_bench::pages;
        all.push_back(i % 3 ? at_bench::read(page, 0, 64) : at_bench::write(page, 0, 64));
        all.back().attributes.id = i % 5;
    }
    t.send(all);
}

TEST(measurement, hits_and_misses_are_the_look_ups)
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb = {1, 4};
    cfg.tbu_tlb = {4, 4};
    smmu::timing times = approximate_times();
    times.link = nanoseconds(20);
    at_bench t(times, cfg);
    t.run([&] {
        send_all(t);
        const smmu::measurement &m = t.b.smmu.measure();
        const smmu::transaction_sums sums = m.tbu(0).sums;
        const smmu_stats &stats = t.b.smmu.stats();
        EXPECT_EQ(sums[transaction_count::transactions], 2u * at_bench::pages);
        EXPECT_EQ(sums[transaction_count::writes], 43u);
        EXPECT_EQ(sums[transaction_count::utlb_hits], stats.utlb_hits);
        EXPECT_EQ(sums[transaction_count::utlb_misses], stats.utlb_misses);
        EXPECT_EQ(sums[transaction_count::utlb_hits] + sums[transaction_count::utlb_misses],
                  stats.translations);
        EXPECT_EQ(sums[transaction_count::tbu_tlb_hits], stats.tbu_tlb_hits);
        EXPECT_EQ(sums[transaction_count::tbu_tlb_hits] + sums[transaction_count::tbu_tlb_misses],
                  sums[transaction_count::utlb_misses]);
        EXPECT_EQ(sums[transaction_count::requests], stats.requests);
        EXPECT_GT(stats.tbu_tlb_hits, 0u);
        EXPECT_GT(stats.requests, 0u);
        EXPECT_EQ(m.stats().tlb_hits + m.stats().tlb_misses, stats.requests);
        // Memory was asked for as often as the counters say.
        const smmu::transaction_totals all = m.total();
        std::uint64_t descriptors = 0;
        for (const auto level : {latency_part::s1_level0, latency_part::s1_level1,
                                 latency_part::s1_level2, latency_part::s1_level3})
            descriptors += all.part(level).uses;
        EXPECT_EQ(descriptors, stats.ttd_fetches);
        EXPECT_EQ(all.part(latency_part::ste).uses, stats.ste_fetches);
        EXPECT_EQ(all.part(latency_part::cd).uses, stats.cd_fetches);
    });
}

// Its PMU events 0x83 and 0x84 and its hit rate are of nothing, as the counters of the SMMU are.
TEST(measurement, without_a_micro_tlb_has_no_look_up_in_it)
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = 0;
    at_bench t(approximate_times(), cfg);
    t.run([&] {
        send_all(t);
        const smmu::transaction_sums sums = t.b.smmu.measure().tbu(0).sums;
        EXPECT_EQ(sums[transaction_count::utlb_hits], t.b.smmu.stats().utlb_hits);
        EXPECT_EQ(sums[transaction_count::utlb_misses], t.b.smmu.stats().utlb_misses);
    });
}

TEST(measurement, bytes_in_are_bytes_out)
{
    at_bench t(approximate_times());
    t.run([&] {
        send_all(t);
        t.time(at_bench::read(0, 0xff0, 64)); // in two pieces
        smmu::transaction_sums sums = t.b.smmu.measure().tbu(0).sums;
        EXPECT_EQ(sums[transaction_count::bytes_in], (2 * at_bench::pages + 1) * 64u);
        EXPECT_EQ(sums[transaction_count::bytes_out], sums[transaction_count::bytes_in]);
        EXPECT_EQ(sums[transaction_count::bytes_ended], 0u);
        std::uint64_t seen = 0;
        for (const storage::access &each : t.b.memory.log)
            if (each.address >= bench::data)
                seen += each.length;
        EXPECT_EQ(sums[transaction_count::bytes_out], seen) << "what memory has seen";
        // The second piece has no translation.
        at_transfer beyond = at_bench::read(at_bench::pages - 1, 0xfe0, 64);
        t.sender.send(beyond);
        t.sender.wait_until_idle();
        sums = t.b.smmu.measure().tbu(0).sums;
        EXPECT_EQ(sums[transaction_count::failed], 1u);
        EXPECT_EQ(sums[transaction_count::bytes_ended], 32u);
        EXPECT_EQ(sums[transaction_count::bytes_in],
                  sums[transaction_count::bytes_out] + sums[transaction_count::bytes_ended]);
    });
}

// The first of its pieces has no translation, and nothing comes of the second.
TEST(measurement, bytes_behind_a_piece_that_fails_have_ended)
{
    at_bench t(approximate_times());
    t.run([&] {
        at_transfer beyond = at_bench::read(at_bench::pages, 0xfe0, 64);
        t.sender.send(beyond);
        t.sender.wait_until_idle();
        const smmu::transaction_sums sums = t.b.smmu.measure().tbu(0).sums;
        EXPECT_EQ(sums[transaction_count::failed], 1u);
        EXPECT_EQ(sums[transaction_count::bytes_ended], 64u);
        EXPECT_EQ(sums[transaction_count::bytes_out], 0u);
    });
}

// A read is no atomic update: it is not looked up.
TEST(measurement, bytes_of_what_is_not_well_formed_have_ended)
{
    at_bench t(approximate_times());
    t.run([&] {
        at_transfer one = at_bench::read(0, 0, 8);
        one.attributes.op = SMMU_OP_ATOMIC;
        t.sender.send(one);
        t.sender.wait_until_idle();
        const smmu::transaction_sums sums = t.b.smmu.measure().tbu(0).sums;
        EXPECT_EQ(one.status, tlm::TLM_COMMAND_ERROR_RESPONSE);
        EXPECT_EQ(sums[transaction_count::bytes_ended], 8u);
        EXPECT_EQ(sums[transaction_count::bytes_out], 0u);
        EXPECT_EQ(sums[transaction_count::utlb_misses], 0u);
    });
}

TEST(measurement, of_what_moves_no_data_has_no_look_up)
{
    at_bench t(approximate_times());
    t.run([&] {
        at_transfer none = at_bench::read(0, 0, 8);
        none.command = tlm::TLM_IGNORE_COMMAND;
        t.sender.send(none);
        t.sender.wait_until_idle();
        const smmu::transaction_sums sums = t.b.smmu.measure().tbu(0).sums;
        EXPECT_EQ(sums[transaction_count::transactions], 1u);
        EXPECT_EQ(sums[transaction_count::utlb_hits], 0u);
        EXPECT_EQ(sums[transaction_count::utlb_misses], 0u);
    });
}

TEST(measurement, parts_are_all_of_the_time)
{
    smmu::timing times = approximate_times();
    times.link = nanoseconds(20);
    times.tbu_slots = 4;
    times.table_walks = 2;
    at_bench t(times);
    t.run([&] {
        send_all(t);
        const smmu::transaction_totals all = t.b.smmu.measure().total();
        smmu::ticks sum = 0;
        for (const smmu::part_totals &each : all.parts)
            sum += each.time;
        EXPECT_EQ(sum, all.latency.sum);
        EXPECT_EQ(all.latency.count, 2u * at_bench::pages);
        EXPECT_GT(all.part(latency_part::enter_wait).time, 0u);
        EXPECT_GT(all.part(latency_part::table_wait).time, 0u);
    });
}

TEST(measurement, streams_and_tbus_have_their_own)
{
    smmu::timing times = approximate_times();
    times.lookup = nanoseconds(2);
    bench b("bench", times, 2);
    stream first(b, 1, 1), second(b, 2, 2);
    first.map(at_bench::va, bench::data);
    second.map(at_bench::va, bench::data + 0x1000);
    smmu::measurement &m = b.smmu.measure();
    b.run([&] {
        b.bring_up();
        b.memory.latency = nanoseconds(memory_ns);
        std::uint64_t value = 0;
        const auto read = [&](unsigned tbu, std::uint32_t sid) {
            EXPECT_EQ(b.devices[tbu].read64(sid, at_bench::va, value), tlm::TLM_OK_RESPONSE);
        };
        read(0, 1);
        read(1, 2);
        read(1, 2);
        read(1, 1);
        EXPECT_EQ(m.tbu(0).sums[transaction_count::transactions], 1u);
        EXPECT_EQ(m.tbu(1).sums[transaction_count::transactions], 3u);
        EXPECT_EQ(m.streams().at(1).sums[transaction_count::transactions], 2u);
        EXPECT_EQ(m.streams().at(2).sums[transaction_count::transactions], 2u);
        EXPECT_EQ(m.streams().size(), 2u);
        // The second of stream 2 hits in the micro TLB.
        EXPECT_EQ(in_ns(m.streams().at(2).latency.min), 2.0 + memory_ns);
        EXPECT_EQ(in_ns(m.streams().at(2).latency.max), 2.0 + 7 * memory_ns);
        // What is stream 1's is cached, but in this TBU.
        EXPECT_EQ(in_ns(m.tbu(1).latency.sum), 3 * 2.0 + (7 * memory_ns + memory_ns + memory_ns));
    });
}

TEST(measurement, more_streams_than_are_told_apart_count_together)
{
    bench b("bench", approximate_times());
    smmu::measurement &m = b.smmu.measure();
    b.run([&] {
        std::uint64_t value = 0; // nothing is translated
        for (std::uint32_t sid = 0; sid < smmu::measurement::most_streams + 5; sid++)
            b.device().read64(sid, bench::data, value);
        EXPECT_EQ(m.streams().size(), smmu::measurement::most_streams + 1);
        EXPECT_EQ(
            m.streams().at(smmu::measurement::other_streams).sums[transaction_count::transactions],
            5u);
    });
}

TEST(measurement, begins_again_when_it_is_cleared)
{
    at_bench t(approximate_times());
    t.run([&] {
        send_all(t);
        smmu::measurement &m = t.b.smmu.measure();
        m.clear();
        EXPECT_EQ(m.begin(), now().value());
        EXPECT_EQ(m.total().latency.count, 0u);
        EXPECT_TRUE(m.streams().empty());
        EXPECT_EQ(m.stats().translations, 0u);
        t.time_of_read(at_bench::pages - 1);
        m.update();
        EXPECT_EQ(m.total().latency.count, 1u);
        EXPECT_EQ(m.stats().translations, 1u);
        EXPECT_EQ(in_ns(m.level(0, tbu_level::reads).area), memory_ns);
        EXPECT_EQ(m.distribution(latency_part::data).count, 1u);
    });
}

void expect_equal(const smmu_histogram &one, const smmu_histogram &other)
{
    EXPECT_EQ(one.count, other.count);
    EXPECT_EQ(one.sum, other.sum);
    EXPECT_EQ(one.min, other.min);
    EXPECT_EQ(one.max, other.max);
    EXPECT_TRUE(std::equal(one.buckets, one.buckets + SMMU_HISTOGRAM_BUCKETS, other.buckets));
}

// What hits takes the same each time. With somebody who is told of each they are added one by one.
TEST(measurement, is_the_same_whether_somebody_is_told_or_not)
{
    at_bench t(hand_times());
    const auto send_hits = [&t] {
        std::vector<at_transfer> all;
        for (unsigned i = 0; i < 60; i++)
            all.push_back(i % 3 ? at_bench::read(0, 0, 64) : at_bench::write(0));
        t.send(all);
    };
    t.run([&] {
        smmu::measurement &m = t.b.smmu.measure();
        send_hits(); // the last ones do
        m.clear();
        send_hits();
        m.update();
        const smmu::transaction_totals told = m.total();
        const smmu_histogram told_data = m.distribution(latency_part::data);
        const smmu_level slots = m.level(0, tbu_level::slots);
        EXPECT_EQ(told.sums[transaction_count::utlb_hits], 60u);
        m.listen({});
        m.clear();
        send_hits();
        m.update();
        const smmu::transaction_totals untold = m.total();
        for (unsigned i = 0; i < smmu::transaction_counts; i++) {
            const auto which = static_cast<transaction_count>(i);
            EXPECT_EQ(untold.sums[which], told.sums[which]) << smmu::transaction_count_name(which);
        }
        expect_equal(untold.latency, told.latency);
        expect_equal(m.distribution(latency_part::data), told_data);
        for (unsigned i = 0; i < smmu::latency_parts; i++) {
            const char *const name = smmu::latency_part_name(static_cast<latency_part>(i));
            EXPECT_EQ(untold.parts[i].transactions, told.parts[i].transactions) << name;
            EXPECT_EQ(untold.parts[i].uses, told.parts[i].uses) << name;
            EXPECT_EQ(untold.parts[i].time, told.parts[i].time) << name;
            EXPECT_EQ(untold.parts[i].max, told.parts[i].max) << name;
        }
        EXPECT_EQ(m.level(0, tbu_level::slots).area, slots.area);
        EXPECT_EQ(m.level(0, tbu_level::slots).taken, slots.taken);
    });
}

// Walks of 50 ns, two at a time; slots for four transactions.
TEST(measurement, levels_are_what_is_taken)
{
    smmu::timing times = approximate_times();
    times.tbu_slots = 4;
    times.table_walks = 2;
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = 0;
    cfg.tlb.sets = 0;
    at_bench t(times, cfg);
    t.run([&] {
        t.warm(0, 1);
        smmu::measurement &m = t.b.smmu.measure();
        m.clear();
        std::vector<at_transfer> four;
        for (unsigned i = 0; i < 4; i++) {
            four.push_back(at_bench::read(0));
            four.back().attributes.id = i;
        }
        t.send(four);
        m.update();
        const smmu_level &walks = m.level(tcu_level::table_walks);
        EXPECT_EQ(walks.max, 2u);
        EXPECT_EQ(walks.limit, 2u);
        EXPECT_EQ(walks.taken, 4u);
        EXPECT_EQ(in_ns(walks.area), 4.0 * memory_ns);
        EXPECT_EQ(in_ns(walks.full), 2.0 * memory_ns);
        EXPECT_EQ(in_ns(m.level(tcu_level::accesses).area), 4.0 * memory_ns);
        // The first two have their translation after 50 ns, the others after 100.
        const smmu_level &slots = m.level(0, tbu_level::slots);
        EXPECT_EQ(in_ns(slots.area), 2.0 * memory_ns + 2.0 * 2 * memory_ns);
        EXPECT_EQ(in_ns(slots.full), memory_ns);
        EXPECT_EQ(in_ns(m.level(0, tbu_level::tokens).area), in_ns(slots.area));
        EXPECT_EQ(in_ns(m.level(0, tbu_level::reads).area), 4.0 * memory_ns);
        EXPECT_EQ(m.level(0, tbu_level::reads).value, 0u);
    });
}

TEST(measurement, of_a_loosely_timed_model_has_counters)
{
    bench b("bench");
    stream s(b, 1);
    s.map(at_bench::va, bench::data);
    smmu::measurement &m = b.smmu.measure();
    b.run([&] {
        b.bring_up();
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(1, at_bench::va, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(m.stats().translations, 1u);
        EXPECT_EQ(m.total().latency.count, 0u);
    });
}

} // namespace

} // namespace tlm_test::test_measurement
