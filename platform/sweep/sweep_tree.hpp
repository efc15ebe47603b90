// SPDX-License-Identifier: Apache-2.0
// The device tree of a machine, and edits of it: a point of a sweep each.
#ifndef VP_SWEEP_TREE_HPP
#define VP_SWEEP_TREE_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sweep_file.hpp"

namespace vp {

class sweep_tree {
  public:
    // A blob, compiled with symbols (dtc -@) where labels shall be known. Throws dt_error if it is
    // no sound device tree.
    explicit sweep_tree(std::vector<std::uint8_t> blob);

    // The path of the node that is called so by label or path; nothing if there is none.
    std::optional<std::string> find(const std::string &node) const;

    // Paths of all enabled nodes that are compatible with it.
    std::vector<std::string> compatible(const std::string &with) const;

    // Sets a property of the node with the path, which there must be.
    void set(const std::string &path, const std::string &property, const sweep_property &value);

    // The blob as it is now, without symbols.
    std::vector<std::uint8_t> blob() const;

  private:
    std::vector<std::uint8_t> blob_;
};

} // namespace vp

#endif
