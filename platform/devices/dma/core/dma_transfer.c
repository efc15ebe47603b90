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

/* --- bursts --- */

/* What one read and one write move. */
struct burst {
    uint32_t offset;
    uint32_t size;
};

/* The next burst, if one may begin. */
static bool take_burst(const dma *d, struct dma_channel *ch, struct burst *b)
{
    if (ch->stop || ch->failure.error != DMA_ERROR_NONE || ch->begun == ch->length)
        return false;
    b->offset = ch->begun;
    b->size =
        burst_size(d->burst, ch->src + b->offset, ch->dst + b->offset, ch->length - b->offset);
    ch->begun += b->size;
    return true;
}

/* Whether one that comes before has failed. */
static bool is_lost(const struct dma_channel *ch, const struct burst *b)
{
    return ch->failure.error != DMA_ERROR_NONE && ch->failure.offset < b->offset;
}

static void fail_burst(struct dma_channel *ch, const struct burst *b, enum dma_error error,
                       uint64_t addr)
{
    if (!is_lost(ch, b))
        ch->failure = (struct dma_failure){error, b->offset, addr};
}

/* One that is lost is not written: moved in order, it would never have begun. */
static void move_burst(dma *d, unsigned c, const struct burst *b)
{
    struct dma_channel *ch = &d->channel[c];
    const struct vp_bus *bus = &d->ops.bus;
    uint64_t src = ch->src + b->offset;
    uint64_t dst = ch->dst + b->offset;
    uint8_t data[DMA_MAX_BURST];

    if (bus->read(bus->user, src, data, b->size, c, ch->run_ssid) != VP_OK)
        fail_burst(ch, b, DMA_ERROR_SRC_READ, src);
    else if (is_lost(ch, b))
        return;
    else if (bus->write(bus->user, dst, data, b->size, c, ch->run_ssid) != VP_OK)
        fail_burst(ch, b, DMA_ERROR_DST_WRITE, dst);
    else
        ch->bytes += b->size;
}

void dma_move_bursts(dma *d, unsigned channel)
{
    struct burst b;

    while (take_burst(d, &d->channel[channel], &b))
        move_burst(d, channel, &b);
}

/* Whether source and destination share a byte, so that the order of bursts matters. */
static bool overlaps(const struct dma_channel *ch)
{
    return ch->dst - ch->src < ch->length || ch->src - ch->dst < ch->length;
}

static enum outcome move(dma *d, unsigned c, const struct descriptor *desc)
{
    struct dma_channel *ch = &d->channel[c];

    ch->src = desc->src;
    ch->dst = desc->dst;
    ch->length = desc->length;
    ch->begun = 0;
    ch->failure.error = DMA_ERROR_NONE;
    if (d->ops.move && !overlaps(ch))
        d->ops.move(d->ops.user, c);
    else
        dma_move_bursts(d, c);
    if (ch->failure.error != DMA_ERROR_NONE)
        return fail(ch, ch->failure.error, ch->failure.addr);
    return ch->begun == ch->length ? DONE : STOPPED;
}

/* --- descriptors --- */

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
