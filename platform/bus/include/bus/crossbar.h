/* SPDX-License-Identifier: Apache-2.0 */
/* The timing of an interconnect: which request goes when, and when its response arrives. Knows
 * nothing of addresses and data. Times are picoseconds.
 *
 * A transaction arrives at an upstream port, waits there for the grant of its downstream port,
 * occupies that port for the beats of its request and is delivered to the target. The response of
 * the target comes back to the upstream port, waits for its turn there and occupies the port for
 * its beats. Requests of one port are granted in the order of their arrival, as are responses. */
#ifndef BUS_CROSSBAR_H
#define BUS_CROSSBAR_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a downstream port chooses between requests: rows of bus/port.def. */
enum crossbar_arbitration {
#define BUS_ARBITRATION(name, text, help) CROSSBAR_##name,
#include "bus/port.def"
};

/* What a port has: rows of bus/port.def. All zero: it takes no time and limits nothing. */
struct crossbar_port {
#define BUS_PARAMETER(name, unit, most, help) uint64_t name;
#include "bus/port.def"
    enum crossbar_arbitration arbitration; /* of a downstream port */
};

/* What a port has done. The channel of an upstream port is that of responses, the one of a
 * downstream port that of requests. */
struct crossbar_stats {
    uint64_t transactions; /* that have entered the channel */
    uint64_t bytes;        /* of their data, read or written */
    uint64_t busy;         /* time in which the channel was occupied */
    uint64_t waiting;      /* sum of the times that transactions waited for the channel */
};

/* Where a transaction is. */
enum crossbar_stage {
    CROSSBAR_NOWHERE,
    CROSSBAR_REQUESTING, /* at the upstream port, not granted */
    CROSSBAR_GOING,      /* granted, on the way to the target */
    CROSSBAR_OFFERED,    /* delivered, not accepted by the target yet */
    CROSSBAR_SERVED,     /* by the target */
    CROSSBAR_RETURNING,  /* the response is on the way to the upstream port */
    CROSSBAR_RESPONDING, /* the response waits for its turn */
    CROSSBAR_CROSSING,   /* the response occupies the upstream port */
};

/* A transaction. The caller owns it, fills the first part and leaves the second zero; it stays
 * where it is until crossbar_end(). */
struct crossbar_txn {
    unsigned up; /* numbers of its ports */
    unsigned down;
    uint32_t bytes; /* of data */
    bool read;      /* data come with the response */
    bool write;     /* data come with the request */
    uint8_t qos;    /* 0 to 15, 15 is most urgent */
    void *owner;

    enum crossbar_stage stage; /* the rest is the crossbar's */
    uint64_t due;              /* when it has arrived where it is going */
    uint64_t since;            /* when it began to wait for its channel */
    struct crossbar_txn *next; /* in its queue */
};

/* What happens to a transaction. */
enum crossbar_step {
    CROSSBAR_GRANTED,   /* its request has left the upstream port, where the next may arrive */
    CROSSBAR_DELIVERED, /* its request has arrived at the target */
    CROSSBAR_RETURNED,  /* its response has crossed the upstream port */
};

struct crossbar;

/* A crossbar of `ups` upstream and `downs` downstream ports, all of whose parameters are zero; NULL
 * if memory is short. */
struct crossbar *crossbar_create(unsigned ups, unsigned downs);
void crossbar_destroy(struct crossbar *x); /* NULL is fine */

/* The parameters of a port, to be set before the first transaction; and what it has done. The
 * number is in range. Valid as long as the crossbar. */
struct crossbar_port *crossbar_up(struct crossbar *x, unsigned port);
struct crossbar_port *crossbar_down(struct crossbar *x, unsigned port);
const struct crossbar_stats *crossbar_up_stats(const struct crossbar *x, unsigned port);
const struct crossbar_stats *crossbar_down_stats(const struct crossbar *x, unsigned port);

/* The request of `txn` arrives at its upstream port. */
void crossbar_arrive(struct crossbar *x, struct crossbar_txn *txn, uint64_t now);

/* The target has accepted the request of `txn`, which was delivered to it. */
void crossbar_accept(struct crossbar *x, struct crossbar_txn *txn);

/* The target responds to `txn`, which it has accepted. */
void crossbar_respond(struct crossbar *x, struct crossbar_txn *txn, uint64_t now);

/* `txn` leaves the crossbar: its response has returned and was taken, or nobody wants it any more,
 * at any stage. Nothing is left of it here. */
void crossbar_end(struct crossbar *x, struct crossbar_txn *txn, uint64_t now);

/* The next thing that happens at `now`: to whom, and what; NULL if nothing more does. To be called
 * until it gives NULL, after each of the calls above and at each time that crossbar_next() gives.
 */
struct crossbar_txn *crossbar_advance(struct crossbar *x, uint64_t now, enum crossbar_step *step);

/* When something will happen next, after crossbar_advance(x, now) gave NULL; CROSSBAR_NEVER if not
 * before another call. */
#define CROSSBAR_NEVER UINT64_MAX
uint64_t crossbar_next(const struct crossbar *x, uint64_t now);

#ifdef __cplusplus
}
#endif

#endif
