// SPDX-License-Identifier: Apache-2.0
// Properties of the interconnect: on the root node for all ports, on any other for its own.
#ifndef VP_BUS_NODE_HPP
#define VP_BUS_NODE_HPP

#include "bus/crossbar.h"
#include "vp/dt.hpp"

namespace vp {

// What the `vp,bus-` properties of `node` (the rows of bus/port.def) say, and `otherwise` where
// they say nothing. Throws dt_error.
crossbar_port bus_port_of(const dt_node &node, const crossbar_port &otherwise);

// `vp,system-cache-ppm` of a node of an SMMU: how many of a million reads of its walk port hit the
// system cache. Throws dt_error.
std::uint32_t cached_walks_of(const dt_node &node);

} // namespace vp

#endif
