/* SPDX-License-Identifier: Apache-2.0 */
/* Common parts of handlers of SIMD and floating-point instructions: the trap, access to lanes, and
 * templates that make a handler of an expression for one lane. */
#ifndef A64_SIMD_H
#define A64_SIMD_H

#include "exception/exception.h"
#include "exec/exec.h"
#include "fp.h"

/* Takes the exception if CPACR_EL1 traps the instruction. */
static inline bool fp_trap(struct a64_cpu *c, const struct a64_op *o)
{
    if (!A64_UNLIKELY(c->fp_trapped))
        return false;
    exception_fp_access(c, o);
    return true;
}

/* ---- Registers and lanes ---- */

/* Cuts a value to `bytes`: 1, 2, 4, 8 or 16. */
static inline void vreg_cut(union a64_vreg *v, unsigned bytes)
{
    if (bytes < 8)
        v->d[0] &= (UINT64_C(1) << 8 * bytes) - 1;
    if (bytes < 16)
        v->d[1] = 0;
}

/* A write clears what lies above the value. */
static inline void vreg_set(struct a64_cpu *c, unsigned n, const union a64_vreg *v, unsigned bytes)
{
    c->v[n] = *v;
    vreg_cut(&c->v[n], bytes);
}

/* A scalar of no more than 64 bits, its unused bits zero. */
static inline void vreg_set_scalar(struct a64_cpu *c, unsigned n, uint64_t value)
{
    c->v[n].d[0] = value;
    c->v[n].d[1] = 0;
}

static inline uint64_t lane_get(const union a64_vreg *v, unsigned log2, unsigned lane)
{
    switch (log2) {
    case 0:
        return v->b[lane];
    case 1:
        return v->h[lane];
    case 2:
        return v->s[lane];
    default:
        return v->d[lane];
    }
}

static inline void lane_set(union a64_vreg *v, unsigned log2, unsigned lane, uint64_t value)
{
    switch (log2) {
    case 0:
        v->b[lane] = (uint8_t)value;
        break;
    case 1:
        v->h[lane] = (uint16_t)value;
        break;
    case 2:
        v->s[lane] = (uint32_t)value;
        break;
    default:
        v->d[lane] = value;
        break;
    }
}

static inline unsigned lane_count(const struct a64_op *o)
{
    return (unsigned)o->bytes >> o->log2;
}

/* Every lane of a vector is the lane o->lane of Rm. */
static inline union a64_vreg element_of_rm(const struct a64_cpu *c, const struct a64_op *o)
{
    union a64_vreg v;
    uint64_t value = lane_get(&c->v[o->rm], o->log2, o->lane);
    for (unsigned i = 0; i < 16u >> o->log2; i++)
        lane_set(&v, o->log2, i, value);
    return v;
}

/* ---- Saturation; values of any lane, and sums and products of two, fit in a wide one ---- */

__extension__ typedef __int128 wide;

static inline uint64_t saturate(struct a64_cpu *c, wide v, wide least, wide most)
{
    if (v >= least && v <= most)
        return (uint64_t)v;
    c->fp.fpsr |= FPSR_QC;
    return (uint64_t)(v < least ? least : most);
}

static inline uint64_t saturate_signed(struct a64_cpu *c, wide v, unsigned bits)
{
    wide limit = (wide)1 << (bits - 1);
    return saturate(c, v, -limit, limit - 1);
}

static inline uint64_t saturate_unsigned(struct a64_cpu *c, wide v, unsigned bits)
{
    return saturate(c, v, 0, ((wide)1 << bits) - 1);
}

/* v * 2^shift, rounded to nearest with ties up if `round`, else down; v has 64 bits. A value moved
 * far to the left becomes some number that overflows every lane and has zeros for its low bits. */
static inline wide shifted(wide v, int shift, bool round)
{
    if (shift >= 64)
        return ((v > 0) - (v < 0)) * ((wide)1 << 100);
    if (shift >= 0)
        return v * ((wide)1 << shift);
    int right = shift < -100 ? 100 : -shift;
    return (v + ((wide)round << (right - 1))) >> right;
}

/* Product of two bytes as polynomials over {0, 1}. */
static inline uint64_t carryless_product(uint64_t a, uint64_t b)
{
    uint64_t product = 0;
    for (unsigned i = 0; i < 8; i++)
        if (a >> i & 1)
            product ^= b << i;
    return product;
}

/* ---- Templates. A kernel computes a destination `r`, which holds the old one before, from the
 * sources `n` and `m`; it must not touch registers. ---- */

typedef void simd_kernel(struct a64_cpu *c, const struct a64_op *o, const union a64_vreg *n,
                         const union a64_vreg *m, union a64_vreg *r);

