// SPDX-License-Identifier: Apache-2.0
// AArch64 executables: what has to be in memory where, and where to start.
#ifndef VP_ELF_HPP
#define VP_ELF_HPP

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "vp/dt.hpp"

namespace vp {

// A file that cannot be run; what() is the reason, in one line.
class elf_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct elf_segment {
    std::uint64_t address; // physical
    std::uint64_t size;    // in memory; bytes beyond `data` are zero
    std::vector<std::uint8_t> data;
};

struct elf_image {
    std::uint64_t entry; // physical address of the first instruction
    std::vector<elf_segment> segments;
};

// Decodes an ELF64 little-endian executable for AArch64. Throws elf_error if `file` is anything
// else, is truncated, has no segment to load or starts outside of its segments.
elf_image parse_elf(const std::vector<std::uint8_t> &file);

// Throws elf_error if a segment is not wholly inside one of the ranges of `ram`.
void check_fits(const elf_image &image, const std::vector<dt_range> &ram);

} // namespace vp

#endif
