/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry of VMSAv8-64 translation tables and decoding of their descriptors (DDI 0487 D8.2, D8.3).
 */
#include "vmsa.h"

#include "bits.h"

#define LAST_LEVEL       3
#define DESCRIPTOR_LOG2  3 /* 8 bytes */
#define DESCRIPTOR_VALID 1
#define DESCRIPTOR_TABLE 2 /* a table, or at the last level a page */

/* Address bits that one level resolves. */
static unsigned stride(unsigned granule)
{
    return granule - DESCRIPTOR_LOG2;
}

unsigned vmsa_span_log2(unsigned granule, unsigned level)
{
    return granule + (LAST_LEVEL - level) * stride(granule);
}

unsigned vmsa_start_level(unsigned granule, unsigned input_bits)
{
    unsigned resolved = input_bits - granule;
    unsigned levels = (resolved + stride(granule) - 1) / stride(granule);
    return LAST_LEVEL + 1 - levels;
}

uint64_t vmsa_start_table(uint64_t ttb, unsigned granule, unsigned input_bits)
{
    unsigned level = vmsa_start_level(granule, input_bits);
    unsigned size_log2 = input_bits - vmsa_span_log2(granule, level) + DESCRIPTOR_LOG2;
    return ttb & ~(BIT64(size_log2) - 1);
}

uint64_t vmsa_descriptor_addr(uint64_t table, uint64_t va, unsigned granule, unsigned level,
                              unsigned input_bits)
{
    unsigned lsb = vmsa_span_log2(granule, level);
    unsigned top = lsb + stride(granule);
    unsigned msb = (top < input_bits ? top : input_bits) - 1;
    return table + (bits_get(va, msb, lsb) << DESCRIPTOR_LOG2);
}

/* Levels whose descriptors can be blocks: 1 and 2 with the 4 KiB granule, 2 with the others. */
static bool block_allowed(unsigned granule, unsigned level)
{
    return level == 2 || (level == 1 && granule == 12);
}

enum vmsa_kind vmsa_kind(uint64_t descriptor, unsigned granule, unsigned level)
{
    if (!(descriptor & DESCRIPTOR_VALID))
        return VMSA_INVALID;
    bool table = (descriptor & DESCRIPTOR_TABLE) != 0;
    if (level == LAST_LEVEL)
        return table ? VMSA_LEAF : VMSA_INVALID;
    if (table)
        return VMSA_TABLE;
    return block_allowed(granule, level) ? VMSA_LEAF : VMSA_INVALID;
}

uint64_t vmsa_table_addr(uint64_t descriptor, unsigned granule)
{
    return descriptor & MASK64(47, granule);
}

uint64_t vmsa_leaf_addr(uint64_t descriptor, unsigned granule, unsigned level)
{
    return descriptor & MASK64(47, vmsa_span_log2(granule, level));
}

bool vmsa_af(uint64_t descriptor)
{
    return bits_get(descriptor, 10, 10) != 0;
}

bool vmsa_ng(uint64_t descriptor)
{
    return bits_get(descriptor, 11, 11) != 0;
}

unsigned vmsa_sh(uint64_t descriptor)
{
    return (unsigned)bits_get(descriptor, 9, 8);
}

unsigned vmsa_attr_index(uint64_t descriptor)
{
    return (unsigned)bits_get(descriptor, 4, 2);
}
