// SPDX-License-Identifier: Apache-2.0
// From TLM to pins and back: see bridge_hop.hpp.
#include "bridge_hop.hpp"

namespace pins_test {

using namespace smmu::pins;

bridge_hop::bridge_hop(const sc_core::sc_module_name &name, const sc_core::sc_time &period)
    : sc_module(name), clock_("clock", period)
{
    SC_HAS_PROCESS(bridge_hop);
    SC_METHOD(watch);
    sensitive << clock_.posedge_event();
    dont_initialize();
    sc_core::sc_spawn([this, period] {
        reset(true);
        wait(2.5 * period);
        reset(false);
    });
}

bridge_hop::~bridge_hop() = default;

void bridge_hop::watch()
{
    for (const axi_channel channel : {axi_channel::AW, axi_channel::AR})
        if (monitor().valid(channel) == pin_level::high &&
            monitor().ready(channel) == pin_level::high)
            requests.push_back(request_of(channel, monitor().sample(channel)));
}

void bridge_hop::stutter(std::uint64_t seed)
{
    chance_ = support::random_source(seed);
    const axi_throttle throttle = [this](axi_channel) { return chance_.one_in(3); };
    to_pins().set_throttle(throttle);
    from_pins().set_throttle(throttle);
}

bool bridge_hop::idle()
{
    return to_pins().in_flight() == 0 && from_pins().in_flight() == 0 &&
           checker().in_flight() == 0 && up.in_flight() == 0 && down.in_flight() == 0;
}

} // namespace pins_test
