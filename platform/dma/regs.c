/* SPDX-License-Identifier: Apache-2.0 */
/* The DMA engine's registers, one page per channel. */
#include "dma_priv.h"
#include "vp/regpart.h"

#define ID_VALUE 0x31414D44u /* "DMA1" */

#define CTRL_START  (1u << 0)
#define CTRL_STOP   (1u << 1)
#define CTRL_IRQ_EN (1u << 2)

void dma_update_irq(dma *d, unsigned channel)
{
    struct dma_channel *ch = &d->channel[channel];
    bool level = ch->irq_enable && ch->status & (STATUS_DONE | STATUS_ERROR);

    if (level == ch->out)
        return;
    ch->out = level;
    if (d->ops.wires.set)
        d->ops.wires.set(d->ops.wires.user, channel, level);
}

/* A transfer keeps the DESC and SSID it was started with. */
static void start(dma *d, unsigned c)
{
    struct dma_channel *ch = &d->channel[c];

    ch->status = STATUS_BUSY;
    ch->current = ch->desc;
    ch->fault_addr = 0;
    ch->bytes = 0;
    ch->error_code = DMA_ERROR_NONE;
    ch->stop = false;
    ch->run_ssid = ch->ssid & SSID_VALID ? (uint32_t)ch->ssid & SSID_VALUE : VP_NO_SSID;
    if (d->ops.start)
        d->ops.start(d->ops.user, c);
}

/* STOP is for the transfer in progress, START for the next: together they never act on the same. */
static void set_ctrl(dma *d, unsigned c, uint64_t value)
{
    struct dma_channel *ch = &d->channel[c];

    ch->irq_enable = value & CTRL_IRQ_EN;
    if (ch->status & STATUS_BUSY)
        ch->stop |= (value & CTRL_STOP) != 0;
    else if (value & CTRL_START)
        start(d, c);
}

static void set_status(dma *d, unsigned c, uint64_t value)
{
    d->channel[c].status &= ~(value & (STATUS_DONE | STATUS_ERROR));
}

static uint64_t get_caps(const dma *d, unsigned c)
{
    (void)c;
    return (uint64_t)__builtin_ctz(d->burst) << 8 | d->channels;
}

static uint64_t get_id(const dma *d, unsigned c)
{
    (void)d, (void)c;
    return ID_VALUE;
}

/* A register reads as a member of struct dma_channel or what `get` says; a write goes to `set`, or
 * to the bits `writable` of the member. */
struct row {
    uint32_t offset;
    unsigned width; /* bytes */
    size_t member;
    uint64_t writable;
    uint64_t (*get)(const dma *d, unsigned c);
    void (*set)(dma *d, unsigned c, uint64_t value);
};

#define MEMBER(name) .member = offsetof(struct dma_channel, name)

static const struct row rows[] = {
    {0x00, 4, .get = get_id},                                     /* ID */
    {0x04, 4, .get = get_caps},                                   /* CAPS */
    {0x08, 4, MEMBER(irq_enable), .set = set_ctrl},               /* CTRL */
    {0x0C, 4, MEMBER(status), .set = set_status},                 /* STATUS */
    {0x10, 8, MEMBER(desc), .writable = UINT64_MAX},              /* DESC */
    {0x18, 8, MEMBER(current)},                                   /* CURRENT */
    {0x20, 8, MEMBER(fault_addr)},                                /* FAULT_ADDR */
    {0x28, 8, MEMBER(bytes)},                                     /* BYTES */
    {0x30, 4, MEMBER(error_code)},                                /* ERROR_CODE */
    {0x34, 4, MEMBER(ssid), .writable = SSID_VALID | SSID_VALUE}, /* SSID */
};

static const struct row *find(uint32_t offset)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (offset - rows[i].offset < rows[i].width)
            return &rows[i];
    return NULL;
}

/* Where an access goes. `row` is NULL for reserved offsets. */
struct place {
    unsigned channel;
    uint32_t offset; /* in the channel's page */
    const struct row *row;
};

static enum vp_status locate(const dma *d, uint64_t offset, unsigned size, struct place *place)
{
    if (offset / DMA_PAGE_SIZE >= d->channels)
        return VP_DECERR;
    if (!vp_access_aligned(offset, size) || size < 4)
        return VP_SLVERR;
    place->channel = (unsigned)(offset / DMA_PAGE_SIZE);
    place->offset = offset % DMA_PAGE_SIZE;
    place->row = find(place->offset);
    return place->row && size > place->row->width ? VP_SLVERR : VP_OK;
}

static uint64_t *member(dma *d, const struct place *place)
{
    return (uint64_t *)((char *)&d->channel[place->channel] + place->row->member);
}

static enum vp_status frame_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    struct place place;
    enum vp_status status = locate(dev, offset, size, &place);
    uint64_t reg;

    *value = 0;
    if (status != VP_OK || !place.row)
        return status;
    reg = place.row->get ? place.row->get(dev, place.channel) : *member(dev, &place);
    *value = vp_reg_part(reg, place.offset - place.row->offset, size);
    return VP_OK;
}

static enum vp_status frame_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    struct place place;
    enum vp_status status = locate(dev, offset, size, &place);
    dma *d = dev;

    if (status != VP_OK || !place.row)
        return status;
    if (place.row->set) {
        place.row->set(d, place.channel, value & vp_reg_mask(size));
    } else if (place.row->writable) {
        uint64_t *reg = member(d, &place);
        *reg =
            vp_reg_merge(*reg, place.offset - place.row->offset, size, value) & place.row->writable;
    }
    dma_update_irq(d, place.channel);
    return VP_OK;
}

const struct vp_frame dma_frame = {.read = frame_read, .write = frame_write};
