// SPDX-License-Identifier: Apache-2.0
// What an axi_checker has seen on the five channels.
#ifndef SMMU_PINS_AXI_WATCH_HPP
#define SMMU_PINS_AXI_WATCH_HPP

#include <array>
#include <string>

#include "axi_transactions.hpp"
#include "smmu/pins/axi_checker.hpp"

namespace smmu::pins {

// Is called at each rising edge of the clock, and reports breaches.
class axi_watch {
  public:
    // `owner`, whose name goes into reports, must outlive it.
    axi_watch(const sc_core::sc_object &owner, const axi_shape &shape);

    // PINS: axi_pins or, which takes less, axi_values.
    template <class PINS> void edge(const PINS &pins, pin_level aresetn);

    void set_limits(const axi_limits &limits) { limits_ = limits; }
    std::uint64_t complaints() const { return complaints_; }
    std::uint64_t cycles() const { return cycles_; }
    std::size_t in_flight() const { return transactions_.in_flight(); }

  private:
    struct channel_state {
        bool held = false;     // VALID is high and waits for READY, since
        std::uint64_t since;   // this cycle
        axi_beat beat;         // with this
        bool unknown = false;  // that a handshake is X or Z has been told
        bool too_slow = false; // that READY does not come has been told
    };

    channel_state &state(axi_channel channel);
    void in_reset(const axi_pins &pins);
    void check_valid_low(const axi_pins &pins);
    void watch_all(const axi_pins &pins);
    void watch_all(const axi_values &pins);
    template <class PINS>
    void watch(axi_channel channel, const PINS &pins, pin_level valid_level, pin_level ready_level);
    void check_known(axi_channel channel, pin_level valid, pin_level ready);
    void check_held(axi_channel channel, bool valid, const axi_beat &beat);
    void check_ready_limit(axi_channel channel);
    void check_payload_known(axi_channel channel, const axi_beat &beat);
    void seen(axi_channel channel, const axi_beat &beat);
    void accepted(axi_channel channel, const axi_beat &beat);
    void complain(axi_rule broken, const std::string &signal);

    const sc_core::sc_object &owner_;
    axi_shape shape_;
    axi_transactions transactions_;
    axi_limits limits_;
    std::array<channel_state, axi_channels> states_ = {};
    axi_beat room_; // for what is looked at
    std::uint64_t cycles_ = 0;
    std::uint64_t complaints_ = 0;
    bool reset_ = false;         // at the last edge
    bool reset_unknown_ = false; // has been told
};

} // namespace smmu::pins

#endif
