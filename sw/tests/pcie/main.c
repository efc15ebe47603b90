/* SPDX-License-Identifier: Apache-2.0 */
/* PCI Express from the inside: the walk over the buses, DMA through the SMMU by requester ID and by
 * PASID, interrupts as messages and by pins. */
#include <stdbool.h>
#include <stdint.h>

#include "gic.h"
#include "io.h"
#include "pages.h"
#include "platform.h"
#include "ring.h"
#include "tap.h"
#include "testbed.h"
#include "wait.h"

#define LOG2_QUEUE      6U
#define LOG2_REQUESTERS 10U /* buses 0 to 3 */
#define LOG2_PASIDS     12U
#define MAX_FUNCTIONS   8U
#define WINDOW_UNUSED   0x3e000000UL /* in the 32-bit window, far behind all BARs */
#define WINDOW_IO       0x3eff0000UL

#define SOURCE_IOVA      0x000100000000UL
#define DESTINATION_IOVA 0x000200000000UL
#define MESSAGE_IOVA     0x000300000000UL

#define SHARED_PASID 0x123U
#define MESSAGE_DATA 0x4d534758U

/* A function with its address space, and one of SHARED_PASID. */
struct requester {
    struct pcie_function function;
    struct ring ring;
    uint64_t *directory; /* of CDs */
    struct pgtable table, shared;
    uint8_t *source, *destination, *shared_destination;
    volatile uint32_t *mailbox;
};

static void write_cd(struct smmu *smmu, struct requester *r, uint32_t pasid,
                     const struct pgtable *table, uint16_t asid)
{
    struct smmu_cd_config config = {
        .table = pgtable_address(table), .asid = asid, .ips = smmu->features.oas};

    smmu_cd_write(smmu_cd_of(r->directory, pasid), &config);
}

static void open_requester(struct smmu *smmu, struct requester *r, uint16_t asid)
{
    struct smmu_contexts contexts = {
        .log2_count = LOG2_PASIDS, .two_level = true, .s1dss = STE_S1DSS_CD0};

    ring_open(&r->ring, &r->function, 0, RING_IOVA);
    r->source = testbed_page((uint8_t)asid);
    r->destination = testbed_page(0);
    r->shared_destination = testbed_page(0);
    r->mailbox = pages_alloc(PAGE_SIZE, PAGE_SIZE);
    r->table = pgtable_create();
    r->shared = pgtable_create();
    pgtable_map(&r->table, RING_IOVA, (uintptr_t)r->ring.descriptors, PGTABLE_PAGE, 0);
    pgtable_map(&r->table, SOURCE_IOVA, (uintptr_t)r->source, PGTABLE_PAGE, PGTABLE_READ_ONLY);
    pgtable_map(&r->table, DESTINATION_IOVA, (uintptr_t)r->destination, PGTABLE_PAGE, 0);
    pgtable_map(&r->table, MESSAGE_IOVA, (uintptr_t)r->mailbox, PGTABLE_PAGE, 0);
    pgtable_map(&r->shared, SOURCE_IOVA, (uintptr_t)r->source, PGTABLE_PAGE, PGTABLE_READ_ONLY);
    pgtable_map(&r->shared, DESTINATION_IOVA, (uintptr_t)r->shared_destination, PGTABLE_PAGE, 0);

    r->directory = smmu_cd_directory_alloc(LOG2_PASIDS);
    write_cd(smmu, r, 0, &r->table, asid);
    write_cd(smmu, r, SHARED_PASID, &r->shared, (uint16_t)(asid + 0x100));
    contexts.address = (uintptr_t)r->directory;
    smmu_ste_write(smmu_stream(smmu, r->function.rid), &contexts, NULL);
    testbed_invalidate_all(smmu);
}

static void test_empty_places(void)
{
    tap_equal(pcie_read32(0, PCIE_VENDOR), PCIE_ABSENT, "an empty slot reads all ones");
    tap_equal(pcie_read32(0xff00, PCIE_VENDOR), PCIE_ABSENT, "a bus that is not there as well");
    tap_equal(read32(WINDOW_UNUSED), PCIE_ABSENT, "a window without BAR as well");
    tap_equal(read32(WINDOW_IO), PCIE_ABSENT, "I/O as well");
    write32(WINDOW_UNUSED, 0);
    tap_ok(true, "what is written there is lost");
}

static void test_copy(struct requester *r)
{
    struct ring_descriptor done =
        ring_run(&r->ring, (struct ring_descriptor){.control = RING_COPY,
                                                    .source = SOURCE_IOVA,
                                                    .destination = DESTINATION_IOVA,
                                                    .length = PAGE_SIZE});

    tap_equal(done.status, RING_DONE, "%04x: the copy is done", r->function.rid);
    tap_equal(done.bytes, PAGE_SIZE, "%04x: all of it", r->function.rid);
    tap_ok(testbed_page_is(r->destination, r->source[0]), "%04x: by its own tables",
           r->function.rid);
}

