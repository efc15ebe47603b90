/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of registers, descriptors and syndromes, by the numbers that the specification prints. A
 * field is the mask of its bits: a flag is used as it is, and constant tables can hold it. */
#ifndef A64_BITS_H
#define A64_BITS_H

#include <stdint.h>

#define BITS(msb, lsb) ((~UINT64_C(0) >> (63 - (msb))) & (~UINT64_C(0) << (lsb)))
#define BIT(n)         (UINT64_C(1) << (n))

/* Value of a field of at most 32 bits of `word`. */
static inline unsigned bits_get(uint64_t word, uint64_t field)
{
    return (unsigned)((word & field) >> __builtin_ctzll(field));
}

/* A word in which a field has this value, and nothing else is set. */
static inline uint64_t bits_put(uint64_t field, uint64_t value)
{
    return value << __builtin_ctzll(field) & field;
}

#endif
