// SPDX-License-Identifier: Apache-2.0
// A TBU that several initiators share: each has its own socket, its own order and its own share.
#include <gtest/gtest.h>

#include "at_bench.hpp"

namespace tlm_test::test_tbu_sharing {

namespace {

constexpr unsigned initiators = 3;
constexpr std::uint64_t va = at_bench::va;

// Two initiators of the four phases at sockets 0 and 1, one that blocks at socket 2. Memory takes
// 50 ns; streams are bypassed until bring_up().
struct sharing {
    bench b;
    sc_core::sc_vector<smmu::protocol_checker<>> checkers{"checkers", initiators};
    at_sender first{"first", at_initiator_kinds[0], 64};
    at_sender second{"second", at_initiator_kinds[0], 64};
    initiator third{"third"};
    stream s{b, 1};

    explicit sharing(const smmu::timing &times = approximate_times())
        : b("bench", times, 1, smmu_config_default(), 1, 0, {initiators})
    {
        first.socket.bind(checkers[0].target_socket);
        second.socket.bind(checkers[1].target_socket);
        third.socket.bind(checkers[2].target_socket);
        for (unsigned i = 0; i < initiators; i++)
            checkers[i].initiator_socket.bind(b.smmu.dev(0, i));
        for (unsigned page = 0; page < 4; page++)
            s.map(va + page * 0x1000, bench::data + page * 0x1000);
    }

    void run(const std::function<void()> &test)
    {
        b.run([this, &test] {
            b.memory.latency = nanoseconds(50);
            test();
        });
        for (const auto &checker : checkers) {
            EXPECT_EQ(checker.complaints(), 0u);
            EXPECT_EQ(checker.in_flight(), 0u);
        }
    }

