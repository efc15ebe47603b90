/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 1 behind stage 2: a guest's tables and CD are at intermediate physical addresses, and a
 * fault says which stage found it, at which address, and on the way to what. */
#include <stdbool.h>
#include <stdint.h>

#include "pages.h"
#include "platform.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE 6U

#define VMID 0x41
#define ASID 0x42

/* The guest sees memory this much above where it is. */
#define GUEST_OFFSET 0x2000000000UL

#define SOURCE_VA      0x123456789000UL
#define DESTINATION_VA 0x00abcdef0000UL
#define OTHER_VA       0x123456790000UL
#define HOLE_IPA       0x6000000000UL /* no memory of the guest */
#define DATA_IPA       0x5000000000UL /* one page that the host moves about */

#define OLD_BYTE 0x11
#define NEW_BYTE 0x22
#define NO_BYTE  0xee

struct guest {
    struct endpoint endpoint;
    struct pgtable stage1, stage2;
    struct smmu_contexts contexts;
    uint8_t *old_page, *new_page, *destination;
};

static uint64_t ipa_of(const void *memory)
{
    return (uintptr_t)memory + GUEST_OFFSET;
}

/* All of RAM by blocks, the pages in question apart. */
static void open_guest(struct guest *guest, struct smmu *smmu)
{
    endpoint_open(&guest->endpoint, smmu, 0, ASID);
    guest->old_page = testbed_page(OLD_BYTE);
    guest->new_page = testbed_page(NEW_BYTE);
    guest->destination = testbed_page(NO_BYTE);

    guest->stage2 = pgtable_create_stage2();
    pgtable_map_range(&guest->stage2, PLATFORM_RAM_BASE + GUEST_OFFSET, PLATFORM_RAM_BASE,
                      PLATFORM_RAM_SIZE, 0);
    pgtable_map(&guest->stage2, DATA_IPA, (uintptr_t)guest->old_page, PGTABLE_PAGE, 0);

    guest->stage1 = pgtable_create_nested(GUEST_OFFSET);
    pgtable_map(&guest->stage1, RING_IOVA, ipa_of(guest->endpoint.ring), PGTABLE_PAGE,
                PGTABLE_READ_ONLY);
    pgtable_map(&guest->stage1, SOURCE_VA, DATA_IPA, PGTABLE_PAGE, 0);
    pgtable_map(&guest->stage1, DESTINATION_VA, ipa_of(guest->destination), PGTABLE_PAGE, 0);

    struct smmu_cd_config config = {
        .table = pgtable_address(&guest->stage1), .asid = ASID, .ips = smmu->features.oas};
    smmu_cd_write(guest->endpoint.cd, &config);
    guest->contexts = (struct smmu_contexts){.address = ipa_of(guest->endpoint.cd)};
    endpoint_virtualize(&guest->endpoint, smmu, &guest->stage2, VMID, &guest->contexts);
}

static uint8_t observe(struct guest *guest)
{
    struct dma_result result =
        endpoint_copy(&guest->endpoint, DESTINATION_VA, SOURCE_VA, PAGE_SIZE);

    if (result.error != DMA_OK)
        return NO_BYTE;
    return testbed_page_is(guest->destination, guest->destination[0]) ? guest->destination[0]
                                                                      : NO_BYTE;
}

/* What a fault is expected to look like. */
struct expected {
    uint8_t type;
    bool s2;
    uint8_t class;
    bool rnw;
    uint64_t address; /* InputAddr */
    uint64_t ipa;     /* with s2 */
};

static void check_event(struct smmu *smmu, const char *name, const struct expected *expected)
{
    struct smmu_event event;

    if (!testbed_take_event(smmu, name, &event))
        return;
    tap_equal(event.type, expected->type, "%s: type %s", name, smmu_event_name(expected->type));
    tap_equal(event.s2, expected->s2, "%s: S2", name);
    tap_equal(event.class, expected->class, "%s: CLASS", name);
    tap_equal(event.rnw, expected->rnw, "%s: RnW", name);
    tap_equal(event.input_addr, expected->address, "%s: InputAddr", name);
    if (expected->s2)
        tap_equal(event.ipa, expected->ipa & ~(PAGE_SIZE - 1), "%s: IPA", name);
}

