// SPDX-License-Identifier: Apache-2.0
// From APB to TLM, the module: see smmu/pins/apb_to_tlm.hpp.
#include "smmu/pins/apb_to_tlm.hpp"

#include "apb_gather.hpp"

namespace smmu::pins {

apb_to_tlm_base::apb_to_tlm_base(const sc_core::sc_module_name &name, unsigned bytes)
    : sc_module(name), gather_(std::make_unique<apb_gather>(
                           bytes, [this]() -> tlm::tlm_fw_transport_if<> & { return target(); }))
{
}

apb_to_tlm_base::~apb_to_tlm_base() = default;

std::size_t apb_to_tlm_base::pending() const
{
    return gather_->pending();
}

void apb_to_tlm_base::edge(apb_answering_pins &pins, pin_level presetn)
{
    gather_->edge(pins, presetn);
}

tlm::tlm_sync_enum apb_to_tlm_base::nb_transport_bw(tlm::tlm_generic_payload &payload,
                                                    tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    return gather_->initiator().nb_transport_bw(payload, phase, delay);
}

// Nobody here has asked for any.
void apb_to_tlm_base::invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) {}

} // namespace smmu::pins
