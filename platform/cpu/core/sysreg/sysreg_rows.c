/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of sysreg.def without their functions: encodings, reset values, writable bits. */
#include <stddef.h>

#include "pmu/pmu.h"
#include "state/el2.h"
#include "state/sysreg_fields.h"
#include "sysreg/sysreg.h"
#include "vmsa_control.h"

const struct sysreg_data sysreg_data[SYSREG_COUNT] = {
#define SYSREG(name, op0, op1, crn, crm, op2, access, guard, reset, writable, read, write, raw_r,  \
               raw_w)                                                                              \
    {writable, A64_SYSREG(op0, op1, crn, crm, op2)},
#include "sysreg/sysreg.def"
};

/* op0 3, op1 0, CRn 0, CRm 1 to 7: unallocated encodings read as zero (D24.1, C5.1.6). */
static bool is_reserved_id(uint32_t reg)
{
    unsigned crm = bits_get(reg, ENCODING_CRM);
    return (reg & ~(ENCODING_CRM | ENCODING_OP2)) == A64_SYSREG(3, 0, 0, 0, 0) && crm >= 1 &&
           crm <= 7;
}

/* op0 3 or 1, CRn 11 or 15 (D24.1, C5.1.2). */
static bool is_implementation_defined(uint32_t reg)
{
    unsigned op0 = bits_get(reg, ENCODING_OP0), crn = bits_get(reg, ENCODING_CRN);
    return (op0 == 3 || op0 == 1) && (crn == 11 || crn == 15);
}

unsigned sysreg_find(uint32_t reg)
{
    for (unsigned id = 0; id < SYSREG_COUNT; id++)
        if (sysreg_data[id].encoding == reg)
            return id;
    if (is_implementation_defined(reg))
        return SYSREG_IMPDEF_ID;
    return is_reserved_id(reg) ? SYSREG_RESERVED_ID : SYSREG_COUNT;
}

/* ---- Reset: what depends on the configuration ---- */

static uint64_t id_aa64pfr0(const struct a64_cpu *c)
{
    return 0x11 | bits_put(ID_AA64PFR0_EL2, el2_present(c)) |
           bits_put(ID_AA64PFR0_GIC, c->ops.gic_read != NULL);
}

static uint64_t id_aa64mmfr0(const struct a64_cpu *c)
{
    return 0x00100020 | bits_put(ID_AA64MMFR0_PARANGE, vmsa_address_encoding(c->config.pa_bits));
}

static uint64_t mpidr(const struct a64_cpu *c)
{
    return UINT64_C(0x80000000) | c->config.mpidr;
}

static uint64_t reset_pc(const struct a64_cpu *c)
{
    return c->config.reset_pc;
}

static uint64_t cntfrq(const struct a64_cpu *c)
{
    return c->config.cntfrq;
}

void sysreg_reset(struct a64_cpu *c)
{
#define SYSREG(name, op0, op1, crn, crm, op2, access, guard, reset, writable, read, write, raw_r,  \
               raw_w)                                                                              \
    c->sysreg[SR_##name] = (reset);
#include "sysreg/sysreg.def"
}
