/* SPDX-License-Identifier: Apache-2.0 */
/* Driver for the memory-to-memory DMA engine "vp,dma-engine": one channel at a time. */
#ifndef DMA_DMA_H
#define DMA_DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A transfer as the engine reads it from memory. All addresses are the device's own. */
struct dma_descriptor {
    uint64_t source;
    uint64_t destination;
    uint32_t length; /* bytes, at least 1 */
    uint32_t flags;  /* DMA_LAST or 0 */
    uint64_t next;   /* address of the next descriptor, if this is not the last */
} __attribute__((aligned(32)));
_Static_assert(sizeof(struct dma_descriptor) == 32, "the engine reads 32 bytes");

#define DMA_LAST 1U

enum dma_error {
    DMA_OK = 0,
    DMA_DESCRIPTOR_ABORT = 1,
    DMA_READ_ABORT = 2,
    DMA_WRITE_ABORT = 3,
    DMA_MALFORMED = 4,
};

/* One transfer to be put into a descriptor. */
struct dma_transfer {
    uint64_t source;
    uint64_t destination;
    uint32_t length;
};

struct dma_channel {
    uintptr_t base;
    unsigned index;
    volatile uint32_t irqs; /* completions and errors seen by interrupt */
};

/* How a run of a channel ended. */
struct dma_result {
    bool finished; /* it did end */
    enum dma_error error;
    uint64_t fault_addr;
    uint64_t current; /* descriptor that failed */
    uint64_t bytes;
};

/* Find channel `index`. Fails the run if the machine has no such engine or channel. */
void dma_open(struct dma_channel *channel, unsigned index);

/* Connect the channel's interrupt to `irqs`. */
void dma_enable_interrupt(struct dma_channel *channel);

/* Fill `ring` with `count` chained descriptors; the device sees the first one at `ring_iova`. */
void dma_build(struct dma_descriptor *ring, uint64_t ring_iova,
               const struct dma_transfer *transfers, unsigned count);

/* Give what is started from now on a SubstreamID; take it away again. */
void dma_set_ssid(struct dma_channel *channel, uint32_t ssid);
void dma_clear_ssid(struct dma_channel *channel);

/* Start at the descriptor the device sees at `ring_iova`. */
void dma_start(struct dma_channel *channel, uint64_t ring_iova);

/* Wait for the end by polling STATUS; by sleeping until the interrupt. */
struct dma_result dma_poll(struct dma_channel *channel);
struct dma_result dma_sleep(struct dma_channel *channel);

#endif
