/* SPDX-License-Identifier: Apache-2.0 */
/* Address translation operations (IHI 0070 9): look-ups that software asks for by registers. */
#ifndef SMMU_CORE_ATOS_H
#define SMMU_CORE_ATOS_H

#include "smmu_priv.h"

/* Carry out the operations whose RUN flag is set, and clear it. Returns whether one is to be done
 * again: Updates and commands have their turn before. */
bool atos_run(struct smmu_state *smmu, struct bank *bank);

/* Whether one has been asked for and has not completed. */
bool atos_any_runs(const struct bank *bank);

/* End with INTERNAL_ERR those that were asked for and not begun when SMMUEN is cleared (6.3.9.6),
 * and all in Service Failure Mode. */
void atos_terminate(struct bank *bank);

#endif
