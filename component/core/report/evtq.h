/* SPDX-License-Identifier: Apache-2.0 */
/* The Event queue (IHI 0070 7.2, 7.4). */
#ifndef SMMU_CORE_EVTQ_H
#define SMMU_CORE_EVTQ_H

#include "report/event.h"
#include "smmu_priv.h"

/* Deliver a record of the call's transaction, which is terminated, or discard it if the queue is
 * not writable. */
void evtq_record(const struct call *call, const struct evt_raw *record, bool merge);

/* Deliver the record of the call's transaction, stalled with the STAG in it, unless it is let go
 * before. `*written` is set as soon as the record can be seen. If it is not written nothing is
 * discarded, and no overflow flagged (7.4). */
void evtq_record_stall(const struct call *call, const struct evt_raw *record, bool *written);

/* How many records could be written now (7.2.1). */
uint32_t evtq_room(const struct smmu_state *smmu, const struct bank *bank);

#endif
