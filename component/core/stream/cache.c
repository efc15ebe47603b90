/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration cache (IHI 0070 4.3). An STE is identified by SEC_SID and StreamID (5.2.1), a
 * CD by these and its index (5.4.1); invalidating an STE takes the CDs reached through it along. A
 * VMS is identified by SEC_SID and VMID (5.6.2); what a CD's PARTID is by it is cached with the CD.
 * An STE may stand for a run of streams (5.2, CONT): it has the StreamID of the first of them, and
 * is found after one of a smaller run, which is another that lies there. */
#include "stream/cache.h"

#include <stdlib.h>

#include "config.h"

struct cached_vms {
    struct vms_cfg cfg;
    uint16_t vmid;
    uint8_t sec; /* enum smmu_sec */
};

bool cache_init(struct smmu_state *smmu)
{
    const struct smmu_config *cfg = &smmu->cfg;
    smmu->cache = calloc(1, sizeof(*smmu->cache));
    if (!smmu->cache)
        return false;
    smmu->cache->version = 1;
    return assoc_init(&smmu->cache->ste, ASSOC_PLAN(cfg, config_cache, struct cached_ste)) &&
           assoc_init(&smmu->cache->cd, ASSOC_PLAN(cfg, config_cache, struct cached_cd)) &&
           (!config_vms(cfg) ||
            assoc_init(&smmu->cache->vms, ASSOC_PLAN(cfg, config_cache, struct cached_vms)));
}

void cache_free(struct smmu_state *smmu)
{
    if (!smmu->cache)
        return;
    assoc_free(&smmu->cache->ste);
    assoc_free(&smmu->cache->cd);
    assoc_free(&smmu->cache->vms);
    free(smmu->cache);
}

static uint64_t key_addr(uint32_t sid, uint32_t index)
{
    return (uint64_t)index << 32 | sid;
}

/* By which, with the Security state, runs of 2^log2 streams are told apart. */
static uint64_t run_id(unsigned log2)
{
    return (uint64_t)log2 << 8;
}

/* The STE in `store`, if that has STEs, of a run that holds the call's stream. */
static __attribute__((noinline)) void *find_run(const struct call *call, struct assoc *store)
{
    const struct config_cache *cache = call->smmu->cache;
    uint32_t slot;
    for (uint32_t runs = store == &cache->ste ? cache->ste_runs : 0; runs != 0; runs &= runs - 1) {
        unsigned log2 = (unsigned)__builtin_ctz(runs);
        uint32_t first = call->txn->sid >> log2 << log2;
        void *entry = assoc_peek(store, first, first, call->bank->sec | run_id(log2), &slot);
        if (!entry)
            continue;
        if (call->mode == CALL_REAL)
            replacement_used(&store->replacement, slot);
        return entry;
    }
    return NULL;
}

static void *peek(const struct call *call, struct assoc *store, uint32_t index)
{
    uint32_t sid = call->txn->sid;
    uint32_t slot;
    void *entry =
        assoc_peek(store, (uint64_t)sid + index, key_addr(sid, index), call->bank->sec, &slot);
    return entry ? entry : find_run(call, store);
}

static void *find(const struct call *call, struct assoc *store, const struct bank *bank,
                  uint32_t index)
{
    uint32_t sid = call->txn->sid;
    if (call->mode != CALL_REAL)
        return peek(call, store, index);
    void *entry = assoc_find(store, (uint64_t)sid + index, key_addr(sid, index), bank->sec);
    if (!entry)
        entry = find_run(call, store);
    observe_call(call, entry ? SMMU_OBSERVE_config_hit : SMMU_OBSERVE_config_miss, call->txn->addr,
                 0);
    return entry;
}

const struct ste_cfg *cache_find_ste(const struct call *call)
{
    const struct cached_ste *cached = find(call, &call->smmu->cache->ste, call->bank, 0);
    return cached ? &cached->cfg : NULL;
}

const struct cd_cfg *cache_find_cd(const struct call *call, uint32_t index)
{
    const struct cached_cd *cached = find(call, &call->smmu->cache->cd, call->bank, index);
    return cached ? &cached->cfg : NULL;
}

const struct vms_cfg *cache_find_vms(const struct call *call, uint16_t vmid)
{
    const struct assoc *store = &call->smmu->cache->vms;
    uint32_t slot;
    const struct cached_vms *cached = assoc_peek(store, vmid, vmid, call->bank->sec, &slot);
    if (cached && call->mode == CALL_REAL)
        replacement_used(&call->smmu->cache->vms.replacement, slot);
    observe_call(call, cached ? SMMU_OBSERVE_config_hit : SMMU_OBSERVE_config_miss, call->txn->addr,
                 0);
    return cached ? &cached->cfg : NULL;
}

