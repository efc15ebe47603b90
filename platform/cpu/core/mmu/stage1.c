/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 1 translation: the EL1&0 regime with its two ranges of addresses, the EL2 regime with one
 * (DDI 0487 D8.2, D8.4). */
#include "mmu/cpu_walk.h"

#include "mmu/mmu.h"
#include "state/el2.h"
#include "state/sysreg_fields.h"

/* The controls of the half of an address space that an address is in. */
struct range {
    uint64_t ttbr;
    unsigned tsz;
    unsigned granule;
    bool disabled;
    unsigned ps;
};

static struct range select_range(const struct a64_cpu *c, unsigned el, bool upper)
{
    uint64_t tcr = c->sysreg[el == 2 ? SR_TCR_EL2 : SR_TCR_EL1];
    if (el == 2)
        return (struct range){c->sysreg[SR_TTBR0_EL2], bits_get(tcr, TCR_T0SZ),
                              walk_granule(vmsa_tg0(bits_get(tcr, TCR_TG0))), upper,
                              bits_get(tcr, TCR_EL2_PS)};
    unsigned ips = bits_get(tcr, TCR_EL1_IPS);
    if (upper)
        return (struct range){c->sysreg[SR_TTBR1_EL1], bits_get(tcr, TCR_EL1_T1SZ),
                              walk_granule(vmsa_tg1(bits_get(tcr, TCR_EL1_TG1))),
                              tcr & TCR_EL1_EPD1, ips};
    return (struct range){c->sysreg[SR_TTBR0_EL1], bits_get(tcr, TCR_T0SZ),
                          walk_granule(vmsa_tg0(bits_get(tcr, TCR_TG0))), tcr & TCR_EL1_EPD0, ips};
}

/* With stage 1 off, addresses are output as they are: to Device memory, or to Normal memory where
 * HCR_EL2.DC says so (D8.2.12). */
static bool walk_off(const struct a64_cpu *c, unsigned el, uint64_t va, struct a64_translation *t,
                     struct a64_fault *f)
{
    bool cacheable = el != 2 && (el2_hcr(c) & HCR_DC);
    if (va >> c->config.pa_bits) {
        f->fsc = FSC_ADDRESS_SIZE;
        return false;
    }
    *t = (struct a64_translation){.pa = va,
                                  .log2 = TLB_PAGE_SHIFT,
                                  .attr = cacheable ? 0xff : 0,
                                  .sh = cacheable ? 0 : 2,
                                  .global = true,
                                  .device = !cacheable,
                                  .s1 = PERM_USER(PERM_ALL) | PERM_PRIVILEGED(PERM_ALL),
                                  .s2 = PERM_ALL};
    return true;
}

static struct vmsa_scheme scheme_of(const struct a64_cpu *c, unsigned el)
{
    uint64_t sctlr = c->sysreg[el == 2 ? SR_SCTLR_EL2 : SR_SCTLR_EL1];
    return (struct vmsa_scheme){.hierarchical = true, .el0 = el != 2, .wxn = sctlr & SCTLR_WXN};
}

static uint8_t leaf_permissions(const struct vmsa_scheme *scheme, const struct walk_leaf *leaf)
{
    unsigned privileged = vmsa_rights(scheme, leaf->desc, leaf->limits, true);
    unsigned user = scheme->el0 ? vmsa_rights(scheme, leaf->desc, leaf->limits, false) : 0;
    return (uint8_t)(PERM_USER(user) | PERM_PRIVILEGED(privileged));
}

static void describe(const struct a64_cpu *c, unsigned el, const struct vmsa_scheme *scheme,
                     uint64_t va, const struct walk_leaf *leaf, struct a64_translation *t)
{
    uint64_t mair = c->sysreg[el == 2 ? SR_MAIR_EL2 : SR_MAIR_EL1];
    uint8_t attr = (uint8_t)(mair >> (8 * vmsa_attr_index(leaf->desc)));
    *t = (struct a64_translation){.pa = walk_output(leaf, va),
                                  .level = leaf->level,
                                  .log2 = leaf->log2,
                                  .attr = attr,
                                  .sh = vmsa_sh(leaf->desc),
                                  .global = el == 2 || vmsa_global(leaf->desc),
                                  .device = (attr & 0xf0) == 0,
                                  .s1 = leaf_permissions(scheme, leaf),
                                  .s2 = PERM_ALL};
}

bool stage1_walk(const struct a64_cpu *c, const struct walker *w, unsigned el, uint64_t va,
                 struct a64_translation *t, struct a64_fault *f)
{
    if (!mmu_enabled(c, el))
        return walk_off(c, el, va, t, f);
    bool upper = vmsa_upper_half(va);
    struct range r = select_range(c, el, upper);
    unsigned input = 64 - walk_tsz(r.tsz);
    struct walk_start start = {
        r.ttbr,
        {.granule = (uint8_t)r.granule,
         .input_bits = (uint8_t)input,
         .output_bits = (uint8_t)walk_output_bits(c, r.ps)},
        scheme_of(c, el),
    };
    start.geometry.start_level = (int8_t)vmsa_start_level(&start.geometry);
    if (!vmsa_in_range(&start.geometry, va, upper) || r.disabled) {
        f->fsc = FSC_TRANSLATION;
        return false;
    }
    struct walk_leaf leaf;
    if (!walk_tables(c, w, &start, va, &leaf, f))
        return false;
    describe(c, el, &start.scheme, va, &leaf, t);
    return true;
}
