/* SPDX-License-Identifier: Apache-2.0 */
/* Caches of translations (IHI 0070 3.17, 16.2), tagged by regime, VMID and ASID: the main TLB, and
 * the walk caches, which hold table descriptors. */
#ifndef SMMU_CORE_TLB_H
#define SMMU_CORE_TLB_H

#include <string.h>

#include "base/assoc.h"
#include "base/bits.h"
#include "base/spans.h"
#include "smmu/ops.h"
#include "smmu/types.h"
#include "walk/tag.h"
#include "walk/tag_index.h"

/* A translation of the 2^tag.span_log2 bytes at tag.va. Permissions are those of unprivileged and
 * privileged accesses; a stage that does not translate permits everything. */
struct tlb_entry {
    struct smmu_tag tag; /* sid and cd_index unused */
    uint64_t pa;         /* of the first byte */
    uint64_t ipa;        /* likewise, with stage 2 */
    struct smmu_memattr attr;
    uint8_t s1_perm[2];
    uint8_t s2_perm[2];
    bool s2_clean;   /* with TLB_CLEAN: stage 2 would let clients write, once it is made dirty */
    bool forces_wb;  /* of stage 2 alone: what it is given becomes Write-Back (13.1.6) */
    uint8_t s1_pbha; /* bits [62:59] of the descriptors, whether they are in use or not: that is */
    uint8_t s2_pbha; /* not cached (5.2.1, 5.4.1). With overlays that of stage 2 is POIndex */
    uint8_t caution; /* TLB_*: what has to be looked at before it is used */
    bool prefetched; /* and not found since */
    uint8_t s2_base; /* of stage 2 alone, with translation hardening: vmsa_s2_base() */
    bool present;    /* it is in a cache that has hints, and its key is */
};

/* Whether it is none of which something has to be looked at but address, rights and attributes:
 * four members in one word. */
static inline bool tlb_entry_is_simple(const struct tlb_entry *entry)
{
    uint32_t word;
    _Static_assert(offsetof(struct tlb_entry, s1_pbha) % sizeof(word) == 0 &&
                       offsetof(struct tlb_entry, prefetched) ==
                           offsetof(struct tlb_entry, s1_pbha) + sizeof(word) - 1,
                   "PBHA of both stages, caution and prefetched are one word");
    memcpy(&word, (const uint8_t *)entry + offsetof(struct tlb_entry, s1_pbha), sizeof(word));
    return word == 0;
}

/* tlb_entry.caution */
enum {
    TLB_CLEAN = 1,    /* a write must walk again, to make a descriptor dirty (3.13.3) */
    TLB_WARY = 2,     /* others may match too, which would be a conflict (3.21.1) */
    TLB_OVERLAID = 4, /* streams may have an overlay over the rights of stage 2 (walk_overlay()) */
    TLB_ASSURED_ONLY = 8, /* stage 2 is so: not for all that get there (walk_assured()) */
};

/* A table descriptor found on a walk: where the table for the 2^tag.span_log2 bytes at tag.va is.
 */
struct walk_entry {
    struct smmu_tag tag; /* tag.level: of the descriptor */
    uint64_t table;
    uint8_t skipped; /* levels between that of the descriptor and that of the table */
    uint8_t limits;  /* of rights, by the descriptors so far: see vmsa_limit() */
    bool prefetched; /* and not found since */
};

/* One cache. Its entries are of one type, whose first member is a struct smmu_tag. */
struct tlb {
    struct assoc store;
    struct tag_index index; /* by leaf: what is smaller than the block or page it is a piece of */
    struct spans spans;     /* of entries that are an ASID's, or of stage 2 */
    struct spans globals;   /* of those that all ASIDs share */
    uint64_t spread;        /* for assoc_spread(); 0: sets follow from the address alone */
    uint32_t last;          /* the slot of what tlb_find_again() found last, or any */
    uint32_t *hints;    /* of a cache of struct tlb_entry: slots, where tlb_find_hinted() found */
    uint32_t hint_mask; /* what it was asked for, or any. Their number, a power of two, minus 1 */
    uint8_t hint_shift; /* 64 minus log2 of their number */
    void *hints_room;   /* to be freed */
};

/* Whether nothing would be remembered: there is no such cache. */
static inline bool tlb_absent(const struct tlb *tlb)
{
    return tlb->store.sets == 0;
}

/* Make an empty one; `by_space`: its sets follow from the address space too, for software has many
 * address spaces at the same addresses. */
bool tlb_init(struct tlb *tlb, const struct assoc_plan *plan, bool by_space);
void tlb_free(struct tlb *tlb);

