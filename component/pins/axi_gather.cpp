// SPDX-License-Identifier: Apache-2.0
// Bursts of AXI as transactions: see axi_gather.hpp.
#include "axi_gather.hpp"

#include <algorithm>
#include <utility>

#include "axi_lanes.hpp"
#include "axi_request_rules.hpp"

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
    : passage_(owner), shape_(shape), initiator_("initiator", *this, std::move(target))
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
    if (aresetn != pin_level::high) {
        reset(pins);
        return;
    }
    take(pins);
    send();
    drive(pins);
}

void axi_gather::take(const axi_pins &pins)
{
    if (b_.taken(pins)) {
        writes_.answers.front()->release();
        writes_.answers.pop_front();
    }
    if (r_.taken(pins)) {
        transaction &it = *reads_.answers.front();
        if (++it.transfers == read_transfers(it.request, shape_.domains)) {
            reads_.answers.pop_front();
            it.release();
        }
    }
    if (w_.arrived(pins))
        take_data(pins.sample(axi_channel::W));
    if (aw_.arrived(pins))
        take_request(request_of(axi_channel::AW, pins.sample(axi_channel::AW)));
    if (ar_.arrived(pins))
        take_request(request_of(axi_channel::AR, pins.sample(axi_channel::AR)));
}

void axi_gather::drive(axi_pins &pins)
{
    if (b_.is_free() && !writes_.answers.empty() && passage_.may(axi_channel::B))
        b_.show(pins, write_response(*writes_.answers.front()));
    if (r_.is_free() && !reads_.answers.empty() && passage_.may(axi_channel::R))
        r_.show(pins, read_data(*reads_.answers.front()));
    b_.drive(pins);
    r_.drive(pins);
    aw_.drive(pins, writes_.count() < passage_.limits().writes && passage_.may(axi_channel::AW));
    w_.drive(pins, !without_data_.empty() && passage_.may(axi_channel::W));
    ar_.drive(pins, reads_.count() < passage_.limits().reads && passage_.may(axi_channel::AR));
}

// What is under way in TLM stays until its response has come, in no list.
void axi_gather::reset(axi_pins &pins)
{
    b_.reset();
    r_.reset();
    b_.drive(pins);
    r_.drive(pins);
    for (axi_receiver *each : {&aw_, &w_, &ar_})
        each->drive(pins, false);
    without_data_.clear();
    to_send_.clear();
    for (direction *each : {&reads_, &writes_}) {
        for (transaction *it : each->in_order)
            it->release();
        for (transaction *it : each->answers)
            it->release();
        *each = {};
    }
}

void axi_gather::take_request(const axi_request &request)
{
    transaction &it = begin(request);
    if (const std::string signal = broken_by(request, shape_); !signal.empty())
        refuse(it, "a request that breaks a rule of AXI (" + signal + ")");
    else if (request.atop)
        refuse(it, "an atomic transaction");
    else if (shape_.untranslated && !request.mmuvalid)
        refuse(it, "a physical address among virtual ones");
    if (write_transfers(request, shape_.domains))
        without_data_.push_back(&it);
    else
        start(it);
}

axi_gather::transaction &axi_gather::begin(const axi_request &request)
{
    if (idle_.empty()) {
        all_.push_back(std::make_unique<transaction>(static_cast<tlm::tlm_mm_interface *>(this)));
        idle_.push_back(all_.back().get());
    }
    transaction &it = *idle_.back();
    idle_.pop_back();
    it.acquire();
    it.request = request;
    it.transfers = 0;
    it.refused = it.answered = false;
    it.data.assign(payload_length(request), 0);
    it.enables.clear();
    if (write_transfers(request, shape_.domains))
        it.enables.assign(it.data.size(), TLM_BYTE_DISABLED);
    (request.write ? writes_ : reads_).in_order.push_back(&it);
    return it;
}

void axi_gather::refuse(transaction &it, const std::string &why)
{
    it.refused = true;
    passage_.refuse(why);
}

