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

void cmd_tlbi(struct smmu_state *smmu, const struct bank *bank, const struct cmd_raw *cmd,
              enum smmu_inval_kind kind, enum cmd_regime regime)
{
    const struct tlbi tlbi = {
        .kind = kind,
        .world = world_of(bank, regime),
        .leaf = cmd_Leaf(cmd),
        .asid = cmd_ASID(cmd),
        .vmid = cmd_VMID(cmd),
        .addr = cmd_Address(cmd) << 12,
    };
    observe_bank(smmu, SMMU_OBSERVE_invalidate, bank, cmd_Opcode(cmd), 0);
    tlbi_apply(smmu, bank, &tlbi);
}
