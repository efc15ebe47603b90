// SPDX-License-Identifier: Apache-2.0
// Changing code: stores of this PE, other agents, and host memory that is withdrawn.
#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_code {
namespace {

constexpr std::uint64_t patch_at = ram_base + 0x1000;

// Calls the function at patch_at, stores w2 over its first instruction by `store`, calls it again.
void patching_program(machine &m, const std::vector<a64::word> &between)
{
    std::vector<a64::word> words = {a64::blr(1), a64::str_w(2, 1)};
    words.insert(words.end(), between.begin(), between.end());
    words.insert(words.end(), {a64::blr(1), a64::b(0)});
    m.code(ram_base, words);
    m.code(patch_at, {a64::movz(0, 1), a64::ret(30)});
    m.set_x(1, patch_at);
    m.set_x(2, a64::movz(0, 2));
}

TEST(Code, OwnStoresAreSeenAfterInvalidation)
{
    machine m;
    patching_program(m, {a64::msr(a64::IC_IVAU, 1), a64::isb});
    m.run(3);
    EXPECT_EQ(m.x(0), 1u);
    m.run(20);
    EXPECT_EQ(m.x(0), 2u);
}

TEST(Code, OwnStoresAreSeenWithoutInvalidationToo)
{
    machine m;
    patching_program(m, {});
    m.run(20);
    EXPECT_EQ(m.x(0), 2u);
}

TEST(Code, OwnStoresAreSeenAlthoughThePageWasWrittenBefore)
{
    machine m;
    patching_program(m, {});
    m.code(ram_base + 0x800, {a64::str(3, 1, 0x100), a64::b(-0x804)});
    m.run_at(ram_base + 0x800, 22); // the store tag of the page is set when the page becomes code
    EXPECT_EQ(m.x(0), 2u);
}

// The load evicts the page from the TLB; filled again by a store, it must know that it holds code.
TEST(Code, OwnStoresAreSeenAfterStoresBesideTheCode)
{
    machine m;
    patching_program(m, {});
    m.set_x(6, patch_at + 0x400000);
    m.code(ram_base, {a64::blr(1), a64::ldr(5, 6), a64::str(3, 1, 0x100), a64::str_w(2, 1),
                      a64::blr(1), a64::b(0)});
    m.run(20);
    EXPECT_EQ(m.x(0), 2u);
}

TEST(Code, AStoreIntoTheRunningBlockTakesEffectAtItsNextRun)
{
    machine m;
    m.set_x(1, ram_base + 8);
    m.set_x(2, a64::add_imm(0, 0, 16));
    m.code(ram_base, {a64::nop, a64::str_w(2, 1), a64::add_imm(0, 0, 1), a64::b(-12)});
    m.run(8);
    EXPECT_EQ(m.x(0), 17u);
}

TEST(Code, StoresBesideCodeKeepItsBlocks)
{
    machine m;
    m.set_x(1, ram_base + 0x800);
    m.code(ram_base, {a64::str(2, 1), a64::b(-4)});
    m.run(1000);
    EXPECT_EQ(a64_get_stats(m.cpu.get())->blocks_decoded, 1u);
}

TEST(Code, WritesOfOthersAreSeenWhenAnnounced)
{
    machine m;
    m.code(ram_base, {a64::movz(0, 1), a64::b(-4)});
    m.run(4);
    m.poke32(ram_base, a64::movz(0, 2));
    m.run(4);
    EXPECT_EQ(m.x(0), 1u) << "decoded code must be reused";
    a64_code_invalidate(m.cpu.get(), ram_base, ram_base + 3);
    m.run(4);
    EXPECT_EQ(m.x(0), 2u);
}

TEST(Code, IcIvauDropsItsLine)
{
    machine m;
    m.set_x(1, ram_base + 0x3f);
    m.code(ram_base, {a64::movz(0, 1), a64::msr(a64::IC_IVAU, 1), a64::b(-8)});
    m.run(1);
    m.poke32(ram_base, a64::movz(0, 2));
    m.run(3);
    EXPECT_EQ(m.x(0), 2u);
}

TEST(Code, IcIalluDropsEverything)
{
    machine m;
    m.code(ram_base, {a64::movz(0, 1), a64::msr(a64::IC_IALLU, 31), a64::b(-8)});
    m.run(1);
    m.poke32(ram_base, a64::movz(0, 2));
    m.run(3);
    EXPECT_EQ(m.x(0), 2u);
}

// Blocks whose hashes are the same, and one whose hash is the next, which came last or first: if
// any goes, others move up, from the first slots to the last one too, but none beyond its hash.
TEST(Code, BlocksOfOneHashAreFoundWhicheverGoes)
{
    constexpr std::uint64_t clusters[][4] = {{0, 0x40004, 0x80008, 4},
                                             {0x4000, 0x3bffc, 0x7bff8, 0xbbff4}};
    for (const auto &same : clusters) {
        for (const std::uint64_t dropped : same) {
            machine m;
            const auto run = [&](std::uint64_t offset) {
                m.run_at(ram_base + offset, 1);
                return a64_get_stats(m.cpu.get())->blocks_decoded;
            };
            for (const std::uint64_t offset : same) {
                m.code(ram_base + offset, {a64::b(0)});
                run(offset);
            }
            a64_code_invalidate(m.cpu.get(), ram_base + dropped, ram_base + dropped + 3);
            for (const std::uint64_t offset : same)
                EXPECT_TRUE(offset == dropped || run(offset) == 4)
                    << offset << " after " << dropped;
            EXPECT_EQ(run(dropped), 5u);
        }
    }
}

TEST(Code, ManyBlocksOverflowTheStoreSafely)
{
    machine m;
    constexpr unsigned blocks = 300000;
    for (unsigned i = 0; i < blocks; i++)
        m.poke32(ram_base + 4 * i, a64::b(4));
    m.code(ram_base + 4 * blocks, {a64::b(-4 * static_cast<int>(blocks))});
    m.run(2 * blocks + 2);
    EXPECT_EQ(m.pc(), ram_base);
    EXPECT_GT(a64_get_stats(m.cpu.get())->blocks_decoded, blocks);
}

TEST(Dmi, WithdrawnMemoryIsAskedForAgain)
{
    machine m;
    m.set_x(1, ram_base + 0x2000);
    m.code(ram_base, {a64::ldr(0, 1), a64::b(-4)});
    m.poke64(ram_base + 0x2000, 5);
    m.run(2);
    EXPECT_EQ(m.x(0), 5u);
    std::vector<std::uint8_t> moved = m.ram; // the world moves its memory
    std::swap(moved, m.ram);
    m.poke64(ram_base + 0x2000, 6);
    m.run(2);
    EXPECT_EQ(m.x(0), 5u) << "the old pointer stays in use until it is withdrawn";
    a64_dmi_invalidate(m.cpu.get(), ram_base, ram_base + ram_size - 1);
    m.run(2);
    EXPECT_EQ(m.x(0), 6u);
}

TEST(Dmi, ReadOnlyMemoryIsWrittenThroughTheBus)
{
    machine m;
    m.dmi_writable = false;
    m.set_x(1, ram_base + 0x2000);
    m.set_x(2, 77);
    m.code(ram_base, {a64::str(2, 1), a64::ldr(0, 1)});
    m.run(2);
    ASSERT_EQ(m.log.size(), 1u);
    EXPECT_TRUE(m.log[0].write);
    EXPECT_EQ(m.x(0), 77u);
}

TEST(Dmi, TheSameProgramRunsWithoutIt)
{
    machine m(false);
    patching_program(m, {});
    m.run(20);
    EXPECT_EQ(m.x(0), 2u);
    EXPECT_GT(a64_get_stats(m.cpu.get())->bus_reads, 0u);
}

} // namespace
} // namespace cpu_test::test_code
