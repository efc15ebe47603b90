/* SPDX-License-Identifier: Apache-2.0 */
/* Repeatable pseudo-random numbers: a 64-bit linear congruential generator (Knuth, MMIX). */
#ifndef LIB_RANDOM_H
#define LIB_RANDOM_H

#include <stdint.h>

/* Start from any value; the same start gives the same numbers. */
struct random {
    uint64_t state;
};

/* The next number. Only the high half of the state is used: its low bits repeat early. */
static inline uint32_t random_next(struct random *random)
{
    random->state = random->state * 6364136223846793005UL + 1442695040888963407UL;
    return (uint32_t)(random->state >> 32);
}

/* A number below `bound`, which is not 0. */
static inline uint32_t random_below(struct random *random, uint32_t bound)
{
    return random_next(random) % bound;
}

#endif
