// SPDX-License-Identifier: Apache-2.0
// Properties of links: on the node of a host for those of all its ports, on a port for its own.
#ifndef VP_PCIE_LINK_NODE_HPP
#define VP_PCIE_LINK_NODE_HPP

#include "pcie/pcie_link.h"
#include "vp/dt.hpp"

namespace vp {

// What the `vp,link-` properties of `node` (the rows of pcie/pcie_link.def) say, and `otherwise`
// where they say nothing. Throws dt_error if together they make no sense.
pcie_link_config read_link(const dt_node &node, const pcie_link_config &otherwise);

// That of the link above an endpoint behind a port.
pcie_link_config read_link_above(const dt_node &endpoint);

} // namespace vp

#endif
