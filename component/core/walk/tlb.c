/* SPDX-License-Identifier: Apache-2.0 */
/* Caches of translations. One store holds all sizes; a lookup tries the sizes in use. */
#include "walk/tlb.h"

#include <string.h>

#include "base/bits.h"
#include "cmd/tlbi.h"

bool tlb_init(struct tlb *tlb, const struct assoc_plan *plan, bool by_space)
{
    const struct smmu_cache_shape *shape = &plan->shape;
    tlb->spans = tlb->globals = (struct spans){0};
    tlb->spread = by_space ? ASSOC_GOLDEN_RATIO : 0;
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
    enum assoc_place place;
    void *slot = assoc_insert(&tlb->store, tag->va >> tag->span_log2 ^ spread, &key, &place);
    if (place != ASSOC_FREE)
        spans_drop(spans_of(tlb, slot), ((const struct smmu_tag *)slot)->span_log2);
    spans_add(spans_of(tlb, tag), tag->span_log2);
    memcpy(slot, entry, tlb->store.entry_size);
    note_piece(tlb, slot, tag);
    return place == ASSOC_EVICTED;
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
        if (tlb_peek(tlb, context, addr, (unsigned)__builtin_ctzll(spans), &slot))
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
    return true;
}

/* What the contexts of entries that an invalidation selects have in common: `id`, in the bits of
 * `mask`. */
struct scope {
    uint64_t id, mask;
};

static struct scope scope_of(const struct smmu_inval *inval)
{
    const uint64_t sec = UINT64_C(0xff) << TAG_SEC, world = UINT64_C(0x3f) << TAG_WORLD;
    const uint64_t vmid = UINT64_C(0xffff) << TAG_VMID;
    bool el1_only = inval->kind == SMMU_INVAL_TLB_S12 || inval->kind == SMMU_INVAL_TLB_IPA;
    uint8_t of = el1_only ? SMMU_WORLD_NS_EL1 : inval->world;
    bool vmids = of == SMMU_WORLD_NS_EL1;
    struct scope scope = {
        .id = tlb_context_s2(vmids ? inval->vmid : 0, of, inval->sec) | inval->asid,
        .mask = sec,
    };
    if (inval->kind >= SMMU_INVAL_TLB_S12)
        scope.mask |= world | (vmids && inval->vmid_wildcard == 0 ? vmid : 0);
    if (inval->kind == SMMU_INVAL_TLB_ASID || inval->kind == SMMU_INVAL_TLB_VA)
        scope.mask |= TLB_ID_ASID; /* which does not count for what all ASIDs share */
    return scope;
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

/* Entries of the sizes `spans`, which lie where `spread` says. */
static uint32_t invalidate_sets(struct tlb *tlb, const struct smmu_inval *inval, uint64_t spans,
                                uint64_t spread)
{
    const struct removal removal = {tlb, inval};
    uint32_t removed = 0;
    for (; spans != 0; spans &= spans - 1) {
        struct places at = places_of(inval, (unsigned)__builtin_ctzll(spans));
        for (; at.first <= at.last; at.first++)
            removed += assoc_remove_in_set(&tlb->store, at.first ^ spread, selected, &removal);
    }
    return removed;
}

/* Entries whose descriptor has one of the sizes: those of its own size, and pieces of it. */
static uint32_t invalidate_places(struct tlb *tlb, const struct smmu_inval *inval, uint64_t leaves)
{
    const uint64_t ipa = inval->kind == SMMU_INVAL_TLB_IPA ? 0 : TLB_ID_IPA;
    const uint64_t context = scope_of(inval).id & ~ipa;
    uint32_t removed = invalidate_sets(tlb, inval, with_hints(inval, tlb->spans.present),
                                       tlb_spread(tlb, context)) +
                       invalidate_sets(tlb, inval, with_hints(inval, tlb->globals.present),
                                       tlb_spread_global(tlb, context));
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
    uint64_t spans = with_hints(inval, tlb_sizes(tlb));
    uint64_t leaves = with_hints(inval, tlb->pieces.leaves);
    const struct removal removal = {tlb, inval};
    if (tlb_sizes(tlb) == 0)
        return 0;
    if (by_address(tlb, inval) && !everywhere(tlb, inval, spans) && !everywhere(tlb, inval, leaves))
        return invalidate_places(tlb, inval, leaves);
    const struct scope scope = scope_of(inval);
    return assoc_remove_if(&tlb->store, scope.id, scope.mask, selected, &removal);
}
