// SPDX-License-Identifier: Apache-2.0
// The transactions on one hop, and how far they are: see protocol_hop.hpp.
#include "protocol_hop.hpp"

#include <algorithm>
#include <sstream>

namespace smmu {

namespace {

struct rule_text {
    const char *id, *clause, *message;
};

// By protocol_rule.
constexpr rule_text texts[] = {
#define SMMU_PROTOCOL_RULE(name, clause, message) {"/smmu/protocol/" #name, clause, message},
#include "smmu/tlm/protocol_rules.def"
#undef SMMU_PROTOCOL_RULE
};

// When what comes with `delay` counts.
sc_core::sc_time effective(const sc_core::sc_time &delay)
{
    return sc_core::sc_time_stamp() + delay;
}

} // namespace

// The phases that follow BEGIN_REQ: which way they go, what they may follow, what they lead to.
struct protocol_hop::transition {
    tlm::tlm_phase_enum phase;
    path way;
    unsigned from; // states
    state to;      // of a transaction that is still there then
    void (protocol_hop::*act)(const payload_type &, const sc_core::sc_time &);
};

const protocol_hop::transition protocol_hop::transitions[] = {
    {tlm::END_REQ, path::backward, requested, accepted, &protocol_hop::end_request},
    {tlm::BEGIN_RESP, path::backward, requested | accepted, responding,
     &protocol_hop::begin_response},
    {tlm::END_RESP, path::forward, responding, responding, &protocol_hop::end_response},
};

// Returns whether nothing was excluded by it.
bool protocol_hop::exclusive::begin(const payload_type &payload, const sc_core::sc_time &time)
{
    const bool alone = !holder && time >= free;
    holder = &payload;
    return alone;
}

void protocol_hop::exclusive::end(const payload_type &payload, const sc_core::sc_time &time)
{
    if (holder != &payload)
        return;
    holder = nullptr;
    free = time;
}

void protocol_hop::called(const payload_type &payload, const call &made)
{
    if (made.way == path::forward && made.phase == tlm::BEGIN_REQ)
        return begin(payload, effective(made.delay));
    check_references(payload);
    check_unchanged(payload);
    advance(payload, made.way, made.phase, effective(made.delay));
}

// What lies upstream may have taken its buffers back once it has had the response, so that only
// what comes back from downstream is compared.
void protocol_hop::returned(const payload_type &payload, const call &made,
                            tlm::tlm_sync_enum status, const tlm::tlm_phase &phase,
                            const sc_core::sc_time &delay)
{
    const bool from_downstream = made.way == path::forward;
    if (from_downstream)
        check_unchanged(payload);
    switch (status) {
    case tlm::TLM_ACCEPTED:
        if (phase != made.phase || delay != made.delay)
            complain(protocol_rule::accepted_changed, payload);
        break;
    case tlm::TLM_UPDATED:
        advance(payload, from_downstream ? path::backward : path::forward, phase, effective(delay));
        break;
    case tlm::TLM_COMPLETED:
        complete(payload, made, effective(delay));
        break;
    }
}

void protocol_hop::begin(const payload_type &payload, const sc_core::sc_time &time)
{
    start(payload, requested, time);
    const bool alone = request_.begin(payload, time);
    if (!payload.has_mm())
        complain(protocol_rule::memory_manager, payload);
    check_references(payload);
    if (!alone)
        complain(protocol_rule::request_exclusion, payload);
}

// A phase other than BEGIN_REQ. One that is none of the four may be ignored, wherever it comes.
void protocol_hop::advance(const payload_type &payload, path way, const tlm::tlm_phase &phase,
                           const sc_core::sc_time &time)
{
    if (phase > tlm::END_RESP)
        return note_time(payload, time);
    const auto step =
        std::find_if(std::begin(transitions), std::end(transitions),
                     [&](const transition &row) { return row.phase == phase && row.way == way; });
    if (step == std::end(transitions))
        return complain(protocol_rule::phase_sequence, payload);
    transaction *const it = find(payload);
    if (!it)
        return complain(protocol_rule::not_under_way, payload);
    if (!(step->from & it->at))
        return complain(protocol_rule::phase_sequence, payload);
    it->at = step->to;
    note_time(payload, time);
    (this->*step->act)(payload, time);
}

// TLM_COMPLETED: in answer to BEGIN_REQ it is all that follows, in answer to BEGIN_RESP it is the
// END_RESP, and to END_RESP it says nothing.
void protocol_hop::complete(const payload_type &payload, const call &made,
                            const sc_core::sc_time &time)
{
    if (made.way == path::forward && made.phase == tlm::END_RESP)
        return;
    const transaction *const it = find(payload);
    if (!it)
        return complain(protocol_rule::not_under_way, payload);
    if (made.way == path::forward && made.phase == tlm::BEGIN_REQ && it->at == requested) {
        note_time(payload, time);
        end_request(payload, time);
        forget(payload);
        check_answered(payload);
    } else if (made.way == path::backward && made.phase == tlm::BEGIN_RESP &&
               it->at == responding) {
        note_time(payload, time);
        end_response(payload, time);
    } else {
        complain(protocol_rule::phase_sequence, payload);
    }
}

void protocol_hop::end_request(const payload_type &payload, const sc_core::sc_time &time)
{
    request_.end(payload, time);
}

// Accepts the request too, if nothing else has.
void protocol_hop::begin_response(const payload_type &payload, const sc_core::sc_time &time)
{
    request_.end(payload, time);
    const bool alone = response_.begin(payload, time);
    check_answered(payload);
    if (!alone)
        complain(protocol_rule::response_exclusion, payload);
}

void protocol_hop::end_response(const payload_type &payload, const sc_core::sc_time &time)
{
    response_.end(payload, time);
    forget(payload);
}

void protocol_hop::b_called(const payload_type &payload, const sc_core::sc_time &delay)
{
    start(payload, blocking, effective(delay));
    check_references(payload);
}

void protocol_hop::b_returned(const payload_type &payload, const sc_core::sc_time &delay)
{
    check_unchanged(payload);
    note_time(payload, effective(delay));
    check_answered(payload);
}

protocol_hop::transaction *protocol_hop::find(const payload_type &payload)
{
    const auto it = under_way_.find(&payload);
    return it == under_way_.end() ? nullptr : &it->second;
}

// A transaction begins. If its object has another under way, that one is lost.
void protocol_hop::start(const payload_type &payload, state at, const sc_core::sc_time &time)
{
    request_.end(payload, time);
    response_.end(payload, time);
    const bool lost =
        !under_way_
             .insert_or_assign(&payload, transaction{at, payload_snapshot(payload), time, true})
             .second;
    if (lost)
        complain(protocol_rule::reused, payload);
    for (const protocol_rule broken : broken_when_sent(payload))
        complain(broken, payload);
}

// Whoever passes a transaction on keeps a reference for as long as it is under way.
void protocol_hop::check_references(const payload_type &payload)
{
    transaction *const it = find(payload);
    if (!it || !it->referenced || !payload.has_mm() || payload.get_ref_count() > 0)
        return;
    it->referenced = false;
    complain(protocol_rule::reference_count, payload);
}

void protocol_hop::check_unchanged(const payload_type &payload)
{
    transaction *const it = find(payload);
    if (!it)
        return;
    const std::vector<protocol_rule> rules = it->sent.broken_by(payload);
    if (!rules.empty())
        it->sent = payload_snapshot(payload);
    for (const protocol_rule broken : rules)
        complain(broken, payload);
}

void protocol_hop::check_answered(const payload_type &payload)
{
    if (payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE)
        complain(protocol_rule::not_answered, payload);
}

void protocol_hop::note_time(const payload_type &payload, const sc_core::sc_time &time)
{
    transaction *const it = find(payload);
    if (!it)
        return;
    const bool back = time < it->latest;
    it->latest = time;
    if (back)
        complain(protocol_rule::time_order, payload);
}

void protocol_hop::complain(protocol_rule broken, const payload_type &payload)
{
    complaints_++;
    const rule_text &row = texts[static_cast<std::size_t>(broken)];
    std::ostringstream text;
    text << owner_.name() << ": " << row.message << " (address 0x" << std::hex
         << payload.get_address() << ", IEEE 1666-2011 " << row.clause << ")";
    SC_REPORT_ERROR(row.id, text.str().c_str());
}

} // namespace smmu
