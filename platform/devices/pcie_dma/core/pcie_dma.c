/* SPDX-License-Identifier: Apache-2.0 */
/* Life and registers of the DMA engine. */
#include <stdio.h>
#include <stdlib.h>

#include "pcie_dma_priv.h"
#include "vp/regs.h"

#define ID_VALUE  0x314d4450u /* "PDM1" */
#define CAPS_PORT 0x00010000u

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

/* After any change of a register. */
static void update_pins(pcie_dma *d)
{
    update_pin(d, PCIE_DMA_FUNCTION);
    update_pin(d, PCIE_DMA_PORT);
}

void pcie_dma_interrupt(pcie_dma *d, unsigned ring)
{
    d->int_status |= UINT64_C(1) << ring;
    update_pins(d);
    if (d->ops.raise)
        d->ops.raise(d->ops.user, (unsigned)d->ring[ring].vector);
}

/* --- life --- */

static bool power_of_two_between(unsigned n, unsigned low, unsigned high)
{
    return n >= low && n <= high && (n & (n - 1)) == 0;
}

static bool make_windows(pcie_dma *d)
{
    for (unsigned r = 0; r < d->rings; r++) {
        d->ring[r].window = calloc(d->window, sizeof(struct burst));
        if (!d->ring[r].window)
            return false;
        for (unsigned i = 0; i < d->window; i++)
            d->ring[r].window[i].number = i;
    }
    return true;
}

pcie_dma *pcie_dma_create(const struct pcie_dma_config *config, const struct pcie_dma_ops *ops,
                          char *err, size_t err_size)
{
    if (config->rings < 1 || config->rings > PCIE_DMA_MAX_RINGS) {
        snprintf(err, err_size, "rings: %u is not between 1 and %u", config->rings,
                 PCIE_DMA_MAX_RINGS);
        return NULL;
    }
    if (!power_of_two_between(config->burst_bytes, PCIE_MIN_BURST, PCIE_MAX_BURST)) {
        snprintf(err, err_size, "burst_bytes: %u is not a power of two between %u and %u",
                 config->burst_bytes, PCIE_MIN_BURST, PCIE_MAX_BURST);
        return NULL;
    }
    if (config->window < 1 || config->window > PCIE_DMA_MAX_WINDOW) {
        snprintf(err, err_size, "window: %u is not between 1 and %u", config->window,
                 PCIE_DMA_MAX_WINDOW);
        return NULL;
    }
    pcie_dma *d = calloc(1, sizeof(*d));
    if (!d) {
        snprintf(err, err_size, "out of memory");
        return NULL;
    }
    d->ops = *ops;
    d->rings = config->rings;
    d->burst = config->burst_bytes;
    d->window = config->window;
    if (!make_windows(d)) {
        snprintf(err, err_size, "out of memory");
        pcie_dma_destroy(d);
        return NULL;
    }
    pcie_dma_reset(d);
    return d;
}

void pcie_dma_destroy(pcie_dma *d)
{
    for (unsigned r = 0; d && r < PCIE_DMA_MAX_RINGS; r++)
        free(d->ring[r].window);
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
    update_pins(d);
}

/* --- registers of the engine --- */

static uint64_t get_caps(const void *dev)
{
    const pcie_dma *d = dev;

    return (d->port ? CAPS_PORT : 0) | (uint64_t)__builtin_ctz(d->burst) << 8 | d->rings;
}

static void enable_interrupts(pcie_dma *d, enum pcie_dma_path path, uint64_t value)
{
    d->int_enable[path] = value & ((UINT64_C(1) << d->rings) - 1);
}

static void set_int_enable(void *dev, uint64_t value)
{
    enable_interrupts(dev, PCIE_DMA_FUNCTION, value);
}

static void set_port_int_enable(void *dev, uint64_t value)
{
    enable_interrupts(dev, PCIE_DMA_PORT, value);
}

static void set_stop(void *dev, uint64_t value)
{
    pcie_dma_set_stop(dev, value);
}

static bool has_port(const void *dev)
{
    return ((const pcie_dma *)dev)->port;
}

#define ENGINE_MEMBER(name) VP_REG_MEMBER(struct pcie_dma, name)

static const struct vp_reg engine_rows[] = {
    {"ID", 0x00, 4, .value = ID_VALUE},
    {"CAPS", 0x04, 4, .get = get_caps},
    {"INT_STATUS", 0x08, 4, ENGINE_MEMBER(int_status), .w1c = UINT32_MAX},
    {"INT_ENABLE", 0x0c, 4, ENGINE_MEMBER(int_enable[PCIE_DMA_FUNCTION]), .set = set_int_enable},
    {"STOP", 0x10, 4, ENGINE_MEMBER(stop), .set = set_stop},
    {"PORT_INT_ENABLE", 0x14, 4, ENGINE_MEMBER(int_enable[PCIE_DMA_PORT]),
     .set = set_port_int_enable, .guard = has_port},
};

