/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What a program and the driver of the DMA engine (docs/dma-engine.md) tell each other. */
#ifndef LINUX_DMA_SVA_H
#define LINUX_DMA_SVA_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* A list of descriptors in the memory of the process; then how it ended, as the channel's registers
 * say. */
struct dma_sva_run {
    __u64 descriptors;
    __u64 bytes;
    __u64 fault_addr;
    __u32 error; /* ERROR_CODE */
    __u32 pasid; /* by which the engine has reached the memory */
};

#define DMA_SVA_RUN _IOWR('v', 1, struct dma_sva_run)

#endif
