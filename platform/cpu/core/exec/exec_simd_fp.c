/* SPDX-License-Identifier: Apache-2.0 */
/* Advanced SIMD on floating-point lanes (DDI 0487 C4.1.96). */
#include "exec/simd.h"

#define ALL_ONES_IF(condition) ((condition) ? ~UINT64_C(0) : 0)

/* ---- Two operands ---- */

FP_OP(FADD, fp_add(e, s, a, b))
FP_OP(FSUB, fp_sub(e, s, a, b))
FP_OP(FMUL, fp_mul(e, s, a, b))
FP_OP(FDIV, fp_div(e, s, a, b))
FP_OP(FMAX, fp_max(e, s, a, b))
FP_OP(FMIN, fp_min(e, s, a, b))
FP_OP(FMAXNM, fp_maxnum(e, s, a, b))
FP_OP(FMINNM, fp_minnum(e, s, a, b))
FP_OP(FMLA, fp_muladd(e, s, d, a, b))
FP_OP(FMLS, fp_muladd(e, s, d, fp_neg(s, a), b))
FP_OP_BOTH(FMULX, fp_mulx(e, s, a, b))
FP_OP_BOTH(FABD, fp_abs(s, fp_sub(e, s, a, b)))
FP_OP_BOTH(FRECPS, fp_recip_step(e, s, a, b))
FP_OP_BOTH(FRSQRTS, fp_rsqrt_step(e, s, a, b))

ELEMENT_OP(FMUL)
ELEMENT_SCALAR_OP(FMUL)
ELEMENT_OP(FMULX)
ELEMENT_SCALAR_OP(FMULX)
ELEMENT_OP(FMLA)
ELEMENT_SCALAR_OP(FMLA)
ELEMENT_OP(FMLS)
ELEMENT_SCALAR_OP(FMLS)

/* ---- Comparisons ---- */

FP_OP_BOTH(FCMEQ, ALL_ONES_IF(fp_eq(e, s, a, b)))
FP_OP_BOTH(FCMGE, ALL_ONES_IF(fp_ge(e, s, a, b)))
FP_OP_BOTH(FCMGT, ALL_ONES_IF(fp_gt(e, s, a, b)))
FP_OP_BOTH(FACGE, ALL_ONES_IF(fp_ge(e, s, fp_abs(s, a), fp_abs(s, b))))
FP_OP_BOTH(FACGT, ALL_ONES_IF(fp_gt(e, s, fp_abs(s, a), fp_abs(s, b))))
FP_OP_BOTH(FCMEQ_zero, ALL_ONES_IF(fp_eq(e, s, a, 0)))
FP_OP_BOTH(FCMGE_zero, ALL_ONES_IF(fp_ge(e, s, a, 0)))
FP_OP_BOTH(FCMGT_zero, ALL_ONES_IF(fp_gt(e, s, a, 0)))
FP_OP_BOTH(FCMLE_zero, ALL_ONES_IF(fp_ge(e, s, 0, a)))
FP_OP_BOTH(FCMLT_zero, ALL_ONES_IF(fp_gt(e, s, 0, a)))

/* ---- One operand ---- */

FP_OP(FABS, fp_abs(s, a))
FP_OP(FNEG, fp_neg(s, a))
FP_OP(FSQRT, fp_sqrt(e, s, a))
FP_OP(FRINTN, fp_round_int(e, s, a, FP_TIE_EVEN, false))
FP_OP(FRINTP, fp_round_int(e, s, a, FP_UP, false))
FP_OP(FRINTM, fp_round_int(e, s, a, FP_DOWN, false))
FP_OP(FRINTZ, fp_round_int(e, s, a, FP_TO_ZERO, false))
FP_OP(FRINTA, fp_round_int(e, s, a, FP_TIE_AWAY, false))
FP_OP(FRINTX, fp_round_int(e, s, a, fp_rounding(e), true))
FP_OP(FRINTI, fp_round_int(e, s, a, fp_rounding(e), false))
FP_OP_BOTH(FRECPE, fp_recip_estimate(e, s, a))
FP_OP_BOTH(FRSQRTE, fp_rsqrt_estimate(e, s, a))
FP_OP(URECPE, fp_recip_estimate_unsigned((uint32_t)a))
FP_OP(URSQRTE, fp_rsqrt_estimate_unsigned((uint32_t)a))

FP_KERNEL(FRECPX, fp_recip_exponent(e, s, a))
SCALAR_OP(FRECPX)

/* ---- Conversions to and from integers as large as the lanes; o->fbits fraction bits ---- */

