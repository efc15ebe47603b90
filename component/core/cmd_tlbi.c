/* SPDX-License-Identifier: Apache-2.0 */
/* TLB invalidation commands (IHI 0070 4.4). */
#include "cmdq.h"
#include "inval.h"

/* Where the fields of a command go in a selector. Without stage 2 the VMID parameter is RES0 and
 * not matched: entries are tagged 0 (4.4.2). */
static struct smmu_inval selector(const struct smmu_state *smmu, const struct bank *bank,
                                  enum smmu_inval_kind kind, uint8_t world,
                                  const struct cmd_raw *cmd)
{
    return (struct smmu_inval){
        .kind = kind,
        .world = world,
        .asid = (uint16_t)cmd_ASID(cmd),
        .vmid = smmu->cfg.s2p ? (uint16_t)cmd_VMID(cmd) : 0,
        .addr = cmd_Address(cmd) << 12,
        .leaf = inval_by_address(kind) && cmd_Leaf(cmd),
        .vmid_wildcard = inval_vmid_wildcard(bank),
    };
}

static enum cerror tlbi_nh(struct smmu_state *smmu, const struct bank *bank,
                           enum smmu_inval_kind kind, const struct cmd_raw *cmd)
{
    return cmd_invalidate(smmu, bank, selector(smmu, bank, kind, SMMU_WORLD_NS_EL1, cmd));
}

/* The regime that EL2 commands act on (4.4.2.8). */
static uint8_t el2_world(const struct bank *bank)
{
    return bank->reg[REG_CR2] & CR2_E2H ? SMMU_WORLD_EL2_E2H : SMMU_WORLD_EL2;
}

static enum cerror tlbi_el2(struct smmu_state *smmu, const struct bank *bank,
                            enum smmu_inval_kind kind, uint8_t world, const struct cmd_raw *cmd)
{
    return cmd_invalidate(smmu, bank, selector(smmu, bank, kind, world, cmd));
}

static enum cerror tlbi_s2(struct smmu_state *smmu, const struct bank *bank,
                           enum smmu_inval_kind kind, const struct cmd_raw *cmd)
{
    struct smmu_inval inval = selector(smmu, bank, kind, SMMU_WORLD_NS_EL1, cmd);
    inval.addr &= MASK64(55, 12);
    inval.nested = kind == SMMU_INVAL_TLB_IPA && smmu->cfg.ipa_inval_nested;
    return cmd_invalidate(smmu, bank, inval);
}

enum cerror exec_tlbi_nh_all(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    return tlbi_nh(smmu, bank, SMMU_INVAL_TLB_S1, cmd);
}

enum cerror exec_tlbi_nh_asid(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    return tlbi_nh(smmu, bank, SMMU_INVAL_TLB_ASID, cmd);
}

enum cerror exec_tlbi_nh_va(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    return tlbi_nh(smmu, bank, SMMU_INVAL_TLB_VA, cmd);
}

enum cerror exec_tlbi_nh_vaa(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    return tlbi_nh(smmu, bank, SMMU_INVAL_TLB_VAA, cmd);
}

enum cerror exec_tlbi_el2_all(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    return tlbi_el2(smmu, bank, SMMU_INVAL_TLB_EL2, SMMU_WORLD_EL2, cmd);
}

/* 4.4.2.10: entries of the regime without ASIDs are not concerned. */
enum cerror exec_tlbi_el2_asid(struct smmu_state *smmu, struct bank *bank,
                               const struct cmd_raw *cmd)
{
    return tlbi_el2(smmu, bank, SMMU_INVAL_TLB_ASID, SMMU_WORLD_EL2_E2H, cmd);
}

enum cerror exec_tlbi_el2_va(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    return tlbi_el2(smmu, bank, SMMU_INVAL_TLB_VA, el2_world(bank), cmd);
}

enum cerror exec_tlbi_el2_vaa(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    return tlbi_el2(smmu, bank, SMMU_INVAL_TLB_VAA, el2_world(bank), cmd);
}

enum cerror exec_tlbi_s12_vmall(struct smmu_state *smmu, struct bank *bank,
                                const struct cmd_raw *cmd)
{
    return tlbi_s2(smmu, bank, SMMU_INVAL_TLB_S12, cmd);
}

enum cerror exec_tlbi_s2_ipa(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    return tlbi_s2(smmu, bank, SMMU_INVAL_TLB_IPA, cmd);
}

enum cerror exec_tlbi_nsnh_all(struct smmu_state *smmu, struct bank *bank,
                               const struct cmd_raw *cmd)
{
    (void)cmd;
    return cmd_invalidate(smmu, bank, (struct smmu_inval){.kind = SMMU_INVAL_TLB_NH});
}
