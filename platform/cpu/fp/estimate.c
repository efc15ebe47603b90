/* SPDX-License-Identifier: Apache-2.0 */
/* Reciprocal and reciprocal square root estimates, whose bits the architecture defines. */
#include "number.h"

/* 1 / (a / 512) in units of 1 / 256; 256 <= a < 512 (RecipEstimate). */
static unsigned recip(unsigned a)
{
    a = a * 2 + 1;
    return ((1u << 19) / a + 1) / 2;
}

/* 1 / sqrt(a / 512) in units of 1 / 256; 128 <= a < 512 (RecipSqrtEstimate). */
static unsigned rsqrt(unsigned a)
{
    a = a < 256 ? a * 2 + 1 : (a | 1) * 2;
    unsigned b = 512;
    while (a * (b + 1) * (b + 1) < 1u << 28)
        b++;
    return (b + 1) / 2;
}

uint32_t fp_recip_estimate_unsigned(uint32_t a)
{
    return a >> 31 ? recip(a >> 23) << 23 : ~UINT32_C(0);
}

uint32_t fp_rsqrt_estimate_unsigned(uint32_t a)
{
    return a >> 30 ? rsqrt(a >> 23) << 23 : ~UINT32_C(0);
}

static uint64_t estimate_overflow(struct fp_env *e, enum fp_size s, bool sign)
{
    enum fp_rounding rounding = fp_rounding(e);
    e->fpsr |= FPSR_OFC | FPSR_IXC;
    bool to_infinity = rounding == FP_TIE_EVEN || rounding == (sign ? FP_DOWN : FP_UP);
    return to_infinity ? fp_infinity(s, sign) : fp_max_normal(s, sign);
}

uint64_t fp_recip_estimate(struct fp_env *e, enum fp_size s, uint64_t a)
{
    const struct fp_format *f = fp_format(s);
    struct fp_number n = fp_unpack(e, s, a);
    if (fp_is_nan(&n))
        return fp_propagate(e, s, &n, a);
    if (n.class == CLASS_INFINITE)
        return fp_zero(s, n.sign);
    if (n.class == CLASS_ZERO) {
        e->fpsr |= FPSR_DZC;
        return fp_infinity(s, n.sign);
    }
    int top = fp_top_bit(n.sig), exponent = n.exp + top;
    if (exponent < -f->bias - 1)
        return estimate_overflow(e, s, n.sign);
    if ((e->fpcr & FPCR_FZ) && exponent >= f->bias - 1) {
        e->fpsr |= FPSR_UFC;
        return fp_zero(s, n.sign);
    }
    /* Nine bits of the estimate; a subnormal result is cut, not rounded. */
    unsigned scaled = (unsigned)((n.sig << (64 - top)) >> 56);
    struct fp_number r = {CLASS_FINITE, n.sign, -exponent - 1 - 8, recip(scaled)};
    struct fp_env quiet = {0, 0};
    return fp_round(&quiet, s, &r, FP_TO_ZERO);
}

uint64_t fp_rsqrt_estimate(struct fp_env *e, enum fp_size s, uint64_t a)
{
    struct fp_number n = fp_unpack(e, s, a);
    if (fp_is_nan(&n))
        return fp_propagate(e, s, &n, a);
    if (n.class == CLASS_ZERO) {
        e->fpsr |= FPSR_DZC;
        return fp_infinity(s, n.sign);
    }
    if (n.sign)
        return fp_invalid(e, s);
    if (n.class == CLASS_INFINITE)
        return fp_zero(s, false);
    /* sig * 2^exp = scaled / 512 * 2^even */
    int top = fp_top_bit(n.sig), exponent = n.exp + top;
    bool odd = exponent & 1;
    unsigned scaled = (unsigned)((n.sig << (64 - top)) >> (odd ? 56 : 57));
    int even = odd ? exponent + 1 : exponent + 2;
    struct fp_number r = {CLASS_FINITE, false, -even / 2 - 8, rsqrt(scaled)};
    return fp_round(e, s, &r, FP_TO_ZERO);
}

/* The exponent inverted, the fraction dropped (FPRecpX). */
uint64_t fp_recip_exponent(struct fp_env *e, enum fp_size s, uint64_t a)
{
    const struct fp_format *f = fp_format(s);
    struct fp_number n = fp_unpack(e, s, a);
    if (fp_is_nan(&n))
        return fp_propagate(e, s, &n, a);
    uint64_t exponent = a >> f->fraction_bits & f->max_exponent;
    uint64_t inverted = exponent ? ~exponent & f->max_exponent : f->max_exponent - 1u;
    return fp_zero(s, n.sign) | inverted << f->fraction_bits;
}
