/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupt sources (IHI 0070 3.18): wires that pulse. */
#ifndef SMMU_CORE_IRQ_H
#define SMMU_CORE_IRQ_H

#include "smmu_priv.h"

/* Signal a source whose enable the caller has checked. What it announces must be visible already.
 */
static inline void irq_pulse(const struct smmu_state *smmu, const struct bank *bank,
                             enum smmu_irq irq)
{
    if (smmu->ops.irq)
        smmu->ops.irq(smmu->user, bank->sec, irq);
}

#endif
