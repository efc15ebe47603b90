/* SPDX-License-Identifier: Apache-2.0 */
/* When a breakpoint or a watchpoint fires: address, context and privilege (DDI 0487 D2.8, D2.9). */
#include "debug/selfhosted.h"

#include "state/el2.h"
#include "state/sysreg_fields.h"

/* Bits of a virtual address that are compared; those above would be copies of the last. */
#define VA_BITS   UINT64_C(0x0001ffffffffffff)
#define INSN_BITS (VA_BITS & ~UINT64_C(3))

/* Masks of 1 and 2 bits are reserved. */
enum { MIN_MASK = 3 };

/* ---- Execution conditions ---- */

/* The exception levels, a bit each, that a combination of HMC and SSC selects by PMC or PAC. What
 * is not here is reserved with neither EL3 nor Secure state: disabled, like no level at all
 * (D2.8.7.2, D2.9.7.2). */
static const struct {
    uint8_t other;
    uint8_t levels[4];
} conditions[] = {
    {0, {0, 1 << 1, 1 << 0, 1 << 1 | 1 << 0}},
    {1, {0, 1 << 2 | 1 << 1, 0, 1 << 2 | 1 << 1 | 1 << 0}},
    {7, {1 << 2, 0, 0, 0}},
};

/* Without EL2 all that HMC selects is reserved too. */
static bool privilege_matches(const struct a64_cpu *c, uint64_t control, unsigned el)
{
    unsigned known = el2_present(c) ? sizeof conditions / sizeof *conditions : 1;
    for (unsigned i = 0; i < known; i++)
        if (conditions[i].other == bits_get(control, XCR_OTHER))
            return conditions[i].levels[bits_get(control, XCR_PRIVILEGE)] >> el & 1;
    return false;
}

/* Neither CONTEXTIDR_EL1 nor the VMID is EL2's own (D2.8.6). */
static bool context_matches(const struct a64_cpu *c, unsigned n)
{
    uint64_t wanted = c->sysreg[dbgbvr_row[n]];
    unsigned type = bits_get(c->sysreg[dbgbcr_row[n]], BCR_BT);
    if (c->el == 2)
        return false;
    if (type & BT_CONTEXT_ID && (uint32_t)wanted != (uint32_t)c->sysreg[SR_CONTEXTIDR_EL1])
        return false;
    return !(type & BT_VMID) || bits_get(wanted, BVR_VMID) == el2_vmid(c);
}

/* A link to a breakpoint that is not context-aware, not enabled or no link disables its owner. */
static bool link_matches(const struct a64_cpu *c, unsigned n)
{
    if (n < HW_BREAKPOINTS - HW_CONTEXT_AWARE || n >= HW_BREAKPOINTS)
        return false;
    uint64_t control = c->sysreg[dbgbcr_row[n]];
    return (control & BCR_E) && selfhosted_compares_context(c, bits_get(control, BCR_BT)) &&
           (bits_get(control, BCR_BT) & BT_LINKED) && context_matches(c, n);
}

/* ---- Breakpoints ---- */

static bool address_matters(const struct a64_cpu *c, unsigned n)
{
    return bits_get(c->sysreg[dbgbcr_row[n]], BCR_BT) <= BT_LINKED;
}

uint32_t hw_breakpoint_distance(const struct a64_cpu *c, uint64_t pc, uint32_t insns)
{
    uint64_t nearest = insns;
    for (uint32_t rest = c->selfhosted.breakpoints; rest; rest &= rest - 1) {
        unsigned n = (unsigned)__builtin_ctz(rest);
        uint64_t bytes = (c->sysreg[dbgbvr_row[n]] - pc) & INSN_BITS;
        if (!address_matters(c, n))
            bytes = 0;
        if (bytes / 4 < nearest)
            nearest = bytes / 4;
    }
    return (uint32_t)nearest;
}

