/* SPDX-License-Identifier: Apache-2.0 */
/* Calls from EL1 to EL2 and what else arrives there. */
#include "el2.h"

#include "io.h"
#include "printf.h"
#include "psci.h"

#define STACK_SIZE 4096 /* el2_leave.S knows */
#define CALL       1    /* immediate of the HVC */
#define EC_HVC     0x16

uint8_t el2_stacks[EL2_MAX_CPUS][STACK_SIZE] __attribute__((aligned(16)));

static el2_handler *program_handler;

bool el2_present(void)
{
    return (read_sysreg(id_aa64pfr0_el1) >> 8 & 0xf) != 0;
}

uint64_t el2_call(uint64_t (*function)(uint64_t), uint64_t argument)
{
    register uint64_t x0 __asm__("x0") = (uint64_t)function;
    register uint64_t x1 __asm__("x1") = argument;

    __asm__ volatile("hvc %2" : "+r"(x0), "+r"(x1) : "i"(CALL) : "memory");
    return x0;
}

void el2_handle(el2_handler *handler)
{
    program_handler = handler;
    dsb();
}

void el2_dispatch(uint64_t vector, struct exception_frame *frame)
{
    uint64_t esr = read_sysreg(esr_el2);

    if (vector == EL2_SYNC_FROM_EL1 && esr >> 26 == EC_HVC && (esr & 0xffff) == CALL) {
        uint64_t (*function)(uint64_t) = (uint64_t(*)(uint64_t))frame->x[0];
        frame->x[0] = function(frame->x[1]);
        return;
    }
    if (program_handler && program_handler((enum el2_vector)vector, frame))
        return;
    printf("\nexception %lu at EL2: ESR=0x%08lx ELR=0x%016lx FAR=0x%016lx HPFAR=0x%016lx\n", vector,
           esr, frame->elr, read_sysreg(far_el2), read_sysreg(hpfar_el2));
    printf("Bail out! unexpected exception\n");
    psci_exit(EXIT_BROKEN);
}
