/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of bytes of the medium, in a bounded number of ranges. */
#ifndef NVME_RANGES_H
#define NVME_RANGES_H

#include <stdbool.h>
#include <stdint.h>

#define NVME_RANGES 64u

struct range {
    uint64_t first;
    uint64_t end; /* the byte after the last */
};

/* In order, apart from each other. A set that would take more ranges holds what is between two of
 * them as well: it is never too small. All zeros: empty. */
struct ranges {
    unsigned count;
    struct range range[NVME_RANGES];
};

void ranges_add(struct ranges *set, uint64_t first, uint64_t end);

/* Takes a range out, unless that would leave too many. */
void ranges_remove(struct ranges *set, uint64_t first, uint64_t end);

bool ranges_overlap(const struct ranges *set, uint64_t first, uint64_t end);

/* All of `from` goes over to `set`. */
void ranges_move(struct ranges *set, struct ranges *from);

#endif
