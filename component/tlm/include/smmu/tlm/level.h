/* SPDX-License-Identifier: Apache-2.0 */
/* How full something is over time, in bounded memory: a level that rises and falls, its mean in
 * each of at most SMMU_LEVEL_WINDOWS windows, which grow as time does. */
#ifndef SMMU_TLM_LEVEL_H
#define SMMU_TLM_LEVEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SMMU_LEVEL_WINDOWS 256u

/* Times are in one unit of the caller's. */
struct smmu_level {
    uint64_t value; /* now */
    uint64_t limit; /* at which it is full; 0: there is none */
    uint64_t max;   /* so far, as the rest is */
    uint64_t taken; /* how often it rose, by 1 each */
    uint64_t busy;  /* time in which it was not 0 */
    uint64_t full;
    uint64_t area; /* sum of value times time */
    uint64_t begin;
    uint64_t upto;                        /* up to when the times above are */
    unsigned log2_window;                 /* of the time of a window */
    uint64_t windows[SMMU_LEVEL_WINDOWS]; /* area in each */
    /* Is told of each new value, if it is not NULL. */
    void (*changed)(void *user, const struct smmu_level *l, uint64_t now);
    void *user;
};

/* Begin to measure at `now`, with the value that it has, in windows of 2^log2_window; limit,
 * changed and user stay. */
void smmu_level_begin(struct smmu_level *l, uint64_t now, unsigned log2_window);

/* Bring all but `value` up to `now`, which is not before `upto`. */
void smmu_level_update(struct smmu_level *l, uint64_t now);

/* At `now` it is another one. */
static inline void smmu_level_set(struct smmu_level *l, uint64_t now, uint64_t value)
{
    if (now != l->upto)
        smmu_level_update(l, now);
    if (value > l->value)
        l->taken += value - l->value;
    l->value = value;
    if (value > l->max)
        l->max = value;
    if (l->changed)
        l->changed(l->user, l, now);
}

/* How many windows there are up to `upto`. */
unsigned smmu_level_windows(const struct smmu_level *l);

#ifdef __cplusplus
}
#endif

#endif
