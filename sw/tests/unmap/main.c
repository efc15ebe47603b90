/* SPDX-License-Identifier: Apache-2.0 */
/* Times the invalidation of `unmap-bytes` of mappings, for sweeps: page by page, by ranges of 2
 * MiB, or by ASID, as `method` of the node `guest` of the device tree says; and what it costs pages
 * of the same ASID that stay mapped, which the traffic generator accesses before and after. */
#include <stdint.h>

#include "device_tree.h"
#include "generator.h"
#include "io.h"
#include "pages.h"
#include "printf.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE  8U
#define ASID        1
#define PICOSECONDS 1000000000000UL

#define UNMAPPED_BASE 0x100000000000UL
#define LOG2_RANGE    9U /* pages of a range: 2 MiB */

enum method { BY_PAGE, BY_RANGE, BY_ASID, METHODS };

static uint64_t ticks(void)
{
    isb();
    return read_sysreg(cntvct_el0);
}

/* Pages that stay: all of one memory. */
static struct pgtable map_others(void)
{
    struct pgtable table = pgtable_create();
    uintptr_t memory = (uintptr_t)pages_alloc(PAGE_SIZE, PAGE_SIZE);
    uint64_t base = guest_asks("base", 0), others = guest_asks("bytes", 0);

    for (uint64_t at = 0; at < others; at += PAGE_SIZE)
        pgtable_map(&table, base + at, memory, PGTABLE_PAGE, 0);
    return table;
}

static void run_generator(void)
{
    generator_start();
    generator_wait();
    tap_equal(generator_errors(), 0, "no access fails");
}

/* Returns how many commands it takes, CMD_SYNC not among them. */
static uint64_t invalidate(struct smmu *smmu, enum method method, uint64_t bytes)
{
    uint64_t step = method == BY_PAGE ? PAGE_SIZE : PAGE_SIZE << LOG2_RANGE;
    uint64_t commands = 0;

    if (method == BY_ASID) {
        smmu_command_sync(smmu, smmu_cmd_tlbi_asid(0, ASID));
        return 1;
    }
    for (uint64_t at = UNMAPPED_BASE; at < UNMAPPED_BASE + bytes; at += step, commands++)
        smmu_cmdq_push(smmu, method == BY_PAGE ? smmu_cmd_tlbi_va(0, ASID, at)
                                               : smmu_cmd_tlbi_range(0, ASID, at, LOG2_RANGE));
    smmu_sync(smmu);
    return commands;
}

int main(void)
{
    static struct smmu smmu;

    device_tree_open();
    generator_open();
    testbed_start(&smmu, LOG2_QUEUE);
    uint64_t bytes = guest_asks("unmap-bytes", 0x2000000), method = guest_asks("method", BY_PAGE);
    if (method >= METHODS || bytes == 0 || bytes % (PAGE_SIZE << LOG2_RANGE))
        tap_bail_out("guest: method %lu, or 0x%lx bytes, cannot be", method, bytes);
    struct pgtable table = map_others();
    generator_context(&smmu, 0, &table, ASID);
    testbed_invalidate_all(&smmu);

    run_generator(); /* brings the translations in */
    run_generator();
    uint64_t before = generator_mean_latency();
    uint64_t begin = ticks();
    uint64_t commands = invalidate(&smmu, (enum method)method, bytes);
    uint64_t taken = (ticks() - begin) * (PICOSECONDS / read_sysreg(cntfrq_el0));
    run_generator();

    printf("guest.commands %lu\n", commands);
    printf("guest.invalidation-ps %lu\n", taken);
    printf("guest.before-ps %lu\n", before);
    printf("guest.after-ps %lu\n", generator_mean_latency());
    return 0;
}
