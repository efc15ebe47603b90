/* SPDX-License-Identifier: Apache-2.0 */
/* Participation in the CPUs' TLB maintenance (IHI 0070 3.17, 4.4, 6.3.12). */
#include "smmu/dvm.h"

#include "inval.h"

/* Which features an operation is about. One with a combined effect touches the stages there are,
 * any other must have its stage (3.17). */
struct dvm_row {
    enum smmu_inval_kind kind;
    bool s1, s2;   /* stages that it touches */
    bool el1_only; /* exists in the EL1 regime alone */
    bool by_asid;  /* entries of ASIDs that CPUs do not share stay (CD.ASET) */
};

static const struct dvm_row rows[SMMU_DVM_OP_COUNT] = {
    [SMMU_DVM_ALL] = {SMMU_INVAL_TLB_NH, .s1 = true, .s2 = true},
    [SMMU_DVM_VMALLS12] = {SMMU_INVAL_TLB_S12, .s1 = true, .s2 = true, .el1_only = true},
    [SMMU_DVM_VMALL] = {SMMU_INVAL_TLB_S1, .s1 = true},
    [SMMU_DVM_ASID] = {SMMU_INVAL_TLB_ASID, .s1 = true, .by_asid = true},
    [SMMU_DVM_VA] = {SMMU_INVAL_TLB_VA, .s1 = true, .by_asid = true},
    [SMMU_DVM_VAA] = {SMMU_INVAL_TLB_VAA, .s1 = true},
    [SMMU_DVM_IPAS2] = {SMMU_INVAL_TLB_IPA, .s2 = true, .el1_only = true},
};

/* Whether the SMMU has what the operation is about; others are ignored (3.17). */
static bool applies(const struct smmu_config *cfg, const struct dvm_row *row, uint8_t world)
{
    bool stage = (row->s1 && cfg->s1p) || (row->s2 && cfg->s2p);
    bool regime =
        world == SMMU_WORLD_NS_EL1 || (world < SMMU_WORLD_COUNT && cfg->hyp && !row->el1_only);
    return stage && regime;
}

void smmu_broadcast_tlbi(smmu_t *smmu, const struct smmu_dvm *dvm)
{
    if (!smmu->cfg.btm || dvm->sec != SMMU_SEC_NS || dvm->op >= SMMU_DVM_OP_COUNT)
        return;
    const struct bank *bank = &smmu->bank[dvm->sec];
    const struct dvm_row *row = &rows[dvm->op];
    if ((bank->reg[REG_CR2] & CR2_PTM) || !applies(&smmu->cfg, row, dvm->world))
        return;
    struct smmu_inval inval = {
        .kind = row->kind,
        .sec = dvm->sec,
        .world = dvm->world,
        .leaf = dvm->leaf && inval_by_address(row->kind),
        .shared = row->by_asid,
        .vmid_wildcard = inval_vmid_wildcard(bank),
        .asid = dvm->asid,
        .vmid = smmu->cfg.s2p ? dvm->vmid : 0,
        .addr = dvm->addr & ~MASK64(11, 0),
    };
    if (dvm->op == SMMU_DVM_ALL && dvm->world != SMMU_WORLD_NS_EL1)
        inval.kind = SMMU_INVAL_TLB_S1; /* ALLE2: the regime's one stage */
    if (dvm->op == SMMU_DVM_IPAS2) {
        inval.addr &= MASK64(55, 12);
        inval.nested = smmu->cfg.ipa_inval_nested;
    }
    smmu->stats.broadcasts++;
    inval_apply(smmu, &inval);
}
