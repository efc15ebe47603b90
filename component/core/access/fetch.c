/* SPDX-License-Identifier: Apache-2.0 */
/* Memory accesses of the SMMU's own (IHI 0070 3.4.3). */
#include "access/fetch.h"

#include "access/egress.h"
#include "base/memattr.h"
#include "observe/observe.h"
#include "observe/unit.h"

#define FETCH_MAX 64

static const uint8_t injections[] = {
    [SMMU_FETCH_L1STD] = SMMU_INJECT_STE_ABORT,       [SMMU_FETCH_STE] = SMMU_INJECT_STE_ABORT,
    [SMMU_FETCH_L1CD] = SMMU_INJECT_CD_ABORT,         [SMMU_FETCH_CD] = SMMU_INJECT_CD_ABORT,
    [SMMU_FETCH_VMS] = SMMU_INJECT_VMS_ABORT,         [SMMU_FETCH_TTD] = SMMU_INJECT_WALK_ABORT,
    [SMMU_FETCH_TTD_UPDATE] = SMMU_INJECT_WALK_ABORT, [SMMU_FETCH_DPT] = SMMU_INJECT_DPT_ABORT,
    [SMMU_FETCH_CMDQ] = SMMU_INJECT_CMDQ_ABORT,       [SMMU_FETCH_EVTQ] = SMMU_INJECT_EVTQ_ABORT,
    [SMMU_FETCH_PRIQ] = SMMU_INJECT_PRIQ_ABORT,       [SMMU_FETCH_MSI] = SMMU_INJECT_MSI_ABORT,
};

/* Whether a test makes the access abort. */
static bool injected(struct smmu_state *smmu, const struct smmu_mem_req *req)
{
    return inject_take(smmu, injections[req->fetch]);
}

static bool read_words(struct smmu_state *smmu, const struct bank *bank, struct smmu_mem_req *req,
                       uint64_t *words)
{
    if (!egress_read(smmu, bank, req, words))
        return false;
    for (size_t i = 0; i < req->size / 8; i++)
        words[i] = host_le64(words[i]);
    return true;
}

static void observe_structure(const struct call *call, enum smmu_fetch kind, uint64_t addr,
                              const struct smmu_mpam *mpam)
{
    static const uint8_t seen[] = {
        [SMMU_FETCH_L1STD] = SMMU_OBSERVE_l1_fetch, [SMMU_FETCH_STE] = SMMU_OBSERVE_ste_fetch,
        [SMMU_FETCH_L1CD] = SMMU_OBSERVE_l1_fetch,  [SMMU_FETCH_CD] = SMMU_OBSERVE_cd_fetch,
        [SMMU_FETCH_VMS] = SMMU_OBSERVE_vms_fetch,  [SMMU_FETCH_DPT] = SMMU_OBSERVE_dpt_fetch,
    };
    observe_access(call, (enum smmu_observation_id)seen[kind], mpam, addr, 0);
}

static inline bool read_for(const struct call *call, struct smmu_mem_req *req, uint64_t *words)
{
    struct smmu_state *smmu = call->smmu;
    bool read = (call->mode != CALL_REAL || !injected(smmu, req)) &&
                read_words(smmu, call->bank, req, words);
    return !call_overtaken(call) && read;
}

bool fetch_structure(const struct call *call, enum smmu_fetch kind, uint64_t addr,
                     const struct fetch_attr *attr, uint64_t *words, size_t dwords)
{
    if (!fetch_may(call))
        return false;
    struct smmu_mem_req req;
    fetch_req(&req, call, kind, addr, &attr->mpam, dwords);
    req.attr = attr->memory;
    observe_structure(call, kind, addr, &req.mpam);
    return read_for(call, &req, words);
}

/* SMMUEN is not acknowledged as 0 while a descriptor is being updated: who wrote it may be waiting
 * for the tables to be its own again. */
static void end_update(const struct call *const *call)
{
    struct smmu_state *smmu = (*call)->smmu;
    struct bank *bank = (*call)->bank;
    if (--bank->updates == 0 && bank->reg[REG_CR0] != bank->reg[REG_CR0ACK])
        ring_doorbell(smmu);
}

static bool compare_and_swap(const struct call *call, struct smmu_mem_req *req,
                             const uint64_t *expected, const uint64_t *value, bool *swapped)
{
    const struct call *update AT_END(end_update) = call;
    call->bank->updates++;
    return egress_cas(call->smmu, call->bank, req, expected, value, swapped);
}

bool fetch_cas(const struct call *call, struct smmu_mem_req *req, const uint64_t *expected,
               const uint64_t *value, bool *swapped)
{
    /* The Update of SMMUEN waits for updates; if others kept coming it would do so for ever. */
    if (!bank_enabled(call->bank, CR0_SMMUEN)) {
        call->outcome->overtaken = true;
        return false;
    }
    observe_access(call, SMMU_OBSERVE_ttd_update, &req->mpam, req->addr, 0);
    bool done = !injected(call->smmu, req) && compare_and_swap(call, req, expected, value, swapped);
    return !call_overtaken(call) && done;
}

bool fetch_msi(struct smmu_state *smmu, const struct bank *bank, uint32_t id, uint64_t addr,
               uint32_t data, const struct fetch_attr *attr)
{
    struct smmu_mem_req req = {
        .addr = addr,
        .size = 4,
        .fetch = SMMU_FETCH_MSI,
        .attr = attr->memory,
        .mpam = attr->mpam,
        .id = id,
    };
    uint8_t bytes[8];
    if (injected(smmu, &req))
        return false;
    store_le64(bytes, data);
    return egress_write(smmu, bank, &req, bytes);
}

/* CR1.QUEUE_*, with the hint in bit 62 of the queue's base register: Read-Allocate for a queue that
 * is read, Write-Allocate for one that is written (6.3.11, 6.3.26, 6.3.29). */
static struct smmu_mem_req queue_req(const struct bank *bank, enum smmu_fetch kind, uint64_t base,
                                     uint64_t addr, size_t dwords)
{
    uint64_t cr1 = bank->reg[REG_CR1];
    unsigned hint = kind == SMMU_FETCH_CMDQ ? MAIR_RA : MAIR_WA;
    return (struct smmu_mem_req){
        .addr = addr,
        .size = (uint32_t)(8 * dwords),
        .fetch = (uint8_t)kind,
        .attr = memattr_cr1_access(cr1_QUEUE_IC(cr1), cr1_QUEUE_OC(cr1), cr1_QUEUE_SH(cr1),
                                   base_Allocate(base) ? hint : 0),
        .mpam = bank->own,
    };
}

bool fetch_queue_read(struct smmu_state *smmu, const struct bank *bank, uint64_t base,
                      uint64_t addr, uint64_t *words, size_t dwords)
{
    struct smmu_mem_req req = queue_req(bank, SMMU_FETCH_CMDQ, base, addr, dwords);
    return !injected(smmu, &req) && read_words(smmu, bank, &req, words);
}

bool fetch_queue_write(struct smmu_state *smmu, const struct bank *bank,
                       const struct outqueue *queue, uint64_t addr, const uint64_t *words,
                       size_t dwords, void *cookie)
{
    struct smmu_mem_req req = queue_req(bank, queue->fetch, bank->reg[queue->base], addr, dwords);
    req.cookie = cookie;
    uint8_t data[FETCH_MAX];
    if (injected(smmu, &req))
        return false;
    for (size_t i = 0; i < dwords; i++)
        store_le64(data + 8 * i, words[i]);
    return egress_write(smmu, bank, &req, data);
}
