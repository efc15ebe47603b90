/* SPDX-License-Identifier: Apache-2.0 */
/* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): chance that is the same on every host. */
#ifndef VP_SPLITMIX_H
#define VP_SPLITMIX_H

#include <stdint.h>

/* What the state grows by from one number to the next. */
#define VP_SPLITMIX_STEP UINT64_C(0x9e3779b97f4a7c15)

/* The number that belongs to a state. */
static inline uint64_t vp_splitmix_mix(uint64_t state)
{
    state = (state ^ state >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    state = (state ^ state >> 27) * UINT64_C(0x94d049bb133111eb);
    return state ^ state >> 31;
}

/* The next number; any `state` is a good seed. */
static inline uint64_t vp_splitmix_next(uint64_t *state)
{
    return vp_splitmix_mix(*state += VP_SPLITMIX_STEP);
}

#endif
