/* SPDX-License-Identifier: Apache-2.0 */
/* The TLB: filling, finding and invalidating (DDI 0487 D8.17). */
#include "mmu/cpu_tlb.h"

#include "debug/selfhosted.h"
#include "debug/watch.h"
#include "mmu/block.h"
#include "mmu/phys.h"
#include "state/cpu_bits.h"

static void drop(struct a64_tlb_entry *e)
{
    e->tag = e->read_tag = e->write_tag = TLB_NO_TAG;
}

void tlb_flush(struct a64_cpu *c)
{
    for (unsigned el = 0; el <= c->config.reset_el; el++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++)
            drop(&c->tlbs.entry[el][i]);
    c->tlbs.contexts = 1;
    block_unlink(c);
}

uint64_t tlb_context(struct a64_cpu *c, uint64_t key)
{
    struct a64_tlb *tlb = &c->tlbs;
    if (key == 0)
        return 0;
    for (unsigned i = 1; i < tlb->contexts; i++)
        if (tlb->key[i] == key)
            return (uint64_t)i << TLB_CONTEXT_SHIFT;
    if (tlb->contexts == TLB_CONTEXTS)
        tlb_flush(c);
    tlb->key[tlb->contexts] = key;
    return (uint64_t)tlb->contexts++ << TLB_CONTEXT_SHIFT;
}

/* The key an entry was made with. */
static uint64_t key_of(const struct a64_cpu *c, const struct a64_tlb_entry *e)
{
    return c->tlbs.key[bits_get(e->tag, TLB_CONTEXT)];
}

const struct a64_tlb_entry *tlb_find(const struct a64_cpu *c, unsigned el, uint64_t va)
{
    const struct a64_tlb_entry *e = &c->tlbs.entry[el][tlb_index(va)];
    return e->tag == ((va & TLB_PAGE_MASK) | c->tlb_context) ? e : NULL;
}

/* With no stage on: context 0. */
static bool is_untranslated(const struct a64_tlb_entry *e)
{
    return !(e->tag & ~TLB_PAGE_MASK);
}

/* Accesses to Device memory are checked for alignment, so they take the slow path; with no stage on
 * the probe itself checks alignment. Accesses that are counted do too. */
static void set_fast_tags(struct a64_cpu *c, struct a64_tlb_entry *e, unsigned el)
{
    e->read_tag = e->write_tag = TLB_NO_TAG;
    uint8_t *host = phys_host(c, e->t.pa, false);
    e->to_host = (uintptr_t)host - (uintptr_t)(e->tag & TLB_PAGE_MASK);
    if (!host || c->pmu.accesses || ((e->t.device || e->t.s2_device) && !is_untranslated(e)))
        return;
    unsigned permitted = tlb_stage1_permissions(&e->t, el) & e->t.s2;
    unsigned watched = hw_watched(c, e->tag) | watch_kinds(c, e->tag);
    if (permitted & PERM_READ && !(watched & A64_WATCH_LOAD))
        e->read_tag = e->tag;
    if (permitted & PERM_WRITE && !(watched & A64_WATCH_STORE) && phys_host(c, e->t.pa, true) &&
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
    for (unsigned el = 0; el <= c->config.reset_el; el++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++) {
            struct a64_tlb_entry *e = &c->tlbs.entry[el][i];
            if (e->tag != TLB_NO_TAG)
                set_fast_tags(c, e, el);
        }
}

/* ---- Invalidation ---- */

/* The ASID of an invalidation by address does not count for global entries; one by ASID alone
 * leaves them. */
static bool of_asid(const struct a64_translation *t, unsigned asid, const struct tlb_selector *s)
{
    if (t->global)
        return s->by_va;
    return asid == s->asid;
}

static bool selected(const struct a64_cpu *c, const struct a64_tlb_entry *e,
                     const struct tlb_selector *s)
{
    uint64_t key = key_of(c, e);
    if (s->by_va && ((e->tag ^ s->va) & TLB_PAGE_MASK) >> e->t.log2)
        return false;
    if (s->by_vmid && bits_get(key, TLB_KEY_VMID) != s->vmid)
        return false;
    return !s->by_asid || of_asid(&e->t, bits_get(key, TLB_KEY_ASID), s);
}

void tlb_invalidate(struct a64_cpu *c, const struct tlb_selector *s)
{
    unsigned first = s->el2 ? 2 : 0, last = s->el2 ? c->config.reset_el : 1;
    for (unsigned el = first; el <= last; el++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++) {
            struct a64_tlb_entry *e = &c->tlbs.entry[el][i];
            if (e->tag != TLB_NO_TAG && selected(c, e, s))
                drop(e);
        }
    block_unlink(c);
}

void tlb_invalidate_pa(struct a64_cpu *c, uint64_t first, uint64_t last)
{
    for (unsigned el = 0; el <= c->config.reset_el; el++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++) {
            struct a64_tlb_entry *e = &c->tlbs.entry[el][i];
            if (e->tag != TLB_NO_TAG && e->t.pa <= last && (e->t.pa | ~TLB_PAGE_MASK) >= first)
                drop(e);
        }
    block_unlink(c);
}

void tlb_watch_writes(struct a64_cpu *c, uint64_t pa)
{
    for (unsigned el = 0; el <= c->config.reset_el; el++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++) {
            struct a64_tlb_entry *e = &c->tlbs.entry[el][i];
            if (e->write_tag != TLB_NO_TAG && !((e->t.pa ^ pa) & TLB_PAGE_MASK))
                e->write_tag = TLB_NO_TAG;
        }
}
