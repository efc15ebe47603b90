/* SPDX-License-Identifier: Apache-2.0 */
/* The last step of a plain walk where the table of the last level is cached, as it mostly is: to
 * the page. Plain walks that begin above go by all steps (walk/steps.h), and apart. */
#ifndef SMMU_CORE_PLAIN_H
#define SMMU_CORE_PLAIN_H

#include "walk/steps.h"

/* The walker and the leaf of these are given to no function that is not inline, but for copies: so
 * they are never in memory. */
#define PLAIN static inline __attribute__((always_inline))

/* Whether the table of the last level is known by `cached`. */
static inline bool plain_is_last(const struct walk_entry *cached)
{
    return cached && cached->tag.level == VMSA_LAST_LEVEL - 1;
}

/* Where the descriptor of the page of w->ia in that table is, and a request for it. */
PLAIN void plain_request(const struct walker *w, const struct walk_entry *cached, struct leaf *leaf,
                         struct smmu_mem_req *req, bool s2)
{
    const struct stage *stage = w->stage;
    leaf->level = VMSA_LAST_LEVEL;
    leaf->span_log2 = stage->geometry.granule;
    leaf->limits = s2 ? 0 : cached->limits;
    leaf->addr = cached->table + (w->ia >> (stage->geometry.granule - 3) & stage->last_offset);
    req_for(w, SMMU_FETCH_TTD, req, FORM_PLAIN, s2);
    req_at(leaf, req);
    req->attr = stage->attr;
}

/* Read it by `req`, whose address is physical by now (IHI 0070 3.4.3; DDI 0487 D8.3). */
PLAIN bool plain_read(const struct walker *w, struct smmu_mem_req *req, struct leaf *leaf,
                      struct fault *fault, bool s2)
{
    uint64_t word = 0;
    req->addr = truncate_to_oas(w->call->smmu, req->addr);
    if (!__builtin_expect(fetch_descriptor(w->call, req, &word, 1, true), true)) {
        observe_access_of(w->call, SMMU_OBSERVE_ttd_fetch, &req->mpam, req->addr, 0, true);
        return walker_abort(s2, w->cls, req->addr, fault);
    }
    observe_access_of(w->call, SMMU_OBSERVE_ttd_fetch, &req->mpam, req->addr, word, true);
    leaf->descriptor = word;
    leaf->address = word & w->stage->address;
    if (__builtin_expect((word & 3) == 3, true))
        return true;
    return walker_fault_of(s2, w->cls, w->ia, EVENT_F_TRANSLATION, fault);
}

/* Whether the leaf of a plain walk has its Access flag, and what it maps lies within the output
 * size: then nothing is to be done of what walker_settle() does. No block of such a stage is larger
 * than an output size: they have 30 bits at most, and that 32 at least. */
PLAIN bool plain_is_good(const struct walker *w, const struct leaf *leaf)
{
    return vmsa_accessed(leaf->descriptor) && !(leaf->descriptor & w->stage->too_far);
}

/* Copy what a plain walk needs of its leaf. */
PLAIN void plain_copy(struct leaf *to, const struct leaf *from)
{
    to->descriptor = from->descriptor;
    to->address = from->address;
    to->addr = from->addr;
    to->level = from->level;
    to->span_log2 = from->span_log2;
    to->limits = from->limits;
}

/* The leaf with all that walker_settle() looks at. */
PLAIN struct leaf plain_whole(const struct leaf *leaf)
{
    return (struct leaf){.descriptor = leaf->descriptor,
                         .raw = {.low = leaf->descriptor},
                         .kind = VMSA_LEAF,
                         .address = leaf->address,
                         .addr = leaf->addr,
                         .level = leaf->level,
                         .span_log2 = leaf->span_log2,
                         .limits = leaf->limits};
}

#endif