const struct ste_cfg *cache_filled_ste(const struct call *call)
{
    const struct cached_ste *cached = peek(call, &call->smmu->cache->ste, 0);
    return cached ? &cached->cfg : NULL;
}

const struct cd_cfg *cache_filled_cd(const struct call *call, uint32_t index)
{
    const struct cached_cd *cached = peek(call, &call->smmu->cache->cd, index);
    return cached ? &cached->cfg : NULL;
}

/* Room for a CD of a stream, or for the STE of the 2^run_log2 streams that begin with it. */
static void *fill(const struct call *call, struct assoc *store, uint32_t sid, uint32_t index,
                  unsigned run_log2)
{
    if (!call_fills(call))
        return NULL;
    struct assoc_key key = {.addr = key_addr(sid, index),
                            .id = call->bank->sec | run_id(run_log2),
                            .id_mask = ~UINT64_C(0)};
    struct assoc_place place;
    void *slot = assoc_insert(store, (uint64_t)sid + index, &key, &place);
    call->smmu->cache->version += place.was != ASSOC_FREE;
    return slot;
}

/* 3.21.3: what is not valid may be cached, or not. */
static bool cacheable(const struct call *call, bool illegal)
{
    return !illegal || call->smmu->cfg.cache_invalid;
}

void cache_fill_ste(const struct call *call, const struct ste_cfg *ste)
{
    if (!cacheable(call, ste->illegal))
        return;
    struct config_cache *cache = call->smmu->cache;
    uint32_t sid = call->txn->sid >> ste->run_log2 << ste->run_log2;
    struct cached_ste *slot = fill(call, &cache->ste, sid, 0, ste->run_log2);
    if (!slot)
        return;
    *slot = (struct cached_ste){.cfg = *ste, .tag = {.sid = sid, .sec = call->bank->sec}};
    if (ste->run_log2 != 0)
        cache->ste_runs |= UINT32_C(1) << ste->run_log2;
}

void cache_fill_cd(const struct call *call, uint32_t index, const struct cd_cfg *cd)
{
    if (!cacheable(call, cd->illegal))
        return;
    struct cached_cd *slot = fill(call, &call->smmu->cache->cd, call->txn->sid, index, 0);
    if (slot)
        *slot = (struct cached_cd){
            .cfg = *cd,
            .tag = {.sid = call->txn->sid, .cd_index = index, .sec = call->bank->sec, .cd = true}};
}

void cache_fill_vms(const struct call *call, uint16_t vmid, const struct vms_cfg *vms)
{
    if (!call_fills(call))
        return;
    struct assoc_key key = {.addr = vmid, .id = call->bank->sec, .id_mask = ~UINT64_C(0)};
    struct assoc_place place;
    struct cached_vms *slot = assoc_insert(&call->smmu->cache->vms, vmid, &key, &place);
    if (slot)
        *slot = (struct cached_vms){.cfg = *vms, .vmid = vmid, .sec = call->bank->sec};
}

/* That of a run goes with any of its streams: it is that stream's (5.2, CONT). */
static bool ste_selected(const void *entry, const void *selector)
{
    const struct cached_ste *cached = entry;
    const struct smmu_inval *inval = selector;
    struct smmu_tag tag = cached->tag;
    uint32_t last = tag.sid | (uint32_t)(BIT64(cached->cfg.run_log2) - 1);
    if (inval->sid > tag.sid)
        tag.sid = inval->sid < last ? inval->sid : last; /* that next to what is named */
    return smmu_inval_matches(inval, &tag);
}

static bool cd_selected(const void *entry, const void *inval)
{
    return smmu_inval_matches(inval, &((const struct cached_cd *)entry)->tag);
}

/* 5.6.2: by VMID, which CR0.VMW has no part in, or with all there is. */
static bool vms_selected(const void *entry, const void *selector)
{
    const struct cached_vms *cached = entry;
    const struct smmu_inval *inval = selector;
    bool all = inval->kind == SMMU_INVAL_ALL || inval->kind == SMMU_INVAL_CFG_ALL;
    return cached->sec == inval->sec &&
           (all || (inval->kind == SMMU_INVAL_CFG_VMS && cached->vmid == inval->vmid));
}

uint32_t cache_invalidate(struct smmu_state *smmu, const struct smmu_inval *inval)
{
    smmu->cache->version++;
    return assoc_remove_if(&smmu->cache->ste, 0, 0, ste_selected, inval) +
           assoc_remove_if(&smmu->cache->cd, 0, 0, cd_selected, inval) +
           assoc_remove_if(&smmu->cache->vms, 0, 0, vms_selected, inval);
}

bool cache_empty(const struct config_cache *cache)
{
    return assoc_empty(&cache->ste) && assoc_empty(&cache->cd) && assoc_empty(&cache->vms);
}
