/* SPDX-License-Identifier: Apache-2.0 */
/* When debug exceptions are enabled, and which breakpoints and watchpoints are armed (DDI 0487
 * D2.4, D2.5). */
#include "debug/selfhosted.h"

#include "state/el2.h"
#include "state/sysreg_fields.h"

const uint16_t dbgbvr_row[HW_BREAKPOINTS] = {SR_DBGBVR0_EL1, SR_DBGBVR1_EL1, SR_DBGBVR2_EL1,
                                             SR_DBGBVR3_EL1, SR_DBGBVR4_EL1, SR_DBGBVR5_EL1};
const uint16_t dbgbcr_row[HW_BREAKPOINTS] = {SR_DBGBCR0_EL1, SR_DBGBCR1_EL1, SR_DBGBCR2_EL1,
                                             SR_DBGBCR3_EL1, SR_DBGBCR4_EL1, SR_DBGBCR5_EL1};
const uint16_t dbgwvr_row[HW_WATCHPOINTS] = {SR_DBGWVR0_EL1, SR_DBGWVR1_EL1, SR_DBGWVR2_EL1,
                                             SR_DBGWVR3_EL1};
const uint16_t dbgwcr_row[HW_WATCHPOINTS] = {SR_DBGWCR0_EL1, SR_DBGWCR1_EL1, SR_DBGWCR2_EL1,
                                             SR_DBGWCR3_EL1};

/* OS Lock, or OS Double Lock with the core not powered for debug. */
bool selfhosted_locked(const struct a64_cpu *c)
{
    bool os_lock = c->sysreg[SR_OSLSR_EL1] & OSLSR_OSLK;
    bool double_lock =
        (c->sysreg[SR_OSDLR_EL1] & OSDLR_DLK) && !(c->sysreg[SR_DBGPRCR_EL1] & DBGPRCR_CORENPDRQ);
    return os_lock || double_lock;
}

/* Where debug exceptions go: ELD of D2.5. */
static unsigned target_el(const struct a64_cpu *c)
{
    return el2_takes_debug(c) ? 2 : 1;
}

bool selfhosted_enabled(const struct a64_cpu *c, unsigned el, bool masked)
{
    unsigned target = target_el(c);
    if (selfhosted_locked(c))
        return false;
    if (el == target)
        return (c->sysreg[SR_MDSCR_EL1] & MDSCR_KDE) && !masked;
    return el < target;
}

bool selfhosted_compares_context(const struct a64_cpu *c, unsigned type)
{
    unsigned compared = type & ~(unsigned)BT_LINKED;
    if (compared == BT_CONTEXT_ID)
        return true;
    return el2_present(c) && (compared == BT_VMID || compared == (BT_VMID | BT_CONTEXT_ID));
}

uint32_t selfhosted_armed_breakpoints(const struct a64_cpu *c)
{
    uint32_t armed = 0;
    for (unsigned n = 0; n < HW_BREAKPOINTS; n++) {
        uint64_t control = c->sysreg[dbgbcr_row[n]];
        unsigned type = bits_get(control, BCR_BT);
        bool context = selfhosted_compares_context(c, type) && !(type & BT_LINKED) &&
                       n >= HW_BREAKPOINTS - HW_CONTEXT_AWARE;
        if ((control & BCR_E) && (context || type == BT_ADDRESS || type == BT_LINKED))
            armed |= 1u << n;
    }
    return armed;
}

uint32_t selfhosted_armed_watchpoints(const struct a64_cpu *c)
{
    uint32_t armed = 0;
    for (unsigned n = 0; n < HW_WATCHPOINTS; n++)
        armed |= bits_get(c->sysreg[dbgwcr_row[n]], WCR_E) << n;
    return armed;
}
