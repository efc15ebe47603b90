/* SPDX-License-Identifier: Apache-2.0 */
/* Register accesses, applied row by row from regs.def. */
#ifndef SMMU_CORE_REGFILE_H
#define SMMU_CORE_REGFILE_H

#include "bank/bank.h"

/* Gives the value to store in a register of `bank` that holds `old` when software writes `value`,
 * and starts what follows from it. */
typedef uint64_t reg_hook(struct smmu_state *smmu, struct bank *bank, uint64_t old, uint64_t value);

/* Hooks named in regs.def (reg_hooks.c). */
reg_hook write_cr0, write_cr1, write_by_update, write_irq_ctrl, write_doorbell, write_dpt_cfg_far,
    guard_gerror_irq, guard_eventq_irq, guard_priq_irq;

/* Hooks of address translation operations (atos.c). */
reg_hook write_gatos_ctrl, write_gatos_args, write_vatos_ctrl, write_vatos_args;

#endif
