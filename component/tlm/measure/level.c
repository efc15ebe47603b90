/* SPDX-License-Identifier: Apache-2.0 */
/* Levels over time: see smmu/tlm/level.h. */
#include "smmu/tlm/level.h"

/* Of the time up to `now`, what counts if `counts`. */
static uint64_t if_so(int counts, uint64_t now)
{
    return counts ? now : 0;
}

/* Whether `value` is at the limit or above. */
static int is_full(const struct smmu_level *l, uint64_t value)
{
    return l->limit != 0 && value >= l->limit;
}

/* What `max`, `limit` and `changed` say of it. */
static uint64_t calm(const struct smmu_level *l)
{
    uint64_t top = l->limit != 0 && l->limit <= l->max ? l->limit - 1 : l->max;
    return l->changed ? 0 : top;
}

void smmu_level_begin(struct smmu_level *l, uint64_t now, unsigned log2_window)
{
    *l = (struct smmu_level){.value = l->value,
                             .limit = l->limit,
                             .max = l->value,
                             .area_rest = -(l->value * now),
                             .busy_rest = -if_so(l->value != 0, now),
                             .full_rest = -if_so(is_full(l, l->value), now),
                             .window_end = now + (UINT64_C(1) << log2_window),
                             .changed = l->changed,
                             .user = l->user,
                             .begin = now,
                             .upto = now,
                             .log2_window = log2_window};
    l->calm = calm(l);
}

/* Two windows become one. */
static void grow(struct smmu_level *l)
{
    l->windows /= 2;
    for (unsigned i = 0; i < l->windows; i++)
        l->areas[i] = l->areas[2 * i + 1];
    l->log2_window++;
}

/* Within a window. */
static void bring(struct smmu_level *l, uint64_t now)
{
    l->area = l->area_rest + l->value * now;
    l->busy = l->busy_rest + if_so(l->value != 0, now);
    l->full = l->full_rest + if_so(is_full(l, l->value), now);
    l->upto = now;
}

static void end_window(struct smmu_level *l)
{
    bring(l, l->window_end);
    l->areas[l->windows++] = l->area;
    if (l->windows == SMMU_LEVEL_WINDOWS)
        grow(l);
    l->window_end = l->begin + ((uint64_t)(l->windows + 1) << l->log2_window);
}

void smmu_level_update(struct smmu_level *l, uint64_t now)
{
    while (now > l->window_end)
        end_window(l);
    bring(l, now);
}

void smmu_level_set(struct smmu_level *l, uint64_t now, uint64_t value)
{
    uint64_t was = l->value;
    if (value == was)
        return;
    if (now > l->window_end)
        smmu_level_update(l, now);
    l->area_rest -= (value - was) * now;
    l->taken += value > was ? value - was : 0;
    l->busy_rest += if_so(value == 0, now) - if_so(was == 0, now);
    l->full_rest += if_so(is_full(l, was), now) - if_so(is_full(l, value), now);
    l->value = value;
    if (value > l->max) {
        l->max = value;
        l->calm = calm(l);
    }
    if (l->changed)
        l->changed(l->user, l, now);
}

void smmu_level_tell(struct smmu_level *l,
                     void (*changed)(void *user, const struct smmu_level *l, uint64_t now),
                     void *user)
{
    l->changed = changed;
    l->user = user;
    l->calm = calm(l);
}

unsigned smmu_level_windows(const struct smmu_level *l)
{
    uint64_t over = l->begin + ((uint64_t)l->windows << l->log2_window);
    return l->windows + (l->upto > over ? 1 : 0);
}

uint64_t smmu_level_window(const struct smmu_level *l, unsigned window)
{
    uint64_t end = window < l->windows ? l->areas[window] : l->area;
    return window == 0 ? end : end - l->areas[window - 1];
}
