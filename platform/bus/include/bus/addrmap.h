/* SPDX-License-Identifier: Apache-2.0 */
/* An address map: disjoint address ranges, each with the number of the port that answers there. */
#ifndef BUS_ADDRMAP_H
#define BUS_ADDRMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct addrmap_entry {
    uint64_t first; /* addresses of the first and the last byte */
    uint64_t last;
    unsigned port;
};

struct addrmap; /* entries sorted by address */

struct addrmap *addrmap_create(void);      /* empty; NULL if memory is short */
void addrmap_destroy(struct addrmap *map); /* NULL is fine */

enum addrmap_status {
    ADDRMAP_OK,
    ADDRMAP_EMPTY_RANGE, /* last < first */
    ADDRMAP_OVERLAP,     /* an entry has some of these addresses already */
    ADDRMAP_NO_MEMORY,
};

/* Add a copy of `entry`. The map is unchanged unless the answer is ADDRMAP_OK. Pointers to entries
 * handed out before are no longer valid. */
enum addrmap_status addrmap_add(struct addrmap *map, const struct addrmap_entry *entry);

size_t addrmap_count(const struct addrmap *map);

/* The i-th entry in order of address; i < addrmap_count(). */
const struct addrmap_entry *addrmap_at(const struct addrmap *map, size_t i);

/* The entry that has `addr`; NULL if there is none. `hint` (never NULL) remembers the last answer
 * for the next call by the same caller; start it at 0. */
const struct addrmap_entry *addrmap_find(const struct addrmap *map, uint64_t addr, size_t *hint);

/* The largest range around `addr` that no entry has; false if one has it. */
bool addrmap_gap(const struct addrmap *map, uint64_t addr, uint64_t *first, uint64_t *last);

#ifdef __cplusplus
}
#endif

#endif
