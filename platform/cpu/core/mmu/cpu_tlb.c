/* SPDX-License-Identifier: Apache-2.0 */
/* The TLB: filling, finding and invalidating (DDI 0487 D8.17). */
#include "mmu/cpu_tlb.h"

#include "debug/selfhosted.h"
#include "debug/watch.h"
#include "mmu/block.h"
#include "mmu/jump.h"
#include "mmu/phys.h"
#include "state/cpu_bits.h"

/* ---- Lists ---- */

static unsigned next_in(const struct a64_tlb *tlb, enum tlb_list list, unsigned n)
{
    return tlb->node[list][n].next;
}

static void join(struct a64_tlb *tlb, enum tlb_list list, unsigned first, unsigned second)
{
    tlb->node[list][first].next = (uint16_t)second;
    tlb->node[list][second].prev = (uint16_t)first;
}

static void leave(struct a64_tlb *tlb, enum tlb_list list, unsigned n)
{
    join(tlb, list, tlb->node[list][n].prev, tlb->node[list][n].next);
}

static void enter(struct a64_tlb *tlb, enum tlb_list list, unsigned head, unsigned n)
{
    join(tlb, list, n, tlb->node[list][head].next);
    join(tlb, list, head, n);
}

static unsigned node_of(unsigned el, uint64_t va)
{
    return TLB_HEADS + el * TLB_ENTRIES + tlb_index(va);
}

static unsigned level_of(unsigned n)
{
    return (n - TLB_HEADS) / TLB_ENTRIES;
}

static struct a64_tlb_entry *entry_of(struct a64_tlb *tlb, unsigned n)
{
    return &tlb->entry[level_of(n)][(n - TLB_HEADS) % TLB_ENTRIES];
}

static unsigned context_head(unsigned context, bool global)
{
    return 2 * context + global;
}

static unsigned block_head(uint64_t va, unsigned log2)
{
    return ((unsigned)(va >> log2) + log2) % TLB_HEADS;
}

static unsigned page_head(uint64_t pa)
{
    return (unsigned)(pa >> TLB_PAGE_SHIFT) % TLB_HEADS;
}

static bool is_of_block(const struct a64_tlb_entry *e)
{
    return e->t.log2 > TLB_PAGE_SHIFT;
}

static void leave_lists(struct a64_tlb *tlb, unsigned n)
{
    leave(tlb, TLB_BY_CONTEXT, n);
    leave(tlb, TLB_BY_PAGE, n);
    if (is_of_block(entry_of(tlb, n)))
        leave(tlb, TLB_BY_BLOCK, n);
}

static void enter_lists(struct a64_tlb *tlb, unsigned n)
{
    const struct a64_tlb_entry *e = entry_of(tlb, n);
    unsigned context = level_of(n) == 2 ? TLB_EL2_CONTEXT : bits_get(e->tag, TLB_CONTEXT);
    enter(tlb, TLB_BY_CONTEXT, context_head(context, e->t.global), n);
    enter(tlb, TLB_BY_PAGE, page_head(e->t.pa), n);
    if (is_of_block(e)) {
        enter(tlb, TLB_BY_BLOCK, block_head(e->tag, e->t.log2), n);
        tlb->sizes |= BIT(e->t.log2);
    }
}

/* ---- Contexts ---- */

static void clear(struct a64_tlb_entry *e)
{
    e->tag = e->read_tag = e->write_tag = TLB_NO_TAG;
}

void tlb_flush(struct a64_cpu *c)
{
    struct a64_tlb *tlb = &c->tlbs;
    for (unsigned el = 0; el <= c->config.reset_el; el++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++)
            clear(&tlb->entry[el][i]);
    for (unsigned i = 0; i < TLB_LISTS; i++)
        for (unsigned head = 0; head < TLB_HEADS; head++)
            join(tlb, i, head, head);
    tlb->contexts = 1;
    tlb->sizes = 0;
    jump_forget(c);
}

static unsigned enter_context(struct a64_tlb *tlb, uint64_t key)
{
    unsigned context = tlb->contexts++, any_asid = 1;
    tlb->key[context] = key;
    while ((tlb->key[any_asid] ^ key) & ~TLB_KEY_ASID)
        any_asid++;
    tlb->any_asid[context] = (uint8_t)any_asid;
    return context;
}

uint64_t tlb_context(struct a64_cpu *c, uint64_t key)
{
    struct a64_tlb *tlb = &c->tlbs;
    if (key == 0)
        return 0;
    unsigned current = bits_get(c->tlb_context, TLB_CONTEXT);
    if (current < tlb->contexts && tlb->key[current] == key)
        return c->tlb_context;
    for (unsigned i = 1; i < tlb->contexts; i++)
        if (tlb->key[i] == key)
            return (uint64_t)i << TLB_CONTEXT_SHIFT;
    if (tlb->contexts == TLB_CONTEXTS)
        tlb_flush(c);
    return (uint64_t)enter_context(tlb, key) << TLB_CONTEXT_SHIFT;
}

