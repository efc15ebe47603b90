// SPDX-License-Identifier: Apache-2.0
// Transactions on their way through a TBU: see tbu_traffic.hpp.
#include "tbu_traffic.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "client_rules.hpp"
#include "spend.hpp"

namespace smmu {

// An initiator that the TBU serves.
struct tbu_traffic::source final : at_target::user {
    tbu_traffic &traffic;
    const unsigned number;
    at_target side;
    unsigned inside[2] = {}; // reads and writes that have entered and have not been answered

    source(tbu_traffic &at, unsigned n, std::function<tlm::tlm_bw_transport_if<> &()> upstream)
        : traffic(at), number(n),
          side(("requests_" + std::to_string(n)).c_str(), *this, std::move(upstream))
    {
    }

    void request_arrived(tlm::tlm_generic_payload &payload) override
    {
        traffic.request_arrived(payload, *this);
    }
};

// A client's transaction from its arrival to its response. It is a payload itself: a copy of that
// of an initiator that blocks, which may be killed.
struct tbu_traffic::flight final : tlm::tlm_generic_payload,
                                   order_gate::member,
                                   worker_pool::job,
                                   tcu_base::transit::listener {
    tbu_traffic &traffic;
    std::optional<client_payload> client;
    source *sender = nullptr;
    bool counted = false;   // by its source
    bool blocking = false;  // the initiator waits for `ended`
    bool abandoned = false; // or has been killed
    bool asking = false;    // a process of a worker asks the TCU
    bool over = false;
    sc_core::sc_event ended;
    std::vector<unsigned char> own_data; // of the copy
    std::vector<unsigned char> own_enables;

    bool has_slot = false;
    bool ready = false;  // to pass the gate
    unsigned data = 0;   // beats of write data that wait
    unsigned done = 0;   // bytes that have been answered
    unsigned length = 0; // bytes of the piece that is on its way
    tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
    smmu_result result = {};
    std::uint64_t generation = 0; // of the SMMU when it was asked
    flight *followed = nullptr;   // whose miss it waits for
    std::optional<tcu_base::transit> in_transit;
    piece *out = nullptr;
    std::vector<flight *> followers;        // wait until its miss has been answered
    transaction_record *measured = nullptr; // null: it is not

    explicit flight(tbu_traffic &at) : traffic(at) {}
    ~flight() override { forget_extensions(); }
    flight(const flight &) = delete;
    flight &operator=(const flight &) = delete;

    bool write() const { return client->payload.is_write(); }
    std::uint64_t address() const { return client->address() + client->streamed(done); }
    bool last() const { return done + length == client->length(); } // the piece is

    bool same_page(const flight &other) const
    {
        constexpr unsigned page_log2 = 12;
        const attributes &a = client->from;
        const attributes &b = other.client->from;
        return a.sid == b.sid && a.ssv == b.ssv && a.ssid == b.ssid && a.sec == b.sec &&
               address() >> page_log2 == other.address() >> page_log2;
    }

    void run() override { traffic.ask(*this); }
    void stalls() override { traffic.let_followers_go(*this); }

    void copy(tlm::tlm_generic_payload &from);
    void copy_back(tlm::tlm_generic_payload &to) const;
    void forget_extensions();
    void clear();
};

void tbu_traffic::flight::copy(tlm::tlm_generic_payload &from)
{
    const unsigned char *const bytes = from.get_data_ptr();
    const unsigned char *const enables = from.get_byte_enable_ptr();
    own_data.clear();
    if (bytes)
        own_data.assign(bytes, bytes + from.get_data_length());
    own_enables.clear();
    if (enables)
        own_enables.assign(enables, enables + from.get_byte_enable_length());
    set_command(from.get_command());
    set_address(from.get_address());
    set_data_ptr(bytes ? own_data.data() : nullptr);
    set_data_length(from.get_data_length());
    set_streaming_width(from.get_streaming_width());
    set_byte_enable_ptr(enables ? own_enables.data() : nullptr);
    set_byte_enable_length(from.get_byte_enable_length());
    for (unsigned id = 0; id < tlm::max_num_extensions(); id++)
        set_extension(id, from.get_extension(id));
}

void tbu_traffic::flight::copy_back(tlm::tlm_generic_payload &to) const
{
    if (to.is_read() && to.get_data_ptr())
        std::copy(own_data.begin(), own_data.end(), to.get_data_ptr());
    to.set_dmi_allowed(false);
    to.set_response_status(get_response_status());
}

void tbu_traffic::flight::forget_extensions()
{
    for (unsigned id = 0; id < tlm::max_num_extensions(); id++)
        set_extension(id, nullptr);
}

void tbu_traffic::flight::clear()
{
    client.reset();
    blocking = abandoned = asking = over = ready = false;
    done = length = 0;
    status = tlm::TLM_OK_RESPONSE;
}

// An initiator that blocks, while it does.
class tbu_traffic::visit {
  public:
    visit(tbu_traffic &traffic, source &from, tlm::tlm_generic_payload &payload)
        : traffic_(traffic), flight_(traffic.new_flight())
    {
        flight_.copy(payload);
        flight_.client.emplace(flight_);
        flight_.blocking = true;
        flight_.sender = &from;
        traffic_.begin_measuring(flight_);
        traffic_.arrive(flight_, from);
    }

