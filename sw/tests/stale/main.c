/* SPDX-License-Identifier: Apache-2.0 */
/* What the SMMU has cached stays in use until it is invalidated: a driver that forgets a command
 * sees the bug here. Real parts may drop an entry earlier; this machine keeps it. */
#include <stdbool.h>
#include <stdint.h>

#include "pages.h"
#include "string.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE 6U

#define DESTINATION_IOVA 0x000700000000UL
#define SOURCE_IOVA      0x000800000000UL

#define FIRST_ASID  0x21
#define SECOND_ASID 0x22

#define OLD_BYTE 0x11
#define NEW_BYTE 0x22
#define NO_BYTE  0xee

/* Two source pages with known bytes and one destination. */
struct memory {
    uint8_t *old_page, *new_page, *destination;
};

/* Copy a page from `source` and say which of the two it was; NO_BYTE if the copy failed. */
static uint8_t observe(struct endpoint *endpoint, const struct memory *memory, uint64_t source)
{
    memset(memory->destination, NO_BYTE, PAGE_SIZE);

    struct dma_result result = endpoint_copy(endpoint, DESTINATION_IOVA, source, PAGE_SIZE);
    if (result.error != DMA_OK) {
        tap_note("DMA error %u at 0x%lx", result.error, result.fault_addr);
        return NO_BYTE;
    }
    uint8_t byte = memory->destination[0];
    return testbed_page_is(memory->destination, byte) ? byte : NO_BYTE;
}

/* Warm the TLB with the old page, change the mapping, and see when the change takes effect. */
static void check_tlbi(struct smmu *smmu, struct endpoint *endpoint, const struct memory *memory,
                       struct smmu_command tlbi, const char *name)
{
    pgtable_map(&endpoint->table, SOURCE_IOVA, (uintptr_t)memory->old_page, PGTABLE_PAGE, 0);
    testbed_invalidate_all(smmu);
    tap_equal(observe(endpoint, memory, SOURCE_IOVA), OLD_BYTE, "%s: the mapping is in use", name);

    pgtable_map(&endpoint->table, SOURCE_IOVA, (uintptr_t)memory->new_page, PGTABLE_PAGE, 0);
    tap_equal(observe(endpoint, memory, SOURCE_IOVA), OLD_BYTE,
              "%s: changed, it is stale without the command", name);
    smmu_command_sync(smmu, tlbi);
    tap_equal(observe(endpoint, memory, SOURCE_IOVA), NEW_BYTE, "%s: and new after it", name);
}

/* TLBI VAE1IS of the PE. */
static void tlbi_va(uint16_t asid, uint64_t address)
{
    uint64_t operand = (uint64_t)asid << 48 | (address >> 12 & 0xfffffffffff);

    __asm__ volatile("dsb ishst\n\ttlbi vae1is, %0\n\tdsb ish" ::"r"(operand) : "memory");
}

/* A PE's maintenance counts for the SMMU if that takes part, and for entries of ASIDs that are
 * shared with PEs. */
static void check_broadcast(struct smmu *smmu, struct endpoint *endpoint,
                            const struct memory *memory, bool takes_part, bool shared)
{
    endpoint_restore(endpoint, smmu);
    if (shared)
        endpoint->cd->word[0] &= ~CD0_ASET;
    smmu_set_broadcast(smmu, takes_part);
    pgtable_map(&endpoint->table, SOURCE_IOVA, (uintptr_t)memory->old_page, PGTABLE_PAGE, 0);
    testbed_invalidate_all(smmu);
    tap_equal(observe(endpoint, memory, SOURCE_IOVA), OLD_BYTE, "TLBI: the mapping is in use");

    pgtable_map(&endpoint->table, SOURCE_IOVA, (uintptr_t)memory->new_page, PGTABLE_PAGE, 0);
    tlbi_va(endpoint->asid, SOURCE_IOVA);
    tap_equal(observe(endpoint, memory, SOURCE_IOVA), takes_part && shared ? NEW_BYTE : OLD_BYTE,
              "TLBI VAE1IS of the PE, PTM %u, ASET %u", !takes_part, !shared);
}

