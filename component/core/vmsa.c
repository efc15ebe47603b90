/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry of VMSAv8-64 translation tables and decoding of their descriptors (DDI 0487 D8.2, D8.3).
 */
#include "vmsa.h"

#include "bits.h"

#define LAST_LEVEL       3
#define DESCRIPTOR_LOG2  3 /* 8 bytes */
#define DESCRIPTOR_VALID 1
#define DESCRIPTOR_TABLE 2 /* a table, or at the last level a page */
#define GRANULE_64K      16
#define CONCAT_LOG2      4 /* up to 16 tables */

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

bool vmsa_s2_start_ok(unsigned granule, unsigned input_bits, unsigned level)
{
    unsigned span = vmsa_span_log2(granule, level);
    return input_bits > span && input_bits <= span + stride(granule) + CONCAT_LOG2;
}

unsigned vmsa_start_size_log2(unsigned granule, unsigned input_bits, unsigned level)
{
    return input_bits - vmsa_span_log2(granule, level) + DESCRIPTOR_LOG2;
}

uint64_t vmsa_descriptor_addr(uint64_t table, uint64_t ia, unsigned granule, unsigned level,
                              unsigned first, unsigned input_bits)
{
    unsigned lsb = vmsa_span_log2(granule, level);
    unsigned top = level == first ? input_bits : lsb + stride(granule);
    return table + (bits_get(ia, top - 1, lsb) << DESCRIPTOR_LOG2);
}

/* Levels whose descriptors can be blocks: 2; 1 with the 4 KiB granule, or with 64 KiB and 52-bit
 * addresses. */
static bool block_allowed(unsigned granule, unsigned level, bool lpa)
{
    return level == 2 || (level == 1 && (granule == 12 || (granule == GRANULE_64K && lpa)));
}

enum vmsa_kind vmsa_kind(uint64_t descriptor, unsigned granule, unsigned level, bool lpa)
{
    if (!(descriptor & DESCRIPTOR_VALID))
        return VMSA_INVALID;
    bool table = (descriptor & DESCRIPTOR_TABLE) != 0;
    if (level == LAST_LEVEL)
        return table ? VMSA_LEAF : VMSA_INVALID;
    if (table)
        return VMSA_TABLE;
    return block_allowed(granule, level, lpa) ? VMSA_LEAF : VMSA_INVALID;
}

/* With 64 KiB granules and 52-bit addresses, bits [15:12] hold address bits [51:48]. */
static uint64_t address(uint64_t descriptor, unsigned lsb, unsigned granule, bool lpa)
{
    uint64_t addr = descriptor & MASK64(47, lsb);
    if (lpa && granule == GRANULE_64K)
        addr |= bits_get(descriptor, 15, 12) << 48;
    return addr;
}

uint64_t vmsa_table_addr(uint64_t descriptor, unsigned granule, bool lpa)
{
    return address(descriptor, granule, granule, lpa);
}

uint64_t vmsa_leaf_addr(uint64_t descriptor, unsigned granule, unsigned level, bool lpa)
{
    return address(descriptor, vmsa_span_log2(granule, level), granule, lpa);
}

unsigned vmsa_sh(uint64_t descriptor)
{
    return (unsigned)bits_get(descriptor, 9, 8);
}

unsigned vmsa_attr_index(uint64_t descriptor)
{
    return (unsigned)bits_get(descriptor, 4, 2);
}

unsigned vmsa_s2_memattr(uint64_t descriptor)
{
    return (unsigned)bits_get(descriptor, 5, 2);
}