    ~visit()
    {
        flight_.forget_extensions();
        if (flight_.over)
            traffic_.give_back(flight_);
        else
            traffic_.abandon(flight_);
    }
    visit(const visit &) = delete;
    visit &operator=(const visit &) = delete;

    void wait(tlm::tlm_generic_payload &payload)
    {
        while (!flight_.over)
            sc_core::wait(flight_.ended);
        flight_.copy_back(payload);
    }

  private:
    tbu_traffic &traffic_;
    flight &flight_;
};

tbu_traffic::tbu_traffic(
    translator &by, tcu_base &owner, unsigned initiators,
    const std::function<tlm::tlm_bw_transport_if<> &(unsigned initiator)> &upstream,
    std::function<tlm::tlm_fw_transport_if<> &()> downstream)
    : by_(by), tcu_(owner), times_(owner.times()),
      clocked_(times_.tbu_cycle != sc_core::SC_ZERO_TIME), steps_("steps", *this),
      memory_("responses", *this, std::move(downstream))
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

tbu_traffic::flight &tbu_traffic::new_flight()
{
    if (idle_.empty()) {
        all_.push_back(std::make_unique<flight>(*this));
        return *all_.back();
    }
    flight &f = *idle_.back();
    idle_.pop_back();
    return f;
}

void tbu_traffic::give_back(flight &f)
{
    f.clear();
    idle_.push_back(&f);
}

sc_core::sc_time tbu_traffic::occupied(unsigned beats) const
{
    return clocked_ ? beats * times_.tbu_cycle : sc_core::SC_ZERO_TIME;
}

// See pipeline::enter(): who takes no time waits for nobody.
sc_core::sc_time tbu_traffic::turn(pipeline &path, const sc_core::sc_time &interval,
                                   const sc_core::sc_time &ahead)
{
    return clocked_ ? path.enter(interval, ahead) : ahead;
}

void tbu_traffic::after(const sc_core::sc_time &delay, flight &f,
                        void (tbu_traffic::*what)(flight &))
{
    if (delay == sc_core::SC_ZERO_TIME)
        (this->*what)(f);
    else
        steps_.enter(delay, &f, what);
}

void tbu_traffic::take(const step &due)
{
    (this->*due.what)(*due.to);
}

// --- measuring -----------------------------------------------------------------------------------

void tbu_traffic::measure(measurement &by, unsigned number)
{
    measurement_ = &by;
    number_ = number;
    level(tbu_level::waiting, arrived_.size());
    level(tbu_level::slots, slots_taken_);
    level(tbu_level::write_beats, write_beats_);
    level(tbu_level::reads, outstanding_[false]);
    level(tbu_level::writes, outstanding_[true]);
}

// The rest is apart from the way of what is not measured, which pays branches that are never taken.
__attribute__((noinline)) void tbu_traffic::record_level(tbu_level which, std::uint64_t value)
{
    measurement_->set(number_, which, value);
}

void tbu_traffic::level(tbu_level which, std::uint64_t value)
{
    if (__builtin_expect(measurement_ != nullptr, false))
        record_level(which, value);
}

void tbu_traffic::begin_measuring(flight &f)
{
    if (__builtin_expect(measurement_ != nullptr, false))
        record_arrival(f);
}

__attribute__((noinline)) void tbu_traffic::record_arrival(flight &f)
{
    const attributes &from = f.client->from;
    f.measured = &measurement_->arrive(number_);
    f.measured->address = f.client->address();
    f.measured->sid = from.sid;
    f.measured->ssid = from.ssid;
    f.measured->ssv = from.ssv;
    f.measured->initiator = static_cast<std::uint16_t>(f.sender->number);
    f.measured->write = f.write();
    f.measured->count(transaction_count::transactions);
    f.measured->sums[transaction_count::writes] = f.write();
    f.measured->sums[transaction_count::translated] = from.translated;
    f.measured->sums[transaction_count::bytes_in] = f.client->length();
}

__attribute__((noinline)) void tbu_traffic::record_passed(flight &f, latency_part part)
{
    f.measured->split.passed(part);
}

// What has passed was `part`.
void tbu_traffic::passed(flight &f, latency_part part)
{
    if (__builtin_expect(f.measured != nullptr, false))
        record_passed(f, part);
}

__attribute__((noinline)) void tbu_traffic::record_look_up(flight &f, bool found)
{
    if (!is_empty(*f.client))
        f.measured->count(found ? transaction_count::utlb_hits : transaction_count::utlb_misses);
}

// It enters, and is looked up then.
__attribute__((noinline)) void tbu_traffic::record_entry(flight &f, const sc_core::sc_time &wait,
                                                         const sc_core::sc_time &passing)
{
    level(tbu_level::slots, slots_taken_);
    level(tbu_level::write_beats, write_beats_);
    ahead(f, latency_part::entry_wait, wait);
    ahead(f, latency_part::entry, passing);
    ahead(f, latency_part::utlb, times_.lookup);
}

// It leaves, `leaving` from now.
__attribute__((noinline)) void tbu_traffic::record_departure(flight &f,
                                                             const sc_core::sc_time &leaving)
{
    level(f.write() ? tbu_level::writes : tbu_level::reads, outstanding_[f.write()]);
    ahead(f, latency_part::issue, times_.tbu_issue);
    ahead(f, latency_part::exit_wait, leaving - times_.tbu_issue);
    if (f.measured)
        f.measured->sums[transaction_count::bytes_out] += f.length;
}

__attribute__((noinline)) void tbu_traffic::record_response(flight &f)
{
    passed(f, latency_part::data);
    level(f.write() ? tbu_level::writes : tbu_level::reads, outstanding_[f.write()]);
}

// What comes will be `part`.
void tbu_traffic::ahead(flight &f, latency_part part, const sc_core::sc_time &time)
{
    if (__builtin_expect(f.measured != nullptr, false))
        f.measured->split.ahead(part, time);
}

__attribute__((noinline)) void tbu_traffic::record_end(flight &f)
{
    transaction_sums &sums = f.measured->sums;
    sums[transaction_count::failed] = f.status != tlm::TLM_OK_RESPONSE;
    sums[transaction_count::bytes_ended] =
        sums[transaction_count::bytes_in] - sums[transaction_count::bytes_out];
    measurement_->ended(*std::exchange(f.measured, nullptr));
}

// What nobody waits for any more.
void tbu_traffic::forget_measured(flight &f)
{
    if (f.measured)
        measurement_->forget(*std::exchange(f.measured, nullptr));
}

// --- arriving ------------------------------------------------------------------------------------

void tbu_traffic::request_arrived(tlm::tlm_generic_payload &payload, source &from)
{
    flight &f = new_flight();
    f.client.emplace(payload);
    f.sender = &from;
    begin_measuring(f);
    f.status = check_client(*f.client);
    if (f.status == tlm::TLM_OK_RESPONSE)
        arrive(f, from);
    else
        end(f);
}

void tbu_traffic::transport(unsigned initiator, tlm::tlm_generic_payload &payload)
{
    visit(*this, *sources_[initiator], payload).wait(payload);
}

// A write that is larger than the room for data enters when there is no other.
bool tbu_traffic::may_enter(const flight &f) const
{
    const unsigned slots = times_.limit(&timing::tbu_slots);
    const unsigned room = times_.limit(&timing::tbu_write_beats);
    if (slots && slots_taken_ >= slots)
        return false;
    return !room || !f.write() || write_beats_ == 0 ||
           write_beats_ + beats_of(times_, true, f.client->length()) <= room;
}

bool tbu_traffic::source_full(const flight &f) const
{
    const unsigned limit =
        times_.limit(f.write() ? &timing::tbu_initiator_writes : &timing::tbu_initiator_reads);
    return limit && f.sender->inside[f.write()] >= limit;
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
        level(tbu_level::waiting, arrived_.size());
        passed(f, latency_part::enter_wait);
        enter(f);
    }
}

