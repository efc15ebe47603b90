/* SPDX-License-Identifier: Apache-2.0 */
/* The crossbar: queues of transactions, each in the order of time, and what may move on. */
#include "bus/crossbar.h"

#include <stdlib.h>

struct queue {
    struct crossbar_txn *first;
    struct crossbar_txn *last;
};

struct upstream {
    struct crossbar_port port;
    struct crossbar_stats stats;
    struct queue requests;  /* that wait for their grants; the first competes */
    struct queue responses; /* that wait for the port */
    struct crossbar_txn *crossing;
    uint64_t since; /* when that began */
    bool told;      /* that it has returned */
    uint64_t outstanding;
};

struct downstream {
    struct crossbar_port port;
    struct crossbar_stats stats;
    struct queue going; /* in the order of their arrival at the target */
    uint64_t under_way; /* requests that are going, or offered and not accepted */
    uint64_t offered;
    struct queue returning; /* responses, in the order of their arrival at upstream ports */
    uint64_t free_at;       /* when the last request has left the port */
    uint64_t outstanding;
    unsigned last; /* upstream port that was granted last */
};

struct crossbar {
    unsigned up_count;
    unsigned down_count;
    struct upstream *ups;
    struct downstream *downs;
};

struct crossbar *crossbar_create(unsigned ups, unsigned downs)
{
    struct crossbar *x = calloc(1, sizeof *x);

    if (x == NULL)
        return NULL;
    *x = (struct crossbar){.up_count = ups, .down_count = downs};
    x->ups = calloc(ups, sizeof *x->ups);
    x->downs = calloc(downs, sizeof *x->downs);
    if ((ups != 0 && x->ups == NULL) || (downs != 0 && x->downs == NULL)) {
        crossbar_destroy(x);
        return NULL;
    }
    for (unsigned i = 0; i < downs; i++)
        x->downs[i].last = ups - 1; /* port 0 is next */
    return x;
}

void crossbar_destroy(struct crossbar *x)
{
    if (x == NULL)
        return;
    free(x->ups);
    free(x->downs);
    free(x);
}

struct crossbar_port *crossbar_up(struct crossbar *x, unsigned port)
{
    return &x->ups[port].port;
}

struct crossbar_port *crossbar_down(struct crossbar *x, unsigned port)
{
    return &x->downs[port].port;
}

const struct crossbar_stats *crossbar_up_stats(const struct crossbar *x, unsigned port)
{
    return &x->ups[port].stats;
}

const struct crossbar_stats *crossbar_down_stats(const struct crossbar *x, unsigned port)
{
    return &x->downs[port].stats;
}

/* ---- Queues ---- */

static void append(struct queue *q, struct crossbar_txn *txn)
{
    txn->next = NULL;
    if (q->first == NULL)
        q->first = txn;
    else
        q->last->next = txn;
    q->last = txn;
}

static void take_out(struct queue *q, const struct crossbar_txn *txn)
{
    struct crossbar_txn *before = NULL;
    struct crossbar_txn **link = &q->first;

    while (*link != txn) {
        before = *link;
        link = &before->next;
    }
    *link = txn->next;
    if (q->last == txn)
        q->last = before;
}

/* Whether the first of `q` has arrived by `now`. */
static bool is_due(const struct queue *q, uint64_t now)
{
    return q->first != NULL && q->first->due <= now;
}

/* ---- Ports ---- */

/* How long a port is occupied by a transaction, whose data cross it or not. */
static uint64_t time_of(const struct crossbar_port *port, uint32_t bytes, bool data)
{
    uint64_t beats = 1;

    if (data && port->width != 0 && bytes > port->width)
        beats = (bytes + port->width - 1) / port->width;
    return beats * port->period;
}

static void count(struct crossbar_stats *stats, const struct crossbar_txn *txn, uint64_t now)
{
    stats->transactions++;
    stats->waiting += now - txn->since;
    if (txn->read || txn->write)
        stats->bytes += txn->bytes;
}

