/* SPDX-License-Identifier: Apache-2.0 */
/* Memory attributes (IHI 0070 13): encodings of tables, registers and descriptors, made one. All
 * functions are pure. */
#ifndef SMMU_CORE_MEMATTR_H
#define SMMU_CORE_MEMATTR_H

#include "smmu/types.h"

/* --- encodings ----------------------------------------------------------------------------------
 */

/* Cacheability as STE.S1CIR/S1COR encode it (5.2). */
struct smmu_memattr memattr_cd_access(unsigned inner, unsigned outer, unsigned sh);

/* Cacheability as CD.IRx/ORx and STE.S2IR0/S2OR0 encode it (5.2, 5.4). */
struct smmu_memattr memattr_walk_access(unsigned inner, unsigned outer, unsigned sh);

/* Allocation hints in either half of a MAIR byte that is Write-Through or Write-Back. */
enum { MAIR_RA = 0x2, MAIR_WA = 0x1 };

/* Cacheability as CR1.TABLE_* and QUEUE_* encode it (6.3.11); `hints` are the MAIR_* hints that the
 * base register gives. */
struct smmu_memattr memattr_cr1_access(unsigned inner, unsigned outer, unsigned sh, unsigned hints);

/* STE.MemAttr and its like: MSI attributes, GBPA (5.2). Hints: allocate, not transient. */
struct smmu_memattr memattr_override(unsigned memattr, unsigned sh);

/* Encodings of MemAttr[3:0] of stage 2 descriptors. */
enum memattr_s2_encoding {
    MEMATTR_S2,        /* that of STE.MemAttr */
    MEMATTR_S2_NO_TAG, /* the same, and 0b0100 is Write-Back without access to tags (3.23.1) */
    MEMATTR_S2_FWB,    /* STE.S2FWB (13.1.6; DDI 0487 tables D8-100, D8-101) */
};

/* The shareability of Normal memory, but for Normal-iNC-oNC: the reserved one, and what is none, is
 * Non-shareable (13.1.7). */
static inline uint8_t memattr_normal_sh(unsigned sh)
{
    return (sh & ~1u) == SMMU_SH_OUTER ? (uint8_t)sh : SMMU_SH_NON;
}

/* MemAttr[3:0] and SH of a stage 2 descriptor: what is combined in. Where MemAttr forces
 * Write-Back, memattr_stage2() has to know that too. Write-Back itself, which all encodings write
 * alike, is met most: apart from all others, for speed. */
struct smmu_memattr memattr_s2_any(enum memattr_s2_encoding encoding, unsigned memattr,
                                   unsigned sh);
static inline struct smmu_memattr memattr_s2(enum memattr_s2_encoding encoding, unsigned memattr,
                                             unsigned sh)
{
    if (__builtin_expect(memattr != 0xf, false))
        return memattr_s2_any(encoding, memattr, sh);
    return (struct smmu_memattr){.mair = SMMU_MAIR_NORMAL_WB_RAWA,
                                 .sh = sh & SMMU_SH_OUTER ? (uint8_t)sh : SMMU_SH_NON};
}
static inline bool memattr_s2_forces_wb(enum memattr_s2_encoding encoding, unsigned memattr)
{
    return encoding == MEMATTR_S2_FWB && (memattr & 7) == 6;
}

/* A MAIR byte of a CD, its Reserved encodings replaced by what they behave as (5.4, MAIR). */
uint8_t memattr_mair(uint8_t attr);

/* --- operations ---------------------------------------------------------------------------------
 */

static inline bool memattr_is_device(struct smmu_memattr attr)
{
    return (attr.mair & 0xf0) == 0;
}

/* Make `attr` consistent (13.1.7): Device and Normal-iNC-oNC are Outer Shareable, the reserved
 * shareability, and what is none, is Non-shareable, what does not allocate is not transient. */
static inline struct smmu_memattr memattr_consistent(struct smmu_memattr attr)
{
    if (__builtin_expect(attr.mair == SMMU_MAIR_NORMAL_WB_RAWA, true))
        return (struct smmu_memattr){.mair = attr.mair, .sh = memattr_normal_sh(attr.sh)};
    if (memattr_is_device(attr)) /* bits [1:0] are not of a type's name */
        return (struct smmu_memattr){.mair = attr.mair & 0x0c, .sh = SMMU_SH_OUTER};
    if (attr.mair == SMMU_MAIR_NORMAL_NC)
        attr.sh = SMMU_SH_OUTER;
    else
        attr.sh = memattr_normal_sh(attr.sh);
    if ((attr.mair & 0x0f) == 0)
        attr.mair |= 0x08; /* inner Write-Through without hints is not transient */
    return attr;
}

/* What stage 2, with the attributes `s2`, which are consistent, makes of those that it is given
 * (13.4.3): of the same, or of any. With `forces_wb` it makes them Write-Back (13.1.6), else the
 * stronger of both in each respect (13.1.5). */
struct smmu_memattr memattr_stage2_any(struct smmu_memattr in, struct smmu_memattr s2,
                                       bool forces_wb);
static inline struct smmu_memattr memattr_stage2(struct smmu_memattr in, struct smmu_memattr s2,
                                                 bool forces_wb)
{
    if (__builtin_expect(in.mair == s2.mair && in.sh == s2.sh && !forces_wb, true))
        return s2;
    return memattr_stage2_any(in, s2, forces_wb);
}

/* `attr` with the allocation hints of `hints` combined in, if those come with a cacheable type
 * (13.4.2): those that do not say "allocate, not transient", which adds nothing, or any. */
struct smmu_memattr memattr_combine_other_hints(struct smmu_memattr attr,
                                                struct smmu_memattr hints);
static inline struct smmu_memattr memattr_combine_hints(struct smmu_memattr attr,
                                                        struct smmu_memattr hints)
{
    return hints.mair == SMMU_MAIR_NORMAL_WB_RAWA ? attr : memattr_combine_other_hints(attr, hints);
}

/* Overrides that STEs and GBPA have (5.2, 6.3.14). */
enum { MEMATTR_SHCFG_INCOMING = 1 };
struct memattr_override {
    bool mtcfg;
    uint8_t memattr;
    uint8_t alloccfg;
    uint8_t shcfg;
};

/* The incoming attributes with overrides applied (13.1.4): some, or any. */
struct smmu_memattr memattr_override_some(struct smmu_memattr in, struct memattr_override by);
static inline struct smmu_memattr memattr_replace(struct smmu_memattr in,
                                                  struct memattr_override by)
{
    bool none = !by.mtcfg && by.shcfg == MEMATTR_SHCFG_INCOMING && !(by.alloccfg & 8);
    return none ? memattr_consistent(in) : memattr_override_some(in, by);
}

#endif
