/* SPDX-License-Identifier: Apache-2.0 */
/* Words of packed arrays as numbers and back. */
#ifndef SMMU_DPI_WORDS_H
#define SMMU_DPI_WORDS_H

#include <stdint.h>

/* The number in two words; put one there. */
static inline uint64_t dpi_number(const uint32_t words[2])
{
    return (uint64_t)words[1] << 32 | words[0];
}

static inline void dpi_set_number(uint32_t words[2], uint64_t value)
{
    words[0] = (uint32_t)value;
    words[1] = (uint32_t)(value >> 32);
}

/* Byte n of the array is in bits [8n+7:8n]. */
static inline uint8_t dpi_byte(const uint32_t *words, unsigned n)
{
    return (uint8_t)(words[n / 4] >> 8 * (n % 4));
}

static inline void dpi_set_byte(uint32_t *words, unsigned n, uint8_t value)
{
    words[n / 4] = (words[n / 4] & ~(UINT32_C(0xff) << 8 * (n % 4))) | (uint32_t)value
                                                                           << 8 * (n % 4);
}

#endif
