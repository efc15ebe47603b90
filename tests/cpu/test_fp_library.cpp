// SPDX-License-Identifier: Apache-2.0
// The floating-point library by itself: corners that operands at random seldom meet, and agreement
// of its two ways to compute.
#include <functional>

#include <gtest/gtest.h>

extern "C" {
#include "fp.h"
}
#include "simd_vectors.h"

namespace cpu_test::test_fp_library {
namespace {

constexpr std::uint64_t one = 0x3ff0000000000000, least_normal = 0x0010000000000000;
constexpr std::uint64_t infinity = 0x7ff0000000000000, quiet_nan = 0x7ff8000000000123;
constexpr std::uint64_t default_nan = 0x7ff8000000000000, sign = 0x8000000000000000;

TEST(FpLibrary, UnderflowIsDetectedBeforeRounding)
{
    for (std::uint32_t before : {0u, FPSR_IXC}) {
        fp_env e = {0, before};
        EXPECT_EQ(fp_mul(&e, FP_DOUBLE, one - 1, least_normal), least_normal);
        EXPECT_EQ(e.fpsr, FPSR_UFC | FPSR_IXC);
    }
}

TEST(FpLibrary, FlushingIsNotInexact)
{
    fp_env e = {FPCR_FZ, 0};
    EXPECT_EQ(fp_mul(&e, FP_DOUBLE, one - 1, least_normal | sign), sign);
    EXPECT_EQ(e.fpsr, FPSR_UFC);
}

TEST(FpLibrary, AnUndefinedProductOverridesAQuietAddend)
{
    fp_env e = {0, 0};
    EXPECT_EQ(fp_muladd(&e, FP_DOUBLE, quiet_nan, infinity, 0), default_nan);
    EXPECT_EQ(e.fpsr, FPSR_IOC);
    e.fpsr = 0;
    EXPECT_EQ(fp_muladd(&e, FP_DOUBLE, quiet_nan, one, 0), quiet_nan);
    EXPECT_EQ(e.fpsr, 0u);
}

TEST(FpLibrary, SignallingOperandsGoBeforeQuietOnes)
{
    fp_env e = {0, 0};
    constexpr std::uint64_t signalling = 0x7ff0000000000456;
    EXPECT_EQ(fp_add(&e, FP_DOUBLE, quiet_nan, signalling), signalling | 0x0008000000000000);
    EXPECT_EQ(e.fpsr, FPSR_IOC);
}

TEST(FpLibrary, ExactCancellationIsNegativeOnlyWhenRoundingDown)
{
    for (std::uint32_t mode = 0; mode < 4; mode++) {
        fp_env e = {mode << FPCR_RMODE_SHIFT, 0};
        EXPECT_EQ(fp_sub(&e, FP_DOUBLE, one, one), mode == FP_DOWN ? sign : 0);
    }
}

TEST(FpLibrary, AlternativeHalfPrecisionHasNoInfinity)
{
    fp_env e = {FPCR_AHP, 0};
    EXPECT_EQ(fp_convert(&e, FP_HALF, FP_DOUBLE, infinity, FP_TIE_EVEN), 0x7fffu);
    EXPECT_EQ(e.fpsr, FPSR_IOC);
    e.fpsr = 0;
    EXPECT_EQ(fp_convert(&e, FP_DOUBLE, FP_HALF, 0x7c00, FP_TIE_EVEN), 0x40f0000000000000u)
        << "65536";
    EXPECT_EQ(e.fpsr, 0u);
}

TEST(FpLibrary, RoundingToOddNeverOverflows)
{
    fp_env e = {0, 0};
    EXPECT_EQ(fp_convert(&e, FP_SINGLE, FP_DOUBLE, infinity - 1, FP_TO_ODD), 0x7f7fffffu);
    EXPECT_EQ(e.fpsr, FPSR_OFC | FPSR_IXC);
}

// Once Inexact is recorded the host may compute; that must not show.
TEST(FpLibrary, RecordedInexactChangesNoResult)
{
    using operation =
        std::function<std::uint64_t(fp_env *, fp_size, const std::uint64_t *operands)>;
    const operation operations[] = {
        [](fp_env *e, fp_size s, const std::uint64_t *v) { return fp_add(e, s, v[0], v[1]); },
        [](fp_env *e, fp_size s, const std::uint64_t *v) { return fp_sub(e, s, v[0], v[1]); },
        [](fp_env *e, fp_size s, const std::uint64_t *v) { return fp_mul(e, s, v[0], v[1]); },
        [](fp_env *e, fp_size s, const std::uint64_t *v) { return fp_div(e, s, v[0], v[1]); },
        [](fp_env *e, fp_size s, const std::uint64_t *v) { return fp_sqrt(e, s, v[0]); },
        [](fp_env *e, fp_size s, const std::uint64_t *v) {
            return fp_muladd(e, s, v[2], v[0], v[1]);
        },
        [](fp_env *e, fp_size s, const std::uint64_t *v) {
            return fp_to_fixed(e, s, v[0], 0, 32, false, FP_TO_ZERO);
        },
        [](fp_env *e, fp_size s, const std::uint64_t *v) {
            return fp_convert(e, s == FP_SINGLE ? FP_DOUBLE : FP_SINGLE, s, v[0], FP_TIE_EVEN);
        },
    };
    std::uint64_t seed = 11;
    for (unsigned i = 0; i < 100000; i++)
        for (fp_size s : {FP_SINGLE, FP_DOUBLE}) {
            std::uint64_t v[3];
            for (std::uint64_t &operand : v)
                operand = s == FP_SINGLE ? simd_number(&seed, 8, 23) : simd_number(&seed, 11, 52);
            const operation &f = operations[i % std::size(operations)];
            fp_env fresh = {0, 0}, recorded = {0, FPSR_IXC};
            ASSERT_EQ(f(&fresh, s, v), f(&recorded, s, v))
                << i % std::size(operations) << std::hex << " " << v[0] << " " << v[1];
            ASSERT_EQ(fresh.fpsr | FPSR_IXC, recorded.fpsr);
        }
}

} // namespace
} // namespace cpu_test::test_fp_library
