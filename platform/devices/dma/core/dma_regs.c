/* SPDX-License-Identifier: Apache-2.0 */
/* The DMA engine's registers, one page per channel. */
#include "dma_priv.h"
#include "vp/regs.h"

#define ID_VALUE 0x31414d44u /* "DMA1" */

#define CTRL_START  (1u << 0)
#define CTRL_STOP   (1u << 1)
#define CTRL_IRQ_EN (1u << 2)

void dma_update_irq(struct dma_channel *ch)
{
    const dma *d = ch->engine;
    bool level = ch->irq_enable && ch->status & (STATUS_DONE | STATUS_ERROR);

    if (level == ch->out)
        return;
    ch->out = level;
    if (d->ops.wires.set)
        d->ops.wires.set(d->ops.wires.user, (unsigned)(ch - d->channel), level);
}

/* A transfer keeps the DESC and SSID it was started with. */
static void start(struct dma_channel *ch)
{
    const dma *d = ch->engine;

    ch->status = STATUS_BUSY;
    ch->current = ch->desc;
    ch->fault_addr = 0;
    ch->bytes = 0;
    ch->error_code = DMA_ERROR_NONE;
    ch->stop = false;
    ch->run_ssid = ch->ssid & SSID_VALID ? ch->ssid & SSID_VALUE : VP_NO_SSID;
    if (d->ops.start)
        d->ops.start(d->ops.user, (unsigned)(ch - d->channel));
}

/* STOP is for the transfer in progress, START for the next: together they never act on the same. */
static void set_ctrl(void *dev, uint64_t value)
{
    struct dma_channel *ch = dev;

    ch->irq_enable = value & CTRL_IRQ_EN;
    if (ch->status & STATUS_BUSY)
        ch->stop |= (value & CTRL_STOP) != 0;
    else if (value & CTRL_START)
        start(ch);
}

static uint64_t get_caps(const void *dev)
{
    const dma *d = ((const struct dma_channel *)dev)->engine;

    return (uint64_t)__builtin_ctz(d->burst) << 8 | d->channels;
}

#define MEMBER(name) VP_REG_MEMBER(struct dma_channel, name)

static const struct vp_reg rows[] = {
    {"ID", 0x00, 4, .value = ID_VALUE},
    {"CAPS", 0x04, 4, .get = get_caps},
    {"CTRL", 0x08, 4, MEMBER(irq_enable), .set = set_ctrl},
    {"STATUS", 0x0c, 4, MEMBER(status), .w1c = STATUS_DONE | STATUS_ERROR},
    {"DESC", 0x10, 8, MEMBER(desc), .writable = UINT64_MAX},
    {"CURRENT", 0x18, 8, MEMBER(current)},
    {"FAULT_ADDR", 0x20, 8, MEMBER(fault_addr)},
    {"BYTES", 0x28, 8, MEMBER(bytes)},
    {"ERROR_CODE", 0x30, 4, MEMBER(error_code)},
    {"SSID", 0x34, 4, MEMBER(ssid), .writable = SSID_VALID | SSID_VALUE},
};

/* The page of a channel. */
static const struct vp_regs regs = {
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .size = DMA_PAGE_SIZE,
    .sizes = 4 | 8,
};

/* NULL past the last channel. */
static struct dma_channel *channel_at(const dma *d, uint64_t offset)
{
    uint64_t page = offset / DMA_PAGE_SIZE;

    return page < d->channels ? &d->channel[page] : NULL;
}

static enum vp_status frame_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    struct dma_channel *ch = channel_at(dev, offset);

    *value = 0;
    return ch ? vp_regs_read(&regs, ch, offset % DMA_PAGE_SIZE, size, value) : VP_DECERR;
}

static enum vp_status frame_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    struct dma_channel *ch = channel_at(dev, offset);

    if (!ch)
        return VP_DECERR;
    enum vp_status status = vp_regs_write(&regs, ch, offset % DMA_PAGE_SIZE, size, value);
    dma_update_irq(ch);
    return status;
}

static const char *frame_name(uint64_t offset)
{
    return vp_regs_name(&regs, offset % DMA_PAGE_SIZE);
}

const struct vp_frame dma_frame = {.read = frame_read, .write = frame_write, .name = frame_name};
