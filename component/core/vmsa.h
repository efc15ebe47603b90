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

/* Level at which a stage 1 walk of an input range of `input_bits` begins. */
unsigned vmsa_start_level(unsigned granule, unsigned input_bits);

/* Whether a stage 2 walk of `input_bits` may begin at `level`: the first lookup resolves at least
 * one bit, and at most 16 tables are concatenated (DDI 0487 D8.2.2). */
bool vmsa_s2_start_ok(unsigned granule, unsigned input_bits, unsigned level);

/* Log2 of the bytes of the first table, concatenated ones included. */
unsigned vmsa_start_size_log2(unsigned granule, unsigned input_bits, unsigned level);

/* Address of the descriptor for `ia` in the table of `level` at `table`; `first` is the level the
 * walk began at, whose table is indexed by all the input bits left. */
uint64_t vmsa_descriptor_addr(uint64_t table, uint64_t ia, unsigned granule, unsigned level,
                              unsigned first, unsigned input_bits);

/* What a descriptor is at its level. */
enum vmsa_kind vmsa_kind(uint64_t descriptor, unsigned granule, unsigned level, bool lpa);

/* Address a descriptor holds: of the next table, or of the block or page. 48 bits, or with `lpa`
 * and the 64 KiB granule 52 (DDI 0487 D8.3.1). */
uint64_t vmsa_table_addr(uint64_t descriptor, unsigned granule, bool lpa);
uint64_t vmsa_leaf_addr(uint64_t descriptor, unsigned granule, unsigned level, bool lpa);

/* Bits of block and page descriptors, stage 1 and stage 2 alike unless said. */
#define VMSA_AF     (UINT64_C(1) << 10)
#define VMSA_NG     (UINT64_C(1) << 11) /* stage 1 */
#define VMSA_DBM    (UINT64_C(1) << 51)
#define VMSA_AP_RO  (UINT64_C(1) << 7) /* stage 1: AP[2] */
#define VMSA_S2AP_W (UINT64_C(1) << 7) /* stage 2: S2AP[1] */

unsigned vmsa_sh(uint64_t descriptor);
unsigned vmsa_attr_index(uint64_t descriptor); /* stage 1 */
unsigned vmsa_s2_memattr(uint64_t descriptor); /* stage 2: MemAttr[3:0] */

#endif
