/* SPDX-License-Identifier: Apache-2.0 */
/* Invalidation (IHI 0070 3.17, 4.3, 4.4). Scopes are exact: nothing more goes than is asked for. */
#include "inval.h"

#include "cache.h"

static bool holds_va(const struct smmu_tag *tag, uint64_t va)
{
    return (va ^ tag->va) >> tag->span_log2 == 0;
}

/* Translations of the NS-EL1 regime with the VMID of the command (4.4.2). */
static bool el1_matches(const struct smmu_inval *inval, const struct smmu_tag *tag)
{
    return tag->s1 && tag->world == SMMU_WORLD_NS_EL1 && tag->vmid == inval->vmid;
}

bool smmu_inval_matches(const struct smmu_inval *inval, const struct smmu_tag *tag)
{
    if (tag->sec != inval->sec)
        return false;
    switch (inval->kind) {
    case SMMU_INVAL_ALL:
    case SMMU_INVAL_CFG_ALL:
        return true;
    case SMMU_INVAL_CFG_SIDS:
        return tag->sid >= inval->sid && tag->sid <= inval->sid_last;
    case SMMU_INVAL_CFG_CD:
        return tag->s1 && tag->sid == inval->sid && tag->cd_index == inval->ssid;
    case SMMU_INVAL_CFG_CD_ALL:
        return tag->s1 && tag->sid == inval->sid;
    case SMMU_INVAL_TLB_ALL:
        return tag->s1 && tag->world == SMMU_WORLD_NS_EL1;
    case SMMU_INVAL_TLB_VMID:
        return el1_matches(inval, tag);
    case SMMU_INVAL_TLB_ASID:
        return el1_matches(inval, tag) && !tag->global && tag->asid == inval->asid;
    case SMMU_INVAL_TLB_VA:
        return el1_matches(inval, tag) && (tag->global || tag->asid == inval->asid) &&
               holds_va(tag, inval->va);
    case SMMU_INVAL_TLB_VAA:
        return el1_matches(inval, tag) && holds_va(tag, inval->va);
    }
    return false;
}

/* Which caches a kind concerns. */
static bool concerns_config(enum smmu_inval_kind kind)
{
    return kind <= SMMU_INVAL_CFG_CD_ALL;
}

static bool concerns_tlb(enum smmu_inval_kind kind)
{
    return kind == SMMU_INVAL_ALL || kind >= SMMU_INVAL_TLB_ALL;
}

void inval_notify(struct smmu_state *smmu, const struct smmu_inval *inval)
{
    if (smmu->ops.inval)
        smmu->ops.inval(smmu->user, inval);
}

void inval_apply(struct smmu_state *smmu, const struct smmu_inval *inval)
{
    smmu->epoch++;
    if (concerns_config(inval->kind))
        cache_invalidate(smmu, inval);
    if (concerns_tlb(inval->kind))
        tlb_invalidate(&smmu->tlb, inval);
    inval_notify(smmu, inval);
}
