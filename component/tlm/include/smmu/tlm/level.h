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

/* Times are in one unit of the caller's. Members that a move changes are not beside each other:
 * compilers would take them together, in more steps than one by one. Where a level begins and ends
 * to be something is added to and taken from the rests, so that a change costs the same whatever
 * has passed. */
struct smmu_level {
    uint64_t value;      /* now */
    uint64_t window_end; /* of the window that upto is in */
    uint64_t area_rest;  /* with value times now it is the area now, modulo 2^64 */
    uint64_t calm;       /* up to which value it may move by 1 without a new maximum or the limit */
    uint64_t taken;      /* how often it rose, by 1 each; so far, as the rest is */
    uint64_t limit;      /* at which it is full; 0: there is none */
    uint64_t busy_rest;  /* with now, where value is not 0, it is the busy time now, likewise */
    uint64_t max;        /* so far */
    uint64_t full_rest;  /* with now, where it is full, it is the full time now, likewise */
    /* See smmu_level_tell(). */
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

/* At `now`, which is not before `upto`, it is another one. */
void smmu_level_set(struct smmu_level *l, uint64_t now, uint64_t value);

/* Tell `changed` of each new value, if it is not NULL. */
void smmu_level_tell(struct smmu_level *l,
                     void (*changed)(void *user, const struct smmu_level *l, uint64_t now),
                     void *user);

/* At `now`, likewise, it is one more: in fewer steps than by smmu_level_set(), where that is
 * neither a new maximum nor the limit. */
static inline void smmu_level_rise(struct smmu_level *l, uint64_t now)
{
    if (l->value < l->calm && now <= l->window_end) {
        if (l->value == 0)
            l->busy_rest -= now;
        l->area_rest -= now;
        l->taken++;
        l->value++;
    } else {
        smmu_level_set(l, now, l->value + 1);
    }
}

/* At `now`, likewise, it is one less; it is not 0. */
static inline void smmu_level_fall(struct smmu_level *l, uint64_t now)
{
    if (l->value <= l->calm && now <= l->window_end) {
        l->area_rest += now;
        l->value--;
        if (l->value == 0)
            l->busy_rest += now;
    } else {
        smmu_level_set(l, now, l->value - 1);
    }
}

/* How many windows there are up to `upto`, the last of which may not be over. */
unsigned smmu_level_windows(const struct smmu_level *l);

/* Value times time in one of them. */
uint64_t smmu_level_window(const struct smmu_level *l, unsigned window);

#ifdef __cplusplus
}
#endif

#endif
