// SPDX-License-Identifier: Apache-2.0
// From TLM to AXI, the module: see smmu/pins/tlm_to_axi.hpp.
#include "smmu/pins/tlm_to_axi.hpp"

#include "axi_issue.hpp"

namespace smmu::pins {

tlm_to_axi_base::tlm_to_axi_base(const sc_core::sc_module_name &name, const axi_shape &shape)
    : sc_module(name),
      issue_(std::make_unique<axi_issue>(
          *this, shape, [this]() -> tlm::tlm_bw_transport_if<> & { return initiator(); })),
      rests_(&issue_->rests())
{
}

tlm_to_axi_base::~tlm_to_axi_base() = default;

void tlm_to_axi_base::set_outstanding(const axi_outstanding &limits)
{
    issue_->set_outstanding(limits);
}

void tlm_to_axi_base::set_throttle(const axi_throttle &throttle)
{
    issue_->set_throttle(throttle);
}

void tlm_to_axi_base::refuse_in_reset()
{
    issue_->refuse_in_reset();
}

std::size_t tlm_to_axi_base::in_flight() const
{
    return issue_->in_flight();
}

const sc_core::sc_event &tlm_to_axi_base::arrival() const
{
    return issue_->arrival();
}

void tlm_to_axi_base::pass(axi_pins &pins, pin_level aresetn)
{
    issue_->edge(pins, aresetn);
}

void tlm_to_axi_base::b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    if (delay != sc_core::SC_ZERO_TIME) { // the bus is not ahead of time
        wait(delay);
        delay = sc_core::SC_ZERO_TIME;
    }
    issue_->transport(payload);
}

tlm::tlm_sync_enum tlm_to_axi_base::nb_transport_fw(tlm::tlm_generic_payload &payload,
                                                    tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    return issue_->target().nb_transport_fw(payload, phase, delay);
}

unsigned tlm_to_axi_base::transport_dbg(tlm::tlm_generic_payload &payload)
{
    tlm::tlm_fw_transport_if<> *const memory = backdoor_target();
    return memory ? memory->transport_dbg(payload) : 0;
}

bool tlm_to_axi_base::get_direct_mem_ptr(tlm::tlm_generic_payload &, tlm::tlm_dmi &dmi)
{
    dmi.allow_none();
    dmi.set_start_address(0);
    dmi.set_end_address(~sc_dt::uint64{0});
    return false;
}

// Nothing but debug transport leaves by the back door.
tlm::tlm_sync_enum tlm_to_axi_base::nb_transport_bw(tlm::tlm_generic_payload &, tlm::tlm_phase &,
                                                    sc_core::sc_time &)
{
    return tlm::TLM_ACCEPTED;
}

// Nobody here has asked for any.
void tlm_to_axi_base::invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) {}

} // namespace smmu::pins
