// SPDX-License-Identifier: Apache-2.0
// Transactions as bursts of AXI: see axi_issue.hpp.
#include "axi_issue.hpp"

#include <algorithm>
#include <utility>

#include "axi_lanes.hpp"
#include "smmu/tlm/attributes.hpp"

namespace smmu::pins {

namespace {

bool is_enabled(const tlm::tlm_generic_payload &payload, std::size_t byte)
{
    const unsigned char *const enables = payload.get_byte_enable_ptr();
    return !enables || enables[byte % payload.get_byte_enable_length()] == TLM_BYTE_ENABLED;
}

tlm::tlm_response_status status_of(unsigned response)
{
    switch (response) {
    case AXI_OKAY:
    case AXI_EXOKAY:
        return tlm::TLM_OK_RESPONSE;
    case AXI_DECERR:
        return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    default:
        return tlm::TLM_GENERIC_ERROR_RESPONSE;
    }
}

template <class List> auto first_of(List &bursts, std::uint64_t id)
{
    return std::find_if(bursts.begin(), bursts.end(),
                        [id](const auto &each) { return each.piece->request.id == id; });
}

// Calls act(lane, byte) for each byte of the payload that a transfer of the burst has.
template <class Act>
void for_each_byte(const axi_burst_piece &piece, unsigned number, unsigned bus_bytes, Act &&act)
{
    const axi_lanes lanes = lanes_of(piece.request, number, bus_bytes);
    for (unsigned lane = lanes.first_lane; lane < lanes.end_lane; lane++) {
        const unsigned byte = lanes.byte + lane - lanes.first_lane;
        if (byte < piece.bytes)
            act(lane, piece.offset + byte);
    }
}

} // namespace

axi_issue::axi_issue(const sc_core::sc_object &owner, const axi_shape &shape,
                     std::function<tlm::tlm_bw_transport_if<> &()> initiator)
    : passage_(owner), shape_(shape), target_("target", *this, std::move(initiator))
{
}

// A payload that ends at once is answered here, unless it is one of nb_transport.
axi_issue::job *axi_issue::begin(tlm::tlm_generic_payload &payload, waiter *who)
{
    payload.set_dmi_allowed(false);
    if (reset_ && refuses_in_reset_) {
        payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
        return nullptr;
    }
    axi_split split = pins::split(payload, shape_);
    if (!split.refused.empty())
        passage_.refuse(split.refused);
    if (split.pieces.empty()) {
        payload.set_response_status(split.status);
        return nullptr;
    }
    jobs_.push_back({&payload, std::move(split), who});
    job &it = jobs_.back();
    it.place = std::prev(jobs_.end());
    rests_ = false;
    arrival_.notify(sc_core::SC_ZERO_TIME);
    (it.split.pieces.front().request.write ? writes_ : reads_).to_issue.push_back(&it);
    return &it;
}

void axi_issue::set_throttle(const axi_throttle &throttle)
{
    passage_.set_throttle(throttle);
    rests_ = false;
}

axi_issue::remains::remains(const tlm::tlm_generic_payload &of)
    : data(of.get_data_length()), enables(of.get_byte_enable_length())
{
    if (of.get_data_ptr())
        std::copy_n(of.get_data_ptr(), data.size(), data.begin());
    if (of.get_byte_enable_ptr())
        std::copy_n(of.get_byte_enable_ptr(), enables.size(), enables.begin());
    payload.set_data_ptr(data.data());
    payload.set_byte_enable_ptr(of.get_byte_enable_ptr() ? enables.data() : nullptr);
    payload.set_byte_enable_length(of.get_byte_enable_length());
}

// The bus ends what it has begun, if the process is killed too.
void axi_issue::transport(tlm::tlm_generic_payload &payload)
{
    waiter me;
    job *const mine = begin(payload, &me);
    if (!mine)
        return;
    try {
        sc_core::wait(me.event);
    } catch (const sc_core::sc_unwind_exception &) {
        if (!me.ended) {
            mine->kept = std::make_unique<remains>(payload);
            mine->payload = &mine->kept->payload;
            mine->who = nullptr;
        }
        throw;
    }
}

void axi_issue::request_arrived(tlm::tlm_generic_payload &payload)
{
    if (!begin(payload, nullptr))
        target_.respond(payload);
}

void axi_issue::edge(axi_pins &pins, pin_level aresetn)
{
    if (aresetn != pin_level::high) {
        rests_ = false;
        reset(pins);
        return;
    }
    reset_ = false;
    take(pins);
    issue(pins);
    drive(pins);
    rests_ = jobs_.empty() && data_.empty() && hands_.is_free() && passage_.is_free();
}

// What is shown has been issued before, so its place is free again.
void axi_issue::take(const axi_pins &pins)
{
    const axi_channel_set moved = hands_.transfers(pins);
    hands_.take(moved);
    if (moved & set_of(axi_channel::B))
        take_response(pins.look(axi_channel::B, room_));
    if (moved & set_of(axi_channel::R))
        take_data(pins.look(axi_channel::R, room_));
}

void axi_issue::issue(axi_pins &pins)
{
    issue(reads_, axi_channel::AR, passage_.limits().reads, pins);
    issue(writes_, axi_channel::AW, passage_.limits().writes, pins);
    if (hands_.is_free(axi_channel::W) && !data_.empty() && passage_.may(axi_channel::W))
        hands_.show(axi_channel::W, pins, next_write_data());
}

// A request of nb_transport is accepted with its last burst. That may bring the next one.
void axi_issue::issue(direction &of, axi_channel by, unsigned limit, axi_pins &pins)
{
    if (!hands_.is_free(by) || of.to_issue.empty() || of.outstanding.size() >= limit ||
        !passage_.may(by))
        return;
    job &next = *of.to_issue.front();
    const axi_burst_piece &piece = next.split.pieces[next.issued];
    if (has_to_wait(piece.request))
        return;
    next.issued++;
    hands_.show(by, pins, beat_of(piece.request));
    of.outstanding.push_back({&next, &piece, 0});
    if (piece.request.atop)
        atomics_++;
    if (next.split.returned)
        reads_.outstanding.push_back({&next, &*next.split.returned, 0});
    if (write_transfers(piece.request, shape_.domains))
        data_.push_back({&next, &piece, 0});
    if (next.issued < next.split.pieces.size())
        return;
    of.to_issue.pop_front();
    if (!next.who && !next.kept)
        target_.accept(*next.payload);
}

// An atomic transaction has its ID alone (IHI 0022 L A6.4.4).
bool axi_issue::has_to_wait(const axi_request &request) const
{
    if (!request.atop && !atomics_)
        return false;
    const auto excludes = [&request](const burst &other) {
        const axi_request &its = other.piece->request;
        return its.id == request.id &&
               (request.atop || other.of->split.pieces.front().request.atop);
    };
    return std::any_of(reads_.outstanding.begin(), reads_.outstanding.end(), excludes) ||
           std::any_of(writes_.outstanding.begin(), writes_.outstanding.end(), excludes);
}

axi_beat axi_issue::next_write_data()
{
    burst &of = data_.front();
    const tlm::tlm_generic_payload &payload = *of.of->payload;
    const std::vector<unsigned char> &operand = of.of->split.operand;
    const unsigned char *const data = operand.empty() ? payload.get_data_ptr() : operand.data();
    axi_beat beat;
    std::uint64_t strobes = 0;
    for_each_byte(*of.piece, of.transfers, shape_.bus_bytes, [&](unsigned lane, std::size_t byte) {
        beat.set_byte(axi_signal::WDATA, lane, data[byte]);
        if (!operand.empty() || is_enabled(payload, byte))
            strobes |= std::uint64_t{1} << lane;
    });
    beat.set(axi_signal::WSTRB, strobes);
    const bool last = ++of.transfers == of.piece->request.transfers();
    beat.set(axi_signal::WLAST, last);
    if (last) {
        const burst shown = of;
        data_.pop_front();
        if (shown.answered)
            end(writes_, std::find_if(writes_.outstanding.begin(), writes_.outstanding.end(),
                                      [&](const burst &each) { return is_same(each, shown); }));
    }
    return beat;
}

// The write among those whose data have not all been shown; nullptr: it is not.
axi_issue::burst *axi_issue::unsent(const burst &of)
{
    const auto which = std::find_if(data_.begin(), data_.end(),
                                    [&](const burst &each) { return is_same(each, of); });
    return which == data_.end() ? nullptr : &*which;
}

void axi_issue::drive(axi_pins &pins)
{
    axi_channel_set ready = 0;
    for (const axi_channel each : {axi_channel::B, axi_channel::R})
        if (passage_.may(each))
            ready |= set_of(each);
    hands_.drive(pins, ready);
}

// A subordinate that answers before it has all data is wrong. The bus still waits for them, so the
// burst ends when they have been shown.
void axi_issue::take_response(const axi_beat &beat)
{
    const auto which = first_of(writes_.outstanding, beat.get(axi_signal::BID));
    if (which == writes_.outstanding.end())
        return; // nobody has asked
    note(*which->of, static_cast<unsigned>(beat.get(axi_signal::BRESP)));
    if (burst *const data = unsent(*which)) {
        note(*which->of, AXI_SLVERR);
        data->answered = true;
        return;
    }
    end(writes_, which);
}

// RLAST ends a burst. If it comes early, data are missing.
void axi_issue::take_data(const axi_beat &beat)
{
    const auto which = first_of(reads_.outstanding, beat.get(axi_signal::RID));
    if (which == reads_.outstanding.end())
        return; // nobody has asked
    const tlm::tlm_generic_payload &payload = *which->of->payload;
    axi_split &split = which->of->split;
    unsigned char *const data = split.operand.empty() ? payload.get_data_ptr() : split.old.data();
    const axi_burst_piece &piece = *which->piece;
    const unsigned response = static_cast<unsigned>(beat.get(axi_signal::RRESP));
    note(*which->of, response);
    if (status_of(response) == tlm::TLM_OK_RESPONSE)
        for_each_byte(piece, which->transfers, shape_.bus_bytes,
                      [&](unsigned lane, std::size_t byte) {
                          if (!split.operand.empty() || is_enabled(payload, byte))
                              data[byte] = beat.byte(axi_signal::RDATA, lane);
                      });
    const bool last = ++which->transfers == read_transfers(piece.request, shape_.domains);
    const bool ends = beat.get(axi_signal::RLAST);
    if (last != ends)
        note(*which->of, AXI_SLVERR);
    if (last || ends)
        end(reads_, which);
}

void axi_issue::note(job &of, unsigned response)
{
    if (of.split.status == tlm::TLM_OK_RESPONSE)
        of.split.status = status_of(response);
    of.exclusive = of.exclusive && response == AXI_EXOKAY;
}

void axi_issue::end(direction &of, std::list<burst>::iterator which)
{
    job &whose = *which->of;
    of.outstanding.erase(which);
    if (++whose.ended < whose.split.responses())
        return;
    if (whose.split.pieces.front().request.atop)
        atomics_--;
    finish(whose);
}

// What attributes point to, if the initiator is there and the bus has done it.
void axi_issue::tell(const job &of)
{
    const attributes *const asked = of.payload->get_extension<attributes>();
    if (!asked || of.split.status != tlm::TLM_OK_RESPONSE)
        return;
    if (asked->exclusive)
        asked->exclusive->succeeded = of.exclusive;
    const std::vector<unsigned char> &old = of.split.old;
    if (old.empty())
        return;
    if (of.payload->is_read()) {
        std::copy(old.begin(), old.end(), of.payload->get_data_ptr());
        asked->swap->done = true;
    } else if (asked->atomic) {
        std::copy(old.begin(), old.end(), asked->atomic->old);
        asked->atomic->done = true;
    }
}

void axi_issue::finish(job &of)
{
    tell(of);
    const std::list<job>::iterator place = of.place;
    of.payload->set_response_status(of.split.status);
    waiter *const who = of.who;
    tlm::tlm_generic_payload *const taken = who || of.kept ? nullptr : of.payload;
    jobs_.erase(place);
    if (who) {
        who->ended = true;
        who->event.notify(sc_core::SC_ZERO_TIME);
    }
    if (taken)
        target_.respond(*taken);
}

// What comes in the answer to an end waits for the end of the reset, or is refused.
void axi_issue::reset(axi_pins &pins)
{
    hands_.reset();
    hands_.drive(pins, 0);
    if (reset_)
        return;
    reset_ = true;
    data_.clear();
    reads_ = {};
    writes_ = {};
    atomics_ = 0;
    for (std::size_t count = jobs_.size(); count; count--) {
        job &first = jobs_.front();
        first.split.status = tlm::TLM_GENERIC_ERROR_RESPONSE;
        finish(first);
    }
}

} // namespace smmu::pins
