/* SPDX-License-Identifier: Apache-2.0 */
/* Ways: what configuration transactions of a kind go by, remembered as long as it lies in the
 * configuration cache. All that looking it up again would do is done: nobody can tell. */
#ifndef SMMU_CORE_WAY_H
#define SMMU_CORE_WAY_H

#include "base/lines.h"
#include "observe/observe.h"
#include "observe/unit.h"
#include "service/txn_key.h"
#include "stream/cache.h"
#include "stream/lookup.h"

/* The way of transactions that have the same `key`. */
struct way {
    _Alignas(LINE_BYTES) struct txn_key key;
    uint64_t version; /* of the configuration cache when this was remembered; 0: it is free */
    uint64_t strtab;  /* STRTAB_BASE_CFG then */
    const struct ste_cfg *ste;
    const struct cd_cfg *cd;    /* NULL: there is none on the way */
    uint32_t ste_slot, cd_slot; /* where they are in the cache */
    uint32_t cd_index;          /* this and the next: as in struct stream */
    struct stream_kind kind;
};

bool way_init(struct smmu_state *smmu);
void way_free(struct smmu_state *smmu);

/* Where the way of `key` may be. */
static inline struct way *way_at(const struct smmu_state *smmu, const struct txn_key *key)
{
    uint64_t hash = (key->stream + key->kind * 3) * UINT64_C(0x9e3779b97f4a7c15);
    return &smmu->ways[hash >> smmu->ways_shift];
}

/* Whether a look-up would do more than to find what is in the cache. */
static inline bool way_barred(const struct call *call, const struct way *way)
{
    const struct smmu_state *smmu = call->smmu;
    return way->version != smmu->cache->version ||
           way->strtab != call->bank->reg[REG_STRTAB_BASE_CFG] ||
           smmu->injected[SMMU_INJECT_CFG_CONFLICT] != 0 ||
           unit_watched(smmu, SMMU_UNIT_CONFIG_CACHE) || (!way->cd && lookup_too_large(call, true));
}

/* Take the call's transaction, which is not marked Translated, whose TBU is there and that meets an
 * SMMU that translates, to where it is translated: as lookup_ste(), lookup_route() and lookup_cd()
 * do where all is cached, no override changes it and a stage translates. False: ask these. */
static inline bool way_find(const struct call *call, struct stream *stream)
{
    if (call->mode != CALL_REAL || !call->smmu->ways)
        return false;
    const struct txn_key key = txn_key(call->txn);
    const struct way *way = way_at(call->smmu, &key);
    if (!txn_key_equal(&way->key, &key) || way_barred(call, way))
        return false;
    struct config_cache *cache = call->smmu->cache;
    cache_find_again(call, &cache->ste, way->ste_slot);
    if (way->cd)
        cache_find_again(call, &cache->cd, way->cd_slot);
    stream->ste = way->ste;
    stream->cd = way->cd;
    stream->cd_index = way->cd_index;
    stream->label = NULL; /* only traffic marked Translated has one */
    stream->kind = &way->kind;
    return true;
}

/* Remember the way of the call's transaction, which leads to where `stream` says. */
void way_remember(const struct call *call, const struct stream *stream);

#endif
