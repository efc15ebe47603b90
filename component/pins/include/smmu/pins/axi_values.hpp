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
        return valid_[index(channel)];
    }
    // Likewise.
    bool is_ready(axi_channel channel) const
    {
        return ready_[index(channel)];
    }
    // Whether the other signals of a channel have been driven by drive() since the last call.
    bool take_driven(axi_channel channel)
    {
        return std::exchange(driven_[index(channel)], false);
    }

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
        valid_[index(channel)] = high;
    }
    void drive_ready(axi_channel channel, bool high) override
    {
        ready_[index(channel)] = high;
    }
    void drive(axi_channel channel, const axi_beat &beat_driven) override
    {
        if (&beat(channel) != &beat_driven)
            beat(channel) = beat_driven;
        driven_[index(channel)] = true;
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

    std::array<axi_beat, axi_channels> beats_ = {};
    std::array<bool, axi_channels> valid_ = {};
    std::array<bool, axi_channels> ready_ = {};
    std::array<bool, axi_channels> driven_ = {}; // since take_driven()
};

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
