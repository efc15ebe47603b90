/* SPDX-License-Identifier: Apache-2.0 */
/* Breakpoints of a debugger outside, and how all breakpoints cut the code that is fetched. */
#ifndef A64_DEBUGGER_H
#define A64_DEBUGGER_H

#include "state/state.h"

void breakpoints_free(struct a64_breakpoints *b);

/* Is there a breakpoint, of a debugger outside or of the PE itself, on one of the `insns`
 * instructions from `pc` on? */
bool breakpoint_in(const struct a64_cpu *c, uint64_t pc, uint32_t insns);

/* The part of `block`, which begins at c->pc, before its first breakpoint. NULL if that is on the
 * first instruction: it ends the run, or, if the PE's own, has taken its exception, which costs an
 * instruction. Not to be entered in the jump table. */
const struct a64_block *breakpoint_cut(struct a64_cpu *c, const struct a64_block *block);

#endif
