// SPDX-License-Identifier: Apache-2.0
// From TLM to APB, the module: see smmu/pins/tlm_to_apb.hpp.
#include "smmu/pins/tlm_to_apb.hpp"

#include "apb_issue.hpp"

namespace smmu::pins {

tlm_to_apb_base::tlm_to_apb_base(const sc_core::sc_module_name &name, unsigned bytes,
                                 unsigned address_width, bool realms)
    : sc_module(name), issue_(std::make_unique<apb_issue>(
                           bytes, address_width, realms,
                           [this]() -> tlm::tlm_bw_transport_if<> & { return initiator(); }))
{
}

tlm_to_apb_base::~tlm_to_apb_base() = default;

std::size_t tlm_to_apb_base::in_flight() const
{
    return issue_->in_flight();
}

const sc_core::sc_event &tlm_to_apb_base::arrival() const
{
    return issue_->arrival();
}

void tlm_to_apb_base::edge(apb_pins &pins, pin_level presetn)
{
    issue_->edge(pins, presetn);
}

void tlm_to_apb_base::b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    if (delay != sc_core::SC_ZERO_TIME) { // the bus is not ahead of time
        wait(delay);
        delay = sc_core::SC_ZERO_TIME;
    }
    issue_->transport(payload);
}

tlm::tlm_sync_enum tlm_to_apb_base::nb_transport_fw(tlm::tlm_generic_payload &payload,
                                                    tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    return issue_->target().nb_transport_fw(payload, phase, delay);
}

unsigned tlm_to_apb_base::transport_dbg(tlm::tlm_generic_payload &)
{
    return 0;
}

bool tlm_to_apb_base::get_direct_mem_ptr(tlm::tlm_generic_payload &, tlm::tlm_dmi &dmi)
{
    dmi.allow_none();
    dmi.set_start_address(0);
    dmi.set_end_address(~sc_dt::uint64{0});
    return false;
}

} // namespace smmu::pins
