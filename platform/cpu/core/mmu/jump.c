/* SPDX-License-Identifier: Apache-2.0 */
/* The jump table: entering and forgetting. */
#include "mmu/jump.h"

#include <string.h>

/* Where the set of pages has the one of 2^log2 bytes that contains `va`. */
static unsigned place(uint64_t va, unsigned log2)
{
    uint64_t page = va >> log2;
    return (unsigned)(page ^ page >> 13 ^ log2 << 7) % JUMP_PAGES;
}

void jump_enter(struct a64_cpu *c, const struct a64_tlb_entry *e, const struct a64_block *block)
{
    struct a64_jump_pages *pages = &c->jump_pages;
    unsigned n = place(c->pc, e->t.log2);
    pages->sizes |= BIT(e->t.log2);
    pages->bits[n / 64] |= BIT(n % 64);
    *jump_entry(c, c->pc) = (struct a64_jump){.pc = c->pc,
                                              .context = c->jump_contexts[e->t.global],
                                              .entry = block->entry,
                                              .insns = block->insns,
                                              .number = (uint32_t)(block - c->blocks.pool)};
}

/* What runs at EL0 is mostly an ASID's own, all else is global. */
void jump_update_contexts(struct a64_cpu *c)
{
    uint64_t epoch = c->jump_contexts[false] & JUMP_EPOCH;
    unsigned any_asid = c->tlbs.any_asid[bits_get(c->tlb_context, TLB_CONTEXT)];
    c->jump_contexts[false] = epoch | c->tlb_context | c->el;
    c->jump_contexts[true] =
        (epoch & ~JUMP_EPOCH_ASIDS) | bits_put(TLB_CONTEXT, any_asid) | JUMP_GLOBAL | c->el;
    c->jump_context = c->jump_contexts[c->el != 0];
}

/* The part of the epoch in `field` counts on, and those above it where it begins again. */
static void begin_epoch(struct a64_cpu *c, uint64_t field)
{
    uint64_t before = c->jump_contexts[false];
    c->jump_contexts[false] += field & -field;
    if (c->jump_contexts[false] < before) /* an epoch that was before */
        memset(c->jump, 0, sizeof c->jump);
    jump_update_contexts(c);
}

void jump_forget(struct a64_cpu *c)
{
    memset(&c->jump_pages, 0, sizeof c->jump_pages);
    begin_epoch(c, JUMP_EPOCH & ~JUMP_EPOCH_ASIDS);
}

void jump_forget_va(struct a64_cpu *c, uint64_t va)
{
    for (uint64_t sizes = c->jump_pages.sizes; sizes; sizes &= sizes - 1) {
        unsigned n = place(va, (unsigned)__builtin_ctzll(sizes));
        if (c->jump_pages.bits[n / 64] >> n % 64 & 1) {
            jump_forget(c);
            return;
        }
    }
}

/* That the younger half of the epoch begins again is a step of the older one, which is more. */
void jump_forget_asids(struct a64_cpu *c)
{
    begin_epoch(c, JUMP_EPOCH_ASIDS);
}
