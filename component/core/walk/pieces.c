/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of larger blocks and pages, in chains: see pieces.h. */
#include "walk/pieces.h"

#include <stdlib.h>

#include "base/bits.h"

bool pieces_init(struct pieces *pieces, uint32_t slots, uint32_t chains)
{
    *pieces = (struct pieces){.slots = slots, .chains = chains};
    if (slots == 0)
        return true;
    pieces->link = malloc(((size_t)slots + chains) * sizeof(*pieces->link));
    if (!pieces->link)
        return false;
    for (uint32_t i = 0; i < slots + chains; i++)
        pieces->link[i] = (struct piece_link){i, i};
    return true;
}

void pieces_free(struct pieces *pieces)
{
    free(pieces->link);
    *pieces = (struct pieces){0};
}

/* Neighbouring leaves have chains of their own; the upper bits are folded in. */
static uint32_t chain_of(const struct pieces *pieces, uint64_t addr, unsigned leaf_log2)
{
    uint64_t leaf = addr >> leaf_log2;
    leaf ^= leaf >> 9 ^ leaf >> 18;
    return pieces->slots + (uint32_t)(leaf & (pieces->chains - 1));
}

void pieces_take(struct pieces *pieces, uint32_t slot)
{
    struct piece_link *link = pieces->link;
    link[link[slot].prev].next = link[slot].next;
    link[link[slot].next].prev = link[slot].prev;
    link[slot] = (struct piece_link){slot, slot};
}

void pieces_put(struct pieces *pieces, uint32_t slot, uint64_t addr, unsigned leaf_log2)
{
    struct piece_link *link = pieces->link;
    uint32_t chain = chain_of(pieces, addr, leaf_log2);

    pieces_take(pieces, slot);
    link[slot] = (struct piece_link){.next = link[chain].next, .prev = chain};
    link[link[chain].next].prev = slot;
    link[chain].next = slot;
    pieces->leaves |= BIT64(leaf_log2);
}

uint32_t pieces_first(const struct pieces *pieces, uint64_t addr, unsigned leaf_log2)
{
    return pieces->link[chain_of(pieces, addr, leaf_log2)].next;
}

uint32_t pieces_next(const struct pieces *pieces, uint32_t slot)
{
    return pieces->link[slot].next;
}
