/* SPDX-License-Identifier: Apache-2.0 */
/* Micro TLBs. The hit path of the SMMU: a few compares and one copy. An invalidation is only noted;
 * an answer is compared with those that came since when it is looked up. */
#include "walk/utlb.h"

#include <stdlib.h>

#include "base/bits.h"
#include "base/replacement.h"
#include "service/txn_key.h"

enum { PAGE_LOG2 = 12 };

/* All that an answer depends on. */
struct utlb_key {
    uint64_t page; /* the page in [63:12]; smmu_txn.translated in [0] */
    struct txn_key txn;
};

/* An answer with what it is the answer to. */
struct utlb_entry {
    struct utlb_key key;
    uint64_t epoch;            /* of the SMMU when it was remembered, plus one; 0: free */
    struct smmu_result result; /* with the output address of the page */
};

/* What made an epoch end. */
struct epoch_end {
    uint64_t epoch; /* the one that began then */
    struct smmu_inval inval;
};

/* All of them: the sets of TBU 0, of TBU 1, ... */
struct utlb {
    uint32_t sets; /* of a TBU */
    uint32_t ways;
    struct utlb_entry *entries; /* the ways of each set */
    struct replacement replacement;
    struct epoch_end ends[UTLB_NOTES]; /* the last of them, each in the place of its epoch */
};

bool utlb_init(struct smmu_state *smmu)
{
    const struct smmu_config *cfg = &smmu->cfg;
    const struct smmu_cache_shape *shape = &cfg->utlb;
    uint32_t sets = shape->sets * cfg->tbus;
    if (sets == 0)
        return true;
    struct utlb *utlb = smmu->utlb = calloc(1, sizeof(*utlb));
    if (!utlb)
        return false;
    utlb->sets = shape->sets;
    utlb->ways = shape->ways;
    utlb->entries = calloc((size_t)sets * shape->ways, sizeof(*utlb->entries));
    return utlb->entries && replacement_init(&utlb->replacement, cfg->utlb_policy, sets,
                                             shape->ways, cfg->replacement_seed);
}

void utlb_free(struct smmu_state *smmu)
{
    if (!smmu->utlb)
        return;
    free(smmu->utlb->entries);
    replacement_free(&smmu->utlb->replacement);
    free(smmu->utlb);
}

static inline struct utlb_key key_of(const struct smmu_txn *txn)
{
    return (struct utlb_key){
        .page = (txn->addr >> PAGE_LOG2 << PAGE_LOG2) | txn->translated,
        .txn = txn_key(txn),
    };
}

void utlb_note(struct smmu_state *smmu, const struct smmu_inval *inval)
{
    if (smmu->utlb)
        smmu->utlb->ends[smmu->epoch % UTLB_NOTES] = (struct epoch_end){smmu->epoch, *inval};
}

/* Whether an answer of an epoch that is over is right in this one, which is `epoch` - 1: nothing
 * has invalidated it since, as far as that is known. */
static inline bool still_right(const struct utlb *utlb, const struct utlb_entry *entry,
                               uint64_t epoch)
{
    bool known = entry->epoch != 0 && epoch - entry->epoch <= UTLB_NOTES;
    for (uint64_t began = entry->epoch; known && began != epoch; began++) {
        const struct epoch_end *end = &utlb->ends[began % UTLB_NOTES];
        known = end->epoch == began && !smmu_inval_matches(&end->inval, &entry->result.tag);
    }
    return known;
}

/* The same; if so, it is of this one. */
static __attribute__((noinline)) bool renewed(const struct utlb *utlb, struct utlb_entry *entry,
                                              uint64_t epoch)
{
    const bool right = still_right(utlb, entry, epoch);
    entry->epoch = right ? epoch : 0;
    return right;
}

static inline bool is_for(const struct utlb_entry *entry, const struct utlb_key *key)
{
    return entry->key.page == key->page && txn_key_equal(&entry->key.txn, &key->txn);
}

/* First slot of the set that a transaction belongs to. */
static inline uint32_t set_of(const struct utlb *utlb, const struct smmu_txn *txn)
{
    uint64_t hash = (txn->addr >> PAGE_LOG2) ^ txn->sid;
    return (uint32_t)(txn->tbu * utlb->sets + (hash & (utlb->sets - 1))) * utlb->ways;
}

