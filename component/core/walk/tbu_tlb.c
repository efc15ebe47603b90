/* SPDX-License-Identifier: Apache-2.0 */
/* Main TLBs of TBUs. An answer is kept with its tag, which says what it depends on: configuration
 * as well as translations. */
#include "walk/tbu_tlb.h"

#include <stdlib.h>

#include "base/assoc.h"
#include "base/bits.h"
#include "base/spans.h"
#include "cmd/tlbi.h"
#include "service/txn_op.h"
#include "walk/tag_index.h"

enum { PAGE_LOG2 = 12 };

struct tbu_tlb_entry {
    struct smmu_result result; /* with the output address of the first byte */
    bool read;                 /* it is the answer to a read */
};

/* The one of a TBU. */
struct tbu_tlb {
    struct assoc store; /* struct tbu_tlb_entry */
    struct spans spans; /* of answers */
    struct tag_index index;
};

bool tbu_tlb_init(struct smmu_state *smmu)
{
    const struct smmu_config *cfg = &smmu->cfg;
    if (cfg->tbu_tlb.sets == 0)
        return true;
    smmu->tbu_tlbs = calloc(cfg->tbus, sizeof(*smmu->tbu_tlbs));
    if (!smmu->tbu_tlbs)
        return false;
    bool room = true;
    for (unsigned i = 0; room && i < cfg->tbus; i++) {
        struct tbu_tlb *tlb = &smmu->tbu_tlbs[i];
        room = assoc_init(&tlb->store, ASSOC_PLAN(cfg, tbu_tlb, struct tbu_tlb_entry)) &&
               tag_index_init(&tlb->index, cfg->tbu_tlb.sets, cfg->tbu_tlb.ways);
    }
    return room;
}

void tbu_tlb_free(struct smmu_state *smmu)
{
    if (!smmu->tbu_tlbs)
        return;
    for (unsigned i = 0; i < smmu->cfg.tbus; i++) {
        assoc_free(&smmu->tbu_tlbs[i].store);
        tag_index_free(&smmu->tbu_tlbs[i].index);
    }
    free(smmu->tbu_tlbs);
}

/* Whether the members of `txn` have values that fit into a key. All others are for the TCU. */
static bool has_key(const struct smmu_txn *txn)
{
    return txn->op < SMMU_OP_COUNT && txn->sec < SMMU_SEC_COUNT && txn->attr.sh < 4 &&
           !substream_too_large(txn->ssv, txn->ssid);
}

/* Where answers are the same for reads and writes, but for what a write needs and INST. */
static bool shared(const struct smmu_txn *txn)
{
    return txn->op == SMMU_OP_ORDINARY;
}

/* All that an answer for 2^span bytes depends on. The lowest bit of addr[63:11] that is set tells
 * the span. */
static struct assoc_key key_of(const struct smmu_txn *txn, unsigned span)
{
    uint64_t ssid = txn->ssv ? (uint64_t)txn->ssid << 32 | BIT64(52) : 0;
    return (struct assoc_key){
        .addr = txn->addr >> span << span | BIT64(span - 1) | txn->attr.mair |
                (uint64_t)txn->attr.sh << 8 | (uint64_t)txn->translated << 10,
        .id = txn->sid | ssid | (uint64_t)txn->sec << 53 | (uint64_t)txn->op << 55 |
              (uint64_t)txn_op_instr(txn) << 59 | (uint64_t)txn->priv << 60 |
              (uint64_t)(txn->write && !shared(txn)) << 61,
        .id_mask = ~UINT64_C(0),
    };
}

static uint64_t hash_of(const struct smmu_txn *txn, unsigned span)
{
    return txn->addr >> span ^ txn->sid;
}

/* Whether what answered a read or a write answers `txn`, which has the same key. Reads are fetches
 * or data as overrides say, which the answer to a write does not tell (13.1.2). */
static bool answers(const struct tbu_tlb_entry *entry, const struct smmu_txn *txn)
{
    if (!shared(txn))
        return true;
    return txn->write ? (entry->result.perm & SMMU_PERM_W) != 0 : entry->read;
}

/* The answer for 2^span bytes that `txn` finds, in `*slot`. */
static const struct tbu_tlb_entry *find_span(const struct tbu_tlb *tlb, const struct smmu_txn *txn,
                                             unsigned span, uint32_t *slot)
{
    const struct assoc_key key = key_of(txn, span);
    const struct tbu_tlb_entry *entry =
        assoc_peek(&tlb->store, hash_of(txn, span), key.addr, key.id, slot);
    return entry && answers(entry, txn) ? entry : NULL;
}

static const struct tbu_tlb_entry *find(struct tbu_tlb *tlb, const struct smmu_txn *txn)
{
    for (uint64_t spans = tlb->spans.present; spans != 0; spans &= spans - 1) {
        uint32_t slot;
        const struct tbu_tlb_entry *entry =
            find_span(tlb, txn, (unsigned)__builtin_ctzll(spans), &slot);
        if (entry) {
            replacement_used(&tlb->store.replacement, slot);
            return entry;
        }
    }
    return NULL;
}

