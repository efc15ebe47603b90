/* SPDX-License-Identifier: Apache-2.0 */
/* Breakpoints, as the fetching of code sees them. */
#ifndef A64_DEBUG_H
#define A64_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

struct a64_cpu;
struct a64_block;

struct a64_breakpoints {
    uint64_t *va;
    unsigned count;
    unsigned room;
};

void breakpoints_free(struct a64_breakpoints *b);

/* Is there a breakpoint on one of the `insns` instructions from `pc` on? */
bool breakpoint_in(const struct a64_cpu *c, uint64_t pc, uint32_t insns);

/* The part of `block`, which begins at c->pc, before its first breakpoint; NULL, and the run ends,
 * if that is on the first instruction. Not to be entered in the jump table. */
const struct a64_block *breakpoint_cut(struct a64_cpu *c, const struct a64_block *block);

#endif
