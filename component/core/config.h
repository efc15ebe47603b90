/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of a configuration that count. */
#ifndef SMMU_CORE_CONFIG_H
#define SMMU_CORE_CONFIG_H

#include "smmu/config.h"

/* `given`, which is good, with every parameter off that lacks what it needs: the column `needs` of
 * smmu/config.def. Pure. */
struct smmu_config config_in_effect(const struct smmu_config *given);

/* IDR3.XNX: stage 2 has it since SMMUv3.1, always (IHI 0070 6.3.4). */
static inline bool config_xnx(const struct smmu_config *cfg)
{
    return cfg->s2p && cfg->arch >= 1;
}

#endif
