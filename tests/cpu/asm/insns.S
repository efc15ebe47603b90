/* SPDX-License-Identifier: Apache-2.0 */
/* The instructions of insns.inc; kinds are 0 registers only, 1 memory, 2 naturally aligned memory. */
    .include "table.inc"
.macro INSN insn
    ENTRY "\insn", 0
.endm
.macro MEM insn
    ENTRY "\insn", 1
.endm
.macro ALIGNED insn
    ENTRY "\insn", 2
.endm

    .arch armv8-a+crc
    .text
    .pushsection .data.table, "aw"
    .balign 8
    .global insn_table
insn_table:
    .popsection

    .include "insns.inc"

    .pushsection .data.table, "aw"
    .quad 0
    .popsection

#ifdef LINUX_TRAMPOLINE
/* void call(struct state *s, void (*code)(void)): x0 to x4 and NZCV in and out. */
    .text
    .global call
call:
    stp x19, x30, [sp, #-32]!
    str x20, [sp, #16]
    mov x19, x0
    mov x20, x1
    ldr x5, [x19, #40]
    msr nzcv, x5
    ldp x1, x2, [x19, #8]
    ldp x3, x4, [x19, #24]
    ldr x0, [x19]
    blr x20
    str x0, [x19]
    stp x1, x2, [x19, #8]
    stp x3, x4, [x19, #24]
    mrs x5, nzcv
    str x5, [x19, #40]
    ldr x20, [sp, #16]
    ldp x19, x30, [sp], #32
    ret
#endif
