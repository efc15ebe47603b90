/* SPDX-License-Identifier: Apache-2.0 */
/* Prefetches: what fills caches before a transaction needs it (IHI 0070 4.2, 7.2). Which there are
 * is decided here and by commands; the host has them made (smmu_ops.prefetch). */
#ifndef SMMU_CORE_PREFETCH_H
#define SMMU_CORE_PREFETCH_H

#include "stream/lookup.h"
#include "stream/ste_layout.h"

/* The most pages that one command prefetches: more would push out what it has filled (4.2.2). Pure.
 */
uint32_t prefetch_limit(const struct smmu_config *cfg);

/* `call` has walked for the mapping that has `tag`. Ask for the page behind it, or the one before,
 * if the stream wants that. Does not block. */
void prefetch_neighbour_of(const struct call *call, const struct stream *stream,
                           const struct smmu_tag *tag);
static inline void prefetch_neighbour(const struct call *call, const struct stream *stream,
                                      const struct smmu_tag *tag)
{
    if (__builtin_expect(stream->ste->prefetch != STE_PREFETCH_NONE, false))
        prefetch_neighbour_of(call, stream, tag);
}

#endif
