// SPDX-License-Identifier: Apache-2.0
// Encodings of the few instructions that tests assemble by hand (DDI 0487 C6.2).
#ifndef TESTS_CPU_ENCODE_HPP
#define TESTS_CPU_ENCODE_HPP

#include <cstdint>

#include "a64/cpu.h"

namespace cpu_test::a64 {

using word = std::uint32_t;

constexpr word nop = 0xd503201f, wfe = 0xd503205f, wfi = 0xd503207f, sev = 0xd503209f;
constexpr word eret = 0xd69f03e0, isb = 0xd5033fdf, clrex = 0xd5033f5f, udf = 0;

constexpr word movz(unsigned rd, unsigned imm)
{
    return 0xd2800000 | imm << 5 | rd;
}
constexpr word add_imm(unsigned rd, unsigned rn, unsigned imm)
{
    return 0x91000000 | imm << 10 | rn << 5 | rd;
}
constexpr word subs_imm(unsigned rd, unsigned rn, unsigned imm)
{
    return 0xf1000000 | imm << 10 | rn << 5 | rd;
}
constexpr word b(int bytes)
{
    return 0x14000000 | (static_cast<word>(bytes / 4) & 0x3ffffff);
}
constexpr word bl(int bytes)
{
    return 0x94000000 | (static_cast<word>(bytes / 4) & 0x3ffffff);
}
constexpr word tbz(unsigned rt, unsigned bit, int bytes)
{
    return 0x36000000 | bit << 19 | (static_cast<word>(bytes / 4) & 0x3fff) << 5 | rt;
}

constexpr word b_cond(unsigned cond, int bytes)
{
    return 0x54000000 | (static_cast<word>(bytes / 4) & 0x7ffff) << 5 | cond;
}
// sf and whether non-zero branches
constexpr word cb(unsigned sf, unsigned nonzero, unsigned rt, int bytes)
{
    return 0x34000000 | sf << 31 | nonzero << 24 | (static_cast<word>(bytes / 4) & 0x7ffff) << 5 |
           rt;
}
constexpr word tb(unsigned bit, unsigned nonzero, unsigned rt, int bytes)
{
    return 0x36000000 | (bit >> 5) << 31 | nonzero << 24 | (bit & 31) << 19 |
           (static_cast<word>(bytes / 4) & 0x3fff) << 5 | rt;
}
constexpr word br(unsigned rn)
{
    return 0xd61f0000 | rn << 5;
}
constexpr word blr(unsigned rn)
{
    return 0xd63f0000 | rn << 5;
}
constexpr word ret(unsigned rn)
{
    return 0xd65f0000 | rn << 5;
}
constexpr word svc(unsigned imm)
{
    return 0xd4000001 | imm << 5;
}
constexpr word hvc(unsigned imm)
{
    return 0xd4000002 | imm << 5;
}
constexpr word smc(unsigned imm)
{
    return 0xd4000003 | imm << 5;
}
constexpr word brk(unsigned imm)
{
    return 0xd4200000 | imm << 5;
}
constexpr word hlt(unsigned imm)
{
    return 0xd4400000 | imm << 5;
}
constexpr word daifset(unsigned imm)
{
    return 0xd50340df | imm << 8;
}
constexpr word daifclr(unsigned imm)
{
    return 0xd50340ff | imm << 8;
}
constexpr word spsel(unsigned imm)
{
    return 0xd50040bf | imm << 8;
}
// `reg` is an A64_SYSREG() encoding; op0 1 makes SYS of msr.
constexpr word msr(std::uint32_t reg, unsigned rt)
{
    return 0xd5000000 | reg << 5 | rt;
}
constexpr word mrs(unsigned rt, std::uint32_t reg)
{
    return 0xd5200000 | reg << 5 | rt;
}
constexpr word ldr(unsigned rt, unsigned rn, unsigned offset = 0)
{
    return 0xf9400000 | offset / 8 << 10 | rn << 5 | rt;
}
constexpr word str(unsigned rt, unsigned rn, unsigned offset = 0)
{
    return 0xf9000000 | offset / 8 << 10 | rn << 5 | rt;
}
constexpr word ldr_w(unsigned rt, unsigned rn)
{
    return 0xb9400000 | rn << 5 | rt;
}
constexpr word str_w(unsigned rt, unsigned rn)
{
    return 0xb9000000 | rn << 5 | rt;
}
constexpr word ldtr(unsigned rt, unsigned rn)
{
    return 0xf8400800 | rn << 5 | rt;
}
constexpr word ldp(unsigned rt, unsigned rt2, unsigned rn)
{
    return 0xa9400000 | rt2 << 10 | rn << 5 | rt;
}
constexpr word stp(unsigned rt, unsigned rt2, unsigned rn)
{
    return 0xa9000000 | rt2 << 10 | rn << 5 | rt;
}
constexpr word dc_zva(unsigned rt)
{
    return 0xd50b7420 | rt;
}
constexpr word ldxr(unsigned rt, unsigned rn)
{
    return 0xc85f7c00 | rn << 5 | rt;
}
constexpr word stxr(unsigned rs, unsigned rt, unsigned rn)
{
    return 0xc8007c00 | rs << 16 | rn << 5 | rt;
}
constexpr word ldxp(unsigned rt, unsigned rt2, unsigned rn)
{
    return 0xc87f0000 | rt2 << 10 | rn << 5 | rt;
}
constexpr word stxp(unsigned rs, unsigned rt, unsigned rt2, unsigned rn)
{
    return 0xc8200000 | rs << 16 | rt2 << 10 | rn << 5 | rt;
}
constexpr word ldar(unsigned rt, unsigned rn)
{
    return 0xc8dffc00 | rn << 5 | rt;
}
constexpr word stlr(unsigned rt, unsigned rn)
{
    return 0xc89ffc00 | rn << 5 | rt;
}

// System instructions.
constexpr std::uint32_t IC_IALLU = A64_SYSREG(1, 0, 7, 5, 0);
constexpr std::uint32_t IC_IVAU = A64_SYSREG(1, 3, 7, 5, 1);
constexpr std::uint32_t DC_IVAC = A64_SYSREG(1, 0, 7, 6, 1);
constexpr std::uint32_t DC_CVAC = A64_SYSREG(1, 3, 7, 10, 1);
constexpr std::uint32_t DC_CISW = A64_SYSREG(1, 0, 7, 14, 2);
constexpr std::uint32_t DC_ZVA = A64_SYSREG(1, 3, 7, 4, 1);
constexpr std::uint32_t AT_S1E1R = A64_SYSREG(1, 0, 7, 8, 0);
constexpr std::uint32_t AT_S1E1W = A64_SYSREG(1, 0, 7, 8, 1);
constexpr std::uint32_t AT_S1E0R = A64_SYSREG(1, 0, 7, 8, 2);
constexpr std::uint32_t AT_S1E0W = A64_SYSREG(1, 0, 7, 8, 3);
// The inner shareable form of a TLBI has CRm 3.
constexpr std::uint32_t tlbi(unsigned op2, bool is)
{
    return A64_SYSREG(1, 0, 8, is ? 3 : 7, op2);
}
constexpr unsigned vmalle1 = 0, vae1 = 1, aside1 = 2, vaae1 = 3, vale1 = 5, vaale1 = 7;

} // namespace cpu_test::a64

#endif
