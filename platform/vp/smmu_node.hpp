// SPDX-License-Identifier: Apache-2.0
// The arm,smmu-v3 node: its configuration, and the component as a device of the machine.
#ifndef VP_SMMU_NODE_HPP
#define VP_SMMU_NODE_HPP

#include <memory>
#include <vector>

#include "smmu/tlm/smmuv3.hpp"
#include "vp/device.hpp"
#include "vp/dt.hpp"
#include "vp/msi_stamp.hpp"

namespace vp {

// The configuration that the `vp,` properties of `node` describe:
//   vp,preset = "<name>"       what to begin with: small, typical (the default) or maximal
//   vp,oas-bits = <n>          output address size
//   vp,sid-bits = <n>          StreamID size
//   vp,ssid-bits = <n>         SubstreamID size; 0: no SubstreamIDs
//   vp,httu = <n>              table updates: 0 none, 1 Access flag, 2 dirty state too (IDR0.HTTU)
//   vp,stall-model = <n>       0 stall and terminate, 1 terminate, 2 stall (IDR0.STALL_MODEL)
//   vp,tlb = <sets ways>       shape of the main TLB; sets = 0: none
//   vp,config-cache = <sets ways>
// Throws dt_error if a property is malformed or smmu_config_check() refuses the result.
smmu_config smmu_config_of(const dt_node &node);

class smmu_device : public device {
  public:
    // `clients`: the bus masters that go through it, each by a TBU of its own. `trace` is told what
    // it does.
    smmu_device(const dt_node &node, const char *name, const std::vector<initiator *> &clients,
                smmu::tcu_base::observer trace);
    ~smmu_device() override;

    const smmu_config &config() const { return config_; }

    std::vector<target *> regs() override { return {&smmu_.prog()}; }
    std::vector<initiator *> masters() override;
    std::vector<wire_out *> irqs() override { return irqs_; }
    smmu::tlb_broadcast_if &broadcast() { return *smmu_.broadcast().operator->(); } // from CPUs
    // What Root Complexes ask of it, and what it asks of them.
    smmu::ats_server &ats() { return *smmu_.ats().operator->(); }
    auto &ats_clients() { return smmu_.ats_clients(); }
    wire_out &sev() { return smmu_.sev(); } // a pulse wakes CPUs from WFE
    std::vector<counter> counters() const override;

  private:
    smmu_config config_;
    unsigned tbus_;
    smmu::smmuv3 smmu_;
    std::unique_ptr<msi_stamp> stamp_; // where `msi-parent` gives its messages a DeviceID
    class idle_master;
    std::unique_ptr<idle_master> idle_; // where there are no clients: an SMMU has a TBU at least
    std::vector<wire_out *> irqs_;      // in the order of `interrupt-names`; nullptr: never raised
};

} // namespace vp

#endif
