/* SPDX-License-Identifier: Apache-2.0 */
/* Direct and Indirect permissions of VMSAv8-64, and permissions of VMSAv8-32 LPAE (DDI 0487 D8.4,
 * D8.5, G5.6). */
#include "vmsa_scheme.h"

#define BIT(n) (UINT64_C(1) << (n))

/* Block and page descriptors. */
#define DBM    BIT(51)
#define AP_EL0 BIT(6)
#define AP_RO  BIT(7)
#define PXN    BIT(53)
#define UXN    BIT(54) /* XN in a regime without EL0 */
#define S2AP_W BIT(7)

/* The same with Indirect permissions. PIIndex is of bits 54, 53, 51 and 6. */
#define NDIRTY   BIT(7)
#define S2_DIRTY BIT(7)

/* Limits: bits [62:59] of table descriptors. */
enum { LIMIT_PXN = 1, LIMIT_UXN = 2, LIMIT_NO_EL0 = 4, LIMIT_RO = 8 };

static unsigned executable(bool execute)
{
    return execute ? VMSA_EXECUTE : 0;
}

/* Whether hardware may change the permission to write, which is denied or not. */
static bool managed(const struct vmsa_scheme *scheme, uint64_t leaf)
{
    return scheme->hd && (scheme->indirect || (leaf & DBM));
}

/* Rights of stage 1 where AP[2] gives `write`, and may come to give `writable`. */
static inline void s1_rights(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                             bool write, bool writable, uint8_t rights[2])
{
    unsigned data = VMSA_READ | (write ? VMSA_WRITE : 0);
    bool uxn = (leaf & UXN) || (limits & LIMIT_UXN);
    if (!scheme->el0) { /* AP[1] is taken as 1, and PXN does not exist */
        rights[0] = rights[1] = (uint8_t)(data | executable(!uxn && !(scheme->wxn && writable)));
        return;
    }

    /* A page that EL0 can write is never executable at EL1; in VMSAv8-32 that is software's choice,
     * but XN keeps EL1 out too. */
    bool el0 = (leaf & AP_EL0) && !(limits & LIMIT_NO_EL0);
    bool shared = el0 && writable;
    bool pxn = (leaf & PXN) || (limits & LIMIT_PXN);
    pxn |= scheme->vmsa32 ? uxn || (scheme->uwxn && shared) : shared;
    bool kept_out = scheme->pan && (el0 || (scheme->epan && !uxn));
    rights[0] = (uint8_t)((el0 ? data : 0) |
                          executable(!uxn && !(scheme->wxn && shared) && (el0 || !scheme->vmsa32)));
    rights[1] = (uint8_t)((kept_out ? 0 : data) | executable(!pxn && !(scheme->wxn && writable)));
}

_Static_assert(VMSA_READ == 1 && VMSA_WRITE == 2 && VMSA_EXECUTE == 4 && VMSA_UPDATE == 8,
               "vmsa_s2_rights() takes them from bits of a descriptor");

/* --- Indirect permissions ------------------------------------------------------------------------
 */

static unsigned pi_index(uint64_t leaf)
{
    return (unsigned)(leaf >> 53 & 3) << 2 | (unsigned)(leaf >> 51 & 1) << 1 |
           (unsigned)(leaf >> 6 & 1);
}

/* IHI 0070 5.4, PIIU: 0b100 and 0b110 are Reserved, and make the CD ILLEGAL. */
static uint8_t s1_interpreted(uint64_t word, unsigned index)
{
    static const uint8_t of[] = {0,
                                 VMSA_READ,
                                 VMSA_EXECUTE,
                                 VMSA_READ | VMSA_EXECUTE,
                                 0,
                                 VMSA_READ | VMSA_WRITE,
                                 0,
                                 VMSA_READ | VMSA_WRITE | VMSA_EXECUTE};
    return of[word >> 3 * index & 7];
}

uint8_t vmsa_s2_interpreted(uint64_t word, unsigned index, bool privileged)
{
    enum { MOSTLY_READ_ONLY = VMSA_READ | VMSA_UPDATE };
    static const uint8_t special[] = {0,          0, MOSTLY_READ_ONLY, MOSTLY_READ_ONLY,
                                      VMSA_WRITE, 0, MOSTLY_READ_ONLY, MOSTLY_READ_ONLY};
    unsigned code = (unsigned)(word >> 4 * index & 15);
    if (code < 8)
        return special[code];
    bool execute = (code & (privileged ? 2 : 1)) != 0;
    return (uint8_t)(VMSA_READ | (code & 4 ? VMSA_WRITE | VMSA_UPDATE : 0) |
                     (execute ? VMSA_EXECUTE : 0));
}

