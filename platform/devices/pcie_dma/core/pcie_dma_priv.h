/* SPDX-License-Identifier: Apache-2.0 */
/* State of the DMA function, shared by its registers, its rings and its operations. */
#ifndef PCIE_DMA_PRIV_H
#define PCIE_DMA_PRIV_H

#include "pcie_dma/pcie_dma.h"

#define DESC_BYTES 64u

#define MAX_LOG2_SIZE 16u
#define MAX_GROUP     63u

#define STATUS_BUSY   1u
#define STATUS_HALTED 2u

#define PASID_VALID 0x80000000u
#define PASID_VALUE 0x000fffffu

#define STOP_BUSY   0x80000000u
#define STOP_MARKER 0x40000000u /* the last one sent a Stop Marker */

/* The control word of a descriptor. */
#define CONTROL_OPCODE      0x000000ffu
#define CONTROL_IRQ         0x00000100u
#define CONTROL_PASID       0x00000200u
#define CONTROL_PLAIN       0x00000400u /* untranslated */
#define CONTROL_SOURCE_PORT 0x00000800u
#define CONTROL_DEST_PORT   0x00001000u

enum ring_error {
    RING_OK,
    RING_DESC_READ,  /* a descriptor could not be read */
    RING_WRITE_BACK, /* its outcome could not be written */
};

/* How an operation ends; the values are those of a descriptor's status. */
enum outcome {
    ABANDONED, /* the ring was disabled meanwhile: nothing is written back */
    DONE,
    SOURCE_FAILED,
    DEST_FAILED,
    MISMATCH,
    MALFORMED,
    NO_ATS,
    DENIED,
    NO_PAGE,
    NO_PRI,
    STOPPED,
};

enum { SOURCE, DESTINATION, SIDES };

/* A part of a transfer: what is read for it, and then to be moved. */
struct burst {
    uint64_t addr[SIDES];
    uint32_t size;
    uint32_t ahead;     /* bytes that are left to do in order, from its first on */
    unsigned number;    /* among those of the ring */
    unsigned reads;     /* that were begun; one that was not is the next */
    enum outcome begun; /* how that went */
    uint8_t data[SIDES][PCIE_MAX_BURST];
};

/* Members are as wide as what 64-bit accesses see, also of 32-bit registers. */
struct ring {
    struct pcie_dma *engine;
    uint64_t enable;
    uint64_t status;
    uint64_t base;
    uint64_t log2_size; /* of the number of descriptors */
    uint64_t pasid;
    uint64_t tail;
    uint64_t head;
    uint64_t error; /* enum ring_error */
    uint64_t vector;
    uint64_t fault_addr;
    uint64_t bytes;
    uint64_t group;       /* pages of a page request group; 0 stands for 1 */
    uint64_t path;        /* enum pcie_dma_path of its descriptors */
    struct burst *window; /* as many as the engine's window; it stays over resets */
    unsigned life;        /* counts enables and disables: work begun in another life is dropped */
};

struct pcie_dma {
    struct pcie_dma_ops ops;
    unsigned rings;
    unsigned burst;      /* bytes */
    unsigned window;     /* bursts */
    bool port;           /* there is one */
    uint64_t int_status; /* a bit for each ring */
    uint64_t int_enable[PCIE_DMA_PATHS];
    uint64_t stop; /* the register: PASID_VALUE, STOP_* */
    bool pin[PCIE_DMA_PATHS];
    struct ring ring[PCIE_DMA_MAX_RINGS];
};

/* A descriptor in work. */
struct job {
    struct pcie_dma *d;
    unsigned ring;
    unsigned life;           /* of the ring, when the job began */
    struct pcie_dma_way way; /* of data accesses, but those by the port */
    /* the descriptor */
    uint32_t control;
    uint64_t src;
    uint64_t dst;
    uint32_t length;
    uint64_t pattern;
    unsigned window; /* bursts that may be begun */
    /* the outcome */
    uint32_t crc;
    uint64_t moved;
    uint64_t fault_addr;
};

/* pcie_dma.c: raise the interrupt of a ring. */
void pcie_dma_interrupt(struct pcie_dma *d, unsigned ring);

/* pcie_dma_access.c: what memory is reached through. Accesses with a PASID that is being stopped
 * are not made. */
enum pcie_access_end pcie_dma_load(struct pcie_dma *d, uint64_t addr, void *data, uint32_t size,
                                   const struct pcie_dma_way *way);
enum pcie_access_end pcie_dma_store(struct pcie_dma *d, uint64_t addr, const void *data,
                                    uint32_t size, const struct pcie_dma_way *way);
/* The same, but one that is relaxed may end later: begin_read. */
enum pcie_access_end pcie_dma_begin_load(struct pcie_dma *d, unsigned number, uint64_t addr,
                                         void *data, uint32_t size, const struct pcie_dma_way *way);
/* A write to STOP. */
void pcie_dma_set_stop(struct pcie_dma *d, uint64_t value);

/* pcie_dma_ring.c: put a ring into its reset state. */
void ring_reset(struct pcie_dma *d, unsigned ring);
/* Whether it has descriptors to work on. */
bool ring_has_work(const struct ring *ring);
/* The way of a ring by the port: SubstreamIDs and translations are the function's. */
struct pcie_dma_way ring_port_way(unsigned ring);
/* pcie_dma_operation.c: carry out what the descriptor says. */
enum outcome operation_run(struct job *job);

#endif
