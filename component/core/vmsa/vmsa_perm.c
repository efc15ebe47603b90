/* SPDX-License-Identifier: Apache-2.0 */
/* Permissions of VMSAv8-64, Direct Permission Scheme, and of VMSAv8-32 LPAE (DDI 0487 D8.4, G5.6;
 * IHI 0070 13.4). */
#include "vmsa/vmsa_perm.h"

#include "base/bits.h"
#include "smmu/types.h"

/* Table descriptor. */
enum { PXNTABLE_BIT = 59, UXNTABLE_BIT = 60, APTABLE_NO_EL0_BIT = 61, APTABLE_RO_BIT = 62 };

/* Block and page descriptor, stage 1. In a regime without EL0, UXN is XN. */
enum { AP_EL0_BIT = 6, AP_RO_BIT = 7, PXN_BIT = 53, UXN_BIT = 54 };

/* Block and page descriptor, stage 2. */
enum { S2AP_R_BIT = 6, S2AP_W_BIT = 7 };

void vmsa_limit(struct vmsa_limits *limits, uint64_t table_descriptor)
{
    limits->read_only |= (table_descriptor & BIT64(APTABLE_RO_BIT)) != 0;
    limits->no_el0 |= (table_descriptor & BIT64(APTABLE_NO_EL0_BIT)) != 0;
    limits->uxn |= (table_descriptor & BIT64(UXNTABLE_BIT)) != 0;
    limits->pxn |= (table_descriptor & BIT64(PXNTABLE_BIT)) != 0;
}

static uint8_t make_perm(bool read, bool write, bool execute)
{
    return (uint8_t)((read ? SMMU_PERM_R : 0) | (write ? SMMU_PERM_W : 0) |
                     (execute ? SMMU_PERM_X : 0));
}

uint8_t vmsa_perm_s1(uint64_t leaf, const struct vmsa_limits *limits,
                     const struct vmsa_regime *regime, bool privileged)
{
    bool write = !(leaf & BIT64(AP_RO_BIT)) && !limits->read_only;
    bool uxn = (leaf & BIT64(UXN_BIT)) || limits->uxn;

    if (!regime->el0) /* AP[1] is taken as 1, and PXN does not exist (13.4.1) */
        return make_perm(true, write, !uxn && !(regime->wxn && write));

    bool el0 = (leaf & BIT64(AP_EL0_BIT)) && !limits->no_el0;
    if (!privileged)
        return make_perm(el0, el0 && write,
                         !uxn && !(regime->wxn && el0 && write) && (el0 || !regime->vmsa32));

    /* A page that EL0 can write is never executable at EL1; in VMSAv8-32 that is software's choice,
     * but XN keeps EL1 out too. */
    bool pxn = (leaf & BIT64(PXN_BIT)) || limits->pxn;
    pxn |= regime->vmsa32 ? uxn || (regime->uwxn && el0 && write) : el0 && write;
    bool data = !(regime->pan && el0);
    return make_perm(data, data && write, !pxn && !(regime->wxn && write));
}

uint8_t vmsa_perm_s2(uint64_t leaf, bool vmsa32, bool privileged)
{
    bool xn1 = (leaf & BIT64(54)) != 0;
    bool xn0 = (leaf & BIT64(53)) != 0;
    bool read = (leaf & BIT64(S2AP_R_BIT)) != 0;
    bool execute = (privileged ? xn1 == xn0 : !xn1) && (read || !vmsa32);
    return make_perm(read, (leaf & BIT64(S2AP_W_BIT)) != 0, execute);
}
