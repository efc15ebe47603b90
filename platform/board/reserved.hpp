// SPDX-License-Identifier: Apache-2.0
// Memory that the device tree keeps from whoever places programs in it.
#ifndef VP_RESERVED_HPP
#define VP_RESERVED_HPP

#include <vector>

#include "vp/dt.hpp"

namespace vp {

// The rest of `ram` (in order of address) without the memory reservation block of `tree` and
// the `reg` of the enabled children of /reserved-memory; in order of address. Throws dt_error if a
// `reg` is malformed.
std::vector<dt_range> unreserved(const dt_tree &tree, const std::vector<dt_range> &ram);

} // namespace vp

#endif
