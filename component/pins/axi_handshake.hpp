// SPDX-License-Identifier: Apache-2.0
// The two ends of a channel, as a module that is clocked plays them (IHI 0022 L A2.3).
#ifndef SMMU_PINS_AXI_HANDSHAKE_HPP
#define SMMU_PINS_AXI_HANDSHAKE_HPP

#include <optional>

#include "smmu/pins/axi_beat.hpp"

namespace smmu::pins {

// Drives VALID. What it shows stays until READY has been seen.
class axi_transmitter {
  public:
    explicit axi_transmitter(axi_channel channel) : channel_(channel) {}

    axi_channel channel() const { return channel_; }
    // At an edge, first: whether the beat that is shown has been taken.
    bool taken(const axi_pins &pins)
    {
        if (!valid_ || pins.ready(channel_) != pin_level::high)
            return false;
        valid_ = false;
        return true;
    }
    // Whether a beat can be shown.
    bool is_free() const { return !valid_; }
    void show(axi_pins &pins, const axi_beat &beat)
    {
        valid_ = true;
        pins.drive(channel_, beat);
    }
    // The same with one that fill(beat) makes: all signals that it may make other than 0.
    template <class Fill> void show_filled(axi_pins &pins, axi_beat &room, Fill &&fill)
    {
        axi_beat &beat = pins.place(channel_, room);
        fill(beat);
        show(pins, beat);
    }
    // At an edge, last.
    void drive(axi_pins &pins)
    {
        if (driven_ != valid_)
            pins.drive_valid(channel_, valid_);
        driven_ = valid_;
    }
    void reset() { valid_ = false; }

  private:
    const axi_channel channel_;
    bool valid_ = false;
    std::optional<bool> driven_; // what the pin has
};

// Drives READY.
class axi_receiver {
  public:
    explicit axi_receiver(axi_channel channel) : channel_(channel) {}

    axi_channel channel() const { return channel_; }
    // At an edge, first: whether a beat is taken now.
    bool arrived(const axi_pins &pins) const
    {
        return ready_ && pins.valid(channel_) == pin_level::high;
    }
    // At an edge, last: whether one will be at the next.
    void drive(axi_pins &pins, bool ready)
    {
        if (driven_ != ready)
            pins.drive_ready(channel_, ready);
        driven_ = ready_ = ready;
    }

  private:
    const axi_channel channel_;
    bool ready_ = false;
    std::optional<bool> driven_; // what the pin has
};

} // namespace smmu::pins

#endif
