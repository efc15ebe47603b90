/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of counter groups (IHI 0070 10.5). */
#ifndef SMMU_CORE_PMCG_REGS_H
#define SMMU_CORE_PMCG_REGS_H

#include "pmcg/pmcg_group.h"

/* Set the registers that say what the group is; its configuration is set. */
void pmcg_identify(const struct smmu_state *smmu, struct pmcg *group);

#endif
