/* SPDX-License-Identifier: Apache-2.0 */
/* Translation hardening (IHI 0070 3.27): the host lets a guest's DMA have a page only where it
 * vouches for the guest's tables: its CD is in AssuredOnly memory, its first table in memory for
 * TTB0, all tables are in MRO memory, and their descriptors are Protected. */
#include <stdbool.h>
#include <stdint.h>

#include "io.h"
#include "pages.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE 6U

#define VMID 0x61
#define ASID 0x62

/* The guest sees memory this much above where it is. */
#define GUEST_OFFSET 0x2000000000UL

#define SOURCE_VA      0x123456789000UL
#define DESTINATION_VA 0x00abcdef0000UL
#define BYTE           0x5c
#define LENGTH         4096U
#define LEVELS         4U

/* Descriptors (DDI 0487 tables D8-50 to D8-53): Protected of stage 1, AssuredOnly of stage 2,
 * PIIndex of stage 2. */
#define D_ADDRESS      0x0000fffffffff000UL
#define D_PROTECTED    (1UL << 52)
#define D_ASSURED_ONLY (1UL << 58)
#define D_PI           (0xdUL << 51 | 1UL << 6)
#define D_PI_OF(n)     ((uint64_t)((n) >> 1) << 51 | (uint64_t)((n)&1) << 6) /* n below 4 */

/* What the indexes mean (6.3.17). */
#define PI_RW      1U
#define PI_MRO     2U
#define PI_MRO_TL0 3U
#define S2PII      (0xcUL << 4 * PI_RW | 0x2UL << 4 * PI_MRO | 0x6UL << 4 * PI_MRO_TL0)

struct guest {
    struct smmu smmu;
    struct endpoint endpoint;
    struct pgtable stage1, stage2;
    struct smmu_contexts contexts;
    uint8_t *source, *destination;
    uint64_t *walk[LEVELS]; /* stage 1 descriptors of SOURCE_VA */
};

static uint64_t ipa_of(const void *memory)
{
    return ((uintptr_t)memory & ~(PAGE_SIZE - 1)) + GUEST_OFFSET;
}

/* The descriptor of `level` for `address`. */
static uint64_t *descriptor_of(const struct pgtable *table, uint64_t address, unsigned level)
{
    uint64_t *slots = table->root;

    for (unsigned at = LEVELS - table->levels;; at++) {
        uint64_t *slot = &slots[address >> (12 + 9 * (LEVELS - 1 - at)) & 0x1ff];
        if (at == level)
            return slot;
        slots = (uint64_t *)((*slot & D_ADDRESS) - table->offset);
    }
}

/* Let stage 2 map the page of `memory`, with a PIIndex, and AssuredOnly or not. */
static void place(struct guest *guest, const void *memory, unsigned pi, bool assured_only)
{
    uint64_t ipa = ipa_of(memory);

    pgtable_map(&guest->stage2, ipa, ipa - GUEST_OFFSET, PGTABLE_PAGE, 0);
    uint64_t *leaf = descriptor_of(&guest->stage2, ipa, LEVELS - 1);
    *leaf = (*leaf & ~D_PI) | D_PI_OF(pi) | (assured_only ? D_ASSURED_ONLY : 0);
    dsb();
}

/* The tables that lead to `va`. */
static void place_tables(struct guest *guest, uint64_t va)
{
    for (unsigned level = 0; level < LEVELS; level++) {
        uint64_t *descriptor = descriptor_of(&guest->stage1, va, level);
        place(guest, descriptor, level == 0 ? PI_MRO_TL0 : PI_MRO, false);
        *descriptor |= D_PROTECTED;
    }
}

/* All that it takes. */
static void vouch(struct guest *guest)
{
    place(guest, guest->endpoint.ring, PI_RW, false);
    place(guest, guest->destination, PI_RW, false);
    place(guest, guest->source, PI_RW, true);
    place(guest, guest->endpoint.cd, PI_RW, true);
    place_tables(guest, RING_IOVA);
    place_tables(guest, DESTINATION_VA);
    place_tables(guest, SOURCE_VA);
    guest->endpoint.cd->word[1] |= CD1_PNCH;
    guest->endpoint.ste->word[2] |= STE2_S2PIE;
    guest->endpoint.ste->word[5] |= STE5_ASSUREDONLY | STE5_TL0;
    dsb();
    testbed_invalidate_all(&guest->smmu);
}

