/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point as AArch64 defines it (DDI 0487 A1.4, A1.5), exact to the bit: values are passed
 * as bit patterns in the low bits of a uint64_t, results and cumulative flags depend on nothing but
 * the operands, FPCR and FPSR. */
#ifndef FP_H
#define FP_H

#include <stdbool.h>
#include <stdint.h>

/* Formats, as the base-2 logarithm of their bytes. Arithmetic is done on single and double only;
 * half is a storage format that fp_convert() reads and writes. */
enum fp_size { FP_HALF = 1, FP_SINGLE = 2, FP_DOUBLE = 3 };

/* Rounding: the first four as FPCR.RMode encodes them. */
enum fp_rounding { FP_TIE_EVEN, FP_UP, FP_DOWN, FP_TO_ZERO, FP_TIE_AWAY, FP_TO_ODD };

/* FPCR bits and the RMode field. */
#define FPCR_AHP         (UINT32_C(1) << 26)
#define FPCR_DN          (UINT32_C(1) << 25)
#define FPCR_FZ          (UINT32_C(1) << 24)
#define FPCR_RMODE_SHIFT 22
#define FPCR_RMODE       (UINT32_C(3) << FPCR_RMODE_SHIFT)
#define FPCR_WRITABLE    (FPCR_AHP | FPCR_DN | FPCR_FZ | FPCR_RMODE)

/* FPSR bits: cumulative exceptions and saturation. */
#define FPSR_IOC      (UINT32_C(1) << 0)
#define FPSR_DZC      (UINT32_C(1) << 1)
#define FPSR_OFC      (UINT32_C(1) << 2)
#define FPSR_UFC      (UINT32_C(1) << 3)
#define FPSR_IXC      (UINT32_C(1) << 4)
#define FPSR_IDC      (UINT32_C(1) << 7)
#define FPSR_QC       (UINT32_C(1) << 27)
#define FPSR_WRITABLE (FPSR_IOC | FPSR_DZC | FPSR_OFC | FPSR_UFC | FPSR_IXC | FPSR_IDC | FPSR_QC)

/* The registers every operation works under: it reads fpcr and adds to fpsr. */
struct fp_env {
    uint32_t fpcr;
    uint32_t fpsr;
};

/* The rounding mode FPCR selects. */
static inline enum fp_rounding fp_rounding(const struct fp_env *e)
{
    return (enum fp_rounding)(e->fpcr >> FPCR_RMODE_SHIFT & 3);
}

static inline uint64_t fp_sign_bit(enum fp_size s)
{
    return UINT64_C(1) << ((8u << s) - 1);
}

/* Sign changes only: no NaN processing, no flags. */
static inline uint64_t fp_neg(enum fp_size s, uint64_t a)
{
    return a ^ fp_sign_bit(s);
}

static inline uint64_t fp_abs(enum fp_size s, uint64_t a)
{
    return a & ~fp_sign_bit(s);
}

/* ---- Arithmetic (arith.c) ---- */

uint64_t fp_add(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b);
uint64_t fp_sub(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b);
uint64_t fp_mul(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b);
uint64_t fp_mulx(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b); /* 0 * Inf is 2 */
uint64_t fp_div(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b);
uint64_t fp_sqrt(struct fp_env *e, enum fp_size s, uint64_t a);
uint64_t fp_muladd(struct fp_env *e, enum fp_size s, uint64_t addend, uint64_t a, uint64_t b);
uint64_t fp_recip_step(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b); /* 2 - a * b */
uint64_t fp_rsqrt_step(struct fp_env *e, enum fp_size s, uint64_t a,
                       uint64_t b); /* (3 - a * b) / 2 */

/* ---- Comparison (compare.c) ---- */

/* NZCV of a comparison, N in bit 3. A quiet NaN is invalid if `signal`, a signalling one always. */
unsigned fp_compare(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b, bool signal);
bool fp_eq(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b); /* quiet */
bool fp_ge(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b); /* signalling */
bool fp_gt(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b); /* signalling */

uint64_t fp_max(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b);
uint64_t fp_min(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b);
uint64_t fp_maxnum(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b);
uint64_t fp_minnum(struct fp_env *e, enum fp_size s, uint64_t a, uint64_t b);

/* ---- Conversion (convert.c) ---- */

/* From format `from` to format `to`. */
uint64_t fp_convert(struct fp_env *e, enum fp_size to, enum fp_size from, uint64_t a,
                    enum fp_rounding rounding);

/* To an integral value in the same format; `exact` raises Inexact if that changes the value. */
uint64_t fp_round_int(struct fp_env *e, enum fp_size s, uint64_t a, enum fp_rounding rounding,
                      bool exact);

/* To an integer of `width` bits (32 or 64) that counts units of 2^-fraction_bits, saturated; and
 * back. Results are zero-extended from `width`; of the integer, `width` bits count. */
uint64_t fp_to_fixed(struct fp_env *e, enum fp_size s, uint64_t a, unsigned fraction_bits,
                     unsigned width, bool is_unsigned, enum fp_rounding rounding);
uint64_t fp_from_fixed(struct fp_env *e, enum fp_size s, uint64_t a, unsigned fraction_bits,
                       unsigned width, bool is_unsigned);

/* ---- Estimates (estimate.c) ---- */

uint64_t fp_recip_estimate(struct fp_env *e, enum fp_size s, uint64_t a);
uint64_t fp_rsqrt_estimate(struct fp_env *e, enum fp_size s, uint64_t a);
uint64_t fp_recip_exponent(struct fp_env *e, enum fp_size s, uint64_t a);
uint32_t fp_recip_estimate_unsigned(uint32_t a);
uint32_t fp_rsqrt_estimate_unsigned(uint32_t a);

#endif
