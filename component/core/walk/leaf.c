/* SPDX-License-Identifier: Apache-2.0 */
/* What a leaf says (IHI 0070 3.21.1, 13.4, 5.4; DDI 0487 D8.3, D8.6): see leaf.h. */
#include "walk/leaf.h"

#include "base/memattr.h"

/* SH: with 52-bit addresses of 4 KiB and 16 KiB granules the stage has it (5.2, S2DS; 5.4, DS). */
static unsigned leaf_sh(const struct walker *w, const struct leaf *leaf)
{
    const struct stage *stage = w->stage;
    return stage->geometry.format == VMSA_LPA2 ? stage->sh : vmsa_sh(leaf->descriptor);
}

/* Whether it is a block whose size software changes, which says so (3.21.1.2). */
static bool is_in_change(const struct walker *w, const struct leaf *leaf)
{
    return w->call->smmu->cfg.bbml == 1 && leaf->span_log2 != w->stage->geometry.granule &&
           vmsa_block_nt(leaf->descriptor);
}

/* Translations of different size may be cached of one address (3.21.1): look-ups are to find that
 * out, if that is a conflict. With nT a block is cached in pages, whose size is that of what may be
 * cached of the pages before or after, so that no entry overlaps another; to a page it makes no
 * difference. */
static void keep_apart(const struct walker *w, const struct leaf *leaf, struct tlb_entry *entry)
{
    unsigned page = w->stage->geometry.granule;

    if (w->call->smmu->cfg.tlb_conflicts)
        entry->caution |= TLB_WARY;
    if (!is_in_change(w, leaf))
        return;
    entry->pa += (w->ia >> page << page) - entry->tag.va;
    entry->tag.va = w->ia >> page << page;
    entry->tag.span_log2 = (uint8_t)page;
    entry->ipa = w->s2 ? entry->tag.va : 0;
}

static bool is_contiguous(const struct walker *w, const struct leaf *leaf)
{
    if (w->stage->geometry.format != VMSA_128)
        return vmsa_contiguous(leaf->raw.low);
    return vmsa128_contiguous(&leaf->raw) && !(leaf->limits & VMSA_NO_RUNS);
}

/* Log2 of the bytes of the run that the leaf is one of, if it may stand for all of it: the run lies
 * within the input and the output size, where ranges are checked by walks alone, and its addresses
 * are those that the leaf's own place gives. Else 0: the Contiguous bit is ignored, as it may be
 * (DDI 0487 D8.7.1.2, D8.7.1.3). */
static unsigned run_log2(const struct walker *w, const struct leaf *leaf)
{
    const struct vmsa_geometry *g = &w->stage->geometry;
    unsigned run = is_contiguous(w, leaf) ? vmsa_run_log2(g, leaf->level) : 0;
    if (run == 0 || run > g->input_bits || run > g->output_bits ||
        run > w->call->smmu->cfg.oas_bits || is_in_change(w, leaf))
        return 0;
    uint64_t misplaced = (leaf_output(leaf) ^ w->ia) & (BIT64(run) - 1);
    return misplaced >> leaf->span_log2 == 0 ? run : 0;
}

/* Let the entry be of the whole run. Flags that hardware sets differ among members: those of the
 * member that was walked for count for all (DDI 0487 D8.5.5). */
static void widen(const struct walker *w, const struct leaf *leaf, struct tlb_entry *entry)
{
    uint64_t was = entry->tag.va;
    unsigned run = run_log2(w, leaf);
    if (run == 0)
        return;
    walker_tag(w, w->s2, leaf->level, run, entry->tag.global, &entry->tag);
    entry->pa -= was - entry->tag.va;
    entry->ipa = w->s2 ? entry->tag.va : 0;
}

/* Of a block larger than the output size the rest is Address size faults, which are not cached. */
static inline void keep_within_output(const struct walker *w, struct tlb_entry *entry)
{
    unsigned output_bits = w->stage->geometry.output_bits;
    if (__builtin_expect(entry->tag.span_log2 > output_bits, false))
        entry->tag.span_log2 = (uint8_t)output_bits;
}

/* What translation hardening looks at. */
static void mark(const struct walker *w, const struct leaf *leaf, struct tlb_entry *entry)
{
    entry->s2_base = (uint8_t)vmsa_s2_base(w->scheme, leaf->descriptor);
    if (leaf_assured_only(w, leaf))
        entry->caution |= TLB_ASSURED_ONLY;
}

