/* SPDX-License-Identifier: Apache-2.0 */
/* TLB invalidation commands (IHI 0070 4.4). */
#include "cmd/cmdq.h"
#include "cmd/tlbi.h"
#include "observe/observe.h"

/* Whose translations a command is about; ANY_EL2 as CR2.E2H says (4.4.2.8). */
enum regime { EL1, EL2, EL2_E2H, ANY_EL2 };

static const struct {
    uint8_t opcode;
    enum smmu_inval_kind kind;
    enum regime regime;
} rows[] = {
#define CMD(name, opcode, exists, ssec, exec, after)
#define TLBI(name, opcode, exists, kind, regime) {opcode, SMMU_INVAL_TLB_##kind, regime},
#include "cmd/cmd.def"
#undef CMD
};

static uint8_t world_of(const struct bank *bank, enum regime regime)
{
    static const uint8_t worlds[] = {
        [EL1] = SMMU_WORLD_NS_EL1, [EL2] = SMMU_WORLD_EL2, [EL2_E2H] = SMMU_WORLD_EL2_E2H};
    if (regime == ANY_EL2)
        regime = bank->reg[REG_CR2] & CR2_E2H ? EL2_E2H : EL2;
    return worlds[regime];
}

enum cerror exec_tlbi(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    unsigned i = 0;
    while (rows[i].opcode != cmd_Opcode(cmd))
        i++;
    const struct tlbi tlbi = {
        .kind = rows[i].kind,
        .world = world_of(bank, rows[i].regime),
        .leaf = cmd_Leaf(cmd) != 0,
        .asid = (uint16_t)cmd_ASID(cmd),
        .vmid = (uint16_t)cmd_VMID(cmd),
        .addr = cmd_Address(cmd) << 12,
    };
    observe_bank(smmu, SMMU_OBSERVE_invalidate, bank, cmd_Opcode(cmd), 0);
    tlbi_apply(smmu, bank, &tlbi);
    return CERROR_NONE;
}
