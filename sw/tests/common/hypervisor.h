/* SPDX-License-Identifier: Apache-2.0 */
/* A hypervisor for programs of machines whose CPUs have EL2: the program is the host, at EL1
 * without stage 2, and a guest is a copy of it, at EL1 behind stage 2. EL2 goes from one to the
 * other. */
#ifndef TESTS_COMMON_HYPERVISOR_H
#define TESTS_COMMON_HYPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

#include "pgtable.h"
#include "smmu.h"

/* Where a guest sees its device, a page of registers, and the memory of its pages_alloc(). */
#define VM_DEVICE_IPA 0x0c000000UL
#define VM_HEAP_IPA   0x44000000UL
#define VM_HEAP_BYTES 0x10000UL

/* Do an access to the 32-bit register at `offset` of a page in place of a guest, at EL2. */
typedef void vm_registers(void *context, uint64_t offset, bool write, uint32_t *value);

struct vm {
    struct pgtable stage2;
    uint16_t vmid;
    uint64_t mediated; /* the page that `registers` is asked about, if that is not NULL */
    vm_registers *registers;
    void *context;
};

/* How a run of a guest ended. */
struct vm_exit {
    bool returned;            /* from the function, with `value`; else by an abort of stage 2 */
    uint64_t value;           /* the function's result */
    uint64_t esr, far, hpfar; /* of the abort */
    unsigned exceptions;      /* taken to EL2, that of the end included */
};

/* ESR_EL2 of an abort. */
#define VM_CLASS(esr)     ((esr) >> 26)
#define VM_DATA_ABORT     0x24UL
#define VM_STATUS(esr)    ((esr)&0x3f)
#define VM_TRANSLATION_L3 0x07UL
#define VM_PERMISSION_L3  0x0fUL
#define VM_WRITE          (1UL << 6)
#define VM_STAGE1_WALK    (1UL << 7)

/* Take EL2 for guests, from the one CPU that runs. Fails the run where there is none. */
void hypervisor_start(void);

/* Make a guest with `vmid`, which is not 0. It has a copy of the program as it is now, at the
 * program's own addresses; memory for its pages_alloc(); and at VM_DEVICE_IPA the page of registers
 * at `device`. Nothing else of the machine is mapped. */
void vm_create(struct vm *vm, uint16_t vmid, uintptr_t device);

typedef uint64_t vm_function(uint64_t a, uint64_t b, uint64_t c);

/* Call a function of the program in the guest, with interrupts masked. It cannot print. */
struct vm_exit vm_run(const struct vm *vm, vm_function *function, uint64_t a, uint64_t b,
                      uint64_t c);

/* Functions for guests: read 64 bits at `address`; write `value` there. */
vm_function guest_load, guest_store;

/* Map a page of memory into the guest at `ipa`. Nothing is invalidated. */
void vm_map(struct vm *vm, uint64_t ipa, const void *page, unsigned restrictions);

/* Have accesses to the page at `ipa`, which must not be mapped, done by `registers`; with NULL they
 * end a run again. */
void vm_mediate(struct vm *vm, uint64_t ipa, vm_registers *registers, void *context);

/* The page of memory that the guest has at `ipa`, where a page is mapped. */
uint8_t *vm_memory(const struct vm *vm, uint64_t ipa);

/* Stage 2 of a stream that shares the guest's tables, and its VMID. */
struct smmu_stage2 vm_stage2(const struct vm *vm, const struct smmu *smmu);

/* TLB maintenance of EL2 for the guest's VMID, between barriers: of the stage 2 of a page; of all
 * of stage 1; of both stages; of both on this CPU alone. */
enum vm_tlbi { VM_TLBI_IPAS2E1IS, VM_TLBI_VMALLE1IS, VM_TLBI_VMALLS12E1IS, VM_TLBI_VMALLS12E1 };
void vm_invalidate(const struct vm *vm, enum vm_tlbi operation, uint64_t ipa);

#endif