/* Change what a walk has found as its stage asks for. What unprivileged accesses may not reach
 * stays in the TLB without rights for them, so that a hit is looked at as a denial. */
static __attribute__((cold, noinline)) void adjust(const struct walker *w, const struct leaf *leaf,
                                                   struct tlb_entry *entry)
{
    if (w->stage->adjust & STAGE_RUNS)
        widen(w, leaf, entry);
    if (w->stage->adjust & STAGE_KEEP_APART)
        keep_apart(w, leaf, entry);
    if (w->stage->adjust & STAGE_CLOSED_TO_EL0)
        entry->s1_perm[0] = 0;
    if (w->stage->adjust & STAGE_MARKED)
        mark(w, leaf, entry);
}

/* The rights that a stage which does not translate gives. */
static inline void permit_all(uint8_t perm[2])
{
    perm[0] = perm[1] = SMMU_PERM_R | SMMU_PERM_W | SMMU_PERM_X;
}

void leaf_s2_entry(const struct walker *w, const struct leaf *leaf, struct tlb_entry *entry)
{
    const struct stage *stage = w->stage;
    const uint64_t descriptor = leaf->descriptor;
    const unsigned size = leaf->span_log2;
    unsigned clean = leaf_clean(w, leaf, true); /* for both */
    unsigned memattr = vmsa_s2_memattr(descriptor), sh = leaf_sh(w, leaf);

    entry->pa = truncate_to_oas(w->call->smmu, leaf_output(leaf));
    walker_tag(w, true, leaf->level, size, false, &entry->tag);
    entry->ipa = entry->tag.va;
    entry->attr = memattr_s2(stage->memattr, memattr, sh);
    permit_all(entry->s1_perm);
    vmsa_s2_rights(w->scheme, descriptor, entry->s2_perm);
    entry->s1_pbha = 0;
    entry->s2_pbha = vmsa_pbha(descriptor);
    entry->caution = clean != 0 ? TLB_CLEAN : 0;
    if (w->scheme->indirect && w->call->smmu->cfg.s2po)
        entry->caution |= TLB_OVERLAID;
    entry->s2_clean = (clean & VMSA_WRITE) != 0;
    entry->prefetched = false;
    entry->forces_wb = memattr_s2_forces_wb(stage->memattr, memattr);
    entry->s2_base = 0;
    keep_within_output(w, entry);
    if (stage->adjust)
        adjust(w, leaf, entry);
}

/* 5.4, MAIR0: there are eight attributes, of which AttrIndx beyond 7 is the last. */
static uint8_t leaf_mair(const struct cd_cfg *cd, uint64_t leaf)
{
    if (!cd->aie)
        return cd->mair[vmsa_attr_index(leaf)];
    unsigned index = vmsa_wide_attr_index(leaf);
    return cd->mair[index < 8 ? index : 7];
}

void leaf_s1_entry(const struct walker *w, const struct cd_cfg *cd, const struct leaf *leaf,
                   struct tlb_entry *entry)
{
    const struct stage *stage = w->stage;
    const uint64_t descriptor = leaf->descriptor;
    const unsigned size = leaf->span_log2;

    entry->pa = leaf_output(leaf);
    walker_tag(w, false, leaf->level, size, vmsa_global(descriptor), &entry->tag);
    if (w->split != 0)
        entry->pa += entry->tag.va & (BIT64(size) - 1);
    entry->ipa = 0;
    entry->attr = memattr_consistent(
        (struct smmu_memattr){.mair = leaf_mair(cd, descriptor), .sh = (uint8_t)leaf_sh(w, leaf)});
    vmsa_s1_rights(w->scheme, descriptor, leaf->limits, entry->s1_perm);
    permit_all(entry->s2_perm);
    entry->s1_pbha = vmsa_pbha(descriptor);
    entry->s2_pbha = 0;
    entry->caution = leaf_clean(w, leaf, false) || leaf_clean(w, leaf, true) ? TLB_CLEAN : 0;
    entry->s2_clean = entry->prefetched = entry->forces_wb = false;
    entry->s2_base = 0;
    keep_within_output(w, entry);
    if (stage->adjust)
        adjust(w, leaf, entry);
}
