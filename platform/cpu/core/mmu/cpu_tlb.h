/* SPDX-License-Identifier: Apache-2.0 */
/* The translation lookaside buffer: what walks found, and host pointers to reach it in one step. */
#ifndef A64_TLB_H
#define A64_TLB_H

#include "state/state.h"

void tlb_flush(struct a64_cpu *c);

/* Tag bits that stand for `key`; may flush to make room. Key 0 is that of no translation. */
uint64_t tlb_context(struct a64_cpu *c, uint64_t key);

/* The entry that translates `va` (canonical) at `el`, or NULL. */
const struct a64_tlb_entry *tlb_find(const struct a64_cpu *c, unsigned el, uint64_t va);

/* Enters a translation of `va` (canonical) at `el`. */
const struct a64_tlb_entry *tlb_fill(struct a64_cpu *c, unsigned el, uint64_t va,
                                     const struct a64_translation *t);

/* Lets stores through `e` take the fast path again, if nothing stands against it any more. */
void tlb_refresh(struct a64_cpu *c, unsigned el, const struct a64_tlb_entry *e);

/* Watchpoints have changed, or whether accesses are counted: decides anew which entries accesses
 * may take the fast path through. */
void tlb_retag(struct a64_cpu *c);

/* Invalidations (DDI 0487 D8.17). One by VA drops every entry made from the page or block that
 * contains `va`; global entries match any ASID. */
struct tlb_selector {
    bool el2; /* the EL2 regime, whose entries have neither ASID nor VMID; else EL1&0 */
    bool by_vmid, by_asid, by_va;
    uint16_t vmid;
    uint16_t asid;
    uint64_t va;
};
void tlb_invalidate(struct a64_cpu *c, const struct tlb_selector *s);
void tlb_invalidate_pa(struct a64_cpu *c, uint64_t first, uint64_t last); /* of all regimes */

/* Stores to the physical page of `pa` take the slow path from now on: it holds code. */
void tlb_watch_writes(struct a64_cpu *c, uint64_t pa);

#endif
