/* SPDX-License-Identifier: Apache-2.0 */
/* What the vectors save, and where they go from there. */
#ifndef LIB_EXCEPTION_H
#define LIB_EXCEPTION_H

#include <stdint.h>

/* The registers of the interrupted code, as vectors.S stores them. */
struct exception_frame {
    uint64_t x[31];
    uint64_t elr;
    uint64_t spsr;
    uint64_t reserved; /* keeps the stack 16-byte aligned */
};
_Static_assert(sizeof(struct exception_frame) == 34 * 8, "vectors.S lays the frame out");

/* Called by vectors.S. `vector` is the index of the table entry. Interrupts go to gic_dispatch()
 * and return; anything else is printed and fails the run. */
void exception_dispatch(uint64_t vector, struct exception_frame *frame);

#endif
