// SPDX-License-Identifier: Apache-2.0
// The coding style of a machine, for models that differ by it.
#ifndef VP_CODING_STYLE_HPP
#define VP_CODING_STYLE_HPP

#include "vp/dt.hpp"

namespace vp {

// Whether the machine that `node` is of is approximately timed, as `vp,timing` of its root says:
// "loose", the default, or "approximate". Throws dt_error for anything else.
bool approximately_timed(const dt_node &node);

} // namespace vp

#endif
