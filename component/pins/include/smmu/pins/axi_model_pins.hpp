// SPDX-License-Identifier: Apache-2.0
// Binds the ports of a model of RTL to the wires of an AXI bus. Included once for each bus of a
// model, with two macros defined, which it undefines:
//
//   #define SMMU_AXI_BIND bind_memory // the function that is made
//   #define SMMU_AXI_PREFIX m_        // what names of the model's ports begin with: m_AWVALID
//   #include "smmu/pins/axi_model_pins.hpp"
//
//   bind_memory(model, wires); // wires: an axi_wires, or a bundle of ports
//
// Where the bus has a signal the model needs a port of that name; where it has not, none. Ports of
// models that Verilator makes have the types of two_state.
#include <type_traits>

#include "smmu/pins/axi_bundle.hpp"

#define SMMU_AXI_PASTE2(a, b) a##b
#define SMMU_AXI_PASTE(a, b)  SMMU_AXI_PASTE2(a, b)

// Makes every signal of `wires` that the bus has that of the port of `model` with its name.
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