unsigned vmsa_s2_base(const struct vmsa_scheme *scheme, uint64_t leaf)
{
    return scheme->indirect ? (unsigned)(scheme->base[0] >> 4 * pi_index(leaf) & 15) : 0;
}

/* Top-level attributes are of MRO alone; where one of the two is MRO and neither denies updates,
 * both together are, with the attributes of either. */
uint8_t vmsa_s2_for_tables(unsigned base, unsigned overlay)
{
    static const uint8_t top[16] = {
        [3] = VMSA_TOP_LEVEL1,
        [6] = VMSA_TOP_LEVEL0,
        [7] = VMSA_TOP_LEVEL0 | VMSA_TOP_LEVEL1,
    };
    const uint8_t both = vmsa_s2_interpreted(base, 0, true) & vmsa_s2_interpreted(overlay, 0, true);
    const bool mro = (both & (VMSA_WRITE | VMSA_UPDATE)) == VMSA_UPDATE;
    return mro ? (uint8_t)(VMSA_MRO | top[base] | top[overlay]) : 0;
}

/* IHI 0070 3.26.1: with PAN whatever is granted to unprivileged accesses counts. */
static uint8_t s1_base(const struct vmsa_scheme *scheme, unsigned index, bool privileged)
{
    uint8_t unprivileged = s1_interpreted(scheme->base[0], index);
    if (scheme->el0 && !privileged)
        return unprivileged;
    uint8_t base = s1_interpreted(scheme->base[1], index);
    bool kept_out = scheme->el0 && scheme->pan && unprivileged != 0;
    return kept_out ? base & VMSA_EXECUTE : base;
}

/* A writable-clean leaf gives no write, be it for software or for hardware to change that
 * (R_PPGMC). */
static uint8_t indirect_rights(const struct vmsa_scheme *scheme, uint64_t leaf, bool privileged)
{
    unsigned index = pi_index(leaf);
    bool dirty = scheme->stage2 ? (leaf & S2_DIRTY) != 0 : !(leaf & NDIRTY);
    uint8_t base = scheme->stage2 ? vmsa_s2_interpreted(scheme->base[0], index, privileged)
                                  : s1_base(scheme, index, privileged);
    return dirty ? base : base & (VMSA_READ | VMSA_EXECUTE);
}

static __attribute__((noinline)) void indirect_rights_of_both(const struct vmsa_scheme *scheme,
                                                              uint64_t leaf, uint8_t rights[2])
{
    rights[0] = indirect_rights(scheme, leaf, false);
    rights[1] = indirect_rights(scheme, leaf, true);
}

/* --- any scheme ----------------------------------------------------------------------------------
 */

void vmsa_s1_rights(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                    uint8_t rights[2])
{
    if (scheme->indirect) {
        indirect_rights_of_both(scheme, leaf, rights);
        return;
    }
    bool limited = (limits & LIMIT_RO) != 0;
    bool write = !(leaf & AP_RO) && !limited;
    bool writable = write || (managed(scheme, leaf) && !limited);
    s1_rights(scheme, leaf, limits, write, writable, rights);
}

void vmsa_s2_indirect_rights(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t rights[2])
{
    indirect_rights_of_both(scheme, leaf, rights);
}

_Static_assert(LIMIT_PXN == 1 && LIMIT_UXN == 2 && LIMIT_NO_EL0 == 4 && LIMIT_RO == 8,
               "vmsa_tabulated() makes bits of a descriptor of them");

void vmsa_tabulate(struct vmsa_scheme *scheme)
{
    for (unsigned index = 0; index < 16; index++) {
        uint64_t leaf = (uint64_t)(index & 3) << 6 | (uint64_t)(index >> 2) << 53;
        scheme->table[index] = (uint8_t)(vmsa_rights(scheme, leaf, 0, false) |
                                         vmsa_rights(scheme, leaf, 0, true) << 4);
    }
}

uint8_t vmsa_rights(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                    bool privileged)
{
    uint8_t rights[2];
    if (scheme->stage2)
        vmsa_s2_rights(scheme, leaf, rights);
    else
        vmsa_s1_rights(scheme, leaf, limits, rights);
    return rights[privileged];
}

uint8_t vmsa_clean_with_hd(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                           bool privileged)
{
    if (!managed(scheme, leaf))
        return 0;
    uint8_t now = vmsa_rights(scheme, leaf, limits, privileged);
    uint8_t then = vmsa_rights(scheme, vmsa_made_dirty(scheme, leaf), limits, privileged);
    return then & (uint8_t)~now & (VMSA_WRITE | VMSA_UPDATE);
}

/* S2AP[1] and Dirty are one bit, and so are AP[2] and nDirty. */
uint64_t vmsa_made_dirty(const struct vmsa_scheme *scheme, uint64_t leaf)
{
    return scheme->stage2 ? leaf | S2AP_W : leaf & ~AP_RO;
}
