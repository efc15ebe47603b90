// SPDX-License-Identifier: Apache-2.0
// Transactions that break the rules of the base protocol (IEEE 1666-2011 14).
#include "protocol_breach.hpp"

namespace tlm_test {

using tlm::BEGIN_REQ;
using tlm::BEGIN_RESP;
using tlm::END_RESP;

namespace {

// Sends a transaction that `spoil` has spoilt, and ends it.
void send_spoilt(hand_hop &h, const std::function<void(hand_transaction &)> &spoil)
{
    hand_transaction t;
    spoil(t);
    h.target_does = hand_hop::completes();
    h.forward(t, BEGIN_REQ);
}

// The target spoils a transaction in the call that brings it.
void spoil_downstream(hand_hop &h, const std::function<void(hand_transaction &)> &spoil)
{
    hand_transaction t;
    h.target_does = [&](tlm::tlm_generic_payload &, tlm::tlm_phase &, sc_core::sc_time &) {
        spoil(t);
        return tlm::TLM_ACCEPTED;
    };
    h.respond(t);
    h.target_does = nullptr;
    h.forward(t, END_RESP);
}

// The initiator spoils it while the target works on it.
void spoil_upstream(hand_hop &h, const std::function<void(hand_transaction &)> &spoil)
{
    hand_transaction t;
    h.respond(t);
    spoil(t);
    h.forward(t, END_RESP);
}

} // namespace

const std::vector<protocol_breach> object_breaches = {
    {"reused", "before_its_request_is_accepted",
     [](hand_hop &h) {
         hand_transaction t;
         h.forward(t, BEGIN_REQ);
         h.forward(t, BEGIN_REQ);
     }},
    {"reused", "before_its_response",
     [](hand_hop &h) {
         hand_transaction t;
         h.request(t);
         h.forward(t, BEGIN_REQ);
     }},
    {"reused", "before_its_response_is_taken",
     [](hand_hop &h) {
         hand_transaction t;
         h.respond(t);
         t.payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
         h.respond(t);
         h.forward(t, END_RESP);
     }},
    {"reused", "by_b_transport",
     [](hand_hop &h) {
         hand_transaction t;
         h.request(t);
         h.block(t);
     }},
    {"reused", "during_b_transport",
     [](hand_hop &h) {
         hand_transaction t;
         h.target_blocks = [&](tlm::tlm_generic_payload &, sc_core::sc_time &) {
             t.payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
             h.request(t);
             t.answer();
         };
         h.block(t);
     }},
    {"memory_manager", "none",
     [](hand_hop &h) {
         hand_transaction t(false);
         h.respond(t);
         h.forward(t, END_RESP);
     }},
    {"reference_count", "sent_without_reference",
     [](hand_hop &h) {
         hand_transaction t;
         t.payload.release();
         h.respond(t);
         h.forward(t, END_RESP);
     }},
    {"reference_count", "given_up_before_the_response",
     [](hand_hop &h) {
         hand_transaction t;
         h.request(t);
         t.payload.release();
         t.answer();
         h.backward(t, BEGIN_RESP);
         h.forward(t, END_RESP);
     }},
    {"reference_count", "blocking",
     [](hand_hop &h) {
         hand_transaction t;
         t.payload.release();
         h.block(t);
     }},
    {"data_pointer_null", "to_write",
     [](hand_hop &h) { send_spoilt(h, [](auto &t) { t.payload.set_data_ptr(nullptr); }); }},
    {"data_length_zero", "to_write",
     [](hand_hop &h) { send_spoilt(h, [](auto &t) { t.payload.set_data_length(0); }); }},
    {"byte_enable_length_zero", "with_byte_enables",
     [](hand_hop &h) { send_spoilt(h, [](auto &t) { t.payload.set_byte_enable_length(0); }); }},
    {"streaming_width_zero", "to_write",
     [](hand_hop &h) { send_spoilt(h, [](auto &t) { t.payload.set_streaming_width(0); }); }},
    {"dmi_allowed_sent", "to_write",
     [](hand_hop &h) { send_spoilt(h, [](auto &t) { t.payload.set_dmi_allowed(true); }); }},
    {"answered_when_sent", "to_write",
     [](hand_hop &h) { send_spoilt(h, [](auto &t) { t.answer(); }); }},
    {"answered_when_sent", "blocking",
     [](hand_hop &h) {
         hand_transaction t;
         t.answer();
         h.block(t);
     }},
};

const std::vector<protocol_breach> attribute_breaches = {
    {"command_changed", "downstream",
     [](hand_hop &h) { spoil_downstream(h, [](auto &t) { t.payload.set_read(); }); }},
    {"data_pointer_changed", "downstream",
     [](hand_hop &h) { spoil_downstream(h, [](auto &t) { t.payload.set_data_ptr(t.others); }); }},
    {"data_length_changed", "downstream",
     [](hand_hop &h) { spoil_downstream(h, [](auto &t) { t.payload.set_data_length(4); }); }},
    {"streaming_width_changed", "downstream",
     [](hand_hop &h) { spoil_downstream(h, [](auto &t) { t.payload.set_streaming_width(4); }); }},
    {"byte_enable_pointer_changed", "downstream",
     [](hand_hop &h) {
         spoil_downstream(h, [](auto &t) { t.payload.set_byte_enable_ptr(nullptr); });
     }},
    {"byte_enable_length_changed", "downstream",
     [](hand_hop &h) {
         spoil_downstream(h, [](auto &t) { t.payload.set_byte_enable_length(4); });
     }},
    {"byte_enables_changed", "downstream",
     [](hand_hop &h) { spoil_downstream(h, [](auto &t) { t.enables[7] = TLM_BYTE_DISABLED; }); }},
    {"write_data_changed", "downstream",
     [](hand_hop &h) { spoil_downstream(h, [](auto &t) { t.data[7]++; }); }},
    {"command_changed", "upstream",
     [](hand_hop &h) { spoil_upstream(h, [](auto &t) { t.payload.set_read(); }); }},
    {"write_data_changed", "upstream",
     [](hand_hop &h) { spoil_upstream(h, [](auto &t) { t.data[0]++; }); }},
    {"data_length_changed", "completed",
     [](hand_hop &h) {
         hand_transaction t;
         h.target_does = [](tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                            sc_core::sc_time &delay) {
             payload.set_data_length(16);
             return hand_hop::completes()(payload, phase, delay);
         };
         h.forward(t, BEGIN_REQ);
     }},
    {"data_length_changed", "blocking",
     [](hand_hop &h) {
         hand_transaction t;
         h.target_blocks = [](tlm::tlm_generic_payload &p, sc_core::sc_time &) {
             p.set_data_length(16);
         };
         h.block(t);
     }},
    {"not_answered", "begin_resp",
     [](hand_hop &h) {
         hand_transaction t;
         h.request(t);
         h.backward(t, BEGIN_RESP);
     }},
    {"not_answered", "completed",
     [](hand_hop &h) {
         hand_transaction t;
         h.target_does = [](tlm::tlm_generic_payload &, tlm::tlm_phase &, sc_core::sc_time &) {
             return tlm::TLM_COMPLETED;
         };
         h.forward(t, BEGIN_REQ);
     }},
    {"not_answered", "blocking",
     [](hand_hop &h) {
         hand_transaction t;
         h.target_blocks = [](tlm::tlm_generic_payload &p, sc_core::sc_time &) {
             p.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
         };
         h.block(t);
     }},
};

} // namespace tlm_test
