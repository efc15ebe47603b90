// SPDX-License-Identifier: Apache-2.0
// The timing of an interconnect, to the picosecond: each expected time is the sum of its parts.
#include <gtest/gtest.h>

#include "crossbar_bench.hpp"

namespace test_crossbar {
namespace {

using test::crossbar_bench;
using test::crossing;

constexpr std::uint64_t ns = 1000;

TEST(crossbar, a_read_occupies_the_downstream_port_for_a_cycle_and_the_upstream_port_for_its_beats)
{
    crossbar_bench b(1, 1);
    b.up(0).width = 16;
    b.up(0).period = 1 * ns;
    b.down(0).width = 4;
    b.down(0).period = 2 * ns;
    b.down(0).forward = 5 * ns;
    b.down(0).response = 7 * ns;
    b.targets[0].answer = 30 * ns;
    const crossing &read = b.read(0, 0, 64, 100 * ns);
    b.run();
    EXPECT_EQ(read.granted, 100 * ns);
    EXPECT_EQ(read.delivered, (100 + 2 + 5) * ns);
    EXPECT_EQ(read.responded, (107 + 30) * ns);
    EXPECT_EQ(read.returned, (137 + 7 + 4) * ns); // 64 / 16 beats
}

TEST(crossbar, a_write_occupies_the_downstream_port_for_its_beats_and_the_upstream_port_for_a_cycle)
{
    crossbar_bench b(1, 1);
    b.up(0).width = 16;
    b.up(0).period = 1 * ns;
    b.down(0).width = 4;
    b.down(0).period = 2 * ns;
    b.down(0).forward = 5 * ns;
    b.down(0).response = 7 * ns;
    b.targets[0].answer = 30 * ns;
    const crossing &write = b.write(0, 0, 64, 0);
    b.run();
    EXPECT_EQ(write.delivered, (16 * 2 + 5) * ns); // 64 / 4 beats
    EXPECT_EQ(write.returned, (37 + 30 + 7 + 1) * ns);
}

TEST(crossbar, a_beat_that_is_not_full_takes_as_long_as_one_that_is)
{
    for (const std::uint32_t bytes : {1u, 15u, 16u, 17u, 32u, 33u}) {
        crossbar_bench b(1, 1);
        b.up(0).width = 16;
        b.up(0).period = 1 * ns;
        const crossing &read = b.read(0, 0, bytes, 0);
        b.run();
        EXPECT_EQ(read.returned, (bytes <= 16 ? 1 : bytes <= 32 ? 2 : 3) * ns) << bytes;
    }
}

TEST(crossbar, a_port_of_a_quarter_of_the_width_moves_data_four_times_as_long)
{
    for (const std::uint64_t width : {4u, 16u}) {
        crossbar_bench b(1, 1);
        b.up(0).width = width;
        b.up(0).period = 1 * ns;
        for (unsigned i = 0; i < 10; i++)
            b.read(0, 0, 256, 0);
        b.run();
        EXPECT_EQ(b.crossings.back().returned, 10 * 256 / width * ns);
        EXPECT_EQ(crossbar_up_stats(b.get(), 0)->busy, 10 * 256 / width * ns);
        EXPECT_EQ(crossbar_up_stats(b.get(), 0)->bytes, 2560u);
    }
}

TEST(crossbar, without_a_width_all_data_are_one_beat)
{
    crossbar_bench b(1, 1);
    b.up(0).period = 3 * ns;
    const crossing &read = b.read(0, 0, 4096, 0);
    b.run();
    EXPECT_EQ(read.returned, 3 * ns);
}

TEST(crossbar, takes_no_time_that_it_was_not_given)
{
    crossbar_bench b(3, 1);
    b.targets[0].answer = 11 * ns;
    for (unsigned i = 0; i < 30; i++)
        b.add(i % 3, 0, i % 2 == 0, 64, i / 10 * ns);
    b.run();
    for (const crossing &c : b.crossings)
        EXPECT_EQ(c.returned, c.arrived + 11 * ns);
}

// Three ports compete for one target, each with two reads of one cycle of 2 ns.
class arbitration : public testing::Test {
  protected:
    // The upstream ports in the order of their grants.
    std::vector<unsigned> order(crossbar_arbitration how, const std::vector<std::uint8_t> &qos)
    {
        b.down(0).period = 2 * ns;
        b.down(0).arbitration = how;
        for (unsigned i = 0; i < 6; i++)
            b.read(i % 3, 0, 4, 0, qos[i % 3]);
        b.run();
        std::vector<unsigned> ports(6);
        for (const crossing &c : b.crossings)
            ports[c.granted / (2 * ns)] = c.txn.up;
        return ports;
    }
    crossbar_bench b{3, 1};
};

using ports = std::vector<unsigned>;

TEST_F(arbitration, of_ports_that_take_turns)
{
    EXPECT_EQ(order(CROSSBAR_ROUND_ROBIN, {0, 9, 15}), (ports{0, 1, 2, 0, 1, 2}));
}

TEST_F(arbitration, by_port_number)
{
    EXPECT_EQ(order(CROSSBAR_FIXED, {0, 9, 15}), (ports{0, 0, 1, 1, 2, 2}));
}

TEST_F(arbitration, by_qos)
{
    EXPECT_EQ(order(CROSSBAR_QOS, {3, 9, 1}), (ports{1, 1, 0, 0, 2, 2}));
}

TEST_F(arbitration, by_turns_among_equal_qos)
{
    EXPECT_EQ(order(CROSSBAR_QOS, {4, 1, 4}), (ports{0, 2, 0, 2, 1, 1}));
}

TEST(crossbar, a_request_waits_while_another_occupies_the_downstream_port)
{
    crossbar_bench b(2, 1);
    b.down(0).width = 8;
    b.down(0).period = 1 * ns;
    const crossing &write = b.write(0, 0, 64, 0);
    const crossing &read = b.read(1, 0, 64, 3 * ns);
    b.run();
    EXPECT_EQ(write.delivered, 8 * ns);
    EXPECT_EQ(read.granted, 8 * ns);
    EXPECT_EQ(read.delivered, 9 * ns);
    EXPECT_EQ(crossbar_down_stats(b.get(), 0)->waiting, 5 * ns);
    EXPECT_EQ(crossbar_down_stats(b.get(), 0)->busy, 9 * ns);
    EXPECT_EQ(crossbar_down_stats(b.get(), 0)->transactions, 2u);
}

TEST(crossbar, requests_for_different_targets_do_not_wait_for_each_other)
{
    crossbar_bench b(2, 2);
    for (unsigned i = 0; i < 2; i++) {
        b.down(i).width = 8;
        b.down(i).period = 1 * ns;
        b.write(i, i, 64, 0);
    }
    b.run();
    EXPECT_EQ(b.crossings[0].delivered, 8 * ns);
    EXPECT_EQ(b.crossings[1].delivered, 8 * ns);
}

TEST(crossbar, a_request_waits_behind_the_one_before_it_at_its_port)
{
    crossbar_bench b(1, 2);
    b.down(0).width = 8;
    b.down(0).period = 1 * ns;
    b.read(0, 0, 4, 0);
    b.write(0, 0, 64, 0);
    const crossing &other = b.read(0, 1, 4, 0);
    b.run();
    EXPECT_EQ(other.granted, 1 * ns); // when the write has been
}

TEST(crossbar, an_upstream_port_has_no_more_transactions_than_it_accepts)
{
    crossbar_bench b(2, 1);
    b.up(0).acceptance = 2;
    b.targets[0].answer = 10 * ns;
    for (unsigned i = 0; i < 6; i++)
        b.read(0, 0, 4, 0);
    const crossing &other = b.read(1, 0, 4, 0);
    b.run();
    for (unsigned i = 0; i < 6; i++)
        EXPECT_EQ(b.crossings[i].granted, i / 2 * 10 * ns) << i;
    EXPECT_EQ(other.granted, 0u);
}

TEST(crossbar, a_downstream_port_issues_no_more_transactions_than_it_may)
{
    crossbar_bench b(3, 2);
    b.down(0).issuing = 2;
    b.targets[0].answer = 10 * ns;
    for (unsigned i = 0; i < 6; i++)
        b.read(i % 3, 0, 4, 0);
    const crossing &other = b.read(2, 1, 4, 21 * ns);
    b.run();
    for (unsigned i = 0; i < 6; i++)
        EXPECT_EQ(b.crossings[i].granted, i / 2 * 10 * ns) << i;
    EXPECT_EQ(other.granted, 21 * ns);
}

TEST(crossbar, a_downstream_port_counts_a_transaction_until_its_target_responds)
{
    crossbar_bench b(2, 1);
    b.down(0).issuing = 1;
    b.down(0).response = 5 * ns;
    b.targets[0].answer = 10 * ns;
    b.read(0, 0, 4, 0);
    const crossing &next = b.read(1, 0, 4, 0);
    b.run();
    EXPECT_EQ(next.granted, 10 * ns);
}

TEST(crossbar, an_upstream_port_counts_a_transaction_until_its_response_was_taken)
{
    crossbar_bench b(1, 1);
    b.up(0).acceptance = 1;
    b.up(0).period = 1 * ns;
    b.down(0).response = 5 * ns;
    b.take = 3 * ns;
    b.read(0, 0, 4, 0);
    const crossing &next = b.read(0, 0, 4, 0);
    b.run();
    EXPECT_EQ(next.granted, (5 + 1 + 3) * ns);
}

TEST(crossbar, responses_cross_an_upstream_port_one_after_the_other)
{
    crossbar_bench b(1, 2);
    b.up(0).width = 8;
    b.up(0).period = 1 * ns;
    b.targets[0].answer = 20 * ns;
    b.targets[1].answer = 15 * ns;
    const crossing &slow = b.read(0, 0, 64, 0);
    const crossing &fast = b.read(0, 1, 64, 0);
    b.run();
    EXPECT_EQ(fast.returned, (15 + 8) * ns);
    EXPECT_EQ(slow.returned, (23 + 8) * ns);
    EXPECT_EQ(crossbar_up_stats(b.get(), 0)->waiting, 3 * ns);
    EXPECT_EQ(crossbar_up_stats(b.get(), 0)->transactions, 2u);
    EXPECT_EQ(crossbar_up_stats(b.get(), 0)->bytes, 128u);
}

TEST(crossbar, a_response_occupies_its_port_until_it_was_taken)
{
    crossbar_bench b(1, 1);
    b.up(0).period = 1 * ns;
    b.take = 4 * ns;
    b.read(0, 0, 4, 0);
    const crossing &next = b.read(0, 0, 4, 0);
    b.run();
    EXPECT_EQ(next.returned, (1 + 4 + 1) * ns);
    EXPECT_EQ(crossbar_up_stats(b.get(), 0)->busy, 10 * ns);
}

TEST(crossbar, a_target_that_accepts_at_once_gets_a_request_in_every_cycle_whatever_the_way)
{
    for (const std::uint64_t forward : {0 * ns, 1 * ns, 7 * ns, 7500 * ns / 1000}) {
        crossbar_bench b(1, 1);
        b.down(0).period = 1 * ns;
        b.down(0).forward = forward;
        for (unsigned i = 0; i < 50; i++)
            b.read(0, 0, 4, 0);
        b.run();
        EXPECT_EQ(b.crossings.back().delivered, 50 * ns + forward);
    }
}

TEST(crossbar, a_target_that_does_not_accept_is_sent_what_the_way_holds)
{
    crossbar_bench b(1, 1);
    b.down(0).period = 1 * ns;
    b.down(0).forward = 4 * ns;
    b.targets[0].accept = 100 * ns;
    for (unsigned i = 0; i < 20; i++)
        b.read(0, 0, 4, 0);
    b.run(100 * ns);
    unsigned granted = 0;
    for (const crossing &c : b.crossings)
        granted += c.txn.stage > CROSSBAR_REQUESTING ? 1 : 0;
    EXPECT_EQ(granted, 4u + 2u);
}

TEST(crossbar, without_beats_nothing_is_sent_after_a_request_that_the_target_has_not_accepted)
{
    crossbar_bench b(2, 1);
    b.targets[0].accept = 10 * ns;
    for (unsigned i = 0; i < 4; i++)
        b.read(i % 2, 0, 4, 0);
    b.run();
    for (unsigned i = 0; i < 4; i++)
        EXPECT_EQ(b.crossings[i].granted, i * 10 * ns) << i;
}

TEST(crossbar, without_beats_any_number_of_requests_may_be_on_the_way)
{
    crossbar_bench b(1, 1);
    b.down(0).forward = 5 * ns;
    for (unsigned i = 0; i < 3; i++)
        b.read(0, 0, 4, 0);
    b.run();
    for (const crossing &c : b.crossings)
        EXPECT_EQ(c.delivered, 5 * ns);
}

TEST(crossbar, a_transaction_that_moves_no_data_takes_a_cycle_each_way)
{
    crossbar_bench b(1, 1);
    b.up(0).width = b.down(0).width = 4;
    b.up(0).period = b.down(0).period = 1 * ns;
    crossing &c = b.read(0, 0, 64, 0);
    c.txn.read = false;
    b.run();
    EXPECT_EQ(c.returned, 2 * ns);
    EXPECT_EQ(crossbar_up_stats(b.get(), 0)->bytes, 0u);
}

// A crossbar of one port on each side, whose cycles and ways take 2 ns, moved by hand.
class stages : public testing::Test {
  protected:
    stages()
    {
        crossbar_up(x, 0)->period = crossbar_down(x, 0)->period = 2 * ns;
        crossbar_down(x, 0)->forward = crossbar_down(x, 0)->response = 2 * ns;
    }
    ~stages() override { crossbar_destroy(x); }

