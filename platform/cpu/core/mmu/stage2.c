/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 2 translation of the EL1&0 regime (DDI 0487 D8.2.3, D8.4.2, D8.6.6). */
#include "mmu/cpu_walk.h"

#include "mmu/mmu.h"
#include "state/el2.h"
#include "state/sysreg_fields.h"

/* Memory attributes of a stage: Device, or Normal with a cacheability of each domain. */
enum cacheability { NON_CACHEABLE = 1, WRITE_THROUGH, WRITE_BACK }; /* as MemAttr has them */

static const struct vmsa_scheme scheme = {.stage2 = true}; /* FEAT_XNX is absent */

static bool fault(struct a64_fault *f, unsigned code, uint64_t ipa)
{
    f->fsc = code;
    f->stage2 = true;
    f->ipa = ipa;
    return false;
}

/* A start level that does not exist for the granule or the size of physical addresses, or does not
 * fit the input size, is a level 0 Translation fault (D8.2.3). */
static bool find_start(const struct a64_cpu *c, struct walk_start *start)
{
    uint64_t vtcr = c->sysreg[SR_VTCR_EL2];
    unsigned granule = walk_granule(vmsa_tg0(bits_get(vtcr, VTCR_TG0)));
    unsigned input = 64 - walk_tsz(bits_get(vtcr, VTCR_T0SZ));
    const struct vmsa_s2_features features = {.pa_bits = c->config.pa_bits};
    int level = vmsa_s2_start_level(granule, bits_get(vtcr, VTCR_SL0), &features);
    *start = (struct walk_start){
        c->sysreg[SR_VTTBR_EL2],
        {.granule = (uint8_t)granule,
         .input_bits = (uint8_t)input,
         .output_bits = (uint8_t)walk_output_bits(c, bits_get(vtcr, VTCR_PS)),
         .start_level = (int8_t)level},
        scheme,
    };
    return level != VMSA_NO_LEVEL && vmsa_s2_start_ok(&start->geometry);
}

static bool walk(const struct a64_cpu *c, const struct walker *w, uint64_t ipa,
                 struct walk_leaf *leaf, struct a64_fault *f)
{
    struct walk_start start;
    const struct walker physical = {w->access, NULL};
    if (!find_start(c, &start) || ipa >> start.geometry.input_bits)
        return fault(f, FSC_TRANSLATION, ipa);
    return walk_tables(c, &physical, &start, ipa, leaf, f) || fault(f, f->fsc, ipa);
}

/* The same for EL1 and EL0. */
static uint8_t permissions(const struct walk_leaf *leaf)
{
    return vmsa_rights(&scheme, leaf->desc, leaf->limits, true);
}

/* The halves of MemAttr. */
static unsigned outer_of(const struct walk_leaf *leaf)
{
    return vmsa_s2_memattr(leaf->desc) >> 2;
}

static unsigned inner_of(const struct walk_leaf *leaf)
{
    return vmsa_s2_memattr(leaf->desc) & 3;
}

static bool is_device(const struct walk_leaf *leaf)
{
    return outer_of(leaf) == 0;
}

/* ---- Attributes: the weaker of the two stages (D8.6.6) ---- */

static unsigned min(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* A nibble of MAIR as a cacheability: 0bxx00 but 0b0100 is transient Write-Through. */
static enum cacheability from_mair(unsigned nibble)
{
    if (nibble == 4)
        return NON_CACHEABLE;
    return nibble & 4 ? WRITE_BACK : WRITE_THROUGH;
}

/* Of the result, allocation hints are those of stage 1. */
static unsigned weaken(unsigned mair, unsigned mem_attr)
{
    enum cacheability stage1 = from_mair(mair);
    enum cacheability both = min(stage1, mem_attr ? mem_attr : NON_CACHEABLE);
    if (both == stage1)
        return mair;
    return both == NON_CACHEABLE ? 4 : 8 | (mair & 3);
}

static uint8_t combine_attributes(uint8_t attr, const struct walk_leaf *leaf)
{
    unsigned outer = outer_of(leaf), inner = inner_of(leaf);
    bool device1 = (attr & 0xf0) == 0;
    if (outer == 0)
        return (uint8_t)(device1 ? min(attr, inner << 2) : inner << 2);
    return (uint8_t)(device1 ? attr : weaken(attr >> 4, outer) << 4 | weaken(attr & 15, inner));
}

/* Outer Shareable is 2, Inner Shareable 3: the wider domain of the two. */
static uint8_t combine_shareability(uint8_t a, uint8_t b)
{
    return a == 2 || b == 2 ? 2 : a | b;
}

bool stage2_walk(const struct a64_cpu *c, const struct walker *w, struct a64_translation *t,
                 struct a64_fault *f)
{
    struct walk_leaf leaf;
    uint64_t ipa = t->pa;
    if (!walk(c, w, ipa, &leaf, f))
        return false;
    t->ipa = ipa;
    t->pa = walk_output(&leaf, ipa);
    t->s2 = permissions(&leaf);
    t->s2_level = leaf.level;
    t->s2_device = is_device(&leaf);
    t->attr = combine_attributes(t->attr, &leaf);
    t->sh = combine_shareability(t->sh, vmsa_sh(leaf.desc));
    return true;
}

/* With HCR_EL2.PTW, tables are not to be in what stage 2 makes Device memory. */
bool stage2_descriptor(const struct a64_cpu *c, const struct walker *w, uint64_t ipa, uint64_t *pa,
                       struct a64_fault *f)
{
    struct walk_leaf leaf;
    bool ok = walk(c, w, ipa, &leaf, f);
    f->s1ptw = !ok;
    if (!ok)
        return false;
    *pa = walk_output(&leaf, ipa);
    bool protected = is_device(&leaf) && (el2_hcr(c) & HCR_PTW);
    if ((permissions(&leaf) & PERM_READ) && !protected)
        return true;
    f->s1ptw = true;
    return fault(f, FSC_PERMISSION + leaf.level, ipa);
}
