/* SPDX-License-Identifier: Apache-2.0 */
/* The translation lookaside buffer: what walks found, and host pointers to reach it in one step. */
#ifndef A64_TLB_H
#define A64_TLB_H

#include <stdbool.h>
#include <stdint.h>

struct a64_cpu;

/* Tags are a virtual page number with, in the bits below, the context: bits 4 to 11 number the ASID
 * (0: MMU off), bits 0 to 3 are zero so that a misaligned probe can be made to miss. */
#define TLB_PAGE_SHIFT    12
#define TLB_PAGE_MASK     (~UINT64_C(0xfff))
#define TLB_CONTEXT_SHIFT 4
#define TLB_NO_TAG        UINT64_C(1) /* matches no probe */
enum { TLB_ENTRIES = 1024, TLB_CONTEXTS = 256 };

/* What a walk or its absence says about a page. */
struct a64_translation {
    uint64_t pa;   /* of the address asked for */
    uint8_t level; /* of the last descriptor */
    uint8_t log2;  /* size of the page or block */
    uint8_t attr;  /* MAIR_EL1 byte */
    uint8_t sh;    /* shareability */
    bool global;
    bool device;
    bool read[2], write[2], exec[2]; /* permissions at EL0 and EL1 */
};

struct a64_tlb_entry {
    uint64_t read_tag; /* hit: data can be read at `host` */
    uint64_t write_tag;
    uint8_t *host; /* of the start of the page */
    uint64_t tag;  /* hit: `t` translates this page */
    struct a64_translation t;
    uint16_t asid;
};

struct a64_tlb {
    struct a64_tlb_entry entry[2][TLB_ENTRIES]; /* by exception level */
    uint16_t asid[TLB_CONTEXTS];                /* of context 1 and up */
    unsigned contexts;                          /* in use, context 0 included */
};

static inline unsigned tlb_index(uint64_t va)
{
    return (unsigned)(va >> TLB_PAGE_SHIFT) % TLB_ENTRIES;
}

void tlb_flush(struct a64_cpu *c);

/* Tag bits that stand for `asid`; may flush to make room. */
uint64_t tlb_context(struct a64_cpu *c, uint16_t asid);

/* The entry that translates `va` (canonical) at `el`, or NULL. */
const struct a64_tlb_entry *tlb_find(const struct a64_cpu *c, unsigned el, uint64_t va);

/* Enters a translation of `va` (canonical) at `el`. */
const struct a64_tlb_entry *tlb_fill(struct a64_cpu *c, unsigned el, uint64_t va,
                                     const struct a64_translation *t);

/* Lets stores through `e` take the fast path again, if nothing stands against it any more. */
void tlb_refresh(struct a64_cpu *c, unsigned el, const struct a64_tlb_entry *e);

/* Watchpoints have changed: decides anew which entries accesses may take the fast path through. */
void tlb_retag(struct a64_cpu *c);

/* Invalidations. A VA one drops every entry made from the page or block that contains `va`;
 * global entries match any ASID (DDI 0487 D8.17). */
void tlb_invalidate_va(struct a64_cpu *c, uint64_t va, bool any_asid, uint16_t asid);
void tlb_invalidate_asid(struct a64_cpu *c, uint16_t asid);
void tlb_invalidate_pa(struct a64_cpu *c, uint64_t first, uint64_t last);

/* Stores to the physical page of `pa` take the slow path from now on: it holds code. */
void tlb_watch_writes(struct a64_cpu *c, uint64_t pa);

#endif
