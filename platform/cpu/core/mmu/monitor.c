/* SPDX-License-Identifier: Apache-2.0 */
/* The exclusive monitor, as others see it. */
#include "mmu/monitor.h"

bool a64_exclusive(const a64_cpu *c)
{
    return c->monitor.set;
}

/* Clearing a global monitor is an event for WFE (B2.12.2.1.1). */
void a64_clear_exclusive(a64_cpu *c)
{
    c->event |= c->monitor.set;
    monitor_clear(c);
}
