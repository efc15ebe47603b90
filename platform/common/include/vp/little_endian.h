/* SPDX-License-Identifier: Apache-2.0 */
/* Integers in memory, the byte of lowest weight first. */
#ifndef VP_LITTLE_ENDIAN_H
#define VP_LITTLE_ENDIAN_H

#include <stdint.h>

/* The integer of `size` bytes, 1 to 8. */
static inline uint64_t vp_load_le(const uint8_t *bytes, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static inline uint16_t vp_load_le16(const uint8_t *bytes)
{
    return (uint16_t)vp_load_le(bytes, 2);
}

static inline uint32_t vp_load_le32(const uint8_t *bytes)
{
    return (uint32_t)vp_load_le(bytes, 4);
}

static inline uint64_t vp_load_le64(const uint8_t *bytes)
{
    return vp_load_le(bytes, 8);
}

/* The low 8 * `size` bits of `value`; `size` is 1 to 8. */
static inline void vp_store_le(uint8_t *bytes, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

#endif
