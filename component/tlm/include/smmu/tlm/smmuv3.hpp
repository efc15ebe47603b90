// SPDX-License-Identifier: Apache-2.0
// A complete SMMU in one module: a TCU with the TBUs it serves.
#ifndef SMMU_TLM_SMMUV3_HPP
#define SMMU_TLM_SMMUV3_HPP

#include <algorithm>
#include <cstdint>
#include <vector>

#include <systemc>

#include "smmu/tlm/attributes.hpp"
#include "smmu/tlm/tbu.hpp"
#include "smmu/tlm/tcu.hpp"

namespace smmu {

// The monolithic SMMU of IHI 0070 2.11, on buses of BUSWIDTH bits. Bind its sockets prog() and
// walk(); those of TBUs, wires and `sev` may stay unbound.
template <unsigned BUSWIDTH = 32> class basic_smmuv3 : public sc_core::sc_module {
  public:
    using target_socket = tlm::tlm_target_socket<BUSWIDTH>;       // where others send to it
    using initiator_socket = tlm::tlm_initiator_socket<BUSWIDTH>; // where it sends
    // A device sends to it; may stay unbound.
    using dev_socket = tlm::tlm_target_socket<BUSWIDTH, tlm::tlm_base_protocol_types, 1,
                                              sc_core::SC_ZERO_OR_MORE_BOUND>;
    // Sends a device's traffic to memory; may stay unbound.
    using mem_socket = tlm::tlm_initiator_socket<BUSWIDTH, tlm::tlm_base_protocol_types, 1,
                                                 sc_core::SC_ZERO_OR_MORE_BOUND>;

    // Builds the SMMU that `cfg` describes, with `tbus` TBUs (1 to 64), each with a micro
    // TLB of its own. An error "/smmu/config/refused", with the name of the module and the reason,
    // if that cannot be. `seen` is told what it does. `sharing` says how many devices share each of
    // the first TBUs; those behind its end have one each.
    explicit basic_smmuv3(const sc_core::sc_module_name &name,
                          const smmu_config &cfg = smmu_config_default(), const timing &times = {},
                          unsigned tbus = 1, tcu_base::observer seen = {},
                          const std::vector<unsigned> &sharing = {})
        : sc_module(name), tcu_("tcu", with_tbus(cfg, tbus), times, std::move(seen)), tbus_("tbu")
    {
        tbus_.init(tbus, [this, &sharing](const char *tbu_name, std::size_t i) {
            return new basic_tbu<BUSWIDTH>(tbu_name, tcu_, i < sharing.size() ? sharing[i] : 1);
        });
    }

    // The register frame: tcu_base::prog_b_transport() has the rules of accesses.
    target_socket &prog() { return tcu_.prog; }
    // Accesses to tables and queues.
    initiator_socket &walk() { return tcu_.walk; }
    // Transactions that TBU `number` gets from device `initiator` of those that share it, each
    // counted from 0. Without it an error "/smmu/smmuv3/port"; likewise mem().
    dev_socket &dev(unsigned number = 0, unsigned initiator = 0)
    {
        return port(number).dev(initiator);
    }
    // The translated traffic of TBU `number`.
    mem_socket &mem(unsigned number = 0) { return port(number).mem; }

    // Whether TBU `number` grants direct memory access: tbu_base::allow_dmi(). Without
    // it an error "/smmu/smmuv3/port".
    void allow_dmi(bool allowed, unsigned number = 0) { port(number).allow_dmi(allowed); }

    // Pulses when the Event queue is no longer empty.
    irq_out &irq_evtq() { return tcu_.irq_evtq; }
    // Pulses when the PRI queue is no longer empty, or has the last request of a group.
    irq_out &irq_priq() { return tcu_.irq_priq; }
    // Pulses when a CMD_SYNC that asks for it has completed.
    irq_out &irq_cmd_sync() { return tcu_.irq_cmd_sync; }
    // Pulses when a global error becomes active.
    irq_out &irq_gerror() { return tcu_.irq_gerror; }
    // Pulses to wake PEs from WFE.
    irq_out &sev() { return tcu_.sev; }

    // Resets the SMMU at its rising edge.
    reset_port &reset_in() { return tcu_.reset_in; }

    // ATS and PRI, from Root Complexes whose traffic goes through TBU `number`: tcu_base::ats().
    sc_core::sc_export<ats_server> &ats(unsigned number = 0) { return tcu_.ats(number); }
    // The same, to Root Complexes: a port of ats_client, bound to each.
    auto &ats_clients() { return tcu_.ats_clients; }
    // TLB maintenance, from CPUs.
    sc_core::sc_export<tlb_broadcast_if> &broadcast() { return tcu_.broadcast; }

    // What counter groups, smmu::basic_pmcg, attach themselves to.
    tcu_base &tcu() { return tcu_; }

    // The effect of a rising edge of the reset input: tcu_base::reset().
    void reset() { tcu_.reset(); }
    // For tests, errors to come: tcu_base::inject().
    void inject(smmu_injection what, std::uint32_t count = 1) { tcu_.inject(what, count); }

    // What it takes, measured from the first call on: tcu_base::measure().
    measurement &measure() { return tcu_.measure(); }

    // Counters since the creation of the SMMU.
    const smmu_stats &stats() const { return tcu_.stats(); }

  private:
    static smmu_config with_tbus(smmu_config cfg, unsigned tbus)
    {
        cfg.tbus = static_cast<std::uint8_t>(std::min(tbus, 255u)); // the check knows the limit
        return cfg;
    }

    basic_tbu<BUSWIDTH> &port(unsigned number)
    {
        if (number >= tbus_.size())
            tcu_.no_port(number);
        return tbus_[number];
    }

    basic_tcu<BUSWIDTH> tcu_;
    sc_core::sc_vector<basic_tbu<BUSWIDTH>> tbus_;
};

// The usual width; the library has its code.
using smmuv3 = basic_smmuv3<>;
extern template class basic_smmuv3<32>;

} // namespace smmu

#endif
