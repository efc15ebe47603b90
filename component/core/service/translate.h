/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction's way through the SMMU. */
#ifndef SMMU_CORE_TRANSLATE_H
#define SMMU_CORE_TRANSLATE_H

#include "smmu_priv.h"

/* Decide the outcome of a transaction that its TBU does not answer; of a retry. */
void translate(struct smmu_state *smmu, const struct smmu_txn *txn, struct smmu_result *result);
void translate_retry(struct smmu_state *smmu, const struct smmu_txn *txn,
                     struct smmu_result *result);

/* The same for call->txn, of which call_begin() has not been called, leaving no more behind than
 * call->mode says. */
void translate_call(struct call *call, struct smmu_result *result);

#endif
