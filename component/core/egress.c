/* SPDX-License-Identifier: Apache-2.0 */
/* The way out of the SMMU: see egress.h. */
#include "egress.h"

void egress_forward(const struct bank *bank, struct smmu_result *result)
{
    result->pas = (uint8_t)bank->pas;
}

static void complete(const struct smmu_state *smmu, const struct bank *bank,
                     struct smmu_mem_req *req)
{
    req->addr = truncate_to_oas(smmu, req->addr);
    req->pas = (uint8_t)bank->pas;
}

bool egress_read(struct smmu_state *smmu, const struct bank *bank, struct smmu_mem_req *req,
                 void *data)
{
    complete(smmu, bank, req);
    return smmu->ops.read(smmu->user, req, data) == SMMU_MEM_OK;
}

bool egress_write(struct smmu_state *smmu, const struct bank *bank, struct smmu_mem_req *req,
                  const void *data)
{
    complete(smmu, bank, req);
    return smmu->ops.write(smmu->user, req, data) == SMMU_MEM_OK;
}

bool egress_cas(struct smmu_state *smmu, const struct bank *bank, struct smmu_mem_req *req,
                uint64_t expected, uint64_t value, uint64_t *old)
{
    uint8_t compare[8], swap[8], found[8];
    store_le64(compare, expected);
    store_le64(swap, value);
    complete(smmu, bank, req);
    if (smmu->ops.cas(smmu->user, req, compare, swap, found) != SMMU_MEM_OK)
        return false;
    *old = load_le64(found);
    return true;
}
