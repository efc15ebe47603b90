/* SPDX-License-Identifier: Apache-2.0 */
/* Advanced SIMD, three registers of the same type: integers and logic (DDI 0487 C4.1.96). */
#include "exec/simd.h"

#define ALL_ONES_IF(condition) ((condition) ? ~UINT64_C(0) : 0)

/* ---- Sums and differences ---- */

LANE_OP_BOTH(ADD, a + b)
LANE_OP_BOTH(SUB, a - b)
LANE_OP_BOTH(SQADD, saturate_signed(c, (wide)(S)a + (S)b, BITS))
LANE_OP_BOTH(UQADD, saturate_unsigned(c, (wide)a + b, BITS))
LANE_OP_BOTH(SQSUB, saturate_signed(c, (wide)(S)a - (S)b, BITS))
LANE_OP_BOTH(UQSUB, saturate_unsigned(c, (wide)a - b, BITS))
LANE_OP(SHADD, ((wide)(S)a + (S)b) >> 1)
LANE_OP(UHADD, ((wide)a + b) >> 1)
LANE_OP(SRHADD, ((wide)(S)a + (S)b + 1) >> 1)
LANE_OP(URHADD, ((wide)a + b + 1) >> 1)
LANE_OP(SHSUB, ((wide)(S)a - (S)b) >> 1)
LANE_OP(UHSUB, ((wide)a - b) >> 1)

#define SIGNED_DISTANCE   ((S)a > (S)b ? a - b : b - a)
#define UNSIGNED_DISTANCE (a > b ? a - b : b - a)
LANE_OP(SABD, SIGNED_DISTANCE)
LANE_OP(UABD, UNSIGNED_DISTANCE)
LANE_OP(SABA, d + SIGNED_DISTANCE)
LANE_OP(UABA, d + UNSIGNED_DISTANCE)

LANE_OP(SMAX, (S)a > (S)b ? a : b)
LANE_OP(UMAX, a > b ? a : b)
LANE_OP(SMIN, (S)a < (S)b ? a : b)
LANE_OP(UMIN, a < b ? a : b)

/* ---- Comparisons ---- */

LANE_OP_BOTH(CMGT, ALL_ONES_IF((S)a > (S)b))
LANE_OP_BOTH(CMHI, ALL_ONES_IF(a > b))
LANE_OP_BOTH(CMGE, ALL_ONES_IF((S)a >= (S)b))
LANE_OP_BOTH(CMHS, ALL_ONES_IF(a >= b))
LANE_OP_BOTH(CMEQ, ALL_ONES_IF(a == b))
LANE_OP_BOTH(CMTST, ALL_ONES_IF(a &b))

/* ---- Shifts by the low byte of a lane of Rm, to the right if it is negative ---- */

#define BY_B (int8_t) b
LANE_OP_BOTH(SSHL, shifted((S)a, BY_B, false))
LANE_OP_BOTH(USHL, shifted(a, BY_B, false))
LANE_OP_BOTH(SRSHL, shifted((S)a, BY_B, true))
LANE_OP_BOTH(URSHL, shifted(a, BY_B, true))
LANE_OP_BOTH(SQSHL, saturate_signed(c, shifted((S)a, BY_B, false), BITS))
LANE_OP_BOTH(UQSHL, saturate_unsigned(c, shifted(a, BY_B, false), BITS))
LANE_OP_BOTH(SQRSHL, saturate_signed(c, shifted((S)a, BY_B, true), BITS))
LANE_OP_BOTH(UQRSHL, saturate_unsigned(c, shifted(a, BY_B, true), BITS))

/* ---- Products ---- */

