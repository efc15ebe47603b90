// SPDX-License-Identifier: Apache-2.0
// smmu::protocol_checker reports what breaks the base protocol, and nothing else (IEEE 1666-2011).
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "protocol_breach.hpp"

namespace tlm_test::test_protocol_checker {

void PrintTo(const protocol_breach &breach, std::ostream *out)
{
    *out << breach.rule << " " << breach.how;
}

namespace {

using tlm::BEGIN_REQ;
using tlm::BEGIN_RESP;
using tlm::END_REQ;
using tlm::END_RESP;

using strings = std::vector<std::string>;

class breach : public testing::TestWithParam<protocol_breach> {};

TEST_P(breach, is_reported_once_and_alone)
{
    hand_hop h("h");
    hand_hop::run([&] { GetParam().run(h); });
    EXPECT_EQ(h.errors.ids, strings{std::string("/smmu/protocol/") + GetParam().rule});
    EXPECT_EQ(h.checker.complaints(), 1u);
}

std::string breach_name(const testing::TestParamInfo<protocol_breach> &info)
{
    return std::string(info.param.rule) + "__" + info.param.how;
}

INSTANTIATE_TEST_SUITE_P(phases, breach, testing::ValuesIn(phase_breaches), breach_name);
INSTANTIATE_TEST_SUITE_P(exclusion, breach, testing::ValuesIn(exclusion_breaches), breach_name);
INSTANTIATE_TEST_SUITE_P(object, breach, testing::ValuesIn(object_breaches), breach_name);
INSTANTIATE_TEST_SUITE_P(attributes, breach, testing::ValuesIn(attribute_breaches), breach_name);

TEST(protocol_rules, each_has_a_test_that_breaks_it)
{
    std::set<std::string> broken;
    for (const auto *rows :
         {&phase_breaches, &exclusion_breaches, &object_breaches, &attribute_breaches})
        for (const protocol_breach &row : *rows)
            broken.insert(row.rule);
    const std::set<std::string> rules = {
#define SMMU_PROTOCOL_RULE(name, clause, message) #name,
#include "smmu/tlm/protocol_rules.def"
#undef SMMU_PROTOCOL_RULE
    };
    EXPECT_EQ(broken, rules);
}

// What is allowed.
struct protocol_checker : testing::Test {
    hand_hop h{"h"};
    hand_transaction a, b;

    ~protocol_checker() override
    {
        EXPECT_EQ(h.errors.texts, strings());
        EXPECT_EQ(h.checker.complaints(), 0u);
    }
};

TEST_F(protocol_checker, passes_calls_on_unchanged_and_at_once)
{
    h.run([&] {
        pass(3);
        h.target_does = [&](tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                            sc_core::sc_time &delay) {
            EXPECT_EQ(&payload, &a.payload);
            EXPECT_EQ(phase, BEGIN_REQ);
            EXPECT_EQ(delay, sc_core::sc_time(5, sc_core::SC_NS));
            return hand_hop::updates(END_REQ, 4)(payload, phase, delay);
        };
        const hand_hop::result sent = h.forward(a, BEGIN_REQ, 5);
        EXPECT_EQ(sent.status, tlm::TLM_UPDATED);
        EXPECT_EQ(sent.phase, END_REQ);
        EXPECT_EQ(sent.delay, sc_core::sc_time(9, sc_core::SC_NS));

        h.initiator_does = [&](tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                               sc_core::sc_time &delay) {
            EXPECT_EQ(&payload, &a.payload);
            EXPECT_EQ(phase, BEGIN_RESP);
            EXPECT_EQ(delay, sc_core::sc_time(20, sc_core::SC_NS));
            return hand_hop::completes(1)(payload, phase, delay);
        };
        const hand_hop::result answered = h.backward(a, BEGIN_RESP, 20);
        EXPECT_EQ(answered.status, tlm::TLM_COMPLETED);
        EXPECT_EQ(answered.delay, sc_core::sc_time(21, sc_core::SC_NS));
        EXPECT_EQ(a.payload.get_ref_count(), 1);
        EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::sc_time(3, sc_core::SC_NS));
    });
}

TEST_F(protocol_checker, passes_b_transport_debug_and_dmi_on)
{
    h.run([&] {
        h.target_blocks = [](tlm::tlm_generic_payload &, sc_core::sc_time &delay) {
            pass(2);
            delay += sc_core::sc_time(3, sc_core::SC_NS);
        };
        sc_core::sc_time delay(1, sc_core::SC_NS);
        h.initiator->b_transport(a.payload, delay);
        EXPECT_EQ(delay, sc_core::sc_time(4, sc_core::SC_NS));
        EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::sc_time(2, sc_core::SC_NS));

        EXPECT_EQ(h.initiator->transport_dbg(b.payload), 5u);
        tlm::tlm_dmi dmi;
        EXPECT_TRUE(h.initiator->get_direct_mem_ptr(b.payload, dmi));
        EXPECT_EQ(dmi.get_end_address(), 0xffu);
        h.target->invalidate_direct_mem_ptr(16, 32);
        EXPECT_EQ(h.withdrawn, (std::pair<std::uint64_t, std::uint64_t>{16, 32}));
    });
}

