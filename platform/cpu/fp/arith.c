/* SPDX-License-Identifier: Apache-2.0 */
/* Addition, multiplication, division, square root and fused multiply-add. Ordinary numbers are left
 * to the host: rounding to nearest, Inexact already recorded, results well inside the normal range.
 */
#include "host.h"
#include "number.h"

/* With operands that are plain or zero, a plain result is right, and so are the flags. A zero is if
 * it is exact, which `zero` tells. Subnormal operands could be served too, but are rare. */
#define HOST_ARITHMETIC(s, a, b, zero, f_expr, d_expr)                                             \
    do {                                                                                           \
        if ((s) == FP_SINGLE) {                                                                    \
            float x = host_float(a), y = host_float(b), r = (f_expr);                              \
            if ((host_plain_float(x) || x == 0) && (host_plain_float(y) || y == 0) &&              \
                (host_plain_float(r) || (r == 0 && (zero))))                                       \
                return host_float_bits(r);                                                         \
        } else {                                                                                   \
            double x = host_double(a), y = host_double(b), r = (d_expr);                           \
            if ((host_plain_double(x) || x == 0) && (host_plain_double(y) || y == 0) &&            \
                (host_plain_double(r) || (r == 0 && (zero))))                                      \
                return host_double_bits(r);                                                        \
        }                                                                                          \
    } while (0)

/* ---- Sums ---- */

/* Aligned so that the leading bit is at a place with room for a carry above and for 126 - 106 bits
 * below the longest product. */
enum { ALIGNED_TOP = 124 };

static void align(struct fp_number *n)
{
    int shift = ALIGNED_TOP - fp_top_bit(n->sig);
    n->sig <<= shift;
    n->exp -= shift;
}

/* Adds numbers that are zero or finite; false if the sum is zero. Halfway cases survive: bits are
 * lost from the lesser number only if cancellation cannot bring them near the rounding point. */
static bool sum(struct fp_number x, struct fp_number y, struct fp_number *r)
{
    if (!x.sig || !y.sig) {
        *r = x.sig ? x : y;
        return r->sig != 0;
    }
    align(&x);
    align(&y);
    if (x.exp < y.exp || (x.exp == y.exp && x.sig < y.sig)) {
        struct fp_number t = x;
        x = y;
        y = t;
    }
    y.sig = fp_shift_sticky(y.sig, (unsigned)(x.exp - y.exp));
    *r = x;
    r->sig = x.sign == y.sign ? x.sig + y.sig : x.sig - y.sig;
    return r->sig != 0;
}

/* An exact zero is positive unless both terms were negative or rounding is downwards. */
static uint64_t zero_sum(const struct fp_env *e, enum fp_size s, bool x_sign, bool y_sign)
{
    return fp_zero(s, x_sign == y_sign ? x_sign : fp_rounding(e) == FP_DOWN);
}

static uint64_t add_numbers(struct fp_env *e, enum fp_size s, const struct fp_number n[2])
{
    if (n[0].class == CLASS_INFINITE && n[1].class == CLASS_INFINITE && n[0].sign != n[1].sign)
        return fp_invalid(e, s);
    for (unsigned i = 0; i < 2; i++)
        if (n[i].class == CLASS_INFINITE)
            return fp_infinity(s, n[i].sign);
    struct fp_number r;
    if (!sum(n[0], n[1], &r))
        return zero_sum(e, s, n[0].sign, n[1].sign);
    return fp_round(e, s, &r, fp_rounding(e));
}

uint64_t fp_add(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b)
{
    if (host_rounds(e))
        HOST_ARITHMETIC(s, a, b, true, x + y, x + y);
    uint64_t result;
    const uint64_t operand[] = {a, b};
    const struct fp_number n[] = {fp_unpack(e, s, a), fp_unpack(e, s, b)};
    if (fp_propagate_any(e, s, 2, n, operand, &result))
        return result;
    return add_numbers(e, s, n);
}

uint64_t fp_sub(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b)
{
    if (host_rounds(e))
        HOST_ARITHMETIC(s, a, b, true, x - y, x - y);
    uint64_t result;
    const uint64_t operand[] = {a, b};
    struct fp_number n[] = {fp_unpack(e, s, a), fp_unpack(e, s, b)};
    if (fp_propagate_any(e, s, 2, n, operand, &result))
        return result;
    n[1].sign = !n[1].sign;
    return add_numbers(e, s, n);
}

