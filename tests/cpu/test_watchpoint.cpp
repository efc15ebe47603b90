// SPDX-License-Identifier: Apache-2.0
// Watchpoints: bytes, ranges, kinds of access, privilege, linking, and instructions that count.
#include <gtest/gtest.h>

#include "debug_bench.hpp"

namespace cpu_test::test_watchpoint {
namespace {

constexpr std::uint64_t data = ram_base + 0x30000;
constexpr std::uint64_t loads = 1 << 3, stores = 2 << 3;
constexpr std::uint64_t wnr = 1 << 6, cm = 1 << 8;

constexpr std::uint64_t bytes(unsigned bas)
{
    return bas << 5;
}

struct watchpoint : debug_bench {
    watchpoint() { set_sys(MDSCR_EL1, mdscr_mde); }
    void set(unsigned n, std::uint64_t value, std::uint64_t control)
    {
        set_sys(dbgwvr(n), value);
        set_sys(dbgwcr(n), control);
    }
    // Runs an instruction at EL0 with x1 = `address`: the address reported, or 0.
    std::uint64_t hit(a64::word insn, std::uint64_t address)
    {
        set_x(1, address);
        run_user({insn, a64::nop}, 1);
        if (!taken())
            return 0;
        EXPECT_EQ(ec(), ec_watchpoint);
        EXPECT_EQ(sys(ELR_EL1), user);
        return sys(FAR_EL1);
    }
};

constexpr a64::word load = a64::ldr(0, 1), store = a64::str(0, 1), load_w = a64::ldr_w(0, 1);

TEST(Watchpoint, FiresBeforeTheAccess)
{
    for (unsigned n = 0; n < 4; n++) {
        watchpoint m;
        m.poke64(data, 0x1234);
        m.set(n, data, at_el0 | loads | stores | bytes(0xff));
        m.set_x(0, 0x55);
        EXPECT_EQ(m.hit(store, data), data);
        EXPECT_EQ(m.iss(), iss_debug | wnr);
        EXPECT_EQ(m.peek64(data), 0x1234u);
        EXPECT_EQ(m.hit(load, data), data);
        EXPECT_EQ(m.iss(), iss_debug);
        EXPECT_EQ(m.x(0), 0x55u);
    }
}

TEST(Watchpoint, IsMetByAPageThatWasAccessedBefore)
{
    watchpoint m;
    EXPECT_EQ(m.hit(load, data), 0u);
    EXPECT_EQ(m.hit(store, data), 0u);
    m.set(0, data, at_el0 | loads | stores | bytes(0xff));
    EXPECT_EQ(m.hit(load, data), data);
    EXPECT_EQ(m.hit(store, data), data);
    m.set(0, data, 0);
    EXPECT_EQ(m.hit(store, data), 0u);
}

TEST(Watchpoint, SeesItsKindsOfAccess)
{
    watchpoint m;
    m.set(0, data, at_el0 | loads | bytes(0xff));
    EXPECT_EQ(m.hit(load, data), data);
    EXPECT_EQ(m.hit(store, data), 0u);
    m.set(0, data, at_el0 | stores | bytes(0xff));
    EXPECT_EQ(m.hit(load, data), 0u);
    EXPECT_EQ(m.hit(store, data), data);
    m.set(0, data, at_el0 | bytes(0xff));
    EXPECT_EQ(m.hit(store, data), 0u);
}

TEST(Watchpoint, SeesTheBytesItSelects)
{
    watchpoint m;
    m.set(0, data, at_el0 | loads | bytes(0x38));
    EXPECT_EQ(m.hit(load_w, data), data + 3);
    EXPECT_EQ(m.hit(load_w, data + 4), data + 4);
    EXPECT_EQ(m.hit(a64::ldr_w(0, 1), data + 8), 0u);
    m.set(0, data, at_el0 | loads | bytes(0x07));
    EXPECT_EQ(m.hit(load_w, data + 4), 0u);
    m.set(0, data + 4, at_el0 | loads | bytes(0xf2));
    EXPECT_EQ(m.hit(load_w, data), 0u) << "a word has four bytes to select";
    EXPECT_EQ(m.hit(load_w, data + 4), data + 5);
    EXPECT_EQ(m.hit(load_w, data + 8), 0u);
}

TEST(Watchpoint, SeesARange)
{
    watchpoint m;
    m.set(0, data, at_el0 | loads | bytes(0xff) | std::uint64_t{13} << 24);
    EXPECT_EQ(m.hit(load, data), data);
    EXPECT_EQ(m.hit(load, data + 0x1ff8), data + 0x1ff8);
    EXPECT_EQ(m.hit(load, data + 0x2000), 0u);
    EXPECT_EQ(m.hit(load, data - 8), 0u);
    m.set(0, data, at_el0 | loads | bytes(0xff) | std::uint64_t{2} << 24);
    EXPECT_EQ(m.hit(load, data), 0u) << "masks of one and two bits are reserved";
}

TEST(Watchpoint, SeesMisalignedAccesses)
{
    watchpoint m;
    tables t(m);
    t.map(ram_base, ram_base, tables::af | tables::ap_el0 | tables::ap_ro, 2);
    t.enable();
    m.set(0, data + 0x1000, at_el0 | loads | bytes(0x02));
    EXPECT_EQ(m.hit(load, data + 0xffd), data + 0x1001) << "across a page";
    EXPECT_EQ(m.hit(load, data + 0xff9), 0u);
    m.set(0, data + 8, at_el0 | loads | bytes(0x01));
    EXPECT_EQ(m.hit(load, data + 3), data + 8);
}

TEST(Watchpoint, LosesToFaultsOfTheAccess)
{
    watchpoint m;
    tables t(m);
    t.map(ram_base, ram_base, tables::af | tables::ap_el0 | tables::ap_ro, 2);
    t.enable();
    m.set(0, data, at_el0 | stores | bytes(0xff));
    m.set_x(1, data);
    m.run_user({store}, 1);
    EXPECT_EQ(m.ec(), 0x24u) << "read-only";
}

TEST(Watchpoint, NeedsMdeAndOpenLocks)
{
    watchpoint m;
    m.set(0, data, at_el0 | loads | bytes(0xff));
    m.set_sys(MDSCR_EL1, 0);
    EXPECT_EQ(m.hit(load, data), 0u);
    m.set_sys(MDSCR_EL1, mdscr_mde);
    m.set_os_lock(1);
    EXPECT_EQ(m.hit(load, data), 0u);
    m.set_os_lock(0);
    EXPECT_EQ(m.hit(load, data), data);
}

TEST(Watchpoint, FiresAtTheLevelsOfPac)
{
    watchpoint m;
    m.set(0, data, at_el1 | loads | bytes(0xff));
    EXPECT_EQ(m.hit(load, data), 0u);
    m.set(0, data, at_el0 | loads | bytes(0xff) | 1 << 13);
    EXPECT_EQ(m.hit(load, data), 0u) << "HMC is reserved";
}

// In the kernel, with KDE; unprivileged loads have the privilege of EL0.
std::uint64_t hit_in_kernel(watchpoint &m, a64::word insn, std::uint32_t pstate = 0)
{
    m.set_sys(MDSCR_EL1, mdscr_mde | mdscr_kde);
    a64_set_pstate(m.cpu.get(), el1h | pstate);
    m.code(ram_base, {insn});
    m.set_x(1, data);
    m.run_at(ram_base, 1);
    return m.taken() && m.ec() == ec_watchpoint + 1 ? m.sys(FAR_EL1) : 0;
}

TEST(Watchpoint, FiresInTheKernelByThePrivilegeOfTheAccess)
{
    watchpoint m;
    m.set(0, data, at_el1 | loads | bytes(0xff));
    EXPECT_EQ(hit_in_kernel(m, load), data);
    EXPECT_EQ(hit_in_kernel(m, load, pstate_d), 0u);
    EXPECT_EQ(hit_in_kernel(m, a64::ldtr(0, 1)), 0u);
    m.set(0, data, at_el0 | loads | bytes(0xff));
    EXPECT_EQ(hit_in_kernel(m, load), 0u);
    EXPECT_EQ(hit_in_kernel(m, a64::ldtr(0, 1)), data);
}

TEST(Watchpoint, LinkedFiresInItsContext)
{
    watchpoint m;
    m.set(0, data, at_el0 | loads | bytes(0xff) | 1 << 20 | 5 << 16);
    EXPECT_EQ(m.hit(load, data), 0u);
    m.set_sys(dbgbvr(5), 0x42);
    m.set_sys(dbgbcr(5), 1 | 3 << 20);
    EXPECT_EQ(m.hit(load, data), 0u);
    m.set_sys(CONTEXTIDR_EL1, 0x42);
    EXPECT_EQ(m.hit(load, data), data);
}

TEST(Watchpoint, SeesPairsExclusivesAndVectors)
{
    constexpr a64::word ldr_q = 0x3dc00020; // LDR Q0, [X1]
    watchpoint m;
    m.set_sys(CPACR_EL1, 3 << 20);
    m.set(0, data + 8, at_el0 | loads | stores | bytes(0xff));
    EXPECT_EQ(m.hit(a64::ldp(2, 3, 1), data), data + 8);
    EXPECT_EQ(m.hit(a64::ldxr(2, 1), data + 8), data + 8);
    EXPECT_EQ(m.hit(a64::ldxp(2, 3, 1), data), data + 8);
    EXPECT_EQ(m.hit(a64::ldar(2, 1), data + 8), data + 8);
    EXPECT_EQ(m.hit(a64::stlr(2, 1), data + 8), data + 8);
    EXPECT_EQ(m.hit(a64::stxr(2, 3, 1), data + 8), data + 8) << "even if it would fail";
    EXPECT_EQ(m.hit(ldr_q, data), data + 8);
}

TEST(Watchpoint, SeesZeroingAndInvalidationOfBlocks)
{
    watchpoint m;
    m.set_sys(SCTLR_EL1, m.sys(SCTLR_EL1) | 1 << 14 | 1 << 26);
    tables t(m);
    t.map(ram_base, ram_base, tables::af | tables::ap_el0, 2);
    t.enable(1, m.sys(SCTLR_EL1) | 1);
    m.code(debug_bench::user, {a64::nop});
    m.set(0, data + 0x20, at_el0 | at_el1 | stores | bytes(0xff));
    // Code that EL0 can write cannot be executed at EL1: the page of the code is another.
    t.map(ram_base + 0x200000, ram_base, tables::af, 2);
    m.set_x(1, data + 0x3f);
    m.set_sys(MDSCR_EL1, mdscr_mde | mdscr_kde);
    for (const auto &[op, extra] :
         {std::pair{a64::DC_ZVA, std::uint64_t{0}}, std::pair{a64::DC_IVAC, cm}}) {
        a64_set_pstate(m.cpu.get(), el1h);
        m.code(ram_base, {a64::msr(op, 1)});
        m.set_sys(ESR_EL1, 0);
        m.run_at(ram_base + 0x200000, 1);
        EXPECT_EQ(m.ec(), ec_watchpoint + 1);
        EXPECT_EQ(m.iss(), iss_debug | wnr | extra);
        EXPECT_EQ(m.sys(FAR_EL1), data + 0x20);
    }
    m.code(ram_base, {a64::msr(a64::DC_CVAC, 1)});
    m.set_sys(ESR_EL1, 0);
    a64_set_pstate(m.cpu.get(), el1h);
    m.run_at(ram_base + 0x200000, 1);
    EXPECT_EQ(m.sys(ESR_EL1), 0u) << "cleaning is no access";
}

} // namespace
} // namespace cpu_test::test_watchpoint