TEST_F(protocol_checker, counts_transactions_that_are_under_way)
{
    h.run([&] {
        h.request(a);
        EXPECT_EQ(h.checker.in_flight(), 1u);
        h.respond(b);
        EXPECT_EQ(h.checker.in_flight(), 2u);
        h.forward(b, END_RESP);
        EXPECT_EQ(h.checker.in_flight(), 1u);
        h.target_blocks = [&](tlm::tlm_generic_payload &, sc_core::sc_time &) {
            EXPECT_EQ(h.checker.in_flight(), 2u);
        };
        hand_transaction c;
        h.block(c);
        EXPECT_EQ(h.checker.in_flight(), 1u);
    });
}

TEST_F(protocol_checker, forgets_a_blocking_transaction_whose_process_is_killed)
{
    h.target_blocks = [](tlm::tlm_generic_payload &, sc_core::sc_time &) { pass(10); };
    h.run([&] {
        sc_core::sc_process_handle victim = sc_core::sc_spawn([&] { h.block(a); });
        pass(5);
        EXPECT_EQ(h.checker.in_flight(), 1u);
        victim.kill();
        EXPECT_EQ(h.checker.in_flight(), 0u);
    });
}

TEST_F(protocol_checker, lets_requests_follow_at_the_moment_of_end_req)
{
    h.run([&] {
        h.forward(a, BEGIN_REQ);
        h.backward(a, END_REQ, 10);
        h.forward(b, BEGIN_REQ, 10); // ahead, but not earlier
        pass(10);
        h.backward(b, END_REQ);
        hand_transaction c;
        h.forward(c, BEGIN_REQ);
    });
}

TEST_F(protocol_checker, lets_an_early_response_accept_the_request)
{
    h.run([&] {
        h.forward(a, BEGIN_REQ);
        pass(10);
        a.answer();
        h.backward(a, BEGIN_RESP);
        h.forward(b, BEGIN_REQ);
        h.forward(a, END_RESP);
    });
}

TEST_F(protocol_checker, lets_an_early_completion_accept_the_request)
{
    h.run([&] {
        h.target_does = hand_hop::completes(10);
        h.forward(a, BEGIN_REQ);
        pass(10);
        h.forward(b, BEGIN_REQ);
    });
}

TEST_F(protocol_checker, lets_a_target_answer_end_resp_with_completed)
{
    h.run([&] {
        h.respond(a);
        h.target_does = hand_hop::completes();
        h.forward(a, END_RESP);
    });
}

