/* SPDX-License-Identifier: Apache-2.0 */
/* From EL2 to EL1: what firmware sets up for a kernel, and vectors for calls back (el2.h). */

    .equ    HCR_RW, 1 << 31
    .equ    CNTHCTL_EL1_MAY_ALL, 3
    .equ    CPTR_NO_TRAPS, 0x33ff
    .equ    ICC_SRE_ALL, 0xf
    .equ    SPSR_EL1H_MASKED, 0x3c5
    .equ    EL2_STACK_SIZE, 4096

    .section .text.start, "ax"
    .global el2_leave
/* Returns to x30 at EL1; x0 is kept. */
el2_leave:
    adrp    x1, el2_vectors
    add     x1, x1, :lo12:el2_vectors
    msr     vbar_el2, x1
    mov     x1, #HCR_RW
    msr     hcr_el2, x1
    mov     x1, #CNTHCTL_EL1_MAY_ALL
    msr     cnthctl_el2, x1
    msr     cntvoff_el2, xzr
    mov     x1, #CPTR_NO_TRAPS
    msr     cptr_el2, x1
    mrs     x1, midr_el1
    msr     vpidr_el2, x1
    mrs     x1, mpidr_el1
    msr     vmpidr_el2, x1
    mov     x2, #ICC_SRE_ALL
    msr     S3_4_C12_C9_5, x2 /* ICC_SRE_EL2 */

    /* A stack for each PE, by Aff0. */
    and     x1, x1, #0xff
    add     x1, x1, #1
    mov     x2, #EL2_STACK_SIZE
    mul     x1, x1, x2
    adrp    x2, el2_stacks
    add     x2, x2, :lo12:el2_stacks
    add     sp, x2, x1

    mov     x1, #SPSR_EL1H_MASKED
    msr     spsr_el2, x1
    msr     elr_el2, x30
    isb
    eret
