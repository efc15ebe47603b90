// SPDX-License-Identifier: Apache-2.0
// A number as messages show addresses and sizes.
#ifndef VP_HEX_HPP
#define VP_HEX_HPP

#include <cstdint>
#include <cstdio>
#include <string>

namespace vp {

// "0x40000000".
inline std::string hex(std::uint64_t value)
{
    char text[20];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

} // namespace vp

#endif
