// SPDX-License-Identifier: Apache-2.0
// Registers of the features org.gnu.gdb.aarch64.core and org.gnu.gdb.aarch64.fpu.
#include "gdb_registers.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "a64/cpu.h"

namespace vp {

namespace {

enum : unsigned { reg_sp = 31, reg_pc = 32, reg_cpsr = 33, reg_v0 = 34, reg_fpsr = 66, reg_fpcr };

constexpr std::uint32_t sys_fpcr = A64_SYSREG(3, 3, 4, 4, 0);
constexpr std::uint32_t sys_fpsr = A64_SYSREG(3, 3, 4, 4, 1);

// Bits of SPSR_EL1 that PSTATE has without AArch32: NZCV, IL, DAIF, M; and what M can be: EL0t,
// EL1t, EL1h, and with EL2 the same of that (DDI 0487 C5.2.19).
constexpr std::uint32_t pstate_bits = 0xf01003cf;
constexpr std::uint32_t pstate_modes[] = {0, 4, 5, 8, 9};
constexpr std::uint32_t pstate_el2 = 8;

constexpr std::uint32_t sys_id_aa64pfr0 = A64_SYSREG(3, 0, 0, 4, 0);

bool is_pstate(const a64_cpu &pe, std::uint32_t value)
{
    std::uint64_t features = 0;
    a64_get_sysreg(&pe, sys_id_aa64pfr0, &features);
    const bool has_el2 = (features >> 8 & 15) != 0;
    const bool known = std::find(std::begin(pstate_modes), std::end(pstate_modes), value & 0xf) !=
                       std::end(pstate_modes);
    return known && (value & ~pstate_bits) == 0 && (has_el2 || (value & pstate_el2) == 0);
}

bool is_vector(unsigned number)
{
    return number >= reg_v0 && number < reg_fpsr;
}

// Views of a vector register, by element.
constexpr const char *vector_types = R"(
<vector id="vd_f" type="ieee_double" count="2"/>
<vector id="vd_u" type="uint64" count="2"/>
<vector id="vs_f" type="ieee_single" count="4"/>
<vector id="vs_u" type="uint32" count="4"/>
<vector id="vh_f" type="ieee_half" count="8"/>
<vector id="vh_u" type="uint16" count="8"/>
<vector id="vb_u" type="uint8" count="16"/>
<union id="vd"><field name="f" type="vd_f"/><field name="u" type="vd_u"/></union>
<union id="vs"><field name="f" type="vs_f"/><field name="u" type="vs_u"/></union>
<union id="vh"><field name="f" type="vh_f"/><field name="u" type="vh_u"/></union>
<union id="vb"><field name="u" type="vb_u"/></union>
<union id="v"><field name="d" type="vd"/><field name="s" type="vs"/><field name="h" type="vh"/>
<field name="b" type="vb"/><field name="q" type="uint128"/></union>
)";

std::string describe(const std::string &name, unsigned bits, const char *type)
{
    return "<reg name=\"" + name + "\" bitsize=\"" + std::to_string(bits) + "\" type=\"" + type +
           "\"/>\n";
}

} // namespace

std::size_t gdb_register_size(unsigned number)
{
    if (number >= gdb_register_count)
        return 0;
    if (is_vector(number))
        return 16;
    return number < reg_cpsr ? 8 : 4;
}

void gdb_read_register(const a64_cpu &pe, unsigned number, std::uint8_t *value)
{
    std::uint64_t word[2] = {};
    if (number <= reg_sp)
        word[0] = a64_get_x(&pe, number);
    else if (number == reg_pc)
        word[0] = a64_get_pc(&pe);
    else if (number == reg_cpsr)
        word[0] = a64_get_pstate(&pe);
    else if (is_vector(number))
        a64_get_v(&pe, number - reg_v0, word);
    else
        a64_get_sysreg(&pe, number == reg_fpsr ? sys_fpsr : sys_fpcr, word);
    std::memcpy(value, word, gdb_register_size(number));
}

bool gdb_write_register(a64_cpu &pe, unsigned number, const std::uint8_t *value)
{
    std::uint64_t word[2] = {};
    std::memcpy(word, value, gdb_register_size(number));
    if (number <= reg_sp) {
        a64_set_x(&pe, number, word[0]);
    } else if (number == reg_pc) {
        if (word[0] % 4 != 0)
            return false;
        a64_set_pc(&pe, word[0]);
    } else if (number == reg_cpsr) {
        const auto pstate = static_cast<std::uint32_t>(word[0]);
        if (!is_pstate(pe, pstate))
            return false;
        a64_set_pstate(&pe, pstate);
    } else if (is_vector(number)) {
        a64_set_v(&pe, number - reg_v0, word);
    } else {
        a64_set_sysreg(&pe, number == reg_fpsr ? sys_fpsr : sys_fpcr, word[0]);
    }
    return true;
}

std::string gdb_target_xml()
{
    std::string xml = "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
                      "<target version=\"1.0\">\n<architecture>aarch64</architecture>\n"
                      "<feature name=\"org.gnu.gdb.aarch64.core\">\n";
    for (unsigned n = 0; n < reg_sp; n++)
        xml += describe("x" + std::to_string(n), 64, "int");
    xml += describe("sp", 64, "data_ptr");
    xml += describe("pc", 64, "code_ptr");
    xml += describe("cpsr", 32, "int");
    xml += "</feature>\n<feature name=\"org.gnu.gdb.aarch64.fpu\">";
    xml += vector_types;
    for (unsigned n = 0; n < 32; n++)
        xml += describe("v" + std::to_string(n), 128, "v");
    xml += describe("fpsr", 32, "int");
    xml += describe("fpcr", 32, "int");
    return xml + "</feature>\n</target>\n";
}

} // namespace vp
