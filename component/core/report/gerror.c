/* SPDX-License-Identifier: Apache-2.0 */
/* Global errors (IHI 0070 7.5): the toggle protocol of GERROR and GERRORN. */
#include "observe/observe.h"
#include "report/irq.h"
#include "smmu_priv.h"

bool gerror_active(const struct bank *bank, uint32_t bits)
{
    return ((bank->reg[REG_GERROR] ^ bank->reg[REG_GERRORN]) & bits) != 0;
}

bool gerror_set(struct smmu_state *smmu, struct bank *bank, uint32_t bits)
{
    bits &= (uint32_t) ~(bank->reg[REG_GERROR] ^ bank->reg[REG_GERRORN]);
    if (bits == 0)
        return false;
    bank->reg[REG_GERROR] ^= bits;
    observe_bank(smmu, SMMU_OBSERVE_gerror, bank, bits, bank->reg[REG_GERROR]);
    return (bits & ~(uint32_t)GERROR_MSI_GERROR_ABT_ERR) != 0; /* which is not signalled (7.5.1) */
}

void gerror_activate(struct smmu_state *smmu, struct bank *bank, uint32_t bits)
{
    if (gerror_set(smmu, bank, bits))
        irq_raise(smmu, bank, SMMU_IRQ_GERROR);
}
