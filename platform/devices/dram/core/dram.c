/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions of a DRAM: into the queues of channels in the order of their arrival, out of them by
 * their responses. */
#include <stdlib.h>

#include "dram_priv.h"

struct list {
    struct dram_txn *first;
    struct dram_txn *last;
};

struct dram {
    struct dram_config config;
    struct dram_stats stats;
    uint64_t rows; /* of a bank */
    struct dram_channel *channels;
    struct list arrived;  /* not accepted */
    struct list accepted; /* without response */
};

static bool make_channel(struct dram_channel *ch, const struct dram_config *config)
{
    ch->queue = calloc(config->queue, sizeof *ch->queue);
    ch->banks = calloc(config->banks, sizeof *ch->banks);
    ch->refresh_at = config->trefi;
    return ch->queue != NULL && ch->banks != NULL;
}

struct dram *dram_create(const struct dram_config *config, uint64_t size)
{
    struct dram_error error;
    struct dram *dram = NULL;

    if (!dram_config_check(config, &error) || (dram = calloc(1, sizeof *dram)) == NULL)
        return NULL;
    dram->config = *config;
    dram->rows = size / config->channels / config->banks / config->row_bytes + 1;
    dram->channels = calloc(config->channels, sizeof *dram->channels);
    for (unsigned i = 0; dram->channels != NULL && i < config->channels; i++) {
        if (!make_channel(&dram->channels[i], config)) {
            dram_destroy(dram);
            return NULL;
        }
    }
    if (dram->channels == NULL) {
        free(dram);
        return NULL;
    }
    return dram;
}

void dram_destroy(struct dram *dram)
{
    if (dram == NULL)
        return;
    for (unsigned i = 0; i < dram->config.channels; i++) {
        free(dram->channels[i].queue);
        free(dram->channels[i].banks);
    }
    free(dram->channels);
    free(dram);
}

const struct dram_stats *dram_get_stats(const struct dram *dram)
{
    return &dram->stats;
}

/* ---- Lists ---- */

static void append(struct list *list, struct dram_txn *txn)
{
    txn->next = NULL;
    if (list->first == NULL)
        list->first = txn;
    else
        list->last->next = txn;
    list->last = txn;
}

/* Returns whether it was there. */
static bool take_out(struct list *list, const struct dram_txn *txn)
{
    struct dram_txn *before = NULL;

    for (struct dram_txn **link = &list->first; *link != NULL; link = &before->next) {
        if (*link == txn) {
            *link = txn->next;
            if (list->last == txn)
                list->last = before;
            return true;
        }
        before = *link;
    }
    return false;
}

/* ---- Addresses ---- */

struct place {
    unsigned channel;
    unsigned bank;
    uint64_t row;
};

/* Where a burst is: its number is taken apart, from the least significant part on. */
static struct place locate(const struct dram *dram, uint64_t number)
{
    const struct dram_config *config = &dram->config;
    const uint64_t sizes[DRAM_FIELD_COUNT] = {
        [DRAM_ROW] = dram->rows,
        [DRAM_BANK] = config->banks,
        [DRAM_COLUMN] = config->row_bytes / config->burst_bytes,
        [DRAM_CHANNEL] = config->channels,
    };
    uint64_t parts[DRAM_FIELD_COUNT];

    for (unsigned i = DRAM_FIELD_COUNT; i-- > 0;) {
        const enum dram_field field = config->map[i];
        parts[field] = number % sizes[field];
        number /= sizes[field];
    }
    return (struct place){(unsigned)parts[DRAM_CHANNEL], (unsigned)parts[DRAM_BANK],
                          parts[DRAM_ROW]};
}

/* The channel of the next burst of `txn`, which has one. */
static struct dram_channel *channel_of_next(const struct dram *dram, const struct dram_txn *txn)
{
    return &dram->channels[locate(dram, txn->first + txn->queued).channel];
}

/* ---- In ---- */

static bool is_queued(const struct dram_txn *txn)
{
    return txn->bytes == 0 || txn->queued == txn->last - txn->first + 1;
}

