/* SPDX-License-Identifier: Apache-2.0 */
/* Watchpoints of a debugger outside. */
#include "debug/watch.h"

#include <stdlib.h>

void watchpoints_free(struct a64_watchpoints *w)
{
    free(w->row);
    *w = (struct a64_watchpoints){0};
}

static unsigned find(const struct a64_watchpoints *w, const struct a64_watchpoint *row)
{
    unsigned i = 0;
    while (i < w->count &&
           (w->row[i].va != row->va || w->row[i].size != row->size || w->row[i].kind != row->kind))
        i++;
    return i;
}

bool watchpoints_add(struct a64_watchpoints *w, const struct a64_watchpoint *row)
{
    if (find(w, row) < w->count)
        return true;
    if (w->count == w->room) {
        unsigned room = w->room ? 2 * w->room : 4;
        struct a64_watchpoint *bigger = realloc(w->row, room * sizeof *bigger);
        if (!bigger)
            return false;
        w->row = bigger;
        w->room = room;
    }
    w->row[w->count++] = *row;
    return true;
}

void watchpoints_remove(struct a64_watchpoints *w, const struct a64_watchpoint *row)
{
    unsigned i = find(w, row);
    if (i < w->count)
        w->row[i] = w->row[--w->count];
}

/* Do `size` bytes at `va` and the watched ones have any in common? Either may end where addresses
 * do. */
static bool overlaps(const struct a64_watchpoint *row, uint64_t va, uint64_t size)
{
    return va - row->va < row->size || row->va - va < size;
}

unsigned watch_kinds(const struct a64_cpu *c, uint64_t va)
{
    const struct a64_watchpoints *w = &c->watchpoints;
    unsigned kinds = 0;
    for (unsigned i = 0; i < w->count; i++)
        if (overlaps(&w->row[i], va & TLB_PAGE_MASK, ~TLB_PAGE_MASK + 1))
            kinds |= w->row[i].kind;
    return kinds;
}

bool watch_hit(struct a64_cpu *c, uint64_t va, unsigned size, enum a64_watch kind)
{
    struct a64_watchpoints *w = &c->watchpoints;
    for (unsigned i = 0; i < w->count; i++) {
        const struct a64_watchpoint *row = &w->row[i];
        if (!(row->kind & kind) || !overlaps(row, va, size))
            continue;
        w->hit = *row;
        w->hit_va = va - row->va < row->size ? va : row->va;
        return true;
    }
    return false;
}
