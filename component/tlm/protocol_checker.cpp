// SPDX-License-Identifier: Apache-2.0
// A hop that is watched: see smmu/tlm/protocol_checker.hpp.
#include "smmu/tlm/protocol_checker.hpp"

#include "protocol_hop.hpp"

namespace smmu {

protocol_checker_base::protocol_checker_base(const sc_core::sc_module_name &name)
    : sc_module(name), hop_(std::make_unique<protocol_hop>(*this))
{
}

protocol_checker_base::~protocol_checker_base() = default;

std::uint64_t protocol_checker_base::complaints() const
{
    return hop_->complaints();
}

std::size_t protocol_checker_base::in_flight() const
{
    return hop_->in_flight();
}

void protocol_checker_base::b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    // The process may be killed in the call.
    struct forgetting {
        protocol_hop &hop;
        const tlm::tlm_generic_payload &payload;
        ~forgetting() { hop.forget(payload); }
    } const at_the_end{*hop_, payload};
    hop_->b_called(payload, delay);
    downstream().b_transport(payload, delay);
    hop_->b_returned(payload, delay);
}

tlm::tlm_sync_enum protocol_checker_base::nb_transport_fw(tlm::tlm_generic_payload &payload,
                                                          tlm::tlm_phase &phase,
                                                          sc_core::sc_time &delay)
{
    const protocol_hop::call made{protocol_hop::path::forward, phase, delay};
    hop_->called(payload, made);
    const tlm::tlm_sync_enum status = downstream().nb_transport_fw(payload, phase, delay);
    hop_->returned(payload, made, status, phase, delay);
    return status;
}

tlm::tlm_sync_enum protocol_checker_base::nb_transport_bw(tlm::tlm_generic_payload &payload,
                                                          tlm::tlm_phase &phase,
                                                          sc_core::sc_time &delay)
{
    const protocol_hop::call made{protocol_hop::path::backward, phase, delay};
    hop_->called(payload, made);
    const tlm::tlm_sync_enum status = upstream().nb_transport_bw(payload, phase, delay);
    hop_->returned(payload, made, status, phase, delay);
    return status;
}

unsigned protocol_checker_base::transport_dbg(tlm::tlm_generic_payload &payload)
{
    return downstream().transport_dbg(payload);
}

bool protocol_checker_base::get_direct_mem_ptr(tlm::tlm_generic_payload &payload, tlm::tlm_dmi &dmi)
{
    return downstream().get_direct_mem_ptr(payload, dmi);
}

void protocol_checker_base::invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end)
{
    upstream().invalidate_direct_mem_ptr(start, end);
}

template class protocol_checker<32>;

} // namespace smmu