static void test_pattern(struct requester *r)
{
    struct ring_descriptor work = {.control = RING_WRITE_PATTERN,
                                   .destination = DESTINATION_IOVA,
                                   .length = PAGE_SIZE,
                                   .pattern = 7};

    tap_equal(ring_run(&r->ring, work).status, RING_DONE, "a pattern is written");
    work.control = RING_CHECK_PATTERN;
    work.source = DESTINATION_IOVA;
    tap_equal(ring_run(&r->ring, work).status, RING_DONE, "and found again");
    r->destination[1000] ^= 1;
    struct ring_descriptor done = ring_run(&r->ring, work);
    tap_equal(done.status, RING_MISMATCH, "a wrong byte is found");
    tap_equal(done.fault_addr, DESTINATION_IOVA + 1000, "where it is");
}

static void test_pasid(struct requester *r)
{
    unsigned cap = pcie_extended_capability(r->function.rid, PCIE_EXT_PASID);
    struct ring_descriptor work = {.control = RING_COPY | RING_WITH_PASID,
                                   .pasid = SHARED_PASID,
                                   .source = SOURCE_IOVA,
                                   .destination = DESTINATION_IOVA,
                                   .length = PAGE_SIZE};

    tap_equal(ring_run(&r->ring, work).status, RING_SOURCE_FAILED,
              "a PASID that is not enabled is not sent");
    pcie_write16(r->function.rid, cap + 6, 1);
    testbed_page_clear(r->destination);
    tap_equal(ring_run(&r->ring, work).status, RING_DONE, "PASID 0x%x: the copy is done",
              SHARED_PASID);
    tap_ok(testbed_page_is(r->shared_destination, r->source[0]), "PASID 0x%x: in its address space",
           SHARED_PASID);
    tap_ok(testbed_page_is(r->destination, 0), "PASID 0x%x: and in no other", SHARED_PASID);
}

static void test_fault(struct smmu *smmu, struct requester *r)
{
    struct smmu_event event;
    struct ring_descriptor done =
        ring_run(&r->ring, (struct ring_descriptor){.control = RING_CRC | RING_WITH_PASID,
                                                    .pasid = SHARED_PASID,
                                                    .source = MESSAGE_IOVA + 0x40,
                                                    .length = 8});

    tap_equal(done.status, RING_SOURCE_FAILED, "an unmapped page: the read fails");
    tap_equal(done.fault_addr, MESSAGE_IOVA + 0x40, "an unmapped page: where");
    if (!testbed_take_event(smmu, "an unmapped page", &event))
        return;
    tap_equal(event.type, EVENT_F_TRANSLATION, "an unmapped page: F_TRANSLATION");
    tap_equal(event.sid, r->function.rid, "an unmapped page: the requester is the stream");
    tap_equal(event.ssid, SHARED_PASID, "an unmapped page: the PASID is the substream");
}

static void test_message(struct requester *r)
{
    pcie_msix_enable(&r->function, 0, MESSAGE_IOVA + 8, MESSAGE_DATA);
    ring_run(&r->ring, (struct ring_descriptor){.control = RING_NOTHING | RING_IRQ});
    tap_ok(wait_until(r->mailbox[2] != 0), "%04x: MSI-X passes the SMMU", r->function.rid);
    tap_equal(r->mailbox[2], MESSAGE_DATA, "%04x: its data", r->function.rid);
    pcie_msix_disable(&r->function);
    ring_acknowledge(&r->ring, 0);
}

/* The handler lowers the pin: it is level-sensitive. */
struct pin {
    struct requester *requester;
    volatile uint32_t count;
};

static void on_pin(void *context)
{
    struct pin *pin = context;

    ring_acknowledge(&pin->requester->ring, 0);
    pin->count++;
}

/* INTA of a device of the root bus. */
static unsigned pin_intid(uint16_t rid)
{
    return GIC_SPI(PLATFORM_SPI_PCIE(rid >> 3 & 0x1f));
}

static void test_pin(struct requester *r)
{
    static struct pin pin;

    pin = (struct pin){.requester = r};
    gic_enable(pin_intid(r->function.root_rid), GIC_LEVEL, on_pin, &pin);
    ring_enable_pin(&r->ring, 0);
    ring_run(&r->ring, (struct ring_descriptor){.control = RING_NOTHING | RING_IRQ});
    tap_ok(wait_until(pin.count == 1), "%04x: INTA interrupts once", r->function.rid);
}

int main(void)
{
    static struct smmu smmu;
    static struct requester requesters[MAX_FUNCTIONS];
    static struct pcie_function functions[MAX_FUNCTIONS];
    unsigned count = pcie_scan(functions, MAX_FUNCTIONS);

    test_empty_places();
    tap_note("%u functions", count);
    smmu_probe(&smmu, PLATFORM_SMMU_BASE);
    smmu_enable_interrupts(&smmu);
    smmu_reset(&smmu, LOG2_REQUESTERS, LOG2_QUEUE);
    for (unsigned i = 0; i < count && i < MAX_FUNCTIONS; i++) {
        struct requester *r = &requesters[i];
        r->function = functions[i];
        tap_equal(read32(functions[i].bar[0]), RING_ID_VALUE, "%04x: BAR 0 answers",
                  functions[i].rid);
        open_requester(&smmu, r, (uint16_t)(i + 1));
        test_copy(r);
        test_pattern(r);
        test_pasid(r);
        test_fault(&smmu, r);
        test_message(r);
        test_pin(r);
    }
    tap_equal(testbed_drain_events(&smmu), 0, "no event is left");
    return 0;
}
