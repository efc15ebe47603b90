/* SPDX-License-Identifier: Apache-2.0 */
/* The one routine that applies rows of sysreg.def, and raw access for debuggers. */
#include "sysreg.h"

#include <stddef.h>

#include "sysreg_hooks.h"

enum { MAY_READ = 1, MAY_WRITE = 2 };

/* Rights at EL1, then at EL0, as bits 0-1 and 2-3. */
enum {
    RW_NO = MAY_READ | MAY_WRITE,
    RO_NO = MAY_READ,
    WO_NO = MAY_WRITE,
    RW_RW = RW_NO | (MAY_READ | MAY_WRITE) << 2,
    RW_RO = RW_NO | MAY_READ << 2,
    RO_RO = RO_NO | MAY_READ << 2,
    WO_WO = WO_NO | MAY_WRITE << 2,
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

unsigned sysreg_find(uint32_t reg)
{
    for (unsigned id = 0; id < SYSREG_COUNT; id++)
        if (rows[id].encoding == reg)
            return id;
    return is_reserved_id(reg) ? SYSREG_RESERVED_ID : SYSREG_COUNT;
}

uint32_t sysreg_encoding(unsigned id)
{
    return rows[id].encoding;
}

static enum sysreg_outcome check(const struct a64_cpu *c, unsigned id, unsigned right)
{
    const struct sysreg_row *row = &rows[id];
    unsigned rights = c->el == 0 ? row->access >> 2 : row->access;
    if (!(rights & right))
        return SYSREG_UNDEFINED;
    return row->guard ? row->guard(c, id) : SYSREG_OK;
}

enum sysreg_outcome sysreg_read(struct a64_cpu *c, unsigned id, uint64_t *value)
{
    if (id == SYSREG_RESERVED_ID) {
        *value = 0;
        return c->el == 0 ? SYSREG_UNDEFINED : SYSREG_OK;
    }
    enum sysreg_outcome outcome = check(c, id, MAY_READ);
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
    if (id == SYSREG_RESERVED_ID)
        return SYSREG_UNDEFINED;
    enum sysreg_outcome outcome = check(c, id, MAY_WRITE);
    if (outcome != SYSREG_OK)
        return outcome;
    if (rows[id].write)
        return rows[id].write(c, id, value);
    sysreg_store(c, id, value);
    return SYSREG_OK;
}

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
    c->sysreg[SR_RVBAR_EL1] = c->config.reset_pc;
    c->sysreg[SR_CNTFRQ_EL0] = c->config.cntfrq;
    c->sysreg[SR_ID_AA64MMFR0_EL1] |= pa_range(c->config.pa_bits);
    if (c->ops.gic_read)
        c->sysreg[SR_ID_AA64PFR0_EL1] |= UINT64_C(1) << 24;
}

/* ---- Raw access ---- */

/* Registers that exist only as views of other state. */
static bool is_view(unsigned id)
{
    return id == SR_SP_EL0 || id == SR_SPSel || id == SR_CurrentEL || id == SR_NZCV ||
           id == SR_DAIF || id == SR_FPCR || id == SR_FPSR || id == SR_CNTP_CTL_EL0 ||
           id == SR_CNTV_CTL_EL0;
}

/* System instructions, the GIC's registers and views of a selected one hold no state here; counters
 * and timer views would need the time, which belongs to the world outside. */
static bool has_storage(unsigned id)
{
    return id < SYSREG_COUNT && rows[id].encoding >> 14 != 1 && rows[id].write != write_gic &&
           rows[id].read != read_gic && rows[id].read != read_counter &&
           rows[id].read != read_timer_tval && rows[id].read != read_pmu_selected;
}

bool a64_get_sysreg(const a64_cpu *c, uint32_t reg, uint64_t *value)
{
    unsigned id = sysreg_find(reg);
    if (!has_storage(id))
        return false;
    switch (id) {
    case SR_SP_EL0:
        *value = c->spsel ? c->sp_bank[0] : c->x[REG_SP];
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
    if (!has_storage(id) || id == SR_CurrentEL)
        return false;
    if (id == SR_SP_EL0)
        *(c->spsel ? &c->sp_bank[0] : &c->x[REG_SP]) = value;
    else if (is_view(id))
        rows[id].write(c, id, value);
    else
        c->sysreg[id] = value;
    if (rows[id].write == write_translation || rows[id].write == write_context) {
        tlb_flush(c);
        cpu_update_context(c);
    }
    if (rows[id].write == write_debug)
        selfhosted_update(c);
    return true;
}
