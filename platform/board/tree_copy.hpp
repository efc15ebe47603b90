// SPDX-License-Identifier: Apache-2.0
// A device tree blob written anew, node after node.
#ifndef VP_TREE_COPY_HPP
#define VP_TREE_COPY_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "vp/dt.hpp"

namespace vp {

// What a copy differs by. Nodes are libfdt's offsets in the blob of the source.
struct tree_changes {
    std::function<bool(const char *property)> keep; // empty: all properties
    // Called behind the copy of each node, to write siblings of it into `to`, by libfdt's
    // sequential functions and copy_node(). Empty: there are none.
    std::function<void(void *to, const void *from, int node)> add_siblings;
};

// `room`: bytes that the copy has beyond what it needs. Throws std::runtime_error if libfdt fails.
std::vector<std::uint8_t> copy_tree(const dt_tree &tree, std::size_t room,
                                    const tree_changes &changes);

// Copies a node with what is below it; `property` (may be empty) writes one in the place of that of
// the source, and returns whether it has.
void copy_node(void *to, const void *from, int node, const char *name,
               const std::function<bool(const char *property)> &property);

// Throws std::runtime_error if `error` is one of libfdt.
void check_copy(int error);

} // namespace vp

#endif
