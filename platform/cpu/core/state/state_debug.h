/* SPDX-License-Identifier: Apache-2.0 */
/* The state of debugging, by the PE itself and from outside; see selfhosted.h, debugger.h,
 * repeat.h.
 */
#ifndef A64_STATE_DEBUG_H
#define A64_STATE_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

#include "a64/cpu.h"

/* Breakpoints of a debugger outside. */
struct a64_breakpoints {
    uint64_t *va;
    unsigned count;
    unsigned room;
};

/* Watchpoints of a debugger outside, and the last one that was hit. */
struct a64_watchpoints {
    struct a64_watchpoint *row;
    unsigned count;
    unsigned room;
    struct a64_watchpoint hit;
    uint64_t hit_va;
};

enum { HW_BREAKPOINTS = 6, HW_CONTEXT_AWARE = 2, HW_WATCHPOINTS = 4 };

struct a64_selfhosted {
    uint32_t breakpoints; /* bit n: breakpoint n fires by itself, at some exception level */
    uint32_t watchpoints;
    bool ss;        /* PSTATE.SS */
    bool stepping;  /* an instruction is being stepped, and has taken no exception so far */
    bool stepped;   /* next comes the instruction after one that was stepped */
    bool exclusive; /* the instruction stepped was a load-exclusive */
};

/* The last synchronous exception that led to the instruction it came from. */
struct a64_repeat {
    struct a64_exception exception;
    struct a64_stats stats; /* when it was taken */
};

#endif
