/* SPDX-License-Identifier: Apache-2.0 */
/* World switches between the program and copies of it (DDI 0487 D8.2, D1.3). */
#include "hypervisor.h"

#include "el2.h"
#include "exception.h"
#include "io.h"
#include "pages.h"
#include "string.h"
#include "tap.h"

#define HVC_ENTER 16
#define HVC_LEAVE 17
#define EC_IABORT 0x20UL
#define EC_HVC    0x16UL
/* ISS of a data abort whose instruction is described. */
#define ISS_ISV      (1UL << 24)
#define ISS_SAS      (3UL << 22)
#define ISS_SAS_WORD (2UL << 22)
#define ISS_SRT(esr) ((unsigned)((esr) >> 16 & 31))

#define SPSR_I (1UL << 7)

#define HCR_VM  (1UL << 0)
#define HCR_RW  (1UL << 31)
#define HCR_TSC (1UL << 19) /* firmware calls of a guest end it */

/* VTCR_EL2: as put_stage2() of tables.c describes the same tables to the SMMU. */
#define VTCR_T0SZ_39BIT  (64UL - 39)
#define VTCR_SL0_LEVEL1  (1UL << 6)
#define VTCR_WALK_WB     (1UL << 8 | 1UL << 10)
#define VTCR_SH0_INNER   (3UL << 12)
#define VTCR_PS_SHIFT    16
#define VTCR_RES1        (1UL << 31)
#define VTTBR_VMID_SHIFT 48

extern char image_start[], image_end[]; /* linker script */

/* A call of a guest, which the host waits for the end of. */
struct call {
    const struct vm *vm;
    vm_function *function;
    uint64_t argument[3];
    struct vm_exit exit;
    struct exception_frame host;
    uint64_t host_sp;
};

static struct call *running;

/* The return address of functions in a guest: their result is in x0. */
void vm_leave(void);
__asm__("vm_leave: hvc #" STRINGIFY(HVC_LEAVE));

/* --- At EL2 --- */

static uint64_t vttbr_of(const struct vm *vm)
{
    return pgtable_address(&vm->stage2) | (uint64_t)vm->vmid << VTTBR_VMID_SHIFT;
}

static uint64_t configure(uint64_t unused)
{
    uint64_t pa_range = read_sysreg(id_aa64mmfr0_el1) & 7;

    (void)unused;
    write_sysreg(vtcr_el2, VTCR_RES1 | VTCR_T0SZ_39BIT | VTCR_SL0_LEVEL1 | VTCR_WALK_WB |
                               VTCR_SH0_INNER | pa_range << VTCR_PS_SHIFT);
    write_sysreg(vttbr_el2, 0);
    write_sysreg(hcr_el2, HCR_RW);
    __asm__ volatile("dsb ish\n\ttlbi alle1is\n\tdsb ish\n\tisb" ::: "memory");
    return 0;
}

/* The guest goes on with the host's stack pointer, in its own copy of the stack. */
static void enter(struct exception_frame *frame)
{
    running = (struct call *)frame->x[0];
    running->host = *frame;
    running->host_sp = read_sysreg(sp_el1);
    for (unsigned i = 0; i < 3; i++)
        frame->x[i] = running->argument[i];
    frame->x[30] = (uint64_t)vm_leave;
    frame->elr = (uint64_t)running->function;
    frame->spsr |= SPSR_I;
    write_sysreg(vttbr_el2, vttbr_of(running->vm));
    write_sysreg(hcr_el2, HCR_RW | HCR_VM | HCR_TSC);
    isb();
}

static void leave(struct exception_frame *frame)
{
    write_sysreg(hcr_el2, HCR_RW);
    write_sysreg(vttbr_el2, 0);
    write_sysreg(sp_el1, running->host_sp);
    isb();
    *frame = running->host;
    running = NULL;
}

static bool is_hvc(uint64_t esr, unsigned immediate)
{
    return VM_CLASS(esr) == EC_HVC && (esr & 0xffff) == immediate;
}

/* Whether an abort is an access to registers that someone does in the guest's place. */
static bool mediate(struct exception_frame *frame, uint64_t esr)
{
    const struct vm *vm = running->vm;
    uint64_t address = read_sysreg(hpfar_el2) << 8 | (read_sysreg(far_el2) & (PAGE_SIZE - 1));
    unsigned target = ISS_SRT(esr); /* 31 is XZR */
    uint32_t value = target == 31 ? 0 : (uint32_t)frame->x[target];

    if (!vm->registers || (esr & (ISS_ISV | ISS_SAS)) != (ISS_ISV | ISS_SAS_WORD) ||
        (address & ~(PAGE_SIZE - 1)) != vm->mediated)
        return false;
    vm->registers(vm->context, address - vm->mediated, esr & VM_WRITE, &value);
    if (!(esr & VM_WRITE) && target != 31)
        frame->x[target] = value;
    frame->elr += 4;
    return true;
}

