/* SPDX-License-Identifier: Apache-2.0 */
/* Which slots of a cache hold what an invalidation names: chains by block or page, by address space
 * and by regime. A cache that could hold none of these is not searched. */
#ifndef SMMU_CORE_TAG_INDEX_H
#define SMMU_CORE_TAG_INDEX_H

#include "base/assoc.h"
#include "base/bits.h"
#include "base/chains.h"
#include "smmu/ops.h"
#include "walk/tag.h"

struct tag_index {
    struct chains leaves;  /* by the block or page that the entry is of */
    struct chains spaces;  /* by regime, VMID and ASID */
    struct chains regimes; /* by regime and VMID */
    uint64_t leaf_sizes;   /* bit n: there may be leaves of 2^n bytes in `leaves` */
};

/* For a cache of `sets` sets, a power of two, or 0. False if memory is short. */
bool tag_index_init(struct tag_index *index, uint32_t sets, uint32_t ways);
void tag_index_free(struct tag_index *index);

/* What the contexts of entries (struct tag_words) that an invalidation selects have in common:
 * `id`, in the bits of `mask`. */
struct inval_scope {
    uint64_t id, mask;
};
struct inval_scope inval_scope(const struct smmu_inval *inval);

/* The addresses that an invalidation names, in units of 2^log2 bytes. */
struct inval_places {
    uint64_t first, last;
};
static inline struct inval_places inval_places(const struct smmu_inval *inval, unsigned log2)
{
    uint64_t last = inval->addr + inval->reach;
    return (struct inval_places){inval->addr >> log2,
                                 (last < inval->addr ? UINT64_MAX : last) >> log2};
}

/* Those of the sizes in `sizes` that hints leave; all of them have a bit in a uint64_t. */
static inline uint64_t inval_sizes(const struct smmu_inval *inval, uint64_t sizes)
{
    return inval->leaf_sizes != 0 ? sizes & inval->leaf_sizes : sizes;
}

/* Whether the places that an invalidation names, in each of `sizes`, are more than `most`. */
bool inval_many_places(const struct smmu_inval *inval, uint64_t sizes, uint64_t most);

/* Parts of a context. That of regimes that have no VMIDs does not say any. */
#define TAG_CONTEXT_REGIME (UINT64_C(0xff) << TAG_SEC | UINT64_C(0x3f) << TAG_WORLD)
#define TAG_CONTEXT_VMID   (UINT64_C(0xffff) << TAG_VMID)
#define TAG_CONTEXT_ASID   UINT64_C(0xffff)

static inline bool tag_context_has_vmid(uint64_t context)
{
    return (context >> TAG_WORLD & 0x3f) == SMMU_WORLD_NS_EL1;
}
static inline uint64_t tag_context_regime(uint64_t context)
{
    return context & (TAG_CONTEXT_REGIME | (tag_context_has_vmid(context) ? TAG_CONTEXT_VMID : 0));
}

/* The chain of a context, or of a part of it. */
static inline uint32_t tag_index_chain(const struct chains *chains, uint64_t context)
{
    return chains_of(chains, context * ASSOC_GOLDEN_RATIO >> 32);
}

/* The entry of `slot` has a tag of this context from now on. */
static inline void tag_index_put(struct tag_index *index, uint32_t slot, uint64_t context)
{
    uint64_t regime = tag_context_regime(context);
    uint64_t space = regime | (context & TAG_CONTEXT_ASID);
    chains_put(&index->spaces, slot, tag_index_chain(&index->spaces, space));
    chains_put(&index->regimes, slot, tag_index_chain(&index->regimes, regime));
}

/* The entry of `slot` is to be found by its leaf, of 2^leaf_log2 bytes around `addr`; is not. */
static inline void tag_index_put_leaf(struct tag_index *index, uint32_t slot, uint64_t addr,
                                      unsigned leaf_log2)
{
    chains_put(&index->leaves, slot, chains_of(&index->leaves, addr >> leaf_log2));
    index->leaf_sizes |= BIT64(leaf_log2);
}
static inline void tag_index_take_leaf(struct tag_index *index, uint32_t slot)
{
    if (index->leaf_sizes != 0)
        chains_take(&index->leaves, slot);
}

/* Remove entries of `store` for which `match` says so, from the chains of the leaves that `inval`
 * names, those of the sizes in `sizes`. Returns how many that were. */
uint32_t tag_index_remove_leaves(struct tag_index *index, struct assoc *store,
                                 const struct smmu_inval *inval, uint64_t sizes, assoc_match *match,
                                 const void *context);

/* The chain that holds all that `inval` selects, in `*chain`; NULL if there is no such chain. */
struct chains *tag_index_holding(struct tag_index *index, const struct smmu_inval *inval,
                                 uint32_t *chain);

#endif
