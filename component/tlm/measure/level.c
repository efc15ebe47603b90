/* SPDX-License-Identifier: Apache-2.0 */
/* Levels over time: see smmu/tlm/level.h. */
#include "smmu/tlm/level.h"

/* Of the time up to `now`, what counts if `counts`. */
static uint64_t if_so(int counts, uint64_t now)
{
    return counts ? now : 0;
}

void smmu_level_begin(struct smmu_level *l, uint64_t now, unsigned log2_window)
{
    *l = (struct smmu_level){.value = l->value,
                             .limit = l->limit,
                             .max = l->value,
                             .area_rest = -(l->value * now),
                             .busy_rest = -if_so(l->value != 0, now),
                             .full_rest = -if_so(smmu_level_is_full(l, l->value), now),
                             .window_end = now + (UINT64_C(1) << log2_window),
                             .changed = l->changed,
                             .user = l->user,
                             .begin = now,
                             .upto = now,
                             .log2_window = log2_window};
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
    l->full = l->full_rest + if_so(smmu_level_is_full(l, l->value), now);
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
