/* SPDX-License-Identifier: Apache-2.0 */
/* The tag of a translation, made and changed in words: a processor waits where it is to read at
 * once what it has just stored in smaller pieces. */
#ifndef SMMU_CORE_TAG_H
#define SMMU_CORE_TAG_H

#include <stddef.h>

#include "base/bits.h"
#include "smmu/types.h"

/* What a tag says beside its address and stream: members of struct smmu_tag from `asid`, and from
 * `s1` on, in the order of their bytes. */
struct tag_words {
    uint64_t context; /* asid, vmid, sec, world, span_log2, level */
    uint64_t stages;  /* s1, s2, global, aset, s1_leaf_log2, s2_leaf_log2, s1_cut_log2, cd */
};

/* Places of members in these. */
#define TAG_SHIFT(first, member)                                                                   \
    (8 * (offsetof(struct smmu_tag, member) - offsetof(struct smmu_tag, first)))
#define TAG_VMID   TAG_SHIFT(asid, vmid)
#define TAG_SEC    TAG_SHIFT(asid, sec)
#define TAG_WORLD  TAG_SHIFT(asid, world)
#define TAG_SPAN   TAG_SHIFT(asid, span_log2)
#define TAG_LEVEL  TAG_SHIFT(asid, level)
#define TAG_S2     TAG_SHIFT(s1, s2)
#define TAG_GLOBAL TAG_SHIFT(s1, global)
#define TAG_ASET   TAG_SHIFT(s1, aset)
#define TAG_LEAF1  TAG_SHIFT(s1, s1_leaf_log2)
#define TAG_LEAF2  TAG_SHIFT(s1, s2_leaf_log2)
#define TAG_CUT    TAG_SHIFT(s1, s1_cut_log2)
#define TAG_CD     TAG_SHIFT(s1, cd)

_Static_assert(TAG_SHIFT(va, asid) == 128 && TAG_SHIFT(va, s1) == 192 &&
                   sizeof(struct smmu_tag) == 32 && TAG_LEVEL == 56 && TAG_CD == 56,
               "a tag is four words");

static inline struct tag_words tag_words(const struct smmu_tag *tag)
{
    return (struct tag_words){
        .context = load_le64((const uint8_t *)tag + offsetof(struct smmu_tag, asid)),
        .stages = load_le64((const uint8_t *)tag + offsetof(struct smmu_tag, s1)),
    };
}

/* Write a tag, of no stream; change what it says; copy it for a stream. */
static inline void tag_set_words(struct smmu_tag *tag, struct tag_words words)
{
    store_le64((uint8_t *)tag + offsetof(struct smmu_tag, asid), words.context);
    store_le64((uint8_t *)tag + offsetof(struct smmu_tag, s1), words.stages);
}
static inline void tag_set(struct smmu_tag *tag, uint64_t va, struct tag_words words)
{
    tag->va = va;
    tag->sid = tag->cd_index = 0;
    tag_set_words(tag, words);
}
static inline void tag_copy(struct smmu_tag *tag, const struct smmu_tag *from, uint32_t sid,
                            uint32_t cd_index)
{
    tag->va = from->va;
    tag->sid = sid;
    tag->cd_index = cd_index;
    tag_set_words(tag, tag_words(from));
}

#endif
