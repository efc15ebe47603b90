/* SPDX-License-Identifier: Apache-2.0 */
/* The redistributors' register frames, RD_base and SGI_base of each PE (IHI 0069 12.11). */
#include "gic_lpi.h"

#define SGI_BASE 0x10000u

#define CTLR_ENABLE_LPIS      (1u << 0)
#define CTLR_CES              (1u << 1) /* EnableLPIs can be cleared */
#define CTLR_RWP              (1u << 3)
#define TYPER_PLPIS           (UINT64_C(1) << 0)
#define TYPER_LAST            (UINT64_C(1) << 4)
#define TYPER_DPGS            (UINT64_C(1) << 5)
#define WAKER_PROCESSOR_SLEEP (1u << 1)
#define WAKER_CHILDREN_ASLEEP (1u << 2)

static unsigned number(const struct gic_pe *pe)
{
    return (unsigned)(pe - pe->gic->pe);
}

/* CommonLPIAff is 0: all share a configuration table. DirectLPI is 0: LPIs come from an ITS. */
static uint64_t get_typer(const void *dev)
{
    const struct gic_pe *pe = dev;

    return (uint64_t)pe->affinity << 32 | (uint64_t)number(pe) << 8 | TYPER_DPGS |
           (number(pe) + 1 == pe->gic->pes ? TYPER_LAST : 0) | (pe->lpis ? TYPER_PLPIS : 0);
}

static uint64_t get_ctlr(const void *dev)
{
    const struct gic_pe *pe = dev;
    const struct gic_lpis *lpis = pe->lpis;

    if (!lpis)
        return pe->ctlr;
    return pe->ctlr | CTLR_CES | (lpis->enabled ? CTLR_ENABLE_LPIS : 0) |
           (lpis->busy ? CTLR_RWP : 0);
}

static void set_ctlr(void *dev, uint64_t value)
{
    struct gic_pe *pe = dev;

    pe->ctlr = value & (GICR_CTLR_DPG(0) | GICR_CTLR_DPG(1));
    gic_lpi_enable(pe->gic, number(pe), value & CTLR_ENABLE_LPIS);
}

static uint64_t get_propbaser(const void *dev)
{
    const struct gic_pe *pe = dev;

    return pe->lpis ? pe->lpis->propbaser : 0;
}

static uint64_t get_pendbaser(const void *dev)
{
    const struct gic_pe *pe = dev;

    return pe->lpis ? pe->lpis->pendbaser : 0;
}

/* While LPIs are enabled writes are UNPREDICTABLE: ignored. Without LPIs both are RES0. */
static bool tables_writable(const void *dev)
{
    const struct gic_lpis *lpis = ((const struct gic_pe *)dev)->lpis;

    return lpis && !lpis->enabled && !lpis->busy;
}

static void set_propbaser(void *dev, uint64_t value)
{
    struct gic_pe *pe = dev;

    pe->lpis->propbaser = value & GICR_PROPBASER_WRITABLE;
}

static void set_pendbaser(void *dev, uint64_t value)
{
    struct gic_pe *pe = dev;

    pe->lpis->pendbaser = value & GICR_PENDBASER_WRITABLE;
}

/* The interface goes to sleep and wakes within the write (GICR_WAKER). */
static uint64_t get_waker(const void *dev)
{
    const struct gic_pe *pe = dev;

    return pe->asleep ? WAKER_PROCESSOR_SLEEP | WAKER_CHILDREN_ASLEEP : 0;
}

static void set_waker(void *dev, uint64_t value)
{
    struct gic_pe *pe = dev;

    pe->asleep = value & WAKER_PROCESSOR_SLEEP;
}

static const struct vp_reg rows[] = {
    {"GICR_CTLR", 0x0000, 4, .get = get_ctlr, .set = set_ctlr},
    {"GICR_IIDR", 0x0004, 4, .value = GIC_IIDR},
    {"GICR_TYPER", 0x0008, 8, 4 | 8, .get = get_typer},
    {"GICR_WAKER", 0x0014, 4, .get = get_waker, .set = set_waker},
    {"GICR_PROPBASER", 0x0070, 8, 4 | 8, .get = get_propbaser, .set = set_propbaser,
     .guard = tables_writable},
    {"GICR_PENDBASER", 0x0078, 8, 4 | 8, .get = get_pendbaser, .hidden = GICR_PENDBASER_PTZ,
     .set = set_pendbaser, .guard = tables_writable},
    GIC_ID_ROWS("GICR"),
};

/* The frames of a PE; what else SGI_base has is in the bank. */
static const struct vp_regs regs = {
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .size = GIC_REDIST_SIZE,
    .sizes = 4,
};

static bool in_sgi_bank(uint32_t at)
{
    return at >= SGI_BASE && gic_bank_covers(at - SGI_BASE);
}

static enum vp_status redist_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    struct gic *g = dev;
    uint64_t pe = offset / GIC_REDIST_SIZE;
    uint32_t at = offset % GIC_REDIST_SIZE;

    *value = 0;
    if (pe >= g->pes)
        return VP_DECERR;
    if (!in_sgi_bank(at))
        return vp_regs_read(&regs, &g->pe[pe], at, size, value);
    struct gic_span own = {&g->pe[pe].own, 0, 1};
    return vp_regs_read(&gic_bank_regs, &own, at - SGI_BASE, size, value);
}

static enum vp_status redist_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    struct gic *g = dev;
    uint64_t pe = offset / GIC_REDIST_SIZE;
    uint32_t at = offset % GIC_REDIST_SIZE;
    enum vp_status status;

    if (pe >= g->pes)
        return VP_DECERR;
    struct gic_span own = {&g->pe[pe].own, 0, 1};
    if (in_sgi_bank(at))
        status = vp_regs_write(&gic_bank_regs, &own, at - SGI_BASE, size, value);
    else
        status = vp_regs_write(&regs, &g->pe[pe], at, size, value);
    gic_update(g);
    return status;
}

static const char *redist_name(uint64_t offset)
{
    uint32_t at = offset % GIC_REDIST_SIZE;

    return in_sgi_bank(at) ? vp_regs_name(&gic_bank_regs, at - SGI_BASE) : vp_regs_name(&regs, at);
}

const struct vp_frame gic_redist_frame = {
    .read = redist_read, .write = redist_write, .name = redist_name};
