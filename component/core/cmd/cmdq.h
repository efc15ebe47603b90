/* SPDX-License-Identifier: Apache-2.0 */
/* The Command queue (IHI 0070 4, 7.1). */
#ifndef SMMU_CORE_CMDQ_H
#define SMMU_CORE_CMDQ_H

#include "cmd/cmd_layout.h"
#include "smmu_priv.h"

/* Command queue error codes, CMDQ_CONS.ERR (7.1). */
enum cerror { CERROR_NONE = 0, CERROR_ILL = 1, CERROR_ABT = 2, CERROR_ATC_INV_SYNC = 3 };

typedef enum cerror cmd_exec(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd);
typedef void cmd_after(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd);

/* Whose translations TLB maintenance is about; ANY_EL2 as CR2.E2H says (4.4.2.8). */
enum cmd_regime { CMD_EL1, CMD_EL2, CMD_EL2_E2H, CMD_ANY_EL2 };

/* Commands named in cmd.def (cmd_cfgi.c, cmd_ats.c, cmd_sync.c). */
cmd_exec exec_prefetch_config, exec_prefetch_addr, exec_cfgi_ste, exec_cfgi_ste_range, exec_cfgi_cd,
    exec_cfgi_cd_all, exec_atc_inv, exec_pri_resp, exec_resume, exec_stall_term, exec_sync;
cmd_after after_sync;

/* Carry out TLB maintenance (cmd_tlbi.c). */
enum cerror cmd_tlbi(struct smmu_state *smmu, const struct bank *bank, const struct cmd_raw *cmd,
                     enum smmu_inval_kind kind, enum cmd_regime regime);

/* Consume one command of each queue of `bank` that has one which can be processed (4.1.2). False if
 * none has. */
bool cmdq_step(struct smmu_state *smmu, struct bank *bank);

#endif
