// SPDX-License-Identifier: Apache-2.0
// Properties that are rows of a table, each of them a member of a structure.
#ifndef VP_DT_ROWS_HPP
#define VP_DT_ROWS_HPP

#include <cstdint>
#include <string>

#include "vp/dt.hpp"

namespace vp {

// The property behind `member`, which `prefix` and `suffix` go around: "vp,link-latency-ps".
// Properties have dashes where members have underscores.
std::string property_name(const std::string &prefix, const std::string &member,
                          const std::string &suffix = "");

// The number that `property` has; `otherwise`, which fits into a cell, without the property. Throws
// a dt_error if it is below `least` or above `most`.
std::uint32_t number_between(const dt_node &node, const std::string &property,
                             std::uint64_t otherwise, std::uint64_t least, std::uint64_t most);

// The same from 0 on.
std::uint32_t number_up_to(const dt_node &node, const std::string &property,
                           std::uint64_t otherwise, std::uint64_t most);

// Units of numbers, as suffixes of properties. Tables have names of units.
namespace dt_units {
constexpr const char *BYTES = "";
constexpr const char *COUNT = "";
constexpr const char *PS = "-ps";
} // namespace dt_units

} // namespace vp

#endif
