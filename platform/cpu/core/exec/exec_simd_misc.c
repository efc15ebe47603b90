/* SPDX-License-Identifier: Apache-2.0 */
/* Advanced SIMD, one source register: integers, bits, sums across lanes, and shifts by immediate
 * that keep the size of lanes (DDI 0487 C4.1.96). */
#include "exec/simd.h"

#define ALL_ONES_IF(condition) ((condition) ? ~UINT64_C(0) : 0)

LANE_OP_BOTH(CMGT_zero, ALL_ONES_IF((S)a > 0))
LANE_OP_BOTH(CMGE_zero, ALL_ONES_IF((S)a >= 0))
LANE_OP_BOTH(CMEQ_zero, ALL_ONES_IF(a == 0))
LANE_OP_BOTH(CMLE_zero, ALL_ONES_IF((S)a <= 0))
LANE_OP_BOTH(CMLT_zero, ALL_ONES_IF((S)a < 0))

LANE_OP_BOTH(ABS, (S)a < 0 ? 0 - a : a)
LANE_OP_BOTH(NEG, 0 - a)
LANE_OP_BOTH(SQABS, saturate_signed(c, (S)a < 0 ? -(wide)(S)a : (S)a, BITS))
LANE_OP_BOTH(SQNEG, saturate_signed(c, -(wide)(S)a, BITS))
LANE_OP_BOTH(SUQADD, saturate_signed(c, (wide)(S)d + a, BITS))
LANE_OP_BOTH(USQADD, saturate_unsigned(c, (wide)d + (S)a, BITS))

/* ---- Bits and their order ---- */

static unsigned leading_zeros(uint64_t v, unsigned bits)
{
    return v ? (unsigned)__builtin_clzll(v) - (64 - bits) : bits;
}

static uint8_t reverse_byte(uint8_t v)
{
    v = (uint8_t)(v >> 4 | v << 4);
    v = (uint8_t)((v >> 2 & 0x33) | (v & 0x33) << 2);
    return (uint8_t)((v >> 1 & 0x55) | (v & 0x55) << 1);
}

LANE_OP(CLZ, leading_zeros(a, BITS))
LANE_OP(CLS, leading_zeros((T)(a ^ (T)((S)a >> 1)), BITS) - 1)
LANE_OP(CNT, __builtin_popcountll(a))
LANE_OP(NOT, ~a)
LANE_OP(RBIT, reverse_byte((uint8_t)a))

/* Reverses lanes within containers of 2^container bytes. */
static void reverse_lanes(const struct a64_op *o, const union a64_vreg *n, union a64_vreg *r,
                          unsigned container)
{
    unsigned flip = (1u << (container - o->log2)) - 1;
    for (unsigned i = 0; i < lane_count(o); i++)
        lane_set(r, o->log2, i, lane_get(n, o->log2, i ^ flip));
}

#define REVERSE_OP(name, container)                                                                \
    KERNEL(name##_kernel)                                                                          \
    {                                                                                              \
        (void)c, (void)m;                                                                          \
        reverse_lanes(o, n, r, container);                                                         \
    }                                                                                              \
    VECTOR_OP(name)

REVERSE_OP(REV16, 1)
REVERSE_OP(REV32, 2)
REVERSE_OP(REV64, 3)

/* ---- Sums ---- */

static uint64_t lane_signed(const union a64_vreg *v, unsigned log2, unsigned lane)
{
    unsigned unused = 64 - (8u << log2);
    return (uint64_t)((int64_t)(lane_get(v, log2, lane) << unused) >> unused);
}

/* Pairs of neighbours into lanes of twice the size. */
#define PAIR_LONG_OP(name, get, accumulate)                                                        \
    KERNEL(name##_kernel)                                                                          \
    {                                                                                              \
        (void)c, (void)m;                                                                          \
        for (unsigned i = 0; i < lane_count(o) / 2; i++) {                                         \
            uint64_t before = (accumulate) ? lane_get(r, o->log2 + 1u, i) : 0;                     \
            lane_set(r, o->log2 + 1u, i,                                                           \
                     before + get(n, o->log2, 2 * i) + get(n, o->log2, 2 * i + 1));                \
        }                                                                                          \
    }                                                                                              \
    VECTOR_OP(name)

PAIR_LONG_OP(SADDLP, lane_signed, false)
PAIR_LONG_OP(UADDLP, lane_get, false)
PAIR_LONG_OP(SADALP, lane_signed, true)
PAIR_LONG_OP(UADALP, lane_get, true)

/* One scalar of 2^result bytes from all lanes; `v` is what came out so far, `x` the next lane. */
#define ACROSS_OP(name, get, result, expression)                                                   \
    OP(name)                                                                                       \
    {                                                                                              \
        if (fp_trap(c, o))                                                                         \
            return;                                                                                \
        const union a64_vreg *n = &c->v[o->rn];                                                    \
        uint64_t v = get(n, o->log2, 0);                                                           \
        for (unsigned i = 1; i < lane_count(o); i++) {                                             \
            uint64_t x = get(n, o->log2, i);                                                       \
            v = (expression);                                                                      \
        }                                                                                          \
        union a64_vreg r = {.d = {v, 0}};                                                          \
        vreg_set(c, o->rd, &r, 1u << (result));                                                    \
        next(c, o);                                                                                \
    }

ACROSS_OP(ADDV, lane_get, o->log2, v + x)
ACROSS_OP(SADDLV, lane_signed, o->log2 + 1, v + x)
ACROSS_OP(UADDLV, lane_get, o->log2 + 1, v + x)
ACROSS_OP(SMAXV, lane_signed, o->log2, (int64_t)v > (int64_t)x ? v : x)
ACROSS_OP(UMAXV, lane_get, o->log2, v > x ? v : x)
ACROSS_OP(SMINV, lane_signed, o->log2, (int64_t)v < (int64_t)x ? v : x)
ACROSS_OP(UMINV, lane_get, o->log2, v < x ? v : x)

/* ---- Shifts by immediate ---- */

#define RIGHT (-(int)o->distance)
#define LEFT  ((int)o->distance)
LANE_OP_BOTH(SSHR, shifted((S)a, RIGHT, false))
LANE_OP_BOTH(USHR, shifted(a, RIGHT, false))
LANE_OP_BOTH(SRSHR, shifted((S)a, RIGHT, true))
LANE_OP_BOTH(URSHR, shifted(a, RIGHT, true))
LANE_OP_BOTH(SSRA, d + (T)shifted((S)a, RIGHT, false))
LANE_OP_BOTH(USRA, d + (T)shifted(a, RIGHT, false))
LANE_OP_BOTH(SRSRA, d + (T)shifted((S)a, RIGHT, true))
LANE_OP_BOTH(URSRA, d + (T)shifted(a, RIGHT, true))
LANE_OP_BOTH(SHL, shifted(a, LEFT, false))
LANE_OP_BOTH(SQSHL_imm, saturate_signed(c, shifted((S)a, LEFT, false), BITS))
LANE_OP_BOTH(UQSHL_imm, saturate_unsigned(c, shifted(a, LEFT, false), BITS))
LANE_OP_BOTH(SQSHLU, saturate_unsigned(c, shifted((S)a, LEFT, false), BITS))

/* Bits of the destination that nothing is shifted into stay. */
#define ONES ((wide)(T)-1)
LANE_OP_BOTH(SLI, shifted(a, LEFT, false) | (d & ~(T)shifted(ONES, LEFT, false)))
LANE_OP_BOTH(SRI, shifted(a, RIGHT, false) | (d & ~(T)shifted(ONES, RIGHT, false)))
