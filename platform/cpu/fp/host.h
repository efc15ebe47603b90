/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic of the host, for operations where it cannot be told from the exact algorithms.
 * Private to the library. */
#ifndef FP_HOST_H
#define FP_HOST_H

#include <float.h>
#include <math.h>
#include <string.h>

#include "fp.h"

_Static_assert(FLT_EVAL_METHOD == 0 && FLT_RADIX == 2 && FLT_MANT_DIG == 24 && DBL_MANT_DIG == 53,
               "float and double of the host are IEEE 754 single and double");

/* May results be inexact unseen? The host rounds to nearest and reports nothing. */
static inline bool host_rounds(const struct fp_env *e)
{
    return !(e->fpcr & (FPCR_FZ | FPCR_RMODE)) && (e->fpsr & FPSR_IXC);
}

static inline float host_float(uint64_t a)
{
    uint32_t bits = (uint32_t)a;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline double host_double(uint64_t a)
{
    double d;
    memcpy(&d, &a, sizeof d);
    return d;
}

static inline uint64_t host_float_bits(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static inline uint64_t host_double_bits(double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return bits;
}

/* Neither NaN nor infinity, and neither overflow nor underflow has been near. The least normal
 * number is left out: what was rounded up to it is an underflow. */
static inline bool host_plain_float(float f)
{
    float size = fabsf(f);
    return size > FLT_MIN && size <= FLT_MAX;
}

static inline bool host_plain_double(double d)
{
    double size = fabs(d);
    return size > DBL_MIN && size <= DBL_MAX;
}

#endif
