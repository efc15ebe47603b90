/* SPDX-License-Identifier: Apache-2.0 */
/* splitmix64, and the logarithm that makes exponential gaps of its numbers. */
#include "traffic_random.h"

#include "vp/splitmix.h"

#define LOG_BITS 26                   /* behind the point of a logarithm */
#define LN_2     UINT64_C(2977044472) /* the natural logarithm of 2, times 2^32 */
#define ONE      (UINT64_C(1) << 31)  /* of a significand */

static uint64_t next(struct traffic_random *r)
{
    return vp_splitmix_next(&r->state);
}

/* The states of neighbouring seeds and draws are far apart: they are outputs themselves. */
struct traffic_random traffic_random_begin(uint64_t seed, enum traffic_draw what)
{
    struct traffic_random of_seed = {seed};
    struct traffic_random r = {next(&of_seed) + (uint64_t)what};

    r.state = next(&r);
    return r;
}

/* Numbers beyond the last multiple of `n` would make the small ones likelier. */
uint64_t traffic_random_below(struct traffic_random *r, uint64_t n)
{
    uint64_t end = UINT64_MAX - UINT64_MAX % n;
    uint64_t value;

    do
        value = next(r);
    while (value >= end);
    return value % n;
}

/* The logarithm to base 2 of `value`, which is not 0, times 2^LOG_BITS. Squaring the significand
 * doubles its logarithm, so that the next bit comes before the point. */
static uint64_t log2_of(uint64_t value)
{
    unsigned exponent = 63 - (unsigned)__builtin_clzll(value);
    uint64_t significand = value << (63 - exponent) >> 32; /* 1 to 2, times ONE */
    uint64_t result = exponent;

    for (unsigned i = 0; i < LOG_BITS; i++) {
        significand = significand * significand / ONE;
        result <<= 1;
        if (significand >= 2 * ONE) {
            significand /= 2;
            result |= 1;
        }
    }
    return result;
}

/* mean * -ln(u), for u = value / 2^64 between 0 and 1. */
uint64_t traffic_random_exponential(struct traffic_random *r, uint64_t mean)
{
    uint64_t value = next(r) | 1;
    uint64_t bits = (UINT64_C(64) << LOG_BITS) - log2_of(value); /* -log2(u) */
    uint64_t nats = bits * LN_2 >> 32;                           /* -ln(u), times 2^LOG_BITS */
    uint64_t high = (mean >> 16) * nats;
    uint64_t low = (mean & 0xffff) * nats;
    uint64_t half = UINT64_C(1) << (LOG_BITS - 17);

    return (high + (low >> 16) + half) >> (LOG_BITS - 16);
}
