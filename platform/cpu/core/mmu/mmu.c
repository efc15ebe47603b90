/* SPDX-License-Identifier: Apache-2.0 */
/* Translation of an access: TLB, both stages in their order, permissions (DDI 0487 D8.2, D8.4). */
#include "mmu/mmu.h"

#include "mmu/cpu_tlb.h"
#include "mmu/cpu_walk.h"
#include "pmu/pmu.h"
#include "state/el2.h"
#include "state/sysreg_fields.h"

unsigned mmu_ignored_tags(const struct a64_cpu *c, unsigned el)
{
    if (el == 2)
        return c->sysreg[SR_TCR_EL2] & TCR_EL2_TBI ? 3 : 0;
    return bits_get(c->sysreg[SR_TCR_EL1], TCR_EL1_TBI);
}

uint16_t mmu_cut_asid(const struct a64_cpu *c, uint64_t asid)
{
    bool wide = c->sysreg[SR_TCR_EL1] & TCR_EL1_AS;
    return wide ? asid & 0xffff : asid & 0xff;
}

/* ASID in use: TTBR0's or TTBR1's, by TCR_EL1.A1. */
static uint16_t current_asid(const struct a64_cpu *c)
{
    bool a1 = c->sysreg[SR_TCR_EL1] & TCR_EL1_A1;
    return mmu_cut_asid(c, bits_get(c->sysreg[a1 ? SR_TTBR1_EL1 : SR_TTBR0_EL1], TTBR_ASID));
}

/* With no stage on there is nothing to tell apart. */
uint64_t mmu_context_key(const struct a64_cpu *c)
{
    bool stage1 = mmu_enabled(c, c->el), stage2 = mmu_has_stage2(c, c->el);
    if (!stage1 && !stage2)
        return 0;
    if (c->el == 2)
        return TLB_KEY_EL2;
    uint64_t hcr = el2_hcr(c);
    return (stage1 ? TLB_KEY_STAGE1 | bits_put(TLB_KEY_ASID, current_asid(c)) : 0) |
           bits_put(TLB_KEY_VMID, el2_vmid(c)) | (stage2 ? TLB_KEY_STAGE2 : 0) |
           (hcr & HCR_DC ? TLB_KEY_DC : 0) | (hcr & HCR_PTW ? TLB_KEY_PTW : 0);
}

/* ---- Permissions ---- */

static bool permits(const struct a64_request *r, unsigned stage1, unsigned stage2)
{
    static const uint8_t needed[] = {
        [ACCESS_READ] = PERM_READ, [ACCESS_WRITE] = PERM_WRITE, [ACCESS_EXEC] = PERM_EXEC};
    if (r->access == ACCESS_MAINTENANCE)
        return r->el != 0 || (stage1 & stage2 & PERM_READ);
    return stage1 & stage2 & needed[r->access];
}

static bool fault(struct a64_fault *f, unsigned fsc, bool stage2)
{
    f->fsc = fsc;
    f->stage2 = stage2;
    return false;
}

static bool check_stage1(const struct a64_translation *t, const struct a64_request *r,
                         struct a64_fault *f)
{
    if (t->device && r->misaligned)
        return fault(f, FSC_ALIGNMENT, false);
    return permits(r, tlb_stage1_permissions(t, r->el), PERM_ALL) ||
           fault(f, FSC_PERMISSION + t->level, false);
}

static bool check_stage2(const struct a64_translation *t, const struct a64_request *r,
                         struct a64_fault *f)
{
    f->ipa = t->ipa;
    if (t->s2_device && r->misaligned)
        return fault(f, FSC_ALIGNMENT, true);
    return permits(r, PERM_ALL, t->s2) || fault(f, FSC_PERMISSION + t->s2_level, true);
}

/* ---- Walks ---- */

/* A fault of stage 1 comes before any of stage 2, its permissions included. */
static bool walk(struct a64_cpu *c, const struct a64_request *r, uint64_t va, bool stage2,
                 struct a64_translation *t, struct a64_fault *f)
{
    const struct walker w = {c, mmu_has_stage2(c, r->el) ? stage2_descriptor : NULL};
    c->stats.table_walks += mmu_enabled(c, r->el);
    if (!stage1_walk(c, &w, r->el, va, t, f))
        return false;
    if (!stage2 || !w.locate)
        return true;
    return check_stage1(t, r, f) && stage2_walk(c, &w, t, f);
}

bool mmu_probe(struct a64_cpu *c, const struct a64_request *r, bool both_stages,
               struct a64_translation *t, struct a64_fault *f)
{
    uint64_t va = mmu_strip_tag(mmu_ignored_tags(c, r->el), r->va);
    return walk(c, r, va, both_stages, t, f) && check_stage1(t, r, f) && check_stage2(t, r, f);
}

bool mmu_peek(const struct a64_cpu *c, uint64_t va, struct a64_translation *t)
{
    const struct walker w = {NULL, mmu_has_stage2(c, c->el) ? stage2_descriptor : NULL};
    struct a64_fault f = {0};
    return stage1_walk(c, &w, c->el, va, t, &f) && (!w.locate || stage2_walk(c, &w, t, &f));
}

const struct a64_tlb_entry *mmu_translate(struct a64_cpu *c, const struct a64_request *r,
                                          struct a64_fault *f)
{
    uint64_t va = mmu_untag(c, r->va);
    const struct a64_tlb_entry *e = tlb_find(c, r->el, va);
    *f = (struct a64_fault){0};
    if (!e) {
        struct a64_translation t;
        c->stats.tlb_misses++;
        pmu_count(c, r->access == ACCESS_EXEC ? PMU_L1I_TLB_REFILL : PMU_L1D_TLB_REFILL);
        if (!walk(c, r, va, true, &t, f))
            return NULL;
        e = tlb_fill(c, r->el, va, &t);
    }
    return check_stage1(&e->t, r, f) && check_stage2(&e->t, r, f) ? e : NULL;
}
