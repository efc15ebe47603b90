/* SPDX-License-Identifier: Apache-2.0 */
/* Consequences of register writes: Updates of CR0, IRQ_CTRL, GBPA, GMPAM and GBPMPAM, acknowledged
 * errors, doorbells.
 *
 * A field whose Update is in progress keeps the value of the first write until it is acknowledged,
 * the behaviour SMMUv3.2 makes the only permitted one (IHI 0070 6.3.9, 6.3.14). */
#include "bank/regfile.h"
#include "cmd/ecmdq.h"
#include "cmd/inval.h"
#include "report/irq.h"
#include "report/outqueue.h"
#include "report/stall.h"
#include "service/atos.h"
#include "smmu_priv.h"

/* `value` in the fields where `ack` has caught up with `old`, else `old`. Of VMW, the one field of
 * several bits in CR0 and IRQ_CTRL, all bits move together. */
static uint64_t not_in_transition(uint64_t old, uint64_t ack, uint64_t value)
{
    uint64_t moving = old ^ ack;
    if (moving & CR0_VMW)
        moving |= CR0_VMW;
    return (value & ~moving) | (old & moving);
}

/* TBUs and hosts no longer answer by the old value of SMMUEN, ATSCHK, GBPA or GBPMPAM. Cached
 * configuration and translations stay (6.3.9.6). */
static void change_bypass(struct smmu_state *smmu, const struct bank *bank)
{
    struct smmu_inval inval = {.kind = SMMU_INVAL_ALL, .sec = bank->sec};
    smmu->epoch++;
    inval_notify(smmu, &inval);
}

/* An enable that is written 0 is out of force at once, for all that comes (bank_enabled()): there
 * is one point in time at which the value changes (6.3.9.6). */
uint64_t write_cr0(struct smmu_state *smmu, struct bank *bank, uint64_t old, uint64_t value)
{
    value = not_in_transition(old, bank->reg[REG_CR0ACK], value);
    if (old & ~value & (CR0_SMMUEN | CR0_ATSCHK))
        change_bypass(smmu, bank);
    ring_doorbell(smmu);
    return value;
}

uint64_t write_irq_ctrl(struct smmu_state *smmu, struct bank *bank, uint64_t old, uint64_t value)
{
    ring_doorbell(smmu);
    return not_in_transition(old, bank->reg[REG_IRQ_CTRLACK], value);
}

/* 6.3.11: each half of CR1 has its own guard; that of queues is all of them. */
uint64_t write_cr1(struct smmu_state *smmu, struct bank *bank, uint64_t old, uint64_t value)
{
    (void)smmu;
    uint64_t open = 0;
    if (bank_unguarded(bank, CR0_SMMUEN))
        open |= CR1_TABLE;
    if (bank_unguarded(bank, CR0_CMDQEN | CR0_EVENTQEN | CR0_PRIQEN) && !ecmdq_any_enabled(bank))
        open |= CR1_QUEUE;
    return (old & ~open) | (value & open);
}

/* 6.3.14.1, 6.3.42, 6.3.43: a write counts only if it sets Update and none is in progress. */
uint64_t write_by_update(struct smmu_state *smmu, struct bank *bank, uint64_t old, uint64_t value)
{
    (void)bank;
    if ((old & UPDATE) || !(value & UPDATE))
        return old;
    ring_doorbell(smmu);
    return value;
}

/* Queue indexes, GERRORN: there may be a command to consume, room for an event that waits, or an
 * error acknowledged that held a queue (7.1). */
uint64_t write_doorbell(struct smmu_state *smmu, struct bank *bank, uint64_t old, uint64_t value)
{
    (void)bank;
    (void)old;
    ring_doorbell(smmu);
    return value;
}

/* 6.3.48: nothing but clearing FAULT counts, and that clears all of it. */
uint64_t write_dpt_cfg_far(struct smmu_state *smmu, struct bank *bank, uint64_t old, uint64_t value)
{
    (void)smmu;
    (void)bank;
    return value & DPT_CFG_FAR_FAULT ? old : 0;
}

