/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons, minimum and maximum. */
#include "host.h"
#include "number.h"

enum { LESS = 8, EQUAL = 6, GREATER = 2, UNORDERED = 3 };

/* Of numbers that are not NaN and not both zero: bit patterns order like the sizes they stand for.
 */
static bool less(enum fp_size s, const struct fp_number *x, const struct fp_number *y, uint64_t a,
                 uint64_t b)
{
    if (x->sign != y->sign)
        return x->sign;
    uint64_t size_a = x->class == CLASS_ZERO ? 0 : fp_abs(s, a);
    uint64_t size_b = y->class == CLASS_ZERO ? 0 : fp_abs(s, b);
    return x->sign ? size_b < size_a : size_a < size_b;
}

static unsigned order(enum fp_size s, const struct fp_number *x, const struct fp_number *y,
                      uint64_t a, uint64_t b)
{
    if (x->class == CLASS_ZERO && y->class == CLASS_ZERO)
        return EQUAL;
    return less(s, x, y, a, b) ? LESS : less(s, y, x, b, a) ? GREATER : EQUAL;
}

/* Numbers compare on the host as they are; 0 if one is a NaN. */
static unsigned host_order(enum fp_size s, uint64_t a, uint64_t b)
{
    double x = s == FP_SINGLE ? host_float(a) : host_double(a);
    double y = s == FP_SINGLE ? host_float(b) : host_double(b);
    return x < y ? LESS : x > y ? GREATER : x == y ? EQUAL : 0;
}

unsigned fp_compare(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b, bool signal)
{
    unsigned ordered = e->fpcr & FPCR_FZ ? 0 : host_order(s, a, b);
    if (ordered)
        return ordered;
    const struct fp_number x = fp_unpack(e, s, a), y = fp_unpack(e, s, b);
    if (!fp_is_nan(&x) && !fp_is_nan(&y))
        return order(s, &x, &y, a, b);
    if (signal || x.class == CLASS_SNAN || y.class == CLASS_SNAN)
        e->fpsr |= FPSR_IOC;
    return UNORDERED;
}

bool fp_eq(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b)
{
    return fp_compare(e, s, a, b, false) == EQUAL;
}

bool fp_ge(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b)
{
    unsigned nzcv = fp_compare(e, s, a, b, true);
    return nzcv == EQUAL || nzcv == GREATER;
}

bool fp_gt(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b)
{
    return fp_compare(e, s, a, b, true) == GREATER;
}

/* The operand that is `wanted` in order; of two zeros, the one with the wanted sign. */
static uint64_t pick(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b, unsigned wanted)
{
    uint64_t result;
    const uint64_t operand[] = {a, b};
    const struct fp_number n[] = {fp_unpack(e, s, a), fp_unpack(e, s, b)};
    if (fp_propagate_any(e, s, 2, n, operand, &result))
        return result;
    if (n[0].class == CLASS_ZERO && n[1].class == CLASS_ZERO)
        return fp_zero(s, wanted == LESS ? n[0].sign || n[1].sign : n[0].sign && n[1].sign);
    unsigned chosen = order(s, &n[0], &n[1], a, b) == wanted ? 0 : 1;
    return n[chosen].class == CLASS_ZERO ? fp_zero(s, n[chosen].sign) : operand[chosen];
}

uint64_t fp_max(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b)
{
    return pick(e, s, a, b, GREATER);
}

uint64_t fp_min(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b)
{
    return pick(e, s, a, b, LESS);
}

/* A quiet NaN gives way to a number, by becoming the infinity that loses. Unpacking here raises no
 * flag that the comparison does not. */
static uint64_t pick_number(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b,
                            unsigned wanted)
{
    bool quiet_a = fp_unpack(e, s, a).class == CLASS_QNAN,
         quiet_b = fp_unpack(e, s, b).class == CLASS_QNAN;
    uint64_t loser = fp_infinity(s, wanted == GREATER);
    if (quiet_a && !quiet_b)
        a = loser;
    else if (quiet_b && !quiet_a)
        b = loser;
    return pick(e, s, a, b, wanted);
}

uint64_t fp_maxnum(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b)
{
    return pick_number(e, s, a, b, GREATER);
}

uint64_t fp_minnum(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b)
{
    return pick_number(e, s, a, b, LESS);
}
