// SPDX-License-Identifier: Apache-2.0
// SIMD and floating point beside results: access control, registers, memory, reserved encodings.
#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_fp {
namespace {

constexpr std::uint32_t FPCR = A64_SYSREG(3, 3, 4, 4, 0);
constexpr std::uint32_t FPSR = A64_SYSREG(3, 3, 4, 4, 1);

// Encodings of the instructions used here; registers are V0 to V2 and x1.
constexpr a64::word fadd_d = 0x1e622820, ldr_q = 0x3dc00020, str_q = 0x3d800020;
constexpr a64::word ldr_b = 0x3d400020, ldp_q = 0xad400420, ld1_16b = 0x4c407020;
constexpr a64::word add_2d = 0x4ee28420, fmov_x0_d1 = 0x9e660020;
constexpr a64::word ld2_v31 = 0x4c40803f;         // ld2 {v31.16b, v0.16b}, [x1]
constexpr a64::word ld4_single_post = 0x4dff2020; // ld4 {v0.b-v3.b}[8], [x1], #4
constexpr a64::word ldr_q_sp = 0x3dc003e0;

constexpr std::uint64_t syndrome(unsigned ec, unsigned iss)
{
    return std::uint64_t{ec} << 26 | 1u << 25 | iss;
}
constexpr std::uint64_t fp_trap = syndrome(0x07, 0x1e00000);
constexpr std::uint64_t undefined = syndrome(0, 0);

constexpr std::uint64_t data_at = ram_base + 0x200000;
constexpr std::uint64_t sctlr_on = 0x30d00981, sctlr_a = 2, sctlr_sa = 8;

// FP is enabled; the first 4 MiB of RAM are Normal memory, what follows them faults.
struct fp_machine : machine {
    explicit fp_machine(std::uint64_t sctlr = sctlr_on, bool with_dmi = true) : machine(with_dmi)
    {
        tables t(*this, 12, ram_base + 0x600000);
        t.map(ram_base, ram_base, tables::af, 2);
        t.map(data_at, data_at, tables::af, 2);
        t.enable(1, sctlr);
        set_sys(CPACR_EL1, 3u << 20);
    }
    void execute(const std::vector<a64::word> &words)
    {
        code(ram_base, words);
        run_at(ram_base, words.size());
    }
    void set_v(unsigned n, std::uint64_t low, std::uint64_t high)
    {
        const std::uint64_t value[] = {low, high};
        a64_set_v(cpu.get(), n, value);
    }
    std::uint64_t v(unsigned n, unsigned half) const
    {
        std::uint64_t value[2];
        a64_get_v(cpu.get(), n, value);
        return value[half];
    }
};

// ---- Access control ----

TEST(FpAccess, CpacrTrapsEveryClassOfInstruction)
{
    for (a64::word insn : {fadd_d, ldr_q, str_q, ldp_q, ld1_16b, add_2d, fmov_x0_d1,
                           a64::mrs(0, FPCR), a64::mrs(0, FPSR), a64::msr(FPCR, 1)}) {
        machine m;
        m.code(ram_base, {insn});
        m.run_at(ram_base, 1);
        EXPECT_EQ(m.sys(ESR_EL1), fp_trap) << std::hex << insn;
        EXPECT_EQ(m.sys(ELR_EL1), ram_base) << std::hex << insn;
    }
}

TEST(FpAccess, FpenSelectsTheLevelsThatAreTrapped)
{
    const struct {
        unsigned fpen;
        bool el0_trapped, el1_trapped;
    } cases[] = {{0, true, true}, {1, true, false}, {2, true, true}, {3, false, false}};
    for (const auto &p : cases)
        for (std::uint32_t pstate : {el0t, el1h}) {
            machine m;
            m.set_sys(CPACR_EL1, std::uint64_t{p.fpen} << 20);
            m.code(ram_base, {fadd_d});
            a64_set_pstate(m.cpu.get(), pstate);
            m.run_at(ram_base, 1);
            bool trapped = pstate == el0t ? p.el0_trapped : p.el1_trapped;
            EXPECT_EQ(m.sys(ESR_EL1), trapped ? fp_trap : 0) << p.fpen << " " << pstate;
        }
}

TEST(FpAccess, AWriteToCpacrTakesEffectAtOnce)
{
    machine m;
    m.set_x(1, 3u << 20);
    m.code(ram_base, {a64::msr(CPACR_EL1, 1), fadd_d, a64::msr(CPACR_EL1, 31), fadd_d});
    m.run(3);
    EXPECT_EQ(m.sys(ESR_EL1), 0u);
    m.run(1);
    EXPECT_EQ(m.sys(ESR_EL1), fp_trap);
    EXPECT_EQ(m.sys(ELR_EL1), ram_base + 12);
}

TEST(FpAccess, UnallocatedEncodingsAreUndefinedThoughTrapped)
{
    for (a64::word insn : {0x1ee22820u,  // FADD, half precision (FEAT_FP16)
                           0x1ea22820u,  // FADD, ftype 10
                           0x1e027c20u,  // SCVTF of a W register with more than 32 fraction bits
                           0x0f00fc00u,  // FMOV, vector of half precision
                           0x0ee28420u,  // ADD, one 64-bit lane
                           0x4e284820u,  // AESE
                           0x4ee0e020u,  // PMULL of 64 bits
                           0x0e829420u,  // SDOT of v8.2
                           0x0c403020u,  // LD1 to LD4, reserved opcode
                           0x0c400c20u}) // LD4 of one 64-bit lane
        for (unsigned fpen : {0u, 3u}) {
            machine m;
            m.set_sys(CPACR_EL1, std::uint64_t{fpen} << 20);
            m.code(ram_base, {insn});
            m.run_at(ram_base, 1);
            EXPECT_EQ(m.sys(ESR_EL1), undefined) << std::hex << insn;
        }
}

// ---- Registers ----

TEST(FpRegisters, ControlAndStatusKeepReservedBitsZero)
{
    fp_machine m;
    m.set_x(1, ~std::uint64_t{0});
    m.execute({a64::msr(FPCR, 1), a64::msr(FPSR, 1), a64::mrs(2, FPCR), a64::mrs(3, FPSR)});
    EXPECT_EQ(m.x(2), 0x07c00000u) << "AHP, DN, FZ, RMode; no trap enables, no FZ16";
    EXPECT_EQ(m.x(3), 0x0800009fu) << "QC and the cumulative exceptions";
    EXPECT_EQ(m.sys(FPCR), 0x07c00000u);
    EXPECT_EQ(m.sys(FPSR), 0x0800009fu);
}

TEST(FpRegisters, ResetClearsThem)
{
    fp_machine m;
    m.set_sys(FPCR, 0x07c00000);
    m.set_sys(FPSR, 0x9f);
    m.set_v(7, 1, 2);
    a64_reset(m.cpu.get());
    EXPECT_EQ(m.sys(FPCR) | m.sys(FPSR) | m.v(7, 0) | m.v(7, 1), 0u);
}

TEST(FpRegisters, IdentificationMatchesTheModel)
{
    fp_machine m;
    m.execute({a64::mrs(0, A64_SYSREG(3, 0, 0, 3, 0)), a64::mrs(1, A64_SYSREG(3, 0, 0, 3, 1)),
               a64::mrs(2, A64_SYSREG(3, 0, 0, 3, 2)), a64::mrs(3, A64_SYSREG(3, 0, 0, 4, 0))});
    EXPECT_EQ(m.x(0), 0x10110222u) << "MVFR0_EL1";
    EXPECT_EQ(m.x(1), 0x12111111u) << "MVFR1_EL1";
    EXPECT_EQ(m.x(2), 0x43u) << "MVFR2_EL1";
    EXPECT_EQ(m.x(3) >> 16 & 0xff, 0u) << "FP and AdvSIMD without half-precision arithmetic";
}

TEST(FpRegisters, ScalarWritesClearTheRest)
{
    fp_machine m;
    m.set_v(0, ~0ull, ~0ull);
    *m.host(data_at) = 0x5a;
    m.set_x(1, data_at);
    m.execute({ldr_b});
    EXPECT_EQ(m.v(0, 0), 0x5au);
    EXPECT_EQ(m.v(0, 1), 0u);
}

// ---- Memory ----

TEST(FpMemory, RegisterListsWrapAround)
{
    fp_machine m;
    for (unsigned i = 0; i < 32; i++)
        *m.host(data_at + i) = static_cast<std::uint8_t>(i);
    m.set_x(1, data_at);
    m.execute({ld2_v31});
    EXPECT_EQ(m.v(31, 0), 0x0e0c0a0806040200u);
    EXPECT_EQ(m.v(0, 1), 0x1f1d1b1917151311u);
}

TEST(FpMemory, AQuadwordIsAlignedAsOneAccess)
{
    fp_machine free, checked(sctlr_on | sctlr_a);
    for (fp_machine *m : {&free, &checked}) {
        m->set_x(1, data_at + 8);
        m->execute({ldr_q});
    }
    EXPECT_EQ(free.sys(ESR_EL1), 0u);
    EXPECT_EQ(checked.sys(ESR_EL1), syndrome(0x25, 0x21));
    EXPECT_EQ(checked.sys(FAR_EL1), data_at + 8);
}

TEST(FpMemory, ElementsOfStructuresAreAlignedOneByOne)
{
    fp_machine m(sctlr_on | sctlr_a);
    m.set_x(1, data_at + 3);
    m.execute({ld1_16b});
    EXPECT_EQ(m.sys(ESR_EL1), 0u);
}

TEST(FpMemory, QuadwordsMayCrossPages)
{
    for (bool with_dmi : {true, false}) {
        fp_machine m(sctlr_on, with_dmi);
        m.set_v(0, 0x0706050403020100, 0x0f0e0d0c0b0a0908);
        m.set_x(1, data_at + 0xffb);
        m.execute({str_q, 0x3dc00022}); // ldr q2, [x1]
        EXPECT_EQ(m.v(2, 0), 0x0706050403020100u);
        EXPECT_EQ(m.v(2, 1), 0x0f0e0d0c0b0a0908u);
        EXPECT_EQ(*m.host(data_at + 0x1000), 5);
    }
}

TEST(FpMemory, AQuadwordThatFaultsInItsSecondPageStoresNothing)
{
    fp_machine m;
    m.set_v(0, ~0ull, ~0ull);
    m.set_x(1, data_at + 0x1ffff8);
    m.execute({str_q});
    EXPECT_EQ(m.sys(ESR_EL1), syndrome(0x25, 0x46)) << "translation fault, level 2, write";
    EXPECT_EQ(m.sys(FAR_EL1), data_at + 0x200000);
    EXPECT_EQ(m.peek64(data_at + 0x1ffff8), 0u);
}

TEST(FpMemory, LoadsThatFaultChangeNoRegister)
{
    fp_machine m;
    m.set_v(0, 1, 2);
    m.set_x(1, data_at + 0x1ffffe);
    m.execute({ld4_single_post});
    EXPECT_EQ(m.sys(FAR_EL1), data_at + 0x200000);
    EXPECT_EQ(m.v(0, 0), 1u);
    EXPECT_EQ(m.v(0, 1), 2u);
    EXPECT_EQ(m.x(1), data_at + 0x1ffffe);
}

TEST(FpMemory, TheStackPointerIsChecked)
{
    fp_machine m(sctlr_on | sctlr_sa);
    m.set_x(31, data_at + 8);
    m.execute({ldr_q_sp});
    EXPECT_EQ(m.sys(ESR_EL1) >> 26, 0x26u);
}

TEST(FpMemory, StoresInvalidateDecodedCode)
{
    fp_machine m;
    m.set_x(1, ram_base + 0x1000);
    m.set_v(0, std::uint64_t{a64::ret(30)} << 32 | a64::movz(0, 2), 0);
    m.code(ram_base, {a64::blr(1), str_q, a64::blr(1), a64::b(0)});
    m.code(ram_base + 0x1000, {a64::movz(0, 1), a64::ret(30)});
    m.run_at(ram_base, 3);
    EXPECT_EQ(m.x(0), 1u);
    m.run(20);
    EXPECT_EQ(m.x(0), 2u);
}

} // namespace
} // namespace cpu_test::test_fp
