// SPDX-License-Identifier: Apache-2.0
// The signals of an AXI bus as plain values, for models that are evaluated by a call for each
// cycle.
#ifndef SMMU_PINS_AXI_VALUES_HPP
#define SMMU_PINS_AXI_VALUES_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "smmu/pins/axi_beat.hpp"
#include "smmu/pins/axi_bundle.hpp"

namespace smmu::pins {

// A bus without signals of SystemC: nothing is scheduled, a value is there as soon as it is driven.
// So whoever calls decides who is first. In each cycle observers come first, then bridges, and then
// the model, which axi_model_values.hpp connects: its edge with the inputs that it had, and only
// then what bridges have driven.
class axi_values final : public axi_pins {
  public:
    // A bus of configuration C (axi_config.hpp) on which every VALID and READY is low. What the bus
    // has not has the value that is assumed.
    template <class C> static axi_values of()
    {
        axi_values bus;
#define SMMU_AXI_CHANNEL(channel, transmitter)
#define SMMU_AXI_SIGNAL(channel, name, width, otherwise)                                           \
    if constexpr ((width) == 0)                                                                    \
        bus.beat(axi_channel::channel).set(axi_signal::name, (otherwise));
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
        return bus;
    }

    // The other signals of a channel, to read or to drive bit by bit.
    axi_beat &beat(axi_channel channel)
    {
        return beats_[index(channel)];
    }
    // Likewise.
    const axi_beat &beat(axi_channel channel) const
    {
        return beats_[index(channel)];
    }
    // VALID, or READY, of a channel.
    bool is_valid(axi_channel channel) const
    {
        return valids() & set_of(channel);
    }
    // Likewise.
    bool is_ready(axi_channel channel) const
    {
        return readys() & set_of(channel);
    }
    // The channels whose VALID, or READY, is high.
    axi_channel_set valids() const
    {
        return (by_manager_ & of_manager) | (by_subordinate_ & ~of_manager);
    }
    // Likewise.
    axi_channel_set readys() const
    {
        return (by_manager_ & ~of_manager) | (by_subordinate_ & of_manager);
    }
    // The channels on which the next edge transfers a beat: VALID and READY are high.
    axi_channel_set transfers() const
    {
        return by_manager_ & by_subordinate_;
    }
    // The channels on which what `side`, manager or subordinate, drives of VALID and READY is high.
    axi_channel_set levels(axi_side side) const
    {
        return side == axi_side::manager ? by_manager_ : by_subordinate_;
    }
    // Drive all of these.
    void drive_levels(axi_side side, axi_channel_set channels)
    {
        take_levels(side, channels);
        driven_ |= levels_driven;
    }
    // The same of a model, which has no need to be told.
    void take_levels(axi_side side, axi_channel_set channels)
    {
        (side == axi_side::manager ? by_manager_ : by_subordinate_) = channels;
    }
    // What has been driven since the last call: channels whose other signals drive() was called
    // for, and levels_driven if some VALID or READY was.
    axi_channel_set take_driven()
    {
        return std::exchange(driven_, 0u);
    }
    // In take_driven(); in that of a new bus too.
    static constexpr axi_channel_set levels_driven = axi_no_channel;

    pin_level valid(axi_channel channel) const override
    {
        return level(is_valid(channel));
    }
    pin_level ready(axi_channel channel) const override
    {
        return level(is_ready(channel));
    }
    axi_beat sample(axi_channel channel) const override
    {
        return beat(channel);
    }
    const axi_beat &look(axi_channel channel, axi_beat &) const override
    {
        return beat(channel);
    }
    void drive_valid(axi_channel channel, bool high) override
    {
        drive_level(transmitter_of(channel), channel, high);
    }
    void drive_ready(axi_channel channel, bool high) override
    {
        drive_level(receiver_of(transmitter_of(channel)), channel, high);
    }
    void drive(axi_channel channel, const axi_beat &beat_driven) override
    {
        if (&beat(channel) != &beat_driven)
            beat(channel) = beat_driven;
        driven_ |= set_of(channel);
    }
    axi_beat &place(axi_channel channel, axi_beat &) override
    {
        return beat(channel);
    }

  private:
    axi_values() = default;
    static constexpr std::size_t index(axi_channel channel)
    {
        return static_cast<std::size_t>(channel);
    }
    static pin_level level(bool high)
    {
        return high ? pin_level::high : pin_level::low;
    }

    void drive_level(axi_side side, axi_channel channel, bool high)
    {
        const axi_channel_set others = levels(side) & ~set_of(channel);
        drive_levels(side, high ? others | set_of(channel) : others);
    }

    // The channels whose VALID the manager drives.
    static constexpr axi_channel_set of_manager = transmitted_by(axi_side::manager);

    std::array<axi_beat, axi_channels> beats_ = {};
    axi_channel_set by_manager_ = 0;
    axi_channel_set by_subordinate_ = 0;
    axi_channel_set driven_ = levels_driven; // since take_driven()
};

// A channel as a set if `port`, which has one bit, is high.
template <class Port> axi_channel_set set_if(const Port &port, axi_channel channel)
{
    return static_cast<axi_channel_set>(port) << static_cast<unsigned>(channel);
}

// Take the value of a port of a plain model of Verilator: an integer, or words of 32 bits.
template <unsigned WIDTH, class Port> void load_port(const Port &port, std::uint64_t *bits)
{
    if constexpr (WIDTH <= 64) {
        *bits = port;
    } else {
        for (unsigned i = 0; i < WIDTH / 32; i += 2)
            bits[i / 2] = std::uint64_t{port.at(i + 1)} << 32 | port.at(i);
    }
}

// Give one its value.
template <unsigned WIDTH, class Port> void store_port(const std::uint64_t *bits, Port &port)
{
    if constexpr (WIDTH <= 64) {
        port = static_cast<Port>(*bits);
    } else {
        for (unsigned i = 0; i < WIDTH / 32; i++)
            port.at(i) = static_cast<std::uint32_t>(bits[i / 2] >> (i % 2 * 32));
    }
}

} // namespace smmu::pins

#endif
