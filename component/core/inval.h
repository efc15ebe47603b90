/* SPDX-License-Identifier: Apache-2.0 */
/* Invalidation: one selector, applied to every cache (IHI 0070 3.17, 4.3, 4.4). */
#ifndef SMMU_CORE_INVAL_H
#define SMMU_CORE_INVAL_H

#include "smmu_priv.h"

/* Remove what `inval` selects from all caches, let no walk in progress fill any, tell the host. */
void inval_apply(struct smmu_state *smmu, const struct smmu_inval *inval);

/* Low bits of VMIDs that invalidations of the bank's Security state leave out (CR0.VMW, 6.3.9). */
uint8_t inval_vmid_wildcard(const struct bank *bank);

/* Tell the host alone. */
void inval_notify(struct smmu_state *smmu, const struct smmu_inval *inval);

#endif
