/* SPDX-License-Identifier: Apache-2.0 */
/* Self-hosted debug: which debug exceptions are enabled, breakpoints, watchpoints, and software
 * step (DDI 0487 D2). Parts that cannot fire cost nothing: breakpoints cut blocks where these
 * are fetched, watchpoints keep their pages out of the fast TLB, and only a PE that steps runs
 * instruction by instruction. */
#ifndef A64_SELFHOSTED_H
#define A64_SELFHOSTED_H

#include "state/state.h"

/* DBGBCR<n>_EL1.BT. */
enum { BT_ADDRESS = 0, BT_LINKED = 1, BT_CONTEXT_ID = 2, BT_VMID = 8 };

/* Rows of registers by number. */
extern const uint16_t dbgbvr_row[], dbgbcr_row[], dbgwvr_row[], dbgwcr_row[];

/* ---- selfhosted.c ---- */

/* Is the OS Lock set, or the OS Double Lock? Then no debug exception is taken. */
bool selfhosted_locked(const struct a64_cpu *c);

/* Those that fire by themselves, at some exception level, a bit each. */
uint32_t selfhosted_armed_breakpoints(const struct a64_cpu *c);
uint32_t selfhosted_armed_watchpoints(const struct a64_cpu *c);

/* Are debug exceptions enabled from level `el`, if PSTATE.D is `masked` (D2.4)? */
bool selfhosted_enabled(const struct a64_cpu *c, unsigned el, bool masked);

/* Does a breakpoint of this type (DBGBCR<n>_EL1.BT) compare context ID, VMID or both? */
bool selfhosted_compares_context(const struct a64_cpu *c, unsigned type);

/* ---- hw_match.c ---- */

/* Instructions from `pc` to the nearest that a breakpoint may fire at; at most `insns`. */
uint32_t hw_breakpoint_distance(const struct a64_cpu *c, uint64_t pc, uint32_t insns);

/* Does a breakpoint fire before the instruction at `pc`? */
bool hw_breakpoint_fires(const struct a64_cpu *c, uint64_t pc);

/* Kinds of access to the page of `va` that may hit a watchpoint: bits of enum a64_watch, which are
 * those of DBGWCR<n>_EL1.LSC. */
unsigned hw_watched(const struct a64_cpu *c, uint64_t va);

/* Does an access to `size` bytes with the privilege of `el` hit a watchpoint? `at` is the lowest
 * byte that is watched: of all addresses that may be reported (D2.9.8.2) it is the one that
 * debuggers compare with theirs. */
bool hw_watchpoint_hit(const struct a64_cpu *c, uint64_t va, unsigned size, unsigned el,
                       enum a64_watch kind, uint64_t *at);

/* ---- step.c ---- */

/* Is software step active: active-not-pending with PSTATE.SS, else active-pending? */
bool step_is_active(const struct a64_cpu *c);

/* SPSR of an exception return to level `target` with the SS that gets into PSTATE (D2.11.4). */
uint64_t step_return(const struct a64_cpu *c, uint64_t spsr, unsigned target);

/* An instruction is to be stepped; `exclusive`: a load-exclusive. */
void step_begin(struct a64_cpu *c, bool exclusive);
void step_advance(struct a64_cpu *c);            /* it counts as done, exception or not */
void step_end(struct a64_cpu *c);                /* it has run */
void step_postpone(struct a64_cpu *c);           /* it has not run, and is to be stepped again */
void step_abandon(struct a64_cpu *c);            /* an exception is taken: PSTATE.SS becomes 0 */
uint64_t step_syndrome(const struct a64_cpu *c); /* ISS of the exception */

#endif