void tbu_traffic::let_enter()
{
    if (!arrived_.empty())
        let_first_enter();
}

// Who comes when nobody waits need not wait itself, if there is room.
void tbu_traffic::arrive(flight &f, source &from)
{
    f.sender = &from;
    if (arrived_.empty() && !source_full(f) && may_enter(f)) {
        enter(f);
        return;
    }
    arrived_.push_back(&f);
    level(tbu_level::waiting, arrived_.size());
    let_enter();
}

void tbu_traffic::enter(flight &f)
{
    const unsigned count = beats_of(times_, f.write(), f.client->length());
    f.has_slot = true;
    f.data = f.write() ? count : 0;
    f.counted = true;
    f.sender->inside[f.write()]++;
    slots_taken_++;
    write_beats_ += f.data;
    gate_.arrive(f, f.sender->number, f.client->from.id, f.write());
    const sc_core::sc_time passing = occupied(count);
    const sc_core::sc_time wait = turn(entry_, passing);
    if (__builtin_expect(measurement_ != nullptr, false))
        record_entry(f, wait, passing);
    after(wait + passing, f, &tbu_traffic::entered);
}

void tbu_traffic::entered(flight &f)
{
    if (!f.blocking)
        f.sender->side.accept(f.client->payload);
    after(times_.lookup, f, &tbu_traffic::look_up);
}

