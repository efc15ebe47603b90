/* SPDX-License-Identifier: Apache-2.0 */
/* A device whose StreamID software chooses, between two guests: given to one as it is, it reaches
 * the other's memory by the other's StreamID; with its registers behind the hypervisor, which
 * refuses StreamIDs that are not the guest's, each reaches its own. */
#include <stdbool.h>
#include <stdint.h>

#include "hypervisor.h"
#include "io.h"
#include "platform.h"
#include "string.h"
#include "tap.h"
#include "testbed.h"
#include "wait.h"

#define LOG2_QUEUE 6U
#define GUESTS     2U

/* Both guests have these pages. */
#define SOURCE_IPA      0x48010000UL
#define DESTINATION_IPA 0x48020000UL
#define LENGTH          64U

#define SID(guest)  (PLATFORM_RTL_DMA_SID + (guest))
#define NOBODYS_SID (PLATFORM_RTL_DMA_SID + GUESTS)
#define FAR_SID     0xffffU /* beyond the stream table */

/* Registers of the engine (docs/rtl.md). */
#define CTRL         0x08
#define STATUS       0x0c
#define STREAM       0x10
#define SIZE         0x14
#define SOURCE       0x18
#define DESTINATION  0x20
#define CTRL_START   1U
#define STATUS_BUSY  1U
#define STATUS_DONE  2U
#define STATUS_ERROR 4U

struct guest {
    struct vm vm;
    uint8_t byte;
    uint8_t *source, *destination;
    uint32_t sid;
    unsigned refused; /* StreamIDs that it was after */
};

static struct smmu smmu;
static struct guest guests[GUESTS];

/* --- In a guest --- */

static void set_address(uintptr_t reg, uint64_t address)
{
    write32(VM_DEVICE_IPA + reg, (uint32_t)address);
    write32(VM_DEVICE_IPA + reg + 4, (uint32_t)(address >> 32));
}

/* Returns STATUS at the end. */
static uint64_t guest_copy(uint64_t stream, uint64_t source, uint64_t destination)
{
    write32(VM_DEVICE_IPA + STATUS, STATUS_DONE | STATUS_ERROR);
    write32(VM_DEVICE_IPA + STREAM, (uint32_t)stream);
    write32(VM_DEVICE_IPA + SIZE, LENGTH);
    set_address(SOURCE, source);
    set_address(DESTINATION, destination);
    dsb();
    write32(VM_DEVICE_IPA + CTRL, CTRL_START);
    (void)wait_until(read32(VM_DEVICE_IPA + STATUS) & (STATUS_DONE | STATUS_ERROR));
    dmb_load();
    return read32(VM_DEVICE_IPA + STATUS) & (STATUS_BUSY | STATUS_DONE | STATUS_ERROR);
}

/* --- The hypervisor --- */

/* The guest writes what it wants, but of StreamIDs its own alone; it starts nothing by what another
 * guest has left in the register. */
static void mediate(void *context, uint64_t offset, bool write, uint32_t *value)
{
    struct guest *g = context;

    if (!write) {
        *value = read32(PLATFORM_RTL_DMA_BASE + offset);
        return;
    }
    if (offset == STREAM) {
        g->refused += *value != g->sid;
        return;
    }
    if (offset == CTRL)
        write32(PLATFORM_RTL_DMA_BASE + STREAM, g->sid);
    write32(PLATFORM_RTL_DMA_BASE + offset, *value);
}

static void open_guest(unsigned index)
{
    struct guest *g = &guests[index];
    struct smmu_stage2 stage2;

    vm_create(&g->vm, (uint16_t)(0x71 + index), PLATFORM_RTL_DMA_BASE);
    g->sid = SID(index);
    g->byte = (uint8_t)(0xb1 + index);
    g->source = testbed_page(g->byte);
    g->destination = testbed_page(0);
    vm_map(&g->vm, SOURCE_IPA, g->source, 0);
    vm_map(&g->vm, DESTINATION_IPA, g->destination, 0);
    stage2 = vm_stage2(&g->vm, &smmu);
    smmu_ste_write(smmu_stream(&smmu, g->sid), NULL, &stage2);
}

