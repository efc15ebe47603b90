/* SPDX-License-Identifier: Apache-2.0 */
/* The store of decoded blocks: found by physical address, dropped when their bytes change. */
#include "mmu/block.h"

#include <string.h>

#include "mmu/jump.h"

/* A slot has the address of a block and its number, plus one, so that a look at it tells all; 0 if
 * it is free. A block is in the first slot from its hash on that was free. */
#define SLOT_NUMBER BITS(15, 0)
#define SLOT_PA     BITS(61, 16) /* shifted, of 48 bits that are a multiple of 4 */
enum { SLOT_PA_SHIFT = 14 };
static_assert(BLOCK_POOL <= SLOT_NUMBER, "slots have room for any number");

static uint64_t slot_pa(uint64_t slot)
{
    return (slot & SLOT_PA) >> SLOT_PA_SHIFT;
}

static unsigned hash(uint64_t pa)
{
    return (pa >> 2 ^ pa >> 18) % BLOCK_SLOTS;
}

static unsigned after(unsigned slot)
{
    return (slot + 1) % BLOCK_SLOTS;
}

/* The slot of the block at `pa`, or the one that it would be in. */
static unsigned find_slot(const struct a64_blocks *b, uint64_t pa)
{
    unsigned n = hash(pa);
    while (b->slot[n] && slot_pa(b->slot[n]) != pa)
        n = after(n);
    return n;
}

static unsigned page_bucket(uint64_t pa)
{
    return (pa >> TLB_PAGE_SHIFT) % CODE_PAGES;
}

bool block_page_has_code(const struct a64_cpu *c, uint64_t pa)
{
    const struct a64_blocks *b = &c->blocks;
    for (uint32_t n = b->page[page_bucket(pa)]; n; n = b->pool[n - 1].page_next)
        if (!((b->pool[n - 1].pa ^ pa) & TLB_PAGE_MASK))
            return true;
    return false;
}

void block_flush(struct a64_cpu *c)
{
    memset(c->blocks.slot, 0, sizeof c->blocks.slot);
    memset(c->blocks.page, 0, sizeof c->blocks.page);
    c->blocks.used = 0;
    c->blocks.ops_used = 0;
    jump_forget(c);
}

/* ---- Finding and entering ---- */

const struct a64_block *block_find(const struct a64_cpu *c, uint64_t pa)
{
    const struct a64_blocks *b = &c->blocks;
    uint64_t slot = b->slot[find_slot(b, pa)];
    return slot ? &b->pool[bits_get(slot, SLOT_NUMBER) - 1] : NULL;
}

struct a64_op *block_room(struct a64_cpu *c)
{
    struct a64_blocks *b = &c->blocks;
    if (b->used == BLOCK_POOL || b->ops_used + BLOCK_MAX_INSNS + 1 > BLOCK_OP_POOL)
        block_flush(c);
    return &b->ops[b->ops_used];
}

struct a64_block *block_enter(struct a64_cpu *c, uint64_t pa, uint32_t insns)
{
    struct a64_blocks *b = &c->blocks;
    struct a64_block *block = &b->pool[b->used++];
    uint32_t *in_page = &b->page[page_bucket(pa)];
    *block = (struct a64_block){.pa = pa,
                                .insns = insns,
                                .page_next = *in_page,
                                .ops = &b->ops[b->ops_used],
                                .entry = &b->ops[b->ops_used]};
    *in_page = b->used;
    b->slot[find_slot(b, pa)] = pa << SLOT_PA_SHIFT | bits_put(SLOT_NUMBER, b->used);
    b->ops_used += insns + 1;
    return block;
}

/* ---- Invalidation ---- */

/* What comes behind the free slot moves into it where it can, so that it is found from its hash on.
 */
static void remove_from_slots(struct a64_blocks *b, const struct a64_block *block)
{
    unsigned empty = find_slot(b, block->pa);
    for (unsigned n = after(empty); b->slot[n]; n = after(n)) {
        unsigned home = hash(slot_pa(b->slot[n]));
        if ((n - home) % BLOCK_SLOTS >= (n - empty) % BLOCK_SLOTS) {
            b->slot[empty] = b->slot[n];
            empty = n;
        }
    }
    b->slot[empty] = 0;
}

static bool overlaps(const struct a64_block *block, uint64_t first, uint64_t last)
{
    return block->pa <= last && block->pa + 4 * block->insns > first;
}

/* Returns whether anything was dropped. */
static bool invalidate_bucket(struct a64_blocks *b, uint32_t *link, uint64_t first, uint64_t last)
{
    bool dropped = false;
    while (*link) {
        struct a64_block *block = &b->pool[*link - 1];
        if (overlaps(block, first, last)) {
            remove_from_slots(b, block);
            *link = block->page_next;
            dropped = true;
        } else {
            link = &block->page_next;
        }
    }
    return dropped;
}

void block_invalidate(struct a64_cpu *c, uint64_t first, uint64_t last)
{
    struct a64_blocks *b = &c->blocks;
    uint64_t pages = (last >> TLB_PAGE_SHIFT) - (first >> TLB_PAGE_SHIFT) + 1;
    unsigned buckets = pages < CODE_PAGES ? (unsigned)pages : CODE_PAGES;
    unsigned start = page_bucket(first);
    bool dropped = false;
    for (unsigned i = 0; i < buckets; i++)
        dropped |= invalidate_bucket(b, &b->page[(start + i) % CODE_PAGES], first, last);
    if (dropped)
        jump_forget(c);
}
