/* SPDX-License-Identifier: Apache-2.0 */
/* Reports to the tracer of a PE. */
#ifndef A64_TRACE_H
#define A64_TRACE_H

#include "state/state.h"

/* `o`, at c->pc, is about to be executed; to be called only if there is a tracer of instructions.
 */
void trace_insn(const struct a64_cpu *c, const struct a64_op *o);

#endif