    // Takes `txn`, which arrives at `start`, to `stage`. It responds 4 ns later, at once.
    void bring(crossbar_txn &txn, std::uint64_t start, crossbar_stage stage)
    {
        const auto advance = [&](std::uint64_t now) {
            while (crossbar_advance(x, now, &step) != nullptr) {
            }
        };
        txn.read = true;
        crossbar_arrive(x, &txn, start);
        if (stage > CROSSBAR_REQUESTING)
            advance(start);
        if (stage > CROSSBAR_GOING)
            advance(start + 4 * ns);
        if (stage > CROSSBAR_OFFERED)
            crossbar_accept(x, &txn);
        if (stage > CROSSBAR_SERVED)
            crossbar_respond(x, &txn, start + 4 * ns);
        if (stage > CROSSBAR_RETURNING)
            advance(start + 6 * ns);
        EXPECT_EQ(txn.stage, stage);
    }

    crossbar *x = crossbar_create(1, 1);
    crossbar_step step = CROSSBAR_GRANTED;
};

TEST_F(stages, a_transaction_may_leave_at_any_and_nothing_of_it_is_left)
{
    for (unsigned i = 0; i < 40; i++) { // more often than anything has room for what is left
        const int stage = CROSSBAR_REQUESTING + static_cast<int>(i) % CROSSBAR_CROSSING;
        const std::uint64_t start = 1000 * ns * (i + 1);
        crossbar_txn before = {};
        crossbar_txn txn = {};
        crossbar_txn after = {};
        if (stage == CROSSBAR_RESPONDING) // there is something to wait for
            bring(before, start - 4 * ns, CROSSBAR_CROSSING);
        bring(txn, start, static_cast<crossbar_stage>(stage));
        crossbar_end(x, &txn, start + 7 * ns);
        crossbar_end(x, &before, start + 7 * ns);
        EXPECT_EQ(txn.stage, CROSSBAR_NOWHERE);
        EXPECT_EQ(crossbar_next(x, start + 7 * ns), CROSSBAR_NEVER) << stage;

        crossbar_up(x, 0)->acceptance = crossbar_down(x, 0)->issuing = 1;
        bring(after, start + 100 * ns, CROSSBAR_CROSSING);
        crossbar_end(x, &after, start + 110 * ns);
        crossbar_up(x, 0)->acceptance = crossbar_down(x, 0)->issuing = 0;
    }
}

TEST_F(stages, leaving_queues_keeps_the_others_in_order)
{
    crossbar_txn txns[4] = {};
    for (crossbar_txn &txn : txns)
        crossbar_arrive(x, &txn, 0);
    crossbar_end(x, &txns[1], 0);
    crossbar_end(x, &txns[3], 0);
    crossbar_arrive(x, &txns[3], 0);
    EXPECT_EQ(crossbar_advance(x, 0, &step), &txns[0]);
    EXPECT_EQ(crossbar_advance(x, 0, &step), nullptr);
    EXPECT_EQ(crossbar_advance(x, 2 * ns, &step), &txns[2]);
    EXPECT_EQ(crossbar_advance(x, 4 * ns, &step), &txns[0]); // delivered
    EXPECT_EQ(crossbar_advance(x, 4 * ns, &step), &txns[3]);
}

} // namespace
} // namespace test_crossbar
