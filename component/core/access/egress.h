/* SPDX-License-Identifier: Apache-2.0 */
/* The way out: every access that leaves the SMMU, a client's or its own (IHI 0070 3.4.3), goes
 * through here. Decisions that depend on where an access goes to, and not on why it is made, are
 * made here alone: its physical address space (3.10), and what the memory system is told of INST
 * and PRIV (13.1.2). */
#ifndef SMMU_CORE_EGRESS_H
#define SMMU_CORE_EGRESS_H

#include "smmu_priv.h"

/* Complete the answer to a client's transaction that goes on; its stream is of `bank`. Accesses of
 * the SMMU's own are privileged data in every version. */
static inline void egress_forward(const struct smmu_state *smmu, const struct bank *bank,
                                  struct smmu_result *result)
{
    bool uniform = smmu->cfg.arch >= 4;
    result->pas = bank->pas;
    result->out_instr = result->instr & !uniform;
    result->out_priv = result->priv | uniform;
}

static inline void egress_complete(const struct smmu_state *smmu, const struct bank *bank,
                                   struct smmu_mem_req *req)
{
    req->addr = truncate_to_oas(smmu, req->addr);
    req->pas = bank->pas;
}

/* Carry out an access of the SMMU's own for `bank`. `req` has all but its address space; bits of
 * its address above OAS are cut off. Data are in memory order. False if it aborts. May block. */
static inline bool egress_read(struct smmu_state *smmu, const struct bank *bank,
                               struct smmu_mem_req *req, void *data)
{
    egress_complete(smmu, bank, req);
    return smmu->ops.read(smmu->user, req, data) == SMMU_MEM_OK;
}

static inline bool egress_write(struct smmu_state *smmu, const struct bank *bank,
                                struct smmu_mem_req *req, const void *data)
{
    egress_complete(smmu, bank, req);
    return smmu->ops.write(smmu->user, req, data) == SMMU_MEM_OK;
}

/* Likewise, compare and swap as many bytes as `req` has, 8 or 16, of which the words are
 * little-endian; `*swapped` says whether `expected` was there. */
bool egress_cas(struct smmu_state *smmu, const struct bank *bank, struct smmu_mem_req *req,
                const uint64_t *expected, const uint64_t *value, bool *swapped);

#endif
