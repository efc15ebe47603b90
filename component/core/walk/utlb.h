/* SPDX-License-Identifier: Apache-2.0 */
/* Micro TLBs: one for each TBU, in front of everything else. They keep whole answers, for pages of
 * 4 KiB, until an invalidation selects them, or there have been UTLB_NOTES others since they were
 * last asked for. A hit is the hot path of the SMMU: a few compares and one copy, inline. */
#ifndef SMMU_CORE_UTLB_H
#define SMMU_CORE_UTLB_H

#include "base/bits.h"
#include "base/replacement.h"
#include "observe/observe.h"
#include "service/txn_key.h"
#include "smmu_priv.h"

#define UTLB_NOTES 16u

enum { UTLB_PAGE_LOG2 = 12 };

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

bool utlb_init(struct smmu_state *smmu);
void utlb_free(struct smmu_state *smmu);

/* smmu->epoch has begun: what `inval` selects is no longer right. An epoch that begins otherwise
 * ends all answers. */
void utlb_note(struct smmu_state *smmu, const struct smmu_inval *inval);

static inline struct utlb_key utlb_key_of(const struct smmu_txn *txn)
{
    return (struct utlb_key){
        .page = (txn->addr >> UTLB_PAGE_LOG2 << UTLB_PAGE_LOG2) | txn->translated,
        .txn = txn_key(txn),
    };
}

static inline bool utlb_is_for(const struct utlb_entry *entry, const struct utlb_key *key)
{
    return entry->key.page == key->page && txn_key_equal(&entry->key.txn, &key->txn);
}

/* First slot of the set that a transaction belongs to. */
static inline uint32_t utlb_set_of(const struct utlb *utlb, const struct smmu_txn *txn)
{
    uint64_t hash = (txn->addr >> UTLB_PAGE_LOG2) ^ txn->sid;
    return (uint32_t)(txn->tbu * utlb->sets + (hash & (utlb->sets - 1))) * utlb->ways;
}

/* What `entry`, that of `slot`, answers. */
static inline void utlb_answer(struct utlb *utlb, const struct smmu_txn *txn,
                               const struct utlb_entry *entry, uint32_t slot,
                               struct smmu_result *result)
{
    *result = entry->result;
    /* Not by adding to what has just been stored, which a processor waits for. */
    result->addr = entry->result.addr + bits_get(txn->addr, UTLB_PAGE_LOG2 - 1, 0);
    if (utlb->replacement.counts_uses)
        replacement_used(&utlb->replacement, slot);
}

/* utlb_find_there(), where the answer is of an epoch that is over. Apart, so that the other case
 * calls nothing. */
bool utlb_find_older(const struct smmu_state *smmu, const struct smmu_txn *txn,
                     struct smmu_result *result);

/* Mostly the first that is asked has it: said to the compiler, which would take the answer for the
 * rare case, as it may be observed. */
static inline bool utlb_find_there(const struct smmu_state *smmu, const struct smmu_txn *txn,
                                   struct smmu_result *result)
{
    struct utlb *utlb = smmu->utlb;
    const struct utlb_key key = utlb_key_of(txn);
    const uint64_t epoch = smmu->epoch + 1;
    const uint32_t first = utlb_set_of(utlb, txn);
    const struct utlb_entry *entry = &utlb->entries[first];

    for (uint32_t way = 0; way < utlb->ways; way++, entry++) {
        if (!__builtin_expect(utlb_is_for(entry, &key) && entry->epoch == epoch, true))
            continue;
        utlb_answer(utlb, txn, entry, first + way, result);
        return true;
    }
    return utlb_find_older(smmu, txn, result);
}

/* The remembered answer to `txn`, if its TBU is there, has a micro TLB and that has one. Only
 * forwards are remembered. */
static inline bool utlb_find(struct smmu_state *smmu, const struct smmu_txn *txn,
                             struct smmu_result *result)
{
    if (!smmu->utlb || txn->tbu >= smmu->cfg.tbus)
        return false;
    if (__builtin_expect(utlb_find_there(smmu, txn, result), true)) {
        observe_txn(smmu, SMMU_OBSERVE_utlb_hit, txn, 0);
        return true;
    }
    observe_txn(smmu, SMMU_OBSERVE_utlb_miss, txn, 0);
    return false;
}

/* Remember the answer to a transaction that began in `epoch`, if it is one that can be remembered.
 */
void utlb_fill_there(struct smmu_state *smmu, const struct smmu_txn *txn, uint64_t epoch,
                     const struct smmu_result *result);
static inline void utlb_fill(struct smmu_state *smmu, const struct smmu_txn *txn, uint64_t epoch,
                             const struct smmu_result *result)
{
    if (smmu->utlb)
        utlb_fill_there(smmu, txn, epoch, result);
}

/* Whether no micro TLB has an answer that is right. */
bool utlb_empty(const struct smmu_state *smmu);

#endif
