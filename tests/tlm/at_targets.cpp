// SPDX-License-Identifier: Apache-2.0
// Memories that answer by the four-phase base protocol: see at_targets.hpp.
#include "at_targets.hpp"

#include <algorithm>

namespace tlm_test {

using accepts = at_target_kind::accept;
using answers = at_target_kind::answer;
using tlm::tlm_generic_payload;

const std::vector<at_target_kind> at_target_kinds = {
    {"completes", accepts::implied, answers::completed, 0, 0, 0, 0},
    {"completes_later", accepts::implied, answers::completed, 0, 20, 0, 0},
    {"returns_response", accepts::implied, answers::returned, 0, 0, 0, 0},
    {"returns_response_later", accepts::implied, answers::returned, 0, 20, 0, 0},
    {"calls_response", accepts::implied, answers::called, 0, 20, 0, 0},
    {"calls", accepts::called, answers::called, 5, 20, 0, 0},
    {"calls_at_once", accepts::called, answers::called, 0, 0, 0, 0},
    {"calls_ahead", accepts::called_ahead, answers::called_ahead, 5, 20, 0, 0},
    {"returns_accept", accepts::returned, answers::called, 5, 20, 0, 0},
    {"returns_accept_at_once", accepts::returned, answers::called, 0, 0, 0, 0},
    {"bounded", accepts::called, answers::called, 5, 40, 0, 2},
    {"out_of_order", accepts::called, answers::called, 5, 20, 30, 0},
};

at_memory::at_memory(const sc_core::sc_module_name &name, const at_target_kind &kind,
                     storage &bytes)
    : sc_module(name), kind_(kind), bytes_(bytes), accept_(kind.accept_ns, sc_core::SC_NS),
      to_come_("to_come", this, &at_memory::arrive)
{
    socket.register_nb_transport_fw(this, &at_memory::nb_transport_fw);
}

at_memory::~at_memory() = default;

tlm::tlm_sync_enum at_memory::nb_transport_fw(tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                              sc_core::sc_time &delay)
{
    if (phase == tlm::BEGIN_REQ && kind_.begin_resp == answers::completed) {
        bytes_.perform(payload);
        delay += latency();
        return tlm::TLM_COMPLETED;
    }
    if (phase != tlm::BEGIN_REQ) {
        to_come_.notify(payload, phase, delay);
        return tlm::TLM_ACCEPTED;
    }
    payload.acquire();
    if (kind_.begin_resp == answers::returned && !responding_ && answers_.empty()) {
        bytes_.perform(payload);
        responding_ = &payload;
        delay += latency();
        phase = tlm::BEGIN_RESP;
        return tlm::TLM_UPDATED;
    }
    to_come_.notify(payload, phase, delay);
    if (kind_.end_req != accepts::returned)
        return tlm::TLM_ACCEPTED;
    delay += accept_;
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

// BEGIN_REQ and END_RESP of the initiator; END_REQ and BEGIN_RESP are when they are due here.
void at_memory::arrive(tlm_generic_payload &payload, const tlm::tlm_phase &phase)
{
    switch (static_cast<unsigned>(phase)) {
    case tlm::BEGIN_REQ:
        bytes_.perform(payload);
        request(payload);
        break;
    case tlm::END_REQ:
        if (kind_.room != 0 && accepted_ == kind_.room)
            held_ = &payload;
        else
            accept(payload);
        break;
    case tlm::BEGIN_RESP:
        answers_.push_back({&payload, sc_core::sc_time_stamp()});
        respond_next();
        break;
    case tlm::END_RESP:
        end(payload);
        break;
    default:
        break;
    }
}

void at_memory::request(tlm_generic_payload &payload)
{
    const sc_core::sc_time &now = sc_core::sc_time_stamp();
    switch (kind_.end_req) {
    case accepts::implied:
        schedule(payload, now);
        break;
    case accepts::returned:
        schedule(payload, now + accept_);
        break;
    case accepts::called:
        to_come_.notify(payload, tlm::END_REQ, accept_);
        break;
    case accepts::called_ahead:
        call(payload, tlm::END_REQ, accept_);
        schedule(payload, now + accept_);
        break;
    }
}

void at_memory::accept(tlm_generic_payload &payload)
{
    accepted_++;
    call(payload, tlm::END_REQ, sc_core::SC_ZERO_TIME);
    schedule(payload, sc_core::sc_time_stamp());
}

// The request has been, or will be, accepted at `accepted`: its response is due after the latency.
void at_memory::schedule(tlm_generic_payload &payload, const sc_core::sc_time &accepted)
{
    const sc_core::sc_time due = accepted + latency();
    if (kind_.begin_resp != answers::called_ahead) {
        to_come_.notify(payload, tlm::BEGIN_RESP, due - sc_core::sc_time_stamp());
        return;
    }
    answers_.push_back({&payload, due});
    respond_next();
}

void at_memory::respond_next()
{
    if (responding_ || answers_.empty())
        return;
    const answer next = answers_.front();
    answers_.pop_front();
    responding_ = next.payload;
    const sc_core::sc_time &now = sc_core::sc_time_stamp();
    call(*next.payload, tlm::BEGIN_RESP, std::max(next.due, now) - now);
}

// What the initiator returns can only be END_RESP.
void at_memory::call(tlm_generic_payload &payload, tlm::tlm_phase phase, sc_core::sc_time delay)
{
    if (socket->nb_transport_bw(payload, phase, delay) != tlm::TLM_ACCEPTED)
        to_come_.notify(payload, tlm::END_RESP, delay);
}

void at_memory::end(tlm_generic_payload &payload)
{
    responding_ = nullptr;
    if (kind_.end_req == accepts::called)
        accepted_--;
    payload.release();
    if (held_) {
        tlm_generic_payload &next = *held_;
        held_ = nullptr;
        accept(next);
    }
    respond_next();
}

sc_core::sc_time at_memory::latency()
{
    const unsigned swap_ns = arrived_++ % 2 == 0 ? kind_.swap_ns : 0;
    return {static_cast<double>(kind_.latency_ns + swap_ns), sc_core::SC_NS};
}

} // namespace tlm_test
