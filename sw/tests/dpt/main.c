/* SPDX-License-Identifier: Apache-2.0 */
/* The Device Permission Table (IHI 0070 3.24): a function has its accesses translated once, and
 * makes them by itself from then on; the table says which of them may go on. */
#include <stdbool.h>
#include <stdint.h>

#include "io.h"
#include "pages.h"
#include "platform.h"
#include "requester.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE    6U
#define MAX_FUNCTIONS 8U

#define VMID  0x61
#define OTHER 0x62

#define SOURCE_IOVA      0x000100000000UL
#define DESTINATION_IOVA 0x000200000000UL
#define LENGTH           64U /* one request each way */

/* 40 bits in entries of 1 GiB, of which that of this memory has a table of level 1, for 4 KiB. */
#define LEVEL0_BYTES (8UL << (40 - 30))
#define LEVEL1_BYTES (8UL << (30 - 13))
#define CONFIG                                                                                     \
    ((uint32_t)(hw_put(DPT_CFG_PS, DPT_CFG_PS_40) | hw_put(DPT_CFG_L0SZ, DPT_CFG_L0SZ_1G)))

struct scene {
    struct smmu smmu;
    struct requester requester;
    uint64_t *level0, *level1;
    uint8_t *source, *destination;
};

/* The descriptor of the page, which is one of two that it is about. */
static uint64_t *descriptor_of(const struct scene *s, const void *page)
{
    return &s->level1[((uintptr_t)page & ((1UL << 30) - 1)) >> 13];
}

/* Let the page be of `vmid`, to write or not; of nobody. Nothing is invalidated. */
static void grant(const struct scene *s, const void *page, uint16_t vmid, bool write)
{
    volatile uint64_t *word = descriptor_of(s, page);

    if ((uintptr_t)page & PAGE_SIZE)
        *word = (*word & ~DPT_L1_UPPER_FIELDS) | DPT_L1_UPPER | hw_put(DPT_L1_UPPER_W, write) |
                hw_put(DPT_L1_UPPER_VMID, vmid);
    else
        *word = (*word & ~DPT_L1_LOWER_FIELDS) | DPT_L1_LOWER | hw_put(DPT_L1_LOWER_W, write) |
                hw_put(DPT_L1_LOWER_VMID, vmid);
    dsb();
}

static void refuse(const struct scene *s, const void *page)
{
    volatile uint64_t *word = descriptor_of(s, page);

    *word &= ~((uintptr_t)page & PAGE_SIZE ? DPT_L1_UPPER_FIELDS : DPT_L1_LOWER_FIELDS);
    dsb();
}

static void forget(struct scene *s, const void *page)
{
    smmu_command_sync(&s->smmu, smmu_cmd_dpti_page((uintptr_t)page));
}

static void make_table(struct scene *s)
{
    s->level0 = pages_alloc(LEVEL0_BYTES, LEVEL0_BYTES);
    s->level1 = pages_alloc(LEVEL1_BYTES, LEVEL1_BYTES);
    s->level0[(uintptr_t)s->source >> 30] = (uintptr_t)s->level1 | DPT_L0_TABLE;
    grant(s, s->requester.ring.descriptors, VMID, true);
    grant(s, s->source, VMID, false);
    grant(s, s->destination, VMID, true);
    smmu_use_device_permissions(&s->smmu, s->level0, CONFIG);
}

static void open_scene(struct scene *s, const struct pcie_function *function)
{
    struct requester *r = &s->requester;

    requester_open(r, &s->smmu, function, 1);
    s->source = testbed_page(0x5c);
    s->destination = testbed_page(0);
    requester_map(r, SOURCE_IOVA, s->source);
    pgtable_map(&r->table, DESTINATION_IOVA, (uintptr_t)s->destination, PGTABLE_PAGE, 0);
    make_table(s);
    smmu_ste_set_checked_ats(&s->smmu, r->function.rid, VMID);
    requester_set_ats(r, true);
}

static uint32_t copy(struct scene *s, uint32_t how)
{
    const struct ring_descriptor work = {.control = RING_COPY | how,
                                         .source = SOURCE_IOVA,
                                         .destination = DESTINATION_IOVA,
                                         .length = LENGTH};

    testbed_page_clear(s->destination);
    return ring_run(&s->requester.ring, work).status;
}

static bool copied(const struct scene *s)
{
    for (unsigned i = 0; i < LENGTH; i++)
        if (s->destination[i] != 0x5c)
            return false;
    return true;
}

