/* SPDX-License-Identifier: Apache-2.0 */
/* The stall model (IHI 0070 3.12.2, 4.7.1, 4.7.2, 7.2.1). A stalled transaction is either recorded,
 * and then has a STAG that software answers with, or waits to be retried because its event could
 * not be written. Duplicates are not suppressed and there is no early retry. */
#include "stall.h"

#include <stdlib.h>

#include "evtq.h"

bool stall_init(struct smmu_state *smmu)
{
    if (smmu->cfg.stall_max == 0)
        return true;
    smmu->stalled = calloc(smmu->cfg.stall_max, sizeof(struct smmu_stall *));
    return smmu->stalled != NULL;
}

void stall_free(struct smmu_state *smmu)
{
    free(smmu->stalled);
    smmu->stalled = NULL;
}

static void release(struct smmu_state *smmu, struct smmu_stall *stall, enum smmu_resume action)
{
    smmu->ops.resume(smmu->user, stall, action);
}

/* A free STAG, or stall_max. */
static uint32_t free_stag(const struct smmu_state *smmu)
{
    uint32_t stag = 0;
    while (stag < smmu->cfg.stall_max && smmu->stalled[stag])
        stag++;
    return stag;
}

static void wait_for_queue(struct smmu_state *smmu, struct smmu_stall *stall)
{
    stall->next = smmu->waiting;
    smmu->waiting = stall;
}

void stall_hold(const struct call *call, struct bank *bank, struct evt_raw *record)
{
    struct smmu_state *smmu = call->smmu;
    struct smmu_stall *stall = call->txn->stall;
    uint32_t stag = free_stag(smmu);

    *stall = (struct smmu_stall){
        .sid = call->txn->sid, .stag = (uint16_t)stag, .sec = (uint8_t)bank->sec};
    smmu->stats.stalls++;
    if (stag == smmu->cfg.stall_max) {
        wait_for_queue(smmu, stall);
        return;
    }
    smmu->stalled[stag] = stall; /* before the write, which may block */
    evt_set_Stall(record, 1);
    evt_set_STAG(record, stag);
    if (!evtq_record_stall(smmu, bank, record, call->txn->call)) {
        smmu->stalled[stag] = NULL;
        wait_for_queue(smmu, stall);
    }
}

void stall_resume(struct smmu_state *smmu, const struct bank *bank, uint32_t sid, uint16_t stag,
                  enum smmu_resume action)
{
    if (stag >= smmu->cfg.stall_max)
        return;
    struct smmu_stall *stall = smmu->stalled[stag];
    if (!stall || stall->sid != sid || stall->sec != bank->sec)
        return;
    smmu->stalled[stag] = NULL;
    release(smmu, stall, action);
}

/* Abort the recorded and the waiting transactions of `bank`, of one StreamID or of all. */
static void terminate(struct smmu_state *smmu, const struct bank *bank, bool all, uint32_t sid)
{
    for (uint32_t stag = 0; stag < smmu->cfg.stall_max; stag++) {
        struct smmu_stall *stall = smmu->stalled[stag];
        if (stall && stall->sec == bank->sec && (all || stall->sid == sid)) {
            smmu->stalled[stag] = NULL;
            release(smmu, stall, SMMU_RESUME_ABORT);
        }
    }
    struct smmu_stall *waiting = smmu->waiting;
    smmu->waiting = NULL;
    while (waiting) {
        struct smmu_stall *stall = waiting;
        waiting = stall->next;
        if (stall->sec == bank->sec && (all || stall->sid == sid))
            release(smmu, stall, SMMU_RESUME_ABORT);
        else
            wait_for_queue(smmu, stall);
    }
}

void stall_terminate_sid(struct smmu_state *smmu, const struct bank *bank, uint32_t sid)
{
    terminate(smmu, bank, false, sid);
}

void stall_terminate_all(struct smmu_state *smmu, const struct bank *bank)
{
    terminate(smmu, bank, true, 0);
}

void stall_retry_waiting(struct smmu_state *smmu, struct bank *bank)
{
    if (!smmu->waiting || !evtq_writable(smmu, bank) || free_stag(smmu) == smmu->cfg.stall_max)
        return;
    struct smmu_stall *waiting = smmu->waiting;
    smmu->waiting = NULL;
    while (waiting) {
        struct smmu_stall *stall = waiting;
        waiting = stall->next;
        release(smmu, stall, SMMU_RESUME_RETRY);
    }
}
