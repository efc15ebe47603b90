/* SPDX-License-Identifier: Apache-2.0 */
/* A DMA function that many tenants share, for sweeps: each has a PASID, a context behind stage 2
 * and pages of its own; packets of all of them take turns, in as many rings as `rings` of the node
 * `guest` of the device tree says. Each packet crosses from one page to the next, and the function
 * translates both by ATS. Prints the time of a packet. */
#include <stdint.h>

#include "device_tree.h"
#include "generator.h"
#include "io.h"
#include "pages.h"
#include "pcie.h"
#include "pgtable.h"
#include "platform.h"
#include "printf.h"
#include "ring.h"
#include "smmu.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE      6U
#define LOG2_STREAM_IDS 10U /* buses 0 to 3 */
#define LOG2_PASIDS     12U
#define MAX_FUNCTIONS   8U
#define MAX_RINGS       16U
#define MAX_TENANTS     1024U
#define VMID            1

#define RING_STEP    0x1000000UL /* between the rings, from RING_IOVA on */
#define PACKET_IOVA  0x000100000000UL
#define PACKET_PAGES 2U
#define PICOSECONDS  1000000000000UL

#define ATS_CONTROL   6U
#define ATS_ENABLE    0x8000U
#define PASID_CONTROL 6U
#define PASID_ENABLE  1U

struct shared {
    struct pcie_function function;
    struct pgtable stage1; /* of requests without PASID: the rings */
    struct ring rings[MAX_RINGS];
    uint64_t tenants, ring_count, packets, packet_bytes;
};

static uint64_t ticks(void)
{
    isb();
    return read_sysreg(cntvct_el0);
}

static void find_function(struct shared *all)
{
    struct pcie_function found[MAX_FUNCTIONS];
    unsigned count = pcie_scan(found, MAX_FUNCTIONS);

    if (count == 0)
        tap_bail_out("there is no PCI Express function");
    all->function = found[count - 1]; /* the one behind the port */
    if (read32(all->function.bar[0]) != RING_ID_VALUE)
        tap_bail_out("%04x is no DMA function", all->function.rid);
}

static void write_context(const struct smmu *smmu, uint64_t *directory, uint32_t pasid,
                          const struct pgtable *table)
{
    struct smmu_cd_config config = {
        .asid = (uint16_t)(pasid + 1), .ips = smmu->features.oas, .table = pgtable_address(table)};

    smmu_cd_write(smmu_cd_of(directory, pasid), &config);
}

/* All memory by pages, where it is. */
static struct smmu_stage2 all_memory(const struct smmu *smmu)
{
    struct pgtable table = pgtable_create_levels(true, 4);

    for (uint64_t at = 0; at < PLATFORM_RAM_SIZE; at += PAGE_SIZE)
        pgtable_map(&table, PLATFORM_RAM_BASE + at, PLATFORM_RAM_BASE + at, PGTABLE_PAGE, 0);
    return (struct smmu_stage2){
        .table = pgtable_address(&table), .long_ipa = true, .vmid = VMID, .ps = smmu->features.oas};
}

static void open_tenant(const struct smmu *smmu, uint64_t *directory, uint32_t pasid)
{
    struct pgtable table = pgtable_create();

    for (unsigned i = 0; i < PACKET_PAGES; i++)
        pgtable_map(&table, PACKET_IOVA + i * PAGE_SIZE,
                    (uintptr_t)pages_alloc(PAGE_SIZE, PAGE_SIZE), PGTABLE_PAGE, 0);
    write_context(smmu, directory, pasid, &table);
}

static void open_contexts(struct smmu *smmu, struct shared *all)
{
    uint64_t *directory = smmu_cd_directory_alloc(LOG2_PASIDS);
    struct smmu_contexts contexts = {.address = (uintptr_t)directory,
                                     .log2_count = LOG2_PASIDS,
                                     .two_level = true,
                                     .s1dss = STE_S1DSS_CD0};
    struct smmu_stage2 stage2 = all_memory(smmu);

    write_context(smmu, directory, 0, &all->stage1);
    for (uint32_t i = 0; i < all->tenants; i++)
        open_tenant(smmu, directory, i + 1);
    smmu_ste_write(smmu_stream(smmu, all->function.rid), &contexts, &stage2);
    testbed_invalidate_all(smmu);
    smmu_ste_set_ats(smmu, all->function.rid, true);
}

