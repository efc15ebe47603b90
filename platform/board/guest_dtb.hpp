// SPDX-License-Identifier: Apache-2.0
// The device tree as the guest gets it, and where in its memory.
#ifndef VP_GUEST_DTB_HPP
#define VP_GUEST_DTB_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vp/dt.hpp"

namespace vp {

// The boot loader's part of /chosen; properties not given stay as the tree has them.
struct chosen {
    std::optional<std::string> bootargs;
    std::optional<dt_range> initrd;
};

// A copy of `tree` without the properties that begin with "vp,", memory reservations included, and
// with `given` in /chosen.
std::vector<std::uint8_t> guest_dtb(const dt_tree &tree, const chosen &given = {});

// `blob`, a device tree, with `size` bytes instead of those of its only memory node. Throws
// dt_error if it is no device tree, if it has several banks of memory, or if the size has no room
// in `reg`.
std::vector<std::uint8_t> resize_memory(std::vector<std::uint8_t> blob, std::uint64_t size);

// The highest place for `size` bytes (at least 1) that starts on a 2 MiB boundary, lies in one of
// the ranges `ram` and touches none of `used`. Nothing if there is none.
std::optional<std::uint64_t> place_dtb(std::uint64_t size, const std::vector<dt_range> &ram,
                                       const std::vector<dt_range> &used);

} // namespace vp

#endif
