/* SPDX-License-Identifier: Apache-2.0 */
/* Replacement policies (enum smmu_replacement): which entry of a full set a new one pushes out.
 * Caches keep account of when each slot was filled and used, which is cheap; a policy looks at it
 * when an entry has to go. Where even that is too much, `counts_uses` says whether it will. */
#ifndef SMMU_CORE_REPLACEMENT_H
#define SMMU_CORE_REPLACEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smmu/config.h"

struct replacement_policy;

/* The account of a cache. Its slots are numbered through all sets, those of a set in a row. */
struct replacement {
    uint64_t clock;   /* counts fills and uses */
    uint64_t *used;   /* of each slot: when it was filled or used */
    uint64_t *filled; /* when it was filled; `used` where that is not asked for */
    uint64_t *notes;  /* what the policy has to remember */
    const struct replacement_policy *policy;
    uint64_t chance; /* state of the generator */
    void *room;      /* to be freed */
    uint32_t ways;
    bool counts_uses; /* the policy looks at `used` */
};

/* Begin with nothing filled. `policy` is below SMMU_REPLACE_COUNT; `seed` is that of chance. False
 * if memory is short. */
bool replacement_init(struct replacement *account, uint8_t policy, uint32_t sets, uint32_t ways,
                      uint64_t seed);
void replacement_free(struct replacement *account);

/* The entry of `slot` was found. */
static inline void replacement_used(struct replacement *account, uint32_t slot)
{
    account->used[slot] = ++account->clock;
}

/* A new entry is in `slot`. */
static inline void replacement_filled(struct replacement *account, uint32_t slot)
{
    account->used[slot] = account->filled[slot] = ++account->clock;
}

/* The slot to be filled next of the set whose first is `first`, all of them being in use. */
uint32_t replacement_victim(struct replacement *account, uint32_t first);

#endif
