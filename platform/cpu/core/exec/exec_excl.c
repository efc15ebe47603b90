/* SPDX-License-Identifier: Apache-2.0 */
/* Exclusive, load-acquire and store-release instructions (DDI 0487 C3.2.6). PEs run one at a time,
 * so acquire and release order nothing more than program order already does. */
#include "exec/exec.h"
#include "memory/mem.h"
#include "mmu/mmu.h"
#include "mmu/monitor.h"
#include "mmu/phys.h"
#include "state/sysreg_fields.h"

/* What needs a frame has it for itself: handlers go on without one. Returns false if an exception
 * has been taken. */
#define OUT_OF_LINE __attribute__((noinline))

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

static OUT_OF_LINE bool load_exclusive(struct a64_cpu *c, const struct a64_op *o, unsigned total,
                                       bool pair)
{
    struct place at;
    uint64_t value[2];
    if (!begin(c, o, total, false, &at))
        return false;
    monitor_clear(c);
    if (!read_values(c, at.pa, total, pair, value)) {
        mem_abort(c, o, c->x[o->rn], FSC_EXTERNAL, 0);
        return false;
    }
    mem_count(c, c->el, at.pa, total, at.attr);
    monitor_mark(c, at.pa, total);
    c->x[o->rd] = value[0];
    if (pair)
        c->x[o->rd2] = value[1];
    return true;
}

static OUT_OF_LINE bool store_exclusive(struct a64_cpu *c, const struct a64_op *o, unsigned total,
                                        bool pair)
{
    struct place at;
    if (!begin(c, o, total, true, &at))
        return false;
    unsigned size = pair ? total / 2 : total;
    bool holds = monitor_claim(c, at.pa, total);
    if (holds && !(phys_write(c, at.pa, size, c->x[o->rt]) &&
                   (!pair || phys_write(c, at.pa + size, size, c->x[o->rt2])))) {
        mem_abort(c, o, c->x[o->rn], FSC_EXTERNAL, ISS_WNR);
        return false;
    }
    if (holds)
        mem_count(c, c->el, at.pa, total, at.attr);
    c->x[o->rs] = !holds;
    return true;
}

OP(LDXR)
{
    if (load_exclusive(c, o, 1u << o->log2, false))
        next_after_access(c, o);
}

OP(STXR)
{
    if (store_exclusive(c, o, 1u << o->log2, false))
        next_after_access(c, o);
}

OP(LDXP_w)
{
    if (load_exclusive(c, o, 8, true))
        next_after_access(c, o);
}

OP(LDXP_x)
{
    if (load_exclusive(c, o, 16, true))
        next_after_access(c, o);
}

OP(STXP_w)
{
    if (store_exclusive(c, o, 8, true))
        next_after_access(c, o);
}

OP(STXP_x)
{
    if (store_exclusive(c, o, 16, true))
        next_after_access(c, o);
}

static OUT_OF_LINE bool load_acquire(struct a64_cpu *c, const struct a64_op *o)
{
    struct place at;
    uint64_t value;
    if (!begin(c, o, 1u << o->log2, false, &at))
        return false;
    if (!phys_read(c, at.pa, 1u << o->log2, &value)) {
        mem_abort(c, o, c->x[o->rn], FSC_EXTERNAL, 0);
        return false;
    }
    mem_count(c, c->el, at.pa, 1u << o->log2, at.attr);
    c->x[o->rd] = value;
    return true;
}

OP(LDAR)
{
    if (load_acquire(c, o))
        next_after_access(c, o);
}

static OUT_OF_LINE bool store_release(struct a64_cpu *c, const struct a64_op *o)
{
    struct place at;
    if (!begin(c, o, 1u << o->log2, true, &at))
        return false;
    if (!phys_write(c, at.pa, 1u << o->log2, c->x[o->rt])) {
        mem_abort(c, o, c->x[o->rn], FSC_EXTERNAL, ISS_WNR);
        return false;
    }
    mem_count(c, c->el, at.pa, 1u << o->log2, at.attr);
    return true;
}

OP(STLR)
{
    if (store_release(c, o))
        next_after_access(c, o);
}
