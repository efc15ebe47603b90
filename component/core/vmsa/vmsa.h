/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry of VMSAv8-64 translation tables and decoding of their descriptors (DDI 0487 D8.2, D8.3).
 * All functions are pure. `granule` is log2 of the granule; levels count from 0 to 3. */
#ifndef SMMU_CORE_VMSA_H
#define SMMU_CORE_VMSA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bits.h"

#define VMSA_LAST_LEVEL      3
#define VMSA_DESCRIPTOR_LOG2 3 /* 8 bytes */
#define VMSA_GRANULE_64K     16

enum vmsa_kind { VMSA_INVALID, VMSA_TABLE, VMSA_LEAF };

/* Address bits that one level resolves. */
static inline unsigned vmsa_stride(unsigned granule)
{
    return granule - VMSA_DESCRIPTOR_LOG2;
}

/* Bytes, as log2, that one descriptor of a level stands for. */
static inline unsigned vmsa_span_log2(unsigned granule, unsigned level)
{
    return granule + (VMSA_LAST_LEVEL - level) * vmsa_stride(granule);
}

/* Level at which a stage 1 walk of an input range of `input_bits` begins. */
unsigned vmsa_start_level(unsigned granule, unsigned input_bits);

/* Whether a stage 2 walk of `input_bits` may begin at `level`: the first lookup resolves at least
 * one bit, and at most 16 tables are concatenated (DDI 0487 D8.2.2). */
bool vmsa_s2_start_ok(unsigned granule, unsigned input_bits, unsigned level);

/* Log2 of the bytes of the first table, concatenated ones included. */
unsigned vmsa_start_size_log2(unsigned granule, unsigned input_bits, unsigned level);

/* Address of the descriptor for `ia` in the table of `level` at `table`; `first` is the level the
 * walk began at, whose table is indexed by all the input bits left. */
static inline uint64_t vmsa_descriptor_addr(uint64_t table, uint64_t ia, unsigned granule,
                                            unsigned level, unsigned first, unsigned input_bits)
{
    unsigned lsb = vmsa_span_log2(granule, level);
    unsigned top = level == first ? input_bits : lsb + vmsa_stride(granule);
    return table + (bits_get(ia, top - 1, lsb) << VMSA_DESCRIPTOR_LOG2);
}

/* Levels whose descriptors can be blocks: 2; 1 with the 4 KiB granule, or with 64 KiB and 52-bit
 * addresses. */
static inline bool vmsa_block_allowed(unsigned granule, unsigned level, bool lpa)
{
    return level == 2 || (level == 1 && (granule == 12 || (granule == VMSA_GRANULE_64K && lpa)));
}

/* The kind of a descriptor at its level: bit 0 makes it valid, bit 1 a table or, at the last level,
 * a page. */
static inline enum vmsa_kind vmsa_kind(uint64_t descriptor, unsigned granule, unsigned level,
                                       bool lpa)
{
    if (!(descriptor & 1))
        return VMSA_INVALID;
    bool table = (descriptor & 2) != 0;
    if (level == VMSA_LAST_LEVEL)
        return table ? VMSA_LEAF : VMSA_INVALID;
    if (table)
        return VMSA_TABLE;
    return vmsa_block_allowed(granule, level, lpa) ? VMSA_LEAF : VMSA_INVALID;
}

/* Address bits [47:lsb] of a descriptor; with 64 KiB granules and 52-bit addresses, bits [15:12]
 * hold [51:48]. */
static inline uint64_t vmsa_address(uint64_t descriptor, unsigned lsb, unsigned granule, bool lpa)
{
    uint64_t addr = descriptor & MASK64(47, lsb);
    if (lpa && granule == VMSA_GRANULE_64K)
        addr |= bits_get(descriptor, 15, 12) << 48;
    return addr;
}

/* Address a descriptor holds: of the next table, or of the block or page. 48 bits, or with `lpa`
 * and the 64 KiB granule 52 (DDI 0487 D8.3.1). */
static inline uint64_t vmsa_table_addr(uint64_t descriptor, unsigned granule, bool lpa)
{
    return vmsa_address(descriptor, granule, granule, lpa);
}

static inline uint64_t vmsa_leaf_addr(uint64_t descriptor, unsigned granule, unsigned level,
                                      bool lpa)
{
    return vmsa_address(descriptor, vmsa_span_log2(granule, level), granule, lpa);
}

/* Bits of block and page descriptors, stage 1 and stage 2 alike unless said. */
#define VMSA_AF     (UINT64_C(1) << 10)
#define VMSA_NG     (UINT64_C(1) << 11) /* stage 1 */
#define VMSA_DBM    (UINT64_C(1) << 51)
#define VMSA_AP_RO  (UINT64_C(1) << 7) /* stage 1: AP[2] */
#define VMSA_S2AP_W (UINT64_C(1) << 7) /* stage 2: S2AP[1] */

static inline unsigned vmsa_sh(uint64_t descriptor)
{
    return (unsigned)bits_get(descriptor, 9, 8);
}

/* Page-Based Hardware Attributes. */
static inline uint8_t vmsa_pbha(uint64_t descriptor)
{
    return (uint8_t)bits_get(descriptor, 62, 59);
}

/* Stage 1. */
static inline unsigned vmsa_attr_index(uint64_t descriptor)
{
    return (unsigned)bits_get(descriptor, 4, 2);
}

/* Stage 2: MemAttr[3:0]. */
static inline unsigned vmsa_s2_memattr(uint64_t descriptor)
{
    return (unsigned)bits_get(descriptor, 5, 2);
}

#endif
