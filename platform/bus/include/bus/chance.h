/* SPDX-License-Identifier: Apache-2.0 */
/* Events of a given probability, the same ones in every run. */
#ifndef BUS_CHANCE_H
#define BUS_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

/* Chances are counted in millionths. */
#define BUS_CHANCE_CERTAIN 1000000u

/* What happens `ppm` times in a million on average. `state` is the seed at first. */
struct bus_chance {
    uint64_t state;
    uint32_t ppm;
};

/* Whether it happens this time. The generator is SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
static inline bool bus_chance_draw(struct bus_chance *chance)
{
    uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % BUS_CHANCE_CERTAIN < chance->ppm;
}

#endif