#define KERNEL(name)                                                                               \
    static void name(struct a64_cpu *c, const struct a64_op *o, const union a64_vreg *n,           \
                     const union a64_vreg *m, union a64_vreg *r)

/* In an expression for one lane: T and S are the unsigned and signed types of a lane, BITS its
 * width; a and b are the lanes of Rn and Rm, d that of Rd before. */
#define LANE_LOOP(t, field, ...)                                                                   \
    do {                                                                                           \
        typedef u##t T;                                                                            \
        typedef t S __attribute__((unused));                                                       \
        enum { BITS = 8 * sizeof(T) };                                                             \
        for (unsigned i = 0; i < lane_count(o); i++) {                                             \
            T a = n->field[i], b = m->field[i], d = r->field[i];                                   \
            (void)a, (void)b, (void)d;                                                             \
            r->field[i] = (T)(__VA_ARGS__);                                                        \
        }                                                                                          \
    } while (0)

#define LANE_KERNEL(name, ...)                                                                     \
    KERNEL(name##_kernel)                                                                          \
    {                                                                                              \
        (void)c, (void)m;                                                                          \
        switch (o->log2) {                                                                         \
        case 0:                                                                                    \
            LANE_LOOP(int8_t, b, __VA_ARGS__);                                                     \
            break;                                                                                 \
        case 1:                                                                                    \
            LANE_LOOP(int16_t, h, __VA_ARGS__);                                                    \
            break;                                                                                 \
        case 2:                                                                                    \
            LANE_LOOP(int32_t, s, __VA_ARGS__);                                                    \
            break;                                                                                 \
        default:                                                                                   \
            LANE_LOOP(int64_t, d, __VA_ARGS__);                                                    \
            break;                                                                                 \
        }                                                                                          \
    }

/* The same for floating-point lanes, as bit patterns of format s. */
#define FP_LOOP(size, field, ...)                                                                  \
    do {                                                                                           \
        const enum fp_size s = (size);                                                             \
        for (unsigned i = 0; i < lane_count(o); i++) {                                             \
            uint64_t a = n->field[i], b = m->field[i], d = r->field[i];                            \
            (void)s, (void)b, (void)d;                                                             \
            lane_set(r, size, i, (__VA_ARGS__));                                                   \
        }                                                                                          \
    } while (0)

#define FP_KERNEL(name, ...)                                                                       \
    KERNEL(name##_kernel)                                                                          \
    {                                                                                              \
        struct fp_env *e = &c->fp;                                                                 \
        (void)e, (void)m;                                                                          \
        if (o->log2 == FP_SINGLE)                                                                  \
            FP_LOOP(FP_SINGLE, s, __VA_ARGS__);                                                    \
        else                                                                                       \
            FP_LOOP(FP_DOUBLE, d, __VA_ARGS__);                                                    \
    }

/* Makes a handler of a kernel whose result has `bytes` bytes. */
#define KERNEL_OP(name, kernel, second, bytes)                                                     \
    OP(name)                                                                                       \
    {                                                                                              \
        if (fp_trap(c, o))                                                                         \
            return;                                                                                \
        const union a64_vreg m = second;                                                           \
        union a64_vreg r = c->v[o->rd];                                                            \
        kernel(c, o, &c->v[o->rn], &m, &r);                                                        \
        vreg_set(c, o->rd, &r, (bytes));                                                           \
        next(c, o);                                                                                \
    }

#define VECTOR_OP(name)         KERNEL_OP(name##_v, name##_kernel, c->v[o->rm], o->bytes)
#define SCALAR_OP(name)         KERNEL_OP(name##_s, name##_kernel, c->v[o->rm], o->bytes)
#define ELEMENT_OP(name)        KERNEL_OP(name##_ve, name##_kernel, element_of_rm(c, o), o->bytes)
#define ELEMENT_SCALAR_OP(name) KERNEL_OP(name##_se, name##_kernel, element_of_rm(c, o), o->bytes)

#define LANE_OP(name, ...)                                                                         \
    LANE_KERNEL(name, __VA_ARGS__)                                                                 \
    VECTOR_OP(name)
#define LANE_OP_BOTH(name, ...)                                                                    \
    LANE_OP(name, __VA_ARGS__)                                                                     \
    SCALAR_OP(name)
#define FP_OP(name, ...)                                                                           \
    FP_KERNEL(name, __VA_ARGS__)                                                                   \
    VECTOR_OP(name)
#define FP_OP_BOTH(name, ...)                                                                      \
    FP_OP(name, __VA_ARGS__)                                                                       \
    SCALAR_OP(name)

#endif