    void wait_until_idle()
    {
        first.wait_until_idle();
        second.wait_until_idle();
    }
};

// Of a bypassed stream.
at_transfer read(unsigned offset = 0)
{
    return at_read(bench::data + offset, 8);
}

at_transfer write(unsigned offset = 0)
{
    return at_write(bench::data + offset, std::vector<unsigned char>(8, 1));
}

smmu::timing with(unsigned smmu::timing::*limit, unsigned value)
{
    smmu::timing times = approximate_times();
    times.*limit = value;
    return times;
}

TEST(tbu_sharing, each_initiator_gets_its_own_responses)
{
    sharing t;
    t.run([&] {
        std::vector<at_transfer> ours, theirs;
        for (unsigned i = 0; i < 8; i++) {
            t.b.memory.store64(bench::data + 8 * i, i);
            t.b.memory.store64(bench::data + 0x100 + 8 * i, 0x80 + i);
            ours.push_back(read(8 * i));
            theirs.push_back(read(0x100 + 8 * i));
        }
        for (unsigned i = 0; i < 8; i++) {
            t.first.send(ours[i]);
            t.second.send(theirs[i]);
        }
        std::uint64_t value = 0;
        EXPECT_EQ(t.third.read64(0, bench::data + 0x108, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(value, 0x81u);
        t.wait_until_idle();
        for (unsigned i = 0; i < 8; i++) {
            EXPECT_EQ(ours[i].responses, 1u);
            EXPECT_EQ(ours[i].data[0], i);
            EXPECT_EQ(theirs[i].responses, 1u);
            EXPECT_EQ(theirs[i].data[0], 0x80 + i);
        }
    });
}

// Of a stream that is translated.
at_transfer of_page(unsigned page)
{
    at_transfer transfer = at_read(va + page * 0x1000, 8);
    transfer.attributes.sid = 1;
    return transfer;
}

// The TBU has one micro TLB, but AxIDs are the initiators' own.
TEST(tbu_sharing, ids_of_different_initiators_have_no_order)
{
    sharing t;
    t.run([&] {
        t.b.bring_up();
        at_transfer warm = of_page(1);
        t.first.send(warm);
        t.wait_until_idle();
        at_transfer miss = of_page(0), behind = of_page(1), hit = of_page(1);
        t.first.send(miss);
        t.first.send(behind);
        sc_core::wait(nanoseconds(1));
        t.second.send(hit);
        t.wait_until_idle();
        EXPECT_EQ(hit.begin_resp - hit.begin_req, nanoseconds(50));
        EXPECT_GT(miss.begin_resp, hit.begin_resp);
        EXPECT_GE(behind.begin_resp, miss.begin_resp);
    });
}

TEST(tbu_sharing, all_32_bits_tell_ids_apart)
{
    sharing t;
    t.run([&] {
        t.b.bring_up();
        at_transfer warm = of_page(1);
        t.first.send(warm);
        t.wait_until_idle();
        at_transfer miss = of_page(0), ours = of_page(1), theirs = of_page(1);
        miss.attributes.id = 0x8000'0000;
        t.first.send(miss);
        t.first.send(ours);
        sc_core::wait(nanoseconds(1));
        t.second.send(theirs);
        t.wait_until_idle();
        EXPECT_LT(ours.begin_resp, miss.begin_resp);
        EXPECT_LT(theirs.begin_resp, miss.begin_resp);
    });
}

// The data of another initiator take eight cycles on the way back.
TEST(tbu_sharing, a_read_has_its_share_until_its_response_has_begun)
{
    smmu::timing times = with(&smmu::timing::tbu_initiator_reads, 1);
    times.tbu_cycle = nanoseconds(1);
    times.tbu_beat_bytes = 8;
    sharing t(times);
    t.run([&] {
        at_transfer theirs = at_read(bench::data, 64), first = read(), second = read();
        t.second.send(theirs);
        sc_core::wait(nanoseconds(1));
        t.first.send(first);
        t.first.send(second);
        t.wait_until_idle();
        EXPECT_EQ(first.begin_resp - theirs.begin_resp, nanoseconds(8));
        EXPECT_EQ(second.end_req - first.begin_resp, nanoseconds(1));
    });
}

// The initiator takes each 100 ns late.
TEST(tbu_sharing, a_read_has_its_share_while_its_response_waits_for_the_one_before)
{
    at_bench t(with(&smmu::timing::tbu_initiator_reads, 2), smmu_config_default(), 64,
               {"late", at_initiator_kind::end::called, 100, 0});
    t.run([&] {
        t.warm(0, 1);
        std::vector<at_transfer> four;
        for (unsigned i = 0; i < 4; i++)
            four.push_back(at_bench::read(0, 8 * i));
        t.send(four);
        EXPECT_EQ(four[2].end_req, four[0].begin_resp);
        EXPECT_EQ(four[1].begin_resp, four[0].begin_resp + nanoseconds(100));
        EXPECT_EQ(four[3].end_req, four[1].begin_resp);
    });
}

// Room for data is nobody's share.
TEST(tbu_sharing, a_read_does_not_pass_a_write_that_waits_for_room)
{
    smmu::timing times = approximate_times();
    times.tbu_write_beats = times.tbu_writes = 1;
    sharing t(times);
    t.run([&] {
        const sc_core::sc_time start = now();
        std::vector<at_transfer> writes = {write(), write(8), write(16)};
        at_transfer behind = read(0x100);
        for (at_transfer &each : writes)
            t.first.send(each);
        sc_core::wait(nanoseconds(1));
        t.second.send(behind);
        t.wait_until_idle();
        EXPECT_EQ(writes[1].end_req - start, nanoseconds(0));
        EXPECT_EQ(writes[2].end_req - start, nanoseconds(50)); // when the second one leaves
        EXPECT_EQ(behind.end_req - start, nanoseconds(50));
        EXPECT_EQ(behind.begin_resp - start, nanoseconds(100));
    });
}

TEST(tbu_sharing, an_initiator_that_has_its_share_of_reads_waits_and_others_do_not)
{
    sharing t(with(&smmu::timing::tbu_initiator_reads, 3));
    t.run([&] {
        const sc_core::sc_time start = now();
        std::vector<at_transfer> ours(4, read()), theirs(1, read(0x100));
        for (at_transfer &each : ours)
            t.first.send(each);
        sc_core::wait(nanoseconds(1));
        t.second.send(theirs[0]);
        t.wait_until_idle();
        EXPECT_EQ(ours[2].end_req - start, nanoseconds(0));
        EXPECT_EQ(ours[3].end_req - start, nanoseconds(50)); // with the first response
        EXPECT_EQ(ours[3].begin_resp - start, nanoseconds(100));
        EXPECT_EQ(theirs[0].end_req - start, nanoseconds(1));
        EXPECT_EQ(theirs[0].begin_resp - start, nanoseconds(51));
    });
}

TEST(tbu_sharing, reads_and_writes_have_a_share_each)
{
    sharing t(with(&smmu::timing::tbu_initiator_reads, 1));
    t.run([&] {
        const sc_core::sc_time start = now();
        at_transfer one = read(), other = write(0x40), third = read(0x80);
        t.first.send(one);
        t.first.send(other);
        t.first.send(third);
        t.wait_until_idle();
        EXPECT_EQ(other.end_req - start, nanoseconds(0));
        EXPECT_EQ(third.end_req - start, nanoseconds(50));
    });
}

TEST(tbu_sharing, an_initiator_that_has_its_share_of_writes_waits)
{
    sharing t(with(&smmu::timing::tbu_initiator_writes, 2));
    t.run([&] {
        const sc_core::sc_time start = now();
        std::vector<at_transfer> ours(3, write()), theirs(1, write(0x100));
        for (at_transfer &each : ours)
            t.first.send(each);
        t.second.send(theirs[0]);
        t.wait_until_idle();
        EXPECT_EQ(ours[1].end_req - start, nanoseconds(0));
        EXPECT_EQ(ours[2].end_req - start, nanoseconds(50));
        EXPECT_EQ(theirs[0].end_req - start, nanoseconds(0));
    });
}

// Those that wait for a place which all share do not pass each other.
TEST(tbu_sharing, the_slots_of_a_tbu_are_given_in_the_order_of_arrival)
{
    smmu::timing times = with(&smmu::timing::tbu_slots, 1);
    times.tbu_cycle = nanoseconds(10);
    times.tbu_initiator_reads = 4;
    sharing t(times);
    t.run([&] {
        at_transfer ours[2] = {read(), read()}, theirs = read(0x100);
        t.first.send(ours[0]);
        t.first.send(ours[1]);
        sc_core::wait(nanoseconds(1));
        t.second.send(theirs);
        t.wait_until_idle();
        EXPECT_LT(ours[0].end_req, theirs.end_req);
        EXPECT_LT(theirs.end_req, ours[1].end_req); // sent when the first was accepted
    });
}

TEST(tbu_sharing, whoever_is_killed_gives_its_share_back)
{
    sharing t(with(&smmu::timing::tbu_initiator_reads, 1));
    t.run([&] {
        const auto reader = [&t] {
            std::uint64_t value = 0;
            t.third.read64(0, bench::data, value);
        };
        sc_core::sc_process_handle inside = sc_core::sc_spawn(reader);
        sc_core::wait(nanoseconds(10));
        sc_core::sc_process_handle waiting = sc_core::sc_spawn(reader);
        sc_core::wait(nanoseconds(10));
        inside.kill();
        waiting.kill();
        const sc_core::sc_time start = now();
        reader();
        EXPECT_EQ(now() - start, nanoseconds(30 + 50)); // the one inside goes on to its end
        reader();
        EXPECT_EQ(now() - start, nanoseconds(30 + 100));
    });
}

TEST(tbu_sharing, limits_do_not_count_in_a_loosely_timed_model)
{
    smmu::timing times;
    times.tbu_initiator_reads = 1;
    sharing t(times);
    t.run([&] {
        std::uint64_t value = 0;
        EXPECT_EQ(t.third.read64(0, bench::data, value), tlm::TLM_OK_RESPONSE);
        at_transfer ours[2] = {read(), read()};
        const sc_core::sc_time start = now();
        t.first.send(ours[0]);
        t.first.send(ours[1]);
        t.wait_until_idle();
        EXPECT_EQ(ours[1].end_req, start);
    });
}

TEST(tbu_sharing, direct_access_is_withdrawn_from_every_initiator)
{
    bench b("b", {}, 1, smmu_config_default(), 1, 0, {3}); // the last socket stays unbound
    initiator one("one"), other("other");
    one.socket.bind(b.smmu.dev(0, 0));
    other.socket.bind(b.smmu.dev(0, 1));
    b.memory.grant_all();
    b.run([&] {
        transfer t = read_of(bench::data, 8);
        tlm::tlm_dmi granted;
        ASSERT_TRUE(other.dmi(t, granted));
        b.smmu.allow_dmi(false);
        EXPECT_EQ(one.withdrawn.size(), 1u);
        EXPECT_EQ(other.withdrawn.size(), 1u);
    });
}

} // namespace

} // namespace tlm_test::test_tbu_sharing
