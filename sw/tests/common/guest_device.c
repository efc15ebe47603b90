/* SPDX-License-Identifier: Apache-2.0 */
/* Devices of guests: see guest_device.h. */
#include "guest_device.h"

#include "dma.h"
#include "pages.h"
#include "platform.h"
#include "ring.h"

#define BURST_BYTES 256U /* of the function's requests, where its node says nothing else */

/* --- A channel, in the guest --- */

static uint64_t channel_ending(struct dma_channel *channel)
{
    struct dma_result result = dma_poll(channel);

    if (!result.finished)
        return GUEST_HANGS;
    switch (result.error) {
    case DMA_OK:
        return GUEST_COPIED;
    case DMA_READ_ABORT:
        return GUEST_NOT_READ;
    case DMA_WRITE_ABORT:
        return GUEST_NOT_WRITTEN;
    default:
        return GUEST_NO_DESCRIPTOR;
    }
}

static uint64_t channel_copy(uint64_t destination, uint64_t source, uint64_t ring)
{
    struct dma_transfer transfer = {source, destination, PAGE_SIZE};
    struct dma_channel channel;

    dma_open(&channel, 0);
    dma_build((struct dma_descriptor *)ring, ring, &transfer, 1);
    dma_start(&channel, ring);
    return channel_ending(&channel);
}

uint64_t guest_channel_again(uint64_t ring, uint64_t unused, uint64_t unused_too)
{
    struct dma_channel channel;

    (void)unused;
    (void)unused_too;
    dma_open(&channel, 0);
    dma_start(&channel, ring);
    return channel_ending(&channel);
}

const struct guest_device guest_channel = {.name = "channel",
                                           .sid = PLATFORM_DMA_SID(0),
                                           .not_written = GUEST_NOT_WRITTEN,
                                           .refusals = 1,
                                           .copy = channel_copy};

/* --- A ring, in the guest --- */

static struct ring ring; /* each guest has its own */

static uint64_t take_ring(uint64_t descriptors, uint64_t registers, uint64_t log2_size)
{
    ring = (struct ring){.descriptors = (struct ring_descriptor *)descriptors,
                         .registers = registers,
                         .log2_size = (unsigned)log2_size};
    return 0;
}

static uint64_t ring_copy(uint64_t destination, uint64_t source, uint64_t unused)
{
    struct ring_descriptor work = {
        .control = RING_COPY, .source = source, .destination = destination, .length = PAGE_SIZE};

    (void)unused;
    switch (ring_run(&ring, work).status) {
    case RING_DONE:
        return GUEST_COPIED;
    case RING_SOURCE_FAILED:
        return GUEST_NOT_READ;
    case RING_DESTINATION_FAILED:
        return GUEST_NOT_WRITTEN;
    case RING_DENIED:
        return GUEST_DENIED;
    case RING_PENDING:
        return ring_has_finished(&ring) ? GUEST_NO_DESCRIPTOR : GUEST_HANGS;
    default:
        return GUEST_HANGS;
    }
}

/* --- In the host --- */

struct guest_device guest_function(struct vm *vm, const struct pcie_function *function,
                                   uint64_t ipa, uint64_t offset)
{
    struct ring opened;

    ring_open(&opened, function, 0, ipa + offset);
    vm_map(vm, ipa, opened.descriptors, 0);
    vm_map(vm, opened.registers, (const void *)opened.registers, 0);
    vm_invalidate(vm, VM_TLBI_VMALLS12E1IS, 0);
    vm_run(vm, take_ring, ipa, opened.registers, opened.log2_size);
    return (struct guest_device){.name = "function",
                                 .sid = function->rid,
                                 .not_written = GUEST_COPIED,
                                 .refusals = PAGE_SIZE / BURST_BYTES,
                                 .copy = ring_copy};
}
