/* SPDX-License-Identifier: Apache-2.0 */
/* The distributor's register frame (IHI 0069 12.9). */
#include "gic_priv.h"

#define IROUTER_WRITABLE UINT64_C(0x80ffffff) /* IRM, Aff2, Aff1, Aff0; no Aff3 (A3V is 0) */
#define TYPER_LPIS       (1u << 17)
#define TYPER_IDBITS_10  (9u << 19)
#define TYPER_IDBITS_16  (15u << 19)
#define FIRST_SPI_BANK   1u

static uint64_t get_ctlr(const void *dev)
{
    const struct gic *g = dev;

    return g->ctlr | GICD_CTLR_ARE | GICD_CTLR_DS;
}

static void set_ctlr(void *dev, uint64_t value)
{
    struct gic *g = dev;

    g->ctlr = value & GICD_CTLR_ENABLE_GRPS;
}

/* Neither message-based SPIs (MBIS) nor range selectors (RSS); as many LPIs as IDbits allows. */
static uint64_t get_typer(const void *dev)
{
    const struct gic *g = dev;

    return g->spi_banks | (g->pe[0].lpis ? TYPER_LPIS | TYPER_IDBITS_16 : TYPER_IDBITS_10);
}

/* INTIDs 0 to 31 have no router. */
static uint64_t get_irouter(const void *dev, unsigned intid)
{
    const struct gic *g = dev;
    unsigned spi = intid - GIC_PER_BANK;

    return spi < g->spis ? g->router[spi] : 0;
}

static void set_irouter(void *dev, unsigned intid, uint64_t value)
{
    struct gic *g = dev;
    unsigned spi = intid - GIC_PER_BANK;

    if (spi < g->spis)
        g->router[spi] = value & IROUTER_WRITABLE;
}

/* Everything else of the frame is reserved or, with one Security state and affinity routing always
 * on, RAZ/WI: GICD_IGRPMODR, GICD_NSACR, GICD_SGIR, GICD_CPENDSGIR, GICD_SPENDSGIR. */
static const struct vp_reg rows[] = {
    {"GICD_CTLR", 0x0000, 4, .get = get_ctlr, .set = set_ctlr},
    {"GICD_TYPER", 0x0004, 4, .get = get_typer},
    {"GICD_IIDR", 0x0008, 4, .value = GIC_IIDR},
    {"GICD_IROUTER", 0x6000, 8, 4 | 8, .count = 1024, .get_nth = get_irouter,
     .set_nth = set_irouter},
    GIC_ID_ROWS("GICD"),
};

static const struct vp_regs regs = {
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .size = GIC_DIST_SIZE,
    .sizes = 4,
};

static struct gic_span spis(struct gic *g)
{
    return (struct gic_span){g->spi, FIRST_SPI_BANK, g->spi_banks};
}

static enum vp_status dist_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    struct gic_span span = spis(dev);

    if (offset < GIC_DIST_SIZE && gic_bank_covers(offset))
        return vp_regs_read(&gic_bank_regs, &span, offset, size, value);
    return vp_regs_read(&regs, dev, offset, size, value);
}

static enum vp_status dist_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    struct gic_span span = spis(dev);
    enum vp_status status;

    if (offset < GIC_DIST_SIZE && gic_bank_covers(offset))
        status = vp_regs_write(&gic_bank_regs, &span, offset, size, value);
    else
        status = vp_regs_write(&regs, dev, offset, size, value);
    gic_update(dev);
    return status;
}

static const char *dist_name(uint64_t offset)
{
    const char *name = vp_regs_name(&regs, offset);

    return name ? name : vp_regs_name(&gic_bank_regs, offset);
}

const struct vp_frame gic_dist_frame = {.read = dist_read, .write = dist_write, .name = dist_name};
