// SPDX-License-Identifier: Apache-2.0
// Transactions on their way through a TBU: see tbu_traffic.hpp.
#include "tbu_traffic.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "at_initiator_body.hpp"
#include "at_target_body.hpp"
#include "client_rules.hpp"
#include "restored.hpp"
#include "spend.hpp"
#include "tbu_flight.hpp"

namespace smmu {

namespace {

// `times` with the limits that count.
timing in_force(timing times)
{
#define SMMU_LATENCY(name, help)
#define SMMU_LIMIT(name, most, help) times.name = times.limit(&timing::name);
#include "smmu/tlm/timing.def"
#undef SMMU_LATENCY
#undef SMMU_LIMIT
    return times;
}

// What is rare in a function, out of the way of what is not.
template <typename PART> [[gnu::noinline]] void apart(const PART &part)
{
    part();
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
      leaves_at_once_(!clocked_ && times_.tbu_issue == sc_core::SC_ZERO_TIME),
      plain_(!entry_limited_ && !exit_limited_ && leaves_at_once_),
      has_micro_tlb_(owner.config().utlb.sets != 0), steps_("steps", *this),
      memory_("responses", *this, std::move(downstream), memory_side::told::at_once)
{
    for (unsigned i = 0; i < initiators; i++)
        sources_.push_back(std::make_unique<source>(
            *this, i, [upstream, i]() -> tlm::tlm_bw_transport_if<> & { return upstream(i); }));
}

tbu_traffic::~tbu_traffic() = default;

tbu_traffic::device_side &tbu_traffic::device(unsigned initiator)
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

void tbu_traffic::measure(measurement &by, unsigned number)
{
    plain_ = false;
    meter_.measure(by, number);
    meter_.level(tbu_level::waiting, arrived_.size());
    meter_.level(tbu_level::slots, slots_taken_);
    meter_.level(tbu_level::write_beats, write_beats_);
    meter_.level(tbu_level::reads, outstanding_[false]);
    meter_.level(tbu_level::writes, outstanding_[true]);
}

// One that is idle.
void tbu_traffic::make_flight()
{
    all_.push_back(std::make_unique<flight>(*this));
    idle_ = all_.back().get();
}

// --- arriving ------------------------------------------------------------------------------------

void tbu_traffic::source::request_arrived(tlm::tlm_generic_payload &payload)
{
    flight &f = traffic.new_flight();
    const attributes &values = attributes_in(payload);
    if (traffic.plain_)
        traffic.arrive<true>(f, *this, payload, values);
    else
        apart([&] { traffic.arrive<false>(f, *this, payload, values); });
}

void tbu_traffic::arrive_copied(flight &f, source &from)
{
    f.values = attributes_in(f);
    arrive<false>(f, from, f, f.values);
}

// Who comes when nobody waits need not wait itself, if there is room.
template <bool PLAIN>
void tbu_traffic::arrive(flight &f, source &from, tlm::tlm_generic_payload &payload,
                         const attributes &values)
{
    f.client.emplace(payload, values);
    f.sender = &from;
    f.write = payload.is_write();
    f.measured = PLAIN ? nullptr : meter_.arrives(f.record, *f.client, f.write);
    f.status = check_client(*f.client);
    if (f.status != tlm::TLM_OK_RESPONSE) {
        tbu_meter::kept(f.measured, f.client->length());
        end(f);
        return;
    }
    if (PLAIN || !entry_limited_ || (arrived_.empty() && !source_full(f) && may_enter(f)))
        enter<PLAIN>(f);
    else
        wait_to_enter(f);
}

void tbu_traffic::wait_to_enter(flight &f)
{
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
// enters may let others arrive, and leave room for them, before it returns: one loop lets all
// enter.
void tbu_traffic::let_first_enter()
{
    if (entering_)
        return;
    const restored during(entering_, true);
    for (;;) {
        const auto first = std::find_if(arrived_.begin(), arrived_.end(),
                                        [this](const flight *f) { return !source_full(*f); });
        if (first == arrived_.end() || !may_enter(**first))
            return;
        flight &f = **first;
        arrived_.erase(first);
        meter_.level(tbu_level::waiting, arrived_.size());
        meter_.passed(f.measured, latency_part::enter_wait);
        enter<false>(f);
    }
}

template <bool PLAIN> void tbu_traffic::enter(flight &f)
{
    f.has_slot = true;
    if (!PLAIN && entry_limited_)
        count(f);
    slots_taken_++;
    gate_.arrive(f, f.sender->number, f.client->from.id, f.write);
    if (!PLAIN)
        meter_.slot_taken();
    if (f.write) {
        f.data = beats_of(times_, true, f.client->length());
        write_beats_ += f.data;
        if (!PLAIN)
            meter_.level(tbu_level::write_beats, write_beats_);
    }
    if (!PLAIN && clocked_)
        pass_entry(f);
    else
        entered<PLAIN>(f);
}

// By who limits how many there are of each initiator.
void tbu_traffic::count(flight &f)
{
    f.counted = true;
    f.sender->inside[f.write]++;
}

// In its turn its beats take their time.
void tbu_traffic::pass_entry(flight &f)
{
    const unsigned beats = f.write ? f.data : 1;
    const sc_core::sc_time passing = beats * times_.tbu_cycle;
    const sc_core::sc_time wait = turn(entry_, beats);
    after<&tbu_traffic::entered<false>>(wait + passing, f, latency_part::entry_wait, wait,
                                        latency_part::entry, passing);
}

template <bool PLAIN> void tbu_traffic::entered(flight &f)
{
    if (PLAIN || !f.blocking)
        f.sender->side.accept(f.client->payload);
    look_up_after<PLAIN>(f);
}

// Each transaction waits for that.
template <bool PLAIN> void tbu_traffic::look_up_after(flight &f)
{
    if (times_.lookup.value() == 0) {
        look_up(f);
        return;
    }
    if (!PLAIN)
        tbu_meter::ahead(f.measured, latency_part::utlb, times_.lookup);
    steps_.enter_later(times_.lookup, &f, does<&tbu_traffic::look_up>);
}

// Its slot and the room of its data, which it still has, are for others.
template <bool PLAIN> void tbu_traffic::leave_room(flight &f)
{
    f.has_slot = false;
    if (f.data) {
        write_beats_ -= std::exchange(f.data, 0);
        if (!PLAIN)
            meter_.level(tbu_level::write_beats, write_beats_);
    }
    slots_taken_--;
    if (!PLAIN)
        meter_.slot_given();
}

// --- translating ---------------------------------------------------------------------------------

void tbu_traffic::look_up(flight &f)
{
    if (plain_)
        look_up_all<true>(f);
    else
        apart([&] { look_up_all<false>(f); });
}

template <bool PLAIN> void tbu_traffic::look_up_all(flight &f)
{
    f.in_transit.begin();
    const client_payload &client = *f.client;
    const smmu_result *const result = at_hand(client);
    if (!result) {
        look_up_part(f);
        return;
    }
    if (!PLAIN)
        tbu_meter::looked_up(f.measured, client, true);
    forward<PLAIN>(f, *result, result->addr + client.address() % smallest_page, 0, client.length(),
                   answer_is::now);
}

// The answer to all that `client` asks, if it is at hand, with the output address of the page. It
// may be if that is a plain read or write inside a page, which any answer holds for. Mostly it asks
// what one before it has asked.
const smmu_result *tbu_traffic::at_hand(const client_payload &client)
{
    const auto command = static_cast<unsigned>(client.payload.get_command());
    if (command > tlm::TLM_WRITE_COMMAND ||
        client.address() % smallest_page + client.length() > smallest_page)
        return nullptr;
    question &last = questions_[command];
    if (!last.is(client.from))
        return ask_anew(client, last);
    return last.kind.sets ? tcu_base::look_up(last.kind, client.address()) : nullptr;
}

const smmu_result *tbu_traffic::ask_anew(const client_payload &client, question &other)
{
    other.become(client.from);
    return by_.kind_of(client, other.kind) ? tcu_base::look_up(other.kind, client.address())
                                           : nullptr;
}

// The same of what may have been looked up before, or is only the rest of it.
void tbu_traffic::look_up_part(flight &f)
{
    if (!f.in_transit.under_way())
        f.in_transit.begin();
    smmu_result result;
    const bool found = by_.answer(*f.client, f.address(), result);
    if (has_micro_tlb_)
        tbu_meter::looked_up(f.measured, *f.client, found);
    if (found) {
        answered(f, result, answer_is::now);
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
    smmu_result result;
    f.in_transit.measure(f.measured);
    by_.request(*f.client, f.address(), f.in_transit, delay, result);
    pass(delay);
    f.asking = false;
    meter_.passed(f.measured, latency_part::other);
    const std::vector<flight *> followers = leave_missing(f);
    answered(f, result, answer_is::late);
    for (flight *each : followers)
        follow(*each);
}

// Whoever has waited for another's miss tries for itself.
void tbu_traffic::follow(flight &f)
{
    meter_.passed(f.measured, latency_part::miss_wait);
    look_up_part(f);
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

void tbu_traffic::answered(flight &f, const smmu_result &result, answer_is when)
{
    const client_payload &client = *f.client;
    const unsigned length = covered(client, result, f.done);
    if (result.outcome == SMMU_FORWARD) {
        forward<false>(f, result, result.addr - client.from.begins_at(), f.done, length, when);
        return;
    }
    f.length = length;
    f.last = f.done + length == client.length();
    f.in_transit.end();
    tbu_meter::kept(f.measured, f.length);
    if (result.outcome == SMMU_RAZWI)
        client.raz_wi(f.done, f.length);
    else
        f.status = tlm::TLM_GENERIC_ERROR_RESPONSE;
    go_on_unsent(f);
}

// `length` bytes from byte `done` on are a piece that goes to `address`.
template <bool PLAIN>
void tbu_traffic::forward(flight &f, const smmu_result &result, std::uint64_t address,
                          unsigned done, unsigned length, answer_is when)
{
    piece &out = pieces_.get();
    out.owner = &f;
    out.set(*f.client, result, address, done, length);
    f.out = &out;
    f.length = length;
    f.last = done + length == f.client->length();
    pass_gate<PLAIN>(f, when);
}

// --- leaving -------------------------------------------------------------------------------------

// Whoever has to wait at the gate does not hold up a CMD_SYNC, as what it waits for may have
// stalled, and the command that resumes it may be behind the CMD_SYNC.
template <bool PLAIN> void tbu_traffic::pass_gate(flight &f, answer_is when)
{
    if (!gate_.open(f)) {
        if (when == answer_is::now)
            f.generation = tcu_.generation();
        f.ready = true;
        f.in_transit.end();
        return;
    }
    flight *const next = static_cast<flight *>(f.last ? gate_.leave(f) : nullptr);
    leave<PLAIN>(f);
    if (next && next->ready)
        pass_gate_after(*next);
}

// Whoever was before it has left.
void tbu_traffic::pass_gate_after(flight &f)
{
    at_gate_.add(f, [this](flight &next) { pass_gate_in_turn(next); });
}

// What has been answered in another generation of the SMMU is looked up again. Two before it may
// have left since it was told for the first time.
void tbu_traffic::pass_gate_in_turn(flight &f)
{
    if (!f.ready)
        return;
    meter_.passed(f.measured, latency_part::order_wait);
    if (!gate_.open(f))
        return;
    f.ready = false;
    if (f.generation != tcu_.generation()) {
        pieces_.give_back(*std::exchange(f.out, nullptr));
        look_up_part(f);
        return;
    }
    f.in_transit.begin();
    flight *const next = static_cast<flight *>(f.last ? gate_.leave(f) : nullptr);
    leave<false>(f);
    if (next && next->ready)
        pass_gate_after(*next);
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

template <bool PLAIN> void tbu_traffic::leave(flight &f)
{
    if (!PLAIN && exit_limited_ && full(f.write))
        held_[f.write].push_back(&f);
    else
        depart<PLAIN>(f);
}

template <bool PLAIN> void tbu_traffic::depart(flight &f)
{
    outstanding_[f.write]++;
    if (!PLAIN)
        meter_.departed(f.write);
    if (PLAIN || leaves_at_once_)
        send(f);
    else
        pass_exit(f);
}

// In its turn its beats take their time.
void tbu_traffic::pass_exit(flight &f)
{
    const sc_core::sc_time &issue = times_.tbu_issue;
    const sc_core::sc_time leaving =
        clocked_ ? turn(exit_, beats_of(times_, f.write, f.length), issue) : issue;
    after<&tbu_traffic::send>(leaving, f, latency_part::issue, issue, latency_part::exit_wait,
                              leaving - issue);
}

void tbu_traffic::send(flight &f)
{
    memory_.send_inline(*f.out);
}

void tbu_traffic::request_accepted(tlm::tlm_generic_payload &payload)
{
    flight &f = *static_cast<flight *>(static_cast<piece &>(payload).owner);
    if (plain_)
        has_left<true>(f);
    else
        apart([&] { has_left<false>(f); });
}

template <bool PLAIN> void tbu_traffic::has_left(flight &f)
{
    if (!PLAIN)
        meter_.passed(f.measured, latency_part::downstream);
    if (!f.last)
        return;
    leave_room<PLAIN>(f);
    if (!PLAIN)
        let_enter();
}

void tbu_traffic::response_arrived(tlm::tlm_generic_payload &payload)
{
    flight &f = *static_cast<flight *>(static_cast<piece &>(payload).owner);
    f.status = payload.get_response_status();
    if (plain_)
        is_back<true>(f);
    else
        apart([&] { is_back<false>(f); });
}

template <bool PLAIN> void tbu_traffic::is_back(flight &f)
{
    f.out = nullptr; // memory_ gives it back
    f.in_transit.end();
    outstanding_[f.write]--;
    if (!PLAIN)
        meter_.responded(f.measured, f.write);
    if (!PLAIN && exit_limited_)
        let_depart(f.write);
    go_on<PLAIN>(f);
}

// The first of those held, if there is one.
void tbu_traffic::let_depart(bool write)
{
    if (held_[write].empty())
        return;
    flight &next = *held_[write].front();
    held_[write].pop_front();
    meter_.passed(next.measured, latency_part::limit_wait);
    depart<false>(next);
}

// --- ending --------------------------------------------------------------------------------------

template <bool PLAIN> void tbu_traffic::go_on(flight &f)
{
    if (f.last)
        finish<PLAIN>(f);
    else
        go_on_behind(f);
}

// Behind the piece that has been answered.
void tbu_traffic::go_on_behind(flight &f)
{
    f.done += f.length;
    f.length = 0;
    if (f.status == tlm::TLM_OK_RESPONSE) {
        after<&tbu_traffic::look_up_rest>(times_.lookup, f, latency_part::utlb, times_.lookup);
    } else {
        tbu_meter::kept(f.measured, f.client->length() - f.done);
        end(f);
    }
}

void tbu_traffic::look_up_rest(flight &f)
{
    rests_.add(f, [this](flight &next) { look_up_part(next); });
}

// What has been terminated goes on.
void tbu_traffic::go_on_unsent(flight &f)
{
    go_on<false>(f);
}

template <bool PLAIN> void tbu_traffic::finish(flight &f)
{
    tlm::tlm_generic_payload &client = f.client->payload;
    client.set_dmi_allowed(false);
    client.set_response_status(f.status);
    if (gate_.has(f))
        leave_gate(f);
    if (f.has_slot)
        leave_room<PLAIN>(f);
    if (!PLAIN && clocked_)
        pass_answers(f);
    else
        respond<PLAIN>(f);
}

// Its beats have their turn.
void tbu_traffic::pass_answers(flight &f)
{
    const bool data = f.client->payload.is_read() && f.status == tlm::TLM_OK_RESPONSE;
    const sc_core::sc_time wait = turn(answers_, beats_of(times_, data, f.client->length()));
    after<&tbu_traffic::respond<false>>(wait, f, latency_part::answer_wait, wait);
    let_enter();
}

// What has not been answered by a response from downstream.
void tbu_traffic::end(flight &f)
{
    finish<false>(f);
}

// It has its share until its response begins.
void tbu_traffic::begin_response(flight &f)
{
    source &from = *f.sender;
    f.counted = false;
    if (f.blocking || from.side.begins_at_once(f.client->payload))
        from.inside[f.write]--;
    else
        from.late.push_back(&f.client->payload);
}

// It did not when it was given, mostly.
void tbu_traffic::source::response_begins(tlm::tlm_generic_payload &payload)
{
    if (late.empty() || late.front() != &payload)
        return; // has not entered
    late.pop_front();
    inside[payload.is_write()]--;
    traffic.let_enter();
}

template <bool PLAIN> void tbu_traffic::respond(flight &f)
{
    if (!PLAIN && f.counted)
        begin_response(f);
    if (!PLAIN)
        meter_.ended(f.measured, *f.client, f.sender->number, f.status != tlm::TLM_OK_RESPONSE);
    if (f.blocking && !f.abandoned) {
        f.over = true; // the initiator gives it back
        f.ended.notify();
    } else {
        if (!f.blocking)
            f.sender->side.respond_inline(f.client->payload);
        give_back(f);
    }
    if (!PLAIN)
        let_enter();
}

template class basic_at_target<tbu_traffic::source>;
template class basic_at_initiator<tbu_traffic>;

} // namespace smmu
