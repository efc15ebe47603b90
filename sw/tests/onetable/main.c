/* SPDX-License-Identifier: Apache-2.0 */
/* One set of tables for CPU and device: a guest's DMA channel, or its PCI Express function,
 * translates by the stage 2 tables and the VMID that the guest's CPU has, so the guest drives it
 * with its own addresses and without a trap, and one broadcast TLBI takes a page from both. The
 * same with the guest's stage 1 before. A function with ATS keeps a page until CMD_ATC_INV. */
#include <stdbool.h>
#include <stdint.h>

#include "guest_device.h"
#include "hypervisor.h"
#include "io.h"
#include "mmu.h"
#include "pages.h"
#include "platform.h"
#include "psci.h"
#include "requester.h"
#include "smp.h"
#include "string.h"
#include "tap.h"
#include "testbed.h"
#include "wait.h"

#define LOG2_QUEUE 6U
#define VMID       0x51
#define OTHER_VMID 0x52

/* The guest's pages; stage 1 of its CPU leaves these addresses as they are. */
#define RING_IPA        0x48000000UL
#define SOURCE_IPA      0x48010000UL
#define DESTINATION_IPA 0x48020000UL
#define CD_IPA          0x48030000UL
#define SECOND_IPA      0x48040000UL
#define FUNCTION_IPA    0x48060000UL /* descriptors of the function */

/* Where its tables have the same pages for its device. */
#define VA_OFFSET 0x1000000000UL

/* Where its tables have a page that is not the guest's. */
#define FOREIGN_VA (VA_OFFSET + 0x48050000UL)

#define OLD_BYTE 0x11
#define NEW_BYTE 0x22
#define NO_BYTE  0xee

#define OFFSET 0x128UL /* of what the CPU loads in a page */

#define PTE_UNPRIVILEGED (1UL << 6) /* AP[1] */
#define PAR_F            1UL

struct scene {
    struct smmu smmu;
    struct vm vm, other;
    struct pcie_function function;
    struct guest_device device;
    uint64_t offset; /* of the device's addresses, and those of loads, from intermediate ones */
    uint8_t *old_page, *new_page, *destination;
};

/* --- In the guest --- */

/* Map a page for CPU and device. Returns the address of its descriptor. */
static uint64_t guest_map(uint64_t va, uint64_t ipa, uint64_t unused)
{
    volatile uint64_t *entry = mmu_map_page(va, (void *)ipa, MMU_DATA);

    (void)unused;
    *entry |= PTE_UNPRIVILEGED;
    dsb();
    return (uint64_t)entry;
}

static uint64_t guest_invalidate(uint64_t va, uint64_t unused, uint64_t unused_too)
{
    (void)unused;
    (void)unused_too;
    __asm__ volatile("dsb ishst\n\ttlbi vae1is, %0\n\tdsb ish\n\tisb" ::"r"(va >> 12) : "memory");
    return 0;
}

/* PAR_EL1 for a load. */
static uint64_t guest_translate(uint64_t va, uint64_t unused, uint64_t unused_too)
{
    (void)unused;
    (void)unused_too;
    __asm__ volatile("at s1e1r, %0\n\tisb" ::"r"(va) : "memory");
    return read_sysreg(par_el1);
}

/* --- What CPU and device see --- */

static struct vm_exit load(const struct scene *s)
{
    return vm_run(&s->vm, guest_load, SOURCE_IPA + s->offset + OFFSET, 0, 0);
}

static struct vm_exit copy(const struct scene *s, uint64_t destination_ipa, uint64_t source_ipa)
{
    memset(s->destination, NO_BYTE, PAGE_SIZE);
    return vm_run(&s->vm, s->device.copy, destination_ipa + s->offset, source_ipa + s->offset,
                  RING_IPA + s->offset);
}

static void expect_cpu(const struct scene *s, uint8_t byte, const char *name)
{
    struct vm_exit exit = load(s);

    tap_equal(exit.returned ? exit.value : 0, byte * 0x0101010101010101UL, "%s: the CPU loads 0x%x",
              name, byte);
}

