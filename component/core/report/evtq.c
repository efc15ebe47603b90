/* SPDX-License-Identifier: Apache-2.0 */
/* The Event queue (IHI 0070 7.2): writing records, overflow, aborts, the non-empty interrupt. */
#include "report/evtq.h"

#include <string.h>

#include "observe/observe.h"
#include "report/irq.h"
#include "report/outqueue.h"
#include "report/stall.h"

uint32_t evtq_room(const struct smmu_state *smmu, const struct bank *bank)
{
    return outqueue_enabled(smmu, bank, &outqueue_events)
               ? outqueue_room(smmu, bank, &outqueue_events)
               : 0;
}

static void observe_record(struct smmu_state *smmu, enum smmu_observation_id id,
                           const struct bank *bank, const struct evt_raw *record)
{
    observe(smmu, id, bank->sec, evt_StreamID(record), evt_Type(record), 0);
}

/* Write a record to the queue, which is writable. Returns the interrupts to raise. */
static unsigned append(struct smmu_state *smmu, struct bank *bank, const struct evt_raw *record,
                       void *cookie, bool *written)
{
    bool was_empty;
    unsigned irqs = 0;
    *written = outqueue_append(smmu, bank, &outqueue_events, record->w, cookie, &was_empty, &irqs);
    if (!*written)
        return irqs;
    observe_record(smmu, SMMU_OBSERVE_event, bank, record);
    memcpy(bank->last_event, record->w, sizeof(bank->last_event));
    return was_empty ? irqs | 1u << SMMU_IRQ_EVTQ : irqs;
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

/* Returns the interrupts to raise. */
static unsigned record_in_turn(const struct call *call, const struct evt_raw *record, bool merge)
{
    struct smmu_state *smmu = call->smmu;
    struct outqueue_turn turn AT_END(outqueue_leave) =
        outqueue_enter(smmu, call->bank, &outqueue_events);
    /* Events of translation end with it (6.3.9.6), those not begun when the queue is closed with
     * that (7.2.1). */
    bool ended =
        call->disables != call->bank->disables && event_needs_translation(evt_Type(record));
    bool due = !turn.closed && !ended;
    bool enabled = due && outqueue_enabled(smmu, call->bank, &outqueue_events);
    bool full = outqueue_full(smmu, call->bank, &outqueue_events);
    bool written = false;
    unsigned irqs = 0;

    if (enabled && !full && merge && mergeable(smmu, call->bank, record)) {
        observe_record(smmu, SMMU_OBSERVE_event_merge, call->bank, record);
        return 0;
    }
    if (enabled && full)
        outqueue_overflow(call->bank, &outqueue_events);
    else if (enabled)
        irqs = append(smmu, call->bank, record, call->txn->cookie, &written);
    if (!written)
        observe_record(smmu, SMMU_OBSERVE_event_discard, call->bank, record);
    return irqs;
}

void evtq_record(const struct call *call, const struct evt_raw *record, bool merge)
{
    irq_raise_all(call->smmu, call->bank, record_in_turn(call, record, merge));
}

/* The transaction may have been let go while it waited for its turn. */
static bool still_stalled(const struct call *call, const struct evt_raw *record)
{
    return stall_holds(call->smmu, evt_STAG(record), call->txn->stall);
}

/* Returns the interrupts to raise. */
static unsigned record_stall_in_turn(const struct call *call, const struct evt_raw *record,
                                     bool *written)
{
    struct smmu_state *smmu = call->smmu;
    struct outqueue_turn turn AT_END(outqueue_leave) =
        outqueue_enter(smmu, call->bank, &outqueue_events);
    if (!still_stalled(call, record) || evtq_room(smmu, call->bank) == 0)
        return 0;
    return append(smmu, call->bank, record, call->txn->cookie, written);
}

void evtq_record_stall(const struct call *call, const struct evt_raw *record, bool *written)
{
    irq_raise_all(call->smmu, call->bank, record_stall_in_turn(call, record, written));
}
