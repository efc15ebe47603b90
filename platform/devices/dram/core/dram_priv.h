/* SPDX-License-Identifier: Apache-2.0 */
/* A channel: its queue of bursts, its banks, its data bus. */
#ifndef DRAM_PRIV_H
#define DRAM_PRIV_H

#include "dram/dram.h"

/* A burst in the queue of its channel. */
struct dram_burst {
    uint64_t number; /* address in bursts */
    uint64_t row;
    unsigned bank;
    bool write;
    bool issued;          /* its command has a time */
    uint64_t entered;     /* the queue */
    uint64_t end;         /* of its data, once it is issued; its place in the queue is free then */
    uint32_t passed;      /* how often younger ones went before it */
    struct dram_txn *txn; /* who waits for its data, NULL: nobody */
};

/* A bank; of each command the first time at which it may come. */
struct dram_bank {
    bool open;
    uint64_t row;
    uint64_t activate;
    uint64_t precharge;
};

enum { DRAM_ACTS = 4 }; /* that tfaw is about */

struct dram_channel {
    struct dram_burst *queue; /* in the order of arrival */
    unsigned count;
    struct dram_bank *banks;
    uint64_t read_at; /* the first command that the data bus allows */
    uint64_t write_at;
    bool writing;               /* the direction of the last burst */
    uint64_t act_at;            /* the first ACT of another bank */
    uint64_t faw_at[DRAM_ACTS]; /* the first ACT that each of the last four allows, by tfaw */
    unsigned oldest_act;        /* of these */
    uint64_t decide_at;         /* when the next burst is to be chosen */
    uint64_t refresh_at;        /* when the next refresh is due */
};

/* Choose bursts and give them times, as long as that is due at `now`. */
void dram_channel_schedule(struct dram_channel *ch, const struct dram_config *config, uint64_t now,
                           struct dram_stats *stats);

/* Let bursts whose data are there leave the queue. */
void dram_channel_retire(struct dram_channel *ch, uint64_t now);

/* When dram_channel_schedule() is due. */
uint64_t dram_channel_due(const struct dram_channel *ch);

/* When the first burst leaves a queue that is full. */
uint64_t dram_channel_room(const struct dram_channel *ch);

#endif
