// SPDX-License-Identifier: Apache-2.0
// AArch64 executables: what has to be in memory where, and where to start.
#ifndef VP_ELF_HPP
#define VP_ELF_HPP

#include <cstdint>
#include <vector>

#include "program.hpp"

namespace vp {

// Decodes an ELF64 little-endian executable for AArch64. Throws image_error if `file` is anything
// else, is truncated, has no segment to load or starts outside of its segments.
program parse_elf(const std::vector<std::uint8_t> &file);

} // namespace vp

#endif