static void open_guest(struct guest *guest)
{
    endpoint_open(&guest->endpoint, &guest->smmu, 0, ASID);
    guest->source = testbed_page(BYTE);
    guest->destination = testbed_page(0);
    guest->stage2 = pgtable_create_stage2();
    guest->stage1 = pgtable_create_nested(GUEST_OFFSET);
    pgtable_map(&guest->stage1, RING_IOVA, ipa_of(guest->endpoint.ring), PGTABLE_PAGE, 0);
    pgtable_map(&guest->stage1, SOURCE_VA, ipa_of(guest->source), PGTABLE_PAGE, 0);
    pgtable_map(&guest->stage1, DESTINATION_VA, ipa_of(guest->destination), PGTABLE_PAGE, 0);
    for (unsigned level = 0; level < LEVELS; level++)
        guest->walk[level] = descriptor_of(&guest->stage1, SOURCE_VA, level);

    struct smmu_cd_config config = {
        .table = pgtable_address(&guest->stage1), .asid = ASID, .ips = guest->smmu.features.oas};
    smmu_cd_write(guest->endpoint.cd, &config);
    guest->contexts =
        (struct smmu_contexts){.address = (uintptr_t)guest->endpoint.cd + GUEST_OFFSET};
    endpoint_virtualize(&guest->endpoint, &guest->smmu, &guest->stage2, VMID, &guest->contexts);
    vouch(guest);
}

static struct dma_result copy(struct guest *guest)
{
    testbed_page_clear(guest->destination);
    testbed_invalidate_all(&guest->smmu);
    return endpoint_copy(&guest->endpoint, DESTINATION_VA, SOURCE_VA, LENGTH);
}

static void expect_copied(struct guest *guest, const char *name)
{
    tap_equal(copy(guest).error, DMA_OK, "%s: the page is read", name);
    tap_ok(testbed_page_is(guest->destination, BYTE), "%s: every byte", name);
    tap_equal(testbed_drain_events(&guest->smmu), 0, "%s: no event", name);
}

/* The page, or on the way to the ring the first table, is refused by stage 2. */
static void expect_refused(struct guest *guest, const char *name, uint8_t class, const void *where)
{
    struct smmu_event event;

    tap_equal(copy(guest).error, class == EVENT_CLASS_IN ? DMA_READ_ABORT : DMA_DESCRIPTOR_ABORT,
              "%s: ERROR_CODE", name);
    if (!testbed_take_event(&guest->smmu, name, &event))
        return;
    tap_equal(event.type, EVENT_F_PERMISSION, "%s: F_PERMISSION", name);
    tap_ok(event.s2, "%s: S2", name);
    tap_equal(event.class, class, "%s: CLASS", name);
    tap_equal(event.ipa, ipa_of(where), "%s: IPA", name);
}

static void test_tables(struct guest *guest)
{
    for (unsigned level = 0; level < LEVELS; level++) {
        *guest->walk[level] &= ~D_PROTECTED;
        expect_refused(guest, "a descriptor is not Protected", EVENT_CLASS_IN, guest->source);
        vouch(guest);
    }
    for (unsigned level = 1; level < LEVELS; level++) {
        place(guest, guest->walk[level], PI_RW, false);
        expect_refused(guest, "a table is not in MRO memory", EVENT_CLASS_IN, guest->source);
        vouch(guest);
    }
    place(guest, guest->walk[0], PI_MRO, false);
    expect_refused(guest, "a first table that the host has not allowed", EVENT_CLASS_TT,
                   guest->walk[0]);
    vouch(guest);
}

static void test_cd(struct guest *guest)
{
    guest->endpoint.cd->word[1] &= ~CD1_PNCH;
    expect_refused(guest, "without PnCH", EVENT_CLASS_IN, guest->source);
    vouch(guest);
    place(guest, guest->endpoint.cd, PI_RW, false);
    expect_refused(guest, "a CD in other memory", EVENT_CLASS_IN, guest->source);
    vouch(guest);
}

int main(void)
{
    static struct guest guest;

    testbed_start(&guest.smmu, LOG2_QUEUE);
    if (!(read32(guest.smmu.base + SMMU_IDR3) & IDR3_THE) || !guest.smmu.features.stage2)
        tap_bail_out("no translation hardening, or no stage 2");
    smmu_set_enabled(&guest.smmu, false);
    write64(guest.smmu.base + SMMU_S2PII, S2PII);
    smmu_set_enabled(&guest.smmu, true);
    open_guest(&guest);

    expect_copied(&guest, "vouched for");
    test_tables(&guest);
    test_cd(&guest);
    expect_copied(&guest, "vouched for again");
    *guest.walk[2] &= ~D_PROTECTED;
    place(&guest, guest.source, PI_RW, false);
    expect_copied(&guest, "memory that is for all");
    return 0;
}
