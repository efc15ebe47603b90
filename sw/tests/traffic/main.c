/* SPDX-License-Identifier: Apache-2.0 */
/* The traffic generator behind the SMMU: software sets it off, it writes through two streams by
 * turns, and counts what it did and what failed. */
#include <stdbool.h>
#include <stdint.h>

#include "gic.h"
#include "io.h"
#include "pages.h"
#include "platform.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE 6U

/* What virt-traffic.dts says of the generator. */
#define STREAMS    2U
#define WINDOW     0x123456780000UL
#define LINE       64U
#define LINES      256U
#define PAGES      (LINES * LINE / PAGE_SIZE)
#define LINES_PAGE (PAGE_SIZE / LINE)
#define UNTOUCHED  0xeeU

/* Registers. */
#define CTRL     (PLATFORM_TRAFFIC_BASE + 0x08)
#define STATUS   (PLATFORM_TRAFFIC_BASE + 0x0c)
#define ACCESSES (PLATFORM_TRAFFIC_BASE + 0x10)
#define WRITES   (PLATFORM_TRAFFIC_BASE + 0x18)
#define ERRORS   (PLATFORM_TRAFFIC_BASE + 0x20)
#define BYTES    (PLATFORM_TRAFFIC_BASE + 0x28)
#define ID_VALUE 0x314e4754U

#define CTRL_START  1U
#define CTRL_IRQ_EN 4U
#define STATUS_DONE 2U

/* A stream, with an address space of its own in which the window is memory of its own. */
struct stream {
    struct pgtable table;
    uint8_t *pages[PAGES];
};

static volatile uint32_t irqs;

static void on_interrupt(void *context)
{
    (void)context;
    write32(STATUS, STATUS_DONE);
    (void)read32(STATUS); /* the write has arrived, the line is low */
    irqs = irqs + 1;
}

static void open_stream(struct stream *stream, struct smmu *smmu, unsigned index)
{
    struct smmu_cd *cd = smmu_cd_alloc();

    stream->table = pgtable_create();
    struct smmu_cd_config config = {
        .table = pgtable_address(&stream->table),
        .asid = (uint16_t)(index + 1),
        .ips = smmu->features.oas,
    };
    for (unsigned i = 0; i < PAGES; i++) {
        stream->pages[i] = testbed_page(UNTOUCHED);
        pgtable_map(&stream->table, WINDOW + i * PAGE_SIZE, (uintptr_t)stream->pages[i],
                    PGTABLE_PAGE, 0);
    }
    smmu_cd_write(cd, &config);
    smmu_ste_write_stage1(smmu_stream(smmu, PLATFORM_TRAFFIC_SID(index)), cd);
}

static void run_once(void)
{
    irqs = 0;
    dsb(); /* tables are in memory before the generator may use them */
    write32(CTRL, CTRL_START | CTRL_IRQ_EN);
    gic_sleep_until(&irqs, 1);
    dmb_load(); /* what was written is read after the interrupt said so */
}

/* Bytes of a line that are not what they should be. */
static unsigned wrong_bytes(const struct stream *stream, unsigned line, uint8_t expected)
{
    const uint8_t *at = stream->pages[line / LINES_PAGE] + line % LINES_PAGE * LINE;
    unsigned wrong = 0;

    for (unsigned i = 0; i < LINE; i++)
        wrong += at[i] != expected;
    return wrong;
}

static void test_turns(const struct stream *streams)
{
    unsigned wrong = 0;

    run_once();
    tap_equal(read64(ACCESSES), LINES, "all accesses are counted");
    tap_equal(read64(WRITES), LINES, "all were writes");
    tap_equal(read64(ERRORS), 0, "none failed");
    tap_equal(read64(BYTES), LINES * LINE, "and their bytes");
    for (unsigned line = 0; line < LINES; line++) {
        wrong += wrong_bytes(&streams[line % STREAMS], line, (uint8_t)line);
        wrong += wrong_bytes(&streams[(line + 1) % STREAMS], line, UNTOUCHED);
    }
    tap_equal(wrong, 0, "streams take turns, each in its own memory");
}

/* Of the lines of a page, every other one is of the second stream. */
static void test_faults(struct stream *streams, struct smmu *smmu)
{
    const uint64_t missing = WINDOW + 2 * PAGE_SIZE;
    struct smmu_event event;

    pgtable_unmap(&streams[1].table, missing);
    smmu_command_sync(smmu, smmu_cmd_tlbi_va(0, 2, missing));
    run_once();
    tap_equal(read64(ACCESSES), LINES, "a page is missing: accesses go on");
    tap_equal(read64(ERRORS), LINES_PAGE / STREAMS, "those to it fail");
    smmu_sync(smmu);
    if (tap_ok(smmu_event_pop(smmu, &event), "there is an event")) {
        event_print(&event);
        tap_equal(event.sid, PLATFORM_TRAFFIC_SID(1), "it names the stream");
        tap_ok(event.input_addr - missing < PAGE_SIZE, "and the page");
        tap_equal(1 + testbed_drain_events(smmu), LINES_PAGE / STREAMS, "one for each failure");
    }
}

int main(void)
{
    static struct smmu smmu;
    static struct stream streams[STREAMS];

    if (read32(PLATFORM_TRAFFIC_BASE) != ID_VALUE)
        tap_bail_out("no traffic generator at 0x%lx", PLATFORM_TRAFFIC_BASE);
    testbed_start(&smmu, LOG2_QUEUE);
    for (unsigned i = 0; i < STREAMS; i++)
        open_stream(&streams[i], &smmu, i);
    testbed_invalidate_all(&smmu);
    gic_enable(GIC_SPI(PLATFORM_SPI_TRAFFIC), GIC_LEVEL, on_interrupt, NULL);
    test_turns(streams);
    test_faults(streams, &smmu);
    return 0;
}
