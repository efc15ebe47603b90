/* SPDX-License-Identifier: Apache-2.0 */
/* PSTATE, and state that is derived from it and from system registers, so that the fast paths look
 * at one value. Who changes what it is derived from says so. */
#ifndef A64_CONTEXT_H
#define A64_CONTEXT_H

#include "state/state.h"

void context_set_el(struct a64_cpu *c, unsigned el,
                    bool spsel);        /* switches the stack pointer too */
void context_update(struct a64_cpu *c); /* EL or what controls translation or FP has changed */
void context_update_attention(struct a64_cpu *c); /* a line, PSTATE, HCR_EL2 or MDSCR has */
void context_update_debug(struct a64_cpu *c);     /* a debug register has, or all out of reset */

/* Does CPACR_EL1.FPEN trap SIMD and floating point at the current exception level? */
bool context_fp_trapped_by_el1(const struct a64_cpu *c);

/* PSTATE in SPSR layout; setting expects a legal value. */
uint64_t pstate_get(const struct a64_cpu *c);
void pstate_set(struct a64_cpu *c, uint64_t spsr);
bool pstate_legal(const struct a64_cpu *c, uint64_t spsr);

#endif
