/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 1 permissions, Direct Permission Scheme (DDI 0487 D8.4; IHI 0070 13.4.1). */
#include "vmsa_perm.h"

#include "bits.h"
#include "smmu/types.h"

/* Table descriptor. */
enum { PXNTABLE_BIT = 59, UXNTABLE_BIT = 60, APTABLE_NO_EL0_BIT = 61, APTABLE_RO_BIT = 62 };

/* Block and page descriptor. */
enum { AP_EL0_BIT = 6, AP_RO_BIT = 7, PXN_BIT = 53, UXN_BIT = 54 };

struct vmsa_limits vmsa_limit(struct vmsa_limits limits, uint64_t table_descriptor)
{
    limits.read_only |= (table_descriptor & BIT64(APTABLE_RO_BIT)) != 0;
    limits.no_el0 |= (table_descriptor & BIT64(APTABLE_NO_EL0_BIT)) != 0;
    limits.uxn |= (table_descriptor & BIT64(UXNTABLE_BIT)) != 0;
    limits.pxn |= (table_descriptor & BIT64(PXNTABLE_BIT)) != 0;
    return limits;
}

static uint8_t make_perm(bool read, bool write, bool execute)
{
    return (uint8_t)((read ? SMMU_PERM_R : 0) | (write ? SMMU_PERM_W : 0) |
                     (execute ? SMMU_PERM_X : 0));
}

uint8_t vmsa_perm(uint64_t leaf_descriptor, struct vmsa_limits limits, bool wxn, bool pan,
                  bool privileged)
{
    bool el0 = (leaf_descriptor & BIT64(AP_EL0_BIT)) && !limits.no_el0;
    bool write = !(leaf_descriptor & BIT64(AP_RO_BIT)) && !limits.read_only;

    if (!privileged) {
        bool uxn = (leaf_descriptor & BIT64(UXN_BIT)) || limits.uxn;
        return make_perm(el0, el0 && write, !uxn && !(wxn && el0 && write));
    }
    /* What EL0 can write is never executable at EL1. */
    bool pxn = (leaf_descriptor & BIT64(PXN_BIT)) || limits.pxn || (el0 && write);
    bool data = !(pan && el0);
    return make_perm(data, data && write, !pxn && !(wxn && write));
}
