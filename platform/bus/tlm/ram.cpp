// SPDX-License-Identifier: Apache-2.0
// Random-access memory: transport, debug and direct access.
#include "ram.hpp"

namespace vp {

ram::ram(const sc_core::sc_module_name &name, std::uint64_t size, const sc_core::sc_time &latency,
         bool direct)
    : sc_module(name), socket("socket"), memory_(size), latency_(latency), direct_(direct),
      phases_("phases", *this,
              [this]() -> tlm::tlm_bw_transport_if<> & { return *socket.operator->(); }),
      responses_("responses", this, &ram::respond)
{
    socket.register_b_transport(this, &ram::b_transport);
    socket.register_nb_transport_fw(this, &ram::nb_transport_fw);
    socket.register_get_direct_mem_ptr(this, &ram::get_direct_mem_ptr);
    socket.register_transport_dbg(this, &ram::transport_dbg);
}

void ram::access(tlm::tlm_generic_payload &trans)
{
    if (!memory_.access(trans))
        return;
    reads_ += trans.is_read() ? 1 : 0;
    writes_ += trans.is_write() ? 1 : 0;
    trans.set_dmi_allowed(direct_);
}

void ram::b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
    delay += latency_;
    access(trans);
}

tlm::tlm_sync_enum ram::nb_transport_fw(tlm::tlm_generic_payload &trans, tlm::tlm_phase &phase,
                                        sc_core::sc_time &delay)
{
    return phases_.nb_transport_fw(trans, phase, delay);
}

void ram::request_arrived(tlm::tlm_generic_payload &trans)
{
    access(trans);
    phases_.accept(trans);
    responses_.notify(trans, tlm::BEGIN_RESP, latency_);
}

void ram::respond(tlm::tlm_generic_payload &trans, const tlm::tlm_phase &)
{
    phases_.respond(trans);
}

bool ram::get_direct_mem_ptr(tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi)
{
    return memory_.grant(trans.get_address(), latency_, dmi) && direct_;
}

unsigned ram::transport_dbg(tlm::tlm_generic_payload &trans)
{
    return memory_.debug_access(trans);
}

std::vector<device::counter> ram::counters() const
{
    return {{"reads", reads_}, {"writes", writes_}};
}

} // namespace vp
