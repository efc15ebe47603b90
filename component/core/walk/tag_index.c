/* SPDX-License-Identifier: Apache-2.0 */
/* Where what an invalidation names may be (IHI 0070 4.4): see tag_index.h. */
#include "walk/tag_index.h"

#include "cmd/inval.h"

bool tag_index_init(struct tag_index *index, uint32_t sets, uint32_t ways)
{
    *index = (struct tag_index){0};
    return chains_init(&index->leaves, sets * ways, sets) &&
           chains_init(&index->spaces, sets * ways, sets) &&
           chains_init(&index->regimes, sets * ways, sets);
}

void tag_index_free(struct tag_index *index)
{
    chains_free(&index->leaves);
    chains_free(&index->spaces);
    chains_free(&index->regimes);
}

struct inval_scope inval_scope(const struct smmu_inval *inval)
{
    bool el1_only = inval->kind == SMMU_INVAL_TLB_S12 || inval->kind == SMMU_INVAL_TLB_IPA;
    uint8_t of = el1_only ? SMMU_WORLD_NS_EL1 : inval->world;
    bool vmids = of == SMMU_WORLD_NS_EL1;
    struct inval_scope scope = {
        .id = (uint64_t)inval->sec << TAG_SEC | (uint64_t)of << TAG_WORLD |
              (vmids ? (uint64_t)inval->vmid << TAG_VMID : 0) | inval->asid,
        .mask = UINT64_C(0xff) << TAG_SEC,
    };
    if (inval->kind >= SMMU_INVAL_TLB_S12 && !inval_about_dpt(inval->kind))
        scope.mask |=
            TAG_CONTEXT_REGIME | (vmids && inval->vmid_wildcard == 0 ? TAG_CONTEXT_VMID : 0);
    if (inval->kind == SMMU_INVAL_TLB_ASID || inval->kind == SMMU_INVAL_TLB_VA)
        scope.mask |= TAG_CONTEXT_ASID; /* which does not count for what all ASIDs share */
    return scope;
}

bool inval_many_places(const struct smmu_inval *inval, uint64_t sizes, uint64_t most)
{
    for (; sizes != 0; sizes &= sizes - 1) {
        struct inval_places places = inval_places(inval, (unsigned)__builtin_ctzll(sizes));
        if (places.last - places.first >= most)
            return true;
        most -= places.last - places.first + 1;
    }
    return false;
}

uint32_t tag_index_remove_leaves(struct tag_index *index, struct assoc *store,
                                 const struct smmu_inval *inval, uint64_t sizes, assoc_match *match,
                                 const void *context)
{
    uint32_t removed = 0;
    for (; sizes != 0; sizes &= sizes - 1) {
        struct inval_places at = inval_places(inval, (unsigned)__builtin_ctzll(sizes));
        for (; at.first <= at.last; at.first++)
            removed += assoc_remove_chained(store, &index->leaves,
                                            chains_of(&index->leaves, at.first), match, context);
    }
    return removed;
}

/* Whether an invalidation is about one VMID, or one regime that has none. */
static bool of_one_regime(const struct inval_scope *scope)
{
    return (scope->mask & TAG_CONTEXT_REGIME) == TAG_CONTEXT_REGIME &&
           ((scope->mask & TAG_CONTEXT_VMID) != 0 || !tag_context_has_vmid(scope->id));
}

/* What is of an ASID is of its address space alone, but for kinds that take what all ASIDs share
 * too. */
struct chains *tag_index_holding(struct tag_index *index, const struct smmu_inval *inval,
                                 uint32_t *chain)
{
    const struct inval_scope scope = inval_scope(inval);
    const uint64_t common = scope.id & scope.mask;
    if (!of_one_regime(&scope))
        return NULL;
    if (inval->kind == SMMU_INVAL_TLB_ASID) {
        *chain = tag_index_chain(&index->spaces, common);
        return &index->spaces;
    }
    *chain = tag_index_chain(&index->regimes, tag_context_regime(common));
    return &index->regimes;
}
