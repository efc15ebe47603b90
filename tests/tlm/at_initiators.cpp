// SPDX-License-Identifier: Apache-2.0
// Initiators of the four-phase base protocol: see at_initiators.hpp.
#include "at_initiators.hpp"

#include <utility>

namespace tlm_test {

using end = at_initiator_kind::end;
using tlm::tlm_generic_payload;

const std::vector<at_initiator_kind> at_initiator_kinds = {
    {"completes", end::completed, 0, 0},
    {"completes_later", end::completed, 7, 0},
    {"updates", end::updated, 0, 0},
    {"updates_later", end::updated, 7, 0},
    {"calls", end::called, 0, 0},
    {"calls_later", end::called, 7, 0},
    {"calls_ahead", end::called_ahead, 7, 0},
    {"sends_ahead", end::completed, 0, 3},
    {"sends_ahead_calls_later", end::called, 7, 3},
};

payload_pool::~payload_pool()
{
    for (const std::unique_ptr<tlm_generic_payload> &payload : all_)
        payload->clear_extension<smmu::attributes>();
}

tlm_generic_payload &payload_pool::take()
{
    if (idle_.empty()) {
        all_.push_back(std::make_unique<tlm_generic_payload>(this));
        idle_.push_back(all_.back().get());
    }
    tlm_generic_payload &payload = *idle_.back();
    idle_.pop_back();
    payload.acquire();
    return payload;
}

void payload_pool::free(tlm_generic_payload *payload)
{
    payload->clear_extension<smmu::attributes>();
    payload->reset();
    idle_.push_back(payload);
}

at_transfer at_read(std::uint64_t address, unsigned length)
{
    at_transfer transfer;
    transfer.address = address;
    transfer.data.assign(length, 0xee);
    return transfer;
}

at_transfer at_write(std::uint64_t address, std::vector<unsigned char> data)
{
    at_transfer transfer;
    transfer.command = tlm::TLM_WRITE_COMMAND;
    transfer.address = address;
    transfer.data = std::move(data);
    return transfer;
}

void fill(tlm_generic_payload &payload, at_transfer &transfer)
{
    payload.set_command(transfer.command);
    payload.set_address(transfer.address);
    payload.set_data_ptr(transfer.data.data());
    payload.set_data_length(static_cast<unsigned>(transfer.data.size()));
    payload.set_streaming_width(transfer.streaming_width
                                    ? transfer.streaming_width
                                    : static_cast<unsigned>(transfer.data.size()));
    const bool enables = !transfer.byte_enables.empty();
    payload.set_byte_enable_ptr(enables ? transfer.byte_enables.data() : nullptr);
    payload.set_byte_enable_length(static_cast<unsigned>(transfer.byte_enables.size()));
    payload.set_dmi_allowed(false);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    payload.set_extension(&transfer.attributes);
}

at_sender::at_sender(const sc_core::sc_module_name &name, const at_initiator_kind &kind,
                     std::size_t outstanding)
    : sc_module(name), kind_(kind), accept_(kind.accept_ns, sc_core::SC_NS),
      outstanding_(outstanding), to_come_("to_come", this, &at_sender::arrive)
{
    socket.register_nb_transport_bw(this, &at_sender::nb_transport_bw);
    SC_HAS_PROCESS(at_sender);
    SC_METHOD(begin_next);
    sensitive << kick_;
    dont_initialize();
}

at_sender::~at_sender() = default;

void at_sender::send(at_transfer &transfer)
{
    waiting_.push_back(&transfer);
    kick_.notify(sc_core::SC_ZERO_TIME);
}

void at_sender::wait_until_idle()
{
    while (!waiting_.empty() || !under_way_.empty())
        sc_core::wait(idle_);
}

void at_sender::begin_next()
{
    while (!requesting_ && !waiting_.empty() && under_way_.size() < outstanding_) {
        at_transfer &next = *waiting_.front();
        if (next.not_before > sc_core::sc_time_stamp()) {
            kick_.notify(next.not_before - sc_core::sc_time_stamp());
            return;
        }
        waiting_.pop_front();
        issue(next);
    }
}

void at_sender::issue(at_transfer &transfer)
{
    tlm_generic_payload &payload = pool.take();
    fill(payload, transfer);
    under_way_[&payload].transfer = &transfer;
    requesting_ = &payload;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay(kind_.ahead_ns, sc_core::SC_NS);
    transfer.begin_req = sc_core::sc_time_stamp() + delay;
    switch (socket->nb_transport_fw(payload, phase, delay)) {
    case tlm::TLM_ACCEPTED:
        break;
    case tlm::TLM_UPDATED:
        if (phase == tlm::BEGIN_RESP)
            respond(payload, delay, true);
        else
            to_come_.notify(payload, phase, delay);
        break;
    case tlm::TLM_COMPLETED:
        transfer.responses++;
        transfer.begin_resp = sc_core::sc_time_stamp() + delay;
        to_come_.notify(payload, tlm::END_RESP, delay);
        break;
    }
}

tlm::tlm_sync_enum at_sender::nb_transport_bw(tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                              sc_core::sc_time &delay)
{
    if (phase != tlm::BEGIN_RESP) {
        to_come_.notify(payload, phase, delay);
        return tlm::TLM_ACCEPTED;
    }
    const bool calls = kind_.end_resp == end::called || kind_.end_resp == end::called_ahead;
    respond(payload, delay, calls);
    if (calls)
        return tlm::TLM_ACCEPTED;
    delay += accept_;
    if (kind_.end_resp == end::completed)
        return tlm::TLM_COMPLETED;
    phase = tlm::END_RESP;
    return tlm::TLM_UPDATED;
}

void at_sender::respond(tlm_generic_payload &payload, const sc_core::sc_time &delay, bool owes_end)
{
    in_flight &it = under_way_.at(&payload);
    it.owes_end = owes_end;
    it.transfer->responses++;
    it.transfer->begin_resp = sc_core::sc_time_stamp() + delay;
    to_come_.notify(payload, tlm::BEGIN_RESP, delay);
}

// A phase counts. Whichever comes first accepts the request.
void at_sender::arrive(tlm_generic_payload &payload, const tlm::tlm_phase &phase)
{
    in_flight &it = under_way_.at(&payload);
    if (requesting_ == &payload) {
        it.transfer->end_req = sc_core::sc_time_stamp();
        requesting_ = nullptr;
    }
    if (phase == tlm::BEGIN_RESP) {
        if (it.owes_end && kind_.end_resp == end::called_ahead) {
            it.owes_end = false;
            call_end(payload, accept_);
        }
        to_come_.notify(payload, tlm::END_RESP, accept_);
    } else if (phase == tlm::END_RESP) {
        if (it.owes_end)
            call_end(payload, sc_core::SC_ZERO_TIME);
        finish(payload);
    }
    begin_next();
}

void at_sender::call_end(tlm_generic_payload &payload, sc_core::sc_time delay)
{
    tlm::tlm_phase phase = tlm::END_RESP;
    socket->nb_transport_fw(payload, phase, delay);
}

void at_sender::finish(tlm_generic_payload &payload)
{
    at_transfer &transfer = *under_way_.at(&payload).transfer;
    under_way_.erase(&payload);
    transfer.end_resp = sc_core::sc_time_stamp();
    transfer.status = payload.get_response_status();
    ended.push_back(&transfer);
    payload.release();
    idle_.notify(sc_core::SC_ZERO_TIME);
}

} // namespace tlm_test