static void expect_device(const struct scene *s, uint8_t byte, const char *name)
{
    struct vm_exit exit = copy(s, DESTINATION_IPA, SOURCE_IPA);

    tap_ok(exit.returned && exit.value == GUEST_COPIED && testbed_page_is(s->destination, byte),
           "%s: the %s copies 0x%x", name, s->device.name, byte);
}

static void expect_cpu_abort(const struct scene *s, const char *name)
{
    struct vm_exit exit = load(s);

    tap_ok(!exit.returned, "%s: the CPU's load comes to EL2", name);
    tap_equal(VM_CLASS(exit.esr), VM_DATA_ABORT, "%s: as a data abort", name);
    tap_equal(VM_STATUS(exit.esr), VM_TRANSLATION_L3, "%s: a translation fault of level 3", name);
    tap_equal(exit.esr & (VM_WRITE | VM_STAGE1_WALK), 0, "%s: of a load", name);
    tap_equal(exit.far, SOURCE_IPA + s->offset + OFFSET, "%s: FAR_EL2", name);
    tap_equal(exit.hpfar << 8, SOURCE_IPA, "%s: HPFAR_EL2", name);
}

/* What an event is expected to say. */
struct expected {
    uint8_t type;
    bool s2;
    uint8_t class;
    bool rnw;
    uint64_t address, ipa; /* the latter with s2 */
};

/* The first of `count`, and that there are no more. */
static void expect_events(struct scene *s, const char *name, const struct expected *expected,
                          unsigned count)
{
    struct smmu_event event;

    smmu_sync(&s->smmu);
    if (!tap_ok(smmu_event_pop(&s->smmu, &event), "%s: an event is recorded", name))
        return;
    event_print(&event);
    tap_equal(testbed_drain_events(&s->smmu), count - 1, "%s: and %u others", name, count - 1);
    tap_equal(event.type, expected->type, "%s: %s", name, smmu_event_name(expected->type));
    tap_equal(event.sid, s->device.sid, "%s: StreamID", name);
    tap_equal(event.s2, expected->s2, "%s: S2", name);
    tap_equal(event.class, expected->class, "%s: CLASS", name);
    tap_equal(event.rnw, expected->rnw, "%s: RnW", name);
    tap_equal(event.input_addr, expected->address, "%s: InputAddr", name);
    if (expected->s2)
        tap_equal(event.ipa, expected->ipa, "%s: IPA", name);
}

static void expect_event(struct scene *s, const char *name, const struct expected *expected)
{
    expect_events(s, name, expected, 1);
}

static void expect_device_abort(struct scene *s, const char *name)
{
    const struct expected expected = {EVENT_F_TRANSLATION,    true,      EVENT_CLASS_IN, true,
                                      SOURCE_IPA + s->offset, SOURCE_IPA};
    struct vm_exit exit = copy(s, DESTINATION_IPA, SOURCE_IPA);

    tap_equal(exit.returned ? exit.value : ~0UL, GUEST_NOT_READ, "%s: the %s cannot read", name,
              s->device.name);
    expect_event(s, name, &expected);
}

/* --- The hypervisor takes a page away --- */

static void map_old(struct scene *s)
{
    vm_map(&s->vm, SOURCE_IPA, s->old_page, 0);
    vm_invalidate(&s->vm, VM_TLBI_VMALLS12E1IS, 0);
    expect_cpu(s, OLD_BYTE, "mapped");
    expect_device(s, OLD_BYTE, "mapped");
}

static void take_page(struct scene *s)
{
    map_old(s);
    pgtable_unmap(&s->vm.stage2, SOURCE_IPA);
}

/* Which of them takes the page from whom. IPAS2E1IS leaves entries that stage 1 has part in, and
 * the CPU has no others; VMALLE1IS leaves entries of stage 2 alone, and the device has such as
 * well. */
