/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupt sources (IHI 0070 3.18): wires that pulse, and messages. */
#ifndef SMMU_CORE_IRQ_H
#define SMMU_CORE_IRQ_H

#include "smmu_priv.h"

/* Signal an event or a global error, if IRQ_CTRL enables its source: a pulse, and a message if one
 * is configured. The event must be visible already. */
void irq_raise(struct smmu_state *smmu, struct bank *bank, enum smmu_irq irq);

/* Signal several, a set of bits 1 << enum smmu_irq. */
void irq_raise_all(struct smmu_state *smmu, struct bank *bank, unsigned irqs);

/* Signal the completion of a CMD_SYNC, with the message the command asks for; msi_addr 0: none. */
void irq_raise_sync(struct smmu_state *smmu, struct bank *bank, uint64_t msi_addr,
                    uint32_t msi_data, struct smmu_memattr msi_attr);

/* Complete Updates of IRQ_CTRL (6.3.16). A disable waits until the messages of its source have been
 * written, or have aborted and GERROR shows it: it then completes with the last of them. */
void irq_complete_updates(struct bank *bank);
void irq_complete_disables(struct bank *bank);

#endif
