/* SPDX-License-Identifier: Apache-2.0 */
/* State of the DMA engine, shared by its registers and its transfer loop. */
#ifndef DMA_PRIV_H
#define DMA_PRIV_H

#include "dma/dma.h"

enum dma_error {
    DMA_ERROR_NONE,
    DMA_ERROR_DESC_READ, /* descriptor read aborted */
    DMA_ERROR_SRC_READ,  /* source read aborted */
    DMA_ERROR_DST_WRITE, /* destination write aborted */
    DMA_ERROR_MALFORMED, /* malformed descriptor */
};

/* Of the bursts that have failed, the first in the order of addresses. */
struct dma_failure {
    enum dma_error error; /* DMA_ERROR_NONE: none has */
    uint32_t offset;
    uint64_t addr;
};

#define STATUS_BUSY  (1u << 0)
#define STATUS_DONE  (1u << 1)
#define STATUS_ERROR (1u << 2)

#define SSID_VALUE 0x000fffffu
#define SSID_VALID 0x80000000u

/* Members are as wide as what 64-bit accesses see, also of 32-bit registers. */
struct dma_channel {
    struct dma *engine;
    /* registers */
    uint64_t irq_enable; /* CTRL.IRQ_EN in its place */
    uint64_t status;
    uint64_t desc;
    uint64_t current;
    uint64_t fault_addr;
    uint64_t bytes;
    uint64_t error_code; /* enum dma_error */
    uint64_t ssid;
    /* the transfer in progress */
    bool stop;         /* asked for */
    uint32_t run_ssid; /* as for struct vp_bus; taken from SSID at START */
    bool out;          /* level of the interrupt */
    /* the descriptor in work; offsets are from its addresses */
    uint64_t src;
    uint64_t dst;
    uint32_t length;
    uint32_t begun; /* where the next burst begins */
    struct dma_failure failure;
};

struct dma {
    struct dma_ops ops;
    unsigned channels;
    unsigned burst; /* bytes */
    struct dma_channel *channel;
};

/* dma_regs.c: drive the interrupt of a channel after any change of its state. */
void dma_update_irq(struct dma_channel *ch);

#endif
