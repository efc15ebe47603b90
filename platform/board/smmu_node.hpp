// SPDX-License-Identifier: Apache-2.0
// The arm,smmu-v3 node: its configuration, and the component as a device of the machine.
#ifndef VP_SMMU_NODE_HPP
#define VP_SMMU_NODE_HPP

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "smmu/tlm/smmuv3.hpp"
#include "vp/device.hpp"
#include "vp/dt.hpp"
#include "vp/msi_stamp.hpp"

namespace vp {

// The configuration that the `vp,` properties of `node` describe: `vp,preset` is what to begin with
// (smmu_preset_name()), each other one a parameter, a row of smmu/config.def.
// Throws dt_error if a property is malformed or smmu_config_check() refuses the result.
smmu_config smmu_config_of(const dt_node &node);

// Its latencies, `vp,lookup-ps` and so on, in place of those of the preset: the rows of
// smmu/tlm/timing.def.
smmu::timing smmu_timing_of(const dt_node &node, bool approximate);

// The numbers that the device `node` gives the TBUs of its `masters` bus masters: `vp,tbu`, one for
// each of them or one for all. Throws dt_error if they are malformed.
std::vector<std::optional<std::uint32_t>> tbus_of(const dt_node &node, std::size_t masters);

// What each of its interrupts is: `interrupt-names`, or the order of the binding.
std::vector<std::string> smmu_interrupt_names(const dt_node &node);

// The DeviceID that `msi-parent` gives messages of the node; none without the property. Throws
// dt_error if it is not one DeviceID of one enabled ITS.
std::optional<std::uint32_t> message_device_id(const dt_node &node);

class smmu_device : public device {
  public:
    // A bus master that goes through it, the node of its device, and the number that its TBU has
    // there: those of the same number share one. Without a number it has a TBU of its own.
    struct client {
        initiator *master;
        dt_node node;
        std::optional<std::uint32_t> tbu = std::nullopt;
    };

    // `approximate`: its coding style. `trace` is told what it does. Throws dt_error if a property
    // of `node` is wrong.
    smmu_device(const dt_node &node, const char *name, const std::vector<client> &clients,
                bool approximate, smmu::tcu_base::observer trace);

    const smmu_config &config() const { return config_; }

    std::vector<target *> regs() override { return {&smmu_.prog()}; }
    std::vector<initiator *> masters() override;
    std::vector<wire_out *> irqs() override { return irqs_; }
    smmu::tlb_broadcast_if &broadcast() { return *smmu_.broadcast().operator->(); } // from CPUs
    // Requests to it of a Root Complex whose bus master is `master`, one of the clients; and its
    // own to them.
    smmu::ats_server &ats(const initiator &master);
    auto &ats_clients() { return smmu_.ats_clients(); }
    // What counter groups attach themselves to.
    smmu::tcu_base &tcu() { return smmu_.tcu(); }
    // Messages of a counter group, by its number, get this DeviceID. False if those of the SMMU
    // have none.
    bool stamp_messages(unsigned group, std::uint32_t device_id);
    wire_out &sev() { return smmu_.sev(); } // a pulse wakes CPUs from WFE
    std::vector<counter> counters() const override;

  private:
    // Where a bus master is: the initiator of this number at the TBU of this number.
    struct place {
        const initiator *master;
        unsigned tbu, socket;
    };

    static std::vector<place> places(const std::vector<client> &clients);

    smmu_config config_;
    std::vector<place> places_;        // of the clients
    std::vector<unsigned> sharing_;    // how many of them each TBU has
    std::unique_ptr<msi_stamp> stamp_; // where `msi-parent` gives its messages a DeviceID
    smmu::smmuv3 smmu_;
    std::vector<wire_out *> irqs_; // in the order of `interrupt-names`; nullptr: never raised
};

} // namespace vp

#endif
