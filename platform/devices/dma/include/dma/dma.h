/* SPDX-License-Identifier: Apache-2.0 */
/* A memory-to-memory DMA engine as a C library; docs/dma-engine.md is its programmer's manual. */
#ifndef DMA_DMA_H
#define DMA_DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vp/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DMA_MAX_CHANNELS 255u
#define DMA_MIN_BURST    8u
#define DMA_MAX_BURST    4096u
#define DMA_PAGE_SIZE    0x1000u /* bytes of register frame per channel */

typedef struct dma dma;

struct dma_config {
    unsigned channels;    /* 1 to DMA_MAX_CHANNELS */
    unsigned burst_bytes; /* a power of two from DMA_MIN_BURST to DMA_MAX_BURST */
};

/* The world around an engine. */
struct dma_ops {
    /* The bus of all channels: channel c uses stream c. May block: register accesses and the runs
     * of other channels go on meanwhile. */
    struct vp_bus bus;
    /* Line c is the interrupt of channel c. */
    struct vp_wires wires;
    /* Channel `channel` was started: call dma_run_channel() soon, never from inside this call. */
    void *user;
    void (*start)(void *user, unsigned channel);
    /* Have as many bursts of channel `channel` under way as it may have: call dma_move_bursts()
     * that often side by side, and return when all calls have. NULL: one at a time. May block. */
    void (*move)(void *user, unsigned channel);
};

/* Build an engine in reset; `ops` is copied. Returns NULL and one line in `err` (at most `err_size`
 * bytes) if the configuration is bad. The caller owns the result. */
dma *dma_create(const struct dma_config *config, const struct dma_ops *ops, char *err,
                size_t err_size);
void dma_destroy(dma *d); /* NULL is fine; no run may be in progress */

/* The register frame, DMA_PAGE_SIZE bytes per channel; the device is the dma. Reads have no side
 * effects. Accesses that are neither a whole 32-bit register nor a whole 64-bit register or a half
 * of one end with VP_SLVERR, past the last channel with VP_DECERR; reserved: RAZ/WI. */
extern const struct vp_frame dma_frame;

/* Carry out the transfer of a started channel until its end, a failure or STOP. Returns at once if
 * the channel is not started. One run per channel at a time. */
void dma_run_channel(dma *d, unsigned channel);

/* Move bursts of the descriptor in work, one after the other, until all have begun, one has failed
 * or STOP. For dma_ops.move alone. */
void dma_move_bursts(dma *d, unsigned channel);

#ifdef __cplusplus
}
#endif

#endif
