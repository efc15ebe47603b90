/* SPDX-License-Identifier: Apache-2.0 */
/* The stall model (IHI 0070 3.12.2): transactions that wait for software. */
#ifndef SMMU_CORE_STALL_H
#define SMMU_CORE_STALL_H

#include "report/event.h"
#include "smmu_priv.h"

bool stall_init(struct smmu_state *smmu);
void stall_free(struct smmu_state *smmu);

/* Hold the transaction of `call`, whose fault `record` describes. The event is written if there is
 * room in the Event queue, and a STAG, for it and for all that came before and wait; if not, the
 * transaction is retried when that is so. */
void stall_hold(const struct call *call, struct evt_raw *record);

/* CMD_RESUME (4.7.1): let go the transaction of this StreamID and STAG, if there is one. */
void stall_resume(struct smmu_state *smmu, const struct bank *bank, uint32_t sid, uint16_t stag,
                  enum smmu_resume action);

/* Abort all stalled transactions of `bank`: of one stream (4.7.2), or of all (6.3.9.6). */
void stall_terminate_sid(struct smmu_state *smmu, struct bank *bank, uint32_t sid);
void stall_terminate_all(struct smmu_state *smmu, struct bank *bank);

/* Whether `stall` is the transaction that has the STAG. */
bool stall_holds(const struct smmu_state *smmu, uint32_t stag, const struct smmu_stall *stall);

/* Whether the call's transaction, which is retried, is too late: translation ended after it had
 * stalled, which terminates it with an abort (3.12.2.2, 6.3.9.6). */
bool stall_ended(const struct call *call);

/* Retry transactions whose event could not be written, oldest first, as many as there is room for
 * now (7.2.1). */
void stall_retry_waiting(struct smmu_state *smmu, struct bank *bank);

/* A transaction that is retried. AT_END others may have the room that it did not take. */
struct stall_retry {
    struct smmu_state *smmu;
    const struct smmu_txn *txn;
};
void stall_end_retry(const struct stall_retry *retry);

#endif
