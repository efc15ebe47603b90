// SPDX-License-Identifier: Apache-2.0
// smmu::at_initiator: which phases accept a request and end a transaction (IEEE 1666-2011 15.2).
#include <gtest/gtest.h>

#include "at_client.hpp"
#include "error_log.hpp"
#include "smmu/tlm/protocol_checker.hpp"

namespace tlm_test::test_at_initiator {

namespace {

using sc_core::SC_NS;
using sc_core::sc_time;

// A target that the test plays by hand.
class hand_target : public sc_core::sc_module {
  public:
    tlm_utils::passthrough_target_socket<hand_target> socket{"socket"};

    explicit hand_target(const sc_core::sc_module_name &name) : sc_module(name)
    {
        socket.register_nb_transport_fw(this, &hand_target::nb_transport_fw);
    }

    struct phase_seen {
        tlm::tlm_generic_payload *payload;
        tlm::tlm_phase phase;
        sc_time at;
    };
    std::vector<phase_seen> seen;
    tlm::tlm_phase returns = tlm::UNINITIALIZED_PHASE; // in answer to BEGIN_REQ, if it is another
    bool completes = false;                            // answers BEGIN_REQ with TLM_COMPLETED
    sc_time returns_after;

    tlm::tlm_generic_payload &payload(std::size_t i) { return *seen.at(i).payload; }

    tlm::tlm_sync_enum call(std::size_t i, tlm::tlm_phase phase, sc_time delay = {})
    {
        payload(i).set_response_status(tlm::TLM_OK_RESPONSE);
        return socket->nb_transport_bw(payload(i), phase, delay);
    }

  private:
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_time &delay)
    {
        seen.push_back({&payload, phase, sc_core::sc_time_stamp() + delay});
        if (phase == tlm::BEGIN_REQ && completes) {
            payload.set_response_status(tlm::TLM_OK_RESPONSE);
            delay += returns_after;
            return tlm::TLM_COMPLETED;
        }
        if (phase != tlm::BEGIN_REQ || returns == tlm::UNINITIALIZED_PHASE)
            return tlm::TLM_ACCEPTED;
        if (returns == tlm::BEGIN_RESP)
            payload.set_response_status(tlm::TLM_OK_RESPONSE);
        phase = returns;
        delay += returns_after;
        return tlm::TLM_UPDATED;
    }
};

struct at_initiator : testing::Test {
    error_log errors;
    at_client client;
    smmu::protocol_checker<> checker{"checker"};
    hand_target target{"target"};
    at_transfer a = at_write(0x1000, {1}), b = at_write(0x2000, {2});

    explicit at_initiator(smmu::at_initiator::told when = smmu::at_initiator::told::later)
        : client("client", when)
    {
        client.socket.bind(checker.target_socket);
        checker.initiator_socket.bind(target.socket);
    }
    ~at_initiator() override { EXPECT_EQ(checker.complaints(), 0u); }

