/* SPDX-License-Identifier: Apache-2.0 */
/* Scalar floating point (DDI 0487 C4.1.96). */
#include "exec/simd.h"

static inline uint64_t scalar(const struct a64_cpu *c, const struct a64_op *o, unsigned reg)
{
    return lane_get(&c->v[reg], o->log2, 0);
}

/* In the value of a result: e is the environment, s the format, and N, M and A are the operands. */
#define N scalar(c, o, o->rn)
#define M scalar(c, o, o->rm)
#define A scalar(c, o, o->ra)

#define FP_SCALAR_OP(name, ...)                                                                    \
    OP(name)                                                                                       \
    {                                                                                              \
        if (fp_trap(c, o))                                                                         \
            return;                                                                                \
        const enum fp_size s = o->log2;                                                            \
        struct fp_env *e = &c->fp;                                                                 \
        (void)s, (void)e;                                                                          \
        vreg_set_scalar(c, o->rd, (__VA_ARGS__));                                                  \
        next(c, o);                                                                                \
    }

/* ---- Data processing ---- */

FP_SCALAR_OP(FADD, fp_add(e, s, N, M))
FP_SCALAR_OP(FSUB, fp_sub(e, s, N, M))
FP_SCALAR_OP(FMUL, fp_mul(e, s, N, M))
FP_SCALAR_OP(FNMUL, fp_neg(s, fp_mul(e, s, N, M)))
FP_SCALAR_OP(FDIV, fp_div(e, s, N, M))
FP_SCALAR_OP(FMAX, fp_max(e, s, N, M))
FP_SCALAR_OP(FMIN, fp_min(e, s, N, M))
FP_SCALAR_OP(FMAXNM, fp_maxnum(e, s, N, M))
FP_SCALAR_OP(FMINNM, fp_minnum(e, s, N, M))

FP_SCALAR_OP(FMADD, fp_muladd(e, s, A, N, M))
FP_SCALAR_OP(FMSUB, fp_muladd(e, s, A, fp_neg(s, N), M))
FP_SCALAR_OP(FNMADD, fp_muladd(e, s, fp_neg(s, A), fp_neg(s, N), M))
FP_SCALAR_OP(FNMSUB, fp_muladd(e, s, fp_neg(s, A), N, M))

FP_SCALAR_OP(FMOV, N)
FP_SCALAR_OP(FABS, fp_abs(s, N))
FP_SCALAR_OP(FNEG, fp_neg(s, N))
FP_SCALAR_OP(FSQRT, fp_sqrt(e, s, N))
FP_SCALAR_OP(FCVT, fp_convert(e, o->to_log2, s, N, fp_rounding(e)))
FP_SCALAR_OP(FRINTN, fp_round_int(e, s, N, FP_TIE_EVEN, false))
FP_SCALAR_OP(FRINTP, fp_round_int(e, s, N, FP_UP, false))
FP_SCALAR_OP(FRINTM, fp_round_int(e, s, N, FP_DOWN, false))
FP_SCALAR_OP(FRINTZ, fp_round_int(e, s, N, FP_TO_ZERO, false))
FP_SCALAR_OP(FRINTA, fp_round_int(e, s, N, FP_TIE_AWAY, false))
FP_SCALAR_OP(FRINTX, fp_round_int(e, s, N, fp_rounding(e), true))
FP_SCALAR_OP(FRINTI, fp_round_int(e, s, N, fp_rounding(e), false))

FP_SCALAR_OP(FCSEL, condition_holds(c, o) ? N : M)
FP_SCALAR_OP(FMOV_imm, s == FP_SINGLE ? (uint32_t)o->imm : o->imm)

/* ---- Comparisons ---- */

static unsigned compare(struct a64_cpu *c, const struct a64_op *o, uint64_t with, bool signal)
{
    return fp_compare(&c->fp, o->log2, N, with, signal);
}

#define COMPARE_OP(name, nzcv_value)                                                               \
    OP(name)                                                                                       \
    {                                                                                              \
        if (fp_trap(c, o))                                                                         \
            return;                                                                                \
        c->nzcv = (nzcv_value);                                                                    \
        next(c, o);                                                                                \
    }

COMPARE_OP(FCMP, compare(c, o, M, false))
COMPARE_OP(FCMPE, compare(c, o, M, true))
COMPARE_OP(FCMP_zero, compare(c, o, 0, false))
COMPARE_OP(FCMPE_zero, compare(c, o, 0, true))
COMPARE_OP(FCCMP, condition_holds(c, o) ? compare(c, o, M, false) : o->nzcv)
COMPARE_OP(FCCMPE, condition_holds(c, o) ? compare(c, o, M, true) : o->nzcv)

/* ---- To general registers ---- */

#define TO_GENERAL_OP(name, value)                                                                 \
    OP(name)                                                                                       \
    {                                                                                              \
        if (fp_trap(c, o))                                                                         \
            return;                                                                                \
        c->x[o->rd] = (value);                                                                     \
        next(c, o);                                                                                \
    }

#define TO_INTEGER_OP(name, is_unsigned, rounding)                                                 \
    TO_GENERAL_OP(name,                                                                            \
                  fp_to_fixed(&c->fp, o->log2, N, o->fbits, o->int_bits, is_unsigned, rounding))

TO_INTEGER_OP(FCVTNS_int, false, FP_TIE_EVEN)
TO_INTEGER_OP(FCVTNU_int, true, FP_TIE_EVEN)
TO_INTEGER_OP(FCVTPS_int, false, FP_UP)
TO_INTEGER_OP(FCVTPU_int, true, FP_UP)
TO_INTEGER_OP(FCVTMS_int, false, FP_DOWN)
TO_INTEGER_OP(FCVTMU_int, true, FP_DOWN)
TO_INTEGER_OP(FCVTZS_int, false, FP_TO_ZERO)
TO_INTEGER_OP(FCVTZU_int, true, FP_TO_ZERO)
TO_INTEGER_OP(FCVTAS_int, false, FP_TIE_AWAY)
TO_INTEGER_OP(FCVTAU_int, true, FP_TIE_AWAY)
TO_INTEGER_OP(FCVTZS_fixed, false, FP_TO_ZERO)
TO_INTEGER_OP(FCVTZU_fixed, true, FP_TO_ZERO)

TO_GENERAL_OP(FMOV_w_from_s, c->v[o->rn].s[0])
TO_GENERAL_OP(FMOV_x_from_d, c->v[o->rn].d[0])
TO_GENERAL_OP(FMOV_x_from_top, c->v[o->rn].d[1])

/* ---- From general registers ---- */

#define FROM_INTEGER(is_unsigned)                                                                  \
    fp_from_fixed(e, s, c->x[o->rn], o->fbits, o->int_bits, is_unsigned)
FP_SCALAR_OP(SCVTF_int, FROM_INTEGER(false))
FP_SCALAR_OP(UCVTF_int, FROM_INTEGER(true))
FP_SCALAR_OP(SCVTF_fixed, FROM_INTEGER(false))
FP_SCALAR_OP(UCVTF_fixed, FROM_INTEGER(true))
FP_SCALAR_OP(FMOV_s_from_w, (uint32_t)c->x[o->rn])
FP_SCALAR_OP(FMOV_d_from_x, c->x[o->rn])

OP(FMOV_top_from_x)
{
    if (fp_trap(c, o))
        return;
    c->v[o->rd].d[1] = c->x[o->rn];
    next(c, o);
}
