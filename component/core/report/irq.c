/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupt sources (IHI 0070 3.18): wires that pulse, and messages. */
#include "report/irq.h"

#include "access/fetch.h"
#include "base/memattr.h"

/* How each source that IRQ_CTRL enables is configured (6.3.21 to 6.3.23, 6.3.30 to 6.3.32). */
struct source {
    uint32_t enable;    /* in IRQ_CTRL */
    uint32_t msi_abort; /* in GERROR */
    enum reg cfg0, cfg1, cfg2;
};

static const struct source sources[SMMU_IRQ_COUNT] = {
    [SMMU_IRQ_EVTQ] = {IRQ_CTRL_EVENTQ_IRQEN, GERROR_MSI_EVENTQ_ABT_ERR, REG_EVENTQ_IRQ_CFG0,
                       REG_EVENTQ_IRQ_CFG1, REG_EVENTQ_IRQ_CFG2},
    [SMMU_IRQ_PRIQ] = {IRQ_CTRL_PRIQ_IRQEN, GERROR_MSI_PRIQ_ABT_ERR, REG_PRIQ_IRQ_CFG0,
                       REG_PRIQ_IRQ_CFG1, REG_PRIQ_IRQ_CFG2},
    [SMMU_IRQ_GERROR] = {IRQ_CTRL_GERROR_IRQEN, GERROR_MSI_GERROR_ABT_ERR, REG_GERROR_IRQ_CFG0,
                         REG_GERROR_IRQ_CFG1, REG_GERROR_IRQ_CFG2},
};

static void pulse(const struct smmu_state *smmu, const struct bank *bank, enum smmu_irq irq)
{
    if (smmu->ops.irq)
        smmu->ops.irq(smmu->user, bank->sec, irq);
}

/* An abort that comes after a reset is nobody's any more. */
static void send(struct smmu_state *smmu, struct bank *bank, uint64_t addr, uint32_t data,
                 struct smmu_memattr attr, uint32_t abort_error)
{
    uint32_t resets = bank->resets;
    struct fetch_attr how = {attr, bank->own};
    if (smmu->cfg.msi && addr != 0 && !fetch_msi(smmu, bank, 0, addr, data, &how) &&
        bank->resets == resets)
        gerror_activate(smmu, bank, abort_error);
}

/* A source that is at work on a message. */
struct sending {
    struct bank *bank;
    enum smmu_irq irq;
};

static void end_sending(const struct sending *sending)
{
    sending->bank->msis[sending->irq]--;
    irq_complete_disables(sending->bank);
}

/* No message is begun once its enable is written 0 (6.3.16). */
void irq_raise(struct smmu_state *smmu, struct bank *bank, enum smmu_irq irq)
{
    const struct source *source = &sources[irq];
    if (!(bank->reg[REG_IRQ_CTRL] & bank->reg[REG_IRQ_CTRLACK] & source->enable))
        return;
    uint64_t cfg2 = bank->reg[source->cfg2];
    struct sending sending AT_END(end_sending) = {bank, irq};
    bank->msis[irq]++;
    pulse(smmu, sending.bank, irq);
    send(smmu, bank, bank->reg[source->cfg0], (uint32_t)bank->reg[source->cfg1],
         memattr_override(irq_cfg2_MemAttr(cfg2), irq_cfg2_SH(cfg2)), source->msi_abort);
}

void irq_raise_all(struct smmu_state *smmu, struct bank *bank, unsigned irqs)
{
    for (unsigned irq = 0; irq < SMMU_IRQ_COUNT; irq++)
        if (irqs >> irq & 1)
            irq_raise(smmu, bank, (enum smmu_irq)irq);
}

void irq_complete_disables(struct bank *bank)
{
    uint64_t busy = 0;
    for (unsigned irq = 0; irq < SMMU_IRQ_COUNT; irq++)
        if (bank->msis[irq] != 0)
            busy |= sources[irq].enable;
    bank->reg[REG_IRQ_CTRLACK] &= bank->reg[REG_IRQ_CTRL] | busy;
}

void irq_complete_updates(struct bank *bank)
{
    bank->reg[REG_IRQ_CTRLACK] |= bank->reg[REG_IRQ_CTRL];
    irq_complete_disables(bank);
}

void irq_raise_sync(struct smmu_state *smmu, struct bank *bank, uint64_t msi_addr,
                    uint32_t msi_data, struct smmu_memattr msi_attr)
{
    pulse(smmu, bank, SMMU_IRQ_CMD_SYNC);
    send(smmu, bank, msi_addr, msi_data, msi_attr, GERROR_MSI_CMDQ_ABT_ERR);
}
