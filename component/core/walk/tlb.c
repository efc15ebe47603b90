/* SPDX-License-Identifier: Apache-2.0 */
/* Caches of translations. One store holds all sizes; a lookup tries the sizes in use. */
#include "walk/tlb.h"

#include <string.h>

#include "base/bits.h"
#include "cmd/tlbi.h"

bool tlb_init(struct tlb *tlb, const struct assoc_plan *plan)
{
    const struct smmu_cache_shape *shape = &plan->shape;
    tlb->spans = 0;
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
    struct tlb_context context = {tag->asid, tag->vmid, tag->sec, tag->world, !tag->s1, tag->aset};
    struct assoc_key key = {
        .addr = tag->va,
        .id = tlb_key_id(&context) | tlb_span_id(tag->span_log2),
        .id_mask = tag->global ? ~TLB_ID_ASID : ~TLB_ID_ASET,
    };
    bool evicted;
    void *slot = assoc_insert(&tlb->store, tag->va >> tag->span_log2, &key, &evicted);
    memcpy(slot, entry, tlb->store.entry_size);
    note_piece(tlb, slot, tag);
    tlb->spans |= BIT64(tag->span_log2);
    return evicted;
}

static bool selected(const void *entry, const void *inval)
{
    return smmu_inval_matches(inval, entry);
}

/* An invalidation that names an address need not search all sets. */
static bool by_address(const struct smmu_inval *inval)
{
    return tlbi_by_address(inval->kind) && !inval->nested;
}

/* Pieces of the leaves around inval->addr that have 2^leaf_log2 bytes. */
static uint32_t invalidate_pieces(struct tlb *tlb, const struct smmu_inval *inval,
                                  unsigned leaf_log2)
{
    uint32_t removed = 0, next;
    for (uint32_t slot = pieces_first(&tlb->pieces, inval->addr, leaf_log2);
         slot < tlb->pieces.slots; slot = next) {
        next = pieces_next(&tlb->pieces, slot);
        removed += assoc_remove_slot(&tlb->store, slot, selected, inval);
        if (!assoc_used(&tlb->store, slot))
            pieces_take(&tlb->pieces, slot);
    }
    return removed;
}

uint32_t tlb_invalidate(struct tlb *tlb, const struct smmu_inval *inval)
{
    uint32_t removed = 0;
    if (!by_address(inval))
        return assoc_remove_if(&tlb->store, selected, inval);
    for (uint64_t spans = tlb->spans; spans != 0; spans &= spans - 1) {
        unsigned span = (unsigned)__builtin_ctzll(spans);
        removed += assoc_remove_in_set(&tlb->store, inval->addr >> span, selected, inval);
    }
    for (uint64_t leaves = tlb->pieces.leaves; leaves != 0; leaves &= leaves - 1)
        removed += invalidate_pieces(tlb, inval, (unsigned)__builtin_ctzll(leaves));
    return removed;
}