/* The guest copies by `stream`; returns STATUS. All destinations are zeros before. */
static uint64_t copy(struct guest *g, uint32_t stream)
{
    for (unsigned i = 0; i < GUESTS; i++)
        testbed_page_clear(guests[i].destination);
    struct vm_exit exit = vm_run(&g->vm, guest_copy, stream, SOURCE_IPA, DESTINATION_IPA);
    if (!exit.returned)
        tap_bail_out("the guest stopped: ESR 0x%lx FAR 0x%lx", exit.esr, exit.far);
    return exit.value;
}

static void expect_copied(const struct guest *to, bool copied, const char *name)
{
    for (unsigned i = 0; i < GUESTS; i++) {
        uint8_t byte = copied && &guests[i] == to ? to->byte : 0;
        bool right = true;
        for (unsigned n = 0; n < LENGTH; n++)
            right = right && guests[i].destination[n] == byte;
        tap_ok(right, "%s: guest %u has 0x%x", name, i, byte);
    }
}

static void expect_refusal(struct guest *g, uint32_t stream, uint8_t type, const char *name)
{
    struct smmu_event event;

    tap_equal(copy(g, stream), STATUS_ERROR, "%s: the copy fails", name);
    expect_copied(g, false, name);
    if (!testbed_take_event(&smmu, name, &event))
        return;
    tap_equal(event.type, type, "%s: %s", name, smmu_event_name(type));
    tap_equal(event.sid, stream, "%s: StreamID", name);
}

/* All that the SMMU knows of a device is the StreamID. */
static void test_given(void)
{
    tap_equal(copy(&guests[0], SID(0)), STATUS_DONE, "given away, own StreamID: done");
    expect_copied(&guests[0], true, "given away, own StreamID");
    tap_equal(copy(&guests[0], SID(1)), STATUS_DONE, "given away, the other's StreamID: done");
    expect_copied(&guests[1], true, "given away, the other's StreamID");
    expect_refusal(&guests[0], NOBODYS_SID, EVENT_C_BAD_STE, "given away, nobody's StreamID");
}

static void take_registers(struct guest *g)
{
    pgtable_unmap(&g->vm.stage2, VM_DEVICE_IPA);
    vm_invalidate(&g->vm, VM_TLBI_VMALLS12E1IS, 0);
    vm_mediate(&g->vm, VM_DEVICE_IPA, mediate, g);
}

static void test_mediated(unsigned index)
{
    static const char *const names[] = {"the other's", "nobody's", "an absent"};
    const uint32_t streams[] = {SID(!index), NOBODYS_SID, FAR_SID};
    struct guest *g = &guests[index];
    unsigned i = 0;

    take_registers(g);
    for (; i < sizeof(streams) / sizeof(streams[0]); i++) {
        tap_equal(copy(g, streams[i]), STATUS_DONE, "mediated, guest %u, %s StreamID: done", index,
                  names[i]);
        expect_copied(g, true, "by its own");
        tap_equal(g->refused, i + 1, "mediated, guest %u, %s StreamID: is refused", index,
                  names[i]);
    }
    tap_equal(copy(g, g->sid), STATUS_DONE, "mediated, guest %u, own StreamID: done", index);
    expect_copied(g, true, "mediated, own StreamID");
    tap_equal(g->refused, i, "mediated, guest %u, own StreamID: is not refused", index);
    tap_equal(testbed_drain_events(&smmu), 0, "mediated, guest %u: there is no event", index);
}

int main(void)
{
    testbed_start(&smmu, LOG2_QUEUE);
    hypervisor_start();
    for (unsigned i = 0; i < GUESTS; i++)
        open_guest(i);
    testbed_invalidate_all(&smmu);

    test_given();
    for (unsigned i = 0; i < GUESTS; i++)
        test_mediated(i);
    return 0;
}
