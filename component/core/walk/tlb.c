/* SPDX-License-Identifier: Apache-2.0 */
/* Caches of translations. One store holds all sizes; a lookup tries the sizes in use. */
#include "walk/tlb.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/lines.h"
#include "cmd/tlbi.h"

static bool init_hints(struct tlb *tlb)
{
    const unsigned needed = log2_ceil((uint64_t)tlb->store.sets * tlb->store.ways);
    const unsigned log2 = needed > 1 ? needed : 1; /* a shift by 64 is none */
    tlb->hint_shift = (uint8_t)(64 - log2);
    tlb->hint_mask = (uint32_t)(BIT64(log2) - 1);
    tlb->hints =
        lines_alloc(((size_t)1 << log2) + TLB_HINTS_AHEAD, sizeof(*tlb->hints), &tlb->hints_room);
    return tlb->hints != NULL;
}

bool tlb_init(struct tlb *tlb, const struct assoc_plan *plan, bool by_space)
{
    const struct smmu_cache_shape *shape = &plan->shape;
    tlb->spans = tlb->globals = (struct spans){0};
    tlb->last = 0;
    tlb->spread = by_space ? ASSOC_GOLDEN_RATIO : 0;
    return assoc_init(&tlb->store, plan) && tag_index_init(&tlb->index, shape->sets, shape->ways) &&
           (!by_space || init_hints(tlb));
}

void tlb_free(struct tlb *tlb)
{
    assoc_free(&tlb->store);
    free(tlb->hints_room);
    tag_index_free(&tlb->index);
}

/* An invalidation of one address takes all pieces of the block or page around it (DDI 0487 D8.17),
 * and must not search the cache for them. */
static void note_piece(struct tlb *tlb, uint32_t slot, const struct smmu_tag *tag)
{
    unsigned leaf = inval_leaf_log2(tag);
    if (leaf > tag->span_log2)
        tag_index_put_leaf(&tlb->index, slot, tag->va, leaf);
    else
        tag_index_take_leaf(&tlb->index, slot);
}

/* The account that an entry is in. */
static struct spans *spans_of(struct tlb *tlb, const struct smmu_tag *tag)
{
    return tag->global ? &tlb->globals : &tlb->spans;
}

bool tlb_fill(struct tlb *tlb, const void *entry)
{
    if (tlb->store.sets == 0)
        return false;
    const struct smmu_tag *tag = entry;
    struct assoc_key key = {
        .addr = tag->va,
        .id = (tag_words(tag).context & (TLB_ID_TAG | UINT64_C(0xff) << TAG_SPAN)) |
              (tag->s1 ? 0 : TLB_ID_IPA) | (tag->aset ? TLB_ID_ASET : 0),
        .id_mask = tag->global ? ~TLB_ID_ASID : ~TLB_ID_ASET,
    };
    uint64_t spread = tag->global ? tlb_spread_global(tlb, key.id) : tlb_spread(tlb, key.id);
    struct assoc_place place;
    void *slot = assoc_insert(&tlb->store, tag->va >> tag->span_log2 ^ spread, &key, &place);
    if (place.was != ASSOC_FREE)
        spans_drop(spans_of(tlb, slot), ((const struct smmu_tag *)slot)->span_log2);
    spans_add(spans_of(tlb, tag), tag->span_log2);
    memcpy(slot, entry, tlb->store.entry_size);
    if (tlb->hints)
        ((struct tlb_entry *)slot)->present = true;
    tag_index_put(&tlb->index, place.slot, key.id);
    note_piece(tlb, place.slot, tag);
    return place.was == ASSOC_EVICTED;
}

const struct tlb_entry tlb_conflict = {.tag = {.s1 = true}};

/* How many entries of 2^span bytes match. */
static unsigned count(const struct tlb *tlb, uint64_t context, uint64_t addr, unsigned span)
{
    uint64_t page = addr >> span, id = context | tlb_span_id(span);
    uint64_t own = page ^ tlb_spread(tlb, context), global = page ^ tlb_spread_global(tlb, context);
    unsigned matches = assoc_count(&tlb->store, own, page << span, id);
    if (assoc_set(&tlb->store, own) != assoc_set(&tlb->store, global))
        matches += assoc_count(&tlb->store, global, page << span, id);
    return matches;
}

/* Whether entries of several sizes, or several of one size, match. */
static bool ambiguous(const struct tlb *tlb, uint64_t context, uint64_t addr)
{
    unsigned matches = 0;
    for (uint64_t spans = tlb_sizes(tlb); spans != 0; spans &= spans - 1)
        matches += count(tlb, context, addr, (unsigned)__builtin_ctzll(spans));
    return matches > 1;
}

