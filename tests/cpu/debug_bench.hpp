// SPDX-License-Identifier: Apache-2.0
// A PE whose debug exceptions are unlocked, with vectors that stay where they are entered.
#ifndef TESTS_CPU_DEBUG_BENCH_HPP
#define TESTS_CPU_DEBUG_BENCH_HPP

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test {

constexpr std::uint32_t MDSCR_EL1 = A64_SYSREG(2, 0, 0, 2, 2);
constexpr std::uint32_t OSLAR_EL1 = A64_SYSREG(2, 0, 1, 0, 4);
constexpr std::uint32_t OSDLR_EL1 = A64_SYSREG(2, 0, 1, 3, 4);
constexpr std::uint32_t DBGPRCR_EL1 = A64_SYSREG(2, 0, 1, 4, 4);
constexpr std::uint32_t CONTEXTIDR_EL1 = A64_SYSREG(3, 0, 13, 0, 1);

constexpr std::uint64_t mdscr_ss = 1, mdscr_kde = 1u << 13, mdscr_mde = 1u << 15;
constexpr std::uint32_t spsr_ss = 1u << 21, pstate_d = 1u << 9;

constexpr std::uint32_t dbgbvr(unsigned n)
{
    return A64_SYSREG(2, 0, 0, n, 4);
}
constexpr std::uint32_t dbgbcr(unsigned n)
{
    return A64_SYSREG(2, 0, 0, n, 5);
}
constexpr std::uint32_t dbgwvr(unsigned n)
{
    return A64_SYSREG(2, 0, 0, n, 6);
}
constexpr std::uint32_t dbgwcr(unsigned n)
{
    return A64_SYSREG(2, 0, 0, n, 7);
}

// DBGBCR<n>_EL1 and DBGWCR<n>_EL1: enabled at EL1, at EL0.
constexpr std::uint64_t at_el1 = 1 | 1 << 1, at_el0 = 1 | 2 << 1;

// Exception classes from a lower level; from the same level they are one more.
constexpr unsigned ec_breakpoint = 0x30, ec_step = 0x32, ec_watchpoint = 0x34;
constexpr std::uint64_t iss_debug = 0x22;

struct debug_bench : machine {
    static constexpr std::uint64_t vectors = ram_base + 0x10000;
    static constexpr std::uint64_t user = ram_base + 0x20000; // code of EL0

    debug_bench()
    {
        for (std::uint64_t offset = 0; offset < 0x800; offset += 0x80)
            code(vectors + offset, {a64::b(0)});
        set_os_lock(0);
    }

    // Executes one instruction at EL1, with debug exceptions masked.
    void at_el1_do(a64::word insn)
    {
        a64_set_pstate(cpu.get(), el1h | all_masked);
        code(ram_base, {insn});
        run_at(ram_base, 1);
    }
    void set_os_lock(std::uint64_t value)
    {
        set_x(9, value);
        at_el1_do(a64::msr(OSLAR_EL1, 9));
    }

    // Puts code at `user` and goes there at EL0 by an exception return; returns after `n` more.
    void run_user(const std::vector<a64::word> &words, std::uint64_t n, std::uint32_t spsr = el0t)
    {
        code(user, words);
        set_sys(ELR_EL1, user);
        set_sys(SPSR_EL1, spsr);
        at_el1_do(a64::eret);
        run(n);
    }

    unsigned ec() const { return static_cast<unsigned>(sys(ESR_EL1) >> 26); }
    std::uint64_t iss() const { return sys(ESR_EL1) & 0x1ffffff; }
    // Has an exception been taken to the vector of synchronous ones?
    bool taken() const { return pc() == vectors + 0x400 || pc() == vectors + 0x200; }
};

} // namespace cpu_test

#endif
