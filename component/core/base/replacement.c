/* SPDX-License-Identifier: Apache-2.0 */
/* Replacement policies: a row each. */
#include "base/replacement.h"

#include <stdlib.h>

#include "base/lines.h"

struct replacement_policy {
    const char *name;
    bool counts_uses;
    uint8_t words; /* for each slot: `used`, then `filled` if it counts, then `notes` */
    uint32_t (*victim)(struct replacement *account, uint32_t first);
};

/* --- LRU, FIFO -------------------------------------------------------------------------------- */

/* The slot with the lowest stamp. */
static uint32_t oldest(const uint64_t *stamps, uint32_t first, uint32_t ways)
{
    uint32_t found = first;
    for (uint32_t i = first + 1; i < first + ways; i++)
        if (stamps[i] < stamps[found])
            found = i;
    return found;
}

static uint32_t lru(struct replacement *account, uint32_t first)
{
    return oldest(account->used, first, account->ways);
}

static uint32_t fifo(struct replacement *account, uint32_t first)
{
    return oldest(account->filled, first, account->ways);
}

/* --- PLRU ------------------------------------------------------------------------------------- */

static uint64_t latest(const uint64_t *stamps, uint32_t first, uint32_t ways)
{
    uint64_t found = 0;
    for (uint32_t i = first; i < first + ways; i++)
        found = stamps[i] > found ? stamps[i] : found;
    return found;
}

/* Each node of the tree points away from the half that was used last. */
static uint32_t plru(struct replacement *account, uint32_t first)
{
    const uint64_t *used = account->used;
    for (uint32_t half = account->ways / 2; half != 0; half /= 2)
        if (latest(used, first, half) > latest(used, first + half, half))
            first += half;
    return first;
}

/* --- random ----------------------------------------------------------------------------------- */

/* splitmix64: the next 64 bits. */
static uint64_t draw(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint32_t any(struct replacement *account, uint32_t first)
{
    return first + (uint32_t)((draw(&account->chance) >> 32) * account->ways >> 32);
}

/* --- SRRIP with two bits ----------------------------------------------------------------------
 * How late a use of each slot is expected. */

enum { EXPECTED_NOW = 0, EXPECTED_LATE = 2, EXPECTED_NEVER = 3, EXPECTED_BITS = 2 };

/* The note of a slot: when it was made, and above what was expected then. Of what has happened
 * since the last event counts: a use, or else that the slot was filled. */
static uint64_t expected(const struct replacement *account, uint32_t slot)
{
    uint64_t note = account->notes[slot];
    if (account->used[slot] <= note >> EXPECTED_BITS)
        return note & EXPECTED_NEVER;
    return account->used[slot] == account->filled[slot] ? EXPECTED_LATE : EXPECTED_NOW;
}

/* The first slot whose use is expected never; until there is one, all are put off. */
static uint32_t rrip(struct replacement *account, uint32_t first)
{
    uint32_t found = first;
    for (uint32_t i = first + 1; i < first + account->ways; i++)
        if (expected(account, i) > expected(account, found))
            found = i;
    uint64_t later = EXPECTED_NEVER - expected(account, found);
    for (uint32_t i = first; i < first + account->ways; i++)
        account->notes[i] = account->clock << EXPECTED_BITS | (expected(account, i) + later);
    return found;
}

/* --- all of them ------------------------------------------------------------------------------ */

static const struct replacement_policy policies[SMMU_REPLACE_COUNT] = {
    [SMMU_REPLACE_LRU] = {"lru", true, 1, lru},
    [SMMU_REPLACE_PLRU] = {"plru", true, 1, plru},
    [SMMU_REPLACE_FIFO] = {"fifo", false, 2, fifo},
    [SMMU_REPLACE_RANDOM] = {"random", false, 1, any},
    [SMMU_REPLACE_RRIP] = {"rrip", true, 3, rrip},
};

uint32_t replacement_victim(struct replacement *account, uint32_t first)
{
    return account->policy->victim(account, first);
}

const char *smmu_replacement_name(enum smmu_replacement policy)
{
    return policy < SMMU_REPLACE_COUNT ? policies[policy].name : "?";
}

bool replacement_init(struct replacement *account, uint8_t policy, uint32_t sets, uint32_t ways,
                      uint64_t seed)
{
    const struct replacement_policy *row = &policies[policy];
    size_t slots = (size_t)sets * ways;
    *account = (struct replacement){
        .policy = row, .chance = seed, .ways = ways, .counts_uses = row->counts_uses};
    account->used = lines_alloc(row->words * slots, sizeof(*account->used), &account->room);
    if (!account->used)
        return false;
    account->filled = account->used + (row->words > 1 ? slots : 0);
    account->notes = account->used + (row->words - 1u) * slots;
    return true;
}

void replacement_free(struct replacement *account)
{
    free(account->room);
}