static bool breakpoint_matches(const struct a64_cpu *c, unsigned n, uint64_t pc)
{
    uint64_t control = c->sysreg[dbgbcr_row[n]];
    if (!privilege_matches(c, control, c->el))
        return false;
    if (!address_matters(c, n))
        return context_matches(c, n);
    bool here = !((c->sysreg[dbgbvr_row[n]] ^ pc) & INSN_BITS);
    return here &&
           (bits_get(control, BCR_BT) != BT_LINKED || link_matches(c, bits_get(control, BCR_LBN)));
}

bool hw_breakpoint_fires(const struct a64_cpu *c, uint64_t pc)
{
    if (!c->selfhosted.breakpoints || !selfhosted_enabled(c, c->el, c->daif & DAIF_D))
        return false;
    for (uint32_t rest = c->selfhosted.breakpoints; rest; rest &= rest - 1)
        if (breakpoint_matches(c, (unsigned)__builtin_ctz(rest), pc))
            return true;
    return false;
}

/* ---- Watchpoints ---- */

/* Address bits that MASK leaves out; without one those inside a doubleword, which BAS selects. */
static uint64_t masked_bits(uint64_t control)
{
    unsigned mask = bits_get(control, WCR_MASK);
    return (UINT64_C(1) << (mask < MIN_MASK ? MIN_MASK : mask)) - 1;
}

static bool watches_byte(const struct a64_cpu *c, unsigned n, uint64_t va)
{
    uint64_t control = c->sysreg[dbgwcr_row[n]], value = c->sysreg[dbgwvr_row[n]];
    if ((value ^ va) & VA_BITS & ~masked_bits(control))
        return false;
    if (bits_get(control, WCR_MASK))
        return true;
    unsigned bytes = bits_get(control, WCR_BAS);
    if (value & 4)
        bytes = bytes << 4 & 0xf0; /* BAS of a value that is only word-aligned begins there */
    return bytes >> (va & 7) & 1;
}

/* Could it fire for some access of one of `kinds`? */
static bool is_usable(uint64_t control, unsigned kinds)
{
    bool mask_reserved = bits_get(control, WCR_MASK) != 0 && bits_get(control, WCR_MASK) < MIN_MASK;
    return (bits_get(control, WCR_LSC) & kinds) && !mask_reserved;
}

unsigned hw_watched(const struct a64_cpu *c, uint64_t va)
{
    unsigned kinds = 0;
    for (uint32_t rest = c->selfhosted.watchpoints; rest; rest &= rest - 1) {
        unsigned n = (unsigned)__builtin_ctz(rest);
        uint64_t control = c->sysreg[dbgwcr_row[n]];
        uint64_t compared = VA_BITS & TLB_PAGE_MASK & ~masked_bits(control);
        if (!((c->sysreg[dbgwvr_row[n]] ^ va) & compared))
            kinds |= bits_get(control, WCR_LSC);
    }
    return kinds;
}

static bool watchpoint_matches(const struct a64_cpu *c, unsigned n, uint64_t va, unsigned el,
                               enum a64_watch kind)
{
    uint64_t control = c->sysreg[dbgwcr_row[n]];
    return is_usable(control, kind) && privilege_matches(c, control, el) &&
           watches_byte(c, n, va) &&
           (!(control & WCR_WT) || link_matches(c, bits_get(control, WCR_LBN)));
}

/* Is the byte at `va` watched by any? */
static bool is_watched(const struct a64_cpu *c, uint64_t va, unsigned el, enum a64_watch kind)
{
    for (uint32_t rest = c->selfhosted.watchpoints; rest; rest &= rest - 1)
        if (watchpoint_matches(c, (unsigned)__builtin_ctz(rest), va, el, kind))
            return true;
    return false;
}

bool hw_watchpoint_hit(const struct a64_cpu *c, uint64_t va, unsigned size, unsigned el,
                       enum a64_watch kind, uint64_t *at)
{
    unsigned byte = 0;
    if (!c->selfhosted.watchpoints || !selfhosted_enabled(c, c->el, c->daif & DAIF_D))
        return false;
    while (byte < size && !is_watched(c, va + byte, el, kind))
        byte++;
    *at = va + byte;
    return byte < size;
}
