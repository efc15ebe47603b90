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
    uint32_t top_bit;           /* the highest that addresses may have (lookup_too_large()) */
    uint32_t cd_index;          /* this and the next: as in struct stream */
    struct stream_kind kind;
};

bool way_init(struct smmu_state *smmu);
void way_free(struct smmu_state *smmu);

/* Where the way of `key` may be: those of neighbouring streams are neighbours, as the host's caches
 * like it, and those that the same device has on each bus fall into different places. */
static inline struct way *way_at(const struct smmu_state *smmu, const struct txn_key *key)
{
    const uint32_t sid = (uint32_t)key->stream;
    const uint64_t others = (key->stream >> 32) + key->kind;
    const uint64_t place = (uint64_t)sid + (sid >> 8);
    return &smmu->ways[(place + (others * ASSOC_GOLDEN_RATIO >> 32)) & smmu->ways_mask];
}

/* Which of all ways it is. */
static inline uint64_t way_number(const struct smmu_state *smmu, const struct way *way)
{
    return (uint64_t)(way - smmu->ways);
}

/* Whether looking up the configuration, or then asking the main TLB, would do more than to find
 * what is there, or is not for `txn` at all. */
static inline bool way_barred(const struct smmu_state *smmu, const struct smmu_txn *txn,
                              const struct way *way)
{
    const struct bank *bank = smmu->bank_at[txn->sec];
    return way->strtab != bank->reg[REG_STRTAB_BASE_CFG] || !bank_enabled(bank, CR0_SMMUEN) ||
           txn->translated || txn->tbu >= smmu->serving_tbus ||
           (smmu->injected[SMMU_INJECT_CFG_CONFLICT] | smmu->injected[SMMU_INJECT_TLB_CONFLICT]) ||
           unit_any_watched(smmu, BIT64(SMMU_UNIT_CONFIG_CACHE) | BIT64(SMMU_UNIT_TLB)) ||
           txn->addr >> 1 >> way->top_bit != 0;
}

/* The way of `txn` to where it is translated, if all that it goes by is remembered; NULL: it has to
 * be looked up. Changes nothing. That its key is one of a way says that there is its bank, and that
 * its operation is one that the SMMU takes. */
static inline const struct way *way_find(const struct smmu_state *smmu, const struct smmu_txn *txn)
{
    const struct txn_key key = txn_key(txn);
    const struct way *way = way_at(smmu, &key);
    if (!txn_key_equal(&way->key, &key) || way->version != smmu->cache->version ||
        way_barred(smmu, txn, way))
        return NULL;
    return way;
}

/* That both were found in the configuration cache is counted, where nobody watches. */
static inline void way_count(struct smmu_state *smmu, const struct way *way)
{
    struct config_cache *cache = smmu->cache;
    replacement_used(&cache->ste.replacement, way->ste_slot);
    smmu->counters[SMMU_OBSERVE_config_hit] += way->cd ? 2 : 1;
    if (way->cd)
        replacement_used(&cache->cd.replacement, way->cd_slot);
}

/* The same is told. */
__attribute__((cold)) void way_tell(const struct call *call, const struct way *way);

/* Take the call's transaction, which is CALL_REAL, this way: as lookup_ste(), lookup_route() and
 * lookup_cd() do where all is cached, no override changes it and a stage translates. */
static inline void way_take(const struct call *call, const struct way *way, struct stream *stream)
{
    if (__builtin_expect(call->smmu->watched, false))
        way_tell(call, way);
    else
        way_count(call->smmu, way);
    stream->ste = way->ste;
    stream->cd = way->cd;
    stream->cd_index = way->cd_index;
    stream->label = NULL; /* only traffic marked Translated has one */
    stream->kind = &way->kind;
}

/* Remember the way of the call's transaction, which leads to where `stream` says. */
void way_remember(const struct call *call, const struct stream *stream);

#endif
