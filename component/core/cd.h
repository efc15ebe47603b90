/* SPDX-License-Identifier: Apache-2.0 */
/* Context descriptors: fetched, checked, decoded (IHI 0070 5.4). */
#ifndef SMMU_CORE_CD_H
#define SMMU_CORE_CD_H

#include "fault.h"
#include "smmu_priv.h"
#include "ste.h"

/* One of the two translation tables of a CD. */
struct tt_cfg {
    uint64_t base;            /* TTBx, not yet aligned to the table's size */
    struct smmu_memattr attr; /* of descriptor fetches */
    uint8_t input_bits;       /* 64 - TxSZ */
    uint8_t granule_log2;
    bool disabled; /* EPDx */
    bool tbi;
    bool had; /* hierarchical attributes are disabled */
};

/* A CD as the rest of the SMMU sees it. With `illegal` nothing else has a meaning. */
struct cd_cfg {
    struct tt_cfg tt[2];
    uint8_t mair[8];
    uint16_t asid;
    uint8_t output_bits; /* effective IPS */
    bool illegal;        /* V == 0 or ILLEGAL (5.4.2) */
    bool abort;          /* A: terminate with abort, else RAZ/WI */
    bool record;         /* R: record Translation-related faults */
    bool affd;
    bool wxn;
    bool pan;
};

/* CD number `index` of the call's stream, from the configuration cache or, decoded into `local`,
 * from memory. The result holds until the next memory access. NULL if there is none: `fault` says
 * why (F_CD_FETCH, C_BAD_CD). */
const struct cd_cfg *cd_get(const struct call *call, const struct bank *bank,
                            const struct ste_cfg *ste, uint32_t index, struct cd_cfg *local,
                            struct fault *fault);

#endif
