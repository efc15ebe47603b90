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

/* Commands named in cmd.def (cmd_cfgi.c, cmd_tlbi.c, cmd_ats.c, cmd_sync.c). */
cmd_exec exec_prefetch, exec_cfgi_ste, exec_cfgi_ste_range, exec_cfgi_cd, exec_cfgi_cd_all,
    exec_tlbi, exec_atc_inv, exec_pri_resp, exec_resume, exec_stall_term, exec_sync;
cmd_after after_sync;

/* Consume one command of `bank`'s queue if one can be processed (4.1.2). False if not. */
bool cmdq_step(struct smmu_state *smmu, struct bank *bank);

#endif
