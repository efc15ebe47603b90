/* SPDX-License-Identifier: Apache-2.0 */
/* The exclusive monitor, local and global in one (DDI 0487 B2.12). PEs run one at a time, and no
 * one else writes memory between a load-exclusive and its store but where the PE lets others run:
 * there the monitor is cleared. A store-exclusive that succeeds has seen no other store, not even
 * one of the same value. a64_exclusive() and a64_clear_exclusive() are for the world outside. */
#ifndef A64_MONITOR_H
#define A64_MONITOR_H

#include "state/state.h"

/* The PE's own doing: no event. */
static inline void monitor_clear(struct a64_cpu *c)
{
    c->monitor.set = false;
}

/* A load-exclusive has read `size` bytes at `pa`. */
static inline void monitor_mark(struct a64_cpu *c, uint64_t pa, unsigned size)
{
    struct a64_monitor *m = &c->monitor;
    m->set = true;
    m->pa = pa;
    m->size = size;
}

/* Is that what a store-exclusive of `size` bytes at `pa` needs? Clears the monitor in any case. */
static inline bool monitor_claim(struct a64_cpu *c, uint64_t pa, unsigned size)
{
    const struct a64_monitor *m = &c->monitor;
    bool holds = m->set && m->pa == pa && m->size == size;
    monitor_clear(c);
    return holds;
}

#endif
