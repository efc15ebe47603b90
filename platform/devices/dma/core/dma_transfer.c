/* SPDX-License-Identifier: Apache-2.0 */
/* The transfer loop: descriptors fetched one after the other, data moved in bursts. */
#include "dma_priv.h"
#include "vp/little_endian.h"

#define DESC_BYTES 32u
#define FLAG_LAST  1u

struct descriptor {
    uint64_t src;
    uint64_t dst;
    uint32_t length;
    uint32_t flags;
    uint64_t next;
};

/* How far a step came. */
enum outcome {
    DONE,    /* everything asked for is done */
    STOPPED, /* by STOP, before the end */
    FAILED,  /* the channel says why */
};

static struct descriptor decode(const uint8_t raw[DESC_BYTES])
{
    return (struct descriptor){
        .src = vp_load_le64(raw),
        .dst = vp_load_le64(raw + 8),
        .length = vp_load_le32(raw + 16),
        .flags = vp_load_le32(raw + 20),
        .next = vp_load_le64(raw + 24),
    };
}

static bool well_formed(const struct descriptor *desc)
{
    return desc->length != 0 && (desc->flags & ~FLAG_LAST) == 0;
}

static enum outcome fail(struct dma_channel *ch, enum dma_error error, uint64_t addr)
{
    ch->error_code = error;
    ch->fault_addr = addr;
    return FAILED;
}

static enum outcome fetch(dma *d, unsigned c, struct descriptor *desc)
{
    struct dma_channel *ch = &d->channel[c];
    const struct vp_bus *bus = &d->ops.bus;
    uint8_t raw[DESC_BYTES];

    if (ch->current % DESC_BYTES != 0)
        return fail(ch, DMA_ERROR_MALFORMED, ch->current);
    if (bus->read(bus->user, ch->current, raw, DESC_BYTES, c, ch->run_ssid) != VP_OK)
        return fail(ch, DMA_ERROR_DESC_READ, ch->current);
    *desc = decode(raw);
    return well_formed(desc) ? DONE : fail(ch, DMA_ERROR_MALFORMED, ch->current);
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The largest burst that crosses a burst boundary neither at `src` nor at `dst`. */
static uint32_t burst_size(uint32_t burst, uint64_t src, uint64_t dst, uint32_t left)
{
    uint32_t src_room = burst - (uint32_t)(src % burst);
    uint32_t dst_room = burst - (uint32_t)(dst % burst);

    return min_u32(left, min_u32(src_room, dst_room));
}

static enum outcome move(dma *d, unsigned c, const struct descriptor *desc)
{
    struct dma_channel *ch = &d->channel[c];
    const struct vp_bus *bus = &d->ops.bus;
    uint8_t data[DMA_MAX_BURST];
    uint64_t src = desc->src;
    uint64_t dst = desc->dst;
    uint32_t n;

    for (uint32_t left = desc->length; left; left -= n) {
        if (ch->stop)
            return STOPPED;
        n = burst_size(d->burst, src, dst, left);
        if (bus->read(bus->user, src, data, n, c, ch->run_ssid) != VP_OK)
            return fail(ch, DMA_ERROR_SRC_READ, src);
        if (bus->write(bus->user, dst, data, n, c, ch->run_ssid) != VP_OK)
            return fail(ch, DMA_ERROR_DST_WRITE, dst);
        src += n;
        dst += n;
        ch->bytes += n;
    }
    return DONE;
}

static enum outcome transfer(dma *d, unsigned c)
{
    struct dma_channel *ch = &d->channel[c];
    struct descriptor desc;
    enum outcome outcome;

    for (;;) {
        outcome = fetch(d, c, &desc);
        if (outcome == DONE)
            outcome = move(d, c, &desc);
        if (outcome != DONE || desc.flags & FLAG_LAST)
            return outcome;
        ch->current = desc.next;
        if (ch->stop)
            return STOPPED;
    }
}

void dma_run_channel(dma *d, unsigned channel)
{
    static const uint8_t status_after[] = {
        [DONE] = STATUS_DONE, [STOPPED] = 0, [FAILED] = STATUS_ERROR};
    struct dma_channel *ch = &d->channel[channel];

    if (!(ch->status & STATUS_BUSY))
        return;
    ch->status = status_after[transfer(d, channel)];
    dma_update_irq(ch);
}
