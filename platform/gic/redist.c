/* SPDX-License-Identifier: Apache-2.0 */
/* The redistributors' register frames, RD_base and SGI_base of each PE (IHI 0069 12.11). */
#include "gic_priv.h"
#include "vp/regpart.h"

#define SGI_BASE 0x10000u

/* RD_base */
#define GICR_TYPER 0x0008u

#define TYPER_LAST            (UINT64_C(1) << 4)
#define TYPER_DPGS            (UINT64_C(1) << 5)
#define WAKER_PROCESSOR_SLEEP (1u << 1)
#define WAKER_CHILDREN_ASLEEP (1u << 2)

/* PLPIS is 0: GICR_CTLR.EnableLPIs, GICR_PROPBASER and GICR_PENDBASER are RES0. */
static uint64_t typer(const struct gic *g, unsigned pe)
{
    return (uint64_t)gic_affinity(pe) << 32 | (uint64_t)pe << 8 | TYPER_DPGS |
           (pe + 1 == g->pes ? TYPER_LAST : 0);
}

static uint32_t get_typer_low(const struct gic *g, unsigned pe)
{
    return (uint32_t)typer(g, pe);
}

static uint32_t get_typer_high(const struct gic *g, unsigned pe)
{
    return (uint32_t)(typer(g, pe) >> 32);
}

static uint32_t get_ctlr(const struct gic *g, unsigned pe)
{
    return g->pe[pe].ctlr;
}

static void set_ctlr(struct gic *g, unsigned pe, uint32_t value)
{
    g->pe[pe].ctlr = value & (GICR_CTLR_DPG(0) | GICR_CTLR_DPG(1));
}

/* The interface goes to sleep and wakes within the write (GICR_WAKER). */
static uint32_t get_waker(const struct gic *g, unsigned pe)
{
    return g->pe[pe].asleep ? WAKER_PROCESSOR_SLEEP | WAKER_CHILDREN_ASLEEP : 0;
}

static void set_waker(struct gic *g, unsigned pe, uint32_t value)
{
    g->pe[pe].asleep = value & WAKER_PROCESSOR_SLEEP;
}

static const struct gic_row rows[] = {
    {.offset = 0x0000, .get = get_ctlr, .set = set_ctlr},
    {.offset = 0x0004, .value = GIC_IIDR},
    {.offset = GICR_TYPER, .get = get_typer_low},
    {.offset = GICR_TYPER + 4, .get = get_typer_high},
    {.offset = 0x0014, .get = get_waker, .set = set_waker},
    GIC_ID_ROWS,
};
#define ROW_COUNT (sizeof(rows) / sizeof(*rows))

static struct gic_span own(struct gic *g, unsigned pe)
{
    return (struct gic_span){&g->pe[pe].own, 0, 1};
}

static bool in_sgi_banks(uint32_t at)
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
    if (!vp_access_aligned(offset, size))
        return VP_SLVERR;
    if (in_sgi_banks(at))
        return gic_bank_read(own(g, (unsigned)pe), at - SGI_BASE, size, value);
    if (size == 8 && at == GICR_TYPER)
        *value = typer(g, (unsigned)pe);
    else if (size == 4)
        *value = gic_row_read(rows, ROW_COUNT, g, (unsigned)pe, at);
    else
        return VP_SLVERR;
    return VP_OK;
}

static enum vp_status redist_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    struct gic *g = dev;
    uint64_t pe = offset / GIC_REDIST_SIZE;
    uint32_t at = offset % GIC_REDIST_SIZE;
    enum vp_status status = VP_OK;

    if (pe >= g->pes)
        return VP_DECERR;
    if (!vp_access_aligned(offset, size))
        return VP_SLVERR;
    if (in_sgi_banks(at))
        status = gic_bank_write(own(g, (unsigned)pe), at - SGI_BASE, size, value);
    else if (size == 4)
        gic_row_write(rows, ROW_COUNT, g, (unsigned)pe, at, (uint32_t)value);
    else if (size != 8 || at != GICR_TYPER)
        status = VP_SLVERR;
    gic_update(g);
    return status;
}

const struct vp_frame gic_redist_frame = {.read = redist_read, .write = redist_write};
