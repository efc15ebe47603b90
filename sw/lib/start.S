/* SPDX-License-Identifier: Apache-2.0 */
/* Entry with the MMU off and x0 = address of the device tree: stack, BSS, vectors, C. Programs run at
 * EL1; a PE that begins at EL2 gets there from it (el2.h). */

    .section .text.start, "ax"
    .global _start
_start:
    bl      enter_el1
    adrp    x1, stack_top
    add     x1, x1, :lo12:stack_top
    mov     sp, x1

    /* The linker script aligns both ends of the BSS to 16 bytes. */
    adrp    x1, bss_start
    add     x1, x1, :lo12:bss_start
    adrp    x2, bss_end
    add     x2, x2, :lo12:bss_end
1:  cmp     x1, x2
    b.hs    2f
    stp     xzr, xzr, [x1], #16
    b       1b

2:  adrp    x1, start_argument
    str     x0, [x1, :lo12:start_argument]
    bl      runtime_start
    b       .

    .bss
    .balign 8
    .global start_argument
start_argument:
    .skip   8
    .section .text.start, "ax"

/* The same for a PE that PSCI CPU_ON started, with x0 = its struct smp_start: a stack of its own. */
    .global smp_entry
smp_entry:
    bl      enter_el1
    ldr     x1, [x0]
    mov     sp, x1
    bl      smp_run
    b       .

/* Returns at EL1 with its vectors, everything masked; x0 is kept. */
enter_el1:
    msr     daifset, #0xf
    adrp    x1, exception_vectors
    add     x1, x1, :lo12:exception_vectors
    msr     vbar_el1, x1
    isb
    mrs     x1, CurrentEL
    cmp     x1, #2 << 2
    b.eq    el2_leave
    ret
