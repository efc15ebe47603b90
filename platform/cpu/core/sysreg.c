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
    uint64_t writable;
    sysreg_read_fn *read;
    sysreg_write_fn *write;
    sysreg_raw_read_fn *raw_read; /* NULL: from c->sysreg */
    sysreg_raw_write_fn *raw_write;
};

#define guard_none     NULL
#define read_none      NULL
#define write_none     NULL
#define raw_read_kept  NULL
#define raw_write_kept NULL

static bool raw_read_none(const struct a64_cpu *c, unsigned id, uint64_t *value)
{
    (void)c, (void)id, (void)value;
    return false;
}

static bool raw_write_none(struct a64_cpu *c, unsigned id, uint64_t value)
{
    (void)c, (void)id, (void)value;
    return false;
}

static const struct sysreg_row rows[SYSREG_COUNT] = {
#define SYSREG(name, op0, op1, crn, crm, op2, access, guard, reset, writable, read, write, raw_r,  \
               raw_w)                                                                              \
    {A64_SYSREG(op0, op1, crn, crm, op2),                                                          \
     access,                                                                                       \
     guard_##guard,                                                                                \
     writable,                                                                                     \
     read_##read,                                                                                  \
     write_##write,                                                                                \
     raw_read_##raw_r,                                                                             \
     raw_write_##raw_w},
#include "sysreg.def"
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

static bool raw_read(const struct a64_cpu *c, unsigned id, uint64_t *value)
{
    if (rows[id].raw_read)
        return rows[id].raw_read(c, id, value);
    *value = c->sysreg[id];
    return true;
}

static bool raw_write(struct a64_cpu *c, unsigned id, uint64_t value)
{
    if (rows[id].raw_write)
        return rows[id].raw_write(c, id, value);
    c->sysreg[id] = value;
    return true;
}

/* `before` with the bits of `value` that a write changes. */
static uint64_t merge(unsigned id, uint64_t before, uint64_t value)
{
    uint64_t writable = rows[id].writable;
    return (before & ~writable) | (value & writable);
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
    raw_read(c, id, value);
    return SYSREG_OK;
}

void sysreg_store(struct a64_cpu *c, unsigned id, uint64_t value)
{
    c->sysreg[id] = merge(id, c->sysreg[id], value);
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
    uint64_t before = 0;
    raw_read(c, id, &before);
    raw_write(c, id, merge(id, before, value));
    return SYSREG_OK;
}

/* ---- Reset: what depends on the configuration ---- */

static uint64_t id_aa64pfr0(const struct a64_cpu *c)
{
    return 0x11 | bits_put(ID_AA64PFR0_EL2, el2_present(c)) |
           bits_put(ID_AA64PFR0_GIC, c->ops.gic_read != NULL);
}

static uint64_t id_aa64mmfr0(const struct a64_cpu *c)
{
    static const uint8_t sizes[] = {32, 36, 40, 42, 44, 48};
    uint64_t pa_range = 0;
    while (sizes[pa_range] != c->config.pa_bits)
        pa_range++;
    return 0x00100020 | bits_put(ID_AA64MMFR0_PARANGE, pa_range);
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
#include "sysreg.def"
}

/* ---- Raw access ---- */

/* Registers of EL2 are there if EL2 is. */
static bool is_there(const struct a64_cpu *c, unsigned id)
{
    return id < SYSREG_COUNT && (el2_present(c) || rows[id].access & AT_EL(1, MAY_ALL));
}

bool a64_get_sysreg(const a64_cpu *c, uint32_t reg, uint64_t *value)
{
    unsigned id = sysreg_find(reg);
    return is_there(c, id) && raw_read(c, id, value);
}

bool a64_set_sysreg(a64_cpu *c, uint32_t reg, uint64_t value)
{
    unsigned id = sysreg_find(reg);
    return is_there(c, id) && raw_write(c, id, value);
}
