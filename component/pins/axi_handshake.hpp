// SPDX-License-Identifier: Apache-2.0
// One side of all channels, as a module that is clocked plays it (IHI 0022 L A2.3). PINS are
// axi_pins or axi_values, which have all levels in a word.
#ifndef SMMU_PINS_AXI_HANDSHAKE_HPP
#define SMMU_PINS_AXI_HANDSHAKE_HPP

#include "smmu/pins/axi_values.hpp"

namespace smmu::pins {

// Drives VALID of the channels that SIDE transmits on, and READY of the others. What it shows stays
// until READY has been seen.
template <axi_side SIDE> class axi_handshakes {
    static constexpr axi_channel_set transmitted = transmitted_by(SIDE);

  public:
    // The channels on which an edge transfers a beat, with these pins.
    axi_channel_set transfers(const axi_values &pins) const { return driven_ & pins.transfers(); }
    axi_channel_set transfers(const axi_pins &pins) const
    {
        axi_channel_set both = 0;
        for (std::size_t i = 0; i < axi_channels; i++) {
            const auto channel = static_cast<axi_channel>(i);
            if (driven_ & set_of(channel) && other_level(pins, channel) == pin_level::high)
                both |= set_of(channel);
        }
        return both;
    }
    // At an edge, first: beats have been transferred on the channels `moved`.
    void take(axi_channel_set moved) { shown_ &= ~moved; }
    // Whether a beat can be shown on a channel.
    bool is_free(axi_channel channel) const { return !(shown_ & set_of(channel)); }
    bool is_free() const { return !shown_; } // on each of them
    template <class PINS> void show(axi_channel channel, PINS &pins, const axi_beat &beat)
    {
        shown_ |= set_of(channel);
        pins.drive(channel, beat);
    }
    // At an edge, last: VALID of what is shown, and READY on the channels `ready`.
    template <class PINS> void drive(PINS &pins, axi_channel_set ready)
    {
        const axi_channel_set high = shown_ | ready;
        if (high == driven_)
            return;
        drive_levels(pins, high);
        driven_ = high;
    }
    void reset() { shown_ = 0; }

  private:
    static pin_level other_level(const axi_pins &pins, axi_channel channel)
    {
        return transmitted & set_of(channel) ? pins.ready(channel) : pins.valid(channel);
    }
    static void drive_levels(axi_values &pins, axi_channel_set high)
    {
        pins.drive_levels(SIDE, high);
    }
    void drive_levels(axi_pins &pins, axi_channel_set high)
    {
        for (std::size_t i = 0; i < axi_channels; i++) {
            const auto channel = static_cast<axi_channel>(i);
            const axi_channel_set its = set_of(channel);
            if (driven_ != axi_no_channel && !((high ^ driven_) & its))
                continue;
            if (transmitted & its)
                pins.drive_valid(channel, high & its);
            else
                pins.drive_ready(channel, high & its);
        }
    }

    axi_channel_set shown_ = 0;
    axi_channel_set driven_ =
        axi_no_channel; // which VALID and READY are high, once they are driven
};

} // namespace smmu::pins

#endif
