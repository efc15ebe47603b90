/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for tables: see lines.h. */
#define _DEFAULT_SOURCE /* for madvise() */

#include "base/lines.h"

#include <stdint.h>
#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#define LARGE_PAGE ((size_t)1 << 21) /* of most hosts */

/* That the host takes no advice does no harm. */
static void advise(void *table, size_t bytes)
{
#if defined(MADV_HUGEPAGE)
    (void)madvise(table, bytes, MADV_HUGEPAGE);
#else
    (void)table;
    (void)bytes;
#endif
}

void *lines_alloc(size_t count, size_t size, void **room)
{
    const size_t bytes = count * size;
    const size_t unit = bytes < LARGE_PAGE ? LINE_BYTES : LARGE_PAGE;
    *room = calloc(1, bytes + unit - 1);
    if (!*room)
        return NULL;
    char *table = (char *)*room + (-(uintptr_t)*room & (unit - 1));
    if (unit == LARGE_PAGE)
        advise(table, bytes / LARGE_PAGE * LARGE_PAGE);
    return table;
}
