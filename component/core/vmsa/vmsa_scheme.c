/* SPDX-License-Identifier: Apache-2.0 */
/* Direct permissions of VMSAv8-64, and permissions of VMSAv8-32 LPAE (DDI 0487 D8.4, D8.5, G5.6).
 */
#include "vmsa_scheme.h"

#define BIT(n) (UINT64_C(1) << (n))

/* Block and page descriptors. */
#define DBM       BIT(51)
#define AP_EL0    BIT(6)
#define AP_RO     BIT(7)
#define PXN       BIT(53)
#define UXN       BIT(54) /* XN in a regime without EL0 */
#define S2AP_R    BIT(6)
#define S2AP_W    BIT(7)
#define S2_XN     BIT(54) /* with FEAT_XNX, XN[1] */
#define S2_XN_EL1 BIT(53) /* with FEAT_XNX, XN[0] */

/* Limits: bits [62:59] of table descriptors. */
enum { LIMIT_PXN = 1, LIMIT_UXN = 2, LIMIT_NO_EL0 = 4, LIMIT_RO = 8 };

static uint8_t rights(bool read, bool write, bool execute)
{
    return (uint8_t)((read ? VMSA_READ : 0) | (write ? VMSA_WRITE : 0) |
                     (execute ? VMSA_EXECUTE : 0));
}

/* Whether hardware may change the permission to write, which is denied or not. */
static bool managed(const struct vmsa_scheme *scheme, uint64_t leaf)
{
    return scheme->hd && (leaf & DBM);
}

/* Rights of stage 1 where AP[2] gives `write`, and may come to give `writable`. */
static uint8_t s1_rights(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                         bool privileged, bool write, bool writable)
{
    bool uxn = (leaf & UXN) || (limits & LIMIT_UXN);
    if (!scheme->el0) /* AP[1] is taken as 1, and PXN does not exist */
        return rights(true, write, !uxn && !(scheme->wxn && writable));

    bool el0 = (leaf & AP_EL0) && !(limits & LIMIT_NO_EL0);
    if (!privileged)
        return rights(el0, el0 && write,
                      !uxn && !(scheme->wxn && el0 && writable) && (el0 || !scheme->vmsa32));

    /* A page that EL0 can write is never executable at EL1; in VMSAv8-32 that is software's choice,
     * but XN keeps EL1 out too. */
    bool pxn = (leaf & PXN) || (limits & LIMIT_PXN);
    pxn |= scheme->vmsa32 ? uxn || (scheme->uwxn && el0 && writable) : el0 && writable;
    bool data = !(scheme->pan && (el0 || (scheme->epan && !uxn)));
    return rights(data, data && write, !pxn && !(scheme->wxn && writable));
}

static uint8_t s2_rights(const struct vmsa_scheme *scheme, uint64_t leaf, bool privileged)
{
    bool read = (leaf & S2AP_R) != 0;
    bool xn = (leaf & S2_XN) != 0;
    if (scheme->xnx && privileged)
        xn ^= (leaf & S2_XN_EL1) != 0;
    return rights(read, (leaf & S2AP_W) != 0, !xn && (read || !scheme->vmsa32));
}

uint8_t vmsa_rights(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                    bool privileged)
{
    if (scheme->stage2)
        return s2_rights(scheme, leaf, privileged);
    bool limited = (limits & LIMIT_RO) != 0;
    bool write = !(leaf & AP_RO) && !limited;
    bool writable = write || (managed(scheme, leaf) && !limited);
    return s1_rights(scheme, leaf, limits, privileged, write, writable);
}

void vmsa_rights_of_both(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                         uint8_t rights[2])
{
    rights[1] = vmsa_rights(scheme, leaf, limits, true);
    rights[0] =
        scheme->stage2 && !scheme->xnx ? rights[1] : vmsa_rights(scheme, leaf, limits, false);
}

bool vmsa_is_clean_with_hd(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                           bool privileged)
{
    if (!managed(scheme, leaf))
        return false;
    uint8_t now = vmsa_rights(scheme, leaf, limits, privileged);
    uint8_t then = vmsa_rights(scheme, vmsa_made_dirty(scheme, leaf), limits, privileged);
    return (then & ~now & VMSA_WRITE) != 0;
}

uint64_t vmsa_made_dirty(const struct vmsa_scheme *scheme, uint64_t leaf)
{
    return scheme->stage2 ? leaf | S2AP_W : leaf & ~AP_RO;
}
