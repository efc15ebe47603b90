/* SPDX-License-Identifier: Apache-2.0 */
/* Sets up what a traffic generator accesses, as the node `guest` of the device tree says, sets it
 * off and waits: the program of sweeps. Streams have a context and an ASID each, and share tables.
 */
#include <stdbool.h>
#include <stdint.h>

#include "device_tree.h"
#include "gic.h"
#include "io.h"
#include "pages.h"
#include "platform.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE 6U

/* Registers of the generator. */
#define CTRL     (PLATFORM_TRAFFIC_BASE + 0x08)
#define STATUS   (PLATFORM_TRAFFIC_BASE + 0x0c)
#define ACCESSES (PLATFORM_TRAFFIC_BASE + 0x10)
#define ERRORS   (PLATFORM_TRAFFIC_BASE + 0x20)
#define ID_VALUE 0x314e4754U

#define CTRL_START  1U
#define CTRL_IRQ_EN 4U
#define STATUS_DONE 2U

#define STE1_PREFETCH HW_BITS(57, 56) /* bits [121:120] of the STE: MMU-600, MMU-700 */
#define STREAMS_MAX   208U /* from the generator's first to the end of the stream table */

static volatile uint32_t irqs;

static void on_interrupt(void *context)
{
    (void)context;
    write32(STATUS, STATUS_DONE);
    (void)read32(STATUS); /* the write has arrived, the line is low */
    irqs = irqs + 1;
}

static uint64_t asked(const char *property, uint64_t otherwise)
{
    return device_tree_number("guest", property, otherwise);
}

/* One leaf at each multiple of `step` from `base` on, in memory of its own or, by `shared`, all in
 * the same. */
static struct pgtable map_window(void)
{
    struct pgtable table = pgtable_create();
    uint64_t base = asked("base", 0);
    uint64_t bytes = asked("bytes", 0);
    uint64_t leaf = asked("page-bytes", PAGE_SIZE);
    uint64_t step = asked("step", leaf);
    bool shared = asked("shared", 0);
    unsigned log2_leaf = (unsigned)__builtin_ctzl(leaf);
    char *memory = NULL;

    if (leaf != 1UL << PGTABLE_PAGE && leaf != 1UL << PGTABLE_BLOCK_2M)
        tap_bail_out("guest: page-bytes is %lu, not 4096 or 2097152", leaf);
    if (!bytes || step < leaf || (base | step) % leaf)
        tap_bail_out("guest: no window at 0x%lx, 0x%lx bytes in steps of 0x%lx", base, bytes, step);
    for (uint64_t at = 0; at < bytes; at += step) {
        if (!memory || !shared)
            memory = pages_alloc(leaf, leaf);
        pgtable_map(&table, base + at, (uintptr_t)memory, log2_leaf, 0);
    }
    return table;
}

static void open_streams(struct smmu *smmu, const struct pgtable *table)
{
    uint64_t streams = asked("streams", 1);
    uint64_t prefetch = asked("prefetch", 0);

    if (streams == 0 || streams > STREAMS_MAX)
        tap_bail_out("guest: streams is %lu, not 1 to %u", streams, STREAMS_MAX);
    for (unsigned i = 0; i < streams; i++) {
        struct smmu_cd *cd = smmu_cd_alloc();
        struct smmu_cd_config config = {
            .table = pgtable_address(table),
            .asid = (uint16_t)(i + 1),
            .ips = smmu->features.oas,
        };
        smmu_cd_write(cd, &config);
        struct smmu_ste *ste = smmu_stream(smmu, PLATFORM_TRAFFIC_SID(i));
        smmu_ste_write_stage1(ste, cd);
        ste->word[1] |= hw_put(STE1_PREFETCH, prefetch);
    }
}

static void run_once(void)
{
    dsb(); /* tables are in memory before the generator may use them */
    write32(CTRL, CTRL_START | CTRL_IRQ_EN);
    gic_sleep_until(&irqs, 1);
}

int main(void)
{
    static struct smmu smmu;

    device_tree_open();
    if (read32(PLATFORM_TRAFFIC_BASE) != ID_VALUE)
        tap_bail_out("no traffic generator at 0x%lx", PLATFORM_TRAFFIC_BASE);
    testbed_start(&smmu, LOG2_QUEUE);
    struct pgtable table = map_window();
    open_streams(&smmu, &table);
    testbed_invalidate_all(&smmu);
    gic_enable(GIC_SPI(PLATFORM_SPI_TRAFFIC), GIC_LEVEL, on_interrupt, NULL);
    run_once();
    tap_ok(read64(ACCESSES) > 0, "%lu accesses were answered", read64(ACCESSES));
    tap_equal(read64(ERRORS), 0, "none failed");
    return 0;
}
