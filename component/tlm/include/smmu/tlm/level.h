/* SPDX-License-Identifier: Apache-2.0 */
/* How full something is over time, in bounded memory: a level that rises and falls, and its mean in
 * each of at most SMMU_LEVEL_WINDOWS windows, which grow as time does. */
#ifndef SMMU_TLM_LEVEL_H
#define SMMU_TLM_LEVEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SMMU_LEVEL_WINDOWS 256u /* an even number */

/* Times are in one unit of the caller's. */
struct smmu_level {
    uint64_t value; /* now */
    uint64_t limit; /* at which it is full; 0: there is none */
    uint64_t max;   /* so far, as the rest is */
    uint64_t taken; /* how often it rose, by 1 each */
    uint64_t busy;  /* time in which it was not 0 */
    uint64_t full;  /* time in which it was at its limit or above */
    uint64_t area;  /* sum of value times time */
    uint64_t begin; /* when it began */
    uint64_t upto;  /* up to when the times above are */
    /* Is told of each new value, if it is not NULL. */
    void (*changed)(void *user, const struct smmu_level *l, uint64_t now);
    void *user;                         /* what that gets */
    uint64_t window_end;                /* of the window that upto is in */
    unsigned windows;                   /* that are over */
    unsigned log2_window;               /* of the time of a window */
    uint64_t areas[SMMU_LEVEL_WINDOWS]; /* at the ends of those */
};

/* Begin to measure at `now`, with the value that it has, in windows of 2^log2_window; limit,
 * changed and user stay. */
void smmu_level_begin(struct smmu_level *l, uint64_t now, unsigned log2_window);

/* The same as smmu_level_update(), if `now` is in another window. */
void smmu_level_pass_windows(struct smmu_level *l, uint64_t now);

/* Bring all but `value` up to `now`, which is not before `upto`. */
static inline void smmu_level_update(struct smmu_level *l, uint64_t now)
{
    if (now > l->window_end) {
        smmu_level_pass_windows(l, now);
        return;
    }
    uint64_t passed = now - l->upto;
    l->area += l->value * passed;
    l->busy += l->value != 0 ? passed : 0;
    l->full += l->limit != 0 && l->value >= l->limit ? passed : 0;
    l->upto = now;
}

/* At `now` it is another one. */
static inline void smmu_level_set(struct smmu_level *l, uint64_t now, uint64_t value)
{
    if (value == l->value)
        return;
    smmu_level_update(l, now);
    l->taken += value > l->value ? value - l->value : 0;
    l->value = value;
    l->max = value > l->max ? value : l->max;
    if (l->changed)
        l->changed(l->user, l, now);
}

/* How many windows there are up to `upto`, the last of which may not be over. */
unsigned smmu_level_windows(const struct smmu_level *l);

/* Value times time in one of them. */
uint64_t smmu_level_window(const struct smmu_level *l, unsigned window);

#ifdef __cplusplus
}
#endif

#endif
