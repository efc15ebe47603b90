// SPDX-License-Identifier: Apache-2.0
// A device model, as the machine sees it: sockets and wires, and how one is made from a node.
#ifndef VP_DEVICE_HPP
#define VP_DEVICE_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>

#include "vp/dt.hpp"

namespace vp {

// An interrupt output: driven like sc_out<bool>, but allowed to stay unconnected.
using wire_out =
    sc_core::sc_port<sc_core::sc_signal_inout_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;

// One model instance. The machine binds sockets and wires in the order the device tree lists them:
// regs()[i] answers the i-th entry of `reg`, irqs()[i] drives the i-th specifier of `interrupts`.
class device {
  public:
    using target = tlm::tlm_base_target_socket<>;
    using initiator = tlm::tlm_base_initiator_socket_b<>; // whether it has to be bound or not

    virtual ~device() = default;

    // Register frames; addresses in payloads are relative to the frame.
    virtual std::vector<target *> regs() = 0;

    // Bus masters. Each is bound to the SMMU named by the node's `iommus`, else to the
    // interconnect.
    virtual std::vector<initiator *> masters() { return {}; }

    // Interrupt outputs; nullptr for an interrupt that the node names and the model never raises.
    virtual std::vector<wire_out *> irqs() { return {}; }

    // The model of a node below the device's own, of a device that is a bus; nullptr if it made
    // none.
    virtual sc_core::sc_object *model_of(const dt_node & /*node*/) { return nullptr; }

    // Called when all models are there, before they are bound: a device whose node names nodes
    // below a bus looks for their models. `find` gives nullptr where there is none. Throws
    // dt_error.
    using finder = std::function<sc_core::sc_object *(const dt_node &node)>;
    virtual void connect(const finder & /*find*/) {}

    // Counters for the summary at the end of a run, printed as "NODE.NAME VALUE".
    struct counter {
        std::string name;
        std::uint64_t value;
    };
    virtual std::vector<counter> counters() const { return {}; }

    // Paths of files of the host that it has open.
    virtual std::vector<std::string> files() const { return {}; }
};

// Makes the model of a node. `name` is the SystemC instance name (node name with '@' as '_').
// Throws vp::dt_error for properties that make no sense.
using device_factory = std::unique_ptr<device> (*)(const dt_node &node, const char *name);

// A node that is a bus of its own, beside `reg` and `interrupts`. Its children are no devices of
// the machine: they are left to its model. The functions throw vp::dt_error.
struct device_bus {
    // Ranges of system addresses it answers at, after those of `reg` in the order of regs().
    std::vector<dt_range> (*windows)(const dt_node &node);
    // Interrupts in the order of irqs(), in place of those of `interrupts`; and where they are
    // from.
    std::vector<dt_specifier> (*interrupts)(const dt_node &node);
    const char *interrupts_property;
    // SMMUs in the order of masters(), each with the largest StreamID it gets, in place of
    // `iommus`; and where they are from. There is one more bus master: it goes straight to the
    // interconnect.
    std::vector<dt_specifier> (*streams)(const dt_node &node);
    const char *streams_property;
};

// One row of the table of models: which `compatible` is served by which factory.
struct device_model {
    const char *compatible;
    device_factory make;
    const device_bus *bus = nullptr; // of a node that is a bus
};

} // namespace vp

#endif
