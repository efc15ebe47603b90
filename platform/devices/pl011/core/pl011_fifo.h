/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of characters, as deep as the PL011's FIFOs. */
#ifndef PL011_FIFO_H
#define PL011_FIFO_H

#include <stdbool.h>
#include <stdint.h>

#include "pl011/pl011.h"

struct fifo {
    uint16_t slot[PL011_FIFO_DEPTH];
    unsigned first;
    unsigned level;
};

/* The caller checks for room. */
static inline void fifo_push(struct fifo *f, uint16_t item)
{
    f->slot[(f->first + f->level++) % PL011_FIFO_DEPTH] = item;
}

/* The oldest item; when empty, the last one taken. */
static inline uint16_t fifo_front(const struct fifo *f)
{
    return f->slot[(f->level ? f->first : f->first + PL011_FIFO_DEPTH - 1) % PL011_FIFO_DEPTH];
}

static inline uint16_t fifo_pop(struct fifo *f)
{
    uint16_t item = fifo_front(f);

    if (f->level) {
        f->first = (f->first + 1) % PL011_FIFO_DEPTH;
        f->level--;
    }
    return item;
}

static inline void fifo_clear(struct fifo *f)
{
    f->level = 0;
}

#endif
