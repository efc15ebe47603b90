// SPDX-License-Identifier: Apache-2.0
// Branches: targets, link register, conditions.
#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_branch {
namespace {

std::uint64_t target_of(machine &m, a64::word insn)
{
    m.code(ram_base, {insn});
    m.run_at(ram_base, 1);
    return m.pc() - ram_base;
}

TEST(Branch, ImmediateReachesForwardAndBack)
{
    machine m;
    EXPECT_EQ(target_of(m, a64::b(0x100)), 0x100u);
    m.code(ram_base + 0x200, {a64::b(-0x200)});
    m.run_at(ram_base + 0x200, 1);
    EXPECT_EQ(m.pc(), ram_base);
}

TEST(Branch, LinkRegisterHoldsTheNextInstruction)
{
    machine m;
    EXPECT_EQ(target_of(m, a64::bl(0x40)), 0x40u);
    EXPECT_EQ(m.x(30), ram_base + 4);
    m.set_x(30, ram_base + 0x80);
    EXPECT_EQ(target_of(m, a64::blr(30)), 0x80u) << "the target is read before the link is written";
    EXPECT_EQ(m.x(30), ram_base + 4);
}

TEST(Branch, RegisterFormsGoWhereTheRegisterSays)
{
    machine m;
    m.set_x(3, ram_base + 0x88);
    EXPECT_EQ(target_of(m, a64::br(3)), 0x88u);
    EXPECT_EQ(target_of(m, a64::ret(3)), 0x88u);
}

TEST(Branch, CompareLooksAtTheWidthItNames)
{
    machine m;
    m.set_x(1, std::uint64_t{1} << 32);
    EXPECT_EQ(target_of(m, a64::cb(0, 0, 1, 0x20)), 0x20u); // CBZ W
    EXPECT_EQ(target_of(m, a64::cb(1, 0, 1, 0x20)), 4u);    // CBZ X
    EXPECT_EQ(target_of(m, a64::cb(0, 1, 1, 0x20)), 4u);    // CBNZ W
    EXPECT_EQ(target_of(m, a64::cb(1, 1, 1, 0x20)), 0x20u); // CBNZ X
    EXPECT_EQ(target_of(m, a64::cb(1, 0, 31, 0x20)), 0x20u) << "register 31 is zero";
}

TEST(Branch, TestLooksAtOneBit)
{
    machine m;
    for (unsigned bit : {0u, 31u, 32u, 63u}) {
        m.set_x(1, std::uint64_t{1} << bit);
        EXPECT_EQ(target_of(m, a64::tb(bit, 1, 1, 0x20)), 0x20u) << bit;
        EXPECT_EQ(target_of(m, a64::tb(bit, 0, 1, 0x20)), 4u) << bit;
        m.set_x(1, ~(std::uint64_t{1} << bit));
        EXPECT_EQ(target_of(m, a64::tb(bit, 1, 1, 0x20)), 4u) << bit;
        EXPECT_EQ(target_of(m, a64::tb(bit, 0, 1, -0x20)), ~std::uint64_t{0x1f}) << bit;
    }
}

// C1.2.4: every condition with every value of the flags.
TEST(Branch, ConditionsFollowTheFlags)
{
    machine m;
    for (unsigned nzcv = 0; nzcv < 16; nzcv++) {
        bool n = nzcv & 8, z = nzcv & 4, c = nzcv & 2, v = nzcv & 1;
        const bool holds[16] = {
            z,          !z,     c,      !c,           n,           !n,   v,   !v, c && !z,
            !(c && !z), n == v, n != v, !z && n == v, z || n != v, true, true};
        for (unsigned cond = 0; cond < 16; cond++) {
            a64_set_pstate(m.cpu.get(), nzcv << 28 | el1h);
            EXPECT_EQ(target_of(m, a64::b_cond(cond, 0x40)), holds[cond] ? 0x40u : 4u)
                << "cond " << cond << " nzcv " << nzcv;
        }
    }
}

TEST(Branch, TagsDoNotEnterThePcWhereTheyAreIgnored)
{
    machine m;
    m.set_sys(TCR_EL1, m.sys(TCR_EL1) | std::uint64_t{1} << 37);
    m.set_x(3, std::uint64_t{0xab} << 56 | (ram_base + 0x88));
    EXPECT_EQ(target_of(m, a64::br(3)), 0x88u);
}

} // namespace
} // namespace cpu_test::test_branch
