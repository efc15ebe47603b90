/* SPDX-License-Identifier: Apache-2.0 */
/* Unpacking, rounding and NaN propagation (DDI 0487 A1.4, A1.5.5; FPUnpack, FPRound, FPProcessNaN
 * of its shared pseudocode). */
#include "number.h"

static const struct fp_format formats[] = {
    [FP_HALF] = {10, 15, 31},
    [FP_SINGLE] = {23, 127, 255},
    [FP_DOUBLE] = {52, 1023, 2047},
};

const struct fp_format *fp_format(enum fp_size s)
{
    return &formats[s];
}

static uint64_t pack(enum fp_size s, bool sign, uint64_t exponent, uint64_t fraction)
{
    return (sign ? fp_sign_bit(s) : 0) | ((exponent << formats[s].fraction_bits) + fraction);
}

uint64_t fp_zero(enum fp_size s, bool sign)
{
    return pack(s, sign, 0, 0);
}

uint64_t fp_infinity(enum fp_size s, bool sign)
{
    return pack(s, sign, formats[s].max_exponent, 0);
}

uint64_t fp_max_normal(enum fp_size s, bool sign)
{
    return fp_infinity(s, sign) - 1;
}

static uint64_t quiet_bit(enum fp_size s)
{
    return UINT64_C(1) << (formats[s].fraction_bits - 1);
}

uint64_t fp_default_nan(enum fp_size s)
{
    return fp_infinity(s, false) | quiet_bit(s);
}

uint64_t fp_invalid(struct fp_env *e, enum fp_size s)
{
    e->fpsr |= FPSR_IOC;
    return fp_default_nan(s);
}

struct fp_number fp_unpack(struct fp_env *e, enum fp_size s, uint64_t a)
{
    const struct fp_format *f = &formats[s];
    uint64_t fraction = a & ((UINT64_C(1) << f->fraction_bits) - 1);
    unsigned exponent = (unsigned)(a >> f->fraction_bits) & f->max_exponent;
    struct fp_number n = {CLASS_FINITE, a & fp_sign_bit(s), 0, fraction};
    bool alternative = s == FP_HALF && (e->fpcr & FPCR_AHP);
    if (exponent == f->max_exponent && !alternative) {
        if (fraction == 0)
            n.class = CLASS_INFINITE;
        else
            n.class = fraction & quiet_bit(s) ? CLASS_QNAN : CLASS_SNAN;
        return n;
    }
    if (exponent == 0) {
        if (fraction != 0 && (e->fpcr & FPCR_FZ) && s != FP_HALF) {
            e->fpsr |= FPSR_IDC;
            n.sig = 0;
        }
        n.class = n.sig ? CLASS_FINITE : CLASS_ZERO;
        exponent = 1;
    } else {
        n.sig |= UINT64_C(1) << f->fraction_bits;
    }
    n.exp = (int)exponent - f->bias - f->fraction_bits;
    return n;
}

/* ---- Rounding ---- */

static bool rounds_up(bool sign, bool odd, int against_half, enum fp_rounding rounding)
{
    switch (rounding) {
    case FP_TIE_EVEN:
        return against_half > 0 || (against_half == 0 && odd);
    case FP_TIE_AWAY:
        return against_half >= 0;
    case FP_UP:
        return !sign;
    case FP_DOWN:
        return sign;
    case FP_TO_ODD:
        return !odd;
    case FP_TO_ZERO:
        break;
    }
    return false;
}

fp_wide fp_shift_rounded(fp_wide sig, unsigned shift, bool sign, enum fp_rounding rounding,
                         bool *inexact)
{
    fp_wide kept = 0, lost = sig, half = (fp_wide)1 << 127;
    if (shift == 0) {
        *inexact = false;
        return sig;
    }
    if (shift < 128) {
        kept = sig >> shift;
        half = (fp_wide)1 << (shift - 1);
        lost = sig & (half | (half - 1));
    }
    *inexact = lost != 0;
    int against_half = lost > half ? 1 : lost == half ? 0 : -1;
    return kept + (*inexact && rounds_up(sign, kept & 1, against_half, rounding));
}

static uint64_t overflow(struct fp_env *e, enum fp_size s, bool sign, enum fp_rounding rounding)
{
    if (s == FP_HALF && (e->fpcr & FPCR_AHP)) {
        e->fpsr |= FPSR_IOC;
        return (sign ? fp_sign_bit(s) : 0) | 0x7fff;
    }
    e->fpsr |= FPSR_OFC | FPSR_IXC;
    bool to_infinity =
        rounding == FP_TIE_EVEN || rounding == FP_TIE_AWAY || rounding == (sign ? FP_DOWN : FP_UP);
    return to_infinity ? fp_infinity(s, sign) : fp_max_normal(s, sign);
}

uint64_t fp_round(struct fp_env *e, enum fp_size s, const struct fp_number *n,
                  enum fp_rounding rounding)
{
    const struct fp_format *f = &formats[s];
    int exponent = n->exp + fp_top_bit(n->sig);
    int min_exponent = 1 - f->bias;
    bool tiny = exponent < min_exponent; /* tininess is detected before rounding */
    if (tiny && (e->fpcr & FPCR_FZ) && s != FP_HALF) {
        e->fpsr |= FPSR_UFC;
        return fp_zero(s, n->sign);
    }
    int shift = (tiny ? min_exponent : exponent) - f->fraction_bits - n->exp;
    bool inexact = false;
    fp_wide sig = shift <= 0
                      ? n->sig << -shift
                      : fp_shift_rounded(n->sig, (unsigned)shift, n->sign, rounding, &inexact);
    /* The leading bit of sig, if there is one, adds 1 to the exponent. */
    uint64_t result =
        pack(s, n->sign, tiny ? 0 : (uint64_t)(exponent + f->bias - 1), (uint64_t)sig);
    bool alternative = s == FP_HALF && (e->fpcr & FPCR_AHP);
    unsigned limit = f->max_exponent + alternative;
    if (!tiny &&
        (exponent + f->bias) + (int)((uint64_t)sig >> (f->fraction_bits + 1)) >= (int)limit)
        return overflow(e, s, n->sign, rounding);
    if (inexact)
        e->fpsr |= FPSR_IXC | (tiny ? FPSR_UFC : 0);
    return result;
}

/* ---- NaNs ---- */

uint64_t fp_propagate(struct fp_env *e, enum fp_size s, const struct fp_number *n, uint64_t a)
{
    if (n->class == CLASS_SNAN)
        e->fpsr |= FPSR_IOC;
    return e->fpcr & FPCR_DN ? fp_default_nan(s) : a | quiet_bit(s);
}

bool fp_propagate_any(struct fp_env *e, enum fp_size s, unsigned count, const struct fp_number *n,
                      const uint64_t *a, uint64_t *result)
{
    for (enum fp_class class = CLASS_SNAN; class >= CLASS_QNAN; class --)
        for (unsigned i = 0; i < count; i++)
            if (n[i].class == class) {
                *result = fp_propagate(e, s, &n[i], a[i]);
                return true;
            }
    return false;
}
