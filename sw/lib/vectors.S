/* SPDX-License-Identifier: Apache-2.0 */
/* The EL1 vector table: every entry saves a struct exception_frame and calls C. */

    .equ    FRAME_SIZE, 34 * 8

    .macro vector index
    .balign 0x80
    sub     sp, sp, #FRAME_SIZE
    stp     x0, x1, [sp, #0 * 16]
    mov     x0, #\index
    b       exception_entry
    .endm

    .section .text.vectors, "ax"
    .balign 0x800
    .global exception_vectors
exception_vectors:
    .set    index, 0
    .rept   16
    vector  index
    .set    index, index + 1
    .endr

exception_entry:
    stp     x2, x3, [sp, #1 * 16]
    stp     x4, x5, [sp, #2 * 16]
    stp     x6, x7, [sp, #3 * 16]
    stp     x8, x9, [sp, #4 * 16]
    stp     x10, x11, [sp, #5 * 16]
    stp     x12, x13, [sp, #6 * 16]
    stp     x14, x15, [sp, #7 * 16]
    stp     x16, x17, [sp, #8 * 16]
    stp     x18, x19, [sp, #9 * 16]
    stp     x20, x21, [sp, #10 * 16]
    stp     x22, x23, [sp, #11 * 16]
    stp     x24, x25, [sp, #12 * 16]
    stp     x26, x27, [sp, #13 * 16]
    stp     x28, x29, [sp, #14 * 16]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    stp     x30, x2, [sp, #15 * 16]
    str     x3, [sp, #16 * 16]
    mov     x1, sp
    bl      exception_dispatch

    ldr     x3, [sp, #16 * 16]
    ldp     x30, x2, [sp, #15 * 16]
    msr     spsr_el1, x3
    msr     elr_el1, x2
    ldp     x28, x29, [sp, #14 * 16]
    ldp     x26, x27, [sp, #13 * 16]
    ldp     x24, x25, [sp, #12 * 16]
    ldp     x22, x23, [sp, #11 * 16]
    ldp     x20, x21, [sp, #10 * 16]
    ldp     x18, x19, [sp, #9 * 16]
    ldp     x16, x17, [sp, #8 * 16]
    ldp     x14, x15, [sp, #7 * 16]
    ldp     x12, x13, [sp, #6 * 16]
    ldp     x10, x11, [sp, #5 * 16]
    ldp     x8, x9, [sp, #4 * 16]
    ldp     x6, x7, [sp, #3 * 16]
    ldp     x4, x5, [sp, #2 * 16]
    ldp     x2, x3, [sp, #1 * 16]
    ldp     x0, x1, [sp, #0 * 16]
    add     sp, sp, #FRAME_SIZE
    eret
