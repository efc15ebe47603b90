// SPDX-License-Identifier: Apache-2.0
// Load-exclusives and their stores, load-acquires and store-releases in code that is translated
// because it runs often.
#include <gtest/gtest.h>

extern "C" {
#include "state/state.h"
}
#include "encode.hpp"
#include "twins.hpp"

namespace cpu_test::test_translate_exclusive {
namespace {

constexpr std::uint64_t vectors = ram_base + 0x10000, data = ram_base + 0x200000;
constexpr std::uint64_t page = 0x123456000, alias = 0x654321000; // of the same memory
constexpr unsigned sizes = 4;                                    // 1, 2, 4 and 8 bytes

constexpr std::uint32_t sized(std::uint32_t word, unsigned log2)
{
    return (word & 0x3fffffff) | log2 << 30;
}

// Twins that run `words` over and over, with x1 in `page`.
struct hot : twins {
    explicit hot(std::vector<std::uint32_t> words) : twins(3)
    {
        words.push_back(a64::b(-4 * static_cast<int>(words.size())));
        both([&](machine &m) {
            tables t(m);
            t.map(ram_base, ram_base, tables::af, 2);
            t.map(page, data, tables::af);
            t.map(alias, data, tables::af);
            t.enable();
            m.set_sys(VBAR_EL1, vectors);
            m.code(vectors + 0x200, {a64::mrs(10, ELR_EL1), a64::b(0)});
            m.code(ram_base, words);
            m.set_x(1, page + 0x40);
            a64_set_pstate(m.cpu.get(), el1h);
            a64_set_pc(m.cpu.get(), ram_base);
        });
    }
    void set_x(unsigned n, std::uint64_t value)
    {
        both([&](machine &m) { m.set_x(n, value); });
    }
};

// Increments what x1 is the address of, but stores to where x6 is; then once more without a mark.
std::vector<std::uint32_t> increment(unsigned load, unsigned store)
{
    return {sized(a64::ldxr(2, 1), load), a64::add_imm(3, 2, 1), sized(a64::stxr(4, 3, 6), store),
            sized(a64::stxr(5, 3, 1), store)};
}

TEST(TranslatedExclusive, ClaimsWhatItHasMarked)
{
    for (unsigned log2 = 0; log2 < sizes; log2++) {
        hot t(increment(log2, log2));
        for (const std::uint64_t at : {page, alias}) {
            t.set_x(6, at + 0x40);
            for (unsigned budget = 1; budget < 60; budget++)
                t.run(budget);
            t.run(500);
            EXPECT_EQ(t.translated.x(4), 0u);
            EXPECT_EQ(t.translated.x(5), 1u) << "nothing is marked any more";
            EXPECT_EQ(t.translated.ram, t.interpreted.ram);
        }
        EXPECT_NE(t.translated.peek64(data + 0x40), 0u);
    }
}

TEST(TranslatedExclusive, ClaimsNothingOfAnotherAddressOrSize)
{
    for (unsigned log2 = 0; log2 < sizes; log2++) {
        hot address(increment(log2, log2)), size(increment(log2, (log2 + 1) % sizes));
        address.set_x(6, page + 0x80);
        size.set_x(6, page + 0x40);
        for (hot *t : {&address, &size}) {
            t->run(500);
            EXPECT_EQ(t->translated.x(4), 1u);
            EXPECT_EQ(t->translated.peek64(data + 0x40), 0u);
            EXPECT_EQ(t->translated.peek64(data + 0x80), 0u);
        }
    }
}

// The mark is gone after CLREX, and after an access that let others run.
TEST(TranslatedExclusive, ClaimsNothingThatIsNotMarkedAnyMore)
{
    for (const std::uint32_t between : {a64::clrex, a64::ldr(7, 8)}) {
        hot t({a64::ldxr(2, 1), between, a64::add_imm(3, 2, 1), a64::stxr(4, 3, 1)});
        t.both([](machine &m) { m.set_sys(SCTLR_EL1, 0x30d00980); }); // without translation
        t.set_x(1, data + 0x40);
        t.set_x(8, device_base);
        t.run(500);
        EXPECT_EQ(t.translated.x(4), 1u);
        EXPECT_EQ(t.translated.peek64(data + 0x40), 0u);
    }
}

// What generated code has marked is as a handler would have it.
TEST(TranslatedExclusive, MarksWhatItHasRead)
{
    for (unsigned log2 = 0; log2 < sizes; log2++) {
        hot t({sized(a64::ldxr(2, 1), log2)});
        t.run(100);
        t.both([&](machine &m) {
            EXPECT_TRUE(m.cpu->monitor.set);
            EXPECT_EQ(m.cpu->monitor.pa, data + 0x40);
            EXPECT_EQ(m.cpu->monitor.size, 1u << log2);
        });
    }
}

// Two places and sizes in turn: what was marked before is no help.
TEST(TranslatedExclusive, MarksOnePlaceAfterTheOther)
{
    hot t({a64::ldxr(2, 1), a64::stxr(4, 3, 1), sized(a64::ldxr(2, 6), 2),
           sized(a64::stxr(5, 3, 6), 2)});
    t.set_x(6, page + 0x80);
    t.run(500);
    EXPECT_EQ(t.translated.x(4), 0u);
    EXPECT_EQ(t.translated.x(5), 0u);
}

// The page of the store is readable at once, but what it stores is code.
TEST(TranslatedExclusive, StoresCodeThatRunsThen)
{
    constexpr std::uint64_t other = ram_base + 0x800;
    hot t({a64::ldxr(2, 1), a64::stxr(4, 3, 1)});
    t.run(500);
    t.both([](machine &m) {
        m.code(other, {a64::movz(9, 1), a64::b(0)});
        m.run_at(other, 1);
        m.set_x(3, a64::movz(9, 2) | std::uint64_t{a64::b(0)} << 32);
        m.set_x(1, other);
        m.run_at(ram_base, 300);
        m.run_at(other, 1);
    });
    t.expect_same();
    EXPECT_EQ(t.translated.x(9), 2u);
}

// Of a store-exclusive whose status is also what is stored, or the zero register.
TEST(TranslatedExclusive, SaysHowItWentInAnyRegister)
{
    hot same({a64::ldxr(2, 1), a64::add_imm(3, 2, 7), a64::stxr(3, 3, 1)});
    hot none({a64::ldxr(2, 1), a64::add_imm(3, 2, 7), a64::stxr(31, 3, 1)});
    for (hot *t : {&same, &none}) {
        t->run(401);
        EXPECT_GT(t->translated.peek64(data + 0x40), 600u);
        EXPECT_EQ(t->translated.ram, t->interpreted.ram);
    }
    EXPECT_EQ(same.translated.x(3), 0u);
}

TEST(TranslatedOrdered, MovesValuesOfAllSizes)
{
    for (unsigned log2 = 0; log2 < sizes; log2++) {
        hot t({sized(a64::ldar(2, 1), log2), a64::add_imm(3, 3, 0x777),
               sized(a64::stlr(3, 6), log2), sized(a64::ldar(4, 6), log2)});
        t.both([](machine &m) { m.poke64(data + 0x40, 0x8182838485868788); });
        t.set_x(6, page + 0x80);
        t.run(500);
        const std::uint64_t mask = log2 == 3 ? ~std::uint64_t{0} : (1ull << (8u << log2)) - 1;
        EXPECT_EQ(t.translated.x(2), 0x8182838485868788 & mask);
        EXPECT_EQ(t.translated.x(4), t.translated.x(3) & mask);
        EXPECT_EQ(t.translated.ram, t.interpreted.ram);
    }
}

// In Normal memory too, where other accesses need none.
TEST(TranslatedOrdered, NeedsAlignment)
{
    for (const std::uint32_t word :
         {a64::ldar(2, 1), a64::stlr(2, 1), a64::ldxr(2, 1), a64::stxr(4, 2, 1)}) {
        hot t({word});
        t.run(100);
        EXPECT_EQ(t.translated.sys(ESR_EL1), 0u);
        t.set_x(1, page + 0x41);
        t.run(10);
        EXPECT_EQ(t.translated.sys(ESR_EL1) & 0x3f, 0x21u);
    }
}

} // namespace
} // namespace cpu_test::test_translate_exclusive
