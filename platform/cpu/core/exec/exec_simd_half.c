/* SPDX-License-Identifier: Apache-2.0 */
/* Advanced SIMD between narrow lanes and lanes of twice their size: long, wide and narrow forms, of
 * registers of different types and of shifts by immediate (DDI 0487 C4.1.96). */
#include "exec/simd.h"

/* In an expression: T and S are the types of narrow lanes, U and W the unsigned and signed ones of
 * wide lanes, BITS the width of a narrow lane. Narrow lanes are in the half that o->upper tells. */
#define TYPES(narrow_type, wide_type)                                                              \
    typedef u##narrow_type T __attribute__((unused));                                              \
    typedef narrow_type S __attribute__((unused));                                                 \
    typedef u##wide_type U __attribute__((unused));                                                \
    typedef wide_type W __attribute__((unused));                                                   \
    enum { BITS = 8 * sizeof(T) }

#define BY_SIZE(LOOP, ...)                                                                         \
    switch (o->log2) {                                                                             \
    case 0:                                                                                        \
        LOOP(int8_t, b, int16_t, h, __VA_ARGS__);                                                  \
        break;                                                                                     \
    case 1:                                                                                        \
        LOOP(int16_t, h, int32_t, s, __VA_ARGS__);                                                 \
        break;                                                                                     \
    default:                                                                                       \
        LOOP(int32_t, s, int64_t, d, __VA_ARGS__);                                                 \
        break;                                                                                     \
    }

static unsigned first_narrow_lane(const struct a64_op *o)
{
    return o->upper ? lane_count(o) : 0;
}

/* ---- Long: a, b narrow; d and the result wide. Wide: a is wide too. ---- */

#define LONG_LOOP(nt, nf, wt, wf, ...)                                                             \
    do {                                                                                           \
        TYPES(nt, wt);                                                                             \
        for (unsigned i = 0; i < lane_count(o); i++) {                                             \
            T a = n->nf[first + i], b = m->nf[first + i];                                          \
            U d = r->wf[i];                                                                        \
            (void)a, (void)b, (void)d;                                                             \
            r->wf[i] = (U)(__VA_ARGS__);                                                           \
        }                                                                                          \
    } while (0)

#define WIDE_LOOP(nt, nf, wt, wf, ...)                                                             \
    do {                                                                                           \
        TYPES(nt, wt);                                                                             \
        for (unsigned i = 0; i < lane_count(o); i++) {                                             \
            U a = n->wf[i];                                                                        \
            T b = m->nf[first + i];                                                                \
            r->wf[i] = (U)(__VA_ARGS__);                                                           \
        }                                                                                          \
    } while (0)