static const struct way {
    const char *name;
    enum vm_tlbi operation;
    bool of_other; /* with the VMID of the other guest */
    uint64_t ipa;
    bool cpu, device, nested; /* the device with stage 2 alone, and with stage 1 before it */
} ways[] = {
    {"TLBI VMALLS12E1IS", VM_TLBI_VMALLS12E1IS, false, 0, true, true, true},
    {"TLBI VMALLS12E1IS, other VMID", VM_TLBI_VMALLS12E1IS, true, 0, false, false, false},
    {"TLBI VMALLS12E1, not broadcast", VM_TLBI_VMALLS12E1, false, 0, true, false, false},
    {"TLBI IPAS2E1IS", VM_TLBI_IPAS2E1IS, false, SOURCE_IPA, false, true, false},
    {"TLBI IPAS2E1IS, other page", VM_TLBI_IPAS2E1IS, false, DESTINATION_IPA, false, false, false},
    {"TLBI IPAS2E1IS, other VMID", VM_TLBI_IPAS2E1IS, true, SOURCE_IPA, false, false, false},
    {"TLBI VMALLE1IS", VM_TLBI_VMALLE1IS, false, 0, true, false, false},
};

static void expect_all(struct scene *s, bool cpu_lost, bool device_lost, const char *name)
{
    if (cpu_lost)
        expect_cpu_abort(s, name);
    else
        expect_cpu(s, OLD_BYTE, name);
    if (device_lost)
        expect_device_abort(s, name);
    else
        expect_device(s, OLD_BYTE, name);
}

static void test_ways(struct scene *s)
{
    for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        const struct way *way = &ways[i];

        take_page(s);
        expect_all(s, false, false, "unmapped, without TLBI");
        vm_invalidate(way->of_other ? &s->other : &s->vm, way->operation, way->ipa);
        expect_all(s, way->cpu, s->offset ? way->nested : way->device, way->name);
    }
}

/* The sequence of DDI 0487 for a page of stage 2. What appears afterwards needs none. */
static void test_page(struct scene *s)
{
    take_page(s);
    vm_invalidate(&s->vm, VM_TLBI_IPAS2E1IS, SOURCE_IPA);
    vm_invalidate(&s->vm, VM_TLBI_VMALLE1IS, 0);
    expect_all(s, true, true, "TLBI IPAS2E1IS and VMALLE1IS");
    vm_map(&s->vm, SOURCE_IPA, s->new_page, 0);
    expect_cpu(s, NEW_BYTE, "another page mapped");
    expect_device(s, NEW_BYTE, "another page mapped");
}

static volatile bool other_is_done;

static void invalidate_there(void *scene)
{
    const struct scene *s = scene;

    vm_invalidate(&s->vm, VM_TLBI_VMALLS12E1IS, 0);
    other_is_done = true;
}

/* The hypervisor is wherever it is. */
static void test_other_cpu(struct scene *s)
{
    take_page(s);
    other_is_done = false;
    tap_equal((unsigned long)smp_start(1, invalidate_there, s), 0, "the other CPU starts");
    tap_ok(wait_until(other_is_done), "and is done with TLBI VMALLS12E1IS");
    expect_all(s, true, true, "TLBI VMALLS12E1IS of the other CPU");
    tap_ok(wait_until(psci_affinity_info(1) == PSCI_IS_OFF), "the other CPU is off again");
}

/* An SMMU that does not listen has to be told by commands. */
static void test_deaf(struct scene *s)
{
    take_page(s);
    smmu_set_broadcast(&s->smmu, false);
    vm_invalidate(&s->vm, VM_TLBI_VMALLS12E1IS, 0);
    expect_all(s, true, false, "PTM, TLBI VMALLS12E1IS");
    smmu_command_sync(&s->smmu, smmu_cmd_tlbi_vmid(VMID));
    expect_all(s, true, true, "PTM, CMD_TLBI_S12_VMALL");
    smmu_set_broadcast(&s->smmu, true);
}

/* --- A page to read only --- */

static void expect_read_only(struct scene *s, uint64_t ipa, const char *name)
{
    const struct expected expected = {EVENT_F_PERMISSION, true, EVENT_CLASS_IN, false,
                                      ipa + s->offset,    ipa};
    struct vm_exit exit = vm_run(&s->vm, guest_store, ipa + s->offset, 1, 0);

    tap_ok(!exit.returned && VM_CLASS(exit.esr) == VM_DATA_ABORT, "%s: a store comes to EL2", name);
    tap_equal(VM_STATUS(exit.esr), VM_PERMISSION_L3, "%s: a permission fault of level 3", name);
    tap_equal(exit.esr & VM_WRITE, VM_WRITE, "%s: of a store", name);
    exit = copy(s, ipa, DESTINATION_IPA);
    tap_equal(exit.returned ? exit.value : ~0UL, s->device.not_written, "%s: the %s cannot write",
              name, s->device.name);
    expect_events(s, name, &expected, s->device.refusals);
}

