/* SPDX-License-Identifier: Apache-2.0 */
/* The Event queue (IHI 0070 7.2): writing records, overflow, aborts, the non-empty interrupt. */
#include "evtq.h"

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

/* 7.2.1: whether a record can be written now. */
static bool writable(struct bank *bank, unsigned log2)
{
    if (!bank_enabled(bank, CR0_EVENTQEN) || gerror_active(bank, GERROR_EVENTQ_ABT_ERR))
        return false;
    if (!queue_full(bank->reg[REG_EVENTQ_PROD], bank->reg[REG_EVENTQ_CONS], log2))
        return true;
    overflow(bank);
    return false;
}

/* 7.2.2: an abort is synchronous, the index does not pass an entry whose write aborted. */
static void write_record(struct smmu_state *smmu, struct bank *bank, const struct evt_raw *record,
                         void *call)
{
    unsigned log2 = queue_log2(bank->reg[REG_EVENTQ_BASE], smmu->cfg.evtq_log2_max);
    if (!writable(bank, log2)) {
        smmu->stats.events_discarded++;
        return;
    }
    uint64_t prod = bank->reg[REG_EVENTQ_PROD];
    uint64_t addr = queue_entry(bank->reg[REG_EVENTQ_BASE], prod, log2, EVENT_LOG2);
    bool written = fetch_queue_write(smmu, bank, addr, record->w, 4, call);
    if (!bank_enabled(bank, CR0_EVENTQEN)) /* the SMMU was reset meanwhile */
        return;
    if (!written) {
        smmu->stats.events_discarded++;
        gerror_activate(smmu, bank, GERROR_EVENTQ_ABT_ERR);
        return;
    }
    smmu->stats.events++;
    bool was_empty = queue_empty(prod, bank->reg[REG_EVENTQ_CONS], log2);
    bank->reg[REG_EVENTQ_PROD] =
        (bank->reg[REG_EVENTQ_PROD] & QUEUE_OVFLG) | queue_next(prod, log2);
    if (was_empty && (bank->reg[REG_IRQ_CTRLACK] & IRQ_CTRL_EVENTQ_IRQEN))
        irq_pulse(smmu, bank, SMMU_IRQ_EVTQ);
}

void evtq_record(struct smmu_state *smmu, struct bank *bank, const struct evt_raw *record,
                 void *call)
{
    trace(smmu, SMMU_TRACE_event, evt_Type(record), evt_StreamID(record));
    if (smmu->ops.lock)
        smmu->ops.lock(smmu->user);
    write_record(smmu, bank, record, call);
    if (smmu->ops.unlock)
        smmu->ops.unlock(smmu->user);
}
