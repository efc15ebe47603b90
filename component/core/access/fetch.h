/* SPDX-License-Identifier: Apache-2.0 */
/* Memory accesses of the SMMU's own (IHI 0070 3.4.3). */
#ifndef SMMU_CORE_FETCH_H
#define SMMU_CORE_FETCH_H

#include <stddef.h>

#include "access/egress.h"
#include "observe/unit.h"
#include "report/outqueue.h"
#include "smmu_priv.h"

/* How an access is made. */
struct fetch_attr {
    struct smmu_memattr memory;
    struct smmu_mpam mpam;
};

/* Read a configuration structure for `call`, which is observed: `dwords` 64-bit little-endian words
 * at physical address `addr`, which is below 2^OAS. False on an external abort, or if the call was
 * overtaken, or is a prefetch that gives way. */
bool fetch_structure(const struct call *call, enum smmu_fetch kind, uint64_t addr,
                     const struct fetch_attr *attr, uint64_t *words, size_t dwords);

/* Write the request of an access of a structure, or of a descriptor, whose memory attributes the
 * caller adds; `addr` is physical, below 2^OAS, or becomes so. In place, field by field: a copy of
 * what was stored in other sizes just before is what a processor waits for. */
static inline void fetch_req(struct smmu_mem_req *req, const struct call *call,
                             enum smmu_fetch kind, uint64_t addr, const struct smmu_mpam *mpam,
                             size_t dwords)
{
    req->addr = addr;
    req->size = (uint32_t)(8 * dwords);
    req->fetch = (uint8_t)kind;
    req->pas = 0;
    req->mpam = *mpam;
    req->stage = 0;
    req->level = 0;
    req->sid = call->txn->sid;
    req->id = 0;
    req->cookie = call->txn->cookie;
}

/* Whether it is no prefetch that others wait for. */
static inline bool fetch_may(const struct call *call)
{
    return __builtin_expect(call->mode != CALL_PREFETCH, true) || unit_keep(call);
}

/* Read a descriptor by `req`, likewise, in one access: a word or, of VMSAv9-128, two, `dwords` as
 * in `req`. Who walks tables tells of it, and of what it is. `real`: the call is known to be
 * CALL_REAL, and not to have been overtaken before. */
static inline __attribute__((always_inline)) bool fetch_descriptor(const struct call *call,
                                                                   struct smmu_mem_req *req,
                                                                   uint64_t *words, size_t dwords,
                                                                   bool real)
{
    struct smmu_state *smmu = call->smmu;
    if (!real && !fetch_may(call))
        return false;
    bool aborts = (real || call->mode == CALL_REAL) && inject_take(smmu, SMMU_INJECT_WALK_ABORT);
    bool read = !aborts && egress_read(smmu, call->bank, req, words);
    for (size_t i = 0; i < dwords; i++)
        words[i] = read ? host_le64(words[i]) : 0;
    return !call_overtaken_since(call, !real && call->outcome->overtaken) && read;
}

/* Replace a descriptor by `value` if it is `expected`; `*swapped` says whether it was. Atomic for
 * everyone who shares the memory. False as above. */
bool fetch_cas(const struct call *call, struct smmu_mem_req *req, const uint64_t *expected,
               const uint64_t *value, bool *swapped);

/* Send an MSI: a 32-bit write (IHI 0070 3.18). `id` is smmu_mem_req.id. False on an external abort.
 */
bool fetch_msi(struct smmu_state *smmu, const struct bank *bank, uint32_t id, uint64_t addr,
               uint32_t data, const struct fetch_attr *attr);

/* Read an entry of a Command queue of `bank`, whose base register has the value `base`, or write
 * one of another queue; the address is truncated to OAS (3.4.3). */
bool fetch_queue_read(struct smmu_state *smmu, const struct bank *bank, uint64_t base,
                      uint64_t addr, uint64_t *words, size_t dwords);
bool fetch_queue_write(struct smmu_state *smmu, const struct bank *bank,
                       const struct outqueue *queue, uint64_t addr, const uint64_t *words,
                       size_t dwords, void *cookie);

#endif
