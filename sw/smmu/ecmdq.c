/* SPDX-License-Identifier: Apache-2.0 */
/* Enhanced Command queues: their producer and error recovery (IHI 0070 3.5.6). */
#include "ecmdq.h"

#include "io.h"
#include "pages.h"
#include "tap.h"
#include "wait.h"

unsigned smmu_ecmdq_pages(const struct smmu *smmu)
{
    bool there = (read32(smmu->base + SMMU_IDR1) & IDR1_ECMDQ) != 0;

    return there ? 1U << hw_get(IDR6_LOG2NUMP, read32(smmu->base + SMMU_IDR6)) : 0;
}

unsigned smmu_ecmdq_queues(const struct smmu *smmu)
{
    bool there = (read32(smmu->base + SMMU_IDR1) & IDR1_ECMDQ) != 0;

    return there ? 1U << hw_get(IDR6_LOG2NUMQ, read32(smmu->base + SMMU_IDR6)) : 0;
}

static uint32_t read_cons(struct smmu_ecmdq *ecmdq)
{
    uint32_t cons = read32(ecmdq->base + ECMDQ_CONS);

    ecmdq->queue.cons = (uint32_t)hw_get(CMDQ_CONS_RD, cons);
    dmb_load(); /* the slots freed are reused only after the index was seen */
    return cons;
}

static void write_prod(const struct smmu_ecmdq *ecmdq, uint32_t enable)
{
    write32(ecmdq->base + ECMDQ_PROD, enable | ecmdq->errack | ecmdq->queue.prod);
}

void smmu_ecmdq_open(struct smmu_ecmdq *ecmdq, const struct smmu *smmu, unsigned page,
                     unsigned index, unsigned log2_size)
{
    uint64_t control = read64(smmu->base + SMMU_CMDQ_CONTROL_PAGE_BASE(page));
    size_t bytes = sizeof(struct smmu_command) << log2_size;

    bytes = bytes < PAGE_SIZE ? PAGE_SIZE : bytes;
    *ecmdq = (struct smmu_ecmdq){
        .base = smmu->base + (control & CONTROL_PAGE_ADDR) +
                index * (CONTROL_PAGE_SIZE / smmu_ecmdq_queues(smmu)),
        .queue = {.entries = pages_alloc(bytes, bytes), .log2_size = log2_size},
    };
    write64(ecmdq->base + ECMDQ_BASE,
            BASE_RA | (uintptr_t)ecmdq->queue.entries | hw_put(QUEUE_BASE_LOG2SIZE, log2_size));
    write32(ecmdq->base + ECMDQ_PROD, 0);
    write32(ecmdq->base + ECMDQ_CONS, 0);
    write_prod(ecmdq, (uint32_t)ECMDQ_PROD_EN);
    if (!wait_until(read32(ecmdq->base + ECMDQ_CONS) & ECMDQ_CONS_ENACK))
        tap_bail_out("queue %u of control page %u is never enabled", index, page);
}

bool smmu_ecmdq_close(struct smmu_ecmdq *ecmdq)
{
    write_prod(ecmdq, 0);
    return wait_until(!(read32(ecmdq->base + ECMDQ_CONS) & ECMDQ_CONS_ENACK));
}

static bool has_error(const struct smmu_ecmdq *ecmdq, uint32_t cons)
{
    return ((cons ^ ecmdq->errack) & ECMDQ_CONS_ERR) != 0;
}

static bool has_room(struct smmu_ecmdq *ecmdq)
{
    read_cons(ecmdq);
    return !smmu_queue_full(&ecmdq->queue);
}

static void write_slot(struct smmu_ecmdq *ecmdq, uint32_t index, const struct smmu_command *command)
{
    volatile uint64_t *slot = ecmdq->queue.entries + 2UL * smmu_queue_slot(&ecmdq->queue, index);

    slot[0] = command->word[0];
    slot[1] = command->word[1];
    dsb(); /* the command is in memory before the SMMU hears of it */
}

bool smmu_ecmdq_push(struct smmu_ecmdq *ecmdq, struct smmu_command command)
{
    if (!wait_until(has_room(ecmdq)))
        return false;
    write_slot(ecmdq, ecmdq->queue.prod, &command);
    ecmdq->queue.prod = smmu_queue_next(&ecmdq->queue, ecmdq->queue.prod);
    write_prod(ecmdq, (uint32_t)ECMDQ_PROD_EN);
    return true;
}

static bool is_over(struct smmu_ecmdq *ecmdq)
{
    uint32_t cons = read_cons(ecmdq);

    return smmu_queue_empty(&ecmdq->queue) || has_error(ecmdq, cons);
}

unsigned smmu_ecmdq_wait(struct smmu_ecmdq *ecmdq)
{
    if (!wait_until(is_over(ecmdq)))
        return ~0U;
    uint32_t cons = read_cons(ecmdq);
    return has_error(ecmdq, cons) ? (unsigned)hw_get(ECMDQ_CONS_ERR_REASON, cons) : CERROR_NONE;
}

void smmu_ecmdq_recover(struct smmu_ecmdq *ecmdq, struct smmu_command replacement)
{
    uint32_t cons = read_cons(ecmdq);

    write_slot(ecmdq, ecmdq->queue.cons, &replacement);
    ecmdq->errack = cons & (uint32_t)ECMDQ_CONS_ERR;
    write_prod(ecmdq, (uint32_t)ECMDQ_PROD_EN);
}

unsigned smmu_ecmdq_sync(struct smmu_ecmdq *ecmdq)
{
    return smmu_ecmdq_push(ecmdq, smmu_cmd_sync(SYNC_SIG_NONE)) ? smmu_ecmdq_wait(ecmdq) : ~0U;
}