static void test_protect(struct scene *s)
{
    map_old(s);
    vm_map(&s->vm, SOURCE_IPA, s->old_page, PGTABLE_READ_ONLY);
    vm_invalidate(&s->vm, VM_TLBI_VMALLS12E1IS, 0);
    expect_read_only(s, SOURCE_IPA, "read-only");
    expect_all(s, false, false, "read-only");
}

/* --- Stage 2 alone --- */

static void test_traps(struct scene *s)
{
    struct vm_exit exit;

    map_old(s);
    exit = copy(s, DESTINATION_IPA, SOURCE_IPA);
    tap_ok(exit.returned && exit.value == GUEST_COPIED, "the guest drives its %s", s->device.name);
    tap_equal(exit.exceptions, 1, "EL2 is entered when it is done and not before");
    tap_equal(testbed_drain_events(&s->smmu), 0, "there is no event");
}

static void test_shared(struct scene *s)
{
    test_traps(s);
    test_ways(s);
    test_page(s);
    test_other_cpu(s);
    test_deaf(s);
    test_protect(s);
}

static void open_scene(struct scene *s)
{
    testbed_start(&s->smmu, LOG2_QUEUE);
    if (!s->smmu.features.stage2 || !s->smmu.features.broadcast)
        tap_bail_out("the SMMU has no stage 2, or does not listen to TLBI");
    hypervisor_start();
    vm_create(&s->vm, VMID, PLATFORM_DMA_BASE);
    vm_create(&s->other, OTHER_VMID, PLATFORM_DMA_BASE + PLATFORM_DMA_STRIDE);
    s->old_page = testbed_page(OLD_BYTE);
    s->new_page = testbed_page(NEW_BYTE);
    s->destination = testbed_page(NO_BYTE);
    vm_map(&s->vm, RING_IPA, testbed_page(0), 0);
    vm_map(&s->vm, DESTINATION_IPA, s->destination, 0);
    vm_map(&s->vm, SECOND_IPA, s->new_page, 0);
    s->device = guest_channel;
    smmu_set_broadcast(&s->smmu, true);
}

/* Behind stage 2, and behind the stage 1 of `contexts` if there is any. */
static void translate_device(struct scene *s, const struct smmu_contexts *contexts)
{
    struct smmu_stage2 stage2 = vm_stage2(&s->vm, &s->smmu);

    smmu_ste_write(smmu_stream(&s->smmu, s->device.sid), contexts, &stage2);
    testbed_invalidate_all(&s->smmu);
}

/* --- Behind the guest's own stage 1 --- */

static uint64_t call(const struct scene *s, vm_function *function, uint64_t a, uint64_t b)
{
    struct vm_exit exit = vm_run(&s->vm, function, a, b, 0);

    if (!exit.returned)
        tap_bail_out("the guest stopped: ESR 0x%lx FAR 0x%lx", exit.esr, exit.far);
    return exit.value;
}

/* A CD that says what the registers of the guest's CPU say, in memory that the guest can read
 * alone. */
static void install_context(struct scene *s)
{
    uint64_t ttbr = read_sysreg(ttbr0_el1);
    struct smmu_cd *cd = smmu_cd_alloc();
    struct smmu_contexts contexts = {.address = CD_IPA};
    struct smmu_cd_config config = {.table = ttbr & PTE_ADDRESS,
                                    .short_va = true,
                                    .asid = (uint16_t)(ttbr >> 48),
                                    .ips = s->smmu.features.oas};

    smmu_cd_write(cd, &config);
    cd->word[0] &= ~CD0_ASET;
    cd->word[3] = read_sysreg(mair_el1);
    vm_map(&s->vm, CD_IPA, cd, PGTABLE_READ_ONLY);
    translate_device(s, &contexts);
}

