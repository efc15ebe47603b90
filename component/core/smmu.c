/* SPDX-License-Identifier: Apache-2.0 */
/* Life of an SMMU and its public entry points. */
#include "smmu/smmu.h"

#include <stdio.h>
#include <stdlib.h>

#include "cache.h"
#include "cmdq.h"
#include "idregs.h"
#include "inval.h"
#include "smmu_priv.h"
#include "stall.h"
#include "translate.h"

static bool init(struct smmu_state *smmu)
{
    struct bank *ns = &smmu->bank[SMMU_SEC_NS];
    ns->implemented = true;
    ns->sec = SMMU_SEC_NS;
    idregs_set(ns, &smmu->cfg);
    return cache_init(smmu) && tlb_init(&smmu->tlb, &smmu->cfg.tlb) && stall_init(smmu);
}

smmu_t *smmu_create(const struct smmu_config *cfg, const struct smmu_ops *ops, void *user,
                    char *err, size_t err_size)
{
    if (!smmu_config_check(cfg, err, err_size))
        return NULL;
    struct smmu_state *smmu = calloc(1, sizeof(*smmu));
    if (smmu) {
        smmu->cfg = *cfg;
        smmu->ops = *ops;
        smmu->user = user;
        if (init(smmu))
            return smmu;
        smmu_destroy(smmu);
    }
    if (err_size > 0)
        snprintf(err, err_size, "smmu: out of memory");
    return NULL;
}

void smmu_destroy(smmu_t *smmu)
{
    if (!smmu)
        return;
    cache_free(smmu);
    tlb_free(&smmu->tlb);
    stall_free(smmu);
    free(smmu);
}

void smmu_reset(smmu_t *smmu)
{
    struct smmu_inval all = {.kind = SMMU_INVAL_ALL, .sec = SMMU_SEC_NS};
    stall_terminate_all(smmu, &smmu->bank[SMMU_SEC_NS]);
    bank_reset(&smmu->bank[SMMU_SEC_NS]);
    inval_apply(smmu, &all);
}

void smmu_run(smmu_t *smmu)
{
    struct bank *bank = &smmu->bank[SMMU_SEC_NS];
    smmu->asked = true;
    if (smmu->running)
        return;
    smmu->running = true;
    do {
        smmu->asked = false;
        bank_complete_updates(smmu, bank);
        stall_retry_waiting(smmu, bank);
    } while (cmdq_step(smmu, bank) || smmu->asked);
    smmu->running = false;
}

void smmu_translate(smmu_t *smmu, const struct smmu_txn *txn, struct smmu_result *result)
{
    struct call call = {.smmu = smmu, .txn = txn, .epoch = smmu->epoch};
    smmu->stats.translations++;
    trace(smmu, SMMU_TRACE_translate, txn->sid, txn->addr);
    translate(&call, result);
    if (result->outcome == SMMU_FORWARD)
        trace(smmu, SMMU_TRACE_forward, txn->addr, result->addr);
    else if (result->outcome != SMMU_STALLED)
        smmu->stats.aborts++;
}

void smmu_probe(smmu_t *smmu, const struct smmu_txn *txn, struct smmu_result *result)
{
    struct call call = {.smmu = smmu, .txn = txn, .epoch = smmu->epoch, .probe = true};
    translate(&call, result);
}

const struct smmu_stats *smmu_get_stats(const smmu_t *smmu)
{
    return &smmu->stats;
}

const struct smmu_config *smmu_get_config(const smmu_t *smmu)
{
    return &smmu->cfg;
}
