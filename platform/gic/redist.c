/* SPDX-License-Identifier: Apache-2.0 */
/* The redistributors' register frames, RD_base and SGI_base of each PE (IHI 0069 12.11). */
#include "lpi.h"
#include "vp/regpart.h"

#define SGI_BASE 0x10000u

#define CTLR_ENABLE_LPIS      (1u << 0)
#define CTLR_CES              (1u << 1) /* EnableLPIs can be cleared */
#define CTLR_RWP              (1u << 3)
#define TYPER_PLPIS           (UINT64_C(1) << 0)
#define TYPER_LAST            (UINT64_C(1) << 4)
#define TYPER_DPGS            (UINT64_C(1) << 5)
#define WAKER_PROCESSOR_SLEEP (1u << 1)
#define WAKER_CHILDREN_ASLEEP (1u << 2)

/* CommonLPIAff is 0: all share a configuration table. DirectLPI is 0: LPIs come from an ITS. */
static uint64_t get_typer(const struct gic *g, unsigned pe)
{
    return (uint64_t)g->pe[pe].affinity << 32 | (uint64_t)pe << 8 | TYPER_DPGS |
           (pe + 1 == g->pes ? TYPER_LAST : 0) | (g->pe[pe].lpis ? TYPER_PLPIS : 0);
}

static uint32_t get_ctlr(const struct gic *g, unsigned pe)
{
    const struct gic_lpis *lpis = g->pe[pe].lpis;

    if (!lpis)
        return g->pe[pe].ctlr;
    return g->pe[pe].ctlr | CTLR_CES | (lpis->enabled ? CTLR_ENABLE_LPIS : 0) |
           (lpis->busy ? CTLR_RWP : 0);
}

static void set_ctlr(struct gic *g, unsigned pe, uint32_t value)
{
    g->pe[pe].ctlr = value & (GICR_CTLR_DPG(0) | GICR_CTLR_DPG(1));
    gic_lpi_enable(g, pe, value & CTLR_ENABLE_LPIS);
}

static uint64_t get_propbaser(const struct gic *g, unsigned pe)
{
    return g->pe[pe].lpis ? g->pe[pe].lpis->propbaser : 0;
}

static uint64_t get_pendbaser(const struct gic *g, unsigned pe)
{
    return g->pe[pe].lpis ? g->pe[pe].lpis->pendbaser : 0;
}

/* While LPIs are enabled writes are UNPREDICTABLE: ignored. Without LPIs both are RES0. */
static bool tables_writable(const struct gic_lpis *lpis)
{
    return lpis && !lpis->enabled && !lpis->busy;
}

static void set_propbaser(struct gic *g, unsigned pe, uint64_t value)
{
    if (tables_writable(g->pe[pe].lpis))
        g->pe[pe].lpis->propbaser = value & GICR_PROPBASER_WRITABLE;
}

static void set_pendbaser(struct gic *g, unsigned pe, uint64_t value)
{
    if (tables_writable(g->pe[pe].lpis))
        g->pe[pe].lpis->pendbaser = value & GICR_PENDBASER_WRITABLE;
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
    {.offset = 0x0014, .get = get_waker, .set = set_waker},
    GIC_ID_ROWS,
};
#define ROW_COUNT (sizeof(rows) / sizeof(*rows))

/* Registers of 64 bits, accessed as a whole or by halves. Bits in `hidden` read as 0. */
struct wide_row {
    uint32_t offset;
    uint64_t hidden;
    uint64_t (*get)(const struct gic *g, unsigned pe);
    void (*set)(struct gic *g, unsigned pe, uint64_t value);
};

static const struct wide_row wide_rows[] = {
    {.offset = 0x0008, .get = get_typer},
    {.offset = 0x0070, .get = get_propbaser, .set = set_propbaser},
    {.offset = 0x0078, .hidden = GICR_PENDBASER_PTZ, .get = get_pendbaser, .set = set_pendbaser},
};

static const struct wide_row *find_wide(uint32_t at)
{
    for (size_t i = 0; i < sizeof(wide_rows) / sizeof(*wide_rows); i++)
        if (wide_rows[i].offset == (at & ~7u))
            return &wide_rows[i];
    return NULL;
}

static struct gic_span own(struct gic *g, unsigned pe)
{
    return (struct gic_span){&g->pe[pe].own, 0, 1};
}

static bool in_sgi_banks(uint32_t at)
{
    return at >= SGI_BASE && gic_bank_covers(at - SGI_BASE);
}

static enum vp_status read_register(const struct gic *g, unsigned pe, uint32_t at, unsigned size,
                                    uint64_t *value)
{
    const struct wide_row *wide = find_wide(at);

    if (size != 4 && !(size == 8 && wide))
        return VP_SLVERR;
    *value = wide ? vp_reg_part(wide->get(g, pe) & ~wide->hidden, at, size)
                  : gic_row_read(rows, ROW_COUNT, g, pe, at);
    return VP_OK;
}

static enum vp_status write_register(struct gic *g, unsigned pe, uint32_t at, unsigned size,
                                     uint64_t value)
{
    const struct wide_row *wide = find_wide(at);

    if (size != 4 && !(size == 8 && wide))
        return VP_SLVERR;
    if (!wide)
        gic_row_write(rows, ROW_COUNT, g, pe, at, (uint32_t)value);
    else if (wide->set)
        wide->set(g, pe, vp_reg_merge(wide->get(g, pe), at, size, value));
    return VP_OK;
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
    return read_register(g, (unsigned)pe, at, size, value);
}

static enum vp_status redist_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    struct gic *g = dev;
    uint64_t pe = offset / GIC_REDIST_SIZE;
    uint32_t at = offset % GIC_REDIST_SIZE;
    enum vp_status status;

    if (pe >= g->pes)
        return VP_DECERR;
    if (!vp_access_aligned(offset, size))
        return VP_SLVERR;
    if (in_sgi_banks(at))
        status = gic_bank_write(own(g, (unsigned)pe), at - SGI_BASE, size, value);
    else
        status = write_register(g, (unsigned)pe, at, size, value);
    gic_update(g);
    return status;
}

const struct vp_frame gic_redist_frame = {.read = redist_read, .write = redist_write};
