/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic of register accesses: alignment, and the part of a 64-bit register an access moves. */
#ifndef VP_REGPART_H
#define VP_REGPART_H

#include <stdbool.h>
#include <stdint.h>

/* Whether `size` is 1, 2, 4 or 8 and `offset` a multiple of it. */
static inline bool vp_access_aligned(uint64_t offset, unsigned size)
{
    return (size == 1 || size == 2 || size == 4 || size == 8) && (offset & (size - 1)) == 0;
}

/* The low 8 * `size` bits. */
static inline uint64_t vp_reg_mask(unsigned size)
{
    return size >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * size)) - 1;
}

/* The part of a 64-bit register that an aligned read of `size` bytes at `offset` sees. */
static inline uint64_t vp_reg_part(uint64_t reg, uint64_t offset, unsigned size)
{
    return (reg >> (8 * (offset & 7))) & vp_reg_mask(size);
}

/* The 64-bit register after an aligned write of `size` bytes of `value` at `offset`. */
static inline uint64_t vp_reg_merge(uint64_t reg, uint64_t offset, unsigned size, uint64_t value)
{
    unsigned shift = 8 * (offset & 7);
    uint64_t mask = vp_reg_mask(size) << shift;

    return (reg & ~mask) | ((value << shift) & mask);
}

#endif
