// SPDX-License-Identifier: Apache-2.0
// The order in which a DRAM serves and answers: row hits first, within limits.
#include <gtest/gtest.h>

#include "dram_bench.hpp"

namespace test_dram_order {
namespace {

using namespace test;

// Row 0 of bank 0 is open at 500 ns, when the accesses of a test come.
class dram_order : public testing::Test {
  protected:
    void open(const dram_config &config)
    {
        b = std::make_unique<dram_bench>(config);
        b->read(at(0, 0));
    }
    void SetUp() override { open(plain_dram()); }

    dram_bench::access &read(unsigned row, unsigned column)
    {
        return b->read(at(row, 0, column), 500 * ns);
    }
    dram_bench::access &write(unsigned row, unsigned column)
    {
        return b->write(at(row, 0, column), 500 * ns);
    }

    std::unique_ptr<dram_bench> b;
};

// The response to a read command at this time.
constexpr std::uint64_t read_at(std::uint64_t time)
{
    return (2 + time + 14 + 4 + 3) * ns;
}

TEST_F(dram_order, row_hits_go_before_what_is_older)
{
    const auto &other_row = read(1, 0);
    const auto &hit = read(0, 1);
    b->run();
    EXPECT_EQ(hit.responded, read_at(500));
    EXPECT_EQ(other_row.responded, read_at(500 + 5 + 12 + 10)); // trtp, trp, trcd
}

TEST_F(dram_order, row_hits_go_before_what_is_earlier)
{
    write(0, 0); // command at 500, data until 512, reads from 518 on
    b->write(at(0, 1), 500 * ns);
    const auto &hit = read(0, 1);
    b->run();
    EXPECT_EQ(hit.responded, read_at(518));
}

TEST_F(dram_order, a_row_hit_may_come_until_its_turn_has_to_be_decided)
{
    const auto &other_row = read(1, 0);
    for (unsigned i = 0; i < 10; i++)
        read(0, i % 4); // 500 to 536
    const auto &late = b->read(at(0, 0, 1), 517 * ns);
    const auto &too_late = b->read(at(0, 0, 1), 523 * ns);
    b->run();
    // The read at 540 is decided on when its row could be replaced until then, 12 + 10 before.
    EXPECT_EQ(late.responded, read_at(540));
    EXPECT_EQ(other_row.responded, read_at(540 + 5 + 12 + 10));
    EXPECT_GT(too_late.responded, other_row.responded);
}

TEST_F(dram_order, without_hits_what_can_be_earliest_goes_first)
{
    const auto &conflict = read(1, 0);
    const auto &idle_bank = b->read(at(0, 1), 500 * ns);
    b->run();
    EXPECT_EQ(idle_bank.responded, read_at(500 + 10));
    EXPECT_EQ(conflict.responded, read_at(500 + 12 + 10));
}

TEST_F(dram_order, among_equals_the_oldest_goes_first)
{
    const auto &first = read(0, 3);
    const auto &second = read(0, 1);
    b->run();
    EXPECT_EQ(first.responded, read_at(500));
    EXPECT_EQ(second.responded, read_at(504));
}

TEST_F(dram_order, the_oldest_is_passed_a_limited_number_of_times)
{
    dram_config config = plain_dram();
    config.passes = 2;
    open(config);
    const auto &other_row = read(1, 0);
    for (unsigned i = 0; i < 4; i++)
        read(0, i);
    b->run();
    // Hits at 500 and 504, PRE at 509, ACT at 521.
    EXPECT_EQ(other_row.responded, read_at(531));
    // After that row 0 has to be opened again: tras from 521 on, then trp and trcd.
    EXPECT_EQ(b->accesses[4].responded, read_at(521 + 30 + 12 + 10));
}

TEST_F(dram_order, without_passes_it_is_that_of_arrival)
{
    dram_config config = plain_dram();
    config.passes = 0;
    open(config);
    const auto &other_row = read(1, 0);
    const auto &hit = read(0, 1);
    b->run();
    EXPECT_EQ(other_row.responded, read_at(500 + 12 + 10));
    EXPECT_EQ(hit.responded, read_at(512 + 30 + 12 + 10));
}

TEST_F(dram_order, a_read_of_what_is_written_waits_for_the_write)
{
    read(0, 0);
    write(0, 1);
    const auto &after = read(0, 1);
    const auto &elsewhere = read(0, 2);
    b->run();
    // Reads are earlier than a write behind a read: 500, 504. Write at 504 + 4 + 3, data until
    // 511 + 8 + 4, turned around 6 later.
    EXPECT_EQ(elsewhere.responded, read_at(504));
    EXPECT_EQ(after.responded, read_at(529));
}

TEST_F(dram_order, what_is_written_is_read_as_soon_as_it_is_on_its_way)
{
    write(0, 1);
    read(1, 0);
    const auto &after = read(0, 1);
    b->run();
    EXPECT_EQ(after.responded, read_at(518));
}

TEST_F(dram_order, a_write_of_what_is_read_waits_for_the_read)
{
    write(1, 0); // makes the bus turn, so that another write would be earlier than a read
    b->run(500 * ns + 1);
    const auto &before = b->read(at(1, 0, 1), 501 * ns);
    b->write(at(1, 0, 1), 501 * ns);
    b->run();
    // The write's command at 500 + 12 + 10, its data until 534, the read twtr later.
    EXPECT_EQ(before.responded, read_at(540));
}

TEST_F(dram_order, responses_of_one_id_come_in_the_order_of_their_requests)
{
    auto &other_row = read(1, 0);
    auto &hit = read(0, 1);
    other_row.txn.ordered = hit.txn.ordered = true;
    other_row.txn.id = hit.txn.id = 7;
    b->read(at(0, 1), 530 * ns); // makes something happen when the data of the hit are there
    b->run();
    EXPECT_EQ(other_row.responded, read_at(527));
    EXPECT_EQ(hit.responded, read_at(527)); // its data came at 500
}

TEST_F(dram_order, responses_of_different_ids_streams_and_directions_do_not_wait)
{
    for (unsigned differs = 0; differs < 3; differs++) {
        open(plain_dram());
        auto &other_row = read(1, 0);
        auto &hit = differs == 2 ? write(0, 1) : read(0, 1);
        other_row.txn.ordered = hit.txn.ordered = true;
        hit.txn.id = differs == 0 ? 1 : 0;
        hit.txn.stream = differs == 1 ? 1 : 0;
        b->run();
        EXPECT_LT(hit.responded, other_row.responded) << differs;
    }
}

TEST_F(dram_order, responses_without_an_id_wait_for_nobody_and_nobody_for_them)
{
    for (const bool first : {false, true}) {
        open(plain_dram());
        auto &other_row = read(1, 0);
        auto &hit = read(0, 1);
        other_row.txn.ordered = first;
        hit.txn.ordered = !first;
        b->run();
        EXPECT_LT(hit.responded, other_row.responded);
    }
}

TEST_F(dram_order, what_finds_the_queue_full_waits_outside)
{
    dram_config config = plain_dram();
    config.queue = 2;
    open(config);
    for (unsigned i = 0; i < 4; i++)
        read(0, i);
    b->run();
    const auto &accesses = b->accesses;
    EXPECT_EQ(accesses[1].accepted, 500 * ns);
    EXPECT_EQ(accesses[2].accepted, 500 * ns);
    EXPECT_EQ(accesses[3].accepted, (500 + 14 + 4) * ns); // when the data of the first are there
    EXPECT_EQ(accesses[4].accepted, (504 + 14 + 4) * ns);
    EXPECT_EQ(accesses[3].responded, read_at(518));
}

TEST_F(dram_order, a_transaction_may_be_larger_than_the_queue)
{
    dram_config config = plain_dram();
    config.queue = 1;
    open(config);
    const auto &row = b->read(at(0, 0), 500 * ns, 256);
    const auto &behind = b->read(at(0, 1), 500 * ns);
    b->run();
    // One burst at a time: each has its place until its data are there.
    EXPECT_EQ(row.accepted, (500 + 3 * 18) * ns);
    EXPECT_EQ(row.responded, read_at(554));
    EXPECT_EQ(behind.accepted, (500 + 4 * 18) * ns);
}

// What nobody waits for any more still has its time, and holds nobody up.
TEST_F(dram_order, a_transaction_may_be_forgotten_at_any_time)
{
    dram_config config = plain_dram();
    config.queue = 1;
    for (const std::uint64_t when : {500u, 510u, 519u}) {
        open(config);
        auto &first = read(0, 0);
        auto &second = read(0, 1);
        const auto &third = read(0, 2);
        first.txn.ordered = second.txn.ordered = true;
        b->run(when * ns + 1);
        dram_forget(b->core.get(), &first.txn);
        dram_forget(b->core.get(), &second.txn);
        first.txn = second.txn = {};
        b->run();
        EXPECT_EQ(first.txn.left + second.txn.left, 0u);
        EXPECT_EQ(first.responded, 0u);
        EXPECT_EQ(second.responded, 0u);
        // The second had not entered the queue before 518.
        EXPECT_EQ(third.accepted, (when < 518 ? 518 : 518 + 18) * ns) << when;
        EXPECT_NE(third.responded, 0u);
    }
}

TEST_F(dram_order, others_may_come_after_the_last_was_forgotten)
{
    dram_config config = plain_dram();
    config.queue = 1;
    open(config);
    read(0, 0);
    const auto &waits = read(0, 1);
    auto &last = read(0, 2);
    b->run(505 * ns);
    dram_forget(b->core.get(), &last.txn);
    const auto &next = b->read(at(0, 0, 3), 505 * ns);
    b->run();
    EXPECT_EQ(waits.responded, read_at(518));
    EXPECT_EQ(next.responded, read_at(536));
}

TEST_F(dram_order, a_burst_whose_transaction_was_forgotten_keeps_its_turn)
{
    for (unsigned i = 0; i < 10; i++)
        read(0, i % 4); // 500 to 536
    auto &forgotten = read(0, 0);
    const auto &next = read(0, 1);
    b->run(505 * ns);
    dram_forget(b->core.get(), &forgotten.txn);
    forgotten.txn = {};
    b->run();
    EXPECT_EQ(forgotten.txn.left, 0u);
    EXPECT_EQ(next.responded, read_at(544));
}

} // namespace
} // namespace test_dram_order