/* The tags of a lookup, in one word: what struct tag_words has in `context`, but for size and
 * level; CD.ASET in bit 46, which tells global entries apart (3.17.1); in bit 47 whether the
 * address is an IPA, so that entries of stage 2 alone are meant. assoc_key.id is that and the size.
 */
#define TLB_ID_ASID UINT64_C(0xffff)
#define TLB_ID_TAG  MASK64(TAG_WORLD + 5, 0)
#define TLB_ID_ASET BIT64(46)
#define TLB_ID_IPA  BIT64(47)

/* The context of stage 2 of a regime. */
static inline uint64_t tlb_context_s2(uint16_t vmid, uint8_t world, uint8_t sec)
{
    return (uint64_t)vmid << TAG_VMID | (uint64_t)world << TAG_WORLD | (uint64_t)sec << TAG_SEC |
           TLB_ID_IPA;
}

/* What an ASID adds to it, and the two together: the context of stage 1, or of both stages. */
static inline uint64_t tlb_context_asid(uint16_t asid, bool aset)
{
    return asid | (aset ? TLB_ID_ASET : 0);
}
static inline uint64_t tlb_context_s1(uint64_t s2, uint64_t asid)
{
    return (s2 ^ TLB_ID_IPA) | asid;
}

static inline uint64_t tlb_span_id(unsigned span_log2)
{
    return (uint64_t)span_log2 << TAG_SPAN;
}

/* Sizes of what there is, a bit for each. */
static inline uint64_t tlb_sizes(const struct tlb *tlb)
{
    return tlb->spans.present | tlb->globals.present;
}

/* What the tags of a context add to hashes: address spaces have their sets each in the main TLB.
 * What all ASIDs share has those of its context without ASID. */
static inline uint64_t tlb_spread(const struct tlb *tlb, uint64_t context)
{
    return assoc_spread(&tlb->store, context & (TLB_ID_TAG | TLB_ID_IPA), tlb->spread);
}
static inline uint64_t tlb_spread_global(const struct tlb *tlb, uint64_t context)
{
    return tlb_spread(tlb, context & ~TLB_ID_ASID);
}

/* A context with what its tags add to hashes of one cache. */
struct tlb_space {
    uint64_t context, spread;
};
static inline struct tlb_space tlb_space(const struct tlb *tlb, uint64_t context)
{
    return (struct tlb_space){context, tlb_spread(tlb, context)};
}

/* The same for a cache that was not made `by_space`: its tags add nothing. */
static inline struct tlb_space tlb_space_of_all(uint64_t context)
{
    return (struct tlb_space){context, 0};
}

/* The entry of 2^span bytes that holds `addr` in `space`, and its slot; or NULL. Not counted as a
 * use. */
static inline void *tlb_peek(const struct tlb *tlb, struct tlb_space space, uint64_t addr,
                             unsigned span, uint32_t *slot)
{
    uint64_t page = addr >> span, id = space.context | tlb_span_id(span);
    void *entry = NULL;
    if (__builtin_expect(tlb->spans.present >> span & 1, true))
        entry = assoc_peek(&tlb->store, page ^ space.spread, page << span, id, slot);
    if (!entry && __builtin_expect(tlb->globals.present >> span & 1, false))
        entry = assoc_peek(&tlb->store, page ^ tlb_spread_global(tlb, space.context), page << span,
                           id, slot);
    return entry;
}

/* The smallest entry that holds `addr` in `space`, and its slot; or NULL. It stays until the next
 * fill or invalidation. `touch`: the lookup counts as a use. */
static inline void *tlb_find_slot(struct tlb *tlb, struct tlb_space space, uint64_t addr,
                                  bool touch, uint32_t *slot)
{
    for (uint64_t spans = tlb_sizes(tlb); spans != 0; spans &= spans - 1) {
        void *entry = tlb_peek(tlb, space, addr, (unsigned)__builtin_ctzll(spans), slot);
        if (!entry)
            continue;
        if (touch)
            replacement_used(&tlb->store.replacement, *slot);
        return entry;
    }
    return NULL;
}
static inline void *tlb_find(struct tlb *tlb, struct tlb_space space, uint64_t addr, bool touch)
{
    uint32_t slot;
    return tlb_find_slot(tlb, space, addr, touch, &slot);
}

/* The same in a cache that was not made `by_space`, where what was found last is mostly found
 * again: that is looked at first, if it is of the size that is tried first. */
