// SPDX-License-Identifier: Apache-2.0
// What transactions add up to, whichever of them are only counted: each number is compared with
// what the test adds up itself, one transaction after the other.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "smmu/tlm/transaction_account.hpp"
#include "support/random.hpp"

namespace tlm_test::test_transaction_account {

namespace {

using smmu::latency_part;
using smmu::transaction_count;

// What has been added, in the plainest way.
struct plain_totals {
    std::uint64_t sums[smmu::transaction_counts] = {};
    smmu_histogram latency = {};
    smmu::part_totals parts[smmu::latency_parts];

    std::uint64_t &sum(transaction_count which) { return sums[static_cast<unsigned>(which)]; }

    void add(const smmu::transaction_record &one)
    {
        const smmu::transaction_tally &done = one.done;
        sum(transaction_count::transactions)++;
        sum(transaction_count::writes) += done.write ? 1 : 0;
        sum(transaction_count::failed) += done.failed ? 1 : 0;
        sum(transaction_count::translated) += done.translated ? 1 : 0;
        sum(transaction_count::bytes_in) += done.bytes_in;
        sum(transaction_count::bytes_out) += done.bytes_in - done.bytes_ended;
        sum(transaction_count::bytes_ended) += done.bytes_ended;
        sum(transaction_count::utlb_hits) += done.utlb_hits;
        sum(transaction_count::utlb_misses) += done.utlb_misses;
        sum(transaction_count::tbu_tlb_hits) += done.tbu_tlb_hits;
        sum(transaction_count::tbu_tlb_misses) += done.tbu_tlb_misses;
        sum(transaction_count::requests) += done.requests;
        smmu_histogram_add(&latency, one.split.total());
        for (unsigned i = 0; i < smmu::latency_parts; i++) {
            const auto which = static_cast<latency_part>(i);
            if (one.split.uses(which) == 0)
                continue;
            parts[i].transactions++;
            parts[i].uses += one.split.uses(which);
            parts[i].time += one.split.time(which);
            parts[i].max = std::max(parts[i].max, one.split.time(which));
        }
    }
};

void expect_equal(const smmu_histogram &is, const smmu_histogram &should)
{
    EXPECT_EQ(is.count, should.count);
    EXPECT_EQ(is.sum, should.sum);
    EXPECT_EQ(is.min, should.min);
    EXPECT_EQ(is.max, should.max);
    EXPECT_TRUE(std::equal(is.buckets, is.buckets + SMMU_HISTOGRAM_BUCKETS, should.buckets));
}

void expect_equal(const smmu::transaction_totals &is, const plain_totals &should)
{
    for (unsigned i = 0; i < smmu::transaction_counts; i++) {
        const auto which = static_cast<transaction_count>(i);
        EXPECT_EQ(is.sums[which], should.sums[i]) << smmu::transaction_count_name(which);
    }
    expect_equal(is.latency, should.latency);
    for (unsigned i = 0; i < smmu::latency_parts; i++) {
        const char *const name = smmu::latency_part_name(static_cast<latency_part>(i));
        EXPECT_EQ(is.parts[i].transactions, should.parts[i].transactions) << name;
        EXPECT_EQ(is.parts[i].uses, should.parts[i].uses) << name;
        EXPECT_EQ(is.parts[i].time, should.parts[i].time) << name;
        EXPECT_EQ(is.parts[i].max, should.parts[i].max) << name;
    }
}

// An account, and what it should have.
class kept_twice {
  public:
    // A transaction of `sid` that takes these parts, each for `ns`.
    smmu::transaction_record begin(std::uint32_t sid, const std::vector<latency_part> &parts,
                                   unsigned ns = 1)
    {
        smmu::transaction_record one = {};
        one.arrive(clock_);
        one.sid = sid;
        const sc_core::sc_time time(ns, sc_core::SC_NS);
        for (const latency_part part : parts) {
            one.split.ahead(part, time);
            clock_ += time;
        }
        return one;
    }

    // Ends it; returns whether it was only counted.
    bool end(const smmu::transaction_record &one)
    {
        should_[one.sid].add(one);
        for (unsigned i = 0; i < smmu::latency_parts; i++)
            if (one.split.uses(static_cast<latency_part>(i)) != 0)
                smmu_histogram_add(&distributions_[i],
                                   one.split.time(static_cast<latency_part>(i)));
        if (account.add_repeated(one.sid, one))
            return true;
        account.add(one);
        return false;
    }

    void expect_same()
    {
        std::size_t streams = 0;
        account.each_stream([&](std::uint64_t sid, const smmu::transaction_totals &is) {
            SCOPED_TRACE(sid);
            ASSERT_EQ(should_.count(static_cast<std::uint32_t>(sid)), 1u);
            expect_equal(is, should_[static_cast<std::uint32_t>(sid)]);
            streams++;
        });
        EXPECT_EQ(streams, should_.size());
        for (unsigned i = 0; i < smmu::latency_parts; i++)
            expect_equal(account.distribution(static_cast<latency_part>(i)), distributions_[i]);
    }

    void pass(double ns) { clock_ += sc_core::sc_time(ns, sc_core::SC_NS); }

    smmu::transaction_account account;