static bool handle(enum el2_vector vector, struct exception_frame *frame)
{
    uint64_t esr = read_sysreg(esr_el2);

    if (vector != EL2_SYNC_FROM_EL1)
        return false;
    if (!running) {
        if (!is_hvc(esr, HVC_ENTER))
            return false;
        enter(frame);
        return true;
    }
    running->exit.exceptions++;
    if (VM_CLASS(esr) == VM_DATA_ABORT && mediate(frame, esr))
        return true;
    if (is_hvc(esr, HVC_LEAVE)) {
        running->exit.returned = true;
        running->exit.value = frame->x[0];
    } else if (VM_CLASS(esr) == VM_DATA_ABORT || VM_CLASS(esr) == EC_IABORT) {
        running->exit.esr = esr;
        running->exit.far = read_sysreg(far_el2);
        running->exit.hpfar = read_sysreg(hpfar_el2);
    } else {
        return false;
    }
    leave(frame);
    return true;
}

struct maintenance {
    const struct vm *vm;
    enum vm_tlbi operation;
    uint64_t ipa;
};

static uint64_t maintain(uint64_t argument)
{
    const struct maintenance *m = (const struct maintenance *)argument;

    write_sysreg(vttbr_el2, vttbr_of(m->vm));
    __asm__ volatile("isb\n\tdsb ish" ::: "memory");
    switch (m->operation) {
    case VM_TLBI_IPAS2E1IS:
        __asm__ volatile("tlbi ipas2e1is, %0" ::"r"(m->ipa >> 12) : "memory");
        break;
    case VM_TLBI_VMALLE1IS:
        __asm__ volatile("tlbi vmalle1is" ::: "memory");
        break;
    case VM_TLBI_VMALLS12E1IS:
        __asm__ volatile("tlbi vmalls12e1is" ::: "memory");
        break;
    case VM_TLBI_VMALLS12E1:
        __asm__ volatile("tlbi vmalls12e1" ::: "memory");
        break;
    }
    __asm__ volatile("dsb ish" ::: "memory");
    write_sysreg(vttbr_el2, 0);
    isb();
    return 0;
}

/* --- At EL1 --- */

void hypervisor_start(void)
{
    if (!el2_present())
        tap_bail_out("the CPU has no EL2");
    el2_handle(handle);
    el2_call(configure, 0);
}

static uint64_t take_heap(uint64_t ipa, uint64_t b, uint64_t c)
{
    (void)b;
    (void)c;
    pages_go_on_at(ipa);
    return 0;
}

void vm_create(struct vm *vm, uint16_t vmid, uintptr_t device)
{
    uint64_t image = (uint64_t)image_start;
    size_t size = (size_t)(image_end - image_start);
    void *copy = pages_alloc(size, PAGE_SIZE);

    *vm = (struct vm){.stage2 = pgtable_create_stage2(), .vmid = vmid};
    pgtable_map_range(&vm->stage2, image, (uintptr_t)copy, size, 0);
    pgtable_map_range(&vm->stage2, VM_HEAP_IPA, (uintptr_t)pages_alloc(VM_HEAP_BYTES, PAGE_SIZE),
                      VM_HEAP_BYTES, 0);
    pgtable_map(&vm->stage2, VM_DEVICE_IPA, device, PGTABLE_PAGE, 0);
    memcpy(copy, image_start, size);
    vm_run(vm, take_heap, VM_HEAP_IPA, 0, 0);
}

uint64_t guest_load(uint64_t address, uint64_t b, uint64_t c)
{
    (void)b;
    (void)c;
    return read64(address);
}

uint64_t guest_store(uint64_t address, uint64_t value, uint64_t c)
{
    (void)c;
    write64(address, value);
    return 0;
}

struct vm_exit vm_run(const struct vm *vm, vm_function *function, uint64_t a, uint64_t b,
                      uint64_t c)
{
    struct call call = {.vm = vm, .function = function, .argument = {a, b, c}};
    register struct call *x0 __asm__("x0") = &call;

    __asm__ volatile("hvc %1" : "+r"(x0) : "i"(HVC_ENTER) : "memory");
    return call.exit;
}

void vm_map(struct vm *vm, uint64_t ipa, const void *page, unsigned restrictions)
{
    pgtable_map(&vm->stage2, ipa, (uintptr_t)page, PGTABLE_PAGE, restrictions);
}

void vm_mediate(struct vm *vm, uint64_t ipa, vm_registers *registers, void *context)
{
    vm->mediated = ipa;
    vm->registers = registers;
    vm->context = context;
}

uint8_t *vm_memory(const struct vm *vm, uint64_t ipa)
{
    return (uint8_t *)(pgtable_leaf(&vm->stage2, ipa) & PTE_ADDRESS);
}

struct smmu_stage2 vm_stage2(const struct vm *vm, const struct smmu *smmu)
{
    return (struct smmu_stage2){
        .table = pgtable_address(&vm->stage2), .vmid = vm->vmid, .ps = smmu->features.oas};
}

void vm_invalidate(const struct vm *vm, enum vm_tlbi operation, uint64_t ipa)
{
    struct maintenance m = {vm, operation, ipa};

    el2_call(maintain, (uint64_t)&m);
}
