/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of the PCI Express DMA function. */
#ifndef PCIE_RING_H
#define PCIE_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "pcie.h"

#define RING_ID_VALUE 0x314d4450U /* "PDM1" */

/* Of the page of the engine: what there is. */
#define RING_CAPS      0x04U
#define RING_CAPS_PORT 0x10000U

enum ring_operation {
    RING_NOTHING,
    RING_COPY,
    RING_FILL,
    RING_CRC,
    RING_COMPARE,
    RING_WRITE_PATTERN,
    RING_CHECK_PATTERN,
    RING_SCATTER,
};

#define RING_IRQ        0x100U  /* beside the operation: interrupt when done, */
#define RING_WITH_PASID 0x200U  /* use `pasid` for the data, */
#define RING_PLAIN      0x400U  /* untranslated requests for the data, */
#define RING_FROM_PORT  0x800U  /* the source is reached by the port, */
#define RING_TO_PORT    0x1000U /* the destination is */

enum ring_status {
    RING_PENDING,
    RING_DONE,
    RING_SOURCE_FAILED,
    RING_DESTINATION_FAILED,
    RING_MISMATCH,
    RING_MALFORMED,
    RING_NO_ATS,
    RING_DENIED,
    RING_NO_PAGE,
    RING_NO_PRI,
    RING_STOPPED,
};

struct ring_descriptor {
    uint32_t control;
    uint32_t pasid;
    uint64_t source, destination;
    uint32_t length;
    uint32_t unused;
    uint64_t pattern;
    volatile uint32_t status;
    uint32_t crc;
    uint64_t bytes, fault_addr;
};
_Static_assert(sizeof(struct ring_descriptor) == 64, "as the function reads it");

struct ring {
    uintptr_t engine, registers; /* pages of BAR 0, or of the port */
    struct ring_descriptor *descriptors;
    unsigned log2_size, head;
};

/* Open ring `index` of the function. It reaches its descriptors, a page of memory that is made for
 * it, at `iova`. */
void ring_open(struct ring *ring, const struct pcie_function *function, unsigned index,
               uint64_t iova);

/* The same with 2^log2_size descriptors, at most 2^16; those of ring_open() are a page. */
void ring_open_sized(struct ring *ring, const struct pcie_function *function, unsigned index,
                     uint64_t iova, unsigned log2_size);

/* The same by the port with registers at `base`: ring and descriptors are reached that way. */
void ring_open_port(struct ring *ring, uintptr_t base, unsigned index, uint64_t iova);

/* Disable the ring, and wait until it is idle: what it had to do is dropped. Enable it again, with
 * nothing to do. */
bool ring_close(const struct ring *ring);
void ring_reopen(struct ring *ring);

/* For how many pages, from one that is missing on, the ring may ask at a time. */
void ring_set_group(const struct ring *ring, unsigned pages);

/* Stop the function's use of `pasid`, and wait for that. Returns whether a Stop Marker is sent. */
bool ring_stop_pasid(const struct ring *ring, uint32_t pasid);

/* Add a descriptor, of which the function hears with the next one that is handed over. */
void ring_add(struct ring *ring, struct ring_descriptor work);

/* Hand over one descriptor; whether the last one has a status, or the ring has halted; wait for
 * that, and return it as it is then. ring_run() hands over and waits. */
void ring_start(struct ring *ring, struct ring_descriptor work);
bool ring_has_finished(const struct ring *ring);
struct ring_descriptor ring_finish(struct ring *ring);
struct ring_descriptor ring_run(struct ring *ring, struct ring_descriptor work);

/* Let the ring drive the interrupt pin; the line of the port; take an interrupt back. */
void ring_enable_pin(const struct ring *ring, unsigned index);
void ring_enable_line(const struct ring *ring, unsigned index);
void ring_acknowledge(const struct ring *ring, unsigned index);

#endif
