// SPDX-License-Identifier: Apache-2.0
// Moves the ports of a plain model of RTL, as `verilator --cc` makes them, to and from axi_values.
// Included once for each bus of a model, after three macros have been defined, which it undefines:
// SMMU_AXI_TO_MODEL and SMMU_AXI_FROM_MODEL, the names of the function templates that it makes, and
// SMMU_AXI_PREFIX, what names of the ports begin with, such as m_ for m_AWVALID.
//
// Where the bus of configuration C has a signal the model needs a port of that name; where it has
// not, none. SIDE says what the model is, axi_side::manager or axi_side::subordinate. docs/rtl.md
// has an example.
#include "smmu/pins/axi_values.hpp"

#define SMMU_AXI_PASTE2(a, b) a##b
#define SMMU_AXI_PASTE(a, b)  SMMU_AXI_PASTE2(a, b)
#define SMMU_AXI_PORT(name)   model.SMMU_AXI_PASTE(SMMU_AXI_PREFIX, name)

// Gives inputs of the model their values, but for those that have not been driven since the last
// call.
template <class C, smmu::pins::axi_side SIDE, class Model>
void SMMU_AXI_TO_MODEL(smmu::pins::axi_values &bus, Model &model)
{
    using namespace smmu::pins;
    const axi_channel_set driven = bus.take_driven();
    if (!driven)
        return;
    if (driven & axi_values::levels_driven) {
        const axi_channel_set high = bus.levels(receiver_of(SIDE));
#define SMMU_AXI_CHANNEL(channel, transmitter)                                                     \
    if constexpr (axi_side::transmitter == SIDE)                                                   \
        SMMU_AXI_PORT(channel##READY) = (high & set_of(axi_channel::channel)) != 0;                \
    else                                                                                           \
        SMMU_AXI_PORT(channel##VALID) = (high & set_of(axi_channel::channel)) != 0;
#define SMMU_AXI_SIGNAL(channel, name, width, otherwise)
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
    }
#define SMMU_AXI_CHANNEL(channel, transmitter)
#define SMMU_AXI_SIGNAL(channel, name, width, otherwise)                                           \
    if constexpr (transmitter_of(axi_channel::channel) != SIDE && (width) != 0)                    \
        if (driven & set_of(axi_channel::channel))                                                 \
            store_port<(width)>(bus.beat(axi_channel::channel).bits(axi_signal::name),             \
                                SMMU_AXI_PORT(name));
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
}

// Takes the outputs of the model; those of a channel whose VALID is low count for nobody and are
// left.
template <class C, smmu::pins::axi_side SIDE, class Model>
void SMMU_AXI_FROM_MODEL(const Model &model, smmu::pins::axi_values &bus)
{
    using namespace smmu::pins;
    axi_channel_set high = 0;
#define SMMU_AXI_CHANNEL(channel, transmitter)                                                     \
    if constexpr (axi_side::transmitter == SIDE)                                                   \
        high |= set_if(SMMU_AXI_PORT(channel##VALID), axi_channel::channel);                       \
    else                                                                                           \
        high |= set_if(SMMU_AXI_PORT(channel##READY), axi_channel::channel);
#define SMMU_AXI_SIGNAL(channel, name, width, otherwise)
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
    bus.take_levels(SIDE, high);
#define SMMU_AXI_CHANNEL(channel, transmitter)
#define SMMU_AXI_SIGNAL(channel, name, width, otherwise)                                           \
    if constexpr (transmitter_of(axi_channel::channel) == SIDE && (width) != 0)                    \
        if (high & set_of(axi_channel::channel))                                                   \
            load_port<(width)>(SMMU_AXI_PORT(name),                                                \
                               bus.beat(axi_channel::channel).bits(axi_signal::name));
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
}

#undef SMMU_AXI_PASTE
#undef SMMU_AXI_PASTE2
#undef SMMU_AXI_PORT
#undef SMMU_AXI_TO_MODEL
#undef SMMU_AXI_FROM_MODEL
#undef SMMU_AXI_PREFIX
