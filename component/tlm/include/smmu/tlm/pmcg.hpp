// SPDX-License-Identifier: Apache-2.0
// A Performance Monitor Counter Group of one SMMU as a SystemC module (IHI 0070 10).
#ifndef SMMU_TLM_PMCG_HPP
#define SMMU_TLM_PMCG_HPP

#include <memory>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "smmu/pmcg.h"
#include "smmu/tlm/pulse_wire.hpp"
#include "smmu/tlm/tcu.hpp"

namespace smmu {

// A group but for its sockets, which basic_pmcg adds in the width of the bus. Its messages leave by
// the walk socket of the TCU, with attributes::id saying that they are its own.
class pmcg_base : public sc_core::sc_module, private tcu_base::pmcg_interface {
  public:
    irq_out irq{"irq"}; // pulses at an overflow that interrupts

    unsigned number() const { return number_; } // among the groups of the TCU, from 0 on

  protected:
    // An error "/smmu/config/refused", with the name of the module, if `cfg` is bad.
    pmcg_base(const sc_core::sc_module_name &name, tcu_base &owner, const smmu_pmcg_config &cfg);

    // Accesses to page 0: tcu_base::prog_b_transport() has the rules.
    void page0_b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
    // The same of page 1.
    void page1_b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);

    // Those of a debugger to page 0: tcu_base::prog_transport_dbg() has the rules.
    unsigned page0_transport_dbg(tlm::tlm_generic_payload &payload);
    // The same of page 1.
    unsigned page1_transport_dbg(tlm::tlm_generic_payload &payload);

    // The error "/smmu/smmuv3/port": the group has no page 1.
    [[noreturn]] void no_page() const;

  private:
    void interrupt() override { pulse_.fire(); }

    tcu_base &owner_;
    unsigned number_;
    pulse_wire pulse_;
};

// A group on buses of BUSWIDTH bits; the width changes nothing but the type of its sockets.
template <unsigned BUSWIDTH = 32> class basic_pmcg : public pmcg_base {
  public:
    // The type of the sockets of its pages.
    using page_socket = tlm_utils::simple_target_socket<pmcg_base, BUSWIDTH>;

    page_socket page0{"page0"}; // registers, 4 KB

    // Attaches itself to `owner`, which must outlive it, and it the simulation.
    explicit basic_pmcg(const sc_core::sc_module_name &name, tcu_base &owner,
                        const smmu_pmcg_config &cfg = smmu_pmcg_config_default())
        : pmcg_base(name, owner, cfg)
    {
        page0.register_b_transport(this, &basic_pmcg::page0_b_transport);
        page0.register_transport_dbg(this, &basic_pmcg::page0_transport_dbg);
        if (!cfg.reloc_ctrs)
            return;
        page1_ = std::make_unique<page_socket>("page1");
        page1_->register_b_transport(this, &basic_pmcg::page1_b_transport);
        page1_->register_transport_dbg(this, &basic_pmcg::page1_transport_dbg);
    }

    // Counters and overflow status, 4 KB. Without smmu_pmcg_config.reloc_ctrs an error
    // "/smmu/smmuv3/port".
    page_socket &page1()
    {
        if (!page1_)
            no_page();
        return *page1_;
    }

  private:
    std::unique_ptr<page_socket> page1_;
};

// The usual width; the library has its code.
using pmcg = basic_pmcg<>;
extern template class basic_pmcg<32>;

} // namespace smmu

#endif
