// SPDX-License-Identifier: Apache-2.0
// The flash of a machine, and the files it gets on the command line.
#ifndef VP_FLASH_NODE_HPP
#define VP_FLASH_NODE_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vp/dt.hpp"

namespace vp {

// The first enabled node below enabled ones, in the order of the tree, that is `compatible`.
std::optional<dt_node> find_compatible(const dt_tree &tree, const std::string &compatible);

// The "cfi-flash" of `tree`. Throws dt_error if there is none.
dt_node flash_node(const dt_tree &tree);

// `blob`, a device tree, with files in the properties of its flash: `firmware` in `vp,firmware`
// and `kept` in `vp,backing-file`, where they are not empty. Throws dt_error if it is no device
// tree or has no flash.
std::vector<std::uint8_t> set_flash_files(std::vector<std::uint8_t> blob,
                                          const std::string &firmware, const std::string &kept);

} // namespace vp

#endif
