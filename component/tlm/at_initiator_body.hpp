// SPDX-License-Identifier: Apache-2.0
// The initiator's side of the four-phase base protocol, for whoever is its user: see
// smmu/tlm/at_initiator.hpp.
#ifndef SMMU_TLM_AT_INITIATOR_BODY_HPP
#define SMMU_TLM_AT_INITIATOR_BODY_HPP

#include <utility>

#include "errors.hpp"
#include "restored.hpp"
#include "smmu/tlm/at_initiator.hpp"

namespace smmu {

template <typename USER>
basic_at_initiator<USER>::basic_at_initiator(const char *name, user &owner,
                                             std::function<tlm::tlm_fw_transport_if<> &()> target,
                                             told when)
    : owner_(owner), told_(when), find_target_(std::move(target)), unanswered_(8),
      places_(unanswered_.size() - 1), to_come_(name, *this)
{
}

template <typename USER> tlm::tlm_fw_nonblocking_transport_if<> &basic_at_initiator<USER>::target()
{
    if (!target_)
        find_target();
    return *target_;
}

template <typename USER> void basic_at_initiator<USER>::find_target()
{
    target_ = &find_target_();
}

template <typename USER> void basic_at_initiator<USER>::begin_next()
{
    while (!requesting_ && !responding_ && !waiting_.empty()) {
        tlm::tlm_generic_payload &payload = *waiting_.front();
        waiting_.pop_front();
        begin(payload);
    }
}

template <typename USER> void basic_at_initiator<USER>::send(tlm::tlm_generic_payload &payload)
{
    if (payload.has_mm())
        send_inline(payload);
    else
        refuse();
}

template <typename USER>
void basic_at_initiator<USER>::send_inline(tlm::tlm_generic_payload &payload)
{
    payload.acquire();
    if (busy()) {
        send_later(payload);
        return;
    }
    begin(payload);
    if (!waiting_.empty())
        begin_next();
}

template <typename USER>
void basic_at_initiator<USER>::send_later(tlm::tlm_generic_payload &payload)
{
    waiting_.push_back(&payload);
    begin_next();
}

template <typename USER> void basic_at_initiator<USER>::refuse()
{
    report(host_error::memory_manager);
}

// What is accepted at once needs no event. What its user sends when it is told of that begins
// afterwards, by whoever has called this: a call within the other for each would fill the stack.
template <typename USER> void basic_at_initiator<USER>::begin(tlm::tlm_generic_payload &payload)
{
    requesting_ = &payload;
    note_unanswered(payload);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    switch (target().nb_transport_fw(payload, phase, delay)) {
    case tlm::TLM_ACCEPTED:
        break;
    case tlm::TLM_UPDATED: // or an ignorable phase of somebody's own
        if (phase == tlm::END_REQ && delay.value() == 0) {
            const cleared after(requesting_);
            owner_.request_accepted(payload);
        } else if (phase == tlm::END_REQ || phase == tlm::BEGIN_RESP)
            expect(payload, phase, delay);
        break;
    case tlm::TLM_COMPLETED: // both END_REQ and a response that needs no END_RESP
        if (told_ == told::at_once && delay.value() == 0)
            complete(payload);
        else
            expect(payload, tlm::END_RESP, delay);
        break;
    }
}

// A response is accepted in the call that brings it: the answer is the END_RESP.
template <typename USER>
tlm::tlm_sync_enum basic_at_initiator<USER>::nb_transport_bw(tlm::tlm_generic_payload &payload,
                                                             tlm::tlm_phase &phase,
                                                             sc_core::sc_time &delay)
{
    if (phase == tlm::BEGIN_RESP) {
        if (told_ == told::at_once && delay.value() == 0 && requesting_ != &payload)
            respond(payload);
        else
            expect(payload, tlm::END_RESP, delay);
        return tlm::TLM_COMPLETED;
    }
    if (phase == tlm::END_REQ)
        expect(payload, phase, delay);
    return tlm::TLM_ACCEPTED; // of an ignorable phase too
}

// The request of `payload` waits for its response.
template <typename USER>
void basic_at_initiator<USER>::note_unanswered(const tlm::tlm_generic_payload &payload)
{
    if (next_ - oldest_ > places_)
        make_room();
    place(next_++) = &payload;
}

// All places are taken: twice as many, a power of two again.
template <typename USER> void basic_at_initiator<USER>::make_room()
{
    std::vector<const tlm::tlm_generic_payload *> all;
    while (oldest_ != next_)
        all.push_back(place(oldest_++));
    oldest_ = 0;
    next_ = all.size();
    all.resize(2 * all.size());
    places_ = all.size() - 1;
    unanswered_ = std::move(all);
}

// Whether it does, as it has to; now it does no more.
template <typename USER>
bool basic_at_initiator<USER>::answer(const tlm::tlm_generic_payload &payload)
{
    if (oldest_ == next_ || place(oldest_) != &payload)
        return answer_later(payload);
    oldest_++;
    return true;
}

// The same of one that is not the oldest, which gets its place.
template <typename USER>
bool basic_at_initiator<USER>::answer_later(const tlm::tlm_generic_payload &payload)
{
    std::size_t number = oldest_;
    while (number != next_ && place(number) != &payload)
        number++;
    if (number == next_) {
        report(host_error::response);
        return false;
    }
    place(number) = place(oldest_++);
    return true;
}

// See told::at_once.
template <typename USER> void basic_at_initiator<USER>::respond(tlm::tlm_generic_payload &payload)
{
    if (!answer(payload))
        return;
    {
        const counted during(responding_);
        responded(payload);
    }
    if (!waiting_.empty() && !requesting_)
        to_come_.enter_next(waiting_.front(), tlm::tlm_phase(tlm::BEGIN_REQ));
}

// The same of one whose end is the answer to its request. What its user sends meanwhile begins when
// it has been told of both.
template <typename USER> void basic_at_initiator<USER>::complete(tlm::tlm_generic_payload &payload)
{
    if (!answer(payload))
        return;
    const counted during(responding_);
    accepted(payload);
    responded(payload);
}

// What take() is told when `delay` has passed. All but END_REQ is a response.
template <typename USER>
void basic_at_initiator<USER>::expect(tlm::tlm_generic_payload &payload,
                                      const tlm::tlm_phase &phase, const sc_core::sc_time &delay)
{
    if (phase != tlm::END_REQ && !answer(payload))
        return;
    if (delay.value() == 0)
        to_come_.enter_next(&payload, phase);
    else
        expect_later(payload, phase, delay);
}

template <typename USER>
void basic_at_initiator<USER>::expect_later(tlm::tlm_generic_payload &payload,
                                            const tlm::tlm_phase &phase,
                                            const sc_core::sc_time &delay)
{
    to_come_.enter_later(delay, &payload, phase);
}

// The moment of END_REQ, of BEGIN_RESP in answer to a request, or of the end, named END_RESP;
// BEGIN_REQ: a request may begin.
template <typename USER> void basic_at_initiator<USER>::take(const moment &now)
{
    if (now.phase == tlm::BEGIN_REQ) {
        begin_next();
        return;
    }
    tlm::tlm_generic_payload &payload = *now.payload;
    const bool answered = now.phase == tlm::BEGIN_RESP;
    if (answered) {
        tlm::tlm_phase end = tlm::END_RESP;
        sc_core::sc_time delay;
        target().nb_transport_fw(payload, end, delay);
    }
    if (requesting_ == &payload) {
        accepted(payload);
        if (!waiting_.empty())
            begin_next();
    }
    if (answered || now.phase == tlm::END_RESP)
        responded(payload);
}

template <typename USER> void basic_at_initiator<USER>::accepted(tlm::tlm_generic_payload &payload)
{
    requesting_ = nullptr;
    owner_.request_accepted(payload);
}

template <typename USER> void basic_at_initiator<USER>::responded(tlm::tlm_generic_payload &payload)
{
    owner_.response_arrived(payload);
    payload.release();
}

} // namespace smmu

#endif
