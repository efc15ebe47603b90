/* SPDX-License-Identifier: Apache-2.0 */
/* What a leaf says: the address, the rights and the attributes of a block or page, as caches hold
 * them. */
#ifndef SMMU_CORE_LEAF_H
#define SMMU_CORE_LEAF_H

#include "base/memattr.h"
#include "stream/cd.h"
#include "vmsa/vmsa.h"
#include "vmsa/vmsa_scheme.h"
#include "walk/tlb.h"
#include "walk/walker.h"

/* The address of the first byte that it maps. */
static inline uint64_t leaf_output(const struct leaf *leaf)
{
    return leaf->address >> leaf->span_log2 << leaf->span_log2;
}

/* Rights that making the leaf dirty would bring. */
static inline uint8_t leaf_clean(const struct walker *w, const struct leaf *leaf, bool privileged)
{
    return vmsa_clean(w->scheme, leaf->descriptor, leaf->limits, privileged);
}

/* What the overlay of a stream leaves of stage 2's rights (3.26.2). Caches hold none of it: it is
 * the stream's, not the VMID's (5.2, S2POI). */
static inline uint8_t leaf_overlay(const struct ste_cfg *ste, unsigned po_index, bool privileged)
{
    return ste->s2_overlaid ? vmsa_s2_interpreted(ste->s2_overlay, po_index, privileged) : 0xff;
}

/* Whether a leaf of stage 2 is AssuredOnly (3.27.2). */
static inline bool leaf_assured_only(const struct walker *w, const struct leaf *leaf)
{
    return w->ste->s2_assured && vmsa_assured_only(leaf->descriptor);
}

/* SH: with 52-bit addresses of 4 KiB and 16 KiB granules the stage has it (5.2, S2DS; 5.4, DS). */
static inline unsigned leaf_sh(const struct walker *w, const struct leaf *leaf, bool plain)
{
    const struct stage *stage = w->stage;
    return !plain && stage->geometry.format == VMSA_LPA2 ? stage->sh : vmsa_sh(leaf->descriptor);
}

/* Of a block larger than the output size the rest is Address size faults, which are not cached. */
static inline void keep_within_output(const struct walker *w, struct tlb_entry *entry)
{
    unsigned output_bits = w->stage->geometry.output_bits;
    if (__builtin_expect(entry->tag.span_log2 > output_bits, false))
        entry->tag.span_log2 = (uint8_t)output_bits;
}

/* Change what a walk has found as its stage asks for. What unprivileged accesses may not reach
 * stays in the TLB without rights for them, so that a hit is looked at as a denial. */
__attribute__((cold)) void leaf_adjust(const struct walker *w, const struct leaf *leaf,
                                       struct tlb_entry *entry);

/* The rights that a stage which does not translate gives. */
static inline void permit_all(uint8_t perm[2])
{
    perm[0] = perm[1] = SMMU_PERM_R | SMMU_PERM_W | SMMU_PERM_X;
}

/* The rights that a leaf gives, which a plain walk has found. */
static inline void permit_tabulated(const struct walker *w, const struct leaf *leaf,
                                    uint8_t perm[2])
{
    unsigned rights = vmsa_tabulated(w->scheme, leaf->descriptor, leaf->limits);
    perm[0] = (uint8_t)vmsa_tabulated_for(rights, false);
    perm[1] = (uint8_t)vmsa_tabulated_for(rights, true);
}

/* The entry that a leaf of stage 1, or of stage 2, becomes: of w->ia, all but `prefetched`. An
 * entry of stage 1 has the address of that stage. `plain`: as walks of this form find it. */
static inline __attribute__((always_inline)) void
leaf_s2_entry(const struct walker *w, const struct leaf *leaf, struct tlb_entry *entry, bool plain)
{
    const struct stage *stage = w->stage;
    const uint64_t descriptor = leaf->descriptor;
    unsigned clean = plain ? 0 : leaf_clean(w, leaf, true); /* for both */
    unsigned memattr = vmsa_s2_memattr(descriptor), sh = leaf_sh(w, leaf, plain);

    entry->pa = truncate_to_oas(w->call->smmu, leaf_output(leaf));
    walker_tag(w, true, leaf->level, leaf->span_log2, false, &entry->tag);
    entry->ipa = entry->tag.va;
    entry->attr = memattr_s2(stage->memattr, memattr, sh);
    permit_all(entry->s1_perm);
    if (plain)
        permit_tabulated(w, leaf, entry->s2_perm);
    else
        vmsa_s2_rights(w->scheme, descriptor, entry->s2_perm);
    entry->s1_pbha = 0;
    entry->s2_pbha = vmsa_pbha(descriptor);
    entry->caution = clean != 0 ? TLB_CLEAN : 0;
    if (!plain && w->scheme->indirect && w->call->smmu->cfg.s2po)
        entry->caution |= TLB_OVERLAID;
    entry->s2_clean = (clean & VMSA_WRITE) != 0;
    entry->prefetched = false;
    entry->forces_wb = memattr_s2_forces_wb(stage->memattr, memattr);
    entry->s2_base = 0;
    if (plain)
        return;
    keep_within_output(w, entry);
    if (stage->adjust)
        leaf_adjust(w, leaf, entry);
}

/* 5.4, MAIR0: there are eight attributes, of which AttrIndx beyond 7 is the last. */
static inline uint8_t leaf_mair(const struct cd_cfg *cd, uint64_t leaf)
{
    if (!cd->aie)
        return cd->mair[vmsa_attr_index(leaf)];
    unsigned index = vmsa_wide_attr_index(leaf);
    return cd->mair[index < 8 ? index : 7];
}

static inline __attribute__((always_inline)) void leaf_s1_entry(const struct walker *w,
                                                                const struct cd_cfg *cd,
                                                                const struct leaf *leaf,
                                                                struct tlb_entry *entry, bool plain)
{
    const uint64_t descriptor = leaf->descriptor;
    const unsigned size = leaf->span_log2;
    bool clean = !plain && (leaf_clean(w, leaf, false) || leaf_clean(w, leaf, true));

    entry->pa = leaf_output(leaf);
    walker_tag(w, false, leaf->level, size, vmsa_global(descriptor), &entry->tag);
    if (w->split != 0)
        entry->pa += entry->tag.va & (BIT64(size) - 1);
    entry->ipa = 0;
    entry->attr = memattr_consistent((struct smmu_memattr){.mair = leaf_mair(cd, descriptor),
                                                           .sh = (uint8_t)leaf_sh(w, leaf, plain)});
    if (plain)
        permit_tabulated(w, leaf, entry->s1_perm);
    else
        vmsa_s1_rights(w->scheme, descriptor, leaf->limits, entry->s1_perm);
    permit_all(entry->s2_perm);
    entry->s1_pbha = vmsa_pbha(descriptor);
    entry->s2_pbha = 0;
    entry->caution = clean ? TLB_CLEAN : 0;
    entry->s2_clean = entry->prefetched = entry->forces_wb = false;
    entry->s2_base = 0;
    if (plain)
        return;
    keep_within_output(w, entry);
    if (w->stage->adjust)
        leaf_adjust(w, leaf, entry);
}

#endif
