// SPDX-License-Identifier: Apache-2.0
// A counter group: see smmu/tlm/pmcg.hpp.
#include "smmu/tlm/pmcg.hpp"

#include <string>

#include "errors.hpp"

namespace smmu {

pmcg_base::pmcg_base(const sc_core::sc_module_name &module_name, tcu_base &owner,
                     const smmu_pmcg_config &cfg)
    : sc_module(module_name), owner_(owner), number_(owner.attach(*this, cfg, name())),
      pulse_("pulse", irq, owner.times().irq_pulse)
{
}

void pmcg_base::page0_b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    owner_.pmcg_b_transport(number_, 0, payload, delay);
}

void pmcg_base::page1_b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    owner_.pmcg_b_transport(number_, SMMU_PMCG_PAGE1, payload, delay);
}

unsigned pmcg_base::page0_transport_dbg(tlm::tlm_generic_payload &payload)
{
    return owner_.pmcg_transport_dbg(number_, 0, payload);
}

unsigned pmcg_base::page1_transport_dbg(tlm::tlm_generic_payload &payload)
{
    return owner_.pmcg_transport_dbg(number_, SMMU_PMCG_PAGE1, payload);
}

void pmcg_base::no_page() const
{
    refuse(host_error::port, std::string(name()) + ": no page 1");
}

template class basic_pmcg<32>;

} // namespace smmu
