/* SPDX-License-Identifier: Apache-2.0 */
/* What is made of a histogram: see smmu/tlm/histogram.h. */
#include "smmu/tlm/histogram.h"

uint64_t smmu_histogram_first(unsigned bucket)
{
    unsigned above = bucket >> SMMU_HISTOGRAM_BITS;
    if (above == 0)
        return bucket;
    unsigned shift = above - 1;
    return (uint64_t)(bucket - (shift << SMMU_HISTOGRAM_BITS)) << shift;
}

uint64_t smmu_histogram_last(unsigned bucket)
{
    unsigned above = bucket >> SMMU_HISTOGRAM_BITS;
    uint64_t width = above == 0 ? 1 : UINT64_C(1) << (above - 1);
    return smmu_histogram_first(bucket) + (width - 1);
}

void smmu_histogram_merge(struct smmu_histogram *h, const struct smmu_histogram *from)
{
    if (from->count == 0)
        return;
    if (from->max > h->max)
        h->max = from->max;
    if (h->count == 0 || from->min < h->min)
        h->min = from->min;
    h->count += from->count;
    h->sum += from->sum;
    for (unsigned i = 0; i < SMMU_HISTOGRAM_BUCKETS; i++)
        h->buckets[i] += from->buckets[i];
}

/* How many of `count` numbers `per_100000` are, rounded up. */
static uint64_t share_of(uint64_t count, unsigned per_100000)
{
    uint64_t whole = count / 100000 * per_100000;
    return whole + (count % 100000 * per_100000 + 99999) / 100000;
}

uint64_t smmu_histogram_percentile(const struct smmu_histogram *h, unsigned per_100000)
{
    uint64_t wanted = share_of(h->count, per_100000);
    uint64_t found = 0;
    for (unsigned i = 0; i < SMMU_HISTOGRAM_BUCKETS; i++) {
        found += h->buckets[i];
        if (found != 0 && found >= wanted) {
            uint64_t last = smmu_histogram_last(i);
            return last < h->max ? last : h->max;
        }
    }
    return h->max;
}
