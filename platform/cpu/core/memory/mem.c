/* SPDX-License-Identifier: Apache-2.0 */
/* Data accesses off the fast path: TLB misses, Device memory, page crossings, faults. */
#include "memory/mem.h"

#include "debug/selfhosted.h"
#include "debug/watch.h"
#include "exception/exception.h"
#include "memory/syndrome.h"
#include "mmu/cpu_tlb.h"
#include "mmu/mmu.h"
#include "mmu/phys.h"
#include "state/el2.h"
#include "state/sysreg_fields.h"

void mem_fault(struct a64_cpu *c, const struct a64_op *o, uint64_t va, const struct a64_fault *f,
               uint64_t iss)
{
    uint64_t pc = op_pc(c, o);
    bool described = f->stage2 && !f->s1ptw && !(iss & ISS_CM);
    cpu_leave(c, o, pc);
    exception_data_abort(c, pc, va, f, iss | (described ? a64_syndrome_of_access(o->word) : 0));
}

void mem_abort(struct a64_cpu *c, const struct a64_op *o, uint64_t va, unsigned fsc, uint64_t iss)
{
    mem_fault(c, o, va, &(struct a64_fault){.fsc = fsc}, iss);
}

void mem_sp_fault(struct a64_cpu *c, const struct a64_op *o)
{
    uint64_t pc = op_pc(c, o);
    cpu_leave(c, o, pc);
    exception_sync(c, pc, EC_SP_ALIGN, 0);
}

/* Ends the run before the instruction, which counts as not executed. */
static void stop_before(struct a64_cpu *c, const struct a64_op *o)
{
    cpu_leave(c, o, op_pc(c, o));
    c->remaining++;
    step_postpone(c);
    c->stop = A64_STOP_WATCHPOINT;
    cpu_request_stop(c);
}

bool mem_watchpoint_taken(struct a64_cpu *c, const struct a64_op *o, uint64_t va, unsigned size,
                          unsigned el, enum a64_watch kind, uint64_t iss)
{
    uint64_t pc = op_pc(c, o), at;
    if (A64_UNLIKELY(c->watchpoints.count) && watch_hit(c, mmu_untag(c, va), size, kind)) {
        stop_before(c, o);
        return true;
    }
    if (A64_LIKELY(!c->selfhosted.watchpoints) || !hw_watchpoint_hit(c, va, size, el, kind, &at))
        return false;
    cpu_leave(c, o, pc);
    c->sysreg[el2_takes_debug(c) ? SR_FAR_EL2 : SR_FAR_EL1] = at;
    exception_debug(c, pc, EC_WATCHPOINT, iss | (kind == A64_WATCH_STORE ? ISS_WNR : 0));
    return true;
}

/* ---- What the performance monitors count ---- */

/* Do data accesses to memory of attributes `attr` look at the data cache? Those to Normal memory
 * that is Inner Cacheable do, where SCTLR_ELx.C lets them; HCR_EL2.DC overrides that. */
static bool is_cached(const struct a64_cpu *c, unsigned el, uint8_t attr)
{
    bool normal = attr & 0xf0, inner_non_cacheable = (attr & 15) == 4;
    if (!normal || inner_non_cacheable)
        return false;
    if (el == 2)
        return c->sysreg[SR_SCTLR_EL2] & SCTLR_C;
    if (mmu_has_stage2(c, el) && (el2_hcr(c) & HCR_CD))
        return false;
    return (c->sysreg[SR_SCTLR_EL1] & SCTLR_C) || (el2_hcr(c) & HCR_DC);
}

static void count_lines(struct a64_cpu *c, unsigned el, uint64_t address, unsigned size,
                        uint8_t attr)
{
    if (!is_cached(c, el, attr))
        return;
    uint64_t lines = (address % CACHE_LINE + size + CACHE_LINE - 1) / CACHE_LINE;
    while (lines--)
        pmu_count(c, PMU_L1D_CACHE);
}

void mem_count_slow(struct a64_cpu *c, unsigned el, uint64_t pa, unsigned size, uint8_t attr)
{
    pmu_count(c, PMU_MEM_ACCESS);
    count_lines(c, el, pa, size, attr);
}

/* ---- One access ---- */

/* An access, cut in two if it crosses a page. */
struct span {
    uint64_t pa[2];
    unsigned size[2]; /* the second may be 0 */
    uint8_t attr[2];  /* as in a64_translation */
};

static bool map_part(struct a64_cpu *c, const struct a64_op *o, const struct a64_request *r,
                     struct span *s, unsigned part)
{
    struct a64_fault fault;
    const struct a64_tlb_entry *e = mmu_translate(c, r, &fault);
    if (!e) {
        mem_fault(c, o, r->va, &fault, r->access == ACCESS_WRITE ? ISS_WNR : 0);
        return false;
    }
    if (r->access == ACCESS_WRITE && e->write_tag == TLB_NO_TAG)
        tlb_refresh(c, r->el, e);
    s->pa[part] = e->t.pa | (r->va & ~TLB_PAGE_MASK);
    s->attr[part] = e->t.attr;
    return true;
}

/* All of an access is translated before any of it is done: a store that faults stores nothing. */
static bool map_span(struct a64_cpu *c, const struct a64_op *o, uint64_t va, unsigned size,
                     unsigned el, enum a64_access access, struct span *s)
{
    c->op = o;
    bool misaligned = va & (size - 1);
    if (va & (size - 1) & c->align) {
        mem_abort(c, o, va, FSC_ALIGNMENT, access == ACCESS_WRITE ? ISS_WNR : 0);
        return false;
    }
    unsigned in_page = -va & ~TLB_PAGE_MASK;
    bool crosses = in_page && in_page < size;
    s->size[0] = crosses ? in_page : size;
    s->size[1] = size - s->size[0];
    struct a64_request r = {va, el, access, misaligned};
    if (!map_part(c, o, &r, s, 0))
        return false;
    r.va = va + s->size[0];
    if (crosses && !map_part(c, o, &r, s, 1))
        return false;
    enum a64_watch kind = access == ACCESS_WRITE ? A64_WATCH_STORE : A64_WATCH_LOAD;
    return !mem_watchpoint_taken(c, o, va, size, el, kind, 0);
}

