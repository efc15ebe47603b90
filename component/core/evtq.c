/* SPDX-License-Identifier: Apache-2.0 */
/* The Event queue (IHI 0070 7.2): writing records, overflow, aborts, the non-empty interrupt. */
#include "evtq.h"

#include <string.h>

#include "fetch.h"
#include "irq.h"
#include "queue.h"

#define EVENT_LOG2 5 /* log2 of EVENT_SIZE */

/* 7.4: toggles OVFLG unless an overflow is unacknowledged. */
static void overflow(struct bank *bank)
{
    if (((bank->reg[REG_EVENTQ_PROD] ^ bank->reg[REG_EVENTQ_CONS]) & QUEUE_OVFLG) == 0)
        bank->reg[REG_EVENTQ_PROD] ^= QUEUE_OVFLG;
}

static unsigned evtq_log2(const struct smmu_state *smmu, const struct bank *bank)
{
    return queue_log2(bank->reg[REG_EVENTQ_BASE], smmu->cfg.evtq_log2_max);
}

static bool enabled(const struct bank *bank)
{
    return bank_enabled(bank, CR0_EVENTQEN) && !gerror_active(bank, GERROR_EVENTQ_ABT_ERR);
}

static bool full(const struct smmu_state *smmu, const struct bank *bank)
{
    return queue_full(bank->reg[REG_EVENTQ_PROD], bank->reg[REG_EVENTQ_CONS],
                      evtq_log2(smmu, bank));
}

bool evtq_writable(const struct smmu_state *smmu, const struct bank *bank)
{
    return enabled(bank) && !full(smmu, bank);
}

/* Write a record to the queue, which is writable. 7.2.2: an abort is synchronous, the index does
 * not pass an entry whose write aborted. */
static bool append(struct smmu_state *smmu, struct bank *bank, const struct evt_raw *record,
                   void *call)
{
    unsigned log2 = evtq_log2(smmu, bank);
    uint64_t prod = bank->reg[REG_EVENTQ_PROD];
    uint64_t addr = queue_entry(bank->reg[REG_EVENTQ_BASE], prod, log2, EVENT_LOG2);

    bool written = fetch_queue_write(smmu, bank, addr, record->w, 4, call);
    if (!bank_enabled(bank, CR0_EVENTQEN)) /* the SMMU was reset meanwhile */
        return false;
    if (!written) {
        gerror_activate(smmu, bank, GERROR_EVENTQ_ABT_ERR);
        return false;
    }
    smmu->stats.events++;
    memcpy(bank->last_event, record->w, sizeof(bank->last_event));
    bool was_empty = queue_empty(prod, bank->reg[REG_EVENTQ_CONS], log2);
    bank->reg[REG_EVENTQ_PROD] =
        (bank->reg[REG_EVENTQ_PROD] & QUEUE_OVFLG) | queue_next(prod, log2);
    if (was_empty)
        irq_raise(smmu, bank, SMMU_IRQ_EVTQ);
    return true;
}

static void lock(const struct smmu_state *smmu)
{
    if (smmu->ops.lock)
        smmu->ops.lock(smmu->user);
}

static void unlock(const struct smmu_state *smmu)
{
    if (smmu->ops.unlock)
        smmu->ops.unlock(smmu->user);
}

/* 7.3.1: the record stands for the event as well, if software has not taken it yet. Records that
 * differ in InputAddr[11:0] alone are identical. */
static bool mergeable(const struct smmu_state *smmu, const struct bank *bank,
                      const struct evt_raw *record)
{
    struct evt_raw last;
    if (queue_empty(bank->reg[REG_EVENTQ_PROD], bank->reg[REG_EVENTQ_CONS], evtq_log2(smmu, bank)))
        return false;
    memcpy(last.w, bank->last_event, sizeof(last.w));
    if ((evt_InputAddr(&last) ^ evt_InputAddr(record)) >> 12 != 0)
        return false;
    evt_set_InputAddr(&last, evt_InputAddr(record));
    return memcmp(last.w, record->w, sizeof(last.w)) == 0;
}

void evtq_record(struct smmu_state *smmu, struct bank *bank, const struct evt_raw *record,
                 bool merge, void *call)
{
    trace(smmu, SMMU_TRACE_event, evt_Type(record), evt_StreamID(record));
    lock(smmu);
    bool writable = evtq_writable(smmu, bank);
    if (writable && merge && mergeable(smmu, bank, record)) {
        smmu->stats.events_merged++;
    } else if (!writable || !append(smmu, bank, record, call)) {
        smmu->stats.events_discarded++;
        if (enabled(bank) && full(smmu, bank))
            overflow(bank);
    }
    unlock(smmu);
}

bool evtq_record_stall(struct smmu_state *smmu, struct bank *bank, const struct evt_raw *record,
                       void *call)
{
    trace(smmu, SMMU_TRACE_event, evt_Type(record), evt_StreamID(record));
    lock(smmu);
    bool done = evtq_writable(smmu, bank) && append(smmu, bank, record, call);
    unlock(smmu);
    return done;
}