/* ---- Products ---- */

static bool infinity_times_zero(const struct fp_number *x, const struct fp_number *y)
{
    return (x->class == CLASS_INFINITE && y->class == CLASS_ZERO) ||
           (x->class == CLASS_ZERO && y->class == CLASS_INFINITE);
}

/* Of numbers that are not NaN, nor infinity and zero. */
static struct fp_number product(const struct fp_number *x, const struct fp_number *y)
{
    struct fp_number r = {CLASS_FINITE, x->sign != y->sign, x->exp + y->exp, 0};
    if (x->class == CLASS_INFINITE || y->class == CLASS_INFINITE)
        r.class = CLASS_INFINITE;
    else if (x->class == CLASS_ZERO || y->class == CLASS_ZERO)
        r.class = CLASS_ZERO;
    else
        r.sig = x->sig * y->sig;
    return r;
}

static uint64_t multiply(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b, bool extended)
{
    uint64_t result;
    const uint64_t operand[] = {a, b};
    const struct fp_number n[] = {fp_unpack(e, s, a), fp_unpack(e, s, b)};
    if (fp_propagate_any(e, s, 2, n, operand, &result))
        return result;
    if (infinity_times_zero(&n[0], &n[1])) {
        const struct fp_number two = {CLASS_FINITE, n[0].sign != n[1].sign, 1, 1};
        return extended ? fp_round(e, s, &two, FP_TIE_EVEN) : fp_invalid(e, s);
    }
    struct fp_number r = product(&n[0], &n[1]);
    if (r.class == CLASS_INFINITE)
        return fp_infinity(s, r.sign);
    if (r.class == CLASS_ZERO)
        return fp_zero(s, r.sign);
    return fp_round(e, s, &r, fp_rounding(e));
}

uint64_t fp_mul(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b)
{
    if (host_rounds(e))
        HOST_ARITHMETIC(s, a, b, x == 0 || y == 0, x * y, x * y);
    return multiply(e, s, a, b, false);
}

uint64_t fp_mulx(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b)
{
    return multiply(e, s, a, b, true);
}

/* x + y * z, halved if `halve`, with one rounding; none is a NaN, and y * z is defined. */
static uint64_t fused(struct fp_env *e, enum fp_size s, const struct fp_number *x,
                      const struct fp_number *y, const struct fp_number *z, bool halve)
{
    struct fp_number p = product(y, z), r;
    if (x->class == CLASS_INFINITE && p.class == CLASS_INFINITE && x->sign != p.sign)
        return fp_invalid(e, s);
    if (x->class == CLASS_INFINITE || p.class == CLASS_INFINITE)
        return fp_infinity(s, x->class == CLASS_INFINITE ? x->sign : p.sign);
    if (!sum(*x, p, &r))
        return zero_sum(e, s, x->sign, p.sign);
    r.exp -= halve;
    return fp_round(e, s, &r, fp_rounding(e));
}

static bool host_muladd(enum fp_size s, uint64_t addend, uint64_t a, uint64_t b, uint64_t *result)
{
    if (s == FP_SINGLE) {
        float x = host_float(a), y = host_float(b), z = host_float(addend), r = fmaf(x, y, z);
        *result = host_float_bits(r);
        return host_plain_float(x) && host_plain_float(y) && (host_plain_float(z) || z == 0) &&
               host_plain_float(r);
    }
    double x = host_double(a), y = host_double(b), z = host_double(addend), r = fma(x, y, z);
    *result = host_double_bits(r);
    return host_plain_double(x) && host_plain_double(y) && (host_plain_double(z) || z == 0) &&
           host_plain_double(r);
}

