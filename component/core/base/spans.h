/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes of what a cache holds: a look-up tries those that are there, from the smallest on. */
#ifndef SMMU_CORE_SPANS_H
#define SMMU_CORE_SPANS_H

#include "base/bits.h"

struct spans {
    uint64_t present;   /* bit n: there are entries of 2^n bytes */
    uint32_t count[64]; /* how many */
};

static inline void spans_add(struct spans *spans, unsigned log2)
{
    spans->count[log2]++;
    spans->present |= BIT64(log2);
}

static inline void spans_drop(struct spans *spans, unsigned log2)
{
    if (--spans->count[log2] == 0)
        spans->present &= ~BIT64(log2);
}

#endif
