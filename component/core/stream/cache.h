/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration cache: decoded STEs, CDs and VMSs (IHI 0070 4.3, 5.2.1, 5.4.1, 5.6.2). */
#ifndef SMMU_CORE_CACHE_H
#define SMMU_CORE_CACHE_H

#include "base/assoc.h"
#include "observe/observe.h"
#include "smmu_priv.h"
#include "stream/cd.h"
#include "stream/ste.h"
#include "stream/vms.h"

struct cached_ste {
    struct ste_cfg cfg;
    struct smmu_tag tag;
};

struct cached_cd {
    struct cd_cfg cfg;
    struct smmu_tag tag;
};

struct config_cache {
    struct assoc ste;  /* struct cached_ste */
    struct assoc cd;   /* struct cached_cd */
    struct assoc vms;  /* struct cached_vms; of no size where there are none */
    uint32_t ste_runs; /* bit n: there may be STEs that 2^n streams have, n other than 0 */
    uint64_t version;  /* never 0; another one once anything that was there may be there no more */
};

/* Allocate the caches of `smmu` in the shape its configuration asks for; free them. */
bool cache_init(struct smmu_state *smmu);
void cache_free(struct smmu_state *smmu);

/* The cached STE of the call's stream, or its CD number `index`; NULL if there is none. The pointer
 * holds until the next fill or invalidation. */
const struct ste_cfg *cache_find_ste(const struct call *call);
const struct cd_cfg *cache_find_cd(const struct call *call, uint32_t index);

/* The same for the VMS of a VMID, whatever VMSPtr the STE has. */
const struct vms_cfg *cache_find_vms(const struct call *call, uint16_t vmid);

/* The same as the first two for a call that found none and has waited since: whether another one
 * has filled it in meanwhile. Not counted as a look-up. */
const struct ste_cfg *cache_filled_ste(const struct call *call);
const struct cd_cfg *cache_filled_cd(const struct call *call, uint32_t index);

/* The slots of an STE and of a CD that are in the cache. */
static inline uint32_t cache_slot_ste(const struct config_cache *cache, const struct ste_cfg *ste)
{
    _Static_assert(offsetof(struct cached_ste, cfg) == 0, "an STE is where its entry is");
    return assoc_slot(&cache->ste, ste);
}
static inline uint32_t cache_slot_cd(const struct config_cache *cache, const struct cd_cfg *cd)
{
    _Static_assert(offsetof(struct cached_cd, cfg) == 0, "a CD is where its entry is");
    return assoc_slot(&cache->cd, cd);
}

/* What is in `slot` of the cache of STEs, or of CDs, is found there again, by a call that is
 * CALL_REAL. */
static inline void cache_find_again(const struct call *call, struct assoc *store, uint32_t slot)
{
    replacement_used(&store->replacement, slot);
    observe_call_of(call, SMMU_OBSERVE_config_hit, call->txn->addr, 0, true);
}

/* Remember what was fetched, if it may be (smmu_config.cache_invalid) and no invalidation came in
 * between. */
void cache_fill_ste(const struct call *call, const struct ste_cfg *ste);
void cache_fill_cd(const struct call *call, uint32_t index, const struct cd_cfg *cd);
void cache_fill_vms(const struct call *call, uint16_t vmid, const struct vms_cfg *vms);

/* Whether nothing is in the caches. */
bool cache_empty(const struct config_cache *cache);

/* Remove what a configuration invalidation selects (4.3). Returns how many entries that were. */
uint32_t cache_invalidate(struct smmu_state *smmu, const struct smmu_inval *inval);

#endif
