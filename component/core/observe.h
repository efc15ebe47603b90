/* SPDX-License-Identifier: Apache-2.0 */
/* The one point of observation: statistics count here, and the host is told. */
#ifndef SMMU_CORE_OBSERVE_H
#define SMMU_CORE_OBSERVE_H

#include "smmu_priv.h"

/* Tell ops.observe. Apart, as it is rarely there. */
void observe_tell(const struct smmu_state *smmu, const struct smmu_observation *seen);

/* Something happens to stream `sid` of Security state `sec`. */
static inline void observe(struct smmu_state *smmu, enum smmu_observation_id id, uint8_t sec,
                           uint32_t sid, uint64_t a, uint64_t b)
{
    smmu->counters[id]++;
    if (__builtin_expect(smmu->ops.observe != NULL, 0)) {
        const struct smmu_observation seen = {
            .id = (uint8_t)id, .sec = sec, .sid = sid, .a = a, .b = b};
        observe_tell(smmu, &seen);
    }
}

/* Something happens to a bank, and to no stream. */
static inline void observe_bank(struct smmu_state *smmu, enum smmu_observation_id id,
                                const struct bank *bank, uint64_t a, uint64_t b)
{
    observe(smmu, id, (uint8_t)bank->sec, 0, a, b);
}

/* Something happens to what `call` is about. A probe is not observed. */
static inline void observe_call(const struct call *call, enum smmu_observation_id id, uint64_t a,
                                uint64_t b)
{
    if (!call->probe)
        observe(call->smmu, id, call->txn->sec, call->txn->sid, a, b);
}

#endif
