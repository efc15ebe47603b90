/* SPDX-License-Identifier: Apache-2.0 */
/* The translation lookaside buffer: what walks found, and host pointers to reach it in one step. */
#ifndef A64_TLB_H
#define A64_TLB_H

#include <stdbool.h>
#include <stdint.h>

#include "bits.h"

struct a64_cpu;

/* Tags are a virtual page number with, in the bits below, the context: bits 4 to 11 number the keys
 * in use (0: no stage of translation is on), bits 0 to 3 are zero so that a misaligned probe can be
 * made to miss. */
#define TLB_PAGE_SHIFT    12
#define TLB_PAGE_MASK     (~UINT64_C(0xfff))
#define TLB_CONTEXT_SHIFT 4
#define TLB_NO_TAG        UINT64_C(1) /* matches no probe */
enum { TLB_ENTRIES = 1024, TLB_CONTEXTS = 256, TLB_LEVELS = 3 };

/* What keys are made of, besides what the translations were made with. */
#define TLB_KEY_ASID   BITS(15, 0)
#define TLB_KEY_VMID   BITS(31, 16)
#define TLB_KEY_STAGE1 BIT(32)
#define TLB_KEY_STAGE2 BIT(33)
#define TLB_KEY_DC     BIT(34) /* HCR_EL2.DC */
#define TLB_KEY_PTW    BIT(35) /* HCR_EL2.PTW */
#define TLB_KEY_EL2    BIT(36) /* the EL2 regime */

enum { PERM_READ = 1, PERM_WRITE = 2, PERM_EXEC = 4, PERM_ALL = 7 };
#define PERM_USER(permissions)       (permissions)        /* at EL0 */
#define PERM_PRIVILEGED(permissions) ((permissions) << 3) /* at EL1, or in the EL2 regime */

/* What a walk or its absence says about a page. */
struct a64_translation {
    uint64_t pa;      /* of the address asked for */
    uint64_t ipa;     /* the same after stage 1, if there is a stage 2 */
    uint8_t level;    /* of the last descriptor of stage 1 */
    uint8_t s2_level; /* of stage 2 */
    uint8_t log2;     /* size of the page or block of stage 1 */
    uint8_t attr;     /* as a byte of MAIR_ELx */
    uint8_t sh;       /* shareability */
    uint8_t s1;       /* permissions: PERM_USER and PERM_PRIVILEGED */
    uint8_t s2;       /* PERM_ALL if there is no stage 2 */
    bool global;
    bool device;    /* by stage 1 */
    bool s2_device; /* by stage 2 */
};

struct a64_tlb_entry {
    uint64_t read_tag; /* hit: data can be read at `host` */
    uint64_t write_tag;
    uint8_t *host; /* of the start of the page */
    uint64_t tag;  /* hit: `t` translates this page */
    struct a64_translation t;
};
_Static_assert(sizeof(struct a64_tlb_entry) == 64, "entries are found without a multiplication");

struct a64_tlb {
    struct a64_tlb_entry entry[TLB_LEVELS][TLB_ENTRIES]; /* by exception level */
    uint64_t key[TLB_CONTEXTS];                          /* of context 1 and up */
    unsigned contexts;                                   /* in use, context 0 included */
};

static inline unsigned tlb_index(uint64_t va)
{
    return (unsigned)(va >> TLB_PAGE_SHIFT) % TLB_ENTRIES;
}

void tlb_flush(struct a64_cpu *c);

/* What stage 1 permits at `el`. */
static inline unsigned tlb_stage1_permissions(const struct a64_translation *t, unsigned el)
{
    return (el == 0 ? t->s1 : t->s1 >> 3) & PERM_ALL;
}

/* Tag bits that stand for `key`; may flush to make room. Key 0 is that of no translation. */
uint64_t tlb_context(struct a64_cpu *c, uint64_t key);

/* The entry that translates `va` (canonical) at `el`, or NULL. */
const struct a64_tlb_entry *tlb_find(const struct a64_cpu *c, unsigned el, uint64_t va);

/* Enters a translation of `va` (canonical) at `el`. */
const struct a64_tlb_entry *tlb_fill(struct a64_cpu *c, unsigned el, uint64_t va,
                                     const struct a64_translation *t);

/* Lets stores through `e` take the fast path again, if nothing stands against it any more. */
void tlb_refresh(struct a64_cpu *c, unsigned el, const struct a64_tlb_entry *e);

/* Watchpoints have changed: decides anew which entries accesses may take the fast path through. */
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
