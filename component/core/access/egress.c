/* SPDX-License-Identifier: Apache-2.0 */
/* The way out of the SMMU: see egress.h. */
#include "access/egress.h"

#include <string.h>

enum { CAS_MAX = 16 };

static void store_words(uint8_t *bytes, const uint64_t *words, size_t size)
{
    for (size_t i = 0; i < size / 8; i++)
        store_le64(bytes + 8 * i, words[i]);
}

bool egress_cas(struct smmu_state *smmu, const struct bank *bank, struct smmu_mem_req *req,
                const uint64_t *expected, const uint64_t *value, bool *swapped)
{
    uint8_t compare[CAS_MAX], swap[CAS_MAX], found[CAS_MAX];
    store_words(compare, expected, req->size);
    store_words(swap, value, req->size);
    egress_complete(smmu, bank, req);
    if (smmu->ops.cas(smmu->user, req, compare, swap, found) != SMMU_MEM_OK)
        return false;
    *swapped = memcmp(found, compare, req->size) == 0;
    return true;
}
