/* SPDX-License-Identifier: Apache-2.0 */
/* The way out of the SMMU: see egress.h. */
#include "access/egress.h"

bool egress_cas(struct smmu_state *smmu, const struct bank *bank, struct smmu_mem_req *req,
                uint64_t expected, uint64_t value, uint64_t *old)
{
    uint8_t compare[8], swap[8], found[8];
    store_le64(compare, expected);
    store_le64(swap, value);
    egress_complete(smmu, bank, req);
    if (smmu->ops.cas(smmu->user, req, compare, swap, found) != SMMU_MEM_OK)
        return false;
    *old = load_le64(found);
    return true;
}
