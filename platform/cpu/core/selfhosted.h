/* SPDX-License-Identifier: Apache-2.0 */
/* Self-hosted debug: which debug exceptions are enabled, breakpoints, watchpoints, and software
 * step (DDI 0487 D2). What nothing can fire of costs nothing: breakpoints cut blocks where these
 * are fetched, watchpoints keep their pages out of the fast TLB, and only a PE that steps runs
 * instruction by instruction. */
#ifndef A64_SELFHOSTED_H
#define A64_SELFHOSTED_H

#include <stdbool.h>
#include <stdint.h>

struct a64_cpu;
struct a64_op;

enum { HW_BREAKPOINTS = 6, HW_CONTEXT_AWARE = 2, HW_WATCHPOINTS = 4 };

/* Kinds of access that a watchpoint tells apart: DBGWCR<n>_EL1.LSC. */
enum hw_watch { HW_WATCH_LOAD = 1, HW_WATCH_STORE = 2 };

struct a64_selfhosted {
    uint32_t breakpoints; /* bit n: breakpoint n fires by itself, at some exception level */
    uint32_t watchpoints;
    bool ss;        /* PSTATE.SS */
    bool stepping;  /* an instruction is being stepped, and has taken no exception so far */
    bool stepped;   /* what comes next is the instruction after one that was stepped */
    bool exclusive; /* the instruction stepped was a load-exclusive */
};

/* ---- selfhosted.c ---- */

/* After a write to a debug register, and out of reset. */
void selfhosted_update(struct a64_cpu *c);

/* Are debug exceptions enabled from level `el`, if PSTATE.D is `masked` (D2.4)? */
bool selfhosted_enabled(const struct a64_cpu *c, unsigned el, bool masked);

/* Does a breakpoint of this type (DBGBCR<n>_EL1.BT) compare context ID, VMID or both? */
bool selfhosted_compares_context(const struct a64_cpu *c, unsigned type);

/* ---- hw_match.c ---- */

/* Instructions from `pc` to the nearest that a breakpoint may fire at; at most `insns`. */
uint32_t hw_breakpoint_distance(const struct a64_cpu *c, uint64_t pc, uint32_t insns);

/* Does a breakpoint fire before the instruction at `pc`? */
bool hw_breakpoint_fires(const struct a64_cpu *c, uint64_t pc);

/* Kinds of access to the page of `va` that may hit a watchpoint. */
unsigned hw_watched(const struct a64_cpu *c, uint64_t va);

/* Takes the Watchpoint exception that an access of `o` to `size` bytes with the privilege of `el`
 * causes, and leaves the block; `iss` is added to the syndrome. Returns false if there is none. */
bool hw_watchpoint_taken(struct a64_cpu *c, const struct a64_op *o, uint64_t va, unsigned size,
                         unsigned el, enum hw_watch kind, uint64_t iss);

/* ---- step.c ---- */

/* Is software step active: active-not-pending with PSTATE.SS, else active-pending? */
bool step_is_active(const struct a64_cpu *c);

/* SPSR of an exception return with the SS that gets into PSTATE (D2.11.4). */
uint64_t step_return(const struct a64_cpu *c, uint64_t spsr);

void step_begin(struct a64_cpu *c, const struct a64_op *o); /* the instruction to be stepped */
void step_advance(struct a64_cpu *c); /* it counts as done, exception or not */
void step_end(struct a64_cpu *c);     /* it has run */
void step_abandon(struct a64_cpu *c); /* an exception is taken: PSTATE.SS becomes 0 */
void step_exception(struct a64_cpu *c);

#endif
