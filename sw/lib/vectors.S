/* SPDX-License-Identifier: Apache-2.0 */
/* The vector tables of EL1 and EL2: every entry saves a struct exception_frame and calls C. */

    .equ    FRAME_SIZE, 34 * 8

    .macro vector index, entry
    .balign 0x80
    sub     sp, sp, #FRAME_SIZE
    stp     x0, x1, [sp, #0 * 16]
    mov     x0, #\index
    b       \entry
    .endm

    /* `elr` and `spsr` are those of the level; `dispatch` is the C function. */
    .macro vector_table name, elr, spsr, dispatch
    .balign 0x800
    .global \name
\name:
    .set    index, 0
    .rept   16
    vector  index, \name\()_entry
    .set    index, index + 1
    .endr

\name\()_entry:
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
    mrs     x2, \elr
    mrs     x3, \spsr
    stp     x30, x2, [sp, #15 * 16]
    str     x3, [sp, #16 * 16]
    mov     x1, sp
    bl      \dispatch

    ldr     x3, [sp, #16 * 16]
    ldp     x30, x2, [sp, #15 * 16]
    msr     \spsr, x3
    msr     \elr, x2
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
    .endm

    .section .text.vectors, "ax"
    vector_table exception_vectors, elr_el1, spsr_el1, exception_dispatch
    vector_table el2_vectors, elr_el2, spsr_el2, el2_dispatch
