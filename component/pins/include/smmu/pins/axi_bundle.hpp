// SPDX-License-Identifier: Apache-2.0
// The signals of an AXI bus as ports of a module, or as the wires between modules.
#ifndef SMMU_PINS_AXI_BUNDLE_HPP
#define SMMU_PINS_AXI_BUNDLE_HPP

#include <string>

#include <systemc>

#include "smmu/pins/axi_beat.hpp"

namespace smmu::pins {

// Who has the bundle.
enum class axi_side {
    manager,     // ports of a module that sends requests
    subordinate, // ports of a module that answers them
    monitor,     // inputs of a module that looks on
    wires,       // the signals themselves
};

// What `side` does with a signal that `transmitter` drives.
constexpr pin_way way_of(axi_side side, axi_side transmitter)
{
    if (side == axi_side::wires)
        return pin_way::wire;
    return side == transmitter ? pin_way::out : pin_way::in;
}

// Who drives the READY of a channel of `transmitter`.
constexpr axi_side receiver_of(axi_side transmitter)
{
    return transmitter == axi_side::manager ? axi_side::subordinate : axi_side::manager;
}

// Who drives the VALID and the payload of a channel.
constexpr axi_side transmitter_of(axi_channel channel)
{
    constexpr axi_side transmitters[] = {
#define SMMU_AXI_CHANNEL(name, transmitter) axi_side::transmitter,
#define SMMU_AXI_SIGNAL(channel, name, width, otherwise)
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
    };
    return transmitters[static_cast<std::size_t>(channel)];
}

// The channels on which `side` drives VALID; on the others it drives READY.
constexpr axi_channel_set transmitted_by(axi_side side)
{
    axi_channel_set channels = 0;
    for (std::size_t i = 0; i < axi_channels; i++)
        if (const auto channel = static_cast<axi_channel>(i); transmitter_of(channel) == side)
            channels |= set_of(channel);
    return channels;
}

// The bundle of `SIDE` for a bus of configuration C (axi_config.hpp) with pins of STYLE
// (pin_style.hpp). Members have the names of the specification, such as AWVALID; a signal that the
// configuration has not is an absent_pin. A member of the module whose ports they are.
template <class C, class STYLE, axi_side SIDE> class axi_bundle : public axi_pins {
    static_assert(axi_shape::of<C>().bus_bytes, "the configuration is checked");
    const std::string prefix_;

    template <unsigned WIDTH, axi_side TRANSMITTER>
    using member = pin<STYLE, WIDTH, way_of(SIDE, TRANSMITTER)>;

  public:
    // Names of ports begin with `prefix`, for modules with several bundles.
    explicit axi_bundle(const std::string &prefix = "") : prefix_(prefix) {}

// NOLINTBEGIN(bugprone-macro-parentheses): names of members
#define SMMU_AXI_CHANNEL(channel, transmitter)                                                     \
    member<1, axi_side::transmitter> channel##VALID{(prefix_ + #channel "VALID").c_str()};         \
    member<1, receiver_of(axi_side::transmitter)> channel##READY{                                  \
        (prefix_ + #channel "READY").c_str()};
#define SMMU_AXI_SIGNAL(channel, name, width, otherwise)                                           \
    member<(width), transmitter_of(axi_channel::channel)> name{(prefix_ + #name).c_str()};
#include "smmu/pins/axi_signals.def"
// NOLINTEND(bugprone-macro-parentheses)
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL

    // Bind every port to the member of that name of `other`: wires, or the bundle of a module
    // around this one.
    template <class Other> void bind(Other &other)
    {
#define SMMU_AXI_CHANNEL(channel, transmitter)                                                     \
    channel##VALID.bind(other.channel##VALID);                                                     \
    channel##READY.bind(other.channel##READY);
#define SMMU_AXI_SIGNAL(channel, name, width, otherwise) name.bind(other.name);
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
    }

    pin_level valid(axi_channel channel) const override
    {
        return handshake(*this, channel,
                         [](auto &valid, auto &) { return level_of(valid.read()); });
    }

    pin_level ready(axi_channel channel) const override
    {
        return handshake(*this, channel,
                         [](auto &, auto &ready) { return level_of(ready.read()); });
    }

    axi_beat sample(axi_channel channel) const override
    {
        axi_beat beat;
#define SMMU_AXI_CHANNEL(name, transmitter)
#define SMMU_AXI_SIGNAL(of, name, width, otherwise)                                                \
    if (channel == axi_channel::of)                                                                \
        load<(width)>(name, beat, axi_signal::name, (otherwise));
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
        return beat;
    }

    void drive_valid(axi_channel channel, bool high) override
    {
        handshake(*this, channel, [high](auto &valid, auto &) { store_level(valid, high); });
    }

    void drive_ready(axi_channel channel, bool high) override
    {
        handshake(*this, channel, [high](auto &, auto &ready) { store_level(ready, high); });
    }

    void drive(axi_channel channel, const axi_beat &beat) override
    {
#define SMMU_AXI_CHANNEL(name, transmitter)
#define SMMU_AXI_SIGNAL(of, name, width, otherwise)                                                \
    if (channel == axi_channel::of)                                                                \
        store<(width)>(name, beat, axi_signal::name);
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
    }

  private:
    // What act(VALID, READY) returns for those of a channel of `self`, a bundle that may be const.
    template <class Self, class Act>
    static auto handshake(Self &self, axi_channel channel, const Act &act)
    {
        switch (channel) {
#define SMMU_AXI_CHANNEL(name, transmitter)                                                        \
    case axi_channel::name:                                                                        \
        return act(self.name##VALID, self.name##READY);
#define SMMU_AXI_SIGNAL(channel, name, width, otherwise)
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
        }
        return decltype(act(self.AWVALID, self.AWREADY))();
    }

    template <unsigned WIDTH, class Pin>
    static void load(const Pin &pin, axi_beat &beat, axi_signal signal, std::uint64_t)
    {
        std::uint64_t *const bits = beat.bits(signal);
        std::uint64_t *const unknown = beat.unknown(signal);
        load_pin(pin.read(), bits, unknown);
        constexpr unsigned top = words_of(WIDTH) - 1;
        bits[top] &= word_mask(WIDTH, top);
        unknown[top] &= word_mask(WIDTH, top);
    }
    template <unsigned>
    static void load(const absent_pin &, axi_beat &beat, axi_signal signal, std::uint64_t otherwise)
    {
        beat.set(signal, otherwise);
    }

    // Only outputs can be driven. Bits that a type has and the signal has not stay 0; what is wider
    // than a word has whole words.
    template <unsigned WIDTH, class T>
    static void store(sc_core::sc_out<T> &out, const axi_beat &beat, axi_signal signal)
    {
        T value;
        if constexpr (WIDTH > 64) {
            static_assert(WIDTH % 64 == 0, "data have whole words");
            store_pin(beat.bits(signal), beat.unknown(signal), value);
        } else {
            const std::uint64_t bits = *beat.bits(signal) & word_mask(WIDTH, 0);
            const std::uint64_t unknown = *beat.unknown(signal) & word_mask(WIDTH, 0);
            store_pin(&bits, &unknown, value);
        }
        out.write(value);
    }
    template <unsigned, class Pin> static void store(Pin &, const axi_beat &, axi_signal) {}

    template <class T> static void store_level(sc_core::sc_out<T> &out, bool high)
    {
        const std::uint64_t bit = high;
        const std::uint64_t unknown = 0;
        T value;
        store_pin(&bit, &unknown, value);
        out.write(value);
    }
    template <class Pin> static void store_level(Pin &, bool) {}
};

// Ports of a module that sends requests.
template <class C, class STYLE = two_state>
using axi_manager_pins = axi_bundle<C, STYLE, axi_side::manager>;
// Ports of a module that answers them.
template <class C, class STYLE = two_state>
using axi_subordinate_pins = axi_bundle<C, STYLE, axi_side::subordinate>;
// Inputs of a module that looks on.
template <class C, class STYLE = two_state>
using axi_monitor_pins = axi_bundle<C, STYLE, axi_side::monitor>;
// The wires of a bus.
template <class C, class STYLE = two_state> using axi_wires = axi_bundle<C, STYLE, axi_side::wires>;

} // namespace smmu::pins

#endif
