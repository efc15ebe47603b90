/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to a transaction that goes on translated, made in words, as tags are (walk/tag.h):
 * what all of one kind have in common is put together once, and what a translation adds is or'ed to
 * it. */
#ifndef SMMU_CORE_ANSWER_H
#define SMMU_CORE_ANSWER_H

#include <stddef.h>

#include "base/bits.h"
#include "smmu/types.h"

/* Members of struct smmu_result before its address, and between that and its tag. */
struct answer {
    uint64_t head;   /* outcome, op, event, pas; perm */
    uint64_t label;  /* span_log2; mpam */
    uint64_t traits; /* attr; out_instr, out_priv, instr, priv; pbha */
};

/* Where the words are, and places of members in them. */
#define ANSWER_LABEL  offsetof(struct smmu_result, span_log2)
#define ANSWER_TRAITS offsetof(struct smmu_result, attr)
#define ANSWER_PERM   (8 * offsetof(struct smmu_result, perm))
#define ANSWER_SH     (8 * offsetof(struct smmu_memattr, sh))
#define ANSWER_PBHA   (8 * (offsetof(struct smmu_result, pbha) - ANSWER_TRAITS))

_Static_assert(ANSWER_LABEL == 8 && ANSWER_TRAITS == 24 && ANSWER_PERM == 56 && ANSWER_SH == 8 &&
                   ANSWER_PBHA == 48 && offsetof(struct smmu_result, addr) == 16 &&
                   offsetof(struct smmu_result, tag) == 32,
               "an answer is four words and a tag");

/* Those of `result`, in which what a translation adds is zero. */
static inline struct answer answer_common(const struct smmu_result *result)
{
    const uint8_t *bytes = (const uint8_t *)result;
    return (struct answer){.head = load_le64(bytes),
                           .label = load_le64(bytes + ANSWER_LABEL),
                           .traits = load_le64(bytes + ANSWER_TRAITS)};
}

/* Write all but the address and the tag of an answer. */
static inline void answer_write(const struct answer *common, unsigned perm, unsigned span_log2,
                                struct smmu_memattr attr, unsigned pbha, struct smmu_result *result)
{
    uint8_t *bytes = (uint8_t *)result;
    store_le64(bytes, common->head | (uint64_t)perm << ANSWER_PERM);
    store_le64(bytes + ANSWER_LABEL, common->label | span_log2);
    store_le64(bytes + ANSWER_TRAITS, common->traits | attr.mair | (uint64_t)attr.sh << ANSWER_SH |
                                          (uint64_t)pbha << ANSWER_PBHA);
}

#endif
