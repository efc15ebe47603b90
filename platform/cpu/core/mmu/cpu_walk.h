/* SPDX-License-Identifier: Apache-2.0 */
/* Translation table walks: what both stages and all regimes share (DDI 0487 D8.2, D8.3). */
#ifndef A64_WALK_H
#define A64_WALK_H

#include "mmu/mmu.h"
#include "vmsa.h"
#include "vmsa_control.h"
#include "vmsa_scheme.h"

_Static_assert((int)PERM_READ == VMSA_READ && (int)PERM_WRITE == VMSA_WRITE &&
                   (int)PERM_EXEC == VMSA_EXECUTE,
               "the rights of a descriptor are what TLB entries keep");

/* How a walk reads descriptors. */
struct walker {
    struct a64_cpu *access; /* who accesses memory; NULL: no one, a debugger looks */
    /* Where the descriptor at an intermediate physical address is; NULL: addresses are physical. */
    bool (*locate)(const struct a64_cpu *c, const struct walker *w, uint64_t ipa, uint64_t *pa,
                   struct a64_fault *f);
};

/* Where a walk begins, and what it walks through. */
struct walk_start {
    uint64_t table; /* base address register; bits below the alignment of the table are ignored */
    struct vmsa_geometry geometry;
    struct vmsa_scheme scheme;
};

/* Where it ended: a block or page descriptor with its Access flag set. */
struct walk_leaf {
    uint64_t desc;
    uint64_t base;  /* of the block or page */
    uint8_t limits; /* of rights, set by table descriptors */
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
    return leaf->base | (address & offset);
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
    return tsz < VMSA_TSZ_MIN ? VMSA_TSZ_MIN : tsz > VMSA_TSZ_MAX ? VMSA_TSZ_MAX : tsz;
}

/* A result of vmsa_tg0() or vmsa_tg1(); reserved encodings are taken as 4 KiB. */
static inline unsigned walk_granule(unsigned granule)
{
    return granule ? granule : 12;
}

/* Output addresses are limited by IPS or PS, and by what the PE implements. */
static inline unsigned walk_output_bits(const struct a64_cpu *c, unsigned ps)
{
    unsigned bits = vmsa_address_bits(ps);
    return bits < c->config.pa_bits ? bits : c->config.pa_bits;
}

#endif
