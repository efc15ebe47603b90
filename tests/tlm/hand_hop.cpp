// SPDX-License-Identifier: Apache-2.0
// A hop with a protocol checker, both of whose ends the test plays by hand: see hand_hop.hpp.
#include "hand_hop.hpp"

#include <algorithm>
#include <iterator>

namespace tlm_test {

hand_transaction::hand_transaction(bool managed)
{
    std::fill(std::begin(enables), std::end(enables), TLM_BYTE_ENABLED);
    payload.set_command(tlm::TLM_WRITE_COMMAND);
    payload.set_address(0x1234'5678);
    payload.set_data_ptr(data);
    payload.set_data_length(sizeof data);
    payload.set_streaming_width(sizeof data);
    payload.set_byte_enable_ptr(enables);
    payload.set_byte_enable_length(sizeof enables);
    if (managed) {
        payload.set_mm(this);
        payload.acquire();
    }
}

hand_hop::hand_hop(const sc_core::sc_module_name &name) : sc_module(name)
{
    initiator.register_nb_transport_bw(this, &hand_hop::nb_transport_bw);
    target.register_nb_transport_fw(this, &hand_hop::nb_transport_fw);
    target.register_b_transport(this, &hand_hop::b_transport);
    initiator.register_invalidate_direct_mem_ptr(this, &hand_hop::invalidate_direct_mem_ptr);
    target.register_transport_dbg(this, &hand_hop::transport_dbg);
    target.register_get_direct_mem_ptr(this, &hand_hop::get_direct_mem_ptr);
    initiator.bind(checker.target_socket);
    checker.initiator_socket.bind(target);
}

hand_hop::result hand_hop::forward(hand_transaction &t, tlm::tlm_phase phase, unsigned delay_ns)
{
    sc_core::sc_time delay(delay_ns, sc_core::SC_NS);
    const tlm::tlm_sync_enum status = initiator->nb_transport_fw(t.payload, phase, delay);
    return {status, phase, delay};
}

hand_hop::result hand_hop::backward(hand_transaction &t, tlm::tlm_phase phase, unsigned delay_ns)
{
    sc_core::sc_time delay(delay_ns, sc_core::SC_NS);
    const tlm::tlm_sync_enum status = target->nb_transport_bw(t.payload, phase, delay);
    return {status, phase, delay};
}

void hand_hop::block(hand_transaction &t, unsigned delay_ns)
{
    sc_core::sc_time delay(delay_ns, sc_core::SC_NS);
    initiator->b_transport(t.payload, delay);
}

void hand_hop::request(hand_transaction &t)
{
    forward(t, tlm::BEGIN_REQ);
    backward(t, tlm::END_REQ);
}

void hand_hop::respond(hand_transaction &t)
{
    request(t);
    t.answer();
    backward(t, tlm::BEGIN_RESP);
}

hand_hop::answer hand_hop::updates(tlm::tlm_phase_enum to, unsigned delay_ns)
{
    return [to, delay_ns](tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                          sc_core::sc_time &delay) {
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        phase = to;
        delay += sc_core::sc_time(delay_ns, sc_core::SC_NS);
        return tlm::TLM_UPDATED;
    };
}

hand_hop::answer hand_hop::completes(unsigned delay_ns)
{
    return
        [delay_ns](tlm::tlm_generic_payload &payload, tlm::tlm_phase &, sc_core::sc_time &delay) {
            payload.set_response_status(tlm::TLM_OK_RESPONSE);
            delay += sc_core::sc_time(delay_ns, sc_core::SC_NS);
            return tlm::TLM_COMPLETED;
        };
}

void hand_hop::run(const std::function<void()> &test)
{
    sc_core::sc_spawn([&test] { test(); });
    sc_core::sc_start();
}

tlm::tlm_sync_enum hand_hop::nb_transport_fw(tlm::tlm_generic_payload &payload,
                                             tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    return target_does ? target_does(payload, phase, delay) : tlm::TLM_ACCEPTED;
}

tlm::tlm_sync_enum hand_hop::nb_transport_bw(tlm::tlm_generic_payload &payload,
                                             tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    return initiator_does ? initiator_does(payload, phase, delay) : tlm::TLM_ACCEPTED;
}

void hand_hop::b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    if (target_blocks)
        target_blocks(payload, delay);
}

unsigned hand_hop::transport_dbg(tlm::tlm_generic_payload &)
{
    return 5;
}

bool hand_hop::get_direct_mem_ptr(tlm::tlm_generic_payload &, tlm::tlm_dmi &dmi)
{
    dmi.set_end_address(0xff);
    return true;
}

void hand_hop::invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last)
{
    withdrawn = {first, last};
}

void pass(unsigned ns)
{
    sc_core::wait(ns, sc_core::SC_NS);
}

} // namespace tlm_test