static void enter_next(struct dram *dram, struct dram_txn *txn, uint64_t now)
{
    const uint64_t number = txn->first + txn->queued++;
    const struct place place = locate(dram, number);
    struct dram_channel *ch = &dram->channels[place.channel];

    ch->queue[ch->count++] = (struct dram_burst){
        .number = number,
        .row = place.row,
        .bank = place.bank,
        .write = txn->write,
        .entered = now,
        .txn = txn->write ? NULL : txn,
    };
}

void dram_arrive(struct dram *dram, struct dram_txn *txn)
{
    const uint64_t last_byte = txn->address + (txn->bytes == 0 ? 0 : txn->bytes - 1);

    txn->first = txn->address / dram->config.burst_bytes;
    txn->last = last_byte / dram->config.burst_bytes;
    txn->queued = 0;
    txn->left = txn->write || txn->bytes == 0 ? 0 : txn->last - txn->first + 1;
    txn->due = 0;
    append(&dram->arrived, txn);
}

/* The first that has arrived, if now all of it is in queues. */
static struct dram_txn *accept_one(struct dram *dram, uint64_t now)
{
    struct dram_txn *txn = dram->arrived.first;

    if (txn == NULL)
        return NULL;
    while (!is_queued(txn) && channel_of_next(dram, txn)->count < dram->config.queue)
        enter_next(dram, txn, now);
    if (!is_queued(txn))
        return NULL;
    take_out(&dram->arrived, txn);
    append(&dram->accepted, txn);
    if (txn->left == 0 && (txn->write || txn->bytes == 0))
        txn->due = now;
    return txn;
}

/* ---- Out ---- */

/* When the response of `txn`, all of whose times are known, is there. */
static uint64_t response_of(const struct dram *dram, const struct dram_txn *txn)
{
    const bool data = !txn->write && txn->bytes != 0;

    return txn->due + dram->config.frontend + (data ? dram->config.backend : 0);
}

/* Whether the response of `txn` has to come after one that is not there. */
static bool is_behind(const struct dram *dram, const struct dram_txn *txn)
{
    if (!txn->ordered)
        return false;
    for (const struct dram_txn *older = dram->accepted.first; older != txn; older = older->next)
        if (older->ordered && older->stream == txn->stream && older->id == txn->id &&
            older->write == txn->write)
            return true;
    return false;
}

static struct dram_txn *respond_one(struct dram *dram, uint64_t now)
{
    for (struct dram_txn *txn = dram->accepted.first; txn != NULL; txn = txn->next) {
        if (txn->left != 0 || response_of(dram, txn) > now || is_behind(dram, txn))
            continue;
        take_out(&dram->accepted, txn);
        return txn;
    }
    return NULL;
}

void dram_forget(struct dram *dram, struct dram_txn *txn)
{
    if (!take_out(&dram->arrived, txn))
        take_out(&dram->accepted, txn);
    for (unsigned i = 0; i < dram->config.channels; i++) {
        struct dram_channel *ch = &dram->channels[i];
        for (unsigned k = 0; k < ch->count; k++)
            if (ch->queue[k].txn == txn)
                ch->queue[k].txn = NULL;
    }
}

/* ---- Time ---- */

struct dram_txn *dram_advance(struct dram *dram, uint64_t now, enum dram_step *step)
{
    struct dram_txn *txn = NULL;

    for (unsigned i = 0; i < dram->config.channels; i++)
        dram_channel_retire(&dram->channels[i], now);
    *step = DRAM_ACCEPTED;
    if ((txn = accept_one(dram, now)) != NULL)
        return txn;
    for (unsigned i = 0; i < dram->config.channels; i++)
        dram_channel_schedule(&dram->channels[i], &dram->config, now, &dram->stats);
    *step = DRAM_RESPONDED;
    return respond_one(dram, now);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t dram_next(const struct dram *dram)
{
    uint64_t next = DRAM_NEVER;

    for (unsigned i = 0; i < dram->config.channels; i++)
        next = earlier(next, dram_channel_due(&dram->channels[i]));
    if (dram->arrived.first != NULL)
        next = earlier(next, dram_channel_room(channel_of_next(dram, dram->arrived.first)));
    for (const struct dram_txn *txn = dram->accepted.first; txn != NULL; txn = txn->next)
        if (txn->left == 0 && !is_behind(dram, txn))
            next = earlier(next, response_of(dram, txn));
    return next;
}
