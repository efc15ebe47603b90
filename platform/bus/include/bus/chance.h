/* SPDX-License-Identifier: Apache-2.0 */
/* Events of a given probability, the same ones in every run. */
#ifndef BUS_CHANCE_H
#define BUS_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "vp/splitmix.h"

/* Chances are counted in millionths. */
#define BUS_CHANCE_CERTAIN 1000000u

/* What happens `ppm` times in a million on average. `state` is the seed at first. */
struct bus_chance {
    uint64_t state;
    uint32_t ppm;
};

/* Whether it happens this time. */
static inline bool bus_chance_draw(struct bus_chance *chance)
{
    return vp_splitmix_next(&chance->state) % BUS_CHANCE_CERTAIN < chance->ppm;
}

#endif
