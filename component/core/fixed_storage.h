/* SPDX-License-Identifier: Apache-2.0 */
/* Tables and queues whose place is fixed (IHI 0070 3.16): what a configuration may say of them. */
#ifndef SMMU_CORE_FIXED_STORAGE_H
#define SMMU_CORE_FIXED_STORAGE_H

#include "config.h"

/* The error of a configuration whose sizes are right, in `*error`; NULL if there is none. */
const struct smmu_error *fixed_storage_check(const struct smmu_config *cfg,
                                             struct smmu_error *error);

#endif
