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

/* Times are in one unit of the caller's. Where a level begins and ends to be something is added to
 * and taken from the rests, so that a change costs the same whatever has passed. */
struct smmu_level {
    uint64_t value;      /* now */
    uint64_t limit;      /* at which it is full; 0: there is none */
    uint64_t max;        /* so far, as the rest is */
    uint64_t taken;      /* how often it rose, by 1 each */
    uint64_t area_rest;  /* with value times now it is the area now, modulo 2^64 */
    uint64_t busy_rest;  /* with now, where value is not 0, it is the busy time now, likewise */
    uint64_t full_rest;  /* with now, where it is full, it is the full time now, likewise */
    uint64_t window_end; /* of the window that upto is in */
    /* Is told of each new value, if it is not NULL. */
    void (*changed)(void *user, const struct smmu_level *l, uint64_t now);
    void *user;                         /* what that gets */
    uint64_t begin;                     /* when it began */
    uint64_t upto;                      /* up to when the times below are */
    uint64_t busy;                      /* time in which it was not 0 */
    uint64_t full;                      /* time in which it was at its limit or above */
    uint64_t area;                      /* sum of value times time */
    unsigned windows;                   /* that are over */
    unsigned log2_window;               /* of the time of a window */
    uint64_t areas[SMMU_LEVEL_WINDOWS]; /* at the ends of those */
};

/* Begin to measure at `now`, with the value that it has, in windows of 2^log2_window; limit,
 * changed and user stay. */
void smmu_level_begin(struct smmu_level *l, uint64_t now, unsigned log2_window);

/* Bring all but `value` up to `now`, which is not before `upto`. */
void smmu_level_update(struct smmu_level *l, uint64_t now);

/* Whether `value` is at the limit or above. */
static inline int smmu_level_is_full(const struct smmu_level *l, uint64_t value)
{
    return l->limit != 0 && value >= l->limit;
}

/* At `now`, which is not before `upto`, it is another one. */
static inline void smmu_level_set(struct smmu_level *l, uint64_t now, uint64_t value)
{
    uint64_t was = l->value;
    if (value == was)
        return;
    if (now > l->window_end)
        smmu_level_update(l, now);
    l->area_rest -= (value - was) * now;
    l->taken += value > was ? value - was : 0;
    l->max = value > l->max ? value : l->max;
    l->busy_rest -= was == 0 ? now : 0;
    l->busy_rest += value == 0 ? now : 0;
    l->full_rest += smmu_level_is_full(l, was) ? now : 0;
    l->full_rest -= smmu_level_is_full(l, value) ? now : 0;
    l->value = value;
    if (l->changed)
        l->changed(l->user, l, now);
}

/* At `now`, likewise, it is one more: in fewer steps than by smmu_level_set(). */
static inline void smmu_level_rise(struct smmu_level *l, uint64_t now)
{
    if (now > l->window_end)
        smmu_level_update(l, now);
    uint64_t value = ++l->value;
    l->area_rest -= now;
    l->taken++;
    if (value > l->max)
        l->max = value;
    if (value == 1)
        l->busy_rest -= now;
    if (value == l->limit)
        l->full_rest -= now;
    if (l->changed)
        l->changed(l->user, l, now);
}

/* At `now`, likewise, it is one less; it is not 0. */
static inline void smmu_level_fall(struct smmu_level *l, uint64_t now)
{
    if (now > l->window_end)
        smmu_level_update(l, now);
    uint64_t was = l->value--;
    l->area_rest += now;
    if (was == 1)
        l->busy_rest += now;
    if (was == l->limit)
        l->full_rest += now;
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
