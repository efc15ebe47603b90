/* SPDX-License-Identifier: Apache-2.0 */
/* Bit fields named and numbered as the specification prints them, checked when compiled. */
#ifndef SMMU_CORE_BITS_H
#define SMMU_CORE_BITS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The bits msb .. lsb of a 64-bit word, set. */
#define MASK64(msb, lsb) ((~UINT64_C(0) >> (63 - (msb))) & ~((UINT64_C(1) << (lsb)) - 1))
#define BIT64(n)         (UINT64_C(1) << (n))

/* The smallest number of bits that tell `count` things apart. */
static inline unsigned log2_ceil(uint64_t count)
{
    return count > 1 ? 64 - (unsigned)__builtin_clzll(count - 1) : 0;
}

/* Value of the bits msb .. lsb of `word`. */
static inline uint64_t bits_get(uint64_t word, unsigned msb, unsigned lsb)
{
    return (word & MASK64(msb, lsb)) >> lsb;
}

/* A structure in memory of `dwords` 64-bit little-endian words, held in host order. Each structure
 * has a type of its own, so that a field of one cannot be read out of another. */
#define RAW_TYPE(type, dwords)                                                                     \
    struct type##_raw {                                                                            \
        uint64_t w[dwords];                                                                        \
    };

/* The narrowest type of `bits` bits, bool for a flag: no cast where a field is kept. A field that
 * is shifted up has to be a uint64_t first, which those of more than 32 bits are. */
#define FIELD_TYPE(bits)                                                                           \
    __typeof__(__builtin_choose_expr(                                                              \
        (bits) == 1, (bool)0,                                                                      \
        __builtin_choose_expr(                                                                     \
            (bits) <= 8, (uint8_t)0,                                                               \
            __builtin_choose_expr(                                                                 \
                (bits) <= 16, (uint16_t)0,                                                         \
                __builtin_choose_expr((bits) <= 32, (uint32_t)0, (uint64_t)0)))))

/* Hardly a field needs both; clang would say so where it is defined in a source. */
#define ACCESSOR __attribute__((unused))

/* Reader and writer of field `name`, bits [msb:lsb] of the whole structure. */
#define RAW_FIELD(type, name, msb, lsb)                                                            \
    _Static_assert((msb) >= (lsb) && (msb) / 64 == (lsb) / 64 &&                                   \
                       (msb) / 64 < sizeof(struct type##_raw) / 8,                                 \
                   #type "." #name " lies in one word of the structure");                          \
    static inline ACCESSOR FIELD_TYPE((msb) - (lsb) + 1)                                           \
        type##_##name(const struct type##_raw *raw)                                                \
    {                                                                                              \
        return (FIELD_TYPE((msb) - (lsb) + 1))                                                     \
            bits_get(raw->w[(lsb) / 64], (msb) % 64, (lsb) % 64);                                  \
    }                                                                                              \
    static inline ACCESSOR void type##_set_##name(struct type##_raw *raw, uint64_t value)          \
    {                                                                                              \
        uint64_t mask = MASK64((msb) % 64, (lsb) % 64);                                            \
        raw->w[(lsb) / 64] = (raw->w[(lsb) / 64] & ~mask) | (value << ((lsb) % 64) & mask);        \
    }

/* Reader of field `name` of a register, bits [msb:lsb] of its value. */
#define REG_FIELD(reg, name, msb, lsb)                                                             \
    static inline ACCESSOR FIELD_TYPE((msb) - (lsb) + 1) reg##_##name(uint64_t value)              \
    {                                                                                              \
        return (FIELD_TYPE((msb) - (lsb) + 1)) bits_get(value, msb, lsb);                          \
    }

/* From the host's order of bytes to little-endian, or back. */
static inline uint64_t host_le64(uint64_t value)
{
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? value : __builtin_bswap64(value);
}

/* A 64-bit little-endian word at `p`, and the way back. */
static inline uint64_t load_le64(const uint8_t *p)
{
    uint64_t value;
    memcpy(&value, p, sizeof(value));
    return host_le64(value);
}

static inline void store_le64(uint8_t *p, uint64_t value)
{
    value = host_le64(value);
    memcpy(p, &value, sizeof(value));
}

#endif
