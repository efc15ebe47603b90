/* SPDX-License-Identifier: Apache-2.0 */
/* Drives a ring of mappings as a network driver does, for sweeps: the traffic generator accesses
 * page after page of the ring, and each `batch` of pages that it is through with is unmapped,
 * invalidated and mapped again, while it goes on. The node `guest` of the device tree says how. */
#include <stdbool.h>
#include <stdint.h>

#include "device_tree.h"
#include "generator.h"
#include "pages.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE 8U
#define ASID       1

struct ring_of_pages {
    struct pgtable table;
    uint64_t base, pages, step, batch;
    bool leaf;    /* invalidations spare table descriptors */
    char *memory; /* behind all of it */
};

static uint64_t address_of(const struct ring_of_pages *ring, uint64_t access)
{
    return ring->base + access % ring->pages * ring->step;
}

static void map_page(struct ring_of_pages *ring, uint64_t access)
{
    pgtable_map(&ring->table, address_of(ring, access), (uintptr_t)ring->memory, PGTABLE_PAGE, 0);
}

static void open_ring(struct smmu *smmu, struct ring_of_pages *ring)
{
    *ring = (struct ring_of_pages){
        .table = pgtable_create(),
        .base = guest_asks("base", 0),
        .pages = guest_asks("pages", 1),
        .step = guest_asks("step", PAGE_SIZE),
        .batch = guest_asks("batch", 1),
        .leaf = guest_asks("leaf", 1),
        .memory = pages_alloc(PAGE_SIZE, PAGE_SIZE),
    };
    if (!ring->pages || !ring->batch || ring->pages < 2 * ring->batch)
        tap_bail_out("guest: %lu pages cannot be unmapped %lu at a time", ring->pages, ring->batch);
    for (uint64_t i = 0; i < ring->pages; i++)
        map_page(ring, i);
    generator_context(smmu, 0, &ring->table, ASID);
    testbed_invalidate_all(smmu);
}

/* The batch of pages from that of access `first` on. */
static void renew(struct smmu *smmu, struct ring_of_pages *ring, uint64_t first)
{
    for (uint64_t i = first; i < first + ring->batch; i++) {
        uint64_t address = address_of(ring, i);
        pgtable_unmap(&ring->table, address);
        smmu_cmdq_push(smmu, ring->leaf ? smmu_cmd_tlbi_va(0, ASID, address)
                                        : smmu_cmd_tlbi_va_tables(0, ASID, address));
    }
    smmu_sync(smmu);
    for (uint64_t i = first; i < first + ring->batch; i++)
        map_page(ring, i);
}

int main(void)
{
    static struct smmu smmu;
    struct ring_of_pages ring;
    uint64_t renewed = 0;

    device_tree_open();
    generator_open();
    testbed_start(&smmu, LOG2_QUEUE);
    open_ring(&smmu, &ring);
    generator_start();
    while (!generator_has_ended()) {
        if (generator_accesses() < renewed + ring.batch)
            continue;
        renew(&smmu, &ring, renewed);
        renewed += ring.batch;
    }
    tap_ok(renewed >= ring.pages, "%lu pages were mapped anew", renewed);
    tap_ok(generator_accesses() > 0, "%lu accesses were answered", generator_accesses());
    tap_equal(generator_errors(), 0, "none failed");
    return 0;
}