void axi_gather::take_data(const axi_beat &beat)
{
    transaction &it = *without_data_.front();
    const bool last = it.transfers + 1 == it.request.transfers();
    if (!it.refused) {
        const axi_lanes lanes = lanes_of(it.request, it.transfers, shape_.bus_bytes);
        for (unsigned lane = lanes.first_lane; lane < lanes.end_lane; lane++) {
            if (!(beat.get(axi_signal::WSTRB) >> lane & 1))
                continue;
            const std::size_t byte = lanes.byte + lane - lanes.first_lane;
            it.data[byte] = beat.byte(axi_signal::WDATA, lane);
            it.enables[byte] = TLM_BYTE_ENABLED;
        }
    }
    it.transfers++;
    const bool ends = beat.get(axi_signal::WLAST);
    if (ends != last)
        refuse(it, "WLAST is not where the burst ends");
    if (!ends && !last)
        return;
    without_data_.pop_front();
    start(it);
}

// Everything has come. An atomic transaction may have data to return.
void axi_gather::start(transaction &it)
{
    if (it.refused && returns_data(it.request)) {
        transaction &returned = begin(returned_by(it.request));
        answer(returned, AXI_SLVERR);
    }
    if (it.refused) {
        answer(it, AXI_SLVERR);
        return;
    }
    if (it.request.write && opcode_of(it.request, shape_.domains) == axi_opcode::StashTranslation) {
        answer(it, AXI_OKAY);
        return;
    }
    fill(it);
    to_send_.push_back(&it);
}

void axi_gather::fill(transaction &it)
{
    const axi_request &request = it.request;
    const unsigned length = static_cast<unsigned>(it.data.size());
    const bool whole =
        std::find(it.enables.begin(), it.enables.end(), TLM_BYTE_DISABLED) == it.enables.end();
    it.set_command(!has_data(request, shape_) ? tlm::TLM_IGNORE_COMMAND
                   : request.write            ? tlm::TLM_WRITE_COMMAND
                                              : tlm::TLM_READ_COMMAND);
    it.set_address(payload_address(request));
    it.set_data_ptr(it.data.data());
    it.set_data_length(length);
    it.set_streaming_width(request.burst == AXI_BURST_FIXED ? first_bytes(request) : length);
    it.set_byte_enable_ptr(whole ? nullptr : it.enables.data());
    it.set_byte_enable_length(whole ? 0 : length);
    it.set_dmi_allowed(false);
    it.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    it.attributes = attributes_of(request, shape_);
    it.set_extension(&it.attributes);
}

// One that has not been accepted holds up the others here, where a reset can drop them.
void axi_gather::send()
{
    while (!to_send_.empty() && !initiator_.busy()) {
        transaction &it = *to_send_.front();
        to_send_.pop_front();
        initiator_.send(it);
    }
}

void axi_gather::request_accepted(tlm::tlm_generic_payload &)
{
    send();
}

void axi_gather::response_arrived(tlm::tlm_generic_payload &payload)
{
    answer(static_cast<transaction &>(payload), response_of(payload.get_response_status()));
}

// What has waited for it in its ID can leave too.
void axi_gather::answer(transaction &it, unsigned response)
{
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
        of.answers.push_back(&next);
        each = of.in_order.erase(each);
    }
}

axi_beat axi_gather::write_response(const transaction &it) const
{
    axi_beat beat;
    beat.set(axi_signal::BID, it.request.id);
    beat.set(axi_signal::BRESP, it.response);
    beat.set(axi_signal::BIDUNQ, it.request.idunq);
    return beat;
}

// Without data where the operation has none, or there has been an error.
axi_beat axi_gather::read_data(const transaction &it) const
{
    const axi_request &request = it.request;
    axi_beat beat;
    beat.set(axi_signal::RID, request.id);
    beat.set(axi_signal::RRESP, it.response);
    beat.set(axi_signal::RIDUNQ, request.idunq);
    beat.set(axi_signal::RLAST, it.transfers + 1 == read_transfers(request, shape_.domains));
    if (it.response != AXI_OKAY || !has_data(request, shape_))
        return beat;
    const axi_lanes lanes = lanes_of(request, it.transfers, shape_.bus_bytes);
    for (unsigned lane = lanes.first_lane; lane < lanes.end_lane; lane++)
        beat.set_byte(axi_signal::RDATA, lane, it.data[lanes.byte + lane - lanes.first_lane]);
    return beat;
}

void axi_gather::free(tlm::tlm_generic_payload *payload)
{
    idle_.push_back(static_cast<transaction *>(payload));
}

} // namespace smmu::pins
