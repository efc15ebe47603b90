// SPDX-License-Identifier: Apache-2.0
// What bridges between AXI and TLM have in common.
#ifndef SMMU_PINS_AXI_BRIDGE_HPP
#define SMMU_PINS_AXI_BRIDGE_HPP

#include <functional>

#include "smmu/pins/axi_beat.hpp"

namespace smmu::pins {

// How many transactions of AXI a bridge has outstanding at a time, 1 or more of each.
struct axi_outstanding {
    unsigned reads = 16;  // from ARVALID, or its READY, to the last R
    unsigned writes = 16; // from AWVALID, or its READY, to B
};

// Asked at each edge for each channel: whether its READY may be high at the next one, and whether a
// VALID may rise. For tests of what is on the other side.
using axi_throttle = std::function<bool(axi_channel channel)>;

// Ids of the reports of bridges: a warning about a request that is answered with an error because
// the other side cannot say it, and an error about limits of 0, which are not taken.
constexpr const char *axi_refused_id = "/smmu/pins/bridge/refused";
constexpr const char *axi_outstanding_id = "/smmu/pins/bridge/outstanding"; // likewise

} // namespace smmu::pins

#endif
