/* SPDX-License-Identifier: Apache-2.0 */
/* Micro TLBs: one for each TBU, in front of everything else. They keep whole answers, for pages of
 * 4 KiB, until an invalidation selects them, or there have been UTLB_NOTES others since they were
 * last asked for. */
#ifndef SMMU_CORE_UTLB_H
#define SMMU_CORE_UTLB_H

#include "observe/observe.h"
#include "smmu_priv.h"

#define UTLB_NOTES 16u

bool utlb_init(struct smmu_state *smmu);
void utlb_free(struct smmu_state *smmu);

/* smmu->epoch has begun: what `inval` selects is no longer right. An epoch that begins otherwise
 * ends all answers. */
void utlb_note(struct smmu_state *smmu, const struct smmu_inval *inval);

/* The remembered answer to `txn`, if its TBU is there, has a micro TLB and that has one. Only
 * forwards are remembered. */
bool utlb_find_there(const struct smmu_state *smmu, const struct smmu_txn *txn,
                     struct smmu_result *result);
static inline bool utlb_find(struct smmu_state *smmu, const struct smmu_txn *txn,
                             struct smmu_result *result)
{
    if (!smmu->utlb || txn->tbu >= smmu->cfg.tbus)
        return false;
    if (__builtin_expect(utlb_find_there(smmu, txn, result), true)) {
        observe_txn(smmu, SMMU_OBSERVE_utlb_hit, txn, 0);
        return true;
    }
    observe_txn(smmu, SMMU_OBSERVE_utlb_miss, txn, 0);
    return false;
}

/* Remember the answer to a transaction that began in `epoch`, if it is one that can be remembered.
 */
void utlb_fill_there(struct smmu_state *smmu, const struct smmu_txn *txn, uint64_t epoch,
                     const struct smmu_result *result);
static inline void utlb_fill(struct smmu_state *smmu, const struct smmu_txn *txn, uint64_t epoch,
                             const struct smmu_result *result)
{
    if (smmu->utlb)
        utlb_fill_there(smmu, txn, epoch, result);
}

/* Whether no micro TLB has an answer that is right. */
bool utlb_empty(const struct smmu_state *smmu);

#endif
