/* SPDX-License-Identifier: Apache-2.0 */
/* Arrivals: when the next access is due. */
#include "traffic_priv.h"

static uint64_t due_closed(traffic *t, uint64_t now)
{
    (void)t;
    return now;
}

static uint64_t due_interval(traffic *t, uint64_t now)
{
    (void)now;
    return t->issued == 0 ? t->begin : t->due + t->config.interval_ps;
}

static uint64_t due_poisson(traffic *t, uint64_t now)
{
    (void)now;
    uint64_t last = t->issued == 0 ? t->begin : t->due;
    return last + traffic_random_exponential(&t->arrival, t->config.interval_ps);
}

static uint64_t due_recorded(traffic *t, uint64_t now)
{
    (void)now;
    return t->begin + t->config.records[t->index].time;
}

const struct traffic_arrival_row traffic_arrival_rows[] = {
    [TRAFFIC_CLOSED] = {.due = due_closed},
    [TRAFFIC_INTERVAL] = {.interval = true, .due = due_interval},
    [TRAFFIC_POISSON] = {.interval = true, .due = due_poisson},
    [TRAFFIC_RECORDED] = {.due = due_recorded},
};