/* Whether the way to a target has room for one more request: for those that `forward` holds in full
 * flow, one that leaves the port and one that the target has not accepted. Where the flow is
 * unlimited, because beats take no time, nothing is sent after a request that the target has not
 * accepted. */
static bool has_room(const struct downstream *down)
{
    const struct crossbar_port *port = &down->port;

    if (port->period == 0)
        return down->offered == 0;
    return down->under_way < 2 + port->forward / port->period;
}

/* Whether nothing but the time until `free_at` keeps a downstream port from a grant. */
static bool is_open(const struct downstream *down)
{
    return has_room(down) && (down->port.issuing == 0 || down->outstanding < down->port.issuing);
}

/* The request with which an upstream port competes; NULL if it does not. */
static struct crossbar_txn *candidate(const struct upstream *up)
{
    const bool full = up->port.acceptance != 0 && up->outstanding >= up->port.acceptance;

    return full ? NULL : up->requests.first;
}

static struct crossbar_txn *choose(const struct crossbar *x, unsigned down)
{
    const enum crossbar_arbitration arbitration = x->downs[down].port.arbitration;
    const unsigned first = arbitration == CROSSBAR_FIXED ? 0 : x->downs[down].last + 1;
    struct crossbar_txn *best = NULL;

    for (unsigned i = 0; i < x->up_count; i++) {
        struct crossbar_txn *txn = candidate(&x->ups[(first + i) % x->up_count]);
        if (txn == NULL || txn->down != down)
            continue;
        if (best == NULL || (arbitration == CROSSBAR_QOS && txn->qos > best->qos))
            best = txn;
    }
    return best;
}

/* ---- Steps ---- */

static void grant(struct crossbar *x, struct crossbar_txn *txn, uint64_t now)
{
    struct upstream *up = &x->ups[txn->up];
    struct downstream *down = &x->downs[txn->down];
    const uint64_t occupied = time_of(&down->port, txn->bytes, txn->write);

    count(&down->stats, txn, now);
    down->stats.busy += occupied;
    down->free_at = now + occupied;
    down->last = txn->up;
    down->outstanding++;
    down->under_way++;
    up->outstanding++;
    take_out(&up->requests, txn);
    append(&down->going, txn);
    txn->due = down->free_at + down->port.forward;
    txn->stage = CROSSBAR_GOING;
}

static struct crossbar_txn *grant_one(struct crossbar *x, uint64_t now)
{
    for (unsigned i = 0; i < x->up_count; i++) {
        struct crossbar_txn *txn = candidate(&x->ups[i]);
        if (txn == NULL || x->downs[txn->down].free_at > now || !is_open(&x->downs[txn->down]))
            continue;
        txn = choose(x, txn->down);
        grant(x, txn, now);
        return txn;
    }
    return NULL;
}

static struct crossbar_txn *deliver_one(struct crossbar *x, uint64_t now)
{
    for (unsigned i = 0; i < x->down_count; i++) {
        struct downstream *down = &x->downs[i];
        struct crossbar_txn *txn = down->going.first;
        if (!is_due(&down->going, now))
            continue;
        take_out(&down->going, txn);
        down->offered++;
        txn->stage = CROSSBAR_OFFERED;
        return txn;
    }
    return NULL;
}

/* Responses that arrive at upstream ports queue there. */
static void collect(struct crossbar *x, uint64_t now)
{
    for (unsigned i = 0; i < x->down_count; i++) {
        struct queue *returning = &x->downs[i].returning;
        while (is_due(returning, now)) {
            struct crossbar_txn *txn = returning->first;
            take_out(returning, txn);
            append(&x->ups[txn->up].responses, txn);
            txn->since = txn->due;
            txn->stage = CROSSBAR_RESPONDING;
        }
    }
}

static void begin_crossing(struct upstream *up, uint64_t now)
{
    struct crossbar_txn *txn = up->responses.first;

    count(&up->stats, txn, now);
    take_out(&up->responses, txn);
    txn->due = now + time_of(&up->port, txn->bytes, txn->read);
    txn->stage = CROSSBAR_CROSSING;
    up->crossing = txn;
    up->since = now;
    up->told = false;
}

