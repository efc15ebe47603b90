/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the host, and the names of observations. */
#include "observe/observe.h"

_Static_assert(sizeof(struct smmu_stats) == SMMU_OBSERVE_COUNT * sizeof(uint64_t),
               "a counter for each observation");

void observe_tell(const struct smmu_state *smmu, enum smmu_observation_id id, uint8_t sec,
                  uint32_t sid, uint64_t a, uint64_t b)
{
    const struct smmu_observation seen = {
        .id = (uint8_t)id, .sec = sec, .sid = sid, .a = a, .b = b};
    smmu->ops.observe(smmu->user, &seen);
}

void observe_tell_txn(const struct smmu_state *smmu, enum smmu_observation_id id,
                      const struct smmu_txn *txn, uint64_t a, uint64_t b)
{
    observe_tell(smmu, id, txn->sec, txn->sid, a, b);
}

const char *smmu_observation_name(enum smmu_observation_id id)
{
    static const char *const names[] = {
#define SMMU_OBSERVATION(name, ...) #name,
#include "smmu/observations.def"
#undef SMMU_OBSERVATION
    };
    return id < SMMU_OBSERVE_COUNT ? names[id] : "?";
}
