/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted of a run, and the numbers that are made of it. */
#include "traffic_priv.h"

/* --- buckets --- */

static unsigned exponent_of(uint64_t value)
{
    return 63 - (unsigned)__builtin_clzll(value);
}

/* Buckets of one power of two have the same size, a 2^-BUCKET_BITS of their values at most. */
static unsigned bucket_of(uint64_t latency)
{
    if (latency >> BUCKET_BITS == 0)
        return (unsigned)latency;
    unsigned shift = exponent_of(latency) - BUCKET_BITS;
    return (shift << BUCKET_BITS) + (unsigned)(latency >> shift);
}

/* The longest latency of a bucket. */
static uint64_t longest_in(unsigned bucket)
{
    unsigned above = bucket >> BUCKET_BITS;

    if (above == 0)
        return bucket;
    unsigned shift = above - 1;
    uint64_t first = bucket - (shift << BUCKET_BITS);
    return ((first + 1) << shift) - 1;
}

/* --- counting --- */

void traffic_count_answered(struct traffic_stats *s, const struct traffic_slot *slot, uint64_t now,
                            bool ok)
{
    uint64_t latency = now - slot->due;

    if (s->accesses == 0 || latency < s->latency_min)
        s->latency_min = latency;
    if (latency > s->latency_max)
        s->latency_max = latency;
    s->accesses++;
    s->writes += slot->write;
    s->errors += !ok;
    s->bytes += ok ? slot->bytes : 0;
    s->latency_sum += latency;
    s->waited += slot->issued - slot->due;
    s->last = now;
    s->buckets[bucket_of(latency)]++;
}

/* --- what is made of it --- */

static uint64_t traffic_mean_latency(const struct traffic_stats *s)
{
    return s->accesses ? s->latency_sum / s->accesses : 0;
}

/* A latency that `per_mille` of all accesses did not exceed: the shortest that the buckets tell. */
static uint64_t traffic_percentile(const struct traffic_stats *s, unsigned per_mille)
{
    uint64_t wanted = (s->accesses * per_mille + 999) / 1000;
    uint64_t found = 0;

    for (unsigned i = 0; i < BUCKETS; i++) {
        found += s->buckets[i];
        if (found >= wanted)
            return longest_in(i) < s->latency_max ? longest_in(i) : s->latency_max;
    }
    return s->latency_max;
}

/* In 10^6 bytes per second, which is in bytes per 10^6 picoseconds. `scale` keeps the product below
 * 2^64. */
static uint64_t traffic_bandwidth(const struct traffic_stats *s)
{
    const uint64_t million = 1000000;
    uint64_t scale = s->bytes / (UINT64_MAX / million) + 1;
    uint64_t time = (s->last - s->first) / scale;

    return time ? s->bytes / scale * million / time : 0;
}

uint64_t traffic_statistic_of(const traffic *t, enum traffic_statistic which)
{
    const struct traffic_stats *s = &t->stats;

    switch (which) {
#define TRAFFIC_STATISTIC(name, text, value, help)                                                 \
    case TRAFFIC_##name:                                                                           \
        return value;
#include "traffic/traffic_statistics.def"
#undef TRAFFIC_STATISTIC
    case TRAFFIC_STATISTICS:
        break;
    }
    return 0;
}

const char *traffic_statistic_name(enum traffic_statistic which)
{
    static const char *const names[] = {
#define TRAFFIC_STATISTIC(name, text, ...) [TRAFFIC_##name] = text,
#include "traffic/traffic_statistics.def"
#undef TRAFFIC_STATISTIC
    };

    return names[which];
}
