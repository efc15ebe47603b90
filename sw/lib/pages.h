/* SPDX-License-Identifier: Apache-2.0 */
/* Physical memory behind the image, handed out once and for all. */
#ifndef LIB_PAGES_H
#define LIB_PAGES_H

#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE 4096UL

/* `size` bytes of zeros at a multiple of `alignment` (a power of two of at least a page); both the
 * virtual and the physical address. Fails the run if memory is used up. */
void *pages_alloc(size_t size, size_t alignment);

/* Hand out what begins at `address` from now on: for a guest, whose memory is elsewhere. */
void pages_go_on_at(uintptr_t address);

#endif
