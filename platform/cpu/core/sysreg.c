/* SPDX-License-Identifier: Apache-2.0 */
/* The one routine that applies rows of sysreg.def, and raw access for debuggers. */
#include "sysreg.h"

#include <stddef.h>

#include "el2.h"
#include "sysreg_hooks.h"
#include "sysreg_trap.h"

enum { MAY_READ = 1, MAY_WRITE = 2 };

/* Rights at an exception level: two bits each, EL0's first. */
#define AT_EL(el, rights) ((rights) << 2 * (el))
#define MAY_ALL           (MAY_READ | MAY_WRITE)
enum {
    HYP_RW = AT_EL(2, MAY_ALL),
    HYP_RO = AT_EL(2, MAY_READ),
    HYP_WO = AT_EL(2, MAY_WRITE),
    RW_NO = HYP_RW | AT_EL(1, MAY_ALL),
    RO_NO = HYP_RO | AT_EL(1, MAY_READ),
    WO_NO = HYP_WO | AT_EL(1, MAY_WRITE),
    RW_RW = RW_NO | AT_EL(0, MAY_ALL),
    RW_RO = RW_NO | AT_EL(0, MAY_READ),
    RO_RO = RO_NO | AT_EL(0, MAY_READ),
    WO_WO = WO_NO | AT_EL(0, MAY_WRITE),
};

struct sysreg_row {
    uint32_t encoding;
    uint8_t access;
    sysreg_guard *guard;
    uint64_t reset;
    uint64_t writable;
    sysreg_read_fn *read;
    sysreg_write_fn *write;
};

#define guard_none NULL
#define read_none  NULL
#define write_none NULL

