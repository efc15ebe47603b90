/* SPDX-License-Identifier: Apache-2.0 */
/* The DMA engine in RTL behind the SMMU: software programs it, it copies through a stream of its
 * own, faults reach it as bus errors and software as events. */
#include <stdbool.h>
#include <stdint.h>

#include "gic.h"
#include "io.h"
#include "pages.h"
#include "platform.h"
#include "tap.h"
#include "testbed.h"
#include "wait.h"

#define LOG2_QUEUE 6U

/* Registers. */
#define ID          (PLATFORM_RTL_DMA_BASE + 0x00)
#define CAPS        (PLATFORM_RTL_DMA_BASE + 0x04)
#define CTRL        (PLATFORM_RTL_DMA_BASE + 0x08)
#define STATUS      (PLATFORM_RTL_DMA_BASE + 0x0c)
#define STREAM      (PLATFORM_RTL_DMA_BASE + 0x10)
#define LENGTH      (PLATFORM_RTL_DMA_BASE + 0x14)
#define SOURCE      (PLATFORM_RTL_DMA_BASE + 0x18)
#define DESTINATION (PLATFORM_RTL_DMA_BASE + 0x20)
#define FAULT       (PLATFORM_RTL_DMA_BASE + 0x28)
#define MOVED       (PLATFORM_RTL_DMA_BASE + 0x30)

#define ID_VALUE           0x4c545252U
#define CTRL_START         1U
#define CTRL_IRQ_EN        2U
#define STATUS_BUSY        1U
#define STATUS_DONE        2U
#define STATUS_ERROR       4U
#define STATUS_MALFORMED   8U
#define STATUS_WRITE_ERROR 16U

#define FROM  0x123456780000UL
#define TO    0x7edcba980000UL
#define PAGES 4U
#define BURST 64U

static volatile uint32_t irqs;

/* What the engine sees. */
struct space {
    struct pgtable table;
    uint8_t *from[PAGES];
    uint8_t *to[PAGES];
};

static void on_interrupt(void *context)
{
    (void)context;
    write32(CTRL, 0);
    (void)read32(CTRL); /* the write has arrived, the line is low */
    irqs = irqs + 1;
}

static void write_address(uintptr_t at, uint64_t address)
{
    write32(at, (uint32_t)address);
    write32(at + 4, (uint32_t)(address >> 32));
}

static uint64_t read_address(uintptr_t at)
{
    return read32(at) | (uint64_t)read32(at + 4) << 32;
}

/* Pages are mapped in another order than they lie in memory. */
static void open_space(struct space *space, struct smmu *smmu)
{
    struct smmu_cd *cd = smmu_cd_alloc();

    space->table = pgtable_create();
    struct smmu_cd_config config = {
        .table = pgtable_address(&space->table), .asid = 7, .ips = smmu->features.oas};
    for (unsigned i = PAGES; i-- > 0;) {
        space->from[i] = testbed_page(0);
        space->to[i] = testbed_page(0xee);
        pgtable_map(&space->table, FROM + i * PAGE_SIZE, (uintptr_t)space->from[i], PGTABLE_PAGE,
                    PGTABLE_READ_ONLY);
        pgtable_map(&space->table, TO + i * PAGE_SIZE, (uintptr_t)space->to[i], PGTABLE_PAGE, 0);
        for (unsigned at = 0; at < PAGE_SIZE; at++)
            space->from[i][at] = (uint8_t)(at * 7 + at / 256 * 13 + i * 31);
    }
    smmu_cd_write(cd, &config);
    smmu_ste_write_stage1(smmu_stream(smmu, PLATFORM_RTL_DMA_SID), cd);
}

/* Copies, and waits for the interrupt; gives the status. */
static uint32_t copy(uint32_t stream, uint64_t to, uint64_t from, uint32_t length)
{
    irqs = 0;
    write32(STATUS, STATUS_DONE | STATUS_ERROR);
    write32(STREAM, stream);
    write32(LENGTH, length);
    write_address(SOURCE, from);
    write_address(DESTINATION, to);
    dsb(); /* tables and data are in memory before the engine may look */
    write32(CTRL, CTRL_START | CTRL_IRQ_EN);
    gic_sleep_until(&irqs, 1);
    dmb_load(); /* what was written is read after the interrupt said so */
    return read32(STATUS);
}

static unsigned wrong_bytes(const struct space *space)
{
    unsigned wrong = 0;

    for (unsigned i = 0; i < PAGES; i++)
        for (unsigned at = 0; at < PAGE_SIZE; at++)
            wrong += space->to[i][at] != space->from[i][at];
    return wrong;
}

static void test_copy(const struct space *space)
{
    const uint32_t status = copy(PLATFORM_RTL_DMA_SID, TO, FROM, PAGES * PAGE_SIZE);

    tap_equal(status, STATUS_DONE, "a copy of several pages is done");
    tap_equal(read32(MOVED), PAGES * PAGE_SIZE, "all bytes are counted");
    tap_equal(wrong_bytes(space), 0, "and are where they belong");
}

