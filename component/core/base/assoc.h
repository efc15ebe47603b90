/* SPDX-License-Identifier: Apache-2.0 */
/* The set-associative store behind the caches: keys, replacement, removal. */
#ifndef SMMU_CORE_ASSOC_H
#define SMMU_CORE_ASSOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/chains.h"
#include "base/replacement.h"
#include "smmu/config.h"

/* The key of an entry. A lookup matches if the addresses are equal and the ids agree in the
 * bits of `id_mask`. ASSOC_VALID is set in every id in use and in every mask, so that an empty
 * slot, whose id is 0, never matches. */
struct assoc_key {
    uint64_t addr;
    uint64_t id;
    uint64_t id_mask;
};

#define ASSOC_VALID (UINT64_C(1) << 63)

struct assoc {
    uint32_t sets;     /* 0: the cache does not exist, lookups miss and inserts do nothing */
    uint32_t ways;     /* 0 without sets */
    uint32_t set_mask; /* of hashes */
    uint8_t sets_log2;
    size_t entry_size;
    struct assoc_key *keys; /* at least one, so that lookups need not ask whether there is any */
    unsigned char *entries;
    struct replacement replacement;
    void *keys_room, *entries_room; /* to be freed */
};

/* A store that is to be built. */
struct assoc_plan {
    struct smmu_cache_shape shape;
    uint8_t policy; /* enum smmu_replacement */
    uint64_t seed;
    size_t entry_size;
};

/* That of the parameter `cache` of a configuration, for entries of `type`. */
#define ASSOC_PLAN(cfg, cache, type)                                                               \
    (&(const struct assoc_plan){(cfg)->cache, (cfg)->cache##_policy, (cfg)->replacement_seed,      \
                                sizeof(type)})

/* Allocate a store. False if memory is short. */
bool assoc_init(struct assoc *store, const struct assoc_plan *plan);
void assoc_free(struct assoc *store);

/* Where an entry goes, and whose that was. */
struct assoc_place {
    uint32_t slot;
    enum { ASSOC_SAME, ASSOC_FREE, ASSOC_EVICTED } was;
};

/* Slot for `key` in the set that `hash` selects: the one that answers look-ups with it already,
 * else a free one, else the one that the policy gives up. The caller fills the returned entry,
 * which is as it was until then. NULL, and a free place, if the cache does not exist. */
void *assoc_insert(struct assoc *store, uint64_t hash, const struct assoc_key *key,
                   struct assoc_place *place);

/* Remove the entries for which `match` says so: in all sets, or in the set of `hash`. Returns how
 * many. In all sets `match` is asked only for entries whose id is `id` in those of the bits of
 * `id_mask` that look-ups compare. */
typedef bool assoc_match(const void *entry, const void *context);
uint32_t assoc_remove_if(struct assoc *store, uint64_t id, uint64_t id_mask, assoc_match *match,
                         const void *context);
uint32_t assoc_remove_in_set(struct assoc *store, uint64_t hash, assoc_match *match,
                             const void *context);

/* Remove those for which `match` says so of a chain of slots of this store. Slots without an entry
 * are taken out of the chain. */
uint32_t assoc_remove_chained(struct assoc *store, struct chains *chains, uint32_t chain,
                              assoc_match *match, const void *context);

/* Whether there is no entry. */
bool assoc_empty(const struct assoc *store);

/* Whether there is an entry in `slot`. */
static inline bool assoc_used(const struct assoc *store, uint32_t slot)
{
    return (store->keys[slot].id & ASSOC_VALID) != 0;
}

/* The slot of an entry. */
static inline uint32_t assoc_slot(const struct assoc *store, const void *entry)
{
    return (uint32_t)((size_t)((const unsigned char *)entry - store->entries) / store->entry_size);
}

/* First slot of the set that `hash` selects. Neighbouring hashes fall into neighbouring sets, and
 * the upper bits are folded in so that aligned strides spread. */
static inline uint32_t assoc_set(const struct assoc *store, uint64_t hash)
{
    hash ^= hash >> 9 ^ hash >> 18;
    return ((uint32_t)hash & store->set_mask) * store->ways;
}

/* What is added to hashes, by exclusive or, of entries that have `tags`, so that those of other
 * tags fall into other sets: multiples of the golden ratio lie far apart, however many there are.
 * With the factor 0 they fall into the same. */
#define ASSOC_GOLDEN_RATIO UINT64_C(0x9e3779b97f4a7c15)
static inline uint64_t assoc_spread(const struct assoc *store, uint64_t tags, uint64_t factor)
{
    return tags * factor >> 1 >> (63 - store->sets_log2);
}

/* Whether the entry of `key` is the one for (addr, id), whose ASSOC_VALID is set. */
static inline bool assoc_answers(const struct assoc_key *key, uint64_t addr, uint64_t id)
{
    return key->addr == addr && ((key->id ^ id) & key->id_mask) == 0;
}

/* How many entries match (addr, id). */
unsigned assoc_count(const struct assoc *store, uint64_t hash, uint64_t addr, uint64_t id);

/* The entry for (addr, id), or NULL. Does not count as a use. */
static inline void *assoc_peek(const struct assoc *store, uint64_t hash, uint64_t addr, uint64_t id,
                               uint32_t *slot)
{
    const uint32_t first = assoc_set(store, hash);
    const struct assoc_key *key = &store->keys[first];
    uint32_t way = 0;
    do {
        if (!__builtin_expect(assoc_answers(key, addr, id | ASSOC_VALID), true))
            continue;
        *slot = first + way;
        return store->entries + *slot * store->entry_size;
    } while (key++, ++way < store->ways);
    return NULL;
}

/* The same, and it counts as a use of the entry. */
static inline void *assoc_find(struct assoc *store, uint64_t hash, uint64_t addr, uint64_t id)
{
    uint32_t slot;
    void *entry = assoc_peek(store, hash, addr, id, &slot);
    if (entry)
        replacement_used(&store->replacement, slot);
    return entry;
}

#endif