static const struct sysreg_row rows[SYSREG_COUNT] = {
#define SYSREG(name, op0, op1, crn, crm, op2, access, guard, reset, writable, read, write)         \
    {A64_SYSREG(op0, op1, crn, crm, op2),                                                          \
     access,                                                                                       \
     guard_##guard,                                                                                \
     reset,                                                                                        \
     writable,                                                                                     \
     read_##read,                                                                                  \
     write_##write},
#include "sysreg.def"
};

/* op0 3, op1 0, CRn 0, CRm 1 to 7: unallocated encodings read as zero (D24.1, C5.1.6). */
static bool is_reserved_id(uint32_t reg)
{
    unsigned crm = reg >> 3 & 15;
    return (reg & ~UINT32_C(0x7f)) == A64_SYSREG(3, 0, 0, 0, 0) && crm >= 1 && crm <= 7;
}

/* op0 3 or 1, CRn 11 or 15 (D24.1, C5.1.2). */
static bool is_implementation_defined(uint32_t reg)
{
    unsigned op0 = reg >> 14, crn = reg >> 7 & 15;
    return (op0 == 3 || op0 == 1) && (crn == 11 || crn == 15);
}

unsigned sysreg_find(uint32_t reg)
{
    for (unsigned id = 0; id < SYSREG_COUNT; id++)
        if (rows[id].encoding == reg)
            return id;
    if (is_implementation_defined(reg))
        return SYSREG_IMPDEF_ID;
    return is_reserved_id(reg) ? SYSREG_RESERVED_ID : SYSREG_COUNT;
}

uint32_t sysreg_encoding(unsigned id)
{
    return rows[id].encoding;
}

/* What has no row: nothing may be written, and identification registers read at EL1 and EL2. */
static enum sysreg_outcome check_rowless(const struct a64_cpu *c, unsigned id,
                                         enum sysreg_direction direction)
{
    if (sysreg_trapped(c, id, direction))
        return SYSREG_TRAP_EL2;
    bool readable = id == SYSREG_RESERVED_ID && direction == SYSREG_READ && c->el != 0;
    return readable ? SYSREG_OK : SYSREG_UNDEFINED;
}

/* What EL1 has against an access of EL0 comes before what EL2 has. */
static enum sysreg_outcome check(const struct a64_cpu *c, unsigned id,
                                 enum sysreg_direction direction)
{
    const struct sysreg_row *row = &rows[id];
    unsigned right = direction == SYSREG_READ ? MAY_READ : MAY_WRITE;
    if (!(row->access >> 2 * c->el & right))
        return SYSREG_UNDEFINED;
    enum sysreg_outcome outcome = row->guard ? row->guard(c, id) : SYSREG_OK;
    if (outcome == SYSREG_OK && sysreg_trapped(c, id, direction))
        outcome = SYSREG_TRAP_EL2;
    return outcome;
}

enum sysreg_outcome sysreg_read(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    *value = 0;
    if (id >= SYSREG_COUNT)
        return check_rowless(c, id, SYSREG_READ);
    enum sysreg_outcome outcome = check(c, id, SYSREG_READ);
    if (outcome != SYSREG_OK)
        return outcome;
    if (rows[id].read)
        return rows[id].read(c, id, value);
    *value = c->sysreg[id];
    return SYSREG_OK;
}

void sysreg_store(struct a64_cpu *c, unsigned id, uint64_t value)
{
    uint64_t writable = rows[id].writable;
    c->sysreg[id] = (c->sysreg[id] & ~writable) | (value & writable);
}

enum sysreg_outcome sysreg_write(struct a64_cpu *c, unsigned id, uint64_t value)
{
    if (id >= SYSREG_COUNT)
        return check_rowless(c, id, SYSREG_WRITE);
    enum sysreg_outcome outcome = check(c, id, SYSREG_WRITE);
    if (outcome != SYSREG_OK)
        return outcome;
    if (rows[id].write)
        return rows[id].write(c, id, value);
    sysreg_store(c, id, value);
    return SYSREG_OK;
}

enum { PFR0_EL2 = 8, PFR0_GIC = 24 }; /* fields of ID_AA64PFR0_EL1 */

static uint64_t pa_range(unsigned pa_bits)
{
    static const uint8_t sizes[] = {32, 36, 40, 42, 44, 48};
    uint64_t range = 0;
    while (sizes[range] != pa_bits)
        range++;
    return range;
}

void sysreg_reset(struct a64_cpu *c)
{
    for (unsigned id = 0; id < SYSREG_COUNT; id++)
        c->sysreg[id] = rows[id].reset;
    c->sysreg[SR_MPIDR_EL1] |= c->config.mpidr;
    c->sysreg[SR_VMPIDR_EL2] |= c->config.mpidr;
    c->sysreg[SR_RVBAR_EL1] = c->sysreg[SR_RVBAR_EL2] = c->config.reset_pc;
    c->sysreg[SR_CNTFRQ_EL0] = c->config.cntfrq;
    c->sysreg[SR_ID_AA64MMFR0_EL1] |= pa_range(c->config.pa_bits);
    c->sysreg[SR_ID_AA64PFR0_EL1] |= (uint64_t)el2_present(c) << PFR0_EL2;
    if (c->ops.gic_read)
        c->sysreg[SR_ID_AA64PFR0_EL1] |= UINT64_C(1) << PFR0_GIC;
}

/* ---- Raw access ---- */

/* Registers that exist only as views of other state. */
static bool is_view(unsigned id)
{
    return id == SR_SP_EL0 || id == SR_SP_EL1 || id == SR_SPSel || id == SR_CurrentEL ||
           id == SR_NZCV || id == SR_DAIF || id == SR_FPCR || id == SR_FPSR ||
           id == SR_CNTP_CTL_EL0 || id == SR_CNTV_CTL_EL0 || id == SR_CNTHP_CTL_EL2;
}

/* System instructions, the GIC's registers and views of a selected one hold no state here; counters
 * and timer views would need the time, which belongs to the world outside. Registers of EL2 are
 * there if EL2 is. */
static bool has_storage(const struct a64_cpu *c, unsigned id)
{
    return id < SYSREG_COUNT && (el2_present(c) || rows[id].access & AT_EL(1, MAY_ALL)) &&
           rows[id].encoding >> 14 != 1 && rows[id].write != write_gic &&
           rows[id].read != read_gic && rows[id].read != read_counter &&
           rows[id].read != read_timer_tval && rows[id].read != read_pmu_selected;
}

static const uint64_t *sp_of_el1(const struct a64_cpu *c)
{
    return c->el == 1 && c->spsel ? &c->x[REG_SP] : &c->sp_bank[1];
}

bool a64_get_sysreg(const a64_cpu *c, uint32_t reg, uint64_t *value)
{
    unsigned id = sysreg_find(reg);
    if (!has_storage(c, id))
        return false;
    switch (id) {
    case SR_SP_EL0:
        *value = c->spsel ? c->sp_bank[0] : c->x[REG_SP];
        break;
    case SR_SP_EL1:
        *value = *sp_of_el1(c);
        break;
    case SR_SPSel:
        *value = c->spsel;
        break;
    case SR_CurrentEL:
        *value = (uint64_t)c->el << 2;
        break;
    case SR_NZCV:
        *value = (uint64_t)c->nzcv << 28;
        break;
    case SR_DAIF:
        *value = (uint64_t)c->daif << 6;
        break;
    case SR_FPCR:
        *value = c->fp.fpcr;
        break;
    case SR_FPSR:
        *value = c->fp.fpsr;
        break;
    default:
        *value = c->sysreg[id];
        break;
    }
    return true;
}

bool a64_set_sysreg(a64_cpu *c, uint32_t reg, uint64_t value)
{
    unsigned id = sysreg_find(reg);
    if (!has_storage(c, id) || id == SR_CurrentEL)
        return false;
    if (id == SR_SP_EL0)
        *(c->spsel ? &c->sp_bank[0] : &c->x[REG_SP]) = value;
    else if (id == SR_SP_EL1)
        *(uint64_t *)sp_of_el1(c) = value;
    else if (is_view(id))
        rows[id].write(c, id, value);
    else
        c->sysreg[id] = value;
    if (rows[id].write == write_translation || rows[id].write == write_context ||
        rows[id].write == write_hypervisor) {
        tlb_flush(c);
        cpu_update_context(c);
        cpu_update_attention(c);
    }
    if (rows[id].write == write_debug || rows[id].write == write_monitor_control)
        selfhosted_update(c);
    return true;
}
