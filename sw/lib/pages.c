/* SPDX-License-Identifier: Apache-2.0 */
/* Bump allocator from the end of the image to the end of RAM. */
#include "pages.h"

#include "platform.h"
#include "string.h"
#include "tap.h"

extern char image_end[]; /* linker script */

static uintptr_t next_free;

void *pages_alloc(size_t size, size_t alignment)
{
    uintptr_t from = next_free ? next_free : (uintptr_t)image_end;
    uintptr_t first = (from + alignment - 1) & ~(alignment - 1);
    uintptr_t end = first + ((size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1));

    if (end > PLATFORM_RAM_BASE + PLATFORM_RAM_SIZE)
        tap_bail_out("out of memory: %lu bytes wanted", size);
    next_free = end;
    return memset((void *)first, 0, end - first);
}

void pages_go_on_at(uintptr_t address)
{
    next_free = address;
}
