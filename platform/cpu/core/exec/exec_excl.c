/* SPDX-License-Identifier: Apache-2.0 */
/* Exclusive, load-acquire and store-release instructions (DDI 0487 C3.2.6). PEs run one at a time,
 * so acquire and release order nothing more than program order already does. */
#include "exec/exec.h"
#include "memory/mem.h"
#include "mmu/mmu.h"
#include "mmu/monitor.h"
#include "mmu/phys.h"
#include "state/sysreg_fields.h"

struct place {
    uint64_t pa;
    uint8_t attr; /* as in a64_translation */
};

/* These need natural alignment in every memory type; the size of a pair is that of both. */
static bool begin(struct a64_cpu *c, const struct a64_op *o, unsigned total, bool write,
                  struct place *at)
{
    uint64_t va = c->x[o->rn];
    struct a64_fault fault = {.fsc = FSC_ALIGNMENT};
    const struct a64_tlb_entry *e = NULL;
    c->op = o;
    if (mem_sp_misaligned(c, o, va))
        return false;
    if (!(va & (total - 1)))
        e = mmu_translate(
            c, &(struct a64_request){va, c->el, write ? ACCESS_WRITE : ACCESS_READ, false}, &fault);
    if (!e) {
        mem_fault(c, o, va, &fault, write ? ISS_WNR : 0);
        return false;
    }
    *at = (struct place){e->t.pa | (va & ~TLB_PAGE_MASK), e->t.attr};
    enum a64_watch kind = write ? A64_WATCH_STORE : A64_WATCH_LOAD;
    return !mem_watchpoint_taken(c, o, va, total, c->el, kind, 0);
}

/* Reads one value of `total` bytes, or two of half of that. */
static bool read_values(struct a64_cpu *c, uint64_t pa, unsigned total, bool pair,
                        uint64_t value[2])
{
    unsigned size = pair ? total / 2 : total;
    value[1] = 0;
    return phys_read(c, pa, size, &value[0]) && (!pair || phys_read(c, pa + size, size, &value[1]));
}

static void load_exclusive(struct a64_cpu *c, const struct a64_op *o, unsigned total, bool pair)
{
    struct place at;
    uint64_t value[2];
    if (!begin(c, o, total, false, &at))
        return;
    monitor_clear(c);
    if (!read_values(c, at.pa, total, pair, value)) {
        mem_abort(c, o, c->x[o->rn], FSC_EXTERNAL, 0);
        return;
    }
    mem_count(c, c->el, at.pa, total, at.attr);
    monitor_mark(c, at.pa, total);
    c->x[o->rd] = value[0];
    if (pair)
        c->x[o->rd2] = value[1];
    next_after_access(c, o);
}

static void store_exclusive(struct a64_cpu *c, const struct a64_op *o, unsigned total, bool pair)
{
    struct place at;
    if (!begin(c, o, total, true, &at))
        return;
    unsigned size = pair ? total / 2 : total;
    bool holds = monitor_claim(c, at.pa, total);
    if (holds && !(phys_write(c, at.pa, size, c->x[o->rt]) &&
                   (!pair || phys_write(c, at.pa + size, size, c->x[o->rt2])))) {
        mem_abort(c, o, c->x[o->rn], FSC_EXTERNAL, ISS_WNR);
        return;
    }
    if (holds)
        mem_count(c, c->el, at.pa, total, at.attr);
    c->x[o->rs] = !holds;
    next_after_access(c, o);
}

OP(LDXR)
{
    load_exclusive(c, o, 1u << o->log2, false);
}

OP(STXR)
{
    store_exclusive(c, o, 1u << o->log2, false);
}

OP(LDXP_w)
{
    load_exclusive(c, o, 8, true);
}

OP(LDXP_x)
{
    load_exclusive(c, o, 16, true);
}

OP(STXP_w)
{
    store_exclusive(c, o, 8, true);
}

OP(STXP_x)
{
    store_exclusive(c, o, 16, true);
}

OP(LDAR)
{
    struct place at;
    uint64_t value;
    if (!begin(c, o, 1u << o->log2, false, &at))
        return;
    if (!phys_read(c, at.pa, 1u << o->log2, &value)) {
        mem_abort(c, o, c->x[o->rn], FSC_EXTERNAL, 0);
        return;
    }
    mem_count(c, c->el, at.pa, 1u << o->log2, at.attr);
    c->x[o->rd] = value;
    next_after_access(c, o);
}

OP(STLR)
{
    struct place at;
    if (!begin(c, o, 1u << o->log2, true, &at))
        return;
    if (!phys_write(c, at.pa, 1u << o->log2, c->x[o->rt])) {
        mem_abort(c, o, c->x[o->rn], FSC_EXTERNAL, ISS_WNR);
        return;
    }
    mem_count(c, c->el, at.pa, 1u << o->log2, at.attr);
    next_after_access(c, o);
}
