/* SPDX-License-Identifier: Apache-2.0 */
/* Service Failure Mode (IHI 0070 12.3), into which an SMMU goes that is known to be inconsistent.
 */
#ifndef SMMU_CORE_SFM_H
#define SMMU_CORE_SFM_H

#include "smmu_priv.h"

/* Enter it if SMMU_INJECT_SFM says so: nothing of what is under way goes on, and GERROR.SFM_ERR is
 * activated for all Security states. May block in the message that tells of it. */
void sfm_enter_if_due(struct smmu_state *smmu);

#endif
