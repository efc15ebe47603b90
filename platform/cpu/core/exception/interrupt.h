/* SPDX-License-Identifier: Apache-2.0 */
/* The asynchronous exception that a PE takes next (DDI 0487 D1.3.5). */
#ifndef A64_INTERRUPT_H
#define A64_INTERRUPT_H

#include "state/state.h"

/* In the order in which they are taken if several are pending. */
enum interrupt {
    INTERRUPT_NONE,
    INTERRUPT_FIQ,
    INTERRUPT_IRQ,
    INTERRUPT_VIRTUAL_SERROR,
    INTERRUPT_VIRTUAL_FIQ,
    INTERRUPT_VIRTUAL_IRQ,
};

/* The one to take at the current exception level with the current masks. */
enum interrupt interrupt_next(const struct a64_cpu *c);

/* Where it is taken to. */
unsigned interrupt_target(const struct a64_cpu *c, enum interrupt which);

/* Is there one that ends WFI and WFE, masked or not? */
bool interrupt_wakes(const struct a64_cpu *c);

/* ISR_EL1, as it reads at the current exception level: A, I and F. */
uint64_t interrupt_status(const struct a64_cpu *c);

#endif
