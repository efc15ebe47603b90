/* SPDX-License-Identifier: Apache-2.0 */
/* The instructions of simd.inc; kinds are 0 registers only, 1 memory. */
    .include "table.inc"
.macro INSN insn
    ENTRY "\insn", 0
.endm
.macro MEM insn
    ENTRY "\insn", 1
.endm

    .arch armv8-a
    .text
    .pushsection .data.table, "aw"
    .balign 8
    .global simd_table
simd_table:
    .popsection

    .include "simd.inc"

    .pushsection .data.table, "aw"
    .quad 0
    .popsection

#ifdef LINUX_TRAMPOLINE
/* void simd_call(struct simd_state *s, void (*code)(void)): x0 to x2, v0 to v4, NZCV, FPCR and FPSR
 * in and out. */
    .text
    .global simd_call
simd_call:
    stp x19, x30, [sp, #-32]!
    str x20, [sp, #16]
    mov x19, x0
    mov x20, x1
    ldp q0, q1, [x19]
    ldp q2, q3, [x19, #32]
    ldr q4, [x19, #64]
    ldp x3, x4, [x19, #104]
    ldr x5, [x19, #120]
    msr nzcv, x3
    msr fpcr, x4
    msr fpsr, x5
    ldp x0, x1, [x19, #80]
    ldr x2, [x19, #96]
    blr x20
    stp q0, q1, [x19]
    stp q2, q3, [x19, #32]
    str q4, [x19, #64]
    stp x0, x1, [x19, #80]
    str x2, [x19, #96]
    mrs x3, nzcv
    mrs x5, fpsr
    str x3, [x19, #104]
    str x5, [x19, #120]
    msr fpcr, xzr
    ldr x20, [sp, #16]
    ldp x19, x30, [sp], #32
    ret
#endif