static void test_broadcast(struct smmu *smmu, struct endpoint *endpoint,
                           const struct memory *memory)
{
    check_broadcast(smmu, endpoint, memory, true, true);
    check_broadcast(smmu, endpoint, memory, true, false);
    check_broadcast(smmu, endpoint, memory, false, true);
    endpoint_restore(endpoint, smmu);
}

static void test_unmap(struct smmu *smmu, struct endpoint *endpoint, const struct memory *memory)
{
    pgtable_map(&endpoint->table, SOURCE_IOVA, (uintptr_t)memory->old_page, PGTABLE_PAGE, 0);
    testbed_invalidate_all(smmu);
    tap_equal(observe(endpoint, memory, SOURCE_IOVA), OLD_BYTE, "unmap: the mapping is in use");
    pgtable_unmap(&endpoint->table, SOURCE_IOVA);
    tap_equal(observe(endpoint, memory, SOURCE_IOVA), OLD_BYTE, "unmap: it survives the tables");

    smmu_command_sync(smmu, smmu_cmd_tlbi_va(0, endpoint->asid, SOURCE_IOVA));
    struct dma_result result = endpoint_copy(endpoint, DESTINATION_IOVA, SOURCE_IOVA, PAGE_SIZE);
    tap_equal(result.error, DMA_READ_ABORT, "unmap: gone after CMD_TLBI_NH_VA");
}

/* A fault is not cached: a page that appears needs no invalidation (IHI 0070 16.2). */
static void test_map(struct endpoint *endpoint, const struct memory *memory)
{
    pgtable_map(&endpoint->table, SOURCE_IOVA, (uintptr_t)memory->new_page, PGTABLE_PAGE, 0);
    tap_equal(observe(endpoint, memory, SOURCE_IOVA), NEW_BYTE,
              "a page mapped where none was is seen at once");
}

static void test_cd_change(struct smmu *smmu, struct endpoint *endpoint,
                           const struct memory *memory)
{
    struct pgtable other = pgtable_create();
    struct smmu_cd_config config = {
        .table = pgtable_address(&other), .asid = SECOND_ASID, .ips = smmu->features.oas};

    pgtable_map(&other, RING_IOVA, (uintptr_t)endpoint->ring, PGTABLE_PAGE, 0);
    pgtable_map(&other, DESTINATION_IOVA, (uintptr_t)memory->destination, PGTABLE_PAGE, 0);
    pgtable_map(&other, SOURCE_IOVA, (uintptr_t)memory->new_page, PGTABLE_PAGE, 0);
    pgtable_map(&endpoint->table, SOURCE_IOVA, (uintptr_t)memory->old_page, PGTABLE_PAGE, 0);
    testbed_invalidate_all(smmu);

    tap_equal(observe(endpoint, memory, SOURCE_IOVA), OLD_BYTE, "CD: the first tables are in use");
    smmu_cd_write(endpoint->cd, &config);
    tap_equal(observe(endpoint, memory, SOURCE_IOVA), OLD_BYTE,
              "CD: other tables and ASID are not seen without CMD_CFGI_CD");
    smmu_command_sync(smmu, smmu_cmd_cfgi_cd(endpoint->sid, 0));
    tap_equal(observe(endpoint, memory, SOURCE_IOVA), NEW_BYTE, "CD: and are after it");
    endpoint_restore(endpoint, smmu);
}

/* The new page's own address, as an IOVA, leads to the old page: translated reads find the old
 * page, untranslated ones the new. Descriptors and destination are mapped to themselves too. */
static uint64_t map_decoy(struct endpoint *endpoint, const struct memory *memory)
{
    uint64_t decoy = (uintptr_t)memory->new_page;

    pgtable_map(&endpoint->table, decoy, (uintptr_t)memory->old_page, PGTABLE_PAGE, 0);
    pgtable_map(&endpoint->table, (uintptr_t)memory->destination, (uintptr_t)memory->destination,
                PGTABLE_PAGE, 0);
    pgtable_map(&endpoint->table, (uintptr_t)endpoint->ring, (uintptr_t)endpoint->ring,
                PGTABLE_PAGE, 0);
    return decoy;
}

