/* SPDX-License-Identifier: Apache-2.0 */
/* Peculiarities of VMSAv8-32 LPAE; its descriptors are those of VMSAv8-64 with the 4 KiB granule
 * (DDI 0487 G5.5). Pure. */
#ifndef SMMU_CORE_VMSA32_H
#define SMMU_CORE_VMSA32_H

#include <stdint.h>

#define VMSA32_GRANULE     12
#define VMSA32_OUTPUT_BITS 40 /* of either stage */

/* First address that table 1 translates at stage 1, each table having an input range of so many
 * bits (25 to 32); 2^32 if it translates none (DDI 0487 G5.5.5). */
uint64_t vmsa32_split(unsigned input_bits0, unsigned input_bits1);

/* Which table, 0 or 1, translates `va` at stage 1. -1: none, for `va` lies between the ranges or
 * has more than 32 bits (IHI 0070 3.4.1). */
int vmsa32_range(uint64_t va, unsigned input_bits0, unsigned input_bits1);

/* Input bits of stage 2: S2T0SZ[3:0] is signed. 25 to 40. */
unsigned vmsa32_s2_input_bits(unsigned t0sz);

/* Level at which stage 2 walks begin; above 3: Reserved. */
unsigned vmsa32_s2_start_level(unsigned sl0);

#endif
