/* SPDX-License-Identifier: Apache-2.0 */
/* Participation in the CPUs' TLB maintenance (IHI 0070 3.17, 4.4, 6.3.12). */
#include "smmu/dvm.h"

#include "cmd/tlbi.h"
#include "observe/observe.h"

/* ALL is about both stages, VMALL and what is below about stage 1. */
static const enum smmu_inval_kind kinds[SMMU_DVM_OP_COUNT] = {
    [SMMU_DVM_ALL] = SMMU_INVAL_TLB_NH,    [SMMU_DVM_VMALLS12] = SMMU_INVAL_TLB_S12,
    [SMMU_DVM_VMALL] = SMMU_INVAL_TLB_S1,  [SMMU_DVM_ASID] = SMMU_INVAL_TLB_ASID,
    [SMMU_DVM_VA] = SMMU_INVAL_TLB_VA,     [SMMU_DVM_VAA] = SMMU_INVAL_TLB_VAA,
    [SMMU_DVM_IPAS2] = SMMU_INVAL_TLB_IPA,
};

/* The regimes of EL2 have one stage. */
static enum smmu_inval_kind kind_of(const struct smmu_dvm *dvm)
{
    bool el2_all = dvm->op == SMMU_DVM_ALL && dvm->world != SMMU_WORLD_NS_EL1;
    return el2_all ? SMMU_INVAL_TLB_S1 : kinds[dvm->op];
}

/* The level that a hint names. With FEAT_LPA2 that of a single address can name level 0 of the 4
 * KiB granule (DDI 0487 tables D8-123, D8-124). */
static int level_of(const struct smmu_dvm *dvm, unsigned tg, bool ds)
{
    unsigned ttl = dvm->ttl & 3u;
    if (!dvm->range && ds && tg == TLBI_TG_4K && ttl == 0)
        return 0;
    return tlbi_level(tg, ttl, ds);
}

/* The range and the hints (DDI 0487 D8.17.5.1, D8.17.5.2), which SMMUs without range invalidation
 * do not know. Reserved hints are none. False: the operation has no effect. */
static bool take_range(const struct smmu_config *cfg, const struct smmu_dvm *dvm, struct tlbi *tlbi)
{
    if (!tlbi_by_address(tlbi->kind))
        return true;
    if (!cfg->ril)
        return !dvm->range;
    unsigned tg = dvm->tg & 3u;
    if (tg == TLBI_TG_ANY)
        return !dvm->range;
    tlbi->level = (int8_t)level_of(dvm, tg, cfg->ds);
    tlbi->formats = TLBI_64_BIT | (cfg->d128 ? TLBI_128_BIT : 0);
    if (dvm->range || tlbi->level != TLBI_ANY_LEVEL)
        tlbi->tg = (uint8_t)tg;
    if (dvm->range)
        tlbi->reach = tlbi_reach(tg, dvm->num & 31u, 5 * (dvm->scale & 3u) + 1);
    return true;
}

/* Operations on a stage, a regime or a Security state that is absent are ignored (3.17). */
void smmu_broadcast_tlbi(smmu_t *smmu, const struct smmu_dvm *dvm)
{
    const struct bank *bank = bank_of(smmu, dvm->sec);
    if (!smmu->cfg.btm || !bank || dvm->op >= SMMU_DVM_OP_COUNT)
        return;
    struct tlbi tlbi = {
        .kind = kind_of(dvm),
        .world = dvm->world,
        .leaf = dvm->leaf,
        .broadcast = true,
        .asid = dvm->asid,
        .vmid = dvm->vmid,
        .addr = dvm->addr,
    };
    if ((bank->reg[REG_CR2] & CR2_PTM) || !tlbi_applies(&smmu->cfg, tlbi.kind, dvm->world))
        return;
    if (!take_range(&smmu->cfg, dvm, &tlbi))
        return;
    observe_bank(smmu, SMMU_OBSERVE_broadcast, bank, dvm->op, dvm->addr);
    tlbi_apply(smmu, bank, &tlbi);
}
