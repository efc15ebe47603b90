/* SPDX-License-Identifier: Apache-2.0 */
/* Dormant state (IHI 0070 3.19.1): software that finds the SMMU in it need not invalidate. Nothing
 * is counted for that while translations are made: the caches are looked into when software asks.
 */
#include "bank/dormant.h"

#include "dpt/dpt_tlb.h"
#include "service/atos.h"
#include "stream/cache.h"
#include "walk/tbu_tlb.h"
#include "walk/utlb.h"

static bool operates(const struct smmu_state *smmu)
{
    for (unsigned sec = 0; sec < SMMU_SEC_COUNT; sec++)
        if (atos_any_runs(&smmu->bank[sec]))
            return true;
    return false;
}

/* Ways are none without an STE in the configuration cache. */
static bool caches_empty(const struct smmu_state *smmu)
{
    return cache_empty(smmu->cache) && tlb_sizes(&smmu->tlb) == 0 &&
           tlb_sizes(&smmu->walk_s1) == 0 && tlb_sizes(&smmu->walk_s2) == 0 &&
           dpt_tlb_empty(smmu) && tbu_tlb_empty(smmu) && utlb_empty(smmu);
}

bool dormant(const struct smmu_state *smmu)
{
    return !operates(smmu) && caches_empty(smmu) && !(smmu->ops.busy && smmu->ops.busy(smmu->user));
}