static const struct vp_regs engine_regs = {
    .rows = engine_rows,
    .count = sizeof(engine_rows) / sizeof(*engine_rows),
    .size = PCIE_DMA_PAGE,
    .sizes = 4,
};

/* --- registers of a ring --- */

static void announce(const struct ring *ring)
{
    const pcie_dma *d = ring->engine;

    if (ring_has_work(ring) && d->ops.start)
        d->ops.start(d->ops.user, (unsigned)(ring - d->ring));
}

/* Enabling starts at descriptor 0 with a clean slate. Both make work under way unwanted. */
static void set_ctrl(void *dev, uint64_t value)
{
    struct ring *ring = dev;
    const pcie_dma *d = ring->engine;

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

static void set_size(void *dev, uint64_t value)
{
    struct ring *ring = dev;

    ring->log2_size = value > MAX_LOG2_SIZE ? MAX_LOG2_SIZE : value;
}

static void set_tail(void *dev, uint64_t value)
{
    struct ring *ring = dev;

    ring->tail = value & ((UINT64_C(1) << ring->log2_size) - 1);
    announce(ring);
}

static void set_path(void *dev, uint64_t value)
{
    struct ring *ring = dev;

    ring->path = ring->engine->port && value & 1 ? PCIE_DMA_PORT : PCIE_DMA_FUNCTION;
}

static bool is_disabled(const void *dev)
{
    return !((const struct ring *)dev)->enable;
}

#define RING_MEMBER(name) VP_REG_MEMBER(struct ring, name)

static const struct vp_reg ring_rows[] = {
    {"CTRL", 0x00, 4, RING_MEMBER(enable), .set = set_ctrl},
    {"STATUS", 0x04, 4, RING_MEMBER(status)},
    {"BASE", 0x08, 8, RING_MEMBER(base), .writable = ~(uint64_t)(DESC_BYTES - 1),
     .guard = is_disabled},
    {"SIZE", 0x10, 4, RING_MEMBER(log2_size), .set = set_size, .guard = is_disabled},
    {"PASID", 0x14, 4, RING_MEMBER(pasid), .writable = PASID_VALID | PASID_VALUE,
     .guard = is_disabled},
    {"TAIL", 0x18, 4, RING_MEMBER(tail), .set = set_tail},
    {"HEAD", 0x1c, 4, RING_MEMBER(head)},
    {"ERROR", 0x20, 4, RING_MEMBER(error)},
    {"VECTOR", 0x24, 4, RING_MEMBER(vector), .writable = PCIE_DMA_MAX_RINGS - 1},
    {"FAULT_ADDR", 0x28, 8, RING_MEMBER(fault_addr)},
    {"BYTES", 0x30, 8, RING_MEMBER(bytes)},
    {"GROUP", 0x38, 4, RING_MEMBER(group), .writable = MAX_GROUP},
    {"PATH", 0x3c, 4, RING_MEMBER(path), .set = set_path, .guard = is_disabled},
};

static const struct vp_regs ring_regs = {
    .rows = ring_rows,
    .count = sizeof(ring_rows) / sizeof(*ring_rows),
    .size = PCIE_DMA_PAGE,
    .sizes = 4 | 8,
};

/* Rings that are not there. */
static const struct vp_regs no_regs = {.size = PCIE_DMA_PAGE, .sizes = 4 | 8};

/* --- the frame: a page for the engine, then one for each ring --- */

static const struct vp_regs *page_at(pcie_dma *d, uint64_t offset, void **page)
{
    uint64_t number = offset / PCIE_DMA_PAGE;

    *page = number && number <= d->rings ? (void *)&d->ring[number - 1] : d;
    if (number == 0)
        return &engine_regs;
    return number <= d->rings ? &ring_regs : &no_regs;
}

static enum vp_status frame_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    void *page;
    const struct vp_regs *regs = page_at(dev, offset, &page);

    return vp_regs_read(regs, page, offset % PCIE_DMA_PAGE, size, value);
}

static enum vp_status frame_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    void *page;
    const struct vp_regs *regs = page_at(dev, offset, &page);
    enum vp_status status = vp_regs_write(regs, page, offset % PCIE_DMA_PAGE, size, value);

    update_pins(dev);
    return status;
}

static const char *frame_name(uint64_t offset)
{
    return vp_regs_name(offset < PCIE_DMA_PAGE ? &engine_regs : &ring_regs, offset % PCIE_DMA_PAGE);
}

const struct vp_frame pcie_dma_frame = {
    .read = frame_read, .write = frame_write, .name = frame_name};