static void test_part(const struct space *space)
{
    unsigned touched = 0;

    testbed_page_clear(space->to[1]);
    tap_equal(copy(PLATFORM_RTL_DMA_SID, TO + PAGE_SIZE + BURST, FROM, BURST), STATUS_DONE,
              "a single burst is done");
    for (unsigned at = 0; at < PAGE_SIZE; at++)
        touched +=
            space->to[1][at] != (at >= BURST && at < 2 * BURST ? space->from[0][at - BURST] : 0);
    tap_equal(touched, 0, "and touches nothing beside");
}

/* Several bursts are under way: each that meets the page is an event. */
static void check_events(struct smmu *smmu, uint32_t sid, uint64_t page)
{
    const unsigned slots = read32(CAPS) & 0xff;
    struct smmu_event event;
    unsigned count = 1;

    smmu_sync(smmu);
    if (!tap_ok(smmu_event_pop(smmu, &event), "there is an event"))
        return;
    event_print(&event);
    tap_equal(event.sid, sid, "it names the stream");
    tap_ok(event.input_addr - page < PAGE_SIZE, "and the page");
    while (smmu_event_pop(smmu, &event))
        count++;
    tap_ok(count <= slots, "there is at most one for each burst under way");
}

static void test_read_fault(struct space *space, struct smmu *smmu)
{
    const uint64_t missing = FROM + 2 * PAGE_SIZE;
    uint32_t status;

    pgtable_unmap(&space->table, missing);
    smmu_command_sync(smmu, smmu_cmd_tlbi_va(0, 7, missing));
    status = copy(PLATFORM_RTL_DMA_SID, TO, FROM, PAGES * PAGE_SIZE);
    tap_equal(status, STATUS_ERROR, "a page to read is missing: the copy ends with an error");
    tap_equal(read_address(FAULT), missing, "the engine says where");
    tap_equal(read32(MOVED), 2 * PAGE_SIZE, "what comes before is copied");
    check_events(smmu, PLATFORM_RTL_DMA_SID, missing);
    pgtable_map(&space->table, missing, (uintptr_t)space->from[2], PGTABLE_PAGE, PGTABLE_READ_ONLY);
    tap_equal(copy(PLATFORM_RTL_DMA_SID, TO, FROM, PAGES * PAGE_SIZE), STATUS_DONE,
              "with the page it is done");
}

static void test_write_fault(struct smmu *smmu)
{
    const uint32_t status = copy(PLATFORM_RTL_DMA_SID, FROM + PAGE_SIZE, FROM, PAGE_SIZE);

    tap_equal(status, STATUS_ERROR | STATUS_WRITE_ERROR, "pages to read cannot be written");
    tap_equal(read_address(FAULT), FROM + PAGE_SIZE, "the engine says where");
    tap_equal(read32(MOVED), 0, "nothing is copied");
    check_events(smmu, PLATFORM_RTL_DMA_SID, FROM + PAGE_SIZE);
}

/* C_BAD_STE has no address. */
static void test_stream(struct smmu *smmu)
{
    struct smmu_event event;

    tap_equal(copy(PLATFORM_RTL_DMA_SID + 1, TO, FROM, BURST), STATUS_ERROR,
              "another StreamID has no address space");
    smmu_sync(smmu);
    if (tap_ok(smmu_event_pop(smmu, &event), "there is an event")) {
        event_print(&event);
        tap_equal(event.sid, PLATFORM_RTL_DMA_SID + 1, "it names that stream");
    }
    testbed_drain_events(smmu);
}

static void test_malformed(struct smmu *smmu)
{
    const uint32_t expected = STATUS_ERROR | STATUS_MALFORMED;

    tap_equal(copy(PLATFORM_RTL_DMA_SID, TO + 8, FROM, BURST), expected, "addresses are aligned");
    tap_equal(copy(PLATFORM_RTL_DMA_SID, TO, FROM, BURST + 8), expected, "so are lengths");
    tap_equal(copy(PLATFORM_RTL_DMA_SID, TO, FROM, 0), expected, "which are not 0");
    tap_equal(testbed_drain_events(smmu), 0, "nothing is accessed");
}

int main(void)
{
    static struct smmu smmu;
    static struct space space;

    if (read32(ID) != ID_VALUE)
        tap_bail_out("no DMA engine at 0x%lx", PLATFORM_RTL_DMA_BASE);
    testbed_start(&smmu, LOG2_QUEUE);
    open_space(&space, &smmu);
    testbed_invalidate_all(&smmu);
    gic_enable(GIC_SPI(PLATFORM_SPI_RTL_DMA), GIC_LEVEL, on_interrupt, NULL);
    test_copy(&space);
    test_part(&space);
    test_read_fault(&space, &smmu);
    test_write_fault(&smmu);
    test_stream(&smmu);
    test_malformed(&smmu);
    return 0;
}
