/* SPDX-License-Identifier: Apache-2.0 */
/* What a host is told, and its names. */
#include "observe.h"

_Static_assert(sizeof(struct smmu_stats) == SMMU_OBSERVE_COUNT * sizeof(uint64_t),
               "a counter for each observation");

void observe_tell(const struct smmu_state *smmu, const struct smmu_observation *seen)
{
    smmu->ops.observe(smmu->user, seen);
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
