/* SPDX-License-Identifier: Apache-2.0 */
/* A set of small integers that finds its least member in a few steps, however many there are. */
#ifndef GIC_MINSET_H
#define GIC_MINSET_H

#include <stdbool.h>
#include <stdint.h>

#define MINSET_KEYS (UINT32_C(1) << 21)

/* A bit for each key, and above it bits that say which 64 of the level below are not all zero. All
 * zeros is the empty set. */
struct minset {
    uint64_t root[MINSET_KEYS >> 18];
    uint64_t inner[MINSET_KEYS >> 12];
    uint64_t leaf[MINSET_KEYS >> 6];
};

static inline uint64_t minset_bit(uint32_t n)
{
    return UINT64_C(1) << (n & 63);
}

/* Keys are below MINSET_KEYS; adding a member and removing a stranger change nothing. */
static inline void minset_add(struct minset *set, uint32_t key)
{
    set->leaf[key >> 6] |= minset_bit(key);
    set->inner[key >> 12] |= minset_bit(key >> 6);
    set->root[key >> 18] |= minset_bit(key >> 12);
}

static inline void minset_remove(struct minset *set, uint32_t key)
{
    set->leaf[key >> 6] &= ~minset_bit(key);
    if (set->leaf[key >> 6])
        return;
    set->inner[key >> 12] &= ~minset_bit(key >> 6);
    if (!set->inner[key >> 12])
        set->root[key >> 18] &= ~minset_bit(key >> 12);
}

/* Gives the least member in `key`; false if the set is empty. */
static inline bool minset_first(const struct minset *set, uint32_t *key)
{
    uint32_t at = 0;

    while (at < sizeof(set->root) / sizeof(*set->root) && !set->root[at])
        at++;
    if (at == sizeof(set->root) / sizeof(*set->root))
        return false;
    at = at << 6 | (uint32_t)__builtin_ctzll(set->root[at]);
    at = at << 6 | (uint32_t)__builtin_ctzll(set->inner[at]);
    *key = at << 6 | (uint32_t)__builtin_ctzll(set->leaf[at]);
    return true;
}

#endif
