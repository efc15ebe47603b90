// SPDX-License-Identifier: Apache-2.0
// Modules that use smmu::at_initiator and smmu::at_target: see at_client.hpp.
#include "at_client.hpp"

namespace tlm_test {

using tlm::tlm_generic_payload;

at_client::at_client(const sc_core::sc_module_name &name, smmu::at_initiator::told when)
    : sc_module(name),
      side_(
          "side", *this, [this]() -> tlm::tlm_fw_transport_if<> & { return *socket.operator->(); },
          when)
{
    socket.register_nb_transport_bw(&side_, &smmu::at_initiator::nb_transport_bw);
    SC_HAS_PROCESS(at_client);
    SC_METHOD(begin);
}

void at_client::send(at_transfer &transfer)
{
    if (!sc_core::sc_is_running()) {
        at_the_beginning_.push_back(&transfer);
        return;
    }
    tlm_generic_payload &payload = pool.take();
    fill(payload, transfer);
    under_way_[&payload] = &transfer;
    side_.send(payload);
    payload.release(); // it is the at_initiator's now
}

void at_client::begin()
{
    for (at_transfer *transfer : at_the_beginning_)
        send(*transfer);
}

void at_client::request_accepted(tlm_generic_payload &payload)
{
    at_transfer &transfer = *under_way_.at(&payload);
    transfer.end_req = sc_core::sc_time_stamp();
    accepted.push_back(&transfer);
    if (when_accepted)
        when_accepted(transfer);
}

void at_client::response_arrived(tlm_generic_payload &payload)
{
    at_transfer &transfer = *under_way_.at(&payload);
    transfer.end_resp = sc_core::sc_time_stamp();
    transfer.status = payload.get_response_status();
    transfer.responses++;
    ended.push_back(&transfer);
    if (when_ended)
        when_ended(transfer);
}

at_server::at_server(const sc_core::sc_module_name &name, storage &bytes, unsigned accept_ns,
                     unsigned latency_ns)
    : sc_module(name), bytes_(bytes), accept_(accept_ns, sc_core::SC_NS),
      latency_(latency_ns, sc_core::SC_NS),
      side_("side", *this,
            [this]() -> tlm::tlm_bw_transport_if<> & { return *socket.operator->(); }),
      to_do_("to_do", this, &at_server::act)
{
    socket.register_nb_transport_fw(&side_, &smmu::at_target::nb_transport_fw);
}

void at_server::request_arrived(tlm_generic_payload &payload)
{
    arrived.push_back(&payload);
    bytes_.perform(payload);
    if (when_arrived)
        when_arrived(payload);
    else
        to_do_.notify(payload, tlm::END_REQ, accept_);
}

void at_server::act(tlm_generic_payload &payload, const tlm::tlm_phase &phase)
{
    if (phase == tlm::BEGIN_RESP) {
        side_.respond(payload);
        return;
    }
    side_.accept(payload);
    to_do_.notify(payload, tlm::BEGIN_RESP, latency_);
}

void at_server::response_begins(tlm_generic_payload &payload)
{
    if (when_begins)
        when_begins(payload);
}

void at_server::response_taken(tlm_generic_payload &payload)
{
    taken.push_back(&payload);
    if (when_taken)
        when_taken(payload);
}

at_relay::at_relay(const sc_core::sc_module_name &name)
    : sc_module(name),
      upstream_("upstream", *this,
                [this]() -> tlm::tlm_bw_transport_if<> & { return *in.operator->(); }),
      downstream_("downstream", *this,
                  [this]() -> tlm::tlm_fw_transport_if<> & { return *out.operator->(); })
{
    in.register_nb_transport_fw(&upstream_, &smmu::at_target::nb_transport_fw);
    out.register_nb_transport_bw(&downstream_, &smmu::at_initiator::nb_transport_bw);
}

void at_relay::request_arrived(tlm_generic_payload &payload)
{
    downstream_.send(payload);
}

void at_relay::request_accepted(tlm_generic_payload &payload)
{
    upstream_.accept(payload);
}

void at_relay::response_arrived(tlm_generic_payload &payload)
{
    upstream_.respond(payload);
}

} // namespace tlm_test
