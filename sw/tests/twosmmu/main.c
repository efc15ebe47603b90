/* SPDX-License-Identifier: Apache-2.0 */
/* Two SMMUs and a device with a path through each: the same memory at different addresses, and
 * nothing that is done to one SMMU is done to the other. */
#include <stdbool.h>
#include <stdint.h>

#include "pages.h"
#include "tap.h"
#include "testbed.h"
#include "wait.h"

#define LOG2_QUEUE 6U

#define FIRST_IOVA   0x000100000000UL /* of the shared page, by the first path */
#define SECOND_IOVA  0x123400000000UL /* and by the second */
#define PRIVATE_IOVA 0x000200000000UL /* of a page for each path */

#define FIRST_BYTE  0x5aU
#define SECOND_BYTE 0xc3U

/* A channel of the DMA engine with the SMMU it goes through. */
struct path {
    const char *name;
    struct smmu smmu;
    struct endpoint endpoint;
    uint8_t *private;
};

static void open_path(struct path *path, unsigned channel)
{
    endpoint_open(&path->endpoint, &path->smmu, channel, 1);
    path->private = testbed_page(0);
    pgtable_map(&path->endpoint.table, PRIVATE_IOVA, (uintptr_t)path->private, PGTABLE_PAGE, 0);
}

static void map_shared(struct path *path, uint64_t iova, const uint8_t *page)
{
    pgtable_map(&path->endpoint.table, iova, (uintptr_t)page, PGTABLE_PAGE, 0);
}

/* A read of `iova` by `path` brings a page of `byte`. */
static void expect_read(struct path *path, uint64_t iova, uint8_t byte, const char *what)
{
    testbed_page_clear(path->private);
    struct dma_result result = endpoint_copy(&path->endpoint, PRIVATE_IOVA, iova, PAGE_SIZE);

    tap_equal(result.error, DMA_OK, "%s: %s path reads", what, path->name);
    tap_ok(testbed_page_is(path->private, byte), "%s: the shared page", what);
}

/* A read of `iova` by `path` is an event of its SMMU, and none of the other one. */
static void expect_fault(struct path *path, struct path *other, uint64_t iova, const char *what)
{
    struct smmu_event event;
    uint32_t irqs = path->smmu.evtq_irqs, other_irqs = other->smmu.evtq_irqs;
    struct dma_result result = endpoint_copy(&path->endpoint, PRIVATE_IOVA, iova, PAGE_SIZE);

    tap_equal(result.error, DMA_READ_ABORT, "%s: %s path is refused", what, path->name);
    tap_equal(result.fault_addr, iova, "%s: at the address", what);
    tap_ok(wait_until(path->smmu.evtq_irqs == irqs + 1), "%s: its SMMU interrupts", what);
    if (testbed_take_event(&path->smmu, what, &event)) {
        tap_equal(event.type, EVENT_F_TRANSLATION, "%s: F_TRANSLATION", what);
        tap_equal(event.sid, path->endpoint.sid, "%s: its stream", what);
        tap_equal(event.input_addr, iova, "%s: its address", what);
    }
    tap_equal(testbed_drain_events(&other->smmu), 0, "%s: no event in the other SMMU", what);
    tap_equal(other->smmu.evtq_irqs, other_irqs, "%s: nor an interrupt", what);
}

static void test_mapping_once(struct path *first, struct path *second, const uint8_t *page)
{
    map_shared(first, FIRST_IOVA, page);
    expect_read(first, FIRST_IOVA, FIRST_BYTE, "mapped once");
    expect_fault(second, first, FIRST_IOVA, "mapped once");
    expect_fault(second, first, SECOND_IOVA, "mapped nowhere");
}

static void test_mapping_twice(struct path *first, struct path *second, const uint8_t *page)
{
    map_shared(second, SECOND_IOVA, page);
    expect_read(second, SECOND_IOVA, FIRST_BYTE, "mapped twice");
    expect_fault(first, second, SECOND_IOVA, "the other's address");
}

/* What one path writes the other one reads. */
static void test_same_memory(struct path *first, struct path *second)
{
    for (unsigned i = 0; i < PAGE_SIZE; i++)
        second->private[i] = SECOND_BYTE;
    struct dma_result result =
        endpoint_copy(&second->endpoint, SECOND_IOVA, PRIVATE_IOVA, PAGE_SIZE);

    tap_equal(result.error, DMA_OK, "the second path writes");
    expect_read(first, FIRST_IOVA, SECOND_BYTE, "written by the second");
}

/* A mapping that is taken away has to be invalidated in the SMMU that has it. */
static void test_invalidation(struct path *first, struct path *second)
{
    pgtable_unmap(&second->endpoint.table, SECOND_IOVA);
    testbed_invalidate_all(&first->smmu);
    expect_read(second, SECOND_IOVA, SECOND_BYTE, "invalidated in the wrong SMMU");
    testbed_invalidate_all(&second->smmu);
    expect_fault(second, first, SECOND_IOVA, "invalidated in the right SMMU");
    expect_read(first, FIRST_IOVA, SECOND_BYTE, "still mapped");
}

int main(void)
{
    static struct path first = {.name = "the first"}, second = {.name = "the second"};
    const uint8_t *page = testbed_page(FIRST_BYTE);

    testbed_start(&first.smmu, LOG2_QUEUE);
    testbed_start_second(&second.smmu, LOG2_QUEUE);
    open_path(&first, 0);
    open_path(&second, 1);

    test_mapping_once(&first, &second, page);
    test_mapping_twice(&first, &second, page);
    test_same_memory(&first, &second);
    test_invalidation(&first, &second);
    return 0;
}
