/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 2 alone: two virtual machines with the same addresses and different memory, faults with the
 * address they happened at, and invalidation by address and by VMID. */
#include <stdbool.h>
#include <stdint.h>

#include "pages.h"
#include "random.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE 6U

#define FIRST_VMID  0x31
#define SECOND_VMID 0x1032 /* more than 8 bits */

/* Intermediate physical addresses: 39 bits, above all memory there is. */
#define RING_IPA        0x7000000000UL
#define SOURCE_IPA      0x2000000000UL
#define DESTINATION_IPA 0x3000000000UL
#define UNMAPPED_IPA    0x4000000000UL
#define READONLY_IPA    0x4000001000UL
#define NO_AF_IPA       0x4000002000UL
#define BLOCK_IPA       0x5000000000UL
#define BEYOND_39_BITS  0x8000000000UL    /* outside what S2T0SZ admits */
#define BEYOND_OAS      0x1000000000000UL /* the first address of 49 bits */

#define PAGES       16U
#define BLOCK_BYTES (1UL << PGTABLE_BLOCK_2M)
#define COPY_BYTES  64U

struct machine {
    struct endpoint endpoint;
    struct pgtable table;
    uint8_t *source[PAGES], *destination[PAGES];
};

/* Page i of source and destination, in an order of their own. */
static void map_pages(struct machine *machine, struct random *random)
{
    for (unsigned i = 0; i < PAGES; i++) {
        machine->source[i] = testbed_page(0);
        machine->destination[i] = testbed_page(0);
    }
    for (unsigned i = PAGES - 1; i > 0; i--) {
        unsigned j = random_below(random, i + 1);
        uint8_t *page = machine->source[i];
        machine->source[i] = machine->source[j];
        machine->source[j] = page;
    }
    for (unsigned i = 0; i < PAGES; i++) {
        uint64_t offset = i * PAGE_SIZE;
        for (unsigned n = 0; n < PAGE_SIZE; n++)
            machine->source[i][n] = (uint8_t)random_next(random);
        pgtable_map(&machine->table, SOURCE_IPA + offset, (uintptr_t)machine->source[i],
                    PGTABLE_PAGE, PGTABLE_READ_ONLY);
        pgtable_map(&machine->table, DESTINATION_IPA + offset, (uintptr_t)machine->destination[i],
                    PGTABLE_PAGE, 0);
    }
}

static void open_machine(struct machine *machine, struct smmu *smmu, unsigned channel,
                         uint16_t vmid, struct random *random)
{
    endpoint_open(&machine->endpoint, smmu, channel, 0);
    machine->table = pgtable_create_stage2();
    map_pages(machine, random);
    pgtable_map(&machine->table, RING_IPA, (uintptr_t)machine->endpoint.ring, PGTABLE_PAGE,
                PGTABLE_READ_ONLY);
    machine->endpoint.ring_iova = RING_IPA;
    endpoint_virtualize(&machine->endpoint, smmu, &machine->table, vmid, NULL);
}

static unsigned wrong_bytes(const struct machine *machine)
{
    unsigned wrong = 0;

    for (unsigned i = 0; i < PAGES; i++) {
        for (unsigned n = 0; n < PAGE_SIZE; n++)
            wrong += machine->source[i][n] != machine->destination[i][n];
    }
    return wrong;
}

static void test_copies(struct machine *machines)
{
    struct dma_transfer transfer = {SOURCE_IPA, DESTINATION_IPA, PAGES * PAGE_SIZE};

    for (unsigned i = 0; i < 2; i++)
        endpoint_start(&machines[i].endpoint, &transfer, 1);
    for (unsigned i = 0; i < 2; i++) {
        struct dma_result result = dma_sleep(&machines[i].endpoint.channel);
        tap_ok(result.finished && result.error == DMA_OK, "machine %u: the copy is done", i);
    }
    for (unsigned i = 0; i < 2; i++)
        tap_equal(wrong_bytes(&machines[i]), 0, "machine %u: every byte is in its own page", i);
}

static void test_block(struct machine *machine)
{
    uint8_t *block = pages_alloc(BLOCK_BYTES, BLOCK_BYTES);
    uint64_t offset = BLOCK_BYTES - PAGE_SIZE;

    for (unsigned n = 0; n < PAGE_SIZE; n++)
        block[offset + n] = (uint8_t)(n * 7 + 3);
    pgtable_map(&machine->table, BLOCK_IPA, (uintptr_t)block, PGTABLE_BLOCK_2M, 0);
    struct dma_result result =
        endpoint_copy(&machine->endpoint, DESTINATION_IPA, BLOCK_IPA + offset, PAGE_SIZE);
    tap_equal(result.error, DMA_OK, "a copy out of a 2 MiB block is done");

    unsigned wrong = 0;
    for (unsigned n = 0; n < PAGE_SIZE; n++)
        wrong += machine->destination[0][n] != (uint8_t)(n * 7 + 3);
    tap_equal(wrong, 0, "the offset within the block reaches the output address");
}

