/* SPDX-License-Identifier: Apache-2.0 */
/* Translations for functions, and the queue of page requests (IHI 0070 3.9, chapter 8). */
#include "io.h"
#include "smmu.h"
#include "wait.h"

#define EATS_OFF  0U
#define EATS_FULL 1U
#define EATS_DPT  3U

void smmu_ste_set_ats(struct smmu *smmu, uint32_t sid, bool allowed)
{
    volatile uint64_t *word = smmu_stream(smmu, sid)->word;

    word[1] = (word[1] & ~STE1_EATS) | hw_put(STE1_EATS, allowed ? EATS_FULL : EATS_OFF);
    dsb();
    smmu_command_sync(smmu, smmu_cmd_cfgi_ste(sid));
}

void smmu_ste_set_checked_ats(struct smmu *smmu, uint32_t sid, uint16_t vmid)
{
    volatile uint64_t *word = smmu_stream(smmu, sid)->word;

    word[1] = (word[1] & ~STE1_EATS) | hw_put(STE1_EATS, EATS_DPT);
    word[2] = (word[2] & ~STE2_S2VMID) | hw_put(STE2_S2VMID, vmid);
    dsb();
    smmu_command_sync(smmu, smmu_cmd_cfgi_ste(sid));
}

bool smmu_page_request_pop(struct smmu *smmu, struct smmu_page_request *request)
{
    struct smmu_queue *queue = &smmu->priq;
    uint32_t acknowledged = read32(smmu->base + SMMU_PRIQ_CONS) & (uint32_t)PRIQ_OVERFLOW;

    queue->prod = read32(smmu->base + SMMU_PRIQ_PROD) & (uint32_t)~PRIQ_OVERFLOW;
    if (smmu_queue_empty(queue))
        return false;
    dmb_load(); /* the request is read after the index that announced it */

    const volatile uint64_t *word = queue->entries + 2UL * smmu_queue_slot(queue, queue->cons);
    *request = (struct smmu_page_request){
        .sid = (uint32_t)hw_get(PRI0_STREAMID, word[0]),
        .ssv = hw_get(PRI0_SSV, word[0]),
        .ssid = (uint32_t)hw_get(PRI0_SUBSTREAMID, word[0]),
        .last = hw_get(PRI0_LAST, word[0]),
        .read = hw_get(PRI0_READ, word[0]),
        .write = hw_get(PRI0_WRITE, word[0]),
        .group = (uint16_t)hw_get(PRI1_PRGI, word[1]),
        .address = word[1] & PRI1_ADDRESS,
    };
    queue->cons = smmu_queue_next(queue, queue->cons);
    dsb(); /* the request has been read before its slot is given back */
    write32(smmu->base + SMMU_PRIQ_CONS, queue->cons | acknowledged);
    return true;
}

unsigned smmu_page_requests_waiting(const struct smmu *smmu)
{
    const struct smmu_queue *queue = &smmu->priq;

    return (read32(smmu->base + SMMU_PRIQ_PROD) - queue->cons) & ((2U << queue->log2_size) - 1);
}

bool smmu_page_requests_lost(const struct smmu *smmu)
{
    return (read32(smmu->base + SMMU_PRIQ_PROD) ^ read32(smmu->base + SMMU_PRIQ_CONS)) &
           PRIQ_OVERFLOW;
}

void smmu_page_requests_resume(const struct smmu *smmu)
{
    uint32_t overflow = read32(smmu->base + SMMU_PRIQ_PROD) & (uint32_t)PRIQ_OVERFLOW;

    write32(smmu->base + SMMU_PRIQ_CONS, smmu->priq.cons | overflow);
}

bool smmu_page_request_wait(struct smmu *smmu, struct smmu_page_request *request)
{
    return wait_until(smmu_page_request_pop(smmu, request));
}
