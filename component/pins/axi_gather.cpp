// SPDX-License-Identifier: Apache-2.0
// Bursts of AXI as transactions: see axi_gather.hpp.
#include "axi_gather.hpp"

#include <algorithm>
#include <utility>

#include "smmu/pins/axi_values.hpp"

namespace smmu::pins {

namespace {

unsigned response_of(tlm::tlm_response_status status)
{
    switch (status) {
    case tlm::TLM_OK_RESPONSE:
        return AXI_OKAY;
    case tlm::TLM_ADDRESS_ERROR_RESPONSE:
        return AXI_DECERR;
    default:
        return AXI_SLVERR;
    }
}

bool has_data(const axi_request &request, const axi_shape &shape)
{
    const axi_opcode opcode = opcode_of(request, shape.domains);
    return opcode == axi_opcode::reserved || row_of(opcode).data;
}

} // namespace

axi_gather::axi_gather(const sc_core::sc_object &owner, const axi_shape &shape,
                       std::function<tlm::tlm_fw_transport_if<> &()> target)
    : passage_(owner), shape_(shape), target_(std::move(target)),
      initiator_("initiator", *this, target_, at_initiator::told::at_once)
{
}

// Extensions are members of the transactions.
axi_gather::~axi_gather()
{
    for (const std::unique_ptr<transaction> &each : all_)
        each->clear_extension<smmu::attributes>();
}

void axi_gather::edge(axi_pins &pins, pin_level aresetn)
{
    if (aresetn == pin_level::high)
        pass(pins, hands_.transfers(pins));
    else
        reset(pins);
    is_examined_ = false;
}

// Most edges bring nothing but beats in the middle of bursts.
void axi_gather::edge(axi_values &pins, pin_level aresetn)
{
    if (aresetn == pin_level::high)
        pass_beats(pins);
    else
        reset(pins);
    is_examined_ = false;
}

void axi_gather::pass_beats(axi_values &pins)
{
    axi_channel_set moved = hands_.transfers(pins);
    if (moved & set_of(axi_channel::R) && reading_.left) {
        show_next(pins);
        moved &= ~set_of(axi_channel::R);
    }
    if (moved & set_of(axi_channel::W) && writing_.left) {
        const axi_beat &beat = pins.beat(axi_channel::W);
        if (has_all_lanes(beat) && !beat.get(axi_signal::WLAST)) {
            take_next(beat);
            moved &= ~set_of(axi_channel::W);
        }
    }
    if (!moved && is_still_)
        return;
    pass(pins, moved);
    begin_runs();
}

// All that an edge brings, on the channels `moved`.
template <class PINS> void axi_gather::pass(PINS &pins, axi_channel_set moved)
{
    take(pins, moved);
    if (!to_send_.empty()) {
        at_edge_ = true;
        send();
        at_edge_ = false;
    }
    drive(pins);
    is_still_ = passage_.is_free() && to_send_.empty();
    if (!late_.empty())
        answer_late();
}

bool axi_gather::has_all_lanes(const axi_beat &beat) const
{
    return beat.get(axi_signal::WSTRB) == all_strobes_;
}

void axi_gather::show_next(axi_values &pins)
{
    axi_beat &beat = pins.beat(axi_channel::R);
    const unsigned bytes = shape_.bus_bytes;
    const unsigned char *const at = reading_.at;
    reading_.at += bytes;
    beat.set(axi_signal::RLAST, --reading_.left == 0);
    beat.set_words(axi_signal::RDATA, bytes, at);
    pins.drive(axi_channel::R, beat);
}

void axi_gather::take_next(const axi_beat &beat)
{
    const unsigned bytes = shape_.bus_bytes;
    unsigned char *const at = writing_.at;
    writing_.at += bytes;
    writing_.left--;
    beat.get_words(axi_signal::WDATA, bytes, at);
}

void axi_gather::take_last(const axi_beat &beat)
{
    beat.get_words(axi_signal::WDATA, shape_.bus_bytes, writing_.at);
    writing_ = {};
    start(without_data_.pop());
}

// Of bursts all of whose transfers have the whole width of the bus, and whose turn it is.
void axi_gather::begin_runs()
{
    if (!passage_.is_free())
        return;
    if (!reading_.at && !hands_.is_free(axi_channel::R)) {
        transaction &it = reads_.answers.front();
        if (it.whole && it.has_data && it.response <= AXI_EXOKAY)
            reading_ = {&it.data[it.lanes.byte] + shape_.bus_bytes,
                        it.returned_transfers - it.transfers - 1};
    }
    if (!writing_.at && !without_data_.empty()) {
        transaction &it = without_data_.front();
        if (it.whole && !it.refused && it.enables.empty())
            writing_ = {&it.data[it.lanes.byte], it.request.transfers() - it.transfers - 1};
    }
}

// The burst `it`, of `transfers`, goes on beat by beat from the one that is shown, or comes next.
void axi_gather::end(run &beats, transaction &it, unsigned transfers) const
{
    it.transfers = transfers - beats.left - 1;
    it.lanes.byte = it.transfers * shape_.bus_bytes;
    beats = {};
}

void axi_gather::end_reading()
{
    if (reading_.at)
        end(reading_, reads_.answers.front(), reads_.answers.front().returned_transfers);
}

void axi_gather::end_writing()
{
    if (writing_.at)
        end(writing_, without_data_.front(), without_data_.front().request.transfers());
}

void axi_gather::set_outstanding(const axi_outstanding &limits)
{
    passage_.set_outstanding(limits);
    is_still_ = false;
}

void axi_gather::set_throttle(const axi_throttle &throttle)
{
    passage_.set_throttle(throttle);
    end_reading();
    end_writing();
    is_still_ = false;
}

template <class PINS> bool axi_gather::is_quiet(const PINS &pins) const
{
    const axi_channel_set coming = hands_.transfers(pins);
    if (coming & (set_of(axi_channel::AR) | set_of(axi_channel::AW)) || !to_send_.empty())
        return takes_quietly(pins, coming);
    return !(coming & set_of(axi_channel::W)) || !ends_write(pins);
}

// The same at an edge that brings a request, or on which one waits to be sent.
template <class PINS> bool axi_gather::takes_quietly(const PINS &pins, axi_channel_set coming) const
{
    if (!to_send_.empty() || coming & set_of(axi_channel::AR))
        return false;
    const axi_beat &beat = pins.look(axi_channel::AW, room_);
    const examined &what = examine(axi_channel::AW, beat);
    is_examined_ = true;
    return what.has_data && !has_fault(what, beat.get(axi_signal::AWADDR)) &&
           (!(coming & set_of(axi_channel::W)) || !ends_write(pins));
}

template <class PINS> bool axi_gather::ends_write(const PINS &pins) const
{
    if (pins.look(axi_channel::W, room_).get(axi_signal::WLAST))
        return true;
    if (writing_.at)
        return !writing_.left;
    const transaction &it = without_data_.front();
    return it.transfers + 1 == it.request.transfers();
}

template <class PINS> void axi_gather::take(const PINS &pins, axi_channel_set moved)
{
    hands_.take(moved);
    if (moved & set_of(axi_channel::B))
        leave(writes_);
    if (moved & set_of(axi_channel::R)) {
        end_reading();
        transaction &it = reads_.answers.front();
        if (++it.transfers == it.returned_transfers)
            leave(reads_);
        else
            advance(it.lanes, it.request, it.transfers, shape_.bus_bytes);
    }
    if (moved & set_of(axi_channel::W)) {
        const axi_beat &beat = pins.look(axi_channel::W, room_);
        if (writing_.at && !writing_.left && has_all_lanes(beat) && beat.get(axi_signal::WLAST)) {
            take_last(beat);
        } else {
            end_writing();
            take_data(beat);
        }
    }
    if (moved & set_of(axi_channel::AW)) {
        const axi_beat &beat = pins.look(axi_channel::AW, room_);
        take_request(is_examined_ ? examined_write_ : examine(axi_channel::AW, beat),
                     beat.get(axi_signal::AWID), beat.get(axi_signal::AWADDR));
    }
    if (moved & set_of(axi_channel::AR)) {
        const axi_beat &beat = pins.look(axi_channel::AR, room_);
        take_request(examine(axi_channel::AR, beat), beat.get(axi_signal::ARID),
                     beat.get(axi_signal::ARADDR));
    }
}

// The whole answer has been taken.
void axi_gather::leave(direction &from)
{
    from.answers.pop().release();
    from.count--;
}

template <class PINS> void axi_gather::drive(PINS &pins)
{
    if (!writes_.answers.empty() && hands_.is_free(axi_channel::B) &&
        passage_.may(axi_channel::B)) {
        axi_beat &beat = pins.place(axi_channel::B, room_);
        put_response(writes_.answers.front(), beat);
        hands_.show(axi_channel::B, pins, beat);
    }
    if (!reads_.answers.empty() && hands_.is_free(axi_channel::R) && passage_.may(axi_channel::R)) {
        axi_beat &beat = pins.place(axi_channel::R, room_);
        put_read_data(reads_.answers.front(), beat);
        hands_.show(axi_channel::R, pins, beat);
    }
    hands_.drive(pins, ready());
}

// Where a beat may come next.
axi_channel_set axi_gather::ready() const
{
    axi_channel_set channels = 0;
    if (writes_.count < passage_.limits().writes && passage_.may(axi_channel::AW))
        channels |= set_of(axi_channel::AW);
    if (!without_data_.empty() && passage_.may(axi_channel::W))
        channels |= set_of(axi_channel::W);
    if (reads_.count < passage_.limits().reads && passage_.may(axi_channel::AR))
        channels |= set_of(axi_channel::AR);
    return channels;
}

// What is under way in TLM stays until its response has come, in no list.
template <class PINS> void axi_gather::reset(PINS &pins)
{
    hands_.reset();
    hands_.drive(pins, 0);
    is_still_ = false;
    reading_ = {};
    writing_ = {};
    without_data_.clear();
    to_send_.clear();
    if (monitor_)
        monitor_->forget(this);
    for (direction *each : {&reads_, &writes_}) {
        for (transaction *it : each->in_order) {
            it->returned = nullptr;
            it->release();
        }
        while (!each->answers.empty())
            each->answers.pop().release();
        *each = {};
    }
}

// Most requests differ from the one before in their address, and in their ID.
const axi_gather::examined &axi_gather::examine(axi_channel channel, const axi_beat &beat) const
{
    const bool write = channel == axi_channel::AW;
    examined &what = write ? examined_write_ : examined_read_;
    if (!what.is_like ||
        !(write ? beat.same_bits(axi_signal::AWLEN, axi_signal::AWIDUNQ, what.beat)
                : beat.same_bits(axi_signal::ARLEN, axi_signal::ARIDUNQ, what.beat)))
        examine_all(channel, beat, what);
    return what;
}

void axi_gather::examine_all(axi_channel channel, const axi_beat &beat, examined &what) const
{
    const axi_request request = request_of(channel, beat);
    what.beat = beat;
    what.request = request;
    what.has_data = has_data(request, shape_);
    what.has_fault = (shape_.untranslated && !request.mmuvalid) || broken_by(request, shape_);
    if (!what.has_fault)
        what.attributes = attributes_of(request, shape_);
    const bool is_plain = request.burst == AXI_BURST_INCR && !request.lock && !request.atop;
    const axi_opcode opcode = opcode_of(request, shape_.domains);
    what.is_like = !what.has_fault && is_plain && row_of(opcode).line == axi_extent::ANY;
    what.whole = is_plain && request.bytes() == shape_.bus_bytes && request.bytes() % 8 == 0 &&
                 axi_beat::words_are_lanes;
}

void axi_gather::take_request(const examined &what, std::uint64_t id, std::uint64_t address)
{
    transaction &it = take_idle();
    it.request = what.request;
    it.request.id = static_cast<std::uint32_t>(id);
    it.request.addr = address;
    begin(it, what.has_data, what.whole && !(address & (shape_.bus_bytes - 1)));
    if (has_fault(what, address)) {
        refuse(it, fault_of(it.request));
    } else {
        it.attributes = what.attributes;
        it.attributes.id = it.request.id;
    }
    if (it.request.write && it.has_data)
        without_data_.push(it);
    else
        start(it);
}

// Why it is refused.
std::string axi_gather::fault_of(const axi_request &request) const
{
    const char *const field = broken_by(request, shape_);
    return field ? "a request that breaks a rule of AXI (" + signal_of(request, field) + ")"
                 : "a physical address among virtual ones";
}

axi_gather::transaction &axi_gather::take_idle()
{
    in_use_++;
    if (!idle_.empty())
        return idle_.pop();
    all_.push_back(std::make_unique<transaction>(static_cast<tlm::tlm_mm_interface *>(this)));
    return *all_.back();
}

// Of what its request is, of which each of whose transfers has the width of the bus if it is whole.
void axi_gather::begin(transaction &it, bool has_data, bool whole)
{
    const axi_request &request = it.request;
    it.acquire();
    it.transfers = 0;
    it.whole = whole;
    it.lanes = whole ? axi_lanes{0, shape_.bus_bytes, 0} : lanes_of(request, 0, shape_.bus_bytes);
    it.has_data = has_data;
    it.returned_transfers = has_data ? request.transfers() : 1;
    it.refused = it.answered = false;
    it.returned = nullptr;
    it.data.resize(payload_length(request));
    if (!request.write || !has_data) // of other writes all bytes come, or take_some() clears them
        std::fill(it.data.begin(), it.data.end(), static_cast<unsigned char>(0));
    it.enables.clear();
    direction &of = request.write ? writes_ : reads_;
    of.in_order.push_back(&it);
    of.count++;
}

void axi_gather::refuse(transaction &it, const std::string &why)
{
    it.refused = true;
    passage_.refuse(why);
}

void axi_gather::take_data(const axi_beat &beat)
{
    transaction &it = without_data_.front();
    if (!it.refused)
        take_bytes(it, beat);
    const bool last = ++it.transfers == it.request.transfers();
    advance(it.lanes, it.request, it.transfers, shape_.bus_bytes);
    const bool ends = beat.get(axi_signal::WLAST);
    if (ends != last)
        refuse(it, "WLAST is not where the burst ends");
    if (!ends && !last)
        return;
    without_data_.pop();
    start(it);
}

void axi_gather::take_bytes(transaction &it, const axi_beat &beat) const
{
    const axi_lanes &lanes = it.lanes;
    const unsigned count = lanes.end_lane - lanes.first_lane;
    const std::uint64_t all = axi_all_lanes(count);
    const std::uint64_t strobes = beat.get(axi_signal::WSTRB) >> lanes.first_lane & all;
    if (strobes == all && it.enables.empty())
        beat.get_bytes(axi_signal::WDATA, lanes.first_lane, count, &it.data[lanes.byte]);
    else
        take_some(it, beat, strobes);
}

// The first time, all before have been whole.
void axi_gather::take_some(transaction &it, const axi_beat &beat, std::uint64_t strobes) const
{
    if (it.enables.empty()) {
        it.enables.assign(it.data.size(), TLM_BYTE_DISABLED);
        for (unsigned before = 0; before < it.transfers; before++) {
            const axi_lanes its = lanes_of(it.request, before, shape_.bus_bytes);
            std::fill_n(&it.enables[its.byte], its.end_lane - its.first_lane, TLM_BYTE_ENABLED);
        }
        for (std::size_t i = 0; i < it.data.size(); i++)
            if (it.enables[i] == TLM_BYTE_DISABLED)
                it.data[i] = 0;
    }
    for (unsigned lane = it.lanes.first_lane; lane < it.lanes.end_lane; lane++) {
        const unsigned number = lane - it.lanes.first_lane;
        if (!(strobes >> number & 1))
            continue;
        it.data[it.lanes.byte + number] = beat.byte(axi_signal::WDATA, lane);
        it.enables[it.lanes.byte + number] = TLM_BYTE_ENABLED;
    }
}

// Everything has come.
void axi_gather::start(transaction &it)
{
    if ((it.refused || it.request.atop || !it.has_data) && ends_here(it))
        return;
    fill(it);
    to_send_.push(it);
}

// Whether it is answered and not sent. An atomic transaction may have data to return.
bool axi_gather::ends_here(transaction &it)
{
    if (it.request.atop && !it.refused && !it.enables.empty())
        refuse(it, "an atomic transaction without some of its data");
    if (it.request.atop && returns_data(it.request)) {
        transaction &read = take_idle();
        read.request = returned_by(it.request);
        begin(read, has_data(read.request, shape_), false);
        it.returned = &read;
    }
    const bool is_hint = it.request.write && !it.has_data &&
                         opcode_of(it.request, shape_.domains) == axi_opcode::StashTranslation;
    if (it.refused)
        answer(it, AXI_SLVERR);
    else if (is_hint)
        answer(it, AXI_OKAY);
    return it.refused || is_hint;
}

void axi_gather::fill(transaction &it)
{
    const axi_request &request = it.request;
    const unsigned length = static_cast<unsigned>(it.data.size());
    const bool whole = it.enables.empty();
    it.set_command(!it.has_data    ? tlm::TLM_IGNORE_COMMAND
                   : request.write ? tlm::TLM_WRITE_COMMAND
                                   : tlm::TLM_READ_COMMAND);
    it.set_address(payload_address(request));
    it.set_data_ptr(it.data.data());
    it.set_data_length(length);
    it.set_streaming_width(request.burst == AXI_BURST_FIXED ? first_bytes(request) : length);
    it.set_byte_enable_ptr(whole ? nullptr : it.enables.data());
    it.set_byte_enable_length(whole ? 0 : length);
    it.set_dmi_allowed(false);
    it.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    it.exclusive = {};
    it.attributes.exclusive = request.lock && !monitor_ ? &it.exclusive : nullptr;
    it.set_extension(&it.attributes);
    if (request.atop)
        fill_atomic(it);
}

// A write that is one for those alone who know atomic operations.
void axi_gather::fill_atomic(transaction &it)
{
    const bool compares = atomic_of(it.request) == axi_atomic::compare;
    const unsigned size = compares ? it.request.total() / 2 : it.request.total();
    it.atomic = operation_of(it.request, it.data.data());
    it.attributes.atomic = &it.atomic;
    it.attributes.wrap_beat = 0;
    it.attributes.wrap_first = 0;
    it.enables.assign(size, TLM_BYTE_DISABLED);
    it.set_address(it.request.addr);
    it.set_data_ptr(it.atomic.operand);
    it.set_data_length(size);
    it.set_streaming_width(size);
    it.set_byte_enable_ptr(it.enables.data());
    it.set_byte_enable_length(size);
}

// One that has not been accepted holds up the others here, where a reset can drop them.
void axi_gather::send()
{
    while (!to_send_.empty() && !initiator_.busy()) {
        transaction &it = to_send_.pop();
        if (!monitor_ || may_be_sent(it))
            initiator_.send(it);
        else
            answer(it, AXI_OKAY);
    }
}

// An exclusive write that fails is not. A write counts when it is sent, and when it has been made.
bool axi_gather::may_be_sent(const transaction &it)
{
    const std::uint64_t address = it.get_address();
    const unsigned length = it.get_data_length();
    if (!it.request.write && it.request.lock)
        monitor_->watch(this, it.request.id, address, length);
    if (it.request.write && it.request.lock)
        return monitor_->claim(this, it.request.id, address, length);
    if (it.request.write)
        monitor_->written(address, length);
    return true;
}

void axi_gather::request_accepted(tlm::tlm_generic_payload &)
{
    if (!to_send_.empty())
        send();
}

// What comes while requests are sent is there at the next edge.
void axi_gather::response_arrived(tlm::tlm_generic_payload &payload)
{
    auto &it = static_cast<transaction &>(payload);
    if (it.request.atop && it.is_response_ok() && !perform(it))
        it.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    if (monitor_)
        settle(it);
    it.response = it.is_response_ok() && it.exclusive.succeeded
                      ? unsigned{AXI_EXOKAY}
                      : response_of(it.get_response_status());
    if (at_edge_)
        late_.push_back(&it);
    else
        answer(it, it.response);
}

// What the monitor has allowed has happened, or has failed.
void axi_gather::settle(transaction &it)
{
    it.exclusive.succeeded = it.request.lock;
    if (it.request.write)
        monitor_->written(it.get_address(), it.get_data_length());
    else if (it.request.lock && !it.is_response_ok())
        monitor_->forget(this, it.request.id);
}

// In the moment of the response, if memory does not know atomic operations: nobody can come
// between.
bool axi_gather::perform(transaction &it)
{
    unsigned char bytes[atomic_access::max_size];
    if (it.atomic.done)
        return true;
    if (by_debug(tlm::TLM_READ_COMMAND, it, bytes)) {
        it.atomic.perform(bytes, it.get_data_length());
        if (by_debug(tlm::TLM_WRITE_COMMAND, it, bytes))
            return true;
    }
    passage_.refuse("an atomic transaction, which memory does not know, nor debug transport");
    return false;
}

bool axi_gather::by_debug(tlm::tlm_command command, const transaction &it, unsigned char *bytes)
{
    smmu::attributes plain = it.attributes;
    plain.op = SMMU_OP_ORDINARY;
    plain.atomic = nullptr;
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(it.get_address());
    payload.set_data_ptr(bytes);
    payload.set_data_length(it.get_data_length());
    payload.set_streaming_width(it.get_data_length());
    payload.set_extension(&plain);
    const bool done = target_().transport_dbg(payload) == it.get_data_length();
    payload.clear_extension(&plain);
    return done;
}

// What has waited for it in its ID can leave too.
void axi_gather::answer(transaction &it, unsigned response)
{
    if (transaction *const returned = std::exchange(it.returned, nullptr)) {
        if (response == AXI_OKAY)
            std::copy_n(it.atomic.old, returned->data.size(), returned->data.begin());
        answer(*returned, response);
    }
    is_still_ = false;
    it.answered = true;
    it.response = response;
    it.transfers = 0;
    direction &of = it.request.write ? writes_ : reads_;
    for (auto each = of.in_order.begin(); each != of.in_order.end();) {
        transaction &next = **each;
        if (next.request.id != it.request.id) {
            ++each;
            continue;
        }
        if (!next.answered)
            return;
        of.answers.push(next);
        each = of.in_order.erase(each);
    }
}

void axi_gather::answer_late()
{
    for (transaction *each : late_)
        answer(*each, each->response);
    late_.clear();
}

void axi_gather::put_response(const transaction &it, axi_beat &beat)
{
    beat.set(axi_signal::BID, it.request.id);
    beat.set(axi_signal::BRESP, it.response);
    beat.set(axi_signal::BIDUNQ, it.request.idunq);
}

// Without data where the operation has none, or there has been an error.
void axi_gather::put_read_data(const transaction &it, axi_beat &beat)
{
    const axi_request &request = it.request;
    beat.clear(axi_signal::RDATA);
    beat.set(axi_signal::RID, request.id);
    beat.set(axi_signal::RRESP, it.response);
    beat.set(axi_signal::RIDUNQ, request.idunq);
    beat.set(axi_signal::RLAST, it.transfers + 1 == it.returned_transfers);
    if (it.response > AXI_EXOKAY || !it.has_data)
        return;
    const unsigned count = it.lanes.end_lane - it.lanes.first_lane;
    beat.set_bytes(axi_signal::RDATA, it.lanes.first_lane, count, &it.data[it.lanes.byte]);
}

void axi_gather::free(tlm::tlm_generic_payload *payload)
{
    payload->reset(); // of what others have left in it (IEEE 1666 14.5, 14.8)
    idle_.push(*static_cast<transaction *>(payload));
    in_use_--;
}

template bool axi_gather::is_quiet(const axi_pins &pins) const;
template bool axi_gather::is_quiet(const axi_values &pins) const;

} // namespace smmu::pins
