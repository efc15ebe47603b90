/* SPDX-License-Identifier: Apache-2.0 */
/* The system registers of the GIC, which are outside of the PE: whether an access is to the
 * physical or to the virtual CPU interface (IHI 0069 4.5, 6.2). */
#include "state/el2.h"
#include "state/sysreg_fields.h"
#include "sysreg/sysreg.h"
#include "sysreg/sysreg_hooks.h"

/* At EL1 a register is of the virtual interface if HCR_EL2 routes the interrupts it is about to
 * EL2: those of group 0 or 1, or, for what is about both, of either. */
#define GROUP_0    HCR_FMO
#define GROUP_1    HCR_IMO
#define GROUP_BOTH (HCR_FMO | HCR_IMO)

static bool is_virtual(const struct a64_cpu *c, uint64_t routes)
{
    return c->el == 1 && (el2_hcr(c) & routes);
}

static uint32_t reg_of(const struct a64_cpu *c, unsigned id, uint64_t routes)
{
    return sysreg_encoding(id) | (is_virtual(c, routes) ? A64_GIC_VIRTUAL : 0);
}

/* A guest has no SGIs to send but through its hypervisor. */
enum sysreg_outcome guard_sgi(const struct a64_cpu *c, unsigned id)
{
    (void)id;
    return is_virtual(c, GROUP_BOTH) ? SYSREG_TRAP_EL2 : SYSREG_OK;
}

#define GIC_ACCESS(suffix, routes)                                                                 \
    enum sysreg_outcome read_gic##suffix(struct a64_cpu *c, unsigned id, uint64_t *value)          \
    {                                                                                              \
        *value = 0;                                                                                \
        bool ok = c->ops.gic_read && c->ops.gic_read(c->user, reg_of(c, id, routes), value);       \
        return ok ? SYSREG_OK : SYSREG_UNDEFINED;                                                  \
    }                                                                                              \
    enum sysreg_outcome write_gic##suffix(struct a64_cpu *c, unsigned id, uint64_t value)          \
    {                                                                                              \
        bool ok = c->ops.gic_write && c->ops.gic_write(c->user, reg_of(c, id, routes), value);     \
        return ok ? SYSREG_OK : SYSREG_UNDEFINED;                                                  \
    }

GIC_ACCESS(, 0) /* ICC_SRE_ELx and what is EL2's own */
GIC_ACCESS(0, GROUP_0)
GIC_ACCESS(1, GROUP_1)
GIC_ACCESS(01, GROUP_BOTH)

/* The PE remembers the traps of ICH_HCR_EL2. */
enum sysreg_outcome write_gic_hypervisor(struct a64_cpu *c, unsigned id, uint64_t value)
{
    enum sysreg_outcome outcome = write_gic(c, id, value);
    if (outcome == SYSREG_OK)
        c->sysreg[id] = value;
    return outcome;
}