/* The key an entry was made with. */
static uint64_t key_of(const struct a64_cpu *c, const struct a64_tlb_entry *e)
{
    return c->tlbs.key[bits_get(e->tag, TLB_CONTEXT)];
}

/* ---- Entries ---- */

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
    unsigned n = node_of(el, va);
    if (e->tag != TLB_NO_TAG)
        leave_lists(&c->tlbs, n);
    e->t = *t;
    e->t.pa &= TLB_PAGE_MASK;
    e->tag = (va & TLB_PAGE_MASK) | c->tlb_context;
    enter_lists(&c->tlbs, n);
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

/* By address, where the ASID does not count for global entries. */
static bool selected(const struct a64_cpu *c, const struct a64_tlb_entry *e,
                     const struct tlb_selector *s)
{
    uint64_t key = key_of(c, e);
    if (((e->tag ^ s->va) & TLB_PAGE_MASK) >> e->t.log2)
        return false;
    if (s->by_vmid && bits_get(key, TLB_KEY_VMID) != s->vmid)
        return false;
    return !s->by_asid || e->t.global || bits_get(key, TLB_KEY_ASID) == s->asid;
}

static void drop(struct a64_tlb *tlb, unsigned n)
{
    clear(entry_of(tlb, n));
    leave_lists(tlb, n);
}

static void drop_list(struct a64_tlb *tlb, unsigned head)
{
    while (next_in(tlb, TLB_BY_CONTEXT, head) != head)
        drop(tlb, next_in(tlb, TLB_BY_CONTEXT, head));
}

static void drop_contexts(struct a64_tlb *tlb, const struct tlb_selector *s)
{
    uint64_t mask = (s->by_vmid ? TLB_KEY_VMID : 0) | (s->by_asid ? TLB_KEY_ASID : 0);
    uint64_t key = bits_put(TLB_KEY_VMID, s->vmid) | bits_put(TLB_KEY_ASID, s->asid);
    unsigned first = s->el2 ? TLB_EL2_CONTEXT : 0;
    unsigned end = s->el2 ? TLB_EL2_CONTEXT + 1 : tlb->contexts;
    for (unsigned context = first; context < end; context++) {
        if ((tlb->key[context] ^ key) & mask)
            continue;
        drop_list(tlb, context_head(context, false));
        if (!s->by_asid)
            drop_list(tlb, context_head(context, true));
    }
}

static void drop_address(struct a64_cpu *c, const struct tlb_selector *s)
{
    struct a64_tlb *tlb = &c->tlbs;
    unsigned first = s->el2 ? 2 : 0, last = s->el2 ? c->config.reset_el : 1;
    for (unsigned el = first; el <= last; el++) {
        unsigned n = node_of(el, s->va);
        const struct a64_tlb_entry *e = entry_of(tlb, n);
        if (e->tag != TLB_NO_TAG && selected(c, e, s))
            drop(tlb, n);
    }
    for (uint64_t sizes = tlb->sizes; sizes; sizes &= sizes - 1) {
        unsigned head = block_head(s->va, (unsigned)__builtin_ctzll(sizes));
        for (unsigned n = next_in(tlb, TLB_BY_BLOCK, head), next; n != head; n = next) {
            next = next_in(tlb, TLB_BY_BLOCK, n);
            if ((level_of(n) == 2) == s->el2 && selected(c, entry_of(tlb, n), s))
                drop(tlb, n);
        }
    }
}

void tlb_invalidate(struct a64_cpu *c, const struct tlb_selector *s)
{
    if (s->by_va) {
        drop_address(c, s);
        jump_forget_va(c, s->va);
        return;
    }
    drop_contexts(&c->tlbs, s);
    if (s->by_asid)
        jump_forget_asids(c);
    else
        jump_forget(c);
}

void tlb_invalidate_pa(struct a64_cpu *c, uint64_t first, uint64_t last)
{
    struct a64_tlb *tlb = &c->tlbs;
    uint64_t more = (last >> TLB_PAGE_SHIFT) - (first >> TLB_PAGE_SHIFT);
    unsigned heads = more < TLB_HEADS ? (unsigned)more + 1 : TLB_HEADS;
    for (unsigned i = 0; i < heads; i++) {
        unsigned head = (page_head(first) + i) % TLB_HEADS;
        for (unsigned n = next_in(tlb, TLB_BY_PAGE, head), next; n != head; n = next) {
            uint64_t pa = entry_of(tlb, n)->t.pa;
            next = next_in(tlb, TLB_BY_PAGE, n);
            if (pa <= last && (pa | ~TLB_PAGE_MASK) >= first)
                drop(tlb, n);
        }
    }
    jump_forget(c);
}

void tlb_watch_writes(struct a64_cpu *c, uint64_t pa)
{
    struct a64_tlb *tlb = &c->tlbs;
    unsigned head = page_head(pa);
    for (unsigned n = next_in(tlb, TLB_BY_PAGE, head); n != head;
         n = next_in(tlb, TLB_BY_PAGE, n)) {
        struct a64_tlb_entry *e = entry_of(tlb, n);
        if (!((e->t.pa ^ pa) & TLB_PAGE_MASK))
            e->write_tag = TLB_NO_TAG;
    }
}
