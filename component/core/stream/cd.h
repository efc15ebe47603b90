/* SPDX-License-Identifier: Apache-2.0 */
/* Context descriptors: fetched, checked, decoded (IHI 0070 5.3, 5.4). */
#ifndef SMMU_CORE_CD_H
#define SMMU_CORE_CD_H

#include "report/fault.h"
#include "smmu_priv.h"
#include "stream/ste.h"

/* One of the two translation tables of a CD. */
struct tt_cfg {
    struct stage stage;
    bool closed[2]; /* to unprivileged accesses and to others: EPDx, or a table the regime does not
                       have; to unprivileged ones alone: E0PDx */
    bool tbi;
};

/* A CD as the rest of the SMMU sees it. With `illegal` nothing else has a meaning. */
struct cd_cfg {
    struct tt_cfg tt[2];
    uint8_t mair[8];
    uint64_t context; /* what an ASID adds to that of the STE: tlb_context_s1() */
    uint16_t asid;
    struct smmu_mpam mpam; /* of accesses to tables of stage 1, and of what goes on (17.2, 17.4) */
    bool illegal;          /* V == 0 or ILLEGAL (5.4.2) */
    bool stall;            /* S */
    bool abort;            /* A: terminate with abort, else RAZ/WI */
    bool record;           /* R: record Translation-related faults */
    bool vmsa32;           /* both tables are VMSAv8-32 LPAE */
    bool aie;              /* AttrIndx has four bits */
    bool assured;          /* it, and its L1CD, lie where stage 2 says AssuredOnly (3.27.2) */
    bool aset;             /* opts out of broadcast invalidation by ASID; not in the EL2 regime */
};

/* The context of look-ups in TLBs for stage 1, or with `cd` NULL for stage 2 alone. */
static inline uint64_t cd_context(const struct ste_cfg *ste, const struct cd_cfg *cd)
{
    return cd ? tlb_context_s1(ste->context, cd->context) : ste->context;
}

/* Read and decode CD number `index` of the call's stream, through stage 2 if that translates, and
 * find its PARTID in the VMS if that is where it is. False if something cannot be read: `fault`
 * says why (F_CD_FETCH, C_BAD_SUBSTREAMID, a fault of stage 2, F_VMS_FETCH). May block, so `ste`
 * must not lie in a cache. */
bool cd_fetch(const struct call *call, const struct ste_cfg *ste, uint32_t index, struct cd_cfg *cd,
              struct fault *fault);

/* Check and decode a raw CD reached through `ste` (5.4.2). A PARTID of a VM is not mapped yet.
 * Pure. */
struct cd_raw;
struct cd_cfg cd_decode(const struct smmu_config *cfg, const struct ste_cfg *ste,
                        const struct cd_raw *raw);

#endif
