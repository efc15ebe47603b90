/* SPDX-License-Identifier: Apache-2.0 */
/* The stall model (IHI 0070 3.12.2, 4.7.1, 4.7.2, 7.2.1). A stalled transaction is either recorded,
 * and then has a STAG that software answers with, or waits to be retried because its event could
 * not be written. Duplicates are not suppressed and there is no early retry. */
#include "report/stall.h"

#include <stdlib.h>

#include "observe/observe.h"
#include "report/evtq.h"

struct stalls {
    uint64_t turns;               /* counts transactions that stalled, retries apart, from 1 */
    struct smmu_stall *by_stag[]; /* those whose event is recorded */
};

bool stall_init(struct smmu_state *smmu)
{
    if (smmu->cfg.stall_max == 0)
        return true;
    smmu->stalls =
        calloc(1, sizeof(struct stalls) + smmu->cfg.stall_max * sizeof(struct smmu_stall *));
    bool done = smmu->stalls != NULL;
    for (struct bank *bank = bank_next(smmu, NULL); bank; bank = bank_next(smmu, bank))
        done &= (bank->retries = calloc(smmu->cfg.stall_max, sizeof(uint64_t))) != NULL;
    return done;
}

void stall_free(struct smmu_state *smmu)
{
    free(smmu->stalls);
    for (struct bank *bank = bank_next(smmu, NULL); bank; bank = bank_next(smmu, bank))
        free(bank->retries);
}

static void release(struct smmu_state *smmu, struct smmu_stall *stall, enum smmu_resume action)
{
    smmu->ops.resume(smmu->user, stall, action);
}

/* --- turns --------------------------------------------------------------------------------------
 * First come, first served: a transaction that is retried keeps its turn, and whoever came after it
 * leaves it the room it is retried for. */

/* A free STAG, or stall_max. */
static uint32_t free_stag(const struct smmu_state *smmu)
{
    uint32_t stag = 0;
    while (stag < smmu->cfg.stall_max && smmu->stalls->by_stag[stag])
        stag++;
    return stag;
}

/* How many transactions could have their events recorded now. */
static uint32_t room(const struct smmu_state *smmu, const struct bank *bank)
{
    uint32_t records = evtq_room(smmu, bank);
    uint32_t stags = 0;
    for (uint32_t stag = 0; stag < smmu->cfg.stall_max && stags < records; stag++)
        stags += !smmu->stalls->by_stag[stag];
    return stags;
}

/* How many that came before `turn` wait for room, or are being retried for it. */
static uint32_t ahead(const struct bank *bank, uint64_t turn)
{
    uint32_t count = 0;
    for (const struct smmu_stall *each = bank->waiting; each && each->turn < turn;
         each = each->next)
        count++;
    for (uint32_t i = 0; i < bank->retry_count; i++)
        count += bank->retries[i] < turn;
    return count;
}

void stall_retry_waiting(struct smmu_state *smmu, struct bank *bank)
{
    uint32_t places = bank->waiting ? room(smmu, bank) : 0;
    while (bank->waiting && bank->retry_count < places) {
        struct smmu_stall *stall = bank->waiting;
        bank->waiting = stall->next;
        bank->retries[bank->retry_count++] = stall->turn;
        release(smmu, stall, SMMU_RESUME_RETRY);
    }
}

/* The retry for which `turn` was kept is over, if there was one. */
static void end_retry(struct bank *bank, uint64_t turn)
{
    for (uint32_t i = 0; i < bank->retry_count; i++) {
        if (bank->retries[i] == turn) {
            bank->retries[i] = bank->retries[--bank->retry_count];
            return;
        }
    }
}

void stall_end_retry(const struct stall_retry *retry)
{
    struct bank *bank = bank_of(retry->smmu, retry->txn->sec);
    if (!retry->txn->stall || !bank)
        return;
    end_retry(bank, retry->txn->stall->turn);
    stall_retry_waiting(retry->smmu, bank);
}

/* There may be room again already, without a register write to come that says so. */
static void wait_for_room(struct smmu_state *smmu, struct bank *bank, struct smmu_stall *stall)
{
    struct smmu_stall **at = &bank->waiting;
    while (*at && (*at)->turn < stall->turn)
        at = &(*at)->next;
    stall->next = *at;
    *at = stall;
    if (bank->retry_count < room(smmu, bank))
        ring_doorbell(smmu);
}

/* --- records ------------------------------------------------------------------------------------
 */

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
    struct smmu_stall **at = &recording->smmu->stalls->by_stag[recording->stag];
    if (recording->written || *at != recording->stall)
        return false;
    *at = NULL;
    return true;
}

