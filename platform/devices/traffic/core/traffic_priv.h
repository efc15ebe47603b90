/* SPDX-License-Identifier: Apache-2.0 */
/* State of the traffic generator, shared by its files. */
#ifndef TRAFFIC_PRIV_H
#define TRAFFIC_PRIV_H

#include "traffic/traffic.h"
#include "traffic_random.h"

#define STATUS_BUSY (1u << 0)
#define STATUS_DONE (1u << 1)

/* Latencies are counted in buckets: one for each value below 2^BUCKET_BITS, then 2^BUCKET_BITS for
 * each power of two. */
#define BUCKET_BITS 4u
#define BUCKETS     ((64u - BUCKET_BITS + 1u) << BUCKET_BITS)

struct traffic_stats {
    uint64_t accesses;
    uint64_t writes;
    uint64_t errors;
    uint64_t bytes;
    uint64_t latency_sum;
    uint64_t latency_min;
    uint64_t latency_max;
    uint64_t waited;
    uint64_t first;
    uint64_t last;
    uint64_t buckets[BUCKETS];
};

/* An access that is outstanding. */
struct traffic_slot {
    uint64_t due;
    uint64_t issued; /* not before `due` */
    uint32_t bytes;
    bool write;
};

/* Members are as wide as what 64-bit accesses see, also of 32-bit registers. */
struct traffic {
    struct traffic_ops ops;
    struct traffic_config config;
    /* registers */
    uint64_t status;
    uint64_t irq_enable; /* CTRL.IRQ_EN in its place */
    bool out;            /* level of the interrupt */
    /* the run */
    bool starting;  /* it was asked for, and its time is not known yet */
    bool stop;      /* it was asked to end */
    uint64_t begin; /* its start */
    uint64_t issued;
    bool arriving; /* `due` is that of the next access, else of the last */
    uint64_t due;
    struct traffic_random direction;
    struct traffic_random arrival;
    struct traffic_stats stats;
    /* where the pattern is */
    struct traffic_random address;
    uint64_t position; /* in the window, or the piece; the next address of a chase */
    size_t index;      /* of the piece, or the record */
    bool broken;       /* the chase has met an access that failed */
    struct traffic_piece *made_up;
    /* slots: free[0] to free[free_count - 1] are the numbers of those that are free */
    struct traffic_slot *slot;
    unsigned *free;
    unsigned slots;
    unsigned free_count;
};

/* --- traffic_pattern.c: indexed by enum traffic_pattern --- */

struct traffic_pattern_row {
    bool window;    /* it goes by the window */
    bool dependent; /* an access needs the answer to the one before */
    /* Go to the first access. */
    void (*begin)(traffic *t);
    /* Whether there is another; NULL: always. */
    bool (*more)(const traffic *t);
    /* Put into `a` what the pattern decides of the next one, and go on. */
    void (*next)(traffic *t, struct traffic_access *a);
    /* An access was answered: as traffic_complete(). May be NULL. */
    void (*answered)(traffic *t, bool ok, const uint8_t *data);
};

extern const struct traffic_pattern_row traffic_pattern_rows[];

/* --- traffic_arrival.c: indexed by enum traffic_arrival --- */

struct traffic_arrival_row {
    bool interval; /* it goes by the interval */
    /* When the next access is due, which could be issued `now`. */
    uint64_t (*due)(traffic *t, uint64_t now);
};

extern const struct traffic_arrival_row traffic_arrival_rows[];

/* --- traffic_stats.c --- */

/* The access of `slot` was answered `now`. */
void traffic_count_answered(struct traffic_stats *s, const struct traffic_slot *slot, uint64_t now,
                            bool ok);

/* --- traffic.c: what registers do --- */

/* End the run as soon as nothing is outstanding. */
void traffic_stop(traffic *t);

/* Drive the interrupt after any change of what it depends on. */
void traffic_update_irq(traffic *t);

#endif