static const struct fault_case {
    const char *name;
    uint64_t source, destination;
    uint8_t event;
    bool s2;
} cases[] = {
    {"read of an unmapped IPA", UNMAPPED_IPA + 0x128, DESTINATION_IPA, EVENT_F_TRANSLATION, true},
    {"write to an unmapped IPA", SOURCE_IPA, UNMAPPED_IPA + 0x128, EVENT_F_TRANSLATION, true},
    {"write to a read-only IPA", SOURCE_IPA, READONLY_IPA + 0x40, EVENT_F_PERMISSION, true},
    {"read with AF clear", NO_AF_IPA + 0x80, DESTINATION_IPA, EVENT_F_ACCESS, true},
    {"read beyond S2T0SZ", BEYOND_39_BITS, DESTINATION_IPA, EVENT_F_TRANSLATION, true},
    {"read beyond OAS", BEYOND_OAS, DESTINATION_IPA, EVENT_F_ADDR_SIZE, false},
};

static void run_case(struct smmu *smmu, struct endpoint *endpoint, const struct fault_case *c)
{
    bool rnw = c->destination == DESTINATION_IPA;
    uint64_t address = rnw ? c->source : c->destination;
    struct smmu_event event;
    struct dma_result result = endpoint_copy(endpoint, c->destination, c->source, COPY_BYTES);

    tap_equal(result.error, rnw ? DMA_READ_ABORT : DMA_WRITE_ABORT, "%s: ERROR_CODE", c->name);
    if (!testbed_take_event(smmu, c->name, &event))
        return;
    tap_equal(event.type, c->event, "%s: type %s", c->name, smmu_event_name(c->event));
    tap_equal(event.sid, endpoint->sid, "%s: StreamID", c->name);
    tap_equal(event.s2, c->s2, "%s: S2", c->name);
    tap_equal(event.class, EVENT_CLASS_IN, "%s: CLASS is IN", c->name);
    tap_equal(event.rnw, rnw, "%s: RnW", c->name);
    tap_equal(event.input_addr, address, "%s: InputAddr", c->name);
    if (c->s2)
        tap_equal(event.ipa, address & ~(PAGE_SIZE - 1), "%s: IPA", c->name);
}

static void test_faults(struct smmu *smmu, struct machine *machine)
{
    uintptr_t page = (uintptr_t)testbed_page(0);

    pgtable_map(&machine->table, READONLY_IPA, page, PGTABLE_PAGE, PGTABLE_READ_ONLY);
    pgtable_map(&machine->table, NO_AF_IPA, page, PGTABLE_PAGE, PGTABLE_NO_ACCESS_FLAG);
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        run_case(smmu, &machine->endpoint, &cases[i]);
}

#define OLD_BYTE 0x11
#define NEW_BYTE 0x22

/* Copy the first source page and say which byte it has. */
static uint8_t observe(struct machine *machine)
{
    struct dma_result result =
        endpoint_copy(&machine->endpoint, DESTINATION_IPA, SOURCE_IPA, PAGE_SIZE);

    return result.error == DMA_OK ? machine->destination[0][0] : 0;
}

static void check_stale(struct smmu *smmu, struct machine *machine, uint8_t *const page[2],
                        struct smmu_command useless, struct smmu_command right, const char *name)
{
    pgtable_map(&machine->table, SOURCE_IPA, (uintptr_t)page[0], PGTABLE_PAGE, 0);
    testbed_invalidate_all(smmu);
    tap_equal(observe(machine), OLD_BYTE, "%s: the mapping is in use", name);
    pgtable_map(&machine->table, SOURCE_IPA, (uintptr_t)page[1], PGTABLE_PAGE, 0);
    smmu_command_sync(smmu, useless);
    tap_equal(observe(machine), OLD_BYTE, "%s: the wrong command leaves it", name);
    smmu_command_sync(smmu, right);
    tap_equal(observe(machine), NEW_BYTE, "%s: the right one takes it", name);
}

static void test_invalidation(struct smmu *smmu, struct machine *machine)
{
    uint8_t *const page[2] = {testbed_page(OLD_BYTE), testbed_page(NEW_BYTE)};

    check_stale(smmu, machine, page, smmu_cmd_tlbi_ipa(SECOND_VMID, SOURCE_IPA),
                smmu_cmd_tlbi_ipa(FIRST_VMID, SOURCE_IPA), "CMD_TLBI_S2_IPA, VMID");
    check_stale(smmu, machine, page, smmu_cmd_tlbi_ipa(FIRST_VMID, SOURCE_IPA + PAGE_SIZE),
                smmu_cmd_tlbi_ipa(FIRST_VMID, SOURCE_IPA), "CMD_TLBI_S2_IPA, address");
    check_stale(smmu, machine, page, smmu_cmd_tlbi_vmid(SECOND_VMID),
                smmu_cmd_tlbi_vmid(FIRST_VMID), "CMD_TLBI_S12_VMALL");
    check_stale(smmu, machine, page, smmu_cmd_tlbi_nh_all(FIRST_VMID), smmu_cmd_tlbi_nsnh_all(),
                "CMD_TLBI_NSNH_ALL");
}

int main(void)
{
    static struct smmu smmu;
    static struct machine machines[2];
    struct random random = {1};

    testbed_start(&smmu, LOG2_QUEUE);
    if (!smmu.features.stage2)
        tap_bail_out("the SMMU has no stage 2");
    open_machine(&machines[0], &smmu, 0, FIRST_VMID, &random);
    open_machine(&machines[1], &smmu, 1, SECOND_VMID, &random);

    test_copies(machines);
    test_block(&machines[0]);
    tap_equal(testbed_drain_events(&smmu), 0, "no event so far");
    test_faults(&smmu, &machines[0]);
    test_invalidation(&smmu, &machines[0]);
    return 0;
}
