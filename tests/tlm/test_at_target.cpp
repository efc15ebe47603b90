// SPDX-License-Identifier: Apache-2.0
// smmu::at_target: when requests and responses exclude each other (IEEE 1666-2011 15.2.6).
#include <utility>

#include <gtest/gtest.h>

#include "at_client.hpp"
#include "error_log.hpp"
#include "smmu/tlm/protocol_checker.hpp"

namespace tlm_test::test_at_target {

namespace {

using sc_core::SC_NS;
using sc_core::sc_time;
using tlm::BEGIN_REQ;
using tlm::BEGIN_RESP;
using tlm::END_REQ;
using tlm::END_RESP;

// An initiator that the test plays by hand.
class hand_initiator : public sc_core::sc_module {
  public:
    tlm_utils::simple_initiator_socket<hand_initiator> socket{"socket"};
    payload_pool pool;

    explicit hand_initiator(const sc_core::sc_module_name &name) : sc_module(name)
    {
        socket.register_nb_transport_bw(this, &hand_initiator::nb_transport_bw);
    }

    struct phase_seen {
        tlm::tlm_generic_payload *payload;
        tlm::tlm_phase phase;
        sc_time at;
    };
    std::vector<phase_seen> seen;
    tlm::tlm_sync_enum answers = tlm::TLM_ACCEPTED;
    tlm::tlm_phase returns = END_RESP; // with TLM_UPDATED

    tlm::tlm_sync_enum call(tlm::tlm_generic_payload &payload, tlm::tlm_phase phase,
                            sc_time delay = {})
    {
        return socket->nb_transport_fw(payload, phase, delay);
    }

  private:
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_time &delay)
    {
        seen.push_back({&payload, phase, sc_core::sc_time_stamp() + delay});
        if (phase != BEGIN_RESP)
            return tlm::TLM_ACCEPTED;
        if (answers == tlm::TLM_UPDATED)
            phase = returns;
        return answers;
    }
};

struct at_target : testing::Test {
    error_log errors;
    storage bytes;
    hand_initiator initiator{"initiator"};
    smmu::protocol_checker<> checker{"checker"};
    at_server server{"server", bytes, 0, 0};
    at_transfer transfers[3] = {at_write(storage::base, {1}), at_write(storage::base + 8, {2}),
                                at_write(storage::base + 16, {3})};
    tlm::tlm_generic_payload *const payloads[3] = {&initiator.pool.take(), &initiator.pool.take(),
                                                   &initiator.pool.take()};
    tlm::tlm_generic_payload &a = *payloads[0], &b = *payloads[1], &c = *payloads[2];

    at_target()
    {
        initiator.socket.bind(checker.target_socket);
        checker.initiator_socket.bind(server.socket);
        for (unsigned i = 0; i < 3; i++)
            fill(*payloads[i], transfers[i]);
        server.when_arrived = [](tlm::tlm_generic_payload &) {}; // the test does it
    }
    ~at_target() override
    {
        for (tlm::tlm_generic_payload *payload : payloads)
            payload->release();
        EXPECT_EQ(initiator.pool.in_use(), 0u); // nor does the target hold any
    }

