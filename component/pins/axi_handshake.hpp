// SPDX-License-Identifier: Apache-2.0
// The two ends of a channel, as a module that is clocked plays them (IHI 0022 L A2.3). PINS are
// axi_pins or a class of them, whose functions are known then.
#ifndef SMMU_PINS_AXI_HANDSHAKE_HPP
#define SMMU_PINS_AXI_HANDSHAKE_HPP

#include "smmu/pins/axi_beat.hpp"

namespace smmu::pins {

// Drives VALID. What it shows stays until READY has been seen.
class axi_transmitter {
  public:
    explicit axi_transmitter(axi_channel channel) : channel_(channel) {}

    axi_channel channel() const { return channel_; }
    // At an edge, first: whether the beat that is shown has been taken.
    template <class PINS> bool taken(const PINS &pins)
    {
        if (!valid_ || pins.ready(channel_) != pin_level::high)
            return false;
        valid_ = false;
        return true;
    }
    // Whether a beat can be shown.
    bool is_free() const { return !valid_; }
    template <class PINS> void show(PINS &pins, const axi_beat &beat)
    {
        valid_ = true;
        pins.drive(channel_, beat);
    }
    // The same with one that fill(beat) makes: all signals that it may make other than 0.
    template <class PINS, class FILL> void show_filled(PINS &pins, axi_beat &room, FILL &&fill)
    {
        axi_beat &beat = pins.place(channel_, room);
        fill(beat);
        show(pins, beat);
    }
    // At an edge, last.
    template <class PINS> void drive(PINS &pins)
    {
        const pin_level level = valid_ ? pin_level::high : pin_level::low;
        if (driven_ != level)
            pins.drive_valid(channel_, valid_);
        driven_ = level;
    }
    void reset() { valid_ = false; }

  private:
    const axi_channel channel_;
    bool valid_ = false;
    pin_level driven_ = pin_level::unknown; // what the pin has
};

// Drives READY.
class axi_receiver {
  public:
    explicit axi_receiver(axi_channel channel) : channel_(channel) {}

    axi_channel channel() const { return channel_; }
    // At an edge, first: whether a beat is taken now.
    template <class PINS> bool arrived(const PINS &pins) const
    {
        return driven_ == pin_level::high && pins.valid(channel_) == pin_level::high;
    }
    // At an edge, last: whether one will be at the next.
    template <class PINS> void drive(PINS &pins, bool ready)
    {
        const pin_level level = ready ? pin_level::high : pin_level::low;
        if (driven_ != level)
            pins.drive_ready(channel_, ready);
        driven_ = level;
    }

  private:
    const axi_channel channel_;
    pin_level driven_ = pin_level::unknown; // what the pin has
};

} // namespace smmu::pins

#endif
