/* SPDX-License-Identifier: Apache-2.0 */
/* DMA engine driver: descriptor chains, start, completion by polling or by interrupt. */
#include "dma.h"

#include "gic.h"
#include "io.h"
#include "platform.h"
#include "tap.h"
#include "wait.h"

#define DMA_ID         0x00
#define DMA_CAPS       0x04
#define DMA_CTRL       0x08
#define DMA_STATUS     0x0c
#define DMA_DESC       0x10
#define DMA_CURRENT    0x18
#define DMA_FAULT_ADDR 0x20
#define DMA_BYTES      0x28
#define DMA_ERROR_CODE 0x30
#define DMA_SSID       0x34

#define DMA_ID_VALUE      0x31414d44U
#define DMA_CAPS_CHANNELS 0xffU
#define DMA_CTRL_START    (1U << 0)
#define DMA_CTRL_IRQ_EN   (1U << 2)
#define DMA_SSID_VALID    (1U << 31)
#define DMA_STATUS_BUSY   (1U << 0)
#define DMA_STATUS_DONE   (1U << 1)
#define DMA_STATUS_ERROR  (1U << 2)
#define DMA_STATUS_ENDED  (DMA_STATUS_DONE | DMA_STATUS_ERROR)

/* The interrupt is a level: it is silenced here and the verdict left in STATUS for the waiter. */
static void on_interrupt(void *context)
{
    struct dma_channel *channel = context;

    write32(channel->base + DMA_CTRL, 0);
    (void)read32(channel->base + DMA_CTRL); /* the write has arrived, the line is low */
    channel->irqs = channel->irqs + 1;
}

void dma_open(struct dma_channel *channel, unsigned index)
{
    *channel = (struct dma_channel){
        .base = PLATFORM_DMA_BASE + index * PLATFORM_DMA_STRIDE,
        .index = index,
    };
    if (read32(channel->base + DMA_ID) != DMA_ID_VALUE)
        tap_bail_out("no DMA engine at 0x%lx", channel->base);
    if (index >= (read32(channel->base + DMA_CAPS) & DMA_CAPS_CHANNELS))
        tap_bail_out("the DMA engine has no channel %u", index);
}

void dma_enable_interrupt(struct dma_channel *channel)
{
    gic_enable(GIC_SPI(PLATFORM_SPI_DMA(channel->index)), GIC_LEVEL, on_interrupt, channel);
}

void dma_build(struct dma_descriptor *ring, uint64_t ring_iova,
               const struct dma_transfer *transfers, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        bool last = i + 1 == count;
        ring[i] = (struct dma_descriptor){
            .source = transfers[i].source,
            .destination = transfers[i].destination,
            .length = transfers[i].length,
            .flags = last ? DMA_LAST : 0,
            .next = last ? 0 : ring_iova + (i + 1) * sizeof(*ring),
        };
    }
}

void dma_set_ssid(struct dma_channel *channel, uint32_t ssid)
{
    write32(channel->base + DMA_SSID, DMA_SSID_VALID | ssid);
}

void dma_clear_ssid(struct dma_channel *channel)
{
    write32(channel->base + DMA_SSID, 0);
}

void dma_start(struct dma_channel *channel, uint64_t ring_iova)
{
    channel->irqs = 0;
    write32(channel->base + DMA_STATUS, DMA_STATUS_ENDED);
    write64(channel->base + DMA_DESC, ring_iova);
    dsb(); /* descriptors and data are in memory before the engine may look */
    write32(channel->base + DMA_CTRL, DMA_CTRL_START | DMA_CTRL_IRQ_EN);
}

static struct dma_result read_result(struct dma_channel *channel)
{
    uint32_t status = read32(channel->base + DMA_STATUS);
    struct dma_result result = {
        .finished = (status & DMA_STATUS_ENDED) && !(status & DMA_STATUS_BUSY),
        .error = read32(channel->base + DMA_ERROR_CODE),
        .fault_addr = read64(channel->base + DMA_FAULT_ADDR),
        .current = read64(channel->base + DMA_CURRENT),
        .bytes = read64(channel->base + DMA_BYTES),
    };

    dmb_load(); /* what the engine wrote is read after it said so */
    return result;
}

struct dma_result dma_poll(struct dma_channel *channel)
{
    if (!wait_until(read32(channel->base + DMA_STATUS) & DMA_STATUS_ENDED))
        tap_note("DMA channel %u does not finish", channel->index);
    return read_result(channel);
}

struct dma_result dma_sleep(struct dma_channel *channel)
{
    gic_sleep_until(&channel->irqs, 1);
    return read_result(channel);
}