  private:
    sc_core::sc_time clock_;
    std::map<std::uint32_t, plain_totals> should_;
    std::vector<smmu_histogram> distributions_{smmu::latency_parts};
};

const std::vector<latency_part> hit = {latency_part::utlb, latency_part::data};

TEST(transaction_account, counts_those_that_are_like_the_one_before_them)
{
    kept_twice both;
    EXPECT_FALSE(both.end(both.begin(1, hit)));
    EXPECT_TRUE(both.end(both.begin(1, hit)));
    EXPECT_TRUE(both.end(both.begin(1, hit)));
    both.expect_same();
    EXPECT_FALSE(both.end(both.begin(1, {latency_part::utlb, latency_part::issue})));
    both.expect_same();
    EXPECT_FALSE(both.end(both.begin(1, hit)));
    both.expect_same();
}

TEST(transaction_account, tells_those_apart_that_take_another_time)
{
    kept_twice both;
    both.end(both.begin(1, hit, 3));
    EXPECT_FALSE(both.end(both.begin(1, hit, 4)));
    EXPECT_TRUE(both.end(both.begin(1, hit, 4)));
    both.expect_same();
}

// However many of its stretches are kept close at hand: those may be all that a short one has.
TEST(transaction_account, tells_long_ones_from_short_ones)
{
    kept_twice both;
    for (unsigned few = 1; few < 30; few++)
        for (unsigned many = 30; many < 70; many++) {
            both.end(both.begin(1, std::vector(few, latency_part::data)));
            both.end(both.begin(1, std::vector(many, latency_part::data)));
        }
    both.expect_same();
}

// They took the same; each of what is counted of them is another one's.
TEST(transaction_account, adds_what_differs_of_those_that_take_the_same)
{
    using tally = smmu::transaction_tally;
    void (*const changes[])(tally &) = {
        [](tally &of) { of.bytes_in = 70; },    [](tally &of) { of.bytes_ended = 7; },
        [](tally &of) { of.utlb_hits = 7; },    [](tally &of) { of.utlb_misses = 7; },
        [](tally &of) { of.tbu_tlb_hits = 7; }, [](tally &of) { of.tbu_tlb_misses = 7; },
        [](tally &of) { of.requests = 7; },     [](tally &of) { of.write = true; },
        [](tally &of) { of.failed = true; },    [](tally &of) { of.translated = true; },
    };
    kept_twice both;
    for (const auto change : changes) {
        smmu::transaction_record one = both.begin(1, hit);
        one.done.bytes_in = 100;
        both.end(one);
        change(one.done);
        EXPECT_TRUE(both.end(one));
    }
    both.expect_same();
}

TEST(transaction_account, keeps_streams_apart_that_take_turns)
{
    kept_twice both;
    constexpr std::uint32_t sids[] = {1, 2, 65, 0x1'0001}; // some share their low bits
    for (unsigned i = 0; i < 40; i++)
        both.end(both.begin(sids[i % 4], i % 3 ? hit : std::vector{latency_part::data}));
    both.expect_same();
}

// Its time is not divided up to now: it is not like one whose is.
TEST(transaction_account, does_not_count_one_whose_time_has_not_been_divided)
{
    kept_twice both;
    both.end(both.begin(1, hit));
    smmu::transaction_record one = both.begin(1, hit);
    both.pass(5);
    EXPECT_FALSE(both.account.add_repeated(1, one));
    one.split.passed(latency_part::other);
    EXPECT_FALSE(both.end(one));
    both.expect_same();
}

TEST(transaction_account, of_none_knows_no_stream)
{
    kept_twice both;
    EXPECT_FALSE(both.account.add_repeated(0, both.begin(0, {})));
    both.expect_same();
}

// Transactions of a few kinds, in runs; those of the last kind have more stretches than are kept
// close at hand.
TEST(transaction_account, is_what_all_transactions_add_up_to)
{
    support::random_source random(8);
    const std::vector<latency_part> walk(70, latency_part::s1_level3);
    const std::vector<latency_part> kinds[] = {
        hit,
        {latency_part::utlb, latency_part::link, latency_part::data, latency_part::data},
        {latency_part::data, latency_part::utlb},
        {},
        walk};
    kept_twice both;
    unsigned counted = 0;
    for (unsigned run = 0; run < 200; run++) {
        const auto sid = static_cast<std::uint32_t>(random.below(5));
        const std::vector<latency_part> &parts = kinds[random.below(5)];
        const std::uint64_t length = random.below(6);
        for (unsigned i = 0; i < length; i++) {
            smmu::transaction_record one = both.begin(sid, parts, random.one_in(8) ? 2 : 1);
            one.done.bytes_in = 64;
            one.done.utlb_hits = 1;
            one.done.write = random.one_in(4);
            one.done.failed = random.one_in(9);
            counted += both.end(one) ? 1 : 0;
        }
        if (run % 50 == 0)
            both.expect_same();
    }
    both.expect_same();
    EXPECT_GT(counted, 100u);
}

// Each of the two has the longest of another part.
TEST(transaction_totals, of_two_are_what_the_transactions_of_both_add_up_to)
{
    plain_totals should;
    smmu::transaction_totals sum;
    for (const unsigned walk_ns : {2, 9}) {
        kept_twice one;
        for (const unsigned times : {1, 3}) {
            std::vector<latency_part> parts(times, latency_part::s1_level3);
            smmu::transaction_record ended = one.begin(1, parts, walk_ns);
            ended.split.ahead(latency_part::data, sc_core::sc_time(20 - walk_ns, sc_core::SC_NS));
            ended.done.bytes_in = 64;
            one.end(ended);
            should.add(ended);
        }
        one.account.each_stream([&](std::uint64_t, const smmu::transaction_totals &its) {
            smmu::transaction_totals other = its;
            other.merge(sum);
            sum.merge(its);
            expect_equal(other, should);
        });
    }
    expect_equal(sum, should);
}

} // namespace

} // namespace tlm_test::test_transaction_account
