/* SPDX-License-Identifier: Apache-2.0 */
/* Enhanced Command queues (IHI 0070 3.5.6): their life, and whose turn it is. Nothing orders
 * commands of different queues: several runs may be at work, each at a queue of its own. */
#include "cmd/ecmdq.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/cmdq.h"

bool ecmdq_init(struct bank *bank, const struct smmu_config *cfg, uint32_t frame, uint32_t base)
{
    if (!cfg->ecmdq)
        return true;
    struct ecmdqs *all = bank->ecmdqs = calloc(1, sizeof(*all));
    if (!all)
        return false;
    all->base = base;
    all->first = base - frame;
    all->pages_log2 = cfg->ecmdq_log2_pages;
    all->stride_log2 = (uint8_t)(ECMDQ_PAGE_LOG2 - cfg->ecmdq_log2_queues);
    all->count = 1u << (cfg->ecmdq_log2_pages + cfg->ecmdq_log2_queues);
    all->queue = calloc(all->count, sizeof(*all->queue));
    all->pending = calloc(all->count / 64 + 1, sizeof(*all->pending));
    return all->queue && all->pending;
}

void ecmdq_free(struct bank *bank)
{
    if (!bank->ecmdqs)
        return;
    free(bank->ecmdqs->queue);
    free(bank->ecmdqs->pending);
    free(bank->ecmdqs);
}

/* A run that is at a queue finds that out by bank.resets. */
void ecmdq_reset(struct bank *bank)
{
    struct ecmdqs *all = bank->ecmdqs;
    for (uint32_t n = 0; all && n < all->count; n++)
        memset(all->queue[n].reg, 0, sizeof(all->queue[n].reg));
}

bool ecmdq_any_enabled(const struct bank *bank)
{
    const struct ecmdqs *all = bank->ecmdqs;
    for (uint32_t n = 0; all && n < all->count; n++)
        if ((all->queue[n].reg[REG_ECMDQ_PROD] | all->queue[n].reg[REG_ECMDQ_CONS]) & ECMDQ_EN)
            return true;
    return false;
}

static bool is_pending(const struct ecmdqs *all, uint32_t n)
{
    return (all->pending[n / 64] & BIT64(n % 64)) != 0;
}

static void set_pending(struct ecmdqs *all, uint32_t n)
{
    all->pending[n / 64] |= BIT64(n % 64);
}

/* The first queue from `n` on that is pending and not at work; all->count if none is. */
static uint32_t next_idle(const struct ecmdqs *all, uint32_t n)
{
    while (n < all->count) {
        uint64_t left = all->pending[n / 64] >> n % 64;
        if (left == 0) {
            n = (n / 64 + 1) * 64;
            continue;
        }
        n += (uint32_t)__builtin_ctzll(left);
        if (!all->queue[n].busy)
            return n;
        n++;
    }
    return all->count;
}

void ecmdq_ring(struct smmu_state *smmu, struct bank *bank, uint32_t n)
{
    set_pending(bank->ecmdqs, n);
    ring_doorbell(smmu);
}

/* A run at a queue. */
struct turn {
    struct smmu_state *smmu;
    struct bank *bank;
    uint32_t n;
    bool over; /* else the host has unwound it, and the next one does what is left */
};

static void end_turn(const struct turn *turn)
{
    turn->bank->ecmdqs->queue[turn->n].busy = false;
    if (!turn->over)
        ecmdq_ring(turn->smmu, turn->bank, turn->n);
}

/* 3.5.6.2, as CR0 and CR0ACK: no command is under way. */
static void acknowledge_enable(struct ecmdq *queue)
{
    uint64_t enable = queue->reg[REG_ECMDQ_PROD] & ECMDQ_EN;
    queue->reg[REG_ECMDQ_CONS] = (queue->reg[REG_ECMDQ_CONS] & ~(uint64_t)ECMDQ_ENACK) | enable;
}

static struct cmdq as_cmdq(const struct bank *bank, uint32_t n)
{
    uint64_t *reg = bank->ecmdqs->queue[n].reg;
    return (struct cmdq){
        .base = &reg[REG_ECMDQ_BASE],
        .prod = &reg[REG_ECMDQ_PROD],
        .cons = &reg[REG_ECMDQ_CONS],
        .enable = {&reg[REG_ECMDQ_PROD], &reg[REG_ECMDQ_CONS]},
        .enable_bit = ECMDQ_EN,
        .error = {&reg[REG_ECMDQ_PROD], &reg[REG_ECMDQ_CONS]},
        .error_bit = ECMDQ_ERR,
        .toggled = ECMDQ_ERR,
        .gerror = GERROR_CMDQP_ERR,
        .number = (n + 1) * SMMU_SEC_COUNT + bank->sec,
    };
}

/* Take the turn of queue `n`, which is idle. Other runs may take those that are pending meanwhile.
 * False if it has nothing left to do. */
static bool take_turn(struct smmu_state *smmu, struct bank *bank, uint32_t n)
{
    struct ecmdqs *all = bank->ecmdqs;
    struct turn turn AT_END(end_turn) = {smmu, bank, n, false};

    all->queue[n].busy = true;
    all->pending[n / 64] &= ~BIT64(n % 64);
    if (next_idle(all, 0) < all->count)
        ring_doorbell(smmu);
    acknowledge_enable(&all->queue[n]);
    const struct cmdq queue = as_cmdq(bank, n);
    if (cmdq_step(smmu, bank, &queue))
        set_pending(all, n);
    turn.over = true;
    return is_pending(all, n);
}

bool ecmdq_run(struct smmu_state *smmu, struct bank *bank)
{
    const struct ecmdqs *all = bank->ecmdqs;
    bool more = false;
    if (!all)
        return false;
    for (uint32_t n = next_idle(all, 0); n < all->count; n = next_idle(all, n + 1))
        more |= take_turn(smmu, bank, n);
    return more;
}