const struct tlb_entry *tlb_cautious(const struct tlb *tlb, uint64_t context, uint64_t addr,
                                     const struct tlb_entry *entry, bool dirties)
{
    if ((entry->caution & TLB_WARY) && ambiguous(tlb, context, addr))
        return &tlb_conflict;
    return (entry->caution & TLB_CLEAN) && dirties ? NULL : entry;
}

uint32_t tlb_further_sizes(const struct tlb *tlb, uint64_t context, uint64_t addr)
{
    uint32_t tried = 0, slot;
    for (uint64_t spans = tlb_sizes(tlb); spans != 0; spans &= spans - 1, tried++)
        if (tlb_peek(tlb, tlb_space(tlb, context), addr, (unsigned)__builtin_ctzll(spans), &slot))
            return tried;
    return tried != 0 ? tried - 1 : 0;
}

/* What an invalidation does to a cache. */
struct removal {
    struct tlb *tlb;
    const struct smmu_inval *inval;
};

static bool selected(const void *entry, const void *context)
{
    const struct removal *removal = context;
    if (!smmu_inval_matches(removal->inval, entry))
        return false;
    spans_drop(spans_of(removal->tlb, entry), ((const struct smmu_tag *)entry)->span_log2);
    if (removal->tlb->hints)
        tlb_entry_at(removal->tlb, tlb_slot(removal->tlb, entry))->present = false;
    return true;
}

/* Whether an invalidation names addresses, and it follows in which sets entries for these are: one
 * for all ASIDs, or several VMIDs, does not name the address spaces. */
static bool by_address(const struct tlb *tlb, const struct smmu_inval *inval)
{
    if (!tlbi_by_address(inval->kind) || inval->nested)
        return false;
    return tlb->spread == 0 || (inval->vmid_wildcard == 0 &&
                                (inval->kind != SMMU_INVAL_TLB_VAA || tlb->spans.present == 0));
}

/* Entries of the sizes `spans`, which lie where `spread` says. */
static uint32_t invalidate_sets(struct tlb *tlb, const struct smmu_inval *inval, uint64_t spans,
                                uint64_t spread)
{
    const struct removal removal = {tlb, inval};
    uint32_t removed = 0;
    for (; spans != 0; spans &= spans - 1) {
        struct inval_places at = inval_places(inval, (unsigned)__builtin_ctzll(spans));
        for (; at.first <= at.last; at.first++)
            removed += assoc_remove_in_set(&tlb->store, at.first ^ spread, selected, &removal);
    }
    return removed;
}

/* Entries whose descriptor has one of the sizes: those of its own size, and pieces of it. */
static uint32_t invalidate_places(struct tlb *tlb, const struct smmu_inval *inval, uint64_t leaves)
{
    const struct removal removal = {tlb, inval};
    const uint64_t context =
        inval_scope(inval).id | (inval->kind == SMMU_INVAL_TLB_IPA ? TLB_ID_IPA : 0);
    return invalidate_sets(tlb, inval, inval_sizes(inval, tlb->spans.present),
                           tlb_spread(tlb, context)) +
           invalidate_sets(tlb, inval, inval_sizes(inval, tlb->globals.present),
                           tlb_spread_global(tlb, context)) +
           tag_index_remove_leaves(&tlb->index, &tlb->store, inval, leaves, selected, &removal);
}

static uint32_t invalidate_everywhere(struct tlb *tlb, const struct smmu_inval *inval)
{
    const struct removal removal = {tlb, inval};
    const struct inval_scope scope = inval_scope(inval);
    return assoc_remove_if(&tlb->store, scope.id, scope.mask, selected, &removal);
}

/* What names addresses: a range that falls into more places than there
 * are sets is searched for everywhere, which is faster than along a chain that may hold all. */
static uint32_t invalidate_named(struct tlb *tlb, const struct smmu_inval *inval)
{
    uint64_t spans = inval_sizes(inval, tlb_sizes(tlb));
    uint64_t leaves = inval_sizes(inval, tlb->index.leaf_sizes);
    if (inval_many_places(inval, spans, tlb->store.sets) ||
        inval_many_places(inval, leaves, tlb->store.sets))
        return invalidate_everywhere(tlb, inval);
    return invalidate_places(tlb, inval, leaves);
}

uint32_t tlb_invalidate(struct tlb *tlb, const struct smmu_inval *inval)
{
    const struct removal removal = {tlb, inval};
    uint32_t chain;
    if (tlb_sizes(tlb) == 0)
        return 0;
    if (by_address(tlb, inval))
        return invalidate_named(tlb, inval);
    struct chains *chains = tag_index_holding(&tlb->index, inval, &chain);
    if (!chains)
        return invalidate_everywhere(tlb, inval);
    return assoc_remove_chained(&tlb->store, chains, chain, selected, &removal);
}