static void read_other(struct guest *guest, const char *name)
{
    struct dma_result result =
        endpoint_copy(&guest->endpoint, DESTINATION_VA, OTHER_VA + 0x18, PAGE_SIZE / 2);

    tap_equal(result.error, DMA_READ_ABORT, "%s: ERROR_CODE", name);
    tap_equal(result.fault_addr, OTHER_VA + 0x18, "%s: FAULT_ADDR", name);
}

static void test_data_faults(struct smmu *smmu, struct guest *guest)
{
    struct expected expected = {EVENT_F_TRANSLATION, false, EVENT_CLASS_IN, true,
                                OTHER_VA + 0x18,     0};

    read_other(guest, "the guest has not mapped it");
    check_event(smmu, "the guest has not mapped it", &expected);

    pgtable_map(&guest->stage1, OTHER_VA, HOLE_IPA, PGTABLE_PAGE, 0);
    expected.s2 = true;
    expected.ipa = HOLE_IPA;
    read_other(guest, "the host has not");
    check_event(smmu, "the host has not", &expected);

    pgtable_unmap(&guest->stage1, OTHER_VA);
    testbed_invalidate_all(smmu);
}

/* The right to write takes both stages. */
static void test_permissions(struct smmu *smmu, struct guest *guest)
{
    static const struct {
        const char *name;
        unsigned stage1, stage2;
        bool s2; /* the stage that refuses; stage 1 is asked first */
    } cases[] = {
        {"stage 1 read-only", PGTABLE_READ_ONLY, 0, false},
        {"stage 2 read-only", 0, PGTABLE_READ_ONLY, true},
        {"both read-only", PGTABLE_READ_ONLY, PGTABLE_READ_ONLY, false},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct expected expected = {EVENT_F_PERMISSION, cases[i].s2, EVENT_CLASS_IN, false,
                                    OTHER_VA,           DATA_IPA};
        pgtable_map(&guest->stage1, OTHER_VA, DATA_IPA, PGTABLE_PAGE, cases[i].stage1);
        pgtable_map(&guest->stage2, DATA_IPA, (uintptr_t)guest->old_page, PGTABLE_PAGE,
                    cases[i].stage2);
        testbed_invalidate_all(smmu);
        struct dma_result result =
            endpoint_copy(&guest->endpoint, DESTINATION_VA, OTHER_VA, PAGE_SIZE);
        tap_equal(result.error, DMA_OK, "%s: reads are allowed", cases[i].name);
        result = endpoint_copy(&guest->endpoint, OTHER_VA, DESTINATION_VA, PAGE_SIZE);
        tap_equal(result.error, DMA_WRITE_ABORT, "%s: writes are not", cases[i].name);
        check_event(smmu, cases[i].name, &expected);
    }
    tap_ok(testbed_page_is(guest->old_page, OLD_BYTE), "nothing was written");
    pgtable_unmap(&guest->stage1, OTHER_VA);
    pgtable_map(&guest->stage2, DATA_IPA, (uintptr_t)guest->old_page, PGTABLE_PAGE, 0);
    testbed_invalidate_all(smmu);
}

