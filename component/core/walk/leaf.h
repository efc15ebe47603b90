/* SPDX-License-Identifier: Apache-2.0 */
/* What a leaf says: the address, the rights and the attributes of a block or page, as caches hold
 * them. */
#ifndef SMMU_CORE_LEAF_H
#define SMMU_CORE_LEAF_H

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

/* The entry that a leaf of stage 1, or of stage 2, becomes: of w->ia, all but `prefetched`. An
 * entry of stage 1 has the address of that stage. */
void leaf_s1_entry(const struct walker *w, const struct cd_cfg *cd, const struct leaf *leaf,
                   struct tlb_entry *entry);
void leaf_s2_entry(const struct walker *w, const struct leaf *leaf, struct tlb_entry *entry);

#endif
