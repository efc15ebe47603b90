// SPDX-License-Identifier: Apache-2.0
// Contents of memory before the first instruction, and the address of that.
#ifndef VP_PROGRAM_HPP
#define VP_PROGRAM_HPP

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "vp/dt.hpp"

namespace vp {

// A file that cannot be run; what() is the reason, in one line.
class image_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct segment {
    std::uint64_t address; // physical
    std::uint64_t size;    // in memory, at least 1; bytes beyond `data` are zero
    std::vector<std::uint8_t> data;

    dt_range range() const { return {address, size}; }
};

struct program {
    std::uint64_t entry; // physical address of the first instruction
    std::vector<segment> segments;
};

// Files that firmware asks for, where there are any.
struct offered_files {
    std::vector<std::uint8_t> kernel;
    std::vector<std::uint8_t> initrd;
    std::string command_line;
};

// A file that firmware finds by its name.
struct named_file {
    std::string name;
    std::vector<std::uint8_t> data;
};

// A program with the device tree, and what is in x0 at its start.
struct boot_image {
    vp::program program;
    std::vector<std::uint8_t> dtb;
    std::uint64_t dtb_address;
    std::uint64_t x0;
    std::optional<offered_files> offered; // by a device of the machine that is vp::firmware_files
    std::vector<named_file> named;        // likewise
};

// Do the ranges have a byte in common? Neither may be empty or wrap around.
bool overlap(const dt_range &a, const dt_range &b);

// Is `range` wholly inside one of the ranges of `ram`?
bool fits(const dt_range &range, const std::vector<dt_range> &ram);

// Throws image_error if a segment is not wholly inside one of the ranges of `ram`.
void check_fits(const program &image, const std::vector<dt_range> &ram);

} // namespace vp

#endif