static inline void *tlb_find_again(struct tlb *tlb, uint64_t context, uint64_t addr, bool touch)
{
    const uint64_t sizes = tlb_sizes(tlb);
    if (sizes == 0)
        return NULL;
    const unsigned span = (unsigned)__builtin_ctzll(sizes);
    const uint64_t id = context | tlb_span_id(span) | ASSOC_VALID;
    if (__builtin_expect(assoc_answers(&tlb->store.keys[tlb->last], addr >> span << span, id),
                         true)) {
        if (touch)
            replacement_used(&tlb->store.replacement, tlb->last);
        return tlb->store.entries + tlb->last * tlb->store.entry_size;
    }
    return tlb_find_slot(tlb, tlb_space_of_all(context), addr, touch, &tlb->last);
}

/* How many askers further on one is that may ask soon: what was found for it is fetched from the
 * host's memory meanwhile. */
enum { TLB_HINTS_AHEAD = 16 };

/* Whether `entry`, of 2^span bytes, which all ASIDs do not share, is for `addr` in `space`: what
 * its key says, so that there is no need to look at that. */
static inline bool tlb_entry_answers(const struct tlb_entry *entry, struct tlb_space space,
                                     uint64_t addr, unsigned span)
{
    const uint64_t id = space.context | tlb_span_id(span);
    const uint64_t tags = TLB_ID_TAG | UINT64_C(0xff) << TAG_SPAN;
    return entry->present && entry->tag.va == addr >> span << span &&
           ((tag_words(&entry->tag).context ^ id) & tags) == 0 &&
           entry->tag.s1 == !(id & TLB_ID_IPA);
}

/* Entries and slots of the main TLB. */
static inline struct tlb_entry *tlb_entry_at(const struct tlb *tlb, uint32_t slot)
{
    return (struct tlb_entry *)(void *)tlb->store.entries + slot;
}
static inline uint32_t tlb_slot(const struct tlb *tlb, const struct tlb_entry *entry)
{
    return (uint32_t)(entry - tlb_entry_at(tlb, 0));
}

/* tlb_find() in the main TLB, without a use, for an asker who asks again and again: where the entry
 * was found before is known without its set, which the host need not wait for then. Neighbouring
 * askers have neighbouring hints for what is at one address, and mostly one asks after another. Of
 * what is not shared by all ASIDs there is no second entry of one size. */
static inline struct tlb_entry *tlb_find_hinted(struct tlb *tlb, struct tlb_space space,
                                                uint64_t addr, uint64_t asker)
{
    const uint64_t sizes = tlb_sizes(tlb);
    if (sizes == 0)
        return NULL;
    const unsigned span = (unsigned)__builtin_ctzll(sizes);
    const uint64_t place = (addr >> span) * ASSOC_GOLDEN_RATIO >> tlb->hint_shift;
    uint32_t *hint = &tlb->hints[(place + asker) & tlb->hint_mask], slot;
    struct tlb_entry *entry = tlb_entry_at(tlb, *hint);
    __builtin_prefetch(&tlb->store.replacement.used[hint[TLB_HINTS_AHEAD]], 1);
    __builtin_prefetch(tlb_entry_at(tlb, hint[TLB_HINTS_AHEAD]));
    if (__builtin_expect(tlb_entry_answers(entry, space, addr, span) &&
                             !(tlb->globals.present >> span & 1),
                         true))
        return entry;
    entry = tlb_find_slot(tlb, space, addr, false, &slot);
    if (entry)
        *hint = slot;
    return entry;
}

/* The same, which does not make a space of `context` where there is nothing to be found. */
static inline void *tlb_find_in(struct tlb *tlb, uint64_t context, uint64_t addr, bool touch)
{
    return tlb_sizes(tlb) != 0 ? tlb_find(tlb, tlb_space(tlb, context), addr, touch) : NULL;
}

/* What permits nothing, in place of translations that conflict. */
extern const struct tlb_entry tlb_conflict;

/* What to go by where `entry`, which has some caution and translates `addr` in `context`, was found
 * for an access that makes descriptors dirty, or does not: the entry, &tlb_conflict, or NULL, so
 * that it has to be walked for. */
const struct tlb_entry *tlb_cautious(const struct tlb *tlb, uint64_t context, uint64_t addr,
                                     const struct tlb_entry *entry, bool dirties);

/* How many sizes tlb_find() would try after the first. */
uint32_t tlb_further_sizes(const struct tlb *tlb, uint64_t context, uint64_t addr);

/* Insert `entry`. True if another entry was pushed out. */
bool tlb_fill(struct tlb *tlb, const void *entry);

/* Remove what an invalidation selects (4.4). Returns how many entries that were. */
uint32_t tlb_invalidate(struct tlb *tlb, const struct smmu_inval *inval);

#endif
