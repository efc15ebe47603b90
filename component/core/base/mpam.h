/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of accesses: PARTID, PMG and the space that they are of (IHI 0070 17). */
#ifndef SMMU_CORE_MPAM_H
#define SMMU_CORE_MPAM_H

#include "smmu/config.h"
#include "smmu/types.h"

/* Bits that IDs up to `max` take (6.3.41). */
static inline unsigned mpam_bits(unsigned max)
{
    return max == 0 ? 0 : 32 - (unsigned)__builtin_clz(max);
}

/* The label that a register or a structure asks for, in PARTID space `space`. IDs that are too
 * large are UNKNOWN (5.2, 5.4, 5.6, 6.3.42): 0, which is what there is without MPAM as well. */
static inline struct smmu_mpam mpam_label(const struct smmu_config *cfg, uint8_t space,
                                          unsigned partid, unsigned pmg)
{
    return (struct smmu_mpam){
        .partid = partid <= cfg->partid_max ? (uint16_t)partid : 0,
        .pmg = pmg <= cfg->pmg_max ? (uint8_t)pmg : 0,
        .space = space,
    };
}

#endif
