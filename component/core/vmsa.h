/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry of VMSAv8-64 translation tables and decoding of their descriptors (DDI 0487 D8.2, D8.3).
 * All functions are pure. `granule` is log2 of the granule; levels count from 0 to 3. */
#ifndef SMMU_CORE_VMSA_H
#define SMMU_CORE_VMSA_H

#include <stdbool.h>
#include <stdint.h>

enum vmsa_kind { VMSA_INVALID, VMSA_TABLE, VMSA_LEAF };

/* Bytes, as log2, that one descriptor of a level stands for. */
unsigned vmsa_span_log2(unsigned granule, unsigned level);

/* Level at which the walk of an input range of `input_bits` begins. */
unsigned vmsa_start_level(unsigned granule, unsigned input_bits);

/* Base of the first table: TTBx aligned to the table's size. */
uint64_t vmsa_start_table(uint64_t ttb, unsigned granule, unsigned input_bits);

/* Address of the descriptor for `va` in the table of `level` at `table`. */
uint64_t vmsa_descriptor_addr(uint64_t table, uint64_t va, unsigned granule, unsigned level,
                              unsigned input_bits);

/* What a descriptor is at its level. */
enum vmsa_kind vmsa_kind(uint64_t descriptor, unsigned granule, unsigned level);

/* Address a descriptor holds: of the next table, or of the block or page. 48 bits. */
uint64_t vmsa_table_addr(uint64_t descriptor, unsigned granule);
uint64_t vmsa_leaf_addr(uint64_t descriptor, unsigned granule, unsigned level);

/* Fields of a block or page descriptor. */
bool vmsa_af(uint64_t descriptor);
bool vmsa_ng(uint64_t descriptor);
unsigned vmsa_sh(uint64_t descriptor);
unsigned vmsa_attr_index(uint64_t descriptor);

#endif
