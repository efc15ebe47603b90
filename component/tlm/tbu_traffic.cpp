// SPDX-License-Identifier: Apache-2.0
// Transactions on their way through a TBU: see tbu_traffic.hpp.
#include "tbu_traffic.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "client_rules.hpp"
#include "spend.hpp"
#include "tbu_flight.hpp"

namespace smmu {

namespace {

// `times` with the limits that count.
timing in_force(timing times)
{
#define SMMU_LATENCY(name, help)
#define SMMU_LIMIT(name, help) times.name = times.limit(&timing::name);
#include "smmu/tlm/timing.def"
#undef SMMU_LATENCY
#undef SMMU_LIMIT
    return times;
}

} // namespace

tbu_traffic::tbu_traffic(
    translator &by, tcu_base &owner, unsigned initiators,
    const std::function<tlm::tlm_bw_transport_if<> &(unsigned initiator)> &upstream,
    std::function<tlm::tlm_fw_transport_if<> &()> downstream)
    : by_(by), tcu_(owner), times_(in_force(owner.times())),
      clocked_(times_.tbu_cycle != sc_core::SC_ZERO_TIME),
      entry_limited_(times_.tbu_slots || times_.tbu_write_beats || times_.tbu_initiator_reads ||
                     times_.tbu_initiator_writes),
      exit_limited_(times_.tbu_reads || times_.tbu_writes),
      has_micro_tlb_(owner.config().utlb.sets != 0), steps_("steps", *this),
      memory_("responses", *this, std::move(downstream), at_initiator::told::at_once)
{
    for (unsigned i = 0; i < initiators; i++)
        sources_.push_back(std::make_unique<source>(
            *this, i, [upstream, i]() -> tlm::tlm_bw_transport_if<> & { return upstream(i); }));
}

tbu_traffic::~tbu_traffic() = default;

at_target &tbu_traffic::device(unsigned initiator)
{
    return sources_[initiator]->side;
}

// See pipeline::enter().
sc_core::sc_time tbu_traffic::turn(pipeline &path, unsigned beats, const sc_core::sc_time &ahead)
{
    return path.enter(beats * times_.tbu_cycle, ahead);
}

template <void (tbu_traffic::*WHAT)(tbu_traffic::flight &), typename... PARTS>
void tbu_traffic::after(const sc_core::sc_time &delay, flight &f, const PARTS &...parts)
{
    if (delay.value() == 0) {
        (this->*WHAT)(f);
    } else {
        tbu_meter::ahead(f.measured, parts...);
        enter_step(delay, f, does<WHAT>);
    }
}

void tbu_traffic::enter_step(const sc_core::sc_time &delay, flight &f,
                             void (*what)(tbu_traffic &, flight &))
{
    steps_.enter(delay, &f, what);
}

template <void (tbu_traffic::*WHAT)(tbu_traffic::flight &)>
void tbu_traffic::does(tbu_traffic &traffic, flight &f)
{
    (traffic.*WHAT)(f);
}

void tbu_traffic::measure(measurement &by, unsigned number)
{
    meter_.measure(by, number);
    meter_.level(tbu_level::waiting, arrived_.size());
    meter_.level(tbu_level::slots, slots_taken_);
    meter_.level(tbu_level::write_beats, write_beats_);
    meter_.level(tbu_level::reads, outstanding_[false]);
    meter_.level(tbu_level::writes, outstanding_[true]);
}

// --- arriving ------------------------------------------------------------------------------------

void tbu_traffic::source::request_arrived(tlm::tlm_generic_payload &payload)
{
    traffic.arrive(traffic.new_flight(), *this, payload, attributes_in(payload));
}

void tbu_traffic::arrive_copied(flight &f, source &from)
{
    f.values = attributes_in(f);
    arrive(f, from, f, f.values);
}

// Who comes when nobody waits need not wait itself, if there is room.
void tbu_traffic::arrive(flight &f, source &from, tlm::tlm_generic_payload &payload,
                         const attributes &values)
{
    f.client.emplace(payload, values);
    f.sender = &from;
    f.write = payload.is_write();
    f.measured = meter_.arrives(f.record, *f.client, f.write);
    f.status = check_client(*f.client);
    if (f.status != tlm::TLM_OK_RESPONSE) {
        tbu_meter::kept(f.measured, f.client->length());
        end(f);
        return;
    }
    if (arrived_.empty() && (!entry_limited_ || (!source_full(f) && may_enter(f)))) {
        enter(f);
        return;
    }
    arrived_.push_back(&f);
    meter_.level(tbu_level::waiting, arrived_.size());
    let_enter();
}

// A write that is larger than the room for data enters when there is no other.
bool tbu_traffic::may_enter(const flight &f) const
{
    const unsigned room = times_.tbu_write_beats;
    if (times_.tbu_slots && slots_taken_ >= times_.tbu_slots)
        return false;
    return !room || !f.write || write_beats_ == 0 ||
           write_beats_ + beats_of(times_, true, f.client->length()) <= room;
}

bool tbu_traffic::source_full(const flight &f) const
{
    const unsigned limit = f.write ? times_.tbu_initiator_writes : times_.tbu_initiator_reads;
    return limit && f.sender->inside[f.write] >= limit;
}

// In the order of arrival, but for initiators that have all that they may: others get by. Whoever
// enters may let others arrive, and enter, before it returns.
void tbu_traffic::let_first_enter()
{
    for (;;) {
        const auto first = std::find_if(arrived_.begin(), arrived_.end(),
                                        [this](const flight *f) { return !source_full(*f); });
        if (first == arrived_.end() || !may_enter(**first))
            return;
        flight &f = **first;
        arrived_.erase(first);
        meter_.level(tbu_level::waiting, arrived_.size());
        meter_.passed(f.measured, latency_part::enter_wait);
        enter(f);
    }
}

void tbu_traffic::enter(flight &f)
{
    f.has_slot = true;
    f.counted = true;
    f.sender->inside[f.write]++;
    slots_taken_++;
    gate_.arrive(f, f.sender->number, f.client->from.id, f.write);
    meter_.slot_taken();
    if (f.write) {
        f.data = beats_of(times_, true, f.client->length());
        write_beats_ += f.data;
        meter_.level(tbu_level::write_beats, write_beats_);
    }
    if (clocked_)
        pass_entry(f);
    else
        entered(f);
}

// In its turn its beats take their time.
void tbu_traffic::pass_entry(flight &f)
{
    const unsigned beats = f.write ? f.data : 1;
    const sc_core::sc_time passing = beats * times_.tbu_cycle;
    const sc_core::sc_time wait = turn(entry_, beats);
    after<&tbu_traffic::entered>(wait + passing, f, latency_part::entry_wait, wait,
                                 latency_part::entry, passing);
}

void tbu_traffic::entered(flight &f)
{
    if (!f.blocking)
        f.sender->side.accept(f.client->payload);
    look_up_after(f);
}

// Each transaction waits for that.
void tbu_traffic::look_up_after(flight &f)
{
    if (times_.lookup.value() == 0) {
        look_up(f);
        return;
    }
    tbu_meter::ahead(f.measured, latency_part::utlb, times_.lookup);
    steps_.enter(times_.lookup, &f, does<&tbu_traffic::look_up>);
}

// Its slot and the room of its data are for others, if it still has them.
void tbu_traffic::leave_room(flight &f)
{
    if (const unsigned beats = std::exchange(f.data, 0)) {
        write_beats_ -= beats;
        meter_.level(tbu_level::write_beats, write_beats_);
    }
    if (std::exchange(f.has_slot, false)) {
        slots_taken_--;
        meter_.slot_given();
    }
}

// --- translating ---------------------------------------------------------------------------------

void tbu_traffic::look_up(flight &f)
{
    if (!f.in_transit)
        f.in_transit.emplace(tcu_, &f, f.measured);
    const bool found = by_.answer(*f.client, f.address(), f.result);
    if (has_micro_tlb_)
        tbu_meter::looked_up(f.measured, *f.client, found);
    if (found) {
        answered(f, answer_is::now);
        return;
    }
    f.generation = tcu_.generation();
    if (times_.tbu_merging) {
        const auto same = [&f](const flight *other) { return other->same_page(f); };
        const auto earlier = std::find_if(missing_.begin(), missing_.end(), same);
        if (earlier != missing_.end()) {
            (*earlier)->followers.push_back(&f);
            f.followed = *earlier;
            return;
        }
        missing_.push_back(&f);
    }
    f.asking = true;
    workers_.run(f);
}

// In a process of a worker.
void tbu_traffic::ask(flight &f)
{
    sc_core::sc_time delay;
    by_.request(*f.client, f.address(), *f.in_transit, delay, f.result);
    pass(delay);
    f.asking = false;
    meter_.passed(f.measured, latency_part::other);
    const std::vector<flight *> followers = leave_missing(f);
    answered(f, answer_is::late);
    for (flight *each : followers)
        follow(*each);
}

// Whoever has waited for another's miss tries for itself.
void tbu_traffic::follow(flight &f)
{
    meter_.passed(f.measured, latency_part::miss_wait);
    look_up(f);
}

// Returns those who have waited for it.
std::vector<tbu_traffic::flight *> tbu_traffic::leave_missing(flight &f)
{
    missing_.remove(&f);
    for (flight *each : f.followers)
        each->followed = nullptr;
    return std::exchange(f.followers, {});
}

// What stalls may do so for long: others try for themselves.
void tbu_traffic::let_followers_go(flight &f)
{
    for (flight *each : leave_missing(f))
        follow(*each);
}

void tbu_traffic::answered(flight &f, answer_is when)
{
    const client_payload &client = *f.client;
    f.length = covered(client, f.result, f.done);
    if (f.result.outcome == SMMU_FORWARD) {
        f.out = &pieces_.get();
        f.out->set(client, f.result, f.done, f.length);
        f.out->owner = &f;
        pass_gate(f, when);
        return;
    }
    f.in_transit.reset();
    tbu_meter::kept(f.measured, f.length);
    if (f.result.outcome == SMMU_RAZWI)
        client.raz_wi(f.done, f.length);
    else
        f.status = tlm::TLM_GENERIC_ERROR_RESPONSE;
    go_on_unsent(f);
}

// --- leaving -------------------------------------------------------------------------------------

// Whoever has to wait at the gate does not hold up a CMD_SYNC, as what it waits for may have
// stalled, and the command that resumes it may be behind the CMD_SYNC.
void tbu_traffic::pass_gate(flight &f, answer_is when)
{
    if (!gate_.open(f)) {
        if (when == answer_is::now)
            f.generation = tcu_.generation();
        f.ready = true;
        f.in_transit.reset();
        return;
    }
    flight *const next = static_cast<flight *>(f.last() ? gate_.leave(f) : nullptr);
    leave(f);
    if (next && next->ready)
        pass_gate_after(*next);
}

// Whoever was before it has left. What has been answered in another generation of the SMMU is
// looked up again in its turn.
void tbu_traffic::pass_gate_after(flight &f)
{
    for (flight *each = &f; each && each->ready;) {
        meter_.passed(each->measured, latency_part::order_wait);
        if (!gate_.open(*each))
            return;
        each->ready = false;
        if (each->generation != tcu_.generation()) {
            std::exchange(each->out, nullptr)->release();
            look_up(*each);
            return;
        }
        each->in_transit.emplace(tcu_, each, each->measured);
        order_gate::member *const next = each->last() ? gate_.leave(*each) : nullptr;
        leave(*each);
        each = static_cast<flight *>(next);
    }
}

// A flight that has nothing more to send.
void tbu_traffic::leave_gate(flight &f)
{
    flight *const next = static_cast<flight *>(gate_.leave(f));
    if (next && next->ready)
        pass_gate_after(*next);
}

bool tbu_traffic::full(bool write) const
{
    const unsigned limit = write ? times_.tbu_writes : times_.tbu_reads;
    return limit && outstanding_[write] >= limit;
}

void tbu_traffic::leave(flight &f)
{
    if (exit_limited_ && full(f.write))
        held_[f.write].push_back(&f);
    else
        depart(f);
}

void tbu_traffic::depart(flight &f)
{
    outstanding_[f.write]++;
    const sc_core::sc_time &issue = times_.tbu_issue;
    const sc_core::sc_time leaving =
        clocked_ ? turn(exit_, beats_of(times_, f.write, f.length), issue) : issue;
    meter_.departed(f.write);
    after<&tbu_traffic::send>(leaving, f, latency_part::issue, issue, latency_part::exit_wait,
                              leaving - issue);
}

void tbu_traffic::send(flight &f)
{
    memory_.send(*f.out);
}

void tbu_traffic::request_accepted(tlm::tlm_generic_payload &payload)
{
    flight &f = *static_cast<flight *>(static_cast<piece &>(payload).owner);
    meter_.passed(f.measured, latency_part::downstream);
    if (!f.last())
        return;
    leave_room(f);
    let_enter();
}

void tbu_traffic::response_arrived(tlm::tlm_generic_payload &payload)
{
    flight &f = *static_cast<flight *>(static_cast<piece &>(payload).owner);
    const bool write = f.write;
    f.status = payload.get_response_status();
    f.out = nullptr;
    payload.release();
    f.in_transit.reset();
    outstanding_[write]--;
    meter_.responded(f.measured, write);
    if (exit_limited_ && !held_[write].empty())
        let_depart(write);
    go_on(f);
}

// The first of those held.
void tbu_traffic::let_depart(bool write)
{
    flight &next = *held_[write].front();
    held_[write].pop_front();
    meter_.passed(next.measured, latency_part::limit_wait);
    depart(next);
}

// --- ending --------------------------------------------------------------------------------------

void tbu_traffic::go_on(flight &f)
{
    f.done += f.length;
    f.length = 0;
    if (f.done == f.client->length()) {
        finish(f);
    } else if (f.status == tlm::TLM_OK_RESPONSE) {
        after<&tbu_traffic::look_up>(times_.lookup, f, latency_part::utlb, times_.lookup);
    } else {
        tbu_meter::kept(f.measured, f.client->length() - f.done);
        end(f);
    }
}

// What has been terminated goes on.
void tbu_traffic::go_on_unsent(flight &f)
{
    go_on(f);
}

void tbu_traffic::finish(flight &f)
{
    tlm::tlm_generic_payload &client = f.client->payload;
    client.set_dmi_allowed(false);
    client.set_response_status(f.status);
    leave_gate(f);
    leave_room(f);
    if (clocked_)
        pass_answers(f);
    else
        respond(f);
    let_enter();
}

// Its beats have their turn.
void tbu_traffic::pass_answers(flight &f)
{
    const bool data = f.client->payload.is_read() && f.status == tlm::TLM_OK_RESPONSE;
    const sc_core::sc_time wait = turn(answers_, beats_of(times_, data, f.client->length()));
    after<&tbu_traffic::respond>(wait, f, latency_part::answer_wait, wait);
}

// What has not been answered by a response from downstream.
void tbu_traffic::end(flight &f)
{
    finish(f);
}

void tbu_traffic::respond(flight &f)
{
    if (std::exchange(f.counted, false))
        f.sender->inside[f.write]--;
    meter_.ended(f.measured, *f.client, f.sender->number, f.status != tlm::TLM_OK_RESPONSE);
    if (f.blocking && !f.abandoned) {
        f.over = true; // the initiator gives it back
        f.ended.notify();
    } else {
        if (!f.blocking)
            f.sender->side.respond(f.client->payload);
        give_back(f);
    }
    let_enter();
}

} // namespace smmu