static void expect_copied(struct scene *s, uint32_t how, const char *name)
{
    tap_equal(copy(s, how), RING_DONE, "%s: the copy is done", name);
    tap_ok(copied(s), "%s: every byte", name);
    tap_equal(testbed_drain_events(&s->smmu), 0, "%s: no event", name);
}

static void expect_event(struct scene *s, const char *name, const void *page, bool read)
{
    struct smmu_event event;

    if (!testbed_take_event(&s->smmu, name, &event))
        return;
    tap_equal(event.type, EVENT_F_TRANSL_FORBIDDEN, "%s: F_TRANSL_FORBIDDEN", name);
    tap_equal(event.sid, s->requester.function.rid, "%s: its StreamID", name);
    tap_equal(event.input_addr, (uintptr_t)page, "%s: the physical address", name);
    tap_equal(event.rnw, read, "%s: RnW", name);
}

static void expect_refused(struct scene *s, const char *name)
{
    tap_equal(copy(s, 0), RING_SOURCE_FAILED, "%s: the page is not read", name);
    tap_ok(testbed_page_is(s->destination, 0), "%s: nothing is copied", name);
    expect_event(s, name, s->source, true);
}

static uint32_t active_errors(const struct scene *s)
{
    return read32(s->smmu.base + SMMU_GERROR) ^ read32(s->smmu.base + SMMU_GERRORN);
}

static void test_pages(struct scene *s)
{
    expect_copied(s, 0, "a page of its VM");
    refuse(s, s->source);
    expect_copied(s, 0, "a refusal that the SMMU has not heard of");
    forget(s, s->source);
    expect_refused(s, "a page of nobody");
    expect_copied(s, RING_PLAIN, "untranslated");
    grant(s, s->source, OTHER, false);
    expect_refused(s, "a page of another VM");
    forget(s, s->source);
    grant(s, s->source, VMID, false);
    expect_copied(s, 0, "granted again");
    tap_equal(active_errors(s), 0, "refusals are no global errors");
}

/* Writes of a function are posted: it does not hear of it. */
static void test_writes(struct scene *s)
{
    grant(s, s->destination, VMID, false);
    forget(s, s->destination);
    tap_equal(copy(s, 0), RING_DONE, "a page to read: the write is posted");
    tap_ok(testbed_page_is(s->destination, 0), "a page to read: and lost");
    expect_event(s, "a page to read", s->destination, false);
    grant(s, s->destination, VMID, true);
    forget(s, s->destination);
    expect_copied(s, 0, "a page to write");
}

static void test_lookup_fault(struct scene *s)
{
    uint64_t was = *descriptor_of(s, s->source);

    *descriptor_of(s, s->source) = was | 1UL << 5; /* of no field */
    dsb();
    smmu_command_sync(&s->smmu, smmu_cmd_dpti_all());
    expect_refused(s, "an invalid descriptor");
    tap_equal(read64(s->smmu.base + SMMU_DPT_CFG_FAR),
              ((uintptr_t)s->source & DPT_FAR_ADDRESS) | DPT_FAR_LEVEL | DPT_FAR_FAULT |
                  hw_put(DPT_FAR_CODE, DPT_FAR_CODE_WALK),
              "DPT_CFG_FAR tells where, and at which level");
    tap_equal(active_errors(s), GERROR_DPT_ERR, "GERROR.DPT_ERR is active");
    tap_ok(s->smmu.gerror_irqs != 0, "with its interrupt");

    *descriptor_of(s, s->source) = was;
    dsb();
    write64(s->smmu.base + SMMU_DPT_CFG_FAR, 0);
    write32(s->smmu.base + SMMU_GERRORN, read32(s->smmu.base + SMMU_GERROR));
    tap_equal(read64(s->smmu.base + SMMU_DPT_CFG_FAR), 0, "cleared");
    expect_copied(s, 0, "a valid one");
    tap_equal(active_errors(s), 0, "nothing is wrong any more");
}

int main(void)
{
    static struct scene scene;
    static struct pcie_function functions[MAX_FUNCTIONS];
    unsigned count = pcie_scan(functions, MAX_FUNCTIONS);

    smmu_probe(&scene.smmu, PLATFORM_SMMU_BASE);
    if (count == 0 || !scene.smmu.features.ats || !(read32(scene.smmu.base + SMMU_IDR3) & IDR3_DPT))
        tap_bail_out("no function, or no Device Permission Table");
    smmu_reset(&scene.smmu, REQUESTERS_LOG2_STREAMS, LOG2_QUEUE);
    smmu_enable_interrupts(&scene.smmu);
    open_scene(&scene, &functions[0]);

    test_pages(&scene);
    test_writes(&scene);
    test_lookup_fault(&scene);
    return 0;
}