/* Returns the address of the descriptor of the source page. */
static uint64_t open_stage1(struct scene *s)
{
    s->offset = VA_OFFSET;
    call(s, guest_map, RING_IPA + VA_OFFSET, RING_IPA);
    call(s, guest_map, DESTINATION_IPA + VA_OFFSET, DESTINATION_IPA);
    call(s, guest_map, CD_IPA + VA_OFFSET, CD_IPA);
    install_context(s);
    return call(s, guest_map, SOURCE_IPA + VA_OFFSET, SOURCE_IPA);
}

/* The guest changes its own tables, and EL2 hears nothing of it. */
static void test_own_change(struct scene *s, uint64_t entry)
{
    const struct expected expected = {EVENT_F_TRANSLATION,    false, EVENT_CLASS_IN, true,
                                      SOURCE_IPA + VA_OFFSET, 0};
    uint64_t va = SOURCE_IPA + VA_OFFSET;
    uint64_t was = call(s, guest_load, entry, 0);

    map_old(s);
    call(s, guest_store, entry, 0);
    expect_all(s, false, false, "unmapped by the guest, without TLBI");
    call(s, guest_invalidate, va, 0);
    tap_equal(call(s, guest_translate, va, 0) & PAR_F, PAR_F, "TLBI VAE1IS: the CPU has lost it");
    tap_equal(copy(s, DESTINATION_IPA, SOURCE_IPA).value, GUEST_NOT_READ,
              "TLBI VAE1IS: and so has the %s", s->device.name);
    expect_event(s, "TLBI VAE1IS", &expected);
    call(s, guest_store, entry, was - SOURCE_IPA + SECOND_IPA);
    expect_cpu(s, NEW_BYTE, "another page mapped by the guest");
    expect_device(s, NEW_BYTE, "another page mapped by the guest");
    call(s, guest_store, entry, was);
    call(s, guest_invalidate, va, 0);
}

/* The guest's table of level 3 is where the hypervisor has no memory any more. */
static void test_walk(struct scene *s, uint64_t entry)
{
    uint64_t table = entry & ~(PAGE_SIZE - 1);
    const uint8_t *memory = vm_memory(&s->vm, table);
    struct expected expected = {EVENT_F_TRANSLATION,  true, EVENT_CLASS_TT, true,
                                RING_IPA + VA_OFFSET, table};
    struct vm_exit exit;

    map_old(s);
    pgtable_unmap(&s->vm.stage2, table);
    vm_invalidate(&s->vm, VM_TLBI_VMALLS12E1IS, 0);
    exit = load(s);
    tap_ok(!exit.returned, "no memory for the table: the CPU's load comes to EL2");
    tap_equal(VM_STATUS(exit.esr), VM_TRANSLATION_L3, "a translation fault of level 3");
    tap_equal(exit.esr & VM_STAGE1_WALK, VM_STAGE1_WALK, "of a walk of stage 1");
    tap_equal(exit.hpfar << 8, table, "HPFAR_EL2 has the table");

    /* The descriptors are still there; the CPU could not write others. */
    exit = vm_run(&s->vm, guest_channel_again, RING_IPA + VA_OFFSET, 0, 0);
    tap_equal(exit.value, GUEST_NO_DESCRIPTOR, "no memory for the table: nor does the device walk");
    expect_event(s, "no memory for the table", &expected);

    vm_map(&s->vm, table, memory, 0);
    expect_cpu(s, OLD_BYTE, "the table is back");
    expect_device(s, OLD_BYTE, "the table is back");
}

static void test_privileged(struct scene *s)
{
    const struct expected expected = {EVENT_F_PERMISSION, false, EVENT_CLASS_IN, true,
                                      SOURCE_IPA,         0};
    struct vm_exit exit = vm_run(&s->vm, s->device.copy, DESTINATION_IPA + VA_OFFSET, SOURCE_IPA,
                                 RING_IPA + VA_OFFSET);

    tap_equal(exit.value, GUEST_NOT_READ, "what is the kernel's in the guest's tables is not read");
    expect_event(s, "what is the kernel's", &expected);
}

