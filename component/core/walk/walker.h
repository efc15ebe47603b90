/* SPDX-License-Identifier: Apache-2.0 */
/* A walk of one stage, and the descriptor that it ends with. */
#ifndef SMMU_CORE_WALKER_H
#define SMMU_CORE_WALKER_H

#include "report/event.h"
#include "report/fault.h"
#include "smmu_priv.h"
#include "stream/cd.h"
#include "stream/ste.h"
#include "vmsa/vmsa128.h"

/* Beside the class of a walk: of stage 2, what it translates must not be AssuredOnly; of stage 1,
 * its CD keeps it from being Assured (3.27.2). */
#define WALK_NOT_ASSURED 0x100u

/* A walk of one stage. */
struct walker {
    const struct call *call;
    const struct ste_cfg *ste;
    const struct stage *stage;
    const struct vmsa_scheme *scheme; /* that of the stage, or what SMMU_S2PII makes of it */
    struct tlb *cache;                /* of table descriptors of the stage */
    uint64_t context;                 /* of its look-ups */
    bool s2;
    bool nested;  /* stage 2 translates the addresses of its tables */
    unsigned cls; /* stage 2: enum fault_class, for what it translates. And WALK_NOT_ASSURED */
    const struct smmu_mpam *mpam; /* of the accesses that it makes (17.4) */
    uint64_t ia;                  /* the address to translate */
    uint64_t split;               /* stage 1, VMSAv8-32: where the range of TTB1 begins, else 0 */
};

/* The last descriptor of a walk. */
struct leaf {
    uint64_t descriptor; /* what it says, but for its address, in the layout of VMSAv8-64 */
    struct vmsa128 raw;  /* it itself; `high` is 0 where it has 64 bits */
    enum vmsa_kind kind; /* what it is */
    uint64_t address;    /* of what it leads to or maps: vmsa_address() of the granule */
    uint64_t addr; /* where the descriptor is: an IPA if stage 2 translates stage 1's tables */
    int level;
    unsigned span_log2; /* log2 of the bytes that a descriptor of `level` stands for */
    unsigned skipped;   /* levels above, by the table descriptor that led here */
    unsigned skl;       /* levels below that it skips, if it leads to a table */
    uint8_t limits;     /* of rights: see vmsa_limit() */
    bool again;         /* a table descriptor has changed while it was updated */
    bool assured; /* stage 1, hardened: the descriptor may lie where stage 2 says AssuredOnly */
    bool mro;     /* ... and lies where stage 2 says MRO */
};

/* The walk ends with a fault of its stage: what stage 2 could not translate is `ipa`, of class
 * `cls`. False, for the caller to return. */
__attribute__((cold)) bool walker_fault_of(bool s2, unsigned cls, uint64_t ipa,
                                           enum event_type type, struct fault *fault);
static inline __attribute__((always_inline)) bool
walker_fault(const struct walker *w, enum event_type type, struct fault *fault)
{
    return walker_fault_of(w->s2, w->cls, w->ia, type, fault);
}

/* log2 of the aligned bytes around `ia` that a descriptor of 2^span_log2 bytes translates, where
 * the ranges of TTB0 and TTB1 may meet within, at `split` (VMSAv8-32). Pure. */
unsigned walker_unsplit(uint64_t split, uint64_t ia, unsigned span_log2);

/* Write the tag of what a descriptor of `level`, that translates 2^leaf bytes, says about w->ia;
 * `s2` is w->s2; `global`: for all ASIDs. Pure. */
static inline void walker_tag(const struct walker *w, bool s2, int level, unsigned leaf,
                              bool global, struct smmu_tag *tag)
{
    unsigned span = leaf;
    uint64_t stages = s2 ? UINT64_C(1) << TAG_S2 | (uint64_t)leaf << TAG_LEAF2
                         : 1 | UINT64_C(1) << TAG_CD |
                               (uint64_t)(global || w->ste->world == SMMU_WORLD_EL2) << TAG_GLOBAL |
                               (uint64_t)leaf << TAG_LEAF1 |
                               (uint64_t)((w->context & TLB_ID_ASET) != 0) << TAG_ASET;
    if (!s2 && __builtin_expect(w->split != 0, false)) {
        span = walker_unsplit(w->split, w->ia, leaf);
        stages |= span == leaf ? 0 : (uint64_t)__builtin_ctzll(w->split) << TAG_CUT;
    }
    const struct tag_words words = {
        .context = (w->context & TLB_ID_TAG) | (uint64_t)span << TAG_SPAN |
                   (uint64_t)(uint8_t)level << TAG_LEVEL,
        .stages = stages,
    };
    tag_set(tag, w->ia >> span << span, words);
}

#endif