#define LANE_BITS        (8u << s)
#define TO_SIGNED(how)   fp_to_fixed(e, s, a, o->fbits, LANE_BITS, false, how)
#define TO_UNSIGNED(how) fp_to_fixed(e, s, a, o->fbits, LANE_BITS, true, how)
FP_OP_BOTH(FCVTNS, TO_SIGNED(FP_TIE_EVEN))
FP_OP_BOTH(FCVTNU, TO_UNSIGNED(FP_TIE_EVEN))
FP_OP_BOTH(FCVTPS, TO_SIGNED(FP_UP))
FP_OP_BOTH(FCVTPU, TO_UNSIGNED(FP_UP))
FP_OP_BOTH(FCVTMS, TO_SIGNED(FP_DOWN))
FP_OP_BOTH(FCVTMU, TO_UNSIGNED(FP_DOWN))
FP_OP_BOTH(FCVTZS, TO_SIGNED(FP_TO_ZERO))
FP_OP_BOTH(FCVTZU, TO_UNSIGNED(FP_TO_ZERO))
FP_OP_BOTH(FCVTAS, TO_SIGNED(FP_TIE_AWAY))
FP_OP_BOTH(FCVTAU, TO_UNSIGNED(FP_TIE_AWAY))
FP_OP_BOTH(FCVTZS_fixed, TO_SIGNED(FP_TO_ZERO))
FP_OP_BOTH(FCVTZU_fixed, TO_UNSIGNED(FP_TO_ZERO))
FP_OP_BOTH(SCVTF, fp_from_fixed(e, s, a, o->fbits, LANE_BITS, false))
FP_OP_BOTH(UCVTF, fp_from_fixed(e, s, a, o->fbits, LANE_BITS, true))
FP_OP_BOTH(SCVTF_fixed, fp_from_fixed(e, s, a, o->fbits, LANE_BITS, false))
FP_OP_BOTH(UCVTF_fixed, fp_from_fixed(e, s, a, o->fbits, LANE_BITS, true))

/* ---- Conversions between formats: o->log2 is the narrow one ---- */

KERNEL(FCVTL_kernel)
{
    unsigned first = o->upper ? lane_count(o) : 0;
    (void)m;
    for (unsigned i = 0; i < lane_count(o); i++)
        lane_set(r, o->log2 + 1u, i,
                 fp_convert(&c->fp, o->log2 + 1, o->log2, lane_get(n, o->log2, first + i),
                            fp_rounding(&c->fp)));
}

static void narrow(struct a64_cpu *c, const struct a64_op *o, const union a64_vreg *n,
                   union a64_vreg *r, enum fp_rounding rounding)
{
    unsigned first = o->upper ? lane_count(o) : 0;
    for (unsigned i = 0; i < lane_count(o); i++)
        lane_set(r, o->log2, first + i,
                 fp_convert(&c->fp, o->log2, o->log2 + 1, lane_get(n, o->log2 + 1u, i), rounding));
}

KERNEL(FCVTN_kernel)
{
    (void)m;
    narrow(c, o, n, r, fp_rounding(&c->fp));
}

KERNEL(FCVTXN_kernel)
{
    (void)m;
    narrow(c, o, n, r, FP_TO_ODD);
}

KERNEL_OP(FCVTL_v, FCVTL_kernel, c->v[o->rm], 16)
KERNEL_OP(FCVTN_v, FCVTN_kernel, c->v[o->rm], o->upper ? 16 : 8)
KERNEL_OP(FCVTXN_v, FCVTXN_kernel, c->v[o->rm], o->upper ? 16 : 8)
KERNEL_OP(FCVTXN_s, FCVTXN_kernel, c->v[o->rm], 4)

/* ---- Pairs of neighbours, and across lanes pair by pair ---- */

typedef uint64_t fp_binary(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b);

static void pairs(struct a64_cpu *c, const struct a64_op *o, const union a64_vreg *n,
                  const union a64_vreg *m, union a64_vreg *r, fp_binary *f)
{
    unsigned lanes = lane_count(o);
    for (unsigned i = 0; i < lanes; i++) {
        const union a64_vreg *v = 2 * i < lanes ? n : m;
        unsigned first = 2 * i % lanes;
        lane_set(r, o->log2, i,
                 f(&c->fp, o->log2, lane_get(v, o->log2, first), lane_get(v, o->log2, first + 1)));
    }
}

/* Halves the number of lanes until one is left. */
static uint64_t reduce(struct a64_cpu *c, const struct a64_op *o, union a64_vreg v, fp_binary *f)
{
    for (unsigned lanes = lane_count(o); lanes > 1; lanes /= 2)
        for (unsigned i = 0; i < lanes / 2; i++)
            lane_set(
                &v, o->log2, i,
                f(&c->fp, o->log2, lane_get(&v, o->log2, 2 * i), lane_get(&v, o->log2, 2 * i + 1)));
    return lane_get(&v, o->log2, 0);
}

#define FP_PAIR_OP(name, f)                                                                        \
    KERNEL(name##_kernel)                                                                          \
    {                                                                                              \
        pairs(c, o, n, m, r, f);                                                                   \
    }                                                                                              \
    VECTOR_OP(name)

#define FP_REDUCE_OP(name, f)                                                                      \
    OP(name)                                                                                       \
    {                                                                                              \
        if (fp_trap(c, o))                                                                         \
            return;                                                                                \
        vreg_set_scalar(c, o->rd, reduce(c, o, c->v[o->rn], f));                                   \
        next(c, o);                                                                                \
    }

FP_PAIR_OP(FADDP, fp_add)
FP_PAIR_OP(FMAXP, fp_max)
FP_PAIR_OP(FMINP, fp_min)
FP_PAIR_OP(FMAXNMP, fp_maxnum)
FP_PAIR_OP(FMINNMP, fp_minnum)
FP_REDUCE_OP(FADDP_s, fp_add)
FP_REDUCE_OP(FMAXP_s, fp_max)
FP_REDUCE_OP(FMINP_s, fp_min)
FP_REDUCE_OP(FMAXNMP_s, fp_maxnum)
FP_REDUCE_OP(FMINNMP_s, fp_minnum)
FP_REDUCE_OP(FMAXV, fp_max)
FP_REDUCE_OP(FMINV, fp_min)
FP_REDUCE_OP(FMAXNMV, fp_maxnum)
FP_REDUCE_OP(FMINNMV, fp_minnum)
