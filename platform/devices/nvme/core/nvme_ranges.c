/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of ranges: sorted arrays. */
#include "nvme_ranges.h"

#include <string.h>

/* The first range that ends at `at` or later. */
static unsigned find(const struct ranges *set, uint64_t at)
{
    unsigned i = 0;

    while (i < set->count && set->range[i].end < at)
        i++;
    return i;
}

/* In place of `old` ranges from number `i` on come the `count` of `with`. */
static void replace(struct ranges *set, unsigned i, unsigned old, const struct range *with,
                    unsigned count)
{
    memmove(&set->range[i + count], &set->range[i + old],
            (set->count - i - old) * sizeof(*set->range));
    memcpy(&set->range[i], with, count * sizeof(*with));
    set->count += count - old;
}

/* Makes one range of the two that are nearest to each other. */
static void join_nearest(struct ranges *set)
{
    unsigned nearest = 0;

    for (unsigned i = 1; i + 1 < set->count; i++)
        if (set->range[i + 1].first - set->range[i].end <
            set->range[nearest + 1].first - set->range[nearest].end)
            nearest = i;
    const struct range both = {set->range[nearest].first, set->range[nearest + 1].end};
    replace(set, nearest, 2, &both, 1);
}

void ranges_add(struct ranges *set, uint64_t first, uint64_t end)
{
    struct range added = {first, end};
    unsigned i = find(set, first);
    unsigned old = 0;

    for (; i + old < set->count && set->range[i + old].first <= end; old++) {
        const struct range *near = &set->range[i + old];
        added.first = near->first < added.first ? near->first : added.first;
        added.end = near->end > added.end ? near->end : added.end;
    }
    if (old == 0 && set->count == NVME_RANGES) {
        join_nearest(set);
        ranges_add(set, first, end);
        return;
    }
    replace(set, i, old, &added, 1);
}

void ranges_remove(struct ranges *set, uint64_t first, uint64_t end)
{
    for (unsigned i = 0; i < set->count;) {
        const struct range *old = &set->range[i];
        struct range left[2];
        unsigned count = 0;

        if (old->end <= first || old->first >= end) {
            i++;
            continue;
        }
        if (old->first < first)
            left[count++] = (struct range){old->first, first};
        if (old->end > end)
            left[count++] = (struct range){end, old->end};
        if (set->count + count > NVME_RANGES + 1)
            return;
        replace(set, i, 1, left, count);
        i += count;
    }
}

bool ranges_overlap(const struct ranges *set, uint64_t first, uint64_t end)
{
    unsigned i = find(set, first + 1);

    return i < set->count && set->range[i].first < end;
}

void ranges_move(struct ranges *set, struct ranges *from)
{
    for (unsigned i = 0; i < from->count; i++)
        ranges_add(set, from->range[i].first, from->range[i].end);
    from->count = 0;
}