// Its slot and the room of its data are for others, if it still has them.
void tbu_traffic::leave_room(flight &f)
{
    if (const unsigned beats = std::exchange(f.data, 0)) {
        write_beats_ -= beats;
        level(tbu_level::write_beats, write_beats_);
    }
    if (std::exchange(f.has_slot, false)) {
        slots_taken_--;
        level(tbu_level::slots, slots_taken_);
    }
}

// --- translating ---------------------------------------------------------------------------------

void tbu_traffic::look_up(flight &f)
{
    if (!f.in_transit)
        f.in_transit.emplace(tcu_, &f, f.measured);
    f.generation = tcu_.generation();
    const bool found = by_.answer(*f.client, f.address(), f.result);
    if (__builtin_expect(f.measured != nullptr, false))
        record_look_up(f, found);
    if (found) {
        answered(f);
        return;
    }
    if (times_.limit(&timing::tbu_merging)) {
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
    passed(f, latency_part::other);
    const std::vector<flight *> followers = leave_missing(f);
    answered(f);
    for (flight *each : followers)
        follow(*each);
}

// Whoever has waited for another's miss tries for itself.
void tbu_traffic::follow(flight &f)
{
    passed(f, latency_part::miss_wait);
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

void tbu_traffic::answered(flight &f)
{
    client_payload &client = *f.client;
    f.length = covered(client, f.result, f.done);
    if (f.result.outcome == SMMU_FORWARD) {
        f.out = &pieces_.get();
        f.out->set(client, f.result, f.done, f.length);
        f.out->owner = &f;
        pass_gate(f);
        return;
    }
    f.in_transit.reset();
    if (f.result.outcome == SMMU_RAZWI)
        client.raz_wi(f.done, f.length);
    else
        f.status = tlm::TLM_GENERIC_ERROR_RESPONSE;
    go_on(f);
}

// --- leaving -------------------------------------------------------------------------------------

// Whoever has to wait at the gate does not hold up a CMD_SYNC, as what it waits for may have
// stalled, and the command that resumes it may be behind the CMD_SYNC. What has been answered in
// another generation of the SMMU is looked up again in its turn.
void tbu_traffic::pass_gate(flight &f)
{
    f.ready = true;
    for (flight *each = &f; each && each->ready;) {
        if (!gate_.open(*each)) {
            each->in_transit.reset();
            return;
        }
        each->ready = false;
        if (!each->in_transit && each->generation != tcu_.generation()) {
            std::exchange(each->out, nullptr)->release();
            look_up(*each);
            return;
        }
        if (!each->in_transit)
            each->in_transit.emplace(tcu_, each, each->measured);
        order_gate::member *const next = each->last() ? gate_.leave(*each) : nullptr;
        leave(*each);
        each = static_cast<flight *>(next);
        if (each && each->ready)
            passed(*each, latency_part::order_wait);
    }
}

// A flight that has nothing more to send.
void tbu_traffic::leave_gate(flight &f)
{
    flight *const next = static_cast<flight *>(gate_.leave(f));
    if (next && next->ready) {
        passed(*next, latency_part::order_wait);
        pass_gate(*next);
    }
}

bool tbu_traffic::full(bool write) const
{
    const unsigned limit = times_.limit(write ? &timing::tbu_writes : &timing::tbu_reads);
    return limit && outstanding_[write] >= limit;
}

void tbu_traffic::leave(flight &f)
{
    if (full(f.write()))
        held_[f.write()].push_back(&f);
    else
        depart(f);
}

void tbu_traffic::depart(flight &f)
{
    outstanding_[f.write()]++;
    const sc_core::sc_time passing = occupied(beats_of(times_, f.write(), f.length));
    const sc_core::sc_time leaving = turn(exit_, passing, times_.tbu_issue);
    if (__builtin_expect(measurement_ != nullptr, false))
        record_departure(f, leaving);
    after(leaving, f, &tbu_traffic::send);
}

void tbu_traffic::send(flight &f)
{
    memory_.send(*f.out);
}

void tbu_traffic::request_accepted(tlm::tlm_generic_payload &payload)
{
    flight &f = *static_cast<flight *>(static_cast<piece &>(payload).owner);
    passed(f, latency_part::downstream);
    if (!f.last())
        return;
    leave_room(f);
    let_enter();
}

void tbu_traffic::response_arrived(tlm::tlm_generic_payload &payload)
{
    flight &f = *static_cast<flight *>(static_cast<piece &>(payload).owner);
    const bool write = f.write();
    f.status = payload.get_response_status();
    f.out = nullptr;
    payload.release();
    f.in_transit.reset();
    outstanding_[write]--;
    if (__builtin_expect(measurement_ != nullptr, false))
        record_response(f);
    if (!held_[write].empty()) {
        flight &next = *held_[write].front();
        held_[write].pop_front();
        passed(next, latency_part::limit_wait);
        depart(next);
    }
    go_on(f);
}

// --- abandoning ----------------------------------------------------------------------------------

// The process of its initiator has been killed, and is being unwound.
void tbu_traffic::abandon(flight &f)
{
    f.abandoned = true;
    if (f.out)
        f.out->forget_extensions();
    steps_.enter(sc_core::SC_ZERO_TIME, &f, &tbu_traffic::drop);
}

// What has not entered, or has no answer, needs none any more. What has goes on.
void tbu_traffic::drop(flight &f)
{
    if (!f.abandoned)
        return;
    const auto place = std::find(arrived_.begin(), arrived_.end(), &f);
    if (place != arrived_.end()) {
        arrived_.erase(place);
        level(tbu_level::waiting, arrived_.size());
        forget_measured(f);
        give_back(f);
        let_enter();
        return;
    }
    if (!f.asking && !f.followed)
        return;
    if (f.followed) {
        auto &others = f.followed->followers;
        others.erase(std::find(others.begin(), others.end(), &f));
        f.followed = nullptr;
    } else {
        workers_.kill(f);
        f.asking = false;
    }
    f.in_transit.reset();
    f.status = tlm::TLM_GENERIC_ERROR_RESPONSE;
    forget_measured(f);
    const std::vector<flight *> followers = leave_missing(f);
    end(f);
    for (flight *each : followers)
        follow(*each);
}

// --- ending --------------------------------------------------------------------------------------

void tbu_traffic::go_on(flight &f)
{
    f.done += f.length;
    f.length = 0;
    if (f.done < f.client->length() && f.status == tlm::TLM_OK_RESPONSE) {
        ahead(f, latency_part::utlb, times_.lookup);
        after(times_.lookup, f, &tbu_traffic::look_up);
    } else {
        end(f);
    }
}

void tbu_traffic::end(flight &f)
{
    tlm::tlm_generic_payload &client = f.client->payload;
    client.set_dmi_allowed(false);
    client.set_response_status(f.status);
    leave_gate(f);
    leave_room(f);
    const bool data = client.is_read() && f.status == tlm::TLM_OK_RESPONSE;
    const sc_core::sc_time passing = occupied(beats_of(times_, data, f.client->length()));
    const sc_core::sc_time wait = turn(answers_, passing);
    ahead(f, latency_part::answer_wait, wait);
    after(wait, f, &tbu_traffic::respond);
    let_enter();
}

void tbu_traffic::respond(flight &f)
{
    if (std::exchange(f.counted, false))
        f.sender->inside[f.write()]--;
    if (__builtin_expect(f.measured != nullptr, false))
        record_end(f);
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
