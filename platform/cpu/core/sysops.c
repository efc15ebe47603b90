/* SPDX-License-Identifier: Apache-2.0 */
/* System instructions: cache maintenance, address translation, TLB maintenance (DDI 0487
 * C5.3-C5.5). */
#include "exception.h"
#include "mem.h"
#include "phys.h"
#include "sysreg_hooks.h"

enum { LINE = 64, ZERO_BLOCK = 64 };

enum sysreg_outcome write_nop(struct a64_cpu *c, unsigned id, uint64_t value)
{
    (void)c, (void)id, (void)value;
    return SYSREG_OK;
}

/* ---- Caches: coherent, so that only translation and its faults remain ---- */

/* The physical address of `va`, or the abort that the instruction takes. Reported as a write with
 * ISS.CM set, whatever the operation is. */
static bool maintain(struct a64_cpu *c, uint64_t va, enum a64_access access, uint64_t *pa)
{
    unsigned fsc;
    const struct a64_tlb_entry *e =
        mmu_translate(c, &(struct a64_request){va, c->el, access, false}, &fsc);
    if (!e) {
        mem_abort(c, c->op, va, fsc | ISS_CM | ISS_WNR);
        return false;
    }
    *pa = e->t.pa | (va & ~TLB_PAGE_MASK);
    return true;
}

enum sysreg_outcome write_dc_clean(struct a64_cpu *c, unsigned id, uint64_t value)
{
    uint64_t pa;
    (void)id;
    return maintain(c, value, ACCESS_MAINTENANCE, &pa) ? SYSREG_OK : SYSREG_TAKEN;
}

/* What works on whole blocks stores to all of one for watchpoints (D2.9.6.2). */
static bool watched_block(struct a64_cpu *c, uint64_t va, unsigned size, uint32_t iss)
{
    return hw_watchpoint_taken(c, c->op, va & ~(uint64_t)(size - 1), size, c->el, HW_WATCH_STORE,
                               iss);
}

/* Invalidation could discard data, hence it needs write permission (D7.5.8). */
enum sysreg_outcome write_dc_invalidate(struct a64_cpu *c, unsigned id, uint64_t value)
{
    uint64_t pa;
    (void)id;
    if (!maintain(c, value, ACCESS_WRITE, &pa))
        return SYSREG_TAKEN;
    return watched_block(c, value, LINE, ISS_CM) ? SYSREG_TAKEN : SYSREG_OK;
}

enum sysreg_outcome write_ic_va(struct a64_cpu *c, unsigned id, uint64_t value)
{
    uint64_t pa;
    (void)id;
    if (!maintain(c, value, ACCESS_MAINTENANCE, &pa))
        return SYSREG_TAKEN;
    dvm_do(c, DVM_INNER, &(struct a64_dvm){.op = A64_DVM_IC_LINE, .addr = pa});
    return SYSREG_OK;
}

enum sysreg_outcome write_ic_all(struct a64_cpu *c, unsigned id, uint64_t value)
{
    (void)value;
    enum dvm_scope scope = id == SR_IC_IALLUIS ? DVM_INNER : DVM_LOCAL;
    dvm_do(c, scope, &(struct a64_dvm){.op = A64_DVM_IC_ALL});
    return SYSREG_OK;
}

enum sysreg_outcome write_dc_zero(struct a64_cpu *c, unsigned id, uint64_t value)
{
    unsigned fsc;
    (void)id;
    /* Device memory has no whole blocks to zero: an alignment fault (C6.2, DC ZVA). */
    const struct a64_tlb_entry *e =
        mmu_translate(c, &(struct a64_request){value, c->el, ACCESS_WRITE, true}, &fsc);
    if (!e) {
        mem_abort(c, c->op, value, fsc | ISS_WNR);
        return SYSREG_TAKEN;
    }
    uint64_t pa = e->t.pa | (value & ~TLB_PAGE_MASK & ~(uint64_t)(ZERO_BLOCK - 1));
    if (watched_block(c, value, ZERO_BLOCK, 0))
        return SYSREG_TAKEN;
    for (unsigned i = 0; i < ZERO_BLOCK; i += 8)
        if (!phys_write(c, pa + i, 8, 0)) {
            mem_abort(c, c->op, value, FSC_EXTERNAL | ISS_WNR);
            return SYSREG_TAKEN;
        }
    return SYSREG_OK;
}

