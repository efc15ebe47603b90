/* SPDX-License-Identifier: Apache-2.0 */
/* Sets up what a traffic generator accesses, as the node `guest` of the device tree says, sets it
 * off and waits: the program of sweeps. Streams have a context and an ASID each, and share tables.
 */
#include <stdbool.h>
#include <stdint.h>

#include "device_tree.h"
#include "generator.h"
#include "pages.h"
#include "platform.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE 6U

#define STE1_PREFETCH HW_BITS(57, 56) /* bits [121:120] of the STE: MMU-600, MMU-700 */
#define STREAMS_MAX   208U /* from the generator's first to the end of the stream table */

/* One leaf at each multiple of `step` from `base` on, in memory of its own or, by `shared`, all in
 * the same. */
static struct pgtable map_window(void)
{
    struct pgtable table = pgtable_create();
    uint64_t base = guest_asks("base", 0);
    uint64_t bytes = guest_asks("bytes", 0);
    uint64_t leaf = guest_asks("page-bytes", PAGE_SIZE);
    uint64_t step = guest_asks("step", leaf);
    bool shared = guest_asks("shared", 0);
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
    uint64_t streams = guest_asks("streams", 1);
    uint64_t prefetch = guest_asks("prefetch", 0);

    if (streams == 0 || streams > STREAMS_MAX)
        tap_bail_out("guest: streams is %lu, not 1 to %u", streams, STREAMS_MAX);
    for (unsigned i = 0; i < streams; i++) {
        struct smmu_ste *ste = generator_context(smmu, i, table, (uint16_t)(i + 1));
        ste->word[1] |= hw_put(STE1_PREFETCH, prefetch);
    }
}

int main(void)
{
    static struct smmu smmu;

    device_tree_open();
    generator_open();
    testbed_start(&smmu, LOG2_QUEUE);
    struct pgtable table = map_window();
    open_streams(&smmu, &table);
    testbed_invalidate_all(&smmu);

    generator_start();
    generator_wait();
    tap_ok(generator_accesses() > 0, "%lu accesses were answered", generator_accesses());
    tap_equal(generator_errors(), 0, "none failed");
    return 0;
}
