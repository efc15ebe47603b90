/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor registers over EL1 and EL0. Without EL2 they keep their reset values,
 * with which they control nothing, so that hardly anyone has to ask whether there is an EL2. */
#ifndef A64_EL2_H
#define A64_EL2_H

#include "state/state.h"
#include "state/sysreg_fields.h"

static inline bool el2_present(const struct a64_cpu *c)
{
    return c->config.reset_el == 2;
}

static inline uint64_t el2_hcr(const struct a64_cpu *c)
{
    return c->sysreg[SR_HCR_EL2];
}

/* Does this control apply where the PE is now: at EL1 or EL0? */
static inline bool el2_asks(const struct a64_cpu *c, uint64_t hcr_bits)
{
    return c->el < 2 && (el2_hcr(c) & hcr_bits);
}

/* Debug exceptions go to EL2 with TDE, and so do those of an EL0 that has no EL1 above it. */
static inline bool el2_takes_debug(const struct a64_cpu *c)
{
    return (c->sysreg[SR_MDCR_EL2] & MDCR_TDE) || (el2_hcr(c) & HCR_TGE);
}

/* VTTBR_EL2.VMID: it tags translations of EL1&0 whether stage 2 is on or not (DDI 0487 D8.17). */
static inline uint16_t el2_vmid(const struct a64_cpu *c)
{
    return (uint16_t)bits_get(c->sysreg[SR_VTTBR_EL2], VTTBR_VMID);
}

#endif