/* Where the host unwinds the call: those that wait for a STAG may go on. */
static void end_recording(const struct recording *recording)
{
    if (withdraw(recording))
        ring_doorbell(recording->smmu);
}

void stall_hold(const struct call *call, struct evt_raw *record)
{
    struct smmu_state *smmu = call->smmu;
    struct smmu_stall *stall = call->txn->stall;
    uint32_t stag = free_stag(smmu);
    uint64_t turn = call->txn->retried ? stall->turn : ++smmu->stalls->turns;

    *stall = (struct smmu_stall){.turn = turn,
                                 .sid = call->txn->sid,
                                 .disables = call->disables,
                                 .stag = (uint16_t)stag,
                                 .sec = call->bank->sec};
    observe_call(call, SMMU_OBSERVE_stall, call->txn->addr, 0);
    end_retry(call->bank, turn);
    if (room(smmu, call->bank) <= ahead(call->bank, turn)) {
        wait_for_room(smmu, call->bank, stall);
        return;
    }
    struct recording recording AT_END(end_recording) = {smmu, stall, stag, false};
    smmu->stalls->by_stag[stag] = stall; /* before the write, which may block */
    evt_set_Stall(record, 1);
    evt_set_STAG(record, stag);
    evtq_record_stall(call, record, &recording.written);
    if (withdraw(&recording))
        wait_for_room(smmu, call->bank, stall);
}

bool stall_holds(const struct smmu_state *smmu, uint32_t stag, const struct smmu_stall *stall)
{
    return smmu->stalls->by_stag[stag] == stall;
}

bool stall_ended(const struct call *call)
{
    return call->bank && call->txn->stall &&
           (call->txn->stall->disables != call->disables || !bank_enabled(call->bank, CR0_SMMUEN));
}

/* --- answers ------------------------------------------------------------------------------------
 */

void stall_resume(struct smmu_state *smmu, const struct bank *bank, uint32_t sid, uint16_t stag,
                  enum smmu_resume action)
{
    if (stag >= smmu->cfg.stall_max)
        return;
    struct smmu_stall *stall = smmu->stalls->by_stag[stag];
    if (!stall || stall->sid != sid || stall->sec != bank->sec)
        return;
    smmu->stalls->by_stag[stag] = NULL;
    release(smmu, stall, action);
}

/* Abort the recorded and the waiting transactions of `bank`, of one StreamID or of all. */
static void terminate(struct smmu_state *smmu, struct bank *bank, bool all, uint32_t sid)
{
    for (uint32_t stag = 0; stag < smmu->cfg.stall_max; stag++) {
        struct smmu_stall *stall = smmu->stalls->by_stag[stag];
        if (stall && stall->sec == bank->sec && (all || stall->sid == sid)) {
            smmu->stalls->by_stag[stag] = NULL;
            release(smmu, stall, SMMU_RESUME_ABORT);
        }
    }
    for (struct smmu_stall **at = &bank->waiting; *at;) {
        struct smmu_stall *stall = *at;
        if (all || stall->sid == sid) {
            *at = stall->next;
            release(smmu, stall, SMMU_RESUME_ABORT);
        } else {
            at = &stall->next;
        }
    }
}

void stall_terminate_sid(struct smmu_state *smmu, struct bank *bank, uint32_t sid)
{
    terminate(smmu, bank, false, sid);
}

void stall_terminate_all(struct smmu_state *smmu, struct bank *bank)
{
    terminate(smmu, bank, true, 0);
}

static bool waits(const struct bank *bank, const struct smmu_stall *stall)
{
    const struct smmu_stall *each = bank->waiting;
    while (each && each != stall)
        each = each->next;
    return each != NULL;
}

bool smmu_stall_held(const smmu_t *smmu, const struct smmu_stall *stall)
{
    for (uint32_t stag = 0; stag < smmu->cfg.stall_max; stag++)
        if (smmu->stalls->by_stag[stag] == stall)
            return true;
    for (unsigned sec = 0; sec < SMMU_SEC_COUNT; sec++)
        if (waits(&smmu->bank[sec], stall))
            return true;
    return false;
}

static void stop_waiting(struct bank *bank, const struct smmu_stall *stall)
{
    struct smmu_stall **at = &bank->waiting;
    while (*at && *at != stall)
        at = &(*at)->next;
    if (*at)
        *at = stall->next;
}

bool smmu_stall_abandon(smmu_t *smmu, const struct smmu_stall *stall)
{
    for (struct bank *bank = bank_next(smmu, NULL); bank; bank = bank_next(smmu, bank)) {
        stop_waiting(bank, stall);
        end_retry(bank, stall->turn);
        stall_retry_waiting(smmu, bank);
    }
    return smmu_stall_held(smmu, stall);
}
