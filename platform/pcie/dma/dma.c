/* SPDX-License-Identifier: Apache-2.0 */
/* Life and registers of the DMA engine. */
#include <stdio.h>
#include <stdlib.h>

#include "dma_priv.h"
#include "vp/regpart.h"

#define ID_VALUE  0x314D4450u /* "PDM1" */
#define CAPS_PORT 0x00010000u

/* --- life --- */

static bool power_of_two_between(unsigned n, unsigned low, unsigned high)
{
    return n >= low && n <= high && (n & (n - 1)) == 0;
}

pcie_dma *pcie_dma_create(const struct pcie_dma_config *config, const struct pcie_dma_ops *ops,
                          char *err, size_t err_size)
{
    pcie_dma *d;

    if (config->rings < 1 || config->rings > PCIE_DMA_MAX_RINGS) {
        snprintf(err, err_size, "rings: %u is not between 1 and %u", config->rings,
                 PCIE_DMA_MAX_RINGS);
        return NULL;
    }
    if (!power_of_two_between(config->burst_bytes, PCIE_DMA_MIN_BURST, PCIE_DMA_MAX_BURST)) {
        snprintf(err, err_size, "burst_bytes: %u is not a power of two between %u and %u",
                 config->burst_bytes, PCIE_DMA_MIN_BURST, PCIE_DMA_MAX_BURST);
        return NULL;
    }
    d = calloc(1, sizeof(*d));
    if (!d) {
        snprintf(err, err_size, "out of memory");
        return NULL;
    }
    d->ops = *ops;
    d->rings = config->rings;
    d->burst = config->burst_bytes;
    pcie_dma_reset(d);
    return d;
}

void pcie_dma_destroy(pcie_dma *d)
{
    free(d);
}

void pcie_dma_add_port(pcie_dma *d)
{
    d->port = true;
}

void pcie_dma_reset(pcie_dma *d)
{
    for (unsigned r = 0; r < d->rings; r++)
        ring_reset(d, r);
    d->int_status = 0;
    for (unsigned path = 0; path < PCIE_DMA_PATHS; path++)
        d->int_enable[path] = 0;
    d->stop = 0;
    dma_update_pins(d);
}

/* --- interrupts --- */

static void update_pin(pcie_dma *d, enum pcie_dma_path path)
{
    bool level = (d->int_status & d->int_enable[path]) != 0;

    if (level == d->pin[path])
        return;
    d->pin[path] = level;
    if (d->ops.pin)
        d->ops.pin(d->ops.user, path, level);
}

void dma_update_pins(pcie_dma *d)
{
    update_pin(d, PCIE_DMA_FUNCTION);
    update_pin(d, PCIE_DMA_PORT);
}

void dma_interrupt(pcie_dma *d, unsigned ring)
{
    d->int_status |= UINT64_C(1) << ring;
    dma_update_pins(d);
    if (d->ops.raise)
        d->ops.raise(d->ops.user, (unsigned)d->ring[ring].vector);
}

/* --- registers of the engine --- */

static uint64_t caps(const pcie_dma *d)
{
    return (d->port ? CAPS_PORT : 0) | (uint64_t)__builtin_ctz(d->burst) << 8 | d->rings;
}

static uint64_t engine_read(const pcie_dma *d, uint64_t offset)
{
    switch (offset) {
    case 0x00:
        return ID_VALUE;
    case 0x04:
        return caps(d);
    case 0x08:
        return d->int_status;
    case 0x0C:
        return d->int_enable[PCIE_DMA_FUNCTION];
    case 0x10:
        return d->stop;
    case 0x14:
        return d->int_enable[PCIE_DMA_PORT];
    default:
        return 0;
    }
}

static void engine_write(pcie_dma *d, uint64_t offset, uint64_t value)
{
    uint64_t rings = (UINT64_C(1) << d->rings) - 1;

    if (offset == 0x08)
        d->int_status &= ~value;
    else if (offset == 0x0C)
        d->int_enable[PCIE_DMA_FUNCTION] = value & rings;
    else if (offset == 0x10)
        dma_set_stop(d, value);
    else if (offset == 0x14 && d->port)
        d->int_enable[PCIE_DMA_PORT] = value & rings;
    dma_update_pins(d);
}

/* --- registers of a ring --- */

static void announce(pcie_dma *d, unsigned r)
{
    if (ring_has_work(&d->ring[r]) && d->ops.start)
        d->ops.start(d->ops.user, r);
}

/* Enabling starts at descriptor 0 with a clean slate. Both make work under way unwanted. */
static void set_ctrl(pcie_dma *d, unsigned r, uint64_t value)
{
    struct ring *ring = &d->ring[r];

    if ((value & 1) == ring->enable)
        return;
    ring->enable = value & 1;
    ring->life++;
    if (d->ops.reconsider)
        d->ops.reconsider(d->ops.user);
    if (!ring->enable)
        return;
    ring->status = 0;
    ring->head = 0;
    ring->tail = 0;
    ring->error = RING_OK;
    ring->fault_addr = 0;
    ring->bytes = 0;
}

