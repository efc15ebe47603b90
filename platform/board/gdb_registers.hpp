// SPDX-License-Identifier: Apache-2.0
// The registers that a debugger sees, by GDB's numbers, and their description for it.
#ifndef VP_GDB_REGISTERS_HPP
#define VP_GDB_REGISTERS_HPP

#include <cstddef>
#include <cstdint>
#include <string>

struct a64_cpu;

namespace vp {

constexpr unsigned gdb_register_count = 68; // x0 to x30, sp, pc, cpsr, v0 to v31, fpsr, fpcr
constexpr unsigned gdb_register_pc = 32;
constexpr std::size_t gdb_register_max = 16;

// Bytes of a register in the protocol; 0 if there is none of that number.
std::size_t gdb_register_size(unsigned number);

// The value in the order of memory, gdb_register_size() bytes.
void gdb_read_register(const a64_cpu &pe, unsigned number, std::uint8_t *value);

// Returns false for a value that the register cannot have: a PC that is not aligned, a PSTATE of
// another state than AArch64 at EL0 or EL1.
bool gdb_write_register(a64_cpu &pe, unsigned number, const std::uint8_t *value);

// The target description in XML.
std::string gdb_target_xml();

} // namespace vp

#endif