TEST_F(protocol_checker, lets_an_initiator_have_its_buffers_back_with_the_response)
{
    h.run([&] {
        h.request(a);
        a.answer();
        h.initiator_does = [&](tlm::tlm_generic_payload &, tlm::tlm_phase &, sc_core::sc_time &) {
            a.data[0]++;
            return tlm::TLM_COMPLETED;
        };
        h.backward(a, BEGIN_RESP);
    });
}

TEST_F(protocol_checker, lets_an_early_completion_pass_a_response)
{
    h.run([&] {
        h.respond(a);
        h.target_does = hand_hop::completes(5);
        h.forward(b, BEGIN_REQ); // has no response phase
        EXPECT_EQ(h.checker.in_flight(), 1u);
    });
}

TEST_F(protocol_checker, lets_responses_overtake_each_other)
{
    h.run([&] {
        h.request(a);
        h.request(b);
        h.initiator_does = hand_hop::completes(10);
        b.answer();
        h.backward(b, BEGIN_RESP);
        pass(10);
        a.answer();
        h.backward(a, BEGIN_RESP);
    });
}

TEST_F(protocol_checker, lets_a_target_change_address_answer_read_data_and_dmi_hint)
{
    a.payload.set_read();
    h.run([&] {
        h.target_does = [&](tlm::tlm_generic_payload &payload, tlm::tlm_phase &,
                            sc_core::sc_time &) {
            payload.set_address(0x5678);
            payload.set_dmi_allowed(true);
            a.data[0]++;
            return tlm::TLM_ACCEPTED;
        };
        h.respond(a);
        h.forward(a, END_RESP);
    });
}

TEST_F(protocol_checker, lets_a_target_set_the_status_before_it_accepts)
{
    h.run([&] {
        h.target_does = [&](tlm::tlm_generic_payload &, tlm::tlm_phase &, sc_core::sc_time &) {
            a.answer();
            return tlm::TLM_ACCEPTED;
        };
        h.forward(a, BEGIN_REQ);
        h.backward(a, END_REQ);
        h.backward(a, BEGIN_RESP);
        h.forward(a, END_RESP);
    });
}

TEST_F(protocol_checker, lets_an_object_be_sent_again_when_it_has_ended)
{
    h.run([&] {
        for (unsigned round = 0; round < 2; round++) {
            h.respond(a);
            h.forward(a, END_RESP);
            a.payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
            a.payload.set_command(tlm::TLM_READ_COMMAND);
        }
        h.block(a);
    });
}

TEST_F(protocol_checker, lets_a_transaction_without_transfer_have_no_data)
{
    a.payload.set_command(tlm::TLM_IGNORE_COMMAND);
    a.payload.set_data_ptr(nullptr);
    a.payload.set_data_length(0);
    h.run([&] { h.block(a); });
}

TEST_F(protocol_checker, lets_b_transport_go_without_memory_manager)
{
    hand_transaction unmanaged(false);
    h.run([&] { h.block(unmanaged); });
}

TEST_F(protocol_checker, ignores_phases_that_are_none_of_the_four)
{
    TLM_DECLARE_EXTENDED_PHASE(a_phase_of_its_own);
    h.run([&] {
        h.request(a);
        h.forward(a, a_phase_of_its_own);
        h.backward(a, a_phase_of_its_own);
        a.answer();
        h.backward(a, BEGIN_RESP);
        h.forward(a, END_RESP);
    });
}

TEST(protocol_complaint, names_checker_and_address)
{
    hand_hop h("h");
    hand_transaction t;
    hand_hop::run([&] { h.backward(t, END_REQ); });
    ASSERT_EQ(h.errors.texts.size(), 1u);
    EXPECT_EQ(h.errors.texts[0],
              "h.checker: a phase of a transaction that is not under way (address "
              "0x12345678, IEEE 1666-2011 15.2.4)");
}

} // namespace

} // namespace tlm_test::test_protocol_checker