    static void run(const std::function<void()> &test)
    {
        sc_core::sc_spawn([&test] { test(); });
        sc_core::sc_start();
    }
    static void pass(unsigned ns) { sc_core::wait(ns, SC_NS); }
    // A request that is accepted at once.
    void request(tlm::tlm_generic_payload &payload)
    {
        const auto told = std::exchange(server.when_arrived, [](tlm::tlm_generic_payload &) {});
        initiator.call(payload, BEGIN_REQ);
        pass(1);
        server.side().accept(payload);
        server.when_arrived = told;
        initiator.seen.clear();
    }
};

TEST_F(at_target, tells_of_a_request_when_its_delay_has_passed)
{
    run([&] {
        EXPECT_EQ(initiator.call(a, BEGIN_REQ, sc_time(5, SC_NS)), tlm::TLM_ACCEPTED);
        pass(4);
        EXPECT_EQ(server.arrived.size(), 0u);
        pass(2);
        EXPECT_EQ(server.arrived.size(), 1u);
        server.side().respond(a);
        initiator.call(a, END_RESP);
    });
    EXPECT_EQ(checker.complaints(), 0u);
}

TEST_F(at_target, begins_a_response_that_comes_when_one_is_taken_after_those_that_wait)
{
    server.when_taken = [&](tlm::tlm_generic_payload &taken) {
        if (&taken == &a)
            server.side().respond(c);
    };
    run([&] {
        for (tlm::tlm_generic_payload *payload : payloads)
            request(*payload);
        server.side().respond(a);
        server.side().respond(b);
        for (tlm::tlm_generic_payload *payload : payloads) {
            ASSERT_EQ(initiator.seen.size(), 1u);
            EXPECT_EQ(initiator.seen[0].payload, payload);
            initiator.seen.clear();
            initiator.call(*payload, END_RESP);
            pass(1);
        }
    });
    EXPECT_EQ(checker.complaints(), 0u);
}

TEST_F(at_target, begins_a_response_that_comes_when_one_is_taken_when_it_has_told_of_that)
{
    unsigned within = 0;
    server.when_taken = [&](tlm::tlm_generic_payload &taken) {
        EXPECT_EQ(within, 0u);
        within++;
        if (&taken != &c)
            server.side().respond(&taken == &a ? b : c);
        within--;
    };
    run([&] {
        for (tlm::tlm_generic_payload *payload : payloads)
            request(*payload);
        initiator.answers = tlm::TLM_COMPLETED;
        server.side().respond(a);
        EXPECT_EQ(initiator.seen.size(), 3u);
    });
}

TEST_F(at_target, tells_of_a_response_that_waits_when_it_begins)
{
    std::vector<tlm::tlm_generic_payload *> begun;
    server.when_begins = [&](tlm::tlm_generic_payload &payload) {
        EXPECT_TRUE(initiator.seen.empty());
        begun.push_back(&payload);
    };
    run([&] {
        request(a);
        request(b);
        EXPECT_TRUE(server.side().begins_at_once(a));
        server.side().respond(a);
        EXPECT_FALSE(server.side().begins_at_once(b));
        server.side().respond(b);
        EXPECT_TRUE(begun.empty());
        initiator.seen.clear();
        initiator.call(a, END_RESP);
        pass(1);
        EXPECT_EQ(begun, std::vector<tlm::tlm_generic_payload *>{&b});
        initiator.call(b, END_RESP);
    });
}

TEST_F(at_target, accepts_a_request_by_its_response_if_nothing_else_has)
{
    run([&] {
        initiator.call(a, BEGIN_REQ);
        pass(10);
        server.side().respond(a);
        server.side().accept(a); // comes too late: END_REQ would be wrong now
        ASSERT_EQ(initiator.seen.size(), 1u);
        EXPECT_EQ(initiator.seen[0].phase, BEGIN_RESP);
        initiator.call(b, BEGIN_REQ); // allowed from here
        pass(1);
        EXPECT_EQ(server.arrived.size(), 2u);
        initiator.call(a, END_RESP);
        pass(1);
        server.side().respond(b);
        initiator.call(b, END_RESP);
    });
    EXPECT_EQ(checker.complaints(), 0u);
}

TEST_F(at_target, completes_what_is_accepted_and_answered_while_it_is_told)
{
    server.when_arrived = [&](tlm::tlm_generic_payload &payload) {
        server.side().accept(payload);
        server.side().respond(payload);
        EXPECT_EQ(server.taken.size(), 0u); // when it is the answer
    };
    run([&] {
        EXPECT_EQ(initiator.call(a, BEGIN_REQ), tlm::TLM_COMPLETED);
        EXPECT_EQ(server.taken, std::vector<tlm::tlm_generic_payload *>{&a});
        EXPECT_EQ(a.get_ref_count(), 1);
        pass(1);
    });
    EXPECT_EQ(initiator.seen.size(), 0u);
    EXPECT_EQ(server.taken.size(), 1u);
    EXPECT_EQ(checker.complaints(), 0u);
}

TEST_F(at_target, completes_what_is_answered_while_it_is_told_and_takes_the_next_request)
{
    server.when_arrived = [&](tlm::tlm_generic_payload &payload) {
        server.side().respond(payload);
    };
    run([&] {
        EXPECT_EQ(initiator.call(a, BEGIN_REQ), tlm::TLM_COMPLETED);
        EXPECT_EQ(initiator.call(b, BEGIN_REQ), tlm::TLM_COMPLETED);
        pass(1);
    });
    EXPECT_EQ(server.taken.size(), 2u);
    EXPECT_EQ(initiator.seen.size(), 0u);
    EXPECT_EQ(checker.complaints(), 0u);
}

TEST_F(at_target, accepts_by_a_call_what_its_user_has_thrown_at)
{
    server.when_arrived = [](tlm::tlm_generic_payload &) { throw 1; };
    run([&] {
        EXPECT_THROW(initiator.call(a, BEGIN_REQ), int);
        server.side().accept(a);
        ASSERT_EQ(initiator.seen.size(), 1u);
        EXPECT_EQ(initiator.seen[0].phase, END_REQ);
        initiator.answers = tlm::TLM_COMPLETED;
        server.side().respond(a);
        EXPECT_EQ(initiator.seen.size(), 2u);
    });
}

TEST_F(at_target, does_not_complete_what_is_answered_while_another_response_is_under_way)
{
    run([&] {
        request(a);
        server.side().respond(a);
        server.when_arrived = [&](tlm::tlm_generic_payload &payload) {
            server.side().accept(payload);
            server.side().respond(payload);
        };
        EXPECT_EQ(initiator.call(b, BEGIN_REQ), tlm::TLM_UPDATED); // END_REQ
        pass(1);
        EXPECT_EQ(initiator.seen.size(), 1u);
        initiator.call(a, END_RESP);
        pass(1);
        ASSERT_EQ(initiator.seen.size(), 2u);
        EXPECT_EQ(initiator.seen[1].payload, &b);
        EXPECT_EQ(initiator.seen[1].phase, BEGIN_RESP);
        initiator.call(b, END_RESP);
        pass(1);
    });
    EXPECT_EQ(server.taken, (std::vector<tlm::tlm_generic_payload *>{&a, &b}));
    EXPECT_EQ(checker.complaints(), 0u);
}

// Nothing goes back to the initiator while it is in a call of its own.
TEST_F(at_target, begins_a_response_to_another_request_after_the_call)
{
    server.when_arrived = [&](tlm::tlm_generic_payload &payload) {
        server.side().accept(payload);
        server.side().respond(a);
    };
    run([&] {
        request(a);
        EXPECT_EQ(initiator.call(b, BEGIN_REQ), tlm::TLM_UPDATED); // END_REQ
        EXPECT_EQ(initiator.seen.size(), 0u);
        pass(1);
        ASSERT_EQ(initiator.seen.size(), 1u);
        EXPECT_EQ(initiator.seen[0].payload, &a);
        initiator.call(a, END_RESP);
        pass(1);
        server.side().respond(b);
        initiator.call(b, END_RESP);
        pass(1);
    });
    EXPECT_EQ(checker.complaints(), 0u);
}

TEST_F(at_target, begins_a_response_that_comes_when_one_is_completed_after_the_call)
{
    server.when_taken = [&](tlm::tlm_generic_payload &taken) {
        if (&taken == &b)
            server.side().respond(a);
    };
    run([&] {
        request(a);
        server.when_arrived = [&](tlm::tlm_generic_payload &payload) {
            server.side().respond(payload);
        };
        EXPECT_EQ(initiator.call(b, BEGIN_REQ), tlm::TLM_COMPLETED);
        EXPECT_EQ(initiator.seen.size(), 0u);
        pass(1);
        ASSERT_EQ(initiator.seen.size(), 1u);
        EXPECT_EQ(initiator.seen[0].payload, &a);
        initiator.call(a, END_RESP);
        pass(1);
    });
    EXPECT_EQ(checker.complaints(), 0u);
}

// Its initiator is done with it, and nobody is told of that before the next delta cycle.
TEST_F(at_target, does_not_complete_a_payload_that_comes_again_before_its_response_is_taken)
{
    run([&] {
        request(a);
        server.side().respond(a);
        initiator.call(a, END_RESP);
        a.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        EXPECT_EQ(initiator.call(a, BEGIN_REQ), tlm::TLM_ACCEPTED);
        EXPECT_EQ(server.taken.size(), 0u);
        pass(1);
        EXPECT_EQ(server.arrived.size(), 2u);
        EXPECT_EQ(server.taken.size(), 1u);
        server.side().respond(a);
        initiator.call(a, END_RESP);
        pass(1);
    });
    EXPECT_EQ(server.taken.size(), 2u);
    EXPECT_EQ(checker.complaints(), 0u);
}

// Back-pressure of the initiator.
TEST_F(at_target, begins_responses_one_after_the_other_in_the_order_they_were_given)
{
    run([&] {
        for (tlm::tlm_generic_payload *payload : payloads)
            request(*payload);
        server.side().respond(c);
        server.side().respond(a);
        server.side().respond(b);
        EXPECT_EQ(initiator.seen.size(), 1u);
        pass(10);                                       // since 3
        initiator.call(c, END_RESP, sc_time(5, SC_NS)); // counts at 18
        pass(10);                                       // at 23
        initiator.call(a, END_RESP);
        pass(1);
        initiator.call(b, END_RESP);
    });
    ASSERT_EQ(initiator.seen.size(), 3u);
    EXPECT_EQ(initiator.seen[0].payload, &c);
    EXPECT_EQ(initiator.seen[0].at, sc_time(3, SC_NS));
    EXPECT_EQ(initiator.seen[1].payload, &a);
    EXPECT_EQ(initiator.seen[1].at, sc_time(18, SC_NS));
    EXPECT_EQ(initiator.seen[2].payload, &b);
    EXPECT_EQ(initiator.seen[2].at, sc_time(23, SC_NS));
    EXPECT_EQ(server.taken, (std::vector<tlm::tlm_generic_payload *>{&c, &a, &b}));
    EXPECT_EQ(checker.complaints(), 0u);
}

TEST_F(at_target, keeps_the_payload_until_its_response_has_been_taken)
{
    run([&] {
        request(a);
        EXPECT_EQ(a.get_ref_count(), 2);
        server.side().respond(a);
        initiator.call(a, END_RESP, sc_time(5, SC_NS));
        pass(4);
        EXPECT_EQ(a.get_ref_count(), 2);
        pass(2);
        EXPECT_EQ(a.get_ref_count(), 1);
    });
}

TEST_F(at_target, reports_a_request_before_the_last_one_is_accepted)
{
    run([&] {
        initiator.call(a, BEGIN_REQ);
        pass(10);
        EXPECT_EQ(initiator.call(b, BEGIN_REQ), tlm::TLM_COMPLETED);
        EXPECT_EQ(b.get_response_status(), tlm::TLM_GENERIC_ERROR_RESPONSE);
        server.side().accept(a); // goes on as if nothing had been
        server.side().respond(a);
        initiator.call(a, END_RESP);
    });
    EXPECT_EQ(errors.ids, (std::vector<std::string>{"/smmu/protocol/request_exclusion",
                                                    "/smmu/at/request_exclusion"}));
    EXPECT_EQ(server.arrived.size(), 1u);
    EXPECT_EQ(server.taken.size(), 1u);
}

// IEEE 1666-2011 15.2.5.
TEST_F(at_target, ignores_phases_that_are_none_of_the_four)
{
    TLM_DECLARE_EXTENDED_PHASE(of_the_initiator);
    initiator.answers = tlm::TLM_UPDATED;
    initiator.returns = of_the_initiator;
    run([&] {
        request(a);
        EXPECT_EQ(initiator.call(a, of_the_initiator), tlm::TLM_ACCEPTED);
        server.side().respond(a);
        pass(1);
        EXPECT_EQ(server.taken.size(), 0u); // neither took the response
        initiator.call(a, END_RESP);
        pass(1);
        EXPECT_EQ(server.taken.size(), 1u);
    });
    EXPECT_EQ(checker.complaints(), 0u);
}

TEST_F(at_target, reports_the_end_of_a_response_that_has_not_begun)
{
    run([&] {
        request(a);
        request(b);
        server.side().respond(a);
        initiator.call(b, END_RESP);
        initiator.call(a, END_RESP);
        initiator.call(a, END_RESP); // the second time
        pass(1);
        EXPECT_EQ(server.taken.size(), 1u);
        server.side().respond(b);
        initiator.call(b, END_RESP);
        pass(1);
        EXPECT_EQ(server.taken.size(), 2u);
    });
    EXPECT_EQ(errors.ids,
              (std::vector<std::string>{"/smmu/protocol/phase_sequence", "/smmu/at/end_resp",
                                        "/smmu/protocol/not_under_way", "/smmu/at/end_resp"}));
}

} // namespace

} // namespace tlm_test::test_at_target
