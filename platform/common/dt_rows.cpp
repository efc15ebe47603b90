// SPDX-License-Identifier: Apache-2.0
// Names of properties, and numbers that have an end.
#include "vp/dt_rows.hpp"

#include <algorithm>

namespace vp {

std::string property_name(const std::string &prefix, const std::string &member,
                          const std::string &suffix)
{
    std::string property = prefix + member + suffix;
    std::replace(property.begin(), property.end(), '_', '-');
    return property;
}

std::uint32_t number_between(const dt_node &node, const std::string &property,
                             std::uint64_t otherwise, std::uint64_t least, std::uint64_t most)
{
    const std::uint32_t value = node.u32(property.c_str(), static_cast<std::uint32_t>(otherwise));
    if (value < least || value > most)
        node.fail(property.c_str(), std::to_string(value) + " is not " + std::to_string(least) +
                                        " to " + std::to_string(most));
    return value;
}

std::uint32_t number_up_to(const dt_node &node, const std::string &property,
                           std::uint64_t otherwise, std::uint64_t most)
{
    return number_between(node, property, otherwise, 0, most);
}

} // namespace vp
