/* SPDX-License-Identifier: Apache-2.0 */
/* Levels over time: see smmu/tlm/level.h. */
#include "smmu/tlm/level.h"

#include <string.h>

void smmu_level_begin(struct smmu_level *l, uint64_t now, unsigned log2_window)
{
    *l = (struct smmu_level){.value = l->value,
                             .limit = l->limit,
                             .max = l->value,
                             .begin = now,
                             .upto = now,
                             .log2_window = log2_window,
                             .changed = l->changed,
                             .user = l->user};
}

/* Two windows become one. */
static void grow(struct smmu_level *l)
{
    const unsigned half = SMMU_LEVEL_WINDOWS / 2;
    for (unsigned i = 0; i < half; i++)
        l->windows[i] = l->windows[2 * i] + l->windows[2 * i + 1];
    memset(l->windows + half, 0, half * sizeof *l->windows);
    l->log2_window++;
}

static unsigned window_of(const struct smmu_level *l, uint64_t at)
{
    return (unsigned)((at - l->begin) >> l->log2_window);
}

/* The value, from `upto` on for all windows up to `now`. */
static void fill_windows(struct smmu_level *l, uint64_t now)
{
    for (uint64_t at = l->upto; at < now;) {
        unsigned window = window_of(l, at);
        uint64_t end = l->begin + ((uint64_t)(window + 1) << l->log2_window);
        uint64_t until = end < now ? end : now;
        l->windows[window] += l->value * (until - at);
        at = until;
    }
}

void smmu_level_update(struct smmu_level *l, uint64_t now)
{
    uint64_t passed = now - l->upto;
    if (passed == 0)
        return;
    while ((now - 1 - l->begin) >> l->log2_window >= SMMU_LEVEL_WINDOWS)
        grow(l);
    if (l->value != 0) {
        l->busy += passed;
        l->area += l->value * passed;
        if (l->limit != 0 && l->value >= l->limit)
            l->full += passed;
        fill_windows(l, now);
    }
    l->upto = now;
}

unsigned smmu_level_windows(const struct smmu_level *l)
{
    return l->upto == l->begin ? 0 : window_of(l, l->upto - 1) + 1;
}
