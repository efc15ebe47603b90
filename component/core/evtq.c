/* SPDX-License-Identifier: Apache-2.0 */
/* The Event queue (IHI 0070 7.2): writing records, overflow, aborts, the non-empty interrupt. */
#include "evtq.h"

#include <string.h>

#include "irq.h"
#include "outqueue.h"

bool evtq_writable(const struct smmu_state *smmu, const struct bank *bank)
{
    return outqueue_enabled(bank, &outqueue_events) && !outqueue_full(smmu, bank, &outqueue_events);
}

/* Write a record to the queue, which is writable. */
static bool append(struct smmu_state *smmu, struct bank *bank, const struct evt_raw *record,
                   void *call)
{
    bool was_empty;
    if (!outqueue_append(smmu, bank, &outqueue_events, record->w, call, &was_empty))
        return false;
    smmu->stats.events++;
    memcpy(bank->last_event, record->w, sizeof(bank->last_event));
    if (was_empty)
        irq_raise(smmu, bank, SMMU_IRQ_EVTQ);
    return true;
}

/* 7.3.1: the record stands for the event as well, if software has not taken it yet. Records that
 * differ in InputAddr[11:0] alone are identical. */
static bool mergeable(const struct smmu_state *smmu, const struct bank *bank,
                      const struct evt_raw *record)
{
    struct evt_raw last;
    if (outqueue_empty(smmu, bank, &outqueue_events))
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
    outqueue_lock(smmu);
    bool writable = evtq_writable(smmu, bank);
    if (writable && merge && mergeable(smmu, bank, record)) {
        smmu->stats.events_merged++;
    } else if (!writable || !append(smmu, bank, record, call)) {
        smmu->stats.events_discarded++;
        if (outqueue_enabled(bank, &outqueue_events) && outqueue_full(smmu, bank, &outqueue_events))
            outqueue_overflow(bank, &outqueue_events);
    }
    outqueue_unlock(smmu);
}

bool evtq_record_stall(struct smmu_state *smmu, struct bank *bank, const struct evt_raw *record,
                       void *call)
{
    trace(smmu, SMMU_TRACE_event, evt_Type(record), evt_StreamID(record));
    outqueue_lock(smmu);
    bool done = evtq_writable(smmu, bank) && append(smmu, bank, record, call);
    outqueue_unlock(smmu);
    return done;
}
