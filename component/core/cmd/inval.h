/* SPDX-License-Identifier: Apache-2.0 */
/* Invalidation: one selector, applied to every cache (IHI 0070 3.17, 4.3, 4.4). */
#ifndef SMMU_CORE_INVAL_H
#define SMMU_CORE_INVAL_H

#include "smmu_priv.h"

/* Remove what `inval` selects from all caches, let no walk in progress fill any, tell the host.
 * Returns how many entries were removed. */
uint32_t inval_apply(struct smmu_state *smmu, const struct smmu_inval *inval);

/* The same for a command or a CPU: it takes time. May block, once all is removed. */
void inval_maintain(struct smmu_state *smmu, const struct bank *bank,
                    const struct smmu_inval *inval);

/* Low bits of VMIDs that invalidations of the bank's Security state leave out (CR0.VMW, 6.3.9). */
uint8_t inval_vmid_wildcard(const struct bank *bank);

/* Whether a kind is about the Device Permission Table alone (4.6). */
static inline bool inval_about_dpt(enum smmu_inval_kind kind)
{
    return kind >= SMMU_INVAL_DPT_ALL;
}

/* Log2 of the block or page by whose addresses an entry is invalidated: of stage 1, if that
 * translates. */
static inline unsigned inval_leaf_log2(const struct smmu_tag *tag)
{
    return tag->s1 ? tag->s1_leaf_log2 : tag->s2_leaf_log2;
}

/* Whether what descriptors of 2^log2 bytes say is among `sizes`, as in smmu_inval. */
static inline bool inval_size_selected(uint64_t sizes, unsigned log2)
{
    return sizes == 0 || (sizes >> log2 & 1) != 0;
}

/* Tell the host alone. */
void inval_notify(struct smmu_state *smmu, const struct smmu_inval *inval);

#endif
