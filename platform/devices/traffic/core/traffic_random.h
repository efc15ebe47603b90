/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers left to chance. All arithmetic is that of integers, so that a seed gives the same numbers
 * on every host. */
#ifndef TRAFFIC_RANDOM_H
#define TRAFFIC_RANDOM_H

#include <stdint.h>

struct traffic_random {
    uint64_t state;
};

/* What numbers are drawn for. Each has a sequence of its own, so that addresses stay the same
 * whatever becomes of arrivals. */
enum traffic_draw {
    TRAFFIC_DRAW_ADDRESS,
    TRAFFIC_DRAW_PIECE,
    TRAFFIC_DRAW_DIRECTION,
    TRAFFIC_DRAW_ARRIVAL,
};

struct traffic_random traffic_random_begin(uint64_t seed, enum traffic_draw what);

/* One of 0 to `n` - 1, all with equal probability; `n` is not 0. */
uint64_t traffic_random_below(struct traffic_random *r, uint64_t n);

/* A gap of exponential distribution, rounded to the nearest integer; `mean` is below 2^40. */
uint64_t traffic_random_exponential(struct traffic_random *r, uint64_t mean);

#endif