/* The guest's tables may say any address: the host has given it none of this memory. */
static void test_foreign(struct scene *s)
{
    uint64_t foreign = (uintptr_t)s->old_page;
    const struct expected expected = {EVENT_F_TRANSLATION, true,   EVENT_CLASS_IN, false,
                                      FOREIGN_VA,          foreign};
    struct vm_exit exit;

    call(s, guest_map, FOREIGN_VA, foreign);
    exit = vm_run(&s->vm, guest_store, FOREIGN_VA, 0, 0);
    tap_ok(!exit.returned, "another's memory in the guest's tables: the CPU's store comes to EL2");
    tap_equal(exit.hpfar << 8, foreign, "another's memory: HPFAR_EL2");
    exit = vm_run(&s->vm, s->device.copy, FOREIGN_VA, DESTINATION_IPA + VA_OFFSET,
                  RING_IPA + VA_OFFSET);
    tap_equal(exit.value, GUEST_NOT_WRITTEN, "another's memory: the device cannot write");
    expect_event(s, "another's memory", &expected);
    tap_ok(testbed_page_is(s->old_page, OLD_BYTE), "another's memory: is as it was");
}

static void test_nested(struct scene *s)
{
    uint64_t entry = open_stage1(s);

    test_shared(s);
    test_own_change(s, entry);
    test_walk(s, entry);
    test_privileged(s);
    test_foreign(s);
    expect_read_only(s, CD_IPA, "the CD");
    expect_device(s, OLD_BYTE, "the CD is as it was");
}

/* --- A function of PCI Express --- */

/* With ATS it keeps what it was told of a page, and hears of no TLBI. That it may not do what it
 * wants it then knows by itself. */
static void test_ats(struct scene *s)
{
    const struct requester requester = {
        .function = s->function, .ats = pcie_extended_capability(s->function.rid, PCIE_EXT_ATS)};
    struct vm_exit exit;

    smmu_ste_set_ats(&s->smmu, s->function.rid, true);
    requester_set_ats(&requester, true);
    take_page(s);
    vm_invalidate(&s->vm, VM_TLBI_VMALLS12E1IS, 0);
    expect_cpu_abort(s, "ATS, TLBI VMALLS12E1IS");
    expect_device(s, OLD_BYTE, "ATS, TLBI VMALLS12E1IS");
    smmu_command_sync(&s->smmu,
                      smmu_cmd_atc_inv(s->function.rid, SOURCE_IPA + s->offset + PAGE_SIZE, 0));
    expect_device(s, OLD_BYTE, "ATS, CMD_ATC_INV of another page");
    smmu_command_sync(&s->smmu, smmu_cmd_atc_inv(s->function.rid, SOURCE_IPA + s->offset, 0));
    exit = copy(s, DESTINATION_IPA, SOURCE_IPA);
    tap_equal(exit.returned ? exit.value : ~0UL, GUEST_DENIED, "ATS, CMD_ATC_INV: it is denied");
    tap_ok(testbed_page_is(s->destination, NO_BYTE), "ATS, CMD_ATC_INV: nothing is copied");
    tap_equal(testbed_drain_events(&s->smmu), 0, "ATS, CMD_ATC_INV: there is no event");
    vm_map(&s->vm, SOURCE_IPA, s->new_page, 0);
    expect_cpu(s, NEW_BYTE, "ATS, another page mapped");
    expect_device(s, NEW_BYTE, "ATS, another page mapped");
    requester_set_ats(&requester, false);
    smmu_ste_set_ats(&s->smmu, s->function.rid, false);
}

static void open_function(struct scene *s, const struct smmu_contexts *contexts)
{
    s->device = guest_function(&s->vm, &s->function, FUNCTION_IPA, s->offset);
    translate_device(s, contexts);
}

static void test_function(struct scene *s)
{
    const struct smmu_contexts contexts = {.address = CD_IPA};

    s->offset = 0;
    open_function(s, NULL);
    test_shared(s);
    test_ats(s);
    s->offset = VA_OFFSET;
    call(s, guest_map, FUNCTION_IPA + VA_OFFSET, FUNCTION_IPA);
    open_function(s, &contexts);
    test_shared(s);
    test_ats(s);
}

int main(void)
{
    static struct scene scene;

    if (pcie_scan(&scene.function, 1) == 0)
        tap_bail_out("there is no function");
    open_scene(&scene);
    translate_device(&scene, NULL);
    test_shared(&scene);
    test_nested(&scene);
    test_function(&scene);
    return 0;
}
