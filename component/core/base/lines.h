/* SPDX-License-Identifier: Apache-2.0 */
/* Tables that begin with a line of the host's cache: what has the size of a line, or of some, lies
 * in no more lines than that. */
#ifndef SMMU_CORE_LINES_H
#define SMMU_CORE_LINES_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define LINE_BYTES 64 /* of most hosts */

/* Zeroed memory for `count` elements of `size` bytes, or NULL. `room` is what free() takes. */
static inline void *lines_alloc(size_t count, size_t size, void **room)
{
    *room = calloc(1, count * size + LINE_BYTES - 1);
    return *room ? (char *)*room + (-(uintptr_t)*room & (LINE_BYTES - 1)) : NULL;
}

#endif
