/* SPDX-License-Identifier: Apache-2.0 */
/* The instruction handlers, and what they share. */
#ifndef A64_EXEC_H
#define A64_EXEC_H

#include "state/op.h"
#include "state/state.h"

#define A64(name, pattern, form, is) a64_exec exec_##name;
#include "exec/a64.def"
a64_exec exec_END; /* runs into the next block */

#define OP(name) void exec_##name(struct a64_cpu *c, const struct a64_op *o)

/* Goes on with the next instruction of the block. A sibling call, which optimising compilers make a
 * jump; where they do not, the stack is bounded by the length of a block, since go_to() returns. */
static inline void next(struct a64_cpu *c, const struct a64_op *o)
{
    o[1].exec(c, o + 1);
}

/* The same after an access that may have reached the world outside, which may want attention. */
static inline void next_after_access(struct a64_cpu *c, const struct a64_op *o)
{
    if (A64_UNLIKELY(c->attention))
        cpu_leave(c, o, op_pc(c, o) + 4);
    else
        next(c, o);
}

/* Does a chain of blocks need no stack? The build says in which of its kinds that is so. */
#ifdef A64_BLOCKS_CHAIN
enum { BLOCKS_CHAIN = true };
#else
enum { BLOCKS_CHAIN = false };
#endif

/* Ends the current block after instruction `o`, as cpu_leave() does. Goes on at `pc` without a way
 * through the run loop if that would do nothing but run the block that the jump table has. */
static inline void go_to(struct a64_cpu *c, const struct a64_op *o, uint64_t pc)
{
    const struct a64_jump *j = jump_entry(c, pc);
    uint64_t remaining = c->remaining - (o->index + 1u);
    c->remaining = remaining;
    c->pc = pc;
    if (!BLOCKS_CHAIN || A64_UNLIKELY(c->attention || j->pc != pc || j->context != c->jump_context))
        return;
    if (A64_LIKELY(remaining >= j->insns))
        j->entry->exec(c, j->entry);
}

static inline bool condition_holds(const struct a64_cpu *c, const struct a64_op *o)
{
    return o->cond >> c->nzcv & 1;
}

/* Rm extended by o->extend and shifted left by o->shift. */
static inline uint64_t extended_rm(const struct a64_cpu *c, const struct a64_op *o)
{
    uint64_t m = c->x[o->rm];
    switch (o->extend) {
    case 0:
        m = (uint8_t)m;
        break;
    case 1:
        m = (uint16_t)m;
        break;
    case 2:
        m = (uint32_t)m;
        break;
    case 4:
        m = (uint64_t)(int64_t)(int8_t)m;
        break;
    case 5:
        m = (uint64_t)(int64_t)(int16_t)m;
        break;
    case 6:
        m = (uint64_t)(int64_t)(int32_t)m;
        break;
    default:
        break;
    }
    return m << o->shift;
}

#endif
