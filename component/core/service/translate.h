/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction's way through the SMMU. */
#ifndef SMMU_CORE_TRANSLATE_H
#define SMMU_CORE_TRANSLATE_H

#include "smmu_priv.h"

/* Decide the outcome of call->txn, of which call_begin() has not been called. Everything else that
 * happens (events, fills, counters) depends on call->mode. */
void translate(struct call *call, struct smmu_result *result);

#endif