/* What `entry`, that of `slot`, answers. */
static inline void answer(struct utlb *utlb, const struct smmu_txn *txn,
                          const struct utlb_entry *entry, uint32_t slot, struct smmu_result *result)
{
    *result = entry->result;
    /* Not by adding to what has just been stored, which a processor waits for. */
    result->addr = entry->result.addr + bits_get(txn->addr, PAGE_LOG2 - 1, 0);
    if (utlb->replacement.counts_uses)
        replacement_used(&utlb->replacement, slot);
}

/* Whether there is an answer in `entry` that is right. */
static bool alive(const struct utlb *utlb, struct utlb_entry *entry, uint64_t epoch)
{
    return entry->epoch == epoch || renewed(utlb, entry, epoch);
}

/* utlb_find_there(), where the answer is of an epoch that is over. Apart, so that the other case
 * calls nothing. */
static __attribute__((noinline)) bool
find_older(const struct smmu_state *smmu, const struct smmu_txn *txn, struct smmu_result *result)
{
    struct utlb *utlb = smmu->utlb;
    const struct utlb_key key = key_of(txn);
    const uint32_t first = set_of(utlb, txn);
    for (uint32_t slot = first; slot < first + utlb->ways; slot++) {
        struct utlb_entry *entry = &utlb->entries[slot];
        if (!is_for(entry, &key) || !alive(utlb, entry, smmu->epoch + 1))
            continue;
        answer(utlb, txn, entry, slot, result);
        return true;
    }
    return false;
}

/* Mostly the first that is asked has it: said to the compiler, which would take the answer for the
 * rare case, as it may be observed. */
bool utlb_find_there(const struct smmu_state *smmu, const struct smmu_txn *txn,
                     struct smmu_result *result)
{
    struct utlb *utlb = smmu->utlb;
    const struct utlb_key key = key_of(txn);
    const uint64_t epoch = smmu->epoch + 1;
    const uint32_t first = set_of(utlb, txn);
    const struct utlb_entry *entry = &utlb->entries[first];

    for (uint32_t way = 0; way < utlb->ways; way++, entry++) {
        if (!__builtin_expect(is_for(entry, &key) && entry->epoch == epoch, true))
            continue;
        answer(utlb, txn, entry, first + way, result);
        return true;
    }
    return find_older(smmu, txn, result);
}

/* The slot that has an answer for `key`: another transaction may have missed at the same time. Else
 * the first without an answer, else the one that the policy gives up. */
static uint32_t choose_slot(struct utlb *utlb, uint32_t first, const struct utlb_key *key,
                            uint64_t epoch)
{
    const uint32_t end = first + utlb->ways;
    uint32_t free_slot = end;
    for (uint32_t slot = first; slot < end; slot++) {
        struct utlb_entry *entry = &utlb->entries[slot];
        bool there = alive(utlb, entry, epoch);
        if (there && is_for(entry, key))
            return slot;
        if (!there && free_slot == end)
            free_slot = slot;
    }
    return free_slot < end ? free_slot : replacement_victim(&utlb->replacement, first);
}

void utlb_fill_there(struct smmu_state *smmu, const struct smmu_txn *txn, uint64_t epoch,
                     const struct smmu_result *result)
{
    struct utlb *utlb = smmu->utlb;
    if (result->outcome != SMMU_FORWARD || epoch != smmu->epoch || result->span_log2 < PAGE_LOG2)
        return;
    const struct utlb_key key = key_of(txn);
    uint32_t slot = choose_slot(utlb, set_of(utlb, txn), &key, epoch + 1);
    struct utlb_entry *entry = &utlb->entries[slot];

    replacement_filled(&utlb->replacement, slot);
    *entry = (struct utlb_entry){.key = key, .epoch = epoch + 1, .result = *result};
    entry->result.addr -= bits_get(txn->addr, PAGE_LOG2 - 1, 0);
}

bool utlb_empty(const struct smmu_state *smmu)
{
    const struct utlb *utlb = smmu->utlb;
    const uint32_t slots = utlb ? utlb->sets * utlb->ways * smmu->cfg.tbus : 0;
    for (uint32_t slot = 0; slot < slots; slot++)
        if (still_right(utlb, &utlb->entries[slot], smmu->epoch + 1))
            return false;
    return true;
}
