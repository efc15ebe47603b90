/* SPDX-License-Identifier: Apache-2.0 */
/* The jump table: which blocks the virtual addresses lead to that have been jumped to. Like the
 * TLB, it keeps what it knows until maintenance has it forget. */
#ifndef A64_JUMP_H
#define A64_JUMP_H

#include "state/state.h"

/* c->pc, which `e` translates, leads to `block`. */
void jump_enter(struct a64_cpu *c, const struct a64_tlb_entry *e, const struct a64_block *block);

/* Forgets all addresses; those in the page or block of stage 1 that contains `va`; those that are
 * not global. More may be forgotten. */
void jump_forget(struct a64_cpu *c);
void jump_forget_va(struct a64_cpu *c, uint64_t va);
void jump_forget_asids(struct a64_cpu *c);

/* The exception level or the TLB context has changed. */
void jump_update_contexts(struct a64_cpu *c);

/* The way to c->pc, NULL if it is not known. What follows is taken to be of the same context. */
static inline const struct a64_jump *jump_here(struct a64_cpu *c)
{
    const struct a64_jump *j = jump_entry(c, c->pc);
    if (j->pc != c->pc)
        return NULL;
    if (j->context != c->jump_contexts[true] && j->context != c->jump_contexts[false])
        return NULL;
    c->jump_context = j->context;
    return j;
}

#endif