/* The guest's own structures where the host has no memory. */
static void test_structure_faults(struct smmu *smmu, struct guest *guest)
{
    struct smmu_stage2 stage2 = {
        .table = pgtable_address(&guest->stage2), .vmid = VMID, .ps = smmu->features.oas};
    struct smmu_contexts nowhere = {.address = HOLE_IPA + 0x40};
    struct smmu_cd_config config = {.table = HOLE_IPA, .asid = ASID, .ips = smmu->features.oas};
    struct expected expected = {EVENT_F_TRANSLATION, true,    EVENT_CLASS_CD, true,
                                RING_IOVA,           HOLE_IPA};
    struct dma_result result;

    smmu_ste_write(guest->endpoint.ste, &nowhere, &stage2);
    testbed_invalidate_all(smmu);
    result = endpoint_copy(&guest->endpoint, DESTINATION_VA, SOURCE_VA, PAGE_SIZE);
    tap_equal(result.error, DMA_DESCRIPTOR_ABORT, "no memory for the CD: ERROR_CODE");
    check_event(smmu, "no memory for the CD", &expected);

    smmu_ste_write(guest->endpoint.ste, &guest->contexts, &stage2);
    smmu_cd_write(guest->endpoint.cd, &config);
    testbed_invalidate_all(smmu);
    expected.class = EVENT_CLASS_TT;
    result = endpoint_copy(&guest->endpoint, DESTINATION_VA, SOURCE_VA, PAGE_SIZE);
    tap_equal(result.error, DMA_DESCRIPTOR_ABORT, "no memory for the tables: ERROR_CODE");
    check_event(smmu, "no memory for the tables", &expected);

    config.table = pgtable_address(&guest->stage1);
    smmu_cd_write(guest->endpoint.cd, &config);
    testbed_invalidate_all(smmu);
    tap_equal(observe(guest), OLD_BYTE, "repaired, the guest goes on");
}

static void move_page(struct smmu *smmu, struct guest *guest)
{
    pgtable_map(&guest->stage2, DATA_IPA, (uintptr_t)guest->old_page, PGTABLE_PAGE, 0);
    testbed_invalidate_all(smmu);
    tap_equal(observe(guest), OLD_BYTE, "the old page is in use");
    pgtable_map(&guest->stage2, DATA_IPA, (uintptr_t)guest->new_page, PGTABLE_PAGE, 0);
}

/* What combines both stages goes with stage 1 or with the VMID; the IPA alone need not touch it
 * (IHI 0070 4.4.3.1), and on this machine does not. */
static void test_invalidation(struct smmu *smmu, struct guest *guest)
{
    move_page(smmu, guest);
    smmu_command_sync(smmu, smmu_cmd_tlbi_ipa(VMID, DATA_IPA));
    tap_equal(observe(guest), OLD_BYTE, "moved by the host: stale after CMD_TLBI_S2_IPA alone");
    smmu_command_sync(smmu, smmu_cmd_tlbi_nh_all(VMID + 1));
    tap_equal(observe(guest), OLD_BYTE, "and after CMD_TLBI_NH_ALL of another VMID");
    smmu_command_sync(smmu, smmu_cmd_tlbi_nh_all(VMID));
    tap_equal(observe(guest), NEW_BYTE, "new after CMD_TLBI_NH_ALL of this one");

    move_page(smmu, guest);
    smmu_command_sync(smmu, smmu_cmd_tlbi_vmid(VMID));
    tap_equal(observe(guest), NEW_BYTE, "new after CMD_TLBI_S12_VMALL");

    move_page(smmu, guest);
    smmu_cmdq_push(smmu, smmu_cmd_tlbi_ipa(VMID, DATA_IPA));
    smmu_command_sync(smmu, smmu_cmd_tlbi_va(VMID, ASID, SOURCE_VA));
    tap_equal(observe(guest), NEW_BYTE, "new after CMD_TLBI_S2_IPA and CMD_TLBI_NH_VA");
}

int main(void)
{
    static struct smmu smmu;
    static struct guest guest;

    testbed_start(&smmu, LOG2_QUEUE);
    if (!smmu.features.stage2)
        tap_bail_out("the SMMU has no stage 2");
    open_guest(&guest, &smmu);

    tap_equal(observe(&guest), OLD_BYTE, "a page is copied through both stages");
    tap_equal(testbed_drain_events(&smmu), 0, "without an event");
    test_data_faults(&smmu, &guest);
    test_permissions(&smmu, &guest);
    test_structure_faults(&smmu, &guest);
    test_invalidation(&smmu, &guest);
    return 0;
}