#define HALF_KERNEL(name, LOOP, ...)                                                               \
    KERNEL(name##_kernel)                                                                          \
    {                                                                                              \
        unsigned first = first_narrow_lane(o);                                                     \
        (void)c, (void)m;                                                                          \
        BY_SIZE(LOOP, __VA_ARGS__)                                                                 \
    }
#define TO_WIDE(name, suffix, second)                                                              \
    KERNEL_OP(name##_##suffix, name##_kernel, second, 2u * o->bytes)

#define LONG_OP(name, ...)                                                                         \
    HALF_KERNEL(name, LONG_LOOP, __VA_ARGS__)                                                      \
    TO_WIDE(name, v, c->v[o->rm])
#define WIDE_OP(name, ...)                                                                         \
    HALF_KERNEL(name, WIDE_LOOP, __VA_ARGS__)                                                      \
    TO_WIDE(name, v, c->v[o->rm])
#define LONG_OP_ELEMENT(name, ...)                                                                 \
    LONG_OP(name, __VA_ARGS__)                                                                     \
    TO_WIDE(name, ve, element_of_rm(c, o))
#define LONG_OP_ALL(name, ...)                                                                     \
    LONG_OP_ELEMENT(name, __VA_ARGS__)                                                             \
    TO_WIDE(name, s, c->v[o->rm])                                                                  \
    TO_WIDE(name, se, element_of_rm(c, o))

LONG_OP(SADDL, (U)(S)a + (U)(S)b)
LONG_OP(UADDL, (U)a + b)
LONG_OP(SSUBL, (U)(S)a - (U)(S)b)
LONG_OP(USUBL, (U)a - b)
WIDE_OP(SADDW, a + (uint64_t)(S)b)
WIDE_OP(UADDW, a + b)
WIDE_OP(SSUBW, a - (uint64_t)(S)b)
WIDE_OP(USUBW, a - b)

#define SIGNED_DISTANCE   ((S)a > (S)b ? (U)(S)a - (U)(S)b : (U)(S)b - (U)(S)a)
#define UNSIGNED_DISTANCE (a > b ? a - b : b - a)
LONG_OP(SABDL, SIGNED_DISTANCE)
LONG_OP(UABDL, UNSIGNED_DISTANCE)
LONG_OP(SABAL, d + SIGNED_DISTANCE)
LONG_OP(UABAL, d + UNSIGNED_DISTANCE)

#define SIGNED_PRODUCT   ((uint64_t)((int64_t)(S)a * (S)b))
#define UNSIGNED_PRODUCT ((uint64_t)a * b)
LONG_OP_ELEMENT(SMULL, SIGNED_PRODUCT)
LONG_OP_ELEMENT(UMULL, UNSIGNED_PRODUCT)
LONG_OP_ELEMENT(SMLAL, d + SIGNED_PRODUCT)
LONG_OP_ELEMENT(UMLAL, d + UNSIGNED_PRODUCT)
LONG_OP_ELEMENT(SMLSL, d - SIGNED_PRODUCT)
LONG_OP_ELEMENT(UMLSL, d - UNSIGNED_PRODUCT)

/* The doubled product saturates by itself before it is added. */
#define DOUBLED_PRODUCT (W) saturate_signed(c, (wide)(S)a *(S)b * 2, 2 * BITS)
LONG_OP_ALL(SQDMULL, DOUBLED_PRODUCT)
LONG_OP_ALL(SQDMLAL, saturate_signed(c, (wide)(W)d + DOUBLED_PRODUCT, 2 * BITS))
LONG_OP_ALL(SQDMLSL, saturate_signed(c, (wide)(W)d - DOUBLED_PRODUCT, 2 * BITS))

LONG_OP(PMULL, carryless_product(a, b))
LONG_OP(SSHLL, (U)(S)a << o->distance)
LONG_OP(USHLL, (U)a << o->distance)
LONG_OP(SHLL, (U)a << BITS)

/* ---- Narrow: a, b wide, the result narrow. The form for the upper half keeps the lower one. ----
 */

#define NARROW_LOOP(nt, nf, wt, wf, ...)                                                           \
    do {                                                                                           \
        TYPES(nt, wt);                                                                             \
        for (unsigned i = 0; i < lane_count(o); i++) {                                             \
            U a = n->wf[i], b = m->wf[i];                                                          \
            (void)b;                                                                               \
            r->nf[first + i] = (T)(__VA_ARGS__);                                                   \
        }                                                                                          \
    } while (0)

#define TO_NARROW(name, suffix)                                                                    \
    KERNEL_OP(name##_##suffix, name##_kernel, c->v[o->rm], o->upper ? 16 : o->bytes)
#define NARROW_OP(name, ...)                                                                       \
    HALF_KERNEL(name, NARROW_LOOP, __VA_ARGS__)                                                    \
    TO_NARROW(name, v)
#define NARROW_OP_BOTH(name, ...)                                                                  \
    NARROW_OP(name, __VA_ARGS__)                                                                   \
    TO_NARROW(name, s)

#define HALF_UNIT ((U)1 << (BITS - 1))
NARROW_OP(ADDHN, (U)(a + b) >> BITS)
NARROW_OP(RADDHN, (U)(a + b + HALF_UNIT) >> BITS)
NARROW_OP(SUBHN, (U)(a - b) >> BITS)
NARROW_OP(RSUBHN, (U)(a - b + HALF_UNIT) >> BITS)

NARROW_OP(XTN, a)
NARROW_OP_BOTH(SQXTN, saturate_signed(c, (W)a, BITS))
NARROW_OP_BOTH(UQXTN, saturate_unsigned(c, a, BITS))
NARROW_OP_BOTH(SQXTUN, saturate_unsigned(c, (W)a, BITS))

#define RIGHT (-(int)o->distance)
NARROW_OP(SHRN, shifted(a, RIGHT, false))
NARROW_OP(RSHRN, shifted(a, RIGHT, true))
NARROW_OP_BOTH(SQSHRN, saturate_signed(c, shifted((W)a, RIGHT, false), BITS))
NARROW_OP_BOTH(SQRSHRN, saturate_signed(c, shifted((W)a, RIGHT, true), BITS))
NARROW_OP_BOTH(UQSHRN, saturate_unsigned(c, shifted(a, RIGHT, false), BITS))
NARROW_OP_BOTH(UQRSHRN, saturate_unsigned(c, shifted(a, RIGHT, true), BITS))
NARROW_OP_BOTH(SQSHRUN, saturate_unsigned(c, shifted((W)a, RIGHT, false), BITS))
NARROW_OP_BOTH(SQRSHRUN, saturate_unsigned(c, shifted((W)a, RIGHT, true), BITS))
