// SPDX-License-Identifier: Apache-2.0
// Properties of a memory that is a DRAM.
#ifndef VP_DRAM_NODE_HPP
#define VP_DRAM_NODE_HPP

#include <optional>

#include "dram/dram.h"
#include "vp/dt.hpp"

namespace vp {

// The DRAM that the property `vp,dram` of a memory node names, with what its `vp,dram-` properties
// (the rows of dram/dram.def) change; nothing if it names none. Throws dt_error.
std::optional<dram_config> dram_of(const dt_node &node);

} // namespace vp

#endif