/* 6.3.21: the configuration of an MSI is Guarded by the enable of its source. */
static uint64_t guard_irq(const struct bank *bank, uint32_t enable, uint64_t old, uint64_t value)
{
    return ((bank->reg[REG_IRQ_CTRL] | bank->reg[REG_IRQ_CTRLACK]) & enable) ? old : value;
}

uint64_t guard_gerror_irq(struct smmu_state *smmu, struct bank *bank, uint64_t old, uint64_t value)
{
    (void)smmu;
    return guard_irq(bank, IRQ_CTRL_GERROR_IRQEN, old, value);
}

uint64_t guard_eventq_irq(struct smmu_state *smmu, struct bank *bank, uint64_t old, uint64_t value)
{
    (void)smmu;
    return guard_irq(bank, IRQ_CTRL_EVENTQ_IRQEN, old, value);
}

uint64_t guard_priq_irq(struct smmu_state *smmu, struct bank *bank, uint64_t old, uint64_t value)
{
    (void)smmu;
    return guard_irq(bank, IRQ_CTRL_PRIQ_IRQEN, old, value);
}

/* SMMUEN is 0: what waits for translation ends, and nothing is cached any more by what began before
 * (6.3.9.6). */
static void end_translation(struct smmu_state *smmu, struct bank *bank)
{
    bank->disables++;
    atos_terminate(bank);
    stall_terminate_all(smmu, bank);
}

/* Enables that cannot be acknowledged as 0 yet: what they enable is under way. */
static uint64_t in_use(const struct bank *bank)
{
    return (bank->updates != 0 ? CR0_SMMUEN : 0u) | (bank->dpt_walks != 0 ? CR0_DPT_WALK_EN : 0u);
}

/* Complete the Updates of CR0 that can be completed. Returns the bits that have changed. */
static uint64_t complete_cr0(struct smmu_state *smmu, struct bank *bank)
{
    uint64_t ack = bank->reg[REG_CR0ACK];
    uint64_t changed = (bank->reg[REG_CR0] ^ ack) & ~(ack & in_use(bank));
    uint64_t cleared = changed & ack;
    bank->reg[REG_CR0ACK] ^= changed;
    outqueue_close(bank, cleared);
    if (cleared & CR0_SMMUEN)
        end_translation(smmu, bank);
    return changed;
}

/* Complete the Updates of GBPA, GMPAM and GBPMPAM. Returns whether what bypass means has changed.
 */
static bool complete_bypass(const struct smmu_config *cfg, struct bank *bank)
{
    static const uint8_t regs[] = {REG_GBPA, REG_GMPAM, REG_GBPMPAM};
    uint64_t updated = 0;
    for (unsigned i = 0; i < sizeof(regs); i++) {
        updated |= bank->reg[regs[i]] & UPDATE;
        bank->reg[regs[i]] &= ~(uint64_t)UPDATE;
    }
    if (updated == 0)
        return false;
    uint32_t gbpa = bank->gbpa;
    struct smmu_mpam bypass = bank->bypass;
    bank_take_effect(bank, cfg);
    return bank->gbpa != gbpa || bank->bypass.partid != bypass.partid ||
           bank->bypass.pmg != bypass.pmg;
}

/* 6.3.9.4, 6.3.9.5: Updated when the record being written is visible. */
static void await_records(const struct smmu_state *smmu, const struct bank *bank)
{
    const uint32_t queues = CR0_EVENTQEN | CR0_PRIQEN | CR0_SMMUEN;
    if (((bank->reg[REG_CR0] ^ bank->reg[REG_CR0ACK]) & queues) == 0)
        return;
    struct outqueue_turn turn = outqueue_enter(smmu, bank, &outqueue_events);
    outqueue_leave(&turn);
}

/* Nothing is looked at before the wait: any register may be written meanwhile. */
void bank_complete_updates(struct smmu_state *smmu, struct bank *bank)
{
    await_records(smmu, bank);
    uint64_t changed = complete_cr0(smmu, bank);
    bool bypass_changed = complete_bypass(&smmu->cfg, bank);

    irq_complete_updates(bank);
    if (!(changed & (CR0_SMMUEN | CR0_ATSCHK)) && !bypass_changed)
        return;
    change_bypass(smmu, bank);
}