static void set_size(pcie_dma *d, unsigned r, uint64_t value)
{
    d->ring[r].log2_size = value > MAX_LOG2_SIZE ? MAX_LOG2_SIZE : value;
}

static void set_tail(pcie_dma *d, unsigned r, uint64_t value)
{
    struct ring *ring = &d->ring[r];

    ring->tail = value & ((UINT64_C(1) << ring->log2_size) - 1);
    announce(d, r);
}

static void set_path(pcie_dma *d, unsigned r, uint64_t value)
{
    d->ring[r].path = d->port && value & 1 ? PCIE_DMA_PORT : PCIE_DMA_FUNCTION;
}

/* A register reads as a member of struct ring; a write goes to `set`, or to the bits `writable` of
 * the member. What is fixed does not change while the ring is enabled. */
struct row {
    uint32_t offset;
    unsigned width; /* bytes */
    size_t member;
    uint64_t writable;
    bool fixed;
    void (*set)(pcie_dma *d, unsigned ring, uint64_t value);
};

#define MEMBER(name) .member = offsetof(struct ring, name)

static const struct row rows[] = {
    {0x00, 4, MEMBER(enable), .set = set_ctrl},                                      /* CTRL */
    {0x04, 4, MEMBER(status)},                                                       /* STATUS */
    {0x08, 8, MEMBER(base), .writable = ~(uint64_t)(DESC_BYTES - 1), .fixed = true}, /* BASE */
    {0x10, 4, MEMBER(log2_size), .fixed = true, .set = set_size},                    /* SIZE */
    {0x14, 4, MEMBER(pasid), .writable = PASID_VALID | PASID_VALUE, .fixed = true},  /* PASID */
    {0x18, 4, MEMBER(tail), .set = set_tail},                                        /* TAIL */
    {0x1C, 4, MEMBER(head)},                                                         /* HEAD */
    {0x20, 4, MEMBER(error)},                                                        /* ERROR */
    {0x24, 4, MEMBER(vector), .writable = PCIE_DMA_MAX_RINGS - 1},                   /* VECTOR */
    {0x28, 8, MEMBER(fault_addr)},                           /* FAULT_ADDR */
    {0x30, 8, MEMBER(bytes)},                                /* BYTES */
    {0x38, 4, MEMBER(group), .writable = MAX_GROUP},         /* GROUP */
    {0x3C, 4, MEMBER(path), .fixed = true, .set = set_path}, /* PATH */
};

static const struct row *find(uint32_t offset)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (offset - rows[i].offset < rows[i].width)
            return &rows[i];
    return NULL;
}

static uint64_t *member(struct ring *ring, const struct row *row)
{
    return (uint64_t *)((char *)ring + row->member);
}

static void ring_write(pcie_dma *d, unsigned r, const struct row *row, uint32_t offset,
                       unsigned size, uint64_t value)
{
    struct ring *ring = &d->ring[r];
    uint64_t *reg = member(ring, row);

    if (row->fixed && ring->enable)
        return;
    if (row->set)
        row->set(d, r, value & vp_reg_mask(size));
    else if (row->writable)
        *reg = vp_reg_merge(*reg, offset - row->offset, size, value) & row->writable;
}

/* --- the frame --- */

/* Where an access goes. Of the engine's own page, `ring` means nothing and `row` is NULL. */
struct place {
    bool engine;
    unsigned ring;
    uint32_t offset; /* in the page */
    const struct row *row;
};

static enum vp_status locate(const pcie_dma *d, uint64_t offset, unsigned size, struct place *place)
{
    uint64_t page = offset / PCIE_DMA_PAGE;

    if (!vp_access_aligned(offset, size) || size < 4)
        return VP_SLVERR;
    *place = (struct place){.engine = page == 0, .offset = offset % PCIE_DMA_PAGE};
    if (place->engine)
        return size > 4 ? VP_SLVERR : VP_OK;
    place->ring = (unsigned)page - 1;
    if (page <= d->rings)
        place->row = find(place->offset);
    return place->row && size > place->row->width ? VP_SLVERR : VP_OK;
}

static enum vp_status frame_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    pcie_dma *d = dev;
    struct place place;
    enum vp_status status = locate(d, offset, size, &place);

    *value = 0;
    if (status != VP_OK)
        return status;
    if (place.engine)
        *value = engine_read(d, place.offset);
    else if (place.row)
        *value = vp_reg_part(*member(&d->ring[place.ring], place.row),
                             place.offset - place.row->offset, size);
    return VP_OK;
}

static enum vp_status frame_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    pcie_dma *d = dev;
    struct place place;
    enum vp_status status = locate(d, offset, size, &place);

    if (status != VP_OK)
        return status;
    if (place.engine)
        engine_write(d, place.offset, value & vp_reg_mask(size));
    else if (place.row)
        ring_write(d, place.ring, place.row, place.offset, size, value);
    return VP_OK;
}

const struct vp_frame pcie_dma_frame = {.read = frame_read, .write = frame_write};
