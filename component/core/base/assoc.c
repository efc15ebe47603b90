/* SPDX-License-Identifier: Apache-2.0 */
/* The set-associative store: what is not on the hit path. */
#include "base/assoc.h"

#include <stdlib.h>

bool assoc_init(struct assoc *store, const struct smmu_cache_shape *shape, size_t entry_size)
{
    *store = (struct assoc){.sets = shape->sets, .ways = shape->ways, .entry_size = entry_size};
    size_t slots = (size_t)shape->sets * shape->ways;
    if (slots == 0)
        return true;
    store->keys = calloc(slots, sizeof(*store->keys));
    store->used = calloc(slots, sizeof(*store->used));
    store->entries = calloc(slots, entry_size);
    if (store->keys && store->used && store->entries)
        return true;
    assoc_free(store);
    return false;
}

void assoc_free(struct assoc *store)
{
    free(store->keys);
    free(store->used);
    free(store->entries);
    *store = (struct assoc){0};
}

static bool same_key(const struct assoc_key *a, const struct assoc_key *b)
{
    return a->addr == b->addr && a->id == b->id && a->id_mask == b->id_mask;
}

/* Where a new entry goes: the same key, else a free slot, else the oldest. */
static uint32_t choose_slot(const struct assoc *store, uint32_t first, const struct assoc_key *key)
{
    uint32_t oldest = first;
    for (uint32_t i = first; i < first + store->ways; i++) {
        if (same_key(&store->keys[i], key))
            return i;
        bool free_slot = !(store->keys[i].id & ASSOC_VALID);
        bool oldest_free = !(store->keys[oldest].id & ASSOC_VALID);
        if (!oldest_free && (free_slot || store->used[i] < store->used[oldest]))
            oldest = i;
    }
    return oldest;
}

void *assoc_insert(struct assoc *store, uint64_t hash, const struct assoc_key *key, bool *evicted)
{
    *evicted = false;
    if (store->sets == 0)
        return NULL;
    struct assoc_key used_key = *key;
    used_key.id |= ASSOC_VALID;
    uint32_t slot = choose_slot(store, assoc_set(store, hash), &used_key);
    *evicted = (store->keys[slot].id & ASSOC_VALID) && !same_key(&store->keys[slot], &used_key);
    store->keys[slot] = used_key;
    store->used[slot] = ++store->clock;
    return store->entries + slot * store->entry_size;
}

bool assoc_remove_slot(struct assoc *store, uint32_t slot, assoc_match *match, const void *context)
{
    struct assoc_key *key = &store->keys[slot];
    if (!assoc_used(store, slot) || !match(store->entries + slot * store->entry_size, context))
        return false;
    *key = (struct assoc_key){0};
    return true;
}

static uint32_t remove_range(struct assoc *store, uint32_t first, uint32_t count,
                             assoc_match *match, const void *context)
{
    uint32_t removed = 0;
    for (uint32_t slot = first; slot < first + count; slot++)
        removed += assoc_remove_slot(store, slot, match, context);
    return removed;
}

uint32_t assoc_remove_if(struct assoc *store, assoc_match *match, const void *context)
{
    return remove_range(store, 0, store->sets * store->ways, match, context);
}

uint32_t assoc_remove_in_set(struct assoc *store, uint64_t hash, assoc_match *match,
                             const void *context)
{
    if (store->sets == 0)
        return 0;
    return remove_range(store, assoc_set(store, hash), store->ways, match, context);
}
