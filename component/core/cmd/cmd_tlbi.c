/* SPDX-License-Identifier: Apache-2.0 */
/* TLB invalidation commands (IHI 0070 4.4). */
#include "cmd/cmdq.h"
#include "cmd/tlbi.h"
#include "observe/observe.h"

static uint8_t world_of(const struct bank *bank, enum cmd_regime regime)
{
    static const uint8_t worlds[] = {[CMD_EL1] = SMMU_WORLD_NS_EL1,
                                     [CMD_EL2] = SMMU_WORLD_EL2,
                                     [CMD_EL2_E2H] = SMMU_WORLD_EL2_E2H};
    if (regime == CMD_ANY_EL2)
        regime = bank->reg[REG_CR2] & CR2_E2H ? CMD_EL2_E2H : CMD_EL2;
    return worlds[regime];
}

/* SCALE has 5 bits, or with IDR5.DS 6, of which values above 39 count as that (4.4.1.1). */
static unsigned scale_of(const struct smmu_config *cfg, const struct cmd_raw *cmd)
{
    unsigned scale = cmd_SCALE(cmd);
    if (!cfg->ds)
        return scale & 31;
    return scale < 39 ? scale : 39;
}

/* Those of a level of one format; without a level those of all formats (4.4.1.1, TTL128). */
static uint8_t formats_of(const struct smmu_config *cfg, int level, bool vmsa128)
{
    if (level == TLBI_ANY_LEVEL)
        return TLBI_64_BIT | (cfg->d128 ? TLBI_128_BIT : 0);
    return vmsa128 ? TLBI_128_BIT : TLBI_64_BIT;
}

/* 4.4.1.1: the range and the hints, which count with TG alone. False: a combination that says
 * neither is Reserved. */
static bool take_range(const struct smmu_config *cfg, const struct cmd_raw *cmd, struct tlbi *tlbi)
{
    unsigned scale = scale_of(cfg, cmd);
    tlbi->tg = cmd_TG(cmd);
    if (tlbi->tg == TLBI_TG_ANY)
        return true;
    bool vmsa128 = cfg->d128 && cmd_TTL(cmd) != 0 && cmd_TTL128(cmd);
    tlbi->level = (int8_t)tlbi_level(tlbi->tg, cmd_TTL(cmd), cfg->ds || vmsa128);
    tlbi->formats = formats_of(cfg, tlbi->level, vmsa128);
    tlbi->reach = tlbi_reach(tlbi->tg, cmd_NUM(cmd), scale);
    return cmd_NUM(cmd) != 0 || scale != 0 || tlbi->level != TLBI_ANY_LEVEL;
}

enum cerror cmd_tlbi(struct smmu_state *smmu, const struct bank *bank, const struct cmd_raw *cmd,
                     enum smmu_inval_kind kind, enum cmd_regime regime)
{
    struct tlbi tlbi = {
        .kind = kind,
        .world = world_of(bank, regime),
        .leaf = cmd_Leaf(cmd),
        .asid = cmd_ASID(cmd),
        .vmid = cmd_VMID(cmd),
        .addr = cmd_Address(cmd) << 12,
    };
    if (smmu->cfg.ril && tlbi_by_address(kind) && !take_range(&smmu->cfg, cmd, &tlbi))
        return CERROR_ILL;
    observe_bank(smmu, SMMU_OBSERVE_invalidate, bank, cmd_Opcode(cmd),
                 tlbi.reach != 0 ? tlbi.reach + 1 : 0);
    tlbi_apply(smmu, bank, &tlbi);
    return CERROR_NONE;
}
