/* SPDX-License-Identifier: Apache-2.0 */
/* The one routine that applies rows of sysreg.def, and raw access for debuggers. */
#include "sysreg/sysreg.h"

#include <stddef.h>

#include "state/el2.h"
#include "sysreg/sysreg_hooks.h"
#include "sysreg/sysreg_trap.h"

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
    uint8_t access;
    sysreg_guard *guard;
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
    {access, guard_##guard, read_##read, write_##write, raw_read_##raw_r, raw_write_##raw_w},
#include "sysreg/sysreg.def"
};

/* Without a row nothing may be written, and identification registers read at EL1 and EL2. */
static enum sysreg_outcome check_rowless(const struct a64_cpu *c, unsigned id,
                                         enum sysreg_direction direction)
{
    if (sysreg_trapped(c, id, direction))
        return SYSREG_TRAP_EL2;
    bool readable = id == SYSREG_RESERVED_ID && direction == SYSREG_READ && c->el != 0;
    return readable ? SYSREG_OK : SYSREG_UNDEFINED;
}

/* Objections of EL1 to an access of EL0 come before those of EL2. */
static enum sysreg_outcome check(const struct a64_cpu *c, unsigned id,
                                 enum sysreg_direction direction)
{
    const struct sysreg_row *row = &rows[id];
    unsigned right = direction == SYSREG_READ ? MAY_READ : MAY_WRITE;
    if (!(row->access >> 2 * c->el & right))
        return SYSREG_UNDEFINED;
    enum sysreg_outcome outcome = row->guard ? row->guard(c, id) : SYSREG_OK;
    if (outcome == SYSREG_OK && sysreg_trap_control[id][direction] &&
        sysreg_trapped(c, id, direction))
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

enum sysreg_outcome sysreg_write(struct a64_cpu *c, unsigned id, uint64_t value)
{
    if (id >= SYSREG_COUNT)
        return check_rowless(c, id, SYSREG_WRITE);
    enum sysreg_outcome outcome = check(c, id, SYSREG_WRITE);
    if (outcome != SYSREG_OK)
        return outcome;
    if (rows[id].write)
        return rows[id].write(c, id, value);
    if (rows[id].raw_write)
        rows[id].raw_write(c, id, value);
    else
        sysreg_store(c, id, value);
    return SYSREG_OK;
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
