// SPDX-License-Identifier: Apache-2.0
// Reads the coding style off the root of the tree.
#include "vp/coding_style.hpp"

namespace vp {

bool approximately_timed(const dt_node &node)
{
    if (node.path() != "/")
        return approximately_timed(node.parent());
    const auto given = node.strings("vp,timing");
    if (given.empty())
        return false;
    if (given.size() != 1 || (given[0] != "loose" && given[0] != "approximate"))
        node.fail("vp,timing", "must be \"loose\" or \"approximate\"");
    return given[0] == "approximate";
}

} // namespace vp
