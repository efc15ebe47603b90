/* SPDX-License-Identifier: Apache-2.0 */
/* DPT maintenance commands (IHI 0070 4.6). */
#include "cmd/cmdq.h"
#include "cmd/inval.h"
#include "observe/observe.h"

static enum cerror invalidate(struct smmu_state *smmu, const struct bank *bank,
                              const struct cmd_raw *cmd, const struct smmu_inval *inval)
{
    observe_bank(smmu, SMMU_OBSERVE_invalidate, bank, cmd_Opcode(cmd),
                 inval->reach != 0 ? inval->reach + 1 : 0);
    inval_maintain(smmu, bank, inval);
    return CERROR_NONE;
}

enum cerror exec_dpti_all(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    const struct smmu_inval inval = {.kind = SMMU_INVAL_DPT_ALL, .sec = bank->sec};
    return invalidate(smmu, bank, cmd, &inval);
}

/* 4.6.2: what is not aligned to its size, or has a Reserved one, names nothing. */
enum cerror exec_dpti_pa(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    static const uint8_t sizes[16] = {12, 14, 16, 21, 25, 29, 30, 34, 36, 39};
    uint64_t addr = truncate_to_oas(smmu, cmd_Address(cmd) << 12);
    unsigned log2 = sizes[cmd_DptSize(cmd)];
    const struct smmu_inval inval = {.kind = SMMU_INVAL_DPT_PA,
                                     .sec = bank->sec,
                                     .leaf = cmd_Leaf(cmd),
                                     .addr = addr,
                                     .reach = BIT64(log2) - 1};
    if (log2 == 0 || (addr & inval.reach) != 0)
        return CERROR_NONE;
    return invalidate(smmu, bank, cmd, &inval);
}
