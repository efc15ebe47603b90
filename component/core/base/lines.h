/* SPDX-License-Identifier: Apache-2.0 */
/* Tables that begin with a line of the host's cache: what has the size of a line, or of some, lies
 * in no more lines than that. Large ones, which are used here and there, are in large pages where
 * the host has such: of those few are asked for where they are. */
#ifndef SMMU_CORE_LINES_H
#define SMMU_CORE_LINES_H

#include <stddef.h>

#define LINE_BYTES 64 /* of most hosts */

/* Zeroed memory for `count` elements of `size` bytes, or NULL. `room` is what free() takes. */
void *lines_alloc(size_t count, size_t size, void **room);

#endif
