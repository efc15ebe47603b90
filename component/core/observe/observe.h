/* SPDX-License-Identifier: Apache-2.0 */
/* The one point of observation: statistics count here, and the host is told. */
#ifndef SMMU_CORE_OBSERVE_H
#define SMMU_CORE_OBSERVE_H

#include "smmu_priv.h"

/* Tell ops.observe and counter groups; apart, as there is rarely either. */
__attribute__((cold)) void observe_tell(struct smmu_state *smmu, enum smmu_observation_id id,
                                        uint8_t sec, uint32_t sid, uint64_t a, uint64_t b);
__attribute__((cold)) void observe_tell_txn(struct smmu_state *smmu, enum smmu_observation_id id,
                                            const struct smmu_txn *txn, uint64_t a, uint64_t b);
__attribute__((cold)) void observe_tell_call(const struct call *call, enum smmu_observation_id id,
                                             const struct smmu_mpam *mpam, uint64_t a, uint64_t b);
__attribute__((cold)) void observe_tell_answer(struct smmu_state *smmu, enum smmu_observation_id id,
                                               const struct smmu_txn *txn, uint64_t b,
                                               const struct smmu_mpam *mpam, bool requested);

/* Count, and say whether somebody is to be told. */
static inline bool observe_count(struct smmu_state *smmu, enum smmu_observation_id id)
{
    smmu->counters[id]++;
    return __builtin_expect(smmu->watched, 0);
}

/* Something happens to stream `sid` of Security state `sec`. */
static inline void observe(struct smmu_state *smmu, enum smmu_observation_id id, uint8_t sec,
                           uint32_t sid, uint64_t a, uint64_t b)
{
    if (observe_count(smmu, id))
        observe_tell(smmu, id, sec, sid, a, b);
}

/* Something happens to a bank, and to no stream. */
static inline void observe_bank(struct smmu_state *smmu, enum smmu_observation_id id,
                                const struct bank *bank, uint64_t a, uint64_t b)
{
    observe(smmu, id, bank->sec, 0, a, b);
}

/* Something happens to what `call` is about, whose label is `mpam`. A probe is not observed. */
static inline void observe_labelled(const struct call *call, enum smmu_observation_id id,
                                    const struct smmu_mpam *mpam, uint64_t a, uint64_t b)
{
    if (call->mode == CALL_REAL && observe_count(call->smmu, id))
        observe_tell_call(call, id, mpam, a, b);
}

/* The same where the label is not known, or is nobody's. */
static inline void observe_call(const struct call *call, enum smmu_observation_id id, uint64_t a,
                                uint64_t b)
{
    observe_labelled(call, id, NULL, a, b);
}

/* The same where the call may be known to be CALL_REAL. */
static inline void observe_call_of(const struct call *call, enum smmu_observation_id id, uint64_t a,
                                   uint64_t b, bool real)
{
    if ((real || call->mode == CALL_REAL) && observe_count(call->smmu, id))
        observe_tell_call(call, id, NULL, a, b);
}

/* The same where a prefetch is observed too: a slot is taken, a cache filled. */
static inline void observe_traffic(const struct call *call, enum smmu_observation_id id, uint64_t a,
                                   uint64_t b)
{
    if ((call->mode == CALL_REAL || call->mode == CALL_PREFETCH) && observe_count(call->smmu, id))
        observe_tell_call(call, id, NULL, a, b);
}

/* The call accesses a structure in memory, with the label `mpam`. A probe is not observed; an
 * operation without hardware updates is, as the access is made all the same. */
static inline void observe_access(const struct call *call, enum smmu_observation_id id,
                                  const struct smmu_mpam *mpam, uint64_t a, uint64_t b)
{
    if (call->mode != CALL_PROBE && observe_count(call->smmu, id))
        observe_tell_call(call, id, mpam, a, b);
}

/* The same where the call may be known to be CALL_REAL. */
static inline void observe_access_of(const struct call *call, enum smmu_observation_id id,
                                     const struct smmu_mpam *mpam, uint64_t a, uint64_t b,
                                     bool real)
{
    if ((real || call->mode != CALL_PROBE) && observe_count(call->smmu, id))
        observe_tell_call(call, id, mpam, a, b);
}

/* Something happens to a transaction on the hottest path: its own address is the first value. */
static inline void observe_txn(struct smmu_state *smmu, enum smmu_observation_id id,
                               const struct smmu_txn *txn, uint64_t b)
{
    if (observe_count(smmu, id))
        observe_tell_txn(smmu, id, txn, txn->addr, b);
}

/* A transaction goes on or is terminated: what was told of it when its label was not known yet has
 * one now, also that the TCU was asked, if it was `requested`. */
static inline void observe_answer(struct smmu_state *smmu, enum smmu_observation_id id,
                                  const struct smmu_txn *txn, uint64_t b,
                                  const struct smmu_mpam *mpam, bool requested)
{
    if (observe_count(smmu, id))
        observe_tell_answer(smmu, id, txn, b, mpam, requested);
}

/* The label is known of a transaction that was told of as `id` before. */
void observe_settle(struct smmu_state *smmu, enum smmu_observation_id id,
                    const struct smmu_txn *txn, const struct smmu_mpam *mpam);

#endif
