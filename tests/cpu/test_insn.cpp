// SPDX-License-Identifier: Apache-2.0
// Every instruction of insns.inc on the model, against what another implementation computed.
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

extern "C" {
#include "decode/cpu_decode.h"
}
#include "images.hpp"
#include "insn_vectors.h"

namespace cpu_test::test_insn {
namespace {

std::string run_one(machine &m, const listed_insn &e, std::uint64_t &seed)
{
    insn_state s;
    insn_prepare(&seed, e.kind, buffer_at, &s, m.host(buffer_at));
    for (unsigned i = 0; i < 5; i++)
        m.set_x(i, s.x[i]);
    a64_set_pstate(m.cpu.get(), static_cast<std::uint32_t>(s.nzcv) | el1h);
    m.set_x(30, 0x1000);
    m.run_at(e.code, 2); // the instruction and its return
    EXPECT_EQ(m.pc(), 0x1000u) << e.name;
    std::uint64_t x0 = m.x(0), x1 = m.x(1);
    if (e.name.rfind("adr ", 0) == 0)
        x0 -= e.code;
    if (e.name.rfind("adrp ", 0) == 0)
        x0 -= e.code & ~std::uint64_t{0xfff};
    if (e.kind != INSN_REGISTERS)
        x1 -= buffer_at;
    char line[200];
    std::snprintf(line, sizeof line, "%s: %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx32 " %" PRIx64,
                  e.name.c_str(), x0, x1, m.x(2), a64_get_pstate(m.cpu.get()) >> 28,
                  e.kind == INSN_REGISTERS ? 0 : insn_digest(m.host(buffer_at)));
    return line;
}

// Compares with the lines of a run of insn_reference.
void compare(machine &m, std::istream &reference, std::uint64_t seed)
{
    std::string expected;
    for (const listed_insn &e : load_image(m, INSNS_IMAGE))
        for (unsigned v = 0; v < INSN_VECTORS; v++) {
            ASSERT_TRUE(std::getline(reference, expected)) << "reference ends before " << e.name;
            EXPECT_EQ(run_one(m, e, seed), expected);
        }
    EXPECT_FALSE(std::getline(reference, expected)) << "reference goes on with " << expected;
}

TEST(Instructions, GiveTheResultsOfTheReference)
{
    mapped_machine m(true, INSNS_IMAGE);
    std::ifstream reference(INSNS_GOLDEN);
    compare(m, reference, 1);
}

TEST(Instructions, GiveTheSameResultsWithoutDirectMemory)
{
    mapped_machine m(false, INSNS_IMAGE);
    std::ifstream reference(INSNS_GOLDEN);
    compare(m, reference, 1);
}

// Other operands each time the list is run on a live implementation, if there is one.
class Live : public testing::TestWithParam<int> {};

TEST_P(Live, ImplementationAgrees)
{
    if (std::string(QEMU_AARCH64).empty())
        GTEST_SKIP() << "qemu-aarch64-static is not installed";
    std::string command =
        std::string(QEMU_AARCH64) + " " + INSNS_REFERENCE + " " + std::to_string(GetParam());
    FILE *pipe = popen(command.c_str(), "r"); // NOLINT(cert-env33-c)
    ASSERT_NE(pipe, nullptr);
    std::stringstream reference;
    char buffer[4096];
    for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
        reference.write(buffer, static_cast<std::streamsize>(n));
    ASSERT_EQ(pclose(pipe), 0);
    mapped_machine m(true, INSNS_IMAGE);
    compare(m, reference, static_cast<std::uint64_t>(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Seeds, Live, testing::Range(2, 10));

// ---- The decode table itself ----

struct decoder {
    decoder() { a64_decoder_init(&d); }
    a64_decoder d;
};

TEST(DecodeTable, OverlappingRowsGoFromSpecialToGeneral)
{
    decoder t;
    for (unsigned a = 0; a < ROW_COUNT; a++)
        for (unsigned b = a + 1; b < ROW_COUNT; b++) {
            const a64_row &first = t.d.row[a], &second = t.d.row[b];
            bool overlap = !((first.value ^ second.value) & first.mask & second.mask);
            bool special = (first.mask & second.mask) == second.mask;
            EXPECT_TRUE(!overlap || special)
                << a64_decoder_row_name(a) << " hides part of " << a64_decoder_row_name(b);
        }
}

TEST(DecodeTable, EveryRowIsFoundByItsOwnPattern)
{
    decoder t;
    for (unsigned r = 0; r < ROW_COUNT; r++)
        EXPECT_EQ(a64_decoder_find(&t.d, t.d.row[r].value | (~t.d.row[r].mask & 0x00c00000)), r)
            << a64_decoder_row_name(r) << ": " << a64_decoder_row_pattern(r);
}

TEST(DecodeTable, EveryRowIsRunBySomeTest)
{
    decoder t;
    machine m;
    std::set<unsigned> run;
    for (const char *image : {INSNS_IMAGE, SIMD_IMAGE})
        for (const listed_insn &e : load_image(m, image))
            run.insert(a64_decoder_find(&t.d, static_cast<std::uint32_t>(m.peek64(e.code))));
    // Rows that change control or privilege have tests of their own, in the other files here.
    const std::set<unsigned> elsewhere = {
        ROW_B_cond, ROW_SVC, ROW_HVC,  ROW_SMC,      ROW_BRK,         ROW_MSR_SPSel,
        ROW_SYS,    ROW_BR,  ROW_BLR,  ROW_RET,      ROW_MSR_DAIFSet, ROW_MSR_DAIFClr,
        ROW_ERET,   ROW_B,   ROW_BL,   ROW_CBZ_w,    ROW_CBZ_x,       ROW_CBNZ_w,
        ROW_CBNZ_x, ROW_TBZ, ROW_TBNZ, ROW_UNDEFINED};
    for (unsigned r = 0; r < ROW_COUNT; r++)
        EXPECT_NE(run.count(r), elsewhere.count(r)) << a64_decoder_row_name(r);
}

// Bits at random never do more than an exception.
TEST(DecodeTable, AnyWordDecodes)
{
    decoder t;
    std::uint64_t seed = 7;
    for (unsigned i = 0; i < 200000; i++) {
        a64_op op;
        a64_decoder_decode(&t.d, static_cast<std::uint32_t>(insn_random(&seed) >> 16), &op);
        ASSERT_NE(op.exec, nullptr);
        ASSERT_LT(op.rd, REG_SLOTS);
        ASSERT_LT(op.rn, REG_SLOTS);
        ASSERT_LT(op.rm, REG_SLOTS);
        ASSERT_LT(op.ra, REG_SLOTS);
    }
}

} // namespace
} // namespace cpu_test::test_insn
