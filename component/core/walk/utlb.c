/* SPDX-License-Identifier: Apache-2.0 */
/* Micro TLBs: see utlb.h. An invalidation is only noted; an answer is compared with those that came
 * since when it is looked up. */
#include "walk/utlb.h"

#include <stdlib.h>

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
    utlb->set_mask = shape->sets - 1;
    utlb->set_bytes = shape->ways * sizeof(*utlb->entries);
    utlb->tbu_bytes = shape->sets * utlb->set_bytes;
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

void utlb_note(struct smmu_state *smmu, const struct smmu_inval *inval)
{
    if (smmu->utlb)
        smmu->utlb->ends[smmu->epoch % UTLB_NOTES] = (struct epoch_end){smmu->epoch, *inval};
}

/* Whether an answer of an epoch that is over is right in this one, `epoch`: nothing has invalidated
 * it since, as far as that is known. */
static inline bool still_right(const struct utlb *utlb, const struct utlb_entry *entry,
                               uint64_t epoch)
{
    bool known = entry->epoch != 0 && epoch - entry->epoch <= UTLB_NOTES;
    for (uint64_t began = entry->epoch; known && began++ != epoch;) {
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

/* Whether there is an answer in `entry` that is right. */
static bool alive(const struct utlb *utlb, struct utlb_entry *entry, uint64_t epoch)
{
    return entry->epoch == epoch || renewed(utlb, entry, epoch);
}

bool utlb_find_older(struct smmu_state *smmu, const struct smmu_txn *txn,
                     struct smmu_result *result)
{
    struct utlb *utlb = smmu->utlb;
    const struct smmu_txn_kind kind = utlb_kind_of(smmu, txn);
    const struct utlb_key key = utlb_key_of(&kind, txn->addr);
    struct utlb_entry *entry = utlb_set_of(utlb, &kind, txn->addr);
    for (uint32_t way = 0; way < utlb->ways; way++, entry++) {
        if (!utlb_is_for(entry, &key) || !alive(utlb, entry, smmu->epoch))
            continue;
        utlb_answer(utlb, entry, txn->addr, result);
        return true;
    }
    return false;
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
        if (there && utlb_is_for(entry, key))
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
    if (result->outcome != SMMU_FORWARD || epoch != smmu->epoch ||
        result->span_log2 < UTLB_PAGE_LOG2)
        return;
    const struct smmu_txn_kind kind = utlb_kind_of(smmu, txn);
    const struct utlb_key key = utlb_key_of(&kind, txn->addr);
    const struct utlb_entry *set = utlb_set_of(utlb, &kind, txn->addr);
    uint32_t slot = choose_slot(utlb, (uint32_t)(set - utlb->entries), &key, epoch);
    struct utlb_entry *entry = &utlb->entries[slot];

    replacement_filled(&utlb->replacement, slot);
    *entry = (struct utlb_entry){.key = key, .epoch = epoch, .result = *result};
    entry->result.addr -= bits_get(txn->addr, UTLB_PAGE_LOG2 - 1, 0);
}

bool utlb_empty(const struct smmu_state *smmu)
{
    const struct utlb *utlb = smmu->utlb;
    const uint32_t slots = utlb ? utlb->sets * utlb->ways * smmu->cfg.tbus : 0;
    for (uint32_t slot = 0; slot < slots; slot++)
        if (still_right(utlb, &utlb->entries[slot], smmu->epoch))
            return false;
    return true;
}
