/* SPDX-License-Identifier: Apache-2.0 */
/* System instructions: cache maintenance, address translation, TLB maintenance (DDI 0487
 * C5.3-C5.5). */
#include <string.h>

#include "exception/cpu_dvm.h"
#include "memory/mem.h"
#include "mmu/cpu_tlb.h"
#include "mmu/mmu.h"
#include "mmu/phys.h"
#include "state/el2.h"
#include "state/sysreg_fields.h"
#include "sysreg/sysreg.h"
#include "sysreg/sysreg_hooks.h"

enum { ZERO_BLOCK = 64 };

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
    struct a64_fault fault;
    const struct a64_tlb_entry *e =
        mmu_translate(c, &(struct a64_request){va, c->el, access, false}, &fault);
    if (!e) {
        mem_fault(c, c->op, va, &fault, ISS_CM | ISS_WNR);
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

/* Operations on whole blocks store to all of one for watchpoints (D2.9.6.2). */
static bool watched_block(struct a64_cpu *c, uint64_t va, unsigned size, uint64_t iss)
{
    return mem_watchpoint_taken(c, c->op, va & ~(uint64_t)(size - 1), size, c->el, A64_WATCH_STORE,
                                iss);
}

/* Invalidation could discard data, hence it needs write permission (D7.5.8). */
enum sysreg_outcome write_dc_invalidate(struct a64_cpu *c, unsigned id, uint64_t value)
{
    uint64_t pa;
    (void)id;
    if (!maintain(c, value, ACCESS_WRITE, &pa))
        return SYSREG_TAKEN;
    return watched_block(c, value, CACHE_LINE, ISS_CM) ? SYSREG_TAKEN : SYSREG_OK;
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

/* HCR_EL2.FB makes all of EL1's maintenance that of the Inner Shareable domain. */
static enum dvm_scope scope_of(const struct a64_cpu *c, bool shared)
{
    return shared || (c->el == 1 && (el2_hcr(c) & HCR_FB)) ? DVM_INNER : DVM_LOCAL;
}

enum sysreg_outcome write_ic_all(struct a64_cpu *c, unsigned id, uint64_t value)
{
    (void)value;
    dvm_do(c, scope_of(c, id == SR_IC_IALLUIS), &(struct a64_dvm){.op = A64_DVM_IC_ALL});
    return SYSREG_OK;
}

enum sysreg_outcome write_dc_zero(struct a64_cpu *c, unsigned id, uint64_t value)
{
    struct a64_fault fault;
    (void)id;
    /* Device memory has no whole blocks to zero: an alignment fault (C6.2, DC ZVA). */
    const struct a64_tlb_entry *e =
        mmu_translate(c, &(struct a64_request){value, c->el, ACCESS_WRITE, true}, &fault);
    if (!e) {
        mem_fault(c, c->op, value, &fault, ISS_WNR);
        return SYSREG_TAKEN;
    }
    uint64_t offset = value & ~TLB_PAGE_MASK & ~(uint64_t)(ZERO_BLOCK - 1);
    if (e->write_tag == TLB_NO_TAG)
        tlb_refresh(c, c->el, e);
    if (A64_LIKELY(e->write_tag != TLB_NO_TAG)) {
        memset(mem_host(e, (e->tag & TLB_PAGE_MASK) | offset), 0, ZERO_BLOCK);
        return SYSREG_OK;
    }
    uint64_t pa = e->t.pa | offset;
    uint8_t attr = e->t.attr;
    if (watched_block(c, value, ZERO_BLOCK, 0))
        return SYSREG_TAKEN;
    for (unsigned i = 0; i < ZERO_BLOCK; i += 8)
        if (!phys_write(c, pa + i, 8, 0)) {
            mem_abort(c, c->op, value, FSC_EXTERNAL, ISS_WNR);
            return SYSREG_TAKEN;
        }
    mem_count(c, c->el, pa, ZERO_BLOCK, attr);
    return SYSREG_OK;
}

/* ---- AT: the result goes to PAR_EL1 ---- */

static uint64_t par_success(const struct a64_translation *t)
{
    /* Device memory is reported as outer shareable (PAR_EL1.SH). */
    uint64_t sh = t->device || t->s2_device ? 2 : t->sh;
    return bits_put(PAR_ATTR, t->attr) | (t->pa & PAR_PA) | PAR_RES1 | PAR_NS |
           bits_put(PAR_SH, sh);
}

static uint64_t par_fault(const struct a64_fault *f)
{
    return PAR_RES1 | bits_put(PAR_S, f->stage2) | bits_put(PAR_PTW, f->s1ptw) |
           bits_put(PAR_FST, f->fsc) | PAR_F;
}

/* Kinds of AT instructions, by op1 and op2 of its encoding (C5.4). */
enum { AT_WRITE = 1, AT_EL0 = 2, AT_BOTH_STAGES = 4 };

static struct a64_request at_request(uint32_t encoding, uint64_t va)
{
    unsigned op2 = bits_get(encoding, ENCODING_OP2);
    bool of_el2 = bits_get(encoding, ENCODING_OP1) == 4 && !(op2 & AT_BOTH_STAGES);
    unsigned el10 = op2 & AT_EL0 ? 0 : 1;
    enum a64_access access = op2 & AT_WRITE ? ACCESS_WRITE : ACCESS_READ;
    return (struct a64_request){va, of_el2 ? 2 : el10, access, false};
}

/* External aborts on the walk are taken, and so is what stage 2 has against the tables of stage 1
 * if EL1 asked; all other faults are reported (D8.15, AT instructions). */
static bool is_taken(const struct a64_cpu *c, const struct a64_fault *f)
{
    bool external = f->fsc >= FSC_WALK_ABORT && f->fsc <= FSC_WALK_ABORT + 3u;
    return external || (f->s1ptw && c->el == 1);
}

enum sysreg_outcome write_translate(struct a64_cpu *c, unsigned id, uint64_t value)
{
    uint32_t encoding = sysreg_encoding(id);
    const struct a64_request r = at_request(encoding, value);
    struct a64_translation t;
    struct a64_fault fault = {0};
    if (mmu_probe(c, &r, encoding & AT_BOTH_STAGES, &t, &fault)) {
        c->sysreg[SR_PAR_EL1] = par_success(&t);
        return SYSREG_OK;
    }
    c->sysreg[SR_PAR_EL1] = par_fault(&fault);
    if (!is_taken(c, &fault))
        return SYSREG_OK;
    mem_fault(c, c->op, value, &fault, ISS_CM | ISS_WNR);
    return SYSREG_TAKEN;
}

/* ---- TLBI ---- */

/* VA[55:12], extended by its sign. */
static uint64_t tlbi_address(uint64_t value)
{
    return (uint64_t)((int64_t)((value & TLBI_VA) << 20) >> 8);
}

/* CRm tells how far it reaches, a bit of op2 that only the last level is meant (C5.5). */
enum { TLBI_LAST_LEVEL = 4 };

static enum sysreg_outcome tlbi(struct a64_cpu *c, unsigned id, struct a64_dvm dvm)
{
    uint32_t encoding = sysreg_encoding(id), crm = bits_get(encoding, ENCODING_CRM);
    dvm_do(c, scope_of(c, crm == 3 || crm == 0), &dvm);
    return SYSREG_OK;
}

static enum sysreg_outcome tlbi_el10(struct a64_cpu *c, unsigned id, struct a64_dvm dvm)
{
    dvm.vmid = el2_vmid(c);
    return tlbi(c, id, dvm);
}

static bool is_last_level(unsigned id)
{
    return sysreg_encoding(id) & TLBI_LAST_LEVEL;
}

enum sysreg_outcome write_tlbi_all(struct a64_cpu *c, unsigned id, uint64_t value)
{
    (void)value;
    return tlbi_el10(c, id, (struct a64_dvm){.op = A64_DVM_VMALL});
}

enum sysreg_outcome write_tlbi_va(struct a64_cpu *c, unsigned id, uint64_t value)
{
    return tlbi_el10(c, id,
                     (struct a64_dvm){.op = A64_DVM_VA,
                                      .leaf = is_last_level(id),
                                      .asid = mmu_cut_asid(c, bits_get(value, TLBI_ASID)),
                                      .addr = tlbi_address(value)});
}

enum sysreg_outcome write_tlbi_vaa(struct a64_cpu *c, unsigned id, uint64_t value)
{
    return tlbi_el10(c, id,
                     (struct a64_dvm){.op = A64_DVM_VAA,
                                      .leaf = is_last_level(id),
                                      .addr = tlbi_address(value)});
}

enum sysreg_outcome write_tlbi_asid(struct a64_cpu *c, unsigned id, uint64_t value)
{
    return tlbi_el10(
        c, id,
        (struct a64_dvm){.op = A64_DVM_ASID, .asid = mmu_cut_asid(c, bits_get(value, TLBI_ASID))});
}

enum sysreg_outcome write_tlbi_both_stages(struct a64_cpu *c, unsigned id, uint64_t value)
{
    (void)value;
    return tlbi_el10(c, id, (struct a64_dvm){.op = A64_DVM_VMALLS12});
}

enum sysreg_outcome write_tlbi_ipa(struct a64_cpu *c, unsigned id, uint64_t value)
{
    return tlbi_el10(c, id,
                     (struct a64_dvm){.op = A64_DVM_IPA,
                                      .leaf = is_last_level(id),
                                      .addr = (value & TLBI_IPA) << 12});
}

enum sysreg_outcome write_tlbi_el10(struct a64_cpu *c, unsigned id, uint64_t value)
{
    (void)value;
    return tlbi(c, id, (struct a64_dvm){.op = A64_DVM_ALL});
}

enum sysreg_outcome write_tlbi_el2(struct a64_cpu *c, unsigned id, uint64_t value)
{
    (void)value;
    return tlbi(c, id, (struct a64_dvm){.op = A64_DVM_ALL, .regime = A64_REGIME_EL2});
}

enum sysreg_outcome write_tlbi_el2_va(struct a64_cpu *c, unsigned id, uint64_t value)
{
    return tlbi(c, id,
                (struct a64_dvm){.op = A64_DVM_VA,
                                 .leaf = is_last_level(id),
                                 .addr = tlbi_address(value),
                                 .regime = A64_REGIME_EL2});
}
