/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 1 translation table walk (IHI 0070 3.4; DDI 0487 D8.2). */
#ifndef SMMU_CORE_WALK_S1_H
#define SMMU_CORE_WALK_S1_H

#include "cd.h"
#include "fault.h"
#include "smmu_priv.h"

/* Translate `va` (the top byte already as TBI has it) through the tables of `cd`. Fills the entry's
 * address, span, level, permissions, attributes and whether it is global. False on a fault. The
 * walk may block; `cd` is not in a cache but a copy. */
bool walk_s1(const struct call *call, const struct cd_cfg *cd, uint64_t va, struct tlb_entry *entry,
             struct fault *fault);

#endif
