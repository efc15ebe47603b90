/* SPDX-License-Identifier: Apache-2.0 */
/* Caches of translations. One store holds all sizes; a lookup tries the sizes in use. */
#include "walk/tlb.h"

#include <string.h>

#include "base/bits.h"
#include "cmd/tlbi.h"

bool tlb_init(struct tlb *tlb, const struct assoc_plan *plan)
{
    const struct smmu_cache_shape *shape = &plan->shape;
    tlb->spans = (struct spans){0};
    return assoc_init(&tlb->store, plan) &&
           pieces_init(&tlb->pieces, shape->sets * shape->ways, shape->sets);
}

void tlb_free(struct tlb *tlb)
{
    assoc_free(&tlb->store);
    pieces_free(&tlb->pieces);
}

/* Keep account of which slots hold pieces. */
static void note_piece(struct tlb *tlb, const void *entry, const struct smmu_tag *tag)
{
    unsigned leaf = inval_leaf_log2(tag);
    bool piece = leaf > tag->span_log2;
    if (!piece && tlb->pieces.leaves == 0)
        return;
    uint32_t slot = assoc_slot(&tlb->store, entry);
    if (piece)
        pieces_put(&tlb->pieces, slot, tag->va, leaf);
    else
        pieces_take(&tlb->pieces, slot);
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
    enum assoc_place place;
    void *slot = assoc_insert(&tlb->store, tag->va >> tag->span_log2, &key, &place);
    if (place == ASSOC_EVICTED)
        spans_drop(&tlb->spans, ((const struct smmu_tag *)slot)->span_log2);
    if (place != ASSOC_SAME)
        spans_add(&tlb->spans, tag->span_log2);
    memcpy(slot, entry, tlb->store.entry_size);
    note_piece(tlb, slot, tag);
    return place == ASSOC_EVICTED;
}

const struct tlb_entry tlb_conflict = {.tag = {.s1 = true}};

/* Whether entries of several sizes, or several of one size, match. */
static bool ambiguous(const struct tlb *tlb, uint64_t context, uint64_t addr)
{
    unsigned matches = 0;
    for (uint64_t spans = tlb->spans.present; spans != 0; spans &= spans - 1) {
        unsigned span = (unsigned)__builtin_ctzll(spans);
        matches += assoc_count(&tlb->store, addr >> span, addr >> span << span,
                               context | tlb_span_id(span));
    }
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
    for (uint64_t spans = tlb->spans.present; spans != 0; spans &= spans - 1, tried++) {
        unsigned span = (unsigned)__builtin_ctzll(spans);
        if (assoc_peek(&tlb->store, addr >> span, addr >> span << span, context | tlb_span_id(span),
                       &slot))
            return tried;
    }
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
    spans_drop(&removal->tlb->spans, ((const struct smmu_tag *)entry)->span_log2);
    return true;
}

/* An invalidation that names an address need not search all sets. */
static bool by_address(const struct smmu_inval *inval)
{
    return tlbi_by_address(inval->kind) && !inval->nested;
}

/* The addresses that an invalidation names, in units of 2^log2 bytes. */
struct places {
    uint64_t first, last;
};

static struct places places_of(const struct smmu_inval *inval, unsigned log2)
{
    uint64_t last = inval->addr + inval->reach;
    return (struct places){inval->addr >> log2, (last < inval->addr ? UINT64_MAX : last) >> log2};
}

/* Those of the sizes in `sizes` that hints leave; all of them have a bit in a uint64_t. */
static uint64_t with_hints(const struct smmu_inval *inval, uint64_t sizes)
{
    return inval->leaf_sizes != 0 ? sizes & inval->leaf_sizes : sizes;
}

/* Whether the places of an invalidation, in each of `sizes`, are more than there are sets. */
static bool everywhere(const struct tlb *tlb, const struct smmu_inval *inval, uint64_t sizes)
{
    uint64_t left = tlb->store.sets;
    for (; sizes != 0; sizes &= sizes - 1) {
        struct places places = places_of(inval, (unsigned)__builtin_ctzll(sizes));
        if (places.last - places.first >= left)
            return true;
        left -= places.last - places.first + 1;
    }
    return false;
}

/* Pieces of the leaf number `leaf` of those that have 2^leaf_log2 bytes. */
static uint32_t invalidate_pieces(struct tlb *tlb, const struct smmu_inval *inval, uint64_t leaf,
                                  unsigned leaf_log2)
{
    const struct removal removal = {tlb, inval};
    uint32_t removed = 0, next;
    for (uint32_t slot = pieces_first(&tlb->pieces, leaf << leaf_log2, leaf_log2);
         slot < tlb->pieces.slots; slot = next) {
        next = pieces_next(&tlb->pieces, slot);
        removed += assoc_remove_slot(&tlb->store, slot, selected, &removal);
        if (!assoc_used(&tlb->store, slot))
            pieces_take(&tlb->pieces, slot);
    }
    return removed;
}

/* Entries whose descriptor has one of the sizes: those of its own size, and pieces of it. */
static uint32_t invalidate_places(struct tlb *tlb, const struct smmu_inval *inval, uint64_t spans,
                                  uint64_t leaves)
{
    const struct removal removal = {tlb, inval};
    uint32_t removed = 0;
    for (; spans != 0; spans &= spans - 1) {
        struct places at = places_of(inval, (unsigned)__builtin_ctzll(spans));
        for (; at.first <= at.last; at.first++)
            removed += assoc_remove_in_set(&tlb->store, at.first, selected, &removal);
    }
    for (; leaves != 0; leaves &= leaves - 1) {
        unsigned log2 = (unsigned)__builtin_ctzll(leaves);
        struct places at = places_of(inval, log2);
        for (; at.first <= at.last; at.first++)
            removed += invalidate_pieces(tlb, inval, at.first, log2);
    }
    return removed;
}

/* A range that falls into more places than there are sets is searched for everywhere. */
uint32_t tlb_invalidate(struct tlb *tlb, const struct smmu_inval *inval)
{
    uint64_t spans = with_hints(inval, tlb->spans.present);
    uint64_t leaves = with_hints(inval, tlb->pieces.leaves);
    const struct removal removal = {tlb, inval};
    if (!by_address(inval) || everywhere(tlb, inval, spans) || everywhere(tlb, inval, leaves))
        return assoc_remove_if(&tlb->store, selected, &removal);
    return invalidate_places(tlb, inval, spans, leaves);
}
