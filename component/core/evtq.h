/* SPDX-License-Identifier: Apache-2.0 */
/* The Event queue (IHI 0070 7.2, 7.4). */
#ifndef SMMU_CORE_EVTQ_H
#define SMMU_CORE_EVTQ_H

#include "event.h"
#include "smmu_priv.h"

/* Deliver a record of a terminated transaction, or discard it if the queue is not writable. `call`
 * is the transaction's cookie. */
void evtq_record(struct smmu_state *smmu, struct bank *bank, const struct evt_raw *record,
                 bool merge, void *call);

/* Deliver a record of a stalled transaction. False if the queue is not writable or the write
 * aborts; nothing is discarded then, and no overflow flagged (7.4). */
bool evtq_record_stall(struct smmu_state *smmu, struct bank *bank, const struct evt_raw *record,
                       void *call);

/* Whether a record could be written now (7.2.1). */
bool evtq_writable(const struct smmu_state *smmu, const struct bank *bank);

#endif