uint32_t tbu_tlb_further_sizes(const struct smmu_state *smmu, const struct smmu_txn *txn)
{
    const struct tbu_tlb *tlb = &smmu->tbu_tlbs[txn->tbu];
    uint32_t tried = 0, slot;
    for (uint64_t spans = has_key(txn) ? tlb->spans.present : 0; spans != 0;
         spans &= spans - 1, tried++)
        if (find_span(tlb, txn, (unsigned)__builtin_ctzll(spans), &slot))
            return tried;
    return tried != 0 ? tried - 1 : 0;
}

bool tbu_tlb_find(struct smmu_state *smmu, const struct smmu_txn *txn, struct smmu_result *result)
{
    const struct tbu_tlb_entry *entry = has_key(txn) ? find(&smmu->tbu_tlbs[txn->tbu], txn) : NULL;
    if (!entry)
        return false;
    *result = entry->result;
    result->addr += txn->addr & (BIT64(result->span_log2) - 1);
    if (!txn_op_may_be_instr(txn))
        result->instr = result->out_instr = false;
    return true;
}

/* An answer that no stage had a part in is of no leaf. */
static void note(struct tbu_tlb *tlb, uint32_t slot, const struct smmu_tag *tag)
{
    tag_index_put(&tlb->index, slot, tag_words(tag).context);
    if (tag->s1 || tag->s2)
        tag_index_put_leaf(&tlb->index, slot, tag->va, inval_leaf_log2(tag));
    else
        tag_index_take_leaf(&tlb->index, slot);
}

void tbu_tlb_fill_there(struct smmu_state *smmu, const struct smmu_txn *txn, uint64_t epoch,
                        const struct smmu_result *result)
{
    unsigned span = result->span_log2;
    if (result->outcome != SMMU_FORWARD || epoch != smmu->epoch || span < PAGE_LOG2 ||
        !has_key(txn))
        return;
    struct tbu_tlb *tlb = &smmu->tbu_tlbs[txn->tbu];
    uint32_t slot;
    if (find_span(tlb, txn, span, &slot))
        return; /* another has missed at the same time, perhaps a read: which answers more */
    const struct assoc_key key = key_of(txn, span);
    struct assoc_place place;
    struct tbu_tlb_entry *entry = assoc_insert(&tlb->store, hash_of(txn, span), &key, &place);
    if (place.was == ASSOC_EVICTED)
        spans_drop(&tlb->spans, entry->result.span_log2);
    if (place.was != ASSOC_SAME)
        spans_add(&tlb->spans, span);
    *entry = (struct tbu_tlb_entry){.result = *result, .read = !txn->write};
    entry->result.addr -= txn->addr & (BIT64(span) - 1);
    note(tlb, place.slot, &result->tag);
}

/* What goes out of a TLB: what `inval` selects, or all without it. */
struct removal {
    struct tbu_tlb *tlb;
    const struct smmu_inval *inval;
};

static bool selected(const void *what, const void *context)
{
    const struct tbu_tlb_entry *entry = what;
    const struct removal *removal = context;
    if (removal->inval && !smmu_inval_matches(removal->inval, &entry->result.tag))
        return false;
    spans_drop(&removal->tlb->spans, entry->result.span_log2);
    return true;
}

/* What names addresses goes by those, unless they are more than there are sets. */
static void invalidate(struct tbu_tlb *tlb, const struct smmu_inval *inval)
{
    const struct removal removal = {tlb, inval};
    const uint64_t leaves = inval_sizes(inval, tlb->index.leaf_sizes);
    if (tlb->spans.present == 0)
        return;
    uint32_t chain;
    struct chains *chains = tag_index_holding(&tlb->index, inval, &chain);
    if (tlbi_by_address(inval->kind) && !inval->nested &&
        !inval_many_places(inval, leaves, tlb->store.sets))
        tag_index_remove_leaves(&tlb->index, &tlb->store, inval, leaves, selected, &removal);
    else if (chains)
        assoc_remove_chained(&tlb->store, chains, chain, selected, &removal);
    else
        assoc_remove_if(&tlb->store, 0, 0, selected, &removal);
}

void tbu_tlb_invalidate(struct smmu_state *smmu, const struct smmu_inval *inval)
{
    for (unsigned i = 0; smmu->tbu_tlbs && i < smmu->cfg.tbus; i++)
        invalidate(&smmu->tbu_tlbs[i], inval);
}

void tbu_tlb_forget(struct smmu_state *smmu)
{
    for (unsigned i = 0; smmu->tbu_tlbs && i < smmu->cfg.tbus; i++) {
        const struct removal removal = {&smmu->tbu_tlbs[i], NULL};
        assoc_remove_if(&removal.tlb->store, 0, 0, selected, &removal);
    }
}

bool tbu_tlb_empty(const struct smmu_state *smmu)
{
    for (unsigned i = 0; smmu->tbu_tlbs && i < smmu->cfg.tbus; i++)
        if (smmu->tbu_tlbs[i].spans.present != 0)
            return false;
    return true;
}
