/* SPDX-License-Identifier: Apache-2.0 */
/* Translation table walks: what both stages and all regimes share (DDI 0487 D8.2, D8.3). */
#ifndef A64_WALK_H
#define A64_WALK_H

#include "mmu/mmu.h"

/* How a walk reads descriptors. */
struct walker {
    struct a64_cpu *access; /* who accesses memory; NULL: no one, a debugger looks */
    /* Where the descriptor at an intermediate physical address is; NULL: addresses are physical. */
    bool (*locate)(const struct a64_cpu *c, const struct walker *w, uint64_t ipa, uint64_t *pa,
                   struct a64_fault *f);
};

/* Where a walk begins. */
struct walk_start {
    uint64_t table;   /* base address register; bits below the alignment of the table are ignored */
    unsigned input;   /* bits of the input address that are translated */
    unsigned output;  /* bits that an output address may have */
    unsigned granule; /* log2 of the granule size */
    unsigned level;
};

/* Permissions that table descriptors take away from everything below them. */
struct table_limits {
    bool no_el0, read_only, uxn, pxn;
};

/* Fields of descriptors (D8.3); those of stage 2 are S2_, the limits of table descriptors TABLE_.
 */
#define DESC_VALID    BIT(0)
#define DESC_TABLE    BIT(1) /* table or page, not block */
#define DESC_ATTRINDX BITS(4, 2)
#define DESC_AP_EL0   BIT(6)
#define DESC_AP_RO    BIT(7)
#define DESC_SH       BITS(9, 8)
#define DESC_AF       BIT(10)
#define DESC_NG       BIT(11)
#define DESC_ADDRESS  BITS(47, 0)
#define DESC_PXN      BIT(53)
#define DESC_UXN      BIT(54)
#define TABLE_PXN     BIT(59)
#define TABLE_UXN     BIT(60)
#define TABLE_NO_EL0  BIT(61)
#define TABLE_RO      BIT(62)
#define S2_INNER      BITS(3, 2) /* MemAttr[1:0] */
#define S2_OUTER      BITS(5, 4) /* MemAttr[3:2] */
#define S2_READ       BIT(6)
#define S2_WRITE      BIT(7)
#define S2_XN         BIT(54)

/* Where it ended: a block or page descriptor with its Access flag set. */
struct walk_leaf {
    uint64_t desc;
    struct table_limits limits;
    uint8_t level;
    uint8_t log2; /* of what the descriptor maps */
};

/* Walks for `address`. Returns false and fills `f` if there is a fault. */
bool walk_tables(const struct a64_cpu *c, const struct walker *w, const struct walk_start *start,
                 uint64_t address, struct walk_leaf *leaf, struct a64_fault *f);

/* Output address of `leaf` for `address`. */
static inline uint64_t walk_output(const struct walk_leaf *leaf, uint64_t address)
{
    uint64_t offset = (UINT64_C(1) << leaf->log2) - 1;
    return (leaf->desc & DESC_ADDRESS & ~offset) | (address & offset);
}

/* Stage 1 of the regime of `el`, MMU off included; t->pa is the output of the stage. */
bool stage1_walk(const struct a64_cpu *c, const struct walker *w, unsigned el, uint64_t va,
                 struct a64_translation *t, struct a64_fault *f);

/* Stage 2: `t` is what stage 1 says, and becomes what both say. */
bool stage2_walk(const struct a64_cpu *c, const struct walker *w, struct a64_translation *t,
                 struct a64_fault *f);

/* Where the stage 1 descriptor at `ipa` is: `locate` of a walk of stage 1 under stage 2. */
bool stage2_descriptor(const struct a64_cpu *c, const struct walker *w, uint64_t ipa, uint64_t *pa,
                       struct a64_fault *f);

/* ---- What fields of the control registers mean ---- */

/* TnSZ out of range is taken as the nearest in range. */
static inline unsigned walk_tsz(unsigned tsz)
{
    enum { MIN_TSZ = 16, MAX_TSZ = 39 };
    return tsz < MIN_TSZ ? MIN_TSZ : tsz > MAX_TSZ ? MAX_TSZ : tsz;
}

/* TG0 of any register; reserved encodings are taken as 4 KiB. */
static inline unsigned walk_granule(unsigned tg0)
{
    return tg0 == 1 ? 16 : tg0 == 2 ? 14 : 12;
}

/* Output addresses are limited by IPS or PS, and by what the PE implements. */
static inline unsigned walk_output_bits(const struct a64_cpu *c, unsigned ps)
{
    static const uint8_t ps_bits[8] = {32, 36, 40, 42, 44, 48, 48, 48};
    unsigned bits = ps_bits[ps];
    return bits < c->config.pa_bits ? bits : c->config.pa_bits;
}

#endif
