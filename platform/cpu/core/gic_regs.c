/* SPDX-License-Identifier: Apache-2.0 */
/* The system registers of the GIC, which are outside of the PE: whether an access is to the
 * physical or to the virtual CPU interface (IHI 0069 4.5, 6.2). */
#include "el2.h"
#include "sysreg_hooks.h"

enum group { GROUP_0, GROUP_1, GROUP_BOTH };

/* The interrupt group that a register is about; some are about both. */
static enum group group_of(unsigned id)
{
    switch (id) {
    case SR_ICC_IAR0_EL1:
    case SR_ICC_EOIR0_EL1:
    case SR_ICC_HPPIR0_EL1:
    case SR_ICC_BPR0_EL1:
    case SR_ICC_IGRPEN0_EL1:
    case SR_ICC_AP0R0_EL1:
    case SR_ICC_AP0R1_EL1:
    case SR_ICC_AP0R2_EL1:
    case SR_ICC_AP0R3_EL1:
        return GROUP_0;
    case SR_ICC_IAR1_EL1:
    case SR_ICC_EOIR1_EL1:
    case SR_ICC_HPPIR1_EL1:
    case SR_ICC_BPR1_EL1:
    case SR_ICC_IGRPEN1_EL1:
    case SR_ICC_AP1R0_EL1:
    case SR_ICC_AP1R1_EL1:
    case SR_ICC_AP1R2_EL1:
    case SR_ICC_AP1R3_EL1:
        return GROUP_1;
    default:
        return GROUP_BOTH;
    }
}

/* At EL1 the registers of a group are those of the virtual interface if HCR_EL2 routes the group's
 * interrupts to EL2; those of both groups if it routes either. ICC_SRE_EL1 is one for both. */
static bool is_virtual(const struct a64_cpu *c, unsigned id)
{
    static const uint64_t routes[] = {HCR_FMO, HCR_IMO, HCR_FMO | HCR_IMO};
    return c->el == 1 && id != SR_ICC_SRE_EL1 && (el2_hcr(c) & routes[group_of(id)]);
}

static uint32_t reg_of(const struct a64_cpu *c, unsigned id)
{
    return sysreg_encoding(id) | (is_virtual(c, id) ? A64_GIC_VIRTUAL : 0);
}

/* A guest has no SGIs to send but through its hypervisor. */
enum sysreg_outcome guard_sgi(const struct a64_cpu *c, unsigned id)
{
    return is_virtual(c, id) ? SYSREG_TRAP_EL2 : SYSREG_OK;
}

enum sysreg_outcome read_gic(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    *value = 0;
    bool ok = c->ops.gic_read && c->ops.gic_read(c->user, reg_of(c, id), value);
    return ok ? SYSREG_OK : SYSREG_UNDEFINED;
}

enum sysreg_outcome write_gic(struct a64_cpu *c, unsigned id, uint64_t value)
{
    bool ok = c->ops.gic_write && c->ops.gic_write(c->user, reg_of(c, id), value);
    return ok ? SYSREG_OK : SYSREG_UNDEFINED;
}

/* The PE remembers the traps of ICH_HCR_EL2. */
enum sysreg_outcome write_gic_hypervisor(struct a64_cpu *c, unsigned id, uint64_t value)
{
    enum sysreg_outcome outcome = write_gic(c, id, value);
    if (outcome == SYSREG_OK)
        c->sysreg[id] = value;
    return outcome;
}