/* ---- AT: the result goes to PAR_EL1 ---- */

static uint64_t par_success(const struct a64_translation *t)
{
    /* Device memory is reported as outer shareable (PAR_EL1.SH). */
    uint64_t sh = t->device ? 2 : t->sh;
    uint64_t pa = t->pa & UINT64_C(0x0000fffffffff000);
    return (uint64_t)t->attr << 56 | pa | UINT64_C(1) << 11 | UINT64_C(1) << 9 | sh << 7;
}

static uint64_t par_fault(unsigned fsc)
{
    return UINT64_C(1) << 11 | (uint64_t)fsc << 1 | 1;
}

/* External aborts on the walk are taken, all other faults reported (D8.15, AT instructions). */
enum sysreg_outcome write_translate(struct a64_cpu *c, unsigned id, uint64_t value)
{
    bool el0 = id == SR_AT_S1E0R || id == SR_AT_S1E0W;
    bool write = id == SR_AT_S1E1W || id == SR_AT_S1E0W;
    const struct a64_request r = {value, el0 ? 0 : 1, write ? ACCESS_WRITE : ACCESS_READ, false};
    struct a64_translation t;
    unsigned fsc;
    if (!mmu_walk(c, mmu_untag(c, value), &t, &fsc)) {
        c->sysreg[SR_PAR_EL1] = par_fault(fsc);
        if (fsc >= FSC_WALK_ABORT && fsc <= FSC_WALK_ABORT + 3u) {
            mem_abort(c, c->op, value, fsc | ISS_CM | ISS_WNR);
            return SYSREG_TAKEN;
        }
        return SYSREG_OK;
    }
    int failed = mmu_check(&t, &r);
    c->sysreg[SR_PAR_EL1] = failed < 0 ? par_success(&t) : par_fault((unsigned)failed);
    return SYSREG_OK;
}

/* ---- TLBI: Xt holds ASID in bits 63:48 and VA[55:12] in bits 43:0 ---- */

static uint64_t tlbi_address(uint64_t value)
{
    return (uint64_t)((int64_t)(value << 20) >> 8);
}

/* CRm tells how far it reaches, bit 2 of op2 that only the last level is meant (C5.5). */
static enum sysreg_outcome tlbi(struct a64_cpu *c, unsigned id, struct a64_dvm dvm)
{
    uint32_t encoding = sysreg_encoding(id);
    bool shared = (encoding >> 3 & 15) == 3;
    dvm.leaf = encoding >> 2 & 1;
    dvm_do(c, shared ? DVM_INNER : DVM_LOCAL, &dvm);
    return SYSREG_OK;
}

enum sysreg_outcome write_tlbi_all(struct a64_cpu *c, unsigned id, uint64_t value)
{
    (void)value;
    return tlbi(c, id, (struct a64_dvm){.op = A64_DVM_VMALL});
}

enum sysreg_outcome write_tlbi_va(struct a64_cpu *c, unsigned id, uint64_t value)
{
    return tlbi(c, id,
                (struct a64_dvm){.op = A64_DVM_VA,
                                 .asid = mmu_cut_asid(c, value >> 48),
                                 .addr = tlbi_address(value)});
}

enum sysreg_outcome write_tlbi_vaa(struct a64_cpu *c, unsigned id, uint64_t value)
{
    return tlbi(c, id, (struct a64_dvm){.op = A64_DVM_VAA, .addr = tlbi_address(value)});
}

enum sysreg_outcome write_tlbi_asid(struct a64_cpu *c, unsigned id, uint64_t value)
{
    return tlbi(c, id, (struct a64_dvm){.op = A64_DVM_ASID, .asid = mmu_cut_asid(c, value >> 48)});
}
