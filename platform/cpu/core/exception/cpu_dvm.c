/* SPDX-License-Identifier: Apache-2.0 */
/* Maintenance of TLB and decoded instructions, of one PE or of all (DDI 0487 D8.17, D7.5). */
#include "exception/cpu_dvm.h"

#include "exception/context.h"
#include "mmu/block.h"
#include "mmu/cpu_tlb.h"

enum {
    CACHE_LINE = 64,
    MAX_SNOOPS = sizeof((struct a64_snoops *)0)->waiting / sizeof(struct a64_dvm)
};

static void apply(struct a64_cpu *c, const struct a64_dvm *dvm)
{
    uint64_t line = dvm->addr & ~(uint64_t)(CACHE_LINE - 1);
    bool el2 = dvm->regime == A64_REGIME_EL2;
    struct tlb_selector s = {.el2 = el2, .vmid = dvm->vmid, .asid = dvm->asid, .va = dvm->addr};
    switch (dvm->op) {
    case A64_DVM_IPA: /* TLB entries are of both stages at once: there is none that has to go */
        break;
    case A64_DVM_VA:
    case A64_DVM_VAA:
        s.by_va = true;
        s.by_vmid = !el2;
        s.by_asid = !el2 && dvm->op == A64_DVM_VA;
        tlb_invalidate(c, &s);
        break;
    case A64_DVM_ASID:
    case A64_DVM_VMALL:
    case A64_DVM_VMALLS12:
        s.by_vmid = true;
        s.by_asid = dvm->op == A64_DVM_ASID;
        tlb_invalidate(c, &s);
        break;
    case A64_DVM_ALL:
        tlb_invalidate(c, &s);
        break;
    case A64_DVM_IC_ALL:
        block_flush(c);
        break;
    case A64_DVM_IC_LINE:
        block_invalidate(c, line, line + CACHE_LINE - 1);
        break;
    }
}

void dvm_do(struct a64_cpu *c, enum dvm_scope scope, const struct a64_dvm *dvm)
{
    apply(c, dvm);
    if (scope != DVM_INNER || !c->ops.broadcast)
        return;
    c->ops.broadcast(c->user, dvm);
    c->incomplete = true;
}

void dvm_complete(struct a64_cpu *c)
{
    if (!c->incomplete || !c->ops.dsb)
        return;
    c->incomplete = false;
    a64_clear_exclusive(c);
    c->ops.dsb(c->user);
}

void a64_snoop(a64_cpu *c, const struct a64_dvm *dvm)
{
    struct a64_snoops *s = &c->snoops;
    if (!c->running) {
        apply(c, dvm);
        return;
    }
    if (s->count < MAX_SNOOPS)
        s->waiting[s->count++] = *dvm;
    else
        s->all = true;
    c->attention |= ATTN_SNOOP;
}

void dvm_drain(struct a64_cpu *c)
{
    struct a64_snoops *s = &c->snoops;
    if (!(c->attention & ATTN_SNOOP))
        return;
    for (unsigned i = 0; i < s->count; i++)
        apply(c, &s->waiting[i]);
    if (s->all) {
        tlb_flush(c);
        context_update(c);
        block_flush(c);
    }
    s->count = 0;
    s->all = false;
    c->attention &= ~(uint32_t)ATTN_SNOOP;
}