    static void run(const std::function<void()> &test)
    {
        sc_core::sc_spawn([&test] { test(); });
        sc_core::sc_start();
    }
    static void pass(unsigned ns) { sc_core::wait(ns, SC_NS); }
};

// One whose user is told at once of what can be told so.
struct prompt_at_initiator : at_initiator {
    prompt_at_initiator() : at_initiator(smmu::at_initiator::told::at_once) {}
};

TEST_F(at_initiator, takes_a_returned_response_when_its_delay_has_passed)
{
    target.returns = tlm::BEGIN_RESP;
    target.returns_after = sc_time(20, SC_NS);
    client.send(a);
    sc_core::sc_start();
    ASSERT_EQ(target.seen.size(), 2u);
    EXPECT_EQ(target.seen[1].phase, tlm::END_RESP);
    EXPECT_EQ(target.seen[1].at, sc_time(20, SC_NS));
    EXPECT_EQ(a.end_resp, sc_time(20, SC_NS));
}

TEST_F(at_initiator, tells_of_a_completed_request_after_send_has_returned)
{
    target.completes = true;
    run([&] {
        client.send(a);
        EXPECT_EQ(client.accepted.size(), 0u);
        EXPECT_EQ(a.responses, 0u);
        pass(1);
        EXPECT_EQ(a.end_req, sc_core::SC_ZERO_TIME);
        EXPECT_EQ(a.end_resp, sc_core::SC_ZERO_TIME);
        EXPECT_EQ(client.accepted.size(), 1u);
        EXPECT_EQ(client.ended.size(), 1u);
    });
}

TEST_F(at_initiator, answers_a_called_response_with_completed)
{
    run([&] {
        client.send(a);
        pass(10);
        EXPECT_EQ(target.call(0, tlm::BEGIN_RESP, sc_time(5, SC_NS)), tlm::TLM_COMPLETED);
        pass(4);
        EXPECT_EQ(a.responses, 0u); // its delay has not passed
        pass(2);
        EXPECT_EQ(a.responses, 1u);
        EXPECT_EQ(a.end_resp, sc_time(15, SC_NS));
    });
}

TEST_F(at_initiator, tells_of_the_request_before_the_response)
{
    client.when_ended = [&](const at_transfer &) { EXPECT_EQ(client.accepted.size(), 1u); };
    run([&] {
        client.send(a);
        pass(10);
        target.call(0, tlm::BEGIN_RESP); // accepts it
        pass(1);
        EXPECT_EQ(a.end_req, sc_time(10, SC_NS));
        EXPECT_EQ(client.accepted.size(), 1u);
        EXPECT_EQ(client.ended.size(), 1u);
    });
}

TEST_F(at_initiator, sends_all_that_wait_as_long_as_they_are_accepted_at_once)
{
    at_transfer c = at_write(0x3000, {3});
    run([&] {
        client.send(a);
        client.send(b);
        client.send(c);
        pass(10);
        ASSERT_EQ(target.seen.size(), 1u);
        target.returns = tlm::END_REQ;
        target.call(0, tlm::END_REQ);
        pass(1);
        EXPECT_EQ(target.seen.size(), 3u);
    });
}

TEST_F(at_initiator, sends_what_comes_on_an_acceptance_after_what_waits)
{
    at_transfer c = at_write(0x3000, {3});
    client.when_accepted = [&](const at_transfer &accepted) {
        if (&accepted == &a)
            client.send(c);
    };
    run([&] {
        client.send(a);
        client.send(b);
        pass(10);
        target.returns = tlm::END_REQ;
        target.call(0, tlm::END_REQ);
        pass(1);
        ASSERT_EQ(target.seen.size(), 3u);
        EXPECT_EQ(target.payload(1).get_address(), 0x2000u);
        EXPECT_EQ(target.payload(2).get_address(), 0x3000u);
    });
}

// However many: a stack holds no call for each.
TEST_F(at_initiator, sends_what_comes_on_an_acceptance_at_once_when_it_has_told_of_that)
{
    std::vector<at_transfer> many(10000, a);
    std::size_t sent = 1, within = 0;
    client.when_accepted = [&](const at_transfer &) {
        EXPECT_EQ(within, 0u);
        within++;
        if (sent < many.size())
            client.send(many[sent++]);
        within--;
    };
    target.returns = tlm::END_REQ;
    run([&] {
        client.send(many[0]);
        EXPECT_EQ(target.seen.size(), many.size());
        EXPECT_FALSE(client.busy());
        for (std::size_t i = 0; i < many.size(); i++)
            target.call(i, tlm::BEGIN_RESP);
    });
    EXPECT_EQ(client.accepted.size(), many.size());
}

TEST_F(at_initiator, waits_with_a_request_until_the_last_one_is_accepted)
{
    run([&] {
        client.send(a);
        client.send(b);
        EXPECT_TRUE(client.busy());
        pass(10);
        EXPECT_EQ(target.seen.size(), 1u);
        target.call(0, tlm::END_REQ, sc_time(5, SC_NS));
        pass(4);
        EXPECT_EQ(target.seen.size(), 1u);
        pass(2);
        ASSERT_EQ(target.seen.size(), 2u);
        EXPECT_EQ(target.seen[1].at, sc_time(15, SC_NS));
        EXPECT_TRUE(client.busy());
        target.call(1, tlm::END_REQ);
        pass(1);
        EXPECT_FALSE(client.busy());
    });
}

TEST_F(at_initiator, takes_responses_in_any_order)
{
    run([&] {
        target.returns = tlm::END_REQ;
        client.send(a);
        client.send(b);
        pass(10);
        target.call(1, tlm::BEGIN_RESP);
        pass(1);
        target.call(0, tlm::BEGIN_RESP);
    });
    EXPECT_EQ(client.ended, (std::vector<const at_transfer *>{&b, &a}));
}

// Twice, so that what the first ones have left is used again.
TEST_F(at_initiator, takes_responses_of_many_in_any_order_and_each_once)
{
    constexpr std::size_t many = 20;
    target.returns = tlm::END_REQ;
    std::vector<at_transfer> transfers;
    for (std::size_t i = 0; i < 2 * many; i++)
        transfers.push_back(at_write(0x1000 * i, {1}));
    std::vector<const at_transfer *> expected;
    run([&] {
        for (std::size_t begin = 0; begin < 2 * many; begin += many) {
            for (std::size_t i = 0; i < many; i++)
                client.send(transfers[begin + i]);
            pass(1);
            target.payload(begin).acquire();
            for (std::size_t i = 0; i < many; i++) {
                const std::size_t which = begin + i * 7 % many;
                target.call(which, tlm::BEGIN_RESP);
                expected.push_back(&transfers[which]);
                pass(1);
            }
            EXPECT_EQ(errors.ids.size(), begin / many);
            tlm::tlm_generic_payload &again = target.payload(begin);
            tlm::tlm_phase phase = tlm::BEGIN_RESP;
            sc_time delay;
            client.socket.get_base_export()->nb_transport_bw(again, phase, delay);
            EXPECT_EQ(errors.ids.size(), begin / many + 1);
            pass(1);
            again.release();
        }
    });
    EXPECT_EQ(client.ended, expected);
    EXPECT_EQ(errors.ids, std::vector<std::string>(2, "/smmu/at/response"));
}

TEST_F(at_initiator, may_be_given_more_while_it_tells_of_something)
{
    target.returns = tlm::END_REQ;
    at_transfer c = at_write(0x3000, {3});
    client.when_accepted = [&](const at_transfer &t) {
        if (&t == &a)
            client.send(b);
    };
    client.when_ended = [&](const at_transfer &t) {
        if (&t == &a)
            client.send(c);
    };
    run([&] {
        client.send(a);
        pass(10);
        target.call(0, tlm::BEGIN_RESP);
        pass(10);
        ASSERT_EQ(target.seen.size(), 3u);
        EXPECT_EQ(target.seen[1].at, sc_core::SC_ZERO_TIME);
        EXPECT_EQ(target.seen[2].at, sc_time(10, SC_NS));
    });
}

TEST_F(at_initiator, keeps_the_payload_until_its_response_has_arrived)
{
    run([&] {
        client.send(a);
        EXPECT_EQ(client.pool.in_use(), 1u);
        pass(10);
        target.call(0, tlm::BEGIN_RESP, sc_time(5, SC_NS));
        pass(4);
        EXPECT_EQ(client.pool.in_use(), 1u);
        pass(2);
        EXPECT_EQ(client.pool.in_use(), 0u);
    });
}

// IEEE 1666-2011 15.2.5.
TEST_F(at_initiator, ignores_phases_that_are_none_of_the_four)
{
    TLM_DECLARE_EXTENDED_PHASE(of_the_target);
    target.returns = of_the_target;
    run([&] {
        client.send(a);
        client.send(b);
        pass(10);
        EXPECT_EQ(target.call(0, of_the_target), tlm::TLM_ACCEPTED);
        pass(10);
        EXPECT_EQ(client.accepted.size(), 0u); // neither accepted the request
        EXPECT_EQ(target.seen.size(), 1u);
        target.call(0, tlm::BEGIN_RESP);
        pass(1);
        EXPECT_EQ(a.responses, 1u);
    });
}

TEST_F(at_initiator, reports_a_payload_without_memory_manager_and_does_not_send_it)
{
    tlm::tlm_generic_payload bare;
    run([&] {
        client.side().send(bare);
        pass(1);
    });
    EXPECT_EQ(errors.ids, std::vector<std::string>{"/smmu/at/memory_manager"});
    EXPECT_EQ(target.seen.size(), 0u);
}

TEST_F(at_initiator, reports_a_response_that_nobody_waits_for)
{
    run([&] {
        client.send(a);
        pass(10);
        tlm::tlm_generic_payload &payload = target.payload(0);
        payload.acquire();
        target.call(0, tlm::BEGIN_RESP);
        pass(1);
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_time delay;
        EXPECT_EQ(client.socket.get_base_export()->nb_transport_bw(payload, phase, delay),
                  tlm::TLM_COMPLETED);
        pass(1);
        payload.release();
    });
    EXPECT_EQ(errors.ids, std::vector<std::string>{"/smmu/at/response"});
    EXPECT_EQ(a.responses, 1u);
}

TEST_F(prompt_at_initiator, tells_of_a_response_in_the_call_that_brings_it)
{
    target.returns = tlm::END_REQ;
    run([&] {
        client.send(a);
        pass(10);
        EXPECT_EQ(target.call(0, tlm::BEGIN_RESP), tlm::TLM_COMPLETED);
        EXPECT_EQ(a.responses, 1u);
        EXPECT_EQ(a.end_resp, sc_time(10, SC_NS));
        EXPECT_EQ(client.pool.in_use(), 0u);
        pass(1);
        EXPECT_EQ(a.responses, 1u);
    });
}

// A target need not expect a request while it is in the call that begins a response.
TEST_F(prompt_at_initiator, begins_what_is_sent_in_that_call_after_it)
{
    at_transfer c = at_write(0x3000, {3});
    target.returns = tlm::END_REQ;
    client.when_ended = [&](const at_transfer &t) {
        if (&t == &a) {
            client.send(b);
            client.send(c);
        }
    };
    run([&] {
        client.send(a);
        pass(10);
        target.call(0, tlm::BEGIN_RESP);
        EXPECT_EQ(target.seen.size(), 1u);
        pass(1);
        ASSERT_EQ(target.seen.size(), 3u);
        EXPECT_EQ(target.seen[1].at, sc_time(10, SC_NS));
        EXPECT_EQ(target.payload(1).get_address(), 0x2000u);
        EXPECT_EQ(target.payload(2).get_address(), 0x3000u);
    });
}

TEST_F(prompt_at_initiator, tells_of_a_response_with_a_delay_when_that_has_passed)
{
    target.returns = tlm::END_REQ;
    run([&] {
        client.send(a);
        pass(10);
        target.call(0, tlm::BEGIN_RESP, sc_time(5, SC_NS));
        pass(4);
        EXPECT_EQ(a.responses, 0u);
        pass(2);
        EXPECT_EQ(a.end_resp, sc_time(15, SC_NS));
    });
}

TEST_F(prompt_at_initiator, tells_of_both_when_the_request_is_completed)
{
    target.completes = true;
    client.when_ended = [&](const at_transfer &) { EXPECT_EQ(client.accepted.size(), 1u); };
    run([&] {
        client.send(a);
        EXPECT_EQ(a.responses, 1u);
        EXPECT_FALSE(client.busy());
        EXPECT_EQ(client.pool.in_use(), 0u);
        pass(1);
        EXPECT_EQ(client.accepted.size(), 1u);
        EXPECT_EQ(a.responses, 1u);
        EXPECT_EQ(target.seen.size(), 1u);
    });
}

TEST_F(prompt_at_initiator, goes_on_after_its_user_has_thrown)
{
    at_transfer c = at_write(0x3000, {3});
    client.when_ended = [&](const at_transfer &t) {
        if (&t != &c)
            throw 1;
    };
    run([&] {
        target.returns = tlm::END_REQ;
        client.send(a);
        pass(10);
        EXPECT_THROW(target.call(0, tlm::BEGIN_RESP), int);
        EXPECT_FALSE(client.busy());
        target.completes = true;
        EXPECT_THROW(client.send(b), int);
        EXPECT_FALSE(client.busy());
        client.send(c);
        EXPECT_EQ(c.responses, 1u);
    });
}

// Else the response to the second one would be told of before that to the first one.
TEST_F(prompt_at_initiator, begins_what_is_sent_on_a_completed_request_after_its_response)
{
    at_transfer c = at_write(0x3000, {3});
    target.completes = true;
    client.when_accepted = [&](const at_transfer &t) {
        if (&t == &a)
            client.send(b);
    };
    client.when_ended = [&](const at_transfer &t) {
        EXPECT_EQ(target.seen.size(), &t == &a ? 1u : &t == &b ? 2u : 3u);
        if (&t == &a)
            client.send(c);
    };
    run([&] {
        client.send(a);
        EXPECT_EQ(client.ended, (std::vector<const at_transfer *>{&a, &b, &c}));
    });
}

// What would be sent then would wait for that.
TEST_F(prompt_at_initiator, is_busy_until_it_has_told_of_a_completed_request)
{
    unsigned told = 0;
    const auto is_busy = [&](const at_transfer &) {
        EXPECT_TRUE(client.busy());
        told++;
    };
    target.completes = true;
    client.when_accepted = client.when_ended = is_busy;
    run([&] {
        client.send(a);
        EXPECT_EQ(told, 2u);
        EXPECT_FALSE(client.busy());
    });
}

TEST_F(prompt_at_initiator, tells_of_a_completed_request_when_its_delay_has_passed)
{
    target.completes = true;
    target.returns_after = sc_time(20, SC_NS);
    run([&] {
        client.send(a);
        pass(19);
        EXPECT_EQ(a.responses, 0u);
        EXPECT_TRUE(client.busy());
        pass(2);
        EXPECT_EQ(a.end_resp, sc_time(20, SC_NS));
        EXPECT_FALSE(client.busy());
    });
}

// END_REQ may have come in the same delta cycle, and nobody have been told of it.
TEST_F(prompt_at_initiator, tells_of_the_request_before_the_response)
{
    client.when_ended = [&](const at_transfer &) { EXPECT_EQ(client.accepted.size(), 1u); };
    run([&] {
        client.send(a);
        pass(10);
        target.call(0, tlm::END_REQ);
        target.call(0, tlm::BEGIN_RESP);
        pass(1);
        EXPECT_EQ(a.end_req, sc_time(10, SC_NS));
        EXPECT_EQ(a.end_resp, sc_time(10, SC_NS));
        EXPECT_EQ(client.ended.size(), 1u);
    });
}

TEST_F(prompt_at_initiator, reports_a_response_that_nobody_waits_for)
{
    target.returns = tlm::END_REQ;
    run([&] {
        client.send(a);
        pass(10);
        tlm::tlm_generic_payload &payload = target.payload(0);
        payload.acquire();
        target.call(0, tlm::BEGIN_RESP);
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_time delay;
        EXPECT_EQ(client.socket.get_base_export()->nb_transport_bw(payload, phase, delay),
                  tlm::TLM_COMPLETED);
        payload.release();
    });
    EXPECT_EQ(errors.ids, std::vector<std::string>{"/smmu/at/response"});
    EXPECT_EQ(a.responses, 1u);
}

} // namespace

} // namespace tlm_test::test_at_initiator
