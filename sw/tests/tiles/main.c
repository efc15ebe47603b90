/* SPDX-License-Identifier: Apache-2.0 */
/* What translation costs an accelerator that loads a tile and computes, for sweeps: the traffic
 * generator loads the tile of `bytes` at `base` without translation, and then with it, by tables of
 * three levels; `compute-ns` of the node `guest` of the device tree is what the device computes on
 * a tile. Addresses are the same either way. */
#include <stdint.h>

#include "device_tree.h"
#include "generator.h"
#include "pages.h"
#include "platform.h"
#include "printf.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE 6U
#define ASID       1

static struct pgtable map_tile(void)
{
    struct pgtable table = pgtable_create_levels(false, 3);
    uint64_t base = guest_asks("base", 0), bytes = guest_asks("bytes", 0);

    if (!bytes || (base | bytes) % PAGE_SIZE || base < PLATFORM_RAM_BASE + PLATFORM_RAM_SIZE)
        tap_bail_out("guest: no tile of 0x%lx bytes at 0x%lx", bytes, base);
    for (uint64_t at = base; at < base + bytes; at += PAGE_SIZE)
        pgtable_map(&table, at, at, PGTABLE_PAGE, 0);
    return table;
}

/* Load the tile once for what the SMMU caches of the stream, and once more. Returns how long that
 * takes, in picoseconds. */
static uint64_t load(struct smmu *smmu)
{
    testbed_invalidate_all(smmu);
    for (unsigned i = 0; i < 2; i++) {
        generator_start();
        generator_wait();
        tap_equal(generator_errors(), 0, "no access fails");
    }
    return generator_duration();
}

int main(void)
{
    static struct smmu smmu;

    device_tree_open();
    generator_open();
    testbed_start(&smmu, LOG2_QUEUE);
    struct pgtable table = map_tile();
    uint64_t compute = 1000 * guest_asks("compute-ns", 0);

    smmu_ste_write_bypass(smmu_stream(&smmu, PLATFORM_TRAFFIC_SID(0)));
    uint64_t alone = load(&smmu);
    generator_context(&smmu, 0, &table, ASID);
    uint64_t translated = load(&smmu);

    printf("guest.untranslated-ps %lu\n", alone);
    printf("guest.translated-ps %lu\n", translated);
    printf("guest.translation-ppm %lu\n", 1000000 * (translated - alone) / (translated + compute));
    return 0;
}