/* The rings, with room for all packets and one descriptor more. */
static void open_rings(struct shared *all)
{
    uint64_t each = all->packets / all->ring_count;
    unsigned log2_size = 1;

    while (1UL << log2_size <= each + 1)
        log2_size++;
    all->stage1 = pgtable_create();
    for (unsigned i = 0; i < all->ring_count; i++) {
        uint64_t iova = RING_IOVA + i * RING_STEP;
        ring_open_sized(&all->rings[i], &all->function, i, iova, log2_size);
        for (uint64_t at = 0; at < sizeof(struct ring_descriptor) << log2_size; at += PAGE_SIZE)
            pgtable_map(&all->stage1, iova + at, (uintptr_t)all->rings[i].descriptors + at,
                        PGTABLE_PAGE, 0);
    }
}

static void enable_ats(const struct pcie_function *function)
{
    unsigned ats = pcie_extended_capability(function->rid, PCIE_EXT_ATS);
    unsigned pasid = pcie_extended_capability(function->rid, PCIE_EXT_PASID);

    pcie_write16(function->rid, pasid + PASID_CONTROL, PASID_ENABLE);
    pcie_write16(function->rid, ats + ATS_CONTROL, ATS_ENABLE);
}

/* Packet `number`: half of it in either page. */
static struct ring_descriptor packet(const struct shared *all, uint64_t number)
{
    return (struct ring_descriptor){
        .control = RING_FILL | RING_WITH_PASID,
        .pasid = (uint32_t)(number % all->tenants) + 1,
        .destination = PACKET_IOVA + PAGE_SIZE - all->packet_bytes / 2,
        .length = (uint32_t)all->packet_bytes,
        .pattern = number,
    };
}

/* Packets first .. last - 1, dealt out to the rings, which begin once all are there. Returns how
 * long that takes, in picoseconds. */
static uint64_t send(struct shared *all, uint64_t first, uint64_t last)
{
    uint64_t done = 0;

    for (uint64_t i = first; i < last - all->ring_count; i++)
        ring_add(&all->rings[i % all->ring_count], packet(all, i));
    uint64_t begin = ticks();
    for (uint64_t i = last - all->ring_count; i < last; i++)
        ring_start(&all->rings[i % all->ring_count], packet(all, i));
    for (uint64_t i = 0; i < all->ring_count; i++)
        done += ring_finish(&all->rings[i]).status == RING_DONE;
    uint64_t taken = ticks() - begin;
    tap_equal(done, all->ring_count, "%lu packets are there", last - first);
    return taken * (PICOSECONDS / read_sysreg(cntfrq_el0));
}

static void ask(struct shared *all)
{
    all->tenants = guest_asks("tenants", 1);
    all->ring_count = guest_asks("rings", 1);
    all->packets = guest_asks("packets", 64);
    all->packet_bytes = guest_asks("packet-bytes", 1542);
    if (all->tenants == 0 || all->tenants > MAX_TENANTS)
        tap_bail_out("guest: tenants is %lu, not 1 to %u", all->tenants, MAX_TENANTS);
    if (all->ring_count == 0 || all->ring_count > MAX_RINGS)
        tap_bail_out("guest: rings is %lu, not 1 to %u", all->ring_count, MAX_RINGS);
    if (all->packets < 2 * all->ring_count || all->packets % all->ring_count)
        tap_bail_out("guest: %lu packets are not the same for %lu rings", all->packets,
                     all->ring_count);
    if (all->packet_bytes < 2 || all->packet_bytes > PACKET_PAGES * PAGE_SIZE)
        tap_bail_out("guest: packet-bytes is %lu, not 2 to %lu", all->packet_bytes,
                     PACKET_PAGES * PAGE_SIZE);
}

int main(void)
{
    static struct smmu smmu;
    static struct shared all;

    device_tree_open();
    ask(&all);
    smmu_probe(&smmu, PLATFORM_SMMU_BASE);
    smmu_enable_interrupts(&smmu);
    smmu_reset(&smmu, LOG2_STREAM_IDS, LOG2_QUEUE);
    find_function(&all);
    open_rings(&all);
    open_contexts(&smmu, &all);
    enable_ats(&all.function);

    uint64_t each = send(&all, 0, all.packets) / all.packets;
    printf("guest.packet-ps %lu\n", each);
    printf("guest.Mbps %lu\n", each ? all.packet_bytes * 8 * 1000000 / each : 0);
    return 0;
}
