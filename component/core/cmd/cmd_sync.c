/* SPDX-License-Identifier: Apache-2.0 */
/* Fault response and synchronization commands (IHI 0070 4.7). */
#include "base/memattr.h"
#include "cmd/cmdq.h"
#include "observe/observe.h"
#include "report/irq.h"
#include "report/stall.h"

/* 4.7.1: terminating with RAZ/WI needs TERM_MODEL == 0, else Abort is ignored. */
static enum smmu_resume resume_action(const struct smmu_state *smmu, const struct cmd_raw *cmd)
{
    if (cmd_Action(cmd))
        return SMMU_RESUME_RETRY;
    return cmd_Abort(cmd) || smmu->cfg.term_abort_only ? SMMU_RESUME_ABORT : SMMU_RESUME_RAZWI;
}

enum cerror exec_resume(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    stall_resume(smmu, bank, cmd_StreamID(cmd), cmd_STAG(cmd), resume_action(smmu, cmd));
    return CERROR_NONE;
}

enum cerror exec_stall_term(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    stall_terminate_sid(smmu, bank, cmd_StreamID(cmd));
    return CERROR_NONE;
}

/* 4.7.3, 3.5.6.1. Commands of a queue complete in order as they are executed and events are written
 * before their transaction ends. Transactions that go by translations invalidated before, and
 * endpoints, are left to wait for. */
enum cerror exec_sync(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd,
                      uint32_t queue)
{
    uint32_t resets = bank->resets;
    if (cmd_CS(cmd) == CS_RESERVED)
        return CERROR_ILL;
    if (smmu->ops.drain)
        smmu->ops.drain(smmu->user);
    if (bank->resets != resets)
        return CERROR_NONE; /* which the caller looks for: the command is gone */
    if (smmu->ops.atc_sync && !smmu->ops.atc_sync(smmu->user, queue))
        return CERROR_ATC_INV_SYNC; /* 3.9.1.4 */
    if (bank->resets == resets)
        observe_bank(smmu, SMMU_OBSERVE_sync, bank, 0, 0);
    return CERROR_NONE;
}

void after_sync(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd)
{
    if (cmd_CS(cmd) == CS_SIG_IRQ)
        irq_raise_sync(smmu, bank, cmd_MSIAddress(cmd) << 2, cmd_MSIData(cmd),
                       memattr_override(cmd_MSIAttr(cmd), cmd_MSH(cmd)));
    else if (cmd_CS(cmd) == CS_SIG_SEV && smmu->cfg.sev && smmu->ops.sev)
        smmu->ops.sev(smmu->user);
}
