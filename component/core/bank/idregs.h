/* SPDX-License-Identifier: Apache-2.0 */
/* ID registers, derived from the configuration here and nowhere else. */
#ifndef SMMU_CORE_IDREGS_H
#define SMMU_CORE_IDREGS_H

#include "bank/bank.h"
#include "smmu/config.h"

/* Set the ID registers of the Non-secure bank (IHI 0070 6.3.1 to 6.3.8, 6.3.41). */
void idregs_set(struct bank *bank, const struct smmu_config *cfg);

#endif
