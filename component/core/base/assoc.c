/* SPDX-License-Identifier: Apache-2.0 */
/* The set-associative store: what is not on the hit path. */
#include "base/assoc.h"

#include <stdlib.h>

#include "base/bits.h"
#include "base/lines.h"

static const struct assoc_key empty = {.id_mask = ASSOC_VALID};

bool assoc_init(struct assoc *store, const struct assoc_plan *plan)
{
    const struct smmu_cache_shape *shape = &plan->shape;
    *store = (struct assoc){.sets = shape->sets,
                            .ways = shape->sets != 0 ? shape->ways : 0,
                            .entry_size = plan->entry_size};
    store->sets_log2 = (uint8_t)log2_ceil(shape->sets);
    size_t slots = (size_t)store->sets * store->ways;
    store->keys = lines_alloc(slots ? slots : 1, sizeof(*store->keys), &store->keys_room);
    if (slots == 0) {
        if (store->keys)
            *store->keys = empty;
        return store->keys != NULL;
    }
    store->set_mask = shape->sets - 1;
    bool room =
        replacement_init(&store->replacement, plan->policy, shape->sets, shape->ways, plan->seed);
    store->entries = lines_alloc(slots, plan->entry_size, &store->entries_room);
    if (!room || !store->keys || !store->entries) {
        assoc_free(store);
        return false;
    }
    for (size_t slot = 0; slot < slots; slot++)
        store->keys[slot] = empty;
    return true;
}

void assoc_free(struct assoc *store)
{
    free(store->keys_room);
    free(store->entries_room);
    replacement_free(&store->replacement);
    *store = (struct assoc){0};
}

unsigned assoc_count(const struct assoc *store, uint64_t hash, uint64_t addr, uint64_t id)
{
    uint32_t first = assoc_set(store, hash);
    unsigned count = 0;
    for (uint32_t slot = first; slot < first + store->ways; slot++)
        count += assoc_answers(&store->keys[slot], addr, id | ASSOC_VALID);
    return count;
}

/* Where a new entry goes. */
static uint32_t choose_slot(struct assoc *store, uint32_t first, const struct assoc_key *key)
{
    const uint32_t end = first + store->ways;
    uint32_t free_slot = end;
    for (uint32_t slot = first; slot < end; slot++) {
        if (assoc_answers(&store->keys[slot], key->addr, key->id))
            return slot;
        if (!assoc_used(store, slot) && free_slot == end)
            free_slot = slot;
    }
    return free_slot < end ? free_slot : replacement_victim(&store->replacement, first);
}

void *assoc_insert(struct assoc *store, uint64_t hash, const struct assoc_key *key,
                   struct assoc_place *place)
{
    *place = (struct assoc_place){.was = ASSOC_FREE};
    if (store->sets == 0)
        return NULL;
    struct assoc_key used_key = *key;
    used_key.id |= ASSOC_VALID;
    used_key.id_mask |= ASSOC_VALID;
    uint32_t slot = choose_slot(store, assoc_set(store, hash), &used_key);
    const struct assoc_key *there = &store->keys[slot];
    if (assoc_used(store, slot))
        place->was = assoc_answers(there, used_key.addr, used_key.id) ? ASSOC_SAME : ASSOC_EVICTED;
    place->slot = slot;
    store->keys[slot] = used_key;
    replacement_filled(&store->replacement, slot);
    return store->entries + slot * store->entry_size;
}

/* Remove the entry of `slot`, if there is one and `match` says so. Whether it was removed. */
static bool remove_slot(struct assoc *store, uint32_t slot, assoc_match *match, const void *context)
{
    struct assoc_key *key = &store->keys[slot];
    if (!assoc_used(store, slot) || !match(store->entries + slot * store->entry_size, context))
        return false;
    *key = empty;
    return true;
}

uint32_t assoc_remove_if(struct assoc *store, uint64_t id, uint64_t id_mask, assoc_match *match,
                         const void *context)
{
    uint32_t removed = 0;
    id |= ASSOC_VALID;
    id_mask |= ASSOC_VALID;
    for (uint32_t slot = 0; slot < store->sets * store->ways; slot++)
        if (((store->keys[slot].id ^ id) & store->keys[slot].id_mask & id_mask) == 0)
            removed += remove_slot(store, slot, match, context);
    return removed;
}

uint32_t assoc_remove_in_set(struct assoc *store, uint64_t hash, assoc_match *match,
                             const void *context)
{
    if (store->sets == 0)
        return 0;
    uint32_t removed = 0, first = assoc_set(store, hash);
    for (uint32_t slot = first; slot < first + store->ways; slot++)
        removed += remove_slot(store, slot, match, context);
    return removed;
}

uint32_t assoc_remove_chained(struct assoc *store, struct chains *chains, uint32_t chain,
                              assoc_match *match, const void *context)
{
    uint32_t removed = 0, next;
    for (uint32_t slot = chains_next(chains, chain); slot < chains->slots; slot = next) {
        next = chains_next(chains, slot);
        removed += remove_slot(store, slot, match, context);
        if (!assoc_used(store, slot))
            chains_take(chains, slot);
    }
    return removed;
}

bool assoc_empty(const struct assoc *store)
{
    for (uint32_t slot = 0; slot < store->sets * store->ways; slot++)
        if (assoc_used(store, slot))
            return false;
    return true;
}
