/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions that repeat themselves for ever. */
#include "exception/repeat.h"

#include "exception/exception.h"
#include "state/sysreg_fields.h"

/* SPSR is what the one before has left in PSTATE: if that is the same too, so is all the state. */
static bool is_same(const struct a64_exception *a, const struct a64_exception *b)
{
    return a->el == b->el && a->elr == b->elr && a->spsr == b->spsr && a->esr == b->esr &&
           a->far == b->far && a->vector == b->vector;
}

/* An instruction whose second access aborts has made the first. A fetch that aborts does nothing.
 */
static bool reached_devices(const struct a64_cpu *c, const struct a64_stats *before)
{
    const struct a64_stats *now = &c->stats;
    bool fetch = bits_get(c->repeat.exception.esr, ESR_EC) == EC_INSN_ABORT + 1;
    return now->bus_writes != before->bus_writes || (!fetch && now->bus_reads != before->bus_reads);
}

/* Can the next one differ, or be seen? Counters count exceptions. */
static bool must_be_executed(const struct a64_cpu *c, const struct a64_stats *before)
{
    return c->attention || c->pmu.counting || c->tracer.insn || c->tracer.exception ||
           reached_devices(c, before);
}

/* Executes the rest of the run at once. Instructions are counted at its end. */
static void leave_out(struct a64_cpu *c, const struct a64_stats *before)
{
    struct a64_stats *now = &c->stats;
    uint64_t times = c->remaining + c->held;
    now->exceptions += times;
    now->tlb_misses += times * (now->tlb_misses - before->tlb_misses);
    now->table_walks += times * (now->table_walks - before->table_walks);
    now->bus_reads += times * (now->bus_reads - before->bus_reads);
    c->remaining = c->held = 0;
}

void repeat_notice(struct a64_cpu *c, const struct a64_exception *exception)
{
    struct a64_repeat *r = &c->repeat;
    struct a64_stats before = r->stats;
    bool again = c->stats.exceptions == before.exceptions + 1 && is_same(exception, &r->exception);
    r->exception = *exception;
    if (again && c->ops.repeats && c->ops.repeats(c->user, exception) &&
        !must_be_executed(c, &before))
        leave_out(c, &before);
    r->stats = c->stats;
}
