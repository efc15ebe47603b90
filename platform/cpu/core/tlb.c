/* SPDX-License-Identifier: Apache-2.0 */
/* The TLB: filling, finding and invalidating (DDI 0487 D8.17). */
#include "phys.h"

static void drop(struct a64_tlb_entry *e)
{
    e->tag = e->read_tag = e->write_tag = TLB_NO_TAG;
}

void tlb_flush(struct a64_cpu *c)
{
    for (unsigned el = 0; el < 2; el++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++)
            drop(&c->tlbs.entry[el][i]);
    c->tlbs.contexts = 1;
    block_unlink(c);
}

uint64_t tlb_context(struct a64_cpu *c, uint16_t asid)
{
    struct a64_tlb *tlb = &c->tlbs;
    for (unsigned i = 1; i < tlb->contexts; i++)
        if (tlb->asid[i] == asid)
            return (uint64_t)i << TLB_CONTEXT_SHIFT;
    if (tlb->contexts == TLB_CONTEXTS)
        tlb_flush(c);
    tlb->asid[tlb->contexts] = asid;
    return (uint64_t)tlb->contexts++ << TLB_CONTEXT_SHIFT;
}

const struct a64_tlb_entry *tlb_find(const struct a64_cpu *c, unsigned el, uint64_t va)
{
    const struct a64_tlb_entry *e = &c->tlbs.entry[el][tlb_index(va)];
    return e->tag == ((va & TLB_PAGE_MASK) | c->tlb_context) ? e : NULL;
}

/* Accesses to Device memory are checked for alignment, so they take the slow path; with the MMU off
 * (context 0) the probe itself checks alignment. */
static void set_fast_tags(struct a64_cpu *c, struct a64_tlb_entry *e, unsigned el)
{
    e->read_tag = e->write_tag = TLB_NO_TAG;
    e->host = phys_host(c, e->t.pa, false);
    if (!e->host || (e->t.device && c->tlb_context != 0))
        return;
    unsigned watched = hw_watched(c, e->tag);
    if (e->t.read[el] && !(watched & HW_WATCH_LOAD))
        e->read_tag = e->tag;
    if (e->t.write[el] && !(watched & HW_WATCH_STORE) && phys_host(c, e->t.pa, true) &&
        !block_page_has_code(c, e->t.pa))
        e->write_tag = e->tag;
}

const struct a64_tlb_entry *tlb_fill(struct a64_cpu *c, unsigned el, uint64_t va,
                                     const struct a64_translation *t)
{
    struct a64_tlb_entry *e = &c->tlbs.entry[el][tlb_index(va)];
    e->t = *t;
    e->t.pa &= TLB_PAGE_MASK;
    e->tag = (va & TLB_PAGE_MASK) | c->tlb_context;
    e->asid = c->tlb_context ? c->tlbs.asid[c->tlb_context >> TLB_CONTEXT_SHIFT] : 0;
    set_fast_tags(c, e, el);
    return e;
}

void tlb_refresh(struct a64_cpu *c, unsigned el, const struct a64_tlb_entry *e)
{
    if (e->read_tag != TLB_NO_TAG && !block_page_has_code(c, e->t.pa))
        set_fast_tags(c, &c->tlbs.entry[el][e - c->tlbs.entry[el]], el);
}

void tlb_retag(struct a64_cpu *c)
{
    for (unsigned el = 0; el < 2; el++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++) {
            struct a64_tlb_entry *e = &c->tlbs.entry[el][i];
            if (e->tag != TLB_NO_TAG)
                set_fast_tags(c, e, el);
        }
}

/* ---- Invalidation ---- */

struct selector {
    bool by_va, by_asid, by_pa;
    uint64_t va;
    uint16_t asid;
    uint64_t first, last;
};

static bool selected(const struct a64_tlb_entry *e, const struct selector *s)
{
    if (s->by_va && ((e->tag ^ s->va) >> e->t.log2))
        return false;
    if (s->by_asid && !(s->by_va && e->t.global) && (e->t.global || e->asid != s->asid))
        return false;
    return !s->by_pa || (e->t.pa <= s->last && (e->t.pa | ~TLB_PAGE_MASK) >= s->first);
}

static void invalidate(struct a64_cpu *c, const struct selector *s)
{
    for (unsigned el = 0; el < 2; el++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++) {
            struct a64_tlb_entry *e = &c->tlbs.entry[el][i];
            if (e->tag != TLB_NO_TAG && selected(e, s))
                drop(e);
        }
    block_unlink(c);
}

void tlb_invalidate_va(struct a64_cpu *c, uint64_t va, bool any_asid, uint16_t asid)
{
    invalidate(c, &(struct selector){
                      .by_va = true, .by_asid = !any_asid, .va = va & TLB_PAGE_MASK, .asid = asid});
}

void tlb_invalidate_asid(struct a64_cpu *c, uint16_t asid)
{
    invalidate(c, &(struct selector){.by_asid = true, .asid = asid});
}

void tlb_invalidate_pa(struct a64_cpu *c, uint64_t first, uint64_t last)
{
    invalidate(c, &(struct selector){.by_pa = true, .first = first, .last = last});
}

void tlb_watch_writes(struct a64_cpu *c, uint64_t pa)
{
    for (unsigned el = 0; el < 2; el++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++) {
            struct a64_tlb_entry *e = &c->tlbs.entry[el][i];
            if (e->write_tag != TLB_NO_TAG && !((e->t.pa ^ pa) & TLB_PAGE_MASK))
                e->write_tag = TLB_NO_TAG;
        }
}
