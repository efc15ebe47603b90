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
    uint64_t epoch;            /* of the SMMU when it was remembered; 0: free */
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
    uint64_t set_mask;  /* sets - 1 */
    uint64_t set_bytes; /* what the entries of a set take, and those of a TBU */
    uint64_t tbu_bytes;
    struct utlb_entry *entries; /* the ways of each set */
    struct replacement replacement;
    struct epoch_end ends[UTLB_NOTES]; /* the last of them, each in the place of its epoch */
};

bool utlb_init(struct smmu_state *smmu);
void utlb_free(struct smmu_state *smmu);

/* smmu->epoch has begun: what `inval` selects is no longer right. An epoch that begins otherwise
 * ends all answers. */
void utlb_note(struct smmu_state *smmu, const struct smmu_inval *inval);

/* The kind of a transaction whose TBU is there. */
static inline struct smmu_txn_kind utlb_kind_of(struct smmu_state *smmu, const struct smmu_txn *txn)
{
    const struct utlb *utlb = smmu->utlb;
    const struct txn_key key = txn_key(txn);
    return (struct smmu_txn_kind){
        .smmu = smmu,
        .sets = (char *)utlb->entries + txn->tbu * utlb->tbu_bytes,
        .stream = key.stream,
        .kind = key.kind,
        .translated = txn->translated,
    };
}

static inline struct utlb_key utlb_key_of(const struct smmu_txn_kind *kind, uint64_t addr)
{
    return (struct utlb_key){
        .page = (addr >> UTLB_PAGE_LOG2 << UTLB_PAGE_LOG2) | kind->translated,
        .txn = {.stream = kind->stream, .kind = kind->kind},
    };
}

static inline bool utlb_is_for(const struct utlb_entry *entry, const struct utlb_key *key)
{
    return entry->key.page == key->page && txn_key_equal(&entry->key.txn, &key->txn);
}

/* First entry of the set that a transaction belongs to; the StreamID is the lower half of the
 * stream. */
static inline struct utlb_entry *utlb_set_of(const struct utlb *utlb,
                                             const struct smmu_txn_kind *kind, uint64_t addr)
{
    const uint64_t hash = (addr >> UTLB_PAGE_LOG2) ^ kind->stream;
    return (void *)((char *)kind->sets + (hash & utlb->set_mask) * utlb->set_bytes);
}

/* `entry` has been found. */
static inline void utlb_used(struct utlb *utlb, const struct utlb_entry *entry)
{
    if (utlb->replacement.counts_uses)
        replacement_used(&utlb->replacement, (uint32_t)(entry - utlb->entries));
}

/* What `entry` answers for `addr`. */
static inline void utlb_answer(struct utlb *utlb, const struct utlb_entry *entry, uint64_t addr,
                               struct smmu_result *result)
{
    *result = entry->result;
    /* Not by adding to what has just been stored, which a processor waits for. */
    result->addr = entry->result.addr + bits_get(addr, UTLB_PAGE_LOG2 - 1, 0);
    utlb_used(utlb, entry);
}

/* Whether `entry` has the answer for `key`, and is of `epoch`. */
static inline bool utlb_has(const struct utlb_entry *entry, const struct utlb_key *key,
                            uint64_t epoch)
{
    return utlb_is_for(entry, key) && entry->epoch == epoch;
}

/* The entry of this epoch that has the answer for `addr`; NULL: there is none. Mostly the first
 * that is asked has it: said to the compiler, which would take the answer for the rare case, as it
 * may be observed. */
static inline const struct utlb_entry *utlb_current(const struct smmu_txn_kind *kind, uint64_t addr)
{
    const struct smmu_state *smmu = kind->smmu;
    const struct utlb *utlb = smmu->utlb;
    const struct utlb_key key = utlb_key_of(kind, addr);
    const uint64_t epoch = smmu->epoch;
    const struct utlb_entry *entry = utlb_set_of(utlb, kind, addr);

    if (__builtin_expect(utlb_has(entry, &key, epoch), true))
        return entry;
    for (uint32_t way = 1; way < utlb->ways; way++)
        if (utlb_has(++entry, &key, epoch))
            return entry;
    return NULL;
}

/* utlb_find_there(), where the answer is of an epoch that is over. Apart, so that the other case
 * calls nothing. */
bool utlb_find_older(struct smmu_state *smmu, const struct smmu_txn *txn,
                     struct smmu_result *result);

static inline bool utlb_find_there(struct smmu_state *smmu, const struct smmu_txn *txn,
                                   struct smmu_result *result)
{
    const struct smmu_txn_kind kind = utlb_kind_of(smmu, txn);
    const struct utlb_entry *entry = utlb_current(&kind, txn->addr);
    if (!entry)
        return utlb_find_older(smmu, txn, result);
    utlb_answer(smmu->utlb, entry, txn->addr, result);
    return true;
}

/* Whether transactions of a TBU have answers in a micro TLB. */
static inline bool utlb_there(const struct smmu_state *smmu, const struct smmu_txn *txn)
{
    return smmu->utlb && txn->tbu < smmu->cfg.tbus;
}

/* The remembered answer to `txn`, if its TBU is there, has a micro TLB and that has one. Only
 * forwards are remembered. */
static inline bool utlb_find(struct smmu_state *smmu, const struct smmu_txn *txn,
                             struct smmu_result *result)
{
    if (!utlb_there(smmu, txn))
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
