/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration invalidation commands (IHI 0070 4.3). */
#include "cmd/cmdq.h"
#include "cmd/inval.h"
#include "observe/observe.h"

static enum cerror invalidate(struct smmu_state *smmu, const struct bank *bank,
                              const struct cmd_raw *cmd, struct smmu_inval inval)
{
    inval.sec = bank->sec;
    observe_bank(smmu, SMMU_OBSERVE_invalidate, bank, cmd_Opcode(cmd), 0);
    inval_maintain(smmu, bank, &inval);
    return CERROR_NONE;
}

enum cerror exec_cfgi_ste(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    uint32_t sid = cmd_StreamID(cmd);
    return invalidate(
        smmu, bank, cmd,
        (struct smmu_inval){
            .kind = SMMU_INVAL_CFG_SIDS, .sid = sid, .sid_last = sid, .leaf = cmd_Leaf(cmd)});
}

/* 4.3.2: an aligned range of 2^(Range+1) StreamIDs; Range 31 is CMD_CFGI_ALL. */
enum cerror exec_cfgi_ste_range(struct smmu_state *smmu, struct bank *bank,
                                const struct cmd_raw *cmd)
{
    unsigned range = cmd_Range(cmd);
    if (range == 31)
        return invalidate(smmu, bank, cmd, (struct smmu_inval){.kind = SMMU_INVAL_CFG_ALL});
    uint32_t low = (uint32_t)MASK64(range, 0);
    uint32_t sid = cmd_StreamID(cmd) & ~low;
    return invalidate(
        smmu, bank, cmd,
        (struct smmu_inval){.kind = SMMU_INVAL_CFG_SIDS, .sid = sid, .sid_last = sid | low});
}

/* 4.3.3. A SubstreamID out of range selects no CD (4.1.7). */
enum cerror exec_cfgi_cd(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    return invalidate(smmu, bank, cmd,
                      (struct smmu_inval){.kind = SMMU_INVAL_CFG_CD,
                                          .sid = cmd_StreamID(cmd),
                                          .ssid = cmd_SubstreamID(cmd),
                                          .leaf = cmd_Leaf(cmd)});
}

enum cerror exec_cfgi_cd_all(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    return invalidate(smmu, bank, cmd,
                      (struct smmu_inval){.kind = SMMU_INVAL_CFG_CD_ALL, .sid = cmd_StreamID(cmd)});
}

/* 4.3.5. VMIDs are matched as by TLB maintenance, but for CR0.VMW (5.6.2). */
enum cerror exec_cfgi_vms_pidm(struct smmu_state *smmu, struct bank *bank,
                               const struct cmd_raw *cmd)
{
    return invalidate(smmu, bank, cmd,
                      (struct smmu_inval){.kind = SMMU_INVAL_CFG_VMS, .vmid = cmd_VMID(cmd)});
}
