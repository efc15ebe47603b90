/* SPDX-License-Identifier: Apache-2.0 */
/* Queues the SMMU writes and software reads (IHI 0070 3.5.2, 7.2, 7.4, 8). */
#include "report/outqueue.h"

#include <stddef.h>
#include <string.h>

#include "access/fetch.h"
#include "base/queue.h"

const struct outqueue outqueue_events = {.base = REG_EVENTQ_BASE,
                                         .prod = REG_EVENTQ_PROD,
                                         .cons = REG_EVENTQ_CONS,
                                         .enables = CR0_EVENTQEN,
                                         .abort_error = GERROR_EVENTQ_ABT_ERR,
                                         .fetch = SMMU_FETCH_EVTQ,
                                         .id = OUTQUEUE_EVENTS,
                                         .entry_log2 = 5,
                                         .log2_max = offsetof(struct smmu_config, evtq_log2_max)};

/* 6.3.9.5: the effective value of PRIQEN depends on SMMUEN. */
const struct outqueue outqueue_requests = {.base = REG_PRIQ_BASE,
                                           .prod = REG_PRIQ_PROD,
                                           .cons = REG_PRIQ_CONS,
                                           .enables = CR0_PRIQEN | CR0_SMMUEN,
                                           .abort_error = GERROR_PRIQ_ABT_ERR,
                                           .fetch = SMMU_FETCH_PRIQ,
                                           .id = OUTQUEUE_REQUESTS,
                                           .entry_log2 = 4,
                                           .log2_max = offsetof(struct smmu_config, priq_log2_max)};

unsigned outqueue_log2(const struct smmu_state *smmu, const struct bank *bank,
                       const struct outqueue *queue)
{
    return programmed_log2(smmu, bank, queue->base, queue->log2_max);
}

bool outqueue_enabled(const struct smmu_state *smmu, const struct bank *bank,
                      const struct outqueue *queue)
{
    return !sfm_active(smmu) && bank_enabled(bank, queue->enables) &&
           !gerror_active(bank, queue->abort_error);
}

bool outqueue_empty(const struct smmu_state *smmu, const struct bank *bank,
                    const struct outqueue *queue)
{
    return queue_empty(bank->reg[queue->prod], bank->reg[queue->cons],
                       outqueue_log2(smmu, bank, queue));
}

bool outqueue_full(const struct smmu_state *smmu, const struct bank *bank,
                   const struct outqueue *queue)
{
    return queue_full(bank->reg[queue->prod], bank->reg[queue->cons],
                      outqueue_log2(smmu, bank, queue));
}

uint32_t outqueue_room(const struct smmu_state *smmu, const struct bank *bank,
                       const struct outqueue *queue)
{
    return queue_room(bank->reg[queue->prod], bank->reg[queue->cons],
                      outqueue_log2(smmu, bank, queue));
}

bool outqueue_append(struct smmu_state *smmu, struct bank *bank, const struct outqueue *queue,
                     const uint64_t *words, void *cookie, bool *was_empty, unsigned *irqs)
{
    unsigned log2 = outqueue_log2(smmu, bank, queue);
    uint64_t prod = bank->reg[queue->prod];
    uint64_t addr = queue_entry(bank->reg[queue->base], prod, log2, queue->entry_log2);
    uint32_t closings = bank->closings[queue->id];

    bool written = fetch_queue_write(smmu, bank, queue, addr, words,
                                     (size_t)1 << (queue->entry_log2 - 3), cookie);
    if (bank->closings[queue->id] != closings)
        return false;
    if (!written) {
        if (gerror_set(smmu, bank, queue->abort_error))
            *irqs |= 1u << SMMU_IRQ_GERROR;
        return false;
    }
    *was_empty = queue_empty(prod, bank->reg[queue->cons], log2);
    bank->reg[queue->prod] = (bank->reg[queue->prod] & QUEUE_OVFLG) | queue_next(prod, log2);
    return true;
}

bool outqueue_overflowed(const struct bank *bank, const struct outqueue *queue)
{
    return ((bank->reg[queue->prod] ^ bank->reg[queue->cons]) & QUEUE_OVFLG) != 0;
}

void outqueue_overflow(struct bank *bank, const struct outqueue *queue)
{
    if (!outqueue_overflowed(bank, queue))
        bank->reg[queue->prod] ^= QUEUE_OVFLG;
}

void outqueue_close(struct bank *bank, uint64_t cleared)
{
    if (cleared & outqueue_events.enables) {
        bank->closings[OUTQUEUE_EVENTS]++;
        memset(bank->last_event, 0, sizeof(bank->last_event));
    }
    if (cleared & outqueue_requests.enables)
        bank->closings[OUTQUEUE_REQUESTS]++;
}

struct outqueue_turn outqueue_enter(const struct smmu_state *smmu, const struct bank *bank,
                                    const struct outqueue *queue)
{
    uint32_t closings = bank->closings[queue->id];
    if (smmu->ops.lock)
        smmu->ops.lock(smmu->user);
    return (struct outqueue_turn){.smmu = smmu, .closed = bank->closings[queue->id] != closings};
}

void outqueue_leave(const struct outqueue_turn *turn)
{
    if (turn->smmu->ops.unlock)
        turn->smmu->ops.unlock(turn->smmu->user);
}