/* One access, though its parts may be of different memory. */
static void count_span(struct a64_cpu *c, unsigned el, const struct span *s)
{
    mem_count(c, el, s->pa[0], s->size[0], s->attr[0]);
    if (A64_UNLIKELY(c->pmu.accesses) && s->size[1])
        count_lines(c, el, s->pa[1], s->size[1], s->attr[1]);
}

static bool is_one_access(const struct span *s, unsigned part)
{
    unsigned size = s->size[part];
    return !(size & (size - 1)) && !(s->pa[part] & (size - 1));
}

/* Misaligned Normal memory goes byte by byte. */
static bool read_part(struct a64_cpu *c, const struct span *s, unsigned part, uint64_t *value)
{
    if (is_one_access(s, part))
        return phys_read(c, s->pa[part], s->size[part], value);
    *value = 0;
    for (unsigned i = 0; i < s->size[part]; i++) {
        uint64_t byte;
        if (!phys_read(c, s->pa[part] + i, 1, &byte))
            return false;
        *value |= byte << (8 * i);
    }
    return true;
}

static bool write_part(struct a64_cpu *c, const struct span *s, unsigned part, uint64_t value)
{
    if (is_one_access(s, part))
        return phys_write(c, s->pa[part], s->size[part], value);
    for (unsigned i = 0; i < s->size[part]; i++)
        if (!phys_write(c, s->pa[part] + i, 1, value >> (8 * i) & 0xff))
            return false;
    return true;
}

/* Is all of an access in the page of its first byte, and its alignment no matter if that page's tag
 * is `tag`? */
static bool is_fast(const struct a64_cpu *c, uint64_t tag, uint64_t va, unsigned size)
{
    return tag ==
           (((va + size - 1) & TLB_PAGE_MASK) | (va & (size - 1) & c->align) | c->tlb_context);
}

struct mem_value mem_read_slow(struct a64_cpu *c, const struct a64_op *o, uint64_t va,
                               unsigned size, unsigned el)
{
    struct span s;
    uint64_t value = 0, high = 0;
    const struct a64_tlb_entry *e = mem_entry(c->tlbs.entry[el], va);
    if (is_fast(c, e->read_tag, va, size)) {
        memcpy(&value, mem_host(e, va), size);
        return (struct mem_value){value, true};
    }
    if (!map_span(c, o, va, size, el, ACCESS_READ, &s))
        return (struct mem_value){0, false};
    if (!read_part(c, &s, 0, &value) || (s.size[1] && !read_part(c, &s, 1, &high))) {
        mem_abort(c, o, va, FSC_EXTERNAL, 0);
        return (struct mem_value){0, false};
    }
    count_span(c, el, &s);
    if (s.size[1])
        value |= high << (8 * s.size[0]);
    return (struct mem_value){value, true};
}

bool mem_write_slow(struct a64_cpu *c, const struct a64_op *o, uint64_t va, unsigned size,
                    unsigned el, uint64_t value)
{
    struct span s;
    const struct a64_tlb_entry *e = mem_entry(c->tlbs.entry[el], va);
    if (is_fast(c, e->write_tag, va, size)) {
        memcpy(mem_host(e, va), &value, size);
        return true;
    }
    if (!map_span(c, o, va, size, el, ACCESS_WRITE, &s))
        return false;
    if (!write_part(c, &s, 0, value) ||
        (s.size[1] && !write_part(c, &s, 1, value >> (8 * s.size[0])))) {
        mem_abort(c, o, va, FSC_EXTERNAL, ISS_WNR);
        return false;
    }
    count_span(c, el, &s);
    return true;
}

/* ---- 16 bytes ---- */

/* All of it must be accessible before the first half is accessed. */
static bool map_quad(struct a64_cpu *c, const struct a64_op *o, uint64_t va, enum a64_access access)
{
    struct span s;
    return map_span(c, o, va, 16, c->el, access, &s);
}

bool mem_read_quad_slow(struct a64_cpu *c, const struct a64_op *o, uint64_t va, uint64_t value[2])
{
    const struct a64_tlb_entry *e = mem_entry(c->tlb, va);
    if (is_fast(c, e->read_tag, va, 16)) {
        memcpy(value, mem_host(e, va), 16);
        return true;
    }
    if (!map_quad(c, o, va, ACCESS_READ))
        return false;
    struct mem_value low = mem_read_slow(c, o, va, 8, c->el);
    if (!low.ok)
        return false;
    struct mem_value high = mem_read_slow(c, o, va + 8, 8, c->el);
    value[0] = low.value;
    value[1] = high.value;
    return high.ok;
}

bool mem_write_quad_slow(struct a64_cpu *c, const struct a64_op *o, uint64_t va,
                         const uint64_t value[2])
{
    const struct a64_tlb_entry *e = mem_entry(c->tlb, va);
    if (is_fast(c, e->write_tag, va, 16)) {
        memcpy(mem_host(e, va), value, 16);
        return true;
    }
    return map_quad(c, o, va, ACCESS_WRITE) && mem_write_slow(c, o, va, 8, c->el, value[0]) &&
           mem_write_slow(c, o, va + 8, 8, c->el, value[1]);
}
