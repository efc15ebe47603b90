/* SPDX-License-Identifier: Apache-2.0 */
/* The distributor's register frame (IHI 0069 12.9). */
#include "gic_priv.h"
#include "vp/regpart.h"

#define GICD_IROUTER     0x6000u
#define GICD_IROUTER_END 0x8000u
#define IROUTER_WRITABLE UINT64_C(0x80FFFFFF) /* IRM, Aff2, Aff1, Aff0; no Aff3 (A3V is 0) */
#define TYPER_LPIS       (1u << 17)
#define TYPER_IDBITS_10  (9u << 19)
#define TYPER_IDBITS_16  (15u << 19)
#define FIRST_SPI_BANK   1u

static uint32_t get_ctlr(const struct gic *g, unsigned pe)
{
    (void)pe;
    return g->ctlr | GICD_CTLR_ARE | GICD_CTLR_DS;
}

static void set_ctlr(struct gic *g, unsigned pe, uint32_t value)
{
    (void)pe;
    g->ctlr = value & GICD_CTLR_ENABLE_GRPS;
}

/* Neither message-based SPIs (MBIS) nor range selectors (RSS); as many LPIs as IDbits allows. */
static uint32_t get_typer(const struct gic *g, unsigned pe)
{
    (void)pe;
    return g->spi_banks | (g->pe[0].lpis ? TYPER_LPIS | TYPER_IDBITS_16 : TYPER_IDBITS_10);
}

/* Everything else of the frame is reserved or, with one Security state and affinity routing always
 * on, RAZ/WI: GICD_IGRPMODR, GICD_NSACR, GICD_SGIR, GICD_CPENDSGIR, GICD_SPENDSGIR. */
static const struct gic_row rows[] = {
    {.offset = 0x0000, .get = get_ctlr, .set = set_ctlr},
    {.offset = 0x0004, .get = get_typer},
    {.offset = 0x0008, .value = GIC_IIDR},
    GIC_ID_ROWS,
};
#define ROW_COUNT (sizeof(rows) / sizeof(*rows))

/* The router of the SPI at `offset`, or NULL: INTIDs 0 to 31 have none. */
static uint64_t *router_at(struct gic *g, uint32_t offset)
{
    unsigned spi = (offset - GICD_IROUTER) / 8 - GIC_PER_BANK;

    return spi < g->spis ? &g->router[spi] : NULL;
}

static struct gic_span spis(struct gic *g)
{
    return (struct gic_span){g->spi, FIRST_SPI_BANK, g->spi_banks};
}

static bool is_router(uint32_t offset)
{
    return offset >= GICD_IROUTER && offset < GICD_IROUTER_END;
}

static enum vp_status dist_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    struct gic *g = dev;
    uint32_t at = (uint32_t)offset;

    *value = 0;
    if (offset >= GIC_DIST_SIZE)
        return VP_DECERR;
    if (!vp_access_aligned(offset, size))
        return VP_SLVERR;
    if (gic_bank_covers(at))
        return gic_bank_read(spis(g), at, size, value);
    if (size != 4 && !(size == 8 && is_router(at)))
        return VP_SLVERR;
    if (is_router(at)) {
        const uint64_t *router = router_at(g, at);
        *value = router ? vp_reg_part(*router, at, size) : 0;
        return VP_OK;
    }
    *value = gic_row_read(rows, ROW_COUNT, g, 0, at);
    return VP_OK;
}

static enum vp_status write_register(struct gic *g, uint32_t at, unsigned size, uint64_t value)
{
    if (gic_bank_covers(at))
        return gic_bank_write(spis(g), at, size, value);
    if (size != 4 && !(size == 8 && is_router(at)))
        return VP_SLVERR;
    if (is_router(at)) {
        uint64_t *router = router_at(g, at);
        if (router)
            *router = vp_reg_merge(*router, at, size, value) & IROUTER_WRITABLE;
        return VP_OK;
    }
    gic_row_write(rows, ROW_COUNT, g, 0, at, (uint32_t)value);
    return VP_OK;
}

static enum vp_status dist_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    struct gic *g = dev;
    enum vp_status status;

    if (offset >= GIC_DIST_SIZE)
        return VP_DECERR;
    if (!vp_access_aligned(offset, size))
        return VP_SLVERR;
    status = write_register(g, (uint32_t)offset, size, value);
    gic_update(g);
    return status;
}

const struct vp_frame gic_dist_frame = {.read = dist_read, .write = dist_write};
