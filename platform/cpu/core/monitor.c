/* SPDX-License-Identifier: Apache-2.0 */
/* The exclusive monitor: marked, claimed, cleared. */
#include "monitor.h"

void monitor_mark(struct a64_cpu *c, uint64_t pa, unsigned size)
{
    c->monitor = (struct a64_monitor){.set = true, .size = size, .pa = pa};
}

bool monitor_claim(struct a64_cpu *c, uint64_t pa, unsigned size)
{
    const struct a64_monitor *m = &c->monitor;
    bool holds = m->set && m->pa == pa && m->size == size;
    monitor_clear(c);
    return holds;
}

void monitor_clear(struct a64_cpu *c)
{
    c->monitor.set = false;
}

bool a64_exclusive(const a64_cpu *c)
{
    return c->monitor.set;
}

/* What clears a global monitor is an event for WFE (B2.12.2.1.1). */
void a64_clear_exclusive(a64_cpu *c)
{
    c->event |= c->monitor.set;
    monitor_clear(c);
}
