/* SPDX-License-Identifier: Apache-2.0 */
/* The state of the TLB, which accesses of the fast path look at themselves; see cpu_tlb.h. */
#ifndef A64_STATE_TLB_H
#define A64_STATE_TLB_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "state/cpu_bits.h"

/* Tags are a virtual page number with, in the bits below, the context: bits 4 to 11 number the keys
 * in use (0: no stage of translation is on), bits 0 to 3 are zero so that a misaligned probe
 * misses. Where probes can have any page and be misaligned in any way, only a context that no key
 * gets makes a tag that none of them matches. */
#define TLB_PAGE_SHIFT    12
#define TLB_PAGE_MASK     (~UINT64_C(0xfff))
#define TLB_CONTEXT_SHIFT 4
#define TLB_CONTEXT       BITS(11, 4)
#define TLB_NO_TAG        TLB_CONTEXT /* matches no probe */
enum { TLB_ENTRIES = 1024, TLB_CONTEXTS = 255, TLB_LEVELS = 3 };

/* Fields of keys, besides those that translations were made with. */
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

/* The result of a walk, or of its absence, for a page. */
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
    uint64_t read_tag; /* hit: data can be read, at `to_host` and its address */
    uint64_t write_tag;
    uintptr_t to_host; /* what added to a virtual address of the page makes a host address */
    uint64_t tag;      /* hit: `t` translates this page */
    struct a64_translation t;
};
static_assert(sizeof(struct a64_tlb_entry) == 64, "entries are found without a multiplication");

/* What maintenance picks entries by: those that may have it in common are in one list. */
enum tlb_list {
    TLB_BY_CONTEXT, /* and whether they are global; those of EL2 count as a context of their own */
    TLB_BY_BLOCK,   /* of stage 1, by a hash; entries of pages are in none, their index tells all */
    TLB_BY_PAGE,    /* physical, by a hash */
    TLB_LISTS
};
enum { TLB_EL2_CONTEXT = TLB_CONTEXTS, TLB_HEADS = 2 * (TLB_CONTEXTS + 1) };

/* Lists are circular: their heads come first, then a node for each entry. */
struct a64_tlb_node {
    uint16_t prev, next;
};
static_assert(TLB_HEADS + TLB_LEVELS * TLB_ENTRIES <= UINT16_MAX, "nodes have numbers of 16 bits");

struct a64_tlb {
    struct a64_tlb_entry entry[TLB_LEVELS][TLB_ENTRIES]; /* by exception level */
    uint64_t key[TLB_CONTEXTS + 1]; /* of context 1 and up; that of TLB_EL2_CONTEXT is 0 */
    uint8_t any_asid[TLB_CONTEXTS]; /* the first context whose key differs in the ASID at most */
    unsigned contexts;              /* in use, context 0 included */
    uint64_t sizes; /* bit n: blocks of 2^n bytes were entered since the last flush */
    struct a64_tlb_node node[TLB_LISTS][TLB_HEADS + TLB_LEVELS * TLB_ENTRIES];
};

static inline unsigned tlb_index(uint64_t va)
{
    return (unsigned)(va >> TLB_PAGE_SHIFT) % TLB_ENTRIES;
}

/* Permissions of stage 1 at `el`. */
static inline unsigned tlb_stage1_permissions(const struct a64_translation *t, unsigned el)
{
    return (el == 0 ? t->s1 : t->s1 >> 3) & PERM_ALL;
}

#endif
