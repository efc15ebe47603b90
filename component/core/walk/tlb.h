/* SPDX-License-Identifier: Apache-2.0 */
/* Caches of translations (IHI 0070 3.17, 16.2), tagged by regime, VMID and ASID: the main TLB, and
 * the walk caches, which hold table descriptors. */
#ifndef SMMU_CORE_TLB_H
#define SMMU_CORE_TLB_H

#include "base/assoc.h"
#include "base/bits.h"
#include "base/spans.h"
#include "smmu/ops.h"
#include "smmu/types.h"
#include "walk/pieces.h"

/* A translation of the 2^tag.span_log2 bytes at tag.va. Permissions are those of unprivileged and
 * privileged accesses; a stage that does not translate permits everything. */
struct tlb_entry {
    struct smmu_tag tag; /* sid and cd_index unused */
    uint64_t pa;         /* of the first byte */
    uint64_t ipa;        /* likewise, with stage 2 */
    struct smmu_memattr attr;
    uint8_t s1_perm[2];
    uint8_t s2_perm[2];
    uint8_t s1_pbha; /* bits [62:59] of the descriptors, whether they are in use or not: that is */
    uint8_t s2_pbha; /* not cached (5.2.1, 5.4.1). With overlays that of stage 2 is POIndex */
    uint8_t caution; /* TLB_*: what has to be looked at before it is used */
    bool s2_clean;   /* with TLB_CLEAN: stage 2 would let clients write, once it is made dirty */
    bool prefetched; /* and not found since */
    bool forces_wb;  /* of stage 2 alone: what it is given becomes Write-Back (13.1.6) */
};

/* tlb_entry.caution */
enum {
    TLB_CLEAN = 1,    /* a write must walk again, to make a descriptor dirty (3.13.3) */
    TLB_WARY = 2,     /* others may match too, which would be a conflict (3.21.1) */
    TLB_OVERLAID = 4, /* streams may have an overlay over the rights of stage 2 (walk_overlay()) */
};

/* A table descriptor found on a walk: where the table for the 2^tag.span_log2 bytes at tag.va is.
 */
struct walk_entry {
    struct smmu_tag tag; /* tag.level: of the descriptor */
    uint64_t table;
    uint8_t limits;  /* of rights, by the descriptors so far: see vmsa_limit() */
    bool prefetched; /* and not found since */
};

/* One cache. Its entries are of one type, whose first member is a struct smmu_tag. */
struct tlb {
    struct assoc store;
    struct pieces pieces; /* entries that are smaller than what their descriptor maps */
    struct spans spans;
};

/* The tags of a lookup. */
struct tlb_context {
    uint16_t asid;
    uint16_t vmid;
    uint8_t sec;   /* enum smmu_sec */
    uint8_t world; /* enum smmu_world */
    bool ipa;      /* the address is an IPA: entries of stage 2 alone */
    bool aset;     /* CD.ASET, which tells global entries apart (3.17.1) */
};

/* Whether nothing would be remembered: there is no such cache. */
static inline bool tlb_absent(const struct tlb *tlb)
{
    return tlb->store.sets == 0;
}

bool tlb_init(struct tlb *tlb, const struct assoc_plan *plan);
void tlb_free(struct tlb *tlb);

/* Bits of assoc_key.id that some lookups leave out. */
#define TLB_ID_ASID UINT64_C(0xffff)
#define TLB_ID_ASET BIT64(46)

/* assoc_key.id is the context and, from bit 48, the size of the entry. */
static inline uint64_t tlb_key_id(const struct tlb_context *context)
{
    return context->asid | (uint64_t)context->vmid << 16 | (uint64_t)context->world << 32 |
           (uint64_t)context->sec << 40 | (context->aset ? TLB_ID_ASET : 0) |
           (uint64_t)context->ipa << 47;
}

static inline uint64_t tlb_span_id(unsigned span_log2)
{
    return (uint64_t)span_log2 << 48;
}

/* The smallest entry that holds `addr` in `context`, or NULL. It stays until the next fill or
 * invalidation. `touch`: the lookup counts as a use. */
static inline void *tlb_find(struct tlb *tlb, const struct tlb_context *context, uint64_t addr,
                             bool touch)
{
    uint64_t spans = tlb->spans.present;
    if (spans == 0)
        return NULL;
    uint64_t id = tlb_key_id(context);
    for (; spans != 0; spans &= spans - 1) {
        unsigned span = (unsigned)__builtin_ctzll(spans);
        uint64_t base = addr >> span << span;
        uint32_t slot;
        void *entry =
            touch ? assoc_find(&tlb->store, addr >> span, base, id | tlb_span_id(span))
                  : assoc_peek(&tlb->store, addr >> span, base, id | tlb_span_id(span), &slot);
        if (entry)
            return entry;
    }
    return NULL;
}

/* What permits nothing, in place of translations that conflict. */
extern const struct tlb_entry tlb_conflict;

/* What to go by where `entry`, which has some caution and translates `addr` in `context`, was found
 * for an access that makes descriptors dirty, or does not: the entry, &tlb_conflict, or NULL, so
 * that it has to be walked for. */
const struct tlb_entry *tlb_cautious(const struct tlb *tlb, const struct tlb_context *context,
                                     uint64_t addr, const struct tlb_entry *entry, bool dirties);

/* How many sizes tlb_find() would try after the first. */
uint32_t tlb_further_sizes(const struct tlb *tlb, const struct tlb_context *context, uint64_t addr);

/* Insert `entry`. True if another entry was pushed out. */
bool tlb_fill(struct tlb *tlb, const void *entry);

/* Remove what an invalidation selects (4.4). Returns how many entries that were. */
uint32_t tlb_invalidate(struct tlb *tlb, const struct smmu_inval *inval);

#endif
