/* SPDX-License-Identifier: Apache-2.0 */
/* Which entries of a cache are pieces of a larger block or page, found by any address of that: an
 * invalidation of one address takes them all (DDI 0487 D8.17), and must not search the cache for
 * them. */
#ifndef SMMU_CORE_PIECES_H
#define SMMU_CORE_PIECES_H

#include <stdbool.h>
#include <stdint.h>

/* A slot of the cache in its chain, or a chain itself. A slot in no chain is linked to itself. */
struct piece_link {
    uint32_t next, prev;
};

/* Chains of slots by the leaf that their entries are pieces of. A slot may outlive its entry there:
 * who walks a chain looks at the entries, and takes out what is not one. */
struct pieces {
    struct piece_link *link; /* of `slots` slots, then of `chains` chains */
    uint32_t slots;
    uint32_t chains; /* a power of two */
    uint64_t leaves; /* bit n: there may be pieces of leaves of 2^n bytes */
};

/* Allocate chains for a cache of `slots` slots. False if memory is short. */
bool pieces_init(struct pieces *pieces, uint32_t slots, uint32_t chains);
void pieces_free(struct pieces *pieces);

/* The entry of `slot` is now a piece of the leaf of 2^leaf_log2 bytes around `addr`. */
void pieces_put(struct pieces *pieces, uint32_t slot, uint64_t addr, unsigned leaf_log2);

/* The entry of `slot` is no piece, or is gone. */
void pieces_take(struct pieces *pieces, uint32_t slot);

/* The chain of the leaf around `addr`, which may hold pieces of other leaves too: its first slot,
 * and the one after `slot`; pieces->slots or more at the end. */
uint32_t pieces_first(const struct pieces *pieces, uint64_t addr, unsigned leaf_log2);
uint32_t pieces_next(const struct pieces *pieces, uint32_t slot);

#endif
