// SPDX-License-Identifier: Apache-2.0
// Binds the ports of a model of RTL to the wires of an AXI bus. Included once for each bus of a
// model, after two macros have been defined, which it undefines: SMMU_AXI_BIND, the name of the
// function template that it makes, and SMMU_AXI_PREFIX, what names of the ports begin with, such as
// m_ for m_AWVALID.
//
// Where the bus has a signal the model needs a port of that name; where it has not, none. Ports of
// models that Verilator makes have the types of two_state. docs/rtl.md has an example.
#include <type_traits>

#include "smmu/pins/axi_bundle.hpp"

#define SMMU_AXI_PASTE2(a, b) a##b
#define SMMU_AXI_PASTE(a, b)  SMMU_AXI_PASTE2(a, b)

// Binds the port of each signal that the bus has to the member of `wires` with its name: axi_wires,
// or a bundle of ports.
template <class Model, class Wires> void SMMU_AXI_BIND(Model &model, Wires &wires)
{
    const auto bind = [](auto &wire, const auto &port_of) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(wire)>, smmu::pins::absent_pin>)
            port_of(wire);
    };
#define SMMU_AXI_CHANNEL(channel, transmitter)                                                     \
    model.SMMU_AXI_PASTE(SMMU_AXI_PREFIX, channel##VALID).bind(wires.channel##VALID);              \
    model.SMMU_AXI_PASTE(SMMU_AXI_PREFIX, channel##READY).bind(wires.channel##READY);
#define SMMU_AXI_SIGNAL(channel, name, width, otherwise)                                           \
    bind(wires.name, [&](auto &wire) {                                                             \
        [&wire](auto &of) { of.SMMU_AXI_PASTE(SMMU_AXI_PREFIX, name).bind(wire); }(model);         \
    });
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
}

#undef SMMU_AXI_PASTE
#undef SMMU_AXI_PASTE2
#undef SMMU_AXI_BIND
#undef SMMU_AXI_PREFIX
