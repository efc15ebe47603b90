/* SPDX-License-Identifier: Apache-2.0 */
/* State of an ITS, shared by its files and by nobody else. */
#ifndef ITS_PRIV_H
#define ITS_PRIV_H

#include "gic/its.h"

#define ITS_DEVICE_BITS     20u
#define ITS_EVENT_BITS      16u
#define ITS_COLLECTION_BITS 16u
#define ITS_INTID_BITS      16u
#define ITS_ENTRY_SIZE      8u /* bytes, in every table */

/* GITS_BASER<n>: which table is n. */
enum its_table { ITS_DEVICES, ITS_COLLECTIONS, ITS_TABLES };

struct its {
    struct its_ops ops;
    gic *gic;
    /* registers */
    bool enabled; /* GITS_CTLR.Enabled */
    uint64_t cbaser;
    uint64_t cwriter; /* offset of the next command to be written */
    uint64_t creadr;  /* offset of the next command to be processed */
    bool stalled;     /* GITS_CREADR.Stalled */
    uint64_t baser[ITS_TABLES];
    /* the rest */
    bool running; /* in its_run() */
    struct its_stats stats;
};

#define GITS_CBASER_VALID (UINT64_C(1) << 63)
#define GITS_BASER_VALID  (UINT64_C(1) << 63)
#define ITS_PAGE_64K      (UINT64_C(2) << 8) /* GITS_BASER<n>.Page_Size */

/* Bits high..low of a word. */
static inline uint64_t its_bits(uint64_t word, unsigned high, unsigned low)
{
    return (word >> low) & (~UINT64_C(0) >> (63 - (high - low)));
}

/* The same of fields of at most 32 and 16 bits. */
static inline uint32_t its_bits32(uint64_t word, unsigned high, unsigned low)
{
    return (uint32_t)its_bits(word, high, low);
}

static inline uint16_t its_bits16(uint64_t word, unsigned high, unsigned low)
{
    return (uint16_t)its_bits(word, high, low);
}

/* its.c: ask for its_run() if there are commands to process. */
void its_ring(struct its *i);
/* its.c: nothing is being processed, and nothing will be (GITS_CTLR.Quiescent). */
bool its_quiescent(const struct its *i);
/* its.c: a write to GITS_TRANSLATER. */
void its_message(struct its *i, uint32_t device_id, uint32_t event_id);

/* its_table.c: entries of the tables, decoded. */
struct its_device {
    uint64_t itt;        /* address of its interrupt translation table */
    unsigned event_bits; /* of its EventIDs: 1 to ITS_EVENT_BITS */
};
struct its_interrupt {
    uint32_t intid;
    uint16_t collection;
};
struct its_collection {
    unsigned pe;
};
/* Whether `id` is one that the table has room for: where it is not, or memory does not answer, the
 * functions below return false. */
bool its_in_table(struct its *i, enum its_table table, uint32_t id);
/* Look up what is mapped; false if nothing is. */
bool its_device_get(struct its *i, uint32_t id, struct its_device *device);
bool its_collection_get(struct its *i, uint32_t id, struct its_collection *collection);
bool its_interrupt_get(struct its *i, const struct its_device *device, uint32_t event,
                       struct its_interrupt *interrupt);
/* Map; NULL unmaps. False if the entry cannot be written. */
bool its_device_put(struct its *i, uint32_t id, const struct its_device *device);
bool its_collection_put(struct its *i, uint32_t id, const struct its_collection *collection);
bool its_interrupt_put(struct its *i, const struct its_device *device, uint32_t event,
                       const struct its_interrupt *interrupt);

/* its_cmd.c: the way from an event to an LPI of a PE; false if a link is missing. */
struct its_route {
    struct its_device device;
    struct its_interrupt interrupt;
    struct its_collection collection;
};
bool its_route(struct its *i, uint32_t device_id, uint32_t event_id, struct its_route *route);
/* its_cmd.c: perform a command of four doublewords; false: a command error. */
#define ITS_COMMAND_SIZE 32u
bool its_execute(struct its *i, const uint64_t command[4]);

/* its_table.c: little-endian doublewords in memory; false if it does not answer. */
bool its_load(struct its *i, uint64_t addr, uint64_t *words, unsigned count);

#endif
