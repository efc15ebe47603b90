// SPDX-License-Identifier: Apache-2.0
// Every instruction of simd.inc on the model, against what another implementation computed.
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "images.hpp"
#include "simd_vectors.h"

namespace cpu_test::test_simd {
namespace {

constexpr std::uint32_t NZCV = A64_SYSREG(3, 3, 4, 2, 0);
constexpr std::uint32_t FPCR = A64_SYSREG(3, 3, 4, 4, 0);
constexpr std::uint32_t FPSR = A64_SYSREG(3, 3, 4, 4, 1);

void load_state(machine &m, const simd_state &s)
{
    for (unsigned i = 0; i < 5; i++)
        a64_set_v(m.cpu.get(), i, s.v[i]);
    for (unsigned i = 0; i < 3; i++)
        m.set_x(i, s.x[i]);
    m.set_sys(NZCV, s.nzcv);
    m.set_sys(FPCR, s.fpcr);
    m.set_sys(FPSR, s.fpsr);
}

simd_state save_state(const machine &m)
{
    simd_state s = {};
    for (unsigned i = 0; i < 5; i++)
        a64_get_v(m.cpu.get(), i, s.v[i]);
    for (unsigned i = 0; i < 3; i++)
        s.x[i] = m.x(i);
    s.nzcv = m.sys(NZCV);
    s.fpsr = m.sys(FPSR);
    return s;
}

std::string run_one(machine &m, const listed_insn &e, std::uint64_t &seed)
{
    simd_state s;
    simd_prepare(&seed, e.kind, buffer_at, &s, m.host(buffer_at));
    load_state(m, s);
    m.set_x(30, 0x1000);
    m.run_at(e.code, 2); // the instruction and its return
    EXPECT_EQ(m.pc(), 0x1000u) << e.name;
    s = save_state(m);
    char line[SIMD_LINE];
    simd_report(line, e.name.c_str(), e.kind, buffer_at, &s, m.host(buffer_at));
    return line;
}

// Compares with the digests of a run of simd_reference.
void compare_digests(machine &m, std::istream &reference, std::uint64_t seed)
{
    std::string expected;
    for (const listed_insn &e : load_image(m, SIMD_IMAGE)) {
        ASSERT_TRUE(std::getline(reference, expected)) << "reference ends before " << e.name;
        std::uint64_t digest = 0;
        for (unsigned v = 0; v < SIMD_VECTORS; v++)
            digest = simd_digest(digest, run_one(m, e, seed).c_str());
        char line[SIMD_LINE];
        std::snprintf(line, sizeof line, "%s: %016" PRIx64, e.name.c_str(), digest);
        EXPECT_EQ(line, expected);
    }
    EXPECT_FALSE(std::getline(reference, expected)) << "reference goes on with " << expected;
}

TEST(Simd, GivesTheResultsOfTheReference)
{
    mapped_machine m(true, SIMD_IMAGE);
    std::ifstream reference(SIMD_GOLDEN);
    compare_digests(m, reference, 1);
}

TEST(Simd, GivesTheSameResultsWithoutDirectMemory)
{
    mapped_machine m(false, SIMD_IMAGE);
    std::ifstream reference(SIMD_GOLDEN);
    compare_digests(m, reference, 1);
}

// Other operands each time the list is run on a live implementation, if there is one.
class SimdLive : public testing::TestWithParam<int> {};

TEST_P(SimdLive, ImplementationAgrees)
{
    if (std::string(QEMU_AARCH64).empty())
        GTEST_SKIP() << "qemu-aarch64-static is not installed";
    std::string command = std::string(QEMU_AARCH64) + " -cpu cortex-a57 " + SIMD_REFERENCE + " " +
                          std::to_string(GetParam());
    std::unique_ptr<FILE, int (*)(FILE *)> pipe(popen(command.c_str(), "r"), pclose); // NOLINT
    ASSERT_NE(pipe, nullptr);
    mapped_machine m(true, SIMD_IMAGE);
    std::uint64_t seed = static_cast<std::uint64_t>(GetParam());
    char expected[SIMD_LINE];
    for (const listed_insn &e : load_image(m, SIMD_IMAGE))
        for (unsigned v = 0; v < SIMD_VECTORS; v++) {
            ASSERT_TRUE(std::fgets(expected, sizeof expected, pipe.get()));
            EXPECT_EQ(run_one(m, e, seed) + "\n", expected) << "seed " << GetParam();
        }
    EXPECT_FALSE(std::fgets(expected, sizeof expected, pipe.get()));
}

INSTANTIATE_TEST_SUITE_P(Seeds, SimdLive, testing::Range(2, 5));

} // namespace
} // namespace cpu_test::test_simd
