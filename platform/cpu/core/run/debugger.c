/* SPDX-License-Identifier: Apache-2.0 */
/* A PE's services for debuggers: breakpoints, watchpoints, and translation that leaves no trace. */
#include "run/debugger.h"

#include <stdlib.h>

#include "debug/selfhosted.h"
#include "debug/watch.h"
#include "decode/cpu_fetch.h"
#include "exception/exception.h"
#include "mmu/cpu_tlb.h"
#include "mmu/jump.h"
#include "mmu/mmu.h"

/* ---- Breakpoints: a handful, looked at only when code is fetched for the first time ---- */

void breakpoints_free(struct a64_breakpoints *b)
{
    free(b->va);
    *b = (struct a64_breakpoints){NULL, 0, 0};
}

static unsigned find(const struct a64_breakpoints *b, uint64_t va)
{
    unsigned i = 0;
    while (i < b->count && b->va[i] != va)
        i++;
    return i;
}

bool a64_set_breakpoint(a64_cpu *c, uint64_t va)
{
    struct a64_breakpoints *b = &c->breakpoints;
    if (find(b, va) < b->count)
        return true;
    if (b->count == b->room) {
        unsigned room = b->room ? 2 * b->room : 16;
        uint64_t *bigger = realloc(b->va, room * sizeof *bigger);
        if (!bigger)
            return false;
        b->va = bigger;
        b->room = room;
    }
    b->va[b->count++] = va;
    jump_forget(c); /* blocks of the jump table have not been cut */
    return true;
}

void a64_clear_breakpoint(a64_cpu *c, uint64_t va)
{
    struct a64_breakpoints *b = &c->breakpoints;
    unsigned i = find(b, va);
    if (i < b->count)
        b->va[i] = b->va[--b->count];
}

/* Instructions from `pc` to the nearest breakpoint, at most `insns`. */
static uint32_t distance(const struct a64_breakpoints *b, uint64_t pc, uint32_t insns)
{
    uint64_t nearest = insns;
    for (unsigned i = 0; i < b->count; i++)
        if ((b->va[i] - pc) / 4 < nearest)
            nearest = (b->va[i] - pc) / 4;
    return (uint32_t)nearest;
}

bool breakpoint_in(const struct a64_cpu *c, uint64_t pc, uint32_t insns)
{
    return distance(&c->breakpoints, pc, insns) < insns ||
           hw_breakpoint_distance(c, pc, insns) < insns;
}

const struct a64_block *breakpoint_cut(struct a64_cpu *c, const struct a64_block *block)
{
    uint32_t insns = distance(&c->breakpoints, c->pc, block->insns);
    if (insns == 0) {
        c->stop = A64_STOP_BREAKPOINT;
        c->attention |= ATTN_STOP;
        return NULL;
    }
    if (hw_breakpoint_fires(c, c->pc)) {
        c->remaining--;
        exception_debug(c, c->pc, EC_BREAKPOINT, 0);
        return NULL;
    }
    insns = 1 + hw_breakpoint_distance(c, c->pc + 4, insns - 1);
    return fetch_head(c, block, insns < c->remaining ? insns : (uint32_t)c->remaining);
}

/* ---- Watchpoints ---- */

bool a64_set_watchpoint(a64_cpu *c, const struct a64_watchpoint *watchpoint)
{
    bool done = watchpoints_add(&c->watchpoints, watchpoint);
    tlb_retag(c);
    return done;
}

void a64_clear_watchpoint(a64_cpu *c, const struct a64_watchpoint *watchpoint)
{
    watchpoints_remove(&c->watchpoints, watchpoint);
    tlb_retag(c);
}

struct a64_watchpoint a64_watchpoint_hit(const a64_cpu *c, uint64_t *va)
{
    *va = c->watchpoints.hit_va;
    return c->watchpoints.hit;
}

/* ---- State ---- */

bool a64_debug_translate(const a64_cpu *c, uint64_t va, uint64_t *pa)
{
    struct a64_translation t;
    uint64_t address = mmu_untag(c, va);
    const struct a64_tlb_entry *e = tlb_find(c, c->el, address);
    if (e) {
        *pa = e->t.pa | (address & ~TLB_PAGE_MASK);
        return true;
    }
    if (!mmu_peek(c, address, &t))
        return false;
    *pa = t.pa;
    return true;
}

bool a64_in_instruction(const a64_cpu *c)
{
    return c->running;
}
