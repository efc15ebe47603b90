/* SPDX-License-Identifier: Apache-2.0 */
/* The timing of a DRAM behind its controller: banks with rows, a data bus that turns around,
 * refresh, and a queue for each channel out of which row hits go first. Knows addresses, and
 * nothing of data. Times are picoseconds.
 *
 * A transaction arrives and is accepted when all its bursts have entered queues, in the order of
 * arrival; so the transactions before it have been accepted too. A write has its response then, a
 * read when all its data have come. */
#ifndef DRAM_DRAM_H
#define DRAM_DRAM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Parts of an address. */
enum dram_field { DRAM_ROW, DRAM_BANK, DRAM_COLUMN, DRAM_CHANNEL, DRAM_FIELD_COUNT };

/* Page policies: rows of dram/dram.def. */
enum dram_policy {
#define DRAM_POLICY(name, text, help) DRAM_##name,
#include "dram/dram.def"
};

/* Presets: rows of dram/dram.def. */
enum dram_preset {
#define DRAM_PRESET(name, text, help) DRAM_##name,
#include "dram/dram.def"
    DRAM_PRESET_COUNT
};

/* Parameters: rows of dram/dram.def. */
struct dram_config {
#define DRAM_COUNT(name, ...) uint32_t name;
#define DRAM_TIME(name, ...)  uint64_t name;
#include "dram/dram.def"
    enum dram_policy policy;
    enum dram_field map[DRAM_FIELD_COUNT]; /* the most significant part first */
};

/* What is wrong with a configuration; strings are constants. */
struct dram_error {
    const char *field; /* member of struct dram_config */
    const char *reason;
};

/* Set all of `config`. The map is row, bank, column, channel. */
void dram_config_preset(struct dram_config *config, enum dram_preset preset);

/* Whether a DRAM can have this configuration; if not, `error` says why. */
bool dram_config_check(const struct dram_config *config, struct dram_error *error);

/* The map that `text` describes, the most significant part first: "row:bank:column:channel". False
 * if it does not name each part once; `map` is undefined then. */
bool dram_parse_map(const char *text, enum dram_field map[DRAM_FIELD_COUNT]);

/* What has happened. */
struct dram_stats {
    uint64_t reads; /* bursts */
    uint64_t writes;
    uint64_t row_hits;
    uint64_t row_misses;    /* the bank had no open row */
    uint64_t row_conflicts; /* the bank had another */
    uint64_t turnarounds;   /* of the data bus */
    uint64_t refreshes;     /* of a channel; those that nobody noticed do not count */
    uint64_t waiting; /* sum of the times of bursts from their entry into a queue to their data */
};

/* A transaction. The caller owns it, fills the first part and leaves the second zero; it stays
 * where it is until DRAM_RESPONDED or dram_forget(). */
struct dram_txn {
    uint64_t address; /* from the start of the memory, which has all bytes */
    uint32_t bytes;   /* 0: it has no data, and its response comes after `frontend` */
    bool write;
    bool ordered; /* with others of the same stream, ID and direction: responses come in order */
    uint32_t stream;
    uint32_t id;
    void *owner;

    uint64_t first; /* the rest is the DRAM's: numbers of its bursts, */
    uint64_t last;
    uint64_t queued; /* how many of them have entered a queue, */
    uint64_t left;   /* how many have no time for their data yet */
    uint64_t due;    /* of the response; until `left` is 0, the last data so far */
    struct dram_txn *next;
};

/* What happens to a transaction. */
enum dram_step {
    DRAM_ACCEPTED,  /* the next may arrive */
    DRAM_RESPONDED, /* its response is there, and it is forgotten */
};

struct dram;

/* A DRAM of `size` bytes; NULL if the configuration does not pass dram_config_check() or memory is
 * short. */
struct dram *dram_create(const struct dram_config *config, uint64_t size);
void dram_destroy(struct dram *dram); /* NULL is fine */
const struct dram_stats *dram_get_stats(const struct dram *dram);

/* `txn` arrives. It may be one of several that have not been accepted. */
void dram_arrive(struct dram *dram, struct dram_txn *txn);

/* Nobody waits for `txn` any more, wherever it is. Bursts that are in queues stay there. */
void dram_forget(struct dram *dram, struct dram_txn *txn);

/* The next thing that happens at `now`: to whom, and what; NULL if nothing more does. To be called
 * until it gives NULL, after each of the calls above and at each time that dram_next() gives. */
struct dram_txn *dram_advance(struct dram *dram, uint64_t now, enum dram_step *step);

/* When something will happen next, after dram_advance(dram, now) gave NULL; DRAM_NEVER if not
 * before another call. */
#define DRAM_NEVER UINT64_MAX
uint64_t dram_next(const struct dram *dram);

#ifdef __cplusplus
}
#endif

#endif
