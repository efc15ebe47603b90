/* SPDX-License-Identifier: Apache-2.0 */
/* Address map: a sorted array with binary search. */
#include "bus/addrmap.h"

#include <stdlib.h>
#include <string.h>

struct addrmap {
    struct addrmap_entry *entries;
    size_t count;
};

struct addrmap *addrmap_create(void)
{
    return calloc(1, sizeof(struct addrmap));
}

void addrmap_destroy(struct addrmap *map)
{
    if (map == NULL)
        return;
    free(map->entries);
    free(map);
}

/* Index of the first entry that ends at or after `addr`; the count if there is none. */
static size_t lower_bound(const struct addrmap *map, uint64_t addr)
{
    size_t low = 0;
    size_t high = map->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (map->entries[middle].last < addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum addrmap_status addrmap_add(struct addrmap *map, const struct addrmap_entry *entry)
{
    if (entry->last < entry->first)
        return ADDRMAP_EMPTY_RANGE;

    size_t at = lower_bound(map, entry->first);
    if (at < map->count && map->entries[at].first <= entry->last)
        return ADDRMAP_OVERLAP;

    struct addrmap_entry *grown =
        realloc(map->entries, (map->count + 1) * sizeof(struct addrmap_entry));
    if (grown == NULL)
        return ADDRMAP_NO_MEMORY;
    memmove(grown + at + 1, grown + at, (map->count - at) * sizeof(*grown));
    grown[at] = *entry;
    map->entries = grown;
    map->count++;
    return ADDRMAP_OK;
}

size_t addrmap_count(const struct addrmap *map)
{
    return map->count;
}

const struct addrmap_entry *addrmap_at(const struct addrmap *map, size_t i)
{
    return &map->entries[i];
}

static bool has(const struct addrmap_entry *entry, uint64_t addr)
{
    return entry->first <= addr && addr <= entry->last;
}

const struct addrmap_entry *addrmap_find(const struct addrmap *map, uint64_t addr, size_t *hint)
{
    if (*hint < map->count && has(&map->entries[*hint], addr))
        return &map->entries[*hint];

    size_t at = lower_bound(map, addr);
    if (at == map->count || !has(&map->entries[at], addr))
        return NULL;
    *hint = at;
    return &map->entries[at];
}

bool addrmap_gap(const struct addrmap *map, uint64_t addr, uint64_t *first, uint64_t *last)
{
    size_t at = lower_bound(map, addr);

    if (at < map->count && has(&map->entries[at], addr))
        return false;
    *first = at == 0 ? 0 : map->entries[at - 1].last + 1;
    *last = at == map->count ? UINT64_MAX : map->entries[at].first - 1;
    return true;
}
