/* SPDX-License-Identifier: Apache-2.0 */
/* Main TLBs of TBUs: one for each, between its micro TLB and the TCU, if there are any (IHI
 * 0070 16.2). They keep whole answers, as micro TLBs do, but for all that a descriptor maps, and
 * until an invalidation selects them. */
#ifndef SMMU_CORE_TBU_TLB_H
#define SMMU_CORE_TBU_TLB_H

#include "smmu_priv.h"

bool tbu_tlb_init(struct smmu_state *smmu);
void tbu_tlb_free(struct smmu_state *smmu);

/* Whether the TBU of `txn` is there and has a main TLB. */
static inline bool tbu_tlb_present(const struct smmu_state *smmu, const struct smmu_txn *txn)
{
    return __builtin_expect(smmu->tbu_tlbs != NULL, false) && txn->tbu < smmu->cfg.tbus;
}

/* The remembered answer to `txn`, if that TLB, which must be present, has it. Only forwards are
 * remembered. */
bool tbu_tlb_find(struct smmu_state *smmu, const struct smmu_txn *txn, struct smmu_result *result);

/* How many sizes that look-up would try after the first. */
uint32_t tbu_tlb_further_sizes(const struct smmu_state *smmu, const struct smmu_txn *txn);

/* Remember the answer to a transaction that began in `epoch`, if it is one that can be remembered.
 */
void tbu_tlb_fill_there(struct smmu_state *smmu, const struct smmu_txn *txn, uint64_t epoch,
                        const struct smmu_result *result);
static inline void tbu_tlb_fill(struct smmu_state *smmu, const struct smmu_txn *txn, uint64_t epoch,
                                const struct smmu_result *result)
{
    if (tbu_tlb_present(smmu, txn))
        tbu_tlb_fill_there(smmu, txn, epoch, result);
}

/* Whether nothing is in any of them. */
bool tbu_tlb_empty(const struct smmu_state *smmu);

/* Remove the answers that depend on what `inval` selects; or all. */
void tbu_tlb_invalidate(struct smmu_state *smmu, const struct smmu_inval *inval);
void tbu_tlb_forget(struct smmu_state *smmu);

#endif