uint64_t fp_muladd(struct fp_env *e, enum fp_size s, uint64_t addend, uint64_t a, uint64_t b)
{
    uint64_t result;
    if (host_rounds(e) && host_muladd(s, addend, a, b, &result))
        return result;
    const uint64_t operand[] = {addend, a, b};
    const struct fp_number n[] = {fp_unpack(e, s, addend), fp_unpack(e, s, a), fp_unpack(e, s, b)};
    bool undefined = infinity_times_zero(&n[1], &n[2]);
    if (fp_propagate_any(e, s, 3, n, operand, &result))
        return undefined && n[0].class == CLASS_QNAN ? fp_invalid(e, s) : result;
    if (undefined)
        return fp_invalid(e, s);
    return fused(e, s, &n[0], &n[1], &n[2], false);
}

/* ---- Steps of Newton iterations: constant - a * b, halved if `halve` ---- */

static uint64_t step(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b, unsigned constant,
                     bool halve)
{
    uint64_t result;
    const uint64_t operand[] = {fp_neg(s, a), b};
    const struct fp_number n[] = {fp_unpack(e, s, operand[0]), fp_unpack(e, s, b)};
    struct fp_number k = {CLASS_FINITE, false, 0, constant};
    if (fp_propagate_any(e, s, 2, n, operand, &result))
        return result;
    if (infinity_times_zero(&n[0], &n[1])) {
        k.exp -= halve;
        return fp_round(e, s, &k, FP_TIE_EVEN);
    }
    return fused(e, s, &k, &n[0], &n[1], halve);
}

uint64_t fp_recip_step(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b)
{
    return step(e, s, a, b, 2, false);
}

uint64_t fp_rsqrt_step(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b)
{
    return step(e, s, a, b, 3, true);
}

/* ---- Quotient and root ---- */

/* Moves the leading bit to `top`. */
static void normalise(struct fp_number *n, int top)
{
    int shift = top - fp_top_bit(n->sig);
    n->sig <<= shift;
    n->exp -= shift;
}

uint64_t fp_div(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b)
{
    if (host_rounds(e))
        HOST_ARITHMETIC(s, a, b, x == 0, x / y, x / y);
    uint64_t result;
    const uint64_t operand[] = {a, b};
    struct fp_number n[] = {fp_unpack(e, s, a), fp_unpack(e, s, b)};
    if (fp_propagate_any(e, s, 2, n, operand, &result))
        return result;
    bool sign = n[0].sign != n[1].sign;
    if (n[0].class == n[1].class && n[0].class != CLASS_FINITE)
        return fp_invalid(e, s);
    if (n[0].class == CLASS_INFINITE || n[1].class == CLASS_ZERO) {
        if (n[0].class != CLASS_INFINITE)
            e->fpsr |= FPSR_DZC;
        return fp_infinity(s, sign);
    }
    if (n[0].class == CLASS_ZERO || n[1].class == CLASS_INFINITE)
        return fp_zero(s, sign);
    normalise(&n[0], 124);
    normalise(&n[1], 62);
    fp_wide quotient = n[0].sig / n[1].sig;
    struct fp_number r = {CLASS_FINITE, sign, n[0].exp - n[1].exp,
                          quotient | (quotient * n[1].sig != n[0].sig)};
    return fp_round(e, s, &r, fp_rounding(e));
}

/* Integer square root, one bit of the root at a time; its lowest bit also stands for a remainder.
 */
static fp_wide root(fp_wide v)
{
    fp_wide r = 0;
    for (int bit = 62; bit >= 0; bit--) {
        fp_wide next = r | (fp_wide)1 << bit;
        if (next * next <= v)
            r = next;
    }
    return r | (r * r != v);
}

uint64_t fp_sqrt(struct fp_env *e, enum fp_size s, uint64_t a)
{
    if (host_rounds(e) && !(a & fp_sign_bit(s)))
        HOST_ARITHMETIC(s, a, a, true, sqrtf(x), sqrt(x));
    struct fp_number n = fp_unpack(e, s, a);
    if (fp_is_nan(&n))
        return fp_propagate(e, s, &n, a);
    if (n.class == CLASS_ZERO)
        return fp_zero(s, n.sign);
    if (n.sign)
        return fp_invalid(e, s);
    if (n.class == CLASS_INFINITE)
        return fp_infinity(s, false);
    normalise(&n, 124);
    if (n.exp & 1) {
        n.sig <<= 1;
        n.exp--;
    }
    n.sig = root(n.sig);
    n.exp /= 2;
    return fp_round(e, s, &n, fp_rounding(e));
}
