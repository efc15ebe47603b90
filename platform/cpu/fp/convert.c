/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions between formats, to integral values, and to and from integers and fixed point. */
#include "host.h"
#include "number.h"

/* Keeps the most significant payload bits (FPConvertNaN). */
static uint64_t convert_nan(enum fp_size to, enum fp_size from, const struct fp_number *n)
{
    int shift = fp_format(to)->fraction_bits - fp_format(from)->fraction_bits;
    uint64_t payload = (uint64_t)n->sig;
    payload = shift >= 0 ? payload << shift : payload >> -shift;
    return fp_default_nan(to) | (n->sign ? fp_sign_bit(to) : 0) | payload;
}

/* Between single and double: widening is exact, narrowing rounds. */
static bool host_convert(const struct fp_env *e, enum fp_size to, enum fp_size from, uint64_t a,
                         enum fp_rounding rounding, uint64_t *result)
{
    if (to == FP_DOUBLE && from == FP_SINGLE) {
        float f = host_float(a);
        *result = host_double_bits(f);
        return host_plain_float(f);
    }
    if (to == FP_SINGLE && rounding == FP_TIE_EVEN && host_rounds(e) && from == FP_DOUBLE) {
        double d = host_double(a);
        *result = host_float_bits((float)d);
        return host_plain_double(d) && host_plain_float((float)d);
    }
    return false;
}

uint64_t fp_convert(struct fp_env *e, enum fp_size to, enum fp_size from, uint64_t a,
                    enum fp_rounding rounding)
{
    uint64_t result;
    if (host_convert(e, to, from, a, rounding, &result))
        return result;
    struct fp_number n = fp_unpack(e, from, a);
    bool alternative = to == FP_HALF && (e->fpcr & FPCR_AHP); /* has neither NaN nor infinity */
    switch (n.class) {
    case CLASS_QNAN:
    case CLASS_SNAN:
        if (n.class == CLASS_SNAN || alternative)
            e->fpsr |= FPSR_IOC;
        if (alternative)
            return fp_zero(to, n.sign);
        return e->fpcr & FPCR_DN ? fp_default_nan(to) : convert_nan(to, from, &n);
    case CLASS_INFINITE:
        if (!alternative)
            return fp_infinity(to, n.sign);
        e->fpsr |= FPSR_IOC;
        return fp_zero(to, n.sign) | 0x7fff;
    case CLASS_ZERO:
        return fp_zero(to, n.sign);
    case CLASS_FINITE:
        break;
    }
    return fp_round(e, to, &n, rounding);
}

uint64_t fp_round_int(struct fp_env *e, enum fp_size s, uint64_t a, enum fp_rounding rounding,
                      bool exact)
{
    struct fp_number n = fp_unpack(e, s, a);
    if (fp_is_nan(&n))
        return fp_propagate(e, s, &n, a);
    if (n.class == CLASS_ZERO)
        return fp_zero(s, n.sign);
    if (n.class == CLASS_INFINITE || n.exp >= 0)
        return a;
    bool inexact;
    n.sig = fp_shift_rounded(n.sig, (unsigned)-n.exp, n.sign, rounding, &inexact);
    n.exp = 0;
    if (inexact && exact)
        e->fpsr |= FPSR_IXC;
    return n.sig ? fp_round(e, s, &n, rounding) : fp_zero(s, n.sign);
}

/* ---- Fixed point ---- */

static uint64_t low_bits(uint64_t v, unsigned width)
{
    return v & (~UINT64_C(0) >> (64 - width));
}

static uint64_t saturated(struct fp_env *e, bool sign, unsigned width, bool is_unsigned)
{
    e->fpsr |= FPSR_IOC;
    uint64_t most = low_bits(~UINT64_C(0), width);
    if (is_unsigned)
        return sign ? 0 : most;
    return sign ? most / 2 + 1 : most / 2;
}

/* Sizes of this or more overflow any integer. */
static const fp_wide huge = (fp_wide)1 << 65;

/* Cuts numbers that no integer is too small for; Inexact must have been recorded. */
static bool host_to_signed(const struct fp_env *e, enum fp_size s, uint64_t a, int64_t *result)
{
    double d = s == FP_SINGLE ? host_float(a) : host_double(a);
    if (!(e->fpsr & FPSR_IXC) || !(fabs(d) >= 1 && fabs(d) < 0x1p31))
        return false;
    *result = (int64_t)d;
    return true;
}

uint64_t fp_to_fixed(struct fp_env *e, enum fp_size s, uint64_t a, unsigned fraction_bits,
                     unsigned width, bool is_unsigned, enum fp_rounding rounding)
{
    int64_t integer;
    if (rounding == FP_TO_ZERO && fraction_bits == 0 && !is_unsigned &&
        host_to_signed(e, s, a, &integer))
        return low_bits((uint64_t)integer, width);
    struct fp_number n = fp_unpack(e, s, a);
    bool inexact = false;
    if (fp_is_nan(&n)) {
        e->fpsr |= FPSR_IOC;
        return 0;
    }
    if (n.class == CLASS_ZERO)
        return 0;
    if (n.class == CLASS_INFINITE)
        return saturated(e, n.sign, width, is_unsigned);
    int exp = n.exp + (int)fraction_bits;
    fp_wide size = huge;
    if (exp < 0)
        size = fp_shift_rounded(n.sig, (unsigned)-exp, n.sign, rounding, &inexact);
    else if (exp < 64)
        size = n.sig << exp;
    fp_wide limit = is_unsigned ? n.sign ? 0 : ((fp_wide)1 << width) - 1
                                : ((fp_wide)1 << (width - 1)) - !n.sign;
    if (size > limit)
        return saturated(e, n.sign, width, is_unsigned);
    if (inexact)
        e->fpsr |= FPSR_IXC;
    return low_bits(n.sign ? -(uint64_t)size : (uint64_t)size, width);
}

uint64_t fp_from_fixed(struct fp_env *e, enum fp_size s, uint64_t a, unsigned fraction_bits,
                       unsigned width, bool is_unsigned)
{
    if (s == FP_DOUBLE && width == 32 && fraction_bits == 0)
        return host_double_bits(is_unsigned ? (double)(uint32_t)a : (double)(int32_t)a);
    bool sign = !is_unsigned && (a >> (width - 1) & 1);
    struct fp_number n = {CLASS_FINITE, sign, -(int)fraction_bits, low_bits(sign ? -a : a, width)};
    return n.sig ? fp_round(e, s, &n, fp_rounding(e)) : fp_zero(s, false);
}
