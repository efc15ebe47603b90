/* SPDX-License-Identifier: Apache-2.0 */
/* How numbers are distributed, in bounded memory: buckets that are a 32nd of a power of two wide.
 */
#ifndef SMMU_TLM_HISTOGRAM_H
#define SMMU_TLM_HISTOGRAM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SMMU_HISTOGRAM_BITS 5u /* log2 of the buckets of one power of two */
#define SMMU_HISTOGRAM_BUCKETS                                                                     \
    ((64u - SMMU_HISTOGRAM_BITS + 1u) << SMMU_HISTOGRAM_BITS) /* of all */

/* All zero: of no numbers. */
struct smmu_histogram {
    uint64_t count;                           /* how many numbers */
    uint64_t sum;                             /* modulo 2^64 */
    uint64_t min;                             /* the smallest; of no numbers 0 */
    uint64_t max;                             /* the largest, likewise */
    uint64_t buckets[SMMU_HISTOGRAM_BUCKETS]; /* how many are in each */
};

/* The bucket of a number: numbers below 64 have one each. */
static inline unsigned smmu_histogram_bucket(uint64_t value)
{
    if (value >> SMMU_HISTOGRAM_BITS == 0)
        return (unsigned)value;
    unsigned shift = 63u - (unsigned)__builtin_clzll(value) - SMMU_HISTOGRAM_BITS;
    return (shift << SMMU_HISTOGRAM_BITS) + (unsigned)(value >> shift);
}

/* Count `value`, `times` times; once or more. */
static inline void smmu_histogram_add_times(struct smmu_histogram *h, uint64_t value,
                                            uint64_t times)
{
    if (value > h->max)
        h->max = value;
    if (h->count == 0 || value < h->min)
        h->min = value;
    h->count += times;
    h->sum += value * times;
    h->buckets[smmu_histogram_bucket(value)] += times;
}

/* Count `value`. */
static inline void smmu_histogram_add(struct smmu_histogram *h, uint64_t value)
{
    smmu_histogram_add_times(h, value, 1);
}

/* The smallest number of a bucket, which is below SMMU_HISTOGRAM_BUCKETS. */
uint64_t smmu_histogram_first(unsigned bucket);

/* The largest one. */
uint64_t smmu_histogram_last(unsigned bucket);

/* Count all that `from` has counted. */
void smmu_histogram_merge(struct smmu_histogram *h, const struct smmu_histogram *from);

/* What `per_100000` of 100000 numbers do not exceed: the largest of the bucket in question, but not
 * above `max`; so up to a 32nd too much, and exact where all of the bucket are the same. 0 of no
 * numbers. */
uint64_t smmu_histogram_percentile(const struct smmu_histogram *h, unsigned per_100000);

#ifdef __cplusplus
}
#endif

#endif