static struct crossbar_txn *return_one(struct crossbar *x, uint64_t now)
{
    for (unsigned i = 0; i < x->up_count; i++) {
        struct upstream *up = &x->ups[i];
        if (up->crossing == NULL && up->responses.first != NULL)
            begin_crossing(up, now);
        if (up->crossing == NULL || up->told || up->crossing->due > now)
            continue;
        up->told = true;
        return up->crossing;
    }
    return NULL;
}

struct crossbar_txn *crossbar_advance(struct crossbar *x, uint64_t now, enum crossbar_step *step)
{
    struct crossbar_txn *txn;

    *step = CROSSBAR_RETURNED;
    collect(x, now);
    if ((txn = return_one(x, now)) != NULL)
        return txn;
    *step = CROSSBAR_DELIVERED;
    if ((txn = deliver_one(x, now)) != NULL)
        return txn;
    *step = CROSSBAR_GRANTED;
    return grant_one(x, now);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t crossbar_next(const struct crossbar *x, uint64_t now)
{
    uint64_t next = CROSSBAR_NEVER;

    for (unsigned i = 0; i < x->up_count; i++) {
        const struct upstream *up = &x->ups[i];
        const struct crossbar_txn *txn = candidate(up);
        if (up->crossing != NULL && !up->told)
            next = earlier(next, up->crossing->due);
        if (txn != NULL && x->downs[txn->down].free_at > now && is_open(&x->downs[txn->down]))
            next = earlier(next, x->downs[txn->down].free_at);
    }
    for (unsigned i = 0; i < x->down_count; i++) {
        const struct downstream *down = &x->downs[i];
        if (down->going.first != NULL)
            next = earlier(next, down->going.first->due);
        if (down->returning.first != NULL)
            next = earlier(next, down->returning.first->due);
    }
    return next;
}

/* ---- What others do ---- */

void crossbar_arrive(struct crossbar *x, struct crossbar_txn *txn, uint64_t now)
{
    txn->stage = CROSSBAR_REQUESTING;
    txn->since = now;
    append(&x->ups[txn->up].requests, txn);
}

void crossbar_accept(struct crossbar *x, struct crossbar_txn *txn)
{
    x->downs[txn->down].offered--;
    x->downs[txn->down].under_way--;
    txn->stage = CROSSBAR_SERVED;
}

void crossbar_respond(struct crossbar *x, struct crossbar_txn *txn, uint64_t now)
{
    struct downstream *down = &x->downs[txn->down];

    down->outstanding--;
    txn->due = now + down->port.response;
    txn->stage = CROSSBAR_RETURNING;
    append(&down->returning, txn);
}

void crossbar_end(struct crossbar *x, struct crossbar_txn *txn, uint64_t now)
{
    struct upstream *up = &x->ups[txn->up];
    struct downstream *down = &x->downs[txn->down];

    switch (txn->stage) {
    case CROSSBAR_NOWHERE:
        return;
    case CROSSBAR_REQUESTING:
        take_out(&up->requests, txn);
        txn->stage = CROSSBAR_NOWHERE;
        return;
    case CROSSBAR_GOING:
        take_out(&down->going, txn);
        down->under_way--;
        down->outstanding--;
        break;
    case CROSSBAR_OFFERED:
        crossbar_accept(x, txn);
        down->outstanding--;
        break;
    case CROSSBAR_SERVED:
        down->outstanding--;
        break;
    case CROSSBAR_RETURNING:
        take_out(&down->returning, txn);
        break;
    case CROSSBAR_RESPONDING:
        take_out(&up->responses, txn);
        break;
    case CROSSBAR_CROSSING:
        up->stats.busy += now - up->since;
        up->crossing = NULL;
        break;
    }
    up->outstanding--;
    txn->stage = CROSSBAR_NOWHERE;
}
