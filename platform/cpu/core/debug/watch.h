/* SPDX-License-Identifier: Apache-2.0 */
/* Watchpoints of a debugger outside: which accesses end the run. Like those of the PE itself they
 * keep their pages out of the fast TLB, so that other accesses do not pay for them. */
#ifndef A64_WATCH_H
#define A64_WATCH_H

#include "state/state.h"

void watchpoints_free(struct a64_watchpoints *w);

/* Returns false if memory is exhausted. */
bool watchpoints_add(struct a64_watchpoints *w, const struct a64_watchpoint *row);
void watchpoints_remove(struct a64_watchpoints *w, const struct a64_watchpoint *row);

/* Kinds of access to the page of `va` that may hit one: bits of enum a64_watch. */
unsigned watch_kinds(const struct a64_cpu *c, uint64_t va);

/* Does an access of `kind` to `size` bytes at `va` (canonical) hit one? Then that is the hit of
 * a64_watchpoint_hit(). */
bool watch_hit(struct a64_cpu *c, uint64_t va, unsigned size, enum a64_watch kind);

#endif
