// SPDX-License-Identifier: Apache-2.0
// The device tree as the guest gets it, and where in its memory.
#ifndef VP_GUEST_DTB_HPP
#define VP_GUEST_DTB_HPP

#include <cstdint>
#include <optional>
#include <vector>

#include "vp/dt.hpp"

namespace vp {

// A copy of `tree` without the properties that begin with "vp,", memory reservations included.
std::vector<std::uint8_t> guest_dtb(const dt_tree &tree);

// The highest place for `size` bytes (at least 1) that starts on a 2 MiB boundary, lies in one of
// the ranges `ram` and touches none of `used`. Nothing if there is none.
std::optional<std::uint64_t> place_dtb(std::uint64_t size, const std::vector<dt_range> &ram,
                                       const std::vector<dt_range> &used);

} // namespace vp

#endif
