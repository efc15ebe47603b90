/* SPDX-License-Identifier: Apache-2.0 */
/* What the DMA tests share: an SMMU that translates, and DMA channels with an address space each.
 */
#ifndef TESTS_COMMON_TESTBED_H
#define TESTS_COMMON_TESTBED_H

#include "dma.h"
#include "pgtable.h"
#include "smmu.h"

/* Where every channel sees its page of descriptors. Above 4 GiB, so that an untranslated access
 * goes nowhere. */
#define RING_IOVA        0x7f0000000000UL
#define RING_DESCRIPTORS 64U

#define LOG2_STREAMS 8U /* holds every StreamID of the machine */

/* A DMA channel behind its own stream, context and tables. */
struct endpoint {
    struct dma_channel channel;
    uint32_t sid;
    uint16_t asid;
    struct smmu_ste *ste;
    struct smmu_cd *cd;
    struct pgtable table;
    struct dma_descriptor *ring;
    uint64_t ring_iova; /* RING_IOVA, unless a program moves it */
};

/* Bring the SMMU up with empty queues of 2^log2_queue entries and its interrupts connected. */
void testbed_start(struct smmu *smmu, unsigned log2_queue);

/* The same for the second SMMU of a machine that has two; of its interrupts that of the event queue
 * alone is connected. */
void testbed_start_second(struct smmu *smmu, unsigned log2_queue);

/* Open channel `index` and give it an address space of its own with `asid`; only its descriptors
 * are mapped. */
void endpoint_open(struct endpoint *endpoint, struct smmu *smmu, unsigned index, uint16_t asid);

/* Rewrite context and stream table entry as endpoint_open() made them, and drop all the SMMU has
 * cached. */
void endpoint_restore(struct endpoint *endpoint, struct smmu *smmu);

/* Put the endpoint into a virtual machine: stage 2 with the tables `table` instead of stage 1, or
 * with `contexts` behind it. Drops all the SMMU has cached. */
void endpoint_virtualize(struct endpoint *endpoint, struct smmu *smmu, const struct pgtable *table,
                         uint16_t vmid, const struct smmu_contexts *contexts);

/* Start a chain of transfers; start one transfer and wait for its end by polling. */
void endpoint_start(struct endpoint *endpoint, const struct dma_transfer *transfers,
                    unsigned count);
struct dma_result endpoint_copy(struct endpoint *endpoint, uint64_t destination, uint64_t source,
                                uint32_t length);

/* Take all events off the queue and print them; returns how many there were. CMD_SYNC makes the
 * events of terminated transactions visible. */
unsigned testbed_drain_events(struct smmu *smmu);

/* Take the one event of a fault off the queue and print it; that there is one, and no other, are
 * tests. */
bool testbed_take_event(struct smmu *smmu, const char *name, struct smmu_event *event);

/* A page with every byte `byte`; zeros in all of a page; whether a page has only `byte`. */
uint8_t *testbed_page(uint8_t byte);
void testbed_page_clear(uint8_t *page);
bool testbed_page_is(const uint8_t *page, uint8_t byte);

/* Drop everything the SMMU may have cached. */
void testbed_invalidate_all(struct smmu *smmu);

#endif
