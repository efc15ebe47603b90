/* SPDX-License-Identifier: Apache-2.0 */
/* Chains of the slots of a cache by something that their entries have in common, so that an
 * invalidation that names it need not search the cache. */
#ifndef SMMU_CORE_CHAINS_H
#define SMMU_CORE_CHAINS_H

#include <stdbool.h>
#include <stdint.h>

/* A slot in its chain, or a chain itself. A slot in no chain is one of its own. */
struct chain_link {
    uint32_t next, prev, chain;
};

/* A slot may outlive its entry there: who walks a chain looks at the entries, and takes out the
 * slots of those that are gone. */
struct chains {
    struct chain_link *link; /* of `slots` slots, then of `count` chains */
    uint32_t slots;
    uint32_t count; /* a power of two */
};

/* Allocate chains for a cache of `slots` slots, perhaps 0. False if memory is short. */
bool chains_init(struct chains *chains, uint32_t slots, uint32_t count);
void chains_free(struct chains *chains);

/* The chain of a hash. Neighbouring hashes have neighbouring chains; the upper bits are folded in.
 */
static inline uint32_t chains_of(const struct chains *chains, uint64_t hash)
{
    hash ^= hash >> 9 ^ hash >> 18;
    return chains->slots + (uint32_t)(hash & (chains->count - 1));
}

/* Take `slot` out of the chain that it is in, if it is in one. */
static inline void chains_take(struct chains *chains, uint32_t slot)
{
    struct chain_link *link = chains->link, *own = &link[slot];
    link[own->prev].next = own->next;
    link[own->next].prev = own->prev;
    *own = (struct chain_link){slot, slot, slot};
}

/* The entry of `slot` belongs to `chain`, and to no other from now on. Mostly the one before it did
 * too. */
static inline void chains_put(struct chains *chains, uint32_t slot, uint32_t chain)
{
    struct chain_link *link = chains->link;
    if (link[slot].chain == chain)
        return;
    chains_take(chains, slot);
    link[slot] = (struct chain_link){.next = link[chain].next, .prev = chain, .chain = chain};
    link[link[chain].next].prev = slot;
    link[chain].next = slot;
}

/* The slot after `at`, which is a slot or, for the first one, the chain; chains->slots or more at
 * the end. */
static inline uint32_t chains_next(const struct chains *chains, uint32_t at)
{
    return chains->link[at].next;
}

#endif
