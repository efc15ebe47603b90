// SPDX-License-Identifier: Apache-2.0
// From AXI to TLM, the module: see smmu/pins/axi_to_tlm.hpp.
#include "smmu/pins/axi_to_tlm.hpp"

#include "axi_gather.hpp"

namespace smmu::pins {

axi_to_tlm_base::axi_to_tlm_base(const sc_core::sc_module_name &name, const axi_shape &shape)
    : sc_module(name),
      gather_(std::make_unique<axi_gather>(
          *this, shape, [this]() -> tlm::tlm_fw_transport_if<> & { return target(); }))
{
}

axi_to_tlm_base::~axi_to_tlm_base() = default;

void axi_to_tlm_base::set_outstanding(const axi_outstanding &limits)
{
    gather_->set_outstanding(limits);
}

void axi_to_tlm_base::set_throttle(const axi_throttle &throttle)
{
    gather_->set_throttle(throttle);
}

void axi_to_tlm_base::set_monitor(exclusive_monitor *monitor)
{
    gather_->set_monitor(monitor);
}

std::size_t axi_to_tlm_base::in_flight() const
{
    return gather_->in_flight();
}

std::size_t axi_to_tlm_base::pending() const
{
    return gather_->pending();
}

void axi_to_tlm_base::edge(axi_pins &pins, pin_level aresetn)
{
    gather_->edge(pins, aresetn);
}

void axi_to_tlm_base::edge(axi_values &pins, pin_level aresetn)
{
    gather_->edge(pins, aresetn);
}

bool axi_to_tlm_base::is_quiet(const axi_pins &pins) const
{
    return gather_->is_quiet(pins);
}

bool axi_to_tlm_base::is_quiet(const axi_values &pins) const
{
    return gather_->is_quiet(pins);
}

tlm::tlm_sync_enum axi_to_tlm_base::nb_transport_bw(tlm::tlm_generic_payload &payload,
                                                    tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    return gather_->initiator().nb_transport_bw(payload, phase, delay);
}

// Nobody here has asked for any.
void axi_to_tlm_base::invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) {}

} // namespace smmu::pins
