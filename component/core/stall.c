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

/* Whether the events of transactions that wait could be written now, but for the room they take
 * from each other. */
static bool room_for_event(const struct smmu_state *smmu, const struct bank *bank)
{
    return evtq_writable(smmu, bank) && free_stag(smmu) < smmu->cfg.stall_max;
}

/* First come, first served: a transaction that is retried keeps its turn. There may be room again
 * already, without a register write to come that says so. */
static void wait_for_queue(struct smmu_state *smmu, const struct bank *bank,
                           struct smmu_stall *stall)
{
    struct smmu_stall **at = &smmu->waiting;
    while (*at && (*at)->turn < stall->turn)
        at = &(*at)->next;
    stall->next = *at;
    *at = stall;
    if (room_for_event(smmu, bank))
        ring_doorbell(smmu);
}

/* A transaction whose record is being written. */
struct recording {
    struct smmu_state *smmu;
    struct smmu_stall *stall;
    uint32_t stag;
    bool written;
};

/* The STAG of a record that cannot be seen is free again; it may have been let go, and used again,
 * before. */
static bool withdraw(const struct recording *recording)
{
    struct smmu_stall **at = &recording->smmu->stalled[recording->stag];
    if (recording->written || *at != recording->stall)
        return false;
    *at = NULL;
    return true;
}

/* Where the host unwinds the call: those that wait for a STAG may go on. */
static void end_recording(const struct recording *recording)
{
    if (withdraw(recording) && recording->smmu->waiting)
        ring_doorbell(recording->smmu);
}

void stall_hold(const struct call *call, struct bank *bank, struct evt_raw *record)
{
    struct smmu_state *smmu = call->smmu;
    struct smmu_stall *stall = call->txn->stall;
    uint32_t stag = free_stag(smmu);
    uint64_t turn = call->txn->retried ? stall->turn : smmu->turns++;

    *stall = (struct smmu_stall){.turn = turn,
                                 .sid = call->txn->sid,
                                 .disables = call->disables,
                                 .stag = (uint16_t)stag,
                                 .sec = (uint8_t)bank->sec};
    smmu->stats.stalls++;
    if (stag == smmu->cfg.stall_max || (smmu->waiting && smmu->waiting->turn < turn)) {
        wait_for_queue(smmu, bank, stall);
        return;
    }
    struct recording recording AT_END(end_recording) = {smmu, stall, stag, false};
    smmu->stalled[stag] = stall; /* before the write, which may block */
    evt_set_Stall(record, 1);
    evt_set_STAG(record, stag);
    evtq_record_stall(call, bank, record, &recording.written);
    if (withdraw(&recording))
        wait_for_queue(smmu, bank, stall);
}

bool stall_ended(const struct call *call)
{
    return call->txn->stall && call->txn->stall->disables != call->disables;
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
    for (struct smmu_stall **at = &smmu->waiting; *at;) {
        struct smmu_stall *stall = *at;
        if (stall->sec == bank->sec && (all || stall->sid == sid)) {
            *at = stall->next;
            release(smmu, stall, SMMU_RESUME_ABORT);
        } else {
            at = &stall->next;
        }
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

void stall_retry_waiting(struct smmu_state *smmu, const struct bank *bank)
{
    if (!room_for_event(smmu, bank))
        return;
    while (smmu->waiting) {
        struct smmu_stall *stall = smmu->waiting;
        smmu->waiting = stall->next;
        release(smmu, stall, SMMU_RESUME_RETRY);
    }
}

bool smmu_stall_held(const smmu_t *smmu, const struct smmu_stall *stall)
{
    for (uint32_t stag = 0; stag < smmu->cfg.stall_max; stag++)
        if (smmu->stalled[stag] == stall)
            return true;
    for (const struct smmu_stall *waiting = smmu->waiting; waiting; waiting = waiting->next)
        if (waiting == stall)
            return true;
    return false;
}