/* As observe(), but every address is valid both as IOVA and as physical address. */
static uint8_t observe_identity(struct endpoint *endpoint, const struct memory *memory,
                                uint64_t source)
{
    struct dma_transfer transfer = {source, (uintptr_t)memory->destination, PAGE_SIZE};
    uint64_t ring = (uintptr_t)endpoint->ring;

    memset(memory->destination, NO_BYTE, PAGE_SIZE);
    dma_build(endpoint->ring, ring, &transfer, 1);
    dma_start(&endpoint->channel, ring);
    return dma_poll(&endpoint->channel).error == DMA_OK ? memory->destination[0] : NO_BYTE;
}

static void test_ste_change(struct smmu *smmu, struct endpoint *endpoint,
                            const struct memory *memory)
{
    uint64_t decoy = map_decoy(endpoint, memory);

    testbed_invalidate_all(smmu);
    tap_equal(observe_identity(endpoint, memory, decoy), OLD_BYTE, "STE: stage 1 translates");
    smmu_ste_write_bypass(endpoint->ste);
    tap_equal(observe_identity(endpoint, memory, decoy), OLD_BYTE,
              "STE: bypass is not seen without CMD_CFGI_STE");
    smmu_command_sync(smmu, smmu_cmd_cfgi_ste(endpoint->sid));
    tap_equal(observe_identity(endpoint, memory, decoy), NEW_BYTE, "STE: and is after it");
    endpoint_restore(endpoint, smmu);
}

static void test_disabled(struct smmu *smmu, struct endpoint *endpoint, const struct memory *memory)
{
    uint64_t decoy = map_decoy(endpoint, memory);
    struct smmu_event event;

    while (smmu_event_pop(smmu, &event))
        ;
    smmu_set_bypass_abort(smmu, false);
    smmu_set_enabled(smmu, false);
    tap_equal(observe_identity(endpoint, memory, decoy), NEW_BYTE,
              "SMMUEN = 0, GBPA.ABORT = 0: addresses are physical");
    smmu_set_bypass_abort(smmu, true);
    tap_equal(observe_identity(endpoint, memory, decoy), NO_BYTE,
              "SMMUEN = 0, GBPA.ABORT = 1: accesses abort");
    tap_ok(!smmu_event_pop(smmu, &event), "without an event");
    smmu_set_enabled(smmu, true);
    tap_equal(observe_identity(endpoint, memory, decoy), OLD_BYTE, "SMMUEN = 1: translated again");
}

int main(void)
{
    static struct smmu smmu;
    static struct endpoint endpoint;
    struct memory memory = {testbed_page(OLD_BYTE), testbed_page(NEW_BYTE), testbed_page(NO_BYTE)};

    testbed_start(&smmu, LOG2_QUEUE);
    endpoint_open(&endpoint, &smmu, 0, FIRST_ASID);
    pgtable_map(&endpoint.table, DESTINATION_IOVA, (uintptr_t)memory.destination, PGTABLE_PAGE, 0);

    check_tlbi(&smmu, &endpoint, &memory, smmu_cmd_tlbi_va(0, FIRST_ASID, SOURCE_IOVA),
               "CMD_TLBI_NH_VA");
    check_tlbi(&smmu, &endpoint, &memory, smmu_cmd_tlbi_asid(0, FIRST_ASID), "CMD_TLBI_NH_ASID");
    check_tlbi(&smmu, &endpoint, &memory, smmu_cmd_tlbi_nh_all(0), "CMD_TLBI_NH_ALL");
    if (smmu.features.broadcast)
        test_broadcast(&smmu, &endpoint, &memory);
    test_unmap(&smmu, &endpoint, &memory);
    test_map(&endpoint, &memory);
    test_cd_change(&smmu, &endpoint, &memory);
    test_ste_change(&smmu, &endpoint, &memory);
    test_disabled(&smmu, &endpoint, &memory);
    return 0;
}
