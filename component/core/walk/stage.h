/* SPDX-License-Identifier: Apache-2.0 */
/* One stage of translation, as an STE (stage 2) or half a CD (stage 1) configures it. */
#ifndef SMMU_CORE_STAGE_H
#define SMMU_CORE_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bits.h"
#include "base/memattr.h"
#include "smmu/types.h"
#include "vmsa/vmsa.h"
#include "vmsa/vmsa_scheme.h"

/* stage.adjust: what of a translation is changed before it may be cached. */
enum {
    STAGE_KEEP_APART = 1,    /* it matters if translations of different size are cached (3.21.1) */
    STAGE_CLOSED_TO_EL0 = 2, /* stage 1: unprivileged accesses have no rights (5.4, E0PD0) */
    STAGE_MARKED = 4,        /* stage 2: what translation hardening looks at is kept (3.27.2) */
    STAGE_RUNS = 8,          /* descriptors have a Contiguous bit that counts (DDI 0487 D8.7.1) */
};

/* stage.passing: what is done at each descriptor on the way to a leaf, and at the leaf; and, in one
 * bit, whether anything about the stage is other than most walks have it. */
enum {
    STAGE_FLAG_TABLES = 1, /* the SMMU sets the Access flag of table descriptors too (3.13.6) */
    STAGE_HARDENED = 2,    /* stage 1: whether the translation is Assured is followed (3.27.2) */
    STAGE_PROTECTION = 4,  /* ... and descriptors may be Protected (3.27.1) */
    STAGE_UPPER = 8,       /* ... and the first table is that of TTB1 */
    STAGE_PECULIAR = 16,   /* walks are not plain (walk/steps.h) */
};

struct stage {
    uint64_t table;           /* of the first lookup, aligned to its size */
    struct smmu_memattr attr; /* of descriptor accesses, before stage 2 combines */
    struct vmsa_geometry geometry;
    uint8_t hwu;     /* which of the four PBHA bits of a leaf descriptor count */
    uint8_t sh;      /* SH field of table accesses; with VMSA_LPA2 that of what leaves map, too */
    uint8_t adjust;  /* STAGE_* */
    bool big_endian; /* descriptors */
    bool affd;       /* no Access flag faults */
    bool ha;         /* the SMMU sets the Access flag */
    uint8_t passing; /* STAGE_* of that kind */
    uint8_t limits;  /* what a walk begins with: see vmsa_limit() */
    uint8_t memattr; /* of stage 2: enum memattr_s2_encoding */
    struct vmsa_scheme scheme;
    /* Of plain walks: bits of descriptors that are an address, those of them beyond the output
     * size, and bits of an offset in a table of the last level. */
    uint64_t address, too_far;
    uint32_t last_offset;
};

/* Set STAGE_PECULIAR, all else being known, or what plain walks go by. Plain are descriptors of 64
 * bits that are little-endian, have 48 bits of address and Direct permissions, and are changed for
 * the Access flag alone; of stage 1, where ranges do not meet within a block, as those of VMSAv8-32
 * may. */
static inline void stage_settle(struct stage *stage)
{
    const struct vmsa_geometry *g = &stage->geometry;
    struct vmsa_scheme *scheme = &stage->scheme;
    if (g->format != VMSA_48_BITS || stage->big_endian || stage->passing != 0 ||
        stage->adjust != 0 || scheme->hd || scheme->indirect ||
        (scheme->vmsa32 && !scheme->stage2)) {
        stage->passing |= STAGE_PECULIAR;
        return;
    }
    vmsa_tabulate(scheme);
    stage->address = MASK64(47, g->granule);
    stage->too_far = stage->address >> g->output_bits << g->output_bits;
    unsigned last = g->start_level == VMSA_LAST_LEVEL ? vmsa_first_table_log2(g) : g->granule;
    stage->last_offset = ((UINT32_C(1) << last) - 1) & ~UINT32_C(7);
}

#endif
