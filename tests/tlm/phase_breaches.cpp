// SPDX-License-Identifier: Apache-2.0
// Phases that break the rules of the base protocol (IEEE 1666-2011 11.1.2, 15.2).
#include "protocol_breach.hpp"

namespace tlm_test {

using tlm::BEGIN_REQ;
using tlm::BEGIN_RESP;
using tlm::END_REQ;
using tlm::END_RESP;

const std::vector<protocol_breach> phase_breaches = {
    {"phase_sequence", "end_resp_before_the_response",
     [](hand_hop &h) {
         hand_transaction t;
         h.request(t);
         h.forward(t, END_RESP);
     }},
    {"phase_sequence", "end_req_twice",
     [](hand_hop &h) {
         hand_transaction t;
         h.request(t);
         h.backward(t, END_REQ);
     }},
    {"phase_sequence", "end_req_after_the_response",
     [](hand_hop &h) {
         hand_transaction t;
         h.respond(t);
         h.backward(t, END_REQ);
     }},
    {"phase_sequence", "begin_resp_twice",
     [](hand_hop &h) {
         hand_transaction t;
         h.respond(t);
         h.backward(t, BEGIN_RESP);
     }},
    {"phase_sequence", "begin_req_by_the_target",
     [](hand_hop &h) {
         hand_transaction t;
         h.backward(t, BEGIN_REQ);
     }},
    {"phase_sequence", "begin_resp_by_the_initiator",
     [](hand_hop &h) {
         hand_transaction t;
         h.request(t);
         h.forward(t, BEGIN_RESP);
     }},
    {"phase_sequence", "end_resp_returned_by_the_target",
     [](hand_hop &h) {
         hand_transaction t;
         h.target_does = hand_hop::updates(END_RESP);
         h.forward(t, BEGIN_REQ);
     }},
    {"phase_sequence", "end_req_returned_by_the_initiator",
     [](hand_hop &h) {
         hand_transaction t;
         h.request(t);
         t.answer();
         h.initiator_does = hand_hop::updates(END_REQ);
         h.backward(t, BEGIN_RESP);
     }},
    {"phase_sequence", "completed_in_answer_to_end_req",
     [](hand_hop &h) {
         hand_transaction t;
         h.forward(t, BEGIN_REQ);
         h.initiator_does = hand_hop::completes();
         h.backward(t, END_REQ);
     }},
    {"phase_sequence", "completed_after_end_req_in_the_same_call",
     [](hand_hop &h) {
         hand_transaction t;
         h.target_does = [&](tlm::tlm_generic_payload &, tlm::tlm_phase &, sc_core::sc_time &) {
             h.backward(t, END_REQ);
             t.answer();
             return tlm::TLM_COMPLETED;
         };
         h.forward(t, BEGIN_REQ);
     }},
    {"phase_sequence", "no_phase_at_all",
     [](hand_hop &h) {
         hand_transaction t;
         h.forward(t, tlm::UNINITIALIZED_PHASE);
     }},
    {"phase_sequence", "phase_of_a_blocking_transaction",
     [](hand_hop &h) {
         hand_transaction t;
         h.target_blocks = [&](tlm::tlm_generic_payload &, sc_core::sc_time &) {
             h.backward(t, END_REQ);
         };
         h.block(t);
     }},
    {"not_under_way", "end_req",
     [](hand_hop &h) {
         hand_transaction t;
         h.backward(t, END_REQ);
     }},
    {"not_under_way", "begin_resp_of_a_completed_one",
     [](hand_hop &h) {
         hand_transaction t;
         h.target_does = hand_hop::completes();
         h.forward(t, BEGIN_REQ);
         h.backward(t, BEGIN_RESP);
     }},
    {"not_under_way", "end_resp_after_completed",
     [](hand_hop &h) {
         hand_transaction t;
         h.initiator_does = [](tlm::tlm_generic_payload &, tlm::tlm_phase &phase,
                               sc_core::sc_time &) {
             return phase == BEGIN_RESP ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
         };
         h.respond(t);
         h.forward(t, END_RESP);
     }},
    {"accepted_changed", "phase",
     [](hand_hop &h) {
         hand_transaction t;
         h.target_does = [](tlm::tlm_generic_payload &, tlm::tlm_phase &phase, sc_core::sc_time &) {
             phase = END_REQ;
             return tlm::TLM_ACCEPTED;
         };
         h.forward(t, BEGIN_REQ);
     }},
    {"accepted_changed", "delay",
     [](hand_hop &h) {
         hand_transaction t;
         h.request(t);
         t.answer();
         h.initiator_does = [](tlm::tlm_generic_payload &, tlm::tlm_phase &,
                               sc_core::sc_time &delay) {
             delay += sc_core::sc_time(1, sc_core::SC_NS);
             return tlm::TLM_ACCEPTED;
         };
         h.backward(t, BEGIN_RESP);
     }},
};

const std::vector<protocol_breach> exclusion_breaches = {
    {"request_exclusion", "before_end_req",
     [](hand_hop &h) {
         hand_transaction a, b;
         h.forward(a, BEGIN_REQ);
         pass(10);
         h.forward(b, BEGIN_REQ);
     }},
    {"request_exclusion", "sent_before_end_req_though_it_begins_later",
     [](hand_hop &h) {
         hand_transaction a, b;
         h.forward(a, BEGIN_REQ);
         h.forward(b, BEGIN_REQ, 10);
     }},
    {"request_exclusion", "before_the_delay_of_end_req_has_passed",
     [](hand_hop &h) {
         hand_transaction a, b;
         h.forward(a, BEGIN_REQ);
         h.backward(a, END_REQ, 10);
         pass(9);
         h.forward(b, BEGIN_REQ);
     }},
    {"request_exclusion", "before_the_delay_of_a_returned_end_req",
     [](hand_hop &h) {
         hand_transaction a, b;
         h.target_does = hand_hop::updates(END_REQ, 10);
         h.forward(a, BEGIN_REQ);
         pass(4);
         h.forward(b, BEGIN_REQ, 5);
     }},
    {"request_exclusion", "before_the_delay_of_a_returned_response",
     [](hand_hop &h) {
         hand_transaction a, b;
         h.target_does = hand_hop::updates(BEGIN_RESP, 10);
         h.forward(a, BEGIN_REQ);
         h.target_does = nullptr;
         h.forward(b, BEGIN_REQ, 9);
     }},
    {"request_exclusion", "before_the_delay_of_completed",
     [](hand_hop &h) {
         hand_transaction a, b;
         h.target_does = hand_hop::completes(10);
         h.forward(a, BEGIN_REQ);
         pass(9);
         h.forward(b, BEGIN_REQ);
     }},
    {"response_exclusion", "before_end_resp",
     [](hand_hop &h) {
         hand_transaction a, b;
         h.respond(a);
         pass(10);
         h.respond(b);
     }},
    {"response_exclusion", "returned_before_end_resp",
     [](hand_hop &h) {
         hand_transaction a, b;
         h.respond(a);
         h.target_does = hand_hop::updates(BEGIN_RESP);
         h.forward(b, BEGIN_REQ);
     }},
    {"response_exclusion", "before_the_delay_of_end_resp",
     [](hand_hop &h) {
         hand_transaction a, b;
         h.respond(a);
         h.forward(a, END_RESP, 10);
         pass(9);
         h.respond(b);
     }},
    {"response_exclusion", "before_the_delay_of_a_returned_end_resp",
     [](hand_hop &h) {
         hand_transaction a, b;
         h.request(a);
         h.request(b);
         h.initiator_does = hand_hop::updates(END_RESP, 10);
         a.answer();
         h.backward(a, BEGIN_RESP);
         b.answer();
         h.backward(b, BEGIN_RESP, 9);
     }},
    {"response_exclusion", "before_the_delay_of_completed",
     [](hand_hop &h) {
         hand_transaction a, b;
         h.request(a);
         h.request(b);
         h.initiator_does = hand_hop::completes(10);
         a.answer();
         h.backward(a, BEGIN_RESP);
         pass(9);
         b.answer();
         h.backward(b, BEGIN_RESP);
     }},
    {"time_order", "end_req_before_begin_req",
     [](hand_hop &h) {
         hand_transaction t;
         h.forward(t, BEGIN_REQ, 10);
         pass(9);
         h.backward(t, END_REQ);
     }},
    {"time_order", "end_req_before_begin_req_and_the_rest_in_order",
     [](hand_hop &h) {
         hand_transaction t;
         h.forward(t, BEGIN_REQ, 10);
         pass(5);
         h.backward(t, END_REQ);
         t.answer();
         h.backward(t, BEGIN_RESP, 1);
     }},
    {"time_order", "begin_resp_before_a_delayed_end_req",
     [](hand_hop &h) {
         hand_transaction t;
         h.target_does = hand_hop::updates(END_REQ, 10);
         h.forward(t, BEGIN_REQ);
         h.backward(t, BEGIN_RESP, 9);
     }},
    {"time_order", "end_resp_before_a_delayed_begin_resp",
     [](hand_hop &h) {
         hand_transaction t;
         h.request(t);
         t.answer();
         h.backward(t, BEGIN_RESP, 10);
         h.forward(t, END_RESP, 9);
     }},
    {"time_order", "delay_taken_back_in_the_return_path",
     [](hand_hop &h) {
         hand_transaction t;
         h.target_does = [](tlm::tlm_generic_payload &, tlm::tlm_phase &phase,
                            sc_core::sc_time &delay) {
             phase = END_REQ;
             delay = sc_core::SC_ZERO_TIME;
             return tlm::TLM_UPDATED;
         };
         h.forward(t, BEGIN_REQ, 10);
     }},
    {"time_order", "delay_taken_back_by_completed",
     [](hand_hop &h) {
         hand_transaction t;
         h.target_does = [&](tlm::tlm_generic_payload &, tlm::tlm_phase &,
                             sc_core::sc_time &delay) {
             t.answer();
             delay = sc_core::SC_ZERO_TIME;
             return tlm::TLM_COMPLETED;
         };
         h.forward(t, BEGIN_REQ, 10);
     }},
    {"time_order", "delay_taken_back_by_b_transport",
     [](hand_hop &h) {
         hand_transaction t;
         h.target_blocks = [](tlm::tlm_generic_payload &, sc_core::sc_time &delay) {
             delay = sc_core::SC_ZERO_TIME;
         };
         h.block(t, 10);
     }},
};

} // namespace tlm_test
