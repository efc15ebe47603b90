/* SPDX-License-Identifier: Apache-2.0 */
/* Command queues (IHI 0070 3.5, 4, 7.1). */
#ifndef SMMU_CORE_CMDQ_H
#define SMMU_CORE_CMDQ_H

#include "cmd/cmd_layout.h"
#include "smmu_priv.h"

/* Command queue error codes, CMDQ_CONS.ERR (7.1), ECMDQ_CONS.ERR_REASON (6.3.109). */
enum cerror { CERROR_NONE = 0, CERROR_ILL = 1, CERROR_ABT = 2, CERROR_ATC_INV_SYNC = 3 };

typedef enum cerror cmd_exec(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd);
typedef void cmd_after(struct smmu_state *smmu, struct bank *bank, const struct cmd_raw *cmd);

/* The same of a command that concerns the queue it is from: smmu_atc_inv.queue. */
typedef enum cerror cmd_queue_exec(struct smmu_state *smmu, struct bank *bank,
                                   const struct cmd_raw *cmd, uint32_t queue);

/* Whose translations TLB maintenance is about; ANY_EL2 as CR2.E2H says (4.4.2.8). */
enum cmd_regime { CMD_EL1, CMD_EL2, CMD_EL2_E2H, CMD_ANY_EL2 };

/* Commands named in cmd.def (cmd_cfgi.c, cmd_ats.c, cmd_sync.c, cmd_dpti.c). */
cmd_exec exec_prefetch_config, exec_prefetch_addr, exec_cfgi_ste, exec_cfgi_ste_range, exec_cfgi_cd,
    exec_cfgi_cd_all, exec_cfgi_vms_pidm, exec_pri_resp, exec_resume, exec_stall_term,
    exec_dpti_all, exec_dpti_pa;
cmd_queue_exec exec_atc_inv, exec_sync;
cmd_after after_sync;

/* Carry out TLB maintenance (cmd_tlbi.c). */
enum cerror cmd_tlbi(struct smmu_state *smmu, const struct bank *bank, const struct cmd_raw *cmd,
                     enum smmu_inval_kind kind, enum cmd_regime regime);

/* A Command queue of a bank: its registers, what enables it and what stops it. */
struct cmdq {
    uint64_t *base, *prod, *cons;
    const uint64_t *enable[2]; /* it is enabled while both of these registers have `enable_bit` */
    const uint64_t *error[2];  /* an error is active while these differ in `error_bit` */
    uint32_t enable_bit, error_bit;
    uint32_t toggled; /* what an error toggles in CONS */
    uint32_t gerror;  /* the error of GERROR that it activates */
    uint32_t number;  /* in an SMMU it has this alone: smmu_atc_inv.queue */
};

/* The one of SMMU_CMDQ_BASE. */
struct cmdq cmdq_of(struct bank *bank);

/* Consume one command, if there is one that can be processed (4.1.2). False if there is none, or
 * it is not consumed. May block. One at a time of a queue. */
bool cmdq_step(struct smmu_state *smmu, struct bank *bank, const struct cmdq *queue);

#endif
