/* SPDX-License-Identifier: Apache-2.0 */
/* Between bit patterns and numbers: unpacking, rounding, NaNs. Private to the library. */
#ifndef FP_NUMBER_H
#define FP_NUMBER_H

#include "fp.h"

__extension__ typedef unsigned __int128 fp_wide;

/* Ordered so that both NaNs are at least CLASS_QNAN. */
enum fp_class { CLASS_ZERO, CLASS_FINITE, CLASS_INFINITE, CLASS_QNAN, CLASS_SNAN };

/* If finite: (-1)^sign * sig * 2^exp, exactly. sig is less than 2^126. */
struct fp_number {
    enum fp_class class;
    bool sign;
    int exp;
    fp_wide sig;
};

struct fp_format {
    int fraction_bits;
    int bias;
    unsigned max_exponent; /* the biased one of infinities and NaNs */
};

const struct fp_format *fp_format(enum fp_size s);

/* Unpacks an operand; flushes subnormals under FPCR.FZ, but not those of half precision. Half
 * precision is the alternative format under FPCR.AHP. */
struct fp_number fp_unpack(struct fp_env *e, enum fp_size s, uint64_t a);

static inline bool fp_is_nan(const struct fp_number *n)
{
    return n->class >= CLASS_QNAN;
}

/* Rounds a number that is not zero into a format, with the flags that brings (FPRound). The lowest
 * bit of sig may stand for everything below it. */
uint64_t fp_round(struct fp_env *e, enum fp_size s, const struct fp_number *n,
                  enum fp_rounding rounding);

/* sig / 2^shift, rounded as an integer. */
fp_wide fp_shift_rounded(fp_wide sig, unsigned shift, bool sign, enum fp_rounding rounding,
                         bool *inexact);

/* sig / 2^shift with all that is lost collected in the lowest bit. */
static inline fp_wide fp_shift_sticky(fp_wide sig, unsigned shift)
{
    if (shift > 127)
        return sig != 0;
    return sig >> shift | ((sig & (((fp_wide)1 << shift) - 1)) != 0);
}

/* Number of the highest bit set in a value that is not zero. */
static inline int fp_top_bit(fp_wide v)
{
    uint64_t high = (uint64_t)(v >> 64);
    return high ? 127 - __builtin_clzll(high) : 63 - __builtin_clzll((uint64_t)v);
}

uint64_t fp_zero(enum fp_size s, bool sign);
uint64_t fp_infinity(enum fp_size s, bool sign);
uint64_t fp_max_normal(enum fp_size s, bool sign);
uint64_t fp_default_nan(enum fp_size s);
uint64_t fp_invalid(struct fp_env *e, enum fp_size s); /* raises it; the default NaN */

/* The result if an operand, n (unpacked from a), is a NaN (FPProcessNaN). */
uint64_t fp_propagate(struct fp_env *e, enum fp_size s, const struct fp_number *n, uint64_t a);

/* The same for `count` operands; false if none is a NaN (FPProcessNaNs, FPProcessNaNs3). */
bool fp_propagate_any(struct fp_env *e, enum fp_size s, unsigned count, const struct fp_number *n,
                      const uint64_t *a, uint64_t *result);

#endif
