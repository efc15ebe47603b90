/* SPDX-License-Identifier: Apache-2.0 */
/* Access flag and dirty state: the SMMU sets them in the tables, as far as it is told to, and
 * leaves all other bits alone. */
#include <stdbool.h>
#include <stdint.h>

#include "pages.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE 6U

#define VMID     0x61
#define RING_IPA 0x7000000000UL

/* In 39 bits, so that they serve either stage. */
#define GOOD_ADDRESS 0x2000000000UL
#define PAGE_ADDRESS 0x3000000000UL /* the page that is looked at */

#define UNTOUCHED (PGTABLE_CLEAN | PGTABLE_NO_ACCESS_FLAG)

struct client {
    struct endpoint endpoint;
    struct pgtable *table; /* of the stage in question */
    uint8_t *good, *page;
    uint64_t writable; /* the bit of a descriptor that a write changes, */
    bool set;          /* and whether it is set then */
};

/* Map the page anew; returns its descriptor. */
static uint64_t remap(struct smmu *smmu, struct client *client, unsigned restrictions)
{
    pgtable_map(client->table, PAGE_ADDRESS, (uintptr_t)client->page, PGTABLE_PAGE, restrictions);
    testbed_invalidate_all(smmu);
    return pgtable_leaf(client->table, PAGE_ADDRESS);
}

static uint64_t dirty(const struct client *client, uint64_t descriptor)
{
    return client->set ? descriptor | client->writable : descriptor & ~client->writable;
}

static enum dma_error read_page(struct client *client)
{
    return endpoint_copy(&client->endpoint, GOOD_ADDRESS, PAGE_ADDRESS, 8).error;
}

static enum dma_error write_page(struct client *client)
{
    return endpoint_copy(&client->endpoint, PAGE_ADDRESS, GOOD_ADDRESS, 8).error;
}

static void check_descriptor(const struct client *client, uint64_t expected, const char *stage,
                             const char *what)
{
    tap_equal(pgtable_leaf(client->table, PAGE_ADDRESS), expected, "%s: %s", stage, what);
}

static void test_updates(struct smmu *smmu, struct client *client, const char *stage)
{
    uint64_t descriptor = remap(smmu, client, UNTOUCHED);

    tap_equal(read_page(client), DMA_OK, "%s: a page never accessed can be read", stage);
    check_descriptor(client, descriptor | PTE_AF, stage, "a read sets the Access flag only");
    tap_equal(write_page(client), DMA_OK, "%s: a clean page can be written", stage);
    check_descriptor(client, dirty(client, descriptor | PTE_AF), stage, "a write makes it dirty");

    descriptor = remap(smmu, client, UNTOUCHED);
    tap_equal(write_page(client), DMA_OK, "%s: or written first", stage);
    check_descriptor(client, dirty(client, descriptor | PTE_AF), stage, "which does both");

    descriptor = remap(smmu, client, PGTABLE_READ_ONLY | PGTABLE_NO_ACCESS_FLAG);
    tap_equal(write_page(client), DMA_WRITE_ABORT, "%s: a page that is not DBM stays read-only",
              stage);
    check_descriptor(client, descriptor | PTE_AF, stage, "and was accessed");
    tap_equal(testbed_drain_events(smmu), 1, "%s: one event says so", stage);

    /* Cleaned by software: without an invalidation the next write need not be seen. */
    descriptor = remap(smmu, client, UNTOUCHED) | PTE_AF;
    write_page(client);
    remap(smmu, client, PGTABLE_CLEAN);
    check_descriptor(client, descriptor, stage, "cleaned and invalidated, it is clean");
    tap_equal(read_page(client), DMA_OK, "%s: a read leaves it so", stage);
    check_descriptor(client, descriptor, stage, "clean after a read");
    tap_equal(write_page(client), DMA_OK, "%s: a write does not", stage);
    check_descriptor(client, dirty(client, descriptor), stage, "dirty after a write");
}

static void write_cd(struct smmu *smmu, struct endpoint *endpoint, bool access, bool dirty_state)
{
    struct smmu_cd_config config = {
        .table = pgtable_address(&endpoint->table),
        .asid = endpoint->asid,
        .ips = smmu->features.oas,
        .access = access,
        .dirty = dirty_state,
    };

    smmu_cd_write(endpoint->cd, &config);
    testbed_invalidate_all(smmu);
}

/* What is not switched on is left to software. */
static void test_partial(struct smmu *smmu, struct client *client)
{
    struct smmu_event event;
    uint64_t descriptor;

    write_cd(smmu, &client->endpoint, true, false);
    descriptor = remap(smmu, client, UNTOUCHED);
    tap_equal(write_page(client), DMA_WRITE_ABORT, "HA alone: a clean page is read-only");
    check_descriptor(client, descriptor | PTE_AF, "HA alone", "the Access flag is set");
    if (testbed_take_event(smmu, "HA alone", &event))
        tap_equal(event.type, EVENT_F_PERMISSION, "HA alone: F_PERMISSION");

    write_cd(smmu, &client->endpoint, false, false);
    descriptor = remap(smmu, client, UNTOUCHED);
    tap_equal(read_page(client), DMA_READ_ABORT, "neither: the Access flag faults");
    check_descriptor(client, descriptor, "neither", "nothing is set");
    if (testbed_take_event(smmu, "neither", &event))
        tap_equal(event.type, EVENT_F_ACCESS, "neither: F_ACCESS");
}

static void map_good(struct client *client)
{
    pgtable_map(client->table, GOOD_ADDRESS, (uintptr_t)client->good, PGTABLE_PAGE, 0);
}

int main(void)
{
    static struct smmu smmu;
    static struct client client;
    struct pgtable stage2 = pgtable_create_stage2();

    testbed_start(&smmu, LOG2_QUEUE);
    if (!smmu.features.dirty)
        tap_bail_out("the SMMU does not update tables");
    endpoint_open(&client.endpoint, &smmu, 0, 1);
    client.good = testbed_page(0x11);
    client.page = testbed_page(0x22);

    client.table = &client.endpoint.table;
    client.writable = PTE_AP_RDONLY;
    map_good(&client);
    write_cd(&smmu, &client.endpoint, true, true);
    test_updates(&smmu, &client, "stage 1");
    test_partial(&smmu, &client);

    client.table = &stage2;
    client.writable = PTE_S2_WRITE;
    client.set = true;
    map_good(&client);
    pgtable_map(&stage2, RING_IPA, (uintptr_t)client.endpoint.ring, PGTABLE_PAGE, 0);
    client.endpoint.ring_iova = RING_IPA;
    struct smmu_stage2 config = {
        .table = pgtable_address(&stage2), .vmid = VMID, .ps = smmu.features.oas, .updates = true};
    smmu_ste_write(client.endpoint.ste, NULL, &config);
    test_updates(&smmu, &client, "stage 2");
    tap_equal(testbed_drain_events(&smmu), 0, "no event is left");
    return 0;
}
