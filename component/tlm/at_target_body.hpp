// SPDX-License-Identifier: Apache-2.0
// The target's side of the four-phase base protocol, for whoever is its user: see
// smmu/tlm/at_target.hpp.
#ifndef SMMU_TLM_AT_TARGET_BODY_HPP
#define SMMU_TLM_AT_TARGET_BODY_HPP

#include <utility>

#include "errors.hpp"
#include "restored.hpp"
#include "smmu/tlm/at_target.hpp"

namespace smmu {

template <typename USER>
basic_at_target<USER>::basic_at_target(const char *name, user &owner,
                                       std::function<tlm::tlm_bw_transport_if<> &()> initiator)
    : owner_(owner), find_initiator_(std::move(initiator)), to_come_(name, *this)
{
}

template <typename USER> tlm::tlm_bw_nonblocking_transport_if<> &basic_at_target<USER>::initiator()
{
    if (!initiator_)
        find_initiator();
    return *initiator_;
}

template <typename USER> void basic_at_target<USER>::find_initiator()
{
    initiator_ = &find_initiator_();
}

template <typename USER>
tlm::tlm_sync_enum basic_at_target<USER>::nb_transport_fw(tlm::tlm_generic_payload &payload,
                                                          tlm::tlm_phase &phase,
                                                          sc_core::sc_time &delay)
{
    if (phase == tlm::BEGIN_REQ)
        return begin(payload, phase, delay);
    if (phase != tlm::END_RESP)
        return tlm::TLM_ACCEPTED; // an ignorable phase of somebody's own
    end(payload, delay);
    return tlm::TLM_COMPLETED;
}

// What comes without a delay needs no event: END_REQ, or the end, is the answer of the call if it
// is accepted, or responded to, there. Nothing goes back to the initiator by a call of its own
// meanwhile.
template <typename USER>
tlm::tlm_sync_enum basic_at_target<USER>::begin(tlm::tlm_generic_payload &payload,
                                                tlm::tlm_phase &phase,
                                                const sc_core::sc_time &delay)
{
    if (requesting_)
        return refuse(payload);
    if (payload.has_mm())
        payload.acquire();
    requesting_ = &payload;
    if (delay.value() != 0)
        return expect(payload, delay);
    const restored during(calling_, &payload);
    owner_.request_arrived(payload);
    const bool completed = responding_ == &payload && !ending_; // else that is its last response
    if (completed) {
        taken();
        return tlm::TLM_COMPLETED;
    }
    if (requesting_ == &payload)
        return tlm::TLM_ACCEPTED;
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

template <typename USER>
tlm::tlm_sync_enum basic_at_target<USER>::refuse(tlm::tlm_generic_payload &payload)
{
    report(host_error::request_exclusion);
    payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    return tlm::TLM_COMPLETED;
}

template <typename USER>
tlm::tlm_sync_enum basic_at_target<USER>::expect(tlm::tlm_generic_payload &payload,
                                                 const sc_core::sc_time &delay)
{
    to_come_.enter(delay, &payload, tlm::BEGIN_REQ);
    return tlm::TLM_ACCEPTED;
}

template <typename USER>
void basic_at_target<USER>::end(tlm::tlm_generic_payload &payload, const sc_core::sc_time &delay)
{
    if (responding_ != &payload || ending_) {
        report(host_error::end_resp);
        return;
    }
    ending_ = true;
    to_come_.enter(delay, &payload, tlm::END_RESP);
}

// Outside of the call that brought it.
template <typename USER> void basic_at_target<USER>::end_request(tlm::tlm_generic_payload &payload)
{
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay;
    initiator().nb_transport_bw(payload, phase, delay);
}

// What its user gives when it is told of something begins here as well, in its turn.
template <typename USER> void basic_at_target<USER>::begin_next()
{
    while (!responding_ && !waiting_.empty()) {
        tlm::tlm_generic_payload &payload = *waiting_.front();
        waiting_.pop_front();
        responding_ = &payload;
        owner_.response_begins(payload);
        begin_response(payload);
    }
}

template <typename USER> void basic_at_target<USER>::respond(tlm::tlm_generic_payload &payload)
{
    respond_inline(payload);
}

template <typename USER>
void basic_at_target<USER>::respond_inline(tlm::tlm_generic_payload &payload)
{
    if (calling_) {
        respond_in_call(payload);
        return;
    }
    if (responding_ || !waiting_.empty()) {
        respond_later(payload);
        return;
    }
    begin_response(payload);
    if (!waiting_.empty())
        begin_next();
}

template <typename USER>
bool basic_at_target<USER>::begins_at_once(const tlm::tlm_generic_payload &payload) const
{
    return !responding_ && waiting_.empty() && (!calling_ || calling_ == &payload);
}

template <typename USER>
void basic_at_target<USER>::respond_later(tlm::tlm_generic_payload &payload)
{
    waiting_.push_back(&payload);
    begin_next();
}

// That of the call is its answer, unless there are others that have not been taken.
template <typename USER>
void basic_at_target<USER>::respond_in_call(tlm::tlm_generic_payload &payload)
{
    if (begins_at_once(payload)) {
        requesting_ = nullptr;
        responding_ = &payload;
        return;
    }
    waiting_.push_back(&payload);
    to_come_.enter_next(&payload, tlm::BEGIN_RESP);
}

// A response that is taken at once needs no event either.
template <typename USER>
void basic_at_target<USER>::begin_response(tlm::tlm_generic_payload &payload)
{
    responding_ = &payload;
    if (requesting_ == &payload)
        requesting_ = nullptr;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay;
    const tlm::tlm_sync_enum answer = initiator().nb_transport_bw(payload, phase, delay);
    if (answer != tlm::TLM_COMPLETED && (answer != tlm::TLM_UPDATED || phase != tlm::END_RESP))
        return;
    if (delay.value() == 0)
        taken();
    else
        end(payload, delay);
}

// Another response begins when its user has been told, by whoever has called this.
template <typename USER> void basic_at_target<USER>::taken()
{
    tlm::tlm_generic_payload &payload = *responding_;
    ending_ = false;
    {
        const cleared after(responding_);
        owner_.response_taken(payload);
    }
    if (payload.has_mm())
        payload.release();
}

// The moment of BEGIN_REQ or of END_RESP; BEGIN_RESP: a response may begin.
template <typename USER> void basic_at_target<USER>::take(const moment &now)
{
    if (now.phase == tlm::BEGIN_REQ) {
        owner_.request_arrived(*now.payload);
        return;
    }
    if (now.phase == tlm::END_RESP)
        taken();
    begin_next();
}

} // namespace smmu

#endif