#define DOUBLED_HIGH(rounding) (((wide)(S)a * (S)b * 2 + (rounding)) >> BITS)
LANE_OP(MUL, (uint64_t)a *b)
LANE_OP(MLA, d + (uint64_t)a * b)
LANE_OP(MLS, d - (uint64_t)a * b)
LANE_OP(PMUL, carryless_product(a, b))
/* Lanes of 64 bits are reserved; the product of two would not fit. */
LANE_OP_BOTH(SQDMULH, BITS == 64 ? 0 : saturate_signed(c, DOUBLED_HIGH(0), BITS))
LANE_OP_BOTH(SQRDMULH,
             BITS == 64 ? 0 : saturate_signed(c, DOUBLED_HIGH((wide)1 << (BITS - 1)), BITS))
ELEMENT_OP(MUL)
ELEMENT_OP(MLA)
ELEMENT_OP(MLS)
ELEMENT_OP(SQDMULH)
ELEMENT_SCALAR_OP(SQDMULH)
ELEMENT_OP(SQRDMULH)
ELEMENT_SCALAR_OP(SQRDMULH)

/* ---- Pairs of neighbours, first those of Rn, then those of Rm ---- */

#define PAIR_LOOP(t, field, ...)                                                                   \
    do {                                                                                           \
        typedef u##t T;                                                                            \
        typedef t S __attribute__((unused));                                                       \
        for (unsigned i = 0; i < lane_count(o); i++) {                                             \
            bool from_m = 2 * i >= lane_count(o);                                                  \
            const T *pair = (from_m ? m : n)->field + (2 * i - (from_m ? lane_count(o) : 0));      \
            T a = pair[0], b = pair[1];                                                            \
            r->field[i] = (T)(__VA_ARGS__);                                                        \
        }                                                                                          \
    } while (0)

#define PAIR_OP(name, ...)                                                                         \
    KERNEL(name##_kernel)                                                                          \
    {                                                                                              \
        (void)c;                                                                                   \
        switch (o->log2) {                                                                         \
        case 0:                                                                                    \
            PAIR_LOOP(int8_t, b, __VA_ARGS__);                                                     \
            break;                                                                                 \
        case 1:                                                                                    \
            PAIR_LOOP(int16_t, h, __VA_ARGS__);                                                    \
            break;                                                                                 \
        case 2:                                                                                    \
            PAIR_LOOP(int32_t, s, __VA_ARGS__);                                                    \
            break;                                                                                 \
        default:                                                                                   \
            PAIR_LOOP(int64_t, d, __VA_ARGS__);                                                    \
            break;                                                                                 \
        }                                                                                          \
    }                                                                                              \
    VECTOR_OP(name)

PAIR_OP(ADDP, a + b)
PAIR_OP(SMAXP, (S)a > (S)b ? a : b)
PAIR_OP(UMAXP, a > b ? a : b)
PAIR_OP(SMINP, (S)a < (S)b ? a : b)
PAIR_OP(UMINP, a < b ? a : b)

OP(ADDP_s)
{
    if (fp_trap(c, o))
        return;
    vreg_set_scalar(c, o->rd, c->v[o->rn].d[0] + c->v[o->rn].d[1]);
    next(c, o);
}

/* ---- Logic ---- */

#define LOGIC_OP(name, expression)                                                                 \
    OP(name##_v)                                                                                   \
    {                                                                                              \
        if (fp_trap(c, o))                                                                         \
            return;                                                                                \
        union a64_vreg r;                                                                          \
        for (unsigned i = 0; i < 2; i++) {                                                         \
            uint64_t a = c->v[o->rn].d[i], b = c->v[o->rm].d[i], d = c->v[o->rd].d[i];             \
            (void)d;                                                                               \
            r.d[i] = (expression);                                                                 \
        }                                                                                          \
        vreg_set(c, o->rd, &r, o->bytes);                                                          \
        next(c, o);                                                                                \
    }

LOGIC_OP(AND, a &b)
LOGIC_OP(BIC, a & ~b)
LOGIC_OP(ORR, a | b)
LOGIC_OP(ORN, a | ~b)
LOGIC_OP(EOR, a ^ b)
LOGIC_OP(BSL, b ^ ((b ^ a) & d))
LOGIC_OP(BIT, d ^ ((d ^ a) & b))
LOGIC_OP(BIF, d ^ ((d ^ a) & ~b))
