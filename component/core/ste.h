/* SPDX-License-Identifier: Apache-2.0 */
/* Stream table entries: found, fetched, checked, decoded (IHI 0070 3.3.1, 5.2). */
#ifndef SMMU_CORE_STE_H
#define SMMU_CORE_STE_H

#include "fault.h"
#include "smmu_priv.h"

/* An STE as the rest of the SMMU sees it. With `illegal` nothing else has a meaning. */
struct ste_cfg {
    uint64_t s1_context_ptr;     /* aligned to its table */
    struct smmu_memattr cd_attr; /* of accesses to CDs */
    uint8_t config;              /* STE_CONFIG_* bits */
    uint8_t s1cdmax;             /* log2 of the CDs; 0 if substreams are not supported */
    uint8_t s1dss;               /* STE_S1DSS_* */
    bool illegal;                /* V == 0 or ILLEGAL (5.2.2) */
};

/* The entry of the call's stream, from the configuration cache or from memory. False if there is
 * none: `fault` says why (C_BAD_STREAMID, F_STE_FETCH, C_BAD_STE). */
bool ste_get(const struct call *call, struct bank *bank, struct ste_cfg *ste, struct fault *fault);

#endif
