/* SPDX-License-Identifier: Apache-2.0 */
/* Dormant state (IHI 0070 3.19.1, 6.3.13). */
#ifndef SMMU_CORE_DORMANT_H
#define SMMU_CORE_DORMANT_H

#include "smmu_priv.h"

/* Whether no configuration or translation is cached, or about to be, or in use. */
bool dormant(const struct smmu_state *smmu);

#endif
