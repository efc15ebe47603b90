// SPDX-License-Identifier: Apache-2.0
// Machines with the assembled instruction lists in memory (asm/table.inc).
#ifndef TESTS_CPU_IMAGES_HPP
#define TESTS_CPU_IMAGES_HPP

#include <string>
#include <vector>

#include "machine.hpp"

namespace cpu_test {

struct listed_insn {
    std::string name;
    std::uint64_t code;
    int kind;
};

constexpr std::uint64_t buffer_at = ram_base + 0x200000;

// Loads an image linked at ram_base and returns its table, which comes first.
std::vector<listed_insn> load_image(machine &m, const char *path);

// Identity mapping of RAM as Normal memory, so that unaligned accesses are allowed; EL0 may use the
// buffer, so that unprivileged ones are too. SIMD and floating point are not trapped.
struct mapped_machine : machine {
    mapped_machine(bool with_dmi, const char *image);
};

} // namespace cpu_test

#endif
